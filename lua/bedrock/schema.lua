--- JSON Schema, as far as tools and structured answers use it: check a value, and write a schema as the service wants it.
--
-- Two directions. `schema.check` looks at a value that came back. `schema.wire` fixes what Lua cannot say by itself
-- (an empty `required` is a list), and `schema.strict` rewrites a schema for structured answers: objects are closed,
-- `oneOf` becomes `anyOf`, and what the service does not enforce moves into the description, where the model reads it.

local json = require "bedrock.json"
local tables = require "bedrock.tables"

local copy, sorted_keys, set = tables.copy, tables.sorted_keys, tables.set

---@class bedrock.schema
local schema = {}

local null = json.null

local function is_array(value)
  return type(value) == "table" and (getmetatable(value) == json.array_mt or rawget(value, 1) ~= nil)
end

-- Walking -------------------------------------------------------------------------------------------------------------

-- Where a schema holds further schemas: in a list, under names, or as a member itself.
local lists = { anyOf = true, oneOf = true, allOf = true, prefixItems = true }
local maps = { properties = true, ["$defs"] = true, definitions = true, patternProperties = true }
local singles = { items = true, additionalProperties = true, ["not"] = true, contains = true, propertyNames = true }
-- Lists of plain values, which an empty Lua table does not show.
local plain_lists = { required = true, enum = true, examples = true }

local function each_schema(node, visit)
  local own = copy(node)
  for key, value in pairs(node) do
    if type(value) ~= "table" then
      own[key] = value
    elseif lists[key] then
      own[key] = json.array {}
      for i, inner in ipairs(value) do own[key][i] = visit(inner) end
    elseif maps[key] then
      own[key] = copy(value)
      for name, inner in pairs(value) do own[key][name] = visit(inner) end
    elseif singles[key] then
      own[key] = visit(value)
    end
  end
  return own
end

--- A copy of a schema that encodes as it was meant: the places of lists are lists, even when they are empty.
---@param node any
---@return any
function schema.wire(node)
  if type(node) ~= "table" or is_array(node) then return node end
  local own = each_schema(node, schema.wire)
  for key in pairs(plain_lists) do
    if type(own[key]) == "table" then own[key] = json.array(copy(own[key])) end
  end
  return own
end

-- Short forms ---------------------------------------------------------------------------------------------------------

local type_names = { string = true, integer = true, number = true, boolean = true, array = true, object = true }

-- One parameter: the name of its type, with a question mark when it may be missing, or a schema with `optional = true`.
local function parameter(name, value)
  if type(value) == "table" then
    local own = copy(value)
    own.optional = nil
    return own, value.optional ~= true
  end
  local kind, mark = tostring(value):match "^(%a+)(%??)$"
  if not type_names[kind] then
    error(("the parameter %s: %q is no type; there are string, integer, number, boolean, array and object"):format(
      tostring(name), tostring(value)), 0)
  end
  return { type = kind }, mark == ""
end

--- The schema of an object from its parameters: `{ city = "string", days = "integer?" }`, or with a schema in place of a type.
--- What is a schema already stays one.
---@param parameters table
---@return table
function schema.of_parameters(parameters)
  if type(parameters) ~= "table" then error("parameters is a table of names and types, not a " .. type(parameters), 0) end
  if parameters.type == "object" and (parameters.properties == nil or type(parameters.properties) == "table") then
    return parameters
  end
  local own = { type = "object", properties = {}, required = json.array {} }
  for _, name in ipairs(sorted_keys(parameters)) do
    local node, required = parameter(name, parameters[name])
    own.properties[name] = node
    if required then table.insert(own.required, name) end
  end
  return own
end

-- Strict --------------------------------------------------------------------------------------------------------------

local kept = set("type description title enum const default required $ref $defs definitions anyOf allOf properties items " ..
  "additionalProperties")
local formats = set "date-time time date duration email hostname uri ipv4 ipv6 uuid"

local function is_kept(node, key)
  if key == "format" then return formats[node.format] ~= nil end
  if key == "minItems" then return node.minItems == 0 or node.minItems == 1 end
  return kept[key] ~= nil
end

-- What the service would not enforce, as words for the model.
local function describe_rest(node)
  local rest = {}
  for _, key in ipairs(sorted_keys(node)) do
    if not is_kept(node, key) then
      rest[#rest + 1] = key .. ": " .. tostring(json.encode(node[key]))
      node[key] = nil
    end
  end
  if #rest == 0 then return end
  local note = "{" .. table.concat(rest, ", ") .. "}"
  node.description = node.description and node.description .. "\n\n" .. note or note
end

local function is_object_schema(node)
  if type(node.type) ~= "table" then return node.type == "object" or node.properties ~= nil end
  for _, name in ipairs(node.type) do
    if name == "object" then return true end
  end
  return false
end

--- A copy of a schema in the form that structured answers demand.
---@param node any
---@return any
function schema.strict(node)
  if type(node) ~= "table" or is_array(node) then return node end
  local own = each_schema(schema.wire(node), schema.strict)
  if own.oneOf then own.anyOf, own.oneOf = own.anyOf or own.oneOf, own.anyOf and own.oneOf or nil end
  if is_object_schema(own) then own.additionalProperties = false end
  describe_rest(own)
  return own
end

-- Checking ------------------------------------------------------------------------------------------------------------

local function type_of(value)
  if value == nil or value == null then return "null" end
  if type(value) == "table" then return is_array(value) and "array" or "object" end
  if type(value) == "number" then return value == math.floor(value) and "integer" or "number" end
  if type(value) == "userdata" then return "integer" end
  return type(value)
end

local function fits_type(value, name)
  local got = type_of(value)
  if got == name then return true end
  if name == "number" then return got == "integer" end
  -- an empty table that nobody marked may be either
  return name == "array" and got == "object" and next(value) == nil
end

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local function show(value)
  return json.encode(value) or tostring(value)
end

local function length(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

local check

-- One row a keyword: what is wrong with the value, or nothing; a second result says where inside.
local keywords = {}

function keywords.type(value, want)
  for _, name in ipairs(type(want) == "table" and want or { want }) do
    if fits_type(value, name) then return nil end
  end
  local names = type(want) == "table" and table.concat(want, " or ") or tostring(want)
  return ("must be %s, is %s"):format(names, type_of(value))
end

function keywords.enum(value, want)
  local shown = {}
  for _, candidate in ipairs(want) do
    if equal(value, candidate) then return nil end
    shown[#shown + 1] = show(candidate)
  end
  return ("must be one of %s, is %s"):format(table.concat(shown, ", "), show(value))
end

function keywords.const(value, want)
  if not equal(value, want) then return ("must be %s, is %s"):format(show(want), show(value)) end
end

function keywords.required(value, want)
  if type_of(value) ~= "object" then return nil end
  for _, name in ipairs(want) do
    if value[name] == nil then return "is missing", "." .. name end
  end
end

function keywords.properties(value, want, root)
  if type_of(value) ~= "object" then return nil end
  for _, name in ipairs(sorted_keys(want)) do
    if value[name] ~= nil then
      local why, at = check(value[name], want[name], root)
      if why then return why, "." .. name .. at end
    end
  end
end

function keywords.additionalProperties(value, want, root, node)
  if type_of(value) ~= "object" or want == true then return nil end
  for _, name in ipairs(sorted_keys(value)) do
    if not (node.properties and node.properties[name] ~= nil) then
      if want == false then return "is not allowed", "." .. tostring(name) end
      local why, at = check(value[name], want, root)
      if why then return why, "." .. tostring(name) .. at end
    end
  end
end

function keywords.items(value, want, root, node)
  if type_of(value) ~= "array" then return nil end
  local first = type(node.prefixItems) == "table" and #node.prefixItems + 1 or 1
  for i = first, #value do
    local why, at = check(value[i], want, root)
    if why then return why, "[" .. i .. "]" .. at end
  end
end

function keywords.prefixItems(value, want, root)
  if type_of(value) ~= "array" then return nil end
  for i, inner in ipairs(want) do
    if value[i] ~= nil then
      local why, at = check(value[i], inner, root)
      if why then return why, "[" .. i .. "]" .. at end
    end
  end
end

local function bound(applies, measure, holds, words)
  return function(value, want)
    if type_of(value) == applies or applies == "number" and type(value) == "number" then
      if not holds(measure(value), want) then return words:format(show(want)) end
    end
  end
end

local function at_least(a, b) return a >= b end
local function at_most(a, b) return a <= b end
local function itself(value) return value end
local function count(value) return #value end

keywords.minimum = bound("number", itself, at_least, "must be at least %s")
keywords.maximum = bound("number", itself, at_most, "must be at most %s")
keywords.exclusiveMinimum = bound("number", itself, function(a, b) return a > b end, "must be more than %s")
keywords.exclusiveMaximum = bound("number", itself, function(a, b) return a < b end, "must be less than %s")
keywords.multipleOf = bound("number", itself, function(a, b) return math.abs(a / b - math.floor(a / b + 0.5)) < 1e-9 end,
  "must be a multiple of %s")
keywords.minLength = bound("string", length, at_least, "must have at least %s characters")
keywords.maxLength = bound("string", length, at_most, "must have at most %s characters")
keywords.minItems = bound("array", count, at_least, "must have at least %s elements")
keywords.maxItems = bound("array", count, at_most, "must have at most %s elements")

local function matching(value, list, root)
  local matches, why, at = 0, nil, nil
  for _, inner in ipairs(list) do
    local wrong, place = check(value, inner, root)
    if wrong then why, at = why or wrong, at or place else matches = matches + 1 end
  end
  return matches, why, at
end

function keywords.anyOf(value, want, root)
  if matching(value, want, root) == 0 then return "fits none of the schemas of anyOf" end
end

function keywords.oneOf(value, want, root)
  local matches = matching(value, want, root)
  if matches ~= 1 then return ("fits %d of the schemas of oneOf instead of one"):format(matches) end
end

function keywords.allOf(value, want, root)
  local _, why, at = matching(value, want, root)
  return why, at
end

keywords["not"] = function(value, want, root)
  if not check(value, want, root) then return "fits the schema of not" end
end

-- `#/$defs/Name` in the schema itself; others are not fetched.
local function resolve(ref, root)
  local node = ref:sub(1, 1) == "#" and root or nil
  for step in ref:sub(2):gmatch("[^/]+") do
    step = step:gsub("~1", "/"):gsub("~0", "~")
    node = type(node) == "table" and node[step] or nil
  end
  return node
end

keywords["$ref"] = function(value, want, root)
  local node = resolve(want, root)
  if node == nil then return "cannot be checked: " .. want .. " is not in the schema" end
  return check(value, node, root)
end

local order = {
  "$ref", "type", "enum", "const", "required", "properties", "additionalProperties", "prefixItems", "items", "minItems",
  "maxItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "anyOf",
  "oneOf", "allOf", "not",
}

function check(value, node, root)
  if node == true or type(node) ~= "table" then return nil end
  for _, name in ipairs(order) do
    if node[name] ~= nil and node[name] ~= null then
      local why, at = keywords[name](value, node[name], root, node)
      if why then return why, at or "" end
    end
  end
end

--- Whether a value fits a schema. Keywords that are not known (`pattern`, `format`, ...) say nothing.
---@param value any
---@param node table|boolean the schema
---@return boolean? ok
---@return string? why with the path, as in `.items[2].name must be string, is null`
---@return string? path
function schema.check(value, node)
  if node == false then return nil, "nothing fits the schema false", "" end
  local why, at = check(value, node, node)
  if not why then return true end
  return nil, (at == "" and "the value" or at) .. " " .. why, at
end

return schema
