-- What a Messages call and a Converse call become on the wire. (The methods of the client have their own spec.)

local content = require "bedrock.content"
local converse = require "bedrock.converse"
local messages = require "bedrock.messages"

local function call(extra)
  local params = { model = "anthropic.claude-sonnet-4-6", max_tokens = 16, messages = { { role = "user", content = "Hi" } } }
  for key, value in pairs(extra or {}) do params[key] = value end
  return params
end

describe("a Messages request", function()
  it("moves the model and the stream switch out of the body, and leaves the caller's table alone", function()
    local params = call { stream = true, brand_new = { 1 } }
    local name, members = messages.request(params)
    assert.equal("invoke_model_with_response_stream", name)
    assert.equal("anthropic.claude-sonnet-4-6", members.modelId)
    assert.is_nil(members.body.model)
    assert.is_nil(members.body.stream)
    assert.equal("bedrock-2023-05-31", members.body.anthropic_version)
    assert.equal(params.brand_new, members.body.brand_new)
    assert.is_true(params.stream)
    assert.is_nil(params.anthropic_version)
    assert.equal("invoke_model", (messages.request(call { stream = true }, { stream = false })))
  end)

  it("takes beta names from an option or a header, trimmed and each once, unless the body has them", function()
    local function betas(params, opts) return select(2, messages.request(call(params), opts)).body.anthropic_beta end
    assert.same({ "a", "b" }, betas({}, { headers = { ["Anthropic-Beta"] = " a,b , a,," } }))
    assert.same({ "c" }, betas({}, { beta = "c", headers = { ["anthropic-beta"] = "d" } }))
    assert.same({ "c", "d" }, betas({}, { beta = { "c", "d" } }))
    assert.same({ "own" }, betas({ anthropic_beta = { "own" } }, { beta = "c" }))
    assert.is_nil(betas({}, { beta = " , " }))
    assert.is_nil(betas({}, nil))
  end)

  it("carries further members of InvokeModel", function()
    local _, members = messages.request(call(), { invoke = { guardrailIdentifier = "g", serviceTier = "flex" } })
    assert.equal("g", members.guardrailIdentifier)
    assert.equal("flex", members.serviceTier)
  end)

  it("is refused without streaming when the answer may take longer than a connection lives", function()
    local cases = {
      { { max_tokens = 21333 }, nil, true }, { { max_tokens = 21334 }, nil, false },
      { { max_tokens = 21334, stream = true }, nil, true }, { { max_tokens = 64000 }, { timeouts = { total = 900 } }, true },
      { { max_tokens = 64000 }, { timeouts = { first_byte = 900 } }, true },
      { { max_tokens = 64000 }, { timeouts = { connect = 3 } }, false },
      { { model = "us.anthropic.claude-opus-4-1-20250805-v1:0", max_tokens = 8193 }, nil, false },
      { { model = "us.anthropic.claude-opus-4-1-20250805-v1:0", max_tokens = 8192 }, nil, true },
      { { model = "vendor.unknown", max_tokens = 8193 }, nil, true },
    }
    for i, case in ipairs(cases) do
      local name, err = messages.request(call(case[1]), case[2])
      assert.equal(case[3], name ~= nil, "case " .. i .. ": " .. tostring(err))
      if not name then assert.equal("too_slow", err.code) end
    end
  end)

  it("says what is wrong with it before it is sent", function()
    assert.equal("model", select(2, messages.request(call { model = "" })).code)
    local name, err = messages.request(call { messages = { { role = "user", content = " " } } })
    assert.is_nil(name)
    assert.equal("messages[1].content", err.path)
    assert.truthy(messages.request(call { messages = { { role = "user", content = " " } } }, { preflight = false }))
    local video = content.video { bytes = "x", format = "mp4" }
    name, err = messages.request(call { messages = { { role = "user", content = { video } } } })
    assert.is_nil(name)
    assert.equal("messages[1].content[1]: a video has no Messages form", err.message)
    assert.has_error(function() messages.request "text" end)
  end)

  it("is counted by its base id, with or without max_tokens", function()
    local members = messages.count_request { model = "us.anthropic.claude-sonnet-4-6", messages = {}, stream = true }
    assert.equal("anthropic.claude-sonnet-4-6", members.modelId)
    local body = members.input.invokeModel.body
    assert.equal(1, body.max_tokens)
    assert.equal("bedrock-2023-05-31", body.anthropic_version)
    assert.is_nil(body.model)
    assert.equal(9, messages.count_request { model = "m", max_tokens = 9 }.input.invokeModel.body.max_tokens)
    assert.equal("model", select(2, messages.count_request {}).code)
  end)

  it("knows which of Anthropic's endpoints Bedrock has, and what to call instead", function()
    assert.is_true(messages.supports "/v1/messages?beta=true")
    assert.is_true(messages.supports "/v1/complete")
    for path, hint in pairs {
      ["/v1/messages/batches"] = "create_model_invocation_job", ["/v1/messages/batches/b1/results?x=1"] = "create_model",
      ["/v1/messages/count_tokens?beta=true"] = "count_tokens", ["/v1/models/claude"] = "list_foundation_models",
    } do
      local ok, err = messages.supports(path)
      assert.is_nil(ok)
      assert.truthy(err.message:find("unsupported endpoint", 1, true))
      assert.truthy(err.hint:find(hint, 1, true))
    end
    assert.is_nil(messages.supports "/v1/organizations")
  end)
end)

describe("a Converse request", function()
  it("gets its neutral blocks written and is checked", function()
    local name, members = converse.request { modelId = "m", messages = { { role = "user", content = "Hi" } }, newer = 1 }
    assert.equal("converse", name)
    assert.same({ text = "Hi" }, members.messages[1].content[1])
    assert.equal(1, members.newer)
    assert.equal("converse_stream", (converse.request({ modelId = "m" }, { stream = true })))
    local twice = { modelId = "m", messages = { { role = "user", content = "a" }, { role = "user", content = "b" } } }
    assert.equal("messages[2]", select(2, converse.request(twice)).path)
    assert.truthy(converse.request(twice, { preflight = { alternation = false } }))
    assert.equal("model", select(2, converse.request {}).code)
  end)
end)
