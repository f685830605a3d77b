--- The independent reader: JSON read by somebody else's parser, and two values compared with a reason.
--
-- Our own decoder never judges our own work. What is expected is read with dkjson; what the library made is
-- compared to it member by member, and the first difference is named by its path.

local dkjson = require "dkjson"
local cjson = require "cjson"

local judge = {}

--- JSON's null in a decoded value: lua-cjson's, which is also ours.
judge.null = cjson.null

local object_mt, array_mt = { __jsontype = "object" }, { __jsontype = "array" }

--- Reads JSON text; `[]` and `{}` are told apart by the field `__jsontype` of their metatables.
---@param text string
---@return any value
function judge.decode(text)
  local value, stop, why = dkjson.decode(text, 1, judge.null, object_mt, array_mt)
  if why then error(why, 2) end
  local rest = text:find("%S", stop)
  if rest then error("more than one JSON value, the second at byte " .. rest, 2) end
  return value
end

--- Reads a file as JSON.
---@param path string
---@return any value
function judge.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return judge.decode(text)
end

-- The library marks its arrays with one metatable; it is looked up late, because not every spec loads the library.
local function library_array_mt()
  local json = package.loaded["bedrock.json"]
  if json then return json.array_mt end
  local core = package.loaded["bedrock.core"]
  return core and core.json and core.json.array_mt
end

--- Whether a table is marked as an array, by the judge or by the library.
---@param t table
---@return boolean
function judge.is_array(t)
  local mt = getmetatable(t)
  if type(mt) ~= "table" then return false end
  return mt.__jsontype == "array" or mt == library_array_mt()
end

local function show(v)
  if v == judge.null then return "null" end
  if type(v) == "string" and #v > 200 then return string.format("%q... (%d bytes)", v:sub(1, 200), #v) end
  if type(v) == "string" then return string.format("%q", v) end
  if type(v) == "table" then return judge.is_array(v) and "an array" or "an object" end
  if type(v) == "number" then return string.format("%.17g", v) end
  return tostring(v)
end

local function differ(path, want, got)
  return false, string.format("%s: want %s, got %s", path == "" and "value" or path, show(want), show(got))
end

local same

local function same_array(want, got, path)
  if #got ~= #want then
    return false, string.format("%s: want %d elements, got %d", path == "" and "value" or path, #want, #got)
  end
  if #want == 0 and not judge.is_array(got) then return differ(path, want, got) end
  for i = 1, #want do
    local ok, why = same(want[i], got[i], path .. "[" .. i .. "]")
    if not ok then return ok, why end
  end
  return true
end

local function member(path, key)
  return path == "" and tostring(key) or path .. "." .. tostring(key)
end

local function same_object(want, got, path)
  if judge.is_array(got) then return differ(path, want, got) end
  for key, value in pairs(want) do
    local ok, why = same(value, got[key], member(path, key))
    if not ok then return ok, why end
  end
  for key, value in pairs(got) do
    if want[key] == nil then return differ(member(path, key), nil, value) end
  end
  return true
end

-- A number beyond what this Lua holds may come as an object that prints as the number.
local function same_number(want, got)
  if type(got) == "number" then return want == got end
  return type(got) ~= "string" and tonumber((tostring(got):gsub("[UuLl]+$", ""))) == want
end

function same(want, got, path)
  if want == judge.null or got == judge.null then
    if want == got then return true end
    return differ(path, want, got)
  end
  if type(want) == "number" then
    if got ~= nil and same_number(want, got) then return true end
    return differ(path, want, got)
  end
  if type(want) ~= type(got) then return differ(path, want, got) end
  if type(want) ~= "table" then
    if want == got then return true end
    return differ(path, want, got)
  end
  if judge.is_array(want) then return same_array(want, got, path) end
  return same_object(want, got, path)
end

--- Compares what the library made with what is expected; the two are the same when every member is.
---@param want any read by the judge, or a plain Lua value (a table without the judge's metatable counts as an object,
--- unless it has elements)
---@param got any
---@return boolean same
---@return string? why the first difference, as "path: want …, got …"
function judge.same(want, got)
  return same(want, got, "")
end

--- Checks one case; a check that raises has failed, and the cases behind it still count.
---@param check fun(...): any, any
---@param ... any
---@return any ok
---@return any why
function judge.try(check, ...)
  local ran, ok, why = pcall(check, ...)
  if not ran then return false, "it raised: " .. tostring(ok) end
  return ok, why
end

return judge
