-- The public API against the emulator: what a user does, and what a user gets when something is wrong.

local bedrock = require "bedrock"
local emulator = require "spec.support.emulator"

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local server

local function new(options)
  local all = {
    region = "us-west-2", endpoint = server.url, access_key_id = server.access_key_id,
    secret_access_key = server.secret_access_key,
    retry = { max_attempts = 1 }, log = function() end,
  }
  for k, v in pairs(options or {}) do all[k] = v end
  return bedrock.new(all)
end

local function ask(text)
  return { model = MODEL, max_tokens = 64, messages = { { role = "user", content = text or "Hello, world" } } }
end

local function converse(text)
  return { modelId = MODEL, messages = { { role = "user", content = { { text = text or "Hello" } } } } }
end

local function fault(spec)
  return { headers = { ["x-emulator-fault"] = spec } }
end

setup(function() server = emulator.start { pace = 0 } end)
teardown(function() server.stop() end)

describe("messages", function()
  it("creates a message", function()
    local reply = assert(new().messages:create(ask()))
    assert.is_true(#reply:text() > 0)
    assert.equal("assistant", reply.role)
    assert.equal("end_turn", reply.stop_reason)
    assert.is_true(reply.usage.output_tokens > 0)
  end)

  it("streams the text that create returns", function()
    local client = new()
    local whole = assert(client.messages:create(ask())):text()
    local pieces = {}
    for text in assert(client.messages:stream(ask())):text() do pieces[#pieces + 1] = text end
    assert.is_true(#pieces > 1)
    assert.equal(whole, table.concat(pieces))
  end)

  it("gives the wire's events, then the message", function()
    local stream = assert(new().messages:stream(ask()))
    local types = {}
    for event in stream:events() do types[#types + 1] = event.type end
    assert.equal("message_start", types[1])
    assert.equal("message_stop", types[#types])
    local message = assert(stream:message())
    assert.equal("end_turn", message.stop_reason)
    assert.is_nil(stream:next())
  end)

  it("reads the whole stream for its message", function()
    local client = new()
    local message = assert(assert(client.messages:stream(ask())):message())
    assert.equal(assert(client.messages:create(ask())):text(), message:text())
  end)

  it("shows the message as it grows", function()
    local stream = assert(new().messages:stream(ask()))
    local seen = 0
    for _ in stream:text() do
      local now = #stream:snapshot():text()
      assert.is_true(now >= seen)
      seen = now
    end
    assert.is_true(seen > 0)
  end)

  it("ends early when it is closed, and says so afterwards", function()
    local stream = assert(new().messages:stream(ask()))
    assert.truthy(stream:next())
    stream:close()
    stream:close()
    local event, err = stream:next()
    assert.is_nil(event)
    assert.equal("cancelled", err.kind)
    local message, again = stream:message()
    assert.is_nil(message)
    assert.equal("cancelled", again.kind)
  end)
end)

describe("converse", function()
  it("answers", function()
    local answer = assert(new():converse(converse()))
    assert.equal("assistant", answer.output.message.role)
    assert.equal("end_turn", answer.stopReason)
    assert.equal(answer.output.message.content[1].text, answer:text())
  end)

  it("streams the same", function()
    local client = new()
    local stream = assert(client:converse_stream(converse()))
    local text = {}
    for event in stream:events() do
      local delta = event.contentBlockDelta and event.contentBlockDelta.delta
      if delta then text[#text + 1] = delta.text end
    end
    local message = assert(stream:message())
    assert.equal(table.concat(text), message:text())
    assert.equal(assert(client:converse(converse())):text(), message:text())
    assert.equal("end_turn", message.stopReason)
    assert.is_number(message.usage.totalTokens)
  end)
end)

describe("other operations", function()
  it("invokes a model with a table or with bytes", function()
    local client = new()
    local body = { anthropic_version = "bedrock-2023-05-31", max_tokens = 32, messages = { { role = "user", content = "Hi" } } }
    local a = assert(client:invoke_model { modelId = MODEL, body = body })
    local b = assert(client:invoke_model { modelId = MODEL, body = assert(bedrock.json.encode(body)) })
    assert.equal(bedrock.json.decode(a.body).content[1].text, bedrock.json.decode(b.body).content[1].text)
  end)

  it("streams a model's own format as bytes", function()
    local stream = assert(new():invoke_model_with_response_stream {
      modelId = MODEL,
      body = { anthropic_version = "bedrock-2023-05-31", max_tokens = 32, messages = { { role = "user", content = "Hi" } } },
    })
    local first = assert(stream:next())
    assert.equal("message_start", bedrock.json.decode(first.chunk.bytes).type)
    local count = 1
    for _ in stream:events() do count = count + 1 end
    assert.is_true(count > 5)
    assert.is_nil(stream:next())
  end)

  it("counts tokens", function()
    local count = assert(new():count_tokens {
      modelId = "anthropic.claude-sonnet-4-5-20250929-v1:0",
      input = { converse = { messages = converse().messages } },
    })
    assert.is_true(count.inputTokens > 0)
  end)

  it("applies a guardrail", function()
    local answer = assert(new():apply_guardrail {
      guardrailIdentifier = "gr1", guardrailVersion = "DRAFT", source = "INPUT", content = { { text = { text = "Hello" } } },
    })
    assert.equal("NONE", answer.action)
  end)

  it("lists models", function()
    local models = assert(new():list_foundation_models { byProvider = "anthropic" })
    assert.is_true(#models.modelSummaries > 0)
  end)

  it("asks who is calling", function()
    assert.matches("^arn:aws:", assert(new():get_caller_identity()).Arn)
  end)

  it("suggests the nearest name for one that does not exist", function()
    assert.has_error(function() return new().converse_steam end)
    local _, why = pcall(function() return new():conversse {} end)
    assert.matches("converse", why)
  end)
end)

describe("authentication", function()
  it("takes a bearer token and never asks the chain", function()
    local client = bedrock.new { region = "us-west-2", endpoint = server.url, api_key = server.api_key }
    assert.is_true(#assert(client.messages:create(ask())):text() > 0)
    assert.equal("option", client:identity().source)
    local _, err = bedrock.new { region = "us-west-2", endpoint = server.url, api_key = "wrong" }.messages:create(ask())
    assert.equal("access_denied", err.kind)
  end)

  it("makes a short-term key out of credentials, which the service takes", function()
    local key, ends = bedrock.token {
      expires = 900, region = "us-west-2", access_key_id = server.access_key_id, secret_access_key = server.secret_access_key,
    }
    assert.matches("^bedrock%-api%-key%-", key)
    assert.near(os.time() + 900, ends, 5)
    local client = bedrock.new { region = "us-west-2", endpoint = server.url, api_key = key }
    assert.is_true(#assert(client.messages:create(ask())):text() > 0)
    local from_client = assert(bedrock.token { client = new() })
    assert.matches("^bedrock%-api%-key%-", from_client)
    local none, err = bedrock.token { region = "us-west-2", access_key_id = "AKIDEXAMPLE" }
    assert.is_nil(none)
    assert.equal("config", err.kind)
  end)

  it("names a wrong signature", function()
    local _, err = new { secret_access_key = "wrong" }.messages:create(ask())
    assert.equal("access_denied", err.kind)
    assert.equal("InvalidSignatureException", err.code)
    assert.equal(403, err.status)
  end)

  it("never shows a secret", function()
    local client = new()
    for _, text in ipairs { tostring(client), tostring(client.settings), tostring(client:identity()) } do
      assert.is_nil(text:find(server.secret_access_key, 1, true))
    end
  end)
end)

describe("bad input", function()
  local function refused(params, options, opts)
    local reply, err = new(options).messages:create(params, opts)
    assert.is_nil(reply)
    return err
  end

  it("no credentials anywhere", function()
    local bare = { getenv = function(name) return name == "AWS_EC2_METADATA_DISABLED" and "true" or nil end }
    local machine = setmetatable(bare, { __index = require "bedrock.system" })
    machine.read_file = function() return nil, "no such file", true end
    local client = bedrock.new { region = "us-west-2", endpoint = server.url, system = machine, log = function() end }
    local reply, err = client.messages:create(ask())
    assert.is_nil(reply)
    assert.equal("credentials", err.kind)
    assert.matches("AWS_", tostring(err))
  end)

  it("a missing or empty model", function()
    local params = ask()
    params.model = nil
    assert.matches("model", tostring(refused(params)))
    params.model = ""
    assert.matches("model", tostring(refused(params)))
  end)

  it("parameters that are not a table raise", function()
    assert.has_error(function() new():converse("hello") end)
  end)

  it("an unknown option raises and suggests", function()
    local _, why = pcall(bedrock.new, { regoin = "us-west-2" })
    assert.matches("region", tostring(why))
  end)

  it("a region that cannot be one", function()
    local ok, err = pcall(function() return assert(bedrock.new { region = "us west/2" }:list_foundation_models()) end)
    assert.is_false(ok)
    assert.matches("us west/2", tostring(err))
  end)

  local spots = {
    { "a function", function(p) p.messages[1].content = { { type = "text", text = print } } end,
      "messages%[1%]%.content%[1%]%.text" },
    { "a cycle", function(p) p.metadata = {} p.metadata.self = p.metadata end, "metadata%.self" },
    { "mixed keys", function(p) p.metadata = { 1, a = 2 } end, "metadata" },
    { "NaN", function(p) p.temperature = 0 / 0 end, "temperature" },
    { "infinity", function(p) p.temperature = math.huge end, "temperature" },
    { "broken UTF-8", function(p) p.system = "caf\233" end, "system" },
  }
  for _, spot in ipairs(spots) do
    it(spot[1] .. " is named with its path", function()
      local params = ask()
      spot[2](params)
      local err = refused(params)
      assert.equal("validation", err.kind)
      assert.matches(spot[3], tostring(err))
    end)
  end

  it("a body of 25 MB", function()
    local err = refused(ask(("x"):rep(25 * 1000 * 1000)))
    assert.equal("too_large", err.kind)
  end)

  it("header values with a line break", function()
    local err = refused(ask(), nil, { headers = { ["X-Test"] = "a\r\nX-Evil: b" } })
    assert.matches("X%-Test", tostring(err))
  end)
end)

describe("a stream that breaks", function()
  -- fault, kind of the error
  local cases = {
    { "cut:700", "stream" }, { "flip:400", "stream" }, { "no-stop", "stream" }, { "forged-length", "stream" },
    { "huge-frame", "stream" }, { "garbage", "stream" }, { "header-type", "stream" }, { "crc", "stream" },
    { "wrong-length", "stream" }, { "half-frame", "stream" }, { "reset:body", "stream" }, { "close:body", "stream" },
    { "exception:throttlingException:2", "throttled" },
    { "exception:modelStreamErrorException:3", "model" }, { "error-frame:2", "stream" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. " is an error and never looks finished", function()
      local stream, err = new().messages:stream(ask(), fault(case[1]))
      local events = 0
      while stream do
        local event
        event, err = stream:next()
        if not event then break end
        events = events + 1
      end
      assert.truthy(err, "the stream looked finished after " .. events .. " events")
      assert.is_true(err.kind == case[2] or case[2] == "stream" and err.kind == "network", tostring(err) .. " " .. err.kind)
      local message, again = stream:message()
      assert.is_nil(message)
      assert.equal(err, again)
    end)
  end

  it("raises from the loop and keeps what had come", function()
    local stream = assert(new().messages:stream(ask(), fault("exception:internalServerException:4")))
    local ok, err = pcall(function()
      for _ in stream:text() do end -- luacheck: ignore
    end)
    assert.is_false(ok)
    assert.equal("server", err.kind)
    assert.equal("InternalServerException", err.code)
    assert.truthy(err.partial)
    assert.is_string(err.partial:text())
  end)
end)

describe("inside a task", function()
  local async = bedrock.async
  local plain51 = _VERSION == "Lua 5.1" and not rawget(_G, "jit")

  it("streams run side by side", function()
    local client = new()
    local texts = {}
    async.run(function()
      texts = async.map({ 1, 2, 3 }, function(n)
        return assert(assert(client.messages:stream(ask("Hello " .. n))):message()):text()
      end)
    end)
    assert.equal(3, #texts)
    assert.is_true(#texts[3] > 0)
  end)

  it(plain51 and "a for loop says what to write instead" or "a for loop works", function()
    local client = new()
    local text, why = {}, nil
    async.run(function()
      local stream = assert(client.messages:stream(ask()))
      local loop = function() for piece in stream:text() do text[#text + 1] = piece end end
      if plain51 then why = select(2, pcall(loop)) else loop() end
    end)
    if plain51 then assert.matches("stream:next", why) else assert.is_true(#text > 1) end
  end)
end)

describe("a server that fails", function()
  it("an HTML page", function()
    local _, err = new().messages:create(ask(), fault("html:502"))
    assert.equal("server", err.kind)
    assert.equal(502, err.status)
  end)

  it("an error without a body", function()
    local _, err = new().messages:create(ask(), fault("empty:503"))
    assert.equal(503, err.status)
    assert.matches("503", err.message)
  end)

  it("a reset before the answer", function()
    local _, err = new().messages:create(ask(), fault("reset:before"))
    assert.equal("network", err.kind)
  end)

  it("a connection that closes before the answer", function()
    local _, err = new().messages:create(ask(), fault("close:before"))
    assert.equal("network", err.kind)
  end)

  it("an answer that is cut", function()
    local reply, err = new().messages:create(ask(), fault("close:body"))
    assert.is_nil(reply)
    assert.is_true(err.kind == "network" or err.kind == "stream", tostring(err))
  end)

  it("a server that says nothing", function()
    local _, err = new { timeouts = { first_byte = 0.2 } }.messages:create(ask(), fault("silent"))
    assert.equal("timeout", err.kind)
    assert.equal("first_byte", err.clock)
  end)

  it("nobody there", function()
    local _, err = new { endpoint = "http://127.0.0.1:1" }.messages:create(ask())
    assert.equal("network", err.kind)
  end)

  it("is tried again when it may be, and the attempts are told", function()
    local client = new { retry = { max_attempts = 3 } }
    local reply = assert(client.messages:create(ask(), fault("throttle:1")))
    assert.is_true(#reply:text() > 0)
    local hasty = new { retry = { max_attempts = 2 }, random = function() return 0 end }
    local _, err = hasty.messages:create(ask(), fault("status:503"))
    assert.equal(2, #err.attempts)
    assert.equal(503, err.attempts[1].status)
  end)
end)
