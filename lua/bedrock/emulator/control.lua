--- The control plane, as far as it tells of models: foundation models and inference profiles.

local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local models = require("bedrock.emulator.models")
local paging = require("bedrock.emulator.paging")
local refusal = require("bedrock.emulator.refusal")

local control = {}

local function region_of(exchange)
  return exchange.identity.region or "us-east-1"
end

--- ListFoundationModels
function control.list_foundation_models(exchange)
  local query, list = encoding.form(exchange.request.query), json.list()
  for _, summary in ipairs(models.summaries(region_of(exchange))) do
    local wanted = not query.byProvider or summary.providerName:lower() == query.byProvider:lower()
    wanted = wanted and (not query.byInferenceType or summary.inferenceTypesSupported[1] == query.byInferenceType)
    if wanted then list[#list + 1] = summary end
  end
  return json.answer({ modelSummaries = list })
end

local function find(list, id, names)
  for _, item in ipairs(list) do
    for _, name in ipairs(names) do
      if item[name] == id then return item end
    end
  end
end

--- GetFoundationModel
function control.get_foundation_model(exchange)
  local found = find(models.summaries(region_of(exchange)), exchange.params[1], { "modelId", "modelArn" })
  if not found then refusal.invalid("The provided model identifier is invalid.") end
  return json.answer({ modelDetails = found })
end

--- ListInferenceProfiles, in pages
function control.list_inference_profiles(exchange)
  local query = encoding.form(exchange.request.query)
  local all = query.type == "APPLICATION" and {} or models.profiles(region_of(exchange))
  return paging.answer(exchange, "inferenceProfileSummaries", all)
end

--- GetInferenceProfile
function control.get_inference_profile(exchange)
  local id = exchange.params[1]
  local found = find(models.profiles(region_of(exchange)), id, { "inferenceProfileId", "inferenceProfileArn" })
  if not found then
    refusal.raise("ResourceNotFoundException", "The provided inference profile %s was not found.", id)
  end
  return json.answer(found)
end

return control
