-- One call and its attempts, over a transport that answers as it is told and writes down how long it was to sleep.

local bedrock = require "bedrock"
local core = require "bedrock.core"
local json = require "bedrock.json"
local pretend = require "spec.support.pretend"

local MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
local NOW = 784111777 -- Sun, 06 Nov 1994 08:49:37 GMT

local function frame(name, payload)
  return core.eventstream.encode({ { ":message-type", "string", "event" }, { ":event-type", "string", name } },
    json.encode(payload))
end

local function exception(name)
  return core.eventstream.encode({ { ":message-type", "string", "exception" }, { ":exception-type", "string", name } },
    json.encode { message = "no" })
end

local function refusal(status, code, headers)
  local all = { ["x-amzn-errortype"] = code }
  for name, value in pairs(headers or {}) do all[name] = value end
  return { status = status, headers = all, body = json.encode { message = code .. " it is" } }
end

local answer = {
  body = json.encode { output = { message = { role = "assistant", content = { { text = "Hello" } } } }, stopReason = "end_turn" },
}

local start = frame("messageStart", { role = "assistant" })
local whole = start .. frame("contentBlockDelta", { contentBlockIndex = 0, delta = { text = "Hello" } }) ..
  frame("contentBlockStop", { contentBlockIndex = 0 }) .. frame("messageStop", { stopReason = "end_turn" })

-- A client whose service answers these in order, the last one for ever.
local function world(answers, options)
  local transport = pretend.transport(function(_, n)
    local given = answers[math.min(n, #answers)]
    if given.kind then return nil, given end
    return given
  end)
  local all = {
    region = "us-west-2", access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    system = pretend.system { now = NOW }, transport = transport, log = function() end, random = function() return 0.5 end,
  }
  for k, v in pairs(options or {}) do all[k] = v end
  all.random = all.random or nil
  return bedrock.new(all), transport
end

local function ask()
  return { modelId = MODEL, messages = { { role = "user", content = { { text = "Hi" } } } } }
end

local function header_of(transport, name)
  local values = {}
  for i, request in ipairs(transport.requests) do values[i] = pretend.header(request, name) or "" end
  return values
end

describe("the attempts of a call", function()
  it("are numbered in a header and share an id", function()
    local client, transport = world { refusal(503, "ServiceUnavailableException"), refusal(429, "ThrottlingException"), answer }
    assert.equal("Hello", assert(client:converse(ask())):text())
    assert.same({ "attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3" }, header_of(transport, "amz-sdk-request"))
    local ids = header_of(transport, "amz-sdk-invocation-id")
    assert.matches("^%x+%-%x+%-4%x+%-%x+%-%x+$", ids[1])
    assert.same({ ids[1], ids[1], ids[1] }, ids)
    assert.same({ 0.025, 1 }, transport.slept)
    client:converse(ask())
    assert.is_not.equal(ids[1], header_of(transport, "amz-sdk-invocation-id")[4])
  end)

  -- Most Luas begin math.random alike in every process: the workers of an nginx would all come back at the same time.
  it("wait by a chance of their own, and leave math.random to the program", function()
    local function pauses()
      math.randomseed(7)
      local client, transport = world({ refusal(429, "ThrottlingException") }, { random = false, retry = { max_attempts = 4 } })
      client:converse(ask())
      return transport.slept, math.random()
    end
    local first, after = pauses()
    local second, again = pauses()
    assert.equal(3, #first)
    assert.not_same(first, second)
    math.randomseed(7)
    assert.same({ math.random(), after }, { after, again })
  end)

  it("are told in the error, each with its failure and its delay", function()
    local client, transport = world { refusal(503, "ServiceUnavailableException", { ["x-amzn-requestid"] = "r-1" }) }
    local _, err = client:converse(ask())
    assert.equal(3, #err.attempts)
    assert.equal("converse", err.operation)
    assert.same({ 1, "server", "ServiceUnavailableException", 503, "r-1", 0.025 }, {
      err.attempts[1].number, err.attempts[1].kind, err.attempts[1].code, err.attempts[1].status, err.attempts[1].request_id,
      err.attempts[1].delay,
    })
    assert.is_nil(err.attempts[3].delay)
    assert.equal("no attempts left", err.attempts[3].why)
    assert.same({ 0.025, 0.05 }, transport.slept)
  end)

  it("are told to the hook as they fail", function()
    local seen = {}
    local client = world({ refusal(503, "ServiceUnavailableException"), answer }, {
      hooks = { retry = function(fields) seen[#seen + 1] = fields end },
    })
    assert(client:converse(ask()))
    assert.equal(1, #seen)
    assert.same({ "converse", 1, 0.025, "server" }, { seen[1].operation, seen[1].attempt, seen[1].delay, seen[1].kind })
  end)

  it("send the same body with the same idempotency token", function()
    local client, transport = world { refusal(500, "InternalServerException") }
    assert.is_nil(client:create_inference_profile {
      inferenceProfileName = "mine", modelSource = { copyFrom = "arn:aws:bedrock:us-west-2::foundation-model/x" },
    })
    local first = transport.requests[1].body
    assert.matches('"clientRequestToken":"%x+%-', first)
    assert.same({ first, first, first }, { transport.requests[1].body, transport.requests[2].body, transport.requests[3].body })
  end)

  it("wait as long as the server asks", function()
    local client, transport = world { refusal(429, "ThrottlingException", { ["retry-after"] = "7" }), answer }
    assert(client:converse(ask()))
    assert.same({ 7 }, transport.slept)
  end)

  it("follow Anthropic's clients on Anthropic's own APIs, and what the service says of its answer everywhere", function()
    local message = { body = json.encode { type = "message", role = "assistant", content = { { type = "text", text = "Hi" } } } }
    local function told(value, more)
      local headers = { ["x-should-retry"] = value, ["retry-after-ms"] = more }
      return { status = 409, headers = headers, body = '{"type":"error","error":{"type":"conflict_error","message":"busy"}}' }
    end
    local function create(options, ...)
      local client, transport = world({ ... }, options)
      local params = { model = MODEL, max_tokens = 5, messages = { { role = "user", content = "Hi" } } }
      local reply, err = client.messages:create(params)
      return reply and reply:text() or err.kind, transport.slept
    end
    assert.same({ "Hi", { 0.025 } }, { create({ api = "mantle" }, told(), message) })
    assert.same({ "Hi", { 1.5 } }, { create({ api = "mantle" }, told("true", "1500"), message) })
    assert.same({ "conflict", {} }, { create({ api = "mantle" }, told("false", "1500"), message) })
    local passed_on = { body = message.body }
    assert.same({ "conflict", {} }, { create({}, told(), passed_on) })
    assert.same({ "Hi", { 0.025 } }, { create({}, told("true"), passed_on) })
  end)

  it("are as many as one call says", function()
    local client, transport = world { refusal(503, "ServiceUnavailableException") }
    client:converse(ask(), { retry = false })
    assert.equal(1, #transport.requests)
    client:converse(ask(), { retry = 5 })
    assert.equal(6, #transport.requests)
    client:converse(ask(), { retry = { mode = "legacy" } })
    assert.equal(11, #transport.requests)
    assert.same({ 0.5, 1, 2, 4 }, { (table.unpack or unpack)(transport.slept, 5) })
  end)

  it("end with the total clock, and a wait that would outlast it is not begun", function()
    local client, transport = world({ refusal(429, "ThrottlingException", { ["retry-after"] = "8" }) },
      { timeouts = { total = 10 } })
    local _, err = client:converse(ask())
    assert.equal("throttled", err.kind)
    assert.equal("no time left", err.attempts[2].why)
    assert.equal(2, #transport.requests)
    assert.equal(2, transport.requests[2].timeouts.total)
    assert.equal(500 - 5, client.bucket.tokens)
  end)

  it("never run without a clock because none of it is left", function()
    local client, transport = world({ answer }, { timeouts = { total = 10 } })
    local limiter = client:limiter()
    limiter.on, limiter.rate, limiter.tokens = true, 0.5, -100
    local _, err = client:converse(ask(), { retry = { mode = "adaptive" } })
    assert.equal(0, #transport.requests)
    assert.same({ "timeout", "total" }, { err.kind, err.clock })
    assert.matches("longer than 10 seconds", err.message)
  end)

  it("draw on the quota of the client, and give back what came through", function()
    local client = world { refusal(503, "ServiceUnavailableException"), answer }
    client.bucket.tokens = 100
    assert(client:converse(ask()))
    assert.equal(100, client.bucket.tokens)
    assert(client:converse(ask()))
    assert.equal(101, client.bucket.tokens)
    local poor, transport = world { refusal(503, "ServiceUnavailableException") }
    poor.bucket.tokens = 13
    local _, err = poor:converse(ask())
    assert.equal(1, #transport.requests)
    assert.equal("retry quota used up", err.attempts[1].why)
  end)

  it("slow down in the adaptive mode after a throttle", function()
    local client, transport = world({ refusal(429, "ThrottlingException"), answer }, { retry = { mode = "adaptive" } })
    assert(client:converse(ask()))
    assert.is_true(client:limiter().on)
    local limiter = client:limiter()
    limiter.rate, limiter.tokens, transport.slept = 2, 0, {}
    assert(client:converse(ask()))
    assert.near(0.5, transport.slept[1], 1e-9)
  end)
end)

describe("what is not sent again", function()
  local cases = {
    { "a wrong request", refusal(400, "ValidationException") },
    { "a model that timed out", refusal(408, "ModelTimeoutException") },
    { "a time-out after the request went out", pretend.failure("timeout", "timeout", "first_byte") },
    { "a silence inside the answer", pretend.failure("timeout", "timeout", "idle") },
    { "a server that is not trusted", pretend.failure("tls", "tls") },
    { "an answer with too many headers", pretend.failure("stream", "limit") },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local client, transport = world { case[2] }
      local _, err = client:converse(ask())
      assert.equal(1, #transport.requests)
      assert.equal("not retryable", err.attempts[1].why)
    end)
  end

  it("unless it is a time-out and the caller wants to pay for it twice", function()
    local client, transport = world({ pretend.failure("timeout", "timeout", "idle") }, { retry = { read_timeouts = true } })
    client:converse(ask())
    assert.equal(3, #transport.requests)
  end)
end)

describe("repairs", function()
  local function dead()
    local failure = pretend.failure("network", "closed")
    failure.reused, failure.sent = true, true
    return failure
  end

  it("replace a connection that was dead once, at once and for nothing", function()
    local client, transport = world { dead(), answer }
    assert(client:converse(ask()))
    assert.same({ "attempt=1; max=3", "attempt=1; max=3" }, header_of(transport, "amz-sdk-request"))
    assert.same({}, transport.slept)
    assert.equal(500, client.bucket.tokens)
  end)

  it("leave all attempts to the call", function()
    local client, transport = world({ dead() }, { retry = 2 })
    local _, err = client:converse(ask())
    assert.equal(3, #transport.requests)
    assert.equal("replaced a connection that was dead", err.attempts[1].why)
    assert.equal("no attempts left", err.attempts[3].why)
  end)

  it("do not touch a connection that had answered", function()
    local failure = dead()
    failure.answered = true
    local client, transport = world({ failure, answer }, { retry = false })
    assert.is_nil(client:converse(ask()))
    assert.equal(1, #transport.requests)
  end)

  local function with_changing_keys(answers, options)
    local n = 0
    local all = {
      access_key_id = false, secret_access_key = false,
      credentials = function()
        n = n + 1
        return { access_key_id = "AKID" .. n, secret_access_key = "secret", session_token = "token" }
      end,
    }
    for k, v in pairs(options or {}) do all[k] = v end
    local transport = pretend.transport(function(_, i) return answers[math.min(i, #answers)] end)
    all.access_key_id, all.secret_access_key = nil, nil
    all.region, all.system, all.transport = "us-west-2", pretend.system { now = NOW }, transport
    all.log = function() end
    return bedrock.new(all), transport
  end

  local function key_of(transport, i)
    return pretend.header(transport.requests[i], "authorization"):match("Credential=(%w+)")
  end

  it("fetch new credentials once after ExpiredToken", function()
    local expired = refusal(403, "ExpiredTokenException")
    local client, transport = with_changing_keys { expired, answer }
    assert(client:converse(ask()))
    assert.same({ "AKID1", "AKID2" }, { key_of(transport, 1), key_of(transport, 2) })
    assert.same({ "attempt=1; max=3", "attempt=1; max=3" }, header_of(transport, "amz-sdk-request"))
    client, transport = with_changing_keys { expired }
    local _, err = client:converse(ask())
    assert.equal(2, #transport.requests)
    assert.same({ "credentials", "ExpiredTokenException" }, { err.kind, err.code })
    assert.equal("refreshed expired credentials", err.attempts[1].why)
  end)

  it("do not send the same expired keys again", function()
    local client, transport = world { refusal(403, "ExpiredTokenException") }
    local _, err = client:converse(ask())
    assert.equal(1, #transport.requests)
    assert.equal("credentials", err.kind)
  end)

  local ahead = { date = "Sun, 06 Nov 1994 09:49:37 GMT" }

  it("correct the clock once, for this call and those after it", function()
    local client, transport = world { refusal(403, "InvalidSignatureException", ahead), answer }
    assert(client:converse(ask()))
    assert.same({ "19941106T084937Z", "19941106T094937Z" }, header_of(transport, "x-amz-date"))
    assert.same({ "attempt=1; max=3", "attempt=1; max=3" }, header_of(transport, "amz-sdk-request"))
    assert(client:converse(ask()))
    assert.equal("19941106T094937Z", header_of(transport, "x-amz-date")[3])
    client, transport = world { refusal(403, "InvalidSignatureException", ahead) }
    assert.is_nil(client:converse(ask()))
    assert.equal(2, #transport.requests)
  end)

  it("leave a clock alone that is right", function()
    local client, transport = world { refusal(403, "AccessDeniedException", { date = "Sun, 06 Nov 1994 08:54:37 GMT" }) }
    assert.is_nil(client:converse(ask()))
    assert.equal(1, #transport.requests)
    assert.equal(0, client.skew)
  end)

  it("help a request that was signed before another call corrected the clock", function()
    local client, transport
    client, transport = world { refusal(403, "RequestTimeTooSkewed", ahead), answer }
    local request = transport.request
    function transport:request(...)
      if #self.requests == 0 then client.skew = 3600 end -- while it was under way
      return request(self, ...)
    end
    assert(client:converse(ask()))
    assert.equal(2, #transport.requests)
  end)
end)

describe("a stream's first frame", function()
  it("is tried again when it is a failure that may pass", function()
    local client, transport = world { { body = exception "throttlingException" }, { body = exception "internalServerException" },
      { body = whole } }
    assert.equal("Hello", assert(assert(client:converse_stream(ask())):message()):text())
    assert.same({ "attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3" }, header_of(transport, "amz-sdk-request"))
    assert.same({ 0.5, 0.05 }, transport.slept)
  end)

  it("is the same error as before the stream when it is not", function()
    local client, transport = world { { body = exception "validationException" } }
    local event, err = assert(client:converse_stream(ask())):next()
    assert.is_nil(event)
    assert.same({ "validation", "ValidationException", 400, "no" }, { err.kind, err.code, err.status, err.message })
    assert.equal(1, #transport.requests)
  end)

  it("counts with the attempts before it", function()
    local client, transport = world { refusal(503, "ServiceUnavailableException"), { body = exception "throttlingException" },
      refusal(503, "ServiceUnavailableException") }
    local _, err = assert(client:converse_stream(ask())):next()
    assert.equal(3, #transport.requests)
    assert.equal(3, #err.attempts)
    assert.equal("ServiceUnavailableException", err.code)
  end)

  it("may be missing, too: an answer without an event is tried again", function()
    local client, transport = world { { body = "" }, { body = start:sub(1, 9) }, { body = whole } }
    assert.equal("Hello", assert(assert(client:converse_stream(ask())):message()):text())
    assert.equal(3, #transport.requests)
  end)
end)

describe("one failure is the same error, before a stream and inside of it:", function()
  local function facts(err)
    return { err.kind, err.code, err.status, err.retryable, err.operation, err.message }
  end

  -- The error of a stream that is refused, and that of one which breaks off with `frame_`.
  local function both(refused, open, frame_)
    local _, before = open(world({ refused }, { retry = false }))
    local _, inside = assert(open(world { { body = start .. frame_ } })):message()
    return facts(before), facts(inside)
  end

  local exceptions = {
    throttlingException = 429, modelTimeoutException = 408, validationException = 400, modelStreamErrorException = 424,
    internalServerException = 500, serviceUnavailableException = 503,
  }
  for name, status in pairs(exceptions) do
    it("the exception " .. name, function()
      local code = name:sub(1, 1):upper() .. name:sub(2)
      local before, inside = both({ status = status, headers = { ["x-amzn-errortype"] = code }, body = '{"message":"no"}' },
        function(client) return client:converse_stream(ask()) end, exception(name))
      assert.same(before, inside)
    end)
  end

  local in_band = {
    overloaded_error = 529, rate_limit_error = 429, api_error = 500, invalid_request_error = 400, authentication_error = 401,
    permission_error = 403, not_found_error = 404, request_too_large = 413, timeout_error = 504,
  }
  for name, status in pairs(in_band) do
    it("the event " .. name, function()
      local text = json.encode { type = "error", error = { type = name, message = "no" } }
      local before, inside = both({ status = status, headers = {}, body = text }, function(client)
        return client.messages:stream { model = MODEL, max_tokens = 5, messages = { { role = "user", content = "Hi" } } }
      end, frame("chunk", { bytes = core.base64.encode(text) }))
      assert.same(before, inside)
    end)
  end
end)

describe("after the first event", function()
  it("nothing is sent again, whatever breaks", function()
    for _, rest in ipairs { "", exception "throttlingException", whole:sub(#start + 1, -3) } do
      local client, transport = world { { body = start .. rest }, { body = whole } }
      local stream = assert(client:converse_stream(ask()))
      assert(stream:next())
      local event, err
      repeat event, err = stream:next() until not event
      assert.truthy(err)
      assert.equal(1, #transport.requests)
      assert.equal("assistant", err.partial.output.message.role)
    end
  end)

  local broken = start .. frame("contentBlockDelta", { contentBlockIndex = 0, delta = { text = "Hel" } }) ..
    exception "throttlingException"
  local rest = start .. frame("contentBlockDelta", { contentBlockIndex = 0, delta = { text = "lo" } }) ..
    frame("contentBlockStop", { contentBlockIndex = 0 }) .. frame("messageStop", { stopReason = "end_turn" })

  it("the caller may go on with a new call from the partial message", function()
    local client, transport = world { { body = broken }, { body = rest } }
    local called = {}
    local stream = assert(client:converse_stream(ask(), {
      on_interrupt = function(err, partial)
        called[#called + 1] = { err, partial:text() }
        local again = ask()
        again.messages[2] = { role = "assistant", content = { { text = partial:text() } } }
        return again
      end,
    }))
    local text = {}
    for piece in stream:text() do text[#text + 1] = piece end
    assert.equal("Hello", table.concat(text))
    assert.equal(1, #called)
    assert.same({ "throttled", "Hel" }, { called[1][1].kind, called[1][2] })
    assert.matches("Hel", transport.requests[2].body)
    assert.is_not.equal(header_of(transport, "amz-sdk-invocation-id")[1], header_of(transport, "amz-sdk-invocation-id")[2])
    assert.equal("lo", assert(stream:message()):text())
    assert.equal("Hel", stream.interrupted.partial:text())
  end)

  it("is asked once: a second break is final", function()
    local client, transport = world { { body = broken } }
    local times = 0
    local stream = assert(client:converse_stream(ask(), {
      on_interrupt = function()
        times = times + 1
        return ask()
      end,
    }))
    local _, err = stream:message()
    assert.same({ "throttled", 1, 2 }, { err.kind, times, #transport.requests })
  end)

  it("gets the error when it does not want to go on, or closes the stream instead", function()
    local client, transport = world { { body = broken } }
    local _, err = assert(client:converse_stream(ask(), { on_interrupt = function() end })):message()
    assert.equal("throttled", err.kind)
    local stream
    stream = assert(client:converse_stream(ask(), { on_interrupt = function() stream:close() return ask() end }))
    _, err = stream:message()
    assert.equal("cancelled", err.kind)
    assert.equal(2, #transport.requests)
  end)

  it("is told what is wrong with the new parameters", function()
    local client = world { { body = broken } }
    local _, err = assert(client:converse_stream(ask(), { on_interrupt = function() return {} end })):message()
    assert.equal("validation", err.kind)
  end)
end)

describe("a call that does not say how long its answer may be", function()
  local function said_of(...)
    local said = {}
    local client = world({ answer }, { log = function(level, message)
      if level ~= "debug" then said[#said + 1] = level .. ": " .. message end
    end })
    for _, params in ipairs { ... } do assert(client:converse(params)) end
    return said
  end

  it("is told once what it reserves", function()
    local said = said_of(ask(), ask())
    assert.equal(1, #said)
    assert.matches("^info: inferenceConfig.maxTokens is not set, so each call reserves the longest answer of Claude", said[1])
  end)

  it("is told nothing where it says so, or where the model is not known", function()
    local short, unknown = ask(), ask()
    short.inferenceConfig, unknown.modelId = { maxTokens = 5 }, "us.amazon.nova-lite-v1:0"
    assert.same({}, said_of(short, unknown))
  end)
end)

describe("the end of a call", function()
  local function done_of(answers, run)
    local seen = {}
    local client = world(answers, { hooks = { done = function(fields) seen[#seen + 1] = fields end } })
    run(client)
    return seen
  end

  it("is told to the hook once, with or without an error", function()
    local seen = done_of({ answer }, function(client) client:converse(ask()) end)
    assert.same({ 1, "converse", 1 }, { #seen, seen[1].operation, seen[1].attempts })
    assert.is_nil(seen[1].error)
    seen = done_of({ refusal(400, "ValidationException") }, function(client) client:converse(ask()) end)
    assert.same({ 1, "validation" }, { #seen, seen[1].error.kind })
    seen = done_of({ { body = "<html>" } }, function(client) client:converse(ask()) end)
    assert.same({ 1, "server" }, { #seen, seen[1].error.kind })
    seen = done_of({ { body = whole } }, function(client) assert(client:converse_stream(ask())):message() end)
    assert.same({ 1, "converse_stream" }, { #seen, seen[1].operation })
    seen = done_of({ { body = whole } }, function(client) assert(client:converse_stream(ask())):close() end)
    assert.same({ 1, "cancelled" }, { #seen, seen[1].error.kind })
  end)
end)
