/* Fuzzes what is written in Lua: the program's own name says which spec/fuzz/lua/NAME.lua it runs. The script
 * answers a function that gets the bytes and raises where a promise is broken.
 *
 * libFuzzer learns where it has been from Lua's lines, one counter for each step from one line to another. A
 * function that takes more memory or time than its input is worth has broken a promise, too; so that this
 * shows, an input may be stretched: its last four bytes can say that a part of it is repeated until it is
 * long. */
#include "bind.h"
#include <lualib.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    COUNTERS = 1 << 14,
    STRETCHED = 1 << 14,   /* bytes of a stretched input */
    ROOM = 32 << 20,       /* bytes that a run may take */
    GROWTH = 1 << 20,      /* bytes that may stay for good after the first runs */
    FIRST_RUNS = 512,      /* in which caches fill */
    RUNS_A_LOOK = 1 << 12, /* from one look at the memory that stayed to the next */
};

/* A run over STRETCHED bytes takes a few milliseconds; one that looks at each byte once from each byte takes
 * more than this. */
static const double most_seconds = 0.4;

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

static lua_State *L;
static int script; /* in the registry */
static size_t held, limit = SIZE_MAX;

static void give_up(const char *why) {
    fprintf(stderr, "fuzz: %s\n", why);
    abort();
}

/* ---- memory that is counted ---- */

static void *allocate(void *nothing, void *block, size_t old, size_t wanted) {
    void *moved;
    (void)nothing;
    old = block != NULL ? old : 0;
    if (wanted == 0) {
        free(block);
        held -= old;
        return NULL;
    }
    if (wanted > old && held + (wanted - old) > limit)
        return NULL;
    moved = realloc(block, wanted);
    if (moved != NULL)
        held += wanted - old;
    return moved;
}

/* After the first runs, what stays behind must stay the same. */
static void look_for_growth(void) {
    static unsigned long runs;
    static size_t after_first;
    runs++;
    if (runs != FIRST_RUNS && runs % RUNS_A_LOOK != 0)
        return;
    lua_gc(L, LUA_GCCOLLECT, 0);
    if (runs == FIRST_RUNS)
        after_first = held;
    else if (held > after_first + GROWTH)
        give_up("memory stays behind from run to run");
}

/* ---- lines that were passed ---- */

static void on_line(lua_State *from, lua_Debug *ar) {
    static uint32_t last;
    uint32_t here;
    lua_getinfo(from, "S", ar);
    here = (uint32_t)((uintptr_t)ar->source >> 4) * 2654435761u ^ (uint32_t)ar->currentline * 40503u;
    counters[(here ^ last >> 1) % COUNTERS]++;
    last = here;
}

/* ---- the script ---- */

static int on_error(lua_State *from) {
    const char *text = luaL_tolstring(from, 1, NULL);
    luaL_traceback(from, from, text, 1);
    return 1;
}

static void must(int status) {
    if (status != LUA_OK)
        give_up(lua_tostring(L, -1));
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void set_path(void) {
    lua_getglobal(L, "package");
    lua_pushliteral(L, "lua/?.lua;lua/?/init.lua;./?.lua");
    lua_setfield(L, -2, "path");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, luaopen_bedrock_core);
    lua_setfield(L, -2, "bedrock.core");
    lua_settop(L, 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    char path[256];
    (void)argc;
    L = lua_newstate(allocate, NULL);
    if (L == NULL)
        give_up("no memory for a state");
    luaL_openlibs(L);
    set_path();
    snprintf(path, sizeof(path), "spec/fuzz/lua/%s.lua", base_name((*argv)[0]));
    must(luaL_loadfile(L, path));
    must(lua_pcall(L, 0, 1, 0));
    script = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_sethook(L, on_line, LUA_MASKLINE, 0);
    return 0;
}

/* ---- a run ---- */

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Pushes the bytes: as they are, or with the part that begins at `how[0]` and has `how[1]` bytes repeated. */
static void push_input(const uint8_t *data, size_t size) {
    const uint8_t *how = data + size - 4;
    size_t at, n, times;
    luaL_Buffer b;
    if (size < 5 || how[2] != 'x' || how[3] != 'X') {
        lua_pushlstring(L, (const char *)data, size);
        return;
    }
    size -= 4;
    at = how[0] % size;
    n = how[1] % 16 + 1;
    n = n > size - at ? size - at : n;
    luaL_buffinit(L, &b);
    luaL_addlstring(&b, (const char *)data, at);
    for (times = STRETCHED / n; times > 0; times--)
        luaL_addlstring(&b, (const char *)data + at, n);
    luaL_addlstring(&b, (const char *)data + at, size - at);
    luaL_pushresult(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    double started;
    lua_settop(L, 0);
    lua_pushcfunction(L, on_error);
    lua_rawgeti(L, LUA_REGISTRYINDEX, script);
    push_input(data, size);
    limit = held + ROOM;
    started = seconds();
    must(lua_pcall(L, 1, 0, 1));
    if (seconds() - started > most_seconds)
        give_up("more time than the input is worth");
    limit = SIZE_MAX;
    look_for_growth();
    return 0;
}
