-- The shortest program: one question, one answer.
--
--   make run SCRIPT=examples/hello.lua ARGS="'What is a monad?'"

local bedrock = require "bedrock"

local client = bedrock.new()
local reply = assert(client.messages:create {
  model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
  max_tokens = 256,
  messages = { { role = "user", content = arg[1] or "Hello, world" } },
})

print(reply:text())
print(("(%d tokens in, %d out)"):format(reply.usage.input_tokens, reply.usage.output_tokens))
