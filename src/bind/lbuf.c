#include "bind.h"
#include "lbuf.h"

#define TYPE_NAME "bedrock.buffer"

struct br_buf *lbr_buf_test(lua_State *L, int i) {
    return luaL_testudata(L, i, TYPE_NAME);
}

const char *lbr_tobytes(lua_State *L, int i, size_t *n) {
    const struct br_buf *b;
    if (lua_type(L, i) == LUA_TSTRING)
        return lua_tolstring(L, i, n);
    b = lbr_buf_test(L, i);
    if (b == NULL)
        return NULL;
    *n = b->len;
    return b->data != NULL ? b->data : "";
}

const char *lbr_checkbytes(lua_State *L, int i, size_t *n) {
    const char *bytes = lbr_tobytes(L, i, n);
    if (bytes == NULL)
        luaL_argerror(L, i, lua_pushfstring(L, "string or buffer expected, got %s", luaL_typename(L, i)));
    return bytes;
}

static struct br_buf *check_buffer(lua_State *L) {
    return luaL_checkudata(L, 1, TYPE_NAME);
}

/* The bytes as a Lua string. */
static int buffer_tostring(lua_State *L) {
    const struct br_buf *b = check_buffer(L);
    lua_pushlstring(L, b->data != NULL ? b->data : "", b->len);
    return 1;
}

static int buffer_len(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)check_buffer(L)->len);
    return 1;
}

/* Gives the memory back early; the buffer is empty afterwards. */
static int buffer_release(lua_State *L) {
    br_buf_clear(check_buffer(L));
    return 0;
}

static size_t from_end(lua_Integer i, size_t len) {
    if (i >= 0)
        return (size_t)i;
    return 0 - (size_t)i <= len ? len - (0 - (size_t)i) + 1 : 0;
}

/* As string.sub. */
static int buffer_sub(lua_State *L) {
    const struct br_buf *b = check_buffer(L);
    size_t first = from_end(luaL_checkinteger(L, 2), b->len),
           last = from_end(luaL_optinteger(L, 3, -1), b->len);
    if (first < 1)
        first = 1;
    if (last > b->len)
        last = b->len;
    if (first > last)
        lua_pushliteral(L, "");
    else
        lua_pushlstring(L, b->data + first - 1, last - first + 1);
    return 1;
}

static const luaL_Reg methods[] = {
    {"tostring", buffer_tostring},
    {"sub", buffer_sub},
    {"release", buffer_release},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__tostring", buffer_tostring}, {"__len", buffer_len}, {"__gc", buffer_release},
    {"__close", buffer_release},     {NULL, NULL},
};

static void push_metatable(lua_State *L) {
    if (!luaL_newmetatable(L, TYPE_NAME))
        return;
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, TYPE_NAME);
    lua_setfield(L, -2, "__name");
}

struct br_buf *lbr_buf_push(lua_State *L, size_t max) {
    struct br_buf *b = lua_newuserdatauv(L, sizeof(*b), 0);
    br_buf_init(b, max);
    push_metatable(L);
    lua_setmetatable(L, -2);
    return b;
}

#define LIGHT ((size_t)64 << 10)

void lbr_buf_weigh(lua_State *L, const struct br_buf *b) {
    if (b->len >= LIGHT)
        lua_gc(L, LUA_GCSTEP, b->len < (size_t)1 << 30 ? (int)(b->len >> 10) : 1 << 20);
}

/* A buffer that holds the given strings and buffers, one after the other. */
static int buffer_new(lua_State *L) {
    int i, given = lua_gettop(L);
    struct br_buf *b = lbr_buf_push(L, (size_t)-1 / 2);
    for (i = 1; i <= given; i++) {
        size_t n;
        const char *bytes = lbr_checkbytes(L, i, &n);
        if (br_buf_append(b, bytes, n) != BR_BUF_OK)
            return luaL_error(L, "not enough memory");
    }
    lbr_buf_weigh(L, b);
    return 1;
}

static const luaL_Reg functions[] = {
    {"new", buffer_new},
    {NULL, NULL},
};

int luaopen_bedrock_buffer(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
