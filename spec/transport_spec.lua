-- The default transport against the contract, plainly and inside a task; and what is its own: pool, path, headers, TLS.

local async = require "bedrock.async"
local certificates = require "spec.support.certificates"
local conformance = require "spec.support.conformance"
local curl_transport = require "bedrock.transports.curl"
local server = require "spec.support.server"
local transports = require "bedrock.transports"

describe("the curl transport", function()
  local service, transport

  setup(function()
    service = server.start { routes = conformance.routes }
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

  for _, case in ipairs(conformance.cases) do
    it("keeps the contract: " .. case.name, function()
      case.run(transport, service.url)
    end)

    it("keeps the contract in a task: " .. case.name, function()
      async.run(case.run, transport, service.url)
    end)
  end

  it("closes twice without harm and answers with an error afterwards", function()
    local response = assert(transport:request { url = service.url .. "/trickle" })
    transport:close()
    transport:close()
    assert.equal("12345", response:read())
    local bytes, err = response:read()
    assert.is_nil(bytes)
    assert.equal("cancelled", err.kind)
    local nothing, why = transport:request { url = service.url .. "/echo" }
    assert.is_nil(nothing)
    assert.equal("cancelled", why.kind)
  end)

  it("turns clocks off with false and with 0", function()
    local response = assert(transport:request {
      url = service.url .. "/echo", timeouts = { connect = 0, first_byte = false, idle = 0, total = false },
    })
    assert.equal("hello", response:read_all())
  end)

  it("has clocks for who names none", function()
    for _, clock in ipairs { "connect", "first_byte", "idle", "total" } do
      assert.is_true(transports.timeouts[clock] > 0)
    end
  end)
end)

describe("what goes out", function()
  local service, transport

  before_each(function()
    service = server.start { routes = { ["*"] = { { send = server.answer("ok") } } } }
    transport = curl_transport.new()
  end)

  after_each(function()
    transport:close()
    service:stop()
  end)

  local function sent(request)
    request.url = request.url or service.url .. "/"
    assert(assert(transport:request(request)):read_all())
    local log = service:wait("request", 1)
    return log[#log]
  end

  for _, path in ipairs {
    "/model/us.anthropic.claude-3-haiku-20240307-v1%3A0/converse",
    "/model/us.anthropic.claude-3-haiku-20240307-v1:0/converse",
    "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aprompt%2Fabc/invoke",
    "//double//slashes/", "/a/../b/./c", "/%7etilde/%3a", "/a?x=1&y=%2F&z=a+b", "/?", "/a;b=c,d",
    "/{braces}[brackets]|^", "/a%20b%25", "/x?next=https://other/../..",
  } do
    it("is the path byte for byte: " .. path, function()
      assert.equal(path, sent { url = service.url .. path }.path)
    end)
  end

  it("is only what was asked for, and identity", function()
    local headers = { { "X-Mixed", "Value" }, { "x-empty", "" }, { "x-blank", "  " } }
    local head = sent { method = "POST", body = "{}", headers = headers }.head
    local names = {}
    for name in head:gmatch("\r\n([^:\r]+):") do names[#names + 1] = name:lower() end
    table.sort(names)
    assert.same({ "accept-encoding", "content-length", "host", "x-blank", "x-empty", "x-mixed" }, names)
    assert.truthy(head:find("Accept-Encoding: identity\r\n", 1, true))
    assert.truthy(head:find("X-Mixed: Value\r\n", 1, true))
    assert.truthy(head:find("HTTP/1.1\r\n", 1, true))
  end)

  it("lets the caller's own headers win", function()
    local head = sent {
      method = "POST", body = "{}",
      headers = { { "host", "Example.COM:8443" }, { "accept-encoding", "gzip" }, { "content-type", "application/json" },
        { "user-agent", "spec" }, { "accept", "x/y" } },
    }.head
    for _, line in ipairs {
      "Host: Example.COM:8443", "accept-encoding: gzip", "content-type: application/json", "user-agent: spec", "accept: x/y",
    } do
      assert.truthy(head:find("\r\n" .. line .. "\r\n", 1, true), line)
    end
    assert.falsy(head:find("identity", 1, true))
    assert.falsy(head:find("Host: 127", 1, true))
  end)

  it("names the host as the URL does", function()
    local head = sent {
      url = "http://LocalHost.Example:" .. service.port .. "/",
      connect_to = { ("localhost.example:%d:127.0.0.1:%d"):format(service.port, service.port) },
    }.head
    assert.truthy(head:find("Host: LocalHost.Example:" .. service.port .. "\r\n", 1, true), head)
  end)

  it("never waits for 100-continue, however large the body", function()
    local entry = sent { method = "POST", body = ("x"):rep(5000000) }
    assert.falsy(entry.head:lower():find("expect", 1, true))
    assert.equal(5000000, entry.size)
  end)

  it("can be any method, with a body or without", function()
    for _, method in ipairs { "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" } do
      local log = sent { method = method }
      assert.equal(method, log.head:match("^%S+"))
      log = sent { method = method, body = "body" }
      assert.equal(method, log.head:match("^%S+"))
      assert.equal("body", log.body)
    end
  end)

  it("may be a buffer of the core", function()
    local core = require "bedrock.core"
    local body = assert(core.json.encode({ text = ("x"):rep(100000) }, { buffer = true }))
    assert.equal(#body:tostring(), sent { method = "POST", body = body }.size)
  end)

  it("is refused when it cannot be said in HTTP", function()
    for _, request in ipairs {
      { url = "ftp://127.0.0.1/" }, { url = "file:///etc/passwd" }, { url = "127.0.0.1" }, { url = "http://" },
      { url = "http://user:secret@127.0.0.1/" }, { url = service.url .. "/a b" }, { url = service.url .. "/\n" },
      { url = service.url .. "/", headers = { { "x:y", "z" } } },
      { url = service.url .. "/", headers = { { "", "z" } } },
      { url = service.url .. "/", headers = { { "x", "a\0b" } } },
      { url = service.url .. "/", headers = { { "x", "a\nb" } } },
      { url = service.url .. "/", method = "GET /x HTTP/1.1\r\nx:" },
    } do
      local response, err = transport:request(request)
      assert.is_nil(response)
      assert.equal("config", err.kind, request.url)
      assert.falsy(err.message:find("secret", 1, true))
    end
    assert.equal(0, #service:log("request"))
  end)

  it("is misuse, and raises, when it has the wrong type", function()
    for _, request in ipairs {
      { url = {} }, { url = service.url, headers = { "x" } }, { url = service.url, body = {} },
      { url = service.url, timeouts = { idle = "soon" } }, { url = service.url, buffer_limit = 0 },
    } do
      assert.has_error(function() transport:request(request) end)
    end
  end)
end)

describe("the pool", function()
  local service, transport

  before_each(function()
    service = server.start {
      routes = {
        ["/ok"] = { { send = server.answer("ok") } },
        ["/leave"] = { { send = server.answer("ok") }, { close = true } },
        ["/hang-up"] = { { close = true } },
        ["/half"] = { { send = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345" }, { stall = true } },
      },
    }
  end)

  after_each(function()
    transport:close()
    service:stop()
  end)

  local function get(path)
    local response, err = transport:request { url = service.url .. path, timeouts = { total = 5 } }
    if not response then return nil, err end
    return response:read_all()
  end

  it("serves requests one after the other over one connection", function()
    transport = curl_transport.new()
    for _ = 1, 5 do assert.equal("ok", get "/ok") end
    assert.equal(1, #service:log("accept"))
  end)

  it("keeps nothing longer than it may", function()
    transport = curl_transport.new { pool_age = 1 }
    assert.equal("ok", get "/ok")
    transport:sleep(2.1)
    assert.equal("ok", get "/ok")
    assert.equal(2, #service:log("accept"))
  end)

  it("does not use a connection that the server has left", function()
    transport = curl_transport.new()
    assert.equal("ok", get "/leave")
    service:wait("end", 1)
    assert.equal("ok", get "/ok")
    assert.equal(2, #service:log("accept"))
  end)

  it("tells when a pooled connection died under a request, and sends nothing again by itself", function()
    transport = curl_transport.new()
    assert.equal("ok", get "/ok")
    local body, err = get "/hang-up"
    assert.is_nil(body)
    assert.equal("network", err.kind)
    assert.equal("closed", err.code)
    assert.is_true(err.reused)
    assert.is_true(err.sent)
    assert.is_false(err.answered)
    service:wait("end", 1)
    transport:sleep(0.1)
    assert.equal(2, #service:log("request"))
    assert.equal(1, #service:log("accept"))
  end)

  it("does not get a connection back whose answer was not read to its end", function()
    transport = curl_transport.new()
    local response = assert(transport:request { url = service.url .. "/half" })
    assert.equal("12345", response:read())
    response:close()
    service:wait("end", 1)
    assert.equal("ok", get "/ok")
    assert.equal(2, #service:log("accept"))
  end)

  it("queues what is more than max_connections", function()
    transport = curl_transport.new { max_connections = 2 }
    local bodies = async.map({ 1, 2, 3, 4, 5, 6 }, function() return get "/ok" end, { concurrency = 6 })
    assert.same({ "ok", "ok", "ok", "ok", "ok", "ok" }, bodies)
    assert.is_true(#service:log("accept") <= 2)
  end)
end)

describe("giving up", function()
  it("is seen by the server at once, whichever way it is done", function()
    local service = server.start {
      routes = { ["/half"] = { { send = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345" }, { stall = true } } },
    }
    local transport = curl_transport.new()
    local ways = {
      function(response) response:close() end,
      function(response) getmetatable(response).__close(response) end,
      function(response)
        response.handle, response.engine = nil, nil
        collectgarbage()
        collectgarbage()
      end,
      function() transport:close() end,
    }
    for i, way in ipairs(ways) do
      local response = assert(transport:request { url = service.url .. "/half" })
      assert.equal("12345", response:read())
      local before = transport:now()
      way(response)
      -- Measured: well below a millisecond; the margin is for a loaded machine.
      assert.is_true(service:wait("end", i)[i].at - before < 0.5)
    end
    service:stop()
  end)
end)

describe("proxies", function()
  local service, transport

  before_each(function()
    service = server.start {
      routes = {
        ["/ok"] = { { send = server.answer("ok") } },
        ["*"] = { { send = server.answer("", "", "407 Proxy Authentication Required") } },
      },
    }
    transport = curl_transport.new()
  end)

  after_each(function()
    transport:close()
    service:stop()
  end)

  it("get the whole URL of a plain request", function()
    local response = assert(transport:request { url = "http://example.invalid/ok", proxy = service.url })
    assert.equal("ok", response:read_all())
    local head = service:log("request")[1].head
    assert.truthy(head:find("GET http://example.invalid/ok HTTP/1.1", 1, true))
    assert.truthy(head:find("Host: example.invalid\r\n", 1, true))
  end)

  it("are not used for hosts of no_proxy", function()
    local response = assert(transport:request {
      url = service.url .. "/ok", proxy = "http://127.0.0.1:1", no_proxy = "127.0.0.1,example.com",
    })
    assert.equal("ok", response:read_all())
  end)

  it("are told apart from the server when they fail, and keep their password", function()
    local rows = {
      { url = "https://example.invalid/", proxy = service.url, says = "407" },
      { url = "http://127.0.0.1:2/", proxy = "http://127.0.0.1:1", says = "refused" },
      { url = "http://127.0.0.1:2/", proxy = "http://user:pa55word@127.0.0.1:1", says = "refused" },
      { url = "http://127.0.0.1:2/", proxy = "http://user:pa55word@no-such-proxy.invalid", says = "resolve" },
      { url = "http://127.0.0.1:2/", proxy = "gopher://user:pa55word@127.0.0.1", says = "not a URL" },
      { url = "http://127.0.0.1:2/", proxy = "http://user:pa55word@[", says = "not a URL" },
    }
    for _, row in ipairs(rows) do
      local response, err = transport:request { url = row.url, proxy = row.proxy }
      assert.is_nil(response)
      assert.equal("proxy", err.code, err.message)
      assert.equal("network", err.kind)
      assert.is_false(err.sent)
      assert.truthy(err.message:find(row.says, 1, true), err.message)
      assert.falsy(err.message:find("pa55word", 1, true), err.message)
    end
  end)
end)

describe("TLS", function()
  local made, transport
  local running = {}

  local function serve(tls)
    local service = server.start { tls = tls, routes = {
      ["*"] = { { send = server.answer("secret") } },
      ["/cut"] = { { send = "HTTP/1.1 200 OK\r\n\r\nuntil the" }, { close = true } },
      ["/hang-up"] = { { close = true } },
    } }
    running[#running + 1] = service
    return service
  end

  setup(function()
    made = certificates.new()
  end)

  teardown(function()
    made:remove()
  end)

  before_each(function()
    transport = curl_transport.new()
  end)

  after_each(function()
    transport:close()
    for _, service in ipairs(running) do service:stop() end
    running = {}
  end)

  local function get(service, more)
    local request = { url = service.url .. "/", ca_bundle = made.ca }
    for k, v in pairs(more or {}) do request[k] = v end
    local response, err = transport:request(request)
    if not response then return nil, err end
    return response:read_all()
  end

  it("trusts a server that the bundle vouches for, and reuses its connection", function()
    local service = serve(made:issue("good", "DNS:localhost,IP:127.0.0.1", 2))
    assert.equal("secret", get(service))
    assert.equal("secret", get(service))
    assert.equal("secret", get(service, { url = "https://localhost:" .. service.port .. "/" }))
    assert.equal(2, #service:log("accept"))
  end)

  it("takes the bundle as PEM text", function()
    local service = serve(made:issue("text", "IP:127.0.0.1", 2))
    local file = assert(io.open(made.ca))
    assert.equal("secret", get(service, { ca_bundle = file:read("*a") }))
    file:close()
  end)

  local refused = {
    { name = "expired", says = "expired", make = function() return made:issue("expired", "IP:127.0.0.1", -1) end },
    { name = "of another host", says = "does not match target host name", alternative = "no alternative",
      make = function() return made:issue("other", "DNS:other.example", 2) end },
    { name = "self-signed", says = "self-signed certificate", alternative = "self signed certificate",
      make = function() return made:self_signed("selfish", "IP:127.0.0.1") end },
    { name = "of an unknown authority", says = "unable to get local issuer", system = true,
      make = function() return made:issue("unknown", "IP:127.0.0.1", 2) end },
  }
  for _, row in ipairs(refused) do
    it("refuses a certificate that is " .. row.name .. " and says why", function()
      local service = serve(row.make())
      local request = { url = service.url .. "/", ca_bundle = not row.system and made.ca or nil }
      local response, err = transport:request(request)
      assert.is_nil(response)
      assert.equal("tls", err.kind)
      assert.equal("tls", err.code)
      assert.is_false(err.sent)
      assert.is_truthy(err.message:find(row.says, 1, true) or
        row.alternative and err.message:find(row.alternative, 1, true), err.message)
      assert.equal(0, #service:log("request"))
      request.verify = false
      assert.equal("secret", assert(transport:request(request)):read_all())
    end)
  end

  it("does not lend a connection that was not verified to a request that wants it", function()
    local service = serve(made:self_signed("lend", "IP:127.0.0.1"))
    assert.equal("secret", get(service, { verify = false }))
    local body, err = get(service)
    assert.is_nil(body)
    assert.equal("tls", err.kind)
  end)

  it("names a bundle that cannot be read", function()
    local service = serve(made:issue("nobundle", "IP:127.0.0.1", 2))
    local body, err = get(service, { ca_bundle = "/nonexistent/bundle.pem" })
    assert.is_nil(body)
    assert.equal("tls", err.kind)
    assert.truthy(err.message:find("/nonexistent/bundle.pem", 1, true), err.message)
  end)

  it("calls a server that speaks no TLS what it is", function()
    local service = server.start { accept = { { send = "this is not TLS\r\n" }, { stall = true } }, routes = {} }
    running[#running + 1] = service
    local body, err = get(service, { url = "https://127.0.0.1:" .. service.port .. "/" })
    assert.is_nil(body)
    assert.equal("tls", err.kind)
  end)

  it("calls a server that hangs up during the handshake a network failure", function()
    local service = server.start { accept = { { close = true } }, routes = {} }
    running[#running + 1] = service
    local body, err = get(service, { url = "https://127.0.0.1:" .. service.port .. "/" })
    assert.is_nil(body)
    assert.equal("network", err.kind)
    assert.is_false(err.sent)
  end)

  it("counts the handshake as connecting", function()
    local service = server.start { accept = { { stall = true } }, routes = {} }
    running[#running + 1] = service
    local body, err = get(service, { url = "https://127.0.0.1:" .. service.port .. "/", timeouts = { connect = 0.2 } })
    assert.is_nil(body)
    assert.equal("timeout", err.kind)
    assert.equal("connect", err.clock)
    assert.truthy(err.message:find("0.2 seconds", 1, true), err.message)
    assert.is_false(err.sent)
  end)

  it("tells a connection that died from the pool under a request", function()
    local service = serve(made:issue("pool", "IP:127.0.0.1", 2))
    assert.equal("secret", get(service))
    local body, err = get(service, { url = service.url .. "/hang-up" })
    assert.is_nil(body)
    assert.equal("closed", err.code)
    assert.is_true(err.reused)
  end)
end)
