/* core.sigv4: sign and presign over a table, percent-encoding of labels, and what a header may say.
 *
 * The signer, with its cache of derived keys, is a userdata that the functions hold as their upvalue: it
 * dies, and is wiped, with the Lua state. Strings of the argument are not copied: they stay on the stack or
 * in its tables. */
#include "bind.h"
#include "lbuf.h"
#include "sigv4.h"
#include "uri.h"

#include <math.h>

#define SIGNER "bedrock.signer"

static struct br_sigv4 *to_signer(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

static int signer_gc(lua_State *L) {
    br_sigv4_clear(luaL_checkudata(L, 1, SIGNER));
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
static int64_t need_seconds(lua_State *L, const char *field) {
    lua_Number seconds;
    push_field(L, field);
    if (lua_type(L, -1) != LUA_TNUMBER)
        luaL_error(L, "sigv4: %s must be a number of seconds, not %s", field, luaL_typename(L, -1));
    seconds = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return seconds >= 0 && seconds < 9e15 ? (int64_t)floor((double)seconds) : -1;
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

static struct br_span want_bytes(lua_State *L, const char *field) {
    struct br_span bytes = {"", 0};
    push_field(L, field);
    if (!lua_isnil(L, -1))
        bytes.at = lbr_tobytes(L, -1, &bytes.n);
    if (bytes.at == NULL)
        luaL_error(L, "sigv4: %s must be a string or a buffer, not %s", field, luaL_typename(L, -1));
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
    a->request.body = want_bytes(L, "body");
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

static void push_result(lua_State *L, const struct br_sigv4_result *result) {
    lua_createtable(L, 0, 5);
    set_span(L, "canonical_request", result->canonical_request);
    set_span(L, "string_to_sign", result->string_to_sign);
    set_span(L, "signature", result->signature);
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
    status = br_sigv4_sign(to_signer(L), &a.request, &a.credentials, &a.options, &result);
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
    status = br_sigv4_presign(to_signer(L), &a.request, &a.credentials, &a.options, &result);
    if (status != BR_SIGV4_OK)
        return push_failure(L, status);
    push_result(L, &result);
    set_span(L, "query", result.query);
    return 1;
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

static int is_token_byte(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static int is_value_byte(unsigned char c) {
    return (c >= ' ' && c != 0x7f) || c == '\t';
}

static int push_all(lua_State *L, int (*is_good)(unsigned char), size_t least) {
    size_t i = 0, n;
    const char *text = luaL_checklstring(L, 1, &n);
    while (i < n && is_good((unsigned char)text[i]))
        i++;
    lua_pushboolean(L, i == n && n >= least);
    return 1;
}

/* is_field_name(text): whether a header may be called so (RFC 9110, 5.1). */
static int lis_field_name(lua_State *L) {
    return push_all(L, is_token_byte, 1);
}

/* is_field_value(text): whether a header may say so (RFC 9110, 5.5): nothing that ends the line, and no other
 * control character but the tab. */
static int lis_field_value(lua_State *L) {
    return push_all(L, is_value_byte, 0);
}

static const luaL_Reg functions[] = {
    {"sign", lsign},
    {"presign", lpresign},
    {"uri_encode", luri_encode},
    {"is_field_name", lis_field_name},
    {"is_field_value", lis_field_value},
    {NULL, NULL},
};

static void push_signer(lua_State *L) {
    struct br_sigv4 *s = lua_newuserdata(L, sizeof(*s));
    memset(s, 0, sizeof(*s));
    if (luaL_newmetatable(L, SIGNER)) {
        lua_pushcfunction(L, signer_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    if (br_sigv4_init(s) != BR_SIGV4_OK)
        luaL_error(L, "libcrypto does not offer SHA-256");
}

int luaopen_bedrock_sigv4(lua_State *L) {
    lua_createtable(L, 0, 5);
    push_signer(L);
    luaL_setfuncs(L, functions, 1);
    return 1;
}
