/* The binding without memory: a script decodes and encodes while the n-th allocation fails, Lua's own and the
 * core's alike, for n = 0, 1, 2, ... until it works. Each time the state must go on working, and nothing may
 * leak. */
#include "state.h"

#include <stdio.h>

static const char script[] = "local core, text = ...\n"
                             "local json = core.json\n"
                             "local places = { blob = true, list = { ['[]'] = { blob = true } } }\n"
                             "local value, err = json.decode(text, { blobs = places })\n"
                             "if not value then return err.message end\n"
                             "local again, err = json.encode(value, { blobs = places, buffer = true })\n"
                             "if not again then return err.code end\n"
                             "local plain, err = json.encode({ n = core.base64.decode('YQ=='), text = text, "
                             "json.blob(again) and nil })\n"
                             "if not plain then return err.code end\n"
                             "local none, err = json.encode({ { a = print } })\n"
                             "if err.code ~= 'type' then return err.code end\n"
                             "none, err = json.decode('[1,\\n]')\n"
                             "return tostring(again) == text and err.line == 2 and 'done'\n";

/* Everything that takes memory: deep and wide, escapes, numbers beyond Lua's, bytes in base64, many keys. */
static void push_text(lua_State *L) {
    static const char before[] =
        "{\"big\":123456789012345678901234567890,\"blob\":\"aGVsbG8=\",\"deep\":[[[[[[[[{}]]]]]]]],"
        "\"list\":[{\"blob\":\"AP8=\"},{}],\"text\":\"a\\nb\\u0000\"";
    luaL_Buffer b;
    int i;
    luaL_buffinit(L, &b);
    luaL_addlstring(&b, before, sizeof(before) - 1);
    for (i = 100; i < 200; i++) {
        lua_pushfstring(L, ",\"z%d\":%d", i, i);
        luaL_addvalue(&b);
    }
    luaL_addchar(&b, '}');
    luaL_pushresult(&b);
}

/* Stack: core, text, chunk. Answers what the script says, or NULL where memory ran out. */
static const char *run(lua_State *L, long allocations) {
    int status;
    lua_settop(L, 3);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    spec_fail_after(allocations);
    status = lua_pcall(L, 2, 1, 0);
    spec_fail_after(-1);
    CHECK(status == 0 || status == LUA_ERRMEM);
    return status == 0 ? lua_tostring(L, -1) : NULL;
}

static int says(const char *answer, const char *word) {
    return answer != NULL && strcmp(answer, word) == 0;
}

static long run_without_memory(lua_State *L) {
    long allocations;
    for (allocations = 0; !says(run(L, allocations), "done"); allocations++) {
        const char *answer = lua_tostring(L, -1);
        CHECK(lua_isstring(L, -1));
        CHECK(strstr(answer, "memory") != NULL);
        CHECK(says(run(L, -1), "done"));
    }
    return allocations;
}

int main(void) {
    lua_State *L = spec_open();
    push_text(L);
    CHECK(luaL_loadbuffer(L, script, sizeof(script) - 1, "=script") == 0);
    CHECK(says(run(L, -1), "done"));
    printf("json binding: works from %ld allocations on\n", run_without_memory(L));
    lua_close(L);
    return 0;
}
