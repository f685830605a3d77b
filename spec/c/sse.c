/* Server-sent events at the edge of memory: every sample split at each position, in pieces that end at a page
 * that nobody may touch, and with allocations that fail. ARGV: a directory of samples. */
#include "support/support.h"

#include "sse.h"

#include <stdio.h>

struct story {
    unsigned long digest;
    int events;
    enum br_sse_code end;
};

static void add(struct story *story, const struct br_buf *text) {
    size_t i;
    for (i = 0; i < text->len; i++)
        story->digest = (story->digest ^ (unsigned char)text->data[i]) * 1099511628211u;
    story->digest = (story->digest ^ text->len) * 1099511628211u;
}

/* A feed that finds no memory must have changed nothing: it is tried again. */
static void feed(struct br_sse *sse, const unsigned char *bytes, size_t size) {
    struct spec_guarded piece = spec_guard(bytes, size);
    size_t held = br_sse_held(sse);
    if (!br_sse_feed(sse, piece.at, size)) {
        CHECK(br_sse_held(sse) == held);
        spec_fail_after(-1);
        CHECK(br_sse_feed(sse, piece.at, size));
    }
    spec_unguard(&piece);
}

static struct story read_in_steps(const unsigned char *bytes, size_t size, size_t first, size_t step) {
    struct br_sse sse;
    struct story story = {14695981039346656037u, 0, BR_SSE_OK};
    size_t at, next;
    br_sse_init(&sse);
    for (at = 0, next = first; at < size; at += next, next = step) {
        next = next > size - at ? size - at : next;
        feed(&sse, bytes + at, next);
        for (; br_sse_peek(&sse) == BR_SSE_EVENT; br_sse_skip(&sse)) {
            add(&story, &sse.name);
            add(&story, &sse.data);
            story.events++;
        }
    }
    br_sse_finish(&sse);
    story.end = sse.error.code;
    br_sse_clear(&sse);
    return story;
}

static int same(struct story a, struct story b) {
    return a.digest == b.digest && a.events == b.events && a.end == b.end;
}

static void check_sample(const char *name, const unsigned char *bytes, size_t size) {
    struct story whole = read_in_steps(bytes, size, size, size), story;
    size_t at;
    long n;
    (void)name;
    CHECK(same(whole, read_in_steps(bytes, size, 1, 1)));
    for (at = 1; at < size; at++) {
        CHECK(same(whole, read_in_steps(bytes, size, at, size)));
        CHECK(read_in_steps(bytes, at, at, at).events <= whole.events);
    }
    for (n = 0; n < 10; n++) {
        spec_fail_after(n);
        story = read_in_steps(bytes, size, size / 2 + 1, size);
        spec_fail_after(-1);
        CHECK(same(whole, story) || story.end == BR_SSE_MEMORY);
    }
}

int main(int argc, char **argv) {
    int samples = argc > 1 ? spec_each_file(argv[1], check_sample) : 0;
    printf("sse: %d samples\n", samples);
    return samples > 0 ? 0 : 1;
}
