--- Which model ids the emulator takes, and which of them need an inference profile.
--
-- Ids change every few weeks, so only the shape and the provider are checked. What is listed here is what behaves differently:
-- old models that can be called without a profile, and models that are gone.

local json = require("bedrock.emulator.json")
local refusal = require("bedrock.emulator.refusal")

local models = {}

local providers = { "anthropic", "amazon", "meta", "mistral", "cohere", "ai21", "deepseek", "openai", "qwen", "stability",
  "writer" }
for _, name in ipairs(providers) do providers[name] = true end

-- longest first: "us-gov." before "us."
local prefixes = { "global", "us-gov", "apac", "amer", "us", "eu", "jp", "au", "ca", "sa", "ug" }

-- Claude models that can be called by their bare id; all later ones need a profile.
local on_demand = {
  "anthropic.claude-instant-v1", "anthropic.claude-v2", "anthropic.claude-3-haiku-20240307-v1:0",
  "anthropic.claude-3-sonnet-20240229-v1:0", "anthropic.claude-3-5-sonnet-20240620-v1:0",
}
for _, id in ipairs(on_demand) do on_demand[id] = true end

local retired = { ["anthropic.claude-3-7-sonnet-20250219-v1:0"] = true, ["anthropic.claude-opus-4-20250514-v1:0"] = true }

local arn_kinds = {
  "foundation-model", "inference-profile", "application-inference-profile", "provisioned-model", "custom-model", "imported-model",
  "custom-model-deployment", "prompt", "prompt-router", "default-prompt-router",
}
for _, kind in ipairs(arn_kinds) do arn_kinds[kind] = true end

local catalogue = {
  { "anthropic.claude-opus-4-6-v1", "Claude Opus 4.6", "Anthropic", "INFERENCE_PROFILE" },
  { "anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6", "Anthropic", "INFERENCE_PROFILE" },
  { "anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", "Anthropic", "INFERENCE_PROFILE" },
  { "anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", "Anthropic", "INFERENCE_PROFILE" },
  { "anthropic.claude-opus-4-5-20251101-v1:0", "Claude Opus 4.5", "Anthropic", "INFERENCE_PROFILE" },
  { "anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", "Anthropic", "ON_DEMAND" },
  { "amazon.nova-lite-v1:0", "Nova Lite", "Amazon", "ON_DEMAND" },
  { "amazon.nova-pro-v1:0", "Nova Pro", "Amazon", "ON_DEMAND" },
}

local function without_prefix(id)
  for _, prefix in ipairs(prefixes) do
    if id:sub(1, #prefix + 1) == prefix .. "." then return id:sub(#prefix + 2), prefix end
  end
  return id
end

local function invalid()
  refusal.invalid("The provided model identifier is invalid.")
end

local function of_arn(arn)
  local kind, rest = arn:match("^arn:aws[%w%-]*:bedrock:[%w%-]*:%d*:([%w%-]+)/(.+)$")
  if not arn_kinds[kind] then invalid() end
  local base = without_prefix(rest)
  return { id = arn, base = base, anthropic = not base:find("^%l+%.") or base:find("^anthropic%.") ~= nil, profile = true }
end

--- The model behind an id; refuses ids that name none.
---@param id string as in the path, decoded
---@return table id, base (id without profile prefix), anthropic, profile (whether a profile was named)
function models.find(id)
  if id:find("^arn:") then return of_arn(id) end
  local base, prefix = without_prefix(id)
  local provider, name = base:match("^([%w]+)%.([%w%-%.:]+)$")
  if not providers[provider] or not name:find("^%w") then invalid() end
  if retired[base] then
    refusal.raise("ResourceNotFoundException",
      "This model version has reached the end of its life. Please refer to the AWS documentation for more details.")
  end
  return { id = id, base = base, anthropic = provider == "anthropic", profile = prefix ~= nil }
end

--- The model behind an id that is about to be invoked; refuses those that need a profile and come without.
---@param id string
---@return table
function models.invocable(id)
  local model = models.find(id)
  if model.anthropic and not model.profile and not on_demand[model.base] then
    refusal.invalid("Invocation of model ID %s with on-demand throughput isn\u{2019}t supported. Retry your request with the " ..
      "ID or ARN of an inference profile that contains this model.", id)
  end
  return model
end

--- The name by which the model calls itself in a Messages answer: without provider and version.
---@param model table
---@return string
function models.own_name(model)
  return (model.base:gsub("^%l+%.", ""):gsub("%-v%d+:?%d*$", ""))
end

--- What ListFoundationModels tells of each model.
---@return table[]
function models.summaries(region)
  local list = {}
  for i, row in ipairs(catalogue) do
    list[i] = {
      modelArn = ("arn:aws:bedrock:%s::foundation-model/%s"):format(region, row[1]), modelId = row[1], modelName = row[2],
      providerName = row[3], inputModalities = { "TEXT", "IMAGE" }, outputModalities = { "TEXT" },
      responseStreamingSupported = true, customizationsSupported = json.list(), inferenceTypesSupported = { row[4] },
      modelLifecycle = { status = "ACTIVE" },
    }
  end
  return list
end

-- The prefix of the profiles that stay in a region's part of the world.
local function geography(region)
  local start = region:match("^%l+")
  return start == "eu" and "eu" or start == "us" and "us" or "apac"
end

--- The inference profiles that can be used from a region.
---@param region string
---@return table[]
function models.profiles(region)
  local list = {}
  for _, prefix in ipairs({ "global", geography(region) }) do
    for _, row in ipairs(catalogue) do
      if row[4] == "INFERENCE_PROFILE" then
        local id = prefix .. "." .. row[1]
        list[#list + 1] = {
          inferenceProfileId = id, inferenceProfileName = prefix:upper() .. " " .. row[2], type = "SYSTEM_DEFINED",
          inferenceProfileArn = ("arn:aws:bedrock:%s:123456789012:inference-profile/%s"):format(region, id), status = "ACTIVE",
          models = { { modelArn = ("arn:aws:bedrock:%s::foundation-model/%s"):format(region, row[1]) } },
          createdAt = "2025-01-02T03:04:05Z", updatedAt = "2025-01-02T03:04:05Z",
        }
      end
    end
  end
  return list
end

return models
