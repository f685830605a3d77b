-- What a program is told of its calls: everything that a trace or a metric needs, nothing that is secret, and no way to do harm.

local bedrock = require "bedrock"
local core = require "bedrock.core"
local emulator = require "spec.support.emulator"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local pretend = require "spec.support.pretend"

local MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
local SECRET, TOKEN = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2VjSESSIONTOKENEXAMPLE"
local NAMES = { "start", "request", "response", "retry", "done" }

-- Hooks that write down what they get: { name, facts }.
local function recorder()
  local seen, hooks = {}, {}
  for _, name in ipairs(NAMES) do hooks[name] = function(facts) seen[#seen + 1] = { name, facts } end end
  return hooks, seen
end

local function names_of(seen)
  local names = {}
  for i, each in ipairs(seen) do names[i] = each[1] end
  return names
end

-- The facts of the n-th telling of a hook.
local function told(seen, name, n)
  n = n or 1
  for _, each in ipairs(seen) do
    if each[1] == name then n = n - 1 end
    if n == 0 then return each[2] end
  end
end

local function frame(name, payload)
  return core.eventstream.encode({ { ":message-type", "string", "event" }, { ":event-type", "string", name } },
    json.encode(payload))
end

local function whole(deltas, delta)
  local parts = { frame("messageStart", { role = "assistant" }) }
  for i = 1, deltas do parts[i + 1] = frame("contentBlockDelta", { contentBlockIndex = 0, delta = delta or { text = "x" } }) end
  return table.concat(parts) .. frame("contentBlockStop", { contentBlockIndex = 0 }) ..
    frame("messageStop", { stopReason = "end_turn" }) .. frame("metadata", { usage = { inputTokens = 3, outputTokens = deltas } })
end

local reply = { body = json.encode {
  output = { message = { role = "assistant", content = { { text = "Hello" } } } }, stopReason = "end_turn",
  usage = { inputTokens = 3, outputTokens = 1 },
} }

local function refusal(status, code, message)
  return { status = status, headers = { ["x-amzn-errortype"] = code, ["x-amzn-requestid"] = "r-1" },
    body = json.encode { message = message or "no" } }
end

-- A client of a service that answers these in order, the last one for ever; each answer takes two seconds.
local function world(answers, options)
  local transport
  transport = pretend.transport(function(_, n)
    local given = answers[math.min(n, #answers)]
    transport.time = transport.time + 2
    if given.kind then return nil, given end
    return given
  end)
  local all = {
    region = "us-west-2", access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET, session_token = TOKEN,
    system = pretend.system { now = 1700000000 }, transport = transport, log = function() end, random = function() return 0.5 end,
  }
  for k, v in pairs(options or {}) do all[k] = v end
  if all.quiet then all.log, all.quiet, all.system.env.BEDROCK_LOG = nil, nil, "off" end
  return bedrock.new(all), transport
end

local function ask()
  return { modelId = MODEL, messages = { { role = "user", content = { { text = "Hi" } } } } }
end

describe("The hooks of a call", function()
  it("are told in the order in which it goes", function()
    local hooks, seen = recorder()
    assert(world({ refusal(503, "ServiceUnavailableException"), reply }, { hooks = hooks }):converse(ask()))
    assert.same({ "start", "request", "response", "retry", "request", "response", "done" }, names_of(seen))
  end)

  it("share the facts of the call, in which a program may keep something of its own", function()
    local hooks, seen = recorder()
    hooks.start = function(facts) facts.call.span = "mine" end
    local client, transport = world({ refusal(503, "ServiceUnavailableException"), reply }, { hooks = hooks })
    assert(client:converse(ask()))
    for _, each in ipairs(seen) do
      assert.equal("mine", each[2].call.span)
      assert.equal("converse", each[2].operation)
    end
    local call = seen[1][2].call
    assert.equal(pretend.header(transport.requests[1], "amz-sdk-invocation-id"), call.id)
    assert.same({ "converse", "bedrock-runtime", MODEL, "us-west-2", "bedrock-runtime.us-west-2.amazonaws.com", false },
      { call.operation, call.service, call.model, call.region, call.host, call.stream })
    assert(client:converse(ask()))
    assert.is_not.equal(call, seen[#seen][2].call)
  end)

  it("say of an attempt what goes out, who signed it and what comes back", function()
    local hooks, seen = recorder()
    local client, transport = world({ refusal(503, "ServiceUnavailableException"), reply }, { hooks = hooks })
    assert(client:converse(ask()))
    local sent, answer = told(seen, "request", 2), told(seen, "response")
    assert.same({ 2, "POST", #transport.requests[2].body, "option" }, { sent.attempt, sent.method, sent.bytes, sent.identity })
    assert.matches("/converse$", sent.url)
    assert.equal("attempt=2; max=3", sent.headers["amz-sdk-request"])
    assert.same({ 1, 503, "r-1", 2 }, { answer.attempt, answer.status, answer.request_id, answer.seconds })
    assert.equal("ServiceUnavailableException", answer.headers["x-amzn-errortype"])
  end)

  it("say of a failure what is decided about it", function()
    local hooks, seen = recorder()
    world({ refusal(503, "ServiceUnavailableException"), refusal(400, "ValidationException") }, { hooks = hooks }):converse(ask())
    local again, final = told(seen, "retry"), told(seen, "retry", 2)
    assert.same({ 1, "server", "ServiceUnavailableException", 503, 0.025, 2 },
      { again.attempt, again.kind, again.code, again.status, again.delay, again.seconds })
    assert.same({ 2, "validation", "not retryable" }, { final.attempt, final.kind, final.why })
    assert.is_nil(final.delay)
  end)

  it("say when a failure is repaired for free", function()
    local hooks, seen = recorder()
    local dead = { kind = "network", code = "closed", message = "closed", reused = true, answered = false, sent = true }
    assert(world({ dead, reply }, { hooks = hooks }):converse(ask()))
    local first = told(seen, "retry")
    assert.same({ true, 0, "replaced a connection that was dead" }, { first.repaired, first.delay, first.why })
    assert.equal(1, told(seen, "done").attempts)
  end)

  it("say at the end what it took and what was in the answer", function()
    local hooks, seen = recorder()
    assert(world({ refusal(429, "ThrottlingException"), reply }, { hooks = hooks }):converse(ask()))
    local done = told(seen, "done")
    assert.same({ 2, 200, 4.5, 4.5, "end_turn", 3, 1, 4 }, {
      done.attempts, done.status, done.first_byte, done.seconds, done.stop_reason, done.usage.input_tokens,
      done.usage.output_tokens, done.usage.total_tokens,
    })
    assert.is_nil(done.error)
    assert.is_nil(done.first_token)
  end)

  it("say at the end why it failed", function()
    local hooks, seen = recorder()
    local _, err = world({ refusal(400, "ValidationException") }, { hooks = hooks }):converse(ask())
    local done = told(seen, "done")
    assert.equal(err, done.error)
    assert.same({ 1, 400, "r-1" }, { done.attempts, done.status, done.request_id })
    assert.is_nil(done.usage)
  end)

  it("say at the end what the last attempt came to, not one before it", function()
    local hooks, seen = recorder()
    local answers = { refusal(503, "ServiceUnavailableException"), pretend.failure("network", "reset") }
    world(answers, { hooks = hooks, retry = 2 }):converse(ask())
    local done = told(seen, "done")
    assert.same({ 2, "network" }, { done.attempts, done.error.kind })
    assert.is_nil(done.status or done.first_byte or done.request_id)
  end)

  it("are told of an identity that cannot be had, too", function()
    local hooks, seen = recorder()
    world({ reply }, { hooks = hooks, access_key_id = "", secret_access_key = "", session_token = "",
      credentials = function() return nil, "the vault is closed" end }):converse(ask())
    assert.same({ "start", "done" }, names_of(seen))
    assert.equal("credentials", told(seen, "done").error.kind)
  end)

  it("are told what an answer counted that is only passed on", function()
    local hooks, seen = recorder()
    local counted = { ["x-amzn-bedrock-input-token-count"] = "7", ["x-amzn-bedrock-output-token-count"] = "0" }
    assert(world({ { headers = counted, body = '{"embedding":[1]}' } }, { hooks = hooks })
      :invoke_model { modelId = "amazon.titan-embed-text-v2:0", body = { inputText = "Hi" } })
    assert.same({ 7, 0, 7 }, { told(seen, "done").usage.input_tokens, told(seen, "done").usage.output_tokens,
      told(seen, "done").usage.total_tokens })
  end)

  it("end for every way to use the client: raw requests and lists", function()
    local hooks, seen = recorder()
    local client = world({ { body = '{"inferenceProfileSummaries":[]}' } }, { hooks = hooks })
    assert(client:request { service = "bedrock", path = "/foundation-models" })
    for _ in client:each "list_inference_profiles" do error("there is none") end
    assert.same({ "start", "request", "response", "done", "start", "request", "response", "done" }, names_of(seen))
  end)
end)

describe("The hooks of a stream", function()
  local function run(deltas, use, delta)
    local hooks, seen = recorder()
    local client, transport = world({ { body = whole(deltas, delta) } }, { hooks = hooks })
    local looked, now = 0, transport.now
    function transport:now()
      looked = looked + 1
      return now(self)
    end
    local stream = assert(client:converse_stream(ask()))
    transport.time = transport.time + 1
    use(stream)
    return told(seen, "done"), looked, seen
  end

  local ways = {
    events = function(stream) for _ in stream:events() do end end,
    text = function(stream) for _ in stream:text() do end end,
    next = function(stream) while stream:next() do end end,
    message = function(stream) assert(stream:message()) end,
  }
  for name, use in pairs(ways) do
    it("tell by " .. name .. " when the first token came, how many events, and what was in the answer", function()
      local done, _, seen = run(5, use)
      assert.same({ 2, 3, 3, 9, 3, 5, "end_turn" }, { done.first_byte, done.first_token, done.seconds, done.events,
        done.usage.input_tokens, done.usage.output_tokens, done.stop_reason })
      assert.is_true(done.call.stream)
      assert.equal("converse_stream", seen[1][2].operation)
    end)

    it("ask no clock for each event by " .. name, function()
      -- Text is gathered by the decoder; what is thought comes event by event.
      for _, delta in ipairs { { text = "x" }, { reasoningContent = { text = "x" } } } do
        local _, few = run(3, use, delta)
        local _, many = run(300, use, delta)
        assert.equal(few, many)
      end
    end)
  end

  it("tell what a stream that is closed early had come to", function()
    local done = run(50, function(stream)
      for _ = 1, 3 do stream:next() end
      stream:close()
    end)
    assert.same({ "cancelled", 3, 3 }, { done.error.kind, done.events, done.first_token })
  end)

  it("tell of no token where none came", function()
    local done = run(0, ways.message)
    assert.is_nil(done.first_token)
  end)

  it("get each event, and whose it is", function()
    local events, calls = {}, {}
    local client = world({ { body = whole(2) } }, { quiet = true, hooks = { event = function(event, call)
      events[#events + 1], calls[call] = next(event), true
    end } })
    for _ in assert(client:converse_stream(ask())):text() do end
    assert.equal("messageStart contentBlockDelta contentBlockDelta contentBlockStop messageStop metadata",
      table.concat(events, " "))
    assert.equal("converse_stream", next(calls).operation)
    assert.is_nil(next(calls, (next(calls))))
  end)

  it("tell of the call that goes on after an interruption as of one of its own", function()
    local hooks, seen = recorder()
    local broken = whole(1):sub(1, -200)
    local client = world({ { body = broken }, { body = whole(1) } }, { hooks = hooks })
    assert(assert(client:converse_stream(ask(), { on_interrupt = ask })):message())
    assert.same({ "start", "request", "response", "done", "start", "request", "response", "done" }, names_of(seen))
    assert.equal("stream", told(seen, "done").error.kind)
    assert.is_true(told(seen, "start", 2).call.stream)
    assert.is_nil(told(seen, "done", 2).error)
  end)
end)

describe("Nothing secret", function()
  -- Every text in a value, keys included.
  local function texts(value, found, been)
    found, been = found or {}, been or {}
    if type(value) == "string" then found[#found + 1] = value end
    if type(value) ~= "table" or been[value] then return found end
    been[value] = true
    found[#found + 1] = tostring(value)
    for k, v in pairs(value) do
      texts(k, found, been)
      texts(v, found, been)
    end
    return found
  end

  local function holds(value, secret)
    for _, text in ipairs(texts(value)) do
      if text:find(secret, 1, true) then return text end
    end
    return nil
  end

  local function run(answers, options)
    local hooks, seen = recorder()
    local said = {}
    options.hooks, options.log = hooks, function(...) said[#said + 1] = { ... } end
    local client = world(answers, options)
    local _, err = client:converse(ask())
    return { seen = seen, said = said, err = err, client = tostring(client) }
  end

  it("is in what hooks, log and errors get: keys and session tokens", function()
    local all = run({ refusal(503, "ServiceUnavailableException"), reply }, {})
    assert.equal("REMOVED", told(all.seen, "request").headers["x-amz-security-token"])
    assert.equal("REMOVED", told(all.seen, "request").headers.authorization)
    assert.is_nil(holds(all, SECRET))
    assert.is_nil(holds(all, TOKEN))
  end)

  it("is in it: API keys, and the password of a proxy", function()
    local all = run({ reply }, {
      api_key = "bedrock-api-key-EXAMPLE", access_key_id = "", secret_access_key = "", session_token = "",
      proxy = "http://me:proxy-EXAMPLE@proxy.example:3128",
    })
    assert.equal("api_key from option", told(all.seen, "request").identity)
    for _, secret in ipairs { "bedrock-api-key-EXAMPLE", "proxy-EXAMPLE" } do assert.is_nil(holds(all, secret)) end
  end)

  it("is in it when an endpoint has a password, which is refused", function()
    local all = run({ reply }, { endpoint = "https://me:pass-EXAMPLE@gateway.example" })
    assert.matches("not an address.*REMOVED@gateway%.example", all.err.message)
    assert.is_nil(holds(all, "pass-EXAMPLE"))
  end)

  it("is in it when the server quotes what it got", function()
    local quoted = refusal(403, "InvalidSignatureException", "The Canonical String should have been 'POST\n/\nhost:x\n" ..
      "x-amz-security-token:" .. TOKEN .. "\n' and the key is " .. SECRET)
    local all = run({ quoted }, {})
    assert.is_nil(holds(all, SECRET))
    assert.is_nil(holds(all, TOKEN))
    assert.matches("Canonical String", all.err.message)
    assert.matches("REMOVED", all.err.members.message)
  end)

  it("is in it when the server quotes it in other letters of JSON", function()
    local all = run({ { status = 403, headers = {}, body = '{"message":"no ' .. SECRET:gsub("/", "\\/") .. " and " ..
      TOKEN:gsub("I", "\\u0049") .. '"}' } }, {})
    assert.matches("^no REMOVED and REMOVED$", all.err.message)
    assert.is_nil(holds(all, SECRET))
    assert.is_nil(holds(all, TOKEN))
  end)

  it("is in the errors of a stream that quotes it", function()
    local hooks, seen = recorder()
    local said = core.eventstream.encode({ { ":message-type", "string", "exception" },
      { ":exception-type", "string", "validationException" } }, json.encode { message = "no " .. TOKEN })
    local client = world({ { body = frame("messageStart", { role = "assistant" }) .. said } }, { hooks = hooks })
    local _, err = assert(client:converse_stream(ask())):message()
    assert.equal("validation", err.kind)
    assert.is_nil(holds({ err, seen }, TOKEN))
  end)
end)

describe("A hook", function()
  it("cannot alter the request by what it is told", function()
    local client, transport = world({ reply }, { hooks = {
      start = function(facts) facts.call.host, facts.call.model, facts.call.region = "evil.example", "x", "x" end,
      request = function(facts)
        facts.url, facts.method, facts.bytes = "https://evil.example/", "DELETE", 0
        for name in pairs(facts.headers) do facts.headers[name] = "x" end
      end,
      response = function(facts) facts.status, facts.headers["content-type"] = 500, "x" end,
    } })
    assert(client:converse(ask()))
    local sent = transport.requests[1]
    assert.same({ "POST", "application/json" }, { sent.method, pretend.header(sent, "content-type") })
    assert.matches("^https://bedrock%-runtime%.us%-west%-2%.amazonaws%.com/", sent.url)
    assert.matches("us%-west%-2/bedrock/aws4_request", pretend.header(sent, "authorization"))
  end)

  it("that raises is blamed in the log, once, and the call goes on", function()
    local said, raising = {}, {}
    for _, name in ipairs(NAMES) do raising[name] = function() error("oops in " .. name) end end
    raising.event = raising.start
    local client = world({ refusal(503, "ServiceUnavailableException"), { body = whole(3) } }, {
      hooks = raising, log = function(level, message) if level == "error" then said[#said + 1] = message end end,
    })
    assert.equal("xxx", assert(assert(client:converse_stream(ask())):message()):text())
    assert.equal("xxx", assert(assert(client:converse_stream(ask())):message()):text())
    assert.equal(6, #said)
    assert.matches("hook start raised.*oops in start", said[1])
  end)

  it("does not hold up the end of the task that it runs in", function()
    local stop = errors.new { kind = "cancelled", code = "cancelled", message = "the task was cancelled" }
    local client = world({ reply }, { hooks = { request = function() error(stop) end } })
    local ok, why = pcall(client.converse, client, ask())
    assert.same({ false, stop }, { ok, why })
  end)

  it("that does not exist is a slip of the pen", function()
    assert.has_error(function() bedrock.new { hooks = { requests = print } } end)
    local _, why = pcall(bedrock.new, { hooks = { requests = print } })
    assert.matches("hooks_spec.*there is no hook requests; did you mean request%?", why)
    _, why = pcall(bedrock.new, { hooks = { done = "x" } })
    assert.matches("the hook done is a function, not a string", why)
  end)

  it("that nobody gave costs no facts", function()
    local client = world({ refusal(503, "ServiceUnavailableException"), { body = whole(3) } },
      { quiet = true, hooks = { done = function() end } })
    local names = {}
    client.watch.tell = function(_, name) names[#names + 1] = name end
    assert(assert(client:converse_stream(ask())):message())
    assert.same({ "done" }, names)
    client = world({ { body = whole(3) } }, { quiet = true })
    assert.is_false(client.watch)
    assert(assert(client:converse_stream(ask())):message())
  end)
end)

describe("A log function that raises", function()
  it("is no reason for a call to fail", function()
    local client = world({ reply }, { log = function() error("the disk is full") end })
    local stderr = io.stderr
    local said = {}
    rawset(io, "stderr", { write = function(_, text) said[#said + 1] = text end })
    local answer, err = client:converse(ask())
    rawset(io, "stderr", stderr)
    assert.equal("Hello", answer and answer:text(), err)
    assert.equal(1, #said)
    assert.matches("the disk is full", said[1])
  end)
end)

describe("Over real connections", function()
  local service
  setup(function() service = emulator.start { pace = 0 } end)
  teardown(function() service.stop() end)

  it("times go up, and the second answer comes over the first one's connection", function()
    local hooks, seen = recorder()
    local client = bedrock.new { region = "us-west-2", endpoint = service.url, access_key_id = service.access_key_id,
      secret_access_key = service.secret_access_key, hooks = hooks, log = function() end }
    local params = { model = MODEL, max_tokens = 50, messages = { { role = "user", content = "Hello" } } }
    local answer = assert(client.messages:create(params))
    local streamed = assert(assert(client.messages:stream(params)):message())
    local first, second = told(seen, "done"), told(seen, "done", 2)
    assert.same({ false, true }, { first.reused, second.reused })
    assert.is_true(0 < first.first_byte and first.first_byte <= first.seconds)
    assert.is_true(0 < second.first_byte and second.first_byte <= second.first_token and second.first_token <= second.seconds)
    assert.same({ answer.model, answer.id, answer.usage.output_tokens, "end_turn" },
      { first.model, first.message_id, first.usage.output_tokens, first.stop_reason })
    assert.same({ streamed.model, streamed.usage.output_tokens }, { second.model, second.usage.output_tokens })
    assert.same({ "invoke", "invoke_model_with_response_stream" }, { second.call.api, second.operation })
    client:close()
  end)

  it("a refused signature, which the service explains with all that it got, tells no session token", function()
    local function client_of(keys)
      return bedrock.new { region = "us-west-2", endpoint = service.url, log = function() end, retry = false,
        access_key_id = keys.AccessKeyId, secret_access_key = keys.SecretAccessKey, session_token = keys.SessionToken }
    end
    local owner = client_of { AccessKeyId = service.access_key_id, SecretAccessKey = service.secret_access_key }
    local keys = assert(owner:assume_role { RoleArn = "arn:aws:iam::123456789012:role/x", RoleSessionName = "spec" }).Credentials
    keys.SecretAccessKey = SECRET
    local _, err = client_of(keys):list_foundation_models()
    assert.matches("The Canonical String for this request should have been", err.message)
    assert.matches("x%-amz%-security%-token:REMOVED\n", err.message)
    assert.is_nil(json.encode(err.members):find(keys.SessionToken, 1, true))
  end)
end)
