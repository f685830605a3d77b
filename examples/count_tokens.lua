-- How many tokens a request has, before it is sent and free of charge, in both formats.
--
--   make run SCRIPT=examples/count_tokens.lua ARGS="'How long is this?'"
--
-- The service counts for base ids only; the prefix of a profile is taken off here.

local bedrock = require "bedrock"

local client = bedrock.new()
local model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0"
local messages = { { role = "user", content = { arg[1] or "How long is this?" } } }

print("as Messages: " .. assert(client.messages:count_tokens { model = model, messages = messages }).input_tokens)
print("as Converse: " .. assert(client:count_tokens { modelId = model, messages = messages }).input_tokens)
