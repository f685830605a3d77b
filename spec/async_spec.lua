-- Tasks, alone and over real sockets.

local async = require "bedrock.async"
local curl = require "bedrock.curl"
local curl_transport = require "bedrock.transports.curl"
local server = require "spec.support.server"

local yields_anywhere = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

describe("tasks", function()
  it("run, and their results come out of join and of run", function()
    local a, b, c = async.run(function(x)
      local task = async.spawn(function(y) return y, nil, 3 end, x + 1)
      return task:join()
    end, 1)
    assert.equal(2, a)
    assert.is_nil(b)
    assert.equal(3, c)
  end)

  it("take turns", function()
    local trace = {}
    async.run(function()
      for i = 1, 3 do
        async.spawn(function()
          for turn = 1, 2 do
            trace[#trace + 1] = i .. "." .. turn
            async.yield()
          end
        end)
      end
    end)
    assert.equal("1.1 2.1 3.1 1.2 2.2 3.2", table.concat(trace, " "))
  end)

  it("let others run when they yield by Lua's own means", function()
    local trace = {}
    async.run(function()
      async.spawn(function() trace[#trace + 1] = "other" end)
      coroutine.yield("whatever")
      trace[#trace + 1] = "main"
    end)
    assert.equal("other main", table.concat(trace, " "))
  end)

  it("sleep at the same time, and wake in the order of their times", function()
    local trace = {}
    local started = curl.now()
    async.run(function()
      for _, ms in ipairs { 60, 20, 40, 20, 0 } do
        async.spawn(function()
          async.sleep(ms / 1000)
          trace[#trace + 1] = ms
        end)
      end
    end)
    assert.equal("0 20 20 40 60", table.concat(trace, " "))
    local took = curl.now() - started
    assert.is_true(took >= 0.06 and took < 1, took)
  end)

  it("do not use the processor while they sleep", function()
    local before = os.clock()
    async.run(function() async.sleep(0.3) end)
    assert.is_true(os.clock() - before < 0.15)
  end)

  it("fail by themselves: join answers nil and what was raised, and the loop lives", function()
    local thing = { "an object" }
    local value, err, other, traceback
    async.run(function()
      local bad = async.spawn(function()
        async.sleep(0.001)
        error(thing)
      end)
      local good = async.spawn(function()
        async.sleep(0.01)
        return "good"
      end)
      value, err = bad:join()
      other = good:join()
      traceback = bad.traceback
      assert.equal("failed", bad:status())
      assert.equal("done", good:status())
    end)
    assert.is_nil(value)
    assert.equal(thing, err)
    assert.equal("good", other)
    assert.truthy(traceback:find("async_spec", 1, true))
  end)

  it("raise out of run: the main one at once, another that nobody joined at the end", function()
    local ok, err = pcall(async.run, function() error("main failed", 0) end)
    assert.is_false(ok)
    assert.equal("main failed", err)
    local finished
    ok, err = pcall(async.run, function()
      async.spawn(function() error("lost", 0) end)
      async.sleep(0.01)
      finished = true
    end)
    assert.is_false(ok)
    assert.equal("lost", err)
    assert.is_true(finished)
  end)

  it("that somebody has joined are not kept, whether they failed or not", function()
    async.run(function()
      local held = setmetatable({}, { __mode = "v" })
      for i = 1, 50 do
        local task = async.spawn(function() error("failed " .. i, 0) end)
        held[i] = task
        if i % 2 == 0 then async.yield() end
        task:join()
        assert.is_false((async.pcall(error, "raised")))
      end
      collectgarbage()
      collectgarbage()
      local left = 0
      for i = 1, 50 do left = left + (held[i] and 1 or 0) end
      assert.is_true(left <= 2, left)
    end)
  end)

  it("are cancelled when the main one fails", function()
    local reached = false
    local started = curl.now()
    pcall(async.run, function()
      async.spawn(function()
        async.sleep(30)
        reached = true
      end)
      async.yield()
      error("main failed")
    end)
    assert.is_false(reached)
    assert.is_true(curl.now() - started < 5)
  end)

  it("can be joined by many, and after the end", function()
    async.run(function()
      local task = async.spawn(function()
        async.sleep(0.005)
        return "x"
      end)
      local joiners = {}
      for i = 1, 3 do joiners[i] = async.spawn(function() return task:join() end) end
      for i = 1, 3 do assert.equal("x", joiners[i]:join()) end
      assert.equal("x", task:join())
    end)
  end)

  it("cannot join themselves", function()
    local ok, err = pcall(async.run, function() async.current():join() end)
    assert.is_false(ok)
    assert.truthy(tostring(err):find("cannot join itself", 1, true))
  end)

  it("that wait for each other for ever are an error, not a silent stop", function()
    local ok, err = pcall(async.run, function()
      local one, two
      one = async.spawn(function() return two:join() end)
      two = async.spawn(function() return one:join() end)
    end)
    assert.is_false(ok)
    assert.truthy(err:find("waits for another", 1, true))
  end)

  it("are told apart from what runs outside of them", function()
    assert.is_nil(async.current())
    async.run(function()
      local task = async.current()
      assert.is_not_nil(task)
      assert.truthy(tostring(task):find("waiting", 1, true))
      coroutine.wrap(function() assert.is_nil(async.current()) end)()
      assert.equal(task, async.current())
    end)
    assert.is_nil(async.current())
  end)

  it("are needed by what belongs to them", function()
    assert.has_error(function() async.spawn(print) end)
    assert.has_error(function() async.yield() end)
    assert.has_error(function() async.loop():spawn("not a function") end)
  end)

  it("may call run, which then is a task like any other", function()
    local value, err
    async.run(function()
      value = async.run(function()
        async.sleep(0.001)
        return "inner"
      end)
      local _
      _, err = async.pcall(async.run, function() error("inner failed", 0) end)
    end)
    assert.equal("inner", value)
    assert.equal("inner failed", err)
  end)

  it("can catch errors of code that waits, on every Lua", function()
    async.run(function()
      assert.same({ true, 1, 2 }, { async.pcall(function()
        async.sleep(0.001)
        return 1, 2
      end) })
      assert.same({ false, "no" }, { async.pcall(function()
        async.sleep(0.001)
        error("no", 0)
      end) })
    end)
    assert.same({ false, "plain" }, { async.pcall(error, "plain", 0) })
  end)

  if yields_anywhere then
    it("can wait under pcall where Lua can", function()
      async.run(function()
        local ok, err = pcall(function()
          async.sleep(0.001)
          error("caught", 0)
        end)
        assert.is_false(ok)
        assert.equal("caught", err)
      end)
    end)
  end
end)

describe("cancelling a task", function()
  it("ends its wait; join answers an error of that kind", function()
    async.run(function()
      local reached = false
      local task = async.spawn(function()
        async.sleep(30)
        reached = true
      end)
      async.yield()
      task:cancel()
      task:cancel()
      local value, err = task:join()
      assert.is_nil(value)
      assert.equal("cancelled", err.kind)
      assert.equal("cancelled", task:status())
      assert.is_false(reached)
      task:cancel()
    end)
  end)

  it("keeps one that has not begun from beginning, and leaves one that has ended alone", function()
    async.run(function()
      local begun = false
      local early = async.spawn(function() begun = true end)
      early:cancel()
      local _, err = early:join()
      assert.equal("cancelled", err.kind)
      assert.is_false(begun)
      local late = async.spawn(function() return "done" end)
      assert.equal("done", late:join())
      late:cancel()
      assert.equal("done", late:join())
      assert.equal("done", late:status())
    end)
  end)

  it("reaches it in whatever it waits for", function()
    local waits = {
      function() async.sleep(30) end,
      function() async.signal():wait() end,
      function() async.spawn(async.sleep, 0.02):join() end,
      function() async.map({ 1, 2, 3 }, function() async.sleep(30) end) end,
      function() async.pcall(async.sleep, 30) end,
      function() async.run(async.sleep, 30) end,
      function() while true do async.yield() end end,
    }
    local started = curl.now()
    async.run(function()
      for _, wait in ipairs(waits) do
        local task = async.spawn(wait)
        async.sleep(0.002)
        task:cancel()
        local _, err = task:join()
        assert.equal("cancelled", err.kind)
      end
    end)
    assert.is_true(curl.now() - started < 5)
  end)

  it("by itself ends it there", function()
    async.run(function()
      local after = false
      local task = async.spawn(function()
        async.current():cancel()
        after = true
      end)
      local _, err = task:join()
      assert.equal("cancelled", err.kind)
      assert.is_false(after)
    end)
  end)
end)

describe("map", function()
  it("keeps the order of the list, whatever finishes first", function()
    local results, errs = async.map({ 30, 10, 20 }, function(ms, i)
      async.sleep(ms / 1000)
      return i .. ":" .. ms
    end)
    assert.same({ "1:30", "2:10", "3:20" }, results)
    assert.is_nil(errs)
  end)

  it("gives an error per item and goes on", function()
    local results, errs = async.map({ 1, 2, 3, 4 }, function(i)
      if i == 2 then error("raised", 0) end
      if i == 3 then return nil, "returned" end
      return i
    end)
    assert.equal(1, results[1])
    assert.equal(4, results[4])
    assert.is_nil(results[2])
    assert.same({ [2] = "raised", [3] = "returned" }, errs)
  end)

  it("does no more than so many at once, and reports each", function()
    local now, most, seen = 0, 0, {}
    async.map({ 1, 2, 3, 4, 5, 6, 7 }, function(i)
      now = now + 1
      most = math.max(most, now)
      async.sleep(0.003)
      now = now - 1
      return i * 10
    end, {
      concurrency = 3,
      progress = function(finished, total, index, value) seen[finished] = ("%d/%d %d"):format(finished, total, value / index) end,
    })
    assert.equal(3, most)
    assert.equal(7, #seen)
    assert.equal("7/7 10", seen[7])
  end)

  it("of nothing is nothing", function()
    assert.same({}, (async.map({}, error)))
  end)

  it("raises what progress raises", function()
    local ok, err = pcall(async.map, { 1, 2 }, tostring, { progress = function() error("no", 0) end })
    assert.is_false(ok)
    assert.equal("no", err)
  end)
end)

describe("a signal", function()
  it("wakes all who wait, and stays set", function()
    async.run(function()
      local signal, woken = async.signal(), 0
      for _ = 1, 3 do
        async.spawn(function()
          assert.is_true(signal:wait())
          woken = woken + 1
        end)
      end
      async.yield()
      assert.equal(0, woken)
      signal:set()
      signal:set()
      async.yield()
      assert.equal(3, woken)
      assert.is_true(signal:wait())
    end)
  end)

  it("works without a scheduler", function()
    local signal, asked = async.signal(), 0
    assert.is_false(signal:wait())
    assert.is_true(signal:wait(function()
      asked = asked + 1
      if asked == 3 then signal:set() end
    end))
    assert.equal(3, asked)
    assert.is_true(signal:wait())
  end)
end)

describe("a loop", function()
  it("does a bounded amount of work a step", function()
    local loop = async.loop()
    local turns = 0
    loop:spawn(function()
      while turns < 1000 do
        turns = turns + 1
        async.yield()
      end
    end)
    assert.is_true(loop:step())
    assert.equal(1, turns)
    assert.is_true(loop:step())
    assert.equal(2, turns)
    while loop:step(0.001) do assert.is_true(turns <= 1000) end
    assert.equal(1000, turns)
    assert.is_false(loop:step())
  end)

  it("stops at its budget", function()
    local loop = async.loop()
    loop:spawn(function() while true do async.yield() end end)
    local before = curl.now()
    loop:step(0.02)
    local took = curl.now() - before
    assert.is_true(took >= 0.02 and took < 0.5, took)
  end)

  it("says when it has something to do", function()
    local loop = async.loop()
    assert.is_nil(loop:deadline())
    local task = loop:spawn(function() async.sleep(0.5) end)
    assert.equal(0, loop:deadline())
    loop:step()
    local left = loop:deadline()
    assert.is_true(left > 0.2 and left <= 0.5, left)
    assert.same({}, loop:fds())
    task:cancel()
    assert.equal(0, loop:deadline())
    assert.is_false(loop:step())
  end)

  it("tells its host of failures that nobody joined, and lives on", function()
    local told = {}
    local loop = async.loop { failed = function(err, task) told[#told + 1] = { err, task:status(), task.traceback } end }
    loop:spawn(function() error("alone", 0) end)
    local asked = loop:spawn(function() error("asked", 0) end)
    loop:spawn(function() asked:join() end)
    loop:spawn(function() return "well" end)
    while loop:step() do end -- luacheck: ignore 542
    assert.equal(1, #told)
    assert.equal("alone", told[1][1])
    assert.equal("failed", told[1][2])
    assert.matches("stack traceback", told[1][3])
    loop:spawn(function() error("later", 0) end)
    loop:step()
    assert.equal("later", told[2][1])
  end)

  it("tells its host when a task becomes ready outside of a step", function()
    local wakes = 0
    local loop = async.loop { wake = function() wakes = wakes + 1 end }
    local signal = async.signal()
    loop:spawn(function() signal:wait() end)
    assert.equal(1, wakes)
    loop:step()
    assert.equal(1, wakes)
    signal:set()
    assert.equal(2, wakes)
    assert.is_false(loop:step())
  end)

  it("lives on after a task failed, and can be run from outside by join", function()
    local loop = async.loop()
    loop:spawn(function() error("one") end)
    local task = loop:spawn(function()
      async.sleep(0.005)
      return "two"
    end)
    assert.equal("two", task:join())
    assert.is_false(loop:step())
    assert.truthy(tostring(loop):find("0 tasks", 1, true))
  end)

  it("cannot be stepped from inside itself", function()
    local loop = async.loop()
    local task = loop:spawn(function() loop:step() end)
    local _, err = task:join()
    assert.truthy(tostring(err):find("running already", 1, true))
  end)
end)

describe("requests in tasks", function()
  local service, transport

  setup(function()
    service = server.start {
      routes = {
        ["/slow"] = { { sleep = 0.15 }, { send = server.answer("slow") } },
        ["/quick"] = { { send = server.answer("quick") } },
        ["/pulse"] = { { send = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n" }, { drip = ("p"):rep(20), gap = 0.01 } },
        ["/half"] = { { send = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345" }, { stall = true } },
        ["/flood"] = { { send = "HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n" }, { flood = 5000000 } },
      },
    }
  end)

  teardown(function()
    service:stop()
  end)

  before_each(function()
    transport = curl_transport.new()
  end)

  after_each(function()
    transport:close()
  end)

  local function get(path)
    local response, err = transport:request { url = service.url .. path }
    if not response then return nil, err end
    return response:read_all()
  end

  it("go on at the same time", function()
    local started = transport:now()
    local list = {}
    for i = 1, 20 do list[i] = "/slow" end
    local results = async.map(list, get, { concurrency = 20 })
    assert.equal(20, #results)
    assert.is_true(transport:now() - started < 1.5)
  end)

  it("do not hold up the others", function()
    local order = {}
    async.run(function()
      for _, path in ipairs { "/slow", "/quick", "/pulse" } do
        async.spawn(function()
          assert(get(path))
          order[#order + 1] = path
        end)
      end
    end)
    assert.equal("/quick", order[1])
  end)

  it("may go over several transports", function()
    local other = curl_transport.new()
    async.run(function()
      local one = async.spawn(get, "/slow")
      local response = assert(other:request { url = service.url .. "/pulse" })
      assert.equal(("p"):rep(20), response:read_all())
      assert.equal("slow", one:join())
    end)
    other:close()
  end)

  it("are closed in the call that cancels their task, wherever it waits", function()
    local kept -- so that the collector has no part in it
    async.run(function()
      local ways = {
        function() get "/half" end,
        function()
          kept = assert(transport:request { url = service.url .. "/half" })
          kept:read()
          async.sleep(30)
        end,
      }
      for i, way in ipairs(ways) do
        local before = #service:log("end")
        local task = async.spawn(way)
        async.sleep(0.1)
        local at = transport:now()
        task:cancel()
        local ends = service:wait("end", before + 1)
        assert.is_true(ends[before + 1].at - at < 0.5, i)
        local _, err = task:join()
        assert.equal("cancelled", err.kind)
      end
      local _, err = kept:read()
      assert.equal("cancelled", err.kind)
    end)
  end)

  it("leave the loop when nobody waits for them any more", function()
    local loop, sleeps = async.loop(), false
    local task = loop:spawn(function()
      get "/quick"
      get "/slow"
      sleeps = true
      async.sleep(30)
    end)
    while not sleeps do
      loop:step()
      curl.poll(loop:fds(), 0.01)
    end
    assert.same({}, loop:fds())
    task:cancel()
    assert.is_false(loop:step())
  end)

  it("can be handed from one task to another, which then keeps them", function()
    async.run(function()
      local maker = async.spawn(function()
        local response = assert(transport:request { url = service.url .. "/pulse" })
        async.spawn(function() async.sleep(0.05) end)
        return response
      end)
      local response = maker:join()
      maker:cancel()
      assert.equal(("p"):rep(20), response:read_all())
    end)
  end)

  it("work in a coroutine of the task's own, where they block", function()
    async.run(function()
      local generator = coroutine.wrap(function()
        coroutine.yield((get "/quick"))
        coroutine.yield((get "/slow"))
      end)
      local other = async.spawn(get, "/slow")
      assert.equal("quick", generator())
      assert.equal("slow", generator())
      assert.equal("slow", other:join())
    end)
  end)

  it("work when a host drives the loop by descriptors and deadlines", function()
    local loop = async.loop()
    local results = {}
    for i, path in ipairs { "/slow", "/pulse", "/quick", "/flood" } do
      loop:spawn(function() results[i] = assert(get(path)) end)
    end
    local steps = 0
    while loop:step(0.004) do
      steps = steps + 1
      local left = loop:deadline()
      assert.is_true(left ~= nil or #loop:fds() > 0)
      curl.poll(loop:fds(), math.min(left or 1, 1))
    end
    assert.equal("slow", results[1])
    assert.equal(("p"):rep(20), results[2])
    assert.equal("quick", results[3])
    assert.equal(5000000, #results[4])
    assert.is_true(steps < 5000, steps)
  end)

  it("leave nothing behind when their loop is dropped", function()
    local before = #service:log("end")
    do
      local loop = async.loop()
      loop:spawn(get, "/half")
      for _ = 1, 50 do
        loop:step()
        curl.poll(loop:fds(), 0.002)
      end
    end
    collectgarbage()
    collectgarbage()
    service:wait("end", before + 1)
  end)
end)
