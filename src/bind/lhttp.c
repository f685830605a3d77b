/* The HTTP engine for Lua: two kinds of userdata over src/core/http.
 *
 * The userdata are the core's structs, so the collector owns everything: a request that is forgotten is
 * cancelled, an engine that is forgotten closes its connections. A running request keeps its engine and its
 * body alive through two references in the registry, given back when it ends. */
#include "lhttp.h"

#include "http.h"
#include "lbuf.h"

#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#define ENGINE "bedrock.http.engine"
#define REQUEST "bedrock.http.request"

struct request {
    struct br_http_request core;
    int engine, body; /* references in the registry */
};

static pthread_once_t libcurl_once = PTHREAD_ONCE_INIT;

static void start_libcurl(void) {
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- errors ---- */

static void set_text(lua_State *L, const char *name, const char *text) {
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, int flag) {
    lua_pushboolean(L, flag);
    lua_setfield(L, -2, name);
}

/* nil, and the failure as the transports' contract has it. */
static int push_error(lua_State *L, const struct br_http_error *e) {
    lua_pushnil(L);
    lua_createtable(L, 0, 7);
    set_text(L, "kind", br_http_fault_kind(e->fault));
    set_text(L, "code", br_http_fault_code(e->fault));
    set_text(L, "message", e->message);
    if (e->fault == BR_HTTP_TIMEOUT)
        set_text(L, "clock", br_clock_names[e->clock]);
    set_flag(L, "sent", e->sent);
    set_flag(L, "answered", e->answered);
    set_flag(L, "reused", e->reused);
    return 2;
}

/* ---- options ---- */

static lua_Number number_field(lua_State *L, int table, const char *name, lua_Number otherwise) {
    lua_Number n = otherwise;
    lua_getfield(L, table, name);
    if (lua_isnumber(L, -1))
        n = lua_tonumber(L, -1);
    else if (!lua_isnil(L, -1))
        luaL_error(L, "%s must be a number, not a %s", name, luaL_typename(L, -1));
    lua_pop(L, 1);
    return n;
}

static size_t size_field(lua_State *L, int table, const char *name, size_t otherwise) {
    lua_Number n = number_field(L, table, name, (lua_Number)otherwise);
    if (!(n >= 1 && n <= 2147483647.0))
        luaL_error(L, "%s must be between 1 and 2147483647", name);
    return (size_t)n;
}

/* A string of the options table; it stays alive because the table holds it. A zero byte would end it early.
 */
static const char *text_field(lua_State *L, int table, const char *name, const char *otherwise,
                              size_t *size) {
    const char *text = otherwise;
    size_t n = 0;
    lua_getfield(L, table, name);
    if (lua_type(L, -1) == LUA_TSTRING) {
        text = lua_tolstring(L, -1, &n);
        if (strlen(text) != n)
            luaL_error(L, "%s holds a zero byte", name);
    } else if (!lua_isnil(L, -1)) {
        luaL_error(L, "%s must be a string, not a %s", name, luaL_typename(L, -1));
    }
    lua_pop(L, 1);
    if (size != NULL)
        *size = n;
    return text;
}

static int is_false(lua_State *L, int table, const char *name) {
    int answer;
    lua_getfield(L, table, name);
    answer = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
    lua_pop(L, 1);
    return answer;
}

/* timeouts = { connect, first_byte, idle, total }: seconds; false, 0 or nothing is off. */
static void read_clocks(lua_State *L, int table, double *clocks) {
    int i, timeouts;
    lua_getfield(L, table, "timeouts");
    timeouts = lua_gettop(L);
    for (i = 0; i < BR_CLOCK_COUNT; i++) {
        clocks[i] = 0;
        if (lua_istable(L, timeouts) && !is_false(L, timeouts, br_clock_names[i]))
            clocks[i] = number_field(L, timeouts, br_clock_names[i], 0);
    }
    lua_pop(L, 1);
}

static void read_options(lua_State *L, int table, struct br_http_options *o) {
    o->method = text_field(L, table, "method", "GET", NULL);
    o->url = text_field(L, table, "url", "", NULL);
    o->insecure = is_false(L, table, "verify");
    o->ca_bundle = text_field(L, table, "ca_bundle", NULL, &o->ca_bundle_size);
    o->proxy = is_false(L, table, "proxy") ? "" : text_field(L, table, "proxy", NULL, NULL);
    o->no_proxy = text_field(L, table, "no_proxy", NULL, NULL);
    lua_getfield(L, table, "http2");
    o->http2 = lua_toboolean(L, -1);
    lua_pop(L, 1);
    lua_getfield(L, table, "secret");
    o->secret = lua_toboolean(L, -1);
    lua_pop(L, 1);
    o->max_head = size_field(L, table, "max_headers", 64 * 1024);
    o->max_head_lines = size_field(L, table, "max_header_count", BR_HEAD_MOST);
    o->max_body = size_field(L, table, "buffer_limit", 256 * 1024);
    read_clocks(L, table, o->clocks);
}

/* One { name, value } of the headers. */
static enum br_http_fault read_header(lua_State *L, struct br_http_request *r) {
    enum br_http_fault fault;
    const char *name, *value;
    size_t name_size, value_size;
    int row = lua_gettop(L);
    if (!lua_istable(L, row))
        luaL_error(L, "headers must be a list of { name, value }");
    lua_rawgeti(L, row, 1);
    lua_rawgeti(L, row, 2);
    name = lua_tolstring(L, row + 1, &name_size);
    value = lua_tolstring(L, row + 2, &value_size);
    if (name == NULL || value == NULL)
        luaL_error(L, "headers must be a list of { name, value }");
    fault = br_http_request_header(r, name, name_size, value, value_size);
    lua_pop(L, 2);
    return fault;
}

static enum br_http_fault read_connect_to(lua_State *L, struct br_http_request *r) {
    const char *rule = lua_tostring(L, -1);
    if (rule == NULL)
        luaL_error(L, "connect_to must be a list of strings");
    return br_http_request_connect_to(r, rule);
}

/* Hands each element of a list in the options to a reader. */
static enum br_http_fault read_list(lua_State *L, int table, const char *name, struct br_http_request *r,
                                    enum br_http_fault (*read)(lua_State *, struct br_http_request *)) {
    enum br_http_fault fault = BR_HTTP_OK;
    int i, n;
    lua_getfield(L, table, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return BR_HTTP_OK;
    }
    luaL_checktype(L, -1, LUA_TTABLE);
    n = (int)lua_rawlen(L, -1);
    for (i = 1; i <= n && fault == BR_HTTP_OK; i++) {
        lua_rawgeti(L, -1, i);
        fault = read(L, r);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return fault;
}

/* The body is sent from where it lies; the reference keeps it there. */
static void hold_body(lua_State *L, int table, struct request *r, struct br_http_options *o) {
    lua_getfield(L, table, "body");
    o->body = NULL;
    o->body_size = 0;
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    o->body = lbr_tobytes(L, -1, &o->body_size);
    if (o->body == NULL)
        luaL_error(L, "body must be a string or a buffer, not a %s", luaL_typename(L, -1));
    r->body = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- requests ---- */

static struct request *check_request(lua_State *L) {
    return luaL_checkudata(L, 1, REQUEST);
}

static void let_go(lua_State *L, struct request *r) {
    luaL_unref(L, LUA_REGISTRYINDEX, r->engine);
    luaL_unref(L, LUA_REGISTRYINDEX, r->body);
    r->engine = r->body = LUA_NOREF;
}

static struct request *new_request(lua_State *L) {
    struct request *r = lua_newuserdatauv(L, sizeof *r, 0);
    br_http_request_init(&r->core);
    r->engine = r->body = LUA_NOREF;
    luaL_setmetatable(L, REQUEST);
    return r;
}

static int request_id(lua_State *L) {
    lua_pushnumber(L, (lua_Number)check_request(L)->core.id);
    return 1;
}

static int push_failure(lua_State *L, struct request *r) {
    let_go(L, r);
    return push_error(L, &r->core.error);
}

/* The status, nil while there is no answer yet, or nil and the error. */
static int request_status(lua_State *L) {
    struct request *r = check_request(L);
    switch (br_http_request_head(&r->core)) {
    case BR_HTTP_DATA:
        lua_pushinteger(L, r->core.head.status);
        return 1;
    case BR_HTTP_FAILED:
        return push_failure(L, r);
    default:
        lua_pushnil(L);
        return 1;
    }
}

static void push_lower(lua_State *L, const char *s, size_t n) {
    luaL_Buffer b;
    size_t i;
    luaL_buffinit(L, &b);
    for (i = 0; i < n; i++)
        luaL_addchar(&b, (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 32 : s[i]));
    luaL_pushresult(&b);
}

/* A field that is there already is joined with a comma. Stack: headers, name -> headers */
static void add_field(lua_State *L, const struct br_field *f) {
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, f->value, f->value_size);
    } else {
        lua_pushliteral(L, ", ");
        lua_pushlstring(L, f->value, f->value_size);
        lua_concat(L, 3);
    }
    lua_rawset(L, -3);
}

/* A table of the answer's headers, lower-case name to value. */
static int request_headers(lua_State *L) {
    struct request *r = check_request(L);
    struct br_field f;
    size_t at = 0;
    lua_newtable(L);
    while (br_http_request_next_field(&r->core, &at, &f)) {
        push_lower(L, f.name, f.name_size);
        add_field(L, &f);
    }
    return 1;
}

/* Bytes; nil when there are none yet; false at the end; or nil and the error. */
static int request_read(lua_State *L) {
    struct request *r = check_request(L);
    lua_Number most = luaL_optnumber(L, 2, 65536);
    const char *bytes;
    size_t n;
    luaL_argcheck(L, most >= 1, 2, "at least one byte");
    switch (br_http_request_peek(&r->core, &bytes, &n)) {
    case BR_HTTP_DATA:
        n = (lua_Number)n > most ? (size_t)most : n;
        lua_pushlstring(L, bytes, n);
        br_http_request_consume(&r->core, n);
        return 1;
    case BR_HTTP_END:
        let_go(L, r);
        lua_pushboolean(L, 0);
        return 1;
    case BR_HTTP_FAILED:
        return push_failure(L, r);
    default:
        lua_pushnil(L);
        return 1;
    }
}

static int request_cancel(lua_State *L) {
    struct request *r = check_request(L);
    br_http_request_cancel(&r->core);
    let_go(L, r);
    return 0;
}

static int request_gc(lua_State *L) {
    struct request *r = check_request(L);
    br_http_request_clear(&r->core);
    let_go(L, r);
    return 0;
}

static int request_buffered(lua_State *L) {
    lua_pushnumber(L, (lua_Number)br_http_request_buffered(&check_request(L)->core));
    return 1;
}

static int request_reused(lua_State *L) {
    lua_pushboolean(L, check_request(L)->core.reused);
    return 1;
}

static int request_tostring(lua_State *L) {
    struct request *r = check_request(L);
    lua_pushfstring(L, "http request %d (%s)", (int)r->core.id, r->core.engine != NULL ? "running" : "ended");
    return 1;
}

static const luaL_Reg request_methods[] = {
    {"id", request_id},           {"status", request_status},
    {"headers", request_headers}, {"read", request_read},
    {"cancel", request_cancel},   {"buffered", request_buffered},
    {"reused", request_reused},   {NULL, NULL},
};

/* ---- the engine ---- */

static struct br_http *check_engine(lua_State *L) {
    return luaL_checkudata(L, 1, ENGINE);
}

/* engine { max_connections =, pool =, pool_age = } */
static int new_engine(lua_State *L) {
    struct br_http_limits limits;
    struct br_http *h;
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    limits.connections = (long)number_field(L, 1, "max_connections", 0);
    limits.pool = (long)number_field(L, 1, "pool", 64);
    limits.pool_age = (long)number_field(L, 1, "pool_age", 60);
    pthread_once(&libcurl_once, start_libcurl);
    h = lua_newuserdatauv(L, sizeof *h, 0);
    memset(h, 0, sizeof *h);
    luaL_setmetatable(L, ENGINE);
    if (br_http_init(h, &limits) != 0)
        return luaL_error(L, "no memory or no descriptor for an HTTP engine");
    return 1;
}

static enum br_http_fault start_request(lua_State *L, struct br_http *h, struct request *r) {
    struct br_http_options o;
    enum br_http_fault fault;
    read_options(L, 2, &o);
    fault = read_list(L, 2, "headers", &r->core, read_header);
    if (fault == BR_HTTP_OK)
        fault = read_list(L, 2, "connect_to", &r->core, read_connect_to);
    if (fault != BR_HTTP_OK)
        return fault;
    hold_body(L, 2, r, &o);
    lua_pushvalue(L, 1);
    r->engine = luaL_ref(L, LUA_REGISTRYINDEX);
    return br_http_request_start(h, &r->core, &o);
}

/* The started request, or nil and the error. */
static int engine_start(lua_State *L) {
    struct br_http *h = check_engine(L);
    struct request *r;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    r = new_request(L);
    if (start_request(L, h, r) != BR_HTTP_OK)
        return push_failure(L, r);
    return 1;
}

/* Work that is due, without waiting; optionally at most that many sockets. */
static int engine_perform(lua_State *L) {
    struct br_http *h = check_engine(L);
    br_http_perform(h, (int)luaL_optinteger(L, 2, 64));
    return 0;
}

/* Waits for work, at most that many seconds. */
static int engine_wait(lua_State *L) {
    struct br_http *h = check_engine(L);
    br_http_wait(h, luaL_checknumber(L, 2));
    return 0;
}

static int push_seconds(lua_State *L, double seconds) {
    if (seconds == HUGE_VAL)
        lua_pushnil(L);
    else
        lua_pushnumber(L, seconds);
    return 1;
}

/* Seconds until perform has something to do without any socket, or nil. */
static int engine_deadline(lua_State *L) {
    return push_seconds(L, br_http_deadline(check_engine(L)));
}

static void push_event(lua_State *L, const struct br_pollset_event *e) {
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, e->fd);
    lua_setfield(L, -2, "fd");
    set_text(L, "events", e->events == BR_POLL_READ ? "r" : e->events == BR_POLL_WRITE ? "w" : "rw");
}

/* The descriptors to watch: a list of { fd =, events = "r" | "w" | "rw" }. */
static int engine_fds(lua_State *L) {
    struct br_http *h = check_engine(L);
    struct br_pollset_event *all;
    size_t i, n;
    lua_newtable(L);
    if (h->multi == NULL)
        return 1;
    n = br_pollset_fds(&h->sockets, NULL, 0);
    all = lua_newuserdatauv(L, (n + 1) * sizeof *all, 0);
    n = br_pollset_fds(&h->sockets, all, n);
    for (i = 0; i < n; i++) {
        push_event(L, &all[i]);
        lua_rawseti(L, -3, (int)i + 1);
    }
    lua_pop(L, 1);
    return 1;
}

/* The id of the next request that has news after it was asked in vain, or nil. */
static int engine_ready(lua_State *L) {
    struct br_http *h = check_engine(L);
    struct br_http_request *r = h->multi != NULL ? br_http_next_ready(h) : NULL;
    if (r == NULL)
        lua_pushnil(L);
    else
        lua_pushnumber(L, (lua_Number)r->id);
    return 1;
}

static int engine_close(lua_State *L) {
    br_http_clear(check_engine(L));
    return 0;
}

static int engine_tostring(lua_State *L) {
    lua_pushfstring(L, "http engine (%s)", check_engine(L)->multi != NULL ? "open" : "closed");
    return 1;
}

static const luaL_Reg engine_methods[] = {
    {"start", engine_start}, {"perform", engine_perform},
    {"wait", engine_wait},   {"deadline", engine_deadline},
    {"fds", engine_fds},     {"ready", engine_ready},
    {"close", engine_close}, {NULL, NULL},
};

/* ---- time ---- */

static int http_now(lua_State *L) {
    lua_pushnumber(L, br_http_now());
    return 1;
}

static short poll_flags(const char *events) {
    return (short)((strchr(events, 'r') != NULL ? POLLIN : 0) | (strchr(events, 'w') != NULL ? POLLOUT : 0));
}

/* poll(fds, seconds): waits until one of the descriptors is ready, the time is over, or a signal comes. */
static int http_poll(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 2);
    struct pollfd *p;
    int i, n;
    luaL_checktype(L, 1, LUA_TTABLE);
    n = (int)lua_rawlen(L, 1);
    p = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *p, 0);
    for (i = 0; i < n; i++) {
        lua_rawgeti(L, 1, i + 1);
        luaL_checktype(L, -1, LUA_TTABLE);
        p[i].fd = (int)number_field(L, lua_gettop(L), "fd", -1);
        p[i].events = poll_flags(text_field(L, lua_gettop(L), "events", "r", NULL));
        lua_pop(L, 1);
    }
    seconds = seconds < 0 ? 0 : seconds > 3600 ? 3600 : seconds;
    lua_pushboolean(L, poll(p, (nfds_t)n, (int)ceil(seconds * 1000)) > 0);
    return 1;
}

static const luaL_Reg functions[] = {
    {"engine", new_engine},
    {"now", http_now},
    {"poll", http_poll},
    {NULL, NULL},
};

/* ---- opening ---- */

static void new_class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc,
                      lua_CFunction tostring) {
    luaL_newmetatable(L, name);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, tostring);
    lua_setfield(L, -2, "__tostring");
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

/* "libcurl/8.5.0 OpenSSL/3.0.13". curl_version() would say more, but asks every library for it, and LDAP's
 * loads plugins and reads files before it answers. */
static void push_version(lua_State *L) {
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    lua_pushfstring(L, "libcurl/%s %s", info->version, info->ssl_version != NULL ? info->ssl_version : "");
}

int luaopen_bedrock_http(lua_State *L) {
    new_class(L, ENGINE, engine_methods, engine_close, engine_tostring);
    new_class(L, REQUEST, request_methods, request_gc, request_tostring);
    luaL_newlib(L, functions);
    push_version(L);
    lua_setfield(L, -2, "version");
    return 1;
}
