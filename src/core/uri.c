#include "uri.h"

static inline int is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static inline char *put(char *to, char c) {
    static const char digits[] = "0123456789ABCDEF";
    if (is_unreserved(c)) {
        *to++ = c;
        return to;
    }
    *to++ = '%';
    *to++ = digits[(unsigned char)c >> 4];
    *to++ = digits[c & 15];
    return to;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that an escape at the start of `text` stands for, or -1. */
static int escaped(struct br_span text) {
    int high, low;
    if (text.n < 3 || text.at[0] != '%')
        return -1;
    high = hex_digit(text.at[1]);
    low = hex_digit(text.at[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static inline char *put_unless_kept(char *to, char c, char keep) {
    if (c != keep || keep == '\0')
        return put(to, c);
    *to = c;
    return to + 1;
}

char *br_uri_encode(char *out, struct br_span text, char keep) {
    size_t i;
    for (i = 0; i < text.n; i++)
        out = put_unless_kept(out, text.at[i], keep);
    return out;
}

char *br_uri_encode_once(char *out, struct br_span text, char keep) {
    while (text.n > 0) {
        int byte = escaped(text);
        size_t taken = byte < 0 ? 1 : 3;
        out = byte < 0 ? put_unless_kept(out, text.at[0], keep) : put(out, (char)byte);
        text.at += taken;
        text.n -= taken;
    }
    return out;
}
