-- Tools, chats, structured answers and content against the emulator: what a user writes, over real sockets.

local bedrock = require "bedrock"
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

local requests = {
  messages = function(content)
    return { model = MODEL, max_tokens = 256, messages = { { role = "user", content = content } } }
  end,
  converse = function(content)
    return { modelId = MODEL, messages = { { role = "user", content = content } } }
  end,
}

local function send(form, params)
  if form == "converse" then return client:converse(params) end
  return client.messages:create(params)
end

local function start(form, params, list)
  params.tools = list
  if form == "converse" then return client:converse_run(params) end
  return client.messages:run(params)
end

for form, request in pairs(requests) do
  describe("over a client, in the form of " .. form, function()
    it("a tool is used and its result comes back in the answer, streamed or not", function()
      local asked = {}
      local weather = bedrock.tool {
        name = "get_weather", description = "Tells the weather",
        schema = { properties = { city = { type = "string" } }, required = { "city" } },
        run = function(input)
          asked[#asked + 1] = input
          return { degrees = 21, sky = "clear" }
        end,
      }
      local result = assert(start(form, request "What is the weather in Paris?", { weather }):finish())
      assert.is_true(result.finished)
      assert.equal(1, #asked)
      assert.is_string(asked[1].city)
      assert.truthy(result.reply:text():find("clear", 1, true))
      assert.equal(4, #result.messages)

      local pieces, running = {}, start(form, request "What is the weather in Paris?", { weather })
      for text in running:text() do pieces[#pieces + 1] = text end
      assert.equal(2, #asked)
      assert.truthy(table.concat(pieces):find(running.reply:text(), 1, true))
    end)

    it("a chat goes on, and what it said before is read from the cache", function()
      local params = request "x"
      params.messages = nil
      params.system = ("You are a patient teacher of Lua. "):rep(400)
      local talk = bedrock.chat.new { client = client, params = params, cache = true }
      assert(talk:say "What is a table?")
      local written = talk.reply.usage.cache_write_tokens
      assert(talk:say "And a metatable?")
      assert.is_true(written > 0)
      assert.is_true(talk.reply.usage.cache_read_tokens >= written)
      local again = assert(bedrock.chat.load(assert(talk:save()), { client = client, cache = true }))
      assert(again:say "And a closure?")
      assert.is_true(again.reply.usage.cache_read_tokens > written)
    end)

    it("a structured answer is a checked value", function()
      local schema = { type = "object", properties = { title = { type = "string" }, pages = { type = "integer" } },
        required = { "title", "pages" } }
      for _, by in ipairs { "format", "tool" } do
        local value, err = bedrock.structured.ask(function(params) return send(form, params) end, request "Name a book",
          { schema = schema, by = by })
        assert.is_nil(err)
        assert.is_string(value.title)
        assert.equal(value.pages, math.floor(value.pages))
      end
    end)

    it("an image and a document are taken", function()
      local png = "\137PNG\r\n\26\n" .. ("x"):rep(64)
      local answer = assert(send(form, request {
        "Describe them", bedrock.content.image { bytes = png },
        bedrock.content.document({ bytes = "%PDF-1.7 ..." }, { title = "Q3 report" }),
      }))
      assert.is_true(#answer:text() > 0)
      local _, err = send(form, request { " " })
      assert.equal("preflight.blank", err.code)
    end)

    it("an answer goes into the next request as it is", function()
      local params = request "Hello"
      local answer = assert(send(form, params))
      table.insert(params.messages, answer:to_message())
      table.insert(params.messages, { role = "user", content = { "And again" } })
      assert(send(form, params))
    end)
  end)
end

describe("a request", function()
  it("is counted before it is sent", function()
    local params = requests.messages "Hello, world"
    local count = assert(client.messages:count_tokens(params))
    assert.equal(assert(client.messages:create(params)).usage.input_tokens, count.input_tokens)
  end)
end)

describe("a conversation", function()
  it("goes from one form into the other and on", function()
    local params = requests.messages "Hello"
    local answer = assert(client.messages:create(params))
    table.insert(params.messages, answer:to_message())
    table.insert(params.messages, { role = "user", content = "Go on" })
    assert(client:converse(assert(bedrock.convert.to_converse(params))))
  end)
end)
