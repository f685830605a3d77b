--- decode.lua HOW FILE COUNT: reads a stream of COUNT events. HOW is one of
--   decoder, chunks, sse          the C decoder alone: bytes to tables, as Converse, as Messages, of server-sent events
--   events, messages, sse_events  client:converse_stream{}:events(), client.messages:stream{}:events(), with api = "mantle"
--   text, message_text, sse_text  the same, :text()

local contest = require "bench.contestant"
local core = require "bedrock.core"
local source = require "bench.ours.source"

local how, path, count = arg[1], arg[2], tonumber(arg[3])
local pieces = source.pieces(path)

local function decode(form, kind)
  return function()
    local decoder, events = core[kind or "eventstream"].decoder(), 0
    for i = 1, #pieces do
      decoder:feed(pieces[i])
      while decoder:next(form) do events = events + 1 end
    end
    assert(decoder:finish())
    assert(events == count)
  end
end

local function converse()
  return assert(source.client(pieces):converse_stream { modelId = "m", messages = { { role = "user",
    content = { { text = "?" } } } } })
end

local function messages(api)
  return function()
    return assert(source.client(pieces, api).messages:stream {
      model = "m", max_tokens = 9, messages = { { role = "user", content = "?" } } })
  end
end

local function events(open)
  return function()
    local seen = 0
    for _ in open():events() do seen = seen + 1 end
    assert(seen == count)
  end
end

local function text(open)
  return function()
    local size = 0
    for piece in open():text() do size = size + #piece end
    assert(size > count)
  end
end

contest(({
  decoder = decode "json", chunks = decode "chunk", sse = decode("json", "sse"),
  events = events(converse), messages = events(messages()), sse_events = events(messages "mantle"),
  text = text(converse), message_text = text(messages()), sse_text = text(messages "mantle"),
})[how])
