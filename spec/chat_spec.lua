-- A conversation: its history, its cache points, saving and forking.

local blocks = require "bedrock.blocks"
local chat = require "bedrock.chat"
local content = require "bedrock.content"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local preflight = require "bedrock.preflight"
local reply = require "bedrock.reply"
local tools = require "bedrock.tools"

local models = { messages = { model = "anthropic.claude-sonnet-4-6", max_tokens = 9 },
  converse = { modelId = "anthropic.claude-sonnet-4-6" } }

local function params(form, extra)
  local own = {}
  for key, value in pairs(models[form]) do own[key] = value end
  for key, value in pairs(extra or {}) do own[key] = value end
  return own
end

local function answer(form, text)
  if form == "messages" then
    return reply.wrap({ content = { { type = "text", text = text } }, stop_reason = "end_turn",
      usage = { input_tokens = 1, output_tokens = 1 } }, form)
  end
  return reply.wrap({ output = { message = { role = "assistant", content = { { text = text } } } }, stopReason = "end_turn",
    usage = { inputTokens = 1, outputTokens = 1 } }, form)
end

-- A model that answers what it is told to, and the requests as they would go out.
local function model(form, script)
  local seen = {}
  return function(request)
    local written = assert(content[form](request))
    assert(preflight[form](written))
    seen[#seen + 1] = written
    local next_answer = script and script[#seen]
    if next_answer then return next_answer() end
    return answer(form, "answer " .. #seen)
  end, seen
end

-- A request as it goes out.
local function encoded(form, request)
  local content_bytes = blocks.blobs[form]
  return assert(json.encode(request, { blobs = content_bytes and { messages = { ["[]"] = { content = content_bytes } } } }))
end

-- The request without marks of the cache, and the places where they stood.
local function unmarked(form, request)
  local places = {}
  local function clean(list, path)
    local own = json.array {}
    for i, block in ipairs(list or {}) do
      local mark = form == "messages" and block.cache_control or block.cachePoint
      if mark then places[#places + 1] = path .. (form == "messages" and i or i - 1) end
      if form == "messages" then
        local bare = {}
        for key, value in pairs(block) do bare[key] = key ~= "cache_control" and value or nil end
        own[#own + 1] = bare
      elseif not mark then
        own[#own + 1] = block
      end
    end
    return own
  end
  local parts = { json.encode(clean(request.system, "system")) }
  for i, message in ipairs(request.messages) do
    parts[#parts + 1] = json.encode { role = message.role, content = clean(message.content, "message " .. i .. " ") }
  end
  return table.concat(parts, "\n"), places
end

for _, form in ipairs { "messages", "converse" } do
  describe("a chat in the form of " .. form, function()
    it("keeps its history and sends it", function()
      local send, seen = model(form)
      local talk = chat.new { send = send, params = params(form, { system = "be kind" }) }
      assert.equal("answer 1", talk:say("one"):text())
      assert.equal("answer 2", talk:say({ "two", content.image { bytes = "x", format = "png" } }):text())
      assert.equal(4, #talk.messages)
      assert.equal(3, #seen[2].messages)
      assert.equal(4, talk.usage.total_tokens)
      assert.equal("answer 2", talk.reply:text())
      assert.truthy(tostring(talk):find("4 messages", 1, true))
    end)

    it("forgets a question that failed", function()
      local send = model(form, { function() return nil, errors.new { kind = "network" } end })
      local talk = chat.new { send = send, params = params(form) }
      local got, err = talk:say "one"
      assert.is_nil(got)
      assert.equal("network", err.kind)
      assert.equal(0, #talk.messages)
      assert.equal("answer 2", talk:say("one"):text())
      assert.equal(2, #talk.messages)
    end)

    it("marks what may be cached, four points at most, and what stands before them only grows", function()
      local send, seen = model(form)
      local talk = chat.new { send = send, params = params(form, { system = "be kind" }), cache = "1h" }
      for i = 1, 5 do talk:say("question " .. i) end
      local before
      for i, request in ipairs(seen) do
        local text, places = unmarked(form, request)
        assert.is_true(#places <= 4)
        assert.equal("system1", places[1])
        assert.equal("message " .. (2 * i - 1) .. " 1", places[#places])
        if i > 1 then assert.equal("message " .. (2 * i - 3) .. " 1", places[#places - 1]) end
        if before then assert.equal(before, text:sub(1, #before)) end
        before = text
      end
      local _, places = unmarked(form, { messages = talk.messages })
      assert.same({}, places)
      assert.truthy(json.encode(seen[1]):find('"1h"', 1, true))
    end)

    it("marks tools when there is no system prompt, and nothing for models that are not known to cache", function()
      local send, seen = model(form)
      local tool = tools.tool { name = "t", run = print }
      chat.new({ send = send, params = params(form), tools = { tool } }):say "x"
      assert.truthy(json.encode(form == "messages" and seen[1].tools or seen[1].toolConfig):find "cache")
      local other = form == "messages" and { model = "vendor.new" } or { modelId = "vendor.new" }
      chat.new({ send = send, params = other }):say "x"
      assert.is_nil(json.encode(seen[2]):find "cache")
      chat.new({ send = send, params = other, cache = true }):say "x"
      assert.truthy(json.encode(seen[3]):find "cache")
      chat.new({ send = send, params = params(form) }):say("x", { cache = false })
      assert.is_nil(json.encode(seen[4]):find "cache")
    end)

    it("is saved and taken up with the same bytes", function()
      local send, seen = model(form)
      local talk = chat.new { send = send, params = params(form, { system = { "be kind" } }) }
      talk:say { "look", content.image { bytes = "\0\1\255raw", format = "png" }, content.document { text = "t" } }
      local text = assert(talk:save())
      local again = assert(chat.load(text, { send = send }))
      assert.equal(text, again:save())
      again:say "next"
      talk:say "next"
      assert.equal(encoded(form, seen[3]), encoded(form, seen[2]))
      assert.equal(4, again.usage.total_tokens)
    end)

    it("forks into two that do not hear each other", function()
      local send = model(form)
      local talk = chat.new { send = send, params = params(form) }
      talk:say "one"
      local other = talk:fork()
      other:say "two"
      assert.equal(2, #talk.messages)
      assert.equal(4, #other.messages)
      assert.equal(2, talk.usage.total_tokens)
    end)

    it("runs its tools on the way to the answer", function()
      local function wants()
        local got = answer(form, "wait")
        local said = got:blocks()
        said[2] = form == "messages" and { type = "tool_use", id = "i", name = "now", input = {} } or
          { toolUse = { toolUseId = "i", name = "now", input = {} } }
        return got
      end
      local now = tools.tool { name = "now", run = function() return "noon" end }
      local talk = chat.new { send = model(form, { wants }), params = params(form), tools = { now } }
      assert.equal("answer 2", talk:say("time?"):text())
      assert.equal(4, #talk.messages)
      talk = chat.new { send = model(form, { wants, wants, wants }), params = params(form), tools = { now }, max_steps = 2 }
      local got, err = talk:say "time?"
      assert.is_nil(got)
      assert.equal("max_steps", err.code)
      assert.equal(0, #talk.messages)
    end)
  end)
end

describe("a chat", function()
  it("gives documents of the whole conversation names of their own", function()
    local send, seen = model "converse"
    local talk = chat.new { send = send, params = params "converse" }
    for _ = 1, 2 do talk:say { "read", content.document({ text = "t" }, { title = "same" }) } end
    assert.equal("same", seen[2].messages[1].content[2].document.name)
    assert.equal("same 2", seen[2].messages[3].content[2].document.name)
  end)

  it("is not taken up from something else", function()
    for _, text in ipairs { "", "{", "[]", "{}", '{"version":2,"messages":[]}', "5" } do
      local talk, err = chat.load(text, { send = print })
      assert.is_nil(talk)
      assert.equal("chat", err.code)
    end
    assert.has_error(function() chat.new {} end)
    assert.has_error(function() chat.load("{}", {}) end)
  end)

  it("does not keep a question that its form cannot say", function()
    local talk = chat.new { send = print, params = params "messages" }
    local got, err = talk:say { content.video { bytes = "x", format = "mp4" } }
    assert.is_nil(got)
    assert.equal("messages[1].content[1]", err.path)
  end)
end)
