/* bedrock.core: everything of the C core that needs no network. A row a noun. */
#include "bind.h"

static const struct {
    const char *name;
    lua_CFunction open;
} nouns[] = {
    /* clang-format off */
    {"base64", luaopen_bedrock_base64},
    {"buffer", luaopen_bedrock_buffer},
    {"crypto", luaopen_bedrock_crypto},
    {"eventstream", luaopen_bedrock_eventstream},
    {"gunzip", luaopen_bedrock_gunzip},
    {"json", luaopen_bedrock_json},
    {"sigv4", luaopen_bedrock_sigv4},
    {"sse", luaopen_bedrock_sse},
    {"system", luaopen_bedrock_system},
    {"terminal", luaopen_bedrock_terminal},
    {NULL, NULL},
    /* clang-format on */
};

LBR_EXPORT int luaopen_bedrock_core(lua_State *L) {
    size_t i;
    luaL_checkversion(L);
    lua_newtable(L);
    for (i = 0; nouns[i].name != NULL; i++) {
        lua_pushcfunction(L, nouns[i].open);
        lua_call(L, 0, 1);
        lua_setfield(L, -2, nouns[i].name);
    }
    return 1;
}
