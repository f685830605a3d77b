/* Both directions multiply by a 128-bit power of ten from one table.
 *
 * Reading computes the product twice, once with each end of what the number can be (the power was rounded,
 * digits were left out); where both round to the same double, that is it. Where they do not, which is rare,
 * the digits are compared with the middle between the two neighbours in whole numbers of any size.
 *
 * Writing is Raffaello Giulietti's Schubfach ("The Schubfach way to render doubles", 2020): of the two
 * multiples of a power of ten around the value it takes one that lies inside the interval that rounds to the
 * value. */
#include "decimal.h"

#include <float.h>
#include <string.h>

#include "powers.h"

#define EXPLICIT_BITS 52
#define HIDDEN_BIT (UINT64_C(1) << EXPLICIT_BITS)
#define FRACTION_MASK (HIDDEN_BIT - 1)
#define EXPONENT_MASK 0x7ff
#define INFINITY_BITS ((uint64_t)EXPONENT_MASK << EXPLICIT_BITS)
#define UNIT_EXPONENT 1075 /* bias plus explicit bits: value = significand * 2^(biased - 1075) */

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* v / 2^bits, rounded down. */
static int floor_shifted(int64_t v, int bits) {
    return (int)(v >= 0 ? v >> bits : ~(~v >> bits));
}

static int floor_log2_power10(int e) {
    return floor_shifted((int64_t)e * 1741647, 19);
}

static int leading_zeros(uint64_t v) {
#if defined(__GNUC__)
    return __builtin_clzll(v);
#else
    int n = 0;
    for (; !(v >> 63); v <<= 1)
        n++;
    return n;
#endif
}

static struct power multiply(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
    __extension__ typedef unsigned __int128 wide;
    wide p = (wide)a * b;
    return (struct power){(uint64_t)(p >> 64), (uint64_t)p};
#else
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t low = al * bl, middle = ah * bl + (low >> 32), cross = al * bh + (uint32_t)middle;
    return (struct power){ah * bh + (middle >> 32) + (cross >> 32), cross << 32 | (uint32_t)low};
#endif
}

/* ------------------------------------------------------------------ reading */

/* The bits of the double nearest to h.m * 2^top, where h has its top bit set and any other bits are in `m`.
 */
static uint64_t round_to_double(uint64_t h, uint64_t m, int top) {
    int biased = top + 1023;
    int shift = biased > 0 ? 11 : 12 - biased; /* below the normal numbers fewer bits remain */
    uint64_t kept, rest, bits;
    const uint64_t half = UINT64_C(1) << 63;
    if (biased >= EXPONENT_MASK)
        return INFINITY_BITS;
    if (shift > 64)
        return 0;
    kept = shift < 64 ? h >> shift : 0;
    rest = shift < 64 ? h << (64 - shift) : h;
    if (rest > half || (rest == half && (m != 0 || (kept & 1))))
        kept++;
    bits = biased > 0 ? ((uint64_t)(biased - 1) << EXPLICIT_BITS) + kept
                      : kept; /* a carry moves the exponent up */
    return bits < INFINITY_BITS ? bits : INFINITY_BITS;
}

/* The double nearest to w * (power of ten - below), the power in units of its last bit. w is not zero. */
static uint64_t nearest_product(uint64_t w, int e, unsigned below) {
    struct power g = powers[e - POWER_MIN], low, high;
    int zeros = leading_zeros(w), top = 64 + floor_log2_power10(e) - zeros;
    g.high -= g.low < below;
    g.low -= below;
    low = multiply(w << zeros, g.low);
    high = multiply(w << zeros, g.high);
    high.low += low.high;
    high.high += high.low < low.high;
    if (!(high.high >> 63)) {
        high.high = high.high << 1 | high.low >> 63;
        high.low = high.low << 1 | low.low >> 63;
        low.low <<= 1;
        top--;
    }
    return round_to_double(high.high, high.low | (low.low != 0), top);
}

/* Whole numbers of up to 4096 bits, least significant word first. */
#define BIG_WORDS 128
#define BIG_DIGITS 780 /* more digits than any middle between two doubles has */

struct big {
    uint32_t words[BIG_WORDS];
    int used;
};

static void big_multiply_add(struct big *b, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    int i;
    for (i = 0; i < b->used; i++) {
        carry += (uint64_t)b->words[i] * factor;
        b->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0 && b->used < BIG_WORDS)
        b->words[b->used++] = (uint32_t)carry;
}

static void big_power5(struct big *b, int n) {
    for (; n >= 13; n -= 13)
        big_multiply_add(b, 1220703125, 0); /* 5^13 */
    for (; n > 0; n--)
        big_multiply_add(b, 5, 0);
}

static void big_shift(struct big *b, int bits) {
    int words = bits / 32;
    if (words + b->used > BIG_WORDS)
        words = BIG_WORDS - b->used;
    memmove(b->words + words, b->words, (size_t)b->used * sizeof(b->words[0]));
    memset(b->words, 0, (size_t)words * sizeof(b->words[0]));
    b->used += words;
    big_multiply_add(b, UINT32_C(1) << bits % 32, 0);
}

static int big_compare(const struct big *a, const struct big *b) {
    int i;
    if (a->used != b->used)
        return a->used < b->used ? -1 : 1;
    for (i = a->used - 1; i >= 0; i--)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    return 0;
}

static void big_set(struct big *b, uint64_t value) {
    b->words[0] = (uint32_t)value;
    b->words[1] = (uint32_t)(value >> 32);
    b->used = b->words[1] != 0 ? 2 : 1;
}

/* The significand with the digits behind it that it had no room for; answers the power of ten that belongs to
 * the whole. Digits that cannot matter any more are left out, but for a last one that keeps the number off
 * the middle. */
static int big_read(struct big *b, const struct br_decimal *d) {
    int ten = d->exponent, more = 0;
    size_t i, seen = 0;
    big_set(b, d->significand);
    for (i = 0; d->truncated && i < d->length && (d->text[i] | 0x20) != 'e'; i++) {
        char c = d->text[i];
        if (c < '0' || c > '9' || (seen == 0 && c == '0') || ++seen <= BR_DECIMAL_DIGITS)
            continue;
        if (seen > BIG_DIGITS) {
            more |= c != '0';
            continue;
        }
        big_multiply_add(b, 10, (uint32_t)(c - '0'));
        ten--;
    }
    if (!more)
        return ten;
    big_multiply_add(b, 10, 1);
    return ten - 1;
}

/* Which of `bits` and the next larger double the text is nearest to. */
static uint64_t decide_exactly(const struct br_decimal *d, uint64_t bits) {
    struct big number, middle;
    int biased = (int)(bits >> EXPLICIT_BITS), order;
    uint64_t significand = (bits & FRACTION_MASK) | (biased > 0 ? HIDDEN_BIT : 0);
    int two = (biased > 0 ? biased : 1) - UNIT_EXPONENT - 1;
    int ten = big_read(&number, d);
    big_set(&middle, significand * 2 + 1);
    /* number * 10^ten against middle * 2^two, with every negative power moved to the other side */
    big_power5(ten > 0 ? &number : &middle, ten > 0 ? ten : -ten);
    if (two > ten)
        big_shift(&middle, two - ten);
    else
        big_shift(&number, ten - two);
    order = big_compare(&number, &middle);
    return bits + (order > 0 || (order == 0 && (bits & 1)));
}

/* Both fit a double exactly, so that one multiplication or division rounds correctly (Clinger). */
static int simple_case(const struct br_decimal *d, double *value) {
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->truncated || d->significand > UINT64_C(1) << 53 || d->exponent < -22 || d->exponent > 22)
        return 0;
    *value = d->exponent < 0 ? (double)d->significand / tens[-d->exponent]
                             : (double)d->significand * tens[d->exponent];
    return 1;
#else
    (void)d, (void)value; /* the processor rounds twice */
    return 0;
#endif
}

static uint64_t magnitude_bits(const struct br_decimal *d) {
    uint64_t low, high;
    if (d->significand == 0 || d->exponent < POWER_MIN)
        return 0;
    if (d->exponent > 308)
        return INFINITY_BITS;
    low = nearest_product(d->significand, d->exponent, d->exponent < 0 || d->exponent > POWER_EXACT_MAX);
    high = nearest_product(d->significand + (d->truncated != 0), d->exponent, 0);
    return low == high ? low : decide_exactly(d, low);
}

double br_decimal_to_double(const struct br_decimal *d) {
    double value;
    if (!simple_case(d, &value))
        value = double_of(magnitude_bits(d));
    return d->negative ? -value : value;
}

/* ------------------------------------------------------------------ writing */

/* Digits and power of ten of a positive double. */
struct shortest {
    uint64_t digits;
    int exponent;
};

/* The whole part of g * cp / 2^128, its last bit set when anything is left over. */
static uint64_t round_to_odd(struct power g, uint64_t cp) {
    uint64_t low_high = multiply(g.low, cp).high;
    struct power p = multiply(g.high, cp);
    p.low += low_high;
    p.high += p.low < low_high;
    return p.high | (p.low > 1);
}

static struct shortest shortest_digits(uint64_t fraction, int biased) {
    const uint64_t c = biased > 0 ? fraction | HIDDEN_BIT : fraction;
    const int q = (biased > 0 ? biased : 1) - UNIT_EXPONENT;
    const int closer = fraction == 0 && biased > 1; /* the neighbour below is only half as far away */
    const uint64_t odd = c & 1;
    const int k = floor_shifted((int64_t)q * 1262611 - (closer ? 524031 : 0), 22);
    const int h = q + floor_log2_power10(-k) + 1;
    const struct power g = powers[-k - POWER_MIN];
    const uint64_t lower = round_to_odd(g, (4 * c - 2 + (uint64_t)closer) << h) + odd;
    const uint64_t value = round_to_odd(g, 4 * c << h);
    const uint64_t upper = round_to_odd(g, (4 * c + 2) << h) - odd;
    const uint64_t s = value / 4, tens = s / 10;
    int down, up;
    if (s >= 10) {
        down = lower <= 40 * tens;
        up = 40 * tens + 40 <= upper;
        if (down != up)
            return (struct shortest){tens + (uint64_t)up, k + 1};
    }
    down = lower <= 4 * s;
    up = 4 * s + 4 <= upper;
    if (down == up)
        up = value > 4 * s + 2 || (value == 4 * s + 2 && (s & 1));
    return (struct shortest){s + (uint64_t)up, k};
}

static size_t write_digits(char *out, uint64_t v) {
    char digits[20];
    size_t n = 0, i;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    for (i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    return n;
}

static size_t write_exponent(char *out, int e) {
    out[0] = 'e';
    out[1] = e < 0 ? '-' : '+';
    return 2 + write_digits(out + 2, (uint64_t)(e < 0 ? -e : e));
}

/* digits * 10^exponent as 0.000ddd, dd.ddd or d.ddde+xx; whole numbers always take the last form. */
static size_t write_shortest(char *out, struct shortest v) {
    size_t n, zeros;
    int point;
    for (; v.digits % 10 == 0; v.digits /= 10)
        v.exponent++;
    n = write_digits(out, v.digits);
    point = (int)n + v.exponent; /* how many digits stand before it */
    if (point > 0 && point < (int)n) {
        memmove(out + point + 1, out + point, n - (size_t)point);
        out[point] = '.';
        return n + 1;
    }
    if (point <= 0 && point > -6) {
        zeros = (size_t)(2 - point);
        memmove(out + zeros, out, n);
        memset(out, '0', zeros);
        out[1] = '.';
        return n + zeros;
    }
    if (n > 1) {
        memmove(out + 2, out + 1, n - 1);
        out[1] = '.';
        n++;
    }
    return n + write_exponent(out + n, point - 1);
}

size_t br_double_write(char *out, double value) {
    uint64_t bits = bits_of(value), magnitude = bits & ~(UINT64_C(1) << 63);
    size_t sign = bits >> 63;
    out[0] = '-';
    if (magnitude == 0) {
        memcpy(out + sign, sign ? "0.0" : "0", sign ? 3 : 1);
        return sign ? 4 : 1;
    }
    value = double_of(magnitude);
    if (value < 9007199254740992.0 && (double)(int64_t)value == value)
        return sign + write_digits(out + sign, (uint64_t)value);
    return sign + write_shortest(out + sign,
                                 shortest_digits(bits & FRACTION_MASK, (int)(magnitude >> EXPLICIT_BITS)));
}

size_t br_integer_write(char *out, int64_t value) {
    size_t sign = value < 0;
    out[0] = '-';
    return sign + write_digits(out + sign, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}
