--- From an HTTP answer to the table that the operation promises. Pure.
--
-- Members keep the names of the service, unknown ones included. An answer that is not a success becomes the error
-- object, whatever its body is: JSON, the XML of the query protocol, a page of HTML, or nothing.

local errors = require "bedrock.errors"
local json = require "bedrock.json"

local response = {}

-- What few answers need is loaded with the first that does: times in odd forms, and the XML of the query protocol.
local function timestamps()
  return require "bedrock.timestamps"
end

local function xml()
  return require "bedrock.xml"
end

-- Timestamps reach the user as RFC 3339 text; some services write seconds in the same place.
local function times_to_text(value, node)
  if type(node) == "string" then return type(value) == "number" and timestamps().iso8601(value) or value end
  if type(value) ~= "table" then return value end
  for key, below in pairs(node) do
    if key == "[]" then
      for i = 1, #value do value[i] = times_to_text(value[i], below) end
    elseif key == "{}" then
      for name, element in pairs(value) do value[name] = times_to_text(element, below) end
    elseif value[key] ~= nil then
      value[key] = times_to_text(value[key], below)
    end
  end
  return value
end

-- Headers and the status

local function typed(m, text)
  if m.type == "boolean" then return text == "true" end
  if m.type == "integer" or m.type == "long" or m.type == "double" or m.type == "float" then return tonumber(text) or text end
  if m.type == "time" or m.type == "httpdate" then return timestamps().iso8601(text) or text end
  if m.type == "epoch" then return timestamps().iso8601(tonumber(text) or text) or text end
  return text
end

local function prefixed(m, headers)
  local prefix, map = m.wire:lower(), {}
  for name, value in pairs(headers) do
    if name:sub(1, #prefix) == prefix then map[name:sub(#prefix + 1)] = value end
  end
  return next(map) and map or nil
end

local read = {}

function read.header(m, _, headers)
  if m.container == "map" then return prefixed(m, headers) end
  local text = headers[m.wire:lower()]
  return text and typed(m, text)
end

function read.status(_, status)
  return status
end

local function add_outer(op, result, status, headers)
  for _, m in ipairs(op.outputs) do
    if read[m.where] then result[m.name] = read[m.where](m, status, headers) end
  end
  return result
end

-- JSON

-- What these services answer with is secret, even where it cannot be read.
local secretive = { sts = true, sso = true, ["sso-oidc"] = true, signin = true }

local function odd_answer(op, status, headers, body, why)
  local shown = errors.from_response(status, headers, body)
  return nil, errors.new {
    kind = "server", code = "UnreadableAnswer", status = status, request_id = shown.request_id, operation = op.snake,
    message = why .. (body ~= "" and not secretive[op.service] and ": " .. shown.message or ""),
  }
end

-- A token that is null is one that is not there: the page is the last. Everywhere else null stays what the wire says.
local function drop_null_token(op, value)
  local token = op.page and op.page.output
  if token and value[token] == json.null then value[token] = nil end
  return value
end

--- What the JSON of an answer may cost.
---@param limits { json_depth: integer?, json_size: integer?, json_values: integer? }
---@param blobs table?
---@return bedrock.json.DecodeOptions
function response.json_options(limits, blobs)
  return { blobs = blobs, depth = limits.json_depth, size = limits.json_size, values = limits.json_values }
end

local function json_result(op, status, headers, body, limits)
  if body == "" then return {} end
  local value, err = json.decode(body, response.json_options(limits, op.blobs_out))
  if err then return odd_answer(op, status, headers, body, "the answer is not JSON (" .. err.message .. ")") end
  if value == json.null then return {} end
  if type(value) ~= "table" then return odd_answer(op, status, headers, body, "the answer is not a JSON object") end
  if op.times_out then times_to_text(value, op.times_out) end
  return op.out_payload and value or drop_null_token(op, value)
end

-- XML of the query protocol: <OperationResponse><OperationResult>members</OperationResult>...

local function xml_typed(op, result)
  for _, m in ipairs(op.outputs) do
    local value = result[m.wire]
    if type(value) == "string" then
      local holds_more = m.container or m.type == "object" or m.type == "oneof"
      result[m.wire] = holds_more and {} or typed(m, value)
    end
  end
  return result
end

local function xml_result(op, status, headers, body)
  local root, err = xml().decode(body)
  if not root then return odd_answer(op, status, headers, body, "the answer is not XML (" .. err.message .. ")") end
  if root.name ~= op.name .. "Response" then
    return odd_answer(op, status, headers, body, "the answer is not a " .. op.name .. "Response but a " .. root.name)
  end
  local result = xml().child(root, op.name .. "Result")
  local value = result and xml().value(result) or {}
  return xml_typed(op, type(value) == "table" and value or {})
end

local function xml_failure(body)
  local root = xml().decode(body)
  local failure = root and (root.name == "ErrorResponse" and xml().child(root, "Error") or root.name == "Error" and root)
  if not failure then return nil end
  local members = xml().value(failure)
  local request_id = xml().child(root, "RequestId") or xml().child(root, "RequestID")
  return type(members) == "table" and members or nil, request_id and request_id.text
end

local function failure_of(op, status, headers, body, clean)
  local decoded, request_id
  if op.api.protocol == "query" then decoded, request_id = xml_failure(body) end
  if not decoded then
    decoded = json.decode(body)
    if type(decoded) ~= "table" then decoded = nil end
  end
  if clean then body, decoded = clean(body), clean(decoded) end
  local err = errors.from_response(status, headers, body, decoded, op.api.anthropic)
  err.operation, err.request_id = op.snake, err.request_id or request_id
  return err
end

local function success_of(op, status, headers, body, limits)
  local payload = op.out_payload
  if payload and payload.type == "events" then return {} end
  if payload and payload.type == "blob" then return { [payload.name] = body } end
  local value, err = (op.api.protocol == "query" and xml_result or json_result)(op, status, headers, body, limits)
  if not value then return nil, err end
  if payload then return { [payload.name] = value } end
  return value
end

--- The answer of an operation as a table. For an operation that streams, only what its headers say.
---@param op bedrock.Operation
---@param status integer
---@param headers table<string, string> lower-case names
---@param body string? all of it; nothing when the answer streams
---@param limits { json_depth: integer?, json_size: integer?, json_values: integer? }?
---@param clean (fun(said: any): any)? takes out what must not be told, of the words of a failure
---@return table? result
---@return bedrock.Error? err
function response.decode(op, status, headers, body, limits, clean)
  body = body or ""
  if status < 200 or status > 299 then return nil, failure_of(op, status, headers, body, clean) end
  local result, err = success_of(op, status, headers, body, limits or {})
  if not result then return nil, err end
  return add_outer(op, result, status, headers)
end

return response
