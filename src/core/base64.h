/* Base64 (RFC 4648, section 4), written into and read out of memory that the caller owns. */
#ifndef BR_BASE64_H
#define BR_BASE64_H

#include <stddef.h>

/* Bytes of text for n bytes of data, padding included. n must be at most BR_BASE64_MAX. */
#define BR_BASE64_MAX ((size_t)-1 / 4 * 3 - 3)
size_t br_base64_encoded_size(size_t n);

/* An upper bound for the bytes that n bytes of text decode to. */
size_t br_base64_decoded_bound(size_t n);

/* Writes br_base64_encoded_size(n) bytes to `out`; no terminating zero. */
void br_base64_encode(char *out, const void *data, size_t n);

/* The same without the processor's wide instructions: what the other must equal, and what it is elsewhere. */
void br_base64_encode_plain(char *out, const void *data, size_t n);

/* Decodes n bytes of text to `out` (br_base64_decoded_bound(n) bytes of room; it may be `text` itself) and
 * counts them in *written. White space is refused; the padding may be missing, and the bits of
 * the last letter that belong to no byte may be anything, as with other decoders.
 * NULL when all is well, else a constant text that says what is wrong at text[*position]. */
const char *br_base64_decode(char *out, size_t *written, const char *text, size_t n, size_t *position);

#endif
