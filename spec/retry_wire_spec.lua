-- The retry policy as the other end sees it: the emulator's log of what came over the socket. Sleeps are written down, not
-- slept, and the random number is always a half.

local bedrock = require "bedrock"
local emulator = require "spec.support.emulator"
local server_of = require "spec.support.server"

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

-- The default transport, in a hurry.
local function hasty()
  local inner = require("bedrock.transports.curl").new {}
  local slept = {}
  return setmetatable({ sleep = function(_, seconds) slept[#slept + 1] = seconds end, slept = slept }, {
    __index = function(_, name)
      local method = inner[name]
      return type(method) == "function" and function(_, ...) return method(inner, ...) end or method
    end,
  })
end

local service

local function new(options)
  local transport = hasty()
  local all = {
    region = "us-west-2", endpoint = service.url, access_key_id = service.access_key_id,
    secret_access_key = service.secret_access_key, log = function() end, random = function() return 0.5 end,
    transport = transport,
  }
  for k, v in pairs(options or {}) do all[k] = v end
  return bedrock.new(all), transport.slept
end

local function ask()
  return { modelId = MODEL, messages = { { role = "user", content = { { text = "Hello" } } } } }
end

local function fault(spec)
  return { headers = { ["x-emulator-fault"] = spec } }
end

local seen = 0

-- The requests of the emulator's log since the last look, as "status attempt" lines; their invocation ids are all one.
local function wire(expected)
  local records = service.log(seen + expected)
  local lines, ids = {}, {}
  for i = seen + 1, #records do
    local headers = {}
    for _, pair in ipairs(records[i].headers) do headers[pair[1]] = pair[2] end
    lines[#lines + 1] = ("%s %s"):format(records[i].status or "-", headers["amz-sdk-request"])
    ids[headers["amz-sdk-invocation-id"]] = true
  end
  seen = #records
  assert.is_nil(next(ids, next(ids)), "one call, one id")
  return lines
end

setup(function() service = emulator.start { pace = 0, key = "AKIDSECOND:secondsecret" } end)
teardown(function() service.stop() end)

describe("on the wire", function()
  -- fault | options | statuses and attempts | sleeps | kind of the error, or nothing
  local cases = {
    { "throttle:2", {}, { "429 attempt=1; max=3", "429 attempt=2; max=3", "200 attempt=3; max=3" }, { 0.5, 1 } },
    { "throttle:9", {}, { "429 attempt=1; max=3", "429 attempt=2; max=3", "429 attempt=3; max=3" }, { 0.5, 1 }, "throttled" },
    { "throttle:1:7", {}, { "429 attempt=1; max=3", "200 attempt=2; max=3" }, { 7 } },
    { "status:503:2", {}, { "503 attempt=1; max=3", "503 attempt=2; max=3", "200 attempt=3; max=3" }, { 0.025, 0.05 } },
    { "status:503:1", { retry = { generation = "2.0" } }, { "503 attempt=1; max=3", "200 attempt=2; max=3" }, { 0.5 } },
    { "status:500:4", { retry = { mode = "legacy" } }, { "500 attempt=1; max=5", "500 attempt=2; max=5", "500 attempt=3; max=5",
      "500 attempt=4; max=5", "200 attempt=5; max=5" }, { 0.5, 1, 2, 4 } },
    { "html:502*1", {}, { "502 attempt=1; max=3", "200 attempt=2; max=3" }, { 0.025 } },
    { "empty:504*1", {}, { "504 attempt=1; max=3", "200 attempt=2; max=3" }, { 0.025 } },
    { "not-ready:1", {}, { "429 attempt=1; max=3", "200 attempt=2; max=3" }, { 0.025 } },
    { "reset:before*1", {}, { "- attempt=1; max=3", "200 attempt=2; max=3" }, { 0.025 } },
    { "close:before*1", {}, { "- attempt=1; max=3", "200 attempt=2; max=3" }, { 0.025 } },
    { "close:body*1", {}, { "200 attempt=1; max=3", "200 attempt=2; max=3" }, { 0.025 } },
    { "status:400", {}, { "400 attempt=1; max=3" }, {}, "validation" },
    { "status:408", {}, { "408 attempt=1; max=3" }, {}, "model" },
    { "status:424", {}, { "424 attempt=1; max=3" }, {}, "model" },
    { "status:403", {}, { "403 attempt=1; max=3" }, {}, "access_denied" },
    { "silent", { timeouts = { first_byte = 0.1 } }, { "- attempt=1; max=3" }, {}, "timeout" },
    { "silent", { timeouts = { first_byte = 0.1 }, retry = { read_timeouts = true, max_attempts = 2 } },
      { "- attempt=1; max=2", "- attempt=2; max=2" }, { 0.025 }, "timeout" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. (case[5] and " fails" or " comes through"), function()
      local client, slept = new(case[2])
      local reply, err = client:converse(ask(), fault(case[1]))
      assert.same(case[3], wire(#case[3]))
      assert.same(case[4], slept)
      assert.equal(case[5], err and err.kind)
      assert.equal(case[5] == nil, reply ~= nil)
    end)
  end

  it("a throttle as the first frame of a stream is like one before it", function()
    local client, slept = new()
    local stream = assert(client:converse_stream(ask(), fault("exception:throttlingException:0*2")))
    assert.is_true(#assert(stream:message()):text() > 0)
    assert.same({ "200 attempt=1; max=3", "200 attempt=2; max=3", "200 attempt=3; max=3" }, wire(3))
    assert.same({ 0.5, 1 }, slept)
  end)

  it("nothing is sent again after an event", function()
    local stream = assert(new():converse_stream(ask(), fault("exception:throttlingException:1")))
    assert.truthy(stream:next())
    local _, err = stream:next()
    assert.equal("throttled", err.kind)
    assert.same({ "200 attempt=1; max=3" }, wire(1))
  end)

  it("expired keys are replaced once, without an attempt", function()
    local n = 0
    local client = bedrock.new {
      region = "us-west-2", endpoint = service.url, log = function() end,
      credentials = function()
        n = n + 1
        if n == 2 then return { access_key_id = "AKIDSECOND", secret_access_key = "secondsecret" } end
        return { access_key_id = service.access_key_id, secret_access_key = service.secret_access_key }
      end,
    }
    assert(client:converse(ask(), fault("expired-token")))
    assert.same({ "403 attempt=1; max=3", "200 attempt=1; max=3" }, wire(2))
    assert.equal(2, n)
  end)
end)

describe("a service whose clock is fifteen minutes ahead", function()
  it("is believed once, and the next call is right from the start", function()
    local skewed = emulator.start { pace = 0, fault = "skew:900" }
    finally(function() skewed.stop() end)
    local client = new { endpoint = skewed.url }
    assert(client:converse(ask()))
    assert(client:converse(ask()))
    local statuses = {}
    for i, record in ipairs(skewed.log(3)) do statuses[i] = record.status end
    assert.same({ 403, 200, 200 }, statuses)
    assert.near(900, client.skew, 5)
  end)
end)

describe("a connection that died in the pool", function()
  it("is replaced at once, for nothing, and nobody notices", function()
    local body = '{"output":{"message":{"role":"assistant","content":[{"text":"Hello"}]}},"stopReason":"end_turn"}'
    local route = { { send = server_of.answer(body) }, { sleep = 0.05 }, { close = true } }
    local server = server_of.start { routes = { ["*"] = route } }
    finally(function() server:stop() end)
    local client, slept = new { endpoint = server.url }
    for _ = 1, 3 do
      assert.equal("Hello", assert(client:converse(ask())):text())
      server_of.wait_for(function() return #server:log("end") == #server:log("accept") end, "the server to close")
    end
    assert.same({}, slept)
    assert.equal(3, #server:log("request"))
  end)
end)
