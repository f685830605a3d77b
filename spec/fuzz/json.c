/* Any bytes as JSON: what the scanner accepts is written again, and what was written must read and write as
 * itself. Also as base64, both ways. Aborts where a promise of the headers is broken; the sanitizers see the
 * rest. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "json.h"

#define MAX_DEPTH 200

static void promise(int kept) {
    if (!kept)
        abort();
}

static int copy_value(struct br_json_scan *s, struct br_buf *out, int depth);

static int copy_string(const struct br_json_string *string, struct br_buf *out) {
    size_t n, bad;
    char *meaning = malloc(string->length + 1);
    n = string->escaped ? br_json_unescape(string, meaning) : string->length;
    promise(n <= string->length);
    promise(br_json_write_string(out, string->escaped ? meaning : string->start, n, &bad));
    promise(bad == n);
    free(meaning);
    return 1;
}

/* The C library is the judge of doubles. */
static int copy_double(const struct br_json_number *number, struct br_buf *out) {
    char text[64] = {0};
    size_t before = out->len;
    promise(isfinite(number->real));
    promise(br_json_write_double(out, number->real));
    promise(out->len - before < 32);
    memcpy(text, out->data + before, out->len - before);
    promise(strtod(text, NULL) == number->real);
    if (number->length < sizeof(text)) {
        memset(text, 0, sizeof(text));
        memcpy(text, number->text, number->length);
        promise(strtod(text, NULL) == number->real);
    }
    return 1;
}

static int copy_number(struct br_json_scan *s, struct br_buf *out) {
    struct br_json_number number;
    if (!br_json_take_number(s, &number))
        return 0;
    if (number.kind == BR_JSON_INTEGER)
        return br_json_write_integer(out, number.integer);
    if (number.kind == BR_JSON_DOUBLE)
        return copy_double(&number, out);
    return br_buf_append(out, number.text, number.length) == BR_BUF_OK;
}

static int copy_array(struct br_json_scan *s, struct br_buf *out, int depth) {
    br_buf_append_byte(out, '[');
    if (!br_json_closes(s, ']')) {
        while (copy_value(s, out, depth) && br_json_continues(s, ']'))
            br_buf_append_byte(out, ',');
    }
    br_buf_append_byte(out, ']');
    return s->error.code == BR_JSON_OK;
}

static int copy_member(struct br_json_scan *s, struct br_buf *out, int depth) {
    struct br_json_string key;
    if (!br_json_take_key(s, &key))
        return 0;
    copy_string(&key, out);
    br_buf_append_byte(out, ':');
    return copy_value(s, out, depth);
}

static int copy_object(struct br_json_scan *s, struct br_buf *out, int depth) {
    br_buf_append_byte(out, '{');
    if (!br_json_closes(s, '}')) {
        while (copy_member(s, out, depth) && br_json_continues(s, '}'))
            br_buf_append_byte(out, ',');
    }
    br_buf_append_byte(out, '}');
    return s->error.code == BR_JSON_OK;
}

static int copy_value(struct br_json_scan *s, struct br_buf *out, int depth) {
    struct br_json_string string;
    if (depth > MAX_DEPTH)
        return br_json_fail(s, BR_JSON_DEPTH, "nested too deeply", s->at);
    switch (br_json_peek(s)) {
    case BR_JSON_NULL:
        return br_buf_append(out, "null", 4) == BR_BUF_OK;
    case BR_JSON_FALSE:
        return br_buf_append(out, "false", 5) == BR_BUF_OK;
    case BR_JSON_TRUE:
        return br_buf_append(out, "true", 4) == BR_BUF_OK;
    case BR_JSON_NUMBER:
        return copy_number(s, out);
    case BR_JSON_STRING:
        return br_json_take_string(s, &string) && copy_string(&string, out);
    case BR_JSON_ARRAY:
        return copy_array(s, out, depth + 1);
    case BR_JSON_OBJECT:
        return copy_object(s, out, depth + 1);
    default:
        return 0;
    }
}

/* Writes the text's value to `out`; 0 when it is no JSON. */
static int rewrite(const char *text, size_t n, struct br_buf *out) {
    struct br_json_scan s;
    size_t line, column;
    br_json_scan_init(&s, text, n);
    if (copy_value(&s, out, 0) && br_json_finish(&s))
        return 1;
    promise(s.error.code != BR_JSON_OK && s.error.message != NULL && s.error.position <= n);
    br_json_locate(text, s.error.position, &line, &column);
    promise(line >= 1 && column >= 1 && column <= n + 1);
    return 0;
}

static void try_json(const char *text, size_t n) {
    struct br_buf once, twice;
    br_buf_init(&once, 8 * n + 64);
    br_buf_init(&twice, 8 * n + 64);
    if (rewrite(text, n, &once)) {
        promise(rewrite(once.data, once.len, &twice));
        promise(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    }
    br_buf_clear(&once);
    br_buf_clear(&twice);
}

static void try_base64(const char *bytes, size_t n) {
    size_t size = br_base64_encoded_size(n), written, position = n;
    char *text = malloc(size + 1), *back = malloc(br_base64_decoded_bound(n > size ? n : size));
    br_base64_encode(text, bytes, n);
    promise(br_base64_decode(back, &written, text, size, &position) == NULL);
    promise(written == n && memcmp(back, bytes, n) == 0);
    if (br_base64_decode(back, &written, bytes, n, &position) != NULL)
        promise(position < n);
    free(text);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *exact = malloc(size > 0 ? size : 1); /* no byte more, so that reading one is seen */
    if (size > 0)
        memcpy(exact, data, size);
    try_json(exact, size);
    try_base64(exact, size);
    free(exact);
    return 0;
}
