/* What the bindings share: one opener a noun, and how bytes are taken from Lua. */
#ifndef LBR_BIND_H
#define LBR_BIND_H

#include "lcompat.h"

LBR_EXPORT int luaopen_bedrock_curl(lua_State *L);
LBR_EXPORT int luaopen_bedrock_core(lua_State *L);
int luaopen_bedrock_eventstream(lua_State *L);
int luaopen_bedrock_sse(lua_State *L);

int luaopen_bedrock_base64(lua_State *L);
int luaopen_bedrock_buffer(lua_State *L);
int luaopen_bedrock_crypto(lua_State *L);
int luaopen_bedrock_gunzip(lua_State *L);
int luaopen_bedrock_json(lua_State *L);
int luaopen_bedrock_sigv4(lua_State *L);
int luaopen_bedrock_system(lua_State *L);
int luaopen_bedrock_terminal(lua_State *L);

#endif
