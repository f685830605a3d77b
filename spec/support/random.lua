-- Random numbers that are the same on every Lua: Park and Miller's generator, whose products a double holds exactly.

local random = {}

local Random = {}
Random.__index = Random

--- A generator that follows from its seed.
---@param seed integer
function random.new(seed)
  local self = setmetatable({ state = seed % 2147483646 + 1 }, Random)
  for _ = 1, 8 do self:number() end -- seeds that are neighbours begin alike
  return self
end

--- Between 0 and 1.
function Random:number()
  self.state = self.state * 16807 % 2147483647
  return (self.state - 1) / 2147483646
end

--- A whole number, both ends included.
function Random:integer(least, most)
  return least + math.floor(self:number() * (most - least + 1) * 0.999999999)
end

function Random:chance(share)
  return self:number() < share
end

function Random:pick(list)
  return list[self:integer(1, #list)]
end

return random
