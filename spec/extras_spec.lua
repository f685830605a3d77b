-- What stands beside the conversation: guardrails, tiers, metadata, prompts and the model's own members. Converse carries
-- them in its body, InvokeModel in headers and in the model's body.

local bedrock = require "bedrock"
local emulator = require "spec.support.emulator"
local judge = require "spec.support.judge"
local scripted = require "spec.support.scripted"

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local function headers_of(request)
  local found = {}
  for _, pair in ipairs(request.headers) do found[pair[1]:lower()] = pair[2] end
  return found
end

local answers = {
  messages = { type = "message", role = "assistant", content = { { type = "text", text = "Hi" } }, stop_reason = "end_turn" },
  converse = { output = { message = { role = "assistant", content = { { text = "Hi" } } } }, stopReason = "end_turn" },
}

-- The one request that a call makes.
local function sent(form, call)
  local client, transport = scripted.client(function() return answers[form] end)
  assert(call(client))
  return transport.requests[1]
end

local function ask(more)
  local params = { model = MODEL, max_tokens = 9, messages = { { role = "user", content = "Hi" } } }
  for name, value in pairs(more or {}) do params[name] = value end
  return params
end

describe("beside a Converse request", function()
  it("everything goes into the body as it is", function()
    local extras = {
      additionalModelRequestFields = {
        top_k = 5, thinking = { type = "enabled", budget_tokens = 1024 }, anthropic_beta = { "b" },
      },
      additionalModelResponseFieldPaths = { "/stop_sequence" },
      guardrailConfig = { guardrailIdentifier = "gr", guardrailVersion = "1", trace = "enabled", streamProcessingMode = "async" },
      requestMetadata = { team = "a", ["cost center"] = "7" }, performanceConfig = { latency = "optimized" },
      serviceTier = { type = "flex" }, promptVariables = { city = { text = "Oslo" } }, outputConfig = { effort = "low" },
      brandNew = { 1 },
    }
    local request = sent("converse", function(client)
      local params = { modelId = "arn:aws:bedrock:us-west-2:123456789012:prompt/ABC:1",
        messages = { { role = "user", content = "Hi" } } }
      for name, value in pairs(extras) do params[name] = value end
      return client:converse(params)
    end)
    local body = judge.decode(tostring(request.body))
    for name, value in pairs(extras) do
      assert(judge.same(judge.decode(bedrock.json.encode(value)), body[name]), name)
    end
  end)

  it("a prompt of prompt management needs no messages", function()
    local request = sent("converse", function(client)
      return client:converse { modelId = "arn:aws:bedrock:us-west-2:123456789012:prompt/ABC:1",
        promptVariables = { city = { text = "Oslo" } } }
    end)
    assert.equal('{"promptVariables":{"city":{"text":"Oslo"}}}', tostring(request.body))
  end)
end)

describe("beside a Messages request", function()
  it("the members of InvokeModel go into headers", function()
    local request = sent("messages", function(client)
      return client.messages:create(ask(), { invoke = {
        guardrailIdentifier = "gr", guardrailVersion = "DRAFT", trace = "ENABLED", performanceConfigLatency = "optimized",
        serviceTier = "priority", requestMetadata = { team = "caf\195\169 \240\159\145\139", app = "x" },
      } })
    end)
    local headers = headers_of(request)
    assert.equal("gr", headers["x-amzn-bedrock-guardrailidentifier"])
    assert.equal("DRAFT", headers["x-amzn-bedrock-guardrailversion"])
    assert.equal("ENABLED", headers["x-amzn-bedrock-trace"])
    assert.equal("optimized", headers["x-amzn-bedrock-performanceconfig-latency"])
    assert.equal("priority", headers["x-amzn-bedrock-service-tier"])
    assert.equal('{"app":"x","team":"caf\\u00e9 \\ud83d\\udc4b"}', headers["x-amzn-bedrock-request-metadata"])
  end)

  it("the model's own members go into the body as they are", function()
    local request = sent("messages", function(client)
      return client.messages:create(ask { top_k = 5, brand_new = { a = 1 },
        ["amazon-bedrock-guardrailConfig"] = { tagSuffix = "xyz" } }, { beta = "one, two" })
    end)
    local body = judge.decode(tostring(request.body))
    assert.equal(5, body.top_k)
    assert.equal(1, body.brand_new.a)
    assert.equal("xyz", body["amazon-bedrock-guardrailConfig"].tagSuffix)
    assert(judge.same(judge.decode '["one","two"]', body.anthropic_beta))
  end)

  it("metadata may be text, and must be something that can be written", function()
    local request = sent("messages", function(client)
      return client.messages:create(ask(), { invoke = { requestMetadata = '{"a":"b"}' } })
    end)
    assert.equal('{"a":"b"}', headers_of(request)["x-amzn-bedrock-request-metadata"])
    local client = scripted.client(function() return answers.messages end)
    local _, err = client.messages:create(ask(), { invoke = { requestMetadata = { a = print } } })
    assert.matches('member "requestMetadata"', err.message)
  end)
end)

describe("checks before a request goes out", function()
  it("are switched for the client and for one call", function()
    local blank = ask { messages = { { role = "user", content = " " } } }
    local function passes(options, opts)
      local client = scripted.client(function() return answers.messages end, options)
      return client.messages:create(blank, opts) ~= nil
    end
    assert.is_false(passes())
    assert.is_true(passes { preflight = false })
    assert.is_true(passes { preflight = { blank = false } })
    assert.is_true(passes(nil, { preflight = false }))
    assert.is_true(passes(nil, { preflight = { blank = false } }))
    assert.is_false(passes({ preflight = false }, { preflight = true }))
    assert.is_false(passes { preflight = { size = false } })
  end)
end)

describe("a guardrail at work", function()
  local server, client

  setup(function()
    server = emulator.start {}
    client = bedrock.new { region = "us-west-2", endpoint = server.url, access_key_id = server.access_key_id,
      secret_access_key = server.secret_access_key, log = function() end }
  end)
  teardown(function() server.stop() end)

  it("stops an answer in both forms, with its trace", function()
    local text = "Write to someone@example.com"
    local reply = assert(client.messages:create(ask { messages = { { role = "user", content = text } } },
      { invoke = { guardrailIdentifier = "gr1", guardrailVersion = "1", trace = "ENABLED" } }))
    assert.equal("INTERVENED", reply["amazon-bedrock-guardrailAction"])
    assert.is_table(reply["amazon-bedrock-trace"])
    local params = { modelId = MODEL, messages = { { role = "user", content = text } },
      guardrailConfig = { guardrailIdentifier = "gr1", guardrailVersion = "1", trace = "enabled" } }
    local answer = assert(client:converse(params))
    assert.equal("guardrail_intervened", answer.stop_reason)
    assert.is_table(answer.trace.guardrail)
    answer = assert(assert(client:converse_stream(params)):message())
    assert.equal("guardrail_intervened", answer.stop_reason)
    assert.is_table(answer.trace.guardrail)
    assert.equal("end_turn", assert(client.messages:create(ask { max_tokens = 64 })).stop_reason)
  end)

  it("of the model's answer, members that were asked for come back, streamed or not", function()
    local params = { modelId = MODEL, messages = { { role = "user", content = "one END two" } },
      inferenceConfig = { stopSequences = { "END" } }, additionalModelResponseFieldPaths = { "/stop_sequence" } }
    assert.equal("END", assert(client:converse(params)).additionalModelResponseFields.stop_sequence)
    local streamed = assert(assert(client:converse_stream(params)):message())
    assert.equal("END", streamed.additionalModelResponseFields.stop_sequence)
  end)
end)
