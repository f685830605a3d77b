--- Converse, Bedrock's own format for all models: what a request of the caller becomes.
--
-- Neutral content blocks are written in the Converse form and the request is checked; everything else travels as it is.

local content = require "bedrock.content"
local errors = require "bedrock.errors"
local lazy = require "bedrock.lazy"
local models = lazy "bedrock.models"
local preflight = require "bedrock.preflight"
local reply = lazy "bedrock.reply"

local converse = {}

--- What a Converse request becomes: an operation and its members. The caller's tables are not changed.
---@param params table as AWS documents it, with `modelId`; neutral content blocks are welcome
---@param opts? { stream: boolean?, preflight: any } preflight: false switches the checks off
---@return "converse"|"converse_stream"|nil operation
---@return table|bedrock.Error members of the operation, or what is wrong
function converse.request(params, opts)
  if type(params) ~= "table" then error("converse takes a table, not a " .. type(params), 2) end
  opts = opts or {}
  local operation = opts.stream and "converse_stream" or "converse"
  if type(params.modelId) ~= "string" or params.modelId == "" then
    return nil, errors.new {
      kind = "validation", code = "model", message = "modelId: a model id is needed", operation = operation,
      hint = 'bedrock.models.id("claude-sonnet-4.5") makes one',
    }
  end
  local members, err = content.converse(params)
  if not members then return nil, err end
  local ok, refused = preflight.converse(members, opts.preflight)
  if not ok then return nil, refused end
  return operation, preflight.tidy(members, "converse", opts.preflight)
end

local function prepare(client, params, opts, stream)
  local all = client:call_options(opts)
  all.stream = stream
  local operation, members = converse.request(params, all)
  if not operation then return nil, members end
  local inference = members.inferenceConfig
  if type(inference) ~= "table" or inference.maxTokens == nil then client:advise_max_tokens(members.modelId) end
  return client:prepare(operation, members, opts)
end

local function answered(_, result)
  return reply.wrap(result, "converse")
end

--- Sends a Converse request and waits for the whole answer: what `client:converse` does.
--- https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
---@param client bedrock.Client
---@param params table
---@param opts? { timeouts: table?, headers: table?, retry: table?, preflight: any }
---@return bedrock.Reply? reply
---@return bedrock.Error? err
function converse.create(client, params, opts)
  local call, err = prepare(client, params, opts, false)
  if not call then return nil, err end
  return call:run(answered)
end

--- Sends a Converse request and gives the answer as it is written: what `client:converse_stream` does.
--- https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
---@param client bedrock.Client
---@param params table
---@param opts table? as for `create`, and on_interrupt, see bedrock.Stream
---@return bedrock.Stream? stream
---@return bedrock.Error? err
function converse.stream(client, params, opts)
  local call, err = prepare(client, params, opts, true)
  if not call then return nil, err end
  return client:open(call, "converse", opts and opts.on_interrupt, function(next_params)
    return prepare(client, next_params, opts, true)
  end)
end

-- What CountTokens wants to know of a Converse request; the rest of it does not count.
local counted = { messages = true, system = true, toolConfig = true, additionalModelRequestFields = true }

local function count_input(params)
  local request = {}
  for name, value in pairs(params) do
    if counted[name] then request[name] = value end
  end
  return content.converse(request)
end

-- CountTokens with its own members goes out as it was written, but for neutral blocks.
local function own_count_request(params)
  local inner = type(params.input) == "table" and params.input.converse
  if type(inner) ~= "table" then return params end
  local written, err = content.converse(inner)
  if not written then return nil, err end
  local members, input = {}, {}
  for name, value in pairs(params) do members[name] = value end
  for name, value in pairs(params.input) do input[name] = value end
  members.input, input.converse = input, written
  return members
end

--- The members of CountTokens for a Converse request. The operation takes base ids only, so the prefix of a profile goes.
---@param params table a request as for `converse`; or `modelId` and `input` as AWS documents them, which stay as they are
---@return table? members
---@return bedrock.Error? err
function converse.count_request(params)
  if params.input ~= nil then return own_count_request(params) end
  local written, err = count_input(params)
  if not written then return nil, err end
  local id = params.modelId
  return { modelId = type(id) == "string" and models.base_id(id) or id, input = { converse = written } }
end

--- Counts the tokens of a request before it is sent, free of charge: what `client:count_tokens` does.
--- https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
---@param client bedrock.Client
---@param params table as for `count_request`
---@param opts table?
---@return { inputTokens: integer, input_tokens: integer }? count `input_tokens` too when a Converse request was given
---@return bedrock.Error? err
function converse.count_tokens(client, params, opts)
  local members, err = converse.count_request(params)
  if not members then return nil, err end
  local result, failed = client:call("count_tokens", members, opts)
  if not result then return nil, failed end
  if params.input == nil then result.input_tokens = result.inputTokens end
  return result
end

return converse
