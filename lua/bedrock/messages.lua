--- Anthropic's Messages over InvokeModel.
--
-- A Messages call is an InvokeModel call whose body is the Messages request without `model` and `stream`: the model
-- goes into the path, `stream` picks the operation, `anthropic_version` is added, beta names move from the header
-- into the body. Everything else travels untouched, whatever it is.

local content = require "bedrock.content"
local errors = require "bedrock.errors"
local models = require "bedrock.models"
local json = require "bedrock.json"
local preflight = require "bedrock.preflight"
local reply = require "bedrock.reply"

local messages = {}

--- What goes into `anthropic_version` unless the caller says otherwise. Newer versions are never chosen by themselves:
--- the models with dated ids refuse them.
messages.version = "bedrock-2023-05-31"

local function refuse(message, code, hint)
  return nil, errors.new { kind = "validation", code = code, message = message, hint = hint, operation = "messages" }
end

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

-- Beta names from a comma-separated header or a list: trimmed, each once.
local function beta_names(source)
  if type(source) == "string" then source = { source } end
  local names, seen = {}, {}
  for _, text in ipairs(source or {}) do
    for name in text:gmatch("[^,]+") do
      name = name:match("^%s*(.-)%s*$")
      if name ~= "" and not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  return #names > 0 and names or nil
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
    body.anthropic_beta = beta_names(opts.beta or header(opts.headers, "anthropic-beta"))
  end
  return body
end

--- What a Messages request becomes on Bedrock: an operation and its members.
---@param params table as Anthropic documents it, with `model`; `stream = true` picks the streaming operation
---@param opts? { stream: boolean?, beta: string|string[]|nil, headers: table?, timeouts: table?, preflight: any, invoke: table? }
--- timeouts: those that the caller set himself; preflight: false switches the checks off; invoke: further members of
--- InvokeModel, such as guardrailIdentifier or serviceTier
---@return "invoke_model"|"invoke_model_with_response_stream"|nil operation
---@return table|bedrock.Error members of the operation, with the body as a table; or what is wrong
function messages.request(params, opts)
  if type(params) ~= "table" then error("messages takes a table, not a " .. type(params), 2) end
  opts = opts or {}
  if type(params.model) ~= "string" or params.model == "" then return refuse("model: a model id is needed", "model") end
  local stream = opts.stream
  if stream == nil then stream = params.stream == true end
  if not stream then
    local in_time, too_slow = check_time(params, opts)
    if not in_time then return nil, too_slow end
  end
  local body, err = messages.body(params, opts)
  if not body then return nil, err end
  local ok, refused = preflight.messages(body, opts.preflight, params.model)
  if not ok then return nil, refused end
  body = preflight.tidy(body, "messages", opts.preflight)
  local members = { modelId = params.model, body = body, contentType = "application/json", accept = "application/json" }
  for name, value in pairs(opts.invoke or {}) do members[name] = value end
  return stream and "invoke_model_with_response_stream" or "invoke_model", members
end

--- The members of CountTokens for a Messages request. That operation takes base ids only, so a profile's prefix goes.
---@param params table as Anthropic documents it
---@param opts? table as for `messages.body`
---@return table? members
---@return bedrock.Error? err
function messages.count_request(params, opts)
  if type(params.model) ~= "string" or params.model == "" then return refuse("model: a model id is needed", "model") end
  local body, err = messages.body(params, opts)
  if not body then return nil, err end
  -- a body without it is not a Messages request to the service; the count does not depend on it
  body.max_tokens = body.max_tokens or 1
  return { modelId = models.base_id(params.model), input = { invokeModel = { body = body } } }
end

-- `client.messages`

---@class bedrock.Messages
local Messages = {}
Messages.__index = Messages
Messages.__name = "bedrock.messages"

--- The `messages` of a client.
---@param client bedrock.Client
---@return bedrock.Messages
function messages.service(client)
  return setmetatable({ client = client }, Messages)
end

local function check_params(method, params)
  if type(params) ~= "table" then
    error(("bedrock: messages:%s takes a table of parameters, not a %s"):format(method, type(params)), 3)
  end
end

-- The call behind a Messages request, ready to be sent.
function Messages:prepare(params, opts, stream)
  local client = self.client
  local all = client:call_options(opts)
  all.stream = stream
  local operation, members = messages.request(params, all)
  if not operation then return nil, members end
  local call, err = client:prepare(operation, members, opts)
  if not call then return nil, err end
  -- The names have moved into the body; the service knows no such header.
  call:drop_header("anthropic-beta")
  return call
end

local function unreadable(result, why)
  return errors.new {
    kind = "server", code = "UnreadableAnswer", operation = "invoke_model", status = 200,
    message = "the answer is not a JSON object: " .. why, members = { contentType = result.contentType },
  }
end

--- Sends a request and waits for the whole answer. With `stream = true` in the request it is `stream`.
--- https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
---@param params table as Anthropic documents it: model, max_tokens, messages, ...
---@param opts? { timeouts: table?, headers: table?, retry: table?, preflight: any, beta: string|string[]|nil, invoke: table? }
---@return bedrock.Reply? reply
---@return bedrock.Error? err
function Messages:create(params, opts)
  check_params("create", params)
  if params.stream == true then return self:stream(params, opts) end
  local call, err = self:prepare(params, opts, false)
  if not call then return nil, err end
  local result, failed = call:run()
  if not result then return nil, failed end
  local message, why = json.decode(result.body)
  if type(message) ~= "table" then return nil, unreadable(result, why and why.message or "it is " .. tostring(message)) end
  return reply.wrap(message, "messages")
end

--- Sends a request and gives the answer as it is written.
--- https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
---@param params table as for `create`
---@param opts table? as for `create`, and on_interrupt, see bedrock.Stream
---@return bedrock.Stream? stream
---@return bedrock.Error? err
function Messages:stream(params, opts)
  check_params("stream", params)
  local call, err = self:prepare(params, opts, true)
  if not call then return nil, err end
  return self.client:open(call, "messages", opts and opts.on_interrupt, function(next_params)
    return self:prepare(next_params, opts, true)
  end)
end

--- Sends a request and lets the model use the tools that were declared with `bedrock.tool`, until it is done. The run
--- streams while it runs: `run:text()`, `run:events()`, `run:updates()`; `run:finish()` runs to the end.
---@param params table as for `create`; beside its members max_steps (25), approve(call, tool), concurrency (8, in tasks),
--- stream = false for whole answers; see bedrock.run
---@param opts table? as for `create`, for each call
---@return bedrock.Run run
function Messages:run(params, opts)
  check_params("run", params)
  return require("bedrock.run").over(self.client, "messages", params, opts)
end

--- Asks for a value of a JSON schema and checks it.
---@param params table as for `create`; beside its members `schema`, and `by = "tool"` for models without structured output
---@param opts table? as for `create`
---@return any value
---@return bedrock.Error? err of kind "model" when the answer does not fit or was cut; the answer is its `reply`
---@return bedrock.Reply? reply
function Messages:parse(params, opts)
  return require("bedrock.structured").over(self.client, "messages", params, opts)
end

--- Counts the tokens of a request before it is sent, free of charge. Models that are called through profiles only cannot be
--- counted here.
--- https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
---@param params table as for `create`; max_tokens may be missing
---@param opts table? as for `create`
---@return { input_tokens: integer, inputTokens: integer }? count
---@return bedrock.Error? err
function Messages:count_tokens(params, opts)
  local members, err = messages.count_request(params, opts)
  if not members then return nil, err end
  local result, failed = self.client:call("count_tokens", members, opts)
  if not result then return nil, failed end
  result.input_tokens = result.inputTokens
  return result
end

return messages
