-- An answer that appears as it is written.
--
--   make run SCRIPT=examples/stream.lua ARGS="'Tell me about Lua.'"

local bedrock = require "bedrock"

local client = bedrock.new()
local stream = assert(client.messages:stream {
  model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
  max_tokens = 512,
  messages = { { role = "user", content = arg[1] or "Tell me about Lua." } },
})

-- The loop raises when the stream breaks: its end means that the answer is complete.
for text in stream:text() do
  io.write(text)
  io.flush()
end

local message = assert(stream:message())
print(("\n(%s; %d tokens in, %d out)"):format(message.stop_reason, message.usage.input_tokens, message.usage.output_tokens))
