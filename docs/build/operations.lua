--- Writes docs/operations.md and lua/bedrock/operations/types.lua: every operation with its members, from the table that the
--- client itself reads.

local operations = require "bedrock.operations"

local writer = {}

local titles = {
  { "bedrock-runtime", "Runtime", "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_%s.html" },
  { "bedrock", "Control plane", "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_%s.html" },
  { "sts", "STS", "https://docs.aws.amazon.com/STS/latest/APIReference/API_%s.html" },
}

local function all()
  local by_service = {}
  for _, name in ipairs(operations.names()) do
    local op = operations.find(name)
    by_service[op.service] = by_service[op.service] or {}
    table.insert(by_service[op.service], op)
  end
  for _, list in pairs(by_service) do
    table.sort(list, function(a, b) return a.name < b.name end)
  end
  return by_service
end

-- docs/operations.md ----------------------------------------------------------------------------------------------------

local HEAD = [[
# Operations

Every operation is a method of the client by its API name in snake_case: `client:create_guardrail { name = ..., ... }`. It takes
a table of members as AWS documents them and answers a table, or `nil, err`. A second argument sets what is to be different for
this call: `{ timeouts =, headers =, retry = }`. Bytes are raw strings for you and base64 on the wire; times may be given as
seconds or as text; idempotency tokens fill themselves in.

Members in bold are required. Operations marked *pages* come in pages: `client:each("list_guardrails")` walks the items over all
of them. Operations marked *stream* give a stream. The table is made from the client's own by `make docs`.

]]

local function member_text(member)
  if member.required and not member.token then return "**" .. member.name .. "**" end
  return member.name
end

local function names_of(members)
  local list = {}
  for i, member in ipairs(members) do list[i] = member_text(member) end
  return table.concat(list, ", ")
end

local function marks_of(op)
  if op.duplex then return " (streams both ways over HTTP/2: refused by name)" end
  if op.stream then return " *stream*" end
  return op.page and " *pages*" or ""
end

--- The text of docs/operations.md.
---@return string
function writer.page()
  local by_service, out = all(), { HEAD }
  for _, row in ipairs(titles) do
    out[#out + 1] = ("## %s\n\n| method | members | answer |\n|---|---|---|\n"):format(row[2])
    for _, op in ipairs(by_service[row[1]]) do
      out[#out + 1] = ("| [`%s`](%s)%s | %s | %s |\n"):format(op.snake, row[3]:format(op.name), marks_of(op), names_of(op.inputs),
        (names_of(op.outputs):gsub("%*%*", "")))
    end
    out[#out + 1] = "\n"
  end
  return (table.concat(out):gsub("\n\n$", "\n"))
end

-- lua/bedrock/operations/types.lua --------------------------------------------------------------------------------------

local TYPES_HEAD = [[
---@meta
-- The operations for editors: a method of the client for each, with the members that it takes and gives. Written by
-- `make docs` from the table that the client reads; nothing loads it when a program runs.

]]

local plain_types = {
  string = "string", integer = "integer", long = "integer", float = "number", double = "number", boolean = "boolean",
  blob = "string", document = "any", object = "table", oneof = "table", time = "number|string", epoch = "number|string",
  httpdate = "number|string", json = "string|table", events = "table",
}

local function type_of(member)
  local kind = plain_types[member.type] or "any"
  if member.container and kind:find("|") then kind = "(" .. kind .. ")" end
  if member.container == "list" then return kind .. "[]" end
  if member.container == "map" then return ("table<string, %s>"):format(kind) end
  return kind
end

local function class_of(name, members)
  local lines = { "---@class " .. name }
  for _, member in ipairs(members) do
    local optional = (not member.required or member.token) and "?" or ""
    lines[#lines + 1] = ("---@field %s%s %s"):format(member.name, optional, type_of(member))
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Types written by hand say more.
local own_types = {
  converse = { "bedrock.ConverseRequest", "bedrock.ConverseAnswer" },
  converse_stream = { "bedrock.ConverseRequest", "bedrock.Stream" },
}

local function any_required(members)
  for _, member in ipairs(members) do
    if member.required and not member.token then return true end
  end
  return false
end

-- The line of the client's class, and the classes of members that are needed for it.
local function method_of(op)
  local own, classes = own_types[op.snake], {}
  local params, answer = own and own[1] or "table", own and own[2] or op.stream and "bedrock.Stream" or "table"
  if not own and #op.inputs > 0 then
    params = ("bedrock.%sRequest"):format(op.name)
    classes[#classes + 1] = class_of(params, op.inputs)
  end
  if not own and not op.stream and #op.outputs > 0 then
    answer = ("bedrock.%sAnswer"):format(op.name)
    classes[#classes + 1] = class_of(answer, op.outputs)
  end
  local optional = any_required(op.inputs) and "" or "?"
  return ("---@field %s fun(self: bedrock.Client, params: %s%s, opts: bedrock.CallOptions?): %s?, bedrock.Error?"):format(
    op.snake, params, optional, answer), classes
end

--- The text of lua/bedrock/operations/types.lua.
---@return string
function writer.types()
  local by_service, methods, classes = all(), {}, {}
  for _, row in ipairs(titles) do
    for _, op in ipairs(by_service[row[1]]) do
      if not op.duplex then
        local line, own = method_of(op)
        methods[#methods + 1] = line
        for _, class in ipairs(own) do classes[#classes + 1] = class end
      end
    end
  end
  return TYPES_HEAD .. "---@class bedrock.Client\n" .. table.concat(methods, "\n") .. "\n\n" .. table.concat(classes, "\n")
end

return writer
