/* Characters of a JSON string that stand for themselves: neither a quote, a backslash, a control character,
 * nor a byte outside of ASCII, which takes a second look. */
#ifndef BR_PLAIN_H
#define BR_PLAIN_H

static inline int br_is_plain(unsigned char c) {
    return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
}

#if defined(__SSE2__)

#include <emmintrin.h>

enum { BR_PLAIN_BLOCK = 16 };

/* A bit for each of 16 bytes that is not plain. Bytes from 0x80 on are negative here, so that one comparison
 * finds them and the controls. */
static inline unsigned br_plain_ends(const char *p) {
    const __m128i quotes = _mm_set1_epi8('"'), backslashes = _mm_set1_epi8('\\'), blanks = _mm_set1_epi8(' ');
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(v, quotes), _mm_cmpeq_epi8(v, backslashes)), _mm_cmplt_epi8(v, blanks)));
}

#endif

#endif
