-- Several Lua states in one process, each in a thread of its own: nothing of the module is shared between them. The threads
-- are luv's; love.thread is tried by spec/hosts/love. Run by `make hosts`.

local emulator = require "spec.support.emulator"
local uv = require "luv"

local function ask(number, url, id, secret, path, cpath)
  package.path, package.cpath = path, cpath
  local bedrock = require "bedrock"
  local client = bedrock.new { region = "us-west-2", endpoint = url, access_key_id = id, secret_access_key = secret }
  for round = 1, 5 do
    local want = ("thread %d round %d "):format(number, round):rep(20)
    local stream = assert(client.messages:stream {
      model = "global.anthropic.claude-sonnet-4-5-20250929-v1:0", max_tokens = 4096,
      messages = { { role = "user", content = "@say " .. want } },
    })
    local parts = {}
    for text in stream:text() do parts[#parts + 1] = text end
    if table.concat(parts) .. " " ~= want then error(("thread %d got %s"):format(number, table.concat(parts))) end
  end
  client:close()
end

describe("Threads with a Lua of their own", function()
  it("ask at the same time and get their own answers", function()
    local service = emulator.start { pace = 1 }
    local threads = {}
    for i = 1, 6 do
      threads[i] = uv.new_thread(string.dump(ask), i, service.url, service.access_key_id, service.secret_access_key, package.path,
        package.cpath)
    end
    for _, thread in ipairs(threads) do assert.is_true(thread:join()) end
    local records = service.log(30)
    service.stop()
    assert.equal(30, #records)
    for _, record in ipairs(records) do assert.equal("complete", record.ended) end
  end)
end)

describe("A callback that raises inside of a task", function()
  it("fails the task, is told to the host, and the loops live", function()
    local told, after = {}, false
    local loop = require("bedrock.hosts.luv").loop(uv, { failed = function(err) told[#told + 1] = err end })
    loop:spawn(function() error("first", 0) end)
    loop:spawn(function()
      require("bedrock.async").sleep(0.02)
      after = true
    end)
    uv.run()
    assert.same({ "first" }, told)
    assert.is_true(after)

    local controller = require("cqueues").new()
    told, after = {}, false
    loop = require("bedrock.hosts.cqueues").loop(controller, { failed = function(err) told[#told + 1] = err end })
    loop:spawn(function() error("second", 0) end)
    loop:spawn(function()
      require("bedrock.async").sleep(0.02)
      after = true
    end)
    assert(controller:loop())
    assert.same({ "second" }, told)
    assert.is_true(after)
  end)

  it("and a loop that has come to its end starts again with the next task", function()
    local count = 0
    local loop = require("bedrock.hosts.luv").loop(uv)
    for _ = 1, 3 do
      loop:spawn(function()
        require("bedrock.async").sleep(0.005)
        count = count + 1
      end)
      uv.run()
    end
    local controller = require("cqueues").new()
    loop = require("bedrock.hosts.cqueues").loop(controller)
    for _ = 1, 3 do
      loop:spawn(function()
        require("bedrock.async").sleep(0.005)
        count = count + 1
      end)
      assert(controller:loop())
    end
    assert.equal(6, count)
  end)

  it("and what another coroutine of the host sets wakes a task", function()
    local async = require "bedrock.async"
    local signal, seen = async.signal(), false
    local loop = require("bedrock.hosts.luv").loop(uv)
    loop:spawn(function() seen = signal:wait() end)
    local timer = uv.new_timer()
    timer:start(20, 0, function()
      signal:set()
      timer:close()
    end)
    uv.run()
    assert.is_true(seen)
  end)
end)
