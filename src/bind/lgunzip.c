/* bedrock.core.gunzip: a gzip-encoded body for transports that get bytes only.
 *
 *   g = new()
 *   g:feed(bytes)      takes bytes
 *   g:read()           some of what they hold; nil when it needs more; nil, why when they are damaged
 *   g:whole()          whether they may end here */
#include "bind.h"

#include "gunzip.h"
#include "lbuf.h"

#define GUNZIP "bedrock.gunzip"

struct gunzip {
    struct br_gunzip core;
    struct br_buf in, out;
};

static struct gunzip *check(lua_State *L) {
    return luaL_checkudata(L, 1, GUNZIP);
}

static int gunzip_new(lua_State *L) {
    struct gunzip *g = lua_newuserdatauv(L, sizeof *g, 0);
    memset(g, 0, sizeof *g);
    br_buf_init(&g->in, (size_t)-1 / 2);
    br_buf_init(&g->out, (size_t)-1 / 2);
    luaL_setmetatable(L, GUNZIP);
    return 1;
}

static int gunzip_feed(lua_State *L) {
    struct gunzip *g = check(L);
    size_t n;
    const char *bytes = lbr_checkbytes(L, 2, &n);
    if (br_buf_append(&g->in, bytes, n) != BR_BUF_OK)
        return luaL_error(L, "not enough memory");
    return 0;
}

static int nothing(lua_State *L, enum br_gunzip_status status) {
    lua_pushnil(L);
    if (status == BR_GUNZIP_MORE)
        return 1;
    lua_pushstring(L, status == BR_GUNZIP_MEMORY ? "not enough memory" : "the gzip data is damaged");
    return 2;
}

static int gunzip_read(lua_State *L) {
    struct gunzip *g = check(L);
    enum br_gunzip_status status = BR_GUNZIP_OK;
    while (status == BR_GUNZIP_OK && g->out.len == 0)
        status = br_gunzip_step(&g->core, &g->in, &g->out);
    if (g->out.len == 0)
        return nothing(L, status);
    lua_pushlstring(L, g->out.data, g->out.len);
    br_buf_reset(&g->out);
    return 1;
}

static int gunzip_whole(lua_State *L) {
    struct gunzip *g = check(L);
    lua_pushboolean(L, br_gunzip_whole(&g->core) && g->in.len == 0);
    return 1;
}

static int gunzip_gc(lua_State *L) {
    struct gunzip *g = check(L);
    br_gunzip_clear(&g->core);
    br_buf_clear(&g->in);
    br_buf_clear(&g->out);
    return 0;
}

static const luaL_Reg methods[] = {
    {"feed", gunzip_feed}, {"read", gunzip_read}, {"whole", gunzip_whole}, {NULL, NULL}};

static const luaL_Reg functions[] = {{"new", gunzip_new}, {NULL, NULL}};

int luaopen_bedrock_gunzip(lua_State *L) {
    if (luaL_newmetatable(L, GUNZIP)) {
        lua_pushliteral(L, GUNZIP);
        lua_setfield(L, -2, "__name");
        lua_pushcfunction(L, gunzip_gc);
        lua_setfield(L, -2, "__gc");
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
