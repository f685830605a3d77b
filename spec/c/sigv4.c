/* Signing at the edge of memory: every input ends at a page that nobody may touch, every allocation fails
 * once, ours and libcrypto's, and no secret stays behind. */
#include "support/support.h"

#include "sigv4.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/* With it the key is longer than a block of HMAC. */
static const char long_secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY/and/as/much/again/and/a/little";
static const char token[] = "a-session-token-of-some-length/with+odd=bytes";

/* Of the plain task, computed with Python's hmac. */
static const char plain_signature[] = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea";

struct task {
    struct br_sigv4_request request;
    struct br_sigv4_credentials credentials;
    struct br_sigv4_options options;
    struct br_sigv4_pair headers[4], query[2];
};

static struct br_span literal(const char *text) {
    struct br_span span = {text, strlen(text)};
    return span;
}

static struct br_sigv4_pair pair(const char *name, const char *value) {
    struct br_sigv4_pair made = {literal(name), literal(value)};
    return made;
}

static struct task plain_task(void) {
    struct task task;
    memset(&task, 0, sizeof(task));
    task.request.method = literal("GET");
    task.request.path = literal("/");
    task.headers[0] = pair("Host", "example.amazonaws.com");
    task.headers[1] = pair("My-Header1", "value2");
    task.headers[2] = pair("My-Header1", "value2");
    task.headers[3] = pair("My-Header1", "value1");
    task.request.header_count = 4;
    task.credentials.access_key_id = literal("AKIDEXAMPLE");
    task.credentials.secret_access_key = literal(secret);
    task.options.region = literal("us-east-1");
    task.options.service = literal("service");
    task.options.time = 1440938160;
    task.options.expires = 3600;
    return task;
}

static struct task full_task(void) {
    struct task task = plain_task();
    task.request.path = literal("/a//b/../%3A%");
    task.query[0] = pair("name", "a b");
    task.query[1] = pair("A", "");
    task.request.query_count = 2;
    task.request.body = literal("body");
    task.headers[3] = pair("My-Header2", "  folded\r\n  line ");
    task.credentials.secret_access_key = literal(long_secret);
    task.credentials.session_token = literal(token);
    task.options.content_sha256 = 1;
    return task;
}

static enum br_sigv4_status sign(struct br_sigv4 *s, struct task *task, struct br_sigv4_result *result) {
    task->request.headers = task->headers;
    task->request.query = task->query;
    return br_sigv4_sign(s, &task->request, &task->credentials, &task->options, result);
}

static enum br_sigv4_status presign(struct br_sigv4 *s, struct task *task, struct br_sigv4_result *result) {
    task->request.headers = task->headers;
    task->request.query = task->query;
    return br_sigv4_presign(s, &task->request, &task->credentials, &task->options, result);
}

/* ---- no read beyond what was given ---- */

#define SPANS 19

/* Every span of a task, so that each can be moved to the edge of a page. */
static size_t spans_of(struct task *task, struct br_span *spans[SPANS]) {
    size_t i, n = 0;
    spans[n++] = &task->request.method;
    spans[n++] = &task->request.path;
    spans[n++] = &task->request.body;
    spans[n++] = &task->credentials.access_key_id;
    spans[n++] = &task->credentials.secret_access_key;
    spans[n++] = &task->credentials.session_token;
    spans[n++] = &task->options.region;
    spans[n++] = &task->options.service;
    for (i = 0; i < task->request.header_count; i++) {
        spans[n++] = &task->headers[i].name;
        spans[n++] = &task->headers[i].value;
    }
    if (task->request.query_text.n > 0)
        spans[n++] = &task->request.query_text;
    return n;
}

static void check_at_the_edge(struct task task) {
    struct task moved = task;
    struct br_span *spans[SPANS];
    struct spec_guarded guarded[SPANS];
    struct br_sigv4_result result;
    struct br_sigv4 s;
    char want[2 * BR_SHA256_SIZE];
    size_t i, n = spans_of(&moved, spans);
    CHECK(br_sigv4_init(&s) == BR_SIGV4_OK);
    CHECK(sign(&s, &task, &result) == BR_SIGV4_OK);
    memcpy(want, result.signature.at, sizeof(want));
    for (i = 0; i < n; i++) {
        guarded[i] = spec_guard(spans[i]->at, spans[i]->n);
        spans[i]->at = (const char *)guarded[i].at;
    }
    CHECK(sign(&s, &moved, &result) == BR_SIGV4_OK);
    CHECK(memcmp(want, result.signature.at, sizeof(want)) == 0);
    CHECK(presign(&s, &moved, &result) == BR_SIGV4_OK);
    for (i = 0; i < n; i++)
        spec_unguard(&guarded[i]);
    br_sigv4_clear(&s);
}

/* Escapes that are cut short, at the end of the path and of the query. */
static void check_cut_escapes(void) {
    static const char *const ends[] = {"%", "%4", "%41", "a%", "a%4", "%zz", "a=%", "&", "=", "a&", "a=b&"};
    size_t i;
    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct task task = full_task();
        task.request.path = task.request.query_text = literal(ends[i]);
        task.request.query_count = 0;
        task.options.encode_once = 1;
        check_at_the_edge(task);
        task.options.as_is = 1;
        check_at_the_edge(task);
    }
}

/* ---- no allocation that may not fail ---- */

static void *crypto_malloc(size_t n, const char *file, int line) {
    (void)file, (void)line;
    return malloc(n);
}

static void *crypto_realloc(void *block, size_t n, const char *file, int line) {
    (void)file, (void)line;
    return realloc(block, n);
}

static void crypto_free(void *block, const char *file, int line) {
    (void)file, (void)line;
    free(block);
}

/* Answers whether the task came to its end; a failure must be one that the header names. */
static int try_all(struct task *task) {
    struct br_sigv4_result result;
    struct br_sigv4 s;
    enum br_sigv4_status status = br_sigv4_init(&s);
    if (status == BR_SIGV4_OK)
        status = sign(&s, task, &result);
    if (status == BR_SIGV4_OK)
        status = presign(&s, task, &result);
    CHECK(status == BR_SIGV4_OK || status == BR_SIGV4_MEMORY || status == BR_SIGV4_CRYPTO);
    br_sigv4_clear(&s);
    br_sigv4_clear(&s);
    return status == BR_SIGV4_OK;
}

static long check_failing_allocations(void) {
    struct task task = full_task();
    long n = 0;
    int done;
    CHECK(try_all(&task)); /* libcrypto sets itself up once, for good */
    do {
        spec_fail_after(n);
        done = try_all(&task);
        spec_fail_after(-1);
    } while (!done && ++n < 10000);
    CHECK(done);
    return n;
}

/* A signer that ran out of memory in the middle signs the next request as if nothing had been. */
static void check_recovery(void) {
    struct task plain = plain_task(), full = full_task();
    struct br_sigv4_result result;
    struct br_sigv4 s;
    CHECK(br_sigv4_init(&s) == BR_SIGV4_OK);
    spec_fail_after(3);
    CHECK(sign(&s, &full, &result) == BR_SIGV4_MEMORY);
    spec_fail_after(-1);
    CHECK(sign(&s, &plain, &result) == BR_SIGV4_OK);
    CHECK(memcmp(result.signature.at, plain_signature, sizeof(plain_signature) - 1) == 0);
    br_sigv4_clear(&s);
}

/* ---- no secret that stays ---- */

static const char *long_path(void) {
    static char path[20000];
    memset(path, 'a', sizeof(path) - 1);
    path[0] = '/';
    return path;
}

static void check_no_secret(void) {
    struct task task = full_task();
    struct br_sigv4_result result;
    struct br_sigv4 s;
    size_t i;
    CHECK(br_sigv4_init(&s) == BR_SIGV4_OK);
    CHECK(sign(&s, &task, &result) == BR_SIGV4_OK);
    CHECK(memmem(&s, sizeof(s), secret, 16) == NULL);
    for (i = 0; i < BR_SIGV4_TEXTS; i++)
        CHECK(s.texts[i].len == 0 || memmem(s.texts[i].data, s.texts[i].cap, secret, 16) == NULL);
    br_sigv4_clear(&s);
    for (i = 0; i < sizeof(s.keys); i++)
        CHECK(((const unsigned char *)s.keys)[i] == 0);
    CHECK(sign(&s, &task, &result) == BR_SIGV4_CRYPTO);
}

/* What stands in memory when it is given back: neither secret nor token, none of the keys on the way from one
 * to the next, and no key as HMAC takes it in. */
static void check_memory_given_back(void) {
    enum { STEPS = 4, INNER = 0x36 };
    static const char *const steps[STEPS] = {"20150830", "us-east-1", "service", "aws4_request"};
    struct task task = full_task();
    struct br_sigv4_result result;
    struct br_sigv4 s;
    unsigned char keys[STEPS][BR_SHA256_SIZE], words[STEPS][BR_SHA256_SIZE], block[BR_SHA256_SIZE];
    unsigned char first[128] = "AWS4";
    size_t i, n = 4 + strlen(long_secret);
    memcpy(first + 4, long_secret, n - 4);
    CHECK(br_sigv4_init(&s) == BR_SIGV4_OK);
    for (i = 0; i < STEPS; i++)
        CHECK(br_crypto_hmac_sha256(&s.crypto, i > 0 ? keys[i - 1] : first, i > 0 ? sizeof(keys[0]) : n,
                                    steps[i], strlen(steps[i]), keys[i]) == 0);
    for (i = 0; i < sizeof(words); i++) /* as the state of a digest has them */
        words[i / sizeof(words[0])][i % sizeof(words[0])] =
            keys[i / sizeof(words[0])][(i % sizeof(words[0])) ^ 3];
    for (i = 0; i < sizeof(block); i++)
        block[i] = keys[STEPS - 1][i] ^ INNER;
    br_sigv4_clear(&s);
    spec_watch(long_secret, 16);
    spec_watch(token, 30); /* no letter of these is encoded in a query */
    spec_watch(block, sizeof(block));
    for (i = 0; i < STEPS; i++) {
        spec_watch(keys[i], sizeof(keys[i]));
        spec_watch(words[i], sizeof(words[i]));
    }
    CHECK(br_sigv4_init(&s) == BR_SIGV4_OK);
    CHECK(sign(&s, &task, &result) == BR_SIGV4_OK && presign(&s, &task, &result) == BR_SIGV4_OK);
    task.request.path = task.request.query_text =
        literal(long_path()); /* texts that hold a token must move */
    CHECK(sign(&s, &task, &result) == BR_SIGV4_OK && presign(&s, &task, &result) == BR_SIGV4_OK);
    for (i = 0; i < 2 * BR_SIGV4_KEYS; i++) { /* a key that is put out of the cache */
        task.options.time += 86400;
        CHECK(sign(&s, &task, &result) == BR_SIGV4_OK);
    }
    br_sigv4_clear(&s);
    CHECK(spec_unwatch() == 0);
}

static void sign_in_region(struct br_sigv4 *s, char letter, char signature[2 * BR_SHA256_SIZE]) {
    struct task task = plain_task();
    struct br_sigv4_result result;
    char region[] = "us-east-0";
    region[8] = letter;
    task.options.region = literal(region);
    CHECK(sign(s, &task, &result) == BR_SIGV4_OK);
    memcpy(signature, result.signature.at, result.signature.n);
}

/* More keys than the cache holds: each is derived anew when its turn comes, and none is mistaken for another.
 */
static void check_cache(void) {
    char want[2 * BR_SHA256_SIZE], got[2 * BR_SHA256_SIZE];
    struct br_sigv4 used, fresh;
    int i;
    CHECK(br_sigv4_init(&used) == BR_SIGV4_OK);
    for (i = 0; i < 60; i++) {
        CHECK(br_sigv4_init(&fresh) == BR_SIGV4_OK);
        sign_in_region(&fresh, (char)('a' + i % 20), want);
        sign_in_region(&used, (char)('a' + i % 20), got);
        CHECK(memcmp(want, got, sizeof(want)) == 0);
        br_sigv4_clear(&fresh);
    }
    br_sigv4_clear(&used);
}

int main(void) {
    long allocations;
    CHECK(CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) == 1);
    allocations = check_failing_allocations();
    check_recovery();
    check_at_the_edge(plain_task());
    check_at_the_edge(full_task());
    check_cut_escapes();
    check_no_secret();
    check_memory_given_back();
    check_cache();
    printf("sigv4: %ld allocations failed in turn\n", allocations);
    return 0;
}
