--- From the members of an operation to the HTTP request that carries them. Pure: the same members give the same
--- request, but for the fresh UUIDs of idempotency tokens, whose maker may be handed in.
--
-- What is wrong is said before anything is sent, with the operation and the member. Members that the table does not
-- know go out as they are, in the body (in the query where there is no body), so that new ones of the service work.
-- The user's tables are never changed: what must be rewritten is rewritten in a copy.

local errors = require "bedrock.errors"
local json = require "bedrock.json"
local tables = require "bedrock.tables"

local copy, sorted_keys = tables.copy, tables.sorted_keys

local request = {}

-- Few operations carry times: the calendar is loaded with the first.
local function timestamps()
  return require "bedrock.timestamps"
end

---@class bedrock.Request
---@field method string
---@field path string as on the wire, percent-encoded
---@field query { [1]: string, [2]: string }[] names and values, not encoded
---@field headers { [1]: string, [2]: string }[]
---@field body string|userdata|nil

local function refuse(op, message)
  return nil, errors.new { kind = "validation", message = message, operation = op.snake }
end

local function percent(byte)
  return ("%%%02X"):format(byte:byte())
end

--- Percent-encodes every byte outside of the unreserved characters of RFC 3986.
---@param text string
---@return string
function request.uri_encode(text)
  return (text:gsub("[^A-Za-z0-9%-%._~]", percent))
end

-- Types

local function is_list(value)
  return getmetatable(value) == json.array_mt or next(value) == nil or rawget(value, 1) ~= nil
end

local function is_object(value)
  return getmetatable(value) ~= json.array_mt and rawget(value, 1) == nil
end

local blob_mt = getmetatable(json.blob(""))

local function is_blob(value)
  return getmetatable(value) == blob_mt
end

local function is_whole(value)
  return value == math.floor(value) and value - value == 0
end

-- Userdata stands for values of other libraries and of ours: large numbers, buffers, blobs. They pass.
local accepts = {
  string = function(v) return type(v) == "string" end,
  boolean = function(v) return type(v) == "boolean" end,
  integer = function(v) return type(v) == "number" and is_whole(v) or type(v) == "userdata" end,
  double = function(v) return type(v) == "number" or type(v) == "userdata" end,
  blob = function(v) return type(v) == "string" or type(v) == "userdata" or is_blob(v) end,
  json = function(v) return type(v) == "string" or type(v) == "userdata" or type(v) == "table" end,
  object = function(v) return type(v) == "table" and is_object(v) or type(v) == "userdata" end,
  time = function(v) return type(v) == "number" or type(v) == "string" end,
  list = function(v) return type(v) == "table" and is_list(v) or type(v) == "userdata" end,
  document = function(v) return v ~= nil end,
}
accepts.long, accepts.float, accepts.oneof, accepts.map = accepts.integer, accepts.double, accepts.object, accepts.object
accepts.epoch, accepts.httpdate = accepts.time, accepts.time
accepts.events = accepts.document

local described = {
  string = "a string", boolean = "a boolean", integer = "a whole number", long = "a whole number", float = "a number",
  double = "a number", blob = "a string of bytes", json = "a string or a table", object = "a table with names",
  oneof = "a table with names", list = "a list", map = "a table with names",
  time = "a time (seconds, or text like 2024-05-01T12:30:00Z)",
}
described.epoch, described.httpdate = described.time, described.time

local function what(value)
  if type(value) ~= "table" then return type(value) == "number" and tostring(value) or "a " .. type(value) end
  return next(value) == nil and "an empty table" or is_list(value) and "a list" or "a table with names"
end

local function mismatch(where, kind, value)
  return ("member %q must be %s, got %s"):format(where, described[kind], what(value))
end

-- The elements of a list or map, against the type that the table gives for them.
local function check_elements(m, value)
  if type(value) ~= "table" then return nil end
  for key, element in pairs(value) do
    if element ~= json.null and not accepts[m.type](element) then
      local where = m.container == "list" and m.name .. "[" .. tostring(key) .. "]" or m.name .. "." .. tostring(key)
      return mismatch(where, m.type, element)
    end
  end
end

-- Why a value cannot be sent as this member; nil when it can.
local function complaint(m, value)
  local kind = m.container or m.type
  if not accepts[kind](value) then return mismatch(m.name, kind, value) end
  if m.container then return check_elements(m, value) end
  if m.where == "header" and m.type == "json" and type(value) ~= "string" then
    local _, err = json.encode(value)
    return err and ("member %q: %s"):format(m.name, err.message) or nil
  end
  if accepts[kind] == accepts.time then
    local seconds, why = timestamps().seconds(value)
    if not seconds then return ("member %q: %s"):format(m.name, why) end
  end
end

-- Scalars as text, for paths, queries, headers and forms

local function number_text(value)
  if type(value) == "number" and is_whole(value) and math.abs(value) < 2 ^ 53 then return ("%d"):format(value) end
  return (json.encode(value))
end

-- A character of UTF-8 as JSON escapes it; beyond the first plane in two halves.
local function escape(character)
  local code = character:byte() % (#character == 2 and 32 or #character == 3 and 16 or 8)
  for i = 2, #character do code = code * 64 + character:byte(i) % 64 end
  if code < 0x10000 then return ("\\u%04x"):format(code) end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + math.floor(code / 1024), 0xDC00 + code % 1024)
end

-- JSON for a header, whose values are ASCII.
local function header_json(value)
  if type(value) == "string" then return value end
  return (json.encode(value):gsub("[\194-\244][\128-\191]+", escape))
end

local function text_of(kind, value)
  if kind == "json" then return header_json(value) end
  if kind == "time" then return (timestamps().iso8601(value)) end
  if kind == "httpdate" then return (timestamps().httpdate(value)) end
  if kind == "epoch" then return number_text(timestamps().seconds(value)) end
  if type(value) == "boolean" then return tostring(value) end
  if type(value) == "string" then return value end
  return number_text(value)
end

-- Where members travel

local function given(params, m)
  local value = params[m.name]
  if value == json.null then return nil end
  return value
end

local put = {}

function put.label() end   -- the path is made of all labels at once

function put.query(out, m, value)
  if m.container ~= "list" then value = { value } end
  for _, element in ipairs(value) do out.query[#out.query + 1] = { m.wire, text_of(m.type, element) } end
end

function put.header(out, m, value)
  if m.container ~= "map" then
    out.headers[#out.headers + 1] = { m.wire, text_of(m.type, value) }
    return
  end
  for _, name in ipairs(sorted_keys(value)) do
    out.headers[#out.headers + 1] = { m.wire .. name, text_of(m.type, value[name]) }
  end
end

-- The body is a table of its own; an order of keys that the user stated holds for it too.
local function member_of(out, params, name, value)
  if not out.members then
    local mt = getmetatable(params)
    out.members = setmetatable({}, type(mt) == "table" and mt.__jsonorder and mt or nil)
  end
  out.members[name] = value
end

function put.body(out, m, value, params)
  member_of(out, params, m.wire, value)
end

function put.payload(out, _, value)
  out.payload = value
end

local function path_of(op, params)
  local bad
  local path = op.uri:gsub("{([%w_]+)}", function(name)
    local value = params[name]
    if value == "" or value == "." or value == ".." then bad = bad or name end
    return request.uri_encode(value)
  end)
  if bad and params[bad] == "" then return refuse(op, ("member %q must not be empty"):format(bad)) end
  -- A dot or two would be read as a step in the path by what lies on the way.
  if bad then return refuse(op, ("member %q must not be %q"):format(bad, params[bad])) end
  return path
end

-- A line break in a value would begin another header.
local function check_headers(op, headers)
  for _, header in ipairs(headers) do
    if (header[1] .. header[2]):find("[%z\1-\8\10-\31\127]") then
      return refuse(op, ("the value of header %q holds a control character"):format(header[1]))
    end
  end
  return true
end

local function query_text(op, name, value)
  if type(value) == "table" then return refuse(op, ("unknown member %q: a table cannot travel in a query"):format(name)) end
  local text = text_of("string", value)
  if text then return text end
  return refuse(op, ("unknown member %q: %s cannot travel in a query"):format(name, what(value)))
end

-- An unknown member travels where the known ones do; nowhere when the whole body is one member.
local function put_unknown(op, params, out, name, value)
  if type(name) ~= "string" then return refuse(op, "the members must be named, got the key " .. tostring(name)) end
  if op.payload then
    return refuse(op, ("unknown member %q: the body of this operation is its member %q"):format(name, op.payload.name))
  end
  if op.method ~= "GET" and op.method ~= "DELETE" then
    member_of(out, params, name, value)
    return true
  end
  local text, err = query_text(op, name, value)
  if not text then return nil, err end
  out.query[#out.query + 1] = { name, text }
  return true
end

local function put_all_unknown(op, params, out)
  for name, value in pairs(params) do
    if not op.input[name] and value ~= json.null then
      local ok, err = put_unknown(op, params, out, name, value)
      if not ok then return nil, err end
    end
  end
  return true
end

local function fresh_uuid()
  return require "bedrock.core".crypto.uuid()
end

local function bare(name)
  return (tostring(name):gsub("_", ""):lower())
end

-- A required member that is not there; `model_id` is what many write for `modelId`.
local function missing(op, m, params)
  for name in pairs(params) do
    if name ~= m.name and bare(name) == bare(m.name) then
      return refuse(op, ("missing required member %q; members keep the spelling of the service, and %q is given")
        :format(m.name, name))
    end
  end
  return refuse(op, ("missing required member %q"):format(m.name))
end

-- Checks every member of the table and puts it where it travels.
local function place(op, params, out, uuid)
  for _, m in ipairs(op.inputs) do
    local value = given(params, m)
    if value == nil and m.token then value = uuid() end
    if value ~= nil then
      local why = complaint(m, value)
      if why then return refuse(op, why) end
      put[m.where](out, m, value, params)
    elseif m.required and m.type ~= "events" then
      return missing(op, m, params)
    end
  end
  return put_all_unknown(op, params, out)
end

-- JSON bodies

local rewrite

local function rewrite_leaf(kind, value)
  if kind == "list" then
    local bare_and_empty = type(value) == "table" and next(value) == nil and getmetatable(value) == nil
    return bare_and_empty and json.empty_array or value
  end
  if kind == "time" then return timestamps().iso8601(value) or value end
  if kind == "epoch" then return timestamps().seconds(value) or value end
  if kind == "json" and type(value) == "table" and not is_blob(value) then return json.encode(value) or value end
  return value
end

local function rewrite_key(value, copied, key, node)
  local old = value[key]
  if old == nil then return copied end
  local new = rewrite(old, node)
  if new ~= old then
    copied = copied or copy(value)
    copied[key] = new
  end
  return copied
end

-- Rewrites the places of a trie in a value. Answers the value itself when nothing had to change, else a copy of the
-- tables on the way to what changed.
function rewrite(value, node)
  if type(node) == "string" then return rewrite_leaf(node, value) end
  if node[1] then value = rewrite_leaf(node[1], value) end
  if type(value) ~= "table" then return value end
  local copied
  for key, below in pairs(node) do
    if key == "[]" then
      for i = 1, #value do copied = rewrite_key(value, copied, i, below) end
    elseif key == "{}" then
      for name in pairs(value) do copied = rewrite_key(value, copied, name, below) end
    elseif key ~= 1 then
      copied = rewrite_key(value, copied, key, below)
    end
  end
  return copied or value
end

local function encode(op, value, blobs)
  local body, err = json.encode(value, { blobs = blobs, buffer = true })
  if body then return body end
  return refuse(op, (err.path and err.path ~= "" and ("member %q: "):format(err.path) or "") .. err.message)
end

-- A body that is one member: bytes as they are, a table as JSON.
local function payload_body(op, value)
  local kind = op.payload.type
  if kind == "events" then return nil, nil, "application/vnd.amazon.eventstream" end
  local bytes = kind == "blob" or kind == "json"
  local content_type = kind == "blob" and "application/octet-stream" or "application/json"
  if bytes and is_blob(value) then return value[1], nil, content_type end
  if bytes and type(value) ~= "table" then return value, nil, content_type end
  if value == nil then value = {} end
  local body, err = encode(op, op.shape and rewrite(value, op.shape) or value, op.blobs)
  return body, err, content_type
end

local function json_body(op, out)
  if op.payload then return payload_body(op, out.payload) end
  if not op.has_body and not out.members then return nil end
  local members = out.members or {}
  if op.shape then members = rewrite(members, op.shape) end
  local body, err = encode(op, members, op.blobs)
  return body, err, "application/json"
end

-- The form of the query protocol: nested names joined with dots, lists numbered below `member`.

local flatten

-- An empty list is written as its name alone.
local function is_empty_list(value)
  return value == json.empty_array or type(value) == "table" and next(value) == nil and getmetatable(value) == json.array_mt
end

local function flatten_table(fields, name, value)
  if is_list(value) then
    for i, element in ipairs(value) do flatten(fields, name .. ".member." .. i, element) end
    return
  end
  for _, key in ipairs(sorted_keys(value)) do flatten(fields, name .. "." .. tostring(key), value[key]) end
end

function flatten(fields, name, value, kind)
  if value == json.null then return end
  if is_empty_list(value) then value = "" end
  if type(value) == "table" then return flatten_table(fields, name, value) end
  local text = text_of(kind or "string", value)
  if not text then
    fields.refused = fields.refused or ("member %q must be text or a number, got %s"):format(name, what(value))
    return
  end
  fields[#fields + 1] = request.uri_encode(name) .. "=" .. request.uri_encode(text)
end

local function form_body(op, out)
  local fields = { "Action=" .. op.name, "Version=" .. op.api.version }
  local members = rewrite(out.members or {}, op.shape or {})
  for _, name in ipairs(sorted_keys(members)) do
    local m = op.input[name]
    flatten(fields, name, members[name], m and not m.container and m.type)
  end
  if fields.refused then return refuse(op, fields.refused) end
  return table.concat(fields, "&"), nil, "application/x-www-form-urlencoded"
end

local function has_header(headers, name)
  for _, header in ipairs(headers) do
    if header[1]:lower() == name then return true end
  end
end

--- Makes the HTTP request of an operation.
---@param op bedrock.Operation from `operations.find`
---@param params table? members by their names in the API
---@param uuid (fun(): string)? maker of idempotency tokens; the core's when not given
---@return bedrock.Request? request
---@return bedrock.Error? err of kind "validation"; it names the operation and the member
function request.build(op, params, uuid)
  params = params or {}
  if type(params) ~= "table" then error(op.snake .. ": the members must be a table, got " .. type(params), 3) end
  local out = { method = op.method, query = {}, headers = {} }
  local ok, err = place(op, params, out, uuid or fresh_uuid)
  if not ok then return nil, err end
  out.path, err = path_of(op, params)
  if not out.path then return nil, err end
  ok, err = check_headers(op, out.headers)
  if not ok then return nil, err end
  local content_type
  out.body, err, content_type = (op.api.protocol == "query" and form_body or json_body)(op, out)
  if err then return nil, err end
  if content_type and not has_header(out.headers, "content-type") then
    table.insert(out.headers, 1, { "Content-Type", content_type })
  end
  out.members, out.payload = nil, nil
  return out
end

return request
