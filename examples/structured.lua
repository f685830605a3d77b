-- A JSON schema goes in, a checked Lua value comes out.
--
--   make run SCRIPT=examples/structured.lua ARGS="'Anna Berg, 34, sails and plays chess.'"

local bedrock = require "bedrock"

local client = bedrock.new()
local person, err = client.messages:parse {
  model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
  max_tokens = 512,
  messages = { { role = "user", content = "Who is this? " .. (arg[1] or "Anna Berg, 34, sails and plays chess.") } },
  schema = {
    type = "object", required = { "name", "age", "hobbies" },
    properties = {
      name = { type = "string" },
      age = { type = "integer", minimum = 0, maximum = 150 },
      hobbies = { type = "array", items = { type = "string" } },
    },
  },
}

if not person then
  -- the answer was cut, is no JSON, or does not fit; err.reply is what the model said
  print(err)
  os.exit(1)
end
print(("%s, %d, likes %s"):format(person.name, person.age, table.concat(person.hobbies, " and ")))
