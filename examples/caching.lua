-- A long prompt is paid for once: what stands before a cache point is read from the cache by the requests that follow.
--
--   make run SCRIPT=examples/caching.lua
--
-- A cached prefix lives for five minutes after its last use, or for an hour: content.cache_point "1h". It must have 1024 to
-- 4096 tokens, by model, and must be the same bytes each time, which the encoder sees to.

local bedrock = require "bedrock"

local rules = {}
for i = 1, 300 do rules[i] = ("Rule %d: answer briefly, name the rule that you follow, and never make one up.\n"):format(i) end

local client = bedrock.new()
for _, question in ipairs { "Which rule is the first?", "Which is the last?", "How many are there?" } do
  local reply = assert(client.messages:create {
    model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    max_tokens = 128,
    system = { table.concat(rules), bedrock.content.cache_point() },
    messages = { { role = "user", content = question } },
  })
  local usage = reply.usage
  print(("%-26s %5d written to the cache, %5d read from it, %3d besides"):format(
    question, usage.cache_write_tokens, usage.cache_read_tokens, usage.input_tokens))
end
