#include "json.h"

#include "base64.h"
#include "decimal.h"
#include "plain.h"
#include "utf8.h"

int br_json_write_integer(struct br_buf *b, int64_t value) {
    char *room = br_buf_room(b, BR_DOUBLE_TEXT);
    if (room == NULL)
        return 0;
    br_buf_added(b, br_integer_write(room, value));
    return 1;
}

int br_json_write_double(struct br_buf *b, double value) {
    char *room = br_buf_room(b, BR_DOUBLE_TEXT);
    if (room == NULL)
        return 0;
    br_buf_added(b, br_double_write(room, value));
    return 1;
}

int br_json_write_base64(struct br_buf *b, const void *bytes, size_t n) {
    size_t size = n <= BR_BASE64_MAX ? br_base64_encoded_size(n) : (size_t)-1 - 2;
    char *room = br_buf_room(b, size + 2);
    if (room == NULL)
        return 0;
    room[0] = '"';
    br_base64_encode(room + 1, bytes, n);
    room[size + 1] = '"';
    br_buf_added(b, size + 2);
    return 1;
}

/* What stands behind the backslash for a byte that cannot stand for itself. */
static char escape_letter(char c) {
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 'u';
    }
}

static char *write_escape(char *out, char c) {
    static const char hex[] = "0123456789abcdef";
    char letter = escape_letter(c);
    *out++ = '\\';
    *out++ = letter;
    if (letter == 'u') {
        *out++ = '0';
        *out++ = '0';
        *out++ = hex[c >> 4 & 15];
        *out++ = hex[c & 15];
    }
    return out;
}

/* A text between quotes that stands for itself, as nearly all do. */
static int write_plain(struct br_buf *b, const char *text, size_t n) {
    char *room = n < (size_t)-1 - 2 ? br_buf_room(b, n + 2) : br_buf_grow(b, n);
    if (room == NULL)
        return 0;
    *room++ = '"';
    memcpy(room, text, n);
    room[n] = '"';
    br_buf_added(b, n + 2);
    return 1;
}

/* ---- texts that do not all stand for themselves ---- */

/* What may be written beyond the characters that are left: an escape, a block that is copied whole, a quote.
 */
enum { ESCAPE = 6, SLACK = ESCAPE + 16 + 1 };

/* The characters that stand for themselves from *p on. Up to a block more is written than that. */
static char *copy_plain(const char **p, const char *end, char *out) {
#if defined(__SSE2__)
    for (; end - *p >= BR_PLAIN_BLOCK; *p += BR_PLAIN_BLOCK, out += BR_PLAIN_BLOCK) {
        unsigned ends = br_plain_ends(*p);
        memcpy(out, *p, BR_PLAIN_BLOCK);
        if (ends != 0) {
            int n = __builtin_ctz(ends);
            *p += n;
            return out + n;
        }
    }
#endif
    while (*p < end && br_is_plain((unsigned char)**p))
        *out++ = *(*p)++;
    return out;
}

/* One character outside of ASCII; NULL where it is not UTF-8. */
static char *copy_foreign(const char **p, const char *end, char *out) {
    size_t n = br_utf8_length(*p, (size_t)(end - *p));
    if (n == 0)
        return NULL;
    while (n-- > 0)
        *out++ = *(*p)++;
    return out;
}

/* Where the buffer's maximum leaves no room to spare, its every piece is asked for. */
static int write_tight(struct br_buf *b, const char *text, size_t n, size_t *bad) {
    const char *p = text, *end = text + n;
    char piece[ESCAPE > 4 ? ESCAPE : 4];
    br_buf_append_byte(b, '"');
    while (p < end) {
        const char *from = p;
        char *out = piece;
        p = br_json_skip_plain(p, end);
        br_buf_append(b, from, (size_t)(p - from));
        if (p == end)
            break;
        out = (unsigned char)*p >= 0x80 ? copy_foreign(&p, end, out) : write_escape(out, *p++);
        if (out == NULL) {
            *bad = (size_t)(p - text);
            return 0;
        }
        br_buf_append(b, piece, (size_t)(out - piece));
    }
    return br_buf_append_byte(b, '"') == BR_BUF_OK;
}

/* Makes room for what is left if nothing of it were escaped; the end of that room, or NULL. */
static char *more_room(struct br_buf *b, char **out, size_t left) {
    size_t room = left + left / 8 + 4 * SLACK;
    *out = br_buf_room(b, room);
    return *out != NULL ? *out + room : NULL;
}

/* In one pass. There is always room for what is left, and SLACK. */
static int write_loose(struct br_buf *b, const char *text, size_t n, size_t *bad) {
    const char *p = text, *end = text + n;
    char *out, *limit = more_room(b, &out, n), *from = out;
    if (limit == NULL)
        return 0;
    *out++ = '"';
    while (out = copy_plain(&p, end, out), p < end) {
        if ((unsigned char)*p >= 0x80)
            out = copy_foreign(&p, end, out);
        else
            out = write_escape(out, *p++);
        if (out == NULL) {
            *bad = (size_t)(p - text);
            return 0;
        }
        if (limit - out >= end - p + SLACK)
            continue;
        br_buf_added(b, (size_t)(out - from));
        limit = more_room(b, &out, (size_t)(end - p));
        if (limit == NULL)
            return 0;
        from = out;
    }
    *out++ = '"';
    br_buf_added(b, (size_t)(out - from));
    return 1;
}

int br_json_write_string(struct br_buf *b, const char *text, size_t n, size_t *bad) {
    *bad = n;
    if (br_json_skip_plain(text, text + n) == text + n)
        return write_plain(b, text, n);
    /* an escape makes six bytes of one */
    if (n < (b->max - b->len) / 8 && b->max - b->len >= 64 * SLACK)
        return write_loose(b, text, n, bad);
    return write_tight(b, text, n, bad);
}
