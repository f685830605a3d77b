/* Bytes as gzip, the last one says how they are cut into portions: however that is, the same bytes come out
 * and the same end. Where the last but one is odd, they are packed first, so that they are gzip. */
#include "gunzip.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A bomb is read no further than this. */
enum { MOST = 1 << 20 };

struct story {
    struct br_buf out;
    enum br_gunzip_status end;
    int whole;
};

static void promise(int kept) {
    if (!kept)
        abort();
}

static enum br_gunzip_status drain(struct br_gunzip *g, struct br_buf *in, struct br_buf *out) {
    enum br_gunzip_status status = BR_GUNZIP_OK;
    while (status == BR_GUNZIP_OK && out->len < MOST)
        status = br_gunzip_step(g, in, out);
    return status;
}

static struct story read_in_steps(const uint8_t *data, size_t size, size_t step) {
    struct br_gunzip g = {0};
    struct br_buf in;
    struct story story;
    size_t at;
    br_buf_init(&in, size);
    br_buf_init(&story.out, 2 * MOST);
    story.end = BR_GUNZIP_MORE;
    for (at = 0; at < size && story.end == BR_GUNZIP_MORE; at += step) {
        promise(br_buf_append(&in, data + at, size - at < step ? size - at : step) == BR_BUF_OK);
        story.end = drain(&g, &in, &story.out);
    }
    story.whole = br_gunzip_whole(&g) && in.len == 0;
    br_gunzip_clear(&g);
    br_buf_clear(&in);
    return story;
}

static void compare(const uint8_t *data, size_t size, size_t step) {
    struct story whole = read_in_steps(data, size, size), cut = read_in_steps(data, size, step);
    if (whole.out.len < MOST && cut.out.len < MOST) {
        promise(whole.end == cut.end && whole.whole == cut.whole && whole.out.len == cut.out.len);
        promise(whole.out.len == 0 || memcmp(whole.out.data, cut.out.data, cut.out.len) == 0);
    }
    br_buf_clear(&whole.out);
    br_buf_clear(&cut.out);
}

static uint8_t *pack(const uint8_t *data, size_t size, size_t *packed) {
    z_stream z = {0};
    uint8_t *out = malloc(2 * size + 64), *plain = malloc(size + 1);
    memcpy(plain, data, size);
    promise(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = plain;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = (uInt)(2 * size + 64);
    promise(deflate(&z, Z_FINISH) == Z_STREAM_END);
    *packed = 2 * size + 64 - z.avail_out;
    deflateEnd(&z);
    free(plain);
    return out;
}

static void check_packed(const uint8_t *data, size_t size, size_t step) {
    size_t packed;
    uint8_t *bytes = pack(data, size, &packed);
    struct story story = read_in_steps(bytes, packed, step);
    promise(story.whole && story.out.len == size);
    promise(size == 0 || memcmp(story.out.data, data, size) == 0);
    br_buf_clear(&story.out);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t step;
    if (size < 3)
        return 0;
    step = (size_t)data[size - 1] % 64 + 1;
    if (data[size - 2] & 1)
        check_packed(data, size - 2, step);
    else
        compare(data, size - 2, step);
    return 0;
}
