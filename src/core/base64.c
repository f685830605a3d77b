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

void br_base64_encode_plain(char *out, const void *data, size_t n) {
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

/* ---- many bytes at a time ---- */

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define WIDE __attribute__((target("avx2")))
#define TAKEN 24 /* bytes a turn */
#define SEEN 28  /* that a turn reads */

static int can_go_wide(void) {
    return __builtin_cpu_supports("avx2");
}

/* Twelve bytes in each half. */
WIDE static __m256i load(const uint8_t *p) {
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(p + TAKEN / 2));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/* Every three bytes a b c become two numbers of 16 bits, ab and bc. The letters' values lie in them at bits
 * 10 and 4, and 6 and 0: multiplying moves each to the lower or the upper byte of its number. */
WIDE static __m256i values_of(__m256i bytes) {
    const __m256i spread =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    __m256i pairs = _mm256_shuffle_epi8(bytes, spread);
    __m256i first = _mm256_and_si256(pairs, _mm256_set1_epi32(0x0fc0fc00));
    __m256i second = _mm256_and_si256(pairs, _mm256_set1_epi32(0x003f03f0));
    return _mm256_or_si256(_mm256_mulhi_epu16(first, _mm256_set1_epi32(0x04000040)),
                           _mm256_mullo_epi16(second, _mm256_set1_epi32(0x01000010)));
}

/* Adds `more` to the letters of values beyond `last`. */
WIDE static __m256i beyond(__m256i letters, __m256i sixes, char last, char more) {
    __m256i reached = _mm256_cmpgt_epi8(sixes, _mm256_set1_epi8(last));
    return _mm256_add_epi8(letters, _mm256_and_si256(reached, _mm256_set1_epi8(more)));
}

/* The distance from one run of the alphabet to the next: A-Z, a-z, 0-9, +, / */
WIDE static __m256i letters_of(__m256i sixes) {
    __m256i letters = _mm256_add_epi8(sixes, _mm256_set1_epi8('A'));
    letters = beyond(letters, sixes, 25, 'a' - 26 - 'A');
    letters = beyond(letters, sixes, 51, '0' - 52 - ('a' - 26));
    letters = beyond(letters, sixes, 61, '+' - 62 - ('0' - 52));
    return beyond(letters, sixes, 62, '/' - 63 - ('+' - 62));
}

/* Answers how many bytes it has encoded. */
WIDE static size_t encode_wide(char *out, const uint8_t *p, size_t n) {
    size_t done = 0;
    for (; n - done >= SEEN; done += TAKEN, out += TAKEN / 3 * 4)
        _mm256_storeu_si256((__m256i *)(void *)out, letters_of(values_of(load(p + done))));
    return done;
}

#else

static int can_go_wide(void) {
    return 0;
}

static size_t encode_wide(char *out, const uint8_t *p, size_t n) {
    (void)out, (void)p, (void)n;
    return 0;
}

#endif

void br_base64_encode(char *out, const void *data, size_t n) {
    const uint8_t *p = data;
    size_t done = can_go_wide() ? encode_wide(out, p, n) : 0;
    br_base64_encode_plain(out + done / 3 * 4, p + done, n - done);
}

/* ---- decoding ---- */

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
