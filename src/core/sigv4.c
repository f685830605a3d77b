#include "sigv4.h"
#include "field.h"
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
    struct br_span
        payload; /* what the canonical request says about the body; `at` is NULL until that is known */
    size_t header_bytes; /* that the canonical headers take at most */
};

static inline struct br_span literal(const char *text) {
    struct br_span span = {text, strlen(text)};
    return span;
}

static struct br_span span_of(const struct br_buf *b) {
    struct br_span span = {b->len > 0 ? b->data : "", b->len};
    return span;
}

static inline void put(struct br_buf *b, struct br_span text) {
    br_buf_append(b, text.at, text.n);
}

static inline void put_text(struct br_buf *b, const char *text) {
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

/* As memcmp, over all of both. */
static int compare(struct br_span a, struct br_span b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.at, b.at, n) : 0;
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static inline int is_equal(struct br_span a, struct br_span b) {
    return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

static inline int is_among(struct br_span text, const struct br_span *list, size_t count) {
    size_t i;
    for (i = 0; i < count; i++) {
        if (is_equal(text, list[i]))
            return 1;
    }
    return 0;
}

#define WORD(text)                                                                                           \
    { text, sizeof(text) - 1 }
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- names of headers, in lower case ---- */

int br_sigv4_replaces(struct br_span name) {
    static const struct br_span own[] = {WORD("authorization"), WORD("x-amz-date"),
                                         WORD("x-amz-security-token")};
    return is_among(name, own, COUNT(own));
}

/* No name that is passed over is longer than x-amz-security-token. */
#define LONGEST_PASSED_OVER 20

/* Headers that are never signed: those that a proxy or the HTTP library writes anew, and our own of an
 * earlier try, which this signature replaces. */
static int is_passed_over(struct br_span name) {
    static const struct br_span names[] = {WORD("te"),
                                           WORD("expect"),
                                           WORD("trailer"),
                                           WORD("upgrade"),
                                           WORD("connection"),
                                           WORD("keep-alive"),
                                           WORD("user-agent"),
                                           WORD("x-amzn-trace-id"),
                                           WORD("transfer-encoding"),
                                           WORD("proxy-authenticate"),
                                           WORD("proxy-authorization")};
    static const struct br_span websocket = WORD("sec-websocket-");
    if (name.n >= websocket.n && memcmp(name.at, websocket.at, websocket.n) == 0)
        return 1;
    return name.n <= LONGEST_PASSED_OVER && (br_sigv4_replaces(name) || is_among(name, names, COUNT(names)));
}

/* ---- fields, and their order ---- */

static enum br_sigv4_status make_room(struct br_sigv4_list *list, size_t count) {
    struct br_sigv4_field *more;
    list->count = 0;
    if (count <= list->room)
        return BR_SIGV4_OK;
    if (count > BR_SIGV4_MAX) /* each would take a byte at least */
        return BR_SIGV4_LIMIT;
    more = realloc(list->fields, count * sizeof(*more));
    if (more == NULL)
        return BR_SIGV4_MEMORY;
    list->fields = more;
    list->room = count;
    return BR_SIGV4_OK;
}

/* Into room that make_room has made. */
static void add_field(struct br_sigv4_list *list, struct br_span name, struct br_span value) {
    struct br_sigv4_field *field = &list->fields[list->count];
    field->name = name;
    field->value = value;
    field->place = list->count++;
}

static int compare_headers(const void *a, const void *b) {
    const struct br_sigv4_field *left = a, *right = b;
    int order = compare(left->name, right->name);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static int compare_parameters(const void *a, const void *b) {
    const struct br_sigv4_field *left = a, *right = b;
    int order = compare(left->name, right->name);
    return order != 0 ? order : compare(left->value, right->value);
}

/* The few fields of nearly every request are put in their places faster than qsort is set up. */
#define FEW 16

static void sort_fields(struct br_sigv4_list *list, int (*compare_two)(const void *, const void *)) {
    struct br_sigv4_field *fields = list->fields, moved;
    size_t i, at;
    if (list->count > FEW) {
        qsort(fields, list->count, sizeof(*fields), compare_two);
        return;
    }
    for (i = 1; i < list->count; i++) {
        moved = fields[i];
        for (at = i; at > 0 && compare_two(&fields[at - 1], &moved) > 0; at--)
            fields[at] = fields[at - 1];
        fields[at] = moved;
    }
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
    if (w->options->time == w->s->second)
        return BR_SIGV4_OK;
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
    w->s->second = w->options->time;
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

static void write_credential(struct work *w) {
    struct br_buf *out = text_of(w, BR_SIGV4_CREDENTIAL);
    put(out, w->credentials->access_key_id);
    put_text(out, "/");
    put(out, date_of(w));
    put_text(out, "/");
    put(out, w->options->region);
    put_text(out, "/");
    put(out, w->options->service);
    put_text(out, "/" TERMINATOR);
}

/* What stands behind the key id. */
static struct br_span scope_of(const struct work *w) {
    struct br_span scope = span_of(text_of(w, BR_SIGV4_CREDENTIAL));
    size_t id = w->credentials->access_key_id.n + 1;
    scope.at += id;
    scope.n -= id;
    return scope;
}

/* ---- step 2: the canonical request ---- */

/* Bytes that the names and values of the header form's own headers take, but for the token. */
#define OWN_HEADERS 256

/* Room for the canonical headers and for their names; makes sure that all of them together are not too large.
 */
static enum br_sigv4_status make_room_for_headers(struct work *w) {
    const struct br_sigv4_request *request = w->request;
    size_t i, bytes = w->credentials->session_token.n;
    for (i = 0; i < request->header_count && bytes <= BR_SIGV4_MAX; i++) {
        const struct br_sigv4_pair *header = &request->headers[i];
        bytes = header->name.n > BR_SIGV4_MAX || header->value.n > BR_SIGV4_MAX
                    ? SIZE_MAX
                    : bytes + header->name.n + header->value.n + 2; /* a mark behind each */
    }
    if (bytes > BR_SIGV4_MAX - OWN_HEADERS)
        return BR_SIGV4_LIMIT;
    w->header_bytes = bytes + OWN_HEADERS;
    if (br_buf_room(text_of(w, BR_SIGV4_LOWER), w->header_bytes) == NULL ||
        br_buf_room(text_of(w, BR_SIGV4_NAMES), w->header_bytes) == NULL)
        return BR_SIGV4_MEMORY;
    return make_room(&w->s->headers, request->header_count + 3);
}

/* The name in lower case, in the room that is there already, so that it stays where it is. */
static struct br_span lower_name(struct work *w, struct br_span name) {
    struct br_buf *lower = text_of(w, BR_SIGV4_LOWER);
    struct br_span made = {lower->data + lower->len, name.n};
    br_field_lower(lower->data + lower->len, name);
    br_buf_added(lower, name.n);
    return made;
}

/* The request's headers that are signed. One that speaks for the body ("UNSIGNED-PAYLOAD") is remembered. */
static void collect_headers(struct work *w) {
    static const struct br_span content_sha256 = WORD("x-amz-content-sha256");
    size_t i;
    for (i = 0; i < w->request->header_count; i++) {
        const struct br_sigv4_pair *header = &w->request->headers[i];
        struct br_span name = lower_name(w, header->name);
        if (w->payload.at == NULL && is_equal(name, content_sha256))
            w->payload = header->value;
        if (!is_passed_over(name))
            add_field(&w->s->headers, name, header->value);
    }
}

/* What the canonical request says about the body: its digest, unless a header speaks for it. */
static enum br_sigv4_status hash_body(struct work *w) {
    unsigned char digest[BR_SHA256_SIZE];
    if (w->payload.at != NULL)
        return BR_SIGV4_OK;
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

/* The headers that the header form brings along. */
static void add_own_headers(struct work *w) {
    struct br_sigv4_list *headers = &w->s->headers;
    add_field(headers, literal("x-amz-date"), time_of(w));
    if (w->credentials->session_token.n > 0 && !w->options->omit_session_token)
        add_field(headers, literal("x-amz-security-token"), w->credentials->session_token);
    if (adds_body_sha256(w))
        add_field(headers, literal("x-amz-content-sha256"), w->payload);
}

/* The sorted names, each once. */
static void write_names(struct work *w) {
    const struct br_sigv4_list *headers = &w->s->headers;
    struct br_buf *names = text_of(w, BR_SIGV4_NAMES);
    size_t i;
    for (i = 0; i < headers->count; i++) {
        if (i > 0 && is_equal(headers->fields[i - 1].name, headers->fields[i].name))
            continue;
        put_text(names, i > 0 ? ";" : "");
        put(names, headers->fields[i].name);
    }
}

static enum br_sigv4_status read_headers(struct work *w) {
    enum br_sigv4_status status = make_room_for_headers(w);
    if (status != BR_SIGV4_OK)
        return status;
    collect_headers(w);
    status = hash_body(w);
    if (status != BR_SIGV4_OK)
        return status;
    if (!w->presigned)
        add_own_headers(w);
    sort_fields(&w->s->headers, compare_headers);
    write_names(w);
    return BR_SIGV4_OK;
}

static char *put_bytes(char *to, struct br_span text) {
    memcpy(to, text.at, text.n);
    return to + text.n;
}

/* The sorted headers as lines, values of one name joined by commas. */
static void write_headers(struct work *w, struct br_buf *out) {
    const struct br_sigv4_list *headers = &w->s->headers;
    char *start = br_buf_room(out, w->header_bytes), *to = start;
    size_t i;
    if (start == NULL)
        return;
    for (i = 0; i < headers->count; i++) {
        const struct br_sigv4_field *field = &headers->fields[i];
        if (i > 0 && is_equal(field[-1].name, field->name)) {
            to[-1] = ',';
        } else {
            to = put_bytes(to, field->name);
            *to++ = ':';
        }
        to = br_field_trimmed(to, field->value);
        *to++ = '\n';
    }
    br_buf_added(out, (size_t)(to - start));
}

static void put_trimmed(struct br_buf *out, struct br_span value) {
    char *start = br_buf_room(out, value.n);
    if (start != NULL)
        br_buf_added(out, (size_t)(br_field_trimmed(start, value) - start));
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
    static const struct br_span own[] = {WORD("X-Amz-Algorithm"),     WORD("X-Amz-Credential"),
                                         WORD("X-Amz-Date"),          WORD("X-Amz-Expires"),
                                         WORD("X-Amz-SignedHeaders"), WORD("X-Amz-Security-Token"),
                                         WORD("X-Amz-Signature")};
    return is_among(name, own, COUNT(own));
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
        add_field(&w->s->parameters, name, value);
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
    add_field(&w->s->parameters, literal(name), encoded_part(parts, br_uri_encode, value));
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
    return make_room(&w->s->parameters, count);
}

static enum br_sigv4_status collect_query(struct work *w) {
    const struct br_sigv4_request *request = w->request;
    enum br_sigv4_status status = make_room_for_query(w);
    size_t i;
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
    const struct br_sigv4_list *parameters = &w->s->parameters;
    size_t i;
    for (i = 0; i < parameters->count; i++) {
        put_text(out, i > 0 ? "&" : "");
        put(out, parameters->fields[i].name);
        put_text(out, "=");
        put(out, parameters->fields[i].value);
    }
}

static enum br_sigv4_status write_canonical_request(struct work *w) {
    struct br_buf *out = text_of(w, BR_SIGV4_REQUEST);
    enum br_sigv4_status status = read_headers(w);
    if (status == BR_SIGV4_OK)
        status = collect_query(w);
    if (status != BR_SIGV4_OK)
        return status;
    if (w->presigned)
        write_query(w, text_of(w, BR_SIGV4_OUT));
    sort_fields(&w->s->parameters, compare_parameters);

    put(out, w->request->method);
    put_text(out, "\n");
    write_path(w, out);
    put_text(out, "\n");
    write_query(w, out);
    put_text(out, "\n");
    write_headers(w, out);
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
    put(out, scope_of(w));
    put_text(out, "\n");
    br_buf_append(out, hex, sizeof(hex));
    return BR_SIGV4_OK;
}

/* ---- step 4: the key ---- */

/* The name of a derived key: a digest of the secret and of the scope. Nothing runs together: the lengths of
 * the secret and of the region stand in front. */
static int name_key(struct work *w, unsigned char name[BR_SHA256_SIZE]) {
    const struct br_span secret = w->credentials->secret_access_key;
    const size_t lengths[] = {secret.n, w->options->region.n};
    const struct br_span runs[] = {{(const char *)lengths, sizeof(lengths)}, secret, scope_of(w)};
    return br_crypto_sha256_runs(&w->s->crypto, runs, COUNT(runs), name);
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

static int derive_key(struct work *w, struct br_hmac *derived) {
    const struct br_span steps[] = {date_of(w), w->options->region, w->options->service, literal(TERMINATOR)};
    unsigned char key[BR_SHA256_BLOCK];
    size_t i, n;
    int status = first_key(w, key, &n);
    for (i = 0; i < COUNT(steps) && status == 0; i++) {
        status = br_crypto_hmac_sha256(&w->s->crypto, key, n, steps[i].at, steps[i].n, key);
        n = BR_SHA256_SIZE;
    }
    if (status == 0)
        status = br_hmac_init(&w->s->crypto, derived, key, BR_SHA256_SIZE);
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
    oldest->used = 0;
    return oldest;
}

static const struct br_hmac *signing_key(struct work *w) {
    unsigned char name[BR_SHA256_SIZE];
    struct br_sigv4_key *slot;
    if (name_key(w, name) != 0)
        return NULL;
    slot = find_slot(w->s, name);
    if (slot->used == 0) {
        if (derive_key(w, &slot->hmac) != 0)
            return NULL;
        memcpy(slot->name, name, sizeof(name));
    }
    slot->used = ++w->s->clock;
    return &slot->hmac;
}

/* ---- step 5: the signature ---- */

static enum br_sigv4_status write_signature(struct work *w) {
    const struct br_hmac *key = signing_key(w);
    struct br_span text = span_of(text_of(w, BR_SIGV4_TO_SIGN));
    unsigned char mac[BR_SHA256_SIZE];
    if (key == NULL || br_hmac_sha256(&w->s->crypto, key, text.at, text.n, mac) != 0)
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
    write_credential(w);
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
    struct work w = {s, request, credentials, options, 0, {NULL, 0}, 0};
    return sign(&w, result);
}

enum br_sigv4_status br_sigv4_presign(struct br_sigv4 *s, const struct br_sigv4_request *request,
                                      const struct br_sigv4_credentials *credentials,
                                      const struct br_sigv4_options *options,
                                      struct br_sigv4_result *result) {
    struct work w = {s, request, credentials, options, 1, {NULL, 0}, 0};
    return sign(&w, result);
}

enum br_sigv4_status br_sigv4_init(struct br_sigv4 *s) {
    size_t i;
    memset(s, 0, sizeof(*s));
    s->second = -1;
    for (i = 0; i < BR_SIGV4_TEXTS; i++) {
        br_buf_init(&s->texts[i], i == BR_SIGV4_PARTS ? BR_URI_GROWTH * BR_SIGV4_MAX : BR_SIGV4_MAX);
        s->texts[i].secret = 1; /* session tokens pass through here */
    }
    return br_crypto_init(&s->crypto) == 0 ? BR_SIGV4_OK : BR_SIGV4_CRYPTO;
}

static void clear_list(struct br_sigv4_list *list) {
    free(list->fields);
    memset(list, 0, sizeof(*list));
}

void br_sigv4_clear(struct br_sigv4 *s) {
    size_t i;
    for (i = 0; i < BR_SIGV4_TEXTS; i++)
        br_buf_clear(&s->texts[i]);
    for (i = 0; i < BR_SIGV4_KEYS; i++)
        br_hmac_clear(&s->keys[i].hmac);
    br_crypto_wipe(s->keys, sizeof(s->keys));
    br_crypto_clear(&s->crypto);
    clear_list(&s->headers);
    clear_list(&s->parameters);
}
