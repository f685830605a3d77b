--- The operations beside the models: the list of models, and guardrails.

local json = require("bedrock.emulator.json")
local models = require("bedrock.emulator.models")
local refusal = require("bedrock.emulator.refusal")
local encoding = require("bedrock.emulator.encoding")

local control = {}

local function answer(body)
  return { status = 200, headers = { { "Content-Type", "application/json" } }, parts = { { bytes = json.encode(body) } } }
end

--- ListFoundationModels
function control.list_foundation_models(exchange)
  local query = encoding.form(exchange.request.query)
  local list = json.list()
  for _, summary in ipairs(models.summaries(exchange.identity.region or "us-east-1")) do
    local wanted = not query.byProvider or summary.providerName:lower() == query.byProvider:lower()
    wanted = wanted and (not query.byInferenceType or summary.inferenceTypesSupported[1] == query.byInferenceType)
    if wanted then list[#list + 1] = summary end
  end
  return answer({ modelSummaries = list })
end

local BLOCKED = "Sorry, the model cannot answer this question."

-- The emulated guardrail blocks e-mail addresses and the word "forbidden".
local function assess(text)
  local found = {}
  for address in text:gmatch("[%w._%-]+@[%w%-]+%.[%w.]+") do
    found.sensitiveInformationPolicy = { regexes = json.list(), piiEntities = {
      { action = "BLOCKED", detected = true, match = address, type = "EMAIL" } } }
  end
  if text:lower():find("%f[%w]forbidden%f[%W]") then
    found.wordPolicy = { managedWordLists = json.list(), customWords = {
      { action = "BLOCKED", detected = true, match = "forbidden" } } }
  end
  return found
end

--- ApplyGuardrail
function control.apply_guardrail(exchange)
  local body = json.decode(exchange.request.body)
  if not json.is_object(body) or not json.is_list(body.content) then
    refusal.invalid("1 validation error detected: Value null at 'content' failed to satisfy constraint: Member must not be null")
  end
  if body.source ~= "INPUT" and body.source ~= "OUTPUT" then
    refusal.invalid("1 validation error detected: Value '%s' at 'source' failed to satisfy constraint: Member must satisfy " ..
      "enum value set: [INPUT, OUTPUT]", tostring(body.source))
  end
  local texts = {}
  for _, block in ipairs(body.content) do texts[#texts + 1] = block.text and block.text.text end
  local text = table.concat(texts, "\n")
  local assessment = assess(text)
  local blocked = next(assessment) ~= nil
  local units = math.ceil(#text / 1000)
  local coverage = { textCharacters = { guarded = utf8.len(text) or #text, total = utf8.len(text) or #text } }
  return answer({
    action = blocked and "GUARDRAIL_INTERVENED" or "NONE", actionReason = blocked and "Guardrail blocked." or "No action.",
    outputs = json.list(blocked and { { text = BLOCKED } } or {}), assessments = { assessment }, guardrailCoverage = coverage,
    usage = { topicPolicyUnits = 0, contentPolicyUnits = units, wordPolicyUnits = units, sensitiveInformationPolicyUnits = units,
      sensitiveInformationPolicyFreeUnits = 0, contextualGroundingPolicyUnits = 0, contentPolicyImageUnits = 0 },
  })
end

return control
