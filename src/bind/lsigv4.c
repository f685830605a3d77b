/* core.sigv4: sign and presign over a table, the signing of a request as a client has it, percent-encoding of
 * labels, and what a header may say.
 *
 * The signer, with its cache of derived keys, is a userdata that the functions hold as their upvalue: it
 * dies, and is wiped, with the Lua state. Strings of the argument are not copied: they stay on the stack or
 * in its tables. */
#include "bind.h"
#include "field.h"
#include "lbuf.h"
#include "sigv4.h"
#include "uri.h"
#include "url.h"

#include <math.h>
#include <stdlib.h>

#define SIGNER "bedrock.signer"

struct signer {
    struct br_sigv4 core; /* first, so that one is the other */
    struct br_sigv4_pair *headers;
    size_t header_room;
    int64_t second; /* that the string in the upvalue DATE tells */
};

static struct br_sigv4 *to_core(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

static int signer_gc(lua_State *L) {
    struct signer *s = luaL_checkudata(L, 1, SIGNER);
    br_sigv4_clear(&s->core);
    free(s->headers);
    s->headers = NULL;
    s->header_room = 0;
    return 0;
}

/* ---- the argument ---- */

/* Raw, so that no metamethod runs between the reading of a string and its use. */
static void push_field(lua_State *L, const char *field) {
    lua_pushstring(L, field);
    lua_rawget(L, 1);
}

/* The string at the top of the stack, which stays there and so keeps it alive. */
static struct br_span string_at_top(lua_State *L, const char *field) {
    struct br_span text = {"", 0};
    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "sigv4: %s must be a string, not %s", field, luaL_typename(L, -1));
    text.at = lua_tolstring(L, -1, &text.n);
    return text;
}

static struct br_span need_string(lua_State *L, const char *field) {
    push_field(L, field);
    return string_at_top(L, field);
}

static struct br_span want_string(lua_State *L, const char *field) {
    struct br_span none = {"", 0};
    push_field(L, field);
    return lua_isnil(L, -1) ? none : string_at_top(L, field);
}

static int want_boolean(lua_State *L, const char *field, int otherwise) {
    int answer = otherwise;
    push_field(L, field);
    if (!lua_isnil(L, -1))
        answer = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return answer;
}

/* Seconds without their fraction; what no 64 bits hold becomes -1, which the core refuses. */
static int64_t seconds_at(lua_State *L, int i, const char *field) {
    lua_Number seconds;
    if (lua_type(L, i) != LUA_TNUMBER)
        luaL_error(L, "sigv4: %s must be a number of seconds, not %s", field, luaL_typename(L, i));
    seconds = lua_tonumber(L, i);
    return seconds >= 0 && seconds < 9e15 ? (int64_t)floor((double)seconds) : -1;
}

static int64_t need_seconds(lua_State *L, const char *field) {
    int64_t seconds;
    push_field(L, field);
    seconds = seconds_at(L, -1, field);
    lua_pop(L, 1);
    return seconds;
}

static struct br_span member(lua_State *L, int place, const char *field, int i) {
    struct br_span text = {"", 0};
    lua_rawgeti(L, -1, place);
    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "sigv4: %s[%d] must be a pair of strings", field, i);
    text.at = lua_tolstring(L, -1, &text.n);
    lua_pop(L, 1);
    return text;
}

/* The list at the top of the stack as pairs; they live in a userdata that takes its place above it. */
static const struct br_sigv4_pair *pairs_at_top(lua_State *L, const char *field, size_t *count) {
    size_t i, n = lua_rawlen(L, -1);
    struct br_sigv4_pair *pairs = lua_newuserdata(L, (n + 1) * sizeof(*pairs));
    for (i = 0; i < n; i++) {
        lua_rawgeti(L, -2, (int)i + 1);
        if (!lua_istable(L, -1))
            luaL_error(L, "sigv4: %s[%d] must be a pair of strings", field, (int)i + 1);
        pairs[i].name = member(L, 1, field, (int)i + 1);
        pairs[i].value = member(L, 2, field, (int)i + 1);
        lua_pop(L, 1);
    }
    *count = n;
    return pairs;
}

static struct br_span body_at(lua_State *L, int i) {
    struct br_span bytes = {"", 0};
    if (!lua_isnoneornil(L, i))
        bytes.at = lbr_tobytes(L, i, &bytes.n);
    if (bytes.at == NULL)
        luaL_error(L, "sigv4: body must be a string or a buffer, not %s", luaL_typename(L, i));
    return bytes;
}

static void read_query(lua_State *L, struct br_sigv4_request *request) {
    push_field(L, "query");
    if (lua_istable(L, -1))
        request->query = pairs_at_top(L, "query", &request->query_count);
    else if (!lua_isnil(L, -1))
        request->query_text = string_at_top(L, "query");
}

static void read_headers(lua_State *L, struct br_sigv4_request *request) {
    push_field(L, "headers");
    if (!lua_istable(L, -1))
        luaL_error(L, "sigv4: headers must be a list of pairs, not %s", luaL_typename(L, -1));
    request->headers = pairs_at_top(L, "headers", &request->header_count);
}

struct argument {
    struct br_sigv4_request request;
    struct br_sigv4_credentials credentials;
    struct br_sigv4_options options;
};

static void read_argument(lua_State *L, struct argument *a) {
    memset(a, 0, sizeof(*a));
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_checkstack(L, 24, "sigv4");
    a->request.method = need_string(L, "method");
    a->request.path = need_string(L, "path");
    read_query(L, &a->request);
    read_headers(L, &a->request);
    push_field(L, "body");
    a->request.body = body_at(L, -1);
    a->credentials.access_key_id = need_string(L, "access_key_id");
    a->credentials.secret_access_key = need_string(L, "secret_access_key");
    a->credentials.session_token = want_string(L, "session_token");
    a->options.region = need_string(L, "region");
    a->options.service = need_string(L, "service");
    a->options.time = need_seconds(L, "time");
    a->options.as_is = !want_boolean(L, "normalize", 1);
    a->options.encode_once = !want_boolean(L, "double_encode", 1);
    a->options.content_sha256 = want_boolean(L, "content_sha256", 0);
    a->options.omit_session_token = want_boolean(L, "omit_session_token", 0);
}

/* ---- the answer ---- */

static void push_span(lua_State *L, struct br_span text) {
    lua_pushlstring(L, text.n > 0 ? text.at : "", text.n);
}

static void set_span(lua_State *L, const char *field, struct br_span text) {
    push_span(L, text);
    lua_setfield(L, -2, field);
}

/* Appends { name, value } to the list at the top of the stack. */
static void add_pair(lua_State *L, const char *name, struct br_span value) {
    lua_createtable(L, 2, 0);
    lua_pushstring(L, name);
    lua_rawseti(L, -2, 1);
    push_span(L, value);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
}

static void set_headers(lua_State *L, const struct argument *a, const struct br_sigv4_result *result) {
    lua_createtable(L, 4, 0);
    add_pair(L, "x-amz-date", result->time);
    if (a->credentials.session_token.n > 0)
        add_pair(L, "x-amz-security-token", a->credentials.session_token);
    if (result->adds_body_sha256)
        add_pair(L, "x-amz-content-sha256", result->body_sha256);
    add_pair(L, "authorization", result->authorization);
    lua_setfield(L, -2, "headers");
}

/* Into the table at the top of the stack. */
static void set_steps(lua_State *L, const struct br_sigv4_result *result) {
    set_span(L, "canonical_request", result->canonical_request);
    set_span(L, "string_to_sign", result->string_to_sign);
    set_span(L, "signature", result->signature);
}

static void push_result(lua_State *L, const struct br_sigv4_result *result) {
    lua_createtable(L, 0, 5);
    set_steps(L, result);
}

/* nil and { code, message } for what the caller cannot see coming; misuse and lack of memory raise. */
static int push_failure(lua_State *L, enum br_sigv4_status status) {
    if (status == BR_SIGV4_TIME)
        return luaL_error(L, "sigv4: time must be seconds since 1970, before the year 10000");
    if (status == BR_SIGV4_MEMORY)
        return luaL_error(L, "not enough memory");
    lua_pushnil(L);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, status == BR_SIGV4_LIMIT ? "limit" : "crypto");
    lua_setfield(L, -2, "code");
    lua_pushstring(L, status == BR_SIGV4_LIMIT ? "the path, query and headers are too large to sign"
                                               : "libcrypto could not compute SHA-256");
    lua_setfield(L, -2, "message");
    return 2;
}

/* sign { method, path, query, headers, body, region, service, time, access_key_id, secret_access_key,
 * session_token, normalize, double_encode, content_sha256, omit_session_token } */
static int lsign(lua_State *L) {
    struct argument a;
    struct br_sigv4_result result;
    enum br_sigv4_status status;
    read_argument(L, &a);
    status = br_sigv4_sign(to_core(L), &a.request, &a.credentials, &a.options, &result);
    if (status != BR_SIGV4_OK)
        return push_failure(L, status);
    push_result(L, &result);
    set_span(L, "authorization", result.authorization);
    set_headers(L, &a, &result);
    return 1;
}

/* presign { ..., expires }: the query of the presigned request, ready for the wire. */
static int lpresign(lua_State *L) {
    struct argument a;
    struct br_sigv4_result result;
    enum br_sigv4_status status;
    read_argument(L, &a);
    a.options.expires = need_seconds(L, "expires");
    luaL_argcheck(L, a.options.expires > 0, 1, "expires must be a positive number of seconds");
    status = br_sigv4_presign(to_core(L), &a.request, &a.credentials, &a.options, &result);
    if (status != BR_SIGV4_OK)
        return push_failure(L, status);
    push_result(L, &result);
    set_span(L, "query", result.query);
    return 1;
}

/* ---- a request as a client has it ---- */

/* The string at an index; `at` is NULL when it is none. */
static struct br_span span_at(lua_State *L, int i) {
    struct br_span text = {NULL, 0};
    if (lua_type(L, i) == LUA_TSTRING)
        text.at = lua_tolstring(L, i, &text.n);
    return text;
}

static void make_room(lua_State *L, struct signer *s, size_t count) {
    size_t room = s->header_room < 8 ? 16 : 2 * s->header_room;
    struct br_sigv4_pair *more;
    if (count <= s->header_room)
        return;
    more = realloc(s->headers, room * sizeof(*more));
    if (more == NULL)
        luaL_error(L, "not enough memory");
    s->headers = more;
    s->header_room = room;
}

/* Reads the pair at the top of the stack, and says whether it can be sent. */
static int read_pair(lua_State *L, struct br_sigv4_pair *pair, int i) {
    if (!lua_istable(L, -1))
        luaL_error(L, "sigv4: headers[%d] must be a pair of strings", i);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    pair->name = span_at(L, -2);
    pair->value = span_at(L, -1);
    lua_pop(L, 2);
    return br_field_is_name(pair->name) && pair->value.at != NULL && br_field_is_value(pair->value);
}

enum { LONGEST = sizeof("x-amz-security-token") - 1 }; /* of the names that are looked for */

/* Whether the headers of a request hold one of these names in lower case; NULL is none. */
static int is_named(struct br_span lower, const char *name) {
    return name != NULL && lower.n == strlen(name) && memcmp(lower.at, name, lower.n) == 0;
}

struct headers {
    int list;  /* index of the list that is read */
    int fresh; /* index of the list that those which stay are put into */
    const char *drop;
    size_t kept; /* how many stay; their spans are the signer's headers */
    int has_host;
    int bad; /* the place of one that cannot be sent, or 0 */
};

/* Whether an earlier attempt has left a header. */
static int is_stale(struct headers *h, struct br_span name) {
    char text[LONGEST];
    struct br_span lower = {text, name.n};
    if (name.n > LONGEST)
        return 0;
    br_field_lower(text, name);
    h->has_host |= is_named(lower, "host");
    return br_sigv4_replaces(lower) || is_named(lower, h->drop);
}

/* Nothing here makes Lua collect garbage once the new list is there, so that what the spans point to stays
 * what it is until the end of the signing. */
static void read_list(lua_State *L, struct signer *s, struct headers *h) {
    int i;
    luaL_checktype(L, h->list, LUA_TTABLE);
    lua_createtable(L, (int)lua_rawlen(L, h->list) + 4, 0);
    h->fresh = lua_gettop(L);
    for (i = 1;; i++) {
        make_room(L, s, h->kept + 2);
        lua_rawgeti(L, h->list, i);
        if (lua_isnil(L, -1))
            break;
        if (!read_pair(L, &s->headers[h->kept], i)) {
            h->bad = i;
            break;
        }
        if (is_stale(h, s->headers[h->kept].name))
            lua_pop(L, 1);
        else
            lua_rawseti(L, h->fresh, (int)++h->kept);
    }
    lua_settop(L, h->fresh);
}

/* nil, what was wrong, and the place of it in a list. */
static int push_wrong(lua_State *L, const char *what, int place) {
    lua_pushnil(L);
    lua_pushstring(L, what);
    lua_pushinteger(L, place);
    return 3;
}

/* fresh_headers(headers [, drop]): a new list without what signing would add and without `drop`, a name in
 * lower case; or nil, "header" and the place of one that cannot be sent. */
static int lfresh_headers(lua_State *L) {
    struct headers h = {1, 0, luaL_optstring(L, 2, NULL), 0, 0, 0};
    read_list(L, lua_touserdata(L, lua_upvalueindex(1)), &h);
    return h.bad != 0 ? push_wrong(L, "header", h.bad) : 1;
}

enum { HEADERS = 1, METHOD, URL, BODY, REGION, SERVICE, TIME, ID, SECRET, TOKEN, TRACE };

static struct br_span need_at(lua_State *L, int i, const char *field) {
    struct br_span text = span_at(L, i);
    if (text.at == NULL)
        luaL_error(L, "sigv4: %s must be a string, not %s", field, luaL_typename(L, i));
    return text;
}

static int is_s3(struct br_span service) {
    return service.n == 2 && memcmp(service.at, "s3", 2) == 0;
}

static int read_credentials(lua_State *L, struct br_sigv4_credentials *credentials) {
    credentials->access_key_id = span_at(L, ID);
    credentials->secret_access_key = span_at(L, SECRET);
    credentials->session_token = span_at(L, TOKEN);
    return credentials->access_key_id.n > 0 && br_field_is_key(credentials->access_key_id) &&
           credentials->secret_access_key.n > 0 && br_field_is_key(credentials->secret_access_key) &&
           (credentials->session_token.at != NULL ? br_field_is_key(credentials->session_token)
                                                  : lua_isnil(L, TOKEN));
}

/* Everything but the headers. Answers what is wrong, or NULL. */
static const char *read_request(lua_State *L, struct argument *a, struct br_url *url) {
    memset(a, 0, sizeof(*a));
    if (!read_credentials(L, &a->credentials))
        return "credentials";
    if (lua_isnoneornil(L, REGION))
        return "region";
    if (br_url_split(need_at(L, URL, "url"), url) != 0)
        return "url";
    a->request.method = need_at(L, METHOD, "method");
    a->request.path = url->path;
    a->request.query_text = url->query;
    a->request.body = body_at(L, BODY);
    a->options.region = need_at(L, REGION, "region");
    a->options.service = need_at(L, SERVICE, "service");
    a->options.time = seconds_at(L, TIME, "time");
    a->options.as_is = a->options.encode_once = a->options.content_sha256 = is_s3(a->options.service);
    return NULL;
}

/* Upvalues behind the signer: names of headers, and the last time as a string. */
enum { NAME_DATE = 2, NAME_TOKEN, NAME_SHA256, NAME_AUTHORIZATION, DATE };

/* Puts { name, text } into the list; the text is at the top of the stack. */
static void add_header(lua_State *L, struct headers *h, int name) {
    lua_createtable(L, 2, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 2);
    lua_pushvalue(L, lua_upvalueindex(name));
    lua_rawseti(L, -2, 1);
    lua_rawseti(L, h->fresh, (int)++h->kept);
}

static void push_date(lua_State *L, struct signer *s, const char *time, size_t n) {
    if (s->core.second != s->second) {
        lua_pushlstring(L, time, n);
        lua_replace(L, lua_upvalueindex(DATE));
        s->second = s->core.second;
    }
    lua_pushvalue(L, lua_upvalueindex(DATE));
}

/* What the signature brings along. The authorization becomes Lua's first of all: what lies in the signer is
 * there only until somebody signs again, and a finalizer could. */
static void add_own_headers(lua_State *L, struct signer *s, struct headers *h,
                            const struct br_sigv4_result *result) {
    char sha256[2 * BR_SHA256_SIZE];
    if (result->adds_body_sha256)
        memcpy(sha256, result->body_sha256.at, sizeof(sha256));
    push_date(L, s, result->time.at, result->time.n);
    push_span(L, result->authorization);
    lua_insert(L, -2);
    add_header(L, h, NAME_DATE);
    if (lua_rawlen(L, TOKEN) > 0) {
        lua_pushvalue(L, TOKEN);
        add_header(L, h, NAME_TOKEN);
    }
    if (result->adds_body_sha256) {
        lua_pushlstring(L, sha256, sizeof(sha256));
        add_header(L, h, NAME_SHA256);
    }
    add_header(L, h, NAME_AUTHORIZATION);
}

static void set_trace(lua_State *L, const struct br_sigv4_result *result) {
    if (!lua_istable(L, TRACE))
        return;
    lua_pushvalue(L, TRACE);
    set_steps(L, result);
    lua_pop(L, 1);
}

/* What is signed: the headers that are sent, and the Host that the transport will write, as it derives it
 * from the url, unless the request states one. */
static void use_headers(struct argument *a, const struct signer *s, const struct headers *h,
                        struct br_span authority) {
    static const struct br_span host = {"host", 4};
    a->request.headers = s->headers;
    a->request.header_count = h->kept;
    if (!h->has_host) {
        s->headers[h->kept].name = host;
        s->headers[h->kept].value = authority;
        a->request.header_count++;
    }
}

/* sign_request(headers, method, url, body, region, service, time, id, secret, token [, trace]): a new list of
 * headers, those of an earlier attempt replaced; or nil and what was wrong: "credentials", "region", "url",
 * "header" and its place, or { code, message }. `trace` is a table that is told the canonical request, the
 * string to sign and the signature. */
static int lsign_request(lua_State *L) {
    struct signer *s = lua_touserdata(L, lua_upvalueindex(1));
    struct headers h = {HEADERS, 0, NULL, 0, 0, 0};
    struct br_sigv4_result result;
    enum br_sigv4_status status;
    struct argument a;
    struct br_url url;
    const char *wrong;
    lua_settop(L, TRACE);
    wrong = read_request(L, &a, &url);
    if (wrong != NULL)
        return push_wrong(L, wrong, 0);
    h.drop = a.options.content_sha256 ? "x-amz-content-sha256" : NULL;
    read_list(L, s, &h);
    if (h.bad != 0)
        return push_wrong(L, "header", h.bad);
    use_headers(&a, s, &h, url.authority);
    status = br_sigv4_sign(&s->core, &a.request, &a.credentials, &a.options, &result);
    if (status != BR_SIGV4_OK)
        return push_failure(L, status);
    add_own_headers(L, s, &h, &result);
    set_trace(L, &result);
    return 1;
}

/* split_url(url): scheme in lower case, host, authority, path and query (nil when there is none); nil for
 * what is no absolute http or https url. */
static int lsplit_url(lua_State *L) {
    struct br_span text;
    struct br_url url;
    text.at = luaL_checklstring(L, 1, &text.n);
    if (br_url_split(text, &url) != 0)
        return 0;
    lua_pushstring(L, url.scheme.n == 5 ? "https" : "http");
    push_span(L, url.host);
    push_span(L, url.authority);
    push_span(L, url.path);
    if (url.query.n == 0)
        return 4;
    push_span(L, url.query);
    return 5;
}

/* uri_encode(text [, keep]): keep is one byte that stands for itself. */
static int luri_encode(lua_State *L) {
    struct br_span text;
    const char *keep = luaL_optstring(L, 2, "");
    char *out, *end;
    text.at = luaL_checklstring(L, 1, &text.n);
    luaL_argcheck(L, text.n <= (size_t)-1 / BR_URI_GROWTH, 1, "too long");
    out = lua_newuserdata(L, BR_URI_GROWTH * text.n + 1);
    end = br_uri_encode(out, text, keep[0]);
    lua_pushlstring(L, out, (size_t)(end - out));
    return 1;
}

static int push_whether(lua_State *L, int (*is_good)(struct br_span)) {
    struct br_span text;
    text.at = luaL_checklstring(L, 1, &text.n);
    lua_pushboolean(L, is_good(text));
    return 1;
}

/* is_field_name(text): whether a header may be called so. */
static int lis_field_name(lua_State *L) {
    return push_whether(L, br_field_is_name);
}

/* is_field_value(text): whether a header may say so. */
static int lis_field_value(lua_State *L) {
    return push_whether(L, br_field_is_value);
}

/* is_key(text): whether it holds no white space either, as keys and tokens do not. */
static int lis_key(lua_State *L) {
    return push_whether(L, br_field_is_key);
}

static const luaL_Reg functions[] = {
    {"sign", lsign},
    {"presign", lpresign},
    {"fresh_headers", lfresh_headers},
    {"split_url", lsplit_url},
    {"uri_encode", luri_encode},
    {"is_field_name", lis_field_name},
    {"is_field_value", lis_field_value},
    {"is_key", lis_key},
    {NULL, NULL},
};

static void push_signer(lua_State *L) {
    struct signer *s = lua_newuserdata(L, sizeof(*s));
    memset(s, 0, sizeof(*s));
    if (luaL_newmetatable(L, SIGNER)) {
        lua_pushcfunction(L, signer_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    s->second = -1;
    if (br_sigv4_init(&s->core) != BR_SIGV4_OK)
        luaL_error(L, "libcrypto does not offer SHA-256");
}

/* Takes the signer at the top of the stack. */
static void push_sign_request(lua_State *L) {
    lua_pushliteral(L, "x-amz-date");
    lua_pushliteral(L, "x-amz-security-token");
    lua_pushliteral(L, "x-amz-content-sha256");
    lua_pushliteral(L, "authorization");
    lua_pushnil(L);
    lua_pushcclosure(L, lsign_request, DATE);
}

int luaopen_bedrock_sigv4(lua_State *L) {
    lua_createtable(L, 0, 9);
    push_signer(L);
    lua_pushvalue(L, -1);
    push_sign_request(L);
    lua_setfield(L, -3, "sign_request");
    luaL_setfuncs(L, functions, 1);
    return 1;
}
