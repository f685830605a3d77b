/* Server-sent events (text/event-stream, as the HTML standard has them): an incremental decoder.
 *
 * Lines end in LF, CRLF or CR; a byte order mark in front is no part of the first line. Only `event` and
 * `data` are kept: `id` and `retry` are for browsers that connect again. An event ends at an empty line, and
 * without data it is none. The decoder owns what it was fed; the event that it shows is good until skip or
 * clear. */
#ifndef BR_SSE_H
#define BR_SSE_H

#include "window.h"

#include <stddef.h>
#include <stdint.h>

enum { BR_SSE_MAX = 24 << 20 }; /* default limit for the data of one event, and for one line */

enum br_sse_status { BR_SSE_MORE, BR_SSE_EVENT, BR_SSE_BROKEN };

enum br_sse_code { BR_SSE_OK, BR_SSE_LENGTH, BR_SSE_CUT, BR_SSE_MEMORY };

struct br_sse_error {
    enum br_sse_code code;
    const char *message; /* a constant */
    uint64_t offset;     /* from the first byte that was ever fed */
};

/* Yours to embed; to be read are `name` and `data` after EVENT, and `error` after BROKEN. */
struct br_sse {
    size_t max; /* to be set after init, before the first feed */
    struct br_window window;
    size_t seen;        /* bytes held that were searched for the end of their line */
    struct br_buf name; /* of the `event` lines the last one; empty without */
    struct br_buf
        data;     /* the `data` lines, LF between them (and one behind the last until the event is whole) */
    int begun;    /* a byte order mark would have been skipped */
    int after_cr; /* an LF that comes next belongs to the line before */
    int ready;    /* the event is whole and waits for skip */
    struct br_sse_error error;
};

void br_sse_init(struct br_sse *sse);
void br_sse_clear(struct br_sse *sse);

/* Appends a copy of the bytes. 0 when there is no memory for them: nothing was taken then. */
int br_sse_feed(struct br_sse *sse, const void *bytes, size_t size);

/* The next event, again and again until it is skipped. BROKEN stays BROKEN. */
enum br_sse_status br_sse_peek(struct br_sse *sse);
void br_sse_skip(struct br_sse *sse);

/* To be asked when no more bytes will come and peek said MORE: BROKEN when they ended inside of an event. */
enum br_sse_status br_sse_finish(struct br_sse *sse);

size_t br_sse_held(const struct br_sse *sse);

const char *br_sse_code_name(enum br_sse_code code);

#endif
