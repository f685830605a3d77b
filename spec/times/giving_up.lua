-- Ways to give a stream up, and how long after that the server sees the end of its connection.
--
-- Both processes read the same monotonic clock.

local async = require "bedrock.async"
local bedrock = require "bedrock"
local certificates = require "spec.support.certificates"
local core = require "bedrock.core"
local curl = require "bedrock.curl"
local nginx = require "spec.support.nginx"
local server_of = require "spec.support.server"

local giving_up = {}

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

local function routes()
  return { ["*"] = half }
end

--- A plain server and one over TLS; both begin a stream and never go on. stop() ends them.
function giving_up.servers()
  local authority = certificates.new()
  local good = authority:issue("good", "IP:127.0.0.1", 2)
  local plain, secure = server_of.start { routes = routes() }, server_of.start { routes = routes(), tls = good }
  local function stop()
    plain:stop()
    secure:stop()
    authority:remove()
  end
  return {
    plain = plain, secure = secure, stop = stop,
    client = function(server) return client_of(server, server == secure and { ca_bundle = authority.ca } or nil) end,
  }
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
    assert(err.kind == "cancelled", "it is not cancelled")
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


--- name, act: gives a stream of a client up and answers when
giving_up.ways = ways

--- Seconds between giving up and the server's noticing it.
function giving_up.seconds(servers, server, act)
  local before = #server:log "end"
  local at = act(servers.client(server))
  return server:wait("end", before + 1)[before + 1].at - at
end

-- A client of nginx goes away while the handler streams to it.
local function start_nginx(server)
  return nginx.start {
    http = "lua_check_client_abort on; lua_socket_log_errors off;",
    server = ([[location = /stream { content_by_lua_block {
      local client = require("bedrock").new { region = "us-west-2", endpoint = "%s", access_key_id = "AKIDEXAMPLE", retry = false,
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }
      local messages = { { role = "user", content = { { text = "Hi" } } } }
      local stream = assert(client:converse_stream { modelId = "m", messages = messages })
      for event in stream:events() do ngx.print("event") ngx.flush(true) end
    } }]]):format(server.url),
  }
end

local function leave_nginx(transport, url)
  local response = assert(transport:request { url = url .. "/stream", proxy = false })
  assert(response:read())
  local at = curl.now()
  response:close()
  return at
end

--- Measures every way: calls each(name, milliseconds over a plain connection, over TLS or nil), numbers separated by blanks.
function giving_up.measure(rounds, each)
  local servers = giving_up.servers()
  local function several(server, act)
    local list = {}
    for i = 1, rounds do list[i] = ("%.2f"):format(giving_up.seconds(servers, server, act) * 1000) end
    return table.concat(list, " ")
  end
  for _, way in ipairs(ways) do each(way[1], several(servers.plain, way[2]), several(servers.secure, way[2])) end
  local host, transport = start_nginx(servers.plain), require("bedrock.transports.curl").new()
  each("the client of nginx goes away", several(servers.plain, function() return leave_nginx(transport, host.url) end))
  host:stop()
  servers.stop()
end

return giving_up
