/* Bytes are a stream of events; the last one says how it is cut into reads. However it is cut, the same
 * events must come out and the same end. */
#include "sse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct story {
    uint64_t digest;
    int events;
    enum br_sse_code end;
};

static void add(struct story *story, const struct br_buf *text) {
    size_t i;
    for (i = 0; i < text->len; i++)
        story->digest = (story->digest ^ (uint8_t)text->data[i]) * 1099511628211u;
    story->digest = (story->digest ^ text->len) * 1099511628211u;
}

static struct story read_in_steps(const uint8_t *data, size_t size, size_t step) {
    struct br_sse sse;
    struct story story = {0, 0, BR_SSE_OK};
    size_t at;
    br_sse_init(&sse);
    sse.max = 1 << 12;
    for (at = 0; at < size; at += step) {
        br_sse_feed(&sse, data + at, size - at < step ? size - at : step);
        while (br_sse_peek(&sse) == BR_SSE_EVENT) {
            add(&story, &sse.name);
            add(&story, &sse.data);
            story.events++;
            br_sse_skip(&sse);
        }
    }
    br_sse_finish(&sse);
    story.end = sse.error.code;
    br_sse_clear(&sse);
    return story;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct story whole, cut;
    if (size < 1)
        return 0;
    whole = read_in_steps(data, size - 1, size);
    cut = read_in_steps(data, size - 1, (size_t)data[size - 1] % 32 + 1);
    if (whole.digest != cut.digest || whole.events != cut.events || whole.end != cut.end)
        abort();
    return 0;
}
