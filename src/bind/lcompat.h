/* The differences between Lua 5.1, LuaJIT, 5.3 and 5.4, here and nowhere else.
 *
 * On the 5.1 ABI everything newer is our own static function, even where LuaJIT has it, so that one
 * shared object built against either header loads into both. */
#ifndef LBR_LCOMPAT_H
#define LBR_LCOMPAT_H

#include <lua.h>
#include <lauxlib.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define LBR_EXPORT __attribute__((visibility("default")))
#define LBR_UNUSED __attribute__((unused))
#else
#define LBR_EXPORT
#define LBR_UNUSED
#endif

#if LUA_VERSION_NUM < 502

#define lua_rawlen(L, i) lua_objlen(L, i)
#define luaL_checkversion(L) ((void)(L))

#undef lua_absindex
#define lua_absindex lbr_absindex
static LBR_UNUSED int lbr_absindex(lua_State *L, int i) {
    return (i > 0 || i <= LUA_REGISTRYINDEX) ? i : lua_gettop(L) + i + 1;
}

#undef luaL_setfuncs
#define luaL_setfuncs lbr_setfuncs
static LBR_UNUSED void lbr_setfuncs(lua_State *L, const luaL_Reg *l, int nup) {
    luaL_checkstack(L, nup + 2, "too many upvalues");
    for (; l->name != NULL; l++) {
        int i;
        for (i = 0; i < nup; i++)
            lua_pushvalue(L, -nup);
        lua_pushcclosure(L, l->func, nup);
        lua_setfield(L, -(nup + 2), l->name);
    }
    lua_pop(L, nup);
}

#undef luaL_newlib
#define luaL_newlib(L, l)                                                                                    \
    (lua_createtable(L, 0, (int)(sizeof(l) / sizeof((l)[0]) - 1)), luaL_setfuncs(L, l, 0))

#undef luaL_setmetatable
#define luaL_setmetatable(L, name) (luaL_getmetatable(L, name), lua_setmetatable(L, -2))

#undef luaL_testudata
#define luaL_testudata lbr_testudata
static LBR_UNUSED void *lbr_testudata(lua_State *L, int i, const char *name) {
    void *p = lua_touserdata(L, i);
    if (p == NULL || !lua_getmetatable(L, i))
        return NULL;
    luaL_getmetatable(L, name);
    if (!lua_rawequal(L, -1, -2))
        p = NULL;
    lua_pop(L, 2);
    return p;
}

#define lua_rawgetp lbr_rawgetp
static LBR_UNUSED void lbr_rawgetp(lua_State *L, int i, const void *p) {
    i = lua_absindex(L, i);
    lua_pushlightuserdata(L, (void *)(uintptr_t)p);
    lua_rawget(L, i);
}

#define lua_rawsetp lbr_rawsetp
static LBR_UNUSED void lbr_rawsetp(lua_State *L, int i, const void *p) {
    i = lua_absindex(L, i);
    lua_pushlightuserdata(L, (void *)(uintptr_t)p);
    lua_insert(L, -2);
    lua_rawset(L, i);
}

#endif /* 5.1 */

#if LUA_VERSION_NUM < 503
#define LBR_HAVE_INTEGERS 0
/* lua_rawget and lua_getfield return the type from 5.3 on; ask for it apart so that both compile. */
#define lua_isinteger(L, i) ((void)(L), (void)(i), 0)
#else
#define LBR_HAVE_INTEGERS 1
#endif

#if LUA_VERSION_NUM < 504
/* One user value at most, held in the environment (5.1) or as the uservalue (5.3). */
#define lua_newuserdatauv(L, size, n) lua_newuserdata(L, size)
#endif

/* Takes the table on top as the one user value of the userdata at i; and pushes it again. */
#if LUA_VERSION_NUM >= 504
#define lbr_setuservalue(L, i) lua_setiuservalue(L, i, 1)
#define lbr_getuservalue(L, i) lua_getiuservalue(L, i, 1)
#elif LUA_VERSION_NUM == 503
#define lbr_setuservalue(L, i) lua_setuservalue(L, i)
#define lbr_getuservalue(L, i) lua_getuservalue(L, i)
#else
#define lbr_setuservalue(L, i) lua_setfenv(L, i)
#define lbr_getuservalue(L, i) lua_getfenv(L, i)
#endif

#endif
