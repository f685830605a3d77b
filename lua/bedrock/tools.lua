--- Tools: declare them once for both forms, and run the loop in which a model uses them.
--
--     ask ─► answer with calls? ─► approve ─► run them, side by side ─► results into the history ─► ask again
--               └─ no: done
--
-- The loop here is a function of `send(params) -> reply | nil, err`; it opens nothing itself. bedrock.run drives it over a
-- client and streams while it runs. What a tool does wrong goes back to the model as an error result: an unknown name,
-- input that is not JSON, a function that raises or returns nil and a reason, a result that cannot be sent. The history
-- holds whole turns only (each call with its result), so it can be sent again and continued at any point.

local blocks = require "bedrock.blocks"
local content = require "bedrock.content"
local json = require "bedrock.json"
local schema = require "bedrock.schema"
local tables = require "bedrock.tables"

local copy = tables.copy

---@class bedrock.tools
local tools = {}

-- Declaring -----------------------------------------------------------------------------------------------------------

local function input_schema(fields)
  if fields.parameters == nil then return fields.schema or {} end
  if fields.schema ~= nil then error("the tool " .. fields.name .. ": give schema or parameters, not both", 3) end
  local ok, made = pcall(schema.of_parameters, fields.parameters)
  if not ok then error("the tool " .. fields.name .. ": " .. tostring(made), 3) end
  return made
end

---@class bedrock.Tool: bedrock.Block
---@field name string
---@field description string?
---@field schema table of the input
---@field run fun(input: table, call: bedrock.ToolUse): any, any

--- Declares a tool. It may stand in `tools` of a Messages request and in `toolConfig.tools` of a Converse request.
---@param fields { name: string, description: string?, schema: table?, parameters: table?, strict: boolean?, run: function? }
--- schema: a JSON schema of the input, or parameters: its members by name, { city = "string", days = "integer?" }
--- run(input, call) returns the result (a string, a block of content, a list of blocks, or JSON data), or nil and a reason
---@return bedrock.Tool
function tools.tool(fields)
  local name = type(fields) == "table" and fields.name
  if type(name) ~= "string" or not name:find("^[%w_-]+$") or #name > 64 then
    error("a tool needs a name of 1 to 64 letters, digits, _ and -", 2)
  end
  if fields.run ~= nil and type(fields.run) ~= "function" and not (getmetatable(fields.run) or {}).__call then
    error("the tool " .. name .. ": run must be a function", 2)
  end
  local input = schema.wire(input_schema(fields))
  if input.type == nil then input.type = "object" end
  return blocks.new("tool", {
    name = name, description = fields.description, schema = input, strict = fields.strict, run = fields.run,
  })
end

-- The two forms -------------------------------------------------------------------------------------------------------

local function appended(list, more)
  local all = json.array {}
  for _, value in ipairs(list or {}) do all[#all + 1] = value end
  for _, value in ipairs(more) do all[#all + 1] = value end
  return all
end

local forms = {}

forms.messages = {
  tools_of = function(params) return params.tools end,
  add_tools = function(params, list) params.tools = appended(params.tools, list) end,
  -- A forced choice holds for the first step; later it would force calls for ever.
  free_choice = function(params)
    local choice = params.tool_choice
    if type(choice) ~= "table" or choice.type ~= "any" and choice.type ~= "tool" then return end
    local parallel = choice.disable_parallel_tool_use
    params.tool_choice = parallel ~= nil and { type = "auto", disable_parallel_tool_use = parallel } or nil
  end,
  -- A container that the service made for this conversation goes on with it.
  carry = function(params, answer)
    local container = rawget(answer, "container")
    if type(container) == "table" and container.id and params.container == nil then params.container = container.id end
  end,
  is_call = function(block) return block.type == "tool_use" end,
}

forms.converse = {
  tools_of = function(params) return type(params.toolConfig) == "table" and params.toolConfig.tools or nil end,
  add_tools = function(params, list)
    params.toolConfig = copy(params.toolConfig or {})
    params.toolConfig.tools = appended(params.toolConfig.tools, list)
  end,
  free_choice = function(params)
    local choice = params.toolConfig and params.toolConfig.toolChoice
    if type(choice) ~= "table" or not (choice.any or choice.tool) then return end
    params.toolConfig = copy(params.toolConfig)
    params.toolConfig.toolChoice = nil
  end,
  carry = function() end,
  is_call = function(block) return type(block.toolUse) == "table" and block.toolUse.type ~= "server_tool_use" end,
}

-- Running calls -------------------------------------------------------------------------------------------------------

-- A scheduler has a pcall of its own, because plain Lua 5.1 cannot wait under pcall.
local function protected(fn, ...)
  local async = package.loaded["bedrock.async"]
  return (async and async.pcall or pcall)(fn, ...)
end

local function one_by_one(list, fn)
  for i = 1, #list do fn(list[i], i) end
end

-- Inside a scheduler calls run side by side, elsewhere one after the other.
local function default_parallel(concurrency)
  return function(list, fn)
    local async = package.loaded["bedrock.async"]
    if async and async.current() and #list > 1 then return async.map(list, fn, { concurrency = concurrency }) end
    return one_by_one(list, fn)
  end
end

---@class bedrock.ToolRunner
---@field messages table the history: whole turns, in the form of the wire
---@field steps integer how many answers were asked for
---@field usage table sums of the neutral counters over all steps
local Runner = {}
Runner.__index = Runner
Runner.__name = "bedrock.tools.runner"

local function failed(message)
  return { value = message, is_error = true }
end

-- Only the last call of an answer can have been cut off by the limit on tokens; what it lacks nobody knows.
local function cut_off(answer, calls, call)
  return answer.stop_reason == "max_tokens" and call == calls[#calls]
end

function Runner:refusal(answer, calls, call)
  if cut_off(answer, calls, call) then
    return failed "Error: this call was cut off at the limit on tokens and was not run"
  end
  if call.broken then
    return failed("Error: the input of this call is not a JSON object and it was not run. It was: " .. call.broken)
  end
  local tool = self.by_name[call.name]
  if not tool or not tool.run then return failed(("Error: Tool '%s' not found"):format(tostring(call.name))) end
  if not self.approve then return nil end
  local approved, reason = self.approve(call, tool)
  if approved then return nil end
  return failed("Error: this call was not approved" .. (reason and ": " .. tostring(reason) or ""))
end

-- What a tool gives back: nil and a reason is a failure, as everywhere in Lua.
local function outcome_of(ok, value, reason)
  if not ok then return failed("Error: " .. tostring(value)) end
  if value == nil and reason ~= nil then return failed("Error: " .. tostring(reason)) end
  return { value = value }
end

function Runner:write_result(call, outcome)
  local block = content.tool_result(call.id, outcome.value, { is_error = outcome.is_error })
  local written, err = content.write(block, self.form)
  local sound = written and json.encode(written, { blobs = self.blobs })
  if sound then return written[1] end
  outcome.is_error = true
  outcome.value = "Error: the result of the tool cannot be sent" .. (err and ": " .. err.message or "")
  return assert(content.write(content.tool_result(call.id, outcome.value, { is_error = true }), self.form))[1]
end

function Runner:run_call(call)
  self:emit("call", call)
  return outcome_of(protected(self.by_name[call.name].run, call.input, call))
end

-- Answers the calls of an answer: a result for each, in their order.
function Runner:answer_calls(answer, calls)
  local outcomes, waiting = {}, {}
  for i, call in ipairs(calls) do
    outcomes[i] = self:refusal(answer, calls, call)
    if not outcomes[i] then waiting[#waiting + 1] = { call = call, at = i } end
  end
  self.parallel(waiting, function(item)
    outcomes[item.at] = self:run_call(item.call)
    return true
  end)
  local results = json.array {}
  for i, call in ipairs(calls) do
    local outcome = outcomes[i] or failed "Error: the tool did not finish"
    results[i] = self:write_result(call, outcome)
    self:emit("result", { call = call, value = outcome.value, is_error = outcome.is_error or false })
  end
  return results
end

-- The loop ------------------------------------------------------------------------------------------------------------

-- Answers whose calls must not be run: the model was stopped, or says that it wrote nonsense.
local stopped_short = {
  refusal = true, guardrail_intervened = true, content_filtered = true, malformed_model_output = true,
  malformed_tool_use = true, model_context_window_exceeded = true,
}

local counters = {
  "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_5m_tokens",
  "cache_write_1h_tokens", "total_input_tokens", "total_tokens",
}

function Runner:count(answer)
  for _, name in ipairs(counters) do
    local more = type(answer.usage) == "table" and answer.usage[name]
    if type(more) == "number" then self.usage[name] = self.usage[name] + more end
  end
end

function Runner:emit(name, value)
  if self.on_event then self.on_event(name, value) end
end

function Runner:request()
  local params = copy(self.params)
  params.messages = copy(self.messages)
  return params
end

-- Calls without results may not stand in a history; what else was said may.
function Runner:without_calls(message)
  local kept = json.array {}
  for _, block in ipairs(message.content) do
    if not self.wire.is_call(block) then kept[#kept + 1] = block end
  end
  message.content = kept
  return message
end

-- An answer may be blank, or hold nothing at all; the service would not take it back.
local function says_something(message)
  local only = message.content[1]
  if #message.content ~= 1 then return only ~= nil end
  return type(only.text) ~= "string" or only.text:find("%S") ~= nil
end

function Runner:append(message)
  if says_something(message) then self.messages[#self.messages + 1] = message end
end

--- The request of the next step, or nil when the limit on steps is reached.
---@return table? params
function Runner:next_request()
  if self.steps - self.from >= self.max_steps then return nil end
  self.steps = self.steps + 1
  self:emit("step", self.steps)
  return self:request()
end

--- Takes the answer to such a request into the account.
---@param answer bedrock.Reply
function Runner:receive(answer)
  self:count(answer)
  self.wire.carry(self.params, answer)
  self.reply, self.pending = answer, answer
  self:emit("reply", answer)
end

---@class bedrock.ToolResult
---@field reply bedrock.Reply? the last answer
---@field messages table the whole conversation, ready to be continued
---@field steps integer
---@field usage table summed over all steps
---@field finished boolean false when the step limit ended it; running again goes on
---@field stop_reason string? of the last answer

function Runner:result(finished)
  return {
    reply = self.reply, messages = self.messages, steps = self.steps, usage = self.usage, finished = finished,
    stop_reason = self.reply and self.reply.stop_reason,
  }
end

-- One answer: settles it, and tells whether there is more to do.
function Runner:settle(answer)
  local calls, message = answer:tool_uses(), answer:to_message()
  if #calls == 0 then
    self:append(message)
    return answer.stop_reason == "pause_turn"
  end
  if stopped_short[answer.stop_reason] then
    self:append(self:without_calls(message))
    return false
  end
  local results = self:answer_calls(answer, calls)
  self:append(message)
  self:append { role = "user", content = results }
  self.wire.free_choice(self.params)
  return true
end

-- Calls of the last answer that nobody may ask about again wait for the next run.
function Runner:must_wait(answer)
  return self.steps - self.from >= self.max_steps and #answer:tool_uses() > 0 and not stopped_short[answer.stop_reason]
end

--- Whether the answer that was received last holds calls that are about to be run.
---@return boolean
function Runner:will_call()
  local answer = self.pending
  return answer ~= nil and not stopped_short[answer.stop_reason] and not self:must_wait(answer)
end

--- Settles the answer that was received last: runs its calls and puts both into the history.
---@return "again"|"done"|"limit" what is next
function Runner:proceed()
  local answer = self.pending
  if self:must_wait(answer) then return "limit" end
  self.pending = nil
  return self:settle(answer) and "again" or "done"
end

--- Begins another run of as many steps, from where the last one ended.
function Runner:restart()
  self.from = self.steps
end

--- Runs until the model is done, is stopped, or the step limit is reached.
---@return bedrock.ToolResult? result
---@return bedrock.Error? err of a request that failed; `err.messages` is the conversation up to it, and running again sends
--- that request again
function Runner:run()
  self:restart()
  while true do
    if not self.pending then
      local params = self:next_request()
      if not params then return self:result(false) end
      local answer, err = self.send(params)
      if not answer then return self:fail(err) end
      self:receive(answer)
    end
    local next_is = self:proceed()
    if next_is ~= "again" then return self:result(next_is == "done") end
  end
end

--- Gives a failed request back with the conversation up to it.
---@param err bedrock.Error
---@return nil
---@return bedrock.Error err with `messages`
function Runner:fail(err)
  err.messages = self.messages
  return nil, err
end

local function check_options(options)
  if type(options) ~= "table" then error("tools.runner takes a table of options", 3) end
  if not forms[options.form or "messages"] then error('tools.runner: form is "messages" or "converse"', 3) end
  local steps = options.max_steps
  if steps ~= nil and (type(steps) ~= "number" or steps < 1) then error("max_steps is a number of at least 1", 3) end
end

-- Tools by their names: those of the request that were made here, and those that were handed over beside it.
local function runnable(params, form, list)
  local by_name = {}
  for _, tool in ipairs(form.tools_of(params) or {}) do
    if blocks.is(tool) and tool.kind == "tool" then by_name[tool.name] = tool end
  end
  for _, tool in ipairs(list or {}) do by_name[tool.name] = tool end
  return by_name
end

--- Makes the loop.
---@param options { send: function?, params: table, tools: bedrock.Tool[]?, form: "messages"|"converse"|nil, max_steps: integer?,
--- approve: function?, parallel: function?, concurrency: integer?, on_event: function? }
--- send(params) -> reply or nil, err · approve(call, tool) -> true, or false and a reason · parallel(list, fn) calls fn for each
--- element and returns when all are done · on_event(name, value) with "step", "reply", "call", "result" · max_steps is 25
---@return bedrock.ToolRunner
function tools.runner(options)
  check_options(options)
  local form = options.form or "messages"
  local params = copy(options.params or {})
  local self = setmetatable({
    send = options.send, form = form, wire = forms[form], params = params, messages = appended(params.messages, {}),
    by_name = runnable(params, forms[form], options.tools), max_steps = options.max_steps or 25, approve = options.approve,
    parallel = options.parallel or default_parallel(options.concurrency), on_event = options.on_event, steps = 0, from = 0,
    usage = {}, reply = nil, pending = nil, blobs = blocks.blobs[form],
  }, Runner)
  for _, name in ipairs(counters) do self.usage[name] = 0 end
  if options.tools and #options.tools > 0 then self.wire.add_tools(self.params, options.tools) end
  return self
end

return tools
