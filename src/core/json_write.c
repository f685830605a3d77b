#include "json.h"

#include "base64.h"
#include "decimal.h"
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

static void write_escape(struct br_buf *b, char c) {
    static const char hex[] = "0123456789abcdef";
    char escape[6] = {'\\', escape_letter(c), '0', '0', hex[c >> 4 & 15], hex[c & 15]};
    br_buf_append(b, escape, escape[1] == 'u' ? 6 : 2);
}

/* The end of the run of characters outside of ASCII that begins at p; where it is not UTF-8, NULL and *p
 * there. */
static const char *skip_foreign(const char **p, const char *end) {
    while (*p < end && (unsigned char)**p >= 0x80) {
        size_t n = br_utf8_length(*p, (size_t)(end - *p));
        if (n == 0)
            return NULL;
        *p += n;
    }
    return *p;
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

int br_json_write_string(struct br_buf *b, const char *text, size_t n, size_t *bad) {
    const char *end = text + n, *run = text, *p = br_json_skip_plain(text, end);
    *bad = n;
    if (p == end)
        return write_plain(b, text, n);
    br_buf_append_byte(b, '"');
    while ((p = br_json_skip_plain(p, end)) < end) {
        if ((unsigned char)*p >= 0x80) {
            if (skip_foreign(&p, end) == NULL) {
                *bad = (size_t)(p - text);
                return 0;
            }
            continue;
        }
        br_buf_append(b, run, (size_t)(p - run));
        write_escape(b, *p++);
        run = p;
    }
    br_buf_append(b, run, (size_t)(end - run));
    return br_buf_append_byte(b, '"') == BR_BUF_OK;
}
