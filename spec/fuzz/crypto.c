/* Any bytes digested in two ways, and as the text of a private key: a key that is taken signs, its point can
 * be had, and what is no key is refused. */
#include "crypto.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void promise(int kept) {
    if (!kept)
        abort();
}

/* Whole and in two runs. */
static void check_digests(struct br_crypto *c, const char *bytes, size_t n) {
    const struct br_span runs[] = {{bytes, n / 3}, {bytes + n / 3, n - n / 3}};
    unsigned char whole[BR_SHA256_SIZE], cut[BR_SHA256_SIZE], old[BR_SHA1_SIZE];
    char digits[2 * BR_SHA256_SIZE];
    promise(br_crypto_sha256(c, bytes, n, whole) == 0);
    promise(br_crypto_sha256_runs(c, runs, 2, cut) == 0);
    promise(memcmp(whole, cut, sizeof(whole)) == 0);
    promise(c->sha1 == NULL || br_crypto_sha1(c, bytes, n, old) == 0);
    br_crypto_hex(whole, sizeof(whole), digits);
    for (n = 0; n < sizeof(digits); n++)
        promise(digits[n] != 0 && strchr("0123456789abcdef", digits[n]) != NULL);
}

/* A key that is longer than a block counts as its digest. */
static void check_hmac(struct br_crypto *c, const char *bytes, size_t n) {
    unsigned char key[BR_SHA256_SIZE], direct[BR_SHA256_SIZE], digested[BR_SHA256_SIZE];
    promise(br_crypto_hmac_sha256(c, bytes, n, bytes, n, direct) == 0);
    if (n <= BR_SHA256_BLOCK)
        return;
    promise(br_crypto_sha256(c, bytes, n, key) == 0);
    promise(br_crypto_hmac_sha256(c, key, sizeof(key), bytes, n, digested) == 0);
    promise(memcmp(direct, digested, sizeof(direct)) == 0);
}

static void check_key(const char *pem, size_t n) {
    unsigned char x[BR_EC_COORDINATE], y[BR_EC_COORDINATE], signature[BR_ES256_SIZE];
    int known = br_crypto_ec_public(pem, n, x, y), signs = br_crypto_es256_sign(pem, n, "a", 1, signature);
    promise(known == signs);
}

static void check_new_key(void) {
    char pem[1024], small[16];
    size_t n = sizeof(pem), too_small = sizeof(small);
    unsigned char x[BR_EC_COORDINATE], y[BR_EC_COORDINATE], nonce[16];
    promise(br_crypto_ec_generate(pem, &n) == 0 && n < sizeof(pem));
    promise(br_crypto_ec_public(pem, n, x, y) == 0);
    promise(br_crypto_ec_generate(small, &too_small) == -1);
    promise(br_crypto_random(nonce, sizeof(nonce)) == 0);
    br_crypto_wipe(pem, sizeof(pem));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct br_crypto c;
    unsigned char none[BR_SHA256_SIZE];
    char *bytes = malloc(size + 1);
    memcpy(bytes, data, size);
    promise(br_crypto_init(&c) == 0);
    check_digests(&c, bytes, size);
    check_hmac(&c, bytes, size);
    check_key(bytes, size);
    if (size % 64 == 1)
        check_new_key();
    br_crypto_clear(&c);
    br_crypto_clear(&c);
    promise(br_crypto_sha256(&c, bytes, size, none) == -1);
    free(bytes);
    return 0;
}
