/* A run of bytes that belongs to somebody else: whoever makes one says how long it lives. */
#ifndef BR_SPAN_H
#define BR_SPAN_H

#include <stddef.h>

struct br_span {
    const char *at;
    size_t n;
};

#endif
