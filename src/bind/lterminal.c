/* bedrock.core.terminal: for the command line only; see src/core/terminal.h. */
#include "bind.h"

#include "terminal.h"

#include <errno.h>
#include <string.h>

static int push_failure(lua_State *L, int why) {
    lua_pushnil(L);
    lua_pushstring(L, strerror(why));
    return 2;
}

/* size(fd) -> columns, rows | nil, why */
static int lsize(lua_State *L) {
    int columns = 0, rows = 0;
    int why = br_terminal_size((int)luaL_checkinteger(L, 1), &columns, &rows);
    if (why != 0)
        return push_failure(L, why);
    lua_pushinteger(L, columns);
    lua_pushinteger(L, rows);
    return 2;
}

/* raw(fd) -> true | nil, why */
static int lraw(lua_State *L) {
    int why = br_terminal_raw((int)luaL_checkinteger(L, 1));
    if (why != 0)
        return push_failure(L, why);
    lua_pushboolean(L, 1);
    return 1;
}

static int lrestore(lua_State *L) {
    (void)L;
    br_terminal_restore();
    return 0;
}

/* read(fd, seconds) -> bytes ("" at the end) | false when the time was over or a signal came | nil, why */
static int lread(lua_State *L) {
    char bytes[4096];
    int n = br_terminal_read((int)luaL_checkinteger(L, 1), luaL_optnumber(L, 2, -1), bytes, sizeof bytes);
    if (n == -2)
        return push_failure(L, errno);
    if (n < 0)
        lua_pushboolean(L, 0);
    else
        lua_pushlstring(L, bytes, (size_t)n);
    return 1;
}

/* watch() -> fd | nil, why */
static int lwatch(lua_State *L) {
    int fd = br_interrupt_watch();
    if (fd < 0)
        return push_failure(L, errno);
    lua_pushinteger(L, fd);
    return 1;
}

/* interrupted() -> how often Ctrl-C came since the last question */
static int linterrupted(lua_State *L) {
    lua_pushinteger(L, br_interrupt_take());
    return 1;
}

static int lleave(lua_State *L) {
    (void)L;
    br_interrupt_leave();
    return 0;
}

static const luaL_Reg functions[] = {
    {"size", lsize},   {"raw", lraw},     {"restore", lrestore},
    {"read", lread},   {"watch", lwatch}, {"interrupted", linterrupted},
    {"leave", lleave}, {NULL, NULL},
};

int luaopen_bedrock_terminal(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
