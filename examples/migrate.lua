-- The same conversation on all four ways to Claude through AWS: only the option `api` and the model's id differ.
--
--   make run SCRIPT=examples/migrate.lua ARGS="'Why is the sky blue?'"
--
-- Each way is one that your account must have: name those behind the question to try them alone. The platform also needs
-- ANTHROPIC_AWS_WORKSPACE_ID.

local bedrock = require "bedrock"

local question = arg[1] or "Why is the sky blue?"

-- A question, its answer, and a second question that is streamed.
local function conversation(api)
  local client = bedrock.new { api = api, workspace_id = os.getenv("ANTHROPIC_AWS_WORKSPACE_ID") or "wrkspc_example" }
  local model = assert(bedrock.models.id("claude-haiku-4.5", { api = api, region = client.settings.region }))
  local history = { { role = "user", content = question } }
  local first = assert(client.messages:create { model = model, max_tokens = 256, messages = history })
  history[2], history[3] = first:to_message(), { role = "user", content = "Say it in one sentence." }
  local stream = assert(client.messages:stream { model = model, max_tokens = 256, messages = history })
  return model, first:text(), assert(stream:message()):text()
end

for _, api in ipairs(arg[2] and { (table.unpack or unpack)(arg, 2) } or { "invoke", "runtime", "mantle", "platform" }) do
  local model, first, second = conversation(api)
  print(("%s, by %s"):format(api, model))
  print("  " .. first)
  print("  " .. second)
end
