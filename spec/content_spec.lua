-- Content in both forms: what the builders make, and what passes through.

local blocks = require "bedrock.blocks"
local content = require "bedrock.content"
local json = require "bedrock.json"
local judge = require "spec.support.judge"

local png = "\137PNG\r\n\26\n" .. ("x"):rep(20)
local unpack = table.unpack or unpack

-- A machine with these files and no others.
local function machine(files)
  return { read_file = function(path)
    if files[path] then return files[path] end
    return nil, path .. ": No such file or directory", true
  end }
end

-- The JSON of one message's content in a form; bytes of Converse stay raw, so fixtures use plain letters.
local function written(form, list)
  local request = assert(content[form] { messages = { { role = "user", content = list } } })
  return assert(json.encode(request.messages[1].content))
end

local function same(want, got)
  assert(judge.same(judge.decode(want), judge.decode(got)))
end

describe("a neutral block", function()
  local cases = {
    { "text", content.text "a", '[{"type":"text","text":"a"}]', '[{"text":"a"}]' },
    { "an image", content.image { bytes = "abc", format = "jpg" },
      '[{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"YWJj"}}]',
      '[{"image":{"format":"jpeg","source":{"bytes":"abc"}}}]' },
    { "a document of text with citations", content.document({ text = "abc" }, { title = "T", citations = true }),
      '[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"abc"},"title":"T",' ..
      '"citations":{"enabled":true}}]',
      '[{"text":"Attached: T"},{"document":{"name":"T","format":"txt","source":{"text":"abc"},"citations":{"enabled":true}}}]' },
    { "a document of own pieces", content.document({ content = { "a", "b" } }, { title = "T", context = "C" }),
      '[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},' ..
      '"title":"T","context":"C"}]',
      '[{"text":"Attached: T"},{"document":{"name":"T","format":"txt","source":{"content":[{"text":"a"},{"text":"b"}]},' ..
      '"context":"C"}}]' },
    { "a tool call without input", content.tool_use("i", "n"),
      '[{"type":"tool_use","id":"i","name":"n","input":{}}]', '[{"toolUse":{"toolUseId":"i","name":"n","input":{}}}]' },
    { "a tool result of text", content.tool_result("i", "r"),
      '[{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"r"}]}]',
      '[{"toolResult":{"toolUseId":"i","content":[{"text":"r"}]}}]' },
    { "a tool result of an object", content.tool_result("i", { b = 1, a = { 2 } }),
      '[{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"{\\"a\\":[2],\\"b\\":1}"}]}]',
      '[{"toolResult":{"toolUseId":"i","content":[{"json":{"a":[2],"b":1}}]}}]' },
    { "a tool result of a list", content.tool_result("i", { "x", "y" }),
      '[{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"[\\"x\\",\\"y\\"]"}]}]',
      '[{"toolResult":{"toolUseId":"i","content":[{"text":"[\\"x\\",\\"y\\"]"}]}}]' },
    { "a tool result of nothing", content.tool_result("i", nil), '[{"type":"tool_result","tool_use_id":"i"}]',
      '[{"toolResult":{"toolUseId":"i","content":[{"json":{}}]}}]' },
    { "a failed tool result with an image",
      content.tool_result("i", { content.text "a", content.image { bytes = "abc", format = "gif" } }, { is_error = true }),
      '[{"type":"tool_result","tool_use_id":"i","is_error":true,"content":[{"type":"text","text":"a"},' ..
      '{"type":"image","source":{"type":"base64","media_type":"image/gif","data":"YWJj"}}]}]',
      '[{"toolResult":{"toolUseId":"i","status":"error","content":[{"text":"a"},' ..
      '{"image":{"format":"gif","source":{"bytes":"abc"}}}]}}]' },
    { "a search result", content.search_result { source = "s", title = "t", content = "c", citations = true },
      '[{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"c"}],"citations":{"enabled":true}}]',
      '[{"searchResult":{"source":"s","title":"t","content":[{"text":"c"}],"citations":{"enabled":true}}}]' },
    { "reasoning", content.reasoning { text = "t", signature = "s" },
      '[{"type":"thinking","thinking":"t","signature":"s"}]',
      '[{"reasoningContent":{"reasoningText":{"text":"t","signature":"s"}}}]' },
    { "redacted reasoning", content.reasoning { redacted = "abc" }, '[{"type":"redacted_thinking","data":"abc"}]',
      '[{"reasoningContent":{"redactedContent":"abc"}}]' },
  }
  for _, case in ipairs(cases) do
    it("has both forms: " .. case[1], function()
      same(case[3], written("messages", { case[2] }))
      same(case[4], written("converse", { case[2] }))
      same(case[3], written("messages", case[2]))
    end)
  end

  it("marks the block before a cache point in Messages, and is a block of its own in Converse", function()
    local list = { content.text "a", content.cache_point "1h", content.text "b", content.cache_point() }
    same([=[[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},
      {"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]]=], written("messages", list))
    same([=[[{"text":"a"},{"cachePoint":{"type":"default","ttl":"1h"}},{"text":"b"},{"cachePoint":{"type":"default"}}]]=],
      written("converse", list))
  end)

  it("never marks reasoning, and never the caller's own table", function()
    local own = { type = "text", text = "a" }
    same([=[[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"thinking","thinking":"t"}]]=],
      written("messages", { own, content.reasoning { text = "t" }, content.cache_point() }))
    assert.is_nil(own.cache_control)
    local _, err = content.messages { messages = { { role = "user", content = { content.cache_point() } } } }
    assert.equal("messages[1].content[1]", err.path)
  end)

  it("that a form cannot say is refused with its place", function()
    local guard, video = content.guard "g", content.video { bytes = "v", format = "mp4" }
    local docx = content.document { bytes = "PK\3\4", path = "a.docx" }
    local s3 = content.image { s3 = "s3://b/k.png" }
    for _, block in ipairs { guard, video, docx, s3 } do
      local inside = content.tool_result("i", { "ok", block })
      inside.content = { "ok", block }
      local _, err = content.messages { messages = { { role = "user", content = "x" }, { role = "user", content = { inside } } } }
      assert.equal("messages[2].content[1].content[2]", err.path)
      assert.equal("validation", err.kind)
    end
    same([=[[{"guardContent":{"text":{"text":"g","qualifiers":["query"]}}}]]=],
      written("converse", { content.guard("g", { qualifiers = { "query" } }) }))
    same([=[[{"image":{"format":"png","source":{"s3Location":{"uri":"s3://b/k.png","bucketOwner":"1"}}}}]]=],
      written("converse", { content.image { s3 = "s3://b/k.png", owner = "1" } }))
  end)
end)

describe("what is written by hand", function()
  it("passes untouched in either form, known or not", function()
    local plain = json.decode [=[[{"type":"brand_new","x":[],"y":{},"z":null},{"brandNew":{"a":[]}}]]=]
    for _, form in ipairs { "messages", "converse" } do
      same(assert(json.encode(plain)), written(form, plain))
      local request = content[form] { messages = { { role = "user", content = plain, extra = 1 } }, newer = {} }
      assert.equal(plain[1], request.messages[1].content[1])
      assert.equal(1, request.messages[1].extra)
    end
  end)

  it("may stand beside neutral blocks and strings, and hold them", function()
    same([=[[{"type":"text","text":"a"},
      {"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"b"}],"more":1}]]=],
      written("messages", { "a", { type = "tool_result", tool_use_id = "i", content = { content.text "b" }, more = 1 } }))
    same([=[[{"toolResult":{"toolUseId":"i","content":[{"text":"b"}],"status":"error"}}]]=],
      written("converse", { { toolResult = { toolUseId = "i", content = { content.text "b" }, status = "error" } } }))
  end)

  it("gets an object for a tool input that is missing, null, blank or an empty list", function()
    for _, input in ipairs { false, json.null, "", json.array {} } do
      local value = input or nil
      same([=[[{"type":"tool_use","id":"i","name":"n","input":{}}]]=],
        written("messages", { { type = "tool_use", id = "i", name = "n", input = value } }))
      same([=[[{"toolUse":{"toolUseId":"i","name":"n","input":{}}}]]=],
        written("converse", { { toolUse = { toolUseId = "i", name = "n", input = value } } }))
    end
  end)

  it("is never changed", function()
    local params = {
      system = { "s", content.cache_point() }, tools = { { name = "t" }, content.cache_point() },
      messages = { { role = "user", content = { "a", content.cache_point(), { type = "tool_use", id = "i", name = "n" } } } },
    }
    local before = json.encode { params.messages[1].content[3], params.tools[1], #params.system, #params.messages[1].content }
    local request = content.messages(params)
    assert.equal(before,
      json.encode { params.messages[1].content[3], params.tools[1], #params.system, #params.messages[1].content })
    same([=[[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]]=], json.encode(request.system))
    same([=[[{"name":"t","cache_control":{"type":"ephemeral"}}]]=], json.encode(request.tools))
  end)

  it("may be a plain string where Converse wants a list", function()
    local request = content.converse { system = "s", messages = { { role = "user", content = "u" } },
      toolConfig = { tools = { { toolSpec = { name = "t" } }, content.cache_point() } } }
    same([=[[{"text":"s"}]]=], json.encode(request.system))
    same([=[[{"text":"u"}]]=], json.encode(request.messages[1].content))
    same([=[[{"toolSpec":{"name":"t"}},{"cachePoint":{"type":"default"}}]]=], json.encode(request.toolConfig.tools))
    assert.equal("s", content.messages { system = "s" }.system)
  end)

  it("stays a list when it is empty", function()
    assert.equal('{"messages":[{"content":[],"role":"user"}]}',
      json.encode(content.messages { messages = { { role = "user", content = {} } } }))
  end)

  it("is refused where it is no block at all", function()
    local _, err = content.converse { messages = { { role = "user", content = { 5 } } } }
    assert.equal("messages[1].content[1]", err.path)
    _, err = content.messages { messages = { "Hi" } }
    assert.equal("messages[1]", err.path)
  end)
end)

describe("a file", function()
  local function open(kind, path, bytes, options)
    options = options or {}
    options.system = machine { [path] = bytes }
    return content[kind](path, options)
  end

  it("is recognised by its bytes", function()
    local zeros = "\0\0\0\24"
    for _, case in ipairs {
      { "image", "a.jpg", png, "png" }, { "image", "a", "\255\216\255\224", "jpeg" }, { "image", "a", "GIF89a..", "gif" },
      { "image", "a", "RIFF\1\0\2\3WEBPVP8 ", "webp" },
      { "document", "a.txt", "%PDF-1.7", "pdf" }, { "document", "a.docx", "PK\3\4...", "docx" },
      { "document", "a", "PK\3\4..xl/workbook.xml", "xlsx" }, { "document", "a.xls", "\208\207\17\224...", "xls" },
      { "document", "a.doc", "\208\207\17\224...", "doc" }, { "document", "a.md", "# T", "md" },
      { "document", "a.csv", "a,b", "csv" }, { "document", "a.log", "x", "txt" }, { "document", "a", "<!DOCTYPE html>", "html" },
      { "video", "a", zeros .. "ftypisom", "mp4" }, { "video", "a", zeros .. "ftypqt  ", "mov" },
      { "video", "a", "\26\69\223\163....webm", "webm" }, { "video", "a.wmv", "?", "wmv" },
      { "audio", "a", "RIFF\1\0\2\3WAVEfmt ", "wav" }, { "audio", "a", "ID3..", "mp3" }, { "audio", "a.pcm", "?", "pcm" },
    } do
      local kind, path, bytes, want = unpack(case)
      local block, err = open(kind, path, bytes)
      assert.equal(want, block and block.format, path .. ": " .. tostring(err))
    end
  end)

  it("that is large is a buffer, recognised and written like a string", function()
    local path = os.tmpname()
    local function from_file(text, name, kind)
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      assert(os.rename(path, path .. name))
      local block = assert(content[kind](path .. name, { name = "n", title = "t" }))
      os.remove(path .. name)
      return block
    end
    local filling = ("x"):rep(2 ^ 20)
    for _, case in ipairs {
      { "document", "%PDF-1.7" .. filling, ".bin", "pdf" }, { "document", "PK\3\4" .. filling .. "word/", ".bin", "docx" },
      { "document", "a,b" .. filling, ".csv", "csv" }, { "document", "plain" .. filling, "", "txt" },
      { "image", png .. filling, ".jpg", "png" }, { "video", "FLV" .. filling, ".bin", "flv" },
    } do
      local kind, text, name, format = case[1], case[2], case[3], case[4]
      local block = from_file(text, name, kind)
      assert.same({ "userdata", format }, { type(block.bytes), block.format })
      local as_string = assert(content[kind]({ bytes = text, path = "t" .. name }, { name = "n", title = "t" }))
      for _, form in ipairs { "messages", "converse" } do
        local blobs = form == "converse" and { ["[]"] = { ["{}"] = { source = { bytes = true } } } } or nil
        local got = content[form] { messages = { { role = "user", content = { block } } } }
        local want = content[form] { messages = { { role = "user", content = { as_string } } } }
        assert.equal(want == nil, got == nil)
        local function as_json(request) return request and json.encode(request.messages[1].content, { blobs = blobs }) end
        assert.is_true(as_json(got) == as_json(want), format .. " in " .. form)
      end
    end
  end)

  it("that is missing, empty or something else is named", function()
    local _, err = content.image("none.png", { system = machine {} })
    assert.equal("cannot read none.png: No such file or directory", err.message)
    for path, bytes in pairs { ["a.png"] = "", ["b.png"] = "BM....", ["c.bmp"] = "BM" } do
      _, err = open("image", path, bytes)
      assert.equal("validation", err.kind)
      assert.truthy(err.message:find(path, 1, true))
    end
    _, err = open("document", "a.bin", "\1\0\2")
    assert.truthy(err.message:find "pdf, csv")
    assert.has_error(function() content.image(5) end)
  end)

  it("gets a name that Converse accepts, and a PDF gets citations there", function()
    local block = open("document", "dir/Q3_report: final  v2.pdf", "%PDF-1.7")
    assert.equal("Q3-report- final v2", block.name)
    same([=[[{"text":"Read"},{"document":{"name":"Q3-report- final v2","format":"pdf","source":{"bytes":"%PDF-1.7"},
      "citations":{"enabled":true}}}]]=], written("converse", { "Read", block }))
    same([=[[{"type":"document","title":"Q3_report: final  v2","source":{"type":"base64","media_type":"application/pdf",
      "data":"JVBERi0xLjc="}}]]=], written("messages", { block }))
    block = open("document", "a.pdf", "%PDF-1.7", { citations = false, name = "///" })
    same([=[[{"text":"Attached: document"},{"document":{"name":"document","format":"pdf","source":{"bytes":"%PDF-1.7"},
      "citations":{"enabled":false}}}]]=], written("converse", block))
  end)

  it("that shares its name with another gets a number, in the order of the conversation", function()
    local one, two = open("document", "a.md", "1"), open("document", "a.md", "2")
    local request = content.converse { messages = {
      { role = "user", content = { "x", one } }, { role = "assistant", content = "y" },
      { role = "user", content = { "z", { document = { name = "a 2", format = "pdf" } }, two } },
    } }
    assert.equal("a", request.messages[1].content[2].document.name)
    assert.equal("a 3", request.messages[3].content[3].document.name)
  end)

  it("of text with citations travels as text, because bytes would be taken for a PDF", function()
    same([=[[{"text":"x"},{"document":{"name":"a","format":"txt","source":{"text":"a,b"},"citations":{"enabled":true}}}]]=],
      written("converse", { "x", open("document", "a.csv", "a,b", { citations = true }) }))
    same([=[[{"text":"x"},{"document":{"name":"a","format":"csv","source":{"bytes":"a,b"}}}]]=],
      written("converse", { "x", open("document", "a.csv", "a,b") }))
  end)
end)

describe("every kind of block", function()
  it("can be shown and told from a plain table", function()
    assert.is_true(blocks.is(content.text "x"))
    assert.is_false(blocks.is { kind = "text" })
    assert.equal("bedrock.content block (text)", tostring(content.text "x"))
    assert.has_error(function() content.text(nil) end)
  end)
end)
