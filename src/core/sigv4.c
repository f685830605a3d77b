#include "sigv4.h"
#include "uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"
#define LAST_SECOND 253402300799 /* 9999-12-31T23:59:59Z: years beyond have five digits */

/* One signature under way. */
struct work {
    struct br_sigv4 *s;
    const struct br_sigv4_request *request;
    const struct br_sigv4_credentials *credentials;
    const struct br_sigv4_options *options;
    int presigned;
    struct br_span payload; /* what the canonical request says about the body */
};

static struct br_span literal(const char *text) {
    struct br_span span = {text, strlen(text)};
    return span;
}

static struct br_span span_of(const struct br_buf *b) {
    struct br_span span = {b->len > 0 ? b->data : "", b->len};
    return span;
}

static void put(struct br_buf *b, struct br_span text) {
    br_buf_append(b, text.at, text.n);
}

static void put_text(struct br_buf *b, const char *text) {
    put(b, literal(text));
}

static struct br_buf *text_of(const struct work *w, enum br_sigv4_text which) {
    return &w->s->texts[which];
}

typedef char *(*encoder)(char *, struct br_span, char);

/* Appends what `encode` makes of `text`. */
static void put_encoded(struct br_buf *out, encoder encode, struct br_span text, char keep) {
    char *start = br_buf_room(out, text.n <= SIZE_MAX / BR_URI_GROWTH ? BR_URI_GROWTH * text.n : SIZE_MAX);
    if (start != NULL)
        br_buf_added(out, (size_t)(encode(start, text, keep) - start));
}

/* ---- names of headers ---- */

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* As memcmp, over the names in lower case. */
static int compare_names(struct br_span a, struct br_span b) {
    size_t i, n = a.n < b.n ? a.n : b.n;
    for (i = 0; i < n; i++) {
        int difference = (unsigned char)lower(a.at[i]) - (unsigned char)lower(b.at[i]);
        if (difference != 0)
            return difference;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static int is_named(struct br_span name, const char *lower_case) {
    return compare_names(name, literal(lower_case)) == 0;
}

/* Headers that are never signed: those that a proxy or the HTTP library writes anew, and our own of an
 * earlier try, which this signature replaces. */
static int is_passed_over(struct br_span name) {
    static const char *const names[] = {"authorization",
                                        "connection",
                                        "expect",
                                        "keep-alive",
                                        "proxy-authenticate",
                                        "proxy-authorization",
                                        "te",
                                        "trailer",
                                        "upgrade",
                                        "transfer-encoding",
                                        "user-agent",
                                        "x-amzn-trace-id",
                                        "x-amz-date",
                                        "x-amz-security-token"};
    static const char websocket[] = "sec-websocket-";
    size_t i;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is_named(name, names[i]))
            return 1;
    }
    if (name.n >= sizeof(websocket) - 1)
        name.n = sizeof(websocket) - 1;
    return is_named(name, websocket);
}

/* ---- fields, and their order ---- */

static enum br_sigv4_status make_room(struct br_sigv4 *s, size_t count) {
    struct br_sigv4_field *more;
    if (count <= s->field_room)
        return BR_SIGV4_OK;
    if (count > BR_SIGV4_MAX) /* each would take a byte at least */
        return BR_SIGV4_LIMIT;
    more = realloc(s->fields, count * sizeof(*more));
    if (more == NULL)
        return BR_SIGV4_MEMORY;
    s->fields = more;
    s->field_room = count;
    return BR_SIGV4_OK;
}

/* Into room that make_room has made. */
static void add_field(struct br_sigv4 *s, struct br_span name, struct br_span value) {
    struct br_sigv4_field *field = &s->fields[s->field_count];
    field->name = name;
    field->value = value;
    field->place = s->field_count++;
}

static int compare_headers(const void *a, const void *b) {
    const struct br_sigv4_field *left = a, *right = b;
    int order = compare_names(left->name, right->name);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static int compare_bytes(struct br_span a, struct br_span b) {
    int order = memcmp(a.at, b.at, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare_parameters(const void *a, const void *b) {
    const struct br_sigv4_field *left = a, *right = b;
    int order = compare_bytes(left->name, right->name);
    return order != 0 ? order : compare_bytes(left->value, right->value);
}

static void sort_fields(struct br_sigv4 *s, int (*compare)(const void *, const void *)) {
    if (s->field_count > 1)
        qsort(s->fields, s->field_count, sizeof(*s->fields), compare);
}

/* ---- step 1: time and scope ---- */

static char *put_digits(char *to, int number, int width) {
    int i;
    for (i = width - 1; i >= 0; i--) {
        to[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return to + width;
}

static enum br_sigv4_status stamp_time(struct work *w) {
    time_t seconds = (time_t)w->options->time;
    char *to = w->s->time;
    struct tm utc;
    if (w->options->time < 0 || w->options->time > LAST_SECOND || gmtime_r(&seconds, &utc) == NULL)
        return BR_SIGV4_TIME;
    to = put_digits(to, utc.tm_year + 1900, 4);
    to = put_digits(to, utc.tm_mon + 1, 2);
    to = put_digits(to, utc.tm_mday, 2);
    *to++ = 'T';
    to = put_digits(to, utc.tm_hour, 2);
    to = put_digits(to, utc.tm_min, 2);
    to = put_digits(to, utc.tm_sec, 2);
    *to = 'Z';
    return BR_SIGV4_OK;
}

static struct br_span time_of(const struct work *w) {
    struct br_span time = {w->s->time, sizeof(w->s->time)};
    return time;
}

static struct br_span date_of(const struct work *w) {
    struct br_span date = {w->s->time, 8};
    return date;
}

static void write_scope(struct work *w) {
    struct br_buf *scope = text_of(w, BR_SIGV4_SCOPE), *credential = text_of(w, BR_SIGV4_CREDENTIAL);
    put(scope, date_of(w));
    put_text(scope, "/");
    put(scope, w->options->region);
    put_text(scope, "/");
    put(scope, w->options->service);
    put_text(scope, "/" TERMINATOR);
    put(credential, w->credentials->access_key_id);
    put_text(credential, "/");
    put(credential, span_of(scope));
}

/* ---- step 2: the canonical request ---- */

static const struct br_sigv4_pair *find_header(const struct br_sigv4_request *request,
                                               const char *lower_case) {
    size_t i;
    for (i = 0; i < request->header_count; i++) {
        if (is_named(request->headers[i].name, lower_case))
            return &request->headers[i];
    }
    return NULL;
}

/* What the canonical request says about the body: its digest, unless a header speaks for it
 * ("UNSIGNED-PAYLOAD"). */
static enum br_sigv4_status hash_body(struct work *w) {
    const struct br_sigv4_pair *stated = find_header(w->request, "x-amz-content-sha256");
    unsigned char digest[BR_SHA256_SIZE];
    if (stated != NULL) {
        w->payload = stated->value;
        return BR_SIGV4_OK;
    }
    if (br_crypto_sha256(&w->s->crypto, w->request->body.at, w->request->body.n, digest) != 0)
        return BR_SIGV4_CRYPTO;
    br_crypto_hex(digest, sizeof(digest), w->s->body_sha256);
    w->payload.at = w->s->body_sha256;
    w->payload.n = sizeof(w->s->body_sha256);
    return BR_SIGV4_OK;
}

static int adds_body_sha256(const struct work *w) {
    return !w->presigned && w->options->content_sha256 && w->payload.at == w->s->body_sha256;
}

/* The headers that are signed: the request's, and in the header form those that the signature brings along.
 */
static enum br_sigv4_status collect_headers(struct work *w) {
    struct br_sigv4 *s = w->s;
    size_t i;
    enum br_sigv4_status status = make_room(s, w->request->header_count + 3);
    s->field_count = 0;
    if (status != BR_SIGV4_OK)
        return status;
    for (i = 0; i < w->request->header_count; i++) {
        if (!is_passed_over(w->request->headers[i].name))
            add_field(s, w->request->headers[i].name, w->request->headers[i].value);
    }
    if (w->presigned)
        return BR_SIGV4_OK;
    add_field(s, literal("x-amz-date"), time_of(w));
    if (w->credentials->session_token.n > 0 && !w->options->omit_session_token)
        add_field(s, literal("x-amz-security-token"), w->credentials->session_token);
    if (adds_body_sha256(w))
        add_field(s, literal("x-amz-content-sha256"), w->payload);
    return BR_SIGV4_OK;
}

static int is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without the space around it, and with one blank for every run of space inside: folded lines become one. */
static void put_trimmed(struct br_buf *out, struct br_span value) {
    char *start = br_buf_room(out, value.n), *to = start;
    size_t i;
    if (start == NULL)
        return;
    for (i = 0; i < value.n; i++) {
        if (!is_space(value.at[i]))
            *to++ = value.at[i];
        else if (to > start && to[-1] != ' ')
            *to++ = ' ';
    }
    if (to > start && to[-1] == ' ')
        to--;
    br_buf_added(out, (size_t)(to - start));
}

static void put_lower(struct br_buf *out, struct br_span name) {
    char *to = br_buf_room(out, name.n);
    size_t i;
    if (to == NULL)
        return;
    for (i = 0; i < name.n; i++)
        to[i] = lower(name.at[i]);
    br_buf_added(out, name.n);
}

/* Writes the sorted fields as lines, values of one name joined by commas, and the list of names. */
static void write_headers(struct work *w) {
    struct br_buf *lines = text_of(w, BR_SIGV4_LINES), *names = text_of(w, BR_SIGV4_NAMES);
    const struct br_sigv4_field *field = w->s->fields, *end = field + w->s->field_count, *previous = NULL;
    for (; field < end; previous = field++) {
        if (previous != NULL && compare_names(previous->name, field->name) == 0) {
            put_text(lines, ",");
        } else {
            put_text(lines, previous != NULL ? "\n" : "");
            put_text(names, previous != NULL ? ";" : "");
            put_lower(names, field->name);
            put_lower(lines, field->name);
            put_text(lines, ":");
        }
        put_trimmed(lines, field->value);
    }
    put_text(lines, previous != NULL ? "\n" : "");
}

static void pop_segment(struct br_buf *path) {
    while (path->len > 0 && path->data[--path->len] != '/')
        continue;
}

/* Collapses slashes and resolves dots; a slash at the end stays. */
static void normalize_path(struct br_buf *out, struct br_span path) {
    const char *at = path.at, *end = path.at + path.n;
    while (at < end) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        struct br_span segment = {at, (size_t)((slash != NULL ? slash : end) - at)};
        at = slash != NULL ? slash + 1 : end;
        if (segment.n == 2 && memcmp(segment.at, "..", 2) == 0) {
            pop_segment(out);
        } else if (segment.n > 0 && !(segment.n == 1 && segment.at[0] == '.')) {
            put_text(out, "/");
            put(out, segment);
        }
    }
    if (out->len == 0 || end[-1] == '/')
        put_text(out, "/");
}

static void write_path(struct work *w, struct br_buf *out) {
    struct br_span path = w->request->path;
    if (!w->options->as_is || path.n == 0) {
        normalize_path(text_of(w, BR_SIGV4_PATH), path);
        path = span_of(text_of(w, BR_SIGV4_PATH));
    }
    put_encoded(out, w->options->encode_once ? br_uri_encode_once : br_uri_encode, path, '/');
}

static int is_own_parameter(struct br_span name) {
    static const char *const names[] = {"X-Amz-Algorithm", "X-Amz-Credential",    "X-Amz-Date",
                                        "X-Amz-Expires",   "X-Amz-SignedHeaders", "X-Amz-Security-Token",
                                        "X-Amz-Signature"};
    size_t i;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (compare_bytes(name, literal(names[i])) == 0)
            return 1;
    }
    return 0;
}

/* The encoded text as a span into the parts, which have room for it already, so that it stays where it is. */
static struct br_span encoded_part(struct br_buf *parts, encoder encode, struct br_span text) {
    size_t start = parts->len;
    struct br_span part;
    put_encoded(parts, encode, text, '\0');
    part.at = parts->data + start;
    part.n = parts->len - start;
    return part;
}

static void add_parameter(struct work *w, encoder encode, struct br_span name, struct br_span value) {
    struct br_buf *parts = text_of(w, BR_SIGV4_PARTS);
    name = encoded_part(parts, encode, name);
    value = encoded_part(parts, encode, value);
    if (!w->presigned || !is_own_parameter(name))
        add_field(w->s, name, value);
}

/* Cuts the text before `mark` off the front of `rest`; without a mark that is all of it. */
static struct br_span cut(struct br_span *rest, char mark) {
    const char *at = rest->n > 0 ? memchr(rest->at, mark, rest->n) : NULL;
    struct br_span head = {rest->at, at != NULL ? (size_t)(at - rest->at) : rest->n};
    size_t taken = at != NULL ? head.n + 1 : head.n;
    rest->at += taken;
    rest->n -= taken;
    return head;
}

static void add_query_text(struct work *w, struct br_span text) {
    while (text.n > 0) {
        struct br_span name, value = cut(&text, '&');
        if (value.n == 0)
            continue;
        name = cut(&value, '=');
        add_parameter(w, br_uri_encode_once, name, value);
    }
}

static void add_own_parameter(struct work *w, const char *name, struct br_span value) {
    struct br_buf *parts = text_of(w, BR_SIGV4_PARTS);
    add_field(w->s, literal(name), encoded_part(parts, br_uri_encode, value));
}

static void add_own_parameters(struct work *w) {
    char expires[24];
    snprintf(expires, sizeof(expires), "%lld", (long long)w->options->expires);
    add_own_parameter(w, "X-Amz-Algorithm", literal(ALGORITHM));
    add_own_parameter(w, "X-Amz-Credential", span_of(text_of(w, BR_SIGV4_CREDENTIAL)));
    add_own_parameter(w, "X-Amz-Date", time_of(w));
    add_own_parameter(w, "X-Amz-Expires", literal(expires));
    add_own_parameter(w, "X-Amz-SignedHeaders", span_of(text_of(w, BR_SIGV4_NAMES)));
    if (w->credentials->session_token.n > 0 && !w->options->omit_session_token)
        add_own_parameter(w, "X-Amz-Security-Token", w->credentials->session_token);
}

/* Counts the parameters and their bytes, and makes room for both. */
static enum br_sigv4_status make_room_for_query(struct work *w) {
    const struct br_sigv4_request *request = w->request;
    size_t i, count = 8 + request->query_count, bytes = 256;
    bytes += request->query_text.n + w->credentials->session_token.n;
    bytes += text_of(w, BR_SIGV4_CREDENTIAL)->len + text_of(w, BR_SIGV4_NAMES)->len;
    for (i = 0; i < request->query_count; i++)
        bytes += request->query[i].name.n + request->query[i].value.n;
    for (i = 0; i < request->query_text.n; i++)
        count += request->query_text.at[i] == '&';
    if (bytes > BR_SIGV4_MAX)
        return BR_SIGV4_LIMIT;
    if (br_buf_room(text_of(w, BR_SIGV4_PARTS), BR_URI_GROWTH * bytes) == NULL)
        return BR_SIGV4_MEMORY;
    return make_room(w->s, count);
}

static enum br_sigv4_status collect_query(struct work *w) {
    const struct br_sigv4_request *request = w->request;
    enum br_sigv4_status status = make_room_for_query(w);
    size_t i;
    w->s->field_count = 0;
    if (status != BR_SIGV4_OK)
        return status;
    add_query_text(w, request->query_text);
    for (i = 0; i < request->query_count; i++)
        add_parameter(w, br_uri_encode, request->query[i].name, request->query[i].value);
    if (w->presigned)
        add_own_parameters(w);
    return BR_SIGV4_OK;
}

static void write_query(const struct work *w, struct br_buf *out) {
    size_t i;
    for (i = 0; i < w->s->field_count; i++) {
        put_text(out, i > 0 ? "&" : "");
        put(out, w->s->fields[i].name);
        put_text(out, "=");
        put(out, w->s->fields[i].value);
    }
}

static enum br_sigv4_status write_canonical_request(struct work *w) {
    struct br_buf *out = text_of(w, BR_SIGV4_REQUEST);
    enum br_sigv4_status status = hash_body(w);
    if (status == BR_SIGV4_OK)
        status = collect_headers(w);
    if (status != BR_SIGV4_OK)
        return status;
    sort_fields(w->s, compare_headers);
    write_headers(w);
    status = collect_query(w);
    if (status != BR_SIGV4_OK)
        return status;
    if (w->presigned)
        write_query(w, text_of(w, BR_SIGV4_OUT));
    sort_fields(w->s, compare_parameters);

    put(out, w->request->method);
    put_text(out, "\n");
    write_path(w, out);
    put_text(out, "\n");
    write_query(w, out);
    put_text(out, "\n");
    put(out, span_of(text_of(w, BR_SIGV4_LINES)));
    put_text(out, "\n");
    put(out, span_of(text_of(w, BR_SIGV4_NAMES)));
    put_text(out, "\n");
    put_trimmed(out, w->payload);
    return BR_SIGV4_OK;
}

/* ---- step 3: the string to sign ---- */

static enum br_sigv4_status write_string_to_sign(struct work *w) {
    struct br_span request = span_of(text_of(w, BR_SIGV4_REQUEST));
    struct br_buf *out = text_of(w, BR_SIGV4_TO_SIGN);
    unsigned char digest[BR_SHA256_SIZE];
    char hex[2 * BR_SHA256_SIZE];
    if (br_crypto_sha256(&w->s->crypto, request.at, request.n, digest) != 0)
        return BR_SIGV4_CRYPTO;
    br_crypto_hex(digest, sizeof(digest), hex);
    put_text(out, ALGORITHM "\n");
    put(out, time_of(w));
    put_text(out, "\n");
    put(out, span_of(text_of(w, BR_SIGV4_SCOPE)));
    put_text(out, "\n");
    br_buf_append(out, hex, sizeof(hex));
    return BR_SIGV4_OK;
}

/* ---- step 4: the key ---- */

/* The name of a derived key: a digest of all that it is derived from, lengths first, so that nothing runs
 * together. */
static int name_key(struct work *w, unsigned char name[BR_SHA256_SIZE]) {
    const struct br_span secret = w->credentials->secret_access_key;
    const size_t lengths[] = {secret.n, w->options->region.n, w->options->service.n};
    const struct br_span runs[] = {{(const char *)lengths, sizeof(lengths)},
                                   secret,
                                   date_of(w),
                                   w->options->region,
                                   w->options->service};
    return br_crypto_sha256_runs(&w->s->crypto, runs, sizeof(runs) / sizeof(runs[0]), name);
}

/* "AWS4" and the secret as a key of HMAC, where a key longer than a block stands for its digest. */
static int first_key(struct work *w, unsigned char key[BR_SHA256_BLOCK], size_t *n) {
    const struct br_span secret = w->credentials->secret_access_key;
    const struct br_span runs[] = {{"AWS4", 4}, secret};
    if (secret.n > BR_SHA256_BLOCK - 4) {
        *n = BR_SHA256_SIZE;
        return br_crypto_sha256_runs(&w->s->crypto, runs, 2, key);
    }
    memcpy(key, "AWS4", 4);
    if (secret.n > 0)
        memcpy(key + 4, secret.at, secret.n);
    *n = 4 + secret.n;
    return 0;
}

static int derive_key(struct work *w, unsigned char derived[BR_SHA256_SIZE]) {
    const struct br_span steps[] = {date_of(w), w->options->region, w->options->service, literal(TERMINATOR)};
    unsigned char key[BR_SHA256_BLOCK];
    size_t i, n;
    int status = first_key(w, key, &n);
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == 0; i++) {
        status = br_crypto_hmac_sha256(&w->s->crypto, key, n, steps[i].at, steps[i].n, key);
        n = BR_SHA256_SIZE;
    }
    if (status == 0)
        memcpy(derived, key, BR_SHA256_SIZE);
    br_crypto_wipe(key, sizeof(key));
    return status;
}

/* The slot that holds the key of this name, else the one that was not used for the longest time. */
static struct br_sigv4_key *find_slot(struct br_sigv4 *s, const unsigned char name[BR_SHA256_SIZE]) {
    struct br_sigv4_key *oldest = &s->keys[0];
    size_t i;
    for (i = 0; i < BR_SIGV4_KEYS; i++) {
        if (s->keys[i].used > 0 && memcmp(s->keys[i].name, name, BR_SHA256_SIZE) == 0)
            return &s->keys[i];
        if (s->keys[i].used < oldest->used)
            oldest = &s->keys[i];
    }
    br_crypto_wipe(oldest, sizeof(*oldest));
    return oldest;
}

static const unsigned char *signing_key(struct work *w) {
    unsigned char name[BR_SHA256_SIZE];
    struct br_sigv4_key *slot;
    if (name_key(w, name) != 0)
        return NULL;
    slot = find_slot(w->s, name);
    if (slot->used == 0) {
        if (derive_key(w, slot->key) != 0)
            return NULL;
        memcpy(slot->name, name, sizeof(name));
    }
    slot->used = ++w->s->clock;
    return slot->key;
}

/* ---- step 5: the signature ---- */

static enum br_sigv4_status write_signature(struct work *w) {
    const unsigned char *key = signing_key(w);
    struct br_span text = span_of(text_of(w, BR_SIGV4_TO_SIGN));
    unsigned char mac[BR_SHA256_SIZE];
    if (key == NULL || br_crypto_hmac_sha256(&w->s->crypto, key, BR_SHA256_SIZE, text.at, text.n, mac) != 0)
        return BR_SIGV4_CRYPTO;
    br_crypto_hex(mac, sizeof(mac), w->s->signature);
    return BR_SIGV4_OK;
}

/* ---- step 6: where the request says it ---- */

static void write_authorization(struct work *w) {
    struct br_buf *out = text_of(w, BR_SIGV4_OUT);
    put_text(out, ALGORITHM " Credential=");
    put(out, span_of(text_of(w, BR_SIGV4_CREDENTIAL)));
    put_text(out, ", SignedHeaders=");
    put(out, span_of(text_of(w, BR_SIGV4_NAMES)));
    put_text(out, ", Signature=");
    br_buf_append(out, w->s->signature, sizeof(w->s->signature));
}

/* The parameters that were signed are there already. */
static void write_presigned_query(struct work *w) {
    struct br_buf *out = text_of(w, BR_SIGV4_OUT);
    put_text(out, "&X-Amz-Signature=");
    br_buf_append(out, w->s->signature, sizeof(w->s->signature));
    if (w->credentials->session_token.n > 0 && w->options->omit_session_token) {
        put_text(out, "&X-Amz-Security-Token=");
        put_encoded(out, br_uri_encode, w->credentials->session_token, '\0');
    }
}

/* ---- the whole ---- */

static void reset_texts(struct br_sigv4 *s) {
    size_t i;
    for (i = 0; i < BR_SIGV4_TEXTS; i++)
        br_buf_reset(&s->texts[i]);
}

/* A text that failed to grow remembers it; asked once, when all have been written. */
static enum br_sigv4_status failure_of_texts(const struct br_sigv4 *s) {
    size_t i;
    for (i = 0; i < BR_SIGV4_TEXTS; i++) {
        if (s->texts[i].failed != BR_BUF_OK)
            return s->texts[i].failed == BR_BUF_LIMIT ? BR_SIGV4_LIMIT : BR_SIGV4_MEMORY;
    }
    return BR_SIGV4_OK;
}

static void describe(const struct work *w, struct br_sigv4_result *result) {
    struct br_span signature = {w->s->signature, sizeof(w->s->signature)};
    memset(result, 0, sizeof(*result));
    result->canonical_request = span_of(text_of(w, BR_SIGV4_REQUEST));
    result->string_to_sign = span_of(text_of(w, BR_SIGV4_TO_SIGN));
    result->signature = signature;
    result->time = time_of(w);
    result->body_sha256 = w->payload;
    result->adds_body_sha256 = adds_body_sha256(w);
    if (w->presigned)
        result->query = span_of(text_of(w, BR_SIGV4_OUT));
    else
        result->authorization = span_of(text_of(w, BR_SIGV4_OUT));
}

static enum br_sigv4_status sign(struct work *w, struct br_sigv4_result *result) {
    enum br_sigv4_status status;
    if (w->s->crypto.context == NULL)
        return BR_SIGV4_CRYPTO;
    reset_texts(w->s);
    status = stamp_time(w);
    if (status != BR_SIGV4_OK)
        return status;
    write_scope(w);
    status = write_canonical_request(w);
    if (status == BR_SIGV4_OK)
        status = failure_of_texts(w->s);
    if (status == BR_SIGV4_OK)
        status = write_string_to_sign(w);
    if (status == BR_SIGV4_OK)
        status = write_signature(w);
    if (status != BR_SIGV4_OK)
        return status;
    if (w->presigned)
        write_presigned_query(w);
    else
        write_authorization(w);
    describe(w, result);
    return failure_of_texts(w->s);
}

enum br_sigv4_status br_sigv4_sign(struct br_sigv4 *s, const struct br_sigv4_request *request,
                                   const struct br_sigv4_credentials *credentials,
                                   const struct br_sigv4_options *options, struct br_sigv4_result *result) {
    struct work w = {s, request, credentials, options, 0, {NULL, 0}};
    return sign(&w, result);
}

enum br_sigv4_status br_sigv4_presign(struct br_sigv4 *s, const struct br_sigv4_request *request,
                                      const struct br_sigv4_credentials *credentials,
                                      const struct br_sigv4_options *options,
                                      struct br_sigv4_result *result) {
    struct work w = {s, request, credentials, options, 1, {NULL, 0}};
    return sign(&w, result);
}

enum br_sigv4_status br_sigv4_init(struct br_sigv4 *s) {
    size_t i;
    memset(s, 0, sizeof(*s));
    for (i = 0; i < BR_SIGV4_TEXTS; i++)
        br_buf_init(&s->texts[i], i == BR_SIGV4_PARTS ? BR_URI_GROWTH * BR_SIGV4_MAX : BR_SIGV4_MAX);
    return br_crypto_init(&s->crypto) == 0 ? BR_SIGV4_OK : BR_SIGV4_CRYPTO;
}

void br_sigv4_clear(struct br_sigv4 *s) {
    size_t i;
    for (i = 0; i < BR_SIGV4_TEXTS; i++) {
        if (s->texts[i].data != NULL) /* session tokens pass through here */
            br_crypto_wipe(s->texts[i].data, s->texts[i].cap);
        br_buf_clear(&s->texts[i]);
    }
    br_crypto_wipe(s->keys, sizeof(s->keys));
    br_crypto_clear(&s->crypto);
    free(s->fields);
    s->fields = NULL;
    s->field_count = s->field_room = 0;
}
