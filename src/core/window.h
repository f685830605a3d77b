/* Bytes of a stream between reading and understanding: appended behind, skipped in front. */
#ifndef BR_WINDOW_H
#define BR_WINDOW_H

#include "buf.h"

#include <stddef.h>
#include <stdint.h>

struct br_window {
    struct br_buf buf; /* what is held stands behind `start` */
    size_t start;
    uint64_t taken; /* bytes of the stream before `start` */
};

void br_window_init(struct br_window *window);
void br_window_clear(struct br_window *window);

/* Appends a copy of the bytes; what was held may move. `most` is the size up to which somebody waits for
 * more: the window does not grow beyond that and one append. 0 without memory: nothing was taken then. */
int br_window_append(struct br_window *window, const void *bytes, size_t size, size_t most);

static inline size_t br_window_held(const struct br_window *window) {
    return window->buf.len - window->start;
}

/* The first byte that is held. Only to be asked when there is one. */
static inline char *br_window_at(const struct br_window *window) {
    return window->buf.data + window->start;
}

static inline void br_window_skip(struct br_window *window, size_t size) {
    window->start += size;
    window->taken += size;
}

#endif
