--- Anthropic's Messages, on the way that the client's option `api` picks (see bedrock.apis).
--
-- Over InvokeModel the body is the Messages request without `model` and `stream`: the model goes into the path, `stream`
-- picks the operation, `anthropic_version` is added, beta names move from the header into the body. On the other ways the
-- body is the request itself, and version and betas move the other way, into headers. Everything else travels untouched,
-- whatever it is, and the answers are the same.

local apis = require "bedrock.apis"
local content = require "bedrock.content"
local errors = require "bedrock.errors"
local models = require "bedrock.models"
local json = require "bedrock.json"
local preflight = require "bedrock.preflight"
local reply = require "bedrock.reply"
local response = require "bedrock.response"

local unpack = table.unpack or unpack

local messages = {}

--- What goes into `anthropic_version` unless the caller says otherwise. Newer versions are never chosen by themselves:
--- the models with dated ids refuse them.
messages.version = "bedrock-2023-05-31"

local function refuse(message, code, hint)
  return nil, errors.new { kind = "validation", code = code, message = message, hint = hint, operation = "messages" }
end

local NO_MODEL = { "model: a model id is needed", "model", 'bedrock.models.id("claude-sonnet-4.5") makes one' }

-- Endpoints of Anthropic's own API: what there is on Bedrock, or what does the same there.
local endpoints = {
  { "^/v1/messages$" },
  { "^/v1/complete$" },
  { "^/v1/messages/batches", "client:create_model_invocation_job runs batches on Bedrock" },
  { "^/v1/messages/count_tokens$", "client.messages:count_tokens counts tokens on Bedrock" },
  { "^/v1/models", "client:list_foundation_models and client:list_inference_profiles list models on Bedrock" },
  { "^/v1/files", "Files are sent inside the request on Bedrock; see bedrock.content" },
}

--- Whether an endpoint of Anthropic's API is there on Bedrock. A query such as `?beta=true` has no meaning there.
---@param path string such as "/v1/messages"
---@return boolean? supported
---@return bedrock.Error? err with what to call instead
function messages.supports(path)
  local bare = path:gsub("%?.*$", "")
  for _, row in ipairs(endpoints) do
    if bare:find(row[1]) then
      if not row[2] then return true end
      return refuse("unsupported endpoint: Bedrock has no " .. bare, "unsupported_endpoint", row[2])
    end
  end
  return refuse("unsupported endpoint: Bedrock has no " .. bare, "unsupported_endpoint")
end

local function header(headers, name)
  for key, value in pairs(headers or {}) do
    if type(key) == "string" and key:lower() == name then return value end
  end
end

-- A whole answer of max_tokens at 128,000 tokens an hour; connections do not live much longer than ten minutes.
local seconds_a_token, patience = 3600 / 128000, 600

--- How long an answer without streaming may take, in seconds.
---@param max_tokens number
---@return number
function messages.expected_seconds(max_tokens)
  return max_tokens * seconds_a_token
end

-- Without streaming nothing comes before the answer is whole, and a long silence does not survive the network.
local function check_time(params, opts)
  local max_tokens, timeouts = params.max_tokens, opts.timeouts
  if type(max_tokens) ~= "number" or timeouts and (timeouts.first_byte or timeouts.total) then return true end
  local seconds, model = messages.expected_seconds(max_tokens), models.get(params.model)
  local limit = model and model.nonstreaming_tokens
  if seconds <= patience and not (limit and max_tokens > limit) then return true end
  local _, err = refuse(("max_tokens = %.0f may take about %.0f s without streaming"):format(max_tokens, seconds), "too_slow",
    "Use messages:stream, or set timeouts.first_byte or timeouts.total for this call")
  err.expected_seconds = seconds
  return nil, err
end

--- The body of the InvokeModel call for a Messages request. The caller's tables are not changed.
---@param params table as Anthropic documents it; neutral content blocks are welcome
---@param opts? { beta: string|string[]|nil, headers: table? } beta names, also from a header `anthropic-beta`
---@return table? body
---@return bedrock.Error? err
function messages.body(params, opts)
  local body, err = content.messages(params)
  if not body then return nil, err end
  body.model, body.stream = nil, nil
  if body.anthropic_version == nil then body.anthropic_version = messages.version end
  if body.anthropic_beta == nil and opts then
    body.anthropic_beta = apis.betas(opts.beta or header(opts.headers, "anthropic-beta"))
  end
  return body
end

--- The body of a Messages request on the ways that take it as it is, and what travels in headers there. What the caller wrote
--- for InvokeModel moves over: a list `anthropic_beta`, and an `anthropic_version` other than InvokeModel's own.
---@param params table as Anthropic documents it; neutral content blocks are welcome
---@param stream boolean?
---@return table? body
---@return { version: string?, betas: string[]? }|bedrock.Error headers
function messages.native(params, stream)
  local body, err = content.messages(params)
  if not body then return nil, err end
  local version, betas = body.anthropic_version, body.anthropic_beta
  body.stream, body.anthropic_version, body.anthropic_beta = stream or nil, nil, nil
  return body, { version = version ~= messages.version and version or nil, betas = betas }
end

-- What all ways have in common: the checks before anything is sent. `write` makes the body.
local function checked(params, opts, write)
  if type(params) ~= "table" then error("messages takes a table, not a " .. type(params), 3) end
  if type(params.model) ~= "string" or params.model == "" then return refuse(unpack(NO_MODEL)) end
  if not opts.stream then
    local in_time, too_slow = check_time(params, opts)
    if not in_time then return nil, too_slow end
  end
  local body, headers = write(params, opts)
  if not body then return nil, headers end
  local ok, refused = preflight.messages(body, opts.preflight, params.model)
  if not ok then return nil, refused end
  return preflight.tidy(body, "messages", opts.preflight), headers
end

--- What a Messages request becomes on Bedrock: an operation and its members.
---@param params table as Anthropic documents it, with `model`; `stream = true` picks the streaming operation
---@param opts? { stream: boolean?, beta: string|string[]|nil, headers: table?, timeouts: table?, preflight: any, invoke: table? }
--- timeouts: those that the caller set himself; preflight: false switches the checks off; invoke: further members of
--- InvokeModel, such as guardrailIdentifier or serviceTier
---@return "invoke_model"|"invoke_model_with_response_stream"|nil operation
---@return table|bedrock.Error members of the operation, with the body as a table; or what is wrong
function messages.request(params, opts)
  local all = {}
  for name, value in pairs(opts or {}) do all[name] = value end
  if all.stream == nil then all.stream = type(params) == "table" and params.stream == true end
  local body, err = checked(params, all, messages.body)
  if not body then return nil, err end
  local members = { modelId = params.model, body = body, contentType = "application/json", accept = "application/json" }
  for name, value in pairs(all.invoke or {}) do members[name] = value end
  return all.stream and "invoke_model_with_response_stream" or "invoke_model", members
end

--- What a Messages request becomes on the other ways.
---@param params table as for `messages.request`
---@param opts table as for `messages.request`; no `invoke`
---@return bedrock.ApiRequest? request
---@return bedrock.Error? err
function messages.native_request(params, opts)
  if opts.invoke then
    return refuse("the option invoke holds members of InvokeModel, and this client does not call it", "invoke",
      'Leave it out, or make the client with api = "invoke"')
  end
  local body, headers = checked(params, opts, function() return messages.native(params, opts.stream) end)
  if not body then return nil, headers end
  return { operation = "messages", method = "POST", path = "/v1/messages", body = body, version = headers.version,
    betas = headers.betas }
end

--- The members of CountTokens for a Messages request. That operation takes base ids only, so a profile's prefix goes.
---@param params table as Anthropic documents it
---@param opts? table as for `messages.body`
---@return table? members
---@return bedrock.Error? err
function messages.count_request(params, opts)
  if type(params.model) ~= "string" or params.model == "" then return refuse(unpack(NO_MODEL)) end
  local body, err = messages.body(params, opts)
  if not body then return nil, err end
  -- a body without it is not a Messages request to the service; the count does not depend on it
  body.max_tokens = body.max_tokens or 1
  return { modelId = models.base_id(params.model), input = { invokeModel = { body = body } } }
end

-- `client.messages`

---@class bedrock.Messages
---@field batches bedrock.MessageBatches of Claude Platform on AWS
local Messages = {}
local Meta = { __name = "bedrock.messages" }

function Meta.__index(self, name)
  if name ~= "batches" then return Messages[name] end
  self.batches = require("bedrock.platform").batches(self.client)
  return self.batches
end

--- The `messages` of a client.
---@param client bedrock.Client
---@return bedrock.Messages
function messages.service(client)
  return setmetatable({ client = client }, Meta)
end

local function check_params(method, params)
  if type(params) ~= "table" then
    local colon = params == nil and ("; it is called with a colon: client.messages:%s { ... }"):format(method) or ""
    error(("bedrock: messages:%s takes a table of parameters, not a %s%s"):format(method, type(params), colon), 3)
  end
end

-- The call behind a Messages request over InvokeModel.
function Messages:prepare_invoke(params, opts, all)
  local operation, members = messages.request(params, all)
  if not operation then return nil, members end
  local call, err = self.client:prepare(operation, members, opts)
  -- The names have moved into the body; the service knows no such header.
  if call then call:take_header("anthropic-beta") end
  if call then call.api = "invoke" end
  return call, err
end

-- The same on the other ways; what hints look at has the shape of an operation's members.
function Messages:prepare_native(params, opts, all)
  local request, err = messages.native_request(params, all)
  if not request then return nil, err end
  self.client:warn_of_model(params.model)
  local call, failed = apis.call(self.client, request, opts)
  if call then call.params = { modelId = params.model, body = { anthropic_beta = request.betas } } end
  return call, failed
end

-- The call behind a Messages request, ready to be sent.
function Messages:prepare(params, opts, stream)
  local all = self.client:call_options(opts)
  all.stream = stream
  local native = self.client.settings.api.native
  return (native and self.prepare_native or self.prepare_invoke)(self, params, opts, all)
end

local function unreadable(call, why)
  return nil, errors.new {
    kind = "server", code = "UnreadableAnswer", operation = call.op_name, status = 200,
    message = "the answer is not a JSON object: " .. why,
  }
end

-- The answer: bytes that InvokeModel passes on, or decoded already.
local function message_of(call, result)
  local message, why, native = result, nil, call.client.settings.api.native
  if not native then message, why = json.decode(result.body, response.json_options(call.limits)) end
  if type(message) ~= "table" then return unreadable(call, why and why.message or "it is " .. tostring(message)) end
  if native and next(message) == nil then return unreadable(call, "it is empty") end
  return reply.wrap(message, "messages")
end

--- Sends a request and waits for the whole answer. With `stream = true` in the request it is `stream`.
--- https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
---@param params bedrock.MessagesRequest as Anthropic documents it
---@param opts bedrock.CallOptions?
---@return bedrock.Reply? reply
---@return bedrock.Error? err
function Messages:create(params, opts)
  check_params("create", params)
  if params.stream == true then return self:stream(params, opts) end
  local call, err = self:prepare(params, opts, false)
  if not call then return nil, err end
  return call:run(message_of)
end

--- Sends a request and gives the answer as it is written.
--- https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
---@param params bedrock.MessagesRequest as for `create`
---@param opts bedrock.CallOptions? as for `create`, and on_interrupt, see bedrock.Stream
---@return bedrock.Stream? stream
---@return bedrock.Error? err
function Messages:stream(params, opts)
  check_params("stream", params)
  local call, err = self:prepare(params, opts, true)
  if not call then return nil, err end
  local form = self.client.settings.api.native and "messages_sse" or "messages"
  return self.client:open(call, form, opts and opts.on_interrupt, function(next_params)
    return self:prepare(next_params, opts, true)
  end)
end

--- Sends a request and lets the model use the tools that were declared with `bedrock.tool`, until it is done. The run
--- streams while it runs: `run:text()`, `run:events()`, `run:updates()`; `run:finish()` runs to the end.
---@param params bedrock.MessagesRequest as for `create`; beside its members max_steps (25), approve(call, tool), concurrency (8, in tasks),
--- stream = false for whole answers; see bedrock.run
---@param opts bedrock.CallOptions? as for `create`, for each call
---@return bedrock.Run run
function Messages:run(params, opts)
  check_params("run", params)
  return require("bedrock.run").over(self.client, "messages", params, opts)
end

--- Asks for a value of a JSON schema and checks it.
---@param params bedrock.MessagesRequest as for `create`; beside its members `schema`, and `by = "tool"` for models without structured output
---@param opts bedrock.CallOptions? as for `create`
---@return any value
---@return bedrock.Error? err of kind "model" when the answer does not fit or was cut; the answer is its `reply`
---@return bedrock.Reply? reply
function Messages:parse(params, opts)
  return require("bedrock.structured").over(self.client, "messages", params, opts)
end

-- Members of a request that have no say in how long its prompt is; the count takes none of them.
local uncounted = { "max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata", "service_tier",
  "container", "inference_geo" }

-- A count by the API that takes the request as it is.
function Messages:count_native(params, opts)
  if type(params.model) ~= "string" or params.model == "" then return refuse(unpack(NO_MODEL)) end
  local body, headers = messages.native(params)
  if not body then return nil, headers end
  for _, name in ipairs(uncounted) do body[name] = nil end
  local call, err = apis.call(self.client, {
    operation = "messages.count_tokens", method = "POST", path = "/v1/messages/count_tokens", body = body,
    version = headers.version, betas = headers.betas,
  }, opts)
  if not call then return nil, err end
  call.params = { modelId = params.model }
  return call:run()
end

--- Counts the tokens of a request before it is sent, free of charge. On bedrock-runtime models that are called through profiles
--- only cannot be counted; Claude in Amazon Bedrock (`api = "mantle"`) counts its own.
--- https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
---@param params bedrock.MessagesRequest as for `create`; max_tokens may be missing
---@param opts bedrock.CallOptions? as for `create`
---@return { input_tokens: integer }? count
---@return bedrock.Error? err
function Messages:count_tokens(params, opts)
  check_params("count_tokens", params)
  -- bedrock-runtime has an operation for it, whatever way the request itself would go
  if self.client.settings.api.service ~= "bedrock-runtime" then return self:count_native(params, opts) end
  local members, err = messages.count_request(params, opts)
  if not members then return nil, err end
  local result, failed = self.client:call("count_tokens", members, opts)
  if not result then return nil, failed end
  result.input_tokens = result.inputTokens
  return result
end

return messages
