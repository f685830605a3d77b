-- What to do about the failures that people meet most, in the messages as the service writes them.

local bedrock = require "bedrock"
local errors = require "bedrock.errors"
local hints = require "bedrock.hints"

local SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"

local function hint(code, status, message, asked)
  asked = asked or {}
  asked.operation, asked.region = asked.operation or "converse", asked.region or "us-west-2"
  asked.params = asked.params or {}
  local err = errors.from_response(status, { ["x-amzn-errortype"] = code }, "", { message = message })
  return hints.of(err, asked)
end

describe("a hint", function()
  local cases = {
    { "names the profiles that fit the region", "ValidationException", 400,
      "Invocation of model ID x with on-demand throughput isn\226\128\153t supported. Retry your request with ...",
      { model = SONNET }, "From us-west-2 call it as global." .. SONNET .. " or us." .. SONNET },
    { "names them for another region", "ValidationException", 400, "... on-demand throughput isn't supported ...",
      { model = SONNET, region = "ap-northeast-1" }, "global." .. SONNET .. " or jp." .. SONNET },
    { "tells where to look for the profiles of a model that is not in the table", "ValidationException", 400,
      "with on-demand throughput isn't supported", { model = "anthropic.claude-next-v9:0" }, "client:models()" },
    { "names the betas that the body sets", "ValidationException", 400,
      "The model returned the following errors: invalid beta flag",
      { params = { body = { anthropic_beta = { "one-2025", "two-2025" } } } }, "one of the betas one-2025, two-2025" },
    { "names the beta that Converse passes on", "ValidationException", 400, "invalid beta flag",
      { params = { additionalModelRequestFields = { anthropic_beta = { "one-2025" } } } },
      "does not take the beta one-2025" },
    { "tells how access to a model is had", "AccessDeniedException", 403,
      "You don't have access to the model with the specified model ID.", { model = SONNET }, "Model access" },
    { "knows the models for invited customers", "AccessDeniedException", 403,
      "You don't have access to the model with the specified model ID.", { model = "anthropic.claude-mythos-preview" },
      "invited" },
    { "names the permission", "AccessDeniedException", 403,
      "User: arn:aws:iam::123456789012:user/x is not authorized to perform: bedrock:InvokeModelWithResponseStream on ...",
      { operation = "converse_stream", model = "us." .. SONNET },
      "bedrock:InvokeModelWithResponseStream on the inference profile" },
    { "explains the marketplace", "AccessDeniedException", 403,
      "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace " ..
      "actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe)", nil, "subscribed to once" },
    { "explains a refused cache point", "ValidationException", 400,
      "The model returned the following errors: system.0.cache_control: Extra inputs are not permitted", nil, "cache = false" },
    { "explains a model without a cache", "AccessDeniedException", 403,
      "You invoked an unsupported model or your request did not allow prompt caching.", nil, "cache = false" },
    { "counts cache points", "ValidationException", 400,
      "A maximum of 4 blocks with cache_control may be provided. Found 5.", nil, "four at most" },
    { "tells a quota of tokens from a context window", "ThrottlingException", 429,
      "Too many tokens, please wait before trying again.",
      { model = SONNET, params = { inferenceConfig = { maxTokens = 5 } } }, "not the model's context window" },
    { "names what a call reserves that does not say how long its answer may be", "ThrottlingException", 429,
      "Too many tokens, please wait before trying again.", { model = "us.anthropic.claude-opus-4-7" },
      "longest answer (128000 tokens): set it" },
    { "does not speak of Converse where that is not what was called", "ThrottlingException", 429,
      "Too many tokens, please wait before trying again.", { model = SONNET, operation = "invoke_model" }, "lower max_tokens" },
    { "names the context window", "ValidationException", 400,
      "The model returned the following errors: prompt is too long: 205000 tokens > 200000 maximum", { model = "us." .. SONNET },
      "200000 tokens" },
    { "names what follows a model that is gone", "ResourceNotFoundException", 404,
      "This model version has reached the end of its life.", { model = "anthropic.claude-3-7-sonnet-20250219-v1:0" },
      "Claude Sonnet 4.6 follows it" },
    { "sends who counts tokens to the base id", "ValidationException", 400,
      "The provided model doesn't support counting tokens.", nil, "base id" },
    { "helps with an id", "ValidationException", 400, "The provided model identifier is invalid.", nil, "bedrock.models.id" },
    { "tells where keys come from", "UnrecognizedClientException", 403,
      "The security token included in the request is invalid.", nil, "client:identity()" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local text = hint(case[2], case[3], case[4], case[5])
      assert.is_string(text)
      assert.truthy(text:find(case[6], 1, true), text)
      assert.is_nil(text:find "%.$")
    end)
  end

  it("never takes a throttle for an overflow, nor an overflow for a throttle", function()
    assert.matches("It passes", (hint("ThrottlingException", 429, "prompt is too long")))
    assert.is_nil((hint("ValidationException", 400, "Too many tokens in the tool description")))
    assert.is_nil((hint("ValidationException", 400, "Something that nobody knows")))
  end)
end)

describe("a client", function()
  local emulator = require "spec.support.emulator"
  local server

  setup(function() server = emulator.start {} end)
  teardown(function() server.stop() end)

  local function new(log)
    return bedrock.new { region = "eu-west-1", endpoint = server.url, access_key_id = server.access_key_id,
      secret_access_key = server.secret_access_key, retry = { max_attempts = 1 }, log = log or function() end }
  end

  local function ask(model)
    return { model = model, max_tokens = 9, messages = { { role = "user", content = "Hello" } } }
  end

  it("gives its errors their hints, before and inside a stream", function()
    local client = new()
    for _, method in ipairs { "create", "stream" } do
      local _, err = client.messages[method](client.messages, ask(SONNET))
      assert.equal("From eu-west-1 call it as global." .. SONNET .. " or eu." .. SONNET, err.hint)
      assert.truthy(tostring(err):find(err.hint, 1, true))
    end
    local _, err = client:converse { modelId = SONNET, messages = { { role = "user", content = "Hello" } } }
    assert.truthy(err.hint:find("eu." .. SONNET, 1, true))
  end)

  it("warns once of a model that is going away", function()
    local said = {}
    local client = new(function(level, message) said[#said + 1] = level == "warn" and message or nil end)
    for _ = 1, 2 do client.messages:create(ask "us.anthropic.claude-opus-4-1-20250805-v1:0") end
    client.messages:count_tokens(ask "us.anthropic.claude-opus-4-1-20250805-v1:0")
    client.messages:create(ask("global." .. SONNET))
    assert.equal(1, #said)
    assert.matches("Claude Opus 4.1 is deprecated on Bedrock", said[1])
    client:converse { modelId = "us.anthropic.claude-3-7-sonnet-20250219-v1:0", messages = { { role = "user", content = "x" } } }
    assert.matches("is retired", said[2])
    new(function(level, message) said[#said + 1] = level == "warn" and message or nil end).messages:create(
      ask "us.anthropic.claude-opus-4-1-20250805-v1:0")
    assert.equal(3, #said)
  end)
end)
