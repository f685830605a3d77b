-- A conversation in the terminal, kept in a file: the next time it goes on where it was.
--
--   make run SCRIPT=examples/chat.lua ARGS=chat.json

local bedrock = require "bedrock"

local client, path = bedrock.new(), arg[1]

local function read(name)
  local file = name and io.open(name, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local function write(name, text)
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
end

local saved = read(path)
local chat = saved and assert(client:load_chat(saved)) or client:chat {
  model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
  max_tokens = 1024, system = "You are a patient teacher of Lua.",
}
if saved then print(("(%d messages so far)"):format(#chat.messages)) end

for line in io.lines() do
  for text in chat:stream(line):text() do
    io.write(text)
    io.flush()
  end
  print()
  if path then write(path, assert(chat:save())) end
end
print(("(%d messages, %d tokens in all)"):format(#chat.messages, chat.usage.total_tokens or 0))
