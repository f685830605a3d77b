--- json.lua WHO WAY FILE TIMES: bedrock or cjson decodes or encodes a document, so many times a pass. Encoding sorts the keys
-- with bedrock and does not with cjson.

local contest = require "bench.contestant"

local who, way, path, times = arg[1], arg[2], arg[3], tonumber(arg[4])
local json = who == "bedrock" and require "bedrock.json" or require "cjson"
local file = assert(io.open(path, "rb"))
local text = file:read "a"
file:close()
local value = json.decode(text)
local step, operand = json[way], way == "decode" and text or value

contest(function()
  for _ = 1, times do assert(step(operand)) end
end)
