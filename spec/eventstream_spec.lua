-- Frames: what comes out of good ones, what is said about broken ones, and that reads may cut them anywhere.

local core = require "bedrock.core"
local frames = require "spec.support.frames"
local json = require "bedrock.json"
local judge = require "spec.support.judge"

local eventstream, base64 = core.eventstream, core.base64
local event = frames.event

local function decoder_of(bytes, options)
  local decoder = eventstream.decoder(options)
  decoder:feed(bytes)
  return decoder
end

local function first(bytes, form, texts, options)
  return decoder_of(bytes, options):next(form, texts)
end

local function chunk(inner, rest)
  return event("chunk", ('{"bytes":"%s"%s}'):format(base64.encode(inner), rest or ""))
end

local function same_event(want_name, want_json, bytes, form, texts)
  local kind, name, value = first(bytes, form, texts)
  assert.same({ "event", want_name }, { kind, type(name) == "table" and name.message or name })
  assert(judge.same(judge.decode(want_json), value))
end

local function same_text(want, index, bytes, form)
  assert.same({ "text", want, index }, { first(bytes, form, true) })
end

local function code_of(bytes, options)
  local decoder = decoder_of(bytes, options)
  local kind, err = decoder:next "raw"
  if not kind and not err then kind, err = decoder:finish() end
  assert.falsy(kind)
  return err.code, err
end

local empty_frame = "\0\0\0\16\0\0\0\0\5\194\72\235\125\152\200\255"

describe("A frame", function()
  it("gives an event with its payload as a table", function()
    same_event("messageStart", '{"role":"assistant"}', event("messageStart", '{"role":"assistant"}'), "json")
  end)

  it("gives an exception with its JSON, or with its text where that is not JSON", function()
    local kind, name, value = first(frames.exception("throttlingException", '{"message":"slow","p":"abc"}'), "json")
    assert.same({ "exception", "throttlingException", { message = "slow" } }, { kind, name, value })
    kind, name, value = first(frames.exception("brandNew", "<html>"), "chunk")
    assert.same({ "exception", "brandNew", "<html>" }, { kind, name, value })
    assert.same({ "exception", "x", "" }, { first(frames.exception("x", ""), "json") })
    assert.same({ "exception", "x", { a = 1 } }, { first(frames.exception("x", '{"a":1}'), "bytes") })
    assert.same({ "exception", "x", '{"a":1}' }, { first(frames.exception("x", '{"a":1}'), "raw") })
    assert.same({ "exception", "unknownException", "" }, { first(frames.frame(frames.text(":message-type", "exception"), "")) })
  end)

  it("gives an error with code and message", function()
    assert.same({ "error", "InternalFailure", "it broke" }, { first(frames.stream_error("InternalFailure", "it broke"), "json") })
    assert.same({ "error", "UnknownError", "" }, { first(frames.frame(frames.text(":message-type", "error"), ""), "json") })
  end)

  it("of the protocol's own kind is passed over, but not in the raw form", function()
    local bytes = event("initial-response", "{}") .. event("messageStop", "{}")
    assert.same({ "event", "messageStop", {} }, { first(bytes, "json") })
    assert.same({ "event", "initial-response", "{}" }, { first(bytes, "raw") })
  end)

  it("of an unknown event is handed over as JSON, or as it is", function()
    same_event("brandNew", '{"x":[]}', event("brandNew", '{"x":[]}'), "json")
    assert.same({ "event", "brandNew", "not json" }, { first(event("brandNew", "not json"), "chunk") })
  end)

  it("without a payload is an event without members", function()
    same_event("messageStop", "{}", event("messageStop", ""), "json")
  end)

  it("without a known message type breaks the stream", function()
    assert.same("message_type", (code_of(frames.frame(frames.text(":message-type", "novel"), "{}"))))
    local _, err = first(frames.frame(frames.text(":event-type", "chunk"), "{}"), "json")
    assert.same("message_type", err.code)
    assert.same({ "event", "chunk", "{}" }, { first(frames.frame(frames.text(":event-type", "chunk"), "{}"), "raw") })
  end)

  it("whose message type is not a string has none", function()
    local _, err = first(frames.frame(frames.header(":message-type", 6, "\0\5event"), "{}"), "json")
    assert.same("message_type", err.code)
  end)
end)

describe("Padding", function()
  it("is no part of an event, wherever it stands", function()
    for _, text in ipairs {
      '{"role":"assistant","p":"abcdefgh"}', '{"p":"abc","role":"assistant"}', '{"role":"assistant" , "p":"ab" }',
      '{"p":"0","role":"assistant","p":"1"}', '{"role":"assistant","p":""}', '{"p":"a\\u0062c","role":"assistant"}',
    } do
      same_event("messageStart", '{"role":"assistant"}', event("messageStart", text), "json")
      same_event("messageStart", '{"role":"assistant"}', event("messageStart", text), "chunk")
    end
    same_event("metadata", "{}", event("metadata", '{"p":"abc"}'), "json")
  end)

  it("is only padding when it is a string at the top", function()
    same_event("metadata", '{"p":1,"a":{"p":"x"}}', event("metadata", '{"p":1,"a":{"p":"x"}}'), "json")
    same_event("metadata", '{"a":["p",{"p":"x"}]}', event("metadata", '{"a":["p",{"p":"x"}]}'), "json")
    same_event("metadata", [[{"a":",\"p\":\"x"}]], event("metadata", [[{"a":",\"p\":\"x"}]]), "json")
  end)

  it("does not hide that the payload is broken", function()
    for _, text in ipairs { '{,"p":"a"}', '{"a","p":"b"}', '{"a":"b,"p":"c"}', '{"a":1,,"p":"c"}' } do
      local kind, err = first(event("metadata", text), "json")
      assert.is_nil(kind)
      assert.same("json", err.code)
    end
  end)

  it("stays in the raw form", function()
    assert.same({ "event", "metadata", '{"a":1,"p":"x"}' }, { first(event("metadata", '{"a":1,"p":"x"}'), "raw") })
  end)
end)

describe("A chunk", function()
  it("is the model's own event, named by its type", function()
    same_event("message_stop", '{"type":"message_stop"}', chunk('{"type":"message_stop"}'), "chunk")
    same_event("message_stop", '{"type":"message_stop"}', chunk('{"type":"message_stop"}', ',"p":"abc"'), "chunk")
    same_event("chunk", '{"completion":"x"}', chunk '{"completion":"x"}', "chunk")
    same_event("chunk", '{"type":7}', chunk '{"type":7}', "chunk")
  end)

  it("keeps a member p of the model's", function()
    same_event("x", '{"type":"x","p":"mine"}', chunk('{"type":"x","p":"mine"}', ',"p":"padding"'), "chunk")
  end)

  it("may be spelled in any way that JSON allows", function()
    local inner = base64.encode '{"type":"x","text":"???>>>"}'
    for _, text in ipairs {
      '{"p":"abc","bytes":"%s"}', ' { "bytes" : "%s" } ', '{"p":"a","more":[1],"bytes":"%s"}', '{"byt\\u0065s":"%s"}',
    } do
      same_event("x", '{"type":"x","text":"???>>>"}', event("chunk", text:format(inner)), "chunk")
    end
    local escaped = inner:gsub("/", "\\/")
    assert.truthy(escaped ~= inner)
    same_event("x", '{"type":"x","text":"???>>>"}', event("chunk", '{"bytes":"' .. escaped .. '"}'), "chunk")
  end)

  it("that is not JSON comes as its bytes", function()
    assert.same({ "event", "chunk", "\255\0 plain" }, { first(chunk "\255\0 plain", "chunk") })
    assert.same({ "event", "chunk", "\0{" }, { first(chunk "\0{", "chunk") })
    assert.same({ "event", "chunk", "" }, { first(chunk "", "chunk") })
  end)

  it("that begins as JSON and breaks off is an error", function()
    local kind, err = first(chunk ' {"type":"x",', "chunk")
    assert.is_nil(kind)
    assert.same({ "json", 1, 14 }, { err.code, err.line, err.column })
    assert.truthy(err.message:find("event chunk", 1, true))
  end)

  it("whose bytes are not base64 is an error", function()
    for _, text in ipairs { '{"bytes":"a"}', '{"bytes":"$$$$"}', '{"p":"x","more":1,"bytes":"$$$$"}' } do
      local kind, err = first(event("chunk", text), "chunk")
      assert.same({ nil, "json" }, { kind, err.code })
    end
  end)

  it("without bytes is handed over as it is", function()
    same_event("chunk", '{"other":1}', event("chunk", '{"other":1,"p":"x"}'), "chunk")
  end)

  it("gives its bytes alone in the form bytes", function()
    assert.same({ "event", "chunk", '{"type":"x"}' }, { first(chunk '{"type":"x"}', "bytes") })
  end)

  it("is an ordinary payload in the form json", function()
    same_event("chunk", '{"bytes":"eA=="}', event("chunk", '{"bytes":"eA==","p":"x"}'), "json")
  end)
end)

describe("Texts", function()
  it("come without a table from Converse, in any order and spacing", function()
    for _, text in ipairs {
      '{"contentBlockIndex":3,"delta":{"text":"Hi"},"p":"abc"}', '{"delta":{"text":"Hi"},"contentBlockIndex":3}',
      ' { "p" : "x\\n" , "delta" : { "text" : "Hi" } , "contentBlockIndex" : 3 } ',
    } do
      same_text("Hi", 3, event("contentBlockDelta", text), "json")
      same_text("Hi", 3, event("contentBlockDelta", text), "chunk")
    end
  end)

  it("come without a table from Messages, in any order and spacing", function()
    for _, text in ipairs {
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
      ' { "delta" : { "text" : "Hi" , "type" : "text_delta" } , "index" : 0 , "type" : "content_block_delta" } ',
    } do
      same_text("Hi", 0, chunk(text, ',"p":"abc"'), "chunk")
    end
  end)

  it("have their escapes resolved", function()
    same_text('a"\n\195\169\240\159\152\128', 0,
      event("contentBlockDelta", [[{"contentBlockIndex":0,"delta":{"text":"a\"\n\u00e9\ud83d\ude00"}}]]), "json")
    same_text("", 0, event("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":""}}'), "json")
  end)

  it("leave everything that says more to the table", function()
    for _, text in ipairs {
      '{"contentBlockIndex":0,"delta":{"text":"a","more":1}}', '{"contentBlockIndex":0,"delta":{"text":"a"},"more":null}',
      '{"contentBlockIndex":0,"delta":{"toolUse":{"input":"a"}}}', '{"delta":{"text":"a"}}', '{"contentBlockIndex":0}',
      '{"contentBlockIndex":0.5,"delta":{"text":"a"}}', '{"contentBlockIndex":0,"delta":{"text":null}}',
      '{"contentBlockIndex":0,"delta":{}}',
    } do
      same_event("contentBlockDelta", text, event("contentBlockDelta", text), "json", true)
    end
    for _, text in ipairs {
      '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a"}}',
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","more":1}}',
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"amazon-bedrock-trace":{}}',
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}',
      '{"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}',
      '{"type":"content_block_delta","index":0}',
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"p":"mine"}',
    } do
      same_event("content_block_delta", text, chunk(text), "chunk", true)
    end
  end)

  it("are none in a chunk of another type", function()
    local text = '{"index":0,"delta":{"type":"text_delta","text":"a"}}'
    same_event("chunk", text, chunk(text), "chunk", true)
  end)

  it("are errors when their JSON is broken", function()
    local kind, err = first(event("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"a"}'), "json", true)
    assert.same({ nil, "json" }, { kind, err.code })
    kind, err = first(event("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"\255"}}'), "json", true)
    assert.same({ nil, "json" }, { kind, err.code })
  end)

  it("are not asked for in other forms", function()
    assert.same("event", (first(event("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"a"}}'), "raw", true)))
    assert.same("event", (first(chunk '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
      "bytes", true)))
  end)
end)

describe("A decoder", function()
  local stream = event("messageStart", '{"role":"assistant"}') .. chunk '{"type":"ping"}' ..
    event("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abcdef"}') ..
    frames.exception("throttlingException", '{"message":"slow"}')

  local function tell(pieces)
    local decoder, said = eventstream.decoder(), {}
    for _, piece in ipairs(pieces) do
      decoder:feed(piece)
      local kind, name, value = decoder:next("chunk", true)
      while kind do
        said[#said + 1] = json.encode { kind, name, value }
        kind, name, value = decoder:next("chunk", true)
      end
      assert.is_nil(name)
    end
    assert.truthy(decoder:finish())
    return table.concat(said, "\n")
  end

  it("says the same however the bytes are cut", function()
    local whole = tell { stream }
    assert.same([=[["event","messageStart",{"role":"assistant"}]
["event","ping",{"type":"ping"}]
["text","Hi",0]
["exception","throttlingException",{"message":"slow"}]]=], whole)
    local bytes = {}
    for i = 1, #stream do
      bytes[i] = stream:sub(i, i)
      assert.same(whole, tell { stream:sub(1, i), stream:sub(i + 1) })
    end
    assert.same(whole, tell(bytes))
  end)

  it("says when the data ends inside of a frame, at every byte", function()
    local bytes = event("messageStop", "{}")
    for i = 1, #bytes - 1 do
      local decoder = decoder_of(bytes:sub(1, i))
      assert.is_nil(decoder:next "json")
      assert.same(i, decoder:buffered())
      local whole, err = decoder:finish()
      assert.is_nil(whole)
      assert.same({ "cut", i + 1 }, { err.code, err.position })
      assert.same("cut", select(2, decoder:next "json").code)
    end
    assert.truthy(eventstream.decoder():finish())
  end)

  it("stays broken and repeats its reason, whatever is fed", function()
    local decoder = decoder_of(event("messageStop", "{}") .. "no frame at all")
    assert.same("event", (decoder:next "json"))
    for _ = 1, 3 do
      local kind, err = decoder:next "json"
      assert.same({ nil, "prelude_crc", 1 + #event("messageStop", "{}") }, { kind, err.code, err.position })
      decoder:feed(event("messageStop", "{}"))
    end
    assert.same(0, decoder:buffered())
    assert.same("prelude_crc", select(2, decoder:finish()).code)
  end)

  it("stays broken by a payload too", function()
    local decoder = decoder_of(event("messageStop", "{\n nonsense") .. event("messageStop", "{}"))
    for _ = 1, 2 do
      local _, err = decoder:next "json"
      assert.same({ "json", 2, 2, 4 }, { err.code, err.line, err.column, err.position })
      assert.truthy(err.message:find("messageStop", 1, true))
    end
  end)

  it("judges the prelude before it waits for the rest", function()
    local decoder = decoder_of "\127\255\255\255\0\0\0\0\0\0\0\0"
    assert.same("prelude_crc", select(2, decoder:next "json").code)
    local claim = frames.frame("", "", { total = 25 * 1024 * 1024 }):sub(1, 12)
    assert.same("length", (code_of(claim)))
    assert.same("length", (code_of(frames.frame("", "", { total = 15 }))))
    assert.same("headers_length", (code_of(frames.frame("", "abc", { headers = 4 }))))
    assert.same("headers_length", (code_of(frames.frame("", "abc", { headers = 1 }))))
    assert.same("headers_length", (code_of(frames.frame("", ("x"):rep(2 ^ 17 + 1), { headers = 2 ^ 17 + 1 }):sub(1, 12))))
  end)

  it("has limits that can be set", function()
    local bytes = event("messageStop", "{}")
    assert.same("event", (first(bytes, "json", false, { max_frame = #bytes, max_headers = #bytes })))
    assert.same("length", (code_of(bytes, { max_frame = #bytes - 1 })))
    assert.same("headers_length", (code_of(bytes, { max_headers = 20 })))
    local _, err = first(event("metadata", '{"a":[[[1]]]}'), "json", false, { json_depth = 3 })
    assert.same("json", err.code)
    -- Beyond what the C stack of a small thread bears no option goes.
    _, err = first(event("metadata", ("["):rep(2 ^ 20)), "json", false, { json_depth = 2 ^ 31 - 1 })
    assert.same("json", err.code)
    _, err = first(event("metadata", '{"a":[[[1]]]}'), "json", false, { json_size = 5 })
    assert.same("json", err.code)
    assert.has_error(function() eventstream.decoder { max_frame = 1 } end)
    assert.has_error(function() eventstream.decoder { max_headers = "many" } end)
  end)

  it("turns base64 into bytes where it is told to", function()
    local bytes = event("contentBlockDelta", '{"delta":{"reasoningContent":{"redactedContent":"c2VjcmV0"}},"p":"x"}')
    local blobs = { delta = { reasoningContent = { redactedContent = true } } }
    local _, _, value = first(bytes, "json", true, { blobs = blobs })
    assert.same({ delta = { reasoningContent = { redactedContent = "secret" } } }, value)
    collectgarbage()
  end)

  it("names what is wrong with a header", function()
    for want, headers in pairs {
      header_truncated = "\4name", header_type = "\1x\10", empty_header_name = "\0\0", utf8 = "\1\255\0",
      duplicate_header = "\1x\0\1x\1",
    } do
      assert.same(want, (code_of(frames.frame(headers, ""))))
    end
    assert.same("utf8", (code_of(frames.frame(frames.text("name", "\192\128"), ""))))
    assert.same("header_truncated", (code_of(frames.frame(frames.header("x", 7, "\0\9short"), ""))))
    assert.same("header_truncated", (code_of(frames.frame(frames.header("x", 5, "\0\0\0"), ""))))
    assert.same("message_crc", (code_of((empty_frame:gsub(".$", "x")))))
  end)

  it("takes thousands of headers, and still finds one that comes twice", function()
    local headers = {}
    for i = 1, 3000 do headers[i] = frames.header("h" .. i, 0, "") end
    assert.same("event", (first(frames.frame(table.concat(headers), ""), "raw")))
    headers[3001] = headers[2]
    assert.same("duplicate_header", (code_of(frames.frame(table.concat(headers), ""))))
  end)

  it("shows the headers of the frame that it handed out last", function()
    local decoder = decoder_of(event("messageStop", "{}"))
    assert.is_nil(decoder:headers())
    decoder:next "json"
    assert.same({ { ":event-type", "string", "messageStop" }, { ":content-type", "string", "application/json" },
      { ":message-type", "string", "event" } }, decoder:headers())
    decoder:next "json"
    assert.same(3, #decoder:headers())
  end)

  it("will not pile up bytes that nobody takes", function()
    local decoder = eventstream.decoder { max_frame = 100 }
    decoder:feed(("x"):rep(101))
    assert.has_error(function() decoder:feed "y" end)
  end)

  it("takes a buffer for a string", function()
    assert.same("event", (first(core.buffer.new(event("messageStop", "{}")), "json")))
  end)

  it("is safe to close twice and to misuse", function()
    local decoder = decoder_of(event("messageStop", "{}"))
    local close = getmetatable(decoder).__gc
    close(decoder)
    close(decoder)
    assert.is_nil(decoder:next "json")
    assert.has_error(function() decoder.next({}, "json") end)
    assert.has_error(function() decoder.next(io.stdout, "json") end)
    assert.has_error(function() decoder:next "xml" end)
    assert.has_error(function() decoder:feed(nil) end)
    assert.truthy(tostring(decoder):find("bedrock.eventstream", 1, true))
  end)
end)

describe("Integers of 64 bits", function()
  local function value_of(bytes)
    local decoder = decoder_of(frames.frame(frames.header("n", 5, bytes), ""))
    decoder:next "raw"
    return decoder:headers()[1][3]
  end

  it("keep every digit", function()
    for bytes, text in pairs {
      ["\127\255\255\255\255\255\255\255"] = "9223372036854775807", ["\128\0\0\0\0\0\0\0"] = "-9223372036854775808",
      ["\0\32\0\0\0\0\0\1"] = "9007199254740993", ["\255\255\255\255\255\255\255\255"] = "-1",
    } do
      local value = value_of(bytes)
      assert.same(text, tostring(value))
      assert.same(frames.frame(frames.header("n", 5, bytes), ""), eventstream.encode({ { "n", "int64", value } }, ""))
    end
    assert.same("number", type(value_of "\0\0\0\0\0\0\0\5"))
  end)
end)

describe("The encoder", function()
  it("writes frames of the published layout", function()
    assert.same(empty_frame, eventstream.encode({}, ""))
    assert.same(empty_frame, eventstream.encode {})
    assert.same(event("chunk", "{}"), eventstream.encode({ { ":event-type", "string", "chunk" },
      { ":content-type", "string", "application/json" }, { ":message-type", "string", "event" } }, "{}"))
  end)

  it("writes every type so that it is read again as it was", function()
    local headers = {
      { "t", "bool_true", true }, { "f", "bool_false", false }, { "b", "byte", -128 }, { "s", "int16", -32768 },
      { "i", "int32", 2147483647 }, { "l", "int64", -5 }, { "y", "bytes", "\0\255" }, { "u", "string", "h\195\169" },
      { "w", "timestamp", 1700000000000 }, { "g", "uuid", "00112233-4455-6677-8899-aabbccddeeff" },
    }
    assert.same({ headers = headers, payload = "x\0y" }, eventstream.decode(eventstream.encode(headers, "x\0y")))
  end)

  it("refuses what no frame can hold, and names the header", function()
    for why, header in pairs {
      ["headers[1]: the name"] = { "", "string", "x" }, ["headers[1]: the type"] = { "x", "text", "x" },
      ["headers[1]: the value is not an int"] = { "x", "byte", 128 },
      ["headers[1]: the value is not a string"] = { "x", "string", 5 },
      ["headers[1]: the value is not a UUID"] = { "x", "uuid", "0011" }, ["is not UTF-8"] = { "x", "string", "\255" },
      ["headers[1]: not a table"] = "x",
    } do
      local ok, message = pcall(eventstream.encode, { header }, "")
      assert.is_false(ok)
      assert.truthy(message:find(why, 1, true), message)
    end
    for _, header in ipairs {
      { "x", "int32", 0.5 }, { "x", "int64", "12x" }, { "x", "int64", {} }, { "x", "int16", -32769 },
      { ("x"):rep(256), "byte", 1 }, { "x", "bytes", ("x"):rep(65536) }, { "x" }, {},
    } do
      assert.has_error(function() eventstream.encode({ header }, "") end)
    end
    assert.has_error(function() eventstream.encode({ { "x", "byte", 1 }, { "x", "byte", 1 } }, "") end)
    assert.has_error(function() eventstream.encode({}, ("x"):rep(24 * 1024 * 1024)) end)
  end)
end)

describe("A run of text deltas", function()
  local function delta(index, text)
    return event("contentBlockDelta", ('{"contentBlockIndex":%d,"delta":{"text":"%s"},"p":"abc"}'):format(index, text))
  end

  local function inner(index, text)
    return chunk(('{"type":"content_block_delta","index":%d,"delta":{"type":"text_delta","text":"%s"}}'):format(index, text))
  end

  local stop = event("contentBlockStop", '{"contentBlockIndex":0}')

  it("is gathered from the second on, and the events say so", function()
    for form, of in pairs { json = delta, chunk = inner } do
      local bytes = of(0, "one") .. of(0, " tw\\u006f") .. of(0, "") .. of(1, "three") .. of(1, " four")
      local decoder = decoder_of(bytes, { gather = true })
      assert.is_nil((select(4, decoder:next(form))))
      assert.same({}, { decoder:gathered() })
      local kind, name, value, goes_on = decoder:next(form)
      assert.same({ "event", " two", true }, { kind, value.delta.text, goes_on })
      assert.equal(form == "json" and "contentBlockDelta" or "content_block_delta", name)
      assert.same({ "text", "", 0, true }, { decoder:next(form, true) })
      assert.same({ " two", 0, "text" }, { decoder:gathered() })
      assert.same({}, { decoder:gathered() })
      assert.same({ "text", "three", 1 }, { decoder:next(form, true) })
      assert.same({ "text", " four", 1, false }, { decoder:next(form, true) })
      assert.same({ " four", 1, "text" }, { decoder:gathered() })
    end
  end)

  it("ends at any other event, and nothing is gathered unasked", function()
    local decoder = decoder_of(delta(0, "a") .. stop .. delta(0, "b"), { gather = true })
    for _ = 1, 3 do assert.is_nil((select(4, decoder:next "json"))) end
    decoder = decoder_of(delta(0, "a") .. delta(0, "b"))
    for _ = 1, 2 do assert.equal(3, select("#", decoder:next "json")) end
    assert.same({}, { decoder:gathered() })
  end)

  it("comes in one list, up to its places, to the end of the block or of the bytes", function()
    for form, of in pairs { union = delta, chunk = inner } do
      local list = {}
      local decoder = decoder_of(of(3, "a") .. of(3, "b") .. of(3, "c") .. of(3, "d") .. of(4, "e") .. of(4, "f") .. stop,
        { gather = true })
      assert.equal(0, (decoder:more(form, list, 2, true)))
      assert.same({ "text", "a", 3 }, { decoder:next(form, true) })
      assert.same({ 2, 3 }, { decoder:more(form, list, 2, true) })
      assert.same({ "b", "c" }, list)
      assert.same({ 1, 3 }, { decoder:more(form, list, 2, true) })
      assert.equal("d", list[1])
      assert.same({ 0, 3 }, { decoder:more(form, list, 2, true) })
      assert.same({ "bcd", 3, "text" }, { decoder:gathered() })
      assert.same({ "text", "e", 4 }, { decoder:next(form, true) })
      assert.same({ 1, 4 }, { decoder:more(form, list, 2, true) })
      assert.equal("event", (decoder:next(form, true)))
      assert.equal(0, (decoder:more(form, list, 2, true)))
      assert.is_nil((decoder:next(form, true)))
    end
  end)

  -- What a delta of each kind looks like: its frame, and the event that it becomes.
  local function converse_kind(kind, index, text)
    local of = ({ text = { text = text }, thinking = { reasoningContent = { text = text } },
      input = { toolUse = { input = text } } })[kind]
    local name = ({ text = "text", thinking = "reasoningContent", input = "toolUse" })[kind]
    local value = of[name]
    return event("contentBlockDelta", ('{"contentBlockIndex":%d,"delta":{"%s":%s},"p":"abc"}'):format(index, name,
      json.encode(value))), { contentBlockDelta = { contentBlockIndex = index, delta = of } }
  end

  local function message_kind(kind, index, text)
    local member = ({ text = "text", thinking = "thinking", input = "partial_json" })[kind]
    local type = ({ text = "text_delta", thinking = "thinking_delta", input = "input_json_delta" })[kind]
    local bytes = ('{"type":"content_block_delta","index":%d,"delta":{"type":"%s","%s":%s}}'):format(index, type, member,
      json.encode(text))
    return event("chunk", ('{"bytes":"%s"}'):format(base64.encode(bytes))),
      { type = "content_block_delta", index = index, delta = { type = type, [member] = text } }
  end

  it("is of one kind, and its events come in one list, too", function()
    for form, of in pairs { union = converse_kind, chunk = message_kind } do
      for _, kind in ipairs { "text", "thinking", "input" } do
        local bytes, events = {}, {}
        for i, text in ipairs { "a", 'b"\n', "", "é" } do bytes[i], events[i] = of(kind, 5, text) end
        local other = of(kind == "text" and "input" or "text", 5, "x")
        local decoder, list = decoder_of(table.concat(bytes) .. other, { gather = true }), {}
        assert.same(events[1], (select(3, decoder:next(form))))
        assert.same({ 3, 5 }, { decoder:more(form, list, 8) })
        assert.same({ events[2], events[3], events[4] }, list)
        assert.same({ 'b"\né', 5, kind }, { decoder:gathered() })
        assert.same({ 0, 5 }, { decoder:more(form, list, 8) })
        assert.is_nil((select(4, decoder:next(form))))
      end
    end
  end)

  it("of another kind than text is passed over by who wants texts, and kept", function()
    for form, of in pairs { union = converse_kind, chunk = message_kind } do
      for _, kind in ipairs { "thinking", "input" } do
        local first_event, value = of(kind, 2, "a")
        local decoder = decoder_of(first_event .. of(kind, 2, "b") .. of(kind, 2, "c") .. of("text", 3, "x"), { gather = true })
        local what, _, got = decoder:next(form, true)
        assert.same({ "event", value }, { what, got })
        assert.same({ "text", "x", 3 }, { decoder:next(form, true) })
        assert.same({ "bc", 2, kind }, { decoder:gathered() })
      end
    end
  end)

  it("stops before a frame that is broken, which is told afterwards", function()
    local list, broken = {}, delta(0, "c"):gsub("contentBlockIndex", "contentBlockIndeX")
    local decoder = decoder_of(delta(0, "a") .. delta(0, "b") .. broken, { gather = true })
    decoder:next("json", true)
    assert.equal(1, (decoder:more("json", list, 8, true)))
    local kind, err = decoder:next("json", true)
    assert.same({ nil, "message_crc" }, { kind, err.code })
    assert.equal(0, (decoder:more("json", list, 8, true)))
    assert.equal("b", (decoder:gathered()))
  end)

  it("is not made of what limits and blobs have a say about", function()
    local base = base64.encode "\0\255"
    local _, _, value = first(delta(0, base), "json", true, { blobs = { delta = { text = true } } })
    assert.equal("\0\255", value.delta.text)
    assert.equal("json", select(2, first(delta(0, "long"), "json", true, { json_size = 20 })).code)
    assert.equal("json", select(2, first(delta(0, "deep"), "json", false, { json_depth = 1 })).code)
    assert.equal("json", select(2, first(delta(0, "many"), "json", false, { json_values = 3 })).code)
  end)

  it("looks like any other event, however it is spelled", function()
    for _, text in ipairs {
      '{"contentBlockIndex":0,"delta":{"text":"a"},"p":"x"}', '{"contentBlockIndex":0,"delta":{"text":"a"}}',
      '{"p":"x","delta":{"text":"a"},"contentBlockIndex":0}', ' { "contentBlockIndex" : 0 , "delta" : { "text" : "a" } } ',
      '{"contentBlockIndex":0,"delta":{"text":"a"},"p":"\\u0041"}',
    } do
      same_event("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"a"}}', event("contentBlockDelta", text), "json")
      same_text("a", 0, event("contentBlockDelta", text), "json")
    end
    for _, text in ipairs {
      '{"contentBlockIndex":00,"delta":{"text":"a"}}', '{"contentBlockIndex":,"delta":{"text":"a"}}',
      '{"contentBlockIndex":0,"delta":{"text":"a"}', '{"contentBlockIndex":0,"delta":{"text":"a"},"p":"x"',
      '{"contentBlockIndex":0,"delta":{"text":"a"},"p":"x"}}', '{"contentBlockIndex":0,"delta":{"text":"a\\x"}}',
      '{"contentBlockIndex":0,"delta":{"text":"a\255"}}', '{"contentBlockIndex":0,"delta":{"text":"a"},"p":"\1"}',
    } do
      for _, texts in ipairs { true, false } do
        local kind, err = first(event("contentBlockDelta", text), "json", texts)
        assert.same({ nil, "json" }, { kind, err and err.code }, text)
      end
    end
    same_event("contentBlockDelta", '{"contentBlockIndex":12345678901,"delta":{"text":"a"}}',
      event("contentBlockDelta", '{"contentBlockIndex":12345678901,"delta":{"text":"a"}}'), "json", true)
  end)

  it("is held under its name in the form of a union", function()
    local kind, name, value = first(delta(0, "a"), "union")
    assert.same({ "event", "contentBlockDelta", { contentBlockDelta = { contentBlockIndex = 0, delta = { text = "a" } } } },
      { kind, name, value })
    assert.same({ "event", "brandNew", { brandNew = { a = 1 } } }, { first(event("brandNew", '{"a":1}'), "union") })
    assert.same({ "event", nil, nil }, { first(frames.frame(frames.text(":message-type", "event"), "{}"), "union") })
  end)
end)

describe("Headers that repeat", function()
  it("are told apart from others of the same length", function()
    local decoder = decoder_of(event("messageStart", "{}") .. event("messageStop1", "{}") .. event("messageStart", "{}") ..
      frames.exception("messageStart", "{}") .. event("messageStart", "{}"))
    local names = {}
    for _ = 1, 5 do names[#names + 1] = table.concat({ decoder:next "raw" }, " ") end
    assert.same({ "event messageStart {}", "event messageStop1 {}", "event messageStart {}", "exception messageStart {}",
      "event messageStart {}" }, names)
  end)
end)

describe("A frame by itself", function()
  it("is read as a whole or not at all", function()
    assert.same({ headers = {}, payload = "" }, eventstream.decode(empty_frame))
    for bytes, want in pairs {
      [""] = "too_short", [empty_frame:sub(1, 15)] = "too_short", [empty_frame .. "x"] = "length",
      [frames.frame("", "", { total = 17 })] = "length", [("x"):rep(16)] = "prelude_crc",
    } do
      local frame, err = eventstream.decode(bytes)
      assert.same({ nil, want }, { frame, err.code })
    end
  end)
end)

describe("The shared vectors of frames and streams", function()
  it("pass", function()
    local file = io.open "../shared/vectors/eventstream-cases.json"
    if not file then return print "\nnote: ../shared is not here, its frames were not run" end
    file:close()
    local cases = 0
    dofile "spec/vectors/eventstream.lua"(judge.read "../shared/vectors/eventstream-cases.json", function(ok, name, why)
      cases = cases + 1
      assert(ok, name .. ": " .. tostring(why))
    end)
    assert.truthy(cases > 0)
  end)
end)
