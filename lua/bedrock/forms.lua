--- The kinds of streams: Messages in frames or as server-sent events, Converse, a model's own bytes, and raw ones. What differs
-- between them is one row here; what is the same is bedrock.stream.

local accumulator = require "bedrock.accumulator"
local core = require "bedrock.core"

-- A model's own stream says that it is complete by the service's metrics in its last chunk.
local function has_metrics(bytes)
  return bytes:find('"amazon-bedrock-invocationMetrics"', 1, true) ~= nil
end

-- What is seen of a model's own stream: only whether it is complete.
local function take_bytes(seen, event)
  return { finished = seen ~= nil and seen.finished or event.chunk ~= nil and has_metrics(event.chunk.bytes) }
end

local function new_frames(call)
  local limits = call.limits
  return core.eventstream.decoder {
    max_frame = limits.frame, max_headers = limits.frame_headers, json_depth = limits.json_depth,
    json_size = limits.json_size, json_values = limits.json_values, blobs = call.op.event_blobs, gather = true,
  }
end

local function new_events(call)
  local limits = call.limits
  return core.sse.decoder {
    max = limits.frame, json_depth = limits.json_depth, json_size = limits.json_size, json_values = limits.json_values,
    gather = true,
  }
end

-- The decoder of an answer that is no stream of events: every piece is one.
local Pieces = {}
Pieces.__index = Pieces

function Pieces:feed(bytes) self.held = bytes end
function Pieces:finish() return true end
function Pieces:close() self.held = nil end

function Pieces:next()
  local bytes = self.held
  self.held = nil
  if bytes then return "event", nil, bytes end
end

-- What a raw stream consists of is told by its head.
local function new_by_content(call, response)
  local kind = (response.headers["content-type"] or ""):lower()
  if kind:find("text/event-stream", 1, true) then return new_events(call) end
  if kind:find("application/vnd.amazon.eventstream", 1, true) then return new_frames(call) end
  return setmetatable({ held = nil }, Pieces)
end

-- Gateways put things in between that are no events of the format: a mark of the end, a sign of life without a type.
local function message_event(_, value)
  return type(value) == "table" and type(value.type) == "string" and value or nil
end

-- The decoder makes the union of an event; a frame that does not say which is none of its events.
local function union_event(_, event)
  return event
end

-- What a text delta is as an event: of a piece of text that was taken from the decoder without one.
local function message_text(index, text)
  return { type = "content_block_delta", index = index, delta = { type = "text_delta", text = text } }
end

-- Whether an event brings something that the model has written, be it thought, said or a tool's input.
local function message_token(event)
  return event.type == "content_block_delta"
end

local function converse_token(event)
  return event.contentBlockDelta ~= nil
end

local function converse_text(index, text)
  return { contentBlockDelta = { contentBlockIndex = index, delta = { text = text } } }
end

-- And the other way: what an event of a run adds to its block.
local function message_piece(event)
  local delta = event.delta
  return delta.text or delta.thinking or delta.partial_json
end

local function converse_piece(event)
  local delta = event.contentBlockDelta.delta
  return delta.text or (delta.reasoningContent and delta.reasoningContent.text) or delta.toolUse.input
end

-- How an answer begins that is a text and no stream. No frame begins with a character that can be seen: it would be larger
-- than 500 MB.
local TEXT, TEXT_NOT_SSE = "^%s*[!-~]", "^%s*[{<%[]"

-- What the Messages format is, in frames or as server-sent events.
local function messages(form, decoder, foreign)
  return {
    decoder = decoder, foreign = foreign, form = form, reply = "messages", event = message_event, token = message_token,
    text = message_text, piece = message_piece, take = accumulator.messages, take_piece = accumulator.messages_piece,
    finished = accumulator.finished, stop = "message_stop",
  }
end

---@class bedrock.StreamForm
---@field decoder fun(call: bedrock.Call, response: bedrock.TransportResponse): table what reads the bytes
---@field form string how it decodes a payload
---@field foreign string? a pattern: how an answer begins that is no such stream
---@field event fun(name: string?, value: any): table? what the caller gets; nil for what is no event
---@field token? fun(event: table): boolean whether an event is of the model's own
---@field text? fun(index: integer, text: string): table the event of a piece of text
---@field piece? fun(event: table): string the other way, for all that comes in runs
---@field take fun(snapshot: any, event: table): any, bedrock.Error? what the message becomes
---@field take_piece? fun(snapshot: any, index: integer, text: string, kind: string): any, bedrock.Error? the same for a piece
---@field finished fun(snapshot: any): boolean whether the stream is complete
---@field stop string? what says so
---@field reply "messages"|"converse"|nil the form of the message, where there is one

---@type table<string, bedrock.StreamForm>
return {
  messages = messages("chunk", new_frames, TEXT),
  messages_sse = messages("json", new_events, TEXT_NOT_SSE),
  converse = {
    decoder = new_frames, foreign = TEXT, form = "union", reply = "converse", event = union_event, token = converse_token,
    text = converse_text, piece = converse_piece, take = accumulator.converse, take_piece = accumulator.converse_piece,
    finished = accumulator.finished, stop = "messageStop",
  },
  bytes = {
    decoder = new_frames, foreign = TEXT, form = "bytes",
    event = function(name, value) return name and { [name] = { bytes = value } } end,
    take = take_bytes, finished = accumulator.finished, stop = "the service's closing metrics",
  },
  raw = {
    decoder = new_by_content, form = "raw",
    event = function(name, value) return { event = name, data = value } end,
    take = function() return nil end,
    finished = function() return true end,
  },
}
