#include "bind.h"

#include "base64.h"
#include "lbuf.h"

/* encode(bytes) -> text */
static int encode(lua_State *L) {
    size_t n;
    const char *bytes = lbr_checkbytes(L, 1, &n);
    char *text;
    luaL_argcheck(L, n <= BR_BASE64_MAX, 1, "too long");
    text = lua_newuserdatauv(L, br_base64_encoded_size(n), 0);
    br_base64_encode(text, bytes, n);
    lua_pushlstring(L, text, br_base64_encoded_size(n));
    return 1;
}

/* decode(text) -> bytes | nil, why */
static int decode(lua_State *L) {
    size_t n, written, position = 0;
    const char *text = lbr_checkbytes(L, 1, &n), *why;
    char *bytes = lua_newuserdatauv(L, br_base64_decoded_bound(n), 0);
    why = br_base64_decode(bytes, &written, text, n, &position);
    if (why != NULL) {
        lua_pushnil(L);
        lua_pushfstring(L, "%s at position %d", why, (int)position + 1);
        return 2;
    }
    lua_pushlstring(L, bytes, written);
    return 1;
}

static const luaL_Reg functions[] = {
    {"encode", encode},
    {"decode", decode},
    {NULL, NULL},
};

int luaopen_bedrock_base64(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
