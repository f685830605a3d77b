/* Percent-encoding as signatures want it (RFC 3986, section 2.3: only A-Z a-z 0-9 - . _ ~ stand for
 * themselves). */
#ifndef BR_URI_H
#define BR_URI_H

#include "span.h"

/* At most this many bytes come out for one that goes in. */
#define BR_URI_GROWTH 3

/* Writes `text` to `out`, which has room for BR_URI_GROWTH times its bytes, with every byte but the
 * unreserved ones and `keep` (0: none) as %XX. Answers the end of what was written. */
char *br_uri_encode(char *out, struct br_span text, char keep);

/* The same for text that may be encoded already: an escape stays one (`%3a` is written `%3A`, `%41` is `A`),
 * and a
 * `%` that starts none becomes `%25`. */
char *br_uri_encode_once(char *out, struct br_span text, char keep);

#endif
