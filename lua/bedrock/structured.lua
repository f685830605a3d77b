--- Structured answers: a schema goes in, a checked Lua value comes out, in both forms.
--
-- Two ways to get one. "format" asks the service to hold the model to the schema (`output_config.format` in Messages,
-- `outputConfig.textFormat` in Converse). "tool" forces a call of one tool whose input is the value, for models that know
-- only tools. Either way the value is checked here against the schema that the caller wrote.

local errors = require "bedrock.errors"
local json = require "bedrock.json"
local schema = require "bedrock.schema"
local tables = require "bedrock.tables"
local tools = require "bedrock.tools"

local copy = tables.copy

---@class bedrock.structured
local structured = {}

-- How each way asks, by form. All of them change a copy of the request.
local ask = { format = {}, tool = {} }

function ask.format.messages(params, options)
  params.output_config = copy(params.output_config)
  params.output_config.format = { type = "json_schema", schema = schema.strict(options.schema) }
end

-- Converse takes the schema as a string of JSON.
function ask.format.converse(params, options)
  params.outputConfig = copy(params.outputConfig)
  local text = assert(json.encode(schema.strict(options.schema)))
  params.outputConfig.textFormat = { type = "json_schema", structure = { jsonSchema = {
    schema = text, name = options.name, description = options.description,
  } } }
end

local function answer_tool(options)
  return tools.tool {
    name = options.name or "answer", schema = options.schema,
    description = options.description or "Gives the answer in the form that is asked for",
  }
end

function ask.tool.messages(params, options)
  params.tools = { answer_tool(options) }
  params.tool_choice = { type = "tool", name = options.name or "answer" }
end

function ask.tool.converse(params, options)
  params.toolConfig = { tools = { answer_tool(options) }, toolChoice = { tool = { name = options.name or "answer" } } }
end

local function failed(code, message, answer)
  local hint = answer.stop_reason == "max_tokens" and "The answer was cut off at max_tokens" or
    "err.reply is the answer; ask again, or describe the members in the schema"
  return nil, errors.new {
    kind = "model", code = code, message = message, hint = hint, reply = answer, stop_reason = answer.stop_reason,
  }
end

-- How each way finds the value in the answer.
local find = {}

function find.format(answer)
  local text = answer:text()
  if not text:find("%S") then return failed("json", "the answer holds no text", answer) end
  local value, err = json.decode(text)
  if err then return failed("json", "the answer is not JSON: " .. err.message, answer) end
  return value
end

function find.tool(answer)
  local call = answer:tool_uses()[1]
  if not call then return failed("json", "the model did not call the tool that takes the answer", answer) end
  if call.broken then return failed("json", "the answer is not JSON: " .. call.broken, answer) end
  return call.input
end

--- Writes the request that asks for a value of a schema.
---@param params table a Messages or Converse request; not changed
---@param options { schema: table, by: "format"|"tool"|nil, form: "messages"|"converse"|nil, name: string?, description: string? }
---@return table params
function structured.request(params, options)
  local own = copy(params)
  local form = options.form or params.modelId and "converse" or "messages"
  ask[options.by or "format"][form](own, options)
  return own
end

--- Reads the value out of an answer and checks it.
---@param answer bedrock.Reply
---@param options table as for `structured.request`
---@return any value
---@return bedrock.Error? err of kind "model", with the answer as `reply`
function structured.value(answer, options)
  local value, err = find[options.by or "format"](answer)
  if err then return nil, err end
  local ok, why = schema.check(value, options.schema)
  if not ok then return failed("schema", "the answer does not fit the schema: " .. why, answer) end
  return value
end

--- Asks for a value of a schema.
---@param send fun(params: table): bedrock.Reply?, bedrock.Error?
---@param params table a Messages or Converse request
---@param options table as for `structured.request`
---@return any value
---@return bedrock.Error? err
---@return bedrock.Reply? reply
function structured.ask(send, params, options)
  if type(options) ~= "table" or type(options.schema) ~= "table" then error("structured.ask needs a schema", 2) end
  local answer, err = send(structured.request(params, options))
  if not answer then return nil, err end
  local value, wrong = structured.value(answer, options)
  return value, wrong, answer
end

-- Members of a request to `parse` that are the library's own.
local own_options = { schema = true, by = true }

local function check(params, options)
  if type(params) ~= "table" or type(options.schema) ~= "table" then
    error("parse takes a request with a schema: { schema = { type = \"object\", ... }, ... }", 4)
  end
  if options.by ~= nil and not ask[options.by] then error('parse: by is "format" or "tool"', 4) end
end

--- Asks for a value over a client: what `client.messages:parse` and `client:converse_parse` do.
---@param client bedrock.Client
---@param form "messages"|"converse"
---@param params table the request, with `schema` and `by` beside its members
---@param call table? options of the call
---@return any value
---@return bedrock.Error? err
---@return bedrock.Reply? reply
function structured.over(client, form, params, call)
  local run = require "bedrock.run"
  local request, options = run.split(type(params) == "table" and params or {}, own_options)
  check(params, options)
  options.form = form
  return structured.ask(run.opener(client, form, false, call), request, options)
end

return structured
