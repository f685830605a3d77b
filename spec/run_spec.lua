-- Runs, chats and updates over a client: what a user writes, over real sockets, alike in both forms.

local bedrock = require "bedrock"
local async = require "bedrock.async"
local emulator = require "spec.support.emulator"

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local server, client

setup(function()
  server = emulator.start { pace = 0 }
  client = bedrock.new {
    region = "us-west-2", endpoint = server.url, access_key_id = server.access_key_id,
    secret_access_key = server.secret_access_key, retry = { max_attempts = 1 }, log = function() end,
  }
end)
teardown(function() server.stop() end)

-- The same things in the two forms: how a request is written, and how it is sent.
local forms = {
  messages = {
    request = function(text)
      return { model = MODEL, max_tokens = 256, messages = { { role = "user", content = text } } }
    end,
    run = function(params, opts) return client.messages:run(params, opts) end,
    stream = function(params, opts) return client.messages:stream(params, opts) end,
    parse = function(params) return client.messages:parse(params) end,
    count = function(params) return client.messages:count_tokens(params) end,
  },
  converse = {
    request = function(text)
      return { modelId = MODEL, messages = { { role = "user", content = text } } }
    end,
    run = function(params, opts) return client:converse_run(params, opts) end,
    stream = function(params, opts) return client:converse_stream(params, opts) end,
    parse = function(params) return client:converse_parse(params) end,
    count = function(params) return client:count_tokens(params) end,
  },
}

local function with(params, more)
  for name, value in pairs(more) do params[name] = value end
  return params
end

local function clock(seen)
  return bedrock.tool {
    name = "clock", schema = { properties = { city = { type = "string" } } },
    run = function(input)
      if seen then seen[#seen + 1] = input end
      return "noon in " .. tostring(input.city)
    end,
  }
end

local question = "What time is it?\n@call clock {\"city\":\"Oslo\"}\n@call clock {\"city\":\"Bergen\"}"

-- What a loop over updates sees, one word an update of the same type in a row.
local function types(list)
  local words = {}
  for _, update in ipairs(list) do
    if words[#words] ~= update.type then words[#words + 1] = update.type end
  end
  return table.concat(words, " ")
end

for form, way in pairs(forms) do
  describe("a run in the form of " .. form, function()
    it("streams the wire's events, tells of its tools, and ends with the whole conversation", function()
      local seen, wire, own = {}, 0, {}
      local running = way.run(with(way.request(question), { tools = { clock(seen) } }))
      for event in running:events() do
        if event.type == "tool_call" or event.type == "tool_result" then
          own[#own + 1] = event.type .. " " .. event.call.input.city .. " " .. tostring(event.value)
        else
          wire = wire + 1
        end
      end
      assert.is_true(wire > 10)
      assert.same({ "tool_call Oslo nil", "tool_call Bergen nil", "tool_result Oslo noon in Oslo",
        "tool_result Bergen noon in Bergen" }, own)
      assert.same({ { city = "Oslo" }, { city = "Bergen" } }, seen)
      local result = assert(running:finish())
      assert.is_true(result.finished)
      assert.equal(2, result.steps)
      assert.equal(4, #result.messages)
      assert.equal(result.messages, running.messages)
      assert.equal("end_turn", result.stop_reason)
      assert.truthy(result.reply:text():find("noon in Bergen", 1, true))
      assert.equal(result.reply, running:message())
      assert.is_true(result.usage.total_tokens > result.reply.usage.total_tokens)
      assert.is_nil(running:next())
    end)

    it("says the same without a stream, and when only its end is wanted", function()
      local params = with(way.request(question), { tools = { clock() } })
      local streamed = assert(way.run(params):finish())
      local whole = assert(way.run(with(params, { stream = false })):finish())
      assert.equal(streamed.reply:text(), whole.reply:text())
      assert.equal(#streamed.messages, #whole.messages)
      local pieces = {}
      for text in way.run(params):text() do pieces[#pieces + 1] = text end
      assert.truthy(table.concat(pieces):find(whole.reply:text(), 1, true))
    end)

    it("gives updates that are alike in both forms", function()
      local list = {}
      local params = with(way.request("@say The time:\n" .. question), { tools = { clock() } })
      for update in way.run(params):updates() do
        list[#list + 1] = update
        if update.type == "tool_input" then update.seen = update.snapshot end
      end
      assert.equal("text block tool_use tool_input block tool_use tool_input block message tool_call tool_result text " ..
        "block message", types(list))
      local whole = {}
      for update in way.run(with(params, { stream = false })):updates() do whole[#whole + 1] = update end
      assert.equal("text block tool_use block tool_use block message tool_call tool_result text block message", types(whole))
      params.stream = nil
      local inputs, text = {}, ""
      for _, update in ipairs(list) do
        if update.type == "tool_input" then inputs[update.id] = update.seen end
        if update.type == "text" then text = text .. update.text end
      end
      local cities = {}
      for _, input in pairs(inputs) do cities[input.city] = true end
      assert.same({ Oslo = true, Bergen = true }, cities)
      assert.equal("The time:", text:sub(1, 9))
      assert.equal("end_turn", list[#list].message.stop_reason)
      assert.is_true(list[#list].message.usage.output_tokens > 0)
    end)

    it("waits in tasks, where the calls of one answer run side by side", function()
      local inside, most = 0, 0
      local slow = bedrock.tool { name = "clock", run = function(input)
        inside = inside + 1
        most = math.max(most, inside)
        async.sleep(0.02)
        inside = inside - 1
        return input.city
      end }
      local result = async.run(function()
        local running = way.run(with(way.request(question), { tools = { slow } }))
        while running:next() do end -- luacheck: ignore
        return assert(running:finish())
      end)
      assert.equal(2, most)
      assert.truthy(result.reply:text():find("Oslo\nBergen", 1, true))
    end)

    it("asks for approval, and goes on after its limit of steps", function()
      local asked = {}
      local running = way.run(with(way.request(question), { tools = { clock() }, max_steps = 1, approve = function(call)
        asked[#asked + 1] = call.name
        return call.input.city == "Oslo", "too far"
      end }))
      local result = assert(running:finish())
      assert.is_false(result.finished)
      assert.equal(1, result.steps)
      assert.equal(1, #result.messages)
      assert.equal(0, #asked)
      result = assert(running:resume():finish())
      assert.is_true(result.finished)
      assert.equal(2, #asked)
      assert.truthy(result.reply:text():find("not approved: too far", 1, true))
    end)

    it("keeps the conversation when a request fails, and asks again", function()
      local opts = {}
      local breaker = bedrock.tool { name = "clock", run = function()
        opts.headers = { ["x-emulator-fault"] = "status:500" }
        return "noon"
      end }
      local running = way.run(with(way.request(question), { tools = { breaker } }), opts)
      local result, err = running:finish()
      assert.is_nil(result)
      assert.equal("server", err.kind)
      assert.equal(3, #err.messages)
      assert.equal(err, select(2, running:next()))
      assert.has_error(function() running:events()() end)
      opts.headers = nil
      assert.truthy(assert(running:resume():finish()).reply:text():find("noon", 1, true))
    end)

    it("does not run a call that max_tokens cut, and what was cut can be sent back", function()
      for _, stream in ipairs { true, false } do
        local seen = {}
        local params = way.request '@call clock {"city":"Oslo","more":"one two three four five six seven eight nine ten"}'
        params = with(params, form == "messages" and { max_tokens = 6 } or { inferenceConfig = { maxTokens = 6 } })
        local result = assert(way.run(with(params, { tools = { clock(seen) }, stream = stream })):finish())
        assert.equal(0, #seen)
        assert.equal(4, #result.messages)
        assert.matches("cut off", bedrock.json.encode(result.messages[3]))
      end
    end)

    it("ends when it is closed", function()
      local running = way.run(with(way.request(question), { tools = { clock() } }))
      assert.truthy(running:next())
      running:close()
      running:close()
      local event, err = running:next()
      assert.is_nil(event)
      assert.equal("cancelled", err.kind)
      assert.matches("closed", tostring(running))
    end)
  end)

  describe("a stream in the form of " .. form, function()
    it("gives updates: thinking, text, and the message with its usage", function()
      local list = {}
      for update in assert(way.stream(way.request "@think Hm, well.\n@say One two three")):updates() do
        if update.type == "text" then assert.is_string(update.snapshot) end
        list[#list + 1] = update
      end
      assert.equal("thinking block text block message", types(list))
      assert.equal("Hm,", list[1].text:sub(1, 3))
      assert.equal("One two three", list[#list - 2].snapshot)
      assert.equal("One two three", list[#list].message:text())
      assert.is_true(list[#list].message.usage.output_tokens > 0)
      assert.truthy(bedrock.json.encode(list[1]))
    end)

    it("gives citations as the reply lists them", function()
      local params = way.request { "Read it", bedrock.content.document({ text = "Lua is small. It is fast." },
        { title = "Lua", citations = true }) }
      local stream, found = assert(way.stream(params)), nil
      for update in stream:updates() do found = update.citation or found end
      assert.equal("Lua is small.", found.cited_text)
      assert.equal("Lua is small.", assert(stream:message()):citations()[1].cited_text)
    end)

    it("shows the input of a tool while it comes, as far as it can be read", function()
      local params = way.request '@call clock {"city":"Oslo","list":[1,2,3,4,5,6,7,8,9,10,11,12]}'
      params = with(params, form == "messages" and { tools = { clock() } } or { toolConfig = { tools = { clock() } } })
      local stream, partial = assert(way.stream(params)), false
      while true do
        local event = stream:next()
        if not event then break end
        local use = stream:snapshot():tool_uses()[1]
        if use and use.input.list and #use.input.list < 12 then partial = true end
      end
      assert.is_true(partial)
      assert.equal(12, #assert(stream:message()):tool_uses()[1].input.list)
    end)

    it("does not show half of an input when it breaks", function()
      local params = way.request '@call clock {"city":"Oslo","list":[1,2,3,4,5,6,7,8,9,10,11,12]}'
      params = with(params, form == "messages" and { tools = { clock() } } or { toolConfig = { tools = { clock() } } })
      local stream = assert(way.stream(params, { headers = { ["x-emulator-fault"] = "exception:throttlingException:4" } }))
      local _, err = stream:message()
      assert.same({}, err.partial:tool_uses()[1].input)
    end)
  end)

  describe("a checked value in the form of " .. form, function()
    local schema = { type = "object", properties = { title = { type = "string" }, pages = { type = "integer" } },
      required = { "title", "pages" } }

    it("comes with its reply, or an error that tells why not", function()
      for _, by in ipairs { "format", "tool" } do
        local value, err, answer = way.parse(with(way.request "Name a book", { schema = schema, by = by }))
        assert.is_nil(err)
        assert.is_string(value.title)
        assert.is_true(answer.usage.output_tokens > 0)
      end
      local value, err, answer = way.parse(with(way.request '@say {"title":5,"pages":1}', { schema = schema }))
      assert.is_nil(value)
      assert.equal("model", err.kind)
      assert.matches("%.title must be string", tostring(err))
      assert.equal(answer, err.reply)
      local short = with(way.request '@say {"title":"a long enough answer","pages":1}', { schema = schema })
      short = with(short, form == "messages" and { max_tokens = 2 } or { inferenceConfig = { maxTokens = 2 } })
      assert.matches("cut off at max_tokens", tostring(select(2, way.parse(short))))
    end)

    it("needs a schema", function()
      assert.has_error(function() way.parse(way.request "x") end)
      assert.has_error(function() way.parse(with(way.request "x", { schema = schema, by = "luck" })) end)
    end)
  end)

  describe("a chat in the form of " .. form, function()
    local function talk_of(more)
      local params = way.request "x"
      params.messages = nil
      return client:chat(with(params, more or {}))
    end

    it("streams, uses its tools, is saved and taken up, and forks", function()
      local talk, pieces = talk_of { tools = { clock() }, system = "Be kind." }, {}
      for text in talk:stream(question):text() do pieces[#pieces + 1] = text end
      assert.truthy(table.concat(pieces):find("noon in Oslo", 1, true))
      assert.equal(4, #talk.messages)
      local again = assert(client:load_chat(assert(talk:save()), { tools = { clock() } }))
      assert.equal(4, #again.messages)
      assert.equal("fine", assert(again:say "@say fine"):text())
      local other = again:fork()
      assert(other:say "@say other")
      assert.equal(6, #again.messages)
      assert.equal(8, #other.messages)
    end)

    it("does not keep a question whose answer was not read to its end", function()
      local talk = talk_of()
      local running = talk:stream "Hello"
      assert.truthy(running:next())
      running:close()
      assert.equal(0, #talk.messages)
      local _, err = talk:say("Hello", { call = { headers = { ["x-emulator-fault"] = "status:500" } } })
      assert.equal("server", err.kind)
      assert.equal(0, #talk.messages)
      assert(talk:say "Hello")
      assert.equal(2, #talk.messages)
    end)

    it("counts its tokens before it asks", function()
      local talk = talk_of { system = "Be kind.", tools = { clock() } }
      local count = assert(talk:count_tokens "@say fine").input_tokens
      assert.equal(count, assert(talk:say "@say fine").usage.total_input_tokens)
      assert.is_true(assert(talk:count_tokens()).input_tokens > count)
    end)

    it("goes on when the model had nothing to say", function()
      local talk = talk_of()
      assert(talk:say "@say  ")
      assert.equal(1, #talk.messages)
      assert.equal("fine", assert(talk:say "@say fine"):text())
      assert.equal(2, #talk.messages)
      assert.equal(2, #talk.messages[1].content)
    end)
  end)

  describe("counting in the form of " .. form, function()
    it("takes the id of a profile", function()
      local params = way.request "Hello, world"
      local count = assert(way.count(params))
      assert.is_true(count.input_tokens > 0)
      assert.equal(count.input_tokens, count.inputTokens)
    end)
  end)
end

describe("a run", function()
  it("raises when it is set up wrongly", function()
    assert.has_error(function() client.messages:run() end)
    assert.has_error(function() client:converse_run "x" end)
    assert.has_error(function() client.messages:run { model = MODEL, max_steps = "many" } end)
    assert.has_error(function() client:chat() end)
  end)

  it("may be a loop in a task, or says what to write instead where Lua cannot wait in one", function()
    local fragile = _VERSION == "Lua 5.1" and not rawget(_G, "jit")
    local pieces = {}
    local ok, why = async.pcall(async.run, function()
      for text in client.messages:run(forms.messages.request "Hello"):text() do pieces[#pieces + 1] = text end
    end)
    assert.equal(not fragile, ok)
    if fragile then assert.matches("run:next_text%(%)", tostring(why)) else assert.is_true(#pieces > 1) end
  end)

  it("reports a request that cannot be written", function()
    local _, err = client.messages:run({ model = MODEL, max_tokens = 9, messages = {
      { role = "user", content = { bedrock.content.video { bytes = "x", format = "mp4" } } } } }):finish()
    assert.equal("messages[1].content[1]", err.path)
  end)
end)
