--- A value that fits a JSON schema, made without chance: the input of a tool, or a structured answer.

local json = require("bedrock.emulator.json")

local schema = {}

local formats = {
  ["date-time"] = "2025-01-02T03:04:05Z", date = "2025-01-02", time = "03:04:05Z", duration = "P1D",
  email = "someone@example.com", hostname = "example.com", uri = "https://example.com/", ipv4 = "192.0.2.1", ipv6 = "2001:db8::1",
  uuid = "00000000-0000-4000-8000-000000000001",
}

-- A word that the text offers for a string: one with a capital letter that does not open a sentence, or the member's own name.
local function word_for(name, text)
  return text:match("[%w,;:]%s+(%u[%w%-]+)") or name
end

local function string_for(node, name, text)
  local value = formats[node.format] or word_for(name, text)
  while #value < (tonumber(node.minLength) or 0) do value = value .. "x" end
  return node.maxLength and value:sub(1, node.maxLength) or value
end

local function number_for(node, text)
  local low = node.minimum or node.exclusiveMinimum and node.exclusiveMinimum + 1
  local said = tonumber(text:match("%f[%w]%d+%f[%W]"))
  local n = said or low or node.maximum or 1
  if low and n < low then n = low end
  if node.maximum and n > node.maximum then n = node.maximum end
  if node.type == "integer" then n = math.tointeger(n) or math.ceil(n) end
  local step = node.multipleOf
  return step and math.ceil(n / step) * step or n
end

local value_for

local function resolve(root, ref)
  local node = root
  for part in ref:gsub("^#/?", ""):gmatch("[^/]+") do
    node = type(node) == "table" and node[part:gsub("~1", "/"):gsub("~0", "~")] or nil
  end
  return node or {}
end

local function object_for(node, context, depth)
  local out = {}
  local required = {}
  for _, name in ipairs(node.required or {}) do required[name] = true end
  for name, inner in pairs(node.properties or {}) do
    -- a schema may refer to itself: deep down only what is required
    if depth < 4 or required[name] then out[name] = value_for(inner, name, context, depth + 1) end
  end
  return out
end

local function list_for(node, name, context, depth)
  local out = json.list()
  if depth > 6 then return out end
  for i = 1, math.max(tonumber(node.minItems) or 1, 1) do out[i] = value_for(node.items or {}, name, context, depth + 1) end
  return out
end

local makers = {
  object = function(node, _, context, depth) return object_for(node, context, depth) end,
  array = list_for,
  string = function(node, name, context) return string_for(node, name, context.text) end,
  number = function(node, _, context) return number_for(node, context.text) end,
  integer = function(node, _, context) return number_for(node, context.text) end,
  boolean = function() return true end,
  null = function() return json.null end,
}

local function alternative(node)
  local list = node.anyOf or node.oneOf or node.allOf
  return list and list[1]
end

--- As schema.value, for an inner place.
function value_for(node, name, context, depth)
  if type(node) ~= "table" then return {} end
  if node["$ref"] then return value_for(resolve(context.root, node["$ref"]), name, context, depth + 1) end
  if node.const ~= nil then return node.const end
  if node.enum then return node.enum[1] end
  if node.default ~= nil then return node.default end
  if alternative(node) then return value_for(alternative(node), name, context, depth + 1) end
  local kind = type(node.type) == "table" and node.type[1] or node.type or (node.items and "array") or
    (node.properties and "object") or (depth == 0 and "object") or "string"
  return (makers[kind] or makers.string)(node, name, context, depth)
end

--- A value that fits a schema; words and numbers of `text` are used where they can be.
---@param root table the schema
---@param text string
---@return any
function schema.value(root, text)
  return value_for(root, "value", { root = root, text = text }, 0)
end

return schema
