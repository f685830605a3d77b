-- A model that thinks before it answers, and goes on thinking in the next turn.
--
--   make run SCRIPT=examples/thinking.lua ARGS="'How many primes are there below 30?'"
--
-- Newer models take thinking = { type = "adaptive" } and output_config = { effort = "high" } instead of a budget.

local bedrock = require "bedrock"

local client = bedrock.new()
local messages = { { role = "user", content = arg[1] or "How many primes are there below 30?" } }

local function ask()
  local stream = assert(client.messages:stream {
    model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    max_tokens = 4096, thinking = { type = "enabled", budget_tokens = 2048 }, messages = messages,
  })
  local before
  for update in stream:updates() do
    if update.type == "thinking" or update.type == "text" then
      if update.type ~= before then io.write(before and "\n" or "", update.type == "text" and "> " or "thinks: ") end
      before = update.type
      io.write(update.text)
      io.flush()
    end
  end
  print()
  return assert(stream:message())
end

-- The reasoning goes back as it came, with its signature: to_message keeps every block as it is.
table.insert(messages, ask():to_message())
table.insert(messages, { role = "user", content = "Are you sure?" })
ask()
