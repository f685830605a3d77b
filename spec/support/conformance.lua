-- The contract of lua/bedrock/transports/init.lua as cases that any transport can be put through.
--
-- Each case is a function of a transport and the URL of a server that answers as `routes` says; it raises when the
-- contract is broken. Nothing here needs busted, so the cases run inside other hosts, too.

local server = require "spec.support.server"

local conformance = {}

local head = "HTTP/1.1 200 OK\r\n"
local big = ("0123456789abcdef"):rep(64 * 1024) -- 1 MiB

--- What the server has to answer; see spec/support/server.lua for the steps.
conformance.routes = {
  ["/echo"] = { { send = server.answer("hello", "X-One: a\r\nx-one:   b  \r\nX-Two:\r\n") } },
  ["/missing"] = { { send = server.answer("no such thing", "content-type: text/plain\r\n", "404 Not Found") } },
  ["/empty"] = { { send = "HTTP/1.1 204 No Content\r\nx-empty: 1\r\n\r\n" } },
  ["/chunked"] = { { send = head .. "transfer-encoding: chunked\r\n\r\n" .. server.chunks("one ", "two ", "three") ..
    "0\r\n\r\n" } },
  ["/drip"] = { { drip = head .. "transfer-encoding: chunked\r\n\r\n" .. server.chunks("one ", "two ", "three") ..
    "0\r\n\r\n" } },
  ["/old"] = { { send = "HTTP/1.0 200 OK\r\n\r\nuntil the end" }, { close = true } },
  ["/goodbye"] = { { send = server.answer("bye", "connection: close\r\n") }, { close = true } },
  ["/interim"] = { { send = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" },
    { sleep = 0.02 }, { send = server.answer("after all") } },
  ["/big"] = { { send = server.answer(big) } },
  ["/cut"] = { { send = head .. "content-length: 10\r\n\r\n12345" }, { close = true } },
  ["/cut-chunk"] = { { send = head .. "transfer-encoding: chunked\r\n\r\n" .. server.chunks("12345") }, { close = true } },
  ["/cut-head"] = { { send = head .. "content-le" }, { close = true } },
  ["/hang-up"] = { { close = true } },
  ["/reset"] = { unread = true, { sleep = 0.05 }, { close = true } },
  ["/silent"] = { { stall = true } },
  ["/trickle"] = { { send = head .. "content-length: 10\r\n\r\n12345" }, { stall = true } },
}

local cases = {}

local function case(name, run)
  cases[#cases + 1] = { name = name, run = run }
end

local function same(want, got, what)
  if want ~= got then
    error(("%s: wanted %s, got %s"):format(what or "value", tostring(want), tostring(got)), 2)
  end
end

local function fetch(transport, url, more)
  local request = { method = "GET", url = url, headers = {} }
  for k, v in pairs(more or {}) do request[k] = v end
  local response, err = transport:request(request)
  if not response then error("no response: " .. tostring(err.message), 2) end
  return response
end

local function fail(transport, url, more)
  local request = { method = "GET", url = url, headers = {} }
  for k, v in pairs(more or {}) do request[k] = v end
  local response, err = transport:request(request)
  if response then error("a response came: " .. response.status, 2) end
  return err
end

case("an answer has a status, headers by lower-case name and a body", function(transport, url)
  local response = fetch(transport, url .. "/echo")
  same(200, response.status)
  same("a, b", response.headers["x-one"], "repeated headers")
  same("", response.headers["x-two"], "a header without value")
  same("hello", response:read_all())
  response:close()
end)

case("a status that is no success is an answer like any other", function(transport, url)
  local response = fetch(transport, url .. "/missing")
  same(404, response.status)
  same("no such thing", response:read_all())
end)

case("read gives nil at the end, and again", function(transport, url)
  local response = fetch(transport, url .. "/echo")
  local parts = {}
  for bytes in function() return response:read() end do
    assert(bytes ~= "", "an empty string was read")
    parts[#parts + 1] = bytes
  end
  same("hello", table.concat(parts))
  local bytes, err = response:read()
  same(nil, bytes)
  same(nil, err)
end)

case("an answer says that its connection came from the pool", function(transport, url)
  fetch(transport, url .. "/echo"):read_all()
  local response = fetch(transport, url .. "/echo")
  same(true, response.reused)
  response:read_all()
end)

case("an answer without a body ends at once", function(transport, url)
  local response = fetch(transport, url .. "/empty")
  same(204, response.status)
  same("1", response.headers["x-empty"])
  same("", response:read_all())
end)

case("HEAD has headers and no body", function(transport, url)
  local response = fetch(transport, url .. "/empty", { method = "HEAD" })
  same("", response:read_all())
end)

case("chunks are joined, also when they come byte by byte", function(transport, url)
  same("one two three", fetch(transport, url .. "/chunked"):read_all())
  same("one two three", fetch(transport, url .. "/drip"):read_all())
end)

case("HTTP/1.0 and connection: close end with the connection", function(transport, url)
  same("until the end", fetch(transport, url .. "/old"):read_all())
  same("bye", fetch(transport, url .. "/goodbye"):read_all())
end)

case("interim answers are skipped", function(transport, url)
  local response = fetch(transport, url .. "/interim")
  same(200, response.status)
  same(nil, response.headers.link)
  same("after all", response:read_all())
end)

case("a large body comes whole", function(transport, url)
  assert(fetch(transport, url .. "/big"):read_all() == big, "the body differs")
end)

case("read_all stops at its limit", function(transport, url)
  local body, err = fetch(transport, url .. "/big"):read_all(1000)
  same(nil, body)
  same("limit", err.code)
end)

case("a body is sent as it is, whatever its size", function(transport, url)
  for _, size in ipairs { 0, 1, 100000, 3000000 } do
    same(200, fetch(transport, url .. "/echo", { method = "POST", body = ("b"):rep(size) }).status)
  end
end)

case("a body that is cut off gives its bytes first, then the error, and again", function(transport, url)
  for _, path in ipairs { "/cut", "/cut-chunk" } do
    local response = fetch(transport, url .. path)
    same("12345", response:read(), path)
    for _ = 1, 2 do
      local bytes, err = response:read()
      same(nil, bytes, path)
      same("stream", err.kind, path)
      same("cut", err.code, path)
      same(true, err.answered, path)
    end
  end
end)

case("a connection that ends inside the head is an error", function(transport, url)
  local err = fail(transport, url .. "/cut-head")
  same("network", err.kind)
  same("closed", err.code)
  same(true, err.answered, "answered")
end)

case("a connection that is closed instead of an answer says so", function(transport, url)
  local err = fail(transport, url .. "/hang-up")
  same("network", err.kind)
  same("closed", err.code)
  same(true, err.sent, "sent")
  same(false, err.answered, "answered")
end)

case("a reset is told from a close", function(transport, url)
  local err = fail(transport, url .. "/reset", { method = "POST", body = ("b"):rep(8000000) })
  same("network", err.kind)
  same("reset", err.code)
  same(true, err.sent, "sent")
end)

case("a port where nobody listens is a connect error, and nothing was sent", function(transport)
  local err = fail(transport, "http://127.0.0.1:1/")
  same("network", err.kind)
  same("connect", err.code)
  same(false, err.sent, "sent")
end)

case("a name that does not exist is a dns error", function(transport)
  local err = fail(transport, "http://no-such-host.invalid/")
  same("network", err.kind)
  same("dns", err.code)
end)

case("the first_byte clock names itself", function(transport, url)
  local started = transport:now()
  local err = fail(transport, url .. "/silent", { timeouts = { first_byte = 0.2 } })
  same("timeout", err.kind)
  same("first_byte", err.clock)
  assert(err.message:find("0.2 seconds", 1, true), err.message)
  assert(transport:now() - started >= 0.19, "too early")
end)

case("the idle clock runs between bytes", function(transport, url)
  local response = fetch(transport, url .. "/trickle", { timeouts = { idle = 0.2 } })
  same("12345", response:read())
  local bytes, err = response:read()
  same(nil, bytes)
  same("timeout", err.kind)
  same("idle", err.clock)
end)

case("the total clock runs from the call to the last byte", function(transport, url)
  local response = fetch(transport, url .. "/trickle", { timeouts = { idle = 30, total = 0.2 } })
  same("12345", response:read())
  local _, err = response:read()
  same("total", err.clock)
end)

case("close may be called at any time and twice", function(transport, url)
  local response = fetch(transport, url .. "/trickle")
  response:close()
  response:close()
  local bytes, err = response:read()
  same(nil, bytes)
  same("cancelled", err.kind)
  local whole = fetch(transport, url .. "/echo")
  whole:read_all()
  whole:close()
  whole:close()
end)

case("a header with a line break is refused before anything is sent", function(transport, url)
  local err = fail(transport, url .. "/echo", { headers = { { "x-bad", "a\r\nx-injected: b" } } })
  same("config", err.kind)
  same(false, err.sent)
end)

case("sleep sleeps", function(transport)
  local started = transport:now()
  transport:sleep(0.03)
  assert(transport:now() - started >= 0.029, "woke early")
end)

conformance.cases = cases

return conformance
