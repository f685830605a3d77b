-- Pieces of text are taken from the decoder several at a time. Nobody must notice: whoever mixes the ways of reading, looks
-- at the message in between, or stops early gets what he would have got one by one.

local bedrock = require "bedrock"
local base64 = require("bedrock.core").base64
local frames = require "spec.support.frames"
local json = require "bedrock.json"
local pretend = require "spec.support.pretend"

local function delta(index, text)
  return frames.event("contentBlockDelta", json.encode { contentBlockIndex = index, delta = { text = text }, p = "abcd" })
end

local function event(name, members)
  return frames.event(name, json.encode(members))
end

local start = event("messageStart", { role = "assistant" })
local stop = event("messageStop", { stopReason = "end_turn" }) .. event("metadata", { usage = { outputTokens = 9 } })

-- Two blocks, one after the other, and a tool call between their texts.
local answer = start .. delta(0, "one") .. delta(0, " two") .. delta(0, " \"three\"") .. delta(0, " four") ..
  event("contentBlockStop", { contentBlockIndex = 0 }) ..
  event("contentBlockStart", { contentBlockIndex = 1, start = { toolUse = { name = "f", toolUseId = "t" } } }) ..
  event("contentBlockDelta", { contentBlockIndex = 1, delta = { toolUse = { input = "{}" } } }) ..
  event("contentBlockStop", { contentBlockIndex = 1 }) ..
  delta(2, "été") .. delta(2, "") .. delta(2, " six") .. event("contentBlockStop", { contentBlockIndex = 2 }) .. stop

local pieces = { "one", " two", " \"three\"", " four", "été", "", " six" }

local function client_of(body, options)
  local transport = pretend.transport(function() return { body = body } end)
  options = options or {}
  options.region, options.access_key_id, options.secret_access_key, options.transport = "us-east-1", "A", "B", transport
  return bedrock.new(options)
end

local function open(body, options)
  return assert(client_of(body or answer, options):converse_stream {
    modelId = "m", messages = { { role = "user", content = { { text = "?" } } } } })
end

local function text_of(message, block)
  return message.output.message.content[block].text
end

local function read(count, stream)
  local got = {}
  for piece in stream:text() do
    got[#got + 1] = piece
    if #got == count then break end
  end
  return got
end

describe("Pieces of text", function()
  it("come one by one, as the wire has them", function()
    local stream = open()
    assert.same(pieces, read(nil, stream))
    assert.equal('one two "three" four', text_of(stream:message(), 1))
    assert.equal("été six", text_of(stream:message(), 3))
  end)

  it("are in the message when the caller has them, and not before", function()
    local stream, so_far = open(), ""
    for piece in stream:text() do
      so_far = so_far .. piece
      local content, text = stream:snapshot().output.message.content, ""
      for _, block in ipairs(content) do text = text .. (block.text or "") end
      assert.equal(so_far, text)
    end
  end)

  it("become events for who goes on with events, at any place", function()
    local all = {}
    for e in open():events() do all[#all + 1] = e end
    for count = 1, 4 do
      local stream = open()
      assert.equal(count, #read(count, stream))
      for i = count + 2, #all do assert.same(all[i], stream:next()) end
      assert.is_nil(stream:next())
      assert.equal('one two "three" four', text_of(stream:message(), 1))
    end
  end)

  it("are left for the next loop when one is left early", function()
    local stream = open()
    assert.same({ "one", " two" }, read(2, stream))
    assert.equal(" \"three\"", stream:next_text())
    assert.same({ " four", "été", "", " six" }, read(nil, stream))
  end)

  it("that nobody asks for are in the whole message all the same", function()
    for count = 1, 7 do
      local stream = open()
      read(count, stream)
      local message = assert(stream:message())
      assert.equal('one two "three" four', text_of(message, 1))
      assert.equal("été six", text_of(message, 3))
    end
  end)

  it("end when the stream is closed, and the message is what the caller has got", function()
    local stream, got = open(), {}
    local ok, err = pcall(function()
      for piece in stream:text() do
        got[#got + 1] = piece
        if #got == 2 then stream:close() end
      end
    end)
    assert.is_false(ok)
    assert.equal("cancelled", err.kind)
    assert.same({ "one", " two" }, got)
    assert.equal("one two", text_of(stream:snapshot(), 1))
  end)

  -- Wherever it is closed, and whatever was taken ahead of the caller by then.
  local function close_after(count, loop)
    local stream, got = open(), {}
    local ok, err = pcall(function()
      for piece in stream[loop](stream) do
        got[#got + 1] = piece
        if #got == count then stream:close() end
      end
    end)
    assert.same({ false, "cancelled", count }, { ok, type(err) == "table" and err.kind, #got })
  end

  it("end a loop that closes its stream, at every place of it", function()
    for count = 1, #pieces do close_after(count, "text") end
    for count = 1, 14 do close_after(count, "events") end
  end)

  it("before a break are handed out before the error, whose message holds them", function()
    local broken = start .. delta(0, "one") .. delta(0, " two") .. delta(0, " three"):gsub("three", "threx")
    local stream = open(broken)
    assert.equal("one", stream:next_text())
    assert.equal(" two", stream:next_text())
    local piece, err = stream:next_text()
    assert.is_nil(piece)
    assert.equal("message_crc", err.code)
    assert.equal("one two", text_of(err.partial, 1))
  end)

  it("are seen by a hook one by one, before the caller", function()
    local seen = 0
    local stream = open(answer, { hooks = { event = function(e) seen = seen + (e.contentBlockDelta and 1 or 0) end } })
    assert.equal("one", stream:next_text())
    assert.equal(1, seen)
    assert.equal(" two", stream:next_text())
    assert.equal(2, seen)
  end)

  it("are counted by who prints the stream when the caller has them", function()
    local stream = open()
    stream:next_text()
    assert.truthy(tostring(stream):find("2 events", 1, true))
    stream:next_text()
    assert.truthy(tostring(stream):find("3 events", 1, true))
  end)

  it("show in the snapshot of an update what the block holds by then", function()
    local stream, last = open(), nil
    for update in stream:updates() do
      if update.type == "text" and update.index == 0 then last = update.snapshot end
    end
    assert.equal('one two "three" four', last)
  end)

  it("of more than one read, and of more than are taken at once, are all there", function()
    local parts = { start }
    for i = 1, 1000 do parts[#parts + 1] = delta(0, i .. ",") end
    parts[#parts + 1] = event("contentBlockStop", { contentBlockIndex = 0 }) .. stop
    local stream, count = open(table.concat(parts)), 0
    for piece in stream:text() do
      count = count + 1
      assert.equal(count .. ",", piece)
    end
    assert.equal(1000, count)
    assert.truthy(text_of(stream:message(), 1):find("^1,2,3,.*,999,1000,$"))
  end)
end)

describe("Pieces of text of Messages", function()
  local function chunk(members)
    return frames.event("chunk", json.encode { bytes = base64.encode(json.encode(members)), p = "ab" })
  end

  local function text_delta(index, text)
    return chunk { type = "content_block_delta", index = index, delta = { type = "text_delta", text = text } }
  end

  local usual = frames.event("chunk", ('{"bytes":"%s","p":"abc"}'):format(base64.encode(
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" us\\u0075al\\n"}}')))

  local message = { id = "m", role = "assistant", content = json.array {}, usage = {} }
  local body = chunk { type = "message_start", message = message } ..
    chunk { type = "content_block_start", index = 0, content_block = { type = "text", text = "" } } ..
    text_delta(0, "one") .. text_delta(0, " two") .. usual .. text_delta(0, " four") ..
    chunk { type = "content_block_stop", index = 0 } .. chunk { type = "message_delta", delta = { stop_reason = "end_turn" } } ..
    chunk { type = "message_stop" }

  local function open_messages()
    return assert(client_of(body).messages:stream { model = "anthropic.claude-3-haiku-20240307-v1:0", max_tokens = 9,
      messages = { { role = "user", content = "?" } } })
  end

  it("come one by one and make the message", function()
    local stream = open_messages()
    assert.same({ "one", " two", " usual\n", " four" }, read(nil, stream))
    assert.equal("one two usual\n four", stream:message():text())
  end)

  it("become events for who goes on with events", function()
    local all, stream = {}, open_messages()
    for e in open_messages():events() do all[#all + 1] = e end
    assert.equal("one", stream:next_text())
    assert.equal(" two", stream:next_text())
    assert.same({ type = "content_block_delta", index = 0, delta = { type = "text_delta", text = " usual\n" } }, all[5])
    for i = 5, #all do assert.same(all[i], stream:next()) end
    assert.equal("one two usual\n four", stream:message():text())
  end)
end)

-- Whatever way of reading comes next, the caller has the same events, and the message is what these make.
describe("What goes on with a block", function()
  local accumulator = require "bedrock.accumulator"
  local random = require "spec.support.random"

  local converse = {
    { messageStart = { role = "assistant" } },
    { contentBlockDelta = { contentBlockIndex = 0, delta = { reasoningContent = { text = "Let" } } } },
    { contentBlockDelta = { contentBlockIndex = 0, delta = { reasoningContent = { text = " me" } } } },
    { contentBlockDelta = { contentBlockIndex = 0, delta = { reasoningContent = { text = " \"see\"" } } } },
    { contentBlockDelta = { contentBlockIndex = 0, delta = { reasoningContent = { signature = "sig" } } } },
    { contentBlockStop = { contentBlockIndex = 0 } },
    { contentBlockDelta = { contentBlockIndex = 1, delta = { text = "I" } } },
    { contentBlockDelta = { contentBlockIndex = 1, delta = { text = " am" } } },
    { contentBlockDelta = { contentBlockIndex = 1, delta = { text = "" } } },
    { contentBlockDelta = { contentBlockIndex = 1, delta = { text = " été" } } },
    { contentBlockStop = { contentBlockIndex = 1 } },
    { contentBlockStart = { contentBlockIndex = 2, start = { toolUse = { name = "f", toolUseId = "t" } } } },
    { contentBlockDelta = { contentBlockIndex = 2, delta = { toolUse = { input = '{"a":' } } } },
    { contentBlockDelta = { contentBlockIndex = 2, delta = { toolUse = { input = "[1," } } } },
    { contentBlockDelta = { contentBlockIndex = 2, delta = { toolUse = { input = "2]}" } } } },
    { contentBlockStop = { contentBlockIndex = 2 } },
    { messageStop = { stopReason = "tool_use" } },
    { metadata = { usage = { outputTokens = 9 } } },
  }

  local messages = {
    { type = "message_start", message = { id = "m", role = "assistant", content = json.array {}, usage = {} } },
    { type = "content_block_start", index = 0, content_block = { type = "thinking", thinking = "" } },
    { type = "content_block_delta", index = 0, delta = { type = "thinking_delta", thinking = "Let" } },
    { type = "content_block_delta", index = 0, delta = { type = "thinking_delta", thinking = " me" } },
    { type = "content_block_delta", index = 0, delta = { type = "thinking_delta", thinking = " \"see\"" } },
    { type = "content_block_delta", index = 0, delta = { type = "signature_delta", signature = "sig" } },
    { type = "content_block_stop", index = 0 },
    { type = "content_block_start", index = 1, content_block = { type = "text", text = "" } },
    { type = "content_block_delta", index = 1, delta = { type = "text_delta", text = "I" } },
    { type = "content_block_delta", index = 1, delta = { type = "text_delta", text = " am" } },
    { type = "content_block_delta", index = 1, delta = { type = "text_delta", text = "" } },
    { type = "content_block_delta", index = 1, delta = { type = "text_delta", text = " été" } },
    { type = "content_block_stop", index = 1 },
    { type = "content_block_start", index = 2, content_block = { type = "tool_use", id = "t", name = "f", input = {} } },
    { type = "content_block_delta", index = 2, delta = { type = "input_json_delta", partial_json = '{"a":' } },
    { type = "content_block_delta", index = 2, delta = { type = "input_json_delta", partial_json = "[1," } },
    { type = "content_block_delta", index = 2, delta = { type = "input_json_delta", partial_json = "2]}" } },
    { type = "content_block_stop", index = 2 },
    { type = "message_delta", delta = { stop_reason = "tool_use" }, usage = { output_tokens = 9 } },
    { type = "message_stop" },
  }

  -- In the order in which Bedrock spells them, for what is not spelled so is not taken the short way.
  local order = { "type", "contentBlockIndex", "index", "delta" }
  local function spelled(value)
    local inner = value.delta and type(value.delta) == "table" and json.ordered({ "type" }, value.delta) or value.delta
    local copy = {}
    for k, v in pairs(value) do copy[k] = v end
    copy.delta = inner
    return json.encode(json.ordered(order, copy))
  end

  local function converse_frame(one)
    local name, members = next(one)
    return frames.event(name, spelled(members))
  end

  local function message_frame(one)
    return frames.event("chunk", json.encode { bytes = base64.encode(spelled(one)) })
  end

  local function message_line(one)
    return ("event: %s\ndata: %s\n\n"):format(one.type, spelled(one))
  end

  local function joined(events, frame)
    local parts = {}
    for i, one in ipairs(events) do parts[i] = frame(one) end
    return table.concat(parts)
  end

  local function open_as(api, body)
    local kind = api == "mantle" and "text/event-stream" or nil
    local client = bedrock.new {
      region = "us-east-1", access_key_id = "A", secret_access_key = "B", api = api,
      transport = pretend.transport(function()
        return { body = body, headers = kind and { ["content-type"] = kind } or nil }
      end),
    }
    return assert(client.messages:stream { model = "anthropic.claude-haiku-4-5", max_tokens = 9,
      messages = { { role = "user", content = "?" } } })
  end

  local ways = {
    { "Converse", converse, accumulator.converse, function() return open(joined(converse, converse_frame)) end },
    { "Messages", messages, accumulator.messages, function() return open_as("invoke", joined(messages, message_frame)) end },
    { "server-sent events", messages, accumulator.messages,
      function() return open_as("mantle", joined(messages, message_line)) end },
  }

  -- The message that the first `count` events make, as a look at it shows it.
  local function message_of(events, step, count)
    local snapshot
    for i = 1, count do snapshot = assert(step(snapshot, events[i])) end
    return json.encode(accumulator.message(snapshot, count < #events))
  end

  local function is_text(one)
    local said = one.contentBlockDelta and one.contentBlockDelta.delta or one.delta
    return said ~= nil and type(said.text) == "string"
  end

  -- Reads the next thing in one of the ways; how many events the caller has got then.
  local readers = {
    next = function(stream, events, at)
      assert.same(events[at + 1], stream:next())
      return at + 1
    end,
    events = function(stream, events, at)
      assert.same(events[at + 1], stream:events()())
      return at + 1
    end,
    text = function(stream, events, at)
      local piece = stream:next_text()
      repeat at = at + 1 until at == #events or is_text(events[at])
      if piece then
        local said = events[at].delta or events[at].contentBlockDelta.delta
        assert.equal(said.text, piece)
      end
      return at
    end,
  }

  for _, way in ipairs(ways) do
    local name, events, step, open_stream = way[1], way[2], way[3], way[4]

    it("comes in order, by whatever ways it is read, with the message so far: " .. name, function()
      for seed = 1, 60 do
        local pick, stream, at = random.new(seed), open_stream(), 0
        while at < #events do
          local reader = pick:pick { "next", "events", "text" }
          at = readers[reader](stream, events, at)
          if pick:chance(0.5) then
            assert.equal(message_of(events, step, at), json.encode(stream:snapshot()), ("seed %d, %d events"):format(seed, at))
          end
        end
        assert.is_nil(stream:next())
        assert.equal(message_of(events, step, #events), json.encode(stream:message()))
      end
    end)
  end
end)
