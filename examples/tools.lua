-- A model that uses a function of this program: the loop runs by itself, and tells what it does while it streams.
--
--   make run SCRIPT=examples/tools.lua ARGS="'What is the weather in Paris?'"

local bedrock = require "bedrock"

local weather = bedrock.tool {
  name = "get_weather",
  description = "Tells the weather in a city now.",
  schema = { properties = { city = { type = "string", description = "the city's name" } }, required = { "city" } },
  run = function(input)
    if input.city == "" then return nil, "a city is needed" end   -- the model is told, and tries again
    return { city = input.city, sky = "clear", degrees = 21 }
  end,
}

local client = bedrock.new()
local run = client.messages:run {
  model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
  max_tokens = 512, max_steps = 5, tools = { weather },
  messages = { { role = "user", content = arg[1] or "What is the weather in Paris?" } },
}

for update in run:updates() do
  if update.type == "text" then
    io.write(update.text)
    io.flush()
  elseif update.type == "tool_call" then
    print(("[%s %s]"):format(update.call.name, bedrock.json.encode(update.call.input)))
  end
end

local result = assert(run:finish())
print(("\n(%d steps, %d messages, %d tokens out)"):format(result.steps, #result.messages, result.usage.output_tokens))
