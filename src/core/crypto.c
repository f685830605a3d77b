#include "crypto.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

int br_crypto_init(struct br_crypto *c) {
    c->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    c->sha1 = NULL;
    c->context = EVP_MD_CTX_new();
    if (c->sha256 != NULL && c->context != NULL)
        return 0;
    br_crypto_clear(c);
    ERR_clear_error();
    return -1;
}

void br_crypto_clear(struct br_crypto *c) {
    EVP_MD_free(c->sha256);
    EVP_MD_free(c->sha1);
    EVP_MD_CTX_free(c->context);
    memset(c, 0, sizeof(*c));
}

void br_crypto_wipe(void *bytes, size_t n) {
    OPENSSL_cleanse(bytes, n);
}

/* Four bytes become eight digits at once: each byte is spread over two, and what is ten or more becomes a
 * letter, 39 beyond the digit. */
static void put_eight(char *digits, const unsigned char *at) {
    uint64_t v = (uint64_t)at[0] | (uint64_t)at[1] << 16 | (uint64_t)at[2] << 32 | (uint64_t)at[3] << 48;
    v = (v >> 4 & UINT64_C(0x000f000f000f000f)) | (v & UINT64_C(0x000f000f000f000f)) << 8;
    v += UINT64_C(0x3030303030303030) +
         ((v + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101)) * 39;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    memcpy(digits, &v, sizeof(v));
}

void br_crypto_hex(const void *bytes, size_t n, char *digits) {
    const unsigned char *at = bytes;
    for (; n >= 4; n -= 4, at += 4, digits += 8)
        put_eight(digits, at);
    for (; n > 0; n--, at++) {
        *digits++ = "0123456789abcdef"[*at >> 4];
        *digits++ = "0123456789abcdef"[*at & 15];
    }
}

int br_crypto_random(void *bytes, size_t n) {
    if (n <= INT_MAX && RAND_bytes(bytes, (int)n) == 1)
        return 0;
    ERR_clear_error();
    return -1;
}

/* ---- digests ---- */

static int digest(struct br_crypto *c, const EVP_MD *md, const struct br_span *runs, size_t count,
                  unsigned char *out) {
    size_t i;
    int ok = c->context != NULL && md != NULL && EVP_DigestInit_ex2(c->context, md, NULL) == 1;
    for (i = 0; i < count && ok; i++)
        ok = EVP_DigestUpdate(c->context, runs[i].at, runs[i].n) == 1;
    if (ok && EVP_DigestFinal_ex(c->context, out, NULL) == 1)
        return 0;
    ERR_clear_error();
    return -1;
}

int br_crypto_sha256_runs(struct br_crypto *c, const struct br_span *runs, size_t count,
                          unsigned char out[BR_SHA256_SIZE]) {
    return digest(c, c->sha256, runs, count, out);
}

int br_crypto_sha256(struct br_crypto *c, const void *bytes, size_t n, unsigned char out[BR_SHA256_SIZE]) {
    const struct br_span run = {bytes, n};
    return digest(c, c->sha256, &run, 1, out);
}

int br_crypto_sha1(struct br_crypto *c, const void *bytes, size_t n, unsigned char out[BR_SHA1_SIZE]) {
    const struct br_span run = {bytes, n};
    if (c->sha1 == NULL)
        c->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    return digest(c, c->sha1, &run, 1, out);
}

/* A key longer than a block stands for its digest; a shorter one is filled up with zeros. */
static int key_block(struct br_crypto *c, const void *key, size_t key_n,
                     unsigned char block[BR_SHA256_BLOCK]) {
    memset(block, 0, BR_SHA256_BLOCK);
    if (key_n > BR_SHA256_BLOCK)
        return br_crypto_sha256(c, key, key_n, block);
    if (key_n > 0)
        memcpy(block, key, key_n);
    return 0;
}

static void flip(unsigned char block[BR_SHA256_BLOCK], unsigned char mask) {
    size_t i;
    for (i = 0; i < BR_SHA256_BLOCK; i++)
        block[i] ^= mask;
}

/* A new state that has taken in a block; NULL when that failed. */
static EVP_MD_CTX *state_after(const struct br_crypto *c, const unsigned char block[BR_SHA256_BLOCK]) {
    EVP_MD_CTX *state = c->sha256 != NULL ? EVP_MD_CTX_new() : NULL;
    if (state != NULL && EVP_DigestInit_ex2(state, c->sha256, NULL) == 1 &&
        EVP_DigestUpdate(state, block, BR_SHA256_BLOCK) == 1)
        return state;
    EVP_MD_CTX_free(state);
    return NULL;
}

/* By hand over digests: libcrypto's MAC objects allocate at every use. */
int br_hmac_init(struct br_crypto *c, struct br_hmac *h, const void *key, size_t key_n) {
    enum { INNER = 0x36, OUTER = 0x5c };
    unsigned char block[BR_SHA256_BLOCK];
    br_hmac_clear(h);
    if (key_block(c, key, key_n, block) == 0) {
        flip(block, INNER);
        h->inner = state_after(c, block);
        flip(block, INNER ^ OUTER);
        h->outer = state_after(c, block);
    }
    br_crypto_wipe(block, sizeof(block));
    if (h->inner != NULL && h->outer != NULL)
        return 0;
    br_hmac_clear(h);
    ERR_clear_error();
    return -1;
}

/* The digest of what a state has taken in and then the bytes; the state stays as it is. */
static int digest_after(struct br_crypto *c, const EVP_MD_CTX *state, const void *bytes, size_t n,
                        unsigned char out[BR_SHA256_SIZE]) {
    if (c->context != NULL && state != NULL && EVP_MD_CTX_copy_ex(c->context, state) == 1 &&
        EVP_DigestUpdate(c->context, bytes, n) == 1 && EVP_DigestFinal_ex(c->context, out, NULL) == 1)
        return 0;
    ERR_clear_error();
    return -1;
}

int br_hmac_sha256(struct br_crypto *c, const struct br_hmac *h, const void *bytes, size_t n,
                   unsigned char mac[BR_SHA256_SIZE]) {
    unsigned char inner[BR_SHA256_SIZE];
    int status = digest_after(c, h->inner, bytes, n, inner);
    if (status == 0)
        status = digest_after(c, h->outer, inner, sizeof(inner), mac);
    br_crypto_wipe(inner, sizeof(inner));
    return status;
}

/* libcrypto wipes a digest's state before it gives it back. */
void br_hmac_clear(struct br_hmac *h) {
    EVP_MD_CTX_free(h->inner);
    EVP_MD_CTX_free(h->outer);
    h->inner = h->outer = NULL;
}

int br_crypto_hmac_sha256(struct br_crypto *c, const void *key, size_t key_n, const void *bytes, size_t n,
                          unsigned char mac[BR_SHA256_SIZE]) {
    struct br_hmac h = {NULL, NULL};
    int status = br_hmac_init(c, &h, key, key_n);
    if (status == 0)
        status = br_hmac_sha256(c, &h, bytes, n, mac);
    br_hmac_clear(&h);
    return status;
}

/* ---- ES256 ---- */

/* Without this libcrypto would ask for the pass phrase on the terminal. */
static int no_pass_phrase(char *text, int size, int writing, void *data) {
    (void)text, (void)size, (void)writing, (void)data;
    return -1;
}

static int is_p256(const EVP_PKEY *key) {
    char group[32];
    size_t n;
    return EVP_PKEY_get_group_name(key, group, sizeof(group), &n) == 1 && strcmp(group, "prime256v1") == 0;
}

/* The private key of a PEM text, or NULL when it is none, is encrypted, or lies on another curve. */
static EVP_PKEY *read_key(const char *pem, size_t pem_n) {
    EVP_PKEY *key = NULL;
    BIO *text = pem_n <= INT_MAX ? BIO_new_mem_buf(pem, (int)pem_n) : NULL;
    if (text != NULL)
        key = PEM_read_bio_PrivateKey(text, NULL, no_pass_phrase, NULL);
    BIO_free(text);
    if (key != NULL && !is_p256(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

/* A P-256 signature in DER: two integers of up to 33 bytes and their headers. */
#define DER_SIZE 80

static int sign_der(EVP_PKEY *key, const void *bytes, size_t n, unsigned char der[DER_SIZE], size_t *der_n) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int ok = context != NULL && EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
             EVP_DigestSign(context, der, der_n, bytes, n) == 1;
    EVP_MD_CTX_free(context);
    return ok ? 0 : -1;
}

static int fixed_width(const unsigned char *der, size_t der_n, unsigned char signature[BR_ES256_SIZE]) {
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)der_n);
    int half = BR_ES256_SIZE / 2;
    int ok = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, half) == half &&
             BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + half, half) == half;
    ECDSA_SIG_free(pair);
    return ok ? 0 : -1;
}

int br_crypto_es256_sign(const char *pem, size_t pem_n, const void *bytes, size_t n,
                         unsigned char signature[BR_ES256_SIZE]) {
    unsigned char der[DER_SIZE];
    size_t der_n = sizeof(der);
    EVP_PKEY *key = read_key(pem, pem_n);
    int status = -1;
    if (key != NULL && sign_der(key, bytes, n, der, &der_n) == 0)
        status = fixed_width(der, der_n, signature);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return status;
}

static int coordinate(const EVP_PKEY *key, const char *name, unsigned char out[BR_EC_COORDINATE]) {
    BIGNUM *number = NULL;
    int ok = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
             BN_bn2binpad(number, out, BR_EC_COORDINATE) == BR_EC_COORDINATE;
    BN_free(number);
    return ok ? 0 : -1;
}

int br_crypto_ec_public(const char *pem, size_t pem_n, unsigned char x[BR_EC_COORDINATE],
                        unsigned char y[BR_EC_COORDINATE]) {
    EVP_PKEY *key = read_key(pem, pem_n);
    int status = -1;
    if (key != NULL && coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, x) == 0)
        status = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, y);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return status;
}

int br_crypto_ec_generate(char *pem, size_t *pem_n) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *text = BIO_new(BIO_s_secmem());
    char *written = NULL;
    long n = 0;
    int status = -1;
    if (key != NULL && text != NULL && PEM_write_bio_PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) == 1)
        n = BIO_get_mem_data(text, &written);
    if (n > 0 && (size_t)n <= *pem_n) {
        memcpy(pem, written, (size_t)n);
        *pem_n = (size_t)n;
        status = 0;
    }
    BIO_free(text); /* secure memory: wiped as it goes */
    EVP_PKEY_free(key);
    ERR_clear_error();
    return status;
}
