/* The head of an answer, line by line from guarded memory, and with no memory to keep it. */
#include "support/support.h"

#include "head.h"

#include <stdio.h>
#include <string.h>

static enum br_head_step add(struct br_head *h, const char *line) {
    struct spec_guarded g = spec_guard(line, strlen(line));
    enum br_head_step step = br_head_add(h, (const char *)g.at, strlen(line));
    spec_unguard(&g);
    return step;
}

static int field_says(const struct br_field *f, const char *name, const char *value) {
    return br_field_is(f, name) && f->value_size == strlen(value) &&
           memcmp(f->value, value, f->value_size) == 0;
}

static void check_plain(void) {
    struct br_head h;
    struct br_field f;
    size_t at = 0;
    br_head_init(&h, 1000);
    CHECK(add(&h, "HTTP/1.1 200 OK\r\n") == BR_HEAD_BEGUN);
    CHECK(add(&h, "Content-Type: text/plain\r\n") == BR_HEAD_MORE);
    CHECK(add(&h, "no colon\r\n") == BR_HEAD_MORE);
    CHECK(add(&h, "x-folded: a\r\n") == BR_HEAD_MORE);
    CHECK(add(&h, "\tb\r\n") == BR_HEAD_MORE);
    CHECK(add(&h, "x-empty:\n") == BR_HEAD_MORE);
    CHECK(add(&h, "CONTENT-encoding : GZIP") == BR_HEAD_MORE);
    CHECK(add(&h, "\r\n") == BR_HEAD_COMPLETE);
    CHECK(add(&h, "x-trailer: 1\r\n") == BR_HEAD_MORE);
    CHECK(h.status == 200 && h.complete);
    CHECK(br_head_next(&h, &at, &f) && field_says(&f, "content-type", "text/plain"));
    CHECK(br_head_next(&h, &at, &f) && field_says(&f, "x-folded", "a\r\n\tb"));
    CHECK(br_head_next(&h, &at, &f) && field_says(&f, "x-empty", ""));
    CHECK(br_head_next(&h, &at, &f) && field_says(&f, "content-encoding", "GZIP"));
    CHECK(!br_head_next(&h, &at, &f));
    CHECK(br_head_is_gzip(&h));
    br_head_clear(&h);
}

static void check_interim(void) {
    struct br_head h;
    struct br_field f;
    size_t at = 0;
    br_head_init(&h, 1000);
    CHECK(add(&h, "HTTP/1.1 100 Continue\r\n") == BR_HEAD_MORE);
    CHECK(add(&h, "x-interim: 1\r\n") == BR_HEAD_MORE);
    CHECK(add(&h, "\r\n") == BR_HEAD_MORE);
    CHECK(add(&h, "HTTP/2 204\r\n") == BR_HEAD_BEGUN);
    CHECK(add(&h, "\r\n") == BR_HEAD_COMPLETE);
    CHECK(h.status == 204);
    CHECK(!br_head_next(&h, &at, &f) && !br_head_is_gzip(&h));
    br_head_clear(&h);
}

static void check_status(void) {
    static const struct {
        const char *line;
        int status;
    } rows[] = {
        {"HTTP/1.1 200\n", 200}, {"HTTP/1.1 101 x\n", 101}, {"HTTP/1.1 20\n", 0}, {"HTTP/1.1", 0},
        {"HTTP/1.1 2x0 \n", 0},  {"HTTP/1.1  200\n", 0},    {"HTTP/", 0},
    };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct br_head h;
        br_head_init(&h, 100);
        (void)add(&h, rows[i].line);
        CHECK(h.status == rows[i].status);
        br_head_clear(&h);
    }
}

static void check_limits(void) {
    struct br_head h;
    br_head_init(&h, 20);
    CHECK(add(&h, "HTTP/1.1 200 OK\r\n") == BR_HEAD_BEGUN);
    CHECK(add(&h, "a: 345678901234567\n") == BR_HEAD_MORE);
    CHECK(add(&h, "b:\n") == BR_HEAD_LIMIT);
    br_head_clear(&h);
    spec_fail_after(0);
    CHECK(br_head_add(&h, "a: b\n", 5) == BR_HEAD_MEMORY);
    spec_fail_after(-1);
    h.most = 1;
    CHECK(add(&h, "HTTP/1.1 200 OK\r\n") == BR_HEAD_BEGUN);
    CHECK(add(&h, "a: b\r\n") == BR_HEAD_MORE);
    CHECK(add(&h, "c: d\r\n") == BR_HEAD_LIMIT);
    spec_fail_after(-1);
    br_head_clear(&h);
}

int main(void) {
    check_plain();
    check_interim();
    check_status();
    check_limits();
    printf("head: plain, interim, status lines, limits\n");
    return 0;
}
