-- The engine by itself: driven by hand over real sockets, as a foreign loop would.

local curl = require "bedrock.curl"
local server = require "spec.support.server"

local head = "HTTP/1.1 200 OK\r\n"
local sized = head .. "content-length: %d\r\n\r\n"

-- What the gzip command makes of bytes.
local function gzip(bytes)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  local pipe = assert(io.popen("gzip -c " .. path, "r"))
  local packed = pipe:read("*a")
  pipe:close()
  os.remove(path)
  return packed
end

local function gzipped(packed, more)
  return head .. "content-encoding: gzip\r\ncontent-length: " .. #packed .. "\r\n" .. (more or "") .. "\r\n" .. packed
end

-- Small words in a changing order, so that they neither vanish nor stay when packed.
local words = {}
for i = 1, 40000 do words[i] = (i * 7919 % 10007) .. " " end
local prose = table.concat(words)

local packed = gzip(prose)

local routes = {
  ["/ok"] = { { send = server.answer("ok") } },
  ["/flood"] = { { send = sized:format(20000000) }, { flood = 20000000 } },
  ["/half"] = { { send = sized:format(10) .. "12345" }, { stall = true } },
  ["/silent"] = { { stall = true } },
  ["/interim"] = { { send = "HTTP/1.1 100 Continue\r\n\r\n" }, { stall = true } },
  ["/pulse"] = { { send = sized:format(8) }, { drip = "12345678", gap = 0.1 } },
  ["/sip"] = { unread = true, { sip = 20000000, gap = 0.004 }, { send = server.answer("thanks") } },
  ["/deaf"] = { unread = true, { sleep = 3 } },
  ["/early"] = { unread = true, { send = server.answer("too large", "connection: close\r\n", "413 Too Large") },
    { sip = 100000000, gap = 0 } },
  ["/gzip"] = { { send = gzipped(packed) } },
  ["/gzip-drip"] = { { drip = gzipped(packed), size = 1000 } },
  ["/x-gzip"] = { { send = head .. "Content-Encoding: X-GZIP\r\ncontent-length: " .. #packed .. "\r\n\r\n" .. packed } },
  ["/gzip-twice"] = { { send = gzipped(packed .. packed) } },
  ["/gzip-cut"] = { { send = gzipped(packed:sub(1, 2000)) } },
  ["/gzip-bad"] = { { send = gzipped(packed:sub(1, -9) .. "badcheck") } },
  ["/gzip-none"] = { { send = head .. "content-encoding: gzip\r\ncontent-length: 0\r\n\r\n" } },
  ["/gzip-bomb"] = { { send = gzipped(gzip(("\0"):rep(50000000))) } },
  ["/many-headers"] = { { send = head .. ("x-filler: " .. ("y"):rep(1000) .. "\r\n"):rep(100) .. "\r\n" } },
  ["/tiny-headers"] = { { send = head .. ("x: y\r\n"):rep(257) .. "content-length: 0\r\n\r\n" } },
  ["/long-header"] = { { send = head .. "x-filler: " .. ("y"):rep(400000) .. "\r\n\r\n" } },
  ["/endless-interim"] = { { send = ("HTTP/1.1 100 Continue\r\nx: " .. ("y"):rep(900) .. "\r\n\r\n"):rep(1000) },
    { stall = true } },
  ["/odd-headers"] = { { send = head .. "X-Folded: one\r\n two\r\n\tthree\r\nx-space :v\r\nX-UPPER: \t V \t\r\n" ..
    "x-colon: a:b:c\r\nx-latin: \228\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n" } },
  ["/trailers"] = { { send = head .. "transfer-encoding: chunked\r\n\r\n" .. server.chunks("body") ..
    "0\r\nx-trailer: 1\r\n\r\n" } },
  ["/garbage"] = { { send = "\1\2\3 this is not HTTP\r\n\r\n" }, { close = true } },
  ["/bad-chunk"] = { { send = head .. "transfer-encoding: chunked\r\n\r\n" .. server.chunks("12345") .. "zz\r\n" },
    { close = true } },
  ["/split"] = { { drip = server.answer("in pieces", "x-one: 1\r\n") } },
  ["/half-line"] = { { send = "HTTP/1.1 2" }, { close = true } },
  ["/redirect"] = { { send = server.answer("", "location: /ok\r\n", "302 Found") } },
  ["/cookie"] = { { send = server.answer("", "set-cookie: secret=1; path=/\r\n") } },
}

describe("the engine", function()
  local service, engine

  setup(function()
    service = server.start { routes = routes }
  end)

  teardown(function()
    service:stop()
  end)

  before_each(function()
    engine = curl.engine()
  end)

  after_each(function()
    engine:close()
  end)

  local function start(path, more)
    local options = { url = service.url .. path }
    for k, v in pairs(more or {}) do options[k] = v end
    return assert(engine:start(options))
  end

  local function turn()
    engine:wait(5)
    engine:perform()
  end

  -- Drives the engine for that long without reading anything.
  local function drive(seconds)
    local stop = curl.now() + seconds
    while curl.now() < stop do
      engine:wait(stop - curl.now())
      engine:perform()
    end
  end

  local function ask(request, method, argument)
    while true do
      local value, err = request[method](request, argument)
      if value ~= nil or err then return value, err end
      turn()
    end
  end

  -- Status, body, error.
  local function fetch(path, more)
    local request = start(path, more)
    local status, err = ask(request, "status")
    if not status then return nil, nil, err end
    local parts = {}
    local bytes, why = ask(request, "read")
    while bytes do
      parts[#parts + 1] = bytes
      bytes, why = ask(request, "read")
    end
    return status, table.concat(parts), why, request
  end

  it("does nothing by itself, and never waits in perform", function()
    local request = start("/silent")
    assert.is_nil(request:status())
    local before = curl.now()
    for _ = 1, 100 do engine:perform() end
    assert.is_true(curl.now() - before < 1)
    assert.is_nil(request:status())
    assert.is_nil(request:read())
    request:cancel()
  end)

  it("can be driven by any loop that knows descriptors and deadlines", function()
    local request = start("/pulse")
    local body = {}
    while true do
      local bytes, err = request:read()
      assert.is_nil(err)
      if bytes == false then break end
      if bytes then
        body[#body + 1] = bytes
      else
        local fds = engine:fds()
        for _, entry in ipairs(fds) do
          assert.is_true(entry.fd >= 0)
          assert.truthy(entry.events:match("^r?w?$"))
        end
        curl.poll(fds, math.min(engine:deadline() or 1, 1))
        engine:perform()
      end
    end
    assert.equal("12345678", table.concat(body))
  end)

  it("names each request that has news once, and only those that were asked in vain", function()
    local one, two, unasked = start("/ok"), start("/ok"), start("/ok")
    assert.is_nil(one:status())
    assert.is_nil(one:status())
    assert.is_nil(two:status())
    drive(0.3)
    local seen = {}
    local id = engine:ready()
    while id do
      seen[#seen + 1] = id
      id = engine:ready()
    end
    table.sort(seen)
    assert.same({ one:id(), two:id() }, seen)
    assert.equal(200, unasked:status())
  end)

  it("holds no more than the limit for a reader who is slow, and the server has to wait", function()
    local request = start("/flood", { buffer_limit = 65536 })
    local size, largest = 0, 0
    local bytes = nil
    while bytes ~= false do
      bytes = request:read(4096)
      if bytes then size = size + #bytes elseif bytes == nil then turn() end
      largest = math.max(largest, request:buffered())
      if bytes and size % 1048576 < 4096 then engine:perform() end
    end
    assert.equal(20000000, size)
    assert.is_true(largest >= 65536 and largest <= 65536 + 16384, largest)
  end)

  it("does not take a slow reader for an idle server", function()
    local request = start("/flood", { buffer_limit = 65536, timeouts = { idle = 0.2 } })
    drive(0.6)
    local size = 0
    local bytes, err = ask(request, "read")
    while bytes do
      size = size + #bytes
      bytes, err = ask(request, "read")
    end
    assert.is_nil(err)
    assert.equal(20000000, size)
  end)

  it("counts bytes, not silence in all, for the idle clock", function()
    local status, body = fetch("/pulse", { timeouts = { idle = 0.5 } })
    assert.equal(200, status)
    assert.equal("12345678", body)
  end)

  it("takes the bytes of a long upload for signs of life", function()
    local status, body = fetch("/sip", {
      method = "POST", body = ("u"):rep(20000000), timeouts = { idle = 0.3, first_byte = 20 },
    })
    assert.equal(200, status)
    assert.equal("thanks", body)
  end)

  it("gives up an upload that nobody takes, by the idle clock", function()
    local status, _, err = fetch("/deaf", {
      method = "POST", body = ("u"):rep(30000000), timeouts = { idle = 0.3, first_byte = 20 },
    })
    assert.is_nil(status)
    assert.equal("idle", err.clock)
    assert.is_true(err.sent)
    assert.is_false(err.answered)
  end)

  it("reads an answer that comes before the upload is over", function()
    local status, body = fetch("/early", { method = "POST", body = ("u"):rep(20000000) })
    assert.equal(413, status)
    assert.equal("too large", body)
  end)

  local clocks = {
    { path = "/silent", timeouts = { first_byte = 0.3 }, clock = "first_byte", sent = true, answered = false },
    { path = "/interim", timeouts = { first_byte = 0.3 }, clock = "first_byte", sent = true, answered = true },
    { path = "/silent", timeouts = { first_byte = 20, idle = 0.1, total = 0.3 }, clock = "total", sent = true,
      answered = false },
    { path = "/half", timeouts = { idle = 0.3 }, clock = "idle", sent = true, answered = true },
    { path = "/half", timeouts = { idle = 20, total = 0.3 }, clock = "total", sent = true, answered = true },
    { path = "/half", timeouts = { first_byte = 0.1, idle = 0.3 }, clock = "idle", sent = true, answered = true },
  }
  for i, row in ipairs(clocks) do
    it(("has the %s clock run out at its time (%d)"):format(row.clock, i), function()
      local before = curl.now()
      local _, _, err = fetch(row.path, { timeouts = row.timeouts })
      local took = curl.now() - before
      assert.equal("timeout", err.kind)
      assert.equal(row.clock, err.clock)
      assert.truthy(err.message:find("0.3 seconds", 1, true), err.message)
      assert.truthy(err.message:find(row.clock .. " clock", 1, true), err.message)
      assert.equal(row.sent, err.sent)
      assert.equal(row.answered, err.answered)
      assert.is_true(took > 0.29 and took < 1.3, took)
    end)
  end

  it("knows the deadline of the clock that runs out first", function()
    assert.is_nil(engine:deadline())
    local request = start("/silent", { timeouts = { total = 30, first_byte = 3 } })
    drive(0.7)
    local left = engine:deadline()
    assert.is_true(left > 0 and left < 2.5, left)
    request:cancel()
  end)

  describe("decodes gzip that was not asked for", function()
    for _, path in ipairs { "/gzip", "/gzip-drip", "/x-gzip" } do
      it("from " .. path, function()
        local status, body, err, request = fetch(path)
        assert.equal(200, status)
        assert.is_nil(err)
        assert.is_true(body == prose)
        assert.is_nil(request:headers()["content-encoding"])
        assert.is_nil(request:headers()["content-length"])
      end)
    end

    it("in several members", function()
      local _, body = fetch("/gzip-twice")
      assert.is_true(body == prose .. prose)
    end)

    it("of nothing", function()
      local _, body, err = fetch("/gzip-none")
      assert.equal("", body)
      assert.is_nil(err)
    end)

    it("and tells when it is cut off, after what could be read", function()
      local _, body, err = fetch("/gzip-cut")
      assert.is_true(#body > 0 and prose:sub(1, #body) == body)
      assert.equal("stream", err.kind)
      assert.equal("cut", err.code)
    end)

    it("and tells when it is damaged", function()
      local _, _, err = fetch("/gzip-bad")
      assert.equal("stream", err.kind)
      assert.equal("protocol", err.code)
    end)

    it("only as fast as it is read", function()
      local request = start("/gzip-bomb")
      local bytes = ask(request, "read")
      assert.is_true(#bytes > 0 and #bytes <= 65536)
      assert.is_true(request:buffered() < 300000)
      request:cancel()
    end)
  end)

  describe("bounds the headers", function()
    for _, path in ipairs { "/many-headers", "/long-header" } do
      it("of " .. path, function()
        local status, _, err = fetch(path)
        assert.is_nil(status)
        assert.equal("limit", err.code)
        assert.truthy(err.message:find("65536 bytes", 1, true), err.message)
      end)
    end

    it("in number", function()
      local _, _, err = fetch("/tiny-headers")
      assert.same({ "limit", "the answer has more than 256 headers" }, { err.code, err.message })
      assert.equal(200, (fetch("/tiny-headers", { max_header_count = 300 })))
    end)

    it("as far as the caller says", function()
      assert.equal(200, (fetch("/many-headers", { max_headers = 200000, timeouts = { idle = 0.2 } })))
      local _, _, err = fetch("/odd-headers", { max_headers = 50 })
      assert.equal("limit", err.code)
    end)

    it("also those of interim answers without end", function()
      local _, _, err = fetch("/endless-interim", { timeouts = { first_byte = 0.5 } })
      assert.is_truthy(err.code == "limit" or err.clock == "first_byte", err.message)
    end)
  end)

  it("reads odd headers", function()
    local _, _, err, request = fetch("/odd-headers")
    assert.is_nil(err)
    local headers = request:headers()
    assert.equal("v", headers["x-space"])
    assert.equal("V", headers["x-upper"])
    assert.equal("a:b:c", headers["x-colon"])
    assert.equal("\228", headers["x-latin"])
    assert.equal("a=1, b=2", headers["set-cookie"])
    assert.equal("one two three", (headers["x-folded"]:gsub("%s+", " ")))
  end)

  it("does not take trailers for headers", function()
    local _, body, _, request = fetch("/trailers")
    assert.equal("body", body)
    assert.is_nil(request:headers()["x-trailer"])
  end)

  it("reads an answer that comes a byte at a time", function()
    local status, body, _, request = fetch("/split")
    assert.equal(200, status)
    assert.equal("in pieces", body)
    assert.equal("1", request:headers()["x-one"])
  end)

  local broken = {
    { path = "/garbage", kind = "stream", code = "protocol" },
    { path = "/half-line", kind = "network", code = "closed" },
    { path = "/bad-chunk", kind = "stream", code = "cut", after = "12345" },
  }
  for _, row in ipairs(broken) do
    it("tells what is wrong with " .. row.path, function()
      local _, body, err = fetch(row.path)
      assert.equal(row.after, body)
      assert.equal(row.kind, err.kind)
      assert.equal(row.code, err.code)
    end)
  end

  it("follows no redirect and keeps no cookie", function()
    assert.equal(302, (fetch("/redirect")))
    fetch("/cookie")
    fetch("/ok")
    for _, entry in ipairs(service:log("request")) do
      assert.falsy(entry.head:lower():find("\ncookie:", 1, true))
    end
  end)

  it("cancels at any time, and twice", function()
    for _, path in ipairs { "/silent", "/half", "/ok" } do
      local fresh = start(path)
      fresh:cancel()
      fresh:cancel()
      local _, err = fresh:status()
      assert.equal("cancelled", err.kind)
      local later = start(path)
      drive(0.05)
      later:cancel()
      local bytes, why = later:read()
      assert.is_nil(bytes)
      assert.equal("cancelled", why.kind)
      assert.equal(0, later:buffered())
    end
  end)

  it("may be closed before its requests, and collected in any order", function()
    local requests = {}
    for i = 1, 5 do requests[i] = start(i % 2 == 0 and "/half" or "/silent") end
    drive(0.05)
    requests[1], requests[4] = nil, nil
    collectgarbage()
    engine:close()
    engine:close()
    local _, err = requests[3]:status()
    assert.equal("cancelled", err.kind)
    assert.same({}, engine:fds())
    assert.is_nil(engine:deadline())
    engine:perform()
    engine:wait(0)
    local nothing, why = engine:start { url = service.url .. "/ok" }
    assert.is_nil(nothing)
    assert.equal("cancelled", why.kind)
    requests = nil -- luacheck: ignore 311
    collectgarbage()
  end)

  it("keeps a body alive that nobody else holds", function()
    local requests = {}
    for i = 1, 3 do
      requests[i] = start("/ok", { method = "POST", body = ("u"):rep(3999) .. i })
      collectgarbage()
    end
    local junk = {}
    for i = 1, 100 do junk[i] = ("j"):rep(3990) .. i end
    assert.equal(100, #junk)
    for i = 1, 3 do assert.equal(200, ask(requests[i], "status")) end
    local last = {}
    for _, entry in ipairs(service:log("request")) do
      if entry.size == 4000 then last[#last + 1] = entry.body end
    end
    table.sort(last)
    assert.same({ ("u"):rep(3999) .. 1, ("u"):rep(3999) .. 2, ("u"):rep(3999) .. 3 }, last)
  end)

  it("moves hundreds of answers at once", function()
    local requests = {}
    for i = 1, 300 do requests[i] = start("/ok") end
    for i = 1, 300 do
      assert.equal(200, ask(requests[i], "status"))
      assert.equal("ok", ask(requests[i], "read"))
      assert.equal(false, ask(requests[i], "read"))
    end
  end)

  it("shows itself", function()
    assert.equal("http engine (open)", tostring(engine))
    local request = start("/ok")
    assert.truthy(tostring(request):find("running", 1, true))
    request:cancel()
    assert.truthy(tostring(request):find("ended", 1, true))
    assert.truthy(curl.version:find("libcurl", 1, true))
  end)
end)
