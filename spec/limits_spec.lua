-- A hostile server against the public API: each thing that it may send without end ends at a limit, and the memory that it
-- costs stays within that limit, plus one MiB for what lies in between.

local core = require "bedrock.core"
local luas = require "spec.support.luas"
local server_of = require "spec.support.server"

local MIB = 1024 * 1024

local function frame(name, payload)
  return core.eventstream.encode({ { ":message-type", "string", "event" }, { ":event-type", "string", name } }, payload)
end

-- What the gzip command makes of so many zero bytes, without holding them.
local function packed_zeros(count)
  local pipe = assert(io.popen(("head -c %d /dev/zero | gzip -9"):format(count), "r"))
  local packed = pipe:read("*a")
  pipe:close()
  return packed
end

local OK, ENDLESS = "HTTP/1.1 200 OK\r\n", "content-length: 999999999999\r\n\r\n"
local until_sse = OK .. "connection: close\r\ncontent-type: text/event-stream\r\n\r\nevent: message_start\ndata: {"
local until_closed = OK .. "connection: close\r\n\r\n"
local bomb = packed_zeros(200 * MIB)
local start = frame("messageStart", '{"role":"assistant"}')
local delta = frame("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"' .. ("x"):rep(1000) .. '"}}')

-- A prelude that announces more than comes, with a checksum that fits.
local function announcing(total, headers)
  local function be32(n)
    return string.char(math.floor(n / 2 ^ 24) % 256, math.floor(n / 2 ^ 16) % 256, math.floor(n / 256) % 256, n % 256)
  end
  local prelude = be32(total) .. be32(headers or 0)
  return prelude .. be32(tonumber(core.crypto.crc32(prelude)) % 2 ^ 32)
end

local routes = {
  { "/model/body/converse", { { send = until_closed }, { flood = 300 * MIB } } },
  { "/model/length/converse", { { send = OK .. ENDLESS }, { flood = 300 * MIB } } },
  { "/model/bomb/converse", { { send = OK .. "content-encoding: gzip\r\ncontent-length: " .. #bomb .. "\r\n\r\n" .. bomb } } },
  { "/model/error/converse", { { send = "HTTP/1.1 400 Bad\r\nconnection: close\r\n\r\n" }, { flood = 300 * MIB } } },
  { "/model/headers/converse", { { send = OK }, { flood = 300 * MIB, of = "x-filler: " .. ("y"):rep(990) .. "\r\n" } } },
  { "/model/tiny-headers/converse", { { send = OK }, { flood = 300 * MIB, of = "a:\r\n" } } },
  { "/model/one-header/converse", { { send = OK .. "x: " }, { flood = 300 * MIB } } },
  { "/model/status/converse", { { send = "HTTP/1.1 200 " }, { flood = 300 * MIB } } },
  { "/model/interim/converse", { { flood = 300 * MIB, of = "HTTP/1.1 100 Continue\r\nx: y\r\n\r\n" } } },
  { "/model/depth/converse", { { send = server_of.answer(("["):rep(100000)) } } },
  { "/model/values/converse", { { send = server_of.answer("[" .. ("{},"):rep(3 * MIB) .. "1]") } } },
  { "/model/frame/converse-stream", { { send = until_closed .. start .. announcing(20 * MIB) }, { flood = 300 * MIB } } },
  { "/model/forged/converse-stream", { { send = until_closed .. start .. announcing(2 ^ 31 - 1) }, { flood = 300 * MIB } } },
  { "/model/values/converse-stream",
    { { send = until_closed .. start .. frame("metadata", "[" .. ("{},"):rep(3 * MIB) .. "1]") } } },
  { "/model/depth/converse-stream", { { send = until_closed .. start .. frame("metadata", ("["):rep(100000)) } } },
  { "/model/bomb/converse-stream",
    { { send = OK .. "content-encoding: gzip\r\ncontent-length: " .. #bomb .. "\r\n\r\n" .. bomb } } },
  { "/model/headers/converse-stream",
    { { send = until_closed .. start .. announcing(20 * MIB, 10 * MIB) }, { flood = 300 * MIB } } },
  { "/model/size/converse", { { send = server_of.answer('"' .. ("x"):rep(8 * MIB) .. '"') } } },
  { "/anthropic/v1/messages", { { send = until_sse }, { flood = 300 * MIB } } },
  { "/model/slow/converse-stream", { { send = until_closed .. start }, { flood = 300 * MIB, of = delta } } },
  { "/model/endless/invoke-with-response-stream",
    { { send = until_closed }, { flood = 100 * MIB, of = frame("chunk", '{"bytes":"' .. ("eHh4"):rep(5000) .. '"}') },
      { close = true } } },
}

local by_path = {}
for _, row in ipairs(routes) do by_path[row[1]] = row[2] end

-- What a call met, and the bytes that it took at its height, in a process of its own.
local function probe(server, how, model, limits)
  local script = ("spec/support/limits_probe.lua %s %s %s"):format(server.url, how, model)
  for name, value in pairs(limits) do script = script .. (" %s=%d"):format(name, value) end
  local class, peak = luas.output(luas.this(), script):match("^(.*) (%-?%d+)\n$")
  return class, tonumber(peak)
end

describe("a hostile server", function()
  -- what it sends | how | model | limits | kind and code of the error | bytes that it may cost, give or take one MiB
  local server

  setup(function() server = server_of.start { routes = by_path } end)
  teardown(function() server:stop() end)

  -- A whole text costs its pieces, the buffer that joins them and itself; what the collector has not yet swept of a hundred
  -- thousand values, or of the pieces of a flood, differs from Lua to Lua, hence the room there.
  local cases = {
    { "a body without end", "converse", "body", { response = 8 * MIB }, "stream limit", 8 * MIB },
    { "a body of a terabyte, announced", "converse", "length", { response = 8 * MIB }, "stream limit", 0 },
    { "a bomb of gzip", "converse", "bomb", { response = 8 * MIB }, "stream limit", 8 * MIB },
    { "an error without end", "converse", "error", {}, "validation nil", 1 * MIB },
    { "headers without end", "converse", "headers", {}, "stream limit", 64 * 1024 },
    { "tiny headers without end", "converse", "tiny-headers", {}, "stream limit", 64 * 1024 },
    { "one header without end", "converse", "one-header", {}, "stream limit", 64 * 1024 },
    { "a status line without end", "converse", "status", {}, "stream limit", 64 * 1024 },
    { "JSON that is nested too deeply", "converse", "depth", {}, "server UnreadableAnswer", 0 },
    { "JSON of too many values", "converse", "values", { json_values = 1e5 }, "server UnreadableAnswer", 45 * MIB },
    { "a frame that is larger than allowed", "stream", "frame", { frame = 4 * MIB }, "stream length", 0 },
    { "a frame that never gets complete", "stream", "frame", {}, "stream message_crc", 24 * MIB },
    { "a frame of two GiB", "stream", "forged", {}, "stream length", 0 },
    { "a frame with headers that are larger than allowed", "stream", "headers", {}, "stream headers_length", 0 },
    { "JSON that is larger than allowed", "converse", "size", { json_size = 1 * MIB }, "server UnreadableAnswer", 28 * MIB },
    { "a server-sent event without end", "sse", "any", { frame = 4 * MIB }, "stream length", 6 * MIB },
    { "a frame of too many values", "stream", "values", { json_values = 1e5 }, "stream json", 30 * MIB },
    { "a frame that is nested too deeply", "stream", "depth", {}, "stream json", 1 * MIB },
    { "more events than the caller takes", "asleep", "slow", {}, "asleep nil", 1 * MIB },
    { "events without end, of which none is kept", "bytes", "endless", {}, "stream cut", 4 * MIB },
    { "a bomb of gzip instead of frames", "stream", "bomb", {}, "stream prelude_crc", 0 },
  }
  for _, case in ipairs(cases) do
    it("that sends " .. case[1] .. " is stopped", function()
      local class, peak = probe(server, case[2], case[3], case[4])
      assert.equal(case[5], class)
      assert.is_true(peak <= case[6] + 1 * MIB, ("it cost %.1f MiB"):format(peak / MIB))
    end)
  end
end)
