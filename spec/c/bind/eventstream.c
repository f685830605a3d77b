/* The decoder without memory: each step of a stream is taken while the n-th allocation fails, for n = 0, 1,
 * 2, ... A step that failed must give the same event when it is taken again: none is lost, none comes twice.
 */
#include "state.h"

#include <stdio.h>

static const char script[] =
    "local core, starved = ...\n"
    "local es, b64, failures = core.eventstream, core.base64.encode, 0\n"
    "local function event(name, payload)\n"
    "  return es.encode({ { ':event-type', 'string', name }, { ':message-type', 'string', 'event' } }, "
    "payload)\n"
    "end\n"
    "local function chunk(inner) return event('chunk', "
    "('{\"bytes\":\"%s\",\"p\":\"abc\"}'):format(b64(inner))) end\n"
    "local bytes = event('messageStart', '{\"role\":\"assistant\",\"more\":[[[1]]],\"p\":\"abcdef\"}') ..\n"
    "  chunk('{\"type\":\"ping\",\"list\":[{},[]]}') .. event('chunk', "
    "'{\"p\":\"\",\"bytes\":\"cGxhaW4=\"}') ..\n"
    "  "
    "chunk('{\"type\":\"content_block_delta\",\"index\":4,\"delta\":{\"type\":\"text_delta\",\"text\":"
    "\"a\\\\n\"}}') ..\n"
    "  event('neverSeenBefore' .. ('x'):rep(100), '{}') ..\n"
    "  es.encode({ { ':message-type', 'string', 'exception' }, { ':exception-type', 'string', 'e' } }, "
    "'text')\n"
    "local function tell(kind, name, value)\n"
    "  return tostring(kind) .. ' ' .. tostring(name) .. ' ' .. (type(value) == 'table' and "
    "core.json.encode(value) or tostring(value))\n"
    "end\n"
    "local function steps(n)\n"
    "  local decoder, said = es.decoder(), {}\n"
    "  for at = 1, #bytes, 50 do\n"
    "    local piece = bytes:sub(at, at + 49)\n"
    "    if not starved(n, decoder.feed, decoder, piece) then\n"
    "      failures = failures + 1\n"
    "      decoder:feed(piece)\n"
    "    end\n"
    "    while true do\n"
    "      local ok, kind, name, value = starved(n, decoder.next, decoder, 'chunk', true)\n"
    "      if not ok then\n"
    "        failures = failures + 1\n"
    "        kind, name, value = decoder:next('chunk', true)\n"
    "      end\n"
    "      if not kind then assert(name == nil, name and name.message) break end\n"
    "      said[#said + 1] = tell(kind, name, value)\n"
    "    end\n"
    "  end\n"
    "  assert(decoder:finish())\n"
    "  return table.concat(said, '\\n'), #said\n"
    "end\n"
    "local want, events = steps(-1)\n"
    "local n = 0\n"
    "repeat\n"
    "  local before = failures\n"
    "  local got = steps(n)\n"
    "  assert(got == want, got)\n"
    "  n = n + 1\n"
    "until failures == before\n"
    "return n, failures, events\n";

/* starved(n, f, ...): whether f worked though the allocation after n others failed, and its results. */
static int starved(lua_State *L) {
    long allocations = (long)luaL_checkinteger(L, 1);
    int status;
    lua_checkstack(L, 20);
    spec_fail_after(allocations);
    status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    spec_fail_after(-1);
    lua_pushboolean(L, status == 0);
    lua_replace(L, 1);
    return lua_gettop(L);
}

int main(void) {
    lua_State *L = spec_open();
    CHECK(luaL_loadbuffer(L, script, sizeof(script) - 1, "=script") == 0);
    lua_insert(L, 1);
    lua_pushcfunction(L, starved);
    if (lua_pcall(L, 2, 3, 0) != 0) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        return 1;
    }
    CHECK(lua_tonumber(L, 3) == 6 && lua_tonumber(L, 2) > 0);
    printf("eventstream binding: %d failures, works from %d allocations on\n", (int)lua_tonumber(L, 2),
           (int)lua_tonumber(L, 1) - 1);
    lua_close(L);
    return 0;
}
