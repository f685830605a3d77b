-- The four ways to Claude: what each sends, whom each trusts, and that all of them answer alike.

local apis = require "bedrock.apis"
local bedrock = require "bedrock"
local config = require "bedrock.config"
local emulator = require "spec.support.emulator"
local endpoint = require "bedrock.endpoint"
local pretend = require "spec.support.pretend"
local scripted = require "spec.support.scripted"

local HELLO = "Hello! I am a local emulator of Amazon Bedrock. How can I help you today?"

local function ask(model, extra)
  local params = { model = model, max_tokens = 64, messages = { { role = "user", content = "Hello" } } }
  for k, v in pairs(extra or {}) do params[k] = v end
  return params
end

local function settings(options, env)
  return config.resolve(options, pretend.system { env = env })
end

local function url_of(options, env)
  local resolved = settings(options, env)
  local at, err = endpoint.resolve(resolved.api.service, resolved, { base_url = resolved.api.base_url })
  return at and at.url, at and at.signing_name, err or resolved.error
end

local function header(request, name)
  for _, pair in ipairs(request.headers) do
    if pair[1]:lower() == name then return pair[2] end
  end
end

-- What a call sends, with an answer that does not matter.
local function sent(options, params, opts, method)
  local request
  local client = scripted.client(function(r)
    request = r
    return { type = "message", role = "assistant", content = {}, input_tokens = 3 }
  end, options)
  assert(client.messages[method or "create"](client.messages, params, opts))
  request.json = bedrock.json.decode(tostring(request.body))
  return request
end

describe("the option api", function()
  it("is InvokeModel when it is not given, and names the ways when it is none", function()
    assert.equal("invoke", settings({}).api.name)
    assert.equal("invoke", settings({ api = "" }).api.name)
    assert.error_matches(function() bedrock.new { api = "messages" } end, "invoke, runtime, mantle, platform")
  end)

  it("decides where requests go and what their signature names", function()
    local cases = {
      { "invoke", "https://bedrock-runtime.eu-west-1.amazonaws.com", "bedrock" },
      { "runtime", "https://bedrock-runtime.eu-west-1.amazonaws.com", "bedrock" },
      { "mantle", "https://bedrock-mantle.eu-west-1.api.aws", "bedrock-mantle" },
      { "platform", "https://aws-external-anthropic.eu-west-1.api.aws", "aws-external-anthropic" },
    }
    for _, case in ipairs(cases) do
      local url, name = url_of { api = case[1], region = "eu-west-1", workspace_id = "wrkspc_1" }
      assert.same({ case[2], case[3] }, { url, name })
    end
  end)

  it("has a default region for bedrock-runtime only", function()
    assert.equal("https://bedrock-runtime.us-east-1.amazonaws.com", (url_of { api = "runtime" }))
    for _, api in ipairs { "mantle", "platform" } do
      local url, _, err = url_of { api = api, workspace_id = "wrkspc_1" }
      assert.same({ nil, "missing_region" }, { url, err.code })
      assert.equal(0, #settings({ api = api }).warnings)
      assert.truthy((url_of({ api = api, workspace_id = "wrkspc_1" }, { AWS_DEFAULT_REGION = "eu-west-1" })))
      assert.truthy((url_of { api = api, workspace_id = "wrkspc_1", endpoint = "https://gateway.example" }))
    end
  end)

  it("needs a region for a signature even where the address is known", function()
    local options = { api = "mantle", endpoint = "https://gateway.example", region = "" }
    local client = scripted.client(function() return {} end, options)
    assert.equal("missing_region", select(2, client.messages:create(ask "anthropic.claude-opus-4-8")).code)
  end)

  it("says that there are no FIPS hosts where there are none", function()
    local _, _, err = url_of { api = "mantle", region = "us-east-1", use_fips = true }
    assert.equal("no_fips", err.code)
  end)

  it("obeys the variables of Anthropic's own clients, which hold the base path", function()
    local cases = {
      { "mantle", "ANTHROPIC_BEDROCK_MANTLE_BASE_URL", "https://gw.example/x", "https://gw.example/x/v1/messages" },
      { "platform", "ANTHROPIC_AWS_BASE_URL", "https://gw.example/x/", "https://gw.example/x/v1/messages" },
      { "runtime", "ANTHROPIC_BEDROCK_BASE_URL", "https://gw.example/x", "https://gw.example/x/anthropic/v1/messages" },
      { "mantle", "AWS_ENDPOINT_URL", "https://gw.example", "https://gw.example/anthropic/v1/messages" },
      { "mantle", "AWS_ENDPOINT_URL", "https://gw.example/anthropic", "https://gw.example/anthropic/v1/messages" },
    }
    for _, case in ipairs(cases) do
      local system = pretend.system { env = { [case[2]] = case[3] } }
      local request = sent({ api = case[1], workspace_id = "wrkspc_1", system = system }, ask "m")
      assert.equal(case[4], request.url)
    end
  end)

  it("needs a workspace for the platform", function()
    local bare = settings { api = "platform", region = "us-east-1" }
    assert.equal("missing_workspace", bare.error.code)
    assert.equal("wrkspc_2", settings({ api = "platform" }, { ANTHROPIC_AWS_WORKSPACE_ID = "wrkspc_2" }).workspace_id)
    assert.is_nil(settings({ api = "mantle", region = "us-east-1" }).error)
    assert.is_nil(settings({ api = "platform", region = "us-east-1", skip_auth = true }).error)
  end)
end)

describe("the identity", function()
  local keys = { access_key_id = "AKIDEXAMPLE", secret_access_key = "throw-away" }

  local function key_of(options, env)
    options.region, options.workspace_id = "us-east-1", "wrkspc_1"
    local resolved = settings(options, env)
    return resolved.api_key, resolved.api_key_source, resolved.error
  end

  it("comes from the variables of the way", function()
    local env = { AWS_BEARER_TOKEN_BEDROCK = "bedrock-key", ANTHROPIC_AWS_API_KEY = "platform-key" }
    assert.equal("bedrock-key", (key_of({}, env)))
    assert.equal("bedrock-key", (key_of({ api = "mantle" }, env)))
    assert.equal("platform-key", (key_of({ api = "platform" }, env)))
    assert.same({ "k", "ANTHROPIC_AWS_API_KEY" }, { key_of({ api = "mantle" }, { ANTHROPIC_AWS_API_KEY = "k" }) })
    assert.is_nil((key_of({}, { ANTHROPIC_AWS_API_KEY = "k" })))
    assert.is_nil((key_of({ api = "platform" }, { AWS_BEARER_TOKEN_BEDROCK = "k" })))
  end)

  it("is an explicit key, then explicit credentials, then a named profile, then a key of the environment", function()
    local env = { AWS_BEARER_TOKEN_BEDROCK = "env", ANTHROPIC_AWS_API_KEY = "env" }
    for _, api in ipairs { "mantle", "platform" } do
      local function options(more)
        local all = { api = api }
        for k, v in pairs(more) do all[k] = v end
        return all
      end
      local both = options(keys)
      both.api_key = "own"
      assert.equal("own", (key_of(both, env)))
      assert.is_nil((key_of(options(keys), env)))
      assert.is_nil((key_of(options { profile = "default" }, env)))
      assert.equal("env", (key_of(options {}, env)))
      assert.equal("half_key_pair", select(3, key_of(options { access_key_id = "AKIDEXAMPLE" }, env)).code)
    end
    assert.equal("two_identities", select(3, key_of { api_key = "own", access_key_id = "a", secret_access_key = "b" }).code)
  end)

  it("goes into the header of its service, and never to a service of the other kind", function()
    local plain = { access_key_id = "", secret_access_key = "" }
    local function with(api)
      return { api = api, api_key = "the-key", workspace_id = "wrkspc_1", access_key_id = plain.access_key_id,
        secret_access_key = plain.secret_access_key }
    end
    assert.equal("Bearer the-key", header(sent(with "mantle", ask "anthropic.claude-opus-4-8"), "authorization"))
    local request = sent(with "platform", ask "claude-opus-4-8")
    assert.same({ "the-key" }, { header(request, "x-api-key"), header(request, "authorization") })

    local crossed
    local options = { api = "platform", api_key = "the-key", workspace_id = "wrkspc_1" }
    local client = scripted.client(function(r) crossed = r return {} end, options)
    assert(client:request { service = "bedrock-runtime", path = "/x" })
    assert.truthy(header(crossed, "authorization"):find "^AWS4%-HMAC%-SHA256")
    assert.is_nil(header(crossed, "x-api-key"))
  end)
end)

describe("a Messages request", function()
  local native = { "runtime", "mantle", "platform" }

  local function options(api)
    return { api = api, workspace_id = "wrkspc_1" }
  end

  it("goes out as it is, with version, workspace and betas in headers", function()
    for _, api in ipairs(native) do
      local opts = { beta = { "a", "b" }, headers = { ["x-own"] = "1" } }
      local request = sent(options(api), ask("m", { brand_new = { 1 } }), opts)
      local base = api == "platform" and "" or "/anthropic"
      assert.truthy(request.url:find(base .. "/v1/messages$"))
      assert.equal("POST", request.method)
      assert.same(ask("m", { brand_new = { 1 } }), request.json)
      assert.same({ "2023-06-01", "a,b", "application/json", "1" }, { header(request, "anthropic-version"),
        header(request, "anthropic-beta"), header(request, "content-type"), header(request, "x-own") })
      assert.equal(api == "platform" and "wrkspc_1" or nil, (header(request, "anthropic-workspace-id")))
    end
  end)

  it("that was written for InvokeModel needs no change", function()
    local body = { anthropic_version = "bedrock-2023-05-31", anthropic_beta = { "a" } }
    local request = sent(options "mantle", ask("m", body), { headers = { ["Anthropic-Beta"] = "b, a" } })
    assert.is_nil(request.json.anthropic_version)
    assert.is_nil(request.json.anthropic_beta)
    assert.same({ "2023-06-01", "a,b" }, { header(request, "anthropic-version"), header(request, "anthropic-beta") })
    local newer = sent(options "mantle", ask("m", { anthropic_version = "2026-10-21" }))
    assert.equal("2026-10-21", header(newer, "anthropic-version"))
    local own = sent(options "mantle", ask "m", { headers = { ["anthropic-version"] = "2026-10-21" } })
    assert.equal("2026-10-21", header(own, "anthropic-version"))
  end)

  it("is refused with members of InvokeModel beside it, where that is not called", function()
    local client = scripted.client(function() return {} end, options "mantle")
    local _, err = client.messages:create(ask "m", { invoke = { guardrailIdentifier = "g" } })
    assert.same({ "validation", "invoke" }, { err.kind, err.code })
  end)

  it("is counted by the API itself, without what the count does not take", function()
    local request = sent(options "platform", ask("m", { temperature = 1, system = "s" }), nil, "count_tokens")
    assert.truthy(request.url:find "/v1/messages/count_tokens$")
    assert.same({ model = "m", system = "s", messages = { { role = "user", content = "Hello" } } }, request.json)
    assert.truthy(sent(options "runtime", ask "us.m", nil, "count_tokens").url:find "/model/m/count%-tokens$")
  end)

  it("may be as large as its service takes", function()
    for api, limit in pairs { invoke = 20e6, runtime = 20e6, mantle = 20e6, platform = 32e6 } do
      assert.equal(limit, settings({ api = api, workspace_id = "w", region = "us-east-1" }).limits.request)
    end
  end)

  it("fails with errors of its own form: 413 and 529 by their kinds, and with what the answer said", function()
    local cases = {
      { 413, "request_too_large", "too_large", false }, { 529, "overloaded_error", "throttled", true },
      { 429, "rate_limit_error", "throttled", true }, { 401, "authentication_error", "access_denied", false },
      { 404, "not_found_error", "not_found", false }, { 500, "api_error", "server", true },
    }
    for _, case in ipairs(cases) do
      local client = scripted.client(function()
        local inner = { type = case[2], message = "because" }
        return { type = "error", error = inner, headers = { ["request-id"] = "req_1" } }, case[1]
      end, options "mantle")
      local _, err = client.messages:create(ask "m")
      assert.same({ case[3], case[2], "because", case[1], "req_1", case[4] },
        { err.kind, err.code, err.message, err.status, err.request_id, err.retryable })
    end
  end)

  it("says what came when the answer is no message", function()
    for _, body in ipairs { "", "null", "[1", "<html>" } do
      local client = scripted.client(function() return body, 200 end, options "mantle")
      local reply, err = client.messages:create(ask "m")
      assert.is_nil(reply)
      assert.equal("UnreadableAnswer", err.code)
    end
  end)
end)

describe("against the emulator", function()
  local server

  local function new(api, more)
    local all = {
      api = api, workspace_id = "wrkspc_1", region = "us-west-2", endpoint = server.url, access_key_id = server.access_key_id,
      secret_access_key = server.secret_access_key, retry = false, log = function() end,
    }
    for k, v in pairs(more or {}) do all[k] = v end
    return bedrock.new(all)
  end

  local function model(api)
    return assert(bedrock.models.id("claude-haiku-4.5", { api = api }))
  end

  setup(function() server = emulator.start {} end)
  teardown(function() server.stop() end)

  for _, api in ipairs(apis.names()) do
    it(api .. " answers, streams, and counts like the others", function()
      local client = new(api)
      local reply = assert(client.messages:create(ask(model(api))))
      assert.equal(HELLO, reply:text())
      local stream, pieces = assert(client.messages:stream(ask(model(api)))), {}
      for text in stream:text() do pieces[#pieces + 1] = text end
      assert.equal(HELLO, table.concat(pieces))
      local message = assert(stream:message())
      assert.same({ HELLO, "end_turn", reply.usage.output_tokens }, { message:text(), message.stop_reason,
        message.usage.output_tokens })
      assert.truthy(stream.request_id)
      assert.equal(message.usage.input_tokens, assert(client.messages:count_tokens(ask(model(api)))).input_tokens)
    end)

    it(api .. " streams tools, thinking and the wire's events", function()
      local tools = { { name = "get_weather", input_schema = { type = "object", properties = { city = { type = "string" } } } } }
      local stream = assert(new(api).messages:stream(ask(model(api), { tools = tools, tool_choice = { type = "any" } })))
      local seen = {}
      for event in stream:events() do seen[event.type] = true end
      assert.is_true(seen.message_start and seen.content_block_delta and seen.message_stop)
      assert.equal(api ~= "invoke" or nil, seen.ping)
      assert.equal("get_weather", stream:message():tool_uses()[1].name)
    end)

    it(api .. " takes an API key", function()
      local client = new(api, { api_key = server.api_key, access_key_id = "", secret_access_key = "" })
      assert.equal(HELLO, assert(client.messages:create(ask(model(api)))):text())
      local refused = new(api, { api_key = "nonsense", access_key_id = "", secret_access_key = "" })
      assert.equal("access_denied", select(2, refused.messages:create(ask(model(api)))).kind)
    end)

    it(api .. " names an id that belongs to another way", function()
      local other = api == "platform" and "mantle" or "platform"
      local _, err = new(api).messages:create(ask(model(other)))
      assert.truthy(tostring(err.hint):find(model(api), 1, true), tostring(err))
    end)
  end

  describe("request_stream", function()
    local body = { model = "anthropic.claude-opus-4-8", max_tokens = 9, stream = true,
      messages = { { role = "user", content = "Hello" } } }

    local function raw(more)
      local params = { service = "bedrock-mantle", path = "/anthropic/v1/messages", body = body,
        headers = { { "anthropic-version", "2023-06-01" } } }
      for k, v in pairs(more or {}) do params[k] = v end
      return params
    end

    local function events(params, opts)
      local list = {}
      for event in assert(new():request_stream(params, opts)):events() do list[#list + 1] = event end
      return list
    end

    it("gives server-sent events by name and data", function()
      local list = events(raw())
      assert.same({ event = "ping", data = '{"type":"ping"}' }, list[2])
      assert.equal("message_stop", list[#list].event)
    end)

    it("gives AWS's frames in the same way", function()
      local list = events { path = "/model/us.anthropic.claude-opus-4-6-v1/converse-stream",
        body = { messages = { { role = "user", content = { { text = "Hello" } } } } } }
      assert.same({ "messageStart", "metadata" }, { list[1].event, list[#list].event })
      assert.equal("assistant", bedrock.json.decode(list[1].data).role)
    end)

    it("gives an answer that is no stream in pieces", function()
      local whole = ""
      for _, event in ipairs(events { service = "bedrock", path = "/foundation-models" }) do
        assert.is_nil(event.event)
        whole = whole .. event.data
      end
      assert.truthy(bedrock.json.decode(whole).modelSummaries[1])
    end)

    it("fails when the connection or an event breaks off, and when the service refuses", function()
      for _, fault in ipairs { "cut:300", "half-frame" } do
        local stream = assert(new():request_stream(raw(), { headers = { ["x-emulator-fault"] = fault } }))
        local event, err
        repeat event, err = stream:next() until not event
        assert.equal("cut", err.code)
      end
      local _, err = new():request_stream(raw { body = { model = "anthropic.claude-opus-4-8" } })
      assert.same({ "validation", 400 }, { err.kind, err.status })
      assert.error_matches(function() new():request_stream { path = "x" } end, "request takes")
    end)
  end)

  -- Whatever breaks a stream breaks it loudly, and never looks like its end.
  local broken = {
    { "no-stop", "stream", "incomplete" }, { "cut:700", "stream", "cut" }, { "half-frame", "stream", "cut" },
    { "reset:body", "stream", "reset" }, { "garbage", "stream" }, { "error-event", "throttled", "overloaded_error" },
    { "error-event:api_error", "server", "api_error" }, { "status:529", "throttled", "overloaded_error" },
    { "status:413", "too_large", "request_too_large" }, { "throttle", "throttled", "rate_limit_error" },
    { "html", "server" }, { "expired-token", "credentials", "ExpiredTokenException" },
  }
  for _, case in ipairs(broken) do
    it("a stream of server-sent events fails with " .. case[1], function()
      local stream, err = new("mantle").messages:stream(ask(model "mantle"), { headers = { ["x-emulator-fault"] = case[1] } })
      local message
      if stream then message, err = stream:message() end
      assert.is_nil(message)
      assert.equal(case[2], err.kind, tostring(err))
      if case[3] then assert.equal(case[3], err.code) end
    end)
  end

  it("a stream that comes byte by byte, or with a pause, is whole", function()
    for _, fault in ipairs { "drip", "stall:0.05" } do
      local stream = assert(new("mantle").messages:stream(ask(model "mantle"), { headers = { ["x-emulator-fault"] = fault } }))
      assert.equal(HELLO, assert(stream:message()):text())
    end
  end)

  it("a stream that says nothing any more runs into the idle clock", function()
    local stream = assert(new("mantle").messages:stream(ask(model "mantle"),
      { headers = { ["x-emulator-fault"] = "stall:60" }, timeouts = { idle = 0.2 } }))
    local _, err = stream:message()
    assert.same({ "timeout", "idle" }, { err.kind, err.clock })
    assert.truthy(err.partial)
  end)

  it("an error before the first event is tried again, one after it is not", function()
    local client = new("mantle", { retry = { max_attempts = 3 }, random = function() return 0 end })
    local function run(fault)
      local stream = assert(client.messages:stream(ask(model "mantle"), { headers = { ["x-emulator-fault"] = fault } }))
      return stream:message()
    end
    assert.equal(HELLO, assert(run "error-event:overloaded_error:0*1"):text())
    local _, err = run "error-event:overloaded_error:4*1"
    assert.same({ "throttled", 529 }, { err.kind, err.status })
    assert.truthy(err.partial:text():find "^Hello")
  end)
end)
