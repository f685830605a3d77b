/* JSON (RFC 8259) in pieces: a scanner that walks a text in place and writers that append to a buffer.
 *
 * Neither knows what values are made of: the caller (the Lua binding, the fuzzer) asks for one token after
 * the other and builds what it likes. Strict: one value, no comments, no trailing commas, UTF-8 only. */
#ifndef BR_JSON_H
#define BR_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum br_json_code {
    BR_JSON_OK = 0,
    BR_JSON_SYNTAX, /* not JSON */
    BR_JSON_UTF8,   /* bytes that are not UTF-8 */
    BR_JSON_DEPTH,  /* nested deeper than allowed */
    BR_JSON_SIZE,   /* longer than allowed */
    BR_JSON_BASE64, /* a string that should be base64 is not */
    BR_JSON_MEMORY,
};

struct br_json_error {
    enum br_json_code code;
    const char *message; /* a constant: what was expected there, or what is wrong */
    size_t position;     /* offset of the offending byte; the length of the text when it ends too early */
};

/* The name of a code in lower case, as users see it. */
const char *br_json_code_name(enum br_json_code code);

/* Line and column (in bytes) of an offset, both from 1. */
void br_json_locate(const char *text, size_t position, size_t *line, size_t *column);

/* The first byte from p on that a string cannot hold as it is without a second look: a quote, a backslash, a
 * control character, or a byte outside of ASCII; `end` where there is none. */
const char *br_json_skip_plain(const char *p, const char *end);

/* ------------------------------------------------------------------ scanning */

/* The cursor. The text is the caller's and must stay where it is; it needs no terminating zero. Functions
 * that fail answer 0 (BR_JSON_END for br_json_peek) and leave the reason in `error`, where the first one
 * stays. */
struct br_json_scan {
    const char *text, *end, *at;
    struct br_json_error error;
};

enum br_json_kind {
    BR_JSON_END, /* no value here; see `error` */
    BR_JSON_NULL,
    BR_JSON_FALSE,
    BR_JSON_TRUE,
    BR_JSON_NUMBER,
    BR_JSON_STRING,
    BR_JSON_ARRAY,
    BR_JSON_OBJECT,
};

/* A string as it stands in the text, without its quotes: already UTF-8 and what it means when `escaped` is 0.
 */
struct br_json_string {
    const char *start;
    size_t length;
    int escaped;
};

enum br_json_number_kind {
    BR_JSON_INTEGER, /* no fraction, no exponent, fits 64 bits */
    BR_JSON_DOUBLE,
    BR_JSON_BIG, /* a whole number beyond 64 bits, or one beyond the largest double: only its text is exact */
};

struct br_json_number {
    enum br_json_number_kind kind;
    int64_t integer;
    double real;
    const char *text;
    size_t length;
};

void br_json_scan_init(struct br_json_scan *s, const char *text, size_t n);

/* Records a failure at an offset, unless there is one already; always 0, to be returned. */
int br_json_fail(struct br_json_scan *s, enum br_json_code code, const char *message, const char *where);

/* Skips white space and says what begins here. Of a literal, `[` and `{` the cursor is then behind it;
 * numbers and strings are taken by the two functions below. */
enum br_json_kind br_json_peek(struct br_json_scan *s);

int br_json_take_string(struct br_json_scan *s, struct br_json_string *out);
int br_json_take_number(struct br_json_scan *s, struct br_json_number *out);

/* After `[` or `{`: takes the closing bracket if it is the next thing. */
int br_json_closes(struct br_json_scan *s, char bracket);

/* After an element or member: 1 when a comma was taken, 0 at the closing bracket or on failure. */
int br_json_continues(struct br_json_scan *s, char bracket);

/* The key of a member and the colon behind it. */
int br_json_take_key(struct br_json_scan *s, struct br_json_string *out);

/* Nothing but white space may be left. */
int br_json_finish(struct br_json_scan *s);

/* Writes what an escaped string means to `out`, where there is room for its `length`, and answers how many
 * bytes that are. Half of a surrogate pair stands for no character: it becomes U+FFFD, so that a text always
 * stays sendable. */
size_t br_json_unescape(const struct br_json_string *s, char *out);

/* ------------------------------------------------------------------ writing */

/* Writers append and answer 1; 0 when the buffer could not grow (its `failed` says why). */
int br_json_write_integer(struct br_buf *b, int64_t value);
int br_json_write_double(struct br_buf *b, double value);
int br_json_write_base64(struct br_buf *b, const void *bytes, size_t n);

/* Also 0, with *bad set to the offset, where the text is not UTF-8; *bad is n otherwise. */
int br_json_write_string(struct br_buf *b, const char *text, size_t n, size_t *bad);

#endif
