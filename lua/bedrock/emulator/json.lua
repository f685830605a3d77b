--- JSON for the emulator: lua-cjson reads, a small writer writes.
--
-- lua-cjson's decoder makes `[]` and `{}` the same empty table, and clients are known to swap the two, so the emulator must see
-- the difference. Before decoding, each empty list in the text gets one element that no client sends; after decoding
-- it is taken out again and the table is marked. The writer sorts keys, so an answer is the same bytes every time.

local cjson = require("cjson").new()

cjson.decode_invalid_numbers(false)
cjson.decode_max_depth(1000)

local json = { null = cjson.null }

local list_mt = { __name = "list" }
local BACKSLASH = 92
local EMPTY = "\u{FDD0}emulator: an empty list"

--- Marks a table as a list, which matters when it is empty.
---@param t table?
---@return table
function json.list(t)
  return setmetatable(t or {}, list_mt)
end

--- Whether a decoded value is a list.
---@param v any
---@return boolean
function json.is_list(v)
  return type(v) == "table" and (getmetatable(v) == list_mt or v[1] ~= nil)
end

--- Whether a decoded value is an object.
---@param v any
---@return boolean
function json.is_object(v)
  return type(v) == "table" and not json.is_list(v)
end

-- Where the string that opens at `from` ends.
local function end_of_string(text, from)
  local at = from + 1
  while true do
    local quote = text:find('"', at, true)
    if not quote then return #text end
    local before = quote - 1
    while text:byte(before) == BACKSLASH do before = before - 1 end
    if (quote - before) % 2 == 1 then return quote end
    at = quote + 1
  end
end

-- Where the value that begins at `from` ends, without looking at what it is.
local function end_of_value(text, from)
  local first = text:sub(from, from)
  if first == '"' then return end_of_string(text, from) end
  if first ~= "{" and first ~= "[" then return text:match("^[^,%]}%s]*()", from) - 1 end
  local depth, at = 0, from
  repeat
    local hit = text:find('["%[%]{}]', at)
    if not hit then return #text end
    local c = text:sub(hit, hit)
    depth = depth + ((c == "{" or c == "[") and 1 or (c == "}" or c == "]") and -1 or 0)
    at = (c == '"' and end_of_string(text, hit) or hit) + 1
  until depth == 0
  return at - 1
end

--- The members of an object as they stand in its text: a map from name to the text of the value.
---@param text string valid JSON
---@return table<string, string>
function json.members(text)
  local out = {}
  local at = text:match("^%s*{%s*()")
  while at and text:sub(at, at) == '"' do
    local name_end = end_of_string(text, at)
    local from = text:match("^%s*:%s*()", name_end + 1)
    local to = end_of_value(text, from)
    out[text:sub(at + 1, name_end - 1)] = text:sub(from, to)
    at = text:match("^%s*,%s*()", to + 1)
  end
  return out
end

--- The elements of a list as they stand in its text.
---@param text string valid JSON
---@return string[]
function json.elements(text)
  local out = {}
  local at = text:match("^%s*%[%s*()")
  while at and text:sub(at, at) ~= "]" do
    local to = end_of_value(text, at)
    out[#out + 1] = text:sub(at, to)
    at = text:match("^%s*,%s*()", to + 1)
  end
  return out
end

local function mark_empty_lists(text)
  local out, from, at = {}, 1, 1
  while true do
    local hit = text:find('["%[]', at)
    if not hit then break end
    if text:byte(hit) == 34 then
      at = end_of_string(text, hit) + 1
    else
      local close = text:match("^%[%s*()%]", hit)
      at = hit + 1
      if close then
        out[#out + 1] = text:sub(from, hit) .. '"' .. EMPTY .. '"'
        from, at = close, close + 1
      end
    end
  end
  out[#out + 1] = text:sub(from)
  return table.concat(out)
end

local function take_marks_out(v)
  if type(v) ~= "table" then return v end
  if v[1] == EMPTY and v[2] == nil then
    v[1] = nil
    return json.list(v)
  end
  for _, inner in pairs(v) do take_marks_out(inner) end
  return v
end

--- Decodes a text.
---@param text string
---@return any value nil when the text is not JSON
---@return string? why
function json.decode(text)
  if not utf8.len(text) then return nil, "not UTF-8" end
  local ok, value = pcall(cjson.decode, mark_empty_lists(text))
  if not ok then return nil, value end
  return take_marks_out(value)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\b"] = "\\b", ["\f"] = "\\f" }

local function quote(s)
  return '"' .. s:gsub('[%c"\\]', function(c)
    return escapes[c] or c ~= "\127" and ("\\u%04x"):format(c:byte()) or nil
  end) .. '"'
end

local function number(n)
  if math.type(n) == "integer" then return tostring(n) end
  if n == math.floor(n) and math.abs(n) < 2 ^ 53 then return ("%d"):format(n) end
  return ("%.17g"):format(n)
end

local encode

local function encode_list(v)
  local out = {}
  for i = 1, #v do out[i] = encode(v[i]) end
  return "[" .. table.concat(out, ",") .. "]"
end

local function encode_object(v)
  local keys, out = {}, {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys)
  for i, k in ipairs(keys) do out[i] = quote(k) .. ":" .. encode(v[k]) end
  return "{" .. table.concat(out, ",") .. "}"
end

--- Encodes a value; keys are sorted.
---@param v any
---@return string
function encode(v)
  local t = type(v)
  if v == json.null then return "null" end
  if t == "string" then return quote(v) end
  if t == "number" then return number(v) end
  if t == "boolean" then return tostring(v) end
  if t ~= "table" then error("cannot encode a " .. t) end
  return json.is_list(v) and encode_list(v) or encode_object(v)
end
json.encode = encode

--- An answer whose body is JSON.
---@param body table
---@param headers string[][]? besides the content type
---@param status integer? 200 when absent
---@return table response
function json.answer(body, headers, status)
  headers = headers or {}
  table.insert(headers, 1, { "Content-Type", "application/json" })
  return { status = status or 200, headers = headers, parts = { { bytes = encode(body) } } }
end

return json
