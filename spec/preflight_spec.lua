-- What the service would refuse is refused before it is sent, with the place in the request.

local core = require "bedrock.core"
local content = require "bedrock.content"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local preflight = require "bedrock.preflight"

local base64 = core.base64

local function user(...)
  return { role = "user", content = { ... } }
end

local function check(form, params, settings)
  return preflight[form](assert(content[form](params)), settings)
end

local function image(size)
  return content.image { bytes = ("x"):rep(size), format = "png" }
end

local function repeated(n, block)
  local list = {}
  for i = 1, n do list[i] = block end
  return { role = "user", content = list }
end

local mb = 1024 * 1024

-- The head of an image of that size.
local function png(width, height)
  local function number(n)
    return string.char(0, math.floor(n / 65536) % 256, math.floor(n / 256) % 256, n % 256)
  end
  return "\137PNG\r\n\26\n\0\0\0\13IHDR" .. number(width) .. number(height) .. "\8\6\0\0\0"
end

describe("the preflight", function()
  local cases = {
    { "nothing but blank text", "messages", { messages = { user("", "  \n") } }, "messages[1].content[1]", "blank" },
    { "nothing but blank text", "converse", { messages = { user "a", { role = "assistant", content = { "" } } } },
      "messages[2].content[1]", "blank" },
    { "a document whose text is blank", "converse", { messages = { user(" ", { document = { name = "a" } }) } },
      "messages[1].content[1]", "blank" },
    { "a blank message", "messages", { messages = { { role = "user", content = " " } } }, "messages[1].content", "blank" },
    { "a blank system prompt", "converse", { system = { "" } }, "system[1]", "blank" },
    { "a blank system prompt", "messages", { system = " " }, "system", "blank" },
    { "blank text in a tool result", "messages",
      { messages = { { role = "assistant", content = { content.tool_use("i", "n") } },
        user(content.tool_result("i", { content.text " " })) } }, "messages[2].content[1].content[1]", "blank" },
    { "a tool input that is a list", "messages", { messages = { user(content.tool_use("i", "n", { 1 })) } },
      "messages[1].content[1].input", "tool_input" },
    { "a tool input that is text", "converse", { messages = { user(content.tool_use("i", "n", "{}")) } },
      "messages[1].content[1].toolUse.input", "tool_input" },
    { "a tool input that is a number", "converse", { messages = { user { toolUse = { toolUseId = "i", input = 5 } } } },
      "messages[1].content[1].toolUse.input", "tool_input" },
    { "a document name with a dot", "converse", { messages = { user("a", { document = { name = "a.pdf" } }) } },
      "messages[1].content[2].document.name", "document_names" },
    { "a document name with an umlaut", "converse", { messages = { user("a", { document = { name = "für" } }) } },
      "messages[1].content[2].document.name", "document_names" },
    { "a document name with two blanks", "converse", { messages = { user("a", { document = { name = "a  b" } }) } },
      "messages[1].content[2].document.name", "document_names" },
    { "a document without a name", "converse", { messages = { user("a", { document = { source = {} } }) } },
      "messages[1].content[2].document.name", "document_names" },
    { "too long a document name", "converse", { messages = { user("a", { document = { name = ("a"):rep(201) } }) } },
      "messages[1].content[2].document.name", "document_names" },
    { "too large an image", "converse", { messages = { user("a", image(3.75 * mb + 1)) } }, "messages[1].content[2]",
      "image_bytes" },
    { "too large an image", "messages", { messages = { user("a", image(3.75 * mb + 1)) } }, "messages[1].content[2]",
      "image_bytes" },
    { "too wide an image", "messages", { messages = { user("a", content.image { bytes = png(8001, 10) }) } },
      "messages[1].content[2]", "image_pixels" },
    { "too high an image of base64", "messages", { messages = { user("a", { type = "image", source = { type = "base64",
      media_type = "image/png", data = base64.encode(png(10, 8001)) } }) } }, "messages[1].content[2]", "image_pixels" },
    { "too wide an image in a buffer", "messages", { messages = { user("a",
      content.image { bytes = core.buffer.new(png(8001, 10)) }) } }, "messages[1].content[2]", "image_pixels" },
    { "too wide an image in a buffer", "converse", { messages = { user("a",
      content.image { bytes = core.buffer.new(png(8001, 10)) }) } }, "messages[1].content[2]", "image_pixels" },
    { "too wide an image", "converse", { messages = { user("a", content.image { bytes = png(8001, 10) }) } },
      "messages[1].content[2]", "image_pixels" },
    { "an empty message", "messages", { messages = { { role = "user", content = {} } } }, "messages[1]", "empty" },
    { "an empty message", "converse", { messages = { user "a", { role = "assistant", content = {} }, user "b" } },
      "messages[2]", "empty" },
    { "too large a document", "converse", { messages = { user(content.document { bytes = ("x"):rep(4.5 * mb + 1) }) } },
      "messages[1].content[2]", "document_bytes" },
    { "too many images", "messages", { messages = { repeated(21, image(1)) } }, "messages[1]", "images" },
    { "too many documents", "converse", { messages = { repeated(6, content.document { text = "x" }) } }, "messages[1]",
      "documents" },
    { "a result of a call that nobody made", "messages", { messages = { user(content.tool_result("i", "r")) } },
      "messages[1].content[1]", "tool_results" },
    { "two messages of a role in Converse", "converse", { messages = { user "a", user "b" } }, "messages[2]", "alternation" },
    { "temperature and top_p for Sonnet 4.5", "messages",
      { model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", temperature = 1, top_p = 0.5 }, "top_p", "sampling" },
    { "temperature and topP for Haiku 4.5", "converse", { modelId = "anthropic.claude-haiku-4-5-20251001-v1:0",
      inferenceConfig = { temperature = 1, topP = 0.5 } }, "inferenceConfig.topP", "sampling" },
    { "top_k for Fable 5", "converse", { modelId = "anthropic.claude-fable-5", additionalModelRequestFields = { top_k = 5 } },
      "additionalModelRequestFields.top_k", "sampling" },
  }
  for _, case in ipairs(cases) do
    local what, form, params, path, name = (table.unpack or unpack)(case)
    it(("refuses %s in %s"):format(what, form), function()
      local ok, err = check(form, params)
      assert.is_nil(ok)
      assert.is_true(errors.is(err))
      assert.equal(path, err.path)
      assert.equal("preflight." .. name, err.code)
      assert.equal("validation", err.kind)
      assert.equal(path .. ": ", err.message:sub(1, #path + 2))
      assert.is_true(check(form, params, { [name] = false }))
      assert.is_true(check(form, params, false))
    end)
  end

  it("names the largest block of a request that is too large, before it is encoded", function()
    local params = { messages = { user("a", image(3 * mb)) } }
    for _ = 1, 4 do table.insert(params.messages[1].content, image(3 * mb)) end
    table.insert(params.messages[1].content, 4, image(3.5 * mb))
    for _, form in ipairs { "messages", "converse" } do
      local _, err = check(form, params)
      assert.equal("too_large", err.kind)
      assert.equal("messages[1].content[4]", err.path)
      assert.is_true(check(form, params, { size = 40000000 }))
    end
  end)

  -- What is left of a request, as the text of its blocks.
  local function tidied(form, list, settings)
    local params = assert(content[form] { messages = { { role = "user", content = list } } })
    local before = json.encode(params)
    assert.is_true(preflight[form](params, settings))
    local tidy = preflight.tidy(params, form, settings)
    assert.equal(before, json.encode(params))
    return json.encode(tidy.messages[1].content), tidy == params
  end

  it("leaves blank text out where there is something else", function()
    assert.equal('[{"text":"a","type":"text"}]', (tidied("messages", { "a", " ", "" })))
    assert.equal('[{"text":"a"},{"cachePoint":{"type":"default"}}]',
      (tidied("converse", { "\t", "a", "\n", content.cache_point() })))
    assert.equal('[{"cache_control":{"type":"ephemeral"},"text":"a","type":"text"}]',
      (tidied("messages", { "a", "", content.cache_point() })))
    for _, form in ipairs { "messages", "converse" } do
      local call = content.tool_use("i", "n")
      local params = assert(content[form] { messages = { { role = "assistant", content = { call } },
        { role = "user", content = { content.tool_result("i", { content.text "", content.text "r" }) } } } })
      local tidy = json.encode(preflight.tidy(params, form).messages[2])
      assert.is_nil(tidy:find('""', 1, true))
      assert.truthy(tidy:find('"r"', 1, true))
    end
    assert.equal('[{"text":"s"}]', json.encode(preflight.tidy({ system = { { text = "" }, { text = "s" } } }, "converse").system))
  end)

  it("changes nothing where nothing is blank, or where it is told not to", function()
    assert.is_true(select(2, tidied("messages", { "a", "b" })))
    assert.is_true(select(2, tidied("messages", { "a", " " }, { blank = false })))
    assert.is_true(select(2, tidied("converse", { "a", " " }, false)))
    assert.same({}, preflight.tidy({}, "messages"))
  end)

  it("lets sound requests pass, whatever else they hold", function()
    for _, form in ipairs { "messages", "converse" } do
      assert.is_true(check(form, {
        model = "vendor.new", modelId = "vendor.new", temperature = 1, top_p = 0.5, number = json.number "123456789012345678901",
        empty = json.empty_array, nothing = json.null, [1] = "odd key",
        messages = {
          { role = "assistant", content = { content.tool_use("i", "n", json.null) } },
          { role = "user", content = { content.tool_result("i", { 1, 2 }), "text", { brandNew = 1 }, { type = "new" } } },
          { role = "assistant", content = { { type = 5, text = json.null }, { toolUse = json.null, image = json.null } } },
        },
      }))
      assert.is_true(preflight[form] {})
      assert.is_true(preflight[form] { messages = "what is this", system = 5 })
      assert.is_true(preflight[form] { messages = { "x", { content = 5 }, { content = { 5, "x" } } } })
    end
    assert.is_true(check("messages", { messages = { user "a", user "b" } }))
    assert.is_true(check("converse", { messages = { { role = "assistant", content = "a" }, user "b" } }))
    assert.is_true(check("converse", { messages = { user("a", { document = { name = "my_file (1) [x]-y" } }) } }))
  end)

  it("lets every recorded request pass that the service took", function()
    local recordings = require "spec.support.recordings"
    if not recordings.here() then return print "note: ../shared is not here" end
    local seen = 0
    for exchange in recordings.each() do
      local form = exchange.form
      if form and exchange.ok then
        local ok, err = preflight[form](exchange.request, nil, exchange.model)
        assert.is_true(ok, exchange.id .. ": " .. tostring(err))
        seen = seen + 1
      end
    end
    assert.is_true(seen > 100)
  end)
end)
