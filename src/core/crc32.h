/* CRC-32 as zlib computes it (reflected, polynomial 0xEDB88320), quick on runs as short as a frame. */
#ifndef BR_CRC32_H
#define BR_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of `size` more bytes, continued from `crc`; 0 to begin. */
uint32_t br_crc32(uint32_t crc, const void *bytes, size_t size);

#endif
