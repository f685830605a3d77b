--- How many tokens a request has, and how many of them a prompt cache had already.

local tokens = require("bedrock.emulator.tokens")

local usage = {}

--- Measures a request.
---@param text string the request's body as it came
---@return table used input, cache_read, cache_write, cache_write_1h
function usage.measure(_, _, text)
  return { input = tokens.count(text), cache_read = 0, cache_write = 0, cache_write_1h = 0 }
end

return usage
