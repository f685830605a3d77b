/* Bytes are a stream; the last one says how it is cut into reads. However it is cut, the same frames must
 * come out and the same end; each good frame, written again from its headers, must be the same bytes. */
#include "eventstream.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct story {
    uint64_t digest;
    int frames;
    enum br_eventstream_code end;
    uint64_t offset;
};

static void add(struct story *story, const struct br_eventstream_slice *slice) {
    size_t i;
    for (i = 0; i < slice->size; i++)
        story->digest = (story->digest ^ slice->at[i]) * 1099511628211u;
    story->digest = (story->digest ^ slice->size) * 1099511628211u;
}

static void check_written_again(const struct br_eventstream_frame *frame) {
    size_t total = BR_EVENTSTREAM_LEAST + frame->headers.size + frame->payload.size, size = 0;
    unsigned char *again = malloc(total), *out = again + BR_EVENTSTREAM_PRELUDE;
    struct br_eventstream_slice rest = frame->headers;
    struct br_eventstream_header header;
    while (rest.size > 0) {
        if (br_eventstream_header(&rest, &header) != BR_EVENTSTREAM_OK)
            abort();
        out = br_eventstream_write_header(out, &header);
        size += br_eventstream_header_size(&header);
        if (br_eventstream_type_name(header.type) == NULL)
            abort();
    }
    if (size != frame->headers.size)
        abort();
    memcpy(out, frame->payload.at, frame->payload.size);
    br_eventstream_seal(again, frame->headers.size, total);
    if (memcmp(again, frame->headers.at - BR_EVENTSTREAM_PRELUDE, total) != 0)
        abort();
    free(again);
}

static struct story read_in_steps(const uint8_t *data, size_t size, size_t step) {
    struct br_eventstream stream;
    struct story story = {0, 0, BR_EVENTSTREAM_OK, 0};
    size_t at;
    br_eventstream_init(&stream);
    stream.limits.max_frame = 1 << 16;
    for (at = 0; at < size; at += step) {
        br_eventstream_feed(&stream, data + at, size - at < step ? size - at : step);
        while (br_eventstream_peek(&stream) == BR_EVENTSTREAM_FRAME) {
            add(&story, &stream.frame.headers);
            add(&story, &stream.frame.payload);
            check_written_again(&stream.frame);
            story.frames++;
            br_eventstream_skip(&stream);
        }
    }
    br_eventstream_finish(&stream);
    story.end = stream.error.code;
    story.offset = stream.error.offset;
    br_eventstream_clear(&stream);
    return story;
}

static size_t length_at(const uint8_t *p) {
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

/* A fuzzer does not guess checksums: lengths are kept as they are and the checksums made right, frame by
 * frame. */
static void mend(uint8_t *data, size_t size) {
    size_t at = 0, total;
    while (size - at >= BR_EVENTSTREAM_LEAST) {
        total = length_at(data + at);
        if (total < BR_EVENTSTREAM_LEAST || total > size - at)
            return;
        br_eventstream_seal(data + at, length_at(data + at + 4), total);
        at += total;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *bytes, how;
    struct story whole, cut;
    if (size < 2)
        return 0;
    bytes = malloc(size - 1);
    how = data[size - 1];
    memcpy(bytes, data, size - 1);
    if (how & 0x80)
        mend(bytes, size - 1);
    whole = read_in_steps(bytes, size - 1, size);
    cut = read_in_steps(bytes, size - 1, (size_t)(how & 0x7f) + 1);
    free(bytes);
    if (whole.digest != cut.digest || whole.frames != cut.frames || whole.end != cut.end ||
        whole.offset != cut.offset)
        abort();
    return 0;
}
