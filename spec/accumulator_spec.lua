-- What a stream's events make together: the answer that the unary call would have returned.

local accumulator = require "bedrock.accumulator"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local judge = require "spec.support.judge"

local function step_all(step, events)
  local snapshot, err
  for _, event in ipairs(events) do
    snapshot, err = step(snapshot, event)
    if err then return nil, err end
  end
  return snapshot
end

local function same(want_text, got)
  assert(judge.same(judge.decode(want_text), got))
end

local function messages(text)
  return step_all(accumulator.messages, json.decode(text))
end

local function converse(text)
  return step_all(accumulator.converse, json.decode(text))
end

local start = [[{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],
  "stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}]]

local function with_block(block, ...)
  local parts = { start, ([[{"type":"content_block_start","index":0,"content_block":%s}]]):format(block) }
  for _, delta in ipairs { ... } do
    parts[#parts + 1] = ([[{"type":"content_block_delta","index":0,"delta":%s}]]):format(delta)
  end
  parts[#parts + 1] = [[{"type":"content_block_stop","index":0}]]
  return "[" .. table.concat(parts, ",") .. "]"
end

local function first_block(...)
  return accumulator.message(assert(messages(with_block(...)))).content[1]
end

describe("the accumulator of Messages", function()
  local cases = {
    { "thinking and its signature", [[{"type":"thinking","thinking":"","signature":""}]],
      { [[{"type":"thinking_delta","thinking":"a"}]], [[{"type":"thinking_delta","thinking":"b"}]],
        [[{"type":"signature_delta","signature":"old"}]], [[{"type":"signature_delta","signature":"new"}]] },
      [[{"type":"thinking","thinking":"ab","signature":"new"}]] },
    { "a redacted block as it comes", [[{"type":"redacted_thinking","data":"xyz"}]], {},
      [[{"type":"redacted_thinking","data":"xyz"}]] },
    { "a block of a kind that is not known", [[{"type":"brand_new","a":[],"b":{"c":null}}]],
      { [[{"type":"text_delta","text":"not for this block"}]], [[{"type":"brand_new_delta","x":1}]] },
      [[{"type":"brand_new","a":[],"b":{"c":null}}]] },
    { "a delta that does not fit its block", [[{"type":"text","text":"t"}]],
      { [[{"type":"thinking_delta","thinking":"x"}]], [[{"type":"input_json_delta","partial_json":"{}"}]] },
      [[{"type":"text","text":"t"}]] },
    { "a delta whose text is missing", [[{"type":"text","text":"t"}]],
      { [[{"type":"text_delta"}]], [[{"type":"text_delta","text":null}]], [[null]] }, [[{"type":"text","text":"t"}]] },
    { "no text at all as input of a tool", [[{"type":"tool_use","id":"i","name":"n","input":{"kept":1}}]],
      { [[{"type":"input_json_delta","partial_json":""}]] },
      [[{"type":"tool_use","id":"i","name":"n","input":{"kept":1}}]] },
    { "null as input of a tool", [[{"type":"tool_use","id":"i","name":"n","input":{}}]],
      { [[{"type":"input_json_delta","partial_json":" null"}]] },
      [[{"type":"tool_use","id":"i","name":"n","input":{}}]] },
    { "a tool input that the model broke", [[{"type":"mcp_tool_use","id":"i","name":"n","input":{}}]],
      { [[{"type":"input_json_delta","partial_json":"{\"a\":"}]], [[{"type":"input_json_delta","partial_json":" [1"}]] },
      [[{"type":"mcp_tool_use","id":"i","name":"n","input":{"INVALID_JSON":"{\"a\": [1"}}]] },
    { "a tool input that is no object", [[{"type":"tool_use","id":"i","name":"n","input":{}}]],
      { [[{"type":"input_json_delta","partial_json":"[1]"}]] },
      [[{"type":"tool_use","id":"i","name":"n","input":{"INVALID_JSON":"[1]"}}]] },
    { "a compaction", [[{"type":"compaction","content":null}]],
      { [[{"type":"compaction_delta","content":"one"}]],
        [[{"type":"compaction_delta","content":"two","encrypted_content":"e"}]] },
      [[{"type":"compaction","content":"two","encrypted_content":"e"}]] },
  }
  for _, case in ipairs(cases) do
    it("keeps " .. case[1], function()
      same(case[4], first_block(case[2], (table.unpack or unpack)(case[3])))
    end)
  end

  it("takes the model from a fallback block", function()
    local snapshot = messages(with_block [[{"type":"fallback","from":{"model":"x"},"to":{"model":"y"}}]])
    assert.equal("y", accumulator.message(snapshot).model)
  end)

  it("sets what message_delta says, null included, and keeps counters that say nothing", function()
    local snapshot = messages("[" .. start .. [[,
      {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":"END"},
       "usage":{"output_tokens":5,"output_tokens_details":{"thinking_tokens":2},"cache_read_input_tokens":7}},
      {"type":"message_delta","delta":{"stop_reason":"pause_turn","stop_sequence":null,"container":{"id":"c"}},
       "context_management":{"applied_edits":[]},
       "usage":{"output_tokens":9,"input_tokens":null,"cache_read_input_tokens":null}}] ]])
    same([[{"id":"m","type":"message","role":"assistant","model":"x","content":[],"stop_reason":"pause_turn",
      "stop_sequence":null,"container":{"id":"c"},"context_management":{"applied_edits":[]},
      "usage":{"input_tokens":3,"output_tokens":9,"output_tokens_details":{"thinking_tokens":2},
      "cache_read_input_tokens":7}}]], accumulator.message(snapshot))
  end)

  it("knows the end only from the stop event, and parses tool input that nobody stopped", function()
    local events = json.decode(with_block([[{"type":"tool_use","id":"i","name":"n","input":{}}]],
      [[{"type":"input_json_delta","partial_json":"{\"a\":1}"}]]))
    events[#events] = nil
    local snapshot = step_all(accumulator.messages, events)
    assert.is_false(accumulator.finished(snapshot))
    assert.equal([[{"a":1}]], accumulator.input_text(snapshot, 0))
    same([[{}]], accumulator.message(snapshot).content[1].input)
    snapshot = accumulator.messages(snapshot, { type = "message_stop" })
    assert.is_true(accumulator.finished(snapshot))
    same([[{"a":1}]], accumulator.message(snapshot).content[1].input)
  end)

  it("lets a ping and a chunk without a type come first, and nothing else", function()
    assert.is_nil(accumulator.messages(nil, { type = "ping" }))
    assert.same({}, { accumulator.messages(nil, {}) })
    for _, kind in ipairs { "content_block_start", "content_block_stop", "message_delta", "message_stop", "new_event" } do
      local snapshot, err = accumulator.messages(nil, { type = kind })
      assert.is_nil(snapshot)
      assert.equal("order", err.code)
      assert.equal("stream", err.kind)
    end
  end)

  it("refuses a second start and a delta for a block that never started", function()
    for _, event in ipairs { start, [[{"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"x"}}]],
      [[{"type":"content_block_delta","delta":{"type":"text_delta","text":"x"}}]] } do
      local _, err = messages("[" .. start .. "," .. event .. "]")
      assert.equal("order", err.code)
    end
  end)

  it("gives an in-band error the message so far", function()
    local snapshot = messages(with_block([[{"type":"text","text":""}]], [[{"type":"text_delta","text":"half"}]]))
    local error_event = json.decode [[{"type":"error","error":{"type":"overloaded_error","message":"busy"}}]]
    local nothing, err = accumulator.messages(snapshot, error_event)
    assert.is_nil(nothing)
    assert.is_true(errors.is(err))
    assert.equal("throttled", err.kind)
    assert.equal("busy", err.message)
    assert.equal("half", err.partial.content[1].text)
  end)

  it("never changes an event", function()
    local text = with_block([[{"type":"text","text":"a","citations":[]}]], [[{"type":"text_delta","text":"b"}]],
      [[{"type":"citations_delta","citation":{"type":"char_location"}}]])
    local events = json.decode(text)
    accumulator.message(step_all(accumulator.messages, events))
    accumulator.messages(step_all(accumulator.messages, events), { type = "message_delta", usage = { output_tokens = 99 } })
    same(text, events)
  end)

  it("takes a text without a table for it", function()
    local snapshot = messages(with_block([[{"type":"text","text":"a"}]]))
    snapshot = accumulator.messages_piece(snapshot, 0, "b", "text")
    assert.equal("ab", accumulator.message(snapshot).content[1].text)
    snapshot = accumulator.messages_piece(snapshot, 0, "c", "text")
    assert.equal("abc", accumulator.block(snapshot, 0).text)
    assert.equal("order", select(2, accumulator.messages_piece(snapshot, 1, "x", "text")).code)
    assert.equal("order", select(2, accumulator.messages_piece(nil, 0, "x", "text")).code)
  end)

  it("shows the trace of a guardrail where the unary answer has it", function()
    local snapshot = messages("[" .. start .. [[,{"type":"message_stop","amazon-bedrock-guardrailAction":"INTERVENED",
      "amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}] ]])
    local message = accumulator.message(snapshot)
    assert.equal("INTERVENED", message["amazon-bedrock-guardrailAction"])
    assert.is_nil(message["amazon-bedrock-invocationMetrics"])
  end)
end)

describe("the accumulator of Converse", function()
  local cases = {
    { "text without a start event, and an index that skips", [[
        {"contentBlockDelta":{"contentBlockIndex":3,"delta":{"text":"c"}}},
        {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"text":"a"}}},
        {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"text":"b"}}},
        {"contentBlockStop":{"contentBlockIndex":1}},{"contentBlockStop":{"contentBlockIndex":7}}]],
      [[ [{"text":"ab"},{"text":"c"}] ]] },
    { "a tool call in pieces, one without any, and one of the service's own", [[
        {"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"x\":"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":"[]}"}}}},
        {"contentBlockStop":{"contentBlockIndex":0}},
        {"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"b","name":"g"}}}},
        {"contentBlockStop":{"contentBlockIndex":1}},
        {"contentBlockStart":{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"c","name":"h","type":"server_tool_use"}}}},
        {"contentBlockDelta":{"contentBlockIndex":2,"delta":{"toolUse":{"input":""}}}},
        {"contentBlockStop":{"contentBlockIndex":2}}]],
      [[ [{"toolUse":{"toolUseId":"a","name":"f","input":{"x":[]}}},{"toolUse":{"toolUseId":"b","name":"g","input":{}}},
          {"toolUse":{"toolUseId":"c","name":"h","type":"server_tool_use","input":{}}}] ]] },
    { "reasoning in one block, its redacted form apart", [[
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Th"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"ink"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"s"}}}},
        {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"by"}}}},
        {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"tes"}}}},
        {"contentBlockDelta":{"contentBlockIndex":2,"delta":{"reasoningContent":{"signature":"only"}}}}]],
      [[ [{"reasoningContent":{"reasoningText":{"text":"Think","signature":"s"}}},
          {"reasoningContent":{"redactedContent":"bytes"}},
          {"reasoningContent":{"reasoningText":{"text":"","signature":"only"}}}] ]] },
    { "citations around their text, and citations alone", [[
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"citation":{"title":"t"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"sa"}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"id"}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"citation":{"location":{"web":{}}}}}},
        {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"citation":{"title":"u"}}}}]],
      [[ [{"citationsContent":{"content":[{"text":"said"}],"citations":[{"title":"t"},{"location":{"web":{}}}]}},
          {"citationsContent":{"citations":[{"title":"u"}]}}] ]] },
    { "the results of a tool of the service", [[
        {"contentBlockStart":{"contentBlockIndex":0,"start":{"toolResult":{"toolUseId":"a","type":"y","status":"success"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolResult":[{"json":{"n":1}}]}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolResult":[{"text":"t"}]}}}]],
      [[ [{"toolResult":{"toolUseId":"a","type":"y","status":"success","content":[{"json":{"n":1}},{"text":"t"}]}}] ]] },
    { "an image, and an arm that is not known", [[
        {"contentBlockStart":{"contentBlockIndex":0,"start":{"image":{"format":"png"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"image":{"source":{"bytes":"b"}}}}},
        {"contentBlockStart":{"contentBlockIndex":1,"start":{"hologram":{"a":1}}}},
        {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"hologram":{"b":[]}}}}]],
      [[ [{"image":{"format":"png","source":{"bytes":"b"}}},{"hologram":{"a":1,"b":[]}}] ]] },
    { "an empty text", [[{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":""}}}]], [[ [{"text":""}] ]] },
  }
  for _, case in ipairs(cases) do
    it("keeps " .. case[1], function()
      local text = [[ [{"messageStart":{"role":"assistant"}},]] .. case[2] .. [[,{"messageStop":{"stopReason":"x"}}] ]]
      local answer = accumulator.message(converse(text))
      same(case[3], answer.output.message.content)
    end)
  end

  it("equals the unary answer, with what comes after the stop event", function()
    local snapshot = converse [[ [{"messageStart":{"role":"assistant","p":"abc"}},
      {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abc"}},{"contentBlockStop":{"contentBlockIndex":0}},
      {"messageStop":{"stopReason":"end_turn","additionalModelResponseFields":{"/stop_sequence":null},"p":"ab"}}] ]]
    assert.is_true(accumulator.finished(snapshot))
    assert.is_nil(accumulator.message(snapshot).usage)
    snapshot = accumulator.converse(snapshot, json.decode [[{"metadata":{"usage":{"inputTokens":1,"outputTokens":2,
      "totalTokens":3,"serverToolUsage":{}},"metrics":{"latencyMs":5},"newer":[],"p":"a"}}]])
    same([[{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},"stopReason":"end_turn",
      "additionalModelResponseFields":{"/stop_sequence":null},"metrics":{"latencyMs":5},"newer":[],
      "usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3,"serverToolUsage":{}}}]], accumulator.message(snapshot))
  end)

  it("takes a text without a table for it, and can be read while it grows", function()
    local snapshot = converse [[ [{"messageStart":{"role":"assistant"}}] ]]
    for _, piece in ipairs { "a", "b", "c" } do
      snapshot = accumulator.converse_piece(snapshot, 0, piece, "text")
      assert.equal(piece, accumulator.block(snapshot, 0).text:sub(-1))
    end
    assert.equal("abc", accumulator.message(snapshot).output.message.content[1].text)
    assert.is_false(accumulator.finished(snapshot))
  end)

  it("ignores events that are not known, but lets no known one come before the start", function()
    assert.is_nil(accumulator.converse(nil, { ["initial-response"] = {} }))
    for _, name in ipairs { "contentBlockDelta", "contentBlockStop", "messageStop", "metadata" } do
      assert.equal("order", select(2, accumulator.converse(nil, { [name] = {} })).code)
    end
    assert.equal("order", select(2, accumulator.converse_piece(nil, 0, "x", "text")).code)
    assert.equal("order", select(2, converse [[ [{"messageStart":{}},{"messageStart":{}}] ]]).code)
  end)

  it("survives members of the wrong kind", function()
    local snapshot = converse [[ [{"messageStart":null},{"contentBlockDelta":{"delta":5}},{"contentBlockDelta":null},
      {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":5,"toolUse":7,"reasoningContent":[],"toolResult":3}}},
      {"contentBlockStart":{"contentBlockIndex":null,"start":[]}},{"contentBlockStop":{"contentBlockIndex":"x"}}] ]]
    assert.is_table(accumulator.message(snapshot).output.message.content)
  end)
end)

describe("a tool input", function()
  it("is recognised as broken by its only member", function()
    assert.equal("{", accumulator.broken_input(accumulator.tool_input "{"))
    for _, text in ipairs { [[{}]], [[{"INVALID_JSON":1}]], [[{"INVALID_JSON":"x","a":1}]] } do
      assert.is_nil(accumulator.broken_input(accumulator.tool_input(text)))
    end
    assert.is_nil(accumulator.broken_input(nil))
  end)
end)

describe("every recorded stream", function()
  local recordings = require "spec.support.recordings"
  local reply = require "bedrock.reply"

  -- The step function of a stream, and its events as the stream layer hands them over.
  local function events_of(exchange)
    local events, operation = {}, exchange.operation
    for _, event in ipairs(exchange.expected.events) do
      if operation == "ConverseStream" and event.event_type then
        events[#events + 1] = { [event.event_type] = event.payload }
      elseif operation == "InvokeModelWithResponseStream" and event.inner then
        events[#events + 1] = event.inner
      end
    end
    return events
  end

  local function step_of(exchange, events)
    if exchange.operation == "ConverseStream" then return accumulator.converse, accumulator.converse_piece, "converse" end
    if not events[1] or events[1].type ~= "message_start" then return nil end
    return accumulator.messages, accumulator.messages_piece, "messages"
  end

  -- Some recordings break off with an exception, or were never whole.
  local function whole(exchange)
    local events = exchange.expected.events or {}
    for _, event in ipairs(events) do
      if event.exception_type or event.error_code then return false end
    end
    return #events > 2
  end

  -- What an event adds as a piece: its text, index and kind.
  local function piece_of(event)
    local inner = event.contentBlockDelta or event
    local delta = type(inner.delta) == "table" and inner.delta or {}
    local use, reasoning = delta.toolUse or {}, delta.reasoningContent or {}
    for kind, text in pairs { text = delta.text or false, thinking = delta.thinking or reasoning.text or false,
      input = delta.partial_json or use.input or false } do
      if type(text) == "string" then return text, inner.contentBlockIndex or inner.index, kind end
    end
  end

  it("becomes a whole message with all of its text, with and without tables for its pieces", function()
    if not recordings.here() then return print "note: ../shared is not here" end
    local seen = 0
    for exchange in recordings.each() do
      local events = exchange.expected.kind == "events" and events_of(exchange) or {}
      local step, step_piece, form = step_of(exchange, events)
      if step and whole(exchange) then
        local with_tables, without, pieces = nil, nil, {}
        for _, event in ipairs(events) do
          local text, index, kind = piece_of(event)
          pieces[#pieces + 1] = kind == "text" and text or nil
          with_tables = assert(step(with_tables, event))
          if text then without = assert(step_piece(without, index, text, kind)) else without = assert(step(without, event)) end
        end
        assert.is_true(accumulator.finished(with_tables), exchange.id)
        local message = accumulator.message(with_tables)
        assert(judge.same(message, accumulator.message(without)))
        assert.equal(table.concat(pieces), reply.wrap(message, form):text(), exchange.id)
        assert.is_string(message.stop_reason)
        seen = seen + 1
      end
    end
    assert.is_true(seen > 40, seen .. " streams")
  end)
end)
