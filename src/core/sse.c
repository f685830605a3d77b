#include "sse.h"

#include <string.h>

static const char *const code_names[] = {"ok", "length", "cut", "memory"};

static const char *const messages[] = {
    "ok",
    "an event is above the limit",
    "the data ended inside of an event",
    "not enough memory",
};

const char *br_sse_code_name(enum br_sse_code code) {
    return code_names[code];
}

void br_sse_init(struct br_sse *sse) {
    memset(sse, 0, sizeof(*sse));
    sse->max = BR_SSE_MAX;
    br_window_init(&sse->window);
    br_buf_init(&sse->name, SIZE_MAX / 2);
    br_buf_init(&sse->data, SIZE_MAX / 2);
}

void br_sse_clear(struct br_sse *sse) {
    br_window_clear(&sse->window);
    br_buf_clear(&sse->name);
    br_buf_clear(&sse->data);
    sse->seen = 0;
    sse->ready = 0;
}

size_t br_sse_held(const struct br_sse *sse) {
    return br_window_held(&sse->window);
}

int br_sse_feed(struct br_sse *sse, const void *bytes, size_t size) {
    if (sse->error.code != BR_SSE_OK || size == 0)
        return 1;
    return br_window_append(&sse->window, bytes, size, sse->max);
}

static enum br_sse_status broken(struct br_sse *sse, enum br_sse_code code) {
    sse->error.code = code;
    sse->error.message = messages[code];
    sse->error.offset = sse->window.taken;
    br_sse_clear(sse);
    return BR_SSE_BROKEN;
}

/* ---- lines ---- */

struct line {
    const char *at;
    size_t size;
};

/* A byte order mark may stand in front of everything. 0 while it cannot be told. */
static int begin(struct br_sse *sse) {
    static const char mark[] = "\xef\xbb\xbf";
    size_t held = br_sse_held(sse), size = held < 3 ? held : 3;
    if (held == 0)
        return 0;
    if (memcmp(br_window_at(&sse->window), mark, size) == 0) {
        if (size < 3)
            return 0;
        br_window_skip(&sse->window, size);
    }
    sse->begun = 1;
    return 1;
}

/* The first LF or CR among `size` bytes; NULL without. */
static const char *line_end(const char *p, size_t size) {
    const char *lf = memchr(p, '\n', size);
    const char *cr = memchr(p, '\r', lf != NULL ? (size_t)(lf - p) : size);
    return cr != NULL ? cr : lf;
}

/* The line in front, without its end; what follows it is at *next. A CR ends it at once: whether an LF
 * belongs to it is seen when the next byte comes. */
static int take_line(struct br_sse *sse, struct line *line, size_t *next) {
    const char *end;
    size_t held = br_sse_held(sse);
    if (held > 0 && sse->after_cr) {
        if (*br_window_at(&sse->window) == '\n') {
            br_window_skip(&sse->window, 1);
            held--;
        }
        sse->after_cr = 0;
    }
    if (held == 0)
        return 0;
    line->at = br_window_at(&sse->window);
    end = line_end(line->at + sse->seen, held - sse->seen);
    sse->seen = end != NULL ? 0 : held;
    if (end == NULL)
        return 0;
    line->size = (size_t)(end - line->at);
    sse->after_cr = *end == '\r';
    *next = line->size + 1;
    return 1;
}

/* ---- fields ---- */

/* Splits a line at its first colon; one space behind that is no part of the value. */
static struct line split(struct line *line) {
    const char *colon = memchr(line->at, ':', line->size);
    struct line value = {line->at + line->size, 0};
    if (colon == NULL)
        return value;
    value.at = colon + 1;
    value.size = line->size - (size_t)(colon - line->at) - 1;
    line->size = (size_t)(colon - line->at);
    if (value.size > 0 && value.at[0] == ' ') {
        value.at++;
        value.size--;
    }
    return value;
}

static int is(const struct line *line, const char *word) {
    return line->size == strlen(word) && memcmp(line->at, word, line->size) == 0;
}

/* A line that is not empty, and not above the limit. A comment is a field without a name. */
static enum br_sse_code take_field(struct br_sse *sse, struct line line) {
    struct line value = split(&line);
    if (is(&line, "data")) {
        if (sse->data.len > sse->max - value.size)
            return BR_SSE_LENGTH;
        if (br_buf_append(&sse->data, value.at, value.size) != BR_BUF_OK ||
            br_buf_append_byte(&sse->data, '\n') != BR_BUF_OK)
            return BR_SSE_MEMORY;
    } else if (is(&line, "event")) {
        br_buf_reset(&sse->name);
        if (br_buf_append(&sse->name, value.at, value.size) != BR_BUF_OK)
            return BR_SSE_MEMORY;
    }
    return BR_SSE_OK;
}

/* ---- events ---- */

static void forget(struct br_sse *sse) {
    br_buf_reset(&sse->name);
    br_buf_reset(&sse->data);
    sse->ready = 0;
}

/* An empty line: the event is whole, or there was none. */
static void end_event(struct br_sse *sse) {
    if (sse->data.len == 0) {
        forget(sse);
        return;
    }
    sse->data.len--;
    sse->ready = 1;
}

enum br_sse_status br_sse_peek(struct br_sse *sse) {
    struct line line;
    size_t next;
    if (sse->error.code != BR_SSE_OK)
        return BR_SSE_BROKEN;
    if (!sse->ready && !sse->begun && !begin(sse))
        return BR_SSE_MORE;
    while (!sse->ready && take_line(sse, &line, &next)) {
        enum br_sse_code code = line.size > sse->max ? BR_SSE_LENGTH : BR_SSE_OK;
        if (line.size == 0)
            end_event(sse);
        else if (code == BR_SSE_OK)
            code = take_field(sse, line);
        if (code != BR_SSE_OK)
            return broken(sse, code);
        br_window_skip(&sse->window, next);
    }
    if (sse->ready)
        return BR_SSE_EVENT;
    return br_sse_held(sse) > sse->max ? broken(sse, BR_SSE_LENGTH) : BR_SSE_MORE;
}

void br_sse_skip(struct br_sse *sse) {
    if (sse->ready)
        forget(sse);
}

enum br_sse_status br_sse_finish(struct br_sse *sse) {
    enum br_sse_status status = br_sse_peek(sse);
    if (status == BR_SSE_MORE && (br_sse_held(sse) > 0 || sse->data.len > 0 || sse->name.len > 0))
        return broken(sse, BR_SSE_CUT);
    return status;
}
