/* Encoding of every short length between pages that nobody may touch, by the processor's wide instructions
 * where it has them, is what the plain way makes of it. */
#include "support/support.h"

#include "base64.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 700 };

static void check_length(const unsigned char *bytes, size_t n) {
    char want[LONGEST / 3 * 4 + 4];
    size_t size = br_base64_encoded_size(n);
    struct spec_guarded in = spec_guard(bytes, n), out = spec_guard(want, size);
    br_base64_encode_plain(want, in.at, n);
    br_base64_encode((char *)out.at, in.at, n);
    CHECK(memcmp(want, out.at, size) == 0);
    spec_unguard(&in);
    spec_unguard(&out);
}

/* All of the 16 million groups of three bytes, which are all that the letters depend on. */
static void check_groups(void) {
    static unsigned char bytes[3 * 65536];
    static char want[4 * 65536], got[4 * 65536];
    unsigned first, i;
    for (first = 0; first < 256; first++) {
        for (i = 0; i < 65536; i++) {
            bytes[3 * i] = (unsigned char)first;
            bytes[3 * i + 1] = (unsigned char)(i >> 8);
            bytes[3 * i + 2] = (unsigned char)i;
        }
        br_base64_encode_plain(want, bytes, sizeof(bytes));
        br_base64_encode(got, bytes, sizeof(bytes));
        CHECK(memcmp(want, got, sizeof(want)) == 0);
    }
}

int main(void) {
    unsigned char bytes[LONGEST];
    unsigned random = 1;
    size_t n;
    for (n = 0; n < LONGEST; n++) {
        random = random * 1664525u + 1013904223u;
        bytes[n] = (unsigned char)(random >> 24);
    }
    for (n = 0; n <= LONGEST; n++)
        check_length(bytes, n);
    check_groups();
    printf("base64: %d lengths, all groups\n", LONGEST + 1);
    return 0;
}
