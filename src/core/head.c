#include "head.h"

#include <ctype.h>
#include <strings.h>

void br_head_init(struct br_head *h, size_t max) {
    br_buf_init(&h->lines, max);
    h->count = 0;
    h->most = BR_HEAD_MOST;
    h->status = h->complete = 0;
}

void br_head_clear(struct br_head *h) {
    br_buf_clear(&h->lines);
}

static int begins_head(const char *line, size_t n) {
    return n >= 5 && memcmp(line, "HTTP/", 5) == 0;
}

/* "HTTP/1.1 200 OK": the three digits after the first space; 0 when there are none. */
static int status_of(const char *line, size_t n) {
    const char *space = memchr(line, ' ', n);
    size_t left = space != NULL ? n - (size_t)(space - line) : 0;
    int i, status = 0;
    if (left < 4)
        return 0;
    for (i = 1; i <= 3; i++) {
        if (!isdigit((unsigned char)space[i]))
            return 0;
        status = status * 10 + (space[i] - '0');
    }
    return status;
}

static int is_interim(int status) {
    return status < 200 && status != 101;
}

static enum br_head_step begin(struct br_head *h, const char *line, size_t n) {
    br_buf_reset(&h->lines);
    h->count = 0;
    h->status = status_of(line, n);
    return is_interim(h->status) ? BR_HEAD_MORE : BR_HEAD_BEGUN;
}

static enum br_head_step end(struct br_head *h) {
    if (is_interim(h->status))
        return BR_HEAD_MORE;
    h->complete = 1;
    return BR_HEAD_COMPLETE;
}

enum br_head_step br_head_add(struct br_head *h, const char *line, size_t n) {
    if (h->complete)
        return BR_HEAD_MORE;
    if (begins_head(line, n))
        return begin(h, line, n);
    if (n <= 2 && (line[0] == '\r' || line[0] == '\n'))
        return end(h);
    if (h->count++ >= h->most)
        return BR_HEAD_LIMIT;
    switch (br_buf_append(&h->lines, line, n)) {
    case BR_BUF_LIMIT:
        return BR_HEAD_LIMIT;
    case BR_BUF_MEMORY:
        return BR_HEAD_MEMORY;
    default:
        return BR_HEAD_MORE;
    }
}

static void trim(const char **s, size_t *n) {
    while (*n > 0 && isspace((unsigned char)**s))
        (*s)++, (*n)--;
    while (*n > 0 && isspace((unsigned char)(*s)[*n - 1]))
        (*n)--;
}

static void split(const char *line, size_t n, struct br_field *f) {
    const char *colon = memchr(line, ':', n);
    f->name = line;
    f->name_size = colon != NULL ? (size_t)(colon - line) : 0;
    f->value = colon != NULL ? colon + 1 : line;
    f->value_size = colon != NULL ? n - f->name_size - 1 : n;
    trim(&f->name, &f->name_size);
    trim(&f->value, &f->value_size);
}

/* Where the header that starts here ends: lines that begin with white space go on with it. */
static size_t end_of_field(const char *text, size_t at, size_t n) {
    do {
        const char *feed = memchr(text + at, '\n', n - at);
        at = feed != NULL ? (size_t)(feed - text) + 1 : n;
    } while (at < n && (text[at] == ' ' || text[at] == '\t'));
    return at;
}

int br_head_next(const struct br_head *h, size_t *at, struct br_field *f) {
    while (*at < h->lines.len) {
        size_t start = *at;
        *at = end_of_field(h->lines.data, start, h->lines.len);
        split(h->lines.data + start, *at - start, f);
        if (f->name_size > 0)
            return 1;
    }
    return 0;
}

static int same(const char *s, size_t n, const char *word) {
    return n == strlen(word) && strncasecmp(s, word, n) == 0;
}

int br_field_is(const struct br_field *f, const char *name) {
    return same(f->name, f->name_size, name);
}

int br_head_is_gzip(const struct br_head *h) {
    struct br_field f;
    size_t at = 0;
    while (br_head_next(h, &at, &f))
        if (br_field_is(&f, "content-encoding"))
            return same(f.value, f.value_size, "gzip") || same(f.value, f.value_size, "x-gzip");
    return 0;
}
