-- Message batches, files and models of Claude Platform on AWS, against the emulator; and their refusal everywhere else.

local apis = require "bedrock.apis"
local bedrock = require "bedrock"
local emulator = require "spec.support.emulator"
local pretend = require "spec.support.pretend"
local scripted = require "spec.support.scripted"

local server

local function new(api, more)
  local all = {
    api = api or "platform", workspace_id = "wrkspc_1", region = "us-west-2", endpoint = server.url,
    access_key_id = server.access_key_id, secret_access_key = server.secret_access_key, retry = false, log = function() end,
  }
  for k, v in pairs(more or {}) do all[k] = v end
  return bedrock.new(all)
end

local function requests(n)
  local list = {}
  for i = 1, n do
    list[i] = { custom_id = "r" .. i, params = { model = "claude-haiku-4-5", max_tokens = 64,
      messages = { { role = "user", content = "@say answer " .. i } } } }
  end
  return list
end

setup(function() server = emulator.start {} end)
teardown(function() server.stop() end)

describe("message batches", function()
  it("are made, asked about, read and deleted", function()
    local batches = new().messages.batches
    local made = requests(4)
    made[3].params.model = "no-such-model"
    local batch = assert(batches:create { requests = made })
    assert.same({ "in_progress", 4 }, { batch.processing_status, batch.request_counts.processing })
    repeat batch = assert(batches:retrieve(batch.id)) until batch.processing_status == "ended"
    assert.same({ 3, 1 }, { batch.request_counts.succeeded, batch.request_counts.errored })

    local answers = {}
    for result in assert(batches:results(batch.id)) do answers[result.custom_id] = result.result end
    assert.equal("answer 2", answers.r2.message:text())
    assert.same({ "errored", "model: no-such-model" }, { answers.r3.type, answers.r3.error.error.message })
    assert.equal("message_batch_deleted", assert(batches:delete(batch.id)).type)
    assert.equal("not_found", select(2, batches:retrieve(batch.id)).kind)
  end)

  it("are listed over all pages", function()
    local batches, made = new().messages.batches, {}
    for i = 1, 5 do made[i] = assert(batches:create { requests = requests(1) }).id end
    assert.equal(2, #assert(batches:list { limit = 2 }).data)
    local seen = 0
    for batch in batches:each { limit = 2 } do
      seen = seen + (batch.id == made[5 - seen] and 1 or 0)
    end
    assert.equal(5, seen)
  end)

  it("can be stopped, and their results are not there before the end", function()
    local batches = new().messages.batches
    local batch = assert(batches:create { requests = requests(2) })
    assert.equal("validation", select(2, batches:results(batch.id)).kind)
    assert.equal("canceling", assert(batches:cancel(batch.id)).processing_status)
    repeat batch = assert(batches:retrieve(batch.id)) until batch.processing_status == "ended"
    assert.equal(2, batch.request_counts.canceled)
  end)

  it("take neutral blocks and requests that were written for InvokeModel", function()
    local sent
    local client = scripted.client(function(r)
      sent = r
      return { id = "b" }
    end, { api = "platform", workspace_id = "w" })
    local params = { model = "m", max_tokens = 1, anthropic_version = "bedrock-2023-05-31", anthropic_beta = { "a" },
      messages = { { role = "user", content = { bedrock.content.text "Hi" } } } }
    assert(client.messages.batches:create({ requests = { { custom_id = "1", params = params } } }, { beta = "b" }))
    assert.same({ requests = { { custom_id = "1", params = { model = "m", max_tokens = 1,
      messages = { { role = "user", content = { { type = "text", text = "Hi" } } } } } } } },
      bedrock.json.decode(tostring(sent.body)))
    for _, pair in ipairs(sent.headers) do
      if pair[1] == "anthropic-beta" then assert.equal("a,b", pair[2]) end
    end
    assert.same({ "a" }, params.anthropic_beta)
  end)

  -- The lines of the results, cut anywhere: they come as the network has them.
  it("give results however their lines are cut, and say when one is damaged", function()
    local lines = '{"custom_id":"1","result":{"type":"succeeded","message":{"content":[{"type":"text","text":"x"}]}}}\n' ..
      '\n{"custom_id":"2","result":{"type":"expired"}}'
    local function results(pieces)
      local transport = pretend.transport(function() end)
      local client = new(nil, { transport = transport })
      local i = 0
      transport.request = function()
        return { status = 200, headers = { ["content-type"] = "application/x-jsonl" }, close = function() end,
          read = function()
            i = i + 1
            return pieces[i]
          end }
      end
      return assert(client.messages.batches:results "b")
    end
    for at = 1, #lines - 1 do
      local seen = {}
      for result in results { lines:sub(1, at), lines:sub(at + 1) } do
        seen[#seen + 1] = result.custom_id .. (result.result.message and result.result.message:text() or "")
      end
      assert.same({ "1x", "2" }, seen)
    end
    local damaged = results { lines:sub(1, -3) }
    assert.truthy(damaged:next())
    local result, err = damaged:next()
    assert.same({ nil, "damaged" }, { result, err.code })
    local empty = results {}
    assert.is_nil(empty:next())
    assert.is_nil(empty:next())
  end)
end)

describe("files", function()
  it("are uploaded, described, listed, downloaded and deleted", function()
    local files = new().files
    local bytes = "line\r\n--not the end\r\n\0" .. ("x"):rep(1000)
    local file = assert(files:upload { bytes = bytes, filename = 'a "b".csv' })
    assert.same({ "text/csv", #bytes }, { file.mime_type, file.size_bytes })
    assert.equal(bytes, assert(files:content(file.id)))
    assert.equal(file.id, assert(files:retrieve(file.id)).id)
    assert.equal(file.id, assert(files:list()).data[1].id)
    for each in files:each() do assert.equal(file.id, each.id) end
    assert.equal("file_deleted", assert(files:delete(file.id)).type)
    assert.equal("not_found", select(2, files:content(file.id)).kind)
  end)

  it("are read from this machine", function()
    local system = pretend.system { files = { ["/docs/a.pdf"] = "%PDF-1.7" }, now = os.time() }
    local file = assert(new(nil, { system = system }).files:upload { path = "/docs/a.pdf" })
    assert.same({ "a.pdf", "application/pdf", 8 }, { file.filename, file.mime_type, file.size_bytes })
    local _, err = new(nil, { system = system }).files:upload { path = "/docs/none.pdf" }
    assert.same({ "config", "file" }, { err.kind, err.code })
    assert.error_matches(function() new().files:upload {} end, "path")
    assert.error_matches(function() new().files:retrieve "" end, "takes an id")
  end)
end)

describe("models", function()
  it("of the platform have the shape of Bedrock's", function()
    local list = assert(new():models())
    assert.is_true(#list >= 4)
    local seen = {}
    for _, model in ipairs(list) do seen[model.call_id] = model end
    assert.same({ "Claude Opus 4.7", 1000000 }, { seen["claude-opus-4-7"].name, seen["claude-opus-4-7"].context_window })
    assert.same({}, assert(new():models { provider = "amazon" }))
    assert.same({}, assert(new():models { lifecycle = "legacy" }))
  end)

  it("of Claude in Amazon Bedrock are called by its own ids", function()
    for _, model in ipairs(assert(new "mantle":models())) do
      local expected = model.id:find "haiku%-4%-5" and "anthropic.claude-haiku-4-5" or nil
      assert.equal(expected, model.call_id)
    end
  end)
end)

describe("what a way does not offer", function()
  local methods = {
    function(c) return c.messages.batches:create { requests = {} } end, function(c) return c.messages.batches:list() end,
    function(c) return c.messages.batches:results "b" end, function(c) return c.messages.batches:cancel "b" end,
    function(c) return c.files:upload { bytes = "x" } end, function(c) return c.files:content "f" end,
  }
  for _, api in ipairs(apis.names()) do
    if api ~= "platform" then
      it(("is refused by name on %s, with the way that does"):format(api), function()
        for _, call in ipairs(methods) do
          local result, err = call(new(api))
          assert.same({ nil, "config", "unsupported" }, { result, err.kind, err.code })
          assert.truthy(err.message:find(('(api = "%s") does not offer'):format(api), 1, true))
          assert.truthy(err.hint:find('Claude Platform on AWS (api = "platform")', 1, true))
        end
        local pager = new(api).messages.batches:each()
        assert.equal("unsupported", select(2, pager:next()).code)
      end)
    end
  end
end)
