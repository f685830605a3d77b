-- Conversations from one form into the other, and what the other form cannot say.

local convert = require "bedrock.convert"
local json = require "bedrock.json"
local judge = require "spec.support.judge"
local recordings = require "spec.support.recordings"

local function same(want, got)
  assert(judge.same(judge.decode(want), judge.decode(assert(json.encode(got)))))
end

-- There and back, and the way there once more.
local function round(form, text)
  local there, back = convert.to_converse, convert.to_messages
  if form == "converse" then there, back = back, there end
  local first = assert(there(json.decode(text)))
  local again = assert(back(first))
  return first, again, assert(there(again))
end

describe("a conversation in both forms", function()
  local cases = {
    { "text, options and members of the model",
      [[{"model":"m","max_tokens":5,"temperature":0.5,"top_p":0.9,"stop_sequences":["X"],"top_k":3,
        "thinking":{"type":"adaptive"},"anthropic_beta":["b"],"system":[{"type":"text","text":"s"}],
        "messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}]],
      [[{"modelId":"m","inferenceConfig":{"maxTokens":5,"temperature":0.5,"topP":0.9,"stopSequences":["X"]},
        "additionalModelRequestFields":{"top_k":3,"thinking":{"type":"adaptive"},"anthropic_beta":["b"]},
        "system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"Hi"}]}]}]] },
    { "tools, their use and their results",
      [[{"tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{}},"strict":true,
          "cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"bash_20250124","name":"bash"}],
        "tool_choice":{"type":"tool","name":"f"},
        "messages":[{"role":"assistant","content":[{"type":"tool_use","id":"i","name":"f","input":{}},
          {"type":"server_tool_use","id":"j","name":"g","input":{"a":[]}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"i","is_error":true,"content":[{"type":"text","text":"r"},
          {"type":"image","source":{"type":"base64","media_type":"image/png","data":"YWJj"}}]}]}]}]],
      [[{"toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object",
          "properties":{}}},"strict":true}},{"cachePoint":{"type":"default","ttl":"1h"}}],"toolChoice":{"tool":{"name":"f"}}},
        "additionalModelRequestFields":{"tools":[{"type":"bash_20250124","name":"bash"}]},
        "messages":[{"role":"assistant","content":[{"toolUse":{"toolUseId":"i","name":"f","input":{}}},
          {"toolUse":{"toolUseId":"j","name":"g","input":{"a":[]},"type":"server_tool_use"}}]},
        {"role":"user","content":[{"toolResult":{"toolUseId":"i","status":"error","content":[{"text":"r"},
          {"image":{"format":"png","source":{"bytes":"abc"}}}]}}]}]}]] },
    { "images, documents, citations and cache points",
      [[{"messages":[{"role":"user","content":[
          {"type":"document","title":"D 1","context":"c","citations":{"enabled":true},
            "source":{"type":"base64","media_type":"application/pdf","data":"YWJj"}},
          {"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"abc"}},
          {"type":"document","title":"P","source":{"type":"content","content":[{"type":"text","text":"p"}]}},
          {"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}],"citations":{"enabled":false}},
          {"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]},
        {"role":"assistant","content":[{"type":"text","text":"b","citations":[
          {"type":"page_location","cited_text":"q","document_index":0,"document_title":"D 1","start_page_number":1,
            "end_page_number":2},
          {"type":"char_location","cited_text":"q","document_index":1,"start_char_index":0,"end_char_index":1},
          {"type":"content_block_location","cited_text":"q","document_index":2,"start_block_index":0,"end_block_index":1},
          {"type":"search_result_location","cited_text":"q","search_result_index":0,"start_block_index":0,
            "end_block_index":1,"source":"s","title":"t"}]}]}]}]],
      [[{"messages":[{"role":"user","content":[
          {"document":{"name":"D 1","format":"pdf","context":"c","citations":{"enabled":true},"source":{"bytes":"abc"}}},
          {"document":{"name":"T","format":"txt","source":{"text":"abc"}}},
          {"document":{"name":"P","format":"txt","source":{"content":[{"text":"p"}]}}},
          {"searchResult":{"source":"s","title":"t","content":[{"text":"x"}],"citations":{"enabled":false}}},
          {"text":"a"},{"cachePoint":{"type":"default"}}]},
        {"role":"assistant","content":[{"citationsContent":{"content":[{"text":"b"}],"citations":[
          {"title":"D 1","sourceContent":[{"text":"q"}],"location":{"documentPage":{"documentIndex":0,"start":1,"end":2}}},
          {"sourceContent":[{"text":"q"}],"location":{"documentChar":{"documentIndex":1,"start":0,"end":1}}},
          {"sourceContent":[{"text":"q"}],"location":{"documentChunk":{"documentIndex":2,"start":0,"end":1}}},
          {"sourceContent":[{"text":"q"}],"source":"s","title":"t",
            "location":{"searchResultLocation":{"searchResultIndex":0,"start":0,"end":1}}}]}}]}]}]] },
    { "reasoning, open and redacted",
      [[{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},
        {"type":"redacted_thinking","data":"abc"}]}]}]],
      [[{"messages":[{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"t","signature":"s"}}},
        {"reasoningContent":{"redactedContent":"abc"}}]}]}]] },
    { "documents without a title beside others",
      [[{"messages":[{"role":"user","content":[
          {"type":"document","source":{"type":"text","media_type":"text/plain","data":"a"}},
          {"type":"document","title":"untitled 7","source":{"type":"text","media_type":"text/plain","data":"b"}},
          {"type":"document","source":{"type":"text","media_type":"text/plain","data":"c"}},
          {"type":"text","text":"which?"}]}]}]],
      [[{"messages":[{"role":"user","content":[
          {"document":{"name":"untitled","format":"txt","source":{"text":"a"}}},
          {"document":{"name":"untitled 7","format":"txt","source":{"text":"b"}}},
          {"document":{"name":"untitled 2","format":"txt","source":{"text":"c"}}},{"text":"which?"}]}]}]] },
    { "structured output and effort",
      [[{"messages":[],"output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}}}]],
      [[{"messages":[],"outputConfig":{"effort":"high","textFormat":{"type":"json_schema",
        "structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}"}}}}}]] },
  }
  for _, case in ipairs(cases) do
    it("says " .. case[1], function()
      local first, again = round("messages", case[2])
      same(case[3], first)
      same(case[2], again)
      first, again = round("converse", case[3])
      same(case[2], first)
      same(case[3], again)
    end)
  end

  it("takes plain strings for one block of text, and JSON data for its text when it may", function()
    same([[{"system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"u"}]}]}]],
      convert.to_converse { system = "s", messages = { { role = "user", content = "u" } }, stream = true,
        anthropic_version = "bedrock-2023-05-31" })
    same([[{"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"{\"a\":1}"}]}]}]],
      convert.message(json.decode [[{"role":"user","content":[{"toolResult":{"toolUseId":"i",
        "content":[{"json":{"a":1}}]}}]}]], "messages", { lossy = true }))
  end)
end)

describe("what the other form cannot say", function()
  local function block(text) return { messages = { { role = "user", content = json.array { json.decode(text) } } } } end
  local cases = {
    { "to_messages", block '{"video":{"format":"mp4","source":{"bytes":"x"}}}', "messages[1].content[1]" },
    { "to_messages", block '{"guardContent":{"text":{"text":"x"}}}', "messages[1].content[1]" },
    { "to_messages", block '{"image":{"format":"png","source":{"s3Location":{"uri":"s3://b/k"}}}}', "messages[1].content[1]" },
    { "to_messages", block '{"image":{"format":"png","source":{"bytes":"x"},"error":{}}}', "messages[1].content[1].image.error" },
    { "to_messages", block '{"document":{"name":"a","format":"docx","source":{"bytes":"x"}}}', "messages[1].content[1]" },
    { "to_messages", block '{"document":{"name":"a","format":"csv","source":{"bytes":"x"}}}', "messages[1].content[1]" },
    { "to_messages", block '{"brandNew":{}}', "messages[1].content[1].brandNew" },
    { "to_messages", block '{"toolResult":{"toolUseId":"i","content":[{"text":"a"},{"video":{"source":{"bytes":"x"}}}]}}',
      "messages[1].content[1].content[2]" },
    { "to_messages", block '{"toolResult":{"toolUseId":"i","content":[{"text":"a"},{"json":{"a":1}}]}}',
      "messages[1].content[1].content[2]" },
    { "to_messages", block '{"toolResult":{"toolUseId":"i","type":"nova_code_interpreter_result","content":[]}}',
      "messages[1].content[1].toolResult" },
    { "to_messages", block '{"cachePoint":{"type":"default"}}', "messages[1].content[1]" },
    { "to_messages", { guardrailConfig = {} }, "guardrailConfig" }, { "to_messages", { newer = 1 }, "newer" },
    { "to_messages", { toolConfig = { tools = { { systemTool = { name = "x" } } } } }, "toolConfig.tools[1].systemTool" },
    { "to_messages", { inferenceConfig = { topK = 1 } }, "inferenceConfig.topK" },
    { "to_messages", { inferenceConfig = { maxTokens = 1 }, additionalModelRequestFields = { max_tokens = 2 } },
      "additionalModelRequestFields.max_tokens" },
    { "to_converse", block '{"type":"brand_new"}', "messages[1].content[1].type" },
    { "to_converse", block '{"type":"text","text":"x","newer":1}', "messages[1].content[1].newer" },
    { "to_converse", block '{"type":"image","source":{"type":"url","url":"https://x"}}', "messages[1].content[1]" },
    { "to_converse", block '{"type":"image","source":{"type":"base64","media_type":"image/png","data":"%"}}',
      "messages[1].content[1]" },
    { "to_converse", block('{"type":"document","title":"a.pdf","source":{"type":"text","data":"x"}}'), "messages[1].content[1]" },
    { "to_converse", { messages = { { role = "user", content = json.decode(('[D,D]'):gsub("D",
      '{"type":"document","title":"a","source":{"type":"text","data":"x"}}'), nil) } } }, "messages[1].content[2]" },
    { "to_converse", block '{"type":"text","text":"x","citations":[{"type":"web_search_result_location"}]}',
      "messages[1].content[1]" },
    { "to_converse", block '{"type":"text","text":"x","cache_control":{"type":"ephemeral","scope":"x"}}',
      "messages[1].content[1].cache_control" },
    { "to_converse", { messages = { { role = "user", content = "x", id = 1 } } }, "messages[1].id" },
    { "to_converse", { tools = { { name = "f", input_schema = {}, defer_loading = true } } }, "tools[1].defer_loading" },
    { "to_converse", { tool_choice = { type = "none" } }, "tool_choice.type" },
    { "to_converse", { tool_choice = { type = "auto", disable_parallel_tool_use = true } },
      "tool_choice.disable_parallel_tool_use" },
    { "to_converse", { output_config = { newer = 1 } }, "output_config.newer" },
  }
  for _, case in ipairs(cases) do
    it(("is refused by name: %s of %s"):format(case[3], json.encode(case[2])), function()
      local request, err = convert[case[1]](case[2])
      assert.is_nil(request)
      assert.equal(case[3], err.path)
      assert.equal(case[3] .. ": ", err.message:sub(1, #case[3] + 2))
    end)
  end

  it("but labels may go when that is asked for", function()
    local request = assert(convert.to_converse(
      block '{"type":"document","title":"a.pdf","source":{"type":"text","data":"x"}}', { lossy = true }))
    assert.equal("a-pdf", request.messages[1].content[1].document.name)
    request = assert(convert.to_messages(
      block '{"document":{"name":"a","format":"csv","source":{"bytes":"x"}}}', { lossy = true }))
    assert.equal("x", request.messages[1].content[1].source.data)
  end)
end)

describe("every recorded conversation", function()
  local null = json.null

  local function in_list(form, value)
    if type(value) ~= "string" then return value end
    return json.array { form == "messages" and { type = "text", text = value } or { text = value } }
  end

  local function copy(from)
    local to = {}
    for key, value in pairs(from) do to[key] = value ~= null and value or nil end
    return setmetatable(to, getmetatable(from))
  end

  -- The same conversation with one way of writing for what has several: text in lists, matters of the wire left out.
  local normal = {}

  local function with_lists(content)
    local own = copy(content)
    for i, block in ipairs(own) do
      if block.type == "tool_result" then
        own[i] = copy(block)
        own[i].content = in_list("messages", block.content)
      end
    end
    return own
  end

  function normal.messages(request)
    local own = copy(request)
    own.stream, own.anthropic_version, own.system = nil, nil, in_list("messages", own.system)
    own.messages = copy(own.messages)
    for i, message in ipairs(own.messages) do
      own.messages[i] = copy(message)
      own.messages[i].content = with_lists(in_list("messages", message.content))
    end
    return own
  end

  -- A text document may come as bytes or as text.
  local function as_text(block)
    local document = block.document
    if not document or document.format ~= "txt" or not document.source.bytes then return block end
    document = copy(document)
    document.source = { text = document.source.bytes }
    return { document = document }
  end

  local function with_text_documents(list)
    local own = copy(list)
    for i, message in ipairs(own) do
      own[i] = copy(message)
      own[i].content = copy(message.content)
      for j, block in ipairs(own[i].content) do own[i].content[j] = as_text(block) end
    end
    return own
  end

  function normal.converse(request)
    local own = copy(request)
    own.messages = with_text_documents(own.messages)
    if next(own.inferenceConfig or { 1 }) == nil then own.inferenceConfig = nil end
    local fields, config = copy(own.additionalModelRequestFields or {}), own.outputConfig
    -- members that have places of their own in Converse, too
    if fields.output_config then
      config, fields.output_config = copy(fields.output_config), nil
      own.outputConfig = config
    end
    own.additionalModelRequestFields = next(fields) ~= nil and fields or nil
    local format = config and config.textFormat
    if format then
      local definition = copy(format.structure.jsonSchema)
      definition.schema = json.decode(definition.schema)
      own.outputConfig = copy(config)
      own.outputConfig.textFormat = { type = format.type, structure = { jsonSchema = definition } }
    end
    return own
  end

  local function same_as_before(form, request, again)
    return judge.same(judge.decode(json.encode(normal[form](request))), judge.decode(json.encode(normal[form](again))))
  end

  it("that both forms can express survives unchanged, there and back", function()
    if not recordings.here() then return print "note: ../shared is not here" end
    local whole, refused = { messages = 0, converse = 0 }, 0
    for exchange in recordings.each() do
      if exchange.form then
        local there, back = convert.to_converse, convert.to_messages
        if exchange.form == "converse" then there, back = back, there end
        local first, err = there(exchange.request)
        if first then
          local unchanged, why = same_as_before(exchange.form, exchange.request, assert(back(first)))
          assert.is_true(unchanged, exchange.id .. ": " .. tostring(why))
          whole[exchange.form] = whole[exchange.form] + 1
        else
          assert.is_string(err.path, exchange.id)
          assert.equal(err.path .. ": ", err.message:sub(1, #err.path + 2))
          refused = refused + 1
        end
      end
    end
    assert.is_true(whole.messages > 30 and whole.converse > 180, whole.messages .. " and " .. whole.converse)
    assert.is_true(refused < 30, refused .. " refused")
  end)
end)
