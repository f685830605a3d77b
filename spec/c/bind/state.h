/* A Lua whose memory goes the way that spec_fail_after can close. */
#ifndef SPEC_STATE_H
#define SPEC_STATE_H

#include "support/support.h"

#include "bind.h"
#include <lualib.h>

#include <stdlib.h>

/* A block never fails to shrink: Lua relies on that. */
static void *spec_allocate(void *nothing, void *block, size_t old, size_t wanted) {
    void *moved;
    (void)nothing;
    if (wanted == 0) {
        free(block);
        return NULL;
    }
    moved = realloc(block, wanted);
    return moved == NULL && block != NULL && wanted <= old ? block : moved;
}

/* A state with its libraries open and bedrock.core on top of the stack. */
static lua_State *spec_open(void) {
    lua_State *L = lua_newstate(spec_allocate, NULL);
    CHECK(L != NULL);
    luaL_openlibs(L);
    lua_pushcfunction(L, luaopen_bedrock_core);
    lua_call(L, 0, 1);
    return L;
}

#endif
