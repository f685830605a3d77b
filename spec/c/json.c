/* JSON at the edge of memory: every sample whole and cut at each position, ending at a page that nobody may
 * touch, and written into a buffer whose allocations fail one after the other. ARGV: a directory of samples.
 */
#include "support/support.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

/* Walks over all tokens of a text; writes its strings and numbers to `out`. What is nested needs no memory of
 * its own: tokens are taken as they come. */
static int walk(struct br_json_scan *s, struct br_buf *out, int depth) {
    struct br_json_string string;
    struct br_json_number number;
    size_t bad;
    char close;
    enum br_json_kind kind = br_json_peek(s);
    if (kind == BR_JSON_STRING)
        return br_json_take_string(s, &string) &&
               br_json_write_string(out, string.start, string.length, &bad);
    if (kind == BR_JSON_NUMBER)
        return br_json_take_number(s, &number) && br_json_write_double(out, (double)number.length) &&
               br_json_write_base64(out, number.text, number.length);
    if (kind != BR_JSON_ARRAY && kind != BR_JSON_OBJECT)
        return kind != BR_JSON_END;
    if (depth == 0)
        return br_json_fail(s, BR_JSON_DEPTH, "nested too deeply", s->at);
    close = kind == BR_JSON_ARRAY ? ']' : '}';
    if (br_json_closes(s, close))
        return 1;
    do {
        if (kind == BR_JSON_OBJECT && !br_json_take_key(s, &string))
            return 0;
        if (!walk(s, out, depth - 1))
            return 0;
    } while (br_json_continues(s, close));
    return s->error.code == BR_JSON_OK;
}

/* Reads a copy of the text that ends at a page nobody may touch. */
static int read_guarded(const unsigned char *bytes, size_t size, struct br_json_error *error) {
    struct spec_guarded text = spec_guard(bytes, size);
    struct br_json_scan s;
    struct br_buf out;
    int ok;
    br_buf_init(&out, 1 << 20);
    br_json_scan_init(&s, (const char *)text.at, size);
    ok = walk(&s, &out, 100) && br_json_finish(&s);
    CHECK(ok || (s.error.code != BR_JSON_OK && s.error.position <= size));
    *error = s.error;
    br_buf_clear(&out);
    spec_unguard(&text);
    return ok;
}

/* The walk is tried with 0, 1, 2, ... allocations until it works; before that the buffer must say why it does
 * not. */
static void write_without_memory(const unsigned char *bytes, size_t size) {
    long allocations;
    int ok = 0;
    for (allocations = 0; !ok; allocations++) {
        struct br_json_scan s;
        struct br_buf out;
        br_buf_init(&out, 1 << 20);
        br_json_scan_init(&s, (const char *)bytes, size);
        spec_fail_after(allocations);
        ok = walk(&s, &out, 100) || s.error.code != BR_JSON_OK;
        spec_fail_after(-1);
        CHECK(ok || out.failed == BR_BUF_MEMORY);
        CHECK(ok || br_buf_append_byte(&out, 'x') == BR_BUF_MEMORY);
        br_buf_clear(&out);
    }
}

/* With every smaller maximum the buffer refuses, and never holds more than that. */
static void write_within_limits(void) {
    size_t max, bad;
    for (max = 0; max < 300; max++) {
        static const char text[] = "0123456789\n\"\xc3\xa9 and so on, until it does not fit any more";
        struct br_buf out;
        int ok = 1;
        br_buf_init(&out, max);
        while (ok)
            ok = br_json_write_string(&out, text, sizeof(text) - 1, &bad) &&
                 br_json_write_integer(&out, INT64_MIN);
        CHECK(out.failed == BR_BUF_LIMIT && out.len <= max && out.cap <= max);
        br_buf_clear(&out);
    }
}

static void try_sample(const char *name, const unsigned char *bytes, size_t size) {
    struct br_json_error whole, cut;
    size_t n;
    int ok = read_guarded(bytes, size, &whole);
    for (n = 0; n < size && n < 2000; n++)
        read_guarded(bytes, n, &cut);
    if (ok)
        write_without_memory(bytes, size);
    (void)name;
}

int main(int argc, char **argv) {
    int samples = argc > 1 ? spec_each_file(argv[1], try_sample) : 0;
    write_within_limits();
    CHECK(samples > 0);
    printf("json: %d samples whole and cut\n", samples);
    return 0;
}
