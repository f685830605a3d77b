#include "json.h"

#include "decimal.h"
#include "plain.h"
#include "utf8.h"

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

const char *br_json_code_name(enum br_json_code code) {
    static const char *const names[] = {"ok", "syntax", "utf8", "depth", "size", "base64", "memory"};
    return names[code];
}

void br_json_locate(const char *text, size_t position, size_t *line, size_t *column) {
    const char *p = text, *end = text + position, *newline;
    *line = 1;
    while (p < end && (newline = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        ++*line;
        p = newline + 1;
    }
    *column = (size_t)(end - p) + 1;
}

void br_json_scan_init(struct br_json_scan *s, const char *text, size_t n) {
    memset(s, 0, sizeof(*s));
    s->text = s->at = text;
    s->end = text + n;
}

int br_json_fail(struct br_json_scan *s, enum br_json_code code, const char *message, const char *where) {
    if (s->error.code == BR_JSON_OK) {
        s->error.code = code;
        s->error.message = message;
        s->error.position = (size_t)(where - s->text);
    }
    return 0;
}

static int expected(struct br_json_scan *s, const char *what) {
    return br_json_fail(s, BR_JSON_SYNTAX, what, s->at);
}

/* The next byte that is no white space; -1 at the end. */
static int next_byte(struct br_json_scan *s) {
    const char *p = s->at, *end = s->end;
    while (p < end && (unsigned char)*p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    s->at = p;
    return p < end ? (unsigned char)*p : -1;
}

static enum br_json_kind take_literal(struct br_json_scan *s, const char *word, size_t n,
                                      enum br_json_kind kind) {
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0) {
        expected(s, "expected a value");
        return BR_JSON_END;
    }
    s->at += n;
    return kind;
}

enum br_json_kind br_json_peek(struct br_json_scan *s) {
    int c = next_byte(s);
    switch (c) {
    case '"':
        return BR_JSON_STRING;
    case '{':
        s->at++;
        return BR_JSON_OBJECT;
    case '[':
        s->at++;
        return BR_JSON_ARRAY;
    case 'n':
        return take_literal(s, "null", 4, BR_JSON_NULL);
    case 't':
        return take_literal(s, "true", 4, BR_JSON_TRUE);
    case 'f':
        return take_literal(s, "false", 5, BR_JSON_FALSE);
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return BR_JSON_NUMBER;
        expected(s, "expected a value");
        return BR_JSON_END;
    }
}

int br_json_closes(struct br_json_scan *s, char bracket) {
    if (next_byte(s) != bracket)
        return 0;
    s->at++;
    return 1;
}

int br_json_continues(struct br_json_scan *s, char bracket) {
    int c = next_byte(s);
    if (c != ',' && c != bracket)
        return expected(s, bracket == ']' ? "expected ',' or ']'" : "expected ',' or '}'");
    s->at++;
    return c == ',';
}

int br_json_take_key(struct br_json_scan *s, struct br_json_string *out) {
    if (next_byte(s) != '"')
        return expected(s, "expected a key in double quotes");
    if (!br_json_take_string(s, out))
        return 0;
    if (next_byte(s) != ':')
        return expected(s, "expected ':' after a key");
    s->at++;
    return 1;
}

int br_json_finish(struct br_json_scan *s) {
    return next_byte(s) < 0 || expected(s, "expected the end of the text");
}

/* ------------------------------------------------------------------ strings */

/* Bytes of a word that end a plain run (quote, backslash, control, not ASCII) have their top bit set in the
 * answer; bytes behind the first such byte may be marked wrongly. */
static uint64_t special_bytes(uint64_t v) {
    uint64_t quote = v ^ ONES * '"', backslash = v ^ ONES * '\\';
    uint64_t below = (v - ONES * ' ') & ~v;
    return (v | ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | below) & TOPS;
}

/* Whole blocks. */
static const char *skip_blocks(const char *p, const char *end) {
#if defined(__SSE2__)
    for (; end - p >= BR_PLAIN_BLOCK; p += BR_PLAIN_BLOCK) {
        unsigned ends = br_plain_ends(p);
        if (ends != 0)
            return p + __builtin_ctz(ends);
    }
#else
    (void)end;
#endif
    return p;
}

/* Whether all of the bytes are plain, of which there are 4 to 8: two halves that may overlap. */
static int is_plain_end(const char *p, const char *end) {
    uint32_t first, last;
    memcpy(&first, p, 4);
    memcpy(&last, end - 4, 4);
    return special_bytes((uint64_t)first << 32 | last) == 0;
}

const char *br_json_skip_plain(const char *p, const char *end) {
    if (end - p >= 16)
        p = skip_blocks(p, end);
    while (end - p >= 8) {
        uint64_t v, marks;
        memcpy(&v, p, 8);
        marks = special_bytes(v);
        if (marks != 0) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            return p + (__builtin_ctzll(marks) >> 3);
#else
            break;
#endif
        }
        p += 8;
    }
    if (end - p >= 4 && is_plain_end(p, end))
        return end;
    while (p < end && br_is_plain((unsigned char)*p))
        p++;
    return p;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Where an escape that begins at p ends; NULL when it is none. */
static const char *skip_escape(struct br_json_scan *s, const char *p) {
    int i;
    if (s->end - p < 2 || memchr("\"\\/bfnrtu", p[1], 9) == NULL) {
        br_json_fail(s, BR_JSON_SYNTAX, "expected one of \" \\ / b f n r t u after a backslash", p + 1);
        return NULL;
    }
    if (p[1] != 'u')
        return p + 2;
    for (i = 2; i < 6; i++) {
        if (s->end - p <= i || hex_digit(p[i]) < 0) {
            br_json_fail(s, BR_JSON_SYNTAX, "expected four hexadecimal digits after \\u", p + i);
            return NULL;
        }
    }
    return p + 6;
}

/* Beyond one plain run: an escape, or characters outside of ASCII. NULL when there is neither. */
static const char *skip_special(struct br_json_scan *s, const char *p) {
    size_t n;
    if (p == s->end || (unsigned char)*p < ' ') {
        br_json_fail(s, BR_JSON_SYNTAX,
                     p == s->end ? "expected '\"' at the end of a string"
                                 : "expected an escape: a string holds no bare control characters",
                     p);
        return NULL;
    }
    if (*p == '\\')
        return skip_escape(s, p);
    while (p < s->end && (unsigned char)*p >= 0x80) {
        n = br_utf8_length(p, (size_t)(s->end - p));
        if (n == 0) {
            br_json_fail(s, BR_JSON_UTF8, "expected UTF-8", p);
            return NULL;
        }
        p += n;
    }
    return p;
}

int br_json_take_string(struct br_json_scan *s, struct br_json_string *out) {
    const char *start = s->at + 1, *p = start;
    int escaped = 0;
    for (;;) {
        p = br_json_skip_plain(p, s->end);
        if (p < s->end && *p == '"')
            break;
        escaped |= p < s->end && *p == '\\';
        p = skip_special(s, p);
        if (p == NULL)
            return 0;
    }
    out->start = start;
    out->length = (size_t)(p - start);
    out->escaped = escaped;
    s->at = p + 1;
    return 1;
}

static uint32_t hex4(const char *p) {
    return (uint32_t)(hex_digit(p[0]) << 12 | hex_digit(p[1]) << 8 | hex_digit(p[2]) << 4 | hex_digit(p[3]));
}

#define REPLACEMENT 0xfffd

/* The character of a `\u` escape at *at, which moves behind it; the two halves of a pair are taken together.
 */
static uint32_t take_unicode(const char **at, const char *end) {
    const char *p = *at;
    uint32_t c = hex4(p + 2), low;
    *at = p += 6;
    if (c < 0xd800 || c > 0xdfff)
        return c;
    if (c > 0xdbff || end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return REPLACEMENT;
    low = hex4(p + 2);
    if (low < 0xdc00 || low > 0xdfff)
        return REPLACEMENT;
    *at = p + 6;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static char simple_escape(char c) {
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

size_t br_json_unescape(const struct br_json_string *s, char *out) {
    const char *p = s->start, *end = p + s->length;
    char *to = out;
    while (p < end) {
        const char *backslash = memchr(p, '\\', (size_t)(end - p));
        size_t run = (size_t)((backslash != NULL ? backslash : end) - p);
        memcpy(to, p, run);
        to += run;
        p += run;
        if (backslash == NULL)
            break;
        if (p[1] == 'u') {
            to += br_utf8_write(to, take_unicode(&p, end));
        } else {
            *to++ = simple_escape(p[1]);
            p += 2;
        }
    }
    return (size_t)(to - out);
}

/* ------------------------------------------------------------------ numbers */

static int is_digit(const char *p, const char *end) {
    return p < end && *p >= '0' && *p <= '9';
}

/* Takes a run of digits into the number. Each one taken shifts the exponent by `taken`, each one that the
 * significand has no room for by `left_out`. */
static const char *take_digits(struct br_decimal *d, int64_t *exponent, int *seen, const char *p,
                               const char *end, int taken, int left_out) {
    for (; is_digit(p, end); p++) {
        if (*seen < BR_DECIMAL_DIGITS) {
            d->significand = d->significand * 10 + (uint64_t)(*p - '0');
            *seen += d->significand != 0;
            *exponent += taken;
        } else {
            d->truncated |= *p != '0';
            *exponent += left_out;
        }
    }
    return p;
}

static const char *take_exponent(const char *p, const char *end, int64_t *exponent) {
    int negative = *p == '-';
    int64_t e = 0;
    p += *p == '-' || *p == '+';
    for (; is_digit(p, end); p++)
        if (e < INT64_C(1) << 48)
            e = e * 10 + (*p - '0');
    *exponent += negative ? -e : e;
    return p;
}

static int32_t clamp(int64_t e) {
    return e < -1000000 ? -1000000 : e > 1000000 ? 1000000 : (int32_t)e;
}

static int no_digit(struct br_json_scan *s, const char *p) {
    return br_json_fail(s, BR_JSON_SYNTAX, "expected a digit", p);
}

/* A fraction and an exponent, both optional. The point or the `e` may not be the last thing. */
static const char *take_rest(struct br_json_scan *s, struct br_decimal *d, int64_t *exponent, int *seen,
                             const char *p) {
    if (p < s->end && *p == '.') {
        if (!is_digit(p + 1, s->end))
            return no_digit(s, p + 1), NULL;
        p = take_digits(d, exponent, seen, p + 1, s->end, -1, 0);
    }
    if (p < s->end && (*p == 'e' || *p == 'E')) {
        const char *first = p + 1 < s->end && (p[1] == '+' || p[1] == '-') ? p + 2 : p + 1;
        if (!is_digit(first, s->end))
            return no_digit(s, first), NULL;
        p = take_exponent(p + 1, s->end, exponent);
    }
    return p;
}

static int fits_integer(const struct br_decimal *d, int64_t exponent) {
    return exponent == 0 && d->significand <= (uint64_t)INT64_MAX + (d->negative != 0);
}

static void set_number(struct br_json_number *out, const struct br_decimal *d, int whole, int64_t exponent) {
    out->text = d->text;
    out->length = d->length;
    if (whole && fits_integer(d, exponent) && !(d->negative && d->significand == 0)) {
        out->kind = BR_JSON_INTEGER;
        out->integer = (int64_t)(d->negative ? 0 - d->significand : d->significand);
        return;
    }
    out->kind = BR_JSON_BIG;
    if (whole && d->significand != 0)
        return;
    out->real = br_decimal_to_double(d);
    if (out->real - out->real == 0)
        out->kind = BR_JSON_DOUBLE;
}

int br_json_take_number(struct br_json_scan *s, struct br_json_number *out) {
    struct br_decimal d = {0};
    int64_t exponent = 0;
    int seen = 0, whole;
    const char *p = s->at + (*s->at == '-'), *behind;
    d.text = s->at;
    d.negative = *s->at == '-';
    if (!is_digit(p, s->end))
        return no_digit(s, p);
    p = *p == '0' ? p + 1 : take_digits(&d, &exponent, &seen, p, s->end, 0, 1);
    behind = take_rest(s, &d, &exponent, &seen, p);
    if (behind == NULL)
        return 0;
    whole = behind == p;
    d.length = (size_t)(behind - d.text);
    d.exponent = clamp(exponent);
    set_number(out, &d, whole, exponent);
    s->at = behind;
    return 1;
}
