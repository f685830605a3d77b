/* Frames at the edge of memory: every sample whole, split and cut at each position, ending at a page that
 * nobody may touch, and with allocations that fail. ARGV: a directory of samples, and the vector file where
 * it is there. */
#include "support/support.h"

#include "eventstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a stream said: a digest of its frames, how many, and why it ended. */
struct story {
    unsigned long digest;
    int frames;
    enum br_eventstream_code end;
};

static void add_bytes(struct story *story, const struct br_eventstream_slice *slice) {
    size_t i;
    for (i = 0; i < slice->size; i++)
        story->digest = (story->digest ^ slice->at[i]) * 1099511628211u;
    story->digest = (story->digest ^ slice->size) * 1099511628211u;
}

static void drain(struct br_eventstream *stream, struct story *story) {
    while (br_eventstream_peek(stream) == BR_EVENTSTREAM_FRAME) {
        add_bytes(story, &stream->frame.headers);
        add_bytes(story, &stream->frame.payload);
        story->frames++;
        br_eventstream_skip(stream);
    }
}

/* A feed that finds no memory must have changed nothing: it is tried again. */
static void feed(struct br_eventstream *stream, const unsigned char *bytes, size_t size) {
    size_t held = br_eventstream_held(stream);
    if (br_eventstream_feed(stream, bytes, size))
        return;
    CHECK(br_eventstream_held(stream) == held);
    spec_fail_after(-1);
    CHECK(br_eventstream_feed(stream, bytes, size));
}

/* Reads the bytes in steps: `first`, then `step` at a time. */
static struct story read_in_steps(const unsigned char *bytes, size_t size, size_t first, size_t step) {
    struct br_eventstream stream;
    struct story story = {14695981039346656037u, 0, BR_EVENTSTREAM_OK};
    size_t at, next;
    br_eventstream_init(&stream);
    for (at = 0, next = first; at < size; at += next, next = step) {
        struct spec_guarded piece;
        if (next > size - at)
            next = size - at;
        piece = spec_guard(bytes + at, next);
        feed(&stream, piece.at, next);
        spec_unguard(&piece);
        drain(&stream, &story);
    }
    br_eventstream_finish(&stream);
    CHECK(br_eventstream_finish(&stream) == br_eventstream_peek(&stream));
    story.end = stream.error.code;
    br_eventstream_clear(&stream);
    return story;
}

static int same(struct story a, struct story b) {
    return a.digest == b.digest && a.frames == b.frames && a.end == b.end;
}

static void check_splits(const unsigned char *bytes, size_t size, struct story whole) {
    size_t at, stride = size / 3000 + 1;
    CHECK(same(whole, read_in_steps(bytes, size, 1, 1)));
    CHECK(same(whole, read_in_steps(bytes, size, 7, 7)));
    for (at = 1; at < size; at += stride)
        CHECK(same(whole, read_in_steps(bytes, size, at, size)));
}

/* A stream that is cut tells fewer frames, and never that all is well inside of one. */
static void check_cuts(const unsigned char *bytes, size_t size, struct story whole) {
    size_t at, stride = size / 3000 + 1;
    for (at = 0; at < size; at += stride) {
        struct story cut = read_in_steps(bytes, at, at + 1, 1);
        CHECK(cut.frames <= whole.frames);
        CHECK(cut.end == BR_EVENTSTREAM_OK || cut.end == BR_EVENTSTREAM_CUT || cut.end == whole.end);
    }
}

/* One frame at once, where it lies: nothing behind its end is read, whatever it claims. */
static void check_parse(const unsigned char *bytes, size_t size) {
    static const struct br_eventstream_limits limits = {BR_EVENTSTREAM_MAX_FRAME, BR_EVENTSTREAM_MAX_HEADERS};
    size_t at, stride = size / 3000 + 1;
    for (at = 0; at <= size; at += stride) {
        struct spec_guarded cut = spec_guard(bytes, at);
        struct br_eventstream_frame frame;
        struct br_eventstream_error error = {BR_EVENTSTREAM_OK, NULL, 0};
        int good = br_eventstream_parse(cut.at, at, &limits, &frame, &error);
        CHECK(good == (error.code == BR_EVENTSTREAM_OK));
        spec_unguard(&cut);
    }
}

/* Lets the allocation after n others fail, for every n, until none is left to fail. */
static void check_allocations(const unsigned char *bytes, size_t size, struct story whole) {
    long n;
    for (n = 0; n < 8; n++) {
        struct story story;
        spec_fail_after(n);
        story = read_in_steps(bytes, size, size / 2 + 1, size);
        spec_fail_after(-1);
        CHECK(same(whole, story) || story.end == BR_EVENTSTREAM_MEMORY);
    }
}

static void check_sample(const char *name, const unsigned char *bytes, size_t size) {
    struct story whole = read_in_steps(bytes, size, size, size);
    (void)name;
    check_splits(bytes, size, whole);
    check_cuts(bytes, size, whole);
    check_parse(bytes, size);
    check_allocations(bytes, size, whole);
}

/* ---- frames made here ---- */

static struct br_eventstream_header header(const char *name, const char *value) {
    struct br_eventstream_header made = {{(const unsigned char *)name, strlen(name)},
                                         BR_EVENTSTREAM_STRING,
                                         {(const unsigned char *)value, strlen(value)},
                                         0};
    return made;
}

/* A frame with `count` headers of different names, and a payload of so many zeros. */
static unsigned char *make_frame(size_t count, size_t payload, size_t *total) {
    unsigned char *frame = calloc(1, BR_EVENTSTREAM_LEAST + count * 24 + payload), *out;
    size_t i;
    CHECK(frame != NULL);
    out = frame + BR_EVENTSTREAM_PRELUDE;
    for (i = 0; i < count; i++) {
        char name[32];
        struct br_eventstream_header made;
        snprintf(name, sizeof(name), "h%zu", i);
        made = header(name, "v");
        out = br_eventstream_write_header(out, &made);
    }
    *total = BR_EVENTSTREAM_LEAST + (size_t)(out - frame) - BR_EVENTSTREAM_PRELUDE + payload;
    br_eventstream_seal(frame, (size_t)(out - frame) - BR_EVENTSTREAM_PRELUDE, *total);
    return frame;
}

static void check_many_headers(void) {
    size_t total;
    unsigned char *frame = make_frame(5000, 3, &total);
    struct story story = read_in_steps(frame, total, total, total);
    CHECK(story.frames == 1 && story.end == BR_EVENTSTREAM_OK);
    check_allocations(frame, total, story);
    /* The last name, h4999, becomes a second h4998. */
    CHECK(memcmp(frame + total - 4 - 3 - 4 - 5, "h4999", 5) == 0);
    frame[total - 4 - 3 - 4 - 1] = '8';
    br_eventstream_seal(frame, total - BR_EVENTSTREAM_LEAST - 3, total);
    CHECK(read_in_steps(frame, total, total, total).end == BR_EVENTSTREAM_DUPLICATE_HEADER);
    free(frame);
}

/* A stream of many frames in small reads stays in a buffer of about a frame. */
static void check_memory(void) {
    struct br_eventstream stream;
    struct story story = {0, 0, BR_EVENTSTREAM_OK};
    size_t total, i, at;
    unsigned char *frame = make_frame(3, 1000, &total);
    br_eventstream_init(&stream);
    for (i = 0; i < 2000; i++) {
        for (at = 0; at < total; at += 100) {
            CHECK(br_eventstream_feed(&stream, frame + at, total - at < 100 ? total - at : 100));
            drain(&stream, &story);
        }
        CHECK(stream.window.buf.cap <= 4 * total);
    }
    CHECK(story.frames == 2000 && br_eventstream_held(&stream) == 0);
    br_eventstream_clear(&stream);
    free(frame);
}

/* A frame that claims to be large costs nothing until its bytes come. */
static void check_claim(void) {
    struct br_eventstream stream;
    size_t total;
    unsigned char *frame = make_frame(0, 20u << 20, &total);
    br_eventstream_init(&stream);
    CHECK(br_eventstream_feed(&stream, frame, 100));
    CHECK(br_eventstream_peek(&stream) == BR_EVENTSTREAM_MORE);
    CHECK(stream.window.buf.cap < 4096);
    br_eventstream_clear(&stream);
    free(frame);
}

/* The largest frame that is allowed, in reads of 1 KiB: the buffer ends at a frame and a read. */
static void check_largest(void) {
    struct br_eventstream stream;
    struct story story = {0, 0, BR_EVENTSTREAM_OK};
    size_t total, at;
    unsigned char *frame = make_frame(1, (1u << 20) - 100, &total);
    br_eventstream_init(&stream);
    stream.limits.max_frame = total;
    CHECK(br_eventstream_feed(&stream, "\0\0\0\20\0\0\0\0\5\302\110\353\175\230\310\377", 16));
    drain(&stream, &story);
    for (at = 0; at < total; at += 1024) {
        CHECK(br_eventstream_feed(&stream, frame + at, total - at < 1024 ? total - at : 1024));
        drain(&stream, &story);
        CHECK(stream.window.buf.cap <= total + 1024);
    }
    CHECK(story.frames == 2);
    br_eventstream_clear(&stream);
    free(frame);
}

int main(int argc, char **argv) {
    int samples = argc > 1 ? spec_each_file(argv[1], check_sample) : 0;
    int vectors = argc > 2 ? spec_each_base64(argv[2], "frame_base64", check_sample) +
                                 spec_each_base64(argv[2], "bytes_base64", check_sample)
                           : 0;
    check_many_headers();
    check_memory();
    check_claim();
    check_largest();
    printf("eventstream: %d samples, %d vectors%s\n", samples, vectors,
           vectors ? "" : " (the vector file is not here)");
    return samples > 0 ? 0 : 1;
}
