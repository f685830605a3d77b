--- The one guardrail there is: it blocks e-mail addresses and the word "forbidden", whatever its identifier.

local json = require("bedrock.emulator.json")
local refusal = require("bedrock.emulator.refusal")

local guardrail = {}

--- What is said instead of a blocked answer.
guardrail.BLOCKED = "Sorry, the model cannot answer this question."

--- What the guardrail finds in a text, or nil when it lets it pass.
---@param text string
---@return table? assessment
function guardrail.assess(text)
  local address = text:match("[%w._%-]+@[%w%-]+%.[%w.]+")
  local word = text:lower():match("%f[%w]forbidden%f[%W]")
  if not address and not word then return nil end
  return {
    sensitiveInformationPolicy = address and { regexes = json.list(), piiEntities = {
      { action = "BLOCKED", detected = true, match = address, type = "EMAIL" } } },
    wordPolicy = word and { managedWordLists = json.list(), customWords = {
      { action = "BLOCKED", detected = true, match = word } } },
  }
end

--- The trace of an answer whose question was blocked.
---@param id string of the guardrail
---@param assessment table
---@return table
function guardrail.trace(id, assessment)
  return { guardrail = { inputAssessment = { [id] = assessment }, actionReason = "Guardrail blocked." } }
end

local function text_of(body)
  if not json.is_object(body) or not json.is_list(body.content) then
    refusal.invalid("1 validation error detected: Value null at 'content' failed to satisfy constraint: Member must not be null")
  elseif body.source ~= "INPUT" and body.source ~= "OUTPUT" then
    refusal.invalid("1 validation error detected: Value '%s' at 'source' failed to satisfy constraint: Member must satisfy " ..
      "enum value set: [INPUT, OUTPUT]", tostring(body.source))
  end
  local texts = {}
  for _, block in ipairs(body.content) do texts[#texts + 1] = block.text and block.text.text end
  return table.concat(texts, "\n")
end

--- ApplyGuardrail
function guardrail.apply(exchange)
  local text = text_of(json.decode(exchange.request.body))
  local found = guardrail.assess(text)
  local units, characters = math.ceil(#text / 1000), utf8.len(text)
  return json.answer({
    action = found and "GUARDRAIL_INTERVENED" or "NONE", actionReason = found and "Guardrail blocked." or "No action.",
    outputs = json.list(found and { { text = guardrail.BLOCKED } }), assessments = { found or {} },
    guardrailCoverage = { textCharacters = { guarded = characters, total = characters } },
    usage = { topicPolicyUnits = 0, contentPolicyUnits = units, wordPolicyUnits = units,
      sensitiveInformationPolicyUnits = units, sensitiveInformationPolicyFreeUnits = 0, contextualGroundingPolicyUnits = 0,
      contentPolicyImageUnits = 0 },
  })
end

return guardrail
