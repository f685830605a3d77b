/* zlib does 16 bytes in the time in which the carry-less multiplication of x86 does a whole frame: it is set
 * up for long runs. Where the instruction is there, blocks of 16 bytes are folded with it, as in "Fast CRC
 * Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Gopal et al., Intel, 2009); the constants
 * are the paper's for this polynomial. zlib does the rest, and all of it elsewhere. */
#include "crc32.h"

#include <string.h>
#include <zlib.h>

enum { BLOCK = 16, WORD = 8 };

#if defined(__x86_64__) && defined(__GNUC__)

#include <smmintrin.h>
#include <tmmintrin.h>
#include <wmmintrin.h>

#define FOLDING __attribute__((target("pclmul,sse4.1")))

static int can_fold(void) {
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

FOLDING static __m128i load(const unsigned char *p) {
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* Moves what x stands for further down by the distance that the two constants belong to, and adds the block
 * there. */
FOLDING static __m128i fold(__m128i x, __m128i constants, __m128i block) {
    __m128i low = _mm_clmulepi64_si128(x, constants, 0x00), high = _mm_clmulepi64_si128(x, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), block);
}

/* 128 bits to the 32 of the checksum: two more folds, then Barrett's reduction. */
FOLDING static uint32_t reduce(__m128i x, __m128i by16) {
    const __m128i low32 = _mm_setr_epi32(-1, 0, -1, 0), by8 = _mm_cvtsi64_si128(0x163cd6124);
    const __m128i polynomial = _mm_set_epi64x(0x1f7011641, 0x1db710641);
    __m128i t;
    x = _mm_xor_si128(_mm_srli_si128(x, 8), _mm_clmulepi64_si128(x, by16, 0x10));
    t = _mm_srli_si128(x, 4);
    x = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(x, low32), by8, 0x00), t);
    t = _mm_clmulepi64_si128(_mm_and_si128(x, low32), polynomial, 0x10);
    t = _mm_clmulepi64_si128(_mm_and_si128(t, low32), polynomial, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, t), 1);
}

/* Indexes for a shuffle: loaded from `shifts + n` they move 16 - n bytes up (n <= 16) or n - 16 bytes down.
 */
static const unsigned char shifts[3 * BLOCK] = {
    128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
    0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  14,  15,
    128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
};

/* The odd bytes before the first whole block, with that block. Zeros in front of a message change nothing, so
 * the odd bytes make a block too, at its upper end; the checksum so far is added to the first four bytes of
 * the message, which may reach into the second block. */
FOLDING static __m128i fold_head(uint32_t crc, const unsigned char *p, size_t odd, __m128i by16) {
    const __m128i before = _mm_cvtsi32_si128((int)~crc);
    __m128i first = _mm_shuffle_epi8(_mm_xor_si128(load(p), before), load(shifts + odd));
    __m128i second = _mm_xor_si128(load(p + odd), _mm_shuffle_epi8(before, load(shifts + BLOCK + odd)));
    return fold(first, by16, second);
}

/* Eight bytes, as a frame's prelude has them: the upper half of a block whose lower half is zeros. */
FOLDING static uint32_t fold_word(uint32_t crc, const unsigned char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    word ^= (uint32_t)~crc;
    return ~reduce(_mm_slli_si128(_mm_cvtsi64_si128((long long)word), 8), _mm_setzero_si128());
}

/* At least one block. Four at a time while there are: the multiplications overlap. */
FOLDING static uint32_t fold_bytes(uint32_t crc, const unsigned char *p, size_t size) {
    const __m128i by64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4),
                  by16 = _mm_set_epi64x(0xccaa009e, 0x1751997d0);
    size_t odd = size % BLOCK;
    __m128i x = fold_head(crc, p, odd, by16);
    p += odd + BLOCK;
    size -= odd + BLOCK;
    if (size >= 7 * BLOCK) {
        __m128i x2 = load(p), x3 = load(p + 16), x4 = load(p + 32);
        for (p += 48, size -= 48; size >= 64; p += 64, size -= 64) {
            x = fold(x, by64, load(p));
            x2 = fold(x2, by64, load(p + 16));
            x3 = fold(x3, by64, load(p + 32));
            x4 = fold(x4, by64, load(p + 48));
        }
        x = fold(fold(fold(x, by16, x2), by16, x3), by16, x4);
    }
    for (; size > 0; p += BLOCK, size -= BLOCK)
        x = fold(x, by16, load(p));
    return ~reduce(x, by16);
}

#else

static int can_fold(void) {
    return 0;
}

static uint32_t fold_word(uint32_t crc, const unsigned char *p) {
    return (uint32_t)crc32_z(crc, p, WORD);
}

static uint32_t fold_bytes(uint32_t crc, const unsigned char *p, size_t size) {
    return (uint32_t)crc32_z(crc, p, size);
}

#endif

uint32_t br_crc32(uint32_t crc, const void *bytes, size_t size) {
    if (size >= BLOCK && can_fold())
        return fold_bytes(crc, bytes, size);
    if (size == WORD && can_fold())
        return fold_word(crc, bytes);
    return (uint32_t)crc32_z(crc, bytes, size);
}
