#include "buf.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRST_CAPACITY 256
#define LARGE ((size_t)4 << 20)

void br_buf_init(struct br_buf *b, size_t max) {
    memset(b, 0, sizeof(*b));
    b->max = max;
}

static void give_back(const struct br_buf *b) {
    if (b->secret && b->data != NULL)
        OPENSSL_cleanse(b->data, b->cap);
    free(b->data);
}

void br_buf_clear(struct br_buf *b) {
    int secret = b->secret;
    give_back(b);
    br_buf_init(b, b->max);
    b->secret = secret;
}

void br_buf_reset(struct br_buf *b) {
    b->len = 0;
    b->failed = BR_BUF_OK;
}

void br_buf_restart(struct br_buf *b, size_t max) {
    if (b->cap > max)
        br_buf_clear(b);
    br_buf_reset(b);
    b->max = max;
}

/* Doubles, so that many small appends cost one copy a byte, but never beyond the maximum. Where one append
 * needs much more than that, it is likely the one large part of the text, and a little on top of it will do
 * for the rest. */
static size_t next_capacity(const struct br_buf *b, size_t needed) {
    size_t cap = b->cap < FIRST_CAPACITY ? FIRST_CAPACITY : b->cap, spare = needed / 64;
    while (cap < needed && cap < LARGE)
        cap *= 2;
    if (cap < needed) {
        cap = b->cap > b->max / 2 ? b->max : b->cap * 2;
        if (needed > b->max - spare)
            cap = b->max;
        else if (cap < needed + spare)
            cap = needed + spare;
    }
    return cap < b->max ? cap : b->max;
}

/* More memory with what is there already; NULL when there is none, and then all stays as it is. */
static char *move(struct br_buf *b, size_t cap) {
    char *data;
    if (!b->secret)
        return realloc(b->data, cap); /* would leave a copy behind where it moves */
    data = malloc(cap);
    if (data != NULL && b->len > 0)
        memcpy(data, b->data, b->len);
    if (data != NULL)
        give_back(b);
    return data;
}

/* A page fault for every 4 KiB costs more than copying them. */
static void prefer_large_pages(void *data, size_t size) {
#ifdef MADV_HUGEPAGE
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)data & ~(page - 1);
    if (size >= LARGE) /* advice: what the kernel says to it does not matter */
        (void)madvise((void *)start, (uintptr_t)data + size - start, MADV_HUGEPAGE);
#else
    (void)data, (void)size;
#endif
}

char *br_buf_grow(struct br_buf *b, size_t n) {
    char *data;
    size_t cap;
    if (b->failed != BR_BUF_OK)
        return NULL;
    if (b->len > b->max || n > b->max - b->len) {
        b->failed = BR_BUF_LIMIT;
        return NULL;
    }
    cap = next_capacity(b, b->len + n);
    data = move(b, cap > 0 ? cap : 1);
    if (data == NULL) {
        b->failed = BR_BUF_MEMORY;
        return NULL;
    }
    prefer_large_pages(data, cap);
    b->data = data;
    b->cap = cap;
    return data + b->len;
}

void br_buf_consume(struct br_buf *b, size_t n) {
    if (n >= b->len) {
        b->len = 0;
        return;
    }
    memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
}
