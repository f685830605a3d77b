-- Giving up a stream: the server sees the connection end within 10 ms, however the caller gives up.
--
-- Both processes read the same monotonic clock. A busy machine may delay either of them, so the best of some tries counts,
-- and has ten times as long: a connection that is not closed at all is seconds late.

local async = require "bedrock.async"
local bedrock = require "bedrock"
local certificates = require "spec.support.certificates"
local core = require "bedrock.core"
local curl = require "bedrock.curl"
local server_of = require "spec.support.server"

local TRIES, BOUND = 6, 0.1

local start = core.eventstream.encode({ { ":message-type", "string", "event" }, { ":event-type", "string", "messageStart" } },
  '{"role":"assistant"}')
local half = { { send = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" .. server_of.chunks(start) }, { stall = true } }

local function client_of(server, options)
  local all = {
    region = "us-west-2", endpoint = server.url, access_key_id = "AKIDEXAMPLE", log = function() end,
    secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", retry = false,
  }
  for k, v in pairs(options or {}) do all[k] = v end
  return bedrock.new(all)
end

local function ask()
  return { modelId = "m", messages = { { role = "user", content = { { text = "Hi" } } } } }
end

local function open(client)
  local stream = assert(client:converse_stream(ask()))
  assert(stream:next())
  return stream
end

-- The least time between giving up and the server's noticing it.
local function least(server, try)
  local best = math.huge
  for _ = 1, TRIES do
    local before = #server:log("end")
    local at = try()
    best = math.min(best, server:wait("end", before + 1)[before + 1].at - at)
    if best < BOUND then break end
  end
  return best
end

-- Collects what nobody holds; twice, because what a finalizer lets go of is garbage only afterwards.
local function collect()
  local at = curl.now()
  collectgarbage()
  collectgarbage()
  return at
end

local ways = {
  { "stream:close()", function(client)
    local stream = open(client)
    local at = curl.now()
    stream:close()
    return at
  end },
  { "the stream is forgotten", function(client)
    open(client)
    return collect()
  end },
  { "a loop over it has broken off with an error", function(client)
    pcall(function()
      for _ in assert(client:converse_stream(ask())):events() do error("enough") end
    end)
    return collect()
  end },
  { "client:close()", function(client)
    local stream = open(client)
    local at = curl.now()
    client:close()
    local _, err = stream:next()
    assert.equal("cancelled", err.kind)
    return at
  end },
  { "the task that reads it is cancelled", function(client)
    local at
    async.run(function()
      local task = async.spawn(function() open(client):next() end)
      async.sleep(0.05)
      at = curl.now()
      task:cancel()
    end)
    return at
  end },
}

if _VERSION == "Lua 5.4" then
  local scoped = assert(load "local stream, now = ... local s <close> = stream return now()")
  ways[#ways + 1] = { "the stream goes out of scope", function(client) return scoped(open(client), curl.now) end }
end

describe("the server sees the end at once after", function()
  local plain, secure, authority
  setup(function()
    authority = certificates.new()
    local good = authority:issue("good", "IP:127.0.0.1", 2)
    plain = server_of.start { routes = { ["*"] = half } }
    secure = server_of.start { routes = { ["*"] = half }, tls = good }
  end)
  teardown(function()
    plain:stop()
    secure:stop()
    authority:remove()
  end)

  for _, way in ipairs(ways) do
    it(way[1], function()
      local seconds = least(plain, function() return way[2](client_of(plain)) end)
      assert.is_true(seconds < BOUND, ("%.1f ms"):format(seconds * 1000))
    end)
    it(way[1] .. ", over TLS", function()
      local seconds = least(secure, function() return way[2](client_of(secure, { ca_bundle = authority.ca })) end)
      assert.is_true(seconds < BOUND, ("%.1f ms"):format(seconds * 1000))
    end)
  end
end)
