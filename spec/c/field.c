/* Names and values of headers, and urls, from guarded memory: nothing is read beyond their ends, and words of
 * eight bytes see every byte of them. */
#include "support/support.h"

#include "field.h"
#include "url.h"

#include <stdio.h>
#include <string.h>

/* What a function says about a text whose last byte is the last that may be touched. */
static int at_the_edge(int (*says)(struct br_span), const char *text, size_t n) {
    struct spec_guarded g = spec_guard(text, n);
    struct br_span span = {(const char *)g.at, n};
    int answer = says(span);
    spec_unguard(&g);
    return answer;
}

/* Every byte at every place of texts of up to three words. */
static void check_alphabets(void) {
    char text[24];
    size_t n, place;
    int c;
    for (n = 1; n <= sizeof(text); n++) {
        for (place = 0; place < n; place++) {
            for (c = 0; c < 256; c++) {
                int blank = c == ' ' || c == '\t', control = (c < ' ' && c != '\t') || c == 0x7f;
                memset(text, 'a', n);
                text[place] = (char)c;
                CHECK(at_the_edge(br_field_is_key, text, n) == (!blank && !control));
                CHECK(at_the_edge(br_field_is_value, text, n) == !control);
                CHECK(at_the_edge(br_field_is_name, text, n) ==
                      (c > ' ' && c < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL));
            }
        }
    }
    CHECK(at_the_edge(br_field_is_value, "", 0) && at_the_edge(br_field_is_key, "", 0));
    CHECK(!at_the_edge(br_field_is_name, "", 0));
}

static void check_lower(void) {
    char all[256], got[256];
    struct br_span name = {all, 0};
    int c;
    for (c = 0; c < 256; c++)
        all[c] = (char)c;
    for (name.n = 0; name.n <= sizeof(all); name.n++) {
        CHECK(br_field_lower(got, name) == got + name.n);
        for (c = 0; c < (int)name.n; c++)
            CHECK(got[c] == (char)(c >= 'A' && c <= 'Z' ? c + 0x20 : c));
    }
}

static int is_trimmed(const char *value, const char *want) {
    struct spec_guarded g = spec_guard(value, strlen(value));
    struct br_span span = {(const char *)g.at, strlen(value)};
    char got[64];
    size_t n = (size_t)(br_field_trimmed(got, span) - got);
    spec_unguard(&g);
    return n == strlen(want) && memcmp(got, want, n) == 0;
}

static void check_trimmed(void) {
    CHECK(is_trimmed("", "") && is_trimmed(" \t ", "") && is_trimmed("a", "a"));
    CHECK(is_trimmed("  a  b\r\n c ", "a b c"));
    CHECK(is_trimmed("twelve-bytes and\tmore  of them ", "twelve-bytes and more of them"));
    CHECK(is_trimmed("\x01 and \x7f stay", "\x01 and \x7f stay"));
}

static int is_span(struct br_span span, const char *want) {
    return span.n == strlen(want) && memcmp(span.at, want, span.n) == 0;
}

/* Whole, and cut at every place, which must not be read beyond. */
static void check_url(void) {
    static const char text[] = "hTTps://me:word@[::1]:8443/a%3Ab/c?d=e&f#g";
    struct br_url url;
    size_t n;
    for (n = 0; n < sizeof(text); n++) {
        struct spec_guarded g = spec_guard(text, n);
        struct br_span span = {(const char *)g.at, n};
        int status = br_url_split(span, &url);
        if (n == sizeof(text) - 1) {
            CHECK(status == 0 && is_span(url.scheme, "hTTps") && is_span(url.host, "::1"));
            CHECK(is_span(url.authority, "[::1]:8443") && is_span(url.path, "/a%3Ab/c"));
            CHECK(is_span(url.query, "d=e&f"));
        }
        spec_unguard(&g);
    }
}

int main(void) {
    check_alphabets();
    check_lower();
    check_trimmed();
    check_url();
    printf("field: every byte at every place\n");
    return 0;
}
