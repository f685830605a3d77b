-- Which models can be called from here: the service's two lists and the table of facts, joined.

local json = require "bedrock.json"
local scripted = require "spec.support.scripted"

local CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0"

local function arn(id)
  return "arn:aws:bedrock:us-west-2::foundation-model/" .. id
end

local function summary(id, kinds, more)
  local row = {
    modelId = id, modelArn = arn(id), modelName = "Name of " .. id, providerName = "P", inputModalities = { "TEXT", "IMAGE" },
    outputModalities = { "TEXT" }, responseStreamingSupported = true, inferenceTypesSupported = kinds,
    modelLifecycle = { status = "ACTIVE" },
  }
  for k, v in pairs(more or {}) do row[k] = v end
  return row
end

local function profile(id, models, more)
  local targets = {}
  for i, model in ipairs(models) do targets[i] = { modelArn = model } end
  local row = { inferenceProfileId = id, inferenceProfileArn = "arn:profile/" .. id, status = "ACTIVE",
    type = "SYSTEM_DEFINED", models = targets }
  for k, v in pairs(more or {}) do row[k] = v end
  return row
end

local foundation = {
  summary(CLAUDE, { "INFERENCE_PROFILE" }),
  summary("amazon.nova-lite-v1:0", { "ON_DEMAND", "PROVISIONED" }),
  summary("old.model", { "ON_DEMAND" }, { modelLifecycle = { status = "LEGACY" }, outputModalities = { "EMBEDDING" } }),
}

local profiles = {
  { profile("us." .. CLAUDE, { arn(CLAUDE), "arn:aws:bedrock:us-east-1::foundation-model/" .. CLAUDE }),
    profile("eu." .. CLAUDE, { arn(CLAUDE) }, { status = "INACTIVE" }) },
  { profile("global." .. CLAUDE, { arn(CLAUDE) }), profile("us.amazon.nova-lite-v1:0", { arn("amazon.nova-lite-v1:0") }),
    profile("x", { arn(CLAUDE) }, { type = "APPLICATION", inferenceProfileArn = "arn:mine" }) },
}

local function client(fail)
  return scripted.client(function(request)
    if request.url:find("/foundation-models", 1, true) then return { modelSummaries = foundation } end
    if fail then return scripted.refusal("AccessDeniedException", "no"), 403 end
    local second = request.url:find("nextToken=2", 1, true)
    return { inferenceProfileSummaries = profiles[second and 2 or 1], nextToken = not second and "2" or nil }
  end)
end

local function by_id(list)
  local map = {}
  for _, model in ipairs(list) do map[model.id] = model end
  return map
end

describe("client:models", function()
  it("joins models with the profiles that reach them, best first", function()
    local claude = by_id(assert(client():models()))[CLAUDE]
    assert.same({ "global." .. CLAUDE, "us." .. CLAUDE }, claude.profiles)
    assert.same({ "arn:mine" }, claude.application_profiles)
    assert.is_true(claude.profile_only)
    assert.is_false(claude.on_demand)
    assert.equal("global." .. CLAUDE, claude.call_id)
    assert.equal(200000, claude.context_window)
    assert.equal("Claude Sonnet 4.5", claude.facts.name)
  end)

  it("tells what needs no profile, its lifecycle and its modalities", function()
    local all = by_id(assert(client():models()))
    local nova, old = all["amazon.nova-lite-v1:0"], all["old.model"]
    assert.is_true(nova.on_demand)
    assert.is_true(nova.provisioned)
    assert.is_false(nova.profile_only)
    assert.equal("amazon.nova-lite-v1:0", nova.call_id)
    assert.same({ "us.amazon.nova-lite-v1:0" }, nova.profiles)
    assert.equal("legacy", old.lifecycle)
    assert.same({ "embedding" }, old.output)
    assert.same({ "text", "image" }, old.input)
    assert.is_nil(old.facts)
  end)

  it("passes the provider on and filters by lifecycle and output", function()
    local c = client()
    assert(c:models { provider = "anthropic" })
    assert.matches("byProvider=anthropic", c.transport.requests[1].url)
    assert.equal(1, #assert(c:models { lifecycle = "LEGACY" }))
    assert.equal(2, #assert(c:models { output = "text" }))
  end)

  it("passes over what is no model and no profile, and what says nothing in its place", function()
    local null, array = json.null, json.array
    local odd = { null, 5, true, { modelId = null }, { modelId = "a.b", modelName = null, modelArn = 5, providerName = true,
      modelLifecycle = { status = null }, inferenceTypesSupported = array { null, "ON_DEMAND" }, inputModalities = null } }
    local reaching = { null, 5, { status = null, models = null }, { models = array { null, 5, { modelArn = null } } },
      { inferenceProfileId = null, models = array { { modelArn = arn "a.b" } } } }
    local odd_client = scripted.client(function(request)
      if request.url:find("/inference-profiles", 1, true) then return { inferenceProfileSummaries = array(reaching) } end
      return { modelSummaries = array(odd) }
    end)
    local list = assert(odd_client:models())
    assert.equal(1, #list)
    assert.same({ "a.b", "a.b", "", "active", 0, 0 },
      { list[1].id, list[1].name, list[1].provider, list[1].lifecycle, #list[1].input, #list[1].profiles })
  end)

  it("fails when one of the lists does, and raises for an option that it does not have", function()
    local list, err = client(true):models()
    assert.is_nil(list)
    assert.equal("access_denied", err.kind)
    assert.has_error(function() client():models { povider = "anthropic" } end)
  end)
end)
