#include "field.h"

#include <stdint.h>
#include <string.h>

/* Eight bytes at a time, as one number. Sums of bytes below 0x80 do not run over into the next byte. */
#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

static inline uint64_t word_at(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* The top bit of each byte that is a capital letter. */
static inline uint64_t capitals(uint64_t word) {
    uint64_t low = word & ~TOPS;
    uint64_t from_a = low + ONES * (0x80 - 'A'), beyond_z = low + ONES * (0x7f - 'Z');
    return from_a & ~beyond_z & ~word & TOPS;
}

/* Whether one of the bytes is a blank or a control character. */
static inline int has_blank(uint64_t word) {
    uint64_t low = word & ~TOPS;
    uint64_t beyond_blank = low + ONES * (0x7f - ' '), is_delete = low + ONES;
    return (~word & (~beyond_blank | is_delete) & TOPS) != 0;
}

#if defined(__SSE2__)

#include <emmintrin.h>

/* Whole blocks of sixteen bytes: session tokens are long. */
static size_t plain_blocks(struct br_span text) {
    const __m128i blank = _mm_set1_epi8(' '), erase = _mm_set1_epi8(0x7f);
    size_t n;
    for (n = 0; text.n - n >= 16; n += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.at + n));
        __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, blank), v);
        if (_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(v, erase))) != 0)
            break;
    }
    return n;
}

#else

static size_t plain_blocks(struct br_span text) {
    (void)text;
    return 0;
}

#endif

/* How many bytes at the front are neither blanks nor control characters. */
static size_t plain_prefix(struct br_span text) {
    size_t n = plain_blocks(text);
    while (text.n - n >= sizeof(uint64_t) && !has_blank(word_at(text.at + n)))
        n += sizeof(uint64_t);
    while (n < text.n && (unsigned char)text.at[n] > ' ' && text.at[n] != 0x7f)
        n++;
    return n;
}

static inline int is_token_byte(char c) {
    return (c >= 'a' && c <= 'z') || c == '-' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

int br_field_is_name(struct br_span text) {
    size_t i;
    for (i = 0; i < text.n; i++) {
        if (!is_token_byte(text.at[i]))
            return 0;
    }
    return text.n > 0;
}

int br_field_is_value(struct br_span text) {
    size_t i = plain_prefix(text);
    for (; i < text.n; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return 0;
    }
    return 1;
}

int br_field_is_key(struct br_span text) {
    return plain_prefix(text) == text.n;
}

char *br_field_lower(char *to, struct br_span name) {
    size_t i = 0;
    for (; name.n - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word = word_at(name.at + i);
        word |= capitals(word) >> 2; /* 0x20 */
        memcpy(to + i, &word, sizeof(word));
    }
    for (; i < name.n; i++)
        to[i] = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] + ('a' - 'A') : name.at[i]);
    return to + name.n;
}

static int is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char *br_field_trimmed(char *to, struct br_span value) {
    const char *start = to;
    size_t i = plain_prefix(value);
    if (i > 0)
        memcpy(to, value.at, i);
    to += i;
    for (; i < value.n; i++) {
        if (!is_space(value.at[i]))
            *to++ = value.at[i];
        else if (to > start && to[-1] != ' ')
            *to++ = ' ';
    }
    return to > start && to[-1] == ' ' ? to - 1 : to;
}
