-- Answers of both forms look alike to the caller, and stay what they were on the wire.

local json = require "bedrock.json"
local judge = require "spec.support.judge"
local reply = require "bedrock.reply"

local texts = {
  messages = [[{"id":"m","type":"message","role":"assistant","model":"x","stop_reason":"tool_use","stop_sequence":null,
    "content":[
      {"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"r"},
      {"type":"text","text":"Hello "},
      {"type":"text","text":"world","citations":[{"type":"page_location","cited_text":"w","document_index":0,
        "document_title":"D","start_page_number":1,"end_page_number":2}]},
      {"type":"text","text":""},
      {"type":"tool_use","id":"t1","name":"f","input":null},
      {"type":"tool_use","id":"t2","name":"g","input":{"INVALID_JSON":"{\"a"}},
      {"type":"server_tool_use","id":"t3","name":"h","input":{}},
      {"type":"brand_new","x":[]}],
    "usage":{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":100,"cache_creation_input_tokens":30,
      "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10}}}]],
  converse = [[{"output":{"message":{"role":"assistant","content":[
      {"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},{"reasoningContent":{"redactedContent":"r"}},
      {"text":"Hello "},
      {"citationsContent":{"content":[{"text":"world"}],"citations":[{"title":"D","sourceContent":[{"text":"w"}],
        "location":{"documentPage":{"documentIndex":0,"start":1,"end":2}}}]}},
      {"text":""},
      {"toolUse":{"toolUseId":"t1","name":"f","input":null}},
      {"toolUse":{"toolUseId":"t2","name":"g","input":{"INVALID_JSON":"{\"a"}}},
      {"toolUse":{"toolUseId":"t3","name":"h","input":{},"type":"server_tool_use"}},
      {"brandNew":{"x":[]}}]}},
    "stopReason":"tool_use","metrics":{"latencyMs":5},
    "usage":{"inputTokens":10,"outputTokens":5,"totalTokens":145,"cacheReadInputTokens":100,"cacheWriteInputTokens":30,
      "cacheDetails":[{"ttl":"5m","inputTokens":20},{"ttl":"1h","inputTokens":10}]}}]],
}

for form, text in pairs(texts) do
  describe("an answer in the form of " .. form, function()
    local answer

    before_each(function() answer = reply.wrap(json.decode(text), form) end)

    it("tells its text, its thinking and why it stopped", function()
      assert.equal("Hello world", answer:text())
      assert.equal("Hello world", tostring(answer))
      assert.equal("hm", answer:thinking())
      assert.equal("tool_use", answer.stop_reason)
      assert.equal(9, #answer:blocks())
      assert.equal(form, reply.form(answer))
    end)

    it("lists the tool calls that wait for the caller, with an object as input", function()
      local uses = answer:tool_uses()
      assert.equal(2, #uses)
      assert.equal("t1", uses[1].id)
      assert.equal("f", uses[1].name)
      assert.same({}, uses[1].input)
      assert.is_nil(uses[1].broken)
      assert.equal('{"a', uses[2].broken)
    end)

    it("lists its citations", function()
      local citations = answer:citations()
      assert.equal(1, #citations)
      assert.equal("w", citations[1].cited_text)
      assert.equal("D", citations[1].title)
      assert.equal("world", citations[1].text)
      assert.is_table(citations[1].wire)
    end)

    it("counts tokens under one set of names", function()
      local usage = answer.usage
      local got = {}
      for _, name in ipairs { "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
        "cache_write_5m_tokens", "cache_write_1h_tokens", "total_input_tokens", "total_tokens" } do
        got[#got + 1] = usage[name]
      end
      assert.same({ 10, 5, 100, 30, 20, 10, 140, 145 }, got)
      assert.is_nil(usage.no_such_counter)
    end)

    it("becomes a message of the history: reasoning and unknown blocks as they are, no blank text, objects as inputs", function()
      local message = answer:to_message()
      assert.equal("assistant", message.role)
      assert.equal(8, #message.content)
      local blocks = answer:blocks()
      assert.equal(blocks[1], message.content[1])
      assert.equal(blocks[2], message.content[2])
      assert.equal(blocks[9], message.content[8])
      local use = message.content[5]
      assert.same({}, use.toolUse and use.toolUse.input or use.input)
    end)

    it("encodes to the JSON that it was, and can be walked like it", function()
      assert(judge.same(judge.decode(text), judge.decode(assert(json.encode(answer)))))
      for name in pairs(answer) do assert.is_nil(rawget(getmetatable(answer), name)) end
    end)

    it("has no usage when the service sent none", function()
      local bare = reply.wrap({}, form)
      assert.is_nil(bare.usage)
      assert.is_nil(bare.stop_reason)
      assert.equal("", bare:text())
      assert.same({}, bare:tool_uses())
      assert.same({}, bare:to_message().content)
    end)
  end)
end

describe("an answer", function()
  it("that is only blank text stays one in the history", function()
    local answer = reply.wrap({ content = { { type = "text", text = " " } } }, "messages")
    assert.equal(1, #answer:to_message().content)
  end)

  it("counts what is null or missing as nothing, and unsplit cache writes as five minutes", function()
    local usage = reply.wrap({ usage = { output_tokens = 2, cache_creation_input_tokens = 7,
      cache_read_input_tokens = json.null, cache_creation = json.null } }, "messages").usage
    assert.equal(0, usage.input_tokens)
    assert.equal(0, usage.cache_read_tokens)
    assert.equal(7, usage.cache_write_5m_tokens)
    assert.equal(9, usage.total_tokens)
    usage = reply.wrap({ usage = { inputTokens = 1, outputTokens = 2, cacheWriteInputTokenCount = 3 } }, "converse").usage
    assert.equal(3, usage.cache_write_tokens)
    assert.equal(0, usage.cache_write_1h_tokens)
  end)

  it("can be read as JSON", function()
    local answer = reply.wrap({ content = { { type = "text", text = '{"a":' }, { type = "text", text = "1}" } } }, "messages")
    assert.equal(1, answer:json().a)
  end)

  it("of another kind comes back as it is", function()
    local raw = {}
    assert.equal(raw, reply.wrap(raw, "bytes"))
    assert.is_nil(getmetatable(raw))
    assert.is_nil(reply.wrap(nil, "messages"))
    assert.is_nil(reply.form(raw))
  end)

  it("in Converse agrees with the total that the service counts, in all recordings", function()
    local recordings = require "spec.support.recordings"
    if not recordings.here() then return print "note: ../shared is not here" end
    local seen = 0
    for exchange in recordings.each() do
      local body = exchange.expected.body
      if exchange.operation == "Converse" and exchange.ok and body.usage and body.usage.totalTokens then
        local answer = reply.wrap(body, "converse")
        assert.equal(body.usage.totalTokens, answer.usage.total_tokens, exchange.id)
        assert.is_string(answer:text())
        seen = seen + 1
      end
    end
    assert.is_true(seen > 100)
  end)
end)

describe("an answer that is not what the service promises", function()
  local null = require("bedrock.json").null
  local answers = {
    {}, { usage = null, content = null, stop_reason = null, output = null },
    { content = { null, { type = null }, { type = "text", text = null } }, usage = { input_tokens = null } },
    { output = { message = null }, usage = { inputTokens = null, cacheDetails = { null } } },
    { output = { message = { content = { null, 5, { text = null }, { toolUse = null }, { reasoningContent = null },
      { citationsContent = { content = { null } } } } } } },
  }

  it("does not make its methods fail", function()
    for _, form in ipairs { "messages", "converse" } do
      for _, answer in ipairs(answers) do
        local wrapped = reply.wrap(answer, form)
        for _, method in ipairs { "text", "thinking", "blocks", "tool_uses", "citations", "to_message" } do
          assert.has_no.errors(function() return wrapped[method](wrapped) end)
        end
        if type(rawget(wrapped, "usage")) == "table" then assert.equal(0, wrapped.usage.total_tokens) end
      end
    end
  end)
end)
