#include "base64.h"

#include <stdint.h>

static const char alphabet[64] = {'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M',
                                  'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
                                  'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
                                  'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
                                  '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '/'};

#define NO 0xff /* not a letter of the alphabet; real values need six bits only, so the top bit tells */

static const uint8_t values[256] = {
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, 62, NO, NO, NO, 63, 52, 53, 54, 55,
    56, 57, 58, 59, 60, 61, NO, NO, NO, NO, NO, NO, NO, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
    13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO, NO, NO, NO, NO, 26, 27, 28, 29, 30, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
};

size_t br_base64_encoded_size(size_t n) {
    return (n / 3 + (n % 3 != 0)) * 4;
}

size_t br_base64_decoded_bound(size_t n) {
    return n / 4 * 3 + 3;
}

static void encode_triple(char *out, uint32_t triple) {
    out[0] = alphabet[triple >> 18];
    out[1] = alphabet[triple >> 12 & 63];
    out[2] = alphabet[triple >> 6 & 63];
    out[3] = alphabet[triple & 63];
}

static void encode_tail(char *out, const uint8_t *p, size_t left) {
    encode_triple(out, (uint32_t)p[0] << 16 | (left > 1 ? (uint32_t)p[1] << 8 : 0));
    out[3] = '=';
    if (left == 1)
        out[2] = '=';
}

void br_base64_encode(char *out, const void *data, size_t n) {
    const uint8_t *p = data;
    /* Six bytes a turn: two independent halves keep the processor's lanes busy. */
    for (; n >= 6; n -= 6, p += 6, out += 8) {
        encode_triple(out, (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]);
        encode_triple(out + 4, (uint32_t)p[3] << 16 | (uint32_t)p[4] << 8 | p[5]);
    }
    for (; n >= 3; n -= 3, p += 3, out += 4)
        encode_triple(out, (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]);
    if (n > 0)
        encode_tail(out, p, n);
}

/* The four values of a group in one word; the top bit of a byte is set where there is no such letter. */
static uint32_t group_values(const uint8_t *p) {
    return (uint32_t)values[p[0]] << 24 | (uint32_t)values[p[1]] << 16 | (uint32_t)values[p[2]] << 8 |
           values[p[3]];
}

#define STRANGER UINT32_C(0x80808080)

static void decode_group(uint8_t *out, uint32_t v) {
    out[0] = (uint8_t)(v >> 22 | (v >> 20 & 3));
    out[1] = (uint8_t)((v >> 12 & 0xf0) | (v >> 10 & 15));
    out[2] = (uint8_t)((v >> 2 & 0xc0) | (v & 63));
}

static size_t without_padding(const char *text, size_t n) {
    if (n % 4 == 0 && n > 0 && text[n - 1] == '=')
        n -= text[n - 2] == '=' ? 2 : 1;
    return n;
}

/* The last group, of two or three letters. */
static const char *decode_tail(uint8_t *out, const uint8_t *p, size_t letters, size_t *stranger) {
    uint32_t v = 0;
    size_t i;
    for (i = 0; i < letters; i++) {
        *stranger = i;
        if (values[p[i]] == NO)
            return "not a letter of base64";
        v |= (uint32_t)values[p[i]] << (18 - 6 * i);
    }
    if (letters == 1)
        return "base64 text ends in the middle of a byte";
    out[0] = (uint8_t)(v >> 16);
    if (letters == 3)
        out[1] = (uint8_t)(v >> 8);
    return NULL;
}

const char *br_base64_decode(char *out_text, size_t *written, const char *text, size_t n, size_t *position) {
    uint8_t *out = (uint8_t *)out_text;
    const uint8_t *start = (const uint8_t *)text, *p = start;
    size_t left = without_padding(text, n), stranger = 0;
    const char *why = NULL;
    for (; left >= 4; left -= 4, p += 4, out += 3) {
        uint32_t v = group_values(p);
        if (v & STRANGER)
            break;
        decode_group(out, v);
    }
    if (left > 0)
        why = decode_tail(out, p, left < 4 ? left : 4, &stranger);
    if (why != NULL)
        *position = (size_t)(p - start) + stranger;
    *written = (size_t)(out - (uint8_t *)out_text) + (left > 0 ? left - 1 : 0);
    return why;
}
