/* Absolute http and https urls, taken apart (RFC 3986, section 3). */
#ifndef BR_URL_H
#define BR_URL_H

#include "span.h"

/* All of it lies in the text that was taken apart, but for a path of "/" where the url has none. */
struct br_url {
    struct br_span scheme;    /* in the case of the text */
    struct br_span host;      /* without brackets */
    struct br_span authority; /* what a Host header says: with the port, unless it is the scheme's */
    struct br_span path;      /* raw */
    struct br_span query;     /* raw, without the "?" */
};

/* Answers 0, or -1 for what is none. Strict, because a character that other readers take for the end of the
 * host decides who gets the key. User and password before an "@" are no part of the authority, and what
 * stands after a "#" is dropped. */
int br_url_split(struct br_span text, struct br_url *url);

#endif
