/* The HTTP engine for Lua. */
#ifndef LBR_LHTTP_H
#define LBR_LHTTP_H

#include "lcompat.h"

int luaopen_bedrock_http(lua_State *L);

#endif
