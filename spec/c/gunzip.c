/* gzip in every portion, cut at every position, damaged, and with no memory, against what zlib packed. */
#include "support/support.h"

#include "gunzip.h"

#include <stdio.h>
#include <string.h>

enum { PLAIN = 40000, PACKED = 60000 };

static unsigned char plain[PLAIN], packed[PACKED];
static size_t packed_size;

static void make(void) {
    z_stream z = {0};
    size_t i;
    for (i = 0; i < PLAIN; i++)
        plain[i] = (unsigned char)(i * i / 7 % 251);
    CHECK(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = plain;
    z.avail_in = PLAIN;
    z.next_out = packed;
    z.avail_out = PACKED;
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    packed_size = PACKED - z.avail_out;
    deflateEnd(&z);
}

/* Takes all that can be had; what came out has to be the next of the plain bytes. */
static enum br_gunzip_status drain(struct br_gunzip *g, struct br_buf *in, size_t *seen) {
    enum br_gunzip_status status;
    struct br_buf out;
    do {
        br_buf_init(&out, 1 << 20);
        status = br_gunzip_step(g, in, &out);
        CHECK(*seen + out.len <= 2 * PLAIN);
        CHECK(out.len == 0 ||
              memcmp(out.data, plain + *seen % PLAIN, out.len < PLAIN ? out.len : PLAIN) == 0);
        *seen += out.len;
        br_buf_clear(&out);
    } while (status == BR_GUNZIP_OK);
    return status;
}

static void check_portions(size_t size) {
    struct br_gunzip g = {0};
    struct br_buf in;
    size_t at, seen = 0;
    br_buf_init(&in, PACKED);
    for (at = 0; at < packed_size; at += size) {
        size_t n = packed_size - at < size ? packed_size - at : size;
        CHECK(br_buf_append(&in, packed + at, n) == BR_BUF_OK);
        CHECK(drain(&g, &in, &seen) == BR_GUNZIP_MORE);
        CHECK(br_gunzip_whole(&g) == (at + n == packed_size));
    }
    CHECK(seen == PLAIN);
    br_gunzip_clear(&g);
    br_gunzip_clear(&g);
    br_buf_clear(&in);
}

/* Two members, one after the other. */
static void check_members(void) {
    struct br_gunzip g = {0};
    struct br_buf in;
    size_t seen = 0;
    br_buf_init(&in, 2 * PACKED);
    CHECK(br_buf_append(&in, packed, packed_size) == BR_BUF_OK);
    CHECK(drain(&g, &in, &seen) == BR_GUNZIP_MORE);
    CHECK(br_buf_append(&in, packed, packed_size) == BR_BUF_OK);
    CHECK(drain(&g, &in, &seen) == BR_GUNZIP_MORE);
    CHECK(seen == 2 * PLAIN && br_gunzip_whole(&g));
    br_gunzip_clear(&g);
    br_buf_clear(&in);
}

static void check_damage(void) {
    struct br_gunzip g = {0};
    struct br_buf in;
    size_t seen = 0;
    br_buf_init(&in, PACKED);
    CHECK(br_buf_append(&in, packed, packed_size) == BR_BUF_OK);
    in.data[packed_size - 5] ^= 1;
    CHECK(drain(&g, &in, &seen) == BR_GUNZIP_DAMAGED);
    CHECK(drain(&g, &in, &seen) == BR_GUNZIP_DAMAGED);
    br_gunzip_clear(&g);
    br_buf_clear(&in);
}

static void check_no_memory(void) {
    struct br_gunzip g = {0};
    struct br_buf in, out;
    br_buf_init(&in, PACKED);
    br_buf_init(&out, PACKED);
    CHECK(br_buf_append(&in, packed, packed_size) == BR_BUF_OK);
    spec_fail_after(0);
    CHECK(br_gunzip_step(&g, &in, &out) == BR_GUNZIP_MEMORY);
    spec_fail_after(-1);
    br_gunzip_clear(&g);
    br_buf_clear(&in);
    br_buf_clear(&out);
}

int main(void) {
    size_t size;
    make();
    for (size = 1; size <= 64; size++)
        check_portions(size);
    check_portions(packed_size);
    check_members();
    check_damage();
    check_no_memory();
    printf("gunzip: %lu bytes in 65 portions\n", (unsigned long)packed_size);
    return 0;
}
