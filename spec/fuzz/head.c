/* Any bytes as the lines of an answer's head: what is found in it lies inside of it. */
#include "head.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_lines(struct br_head *h, const char *text, size_t size) {
    while (size > 0) {
        const char *feed = memchr(text, '\n', size);
        size_t n = feed != NULL ? (size_t)(feed - text) + 1 : size;
        (void)br_head_add(h, text, n);
        text += n;
        size -= n;
    }
}

static int inside(const struct br_head *h, const char *s, size_t n) {
    return s >= h->lines.data && n <= h->lines.len && s + n <= h->lines.data + h->lines.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct br_head h;
    struct br_field f;
    size_t at = 0;
    br_head_init(&h, 4096);
    add_lines(&h, (const char *)data, size);
    while (br_head_next(&h, &at, &f))
        if (!inside(&h, f.name, f.name_size) || !inside(&h, f.value, f.value_size) || at > h.lines.len)
            abort();
    (void)br_head_is_gzip(&h);
    br_head_clear(&h);
    return 0;
}
