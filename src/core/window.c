#include "window.h"

#include <string.h>

enum { KEEP = 256 << 10 }; /* an empty buffer above this is given back when small reads follow */

void br_window_init(struct br_window *window) {
    memset(window, 0, sizeof(*window));
    br_buf_init(&window->buf, SIZE_MAX / 2);
}

void br_window_clear(struct br_window *window) {
    br_buf_clear(&window->buf);
    window->start = 0;
}

static void drop_skipped(struct br_window *window) {
    br_buf_consume(&window->buf, window->start);
    window->start = 0;
}

/* Skipped bytes are dropped when they are at least as many as the held ones, so that each byte is moved once
 * at most; or when that alone keeps the buffer below its ceiling. */
static void make_room(struct br_window *window, size_t size, size_t most) {
    struct br_buf *buf = &window->buf;
    size_t held = br_window_held(window), ceiling = held > most ? held : most;
    ceiling = size > SIZE_MAX / 2 - ceiling ? SIZE_MAX / 2 : ceiling + size;
    if (held == 0)
        drop_skipped(window);
    if (held == 0 && buf->cap > KEEP && size <= buf->cap / 4)
        br_buf_clear(buf);
    if (size > buf->cap - buf->len && (window->start >= held || buf->len > ceiling - size))
        drop_skipped(window);
    buf->max = ceiling;
}

int br_window_append(struct br_window *window, const void *bytes, size_t size, size_t most) {
    make_room(window, size, most);
    if (br_buf_append(&window->buf, bytes, size) == BR_BUF_OK)
        return 1;
    window->buf.failed = BR_BUF_OK;
    return 0;
}
