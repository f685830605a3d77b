/* What the library needs of libcrypto: digests, HMAC, random bytes, and ES256 for proofs of possession.
 *
 * Nothing here keeps what it is given. Every function answers 0, or -1 when libcrypto could not do it (out of
 * memory, algorithm switched off, unusable key); what it wrote by then is not to be used. */
#ifndef BR_CRYPTO_H
#define BR_CRYPTO_H

#include "span.h"

#include <stddef.h>

#define BR_SHA1_SIZE 20
#define BR_SHA256_SIZE 32
#define BR_SHA256_BLOCK 64
#define BR_ES256_SIZE 64 /* the two numbers r and s, 32 bytes each */
#define BR_EC_COORDINATE 32

/* Digests fetched once and a context used again and again, because fetching costs more than hashing a small
 * request. The struct is the caller's; what it points to is ours until br_crypto_clear. One thread at a time.
 */
struct br_crypto {
    struct evp_md_st *sha256;
    struct evp_md_st *sha1; /* fetched when first asked for: only the names of token caches need it */
    struct evp_md_ctx_st *context;
};

/* Fetches the digests. On failure nothing is held. */
int br_crypto_init(struct br_crypto *c);

/* Gives everything back. Harmless when called twice; afterwards every digest answers -1. */
void br_crypto_clear(struct br_crypto *c);

int br_crypto_sha256(struct br_crypto *c, const void *bytes, size_t n, unsigned char digest[BR_SHA256_SIZE]);
int br_crypto_sha1(struct br_crypto *c, const void *bytes, size_t n, unsigned char digest[BR_SHA1_SIZE]);

/* The digest of several runs of bytes, one after the other. */
int br_crypto_sha256_runs(struct br_crypto *c, const struct br_span *runs, size_t count,
                          unsigned char digest[BR_SHA256_SIZE]);

/* RFC 2104 over SHA-256. `mac` may be where `key` is. */
int br_crypto_hmac_sha256(struct br_crypto *c, const void *key, size_t key_n, const void *bytes, size_t n,
                          unsigned char mac[BR_SHA256_SIZE]);

/* The same for a key that is used again and again: the states after its two blocks, without the key itself.
 * The struct is the caller's, zeroed at first; what it points to is wiped by br_hmac_clear, which is harmless
 * when called twice. */
struct br_hmac {
    struct evp_md_ctx_st *inner, *outer;
};

/* For another key than before, too. On failure nothing is held. */
int br_hmac_init(struct br_crypto *c, struct br_hmac *h, const void *key, size_t key_n);
int br_hmac_sha256(struct br_crypto *c, const struct br_hmac *h, const void *bytes, size_t n,
                   unsigned char mac[BR_SHA256_SIZE]);
void br_hmac_clear(struct br_hmac *h);

/* Unpredictable bytes from libcrypto's generator. */
int br_crypto_random(void *bytes, size_t n);

/* Overwrites a secret in a way that the compiler keeps. */
void br_crypto_wipe(void *bytes, size_t n);

/* Writes 2 * n lower-case digits, and no end mark. */
void br_crypto_hex(const void *bytes, size_t n, char *digits);

/* Signs as JSON Web Signatures do (RFC 7518, 3.4): SHA-256, P-256, and r and s at fixed width instead of DER.
 * `pem` is an unencrypted private key, SEC 1 or PKCS #8. */
int br_crypto_es256_sign(const char *pem, size_t pem_n, const void *bytes, size_t n,
                         unsigned char signature[BR_ES256_SIZE]);

/* The point that belongs to a private P-256 key. */
int br_crypto_ec_public(const char *pem, size_t pem_n, unsigned char x[BR_EC_COORDINATE],
                        unsigned char y[BR_EC_COORDINATE]);

/* A new P-256 key as PKCS #8 text; `*pem_n` is the room on the way in and the length on the way out. */
int br_crypto_ec_generate(char *pem, size_t *pem_n);

#endif
