/* gzip, inflated in small pieces and only as fast as it is read: a bomb costs no more than what its reader
 * asks for.
 *
 * The caller owns the struct and must not move it; clear gives zlib's memory back. */
#ifndef BR_GUNZIP_H
#define BR_GUNZIP_H

#include "buf.h"

#include <zlib.h>

struct br_gunzip {
    z_stream z;
    int begun; /* zlib holds memory */
    int ended; /* at the end of a member: all is well if nothing follows */
};

enum br_gunzip_status {
    BR_GUNZIP_OK,
    BR_GUNZIP_MORE, /* needs more of the input */
    BR_GUNZIP_DAMAGED,
    BR_GUNZIP_MEMORY
};

/* Moves bytes from `in` to `out`, at most one piece of them. Several members may follow each other. */
enum br_gunzip_status br_gunzip_step(struct br_gunzip *g, struct br_buf *in, struct br_buf *out);

/* Whether the input may end here. */
int br_gunzip_whole(const struct br_gunzip *g);

void br_gunzip_clear(struct br_gunzip *g);

#endif
