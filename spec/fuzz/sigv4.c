/* A request out of any bytes: one byte of flags, then path, query, secret, session token, body, and headers
 * (name, value, name, ...), each ended by a zero. Every piece is a copy of just its size, so that a reader
 * that goes too far is seen.
 *
 * A signature must not depend on what was signed before; the path and the query of the canonical request must
 * be made of unreserved bytes and escapes, the query sorted; and to presign a presigned query must change
 * nothing. */
#include "sigv4.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADERS 24

struct pieces {
    char *owned[5 + 2 * HEADERS];
    size_t count;
};

static void require(int condition) {
    if (!condition)
        abort();
}

static struct br_span next_piece(struct pieces *pieces, struct br_span *rest) {
    const char *end = rest->n > 0 ? memchr(rest->at, '\0', rest->n) : NULL;
    struct br_span piece = {NULL, end != NULL ? (size_t)(end - rest->at) : rest->n};
    size_t taken = end != NULL ? piece.n + 1 : piece.n;
    char *copy = malloc(piece.n + (piece.n == 0));
    if (piece.n > 0)
        memcpy(copy, rest->at, piece.n);
    piece.at = pieces->owned[pieces->count++] = copy;
    rest->at += taken;
    rest->n -= taken;
    return piece;
}

static void release(struct pieces *pieces) {
    while (pieces->count > 0)
        free(pieces->owned[--pieces->count]);
}

struct task {
    struct br_sigv4_request request;
    struct br_sigv4_credentials credentials;
    struct br_sigv4_options options;
    struct br_sigv4_pair headers[HEADERS], pair;
};

static struct br_span literal(const char *text) {
    struct br_span span = {text, strlen(text)};
    return span;
}

static void read_task(struct task *task, unsigned char flags, struct br_span rest, struct pieces *pieces) {
    memset(task, 0, sizeof(*task));
    task->request.method = literal("GET");
    task->request.path = next_piece(pieces, &rest);
    task->request.query_text = next_piece(pieces, &rest);
    task->credentials.access_key_id = literal("AKIDEXAMPLE");
    task->credentials.secret_access_key = next_piece(pieces, &rest);
    task->credentials.session_token = next_piece(pieces, &rest);
    task->request.body = next_piece(pieces, &rest);
    task->request.headers = task->headers;
    while (rest.n > 0 && task->request.header_count < HEADERS) {
        struct br_sigv4_pair *header = &task->headers[task->request.header_count++];
        header->name = next_piece(pieces, &rest);
        header->value = next_piece(pieces, &rest);
    }
    task->options.region = literal(flags & 1 ? "us-west-2" : "r");
    task->options.service = literal("bedrock");
    task->options.time = (int64_t)flags * 33554432;
    task->options.expires = flags + 1;
    task->options.as_is = flags >> 1 & 1;
    task->options.encode_once = flags >> 2 & 1;
    task->options.content_sha256 = flags >> 3 & 1;
    task->options.omit_session_token = flags >> 4 & 1;
    if (flags & 32) { /* the query as one pair instead of a text */
        task->pair.name = task->pair.value = task->request.query_text;
        task->request.query = &task->pair;
        task->request.query_count = 1;
        task->request.query_text.n = 0;
    }
}

/* ---- what must hold ---- */

static struct br_span cut_line(struct br_span *rest) {
    const char *end = memchr(rest->at, '\n', rest->n);
    struct br_span line = {rest->at, 0};
    require(end != NULL);
    line.n = (size_t)(end - rest->at);
    rest->at += line.n + 1;
    rest->n -= line.n + 1;
    return line;
}

static void check_alphabet(struct br_span line, const char *more) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%";
    size_t i;
    for (i = 0; i < line.n; i++)
        require(line.at[i] != '\0' &&
                (strchr(plain, line.at[i]) != NULL || strchr(more, line.at[i]) != NULL));
}

/* Pairs in the order of their names and then of their values; '=' and '&' are below neither in this
 * comparison. */
static int in_order(struct br_span a, struct br_span b) {
    size_t i, n = a.n < b.n ? a.n : b.n;
    for (i = 0; i < n && a.at[i] == b.at[i]; i++)
        continue;
    if (i == a.n)
        return 1;
    if (i == b.n)
        return 0;
    if (a.at[i] == '=' || b.at[i] == '=')
        return a.at[i] == '=';
    return (unsigned char)a.at[i] < (unsigned char)b.at[i];
}

static void check_sorted(struct br_span query) {
    struct br_span previous = {NULL, 0};
    while (query.n > 0) {
        const char *end = memchr(query.at, '&', query.n);
        struct br_span pair = {query.at, end != NULL ? (size_t)(end - query.at) : query.n};
        require(pair.n > 0 && memchr(pair.at, '=', pair.n) != NULL);
        require(previous.at == NULL || in_order(previous, pair));
        previous = pair;
        query.at += pair.n + (end != NULL);
        query.n -= pair.n + (end != NULL);
    }
}

static void check_canonical(struct br_span request) {
    struct br_span path, query;
    cut_line(&request);
    path = cut_line(&request);
    query = cut_line(&request);
    require(path.n > 0);
    check_alphabet(path, "/");
    check_alphabet(query, "&=");
    check_sorted(query);
}

static void keep_signature(const struct br_sigv4_result *result, char kept[2 * BR_SHA256_SIZE]) {
    require(result->signature.n == 2 * BR_SHA256_SIZE);
    memcpy(kept, result->signature.at, result->signature.n);
}

static void check_header_form(struct br_sigv4 *used, const struct task *task) {
    char first[2 * BR_SHA256_SIZE];
    struct br_sigv4_result result;
    struct br_sigv4 fresh;
    if (br_sigv4_sign(used, &task->request, &task->credentials, &task->options, &result) != BR_SIGV4_OK)
        return;
    check_canonical(result.canonical_request);
    keep_signature(&result, first);
    require(br_sigv4_init(&fresh) == BR_SIGV4_OK);
    require(br_sigv4_sign(&fresh, &task->request, &task->credentials, &task->options, &result) ==
            BR_SIGV4_OK);
    require(memcmp(first, result.signature.at, sizeof(first)) == 0);
    br_sigv4_clear(&fresh);
}

static void check_query_form(struct br_sigv4 *used, struct task *task) {
    char first[2 * BR_SHA256_SIZE];
    struct br_sigv4_result result;
    char *query;
    if (br_sigv4_presign(used, &task->request, &task->credentials, &task->options, &result) != BR_SIGV4_OK)
        return;
    check_canonical(result.canonical_request);
    check_alphabet(result.query, "&=");
    keep_signature(&result, first);
    query = malloc(result.query.n);
    memcpy(query, result.query.at, result.query.n);
    task->request.query_text.at = query;
    task->request.query_text.n = result.query.n;
    task->request.query_count = 0;
    require(br_sigv4_presign(used, &task->request, &task->credentials, &task->options, &result) ==
            BR_SIGV4_OK);
    require(memcmp(first, result.signature.at, sizeof(first)) == 0);
    free(query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct br_sigv4
        used; /* over all requests, so that its keys and texts are always somebody else's */
    static int ready;
    struct br_span rest = {(const char *)data + 1, size - 1};
    struct pieces pieces = {{NULL}, 0};
    struct task task;
    if (size == 0)
        return 0;
    if (!ready)
        require(br_sigv4_init(&used) == BR_SIGV4_OK);
    ready = 1;
    read_task(&task, data[0], rest, &pieces);
    check_header_form(&used, &task);
    check_query_form(&used, &task);
    release(&pieces);
    return 0;
}
