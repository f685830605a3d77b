-- Sends one request with tools, settings and nested tables, in a process of its own: `lua send_once.lua URL`.
-- The tables are made in an order that differs from run to run, so only the encoder can make the bodies equal.

local bedrock = require "bedrock"

local function shuffled(t)
  local keys, copy = {}, {}
  for key in pairs(t) do keys[#keys + 1] = key end
  math.randomseed(os.time() + tonumber(arg[2]))
  for i = #keys, 2, -1 do
    local j = math.random(i)
    keys[i], keys[j] = keys[j], keys[i]
  end
  for _, key in ipairs(keys) do copy[key] = t[key] end
  return copy
end

local function tool(name)
  return shuffled {
    name = name, description = "Looks up " .. name,
    input_schema = shuffled {
      type = "object", required = { "place", "unit" }, additionalProperties = false,
      properties = shuffled {
        place = shuffled { type = "string", description = "a town" }, days = { type = "integer", minimum = 1, maximum = 14 },
        unit = shuffled { type = "string", enum = { "C", "F" } }, ratio = { type = "number", default = 0.1 },
      },
    },
  }
end

local client = bedrock.new {
  region = "us-east-1", endpoint = arg[1], access_key_id = "AKIDEXAMPLE",
  secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
assert(client.messages:create(shuffled {
  model = "global.anthropic.claude-sonnet-4-5-20250929-v1:0", max_tokens = 1024 / 4, temperature = 0.7, top_k = 40,
  metadata = shuffled { user_id = "caf\195\169", trace = "t", run = 12 }, stop_sequences = { "END", "STOP" },
  tools = { tool "weather", tool "traffic", tool "tides" },
  messages = { shuffled { role = "user", content = { shuffled { type = "text", text = "How is \"Kiel\"?\n\tTell / me" } } } },
}))
