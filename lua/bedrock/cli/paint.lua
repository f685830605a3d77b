--- Colours for people, none for programs: only where the output is a terminal that knows them and NO_COLOR is not set.
-- https://no-color.org

local paint = {}

local codes = { bold = "1", dim = "2", red = "31", green = "32", yellow = "33", blue = "34", magenta = "35", cyan = "36" }

--- Whether colours are wanted on a descriptor.
---@param system bedrock.System
---@param fd integer 1 or 2
---@return boolean
function paint.wanted(system, fd)
  if system.getenv("NO_COLOR") or system.getenv("TERM") == "dumb" then return false end
  return system.is_terminal(fd)
end

--- A function that colours text, or leaves it alone.
---@param on boolean
---@return fun(text: string, colour: string): string
function paint.brush(on)
  if not on then return function(text) return text end end
  return function(text, colour) return ("\27[%sm%s\27[0m"):format(codes[colour], text) end
end

return paint
