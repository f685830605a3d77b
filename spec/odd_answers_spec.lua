-- Servers that answer oddly: null where a table belongs, numbers for texts, frames that name nothing. Whatever comes, the
-- program gets an answer or an error object, and nothing raises.

local bedrock = require "bedrock"
local core = require "bedrock.core"
local errors = require "bedrock.errors"
local frames = require "spec.support.frames"
local json = require "bedrock.json"
local scripted = require "spec.support.scripted"

local array, null = json.array, json.null

local function chunk(event)
  return frames.event("chunk", json.encode { bytes = core.base64.encode(json.encode(event)), p = "abc" })
end

-- Events to bytes: of Messages as they are, of Converse as { name, members }.
local encoders = {
  messages = chunk,
  converse = function(event) return frames.event(event[1], json.encode(event[2])) end,
}

local function bytes_of(form, events)
  local list = {}
  for i, event in ipairs(events) do list[i] = type(event) == "string" and event or encoders[form](event) end
  return table.concat(list)
end

local function client(answer, options)
  return (scripted.client(function() return answer end, options))
end

local question = { role = "user", content = array { { type = "text", text = "Hi" } } }

local open = {
  messages = function(c, opts) return c.messages:stream({ model = "m", max_tokens = 9, messages = { question } }, opts) end,
  converse = function(c)
    return c:converse_stream { modelId = "m", messages = { { role = "user", content = { { text = "Hi" } } } } }
  end,
}

local ask = {
  messages = function(c) return c.messages:create { model = "m", max_tokens = 9, messages = { question } } end,
  converse = function(c)
    return c:converse { modelId = "m", messages = { { role = "user", content = { { text = "Hi" } } } } }
  end,
}

local start = { type = "message_start", message = { role = "assistant", content = array {}, usage = { input_tokens = 1 } } }
local stop = { type = "message_stop" }

local function text_block(citations)
  return { type = "content_block_start", index = 0, content_block = { type = "text", text = "", citations = citations } }
end

local cited = { type = "citations_delta", citation = { cited_text = "q" } }
local citation = { type = "content_block_delta", index = 0, delta = cited }

describe("a Messages stream", function()
  local function message_of(...)
    local s = assert(open.messages(client(bytes_of("messages", { start, ... }))))
    return assert(s:message())
  end

  for name, odd in pairs { null = null, ["true"] = true, text = "x", number = 5 } do
    it("collects citations where the block begins with " .. name, function()
      local message = message_of(text_block(odd), citation, stop)
      assert.equal("q", message.content[1].citations[1].cited_text)
    end)
  end

  it("drops chunks that are no events of the format", function()
    local s = assert(open.messages(client(bytes_of("messages", {
      5, null, chunk "keep-alive", true, array {}, { note = "still here" }, start, null, 7, { type = null }, stop,
    }))))
    local types = {}
    for event in s:events() do types[#types + 1] = event.type end
    assert.same({ "message_start", "message_stop" }, types)
  end)

  it("keeps what it has put together when a delta names it", function()
    local message = message_of(text_block(),
      { type = "message_delta", delta = { content = null, usage = null, stop_reason = "end_turn" },
        usage = { output_tokens = 3 } },
      { type = "content_block_start", index = 1, content_block = { type = "text", text = "more" } }, stop)
    assert.equal("more", message:text())
    assert.equal(3, message.usage.output_tokens)
    assert.equal("end_turn", message.stop_reason)
  end)
end)

describe("a Converse stream", function()
  local begin, done = { "messageStart", { role = "assistant" } }, { "messageStop", { stopReason = "end_turn" } }

  local function message_of(...)
    local s = assert(open.converse(client(bytes_of("converse", { begin, ... }))))
    return assert(s:message())
  end

  for name, odd in pairs { null = null, text = "x", number = 5, ["true"] = true } do
    it("bears a start whose arms are " .. name, function()
      local message = message_of({ "contentBlockStart", { contentBlockIndex = 0, start = { toolUse = odd } } },
        { "contentBlockDelta", { contentBlockIndex = 0, delta = { toolUse = { input = '{"a":1}' } } } },
        { "contentBlockStart", { contentBlockIndex = 1, start = { toolResult = odd } } },
        { "contentBlockDelta", { contentBlockIndex = 1, delta = { toolResult = array { { text = "r" } } } } },
        { "contentBlockStart", { contentBlockIndex = 2, start = { toolResult = { content = odd } } } },
        { "contentBlockDelta", { contentBlockIndex = 2, delta = { toolResult = array { { text = "r" } } } } }, done)
      local content = message.output.message.content
      assert.same({ a = 1 }, content[1].toolUse.input)
      assert.equal("r", content[2].toolResult.content[1].text)
      assert.equal("r", content[3].toolResult.content[1].text)
    end)
  end

  it("takes an arm that is null for one that is not there", function()
    local delta = { text = "Hi", citation = null, toolUse = null, toolResult = null, reasoningContent = null, image = null }
    local message = message_of({ "contentBlockDelta", { contentBlockIndex = 0, delta = delta } }, done)
    assert.equal("Hi", message.output.message.content[1].text)
    assert.is_nil(message.output.message.content[1].citationsContent)
  end)

  it("puts the answer together itself, whatever an event calls output", function()
    local message = message_of({ "metadata", { output = null, usage = { inputTokens = 1 } } },
      { "contentBlockDelta", { contentBlockIndex = 0, delta = { text = "Hi" } } }, done)
    assert.equal("Hi", message:text())
  end)

  it("passes over an event without a name", function()
    local nameless = frames.frame(frames.text(":message-type", "event"), "{}")
    local s = assert(open.converse(client(bytes_of("converse", { begin, nameless, done }))))
    local count = 0
    for _ in s:events() do count = count + 1 end
    assert.equal(2, count)
    s = assert(client(nameless):call("invoke_model_with_response_stream", { modelId = "m", body = {} }))
    local event, err = s:next()
    assert.is_nil(event)
    assert.equal("incomplete", err.code)
  end)

  it("looks for text beside a hook on events in whatever comes", function()
    local with_hook = { hooks = { event = function() end } }
    local odd = { "contentBlockDelta", 5 }
    local text = { "contentBlockDelta", { contentBlockIndex = 0, delta = { text = "Hi" } } }
    local body = bytes_of("converse", { begin, odd, text, done })
    local texts = {}
    for piece in assert(open.converse(client(body, with_hook))):text() do texts[#texts + 1] = piece end
    assert.same({ "Hi" }, texts)
  end)
end)

describe("an answer that is a text in the place of a stream", function()
  local function failure(form, answer, options)
    local c, transport = scripted.client(function() return answer end, options)
    local _, err = assert(open[form](c)):next()
    return err, transport
  end

  for _, form in ipairs { "messages", "converse" } do
    it("is told as what it says: " .. form, function()
      local err = failure(form, '{"message":"No such route"}')
      assert.same({ "stream", "not_a_stream", "the answer is not a stream of events: No such route" },
        { err.kind, err.code, err.message })
      assert.matches("HTTP 200: Sign in", failure(form, "<html><title>Sign in</title>").message)
      assert.matches("HTTP 200: no", failure(form, "no").message)
    end)

    it("is tried again where its code says so: " .. form, function()
      local err, transport = failure(form, '{"__type":"ThrottlingException","message":"slow"}', { retry = 2 })
      assert.same({ "throttled", 2 }, { err.kind, #transport.requests })
    end)
  end

  it("is told so for server-sent events, too", function()
    local c = client('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', { api = "runtime" })
    local _, err = assert(open.messages(c)):next()
    assert.same({ "throttled", "overloaded_error" }, { err.kind, err.code })
  end)
end)

describe("lists and jobs", function()
  it("of the platform's models leave out what is none", function()
    local c = client({ data = array { null, 5, { id = null }, { id = "m", display_name = null } } },
      { api = "platform", workspace_id = "w" })
    local list = assert(c:models())
    assert.same({ 1, "m", "m" }, { #list, list[1].id, list[1].name })
  end)

  it("of a batch count what is a number, and find a job among what is none", function()
    local folder = os.tmpname()
    os.remove(folder)
    local answers = { status = "InProgress", processedRecordCount = null, successRecordCount = "5",
      invocationJobSummaries = array { null, 5, { jobName = null } } }
    local run = assert(bedrock.batch.open(client(answers), { folder = folder, s3 = "s3://b/p", model = "m",
      role_arn = "arn:aws:iam::123456789012:role/R" }))
    run.state.parts = { { file = "0001.jsonl", arn = "arn:aws:bedrock:us-west-2:123456789012:model-invocation-job/a" } }
    assert(run:look_at(run.state.parts[1]))
    assert.equal(0, run:progress().processed)
    assert.is_nil(run:find_job(run.state.parts[1]))
    os.execute("rm -rf " .. folder)
  end)
end)

describe("a run of tools", function()
  local tool = bedrock.tool { name = "get", schema = { type = "object" }, run = function() return "ok" end }

  it("sums up what is a number", function()
    for _, usage in ipairs { null, 5, "x", { input_tokens = null, output_tokens = "7" }, { input_tokens = array {} } } do
      local content = array { { type = "text", text = "Hi" } }
      local c = client { role = "assistant", content = content, stop_reason = "end_turn", usage = usage }
      local run = c.messages:run { model = "m", max_tokens = 9, messages = { question }, tools = { tool }, stream = false }
      assert.equal(0, assert(run:finish()).usage.total_tokens)
    end
  end)

  it("sends back a result of the service that has no content", function()
    local answers = {
      { output = { message = { role = "assistant", content = array { { toolResult = { toolUseId = "s" } },
        { toolUse = { toolUseId = "t", name = "get", input = {} } } } } }, stopReason = "tool_use" },
      { output = { message = { role = "assistant", content = array { { text = "Hi" } } } }, stopReason = "end_turn" },
    }
    local c, transport = scripted.client(function(_, number) return answers[number] end)
    local run = c:converse_run({ modelId = "m", messages = { { role = "user", content = { { text = "Hi" } } } }, tools = { tool },
      stream = false }, { preflight = false })
    assert.equal("Hi", assert(run:finish()).reply:text())
    assert.equal("s", json.decode(transport.requests[2].body).messages[2].content[1].toolResult.toolUseId)
  end)
end)

-- A walk ------------------------------------------------------------------------------------------------------------------

-- Sound answers with a few members replaced at random, always the same ones.
local Walk = {}
Walk.__index = Walk

function Walk:roll(sides)
  self.state = (self.state * 69069 + 1) % 2147483648
  return math.floor(self.state / 65536) % sides + 1
end

local odd_values = {
  null, true, false, 0, -1, 1e300, "", "x", array {}, {}, array { null }, { type = null }, { note = { 5 } },
  json.number "123456789012345678901234567890",
}

local function copy(value)
  if type(value) ~= "table" then return value end
  local own = {}
  for k, v in pairs(value) do own[k] = copy(v) end
  return setmetatable(own, getmetatable(value))
end

local function places(value, found)
  if type(value) ~= "table" then return found end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    found[#found + 1] = { value, key }
    places(value[key], found)
  end
  return found
end

function Walk:odd(value)
  value = copy(value)
  local found = places(value, {})
  if #found == 0 or self:roll(12) == 1 then return copy(odd_values[self:roll(#odd_values)]) end
  local place = found[self:roll(#found)]
  place[1][place[2]] = copy(odd_values[self:roll(#odd_values)])
  return value
end

local sound = {
  messages = {
    start, text_block(array {}), { type = "content_block_delta", index = 0, delta = { type = "text_delta", text = "Hi" } },
    citation,
    { type = "content_block_stop", index = 0 },
    { type = "content_block_start", index = 1, content_block = { type = "thinking", thinking = "", signature = "" } },
    { type = "content_block_delta", index = 1, delta = { type = "thinking_delta", thinking = "hm" } },
    { type = "content_block_delta", index = 1, delta = { type = "signature_delta", signature = "s" } },
    { type = "content_block_start", index = 2, content_block = { type = "tool_use", id = "t", name = "get", input = {} } },
    { type = "content_block_delta", index = 2, delta = { type = "input_json_delta", partial_json = '{"a":1}' } },
    { type = "content_block_stop", index = 2 },
    { type = "content_block_start", index = 3, content_block = { type = "fallback", to = { model = "n" } } },
    { type = "content_block_start", index = 4, content_block = { type = "compaction", content = null } },
    { type = "content_block_delta", index = 4, delta = { type = "compaction_delta", content = "c" } },
    { type = "message_delta", delta = { stop_reason = "tool_use", container = { id = "c" } }, usage = { output_tokens = 7 } },
    stop,
  },
  converse = {
    { "messageStart", { role = "assistant" } }, { "contentBlockDelta", { contentBlockIndex = 0, delta = { text = "Hi" } } },
    { "contentBlockDelta", { contentBlockIndex = 0, delta = { citation = { title = "t", sourceContent = array { { text = "x" } },
      location = { web = { url = "u" } } } } } }, { "contentBlockStop", { contentBlockIndex = 0 } },
    { "contentBlockDelta", { contentBlockIndex = 1, delta = { reasoningContent = { text = "hm" } } } },
    { "contentBlockDelta", { contentBlockIndex = 1, delta = { reasoningContent = { signature = "s" } } } },
    { "contentBlockStart", { contentBlockIndex = 2, start = { toolUse = { toolUseId = "t", name = "get" } } } },
    { "contentBlockDelta", { contentBlockIndex = 2, delta = { toolUse = { input = '{"a":1}' } } } },
    { "contentBlockStop", { contentBlockIndex = 2 } },
    { "contentBlockStart", { contentBlockIndex = 3, start = { toolResult = { toolUseId = "t", status = "success" } } } },
    { "contentBlockDelta", { contentBlockIndex = 3, delta = { toolResult = array { { text = "r" } } } } },
    { "messageStop", { stopReason = "tool_use" } },
    { "metadata", { usage = { inputTokens = 1, cacheDetails = array { { ttl = "5m", inputTokens = 1 } } } } },
  },
}

-- What a program does with an answer.
local function look_at(reply)
  if type(reply) ~= "table" then return end
  assert.is_string(reply:text() .. reply:thinking() .. tostring(reply))
  for _, list in ipairs { reply:citations(), reply:tool_uses(), reply:to_message().content } do assert.is_table(list) end
  if type(reply.usage) == "table" then assert.is_number(reply.usage.total_tokens + reply.usage.cache_write_5m_tokens) end
  json.encode { reply, (reply:json()) }
end

local ways = {
  function(s) return s:message() end,
  function(s)
    local event, err
    repeat
      event, err = s:next()
      look_at(s:snapshot())
    until event == nil
    return nil, err
  end,
  function(s)
    local update, err
    repeat
      update, err = s:update()
      local _ = update and update.snapshot
    until update == nil
    return nil, err
  end,
  function(s)
    local text, err
    repeat text, err = s:next_text() until text == nil
    return nil, err
  end,
}

local function check_error(err)
  if err == nil then return end
  assert.is_true(errors.is(err))
  assert.is_string(tostring(err))
  look_at(err.partial)
end

describe("answers with odd members", function()
  for form, events in pairs(sound) do
    it("never raise in " .. form .. " streams", function()
      local walk = setmetatable({ state = 7 }, Walk)
      for turn = 1, 400 do
        local sent = {}
        for i, event in ipairs(events) do sent[i] = walk:roll(8) == 1 and walk:odd(event) or event end
        if form == "converse" then
          for i, event in ipairs(sent) do
            if type(event) ~= "table" or type(event[1]) ~= "string" then sent[i] = { events[i][1], event } end
          end
        end
        local s, err = open[form](client(bytes_of(form, sent)))
        check_error(err)
        if s then
          local reply, failed = ways[turn % #ways + 1](s)
          look_at(reply)
          check_error(failed)
        end
      end
    end)
  end

  local whole = {
    messages = { role = "assistant", stop_reason = "tool_use",
      usage = { input_tokens = 1, cache_creation = { ephemeral_1h_input_tokens = 1 } },
      content = array { { type = "text", text = "Hi", citations = array { { cited_text = "x" } } },
        { type = "tool_use", id = "t", name = "get", input = {} } } },
    converse = { output = { message = { role = "assistant", content = array { { text = "Hi" },
      { toolUse = { toolUseId = "t", name = "get" } },
      { citationsContent = { content = array { { text = "a" } }, citations = array { { sourceContent = array {} } } } } } } },
      stopReason = "end_turn", usage = { inputTokens = 1, cacheDetails = array { { ttl = "1h", inputTokens = 3 } } } },
  }

  for form, answer in pairs(whole) do
    it("never raise in whole answers of " .. form, function()
      local walk = setmetatable({ state = 3 }, Walk)
      for _ = 1, 400 do
        local reply, err = ask[form](client(json.encode(walk:odd(answer))))
        look_at(reply)
        check_error(err)
      end
    end)
  end
end)
