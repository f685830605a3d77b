/* AWS Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 *
 * A signer is the caller's struct; what it points to is ours until br_sigv4_clear. It keeps the memory of its
 * texts for the next request and a few derived keys, named by a digest, so that neither a secret nor which
 * key belongs to it can be read from the cache. One thread at a time. Time comes in as an argument; nothing
 * else is asked. */
#ifndef BR_SIGV4_H
#define BR_SIGV4_H

#include "buf.h"
#include "crypto.h"
#include "span.h"

#include <stddef.h>
#include <stdint.h>

struct br_sigv4_pair {
    struct br_span name, value;
};

enum br_sigv4_status {
    BR_SIGV4_OK = 0,
    BR_SIGV4_TIME,  /* not between 1970 and 9999 */
    BR_SIGV4_LIMIT, /* path, query and headers together are larger than BR_SIGV4_MAX */
    BR_SIGV4_MEMORY,
    BR_SIGV4_CRYPTO, /* libcrypto could not hash */
};

/* The canonical request holds no body, so a megabyte is far beyond what any server takes. */
#define BR_SIGV4_MAX ((size_t)1 << 20)
#define BR_SIGV4_KEYS 8

struct br_sigv4_request {
    struct br_span method;
    struct br_span path; /* raw, as it goes on the wire, without the query */
    /* The query: either pairs that are not encoded yet, or the text as it goes on the wire. */
    const struct br_sigv4_pair *query;
    size_t query_count;
    struct br_span query_text;
    const struct br_sigv4_pair *headers; /* in the order of the wire; names in any case */
    size_t header_count;
    struct br_span body;
};

struct br_sigv4_credentials {
    struct br_span access_key_id, secret_access_key;
    struct br_span session_token; /* n == 0: none */
};

struct br_sigv4_options {
    struct br_span region, service;
    int64_t time;           /* seconds since the epoch */
    int64_t expires;        /* presigned form only: seconds */
    int as_is;              /* do not collapse slashes nor resolve dots in the path */
    int encode_once;        /* S3: escapes of the path stand for themselves instead of being encoded again */
    int content_sha256;     /* header form only: add and sign x-amz-content-sha256 */
    int omit_session_token; /* the token is added after signing */
};

/* What was made. All of it lies in the signer and lives until its next request. */
struct br_sigv4_result {
    struct br_span canonical_request, string_to_sign, signature;
    struct br_span authorization; /* header form */
    struct br_span query;         /* presigned form: everything after the `?` */
    struct br_span time;          /* 20150830T123600Z */
    struct br_span body_sha256;   /* hex, or what a header x-amz-content-sha256 of the request says */
    int adds_body_sha256; /* header form: it was signed as a header that the request does not hold yet */
};

struct br_sigv4_key {
    unsigned char name[BR_SHA256_SIZE];
    struct br_hmac hmac; /* with the derived key */
    uint64_t used;       /* 0: empty */
};

struct br_sigv4_field {
    struct br_span name, value;
    size_t place; /* where it stood, so that sorting keeps the order of equal names */
};

/* What is sorted. */
struct br_sigv4_list {
    struct br_sigv4_field *fields;
    size_t count, room;
};

/* The texts of one signature, in the order in which they are written. */
enum br_sigv4_text {
    BR_SIGV4_CREDENTIAL, /* key id/20150830/us-east-1/service/aws4_request */
    BR_SIGV4_LOWER,      /* the names of the request's headers in lower case, before they are sorted */
    BR_SIGV4_NAMES,      /* host;x-amz-date */
    BR_SIGV4_PATH,       /* without dots and empty segments, not encoded yet */
    BR_SIGV4_PARTS,      /* encoded names and values of the query, before they are sorted */
    BR_SIGV4_REQUEST,    /* the canonical request */
    BR_SIGV4_TO_SIGN,    /* the string to sign */
    BR_SIGV4_OUT,        /* the authorization, or the query of a presigned request */
    BR_SIGV4_TEXTS
};

struct br_sigv4 {
    struct br_crypto crypto;
    struct br_sigv4_key keys[BR_SIGV4_KEYS];
    uint64_t clock; /* counts uses of keys */
    struct br_sigv4_list headers, parameters;
    struct br_buf texts[BR_SIGV4_TEXTS];
    int64_t second;                       /* that `time` tells; -1: none yet */
    char time[16];                        /* 20150830T123600Z */
    char body_sha256[2 * BR_SHA256_SIZE]; /* hex */
    char signature[2 * BR_SHA256_SIZE];   /* hex */
};

/* Zeroes the struct and fetches the digests. */
enum br_sigv4_status br_sigv4_init(struct br_sigv4 *s);

/* Wipes the keys and gives everything back. Harmless when called twice; afterwards signing answers CRYPTO. */
void br_sigv4_clear(struct br_sigv4 *s);

/* Whether a header, its name in lower case, is one that the header form brings along (x-amz-date,
 * authorization, x-amz-security-token), so that one of an earlier try has to go. */
int br_sigv4_replaces(struct br_span name);

/* The header form: the result's authorization and time belong into the headers `authorization` and
 * `x-amz-date`, which must not be among the request's (they and x-amz-security-token are passed over when
 * they are). */
enum br_sigv4_status br_sigv4_sign(struct br_sigv4 *s, const struct br_sigv4_request *request,
                                   const struct br_sigv4_credentials *credentials,
                                   const struct br_sigv4_options *options, struct br_sigv4_result *result);

/* The query form: everything, the session token too, is in the result's query. */
enum br_sigv4_status br_sigv4_presign(struct br_sigv4 *s, const struct br_sigv4_request *request,
                                      const struct br_sigv4_credentials *credentials,
                                      const struct br_sigv4_options *options, struct br_sigv4_result *result);

#endif
