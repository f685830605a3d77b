-- The table of models and the ids made from it. Knowing a model is a help, never a condition.

local errors = require "bedrock.errors"
local judge = require "spec.support.judge"
local models = require "bedrock.models"

local sonnet = "anthropic.claude-sonnet-4-5-20250929-v1:0"
local opus41 = "anthropic.claude-opus-4-1-20250805-v1:0"

describe("models.get", function()
  it("forgives how a name is written", function()
    for _, name in ipairs { "Claude Sonnet 4.5", "claude-sonnet-4.5", "claude-sonnet-4-5", "sonnet-4-5", "Sonnet 4.5",
      "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5", "claude-4-5-sonnet", sonnet, "eu." .. sonnet,
      "claude-sonnet-4-5@20250929", "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu." .. sonnet,
      "arn:aws:bedrock:us-east-1::foundation-model/" .. sonnet } do
      local model = models.get(name)
      assert.equal(sonnet, model and model.id, name)
    end
    assert.equal("anthropic.claude-3-5-haiku-20241022-v1:0", models.get "claude-3.5-haiku".id)
    assert.equal("anthropic.claude-sonnet-4-20250514-v1:0", models.get "claude-sonnet-4".id)
  end)

  it("knows nothing of other models and of what hides behind an ARN", function()
    for _, name in ipairs { "amazon.nova-pro-v1:0", "claude", "", "claude-sonnet-99",
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl" } do
      assert.is_nil(models.get(name))
    end
  end)

  it("hands out copies", function()
    models.get(sonnet).profiles.global = false
    models.list()[1].id = "changed"
    assert.is_true(models.get(sonnet).profiles.global)
    assert.is_nil(models.get "changed")
  end)
end)

describe("models.id", function()
  local cases = {
    { "claude-sonnet-4.5", nil, "global." .. sonnet },
    { "claude-sonnet-4.5", { scope = "eu" }, "eu." .. sonnet },
    { "claude-sonnet-4.5", { scope = "regional", region = "us-west-2" }, "us." .. sonnet },
    { "claude-sonnet-4.5", { scope = "regional", region = "ap-northeast-1" }, "jp." .. sonnet },
    { "claude-sonnet-4.5", { scope = "base" }, sonnet },
    { "claude-sonnet-4.5", { scope = "au" }, "au." .. sonnet },
    { "claude-sonnet-4", { scope = "regional", region = "ap-northeast-1" }, "apac.anthropic.claude-sonnet-4-20250514-v1:0" },
    { "claude-opus-4.1", nil, "us." .. opus41 },
    { "claude-opus-4.1", { region = "us-east-1" }, "us." .. opus41 },
    { "claude-opus-4.1", { region = "eu-west-1" }, opus41 },
    { "us." .. sonnet, nil, "us." .. sonnet },
    { "us." .. sonnet, { scope = "eu" }, "eu." .. sonnet },
    { "claude-opus-4.7", nil, "anthropic.claude-opus-4-7" },
    { "claude-opus-4.7", { scope = "global" }, "global.anthropic.claude-opus-4-7" },
    { "claude-opus-4.7", { scope = "regional", region = "eu-west-1" }, "eu.anthropic.claude-opus-4-7" },
    { "vendor.model-of-tomorrow-v9:0", { scope = "eu" }, "vendor.model-of-tomorrow-v9:0" },
    { "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us." .. sonnet, { scope = "eu" },
      "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us." .. sonnet },
  }
  for _, case in ipairs(cases) do
    local scope = case[2] and (case[2].scope or "no scope") .. " in " .. (case[2].region or "no region") or "no wish"
    it(("makes %s from %s with %s"):format(case[3], case[1], scope), function()
      assert.equal(case[3], models.id(case[1], case[2]))
    end)
  end

  it("names the profiles that exist when the wished one does not", function()
    local id, err = models.id("claude-opus-4.1", { scope = "eu" })
    assert.is_nil(id)
    assert.is_true(errors.is(err))
    assert.truthy(tostring(err):find("Claude Opus 4.1 has no profile eu", 1, true))
    assert.truthy(err.hint:find("us." .. opus41, 1, true))
    assert.truthy(select(2, models.id("claude-haiku-4.5", { scope = "regional", region = "ap-south-1" })).hint:find "global")
    assert.equal("config", select(2, models.id("claude-haiku-4.5", { scope = "regional" })).kind)
    assert.truthy(select(2, models.id("claude-opus-4", { scope = "us" })).hint:find "retired")
  end)
end)

describe("the facts about models", function()
  it("finds the base id for operations that take no profile", function()
    assert.equal(sonnet, models.base_id("us." .. sonnet))
    assert.equal(sonnet, models.base_id("us-gov." .. sonnet))
    assert.equal("deepseek.r1-v1:0", models.base_id "us.deepseek.r1-v1:0")
    assert.equal("amazon.nova-lite-v1:0", models.base_id "amazon.nova-lite-v1:0")
    local application = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl"
    assert.equal(application, models.base_id(application))
  end)

  it("says which profiles fit a region, for who was told to use one", function()
    assert.same({ "global." .. sonnet, "us." .. sonnet }, models.profile_ids(sonnet, "ca-central-1"))
    assert.same({ "global." .. sonnet }, models.profile_ids(sonnet, "me-south-1"))
    assert.same({}, models.profile_ids("vendor.unknown-v1:0", "us-east-1"))
    assert.same({ "us-gov" }, models.prefixes "us-gov-west-1")
    assert.same({ "apac" }, models.prefixes "ap-northeast-2")
    assert.same({ "au", "apac" }, models.prefixes "ap-southeast-2")
    assert.same({}, models.prefixes(nil))
  end)

  it("warns of models that go away or need an invitation", function()
    assert.equal("Claude Opus 4.1 is deprecated on Bedrock; Claude Opus 4.6 follows it", models.warning(opus41))
    assert.truthy(models.warning "claude-3-7-sonnet":find "retired")
    assert.truthy(models.warning "claude-mythos-preview":find "invited")
    assert.is_nil(models.warning(sonnet))
    assert.is_nil(models.warning "vendor.unknown")
  end)

  it("knows which way leads to which model, and its id there", function()
    local cases = {
      { "claude-haiku-4.5", "mantle", "anthropic.claude-haiku-4-5" },
      { "global.anthropic.claude-haiku-4-5-20251001-v1:0", "mantle", "anthropic.claude-haiku-4-5" },
      { "claude-haiku-4.5", "platform", "claude-haiku-4-5" },
      { "claude-haiku-4.5", "runtime", "global.anthropic.claude-haiku-4-5-20251001-v1:0" },
      { "Claude Opus 4.8", "mantle", "anthropic.claude-opus-4-8" },
      { "claude-mythos-preview", "platform", "claude-mythos-preview" },
      { "claude-opus-4.6", "platform", "claude-opus-4-6" },
      { "vendor.unknown", "mantle", "vendor.unknown" },
    }
    for _, case in ipairs(cases) do assert.equal(case[3], models.id(case[1], { api = case[2] })) end
    local id, err = models.id("claude-opus-4.6", { api = "mantle" })
    assert.same({ nil, "api" }, { id, err.code })
    assert.truthy(err.hint:find('InvokeModel (api = "invoke")', 1, true))
    assert.is_true(models.get("claude-opus-5").apis.mantle)
    assert.is_false(models.get("claude-opus-4").apis.platform)
  end)

  it("hints when an id belongs to another way, and only then", function()
    local haiku = "anthropic.claude-haiku-4-5-20251001-v1:0"
    local cases = {
      { "anthropic.claude-opus-4-8", "invoke", "global.anthropic.claude-opus-4-8" },
      { "anthropic.claude-opus-4-8", "invoke", 'Claude in Amazon Bedrock (api = "mantle")' },
      { "anthropic.claude-haiku-4-5", "runtime", "global." .. haiku },
      { "claude-opus-4-8", "invoke", "global.anthropic.claude-opus-4-8" },
      { "us." .. haiku, "mantle", "anthropic.claude-haiku-4-5" },
      { "us.anthropic.claude-opus-4-6-v1", "mantle", "is not reached through" },
      { "anthropic.claude-opus-4-8", "platform", "its id is claude-opus-4-8" },
      { "eu.anthropic.claude-of-tomorrow", "mantle", "without profile or ARN: anthropic.claude-of-tomorrow" },
      { "claude-of-tomorrow", "mantle", "begin with anthropic." },
      { "claude-of-tomorrow", "invoke", "begin with anthropic." },
      { "anthropic.claude-of-tomorrow", "platform", "no provider in front" },
    }
    for _, case in ipairs(cases) do
      local hint = models.hint(case[1], case[2], "us-west-2")
      assert.truthy(hint and hint:find(case[3], 1, true), case[1] .. " on " .. case[2] .. ": " .. tostring(hint))
    end
    for id, api in pairs {
      ["us." .. haiku] = "invoke", ["global.anthropic.claude-opus-5"] = "runtime", ["anthropic.claude-opus-5"] = "mantle",
      ["claude-opus-5"] = "platform", ["anthropic.claude-of-tomorrow"] = "mantle", ["vendor.unknown-v1:0"] = "invoke",
      ["arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"] = "invoke",
    } do assert.is_nil(models.hint(id, api, "us-west-2"), id) end
  end)

  it("agrees with the facts that were gathered", function()
    local file = io.open "../shared/facts/models.json"
    if not file then return print "note: ../shared is not here" end
    local facts = judge.decode(file:read "*a")
    file:close()
    for _, want in ipairs(facts.models) do
      local got = models.get(want.name)
      assert.equal(want.base_id, got.id)
      assert.equal(want.lifecycle, got.lifecycle)
      assert.equal(want.context_window, got.context_window)
      for prefix, has in pairs(want.profiles) do assert.equal(has, got.profiles[prefix], want.name .. " " .. prefix) end
    end
    for _, want in ipairs(facts.models_without_versioned_id.ids) do
      local got = models.get(want.name)
      assert.equal(want.base_id, got.id)
      assert.equal(want.context_window, got.context_window)
      assert.equal(want.max_output, got.max_output)
    end
  end)
end)
