--- A streamed answer: bytes from the transport, frames or server-sent events from the C core, events to the caller, one message
-- at the end.
--
-- A stream ends in exactly one of three ways: its stop event was seen and the body ended ("done"), it broke
-- ("failed", the error is kept and repeated), or the caller closed it ("closed"). Only the first ends a loop.
-- What differs between Messages (in frames or as server-sent events), Converse and raw streams is one row of bedrock.forms.
--
-- A failure before the first event is judged like one before the stream, and may be tried again. After it nothing is
-- sent again by itself: the text would come twice. A caller that can go on gives the option `on_interrupt = function(err,
-- partial)`: it is called once, with the error and the message so far, and may return the parameters of a new call (say, with
-- that message as the assistant's last turn). The events of the new call follow in the same loop; `stream:message()` is then
-- its message, and `stream.interrupted` the error with what came before. Without parameters the error goes its way.

local accumulator = require "bedrock.accumulator"
local errors = require "bedrock.errors"
local forms = require "bedrock.forms"
local json = require "bedrock.json"
local lazy = require "bedrock.lazy"
local loops = require "bedrock.loops"
local reply = lazy "bedrock.reply"
local updates = lazy "bedrock.updates"

local stream = {}

---@class bedrock.Stream
---@field request_id string? of the answer, for support cases
---@field headers table of the answer, lower-case names
---@field status integer
---@field interrupted bedrock.Error? what broke the first call, when `on_interrupt` has gone on with another
local Stream = {}
Stream.__index = Stream
Stream.__name = "bedrock.stream"

-- What goes on with a run (see src/bind/ldelta.h) comes from the decoder several at a time: pieces[1] to pieces[count], of
-- which the caller has got `at`. `texts` or `events`, whichever they are, is their count too, and the other is 0: that is one
-- comparison for a loop. They are of that kind and of the block with that index.
local PIECES = 128

local function new_pieces()
  return { at = 0, count = 0, texts = 0, events = 0, index = 0, kind = "text" }
end

--- Wraps the answer of a streaming call.
---@param call bedrock.Call the call that sent the request; asked to send it again when the first frame is a failure that may pass
---@param response bedrock.TransportResponse status 200
---@param form "messages"|"messages_sse"|"converse"|"bytes"|"raw"
---@param on_interrupt? fun(err: bedrock.Error, partial: table?): table?
---@param prepare? fun(params: table): bedrock.Call?, bedrock.Error? makes the call that goes on after an interruption
---@return bedrock.Stream
function stream.new(call, response, form, on_interrupt, prepare)
  local self = setmetatable({
    call = call, response = nil, form = forms[form], name = form, state = "open", delivered = 0, snapshot_ = nil, err = nil,
    decoder = nil, on_event = nil, token = nil, on_interrupt = on_interrupt, prepare = prepare, interrupted = nil,
    texts = false, request_id = nil, headers = nil, status = nil, summed_up = false, begin = "", gathering = false, ahead = "",
    more = false, pieces = new_pieces(),
  }, Stream)
  self.on_event = call.watch and call.watch:on_event(self)
  self:attach(call, response)
  return self
end

-- Begins to read an answer: the first one, or that of another attempt or another call in its place.
function Stream:attach(call, response)
  self.call, self.response, self.status, self.headers = call, response, response.status, response.headers
  self.request_id = response.headers["x-amzn-requestid"] or response.headers["request-id"]
  self.token = self.form.token
  self:drop_pieces()
  self.decoder, self.delivered, self.snapshot_, self.begin = self.form.decoder(call, response), 0, nil, ""
end

function Stream:__tostring()
  return ("bedrock.stream (%s, %s, %d events)"):format(self.name, self.state, self.delivered - self:waiting())
end

-- How many pieces were taken from the decoder that the caller has not got yet.
function Stream:waiting()
  return self.pieces.count - self.pieces.at
end

-- The length of what they add to the message.
function Stream:waiting_length()
  local pieces, length = self.pieces, 0
  for i = pieces.at + 1, pieces.count do
    length = length + #(pieces.texts > 0 and pieces[i] or self.form.piece(pieces[i]))
  end
  return length
end

-- So many pieces wait now.
function Stream:note_pieces(count, texts)
  local pieces = self.pieces
  pieces.at, pieces.count, pieces.texts, pieces.events = 0, count, texts and count or 0, texts and 0 or count
end

-- What the caller has not got he never gets.
function Stream:drop_pieces()
  self.delivered = self.delivered - self:waiting()
  self:note_pieces(0, false)
  self.ahead, self.gathering, self.more = "", false, false
end

-- What goes on with a run is gathered by the decoder. This adds it to the message, as far as the caller has got it; `ahead`
-- is the rest.
function Stream:catch_up()
  if not self.gathering then return end
  local pieces, waiting, text, index, kind = self.pieces, self:waiting_length(), self.decoder:gathered()
  text = self.ahead .. (text or "")
  pieces.index, pieces.kind, self.gathering = index or pieces.index, kind or pieces.kind, waiting > 0
  local taken = #text - waiting
  self.ahead = text:sub(taken + 1)
  if taken > 0 then
    self.snapshot_ = self.form.take_piece(self.snapshot_, pieces.index, text:sub(1, taken), pieces.kind)
  end
end

local function closed()
  return errors.new { kind = "cancelled", code = "closed", message = "the stream was closed" }
end

-- What an error of a stream knows beside what failed.
function Stream:describe(err)
  self.call:name(err)
  err.request_id = err.request_id or self.request_id
  err.attempts = err.attempts or self.call.attempts
  if self.form.reply and err.partial == nil then err.partial = self:view(false) end
  return err
end

-- Lets go of the connection and of the bytes that wait, which the collector would see too late: they are C's.
function Stream:release()
  self:catch_up()
  self.response:close()
  self.decoder:close()
end

-- The account of the call, with what has come by now.
function Stream:settle(ok, err)
  self.call.events = self.delivered - self:waiting()
  self.call:finish(ok, err, function() return self:view(false) end)
end

-- The first event of the model's own: the clock is asked for this one and for none after it.
function Stream:time_token()
  self.token = nil
  self.call:token_came()
end

-- The stream is broken: the connection goes, the error stays.
function Stream:fail(err)
  self:release()
  if self.state == "open" then self.state, self.err = "failed", self:describe(err) end
  self:settle(self.delivered > 0, err)
  return nil, self.err or closed()
end

-- Before an event was handed out a failure is like one before the stream, and may be tried again like one.
function Stream:trouble(err)
  self:release()
  if self.state ~= "open" then return self:fail(err) end
  if self.delivered > 0 then return self:interrupt(err) end
  local response, final = self.call:again(err)
  if not response then return self:fail(final) end
  self:attach(self.call, response)
  return self:advance(self.texts)
end

-- The caller may go on from what has come: once, so that a service that always breaks is not asked for ever.
function Stream:interrupt(err)
  local ask = self.on_interrupt
  self.on_interrupt = nil
  local params = ask and ask(self:describe(err), err.partial)
  if not params or self.state ~= "open" then return self:fail(err) end
  self.interrupted = err
  self:settle(true, err)
  local call, refused = self.prepare(params)
  if not call then return self:fail(refused) end
  call.streaming = true
  local response, failed = call:send()
  if not response then return self:fail(failed) end
  self:attach(call, response)
  return self:advance(self.texts)
end

-- A stream of raw bytes gives an exception's payload as bytes, too.
local function members_of(value)
  if type(value) == "string" then value = json.decode(value) end
  return type(value) == "table" and value or nil
end

local BEGIN = 8192 -- bytes of an answer that are kept until its first event

local GO_ON = "What came is in err.partial; ask again, or go on from it (on_interrupt)"

-- What somebody said in the place of the stream, as an error like that of an answer with another status.
function Stream:said_instead()
  if self.delivered > 0 or not (self.form.foreign and self.begin:find(self.form.foreign)) then return nil end
  local call, said = self.call, self.begin
  local err = errors.from_response(self.status, self.headers, call:clean(said), call:clean(members_of(said)))
  if not err.code then err.kind, err.code, err.retryable = "stream", "not_a_stream", false end
  err.message = "the answer is not a stream of events: " .. err.message
  return err
end

function Stream:damaged(err)
  return self:said_instead() or errors.new {
    kind = "stream", code = err.code, message = "the stream is damaged: " .. tostring(err.message or err),
    retryable = err.code == "cut",
    hint = err.code == "length" and "limits.frame says how large an event may be" or GO_ON,
  }
end

-- What the transport reports in the middle of a body is a broken stream, whatever broke it.
function Stream:broke_off(err)
  if err.kind == "timeout" or err.kind == "cancelled" then return self.call:failure(err) end
  local failure = self.call:failure(err, "the connection broke in the middle of the stream: ")
  failure.hint = GO_ON
  return failure
end

function Stream:ended()
  local whole, err = self.decoder:finish()
  if not whole then return self:trouble(self:damaged(err)) end
  if not self.form.finished(self.snapshot_) then
    return self:trouble(self:said_instead() or errors.new {
      kind = "stream", code = "incomplete", retryable = true,
      message = "the stream ended before " .. self.form.stop .. "; the answer is not complete",
      hint = GO_ON,
    })
  end
  self.state = "done"
  self:release()
  self:settle(true)
  return nil
end

-- What the service says of its failure inside of the stream.
function Stream:told(name, message, members)
  local call = self.call
  return self:trouble(errors.from_stream(name, call:clean(message), call:clean(members), self.request_id))
end

function Stream:exception(name, value)
  local members = members_of(value)
  local message = members and (members.message or members.Message)
  if type(message) ~= "string" then message = not members and type(value) == "string" and value or nil end
  return self:told(name, message, members)
end

-- The Messages format reports failures as ordinary events; to the caller they are errors like all others.
function Stream:in_band(value)
  local inner = type(value.error) == "table" and value.error or {}
  local name = type(inner.type) == "string" and inner.type or "error"
  local message = type(inner.message) == "string" and inner.message or nil
  return self:told(name, message, value)
end

-- Claude's own stream does so, too, when it is read as bytes: in an ordinary chunk, and then it ends.
local function error_chunk(event)
  local bytes = event.chunk and event.chunk.bytes
  local value = bytes and bytes:find('"type"%s*:%s*"error"') and members_of(bytes)
  return value and value.type == "error" and type(value.error) == "table" and value or nil
end

function Stream:take_event(name, event)
  if self.form.reply == "messages" and name == "error" and type(event) == "table" then return self:in_band(event) end
  local told = self.name == "bytes" and error_chunk(event)
  if told then return self:in_band(told) end
  self:catch_up()
  local snapshot, why = self.form.take(self.snapshot_, event)
  if why then return self:trouble(why) end
  self.snapshot_ = snapshot
  self.delivered = self.delivered + 1
  if self.token and self.token(event) then self:time_token() end
  if self.on_event then self.on_event(event) end
  return event
end

function Stream:take_text(text, index)
  self:catch_up()
  local snapshot, why = self.form.take_piece(self.snapshot_, index, text, "text")
  if why then return self:trouble(why) end
  self.snapshot_ = snapshot
  self.delivered = self.delivered + 1
  if self.token then self:time_token() end
  return text
end

-- An event that goes on with a run: the decoder keeps its text, so there is nothing to be done for the message.
function Stream:go_on(text, event)
  self.gathering = true
  self.delivered = self.delivered + 1
  if not event then return text end
  if self.on_event then self.on_event(event) end
  return event
end

-- One step: an event (or, with texts, the text of a text event), or nil at the end, or nil and the error. With texts the
-- decoder passes over what goes on with a run of another kind.
function Stream:advance(texts)
  self.texts, self.gathering = texts, self.gathering or texts
  while true do
    local kind, name, value, goes_on = self.decoder:next(self.form.form, texts)
    if goes_on ~= nil then
      self.more = goes_on
      return self:go_on(name, kind == "event" and value)
    elseif kind == "event" then
      local event = self.form.event(name, value)
      if event then return self:take_event(name, event) end
    elseif kind == "text" then
      return self:take_text(name, value)
    elseif kind then
      return self:exception(name, value)
    elseif name then
      return self:trouble(self:damaged(name))
    else
      local bytes, err = self.response:read()
      if err then return self:trouble(self:broke_off(err)) end
      if not bytes then return self:ended() end
      if self.delivered == 0 then self.begin = (self.begin .. bytes):sub(1, BEGIN) end
      self.decoder:feed(bytes)
    end
  end
end

-- Of the pieces that were taken already.
function Stream:next_piece()
  local pieces = self.pieces
  pieces.at = pieces.at + 1
  return pieces[pieces.at]
end

-- Takes all from the decoder that goes on with the run and is there now.
function Stream:take_more(texts)
  local pieces = self.pieces
  if not self.more or self.state ~= "open" or self.on_event then return false end
  local count
  count, pieces.index = self.decoder:more(self.form.form, pieces, PIECES, texts)
  self:note_pieces(count, texts)
  self.more = count == PIECES
  if count == 0 then return false end
  self.gathering = true
  self.delivered = self.delivered + count
  return true
end

-- The next event: one that waits, or else one step.
function Stream:next_event()
  local pieces = self.pieces
  if pieces.at < pieces.count then
    local piece = self:next_piece()
    return pieces.texts > 0 and self.form.text(pieces.index, piece) or piece
  end
  if self.state == "open" then return self:advance(false) end
  if self.state == "closed" then return nil, closed() end
  return nil, self.err
end

--- The next event of the wire, as a table.
---@return table? event nil at the end, which means that the stop event was seen
---@return bedrock.Error? err when the stream broke
function Stream:next()
  local pieces = self.pieces
  if pieces.at >= pieces.count then self:take_more(false) end
  return self:next_event()
end

function Stream:check_loop(method)
  loops.check(self.call.transport, ("stream:%s()"):format(method), "event, err = stream:next()", 3)
end

--- Iterates over the wire's events; raises the error object when the stream breaks, as `file:lines()` does.
---@return fun(): table?
function Stream:events()
  self:check_loop("events")
  local pieces = self.pieces
  return function()
    local at = pieces.at + 1
    if at <= pieces.events then
      pieces.at = at
      return pieces[at]
    end
    local event, err = self:next()
    if err then error(err, 0) end
    return event
  end
end

--- The next piece of text of the answer.
---@return string? text nil at the end, which means that the stop event was seen
---@return bedrock.Error? err when the stream broke
function Stream:next_text()
  local pieces = self.pieces
  while true do
    local piece, err
    if pieces.at < pieces.count or self:take_more(true) then
      piece = self:next_piece()
      if pieces.events > 0 then piece = self:text_of(piece) end
    elseif self.state == "open" then
      piece, err = self:advance(not self.on_event)
      if self.on_event and piece then piece = self:text_of(piece) end
    else
      piece, err = self:next_event()
    end
    if err then return nil, err end
    if piece == nil or type(piece) == "string" then return piece end
  end
end

--- Iterates over the pieces of text of the answer; raises the error object when the stream breaks.
---@return fun(): string?
function Stream:text()
  self:check_form("text")
  self:check_loop("text")
  local pieces = self.pieces
  return function()
    local at = pieces.at + 1
    if at <= pieces.texts then
      pieces.at = at
      return pieces[at]
    end
    local piece, err = self:next_text()
    if err then error(err, 0) end
    return piece
  end
end

--- The next update: what an event adds to the answer, alike for Messages and Converse (see bedrock.updates). The last one
--- holds the whole message.
---@return bedrock.Update? update nil at the end
---@return bedrock.Error? err when the stream broke
function Stream:update()
  while true do
    local event, err = self:next_event()
    if err then return nil, err end
    if event == nil then
      if self.summed_up then return nil end
      self.summed_up = true
      return updates.message(self:snapshot())
    end
    self:catch_up()
    local update = updates.of(self.snapshot_, event)
    if update then return update end
  end
end

--- Iterates over the updates; raises the error object when the stream breaks.
---@return fun(): bedrock.Update?
function Stream:updates()
  self:check_form("updates")
  self:check_loop("updates")
  return function()
    local update, err = self:update()
    if err then error(err, 0) end
    return update
  end
end

-- A model's own stream is not understood here.
function Stream:check_form(method)
  if self.form.take_piece then return end
  error(("stream:%s() needs a Messages or Converse stream; a model's own format has events only"):format(method), 3)
end

-- With a hook on events the table is made anyway; its text is looked up in it.
function Stream:text_of(event)
  local members = self.form.reply == "converse" and event.contentBlockDelta or event
  local delta = type(members) == "table" and members.delta
  local text = type(delta) == "table" and delta.text
  return type(text) == "string" and text or event
end

--- Reads to the end and returns what the call without a stream would have returned.
---@return table? message
---@return bedrock.Error? err
function Stream:message()
  local read = self.form.take_piece and self.next_text or self.next
  while self.state == "open" do
    self.pieces.at = self.pieces.count
    local _, err = read(self)
    if err then return nil, err end
  end
  if self.state == "closed" then return nil, closed() end
  if self.err then return nil, self.err end
  return self:snapshot()
end

--- The message as far as it has arrived. While it grows, the input of a tool call is shown as far as it can be read; in the
--- `partial` of a broken stream a call that was cut has none, so that nobody runs half of it.
---@return table? message nil before the first event
function Stream:snapshot()
  return self:view(self.state == "open")
end

-- growing: whether the input of a call that is still coming is shown.
function Stream:view(growing)
  self:catch_up()
  if self.snapshot_ == nil then return nil end
  return reply.wrap(accumulator.message(self.snapshot_, growing), self.form.reply)
end

--- Ends the stream now; the connection is closed in the same call. Closing twice is harmless.
function Stream:close()
  if self.state ~= "open" then return end
  self.state = "closed"
  self:release()
  self:drop_pieces()
  self:settle(self.delivered > 0, closed())
end

Stream.__close = Stream.close

-- A stream that is forgotten closes its connection. No hook is called from a finalizer; where tables have none (Lua 5.1
-- and LuaJIT) the transport's own userdata does the same.
function Stream:__gc()
  if self.state == "open" then self.response:close() end
end

--- Writes an event of a stream as JSON, bytes as base64 again; for logs and recordings.
---@param event table
---@return string? text
---@return table? err
function Stream:event_json(event)
  return json.encode(event, { blobs = self.call.op.blobs_out })
end

return stream
