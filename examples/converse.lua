-- Any model, in Bedrock's own format: Converse, then the same as a stream.
--
--   make run SCRIPT=examples/converse.lua

local bedrock = require "bedrock"

local client = bedrock.new()
local request = {
  modelId = os.getenv("BEDROCK_MODEL") or "us.amazon.nova-lite-v1:0",
  system = { { text = "Answer in one sentence." } },
  messages = { { role = "user", content = { { text = arg[1] or "Why is the sky blue?" } } } },
  inferenceConfig = { maxTokens = 256 },
}

local answer = assert(client:converse(request))
print(answer:text())
print(("(%s; %d tokens in all)"):format(answer.stopReason, answer.usage.totalTokens))

local stream = assert(client:converse_stream(request))
for event in stream:events() do
  local delta = event.contentBlockDelta and event.contentBlockDelta.delta
  if delta and delta.text then
    io.write(delta.text)
    io.flush()
  end
end
print()
