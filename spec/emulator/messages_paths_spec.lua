-- The emulator's Messages paths from outside: who is let in, what is refused, and in whose words.

local emulator = require "spec.support.emulator"
local wire = require "spec.support.wire"

local BODY = '{"model":"%s","max_tokens":64,"messages":[{"role":"user","content":"Hello"}]%s}'
local HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"

describe("the emulator's Messages paths", function()
  local service

  setup(function() service = emulator.start {} end)
  teardown(function() service.stop() end)

  -- What a POST gives; `how` may hold target, model, more (of the body), headers, sign, key.
  local function post(how)
    local headers = { ["anthropic-version"] = "2023-06-01", ["content-type"] = "application/json" }
    for name, value in pairs(how.headers or {}) do headers[name] = value or nil end
    if how.key ~= false and not how.sign then headers["x-api-key"] = how.key or service.api_key end
    local sign = how.sign and { id = service.access_key_id, secret = service.secret_access_key, service = how.sign }
    return wire.send(service, { method = "POST", target = how.target or "/anthropic/v1/messages", headers = headers, sign = sign,
      body = how.body or BODY:format(how.model or "anthropic.claude-haiku-4-5", how.more or "") })[1]
  end

  local platform = { ["anthropic-workspace-id"] = "wrkspc_1" }

  it("let in who signs for the service, and who has a key", function()
    for name, model in pairs { bedrock = HAIKU, ["bedrock-mantle"] = "anthropic.claude-haiku-4-5" } do
      assert.equal(200, post({ sign = name, model = model }).status)
    end
    local on_platform = { target = "/v1/messages", model = "claude-haiku-4-5", headers = platform }
    on_platform.sign = "aws-external-anthropic"
    assert.equal(200, post(on_platform).status)
    on_platform.sign = "bedrock"
    assert.equal(403, post(on_platform).status)
    assert.equal(200, post({}).status)
    assert.equal(200, post({ key = false, headers = { authorization = "Bearer " .. service.api_key } }).status)
    assert.equal(403, post({ key = false }).status)
    assert.equal(403, post({ key = "nonsense" }).status)
  end)

  local refused = {
    { "a request without a version", { headers = { ["anthropic-version"] = false } }, 400, "anthropic%-version" },
    { "a version that is none", { headers = { ["anthropic-version"] = "bedrock-2023-05-31" } }, 400, "not a valid version" },
    { "the version in the body", { more = ',"anthropic_version":"bedrock-2023-05-31"' }, 400, "anthropic_version: Extra inputs" },
    { "a request without a model", { body = '{"max_tokens":1,"messages":[]}' }, 400, "model: Field required" },
    { "no workspace", { target = "/v1/messages", model = "claude-haiku-4-5" }, 400, "anthropic%-workspace%-id" },
    { "an unknown id", { model = "claude-haiku-4-5" }, 400, "identifier is invalid" },
    { "a profile on bedrock-mantle", { model = HAIKU, sign = "bedrock-mantle" }, 404, "model: us%.anthropic" },
    { "a body that is no JSON", { body = "{" }, 400, "not valid JSON" },
    { "an odd content", { more = ',"system":3' }, 400, "system" },
    { "members that the count does not take", { target = "/anthropic/v1/messages/count_tokens" }, 400, "max_tokens: Extra" },
  }
  for _, row in ipairs(refused) do
    it("refuse " .. row[1] .. " in Anthropic's words", function()
      local answer = post(row[2])
      assert.equal(row[3], answer.status, answer.body)
      assert.equal("error", answer.json.type)
      assert.equal(row[3] == 404 and "not_found_error" or "invalid_request_error", answer.json.error.type)
      assert.matches(row[4], answer.json.error.message)
      assert.truthy(answer.headers["request-id"])
    end)
  end

  it("stream in events of one line each, with a ping", function()
    local answer = post { more = ',"stream":true' }
    assert.matches("^text/event%-stream", answer.headers["content-type"])
    local names = {}
    for name, data in answer.body:gmatch "event: ([^\n]+)\ndata: ([^\n]+)\n\n" do
      assert.truthy(data:find('"type":"' .. name .. '"', 1, true))
      names[#names + 1] = name
    end
    assert.same({ "message_start", "ping", "message_stop" }, { names[1], names[2], names[#names] })
    assert.is_nil(answer.body:find("invocationMetrics", 1, true))
  end)

  it("speak as AWS does where the signature is at fault", function()
    local answer = post { sign = "sts" }
    assert.equal(403, answer.status)
    assert.matches("^InvalidSignatureException", answer.headers["x-amzn-errortype"])
  end)

  it("hide keys from the log", function()
    local records = service.log(1)
    for _, record in ipairs(records) do
      for _, pair in ipairs(record.headers) do assert.is_nil(pair[2]:find(service.api_key, 1, true)) end
    end
  end)
end)
