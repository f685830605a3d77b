-- A guardrail before a model: what it stops, and why.
--
--   make run SCRIPT=examples/guardrail.lua ARGS="gr-abc123 1"
--
-- Without the identifier of a guardrail one is made for this run and deleted after it.

local bedrock = require "bedrock"

local client = bedrock.new()

local function make()
  local made = assert(client:create_guardrail {
    name = "example-" .. os.time(), blockedInputMessaging = "I cannot talk about that.",
    blockedOutputsMessaging = "I cannot say that.",
    sensitiveInformationPolicyConfig = { piiEntitiesConfig = { { type = "EMAIL", action = "BLOCK" } } },
  })
  assert(client:wait("get_guardrail", { guardrailIdentifier = made.guardrailId }, { at_most = 120 }))
  return made.guardrailId
end

local own = not arg[1] and make()

for _, question in ipairs { "Say hello.", "Write to someone@example.com for me." } do
  local answer = assert(client:converse {
    modelId = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    messages = { { role = "user", content = question } }, inferenceConfig = { maxTokens = 128 },
    guardrailConfig = { guardrailIdentifier = own or arg[1], guardrailVersion = arg[2] or "DRAFT", trace = "enabled" },
  })
  print(("%s\n  %s: %s"):format(question, answer.stopReason, answer:text()))
  if answer.stopReason == "guardrail_intervened" and answer.trace then
    print("  because: " .. tostring(answer.trace.guardrail.actionReason))
  end
end

if own then assert(client:delete_guardrail { guardrailIdentifier = own }) end
