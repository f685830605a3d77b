-- What must hold in every host, with the same words: streams, errors, cancellation, clocks, credentials, and the transport's
-- contract. Nothing here needs busted or knows where it runs; a host gives its pcall and its way to run functions together.
--
--   suite.run { world = world, pcall = pcall, together = function(functions) ... end } -> list of { group, name, why = nil }
--
-- `world` is what spec/hosts/world.lua has started: addresses of an emulator and of other servers.

local bad_servers = require "spec.support.bad_servers"
local bedrock = require "bedrock"
local conformance = require "spec.support.conformance"

local suite = {}

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local NONE = {} -- instead of nil, for an option that a client is to be without

local cases = {}

local function case(group, name, run)
  cases[#cases + 1] = { group = group, name = name, run = run }
end

local function same(want, got, what)
  if want ~= got then
    error(("%s: wanted %s, got %s"):format(what or "value", tostring(want), tostring(got)), 2)
  end
end

---- What a case works with

local Bench = {}
Bench.__index = Bench

--- A client of the emulator; closed when the case is over.
function Bench:client(options)
  local world = self.host.world
  local all = {
    region = "us-west-2", endpoint = world.url, access_key_id = world.access_key_id,
    secret_access_key = world.secret_access_key, retry = { max_attempts = 1 }, log = function() end, proxy = false,
  }
  for k, v in pairs(options or {}) do
    all[k] = v
    if v == NONE then all[k] = nil end
  end
  local client = bedrock.new(all)
  self.clients[#self.clients + 1] = client
  return client
end

local marks = 0

--- Call options with a fault, and a mark by which the emulator's log knows the call.
function Bench:options(fault, more)
  marks = marks + 1
  local mark = ("%s-%d"):format(self.host.name, marks)
  local options = { headers = { ["x-mark"] = mark, ["x-emulator-fault"] = fault } }
  for k, v in pairs(more or {}) do options[k] = v end
  return options, mark
end

function Bench:sleep(seconds)
  self:client().transport:sleep(seconds)
end

--- Waits until `get` gives something.
function Bench:wait(get, what)
  for _ = 1, 400 do
    local value = get()
    if value then return value end
    self:sleep(0.025)
  end
  error("waited ten seconds for " .. what, 2)
end

local function lines_of(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text:gmatch("([^\n]+)\n")
end

--- The emulator's record of the call with that mark, once it is over.
function Bench:record(mark)
  return self:wait(function()
    for line in lines_of(self.host.world.log_path) do
      if line:find('"' .. mark .. '"', 1, true) then return assert(bedrock.json.decode(line)) end
    end
  end, "the record of " .. mark)
end

--- How many requests have asked for the credentials of a container.
function Bench:asked_for_credentials()
  local count = 0
  for line in lines_of(self.host.world.container_log) do
    if line:find('event="request"', 1, true) then count = count + 1 end
  end
  return count
end

--- Runs functions at the same time where the host can, and raises the first error.
function Bench:together(functions)
  return self.host.together(functions)
end

local function ask(text)
  return { model = MODEL, max_tokens = 4096, messages = { { role = "user", content = text or "Hello, world" } } }
end

local function converse(text)
  return { modelId = MODEL, messages = { { role = "user", content = { { text = text or "Hello" } } } } }
end

-- The texts of a stream, by `next`, which works on every Lua; and the error that ended it.
local function drain(stream)
  local texts = {}
  while true do
    local event, err = stream:next()
    if not event then return table.concat(texts), err, #texts end
    local delta = event.delta or event.contentBlockDelta and event.contentBlockDelta.delta
    if type(delta) == "table" and delta.text then texts[#texts + 1] = delta.text end
  end
end

---- Streams

case("streams", "a message is created", function(t)
  local reply = assert(t:client().messages:create(ask()))
  same("end_turn", reply.stop_reason)
  assert(#reply:text() > 0, "no text")
end)

case("streams", "a stream says what create says", function(t)
  local client = t:client()
  local text, err, pieces = drain(assert(client.messages:stream(ask())))
  assert(not err, tostring(err))
  assert(pieces > 3, "it came in " .. pieces .. " pieces")
  same(assert(client.messages:create(ask())):text(), text)
end)

case("streams", "the iterator of texts gives them one by one", function(t)
  local stream = assert(t:client().messages:stream(ask()))
  local each, pieces = stream:text(), {}
  for _ = 1, 1000 do
    local text = each()
    if not text then break end
    pieces[#pieces + 1] = text
  end
  same(stream:message():text(), table.concat(pieces))
end)

case("streams", "Converse streams, too, and ends with its usage", function(t)
  local stream = assert(t:client():converse_stream(converse()))
  local text = drain(stream)
  local message = assert(stream:message())
  same(message:text(), text)
  assert(message.usage.totalTokens > 0, "no usage")
end)

case("streams", "text is there before the answer is over", function(t)
  local options, mark = t:options("stall:30:4")
  local stream = assert(t:client().messages:stream(ask(), options))
  local first = stream:text()()
  assert(#first > 0, "no text")
  stream:close()
  same("client left", t:record(mark).ended)
end)

case("streams", "an answer that comes byte by byte is the same", function(t)
  local client = t:client()
  local text = drain(assert(client.messages:stream(ask("@words 20"), t:options("drip"))))
  same(assert(client.messages:create(ask("@words 20"))):text(), text)
end)

case("streams", "a long answer comes whole", function(t)
  local text, err = drain(assert(t:client().messages:stream(ask("@words 1500"))))
  assert(not err, tostring(err))
  assert(text:find("word1 ", 1, true) and text:find("word1500$"), "it is not whole: " .. #text .. " bytes")
end)

case("streams", "a tool is used", function(t)
  local request = ask("@call weather {\"city\":\"Paris\"}")
  request.tools = { { name = "weather", input_schema = { type = "object", properties = { city = { type = "string" } } } } }
  local message = assert(assert(t:client().messages:stream(request)):message())
  same("tool_use", message.stop_reason)
  same("Paris", message:tool_uses()[1].input.city)
end)

case("streams", "many at a time do not mix", function(t)
  local client, jobs = t:client(), {}
  for i = 1, 12 do
    jobs[i] = function()
      local text, err = drain(assert(client.messages:stream(ask("@say " .. ("answer " .. i .. " "):rep(40)))))
      assert(not err, tostring(err))
      same(("answer " .. i .. " "):rep(40), text .. " ", "stream " .. i)
    end
  end
  t:together(jobs)
end)

---- Errors

case("errors", "a wrong key is named", function(t)
  local _, err = t:client({ secret_access_key = "wrong" }).messages:create(ask())
  same("access_denied", err.kind)
  same(403, err.status)
end)

case("errors", "a throttle passes with the next attempt", function(t)
  local reply = assert(t:client({ retry = { max_attempts = 3 }, random = function() return 0.01 end })
    .messages:create(ask(), t:options("throttle:1")))
  assert(#reply:text() > 0, "no text")
end)

for _, row in ipairs {
  { "exception:throttlingException:4", "throttled" }, { "exception:modelStreamErrorException:4", "model" },
  { "cut:700", "stream" }, { "crc:4", "stream" }, { "no-stop", "stream" }, { "reset:body", "stream" },
} do
  case("errors", "a stream that ends with " .. row[1] .. " never looks finished", function(t)
    local stream, err = t:client().messages:stream(ask("@words 50"), t:options(row[1]))
    local text
    if stream then text, err = drain(stream) end
    assert(err, "it looked finished after: " .. tostring(text))
    assert(err.kind == row[2] or row[2] == "stream" and err.kind == "network", tostring(err) .. " " .. err.kind)
    if stream then same(nil, stream:message(), "message") end
  end)
end

case("errors", "the iterator raises what broke the stream, and the text so far is kept", function(t)
  local stream = assert(t:client().messages:stream(ask(), t:options("exception:internalServerException:5")))
  local ok, err = t.host.pcall(function()
    local each = stream:text()
    while each() do end -- luacheck: ignore 542
  end)
  same(false, ok)
  same("server", err.kind)
  assert(#err.partial:text() > 0, "no partial text")
end)

case("errors", "a proxy's page of HTML is an error with its status", function(t)
  local _, err = t:client().messages:create(ask(), t:options("html:502"))
  same(502, err.status)
end)

case("errors", "nobody listens", function(t)
  local _, err = t:client({ endpoint = "http://127.0.0.1:1" }).messages:create(ask())
  same("network", err.kind)
  same("connect", err.code)
end)

case("errors", "a reset before the answer", function(t)
  local _, err = t:client().messages:create(ask(), t:options("reset:before"))
  same("network", err.kind)
end)

case("errors", "a pooled connection that died is replaced without counting", function(t)
  local client = t:client()
  assert(client.messages:create(ask(), t:options("close-idle:0.01")))
  t:sleep(0.2)
  assert(client.messages:create(ask()))
end)

case("errors", "wrong input is named by its place", function(t)
  local request = ask()
  request.metadata = { a = print }
  local _, err = t:client().messages:create(request)
  same("validation", err.kind)
  assert(tostring(err):find("metadata.a", 1, true), tostring(err))
end)

---- Cancellation

case("cancellation", "a stream that is closed ends the connection", function(t)
  local options, mark = t:options("stall:30:3")
  local stream = assert(t:client().messages:stream(ask(), options))
  assert(stream:next())
  stream:close()
  stream:close()
  local event, err = stream:next()
  same(nil, event)
  same("cancelled", err.kind)
  same("client left", t:record(mark).ended)
end)

case("cancellation", "a client goes on after a closed stream", function(t)
  local client = t:client()
  local stream = assert(client.messages:stream(ask("@words 500")))
  assert(stream:next())
  stream:close()
  assert(client.messages:create(ask()))
end)

---- Clocks

case("clocks", "first_byte", function(t)
  local _, err = t:client({ timeouts = { first_byte = 0.2 } }).messages:create(ask(), t:options("silent"))
  same("timeout", err.kind)
  same("first_byte", err.clock)
end)

case("clocks", "idle", function(t)
  local stream = assert(t:client({ timeouts = { idle = 0.3 } }).messages:stream(ask(), t:options("stall:30:3")))
  local _, err = drain(stream)
  same("timeout", err.kind)
  same("idle", err.clock)
end)

case("clocks", "total", function(t)
  local client = t:client({ timeouts = { total = 0.5, idle = 20 } })
  local stream = assert(client.messages:stream(ask(), t:options("stall:30:3")))
  local _, err = drain(stream)
  same("timeout", err.kind)
  same("total", err.clock)
end)

case("clocks", "connect, which covers the TLS handshake", function(t)
  local client = t:client({ endpoint = t.host.world.mute_url, timeouts = { connect = 0.3 } })
  local _, err = client.messages:create(ask())
  same("timeout", err.kind)
  same("connect", err.clock)
end)

case("clocks", "a pause of the reader counts against nobody", function(t)
  local stream = assert(t:client({ timeouts = { idle = 0.4 } }).messages:stream(ask("@words 30")))
  assert(stream:next())
  t:sleep(0.8)
  local _, err = drain(stream)
  assert(not err, tostring(err))
end)

---- TLS

case("tls", "a server that the authority vouches for is trusted", function(t)
  local world = t.host.world
  local reply = assert(t:client({ endpoint = world.tls_url, ca_bundle = world.ca }).messages:create(ask()))
  assert(#reply:text() > 0, "no text")
end)

for i, row in ipairs(bad_servers.rows) do
  case("tls", "one " .. row[1] .. " is not", function(t)
    local world = t.host.world
    local _, err = t:client({ endpoint = world["bad_url_" .. i], ca_bundle = world.ca }).messages:create(ask())
    same("tls", err and err.kind, tostring(err))
  end)
end

case("tls", "unless verification is turned off", function(t)
  assert(t:client({ endpoint = t.host.world.untrusted_url, verify = false }).messages:create(ask()))
end)

---- Credentials

-- The machine, with an environment of its own.
local function machine(variables)
  local system = {}
  for k, v in pairs(require "bedrock.system") do system[k] = v end
  function system.getenv(name) return variables[name] end
  function system.read_file(path) return nil, path .. ": no such file", true end
  function system.stat(path) return nil, path .. ": no such file", true end
  return system
end

case("credentials", "an API key", function(t)
  local key = t.host.world.api_key
  local client = t:client({ access_key_id = NONE, secret_access_key = NONE, api_key = key })
  assert(client.messages:create(ask()))
end)

case("credentials", "of a container, asked for over the host's own transport, once for many", function(t)
  local world = t.host.world
  local before = t:asked_for_credentials()
  local client = t:client {
    access_key_id = NONE, secret_access_key = NONE,
    system = machine { AWS_CONTAINER_CREDENTIALS_FULL_URI = world.container_url .. "/credentials" },
  }
  local jobs = {}
  for i = 1, 6 do jobs[i] = function() assert(client.messages:create(ask())) end end
  t:together(jobs)
  same(1, t:asked_for_credentials() - before, "requests for credentials")
  same("container", client:identity().source)
end)

case("credentials", "that have expired are asked for anew", function(t)
  local asked = 0
  local client = t:client {
    access_key_id = NONE, secret_access_key = NONE,
    credentials = function()
      asked = asked + 1
      if asked == 1 then
        return { access_key_id = "AKIDOTHER", secret_access_key = "other", expiration = os.time() + 3600 }
      end
      return { access_key_id = t.host.world.access_key_id, secret_access_key = t.host.world.secret_access_key }
    end,
  }
  assert(client.messages:create(ask(), t:options("expired-token")))
  same(2, asked)
end)

case("credentials", "none are found, and the error says where to put them", function(t)
  local client = t:client {
    access_key_id = NONE, secret_access_key = NONE, system = machine { AWS_EC2_METADATA_DISABLED = "true" },
  }
  local _, err = client.messages:create(ask())
  same("credentials", err.kind)
  assert(tostring(err):find("AWS_ACCESS_KEY_ID", 1, true), tostring(err))
end)

---- The transport's contract

for _, each in ipairs(conformance.cases) do
  case("transport", each.name, function(t)
    each.run(t:client().transport, t.host.world.raw_url)
  end)
end

suite.cases = cases

-- A case with a bench of its own; why it failed, or nil.
local function run_one(host, one)
  local bench = setmetatable({ host = host, clients = {} }, Bench)
  local ok, why = host.pcall(one.run, bench)
  for _, client in ipairs(bench.clients) do client:close() end
  if not ok then return tostring(why) end
end

--- Runs all cases in a host.
---@param host table name, world, pcall, together
---@return table[] results { group, name, why }
function suite.run(host)
  local results = {}
  for i, one in ipairs(cases) do
    results[i] = { group = one.group, name = one.name, why = run_one(host, one) }
  end
  return results
end

--- Results as lines, for hosts that have only text to give: "ok" or what was wrong, and the name.
function suite.report(results)
  local lines = {}
  for i, r in ipairs(results) do
    lines[i] = ("%s\t%s\t%s"):format(r.group, r.name, (r.why or "ok"):gsub("%s+", " "))
  end
  return table.concat(lines, "\n") .. "\nend\n"
end

--- Functions one after the other, for hosts that can only do that.
function suite.in_turn(functions)
  for _, fn in ipairs(functions) do fn() end
end

--- Functions as tasks of bedrock.async.
function suite.as_tasks(functions)
  local async = require "bedrock.async"
  local tasks = {}
  for i, fn in ipairs(functions) do tasks[i] = async.spawn(function() fn() return true end) end
  for _, task in ipairs(tasks) do
    local ok, err = task:join()
    if not ok then error(err, 0) end
  end
end

return suite
