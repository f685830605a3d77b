/* Doubles to and from decimal text: correctly rounded, shortest, and the same on every machine and in every
 * locale. */
#ifndef BR_DECIMAL_H
#define BR_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

/* A decimal number as a reader met it: the value is (-1)^negative * significand * 10^exponent. The
 * significand holds the first nineteen digits; where there were more, `truncated` is set and the text
 * decides. */
struct br_decimal {
    uint64_t significand;
    int32_t exponent;
    int negative;
    int truncated;
    const char *text; /* the number's own text, as JSON spells it; looked at only in hard cases */
    size_t length;
};

#define BR_DECIMAL_DIGITS 19 /* what always fits the significand */

/* The double nearest to it, ties to even; infinity beyond the largest, zero below the smallest. */
double br_decimal_to_double(const struct br_decimal *d);

/* Room that the longest text takes. */
#define BR_DOUBLE_TEXT 32

/* Writes the shortest text that reads back as the same double, in JSON's spelling, and answers its length.
 * Whole numbers below 2^53 have neither fraction nor exponent; whole numbers from there on always have an
 * exponent, so that a reader who tells integers from doubles takes them for what they are. The value must be
 * finite. */
size_t br_double_write(char *out, double value);

/* Writes an integer and answers the length of its text. */
size_t br_integer_write(char *out, int64_t value);

#endif
