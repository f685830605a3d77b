--- The paths that speak Anthropic's own API: Messages on bedrock-runtime and on bedrock-mantle, both under /anthropic, and
-- Claude Platform on AWS, whose further resources are platform.lua's.
--
-- One port plays them all. The first two differ by what the signature names; with an API key they cannot be told apart here, so
-- the ids of both pass. Errors have Anthropic's form, but for those of the front that checks signatures.

local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local messages = require("bedrock.emulator.messages")
local model = require("bedrock.emulator.model")
local models = require("bedrock.emulator.models")
local platform = require("bedrock.emulator.platform")
local refusal = require("bedrock.emulator.refusal")
local usage = require("bedrock.emulator.usage")

local anthropic = {}

local MAX_BODY = { ["aws-external-anthropic"] = 32000000 }
local VERSIONS = { ["2023-01-01"] = true, ["2023-06-01"] = true, ["2026-10-21"] = true }

-- ---- errors ----

local types = {
  [400] = "invalid_request_error", [401] = "authentication_error", [403] = "permission_error", [404] = "not_found_error",
  [409] = "invalid_request_error", [413] = "request_too_large", [429] = "rate_limit_error", [504] = "timeout_error",
  [529] = "overloaded_error",
}

--- A failure in the form of this API.
---@return table response
function anthropic.failure(exchange, status, message)
  local body = { type = "error", error = { type = types[status] or (status < 500 and "invalid_request_error" or "api_error"),
    message = message }, request_id = exchange.id }
  return { status = status, headers = { { "Content-Type", "application/json" }, { "request-id", exchange.id } },
    parts = { { bytes = json.encode(body) } } }
end

-- Nothing for what the front refuses: it speaks as everywhere.
local function refused(exchange, why)
  return not why.front and anthropic.failure(exchange, why.status, why.message)
end

-- ---- requests ----

local function not_found(id)
  refusal.raise("ResourceNotFoundException", "model: %s", tostring(id))
end

-- The three kinds of ids: first-party names, the same with the provider, and those of InvokeModel.
local function by_first_party_name(id)
  return id:find("^claude%-[%l%d%-]+$") and { id = id, base = id, anthropic = true, profile = true } or nil
end

local function by_mantle_id(id)
  local name = id:match("^anthropic%.(claude%-[%l%d%-]+)$")
  if not name or name:find("%-v%d+$") or name:find("%-%d%d%d%d%d%d%d%d$") then return nil end
  return { id = id, base = id, anthropic = true, profile = true }
end

local function by_runtime_id(id)
  local ok, found = pcall(models.invocable, id)
  if ok then return found.anthropic and found or nil end
  return nil, found
end

local function target_of(exchange, id)
  if type(id) ~= "string" then refusal.invalid("model: Field required") end
  local service, why, found = exchange.route.service, nil, nil
  if service == "aws-external-anthropic" then return by_first_party_name(id) or not_found(id) end
  if service == "bedrock-mantle" or exchange.identity.id == "bearer" then found = by_mantle_id(id) end
  if not found and service ~= "bedrock-mantle" then found, why = by_runtime_id(id) end
  if why then error(why, 0) end
  return found or not_found(id)
end

local function check_head(exchange)
  local header, limit = exchange.request.header, MAX_BODY[exchange.route.service] or 20000000
  if not header["anthropic-version"] then refusal.invalid("anthropic-version: header is required") end
  if not VERSIONS[header["anthropic-version"]] then
    refusal.invalid("anthropic-version: %s is not a valid version", header["anthropic-version"])
  end
  if exchange.route.service == "aws-external-anthropic" and not header["anthropic-workspace-id"] then
    refusal.invalid("anthropic-workspace-id: header is required")
  end
  if #exchange.request.body > limit then
    refusal.raise("RequestEntityTooLargeException", "Request exceeds the maximum size")
  end
end

local function decoded_body(exchange)
  local body, why = json.decode(exchange.request.body)
  if not json.is_object(body) then
    refusal.invalid("The request body is not valid JSON: %s", why or "an object is expected")
  end
  return body
end

-- Ids on the platform do not say that they come from Bedrock.
local function prefix(exchange, name)
  return name .. (exchange.route.service == "aws-external-anthropic" and "_01" or "_bdrk_01")
end

--- What the model answers to a Messages request; refuses what the API refuses.
---@param exchange table
---@param body table the request
---@param text string the same as it came
---@return table prompt
---@return table answer
---@return table used
function anthropic.answer(exchange, body, text)
  local target = target_of(exchange, body.model)
  local prompt = messages.parse(body, true)
  prompt.model, prompt.tool_prefix = target, prefix(exchange, "toolu")
  local answer = model.answer(prompt, exchange.state)
  answer.id = exchange.state:id(prefix(exchange, "msg"))
  answer.first_byte, answer.latency = 80, 80 + 20 * answer.output_tokens
  return prompt, answer, usage.measure(exchange.state, prompt, text)
end

-- ---- answers ----

--- One server-sent event.
---@param event table with its type
---@return string
function anthropic.event(event)
  return ("event: %s\ndata: %s\n\n"):format(event.type, json.encode(event))
end

local function streamed(exchange, events)
  local parts = {}
  for _, event in ipairs(events) do
    event["amazon-bedrock-invocationMetrics"] = nil
    parts[#parts + 1] = { name = event.type, bytes = anthropic.event(event), last = event.type == "message_stop" }
    if event.type == "message_start" then parts[2] = { name = "ping", bytes = anthropic.event({ type = "ping" }) } end
  end
  return { status = 200, parts = parts, stream = true, sse = true, headers = {
    { "Content-Type", "text/event-stream; charset=utf-8" }, { "Cache-Control", "no-cache" }, { "request-id", exchange.id } } }
end

local function create(exchange)
  local body = decoded_body(exchange)
  local prompt, answer, used = anthropic.answer(exchange, body, exchange.request.body)
  if body.stream == true then return streamed(exchange, messages.events(prompt, answer, used)) end
  return json.answer(messages.render(prompt, answer, used), { { "request-id", exchange.id } })
end

local function count_tokens(exchange)
  local body = decoded_body(exchange)
  if body.max_tokens ~= nil then refusal.invalid("max_tokens: Extra inputs are not permitted") end
  local target = target_of(exchange, body.model)
  body.max_tokens = 1
  local prompt = messages.parse(body, true)
  prompt.model = target
  return json.answer({ input_tokens = usage.count(prompt, exchange.request.body) }, { { "request-id", exchange.id } })
end

-- ---- routes ----

local rows = {
  { "Messages", "POST", "^/v1/messages$", create },
  { "MessagesCountTokens", "POST", "^/v1/messages/count_tokens$", count_tokens },
}

-- What the signature names, when that is one of those that may; else the first of them.
local function service_of(request, services)
  local claimed = (request.header.authorization or ""):match("Credential=[^,%s]*/([^/,%s]+)/aws4_request")
  for _, name in ipairs(services) do
    if name == claimed then return name end
  end
  return services[1]
end

local function route(row, service, captures)
  for i, text in ipairs(captures) do captures[i] = encoding.unpercent(text) end
  return {
    operation = row[1], service = service, captures = captures, key_header = "x-api-key", refused = refused,
    failure = anthropic.failure,
    handler = function(exchange)
      check_head(exchange)
      return row[4](exchange, anthropic)
    end,
  }
end

--- The route of a request to one of these paths.
---@param request table
---@return table? route
function anthropic.route(request)
  local on_bedrock = request.path:match("^/anthropic(/v1/.*)$")
  local path = on_bedrock or request.path
  local service = service_of(request, on_bedrock and { "bedrock", "bedrock-mantle" } or { "aws-external-anthropic" })
  for _, list in ipairs({ rows, not on_bedrock and platform.rows or {} }) do
    for _, row in ipairs(list) do
      local captures = row[2] == request.method and { path:match(row[3]) } or {}
      if captures[1] then return route(row, service, captures) end
    end
  end
end

return anthropic
