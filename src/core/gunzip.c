#include "gunzip.h"

enum { PIECE = 16 * 1024, GZIP_ONLY = 15 + 16 };

static int begin(struct br_gunzip *g) {
    if (!g->begun) {
        memset(g, 0, sizeof *g);
        g->begun = inflateInit2(&g->z, GZIP_ONLY) == Z_OK;
    } else if (g->ended) {
        (void)inflateReset(&g->z);
    }
    g->ended = 0;
    return g->begun;
}

enum br_gunzip_status br_gunzip_step(struct br_gunzip *g, struct br_buf *in, struct br_buf *out) {
    char *room = br_buf_room(out, PIECE);
    int result;
    if (in->len == 0 && br_gunzip_whole(g))
        return BR_GUNZIP_MORE;
    if (room == NULL || !begin(g))
        return BR_GUNZIP_MEMORY;
    g->z.next_in = (Bytef *)(void *)in->data;
    g->z.avail_in = (uInt)in->len;
    g->z.next_out = (Bytef *)(void *)room;
    g->z.avail_out = PIECE;
    result = inflate(&g->z, Z_NO_FLUSH);
    br_buf_consume(in, in->len - g->z.avail_in);
    br_buf_added(out, PIECE - g->z.avail_out);
    g->ended = result == Z_STREAM_END;
    if (result == Z_BUF_ERROR)
        return BR_GUNZIP_MORE;
    return result == Z_OK || g->ended ? BR_GUNZIP_OK : BR_GUNZIP_DAMAGED;
}

int br_gunzip_whole(const struct br_gunzip *g) {
    return !g->begun || g->ended;
}

void br_gunzip_clear(struct br_gunzip *g) {
    if (g->begun)
        inflateEnd(&g->z);
    g->begun = g->ended = 0;
}
