-- Server-sent events: lines of every kind, cut anywhere.

local core = require "bedrock.core"
local judge = require "spec.support.judge"

local sse = core.sse

-- All events of a stream as { name or false, data }, and how it ended.
local function read(pieces, form, options)
  local decoder, events = sse.decoder(options), {}
  for _, piece in ipairs(type(pieces) == "table" and pieces or { pieces }) do
    decoder:feed(piece)
    local kind, name, value = decoder:next(form or "raw")
    while kind do
      events[#events + 1] = { name or false, value }
      kind, name, value = decoder:next(form or "raw")
    end
  end
  local whole, err = decoder:finish()
  return events, not whole and err.code or nil, err
end

local cases = {
  { "a name and data", "event: ping\ndata: {}\n\n", { { "ping", "{}" } } },
  { "data without a name", "data: x\n\n", { { false, "x" } } },
  { "several lines of data joined by LF", "data: a\ndata:\ndata: b\n\n", { { false, "a\n\nb" } } },
  { "one space after the colon, not two", "data:  x \n\ndata:y\n\n", { { false, " x " }, { false, "y" } } },
  { "CRLF", "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", { { "a", "1" }, { false, "2" } } },
  { "CR alone", "event: a\rdata: 1\r\rdata: 2\r\r", { { "a", "1" }, { false, "2" } } },
  { "all line ends mixed", "event: a\rdata: 1\r\n\ndata: 2\n\r\ndata: 3\r\r", { { "a", "1" }, { false, "2" }, { false, "3" } } },
  { "comments", ": hello\n\ndata: 1\n: between\ndata: 2\n\n:\n", { { false, "1\n2" } } },
  { "a byte order mark", "\239\187\191data: 1\n\n", { { false, "1" } } },
  { "a byte order mark in the middle as part of a name", "data: 1\n\n\239\187\191data: 2\n\n", { { false, "1" } } },
  { "a name without data", "event: ping\n\ndata: 1\n\n", { { false, "1" } } },
  { "the last of two names", "event: a\nevent: b\ndata: 1\n\n", { { "b", "1" } } },
  { "an empty name as none", "event: a\nevent:\ndata: 1\n\n", { { false, "1" } } },
  { "empty data", "data\n\ndata:\n\ndata\ndata\n\n", { { false, "" }, { false, "" }, { false, "\n" } } },
  { "fields that are not ours", "id: 7\nretry: 10\nother: x\nDATA: y\ndatax: z\ndata: 1\n\n", { { false, "1" } } },
  { "colons in the data", "data: a: b:c\n\n", { { false, "a: b:c" } } },
  { "empty lines in a row", "\n\r\n\rdata: 1\n\n\n\n", { { false, "1" } } },
  { "bytes of every kind", "data: \0\255\226\128\168\n\n", { { false, "\0\255\226\128\168" } } },
  { "nothing", "", {} },
}

describe("Server-sent events", function()
  for _, case in ipairs(cases) do
    it("have " .. case[1] .. ", however they are cut", function()
      local _, text, want = case[1], case[2], case[3]
      local bytes = {}
      for i = 1, #text do bytes[i] = text:sub(i, i) end
      for at = 1, #text do
        assert.same({ want }, { read { text:sub(1, at), text:sub(at + 1) } })
      end
      assert.same({ want }, { read(text) })
      assert.same({ want }, { read(bytes) })
    end)
  end

  it("that break off are no events, and said to be cut", function()
    for _, text in ipairs {
      "data: 1", "data: 1\n", "data: 1\r\n", "event: a\n", "da", "\239\187", "data: 0\n\ndata: 1\n",
    } do
      local events, code = read(text)
      assert.same({ #(text:gsub("[^0]", "")), "cut" }, { #events, code })
    end
    local events, code, err = read "data: 0\n\ndata: 1"
    assert.same({ 1, "cut", 10 }, { #events, code, err.position })
  end)

  it("have a limit on what one may hold", function()
    assert.same({ { { false, "12345678" } } }, { read("data: 12345678\n\n", "raw", { max = 20 }) })
    local long = "data: " .. ("x"):rep(30)
    for _, text in ipairs { long, long .. "\n\n", ("data: 12345678\n"):rep(4) } do
      assert.same("length", (select(2, read(text, "raw", { max = 20 }))))
    end
    local decoder = sse.decoder { max = 20 }
    decoder:feed(long)
    for _ = 1, 2 do
      assert.same("length", (select(2, decoder:next "raw")).code)
      decoder:feed "\n\ndata: 1\n\n"
    end
  end)

  it("will not pile up untaken", function()
    local decoder = sse.decoder { max = 20 }
    decoder:feed(("data: 1\n\n"):rep(10))
    assert.has_error(function() decoder:feed "\n" end)
  end)
end)

describe("Server-sent JSON", function()
  local function first(text, texts)
    local decoder = sse.decoder()
    decoder:feed(text)
    return decoder:next("json", texts)
  end

  it("comes as tables", function()
    local kind, name, value = first 'event: ping\ndata: {"type":"other",\ndata: "list":[]}\n\n'
    assert.same({ "event", "ping" }, { kind, name })
    assert(judge.same(judge.decode '{"type":"other","list":[]}', value))
  end)

  it("names an event by its type where no line does", function()
    assert.same({ "event", "ping", { type = "ping" } }, { first 'data: {"type":"ping"}\n\n' })
    assert.same({ "event", nil, { id = 1 } }, { first 'data: {"id":1}\n\n' })
  end)

  it("may end in [DONE] or hold nothing, which is no JSON", function()
    assert.same({ "event", nil, "[DONE]" }, { first "data: [DONE]\n\n" })
    assert.same({ "event", "ping", "" }, { first "event: ping\ndata:\n\n" })
  end)

  it("that is broken breaks the stream", function()
    local decoder = sse.decoder()
    decoder:feed 'event: x\ndata: {"a":\ndata: ]}\n\ndata: {}\n\n'
    for _ = 1, 2 do
      local kind, err = decoder:next "json"
      assert.same({ nil, "json", 2, 1 }, { kind, err.code, err.line, err.column })
      assert.truthy(err.message:find("event x", 1, true))
      assert.same("json", (select(2, decoder:finish())).code)
    end
  end)

  it("gives texts of Messages without a table", function()
    local text = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":2,' ..
      '"delta":{"type":"text_delta","text":"H\\u00e9"}}\n\n'
    assert.same({ "text", "H\195\169", 2 }, { first(text, true) })
    local kind, name, value = first(text, false)
    assert.same({ "event", "content_block_delta", "text_delta" }, { kind, name, value.delta.type })
  end)
end)

describe("A decoder of server-sent events", function()
  it("takes buffers, shows what it holds, and is safe to misuse", function()
    local decoder = sse.decoder()
    decoder:feed(core.buffer.new "data: 1")
    assert.is_nil(decoder:next "raw")
    assert.same(7, decoder:buffered())
    assert.truthy(tostring(decoder):find("bedrock.sse", 1, true))
    getmetatable(decoder).__gc(decoder)
    getmetatable(decoder).__gc(decoder)
    assert.is_nil(decoder:next "raw")
    assert.has_error(function() decoder.next(core.eventstream.decoder(), "raw") end)
    assert.has_error(function() decoder:next "xml" end)
    assert.has_error(function() sse.decoder { max = 0 } end)
  end)
end)

describe("Recorded server-sent events", function()
  -- The bodies of the recordings whose answers are such streams, with what a client must see.
  local function each_stream(visit)
    local listing = io.popen "ls ../shared/recordings/*.json 2>/dev/null"
    for path in listing:lines() do
      local file = assert(io.open(path, "rb"))
      local text = file:read "*a"
      file:close()
      if text:find('"kind": "sse"', 1, true) or text:find('"kind":"sse"', 1, true) then
        local recording = judge.decode(text)
        for _, interaction in ipairs(recording.interactions or { recording }) do
          if interaction.expected and interaction.expected.kind == "sse" then visit(interaction) end
        end
      end
    end
    listing:close()
  end

  local function same_event(want, got)
    if want.event_type ~= judge.null then assert.same(want.event_type, got[1]) end
    if want.data_text then return assert.same(want.data_text, got[2]) end
    assert(judge.same(want.payload, got[2]))
  end

  it("say what the recording says", function()
    local seen = 0
    each_stream(function(interaction)
      local events, cut = read(core.base64.decode(interaction.response.body_base64), "json")
      assert.is_nil(cut)
      assert.same(#interaction.expected.events, #events)
      for i, want in ipairs(interaction.expected.events) do same_event(want, events[i]) end
      seen = seen + 1
    end)
    if seen == 0 then print "\nnote: ../shared is not here, its recordings were not read" end
  end)
end)
