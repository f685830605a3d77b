/* bedrock.core.system: what Lua lacks of the machine. Clocks with fractions, a file's time and size, files
 * that are replaced as a whole, directories, and a command with a time limit. */
#include "bind.h"

#include "files.h"
#include "lbuf.h"
#include "process.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PROCESS "bedrock.process"

/* nil, why, errno: as Lua's own io functions fail. */
static int push_errno(lua_State *L, const char *what, int why) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", what, strerror(why));
    lua_pushinteger(L, why);
    return 3;
}

static int push_clock(lua_State *L, clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
    return 1;
}

/* now() -> seconds since the epoch */
static int lnow(lua_State *L) {
    return push_clock(L, CLOCK_REALTIME);
}

/* monotonic() -> seconds since some moment, never backwards */
static int lmonotonic(lua_State *L) {
    return push_clock(L, CLOCK_MONOTONIC);
}

/* stat(path) -> mtime, size | nil, why, errno */
static int lstat_(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    struct stat s;
    if (stat(path, &s) != 0)
        return push_errno(L, path, errno);
    lua_pushnumber(L, (lua_Number)s.st_mtim.tv_sec + (lua_Number)s.st_mtim.tv_nsec / 1e9);
    lua_pushnumber(L, (lua_Number)s.st_size);
    return 2;
}

#define LARGE ((size_t)1 << 20)

/* read_file(path) -> a string, or a buffer where it is large | nil, why, errno */
static int lread_file(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    struct br_buf *b = lbr_buf_push(L, (size_t)-1 / 2);
    int why = br_file_read(path, b);
    if (why != 0)
        return push_errno(L, path, why);
    if (b->len >= LARGE) {
        lbr_buf_weigh(L, b);
        return 1;
    }
    lua_pushlstring(L, b->len > 0 ? b->data : "", b->len);
    br_buf_clear(b);
    return 1;
}

/* write_file(path, bytes) -> true | nil, why, errno */
static int lwrite_file(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    size_t n;
    const char *bytes = lbr_checkbytes(L, 2, &n);
    int why = br_file_replace(path, bytes, n);
    if (why != 0)
        return push_errno(L, path, why);
    lua_pushboolean(L, 1);
    return 1;
}

/* is_terminal(fd) */
static int lis_terminal(lua_State *L) {
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/* mkdir(path) -> true | nil, why, errno */
static int lmkdir(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    if (mkdir(path, 0700) != 0)
        return push_errno(L, path, errno);
    lua_pushboolean(L, 1);
    return 1;
}

static int process_gc(lua_State *L) {
    br_process_clear(luaL_checkudata(L, 1, PROCESS));
    return 0;
}

static void set_output(lua_State *L, const char *name, const struct br_buf *b) {
    lua_pushlstring(L, b->data != NULL ? b->data : "", b->len);
    lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, int on) {
    lua_pushboolean(L, on);
    lua_setfield(L, -2, name);
}

static void push_result(lua_State *L, const struct br_process *p) {
    lua_createtable(L, 0, 6);
    set_output(L, "stdout", &p->out);
    set_output(L, "stderr", &p->err);
    set_flag(L, "timed_out", p->end == BR_PROCESS_TIMEOUT);
    set_flag(L, "overflow", p->end == BR_PROCESS_OVERFLOW);
    if (p->end == BR_PROCESS_EXITED || p->end == BR_PROCESS_SIGNALLED) {
        lua_pushinteger(L, p->code);
        lua_setfield(L, -2, p->end == BR_PROCESS_EXITED ? "code" : "signal");
    }
}

/* run(command, seconds, limit) -> { code | signal, stdout, stderr, timed_out, overflow } | nil, why, errno */
static int lrun(lua_State *L) {
    const char *command = luaL_checkstring(L, 1);
    double seconds = luaL_checknumber(L, 2);
    lua_Integer limit = luaL_checkinteger(L, 3);
    struct br_process *p;
    luaL_argcheck(L, seconds > 0 && seconds < 1e6, 2, "not a time limit");
    luaL_argcheck(L, limit > 0, 3, "not a limit of output");
    p = lua_newuserdatauv(L, sizeof(*p), 0);
    br_process_init(p, (size_t)limit);
    luaL_setmetatable(L, PROCESS);
    if (br_process_run(p, command, seconds) == BR_PROCESS_FAILED)
        return push_errno(L, "/bin/sh", p->code);
    push_result(L, p);
    br_process_clear(p);
    return 1;
}

static const luaL_Reg functions[] = {
    {"now", lnow},
    {"monotonic", lmonotonic},
    {"stat", lstat_},
    {"read_file", lread_file},
    {"write_file", lwrite_file},
    {"is_terminal", lis_terminal},
    {"mkdir", lmkdir},
    {"run", lrun},
    {NULL, NULL},
};

int luaopen_bedrock_system(lua_State *L) {
    if (luaL_newmetatable(L, PROCESS)) {
        lua_pushcfunction(L, process_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
