--- The few things that are done to tables all over the library, in one place.

local tables = {}

--- A copy of a table, one level deep, with the metatable of the original: what marks an array or an order of keys stays.
---@param from table? nothing is the empty table
---@return table
function tables.copy(from)
  local to = {}
  if from == nil then return to end
  for key, value in pairs(from) do to[key] = value end
  return setmetatable(to, getmetatable(from))
end

--- A table of its own that holds the members of one laid over those of another.
---@param defaults table?
---@param own table?
---@return table
function tables.overlay(defaults, own)
  local all = {}
  for key, value in pairs(defaults or {}) do all[key] = value end
  for key, value in pairs(own or {}) do all[key] = value end
  return all
end

--- The keys of a table in a stated order, so that nothing depends on the order in which Lua keeps them.
---@param map table
---@return any[]
function tables.sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

--- A set out of the words of a text.
---@param words string separated by white space
---@return table<string, true>
function tables.set(words)
  local members = {}
  for word in words:gmatch("%S+") do members[word] = true end
  return members
end

return tables
