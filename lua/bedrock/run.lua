--- A run: the loop of tools over a client, which streams while it runs.
--
--   ask ─► read the stream ─► announce its calls ─► run them ─► ask again, or done
--
-- A run is pulled: nothing happens but inside `next`, `update`, `next_text` or `finish`, whichever the caller likes, and each
-- of them goes on where the last one stopped. No coroutine is made, so inside a task of bedrock.async the requests wait and
-- the calls of one answer run side by side. What is asked and what goes into the history is the business of bedrock.tools.

local errors = require "bedrock.errors"
local loops = require "bedrock.loops"
local reply = require "bedrock.reply"
local tools = require "bedrock.tools"
local updates = require "bedrock.updates"

local run = {}

---@class bedrock.Run
---@field runner bedrock.ToolRunner
---@field phase "ask"|"read"|"announce"|"call"|"done"|"failed"|"closed"
local Run = {}
Run.__name = "bedrock.run"

-- What can be asked of a run beside its methods, as it stands.
local fields = {
  messages = function(self) return self.runner.messages end,
  steps = function(self) return self.runner.steps end,
  usage = function(self) return self.runner.usage end,
  reply = function(self) return self.runner.reply end,
}

function Run.__index(self, name)
  if Run[name] ~= nil then return Run[name] end
  return fields[name] and fields[name](self) or nil
end

function Run:__tostring()
  return ("bedrock.run (%s, %d steps)"):format(self.phase, self.runner.steps)
end

local function no_pieces()
  return {}
end

-- How a step is read: piece by piece from its stream, or as a list of pieces when it came whole.
local readers = {
  event = { piece = function(stream) return stream:next() end, whole = no_pieces },
  update = { piece = function(stream) return stream:update() end, whole = updates.whole },
  text = {
    piece = function(stream) return stream:next_text() end,
    whole = function(answer) return { answer:text() ~= "" and answer:text() or nil } end,
  },
  nothing = {
    piece = function(stream)
      local _, err = stream:message()
      return nil, err
    end,
    whole = no_pieces,
  },
}

function Run:fail(err)
  self.phase, self.err, self.stream = "failed", err, nil
  return self.runner:fail(err)
end

function Run:receive(answer)
  self.stream, self.phase = nil, "announce"
  self.runner:receive(answer)
end

-- Where the run stands is what it does next. Each phase gives a piece to the caller, or nothing and goes on.
local phases = {}

function phases.ask(self, reader)
  local params = self.runner:next_request()
  if not params then
    self:conclude(false)
    return nil
  end
  local answer, err = self.open(params)
  if not answer then return self:fail(err) end
  if not reply.form(answer) then
    self.stream, self.phase = answer, "read"
    return nil
  end
  self:receive(answer)
  for _, piece in ipairs(reader.whole(answer)) do self:tell(piece) end
end

function phases.read(self, reader)
  local piece, err = reader.piece(self.stream)
  if err then return self:fail(err) end
  if piece ~= nil then return piece end
  local answer, broken = self.stream:message()
  if not answer then return self:fail(broken) end
  self:receive(answer)
  return nil
end

function phases.announce(self)
  self.phase = "call"
  if not self.runner:will_call() then return nil end
  for _, call in ipairs(self.runner.reply:tool_uses()) do self:tell { type = "tool_call", call = call } end
end

function phases.call(self)
  local next_is = self.runner:proceed()
  if next_is == "again" then self.phase = "ask" else self:conclude(next_is == "done") end
end

function Run:tell(event)
  self.told[#self.told + 1] = event
end

function Run:conclude(finished)
  self.phase, self.result = "done", self.runner:result(finished)
  if finished and self.on_finish then self.on_finish(self.result) end
end

local function closed()
  return errors.new { kind = "cancelled", code = "closed", message = "the run was closed" }
end

-- The next piece, an event of the run itself, nil at the end, or nil and the error.
function Run:advance(reader)
  while true do
    if self.told[1] then return table.remove(self.told, 1) end
    if self.phase == "done" then return nil end
    if self.phase == "failed" then return nil, self.err end
    if self.phase == "closed" then return nil, closed() end
    local piece, err = phases[self.phase](self, reader)
    if err then return nil, err end
    if piece ~= nil then return piece end
  end
end

--- The next event: one of the wire, `{ type = "tool_call", call = ... }` before a tool runs, or
--- `{ type = "tool_result", call = ..., value = ..., is_error = ... }` after it.
---@return table? event nil at the end
---@return bedrock.Error? err with the conversation so far as `messages`
function Run:next()
  return self:advance(readers.event)
end

--- The next update (see bedrock.updates), alike for Messages and Converse, or an event of a tool as `next` has them.
---@return table? update nil at the end
---@return bedrock.Error? err
function Run:update()
  return self:advance(readers.update)
end

--- The next piece of text.
---@return string? text nil at the end
---@return bedrock.Error? err
function Run:next_text()
  while true do
    local piece, err = self:advance(readers.text)
    if err then return nil, err end
    if piece == nil or type(piece) == "string" then return piece end
  end
end

-- An iterator that raises, as `file:lines()` does.
local function iterator(self, method, name)
  if self.transport then loops.check(self.transport, ("run:%s()"):format(name), ("piece, err = run:%s()"):format(method), 3) end
  return function()
    local piece, err = self[method](self)
    if err then error(err, 0) end
    return piece
  end
end

--- Iterates over what `next` gives; raises the error object when a request fails.
---@return fun(): table?
function Run:events()
  return iterator(self, "next", "events")
end

--- Iterates over what `update` gives; raises like `events`.
---@return fun(): table?
function Run:updates()
  return iterator(self, "update", "updates")
end

--- Iterates over the text of all steps; raises like `events`.
---@return fun(): string?
function Run:text()
  return iterator(self, "next_text", "text")
end

--- Runs to the end.
---@return bedrock.ToolResult? result
---@return bedrock.Error? err with the conversation so far as `messages`
function Run:finish()
  while true do
    local piece, err = self:advance(readers.nothing)
    if err then return nil, err end
    if piece == nil then return self.result end
  end
end

--- Runs to the end and answers the last message of the model.
---@return bedrock.Reply? message
---@return bedrock.Error? err
function Run:message()
  local result, err = self:finish()
  return result and result.reply, err
end

--- Goes on where a failed request or the limit on steps ended the run: with as many steps again.
---@return bedrock.Run self
function Run:resume()
  if self.phase == "failed" or self.phase == "done" and not self.result.finished then
    self.runner:restart()
    self.phase, self.err, self.result = self.runner.pending and "announce" or "ask", nil, nil
  end
  return self
end

--- Ends the run now; a stream that is open is closed in the same call. Closing twice is harmless.
function Run:close()
  if self.stream then self.stream:close() end
  if self.phase ~= "done" and self.phase ~= "failed" then self.phase, self.stream = "closed", nil end
end

Run.__close = Run.close

--- Makes a run.
---@param options table as for `tools.runner`, and open(params) -> stream, or a whole answer, or nil and an error;
--- on_finish(result) when the model is done; transport: asked whether loops can wait
---@return bedrock.Run
function run.new(options)
  local self = setmetatable({
    runner = false, open = options.open, on_finish = options.on_finish or false, transport = options.transport or false,
    phase = "ask", told = {}, stream = nil, err = nil, result = nil,
  }, Run)
  local own = {}
  for name, value in pairs(options) do own[name] = value end
  own.on_event = function(name, value)
    if name == "result" then
      self:tell { type = "tool_result", call = value.call, value = value.value, is_error = value.is_error }
    end
    if options.on_event then options.on_event(name, value) end
  end
  self.runner = tools.runner(own)
  return self
end

-- Over a client -------------------------------------------------------------------------------------------------------

-- Members of a run that are the library's own; the others are the request.
local own_options = { max_steps = true, approve = true, parallel = true, concurrency = true, on_event = true, stream = true }

--- Separates the library's own options from the members of the request. The caller's table is not changed.
---@param params table
---@param names table<string, boolean> the options
---@return table request
---@return table options
function run.split(params, names)
  local request, options = {}, {}
  for name, value in pairs(params) do
    if names[name] then options[name] = value else request[name] = value end
  end
  return setmetatable(request, getmetatable(params)), options
end

--- How a step is asked for over a client.
---@param client bedrock.Client
---@param form "messages"|"converse"
---@param stream boolean? false asks for whole answers
---@param call table? options of each call
---@return fun(params: table): bedrock.Stream|bedrock.Reply|nil, bedrock.Error?
function run.opener(client, form, stream, call)
  if form == "converse" then
    local method = stream == false and client.converse or client.converse_stream
    return function(params) return method(client, params, call) end
  end
  local service = client.messages
  local method = stream == false and service.create or service.stream
  return function(params) return method(service, params, call) end
end

--- A run over a client: what `client.messages:run` and `client:converse_run` do.
---@param client bedrock.Client
---@param form "messages"|"converse"
---@param params table the request, with the options of the loop beside its members
---@param call table? options of each call: timeouts, headers, retry, ...
---@return bedrock.Run
function run.over(client, form, params, call)
  local request, options = run.split(params, own_options)
  if form == "converse" and request.tools then options.tools, request.tools = request.tools, nil end
  options.form, options.params, options.transport = form, request, client.transport
  options.open = run.opener(client, form, options.stream, call)
  return run.new(options)
end

return run
