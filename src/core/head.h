/* The head of an HTTP answer, from its lines as they come.
 *
 * The lines are kept as they are, bounded in bytes and in number, and taken apart when somebody asks. Interim
 * answers (1xx but 101) are forgotten, trailers are ignored. */
#ifndef BR_HEAD_H
#define BR_HEAD_H

#include "buf.h"

enum { BR_HEAD_MOST = 256 }; /* lines, unless told otherwise */

struct br_head {
    struct br_buf lines; /* each ends in a line feed */
    size_t count, most;  /* lines; `most` may be changed before the first */
    int status;
    int complete;
};

enum br_head_step {
    BR_HEAD_MORE,
    BR_HEAD_BEGUN,    /* the status line of the answer, not of an interim one */
    BR_HEAD_COMPLETE, /* the empty line after it */
    BR_HEAD_LIMIT,    /* larger than allowed */
    BR_HEAD_MEMORY
};

/* One header: not yours, it points into the head. */
struct br_field {
    const char *name, *value;
    size_t name_size, value_size;
};

void br_head_init(struct br_head *h, size_t max);
void br_head_clear(struct br_head *h);

/* Takes the next line, with its line feed. */
enum br_head_step br_head_add(struct br_head *h, const char *line, size_t n);

/* The next header from *at on; 0 at the end. Start with *at = 0. */
int br_head_next(const struct br_head *h, size_t *at, struct br_field *f);

/* Whether the header has this name, in any case. */
int br_field_is(const struct br_field *f, const char *name);

/* Whether the body is gzip-encoded. */
int br_head_is_gzip(const struct br_head *h);

#endif
