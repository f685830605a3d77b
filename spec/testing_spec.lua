-- bedrock.testing: scripts, recordings, the emulator in a line; and the example that shows them.

local bedrock = require "bedrock"
local luas = require "spec.support.luas"
local testing = require "bedrock.testing"

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local function message_request(text)
  return { model = MODEL, max_tokens = 64, messages = { { role = "user", content = text } } }
end

local function converse_request(text)
  return { modelId = MODEL, messages = { { role = "user", content = { { text = text } } } } }
end

local function collect(iterator)
  local list = {}
  for piece in iterator do list[#list + 1] = piece end
  return list
end

describe("a script with a slip of the pen", function()
  it("says so, where it was written", function()
    for says, replies in pairs {
      ["reply 1: a reply is a text, a table or a function, not a number"] = { 5 },
      ["reply 2: unknown member txt; did you mean text?"] = { "one", { txt = "two" } },
      ["reply 1: unknown member whatever; there are text, pieces,"] = { { whatever = 1 } },
    } do
      local ok, why = pcall(function() return (testing.script(replies)) end)
      assert.is_false(ok)
      assert.is_truthy(why:find(says, 1, true), why)
      assert.is_truthy(why:find("testing_spec.lua:", 1, true), why)
    end
  end)

  it("says so when a function made it", function()
    local script = testing.script { function() return { txt = "two" } end }
    local ok, why = pcall(function() return script:client():converse(converse_request("Hi")) end)
    assert.is_false(ok)
    assert.is_truthy(tostring(why):find("did you mean text?", 1, true), tostring(why))
  end)
end)

-- Every way to ask a model, each with the text of its answer.
local ways = {
  converse = function(client) return assert(client:converse(converse_request("Hi"))) end,
  ["converse, streamed"] = function(client) return assert(assert(client:converse_stream(converse_request("Hi"))):message()) end,
  messages = function(client) return assert(client.messages:create(message_request("Hi"))) end,
  ["messages, streamed"] = function(client) return assert(assert(client.messages:stream(message_request("Hi"))):message()) end,
}

describe("a script", function()
  for name, ask in pairs(ways) do
    describe("asked by " .. name, function()
      it("gives the text", function()
        local answer = ask(testing.script({ "Hello, world!" }):client())
        assert.equal("Hello, world!", answer:text())
        assert.equal("end_turn", answer.stop_reason)
        assert.is_true(answer.usage.output_tokens > 0)
      end)

      it("gives thinking, calls of tools, usage and stop reason", function()
        local answer = ask(testing.script({ {
          thinking = "Rain?", text = "Let me look.", tools = { { name = "weather", input = { city = "Oslo" } } },
          usage = { input_tokens = 7, output_tokens = 9 },
        } }):client())
        assert.equal("Rain?", answer:thinking())
        assert.equal("Let me look.", answer:text())
        assert.equal("tool_use", answer.stop_reason)
        local call = answer:tool_uses()[1]
        assert.same({ "weather", "Oslo" }, { call.name, call.input.city })
        assert.same({ 7, 9 }, { answer.usage.input_tokens, answer.usage.output_tokens })
      end)

      it("gives an empty input as an object, and an empty text as none", function()
        local answer = ask(testing.script({ { tools = { { name = "now" } } } }):client())
        assert.same({}, answer:tool_uses()[1].input)
        assert.equal("", ask(testing.script({ "" }):client()):text())
      end)

      it("is a new service for the retries of the client, and costs no time", function()
        local script = testing.script { { error = "ThrottlingException" }, { failure = "reset" }, "at last" }
        assert.equal("at last", ask(script:client()):text())
        assert.equal(3, #script.requests)
        assert.equal(2, #script.slept)
        script:check()
      end)
    end)
  end

  it("streams in the pieces that it is told", function()
    local script = testing.script { { pieces = { "Hel", "lo", ", world" } }, "one two  three " }
    local client = script:client()
    assert.same({ "Hel", "lo", ", world" }, collect(assert(client:converse_stream(converse_request("x"))):text()))
    assert.same({ "one", " two", "  three", " " }, collect(assert(client.messages:stream(message_request("x"))):text()))
  end)

  it("answers the Messages APIs, too, whole and as server-sent events", function()
    local script = testing.script { "whole", { text = "in events", tools = { { name = "f", input = { a = 1 } } } } }
    local client = script:client { api = "mantle" }
    assert.equal("whole", assert(client.messages:create(message_request("x"))):text())
    local message = assert(assert(client.messages:stream(message_request("x"))):message())
    assert.equal("in events", message:text())
    assert.equal(1, message:tool_uses()[1].input.a)
    assert.equal("messages", script.requests[2].operation)
  end)

  it("keeps what was sent, as tables", function()
    local script = testing.script { "a", "b" }
    local client = script:client { region = "eu-west-1" }
    client:converse(converse_request("first"))
    client.messages:create(message_request("second"))
    local first, second = script.requests[1], script.requests[2]
    assert.same({ "converse", MODEL }, { first.operation, first.model })
    assert.equal("first", first.body.messages[1].content[1].text)
    assert.equal("invoke_model", second.operation)
    assert.equal("second", second.body.messages[1].content)
    assert.is_truthy(second.url:find("eu-west-1", 1, true))
    assert.is_truthy(first.headers.authorization:find("AKIDEXAMPLE", 1, true))
  end)

  it("may be functions of what is asked", function()
    local script = testing.script { function(request, number) return number .. ": " .. request.body.messages[1].content end }
    assert.equal("1: Hi", script:client().messages:create(message_request("Hi")):text())
  end)

  it("refuses as the service does", function()
    local script = testing.script {
      { error = "ValidationException", message = "Not so." }, { error = "AccessDeniedException" },
      { error = "ThrottlingException", headers = { ["Retry-After"] = "7" } }, "x",
    }
    local client = script:client()
    local _, err = client:converse(converse_request("x"))
    assert.same({ "validation", "ValidationException", 400, "Not so." }, { err.kind, err.code, err.status, err.message })
    _, err = client:converse(converse_request("x"))
    assert.equal("access_denied", err.kind)
    assert(client:converse(converse_request("x")))
    assert.is_true(script.slept[1] >= 5)
  end)

  it("breaks a stream, by a reset or by an exception of the service", function()
    for _, method in ipairs { "converse", "messages" } do
      local script = testing.script {
        { text = "half of", breaks = true },
        { text = "half of", breaks = { code = "ThrottlingException", message = "Slow down." } },
      }
      local client = script:client()
      local function open()
        if method == "converse" then return assert(client:converse_stream(converse_request("x"))) end
        return assert(client.messages:stream(message_request("x")))
      end
      local message, err = open():message()
      assert.is_nil(message)
      assert.is_truthy(err.message:find("broke in the middle of the stream", 1, true))
      assert.equal("half of", err.partial:text())
      message, err = open():message()
      assert.is_nil(message)
      assert.same({ "throttled", "Slow down." }, { err.kind, err.message })
    end
  end)

  it("fails before any answer, in each way", function()
    for failure, kind in pairs { reset = "network", dns = "network", connect = "network", tls = "tls", timeout = "timeout" } do
      local _, err = testing.script({ { failure = failure } }):client({ retry = false }):converse(converse_request("x"))
      assert.equal(kind, err.kind, failure)
    end
  end)

  it("answers any other operation with JSON or bytes", function()
    local script = testing.script { { json = { modelSummaries = { { modelId = "m" } } } }, { body = "<html>", status = 502 } }
    local client = script:client { retry = false }
    assert.equal("m", client:list_foundation_models().modelSummaries[1].modelId)
    local _, err = client:list_foundation_models()
    assert.equal(502, err.status)
    assert.equal("GET /foundation-models", script.requests[1].operation)
  end)

  it("raises when it is at its end, and when it was not used up", function()
    local script = testing.script { "only one" }
    local client = script:client()
    client:converse(converse_request("x"))
    local ok, err = pcall(client.converse, client, converse_request("y"))
    assert.is_false(ok)
    assert.is_truthy(tostring(err):find("the script has 1 reply, and this is request 2: converse", 1, true))
    ok, err = pcall(testing.script({ "a" }).check, testing.script { "a", "b" })
    assert.is_false(ok)
    assert.is_truthy(tostring(err):find("2 of 2 replies were not asked for", 1, true))
  end)

  it("drives a run with tools, and a chat", function()
    local script = testing.script { { tools = { { name = "weather", input = { city = "Oslo" } } } }, "It rains.", "Yes." }
    local function run(input) return "rain in " .. input.city end
    local weather = bedrock.tool { name = "weather", schema = { type = "object" }, run = run }
    local talk = script:client():chat { modelId = MODEL, tools = { weather } }
    assert.equal("It rains.", assert(talk:say("Oslo?")):text())
    assert.equal("Yes.", assert(talk:say("Really?")):text())
    assert.equal("rain in Oslo", script.requests[2].body.messages[3].content[1].toolResult.content[1].text)
  end)

  it("reads nothing of the machine", function()
    local script = testing.script { "x" }
    local client = script:client()
    assert.equal("us-east-1", client.settings.region)
    assert.is_nil(client.system.getenv("HOME"))
  end)
end)

describe("a recording", function()
  local path

  before_each(function() path = os.tmpname() end)
  after_each(function() os.remove(path) end)

  -- What a program does with a transport: a call that fails, one that answers, one that streams.
  local function session(transport, options)
    local all = { transport = transport, retry = false }
    for name, value in pairs(options or {}) do all[name] = value end
    local client = testing.script({}):client(all)
    local first = assert(client:converse(converse_request("one")))
    local _, refused = client:converse(converse_request("two"))
    local pieces = collect(assert(client.messages:stream(message_request("three"))):text())
    client:close()
    return { first:text(), refused.kind, pieces }
  end

  local function recorded(options)
    local script = testing.script { "first", { error = "ValidationException" }, { pieces = { "a", "b", "c" } } }
    return session(testing.record(path, { transport = script:transport() }), options)
  end

  local function content()
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
  end

  it("plays back what was said, chunk by chunk", function()
    local said = recorded()
    assert.same({ "first", "validation", { "a", "b", "c" } }, said)
    assert.same(said, session(testing.play(path)))
  end)

  it("holds no secret of the one who recorded it", function()
    recorded { session_token = "SESSIONTOKENEXAMPLE" }
    local text = content()
    for _, secret in ipairs { "AKIDEXAMPLE", "wJalrXUtnFEMI", "SESSIONTOKENEXAMPLE", "Signature=" } do
      assert.is_nil(text:find(secret, 1, true), secret)
    end
    recorded { api_key = "ABSKSECRETEXAMPLE" }
    assert.is_nil(content():find("ABSKSECRETEXAMPLE", 1, true))
  end)

  it("holds no secret that a server gave", function()
    local answers = {
      { body = '{"AccessKeyId":"ASIAGIVEN","SecretAccessKey" : "given\\/gi\\"ven","Token":"given\\\\","Until":"2030-01-01"}' },
      { body = "<r><Credentials><AccessKeyId>ASIAGIVEN</AccessKeyId><SecretAccessKey>given/secret</SecretAccessKey>" ..
        "<SessionToken>given/token</SessionToken></Credentials><Arn>arn:kept</Arn></r>" },
      { body = '{"roleCredentials":{"accessKeyId":"ASIAGIVEN","secretAccessKey":"givensecret","sessionToken":"giventoken"}}' },
    }
    local script = testing.script(answers)
    local transport = testing.record(path, { transport = script:transport() })
    for _, url in ipairs { "http://169.254.170.2/v2?token=querytoken", "https://portal.sso/",
      "https://sts/?X-Amz-Signature=abcd&X-Amz-Credential=AKIDX&Keep=1" } do
      local response = assert(transport:request { method = "POST", url = url,
        headers = { { "Content-Type", "application/x-www-form-urlencoded" }, { "x-amz-sso_bearer_token", "bearersecret" } },
        body = "Action=AssumeRole&WebIdentityToken=idtoken&RoleArn=arn" })
      response:read_all()
      response:close()
    end
    transport:close()
    local text = content()
    for _, secret in ipairs { "ASIAGIVEN", "given", "querytoken", "abcd", "AKIDX", "bearersecret", "idtoken" } do
      assert.is_nil(text:find(secret, 1, true), secret .. " in " .. text)
    end
    for _, kept in ipairs { "2030-01-01", "arn:kept", "Keep=1", "RoleArn=arn" } do
      assert.is_truthy(text:find(kept, 1, true), kept .. " is gone")
    end
  end)

  it("lets a function take out what else nobody shall see", function()
    local scrub = function(text) return (text:gsub("one", "ONE")) end
    local script = testing.script { "first" }
    local recorder = testing.record(path, { transport = script:transport(), scrub = scrub })
    local client = testing.script({}):client { transport = recorder }
    client:converse(converse_request("one"))
    client:close()
    assert.is_nil(content():find('"one"', 1, true))
    client = testing.script({}):client { transport = testing.play(path, { scrub = scrub }) }
    assert.equal("first", client:converse(converse_request("one")):text())
  end)

  it("names what was sent and what it holds when nothing fits", function()
    recorded()
    local client = testing.script({}):client { transport = testing.play(path) }
    local ok, err = pcall(client.converse, client, converse_request("something else"))
    assert.is_false(ok)
    for _, words in ipairs { "no such exchange", "something else", "recorded  POST" } do
      assert.is_truthy(tostring(err):find(words, 1, true), words)
    end
    assert(client:converse(converse_request("one")))
    ok = pcall(client.converse, client, converse_request("one"))
    assert.is_false(ok)
  end)

  it("keeps failures and streams that broke", function()
    local script = testing.script { { failure = "dns" }, { text = "half", breaks = true } }
    local function play(transport)
      local client = testing.script({}):client { transport = transport, retry = false }
      local _, first = client:converse(converse_request("x"))
      local _, second = assert(client:converse_stream(converse_request("y"))):message()
      client:close()
      return { first.code, second.code, second.partial:text() }
    end
    local said = play(testing.record(path, { transport = script:transport() }))
    assert.same({ "dns", "reset", "half" }, said)
    assert.same(said, play(testing.play(path)))
  end)

  it("records real sockets", function()
    local service = testing.emulator()
    local transport = testing.record(path)
    local function ask(of) return assert(assert(of:converse_stream(converse_request("@words 30"))):message()):text() end
    local client = service:client { transport = transport }
    local said = ask(client)
    client:close()
    service:stop()
    assert.equal(said, ask(testing.script({}):client { transport = testing.play(path) }))
  end)
end)

describe("the emulator in a line", function()
  it("is there, is asked, and is gone", function()
    local service = testing.emulator { fault = "throttle:1" }
    local client = service:client { retry = { max_attempts = 2 } }
    assert.equal("over a socket", client:converse(converse_request("@say over a socket")):text())
    assert.same({ 429, 200 }, { service:log(2)[1].status, service:log(2)[2].status })
    client:close()
    service:stop()
    service:stop()
    local _, err = service:client({ retry = false }):converse(converse_request("x"))
    assert.equal("network", err.kind)
  end)

  it("says why it did not start", function()
    local ok, err = pcall(testing.emulator, { fault = "no-such-fault" })
    assert.is_false(ok)
    assert.is_truthy(tostring(err):find("no-such-fault", 1, true))
    ok, err = pcall(testing.emulator, { pase = 3 })
    assert.is_false(ok)
    assert.is_truthy(tostring(err):find('has no option "pase"', 1, true))
  end)
end)

describe("examples/testing_spec.lua", function()
  it("passes as it stands", function()
    local pipe = io.popen(luas.command(luas.this(), "spec/support/busted.lua examples/testing_spec.lua 2>&1"))
    local text = pipe:read("*a")
    pipe:close()
    assert.is_truthy(text:find("%f[%d]0 failures / 0 errors"), text)
    assert.is_truthy(text:find("[3-9] successes"), text)
  end)
end)
