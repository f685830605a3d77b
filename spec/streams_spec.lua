-- Every recorded stream, cut where the network might cut it: the message is the same, and it has the shape that the unary
-- answer to the same request has.

local accumulator = require "bedrock.accumulator"
local base64 = require "spec.support.base64"
local blocks = require "bedrock.blocks"
local core = require "bedrock.core"
local json = require "bedrock.json"
local operations = require "bedrock.operations"
local recordings = require "spec.support.recordings"
local reply = require "bedrock.reply"

local NOTE = "note: ../shared is not here"

local streams = { ConverseStream = "converse", InvokeModelWithResponseStream = "messages" }

-- Bytes and form of each recorded stream that makes a message.
local function each_stream()
  return coroutine.wrap(function()
    for exchange in recordings.each() do
      local form = streams[exchange.operation]
      local events = exchange.expected.kind == "events" and exchange.expected.events or {}
      local first = events[1] and events[1].inner
      if form == "converse" and #events > 0 or first and first.type == "message_start" then
        coroutine.yield(exchange, base64.decode(exchange.response.body_base64), form)
      end
    end
  end)
end

local function decoder_of(exchange)
  local op = assert(operations.find(operations.snake(exchange.operation)))
  return core.eventstream.decoder { blobs = op.event_blobs }
end

local forms = {
  converse = { form = "json", event = function(name, value) return { [name] = value } end, take = accumulator.converse },
  messages = { form = "chunk", event = function(_, value) return value end, take = accumulator.messages },
}

-- Takes what has come; a failure in the stream ends it and is part of what it says.
local function drain(decoder, state, form)
  while not state.failure do
    local kind, name, value = decoder:next(forms[form].form)
    if kind == nil then
      assert(name == nil, name and name.message)
      return
    elseif kind == "event" then
      state.snapshot = assert(forms[form].take(state.snapshot, forms[form].event(name, value)))
    else
      state.failure = name
    end
  end
end

local raw_bytes = { message = { output = { message = { content = blocks.blobs.converse } } } }

-- What a stream says when it comes in these pieces, as text.
local function said(exchange, form, pieces)
  local decoder, state = decoder_of(exchange), {}
  for _, piece in ipairs(pieces) do
    decoder:feed(piece)
    drain(decoder, state, form)
  end
  assert(decoder:finish())
  return assert(json.encode({ message = accumulator.message(state.snapshot), failure = state.failure }, { blobs = raw_bytes }))
end

local function in_single_bytes(bytes)
  local pieces = {}
  for i = 1, #bytes do pieces[i] = bytes:sub(i, i) end
  return pieces
end

-- Frames of a stream, as bytes: each begins with its length.
local function frames(bytes)
  local list, at = {}, 1
  while at <= #bytes do
    local a, b, c, d = bytes:byte(at, at + 3)
    local size = ((a * 256 + b) * 256 + c) * 256 + d
    list[#list + 1] = bytes:sub(at, at + size - 1)
    at = at + size
  end
  return list
end

describe("every recorded stream", function()
  local SPLITS = 300

  it("makes the same message wherever it is cut", function()
    if not recordings.here() then return print(NOTE) end
    local seen = 0
    for exchange, bytes, form in each_stream() do
      local whole = said(exchange, form, { bytes })
      assert.truthy(whole:find('"message":', 1, true), exchange.id)
      assert.equal(whole, said(exchange, form, in_single_bytes(bytes)), exchange.id)
      local step = #bytes > 600 and math.ceil(#bytes / SPLITS) or 1
      for cut = 1, #bytes - 1, step do
        local got = said(exchange, form, { bytes:sub(1, cut), bytes:sub(cut + 1) })
        assert.equal(whole, got, exchange.id .. " cut after " .. cut .. " bytes")
      end
      seen = seen + 1
    end
    assert.is_true(seen > 50, seen .. " streams")
  end)

  it("gives the same frames at every single cut", function()
    if not recordings.here() then return print(NOTE) end
    local cuts = 0
    for exchange, bytes in each_stream() do
      local whole, split = decoder_of(exchange), decoder_of(exchange)
      for _, frame in ipairs(frames(bytes)) do
        whole:feed(frame)
        local kind, name, payload = whole:next "raw"
        for cut = 1, #frame - 1 do
          split:feed(frame:sub(1, cut))
          if split:next "raw" ~= nil then error(exchange.id .. ": an event of " .. cut .. " bytes") end
          split:feed(frame:sub(cut + 1))
          local k, n, p = split:next "raw"
          if k ~= kind or n ~= name or p ~= payload then error(exchange.id .. ": another event when cut after " .. cut) end
        end
        cuts = cuts + #frame - 1
      end
    end
    assert.is_true(cuts > 300000, cuts .. " cuts")
  end)
end)

-- Shapes --------------------------------------------------------------------------------------------------------------

-- The members of a value at all depths and what they are. Of a list only what kinds of elements it has; a number is a
-- number; null may stand where there might be something.
local function shape(value, path, into)
  if type(value) ~= "table" then
    into[path] = into[path] or type(value)
    return into
  end
  local is_list = getmetatable(value) == json.array_mt
  into[path] = is_list and "list" or "object"
  for name, inner in pairs(value) do shape(inner, path .. (is_list and "[]" or "." .. name), into) end
  return into
end

local function is_null(kind)
  return kind == "userdata"
end

-- What two shapes do not share.
local function differences(a, b)
  local list = {}
  for path, kind in pairs(a) do
    local other = b[path]
    if other == nil or kind ~= other and not is_null(kind) and not is_null(other) then list[#list + 1] = path end
  end
  for path in pairs(b) do
    if a[path] == nil then list[#list + 1] = path end
  end
  table.sort(list)
  return list
end

local unary = { Converse = "converse", InvokeModel = "messages" }

local function key_of(exchange)
  local own = {}
  for name, value in pairs(exchange.request) do own[name] = name ~= "stream" and value or nil end
  return exchange.model .. " " .. assert(json.encode(own))
end

describe("a conversation that was recorded streamed and not", function()
  -- The whole answers, by their request.
  local function whole_answers()
    local found = {}
    for exchange in recordings.each() do
      local form = unary[exchange.operation]
      if form and exchange.form == form and exchange.expected.kind == "json" then
        found[key_of(exchange)] = found[key_of(exchange)] or {}
        table.insert(found[key_of(exchange)], reply.wrap(exchange.expected.body, form))
      end
    end
    return found
  end

  it("has the same shape in both", function()
    if not recordings.here() then return print(NOTE) end
    local twins, answers = 0, whole_answers()
    for exchange, bytes, form in each_stream() do
      local list = exchange.request and answers[key_of(exchange)] or {}
      local decoder, state = decoder_of(exchange), {}
      decoder:feed(bytes)
      drain(decoder, state, form)
      local streamed = reply.wrap(accumulator.message(state.snapshot), form)
      for _, whole in ipairs(list) do
        assert.equal("", table.concat(differences(shape(whole, "", {}), shape(streamed, "", {})), " "), exchange.id)
        twins = twins + 1
      end
    end
    assert.is_true(twins > 10, twins .. " twins")
  end)
end)
