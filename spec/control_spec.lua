-- The control plane end to end, against the emulator: models, guardrails, logging, asynchronous calls, and every other operation.

local bedrock = require "bedrock"
local emulator = require "spec.support.emulator"
local operations = require "bedrock.operations"

local server, client

setup(function()
  server = emulator.start { pace = 0 }
  client = bedrock.new {
    region = "us-west-2", endpoint = server.url, access_key_id = server.access_key_id,
    secret_access_key = server.secret_access_key, log = function() end,
  }
end)
teardown(function() server.stop() end)

local function texts(name)
  return { name = name, blockedInputMessaging = "No.", blockedOutputsMessaging = "No." }
end

describe("models", function()
  it("are found with the ids to call them by", function()
    local list = assert(client:models { provider = "anthropic" })
    assert.is_true(#list > 3)
    for _, model in ipairs(list) do
      assert.equal("active", model.lifecycle)
      local answer = assert(client:converse {
        modelId = model.call_id, messages = { { role = "user", content = { { text = "Hello" } } } },
      })
      assert.is_true(#answer:text() > 0)
    end
  end)

  it("have profiles over several pages", function()
    local pages, profiles = 0, 0
    for page in client:pages("list_inference_profiles", { maxResults = 3 }) do
      pages, profiles = pages + 1, profiles + #page.inferenceProfileSummaries
    end
    local each = 0
    for _ in client:each("list_inference_profiles") do each = each + 1 end
    assert.is_true(pages > 2)
    assert.equal(each, profiles)
  end)
end)

describe("a guardrail", function()
  it("is made, numbered, changed and deleted", function()
    local params = texts("spec")
    params.wordPolicyConfig = { wordsConfig = { { text = "forbidden" } } }
    local made = assert(client:create_guardrail(params))
    local id = { guardrailIdentifier = made.guardrailId }
    local ready = assert(client:wait("get_guardrail", id))
    assert.equal("forbidden", ready.wordPolicy.words[1].text)
    assert.equal("1", assert(client:create_guardrail_version(id)).version)
    local changed = texts("renamed")
    changed.guardrailIdentifier = made.guardrailArn
    assert(client:update_guardrail(changed))
    assert.equal("renamed", assert(client:get_guardrail(id)).name)
    assert.equal("spec", assert(client:get_guardrail { guardrailIdentifier = made.guardrailId, guardrailVersion = "1" }).name)
    local versions = {}
    for item in client:each("list_guardrails", id) do versions[#versions + 1] = item.version end
    assert.same({ "DRAFT", "1" }, versions)
    assert(client:delete_guardrail(id))
    assert.equal("not_found", select(2, client:get_guardrail(id)).kind)
  end)

  it("of a name that is taken is a conflict", function()
    assert(client:create_guardrail(texts("twice")))
    assert.equal("conflict", select(2, client:create_guardrail(texts("twice"))).kind)
  end)

  it("is one of many pages", function()
    for i = 1, 12 do assert(client:create_guardrail(texts("many" .. i))) end
    local names = {}
    for item in client:each("list_guardrails", { maxResults = 5 }) do names[item.name] = true end
    for i = 1, 12 do assert.is_true(names["many" .. i]) end
  end)
end)

describe("invocation logging", function()
  it("is turned on, told, and turned off", function()
    local logging = client:logging()
    assert.is_false(logging:get())
    local config = assert(logging:enable { s3 = "s3://logs/bedrock", video = false })
    assert.same(config, logging:get())
    assert.equal("bedrock", config.s3Config.keyPrefix)
    assert.is_true(logging:disable())
    assert.is_false(logging:get())
  end)
end)

describe("an asynchronous call", function()
  local function start(prompt, token)
    return assert(client:start_async_invoke {
      modelId = "amazon.nova-reel-v1:0", modelInput = { prompt = prompt }, clientRequestToken = token,
      outputDataConfig = { s3OutputDataConfig = { s3Uri = "s3://videos/out" } },
    }).invocationArn
  end

  it("is waited for, and its result is in S3", function()
    local done = assert(client:wait("get_async_invoke", { invocationArn = start("a sunrise") }))
    assert.equal("Completed", done.status)
    local objects = assert(require("bedrock.s3").of(client):list("videos", "out/"))
    assert.equal(2, #objects)
  end)

  it("that fails says why", function()
    local result, err = client:wait("get_async_invoke", { invocationArn = start("please fail") })
    assert.is_nil(result)
    assert.equal("Failed", err.code)
    assert.matches("asked to fail", err.message)
  end)

  it("with the same token is the same", function()
    assert.equal(start("x", "token-of-the-spec-0000000000000000"), start("x", "token-of-the-spec-0000000000000000"))
  end)

  it("is listed", function()
    local seen = 0
    for item in client:each("list_async_invokes", { statusEquals = "Completed", maxResults = 1 }) do
      assert.equal("Completed", item.status)
      seen = seen + 1
    end
    assert.is_true(seen >= 2)
  end)
end)

-- A value of every type; labels get bytes that only an encoded path carries.
local samples = {
  string = "a/b:c d", integer = 3, long = 3, double = 0.5, float = 0.5, boolean = true, time = 1700000000,
  epoch = 1700000000, document = { any = "thing" }, object = { some = "thing" }, oneof = { arm = "x" }, blob = "bytes",
  json = { some = "thing" },
}

local function filled(op)
  local params = {}
  for _, m in ipairs(op.inputs) do
    if m.required then
      local value = samples[m.type]
      params[m.name] = m.container == "list" and { value } or m.container == "map" and { k = value } or value
    end
  end
  return params
end

describe("every other operation", function()
  it("answers with how it understood the request", function()
    local got = assert(client:delete_automated_reasoning_policy_build_workflow {
      policyArn = "arn:aws:bedrock:us-west-2:1:automated-reasoning-policy/p", buildWorkflowId = "b/1",
      lastUpdatedAt = "2025-01-02T03:04:05Z",
    })
    assert.equal("DeleteAutomatedReasoningPolicyBuildWorkflow", got.operation)
    assert.same({ policyArn = "arn:aws:bedrock:us-west-2:1:automated-reasoning-policy/p", buildWorkflowId = "b/1" }, got.path)
    assert.same({ updatedAt = "2025-01-02T03:04:05Z" }, got.query)
    local made = assert(client:create_prompt_router {
      promptRouterName = "r", models = { { modelArn = "arn:m" } }, routingCriteria = { responseQualityDifference = 0.5 },
      fallbackModel = { modelArn = "arn:f" }, clientRequestToken = "t",
    })
    assert.equal("CreatePromptRouter", made.operation)
    assert.equal(0.5, made.body.routingCriteria.responseQualityDifference)
  end)

  it("is known to the emulator by its method and path", function()
    local missing, count = {}, 0
    for _, service in ipairs { "bedrock", "bedrock-runtime" } do
      for _, name in ipairs(operations.names(service)) do
        local op = operations.find(name)
        if not op.duplex then
          local answer, err = client:call(name, filled(op))
          count = count + 1
          local answered = answer and answer.operation
          if err and err.code == "UnknownOperationException" or answered and answered ~= op.name then
            missing[#missing + 1] = name .. ": " .. tostring(answered or err)
          end
          if answer and answer.close then answer:close() end
        end
      end
    end
    assert.equal("", table.concat(missing, "\n"))
    assert.is_true(count >= 118)
  end)
end)
