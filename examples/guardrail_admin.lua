-- A guardrail from its making to its end: made, waited for, numbered, applied, listed, deleted.
--
--   make run SCRIPT=examples/guardrail_admin.lua

local bedrock = require "bedrock"

local client = bedrock.new()

local made = assert(client:create_guardrail {
  name = "example-" .. os.time(), description = "Made by an example of the bedrock module",
  wordPolicyConfig = { wordsConfig = { { text = "forbidden" } } },
  sensitiveInformationPolicyConfig = { piiEntitiesConfig = { { type = "EMAIL", action = "BLOCK" } } },
  blockedInputMessaging = "I cannot talk about that.", blockedOutputsMessaging = "I cannot say that.",
})
local id = { guardrailIdentifier = made.guardrailId }
print("made " .. made.guardrailId)

local ready = assert(client:wait("get_guardrail", id, { at_most = 120 }))
print("it is " .. ready.status)

local version = assert(client:create_guardrail_version(id)).version
print("version " .. version)

for _, text in ipairs { "What is the weather like?", "Write to someone@example.com" } do
  local answer = assert(client:apply_guardrail {
    guardrailIdentifier = made.guardrailId, guardrailVersion = version, source = "INPUT",
    content = { { text = { text = text } } },
  })
  print(("%-30s %s"):format(text, answer.action))
end

for item in client:each("list_guardrails") do print("there is " .. item.name) end

assert(client:delete_guardrail(id))
print("deleted " .. made.guardrailId)
