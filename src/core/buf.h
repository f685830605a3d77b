/* A growable run of bytes with a maximum that it cannot be made without.
 *
 * The struct is the caller's; the bytes behind `data` are the buffer's and move when it grows, so a pointer
 * into it lives only until the next call that adds something. A failure to grow is kept in `failed` and every
 * later append fails too: a writer may append many times and look once at the end. */
#ifndef BR_BUF_H
#define BR_BUF_H

#include <stddef.h>
#include <string.h>

enum br_buf_status {
    BR_BUF_OK = 0,
    BR_BUF_LIMIT,  /* would grow beyond `max` */
    BR_BUF_MEMORY, /* the allocator said no */
};

struct br_buf {
    char *data; /* NULL until something is added */
    size_t len;
    size_t cap;
    size_t max;
    enum br_buf_status failed;
    int secret; /* may be set at any time: memory is overwritten before it is given back, also when it moves
                 */
};

/* An empty buffer that holds no memory yet and will never hold more than `max` bytes. */
void br_buf_init(struct br_buf *b, size_t max);

/* Gives the memory back; the buffer is empty and may be used again. Harmless when called twice. */
void br_buf_clear(struct br_buf *b);

/* Empties the buffer and forgets a failure, but keeps the memory for the next use. */
void br_buf_reset(struct br_buf *b);

/* The same with a new maximum; the memory is given back where it is more than that. */
void br_buf_restart(struct br_buf *b, size_t max);

/* Makes room for `n` more bytes, in memory of large pages where there is much of it. Answers where they go
 * (see br_buf_added), or NULL when that failed. */
char *br_buf_grow(struct br_buf *b, size_t n);

/* Drops the first `n` bytes (all of them when there are fewer) and moves the rest to the front. */
void br_buf_consume(struct br_buf *b, size_t n);

static inline char *br_buf_room(struct br_buf *b, size_t n) {
    return n <= b->cap - b->len && b->failed == BR_BUF_OK && b->data != NULL ? b->data + b->len
                                                                             : br_buf_grow(b, n);
}

/* Counts `n` bytes that the caller wrote into the room it was given. */
static inline void br_buf_added(struct br_buf *b, size_t n) {
    b->len += n;
}

static inline enum br_buf_status br_buf_append(struct br_buf *b, const void *bytes, size_t n) {
    char *room = br_buf_room(b, n);
    if (room == NULL)
        return b->failed;
    if (n > 0)
        memcpy(room, bytes, n);
    b->len += n;
    return BR_BUF_OK;
}

static inline enum br_buf_status br_buf_append_byte(struct br_buf *b, char byte) {
    char *room = br_buf_room(b, 1);
    if (room == NULL)
        return b->failed;
    *room = byte;
    b->len++;
    return BR_BUF_OK;
}

#endif
