/* Checksums of every short length at the end of readable memory, whole and continued from every position,
 * against zlib's. */
#include "support/support.h"

#include "crc32.h"

#include <stdio.h>
#include <zlib.h>

enum { LONGEST = 700 };

int main(void) {
    unsigned char bytes[LONGEST];
    uint32_t random = 1;
    size_t i, size, at;
    for (i = 0; i < LONGEST; i++) {
        random = random * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(random >> 24);
    }
    for (size = 0; size <= LONGEST; size++) {
        struct spec_guarded guarded = spec_guard(bytes, size);
        uint32_t want = (uint32_t)crc32(0, guarded.at, (uInt)size);
        for (at = 0; at <= size; at += size / 100 + 1)
            CHECK(br_crc32(br_crc32(0, guarded.at, at), guarded.at + at, size - at) == want);
        spec_unguard(&guarded);
    }
    printf("crc32: %d lengths\n", LONGEST + 1);
    return 0;
}
