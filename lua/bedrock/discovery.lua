--- Which models can be called from here, and by which id: the service's lists, joined with the table of facts.
--
-- ListFoundationModels tells what there is in the region, ListInferenceProfiles through which profiles a model can be
-- reached from it; bedrock.models adds what the service does not say (context window, other lifecycle).

local models = require "bedrock.models"
local pages = require "bedrock.pages"

local discovery = {}

---@class bedrock.AvailableModel
---@field id string the base id
---@field name string
---@field provider string
---@field arn string
---@field lifecycle string in lower case: "active", "legacy"
---@field input string[] modalities in lower case: "text", "image"
---@field output string[]
---@field streaming boolean
---@field on_demand boolean whether it can be called by its base id
---@field provisioned boolean whether throughput can be bought for it
---@field profile_only boolean whether it can be called through a profile only
---@field profiles string[] ids of the system's profiles that can be used from this region, best first
---@field application_profiles string[] ARNs of your own profiles that route to it
---@field call_id string? what to call it by: its id where that works, else its best profile
---@field context_window integer? tokens, where it is known
---@field facts bedrock.Model? what bedrock.models knows

local options_known = { provider = true, lifecycle = true, output = true, call = true }

local function text(value)
  return type(value) == "string" and value or nil
end

-- The elements of a list of the service that are what they should be.
local function elements(list, kind)
  local found = {}
  for _, element in ipairs(type(list) == "table" and list or {}) do
    if type(element) == kind then found[#found + 1] = element end
  end
  return found
end

local function lower(list)
  local out = {}
  for i, word in ipairs(elements(list, "string")) do out[i] = word:lower() end
  return out
end

local function has(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then return true end
  end
  return false
end

-- Global first, because it costs no premium; then what lies nearest; then the rest as the service has it.
local function ranks(region)
  local rank = { global = 0 }
  for i, prefix in ipairs(models.prefixes(region)) do rank[prefix] = i end
  return rank
end

local function sort_profiles(list, region)
  local rank = ranks(region)
  local function of(id) return rank[id:match("^[^.]+")] or 100 end
  table.sort(list, function(a, b)
    if of(a) ~= of(b) then return of(a) < of(b) end
    return a < b
  end)
  return list
end

-- Puts a profile to each model that it routes to; the same model stands in it once for every region.
local function add_profile(by_model, profile)
  local own = profile.type == "APPLICATION"
  local seen = {}
  for _, target in ipairs(elements(profile.models, "table")) do
    local id = models.base_id(text(target.modelArn) or "")
    if not seen[id] then
      seen[id] = true
      by_model[id] = by_model[id] or { system = {}, own = {} }
      local list = own and by_model[id].own or by_model[id].system
      list[#list + 1] = text(own and profile.inferenceProfileArn or profile.inferenceProfileId)
    end
  end
end

-- Whether it can be used; one that does not say can.
local function is_active(profile)
  return type(profile) == "table" and (not text(profile.status) or profile.status == "ACTIVE")
end

local function profiles_by_model(client, opts)
  local by_model, pager = {}, pages.each(client, "list_inference_profiles", nil, opts)
  while true do
    local profile, err = pager:next()
    if err then return nil, err end
    if not profile then return by_model end
    if is_active(profile) then add_profile(by_model, profile) end
  end
end

--- What the service's words of a model and its profiles come to. Pure.
---@param summary table of ListFoundationModels
---@param found { system: string[], own: string[] }? its profiles
---@param region string?
---@return bedrock.AvailableModel
function discovery.join(summary, found, region)
  local kinds, facts = lower(summary.inferenceTypesSupported), models.get(summary.modelId)
  local lifecycle = type(summary.modelLifecycle) == "table" and text(summary.modelLifecycle.status) or "ACTIVE"
  local profiles = sort_profiles(found and found.system or {}, region)
  local on_demand = has(kinds, "on_demand")
  return {
    id = summary.modelId, name = text(summary.modelName) or summary.modelId, provider = text(summary.providerName) or "",
    arn = text(summary.modelArn), lifecycle = lifecycle:lower(),
    input = lower(summary.inputModalities), output = lower(summary.outputModalities),
    streaming = summary.responseStreamingSupported == true, on_demand = on_demand, provisioned = has(kinds, "provisioned"),
    profile_only = not on_demand and (#profiles > 0 or has(kinds, "inference_profile")), profiles = profiles,
    application_profiles = found and found.own or {},
    call_id = on_demand and summary.modelId or profiles[1], context_window = facts and facts.context_window, facts = facts,
  }
end

-- Claude in Amazon Bedrock calls its models by other ids, and has few of them.
local function call_on_mantle(model)
  local facts = model.facts
  model.call_id = facts and facts.apis.mantle and models.id(facts.name, { api = "mantle" }) or nil
end

-- What the region has.
local function on_bedrock(client, options)
  local answer, err = client:call("list_foundation_models", { byProvider = options.provider }, options.call)
  if not answer then return nil, err end
  local profiles, failed = profiles_by_model(client, options.call)
  if not profiles then return nil, failed end
  local all = {}
  for _, summary in ipairs(elements(answer.modelSummaries, "table")) do
    local model = text(summary.modelId) and discovery.join(summary, profiles[summary.modelId], client.settings.region)
    if model and client.settings.api.name == "mantle" then call_on_mantle(model) end
    all[#all + 1] = model or nil
  end
  return all
end

-- What Anthropic has there; nobody else has anything.
local function on_platform(client, options)
  if options.provider and options.provider:lower() ~= "anthropic" then return {} end
  return require("bedrock.platform").models(client, options.call)
end

local function fits(model, options)
  return (not options.lifecycle or model.lifecycle == options.lifecycle:lower()) and
    (not options.output or has(model.output, options.output:lower()))
end

--- The models that there are in the client's region.
---@param client bedrock.Client
---@param options { provider: string?, lifecycle: string?, output: string?, call: table? }? provider: "anthropic";
--- lifecycle: "active" or "legacy"; output: a modality such as "text"; call: options of the calls, as timeouts
---@return bedrock.AvailableModel[]? models in the order of their ids
---@return bedrock.Error? err
function discovery.models(client, options)
  options = options or {}
  for name in pairs(options) do
    if not options_known[name] then error(("client:models has no option %q"):format(tostring(name)), 3) end
  end
  local all, err
  if client.settings.api.offers.models then
    all, err = on_platform(client, options)
  else
    all, err = on_bedrock(client, options)
  end
  if not all then return nil, err end
  local list = {}
  for _, model in ipairs(all) do
    if fits(model, options) then list[#list + 1] = model end
  end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

return discovery
