/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#ifndef BR_UTF8_H
#define BR_UTF8_H

#include <stddef.h>
#include <stdint.h>

static inline int br_utf8_continues(uint8_t byte, uint8_t low, uint8_t high) {
    return byte >= low && byte <= high;
}

/* Bytes of the character at p, of which `left` (at least one) can be read; 0 where there is none. */
static inline size_t br_utf8_length(const char *text, size_t left) {
    const uint8_t *p = (const uint8_t *)text;
    uint8_t low = 0x80, high = 0xbf;
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2)
        return 0;
    if (p[0] < 0xe0)
        return left >= 2 && br_utf8_continues(p[1], 0x80, 0xbf) ? 2 : 0;
    if (p[0] < 0xf0) {
        if (p[0] == 0xe0)
            low = 0xa0;
        if (p[0] == 0xed)
            high = 0x9f;
        return left >= 3 && br_utf8_continues(p[1], low, high) && br_utf8_continues(p[2], 0x80, 0xbf) ? 3 : 0;
    }
    if (p[0] == 0xf0)
        low = 0x90;
    if (p[0] == 0xf4)
        high = 0x8f;
    return p[0] <= 0xf4 && left >= 4 && br_utf8_continues(p[1], low, high) &&
                   br_utf8_continues(p[2], 0x80, 0xbf) && br_utf8_continues(p[3], 0x80, 0xbf)
               ? 4
               : 0;
}

/* Writes a character of at most 0x10ffff to `out` (four bytes of room) and answers its length. */
static inline size_t br_utf8_write(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

#endif
