-- HTTP/1.1 as text: what goes out, and answers in every split of their bytes.

local http1 = require "bedrock.transports.http1"

local function feed_all(reader, pieces)
  local body = {}
  for _, piece in ipairs(pieces) do
    local ok, why, code = reader:feed(piece)
    body[#body + 1] = reader:take()
    if not ok then return nil, why, code, table.concat(body) end
  end
  return table.concat(body)
end

local function in_bytes(text)
  local list = {}
  for i = 1, #text do list[i] = text:sub(i, i) end
  return list
end

-- Every way to give it: whole, byte by byte, in two parts.
local function splits(text)
  local list = { { text }, in_bytes(text) }
  for i = 1, #text - 1 do list[#list + 1] = { text:sub(1, i), text:sub(i + 1) } end
  return list
end

local answers = {
  { "a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: a\r\nx-one:\t b \r\n\r\nhello", "hello", keep = true,
    headers = { ["x-one"] = "a, b", ["content-length"] = "5" } },
  { "chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none \r\n00A;x=y\r\ntwo three!\r\n0\r\nX-T: 1\r\n\r\n",
    "one two three!", keep = true },
  { "lines that end in a line feed alone", "HTTP/1.1 200 OK\ncontent-length: 2\n\nok", "ok", keep = true },
  { "no body by its status", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "", status = 204, keep = true },
  { "no body by the method", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "", method = "HEAD", keep = true },
  { "interim answers",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "", keep = true },
  { "connection: close", "HTTP/1.1 200 OK\r\nConnection: Keep-Alive, CLOSE\r\nContent-Length: 1\r\n\r\nx", "x", keep = false },
  { "HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", keep = false },
  { "HTTP/1.0 that stays", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", "x", keep = true },
  { "a length stated twice alike", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "x", keep = true },
  { "both a length and chunks",
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "x", keep = false },
}

describe("an answer with", function()
  for _, case in ipairs(answers) do
    it(case[1] .. " is read in every split, and never as whole when it is cut", function()
      for _, pieces in ipairs(splits(case[2])) do
        local reader = http1.reader(case.method or "GET")
        assert.equal(case[3], feed_all(reader, pieces))
        assert.equal(case.status or 200, reader.head.status)
        assert.is_true(reader.done)
        assert.equal(case.keep, reader:reusable())
        for name, value in pairs(case.headers or {}) do assert.equal(value, reader.head.headers[name]) end
      end
      for stop = 1, #case[2] - 1 do
        local reader = http1.reader(case.method or "GET")
        feed_all(reader, { case[2]:sub(1, stop) })
        assert.is_false(reader:finish())
      end
    end)
  end

  it("neither length nor chunks ends with the connection, and not before", function()
    local reader = http1.reader("GET")
    assert.equal("until the end", feed_all(reader, { "HTTP/1.1 200 OK\r\n\r\nuntil ", "the end" }))
    assert.is_false(reader.done)
    assert.is_true(reader:finish())
    assert.is_false(reader:reusable())
  end)

  it("bytes behind its end leaves a connection that carries nothing more", function()
    local reader = http1.reader("GET")
    assert.equal("x", feed_all(reader, { "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n" }))
    assert.is_true(reader.done)
    assert.is_false(reader:reusable())
  end)
end)

local head = "HTTP/1.1 200 OK\r\n"
local chunked = head .. "Transfer-Encoding: chunked\r\n\r\n"
local bad = {
  { "something else than HTTP", "SSH-2.0-OpenSSH\r\n\r\n", "not an HTTP answer" },
  { "a status that is no number", "HTTP/1.1 OK\r\n\r\n", "not an HTTP answer" },
  { "HTTP/2 in words", "HTTP/2 200\r\n\r\n", "not an HTTP answer" },
  { "a header without a colon", head .. "nonsense\r\n\r\n", "header" },
  { "a header with a blank in its name", head .. "a b: c\r\n\r\n", "header" },
  { "a header that goes on in the next line", head .. "a: b\r\n c\r\n\r\n", "header" },
  { "a zero byte in a header", head .. "a: b\0c\r\n\r\n", "header" },
  { "a length that is no number", head .. "Content-Length: five\r\n\r\n", "content%-length" },
  { "a negative length", head .. "Content-Length: -1\r\n\r\n", "content%-length" },
  { "two lengths", head .. "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "content%-length" },
  { "a length beyond reason", head .. "Content-Length: 99999999999999999999\r\n\r\n", "content%-length" },
  { "an unknown transfer-encoding", head .. "Transfer-Encoding: gzip, chunked\r\n\r\n", "transfer%-encoding" },
  { "a chunk size that is no number", chunked .. "zz\r\n", "size of a chunk" },
  { "a chunk size beyond reason", chunked .. "fffffffffffff\r\n", "size of a chunk" },
  { "an endless chunk extension", chunked .. "1;" .. ("x"):rep(5000), "longer than", "limit" },
  { "a chunk that does not end", chunked .. "1\r\nxyz", "does not end" },
  { "endless trailers", chunked .. "0\r\n" .. ("a: b\r\n"):rep(100), "trailers", "limit" },
  { "an endless header", head .. "a: " .. ("x"):rep(70000), "larger than 65536", "limit" },
  { "too many headers", head .. ("a:\n"):rep(257) .. "\n", "more than 256 headers", "limit" },
  { "endless headers", head .. ("a: b\r\n"):rep(20000), "larger than 65536", "limit" },
}

describe("refused is", function()
  for _, case in ipairs(bad) do
    it(case[1] .. ", whole and in bytes, and it stays refused", function()
      for _, pieces in ipairs { { case[2] }, in_bytes(case[2]) } do
        local reader = http1.reader("GET")
        local body, why, code = feed_all(reader, pieces)
        assert.is_nil(body)
        assert.matches(case[3], why)
        assert.equal(case[4] or "protocol", code)
        assert.same({ nil, why, code }, { reader:feed("more") })
      end
    end)
  end

  it("nothing of what came before in the same body", function()
    local _, why, _, before = feed_all(http1.reader("GET"), { chunked .. "3\r\nabc\r\nzz\r\n" })
    assert.matches("size of a chunk", why)
    assert.equal("abc", before)
  end)
end)

describe("a URL", function()
  for _, case in ipairs {
    { "https://host.example", "host.example", 443, "host.example", "/" },
    { "HTTP://Host.Example:80/a//b?c=%2F#d", "Host.Example", 80, "Host.Example", "/a//b?c=%2F" },
    { "http://127.0.0.1:8080?x", "127.0.0.1", 8080, "127.0.0.1:8080", "/?x" },
    { "https://[::1]:8443/", "[::1]", 8443, "[::1]:8443", "/" },
    { "http://user:p%40ss@proxy:3128", "proxy", 3128, "proxy:3128", "/" },
  } do
    it(case[1] .. " is taken apart", function()
      local target = assert(http1.target(case[1]))
      assert.same({ case[2], case[3], case[4], case[5] }, { target.host, target.port, target.authority, target.path })
    end)
  end

  for _, url in ipairs {
    "", "host", "ftp://host/", "http://", "http:///path", "http://host:99999/", "http://ho st/", "http://host/a b",
    "http://a:b:c/",
    "http://[::1/", "http://host/\r\nx",
  } do
    it(("%q is none"):format(url), function() assert.is_nil(http1.target(url)) end)
  end
end)

describe("the head of a request", function()
  local target = http1.target("https://host.example:8443/a%20b?c=d")

  it("has what was asked for, and Host and identity", function()
    assert.equal("GET /a%20b?c=d HTTP/1.1\r\nX-A: 1\r\nHost: host.example:8443\r\nAccept-Encoding: identity\r\n\r\n",
      http1.request_head({ headers = { { "X-A", "1" } } }, target))
  end)

  it("states the length of a body, also of none where a method wants one", function()
    assert.matches("\r\nContent%-Length: 5\r\n", http1.request_head({ method = "PUT", body = "hello" }, target))
    assert.matches("\r\nContent%-Length: 0\r\n", http1.request_head({ method = "POST" }, target))
    assert.is_nil(http1.request_head({ method = "DELETE" }, target):find("Content", 1, true))
  end)

  it("lets the caller's headers win", function()
    local text = http1.request_head({ headers = { { "host", "other" }, { "accept-encoding", "gzip" } } }, target)
    assert.equal("GET /a%20b?c=d HTTP/1.1\r\nhost: other\r\naccept-encoding: gzip\r\n\r\n", text)
  end)

  it("is absolute for a proxy", function()
    local text = http1.request_head({}, http1.target("http://h/x"), true, { { "Proxy-Authorization", "Basic eA==" } })
    assert.matches("^GET http://h/x HTTP/1%.1\r\nProxy%-Authorization: Basic eA==\r\n", text)
  end)

  for _, case in ipairs {
    { "a line break in a value", { headers = { { "x", "a\r\nb: c" } } } }, { "a zero byte", { headers = { { "x", "a\0" } } } },
    { "a name with a blank", { headers = { { "x y", "a" } } } }, { "an empty name", { headers = { { "", "a" } } } },
    { "a value that is no string", { headers = { { "x", 1 } } } }, { "a method of two words", { method = "GET /" } },
  } do
    it("is refused with " .. case[1], function()
      local text, why = http1.request_head(case[2], target)
      assert.is_nil(text)
      assert.is_string(why)
    end)
  end
end)
