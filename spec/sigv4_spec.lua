local dkjson = require "dkjson"
local core = require "bedrock.core"
local when = require "spec.support.when"

local SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

local function request(change)
  local r = {
    method = "GET", path = "/", headers = { { "Host", "example.amazonaws.com" } }, region = "us-east-1", service = "service",
    time = 1440938160, access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET,
  }
  for k, v in pairs(change or {}) do r[k] = v end
  return r
end

local function lines_of(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
  return lines
end

local function canonical(change)
  return lines_of(assert(core.sigv4.sign(request(change))).canonical_request)
end

local function signature(change)
  return assert(core.sigv4.sign(request(change))).signature
end

describe("The canonical path", function()
  it("has no empty segments and no dots, and keeps the slash at its end", function()
    for raw, want in pairs {
      [""] = "/", ["/"] = "/", ["//"] = "/", ["/."] = "/", ["/./"] = "/", ["/.."] = "/", ["/../.."] = "/",
      ["/a"] = "/a", ["/a/"] = "/a/", ["/a//"] = "/a/", ["//a"] = "/a", ["/a//b"] = "/a/b", ["/a/./b"] = "/a/b",
      ["/a/../b"] = "/b", ["/a/b/.."] = "/a", ["/a/b/../"] = "/a/", ["/a/b/../.."] = "/", ["/a/../../b"] = "/b",
      ["/..."] = "/...", ["/.a/..b"] = "/.a/..b", ["/a/."] = "/a",
    } do
      assert.equal(want, canonical({ path = raw })[2], raw)
    end
  end)

  it("is the wire's path encoded once more", function()
    for raw, want in pairs {
      ["/model/a%3Ab/invoke"] = "/model/a%253Ab/invoke", ["/model/a:b/invoke"] = "/model/a%3Ab/invoke",
      ["/x%2Fy"] = "/x%252Fy", ["/a b"] = "/a%20b", ["/\195\164"] = "/%C3%A4", ["/%zz"] = "/%25zz", ["/%"] = "/%25",
      ["/-._~AZaz09"] = "/-._~AZaz09", ["/!*'()+,;=@&$"] = "/%21%2A%27%28%29%2B%2C%3B%3D%40%26%24",
    } do
      assert.equal(want, canonical({ path = raw })[2], raw)
    end
  end)

  it("stays as it is when normalisation is off", function()
    for raw, want in pairs { ["//a/../b/"] = "//a/../b/", ["/./"] = "/./", [""] = "/", ["/a b"] = "/a%20b" } do
      assert.equal(want, canonical({ path = raw, normalize = false })[2], raw)
    end
  end)

  it("is encoded once for S3: what is an escape stays one", function()
    for raw, want in pairs {
      ["/bucket/a%20b%3a"] = "/bucket/a%20b%3A", ["/bucket//k/../x"] = "/bucket//k/../x", ["/a:b"] = "/a%3Ab",
      ["/50%"] = "/50%25", ["/%4"] = "/%254", ["/%2f"] = "/%2F", ["/%7Euser"] = "/~user",
    } do
      assert.equal(want, canonical({ path = raw, normalize = false, double_encode = false })[2], raw)
    end
  end)
end)

describe("The canonical query", function()
  it("is sorted by encoded name and then by encoded value", function()
    for want, query in pairs {
      [""] = {},
      ["a=1&a=2&b="] = { { "b", "" }, { "a", "2" }, { "a", "1" } },
      ["Param=2&Param-3=1"] = { { "Param-3", "1" }, { "Param", "2" } },
      ["A=1&a=0"] = { { "a", "0" }, { "A", "1" } },
      ["%3A=1&0=1&a=1"] = { { "a", "1" }, { "0", "1" }, { ":", "1" } },
      ["a=1&a=10&a=1a"] = { { "a", "1a" }, { "a", "10" }, { "a", "1" } },
    } do
      assert.equal(want, canonical({ query = query })[3])
    end
  end)

  it("encodes a blank as %20 and a plus as %2B, never one as the other", function()
    assert.equal("nameContains=a%20b%2Bc%2Fd%3D", canonical({ query = { { "nameContains", "a b+c/d=" } } })[3])
    assert.equal("n%25=%2520", canonical({ query = { { "n%", "%20" } } })[3])
  end)

  it("reads the text of a url and means the same", function()
    for text, want in pairs {
      [""] = "", ["a"] = "a=", ["a="] = "a=", ["=a"] = "=a",
      ["a=b=c"] = "a=b%3Dc", ["b=2&&a=1&"] = "a=1&b=2", ["&"] = "", ["="] = "=",
      ["q=a%20b%2bc"] = "q=a%20b%2Bc", ["q=%zz"] = "q=%25zz", ["q=a+b"] = "q=a%2Bb", ["%41=%7e"] = "A=~",
      ["\225\136\180=bar"] = "%E1%88%B4=bar", ["Param-3=V&Param=V&%E1%88%B4=V"] = "%E1%88%B4=V&Param=V&Param-3=V",
    } do
      assert.equal(want, canonical({ query = text })[3], text)
    end
  end)
end)

describe("The canonical headers", function()
  local function header_lines(headers)
    local lines, found = canonical { headers = headers }, {}
    for i = 4, #lines - 3 do
      if not lines[i]:find("^x%-amz%-date:") then found[#found + 1] = lines[i] end
    end
    return found, lines[#lines - 1]
  end

  it("are lower case and sorted, with the values of one name joined in their order", function()
    local lines, names = header_lines { { "My-B", "3" }, { "HOST", "h" }, { "my-a", "2" }, { "MY-A", "1" } }
    assert.same({ "host:h", "my-a:2,1", "my-b:3" }, lines)
    assert.equal("host;my-a;my-b;x-amz-date", names)
  end)

  it("have their values trimmed, and one blank for each run of space inside", function()
    local lines = header_lines {
      { "a", "  x  y\t z  " }, { "b", '"a   b"' }, { "c", "" }, { "d", "   " }, { "e", "v1\r\n  v2\n\tv3" },
    }
    assert.same({ "a:x y z", 'b:"a b"', "c:", "d:", "e:v1 v2 v3" }, lines)
  end)

  it("leave out what others write anew on the way, and what an earlier try left", function()
    local lines, names = header_lines {
      { "host", "h" }, { "Connection", "close" }, { "Expect", "x" }, { "Keep-Alive", "x" }, { "Proxy-Authenticate", "x" },
      { "Proxy-Authorization", "x" }, { "TE", "x" }, { "Trailer", "x" }, { "Transfer-Encoding", "x" }, { "Upgrade", "x" },
      { "User-Agent", "x" }, { "X-Amzn-Trace-Id", "x" }, { "Sec-WebSocket-Key", "x" }, { "Authorization", "x" },
      { "X-Amz-Date", "x" }, { "X-Amz-Security-Token", "x" }, { "X-Amzn-Bedrock-Accept", "kept" }, { "Upgrade2", "kept" },
      { "Sec-WebSocke", "kept" },
    }
    assert.same({ "host:h", "sec-websocke:kept", "upgrade2:kept", "x-amzn-bedrock-accept:kept" }, lines)
    assert.equal("host;sec-websocke;upgrade2;x-amz-date;x-amzn-bedrock-accept", names)
  end)
end)

describe("The signature", function()
  local function hex(text)
    return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
  end

  local function hex_pairs(list)
    local out = setmetatable({}, { __jsontype = "array" })
    for i, pair in ipairs(list) do out[i] = { hex(pair[1]), hex(pair[2]) } end
    return out
  end

  -- A small generator of our own, so that each Lua and each run makes the same requests.
  local function new_random(seed)
    return function(n)
      seed = (seed * 16807) % 2147483647
      return seed % n + 1
    end
  end

  local function pick(random, list)
    return list[random(#list)]
  end

  local pieces = {
    "a", "model", "..", ".", "", "%3A", "%2F", ":", " ", "  ", "+", "=", "&", "\195\164", "~", "-", "_", "%", "A", "0", "\t",
    "*", "/",
  }

  local function text(random, most)
    local out = {}
    for i = 1, random(most + 1) - 1 do out[i] = pick(random, pieces) end
    return table.concat(out)
  end

  local function path(random)
    local out = { "" }
    for i = 1, random(6) do out[i + 1] = random(4) == 1 and text(random, 4) or pick(random, pieces) end
    return table.concat(out, "/")
  end

  local function random_request(random)
    local names = { "X-Amz-Meta", "x-amz-meta", "Accept", "User-Agent", "TE", "a-b", "a", "Content-Type" }
    local r = request {
      method = pick(random, { "GET", "POST", "PUT" }), path = path(random), query = {},
      region = pick(random, { "eu-west-1", "r" }),
      headers = { { "Host", "h:" .. random(9) } }, body = text(random, 20), time = random(2147483646) + random(2147483646),
      secret_access_key = ("s"):rep(random(90)), session_token = random(2) == 1 and "token/" .. random(99) or nil,
      normalize = random(4) > 1,
    }
    for i = 1, random(6) - 1 do r.query[i] = { text(random, 3), text(random, 3) } end
    for i = 2, random(6) do r.headers[i] = { pick(random, names), text(random, 5) } end
    return r
  end

  local function as_json(r)
    return dkjson.encode {
      method = hex(r.method), path = hex(r.path), query = hex_pairs(r.query), headers = hex_pairs(r.headers), body = hex(r.body),
      region = hex(r.region), service = hex(r.service), time = r.time, session_token = hex(r.session_token or ""),
      secret_access_key = hex(r.secret_access_key), normalize = r.normalize,
    }
  end

  it("is the one that a second program computes, for hundreds of odd requests", function()
    local random, requests, lines = new_random(20260301), {}, {}
    for i = 1, 400 do
      requests[i] = random_request(random)
      lines[i] = as_json(requests[i])
    end
    local name = os.tmpname()
    local file = assert(io.open(name, "wb"))
    file:write(table.concat(lines, "\n"), "\n")
    file:close()
    local pipe = assert(io.popen("env -u LD_PRELOAD python3 spec/support/sigv4_reference.py < " .. name, "r"))
    for i, r in ipairs(requests) do
      local want, digest = (pipe:read("*l") or ""):match("^(%x+) (%x+)$")
      local signed = core.sigv4.sign(r)
      assert.equal(digest, core.crypto.sha256(signed.canonical_request), lines[i] .. "\n" .. signed.canonical_request)
      assert.equal(want, signed.signature, lines[i])
    end
    pipe:close()
    os.remove(name)
  end)

  it("depends on nothing but the request, however many keys were used in between", function()
    local first = {}
    for round = 1, 3 do
      for i = 1, 20 do
        local got = signature { region = "region-" .. i }
        first[i] = first[i] or got
        assert.equal(first[i], got, round)
      end
    end
    assert.not_equal(first[1], first[2])
  end)

  it("takes a new key for another secret, region or service, also when their letters run together", function()
    for _, case in ipairs {
      { "us-east-1", "service", SECRET, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
      { "us-east-1", "service", SECRET .. "2", "3b8b1a8f7adedf5127b87993d118da6f04b6668d2e87074cab968dd50f100e43" },
      { "us-east-1s", "ervice", SECRET, "98b5fbb1101fc802c1c61222d0c3f45c214e3183568f5e73747ff76d0a921b55" },
      { "us-east-1servic", "e", SECRET, "630a4085f0bd51af0940fa43d907b51c8b0b420faa698b9f888fc44848f58dcb" },
    } do
      assert.equal(case[4], signature { region = case[1], service = case[2], secret_access_key = case[3] })
    end
  end)

  it("covers the body", function()
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", canonical({})[8])
    for _, body in ipairs { "abc", core.buffer.new("a", "bc") } do
      assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", canonical({ body = body })[8])
    end
  end)
end)

describe("The header form", function()
  local function added(change)
    local map, signed = {}, assert(core.sigv4.sign(request(change)))
    for _, header in ipairs(signed.headers) do map[header[1]] = header[2] end
    return map, signed
  end

  it("adds the time and the authorization", function()
    local map, signed = added()
    assert.equal("20150830T123600Z", map["x-amz-date"])
    assert.equal(signed.authorization, map.authorization)
    assert.equal("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " ..
      "SignedHeaders=host;x-amz-date, Signature=" .. signed.signature, signed.authorization)
    assert.is_nil(map["x-amz-security-token"])
    assert.is_nil(map["x-amz-content-sha256"])
  end)

  it("signs a session token that it adds, unless told to add it afterwards", function()
    local map, signed = added { session_token = "tok" }
    assert.equal("tok", map["x-amz-security-token"])
    assert.matches("\nx%-amz%-security%-token:tok\n", signed.canonical_request)
    map, signed = added { session_token = "tok", omit_session_token = true }
    assert.equal("tok", map["x-amz-security-token"])
    assert.equal(signature(), signed.signature)
    assert.equal(signature(), signature { session_token = "" })
  end)

  it("states the digest of the body when asked, or believes the header that does", function()
    local map, signed = added { body = "abc", content_sha256 = true }
    assert.equal(core.crypto.sha256("abc"), map["x-amz-content-sha256"])
    assert.matches("x%-amz%-content%-sha256:" .. core.crypto.sha256("abc"), signed.canonical_request)
    local stated = { { "Host", "h" }, { "X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD" } }
    map, signed = added { body = "abc", content_sha256 = true, headers = stated }
    assert.is_nil(map["x-amz-content-sha256"])
    assert.matches("\nUNSIGNED%-PAYLOAD$", signed.canonical_request)
  end)

  it("writes any second from 1970 to 9999 in UTC", function()
    for text, compact in pairs {
      ["1970-01-01T00:00:00Z"] = "19700101T000000Z", ["2024-02-29T23:59:59Z"] = "20240229T235959Z",
      ["2026-12-31T23:59:59Z"] = "20261231T235959Z", ["2000-03-01T00:00:01Z"] = "20000301T000001Z",
      ["2100-02-28T12:00:00Z"] = "21000228T120000Z", ["9999-12-31T23:59:59Z"] = "99991231T235959Z",
    } do
      assert.equal(compact, (added { time = when.parse(text) })["x-amz-date"])
    end
    assert.equal("20150830T123600Z", (added { time = 1440938160.75 })["x-amz-date"])
  end)

  local function refused(change, pattern)
    assert.error_matches(function() core.sigv4.sign(request(change)) end, pattern)
  end

  it("raises for a time that is none", function()
    for _, time in ipairs { -1, 253402300800, 1 / 0, 0 / 0, 1e300 } do
      refused({ time = time }, "time must be seconds since 1970")
    end
  end)

  it("raises for what is missing or of the wrong kind, and names it", function()
    for _, field in ipairs { "method", "path", "region", "service", "access_key_id", "secret_access_key", "headers", "time" } do
      local r = request()
      r[field] = nil
      assert.error_matches(function() core.sigv4.sign(r) end, "sigv4: " .. field .. " must be .*nil")
    end
    for _, headers in ipairs { { { "a" } }, { { "a", 1 } }, { "a" }, { { 1, "b" } } } do
      refused({ headers = headers }, "headers%[1%] must be a pair of strings")
    end
    refused({ query = { { "a", "b" }, { "c" } } }, "query%[2%] must be a pair of strings")
    refused({ body = {} }, "body must be")
    assert.error(function() core.sigv4.sign() end)
  end)

  it("refuses what no server would take, and goes on working", function()
    for _, change in ipairs {
      { path = "/" .. ("a"):rep(2000000) }, { headers = { { "h", ("a"):rep(2000000) } } }, { query = ("a"):rep(2000000) },
      { query = { { ("a"):rep(1000000), ("b"):rep(1000000) } } },
    } do
      local signed, err = core.sigv4.sign(request(change))
      assert.is_nil(signed)
      assert.same({ "limit", "the path, query and headers are too large to sign" }, { err.code, err.message })
    end
    assert.equal("c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea", signature {
      headers = { { "Host", "example.amazonaws.com" }, { "My-Header1", "value2" }, { "My-Header1", "value2" },
        { "My-Header1", "value1" } },
    })
  end)
end)

describe("The query form", function()
  local function presign(change)
    local r = request(change)
    r.expires = r.expires or 3600
    return assert(core.sigv4.presign(r))
  end

  it("says everything in the query, the signature last", function()
    local signed = presign { query = { { "b", "2" }, { "a", "1" } }, session_token = "t/k" }
    assert.equal("b=2&a=1&X-Amz-Algorithm=AWS4-HMAC-SHA256" ..
      "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z" ..
      "&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=t%2Fk" ..
      "&X-Amz-Signature=" .. signed.signature, signed.query)
    assert.is_nil(signed.headers)
  end)

  it("signs its own parameters in the order of their names", function()
    local signed = presign { query = "Z=1&A=2", session_token = "t" }
    local names = {}
    for name in lines_of(signed.canonical_request)[3]:gmatch("([^&=]+)=") do names[#names + 1] = name end
    assert.same({ "A", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token",
      "X-Amz-SignedHeaders", "Z" }, names)
  end)

  it("adds the session token afterwards when told so", function()
    local signed = presign { session_token = "t", omit_session_token = true }
    assert.equal(presign().signature, signed.signature)
    assert.matches("&X%-Amz%-Security%-Token=t$", signed.query)
  end)

  it("replaces the parameters of an earlier signature", function()
    local signed = presign { query = "a=1", session_token = "t" }
    assert.same(signed, presign { query = signed.query, session_token = "t" })
  end)

  it("raises without a life", function()
    for _, expires in ipairs { 0, -5, 0.5 } do
      assert.error_matches(function() presign { expires = expires } end, "positive number of seconds")
    end
    assert.error_matches(function() core.sigv4.presign(request()) end, "expires must be a number of seconds")
  end)
end)

describe("A label", function()
  it("is encoded byte by byte", function()
    for text, want in pairs {
      [""] = "", ["a:b"] = "a%3Ab", ["arn:aws:bedrock:eu-west-1:1:x/y"] = "arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ax%2Fy",
      ["-._~09azAZ"] = "-._~09azAZ", ["\0\255 %"] = "%00%FF%20%25",
    } do
      assert.equal(want, core.sigv4.uri_encode(text))
    end
    assert.equal("a/%3A", core.sigv4.uri_encode("a/:", "/"))
  end)
end)

describe("The published vectors", function()
  local path = "../shared/vectors/sigv4-cases.json"

  it("hold, where they are at hand", function()
    local file = io.open(path, "rb")
    if not file then
      print("note: " .. path .. " is not here, its cases were not run")
      return
    end
    file:close()
    local failures, passed = {}, 0
    dofile("spec/vectors/sigv4.lua")(require("spec.support.judge").read(path), function(ok, name, why)
      if ok then passed = passed + 1 else failures[#failures + 1] = name .. ": " .. tostring(why) end
    end)
    assert.same({}, failures)
    assert.is_true(passed > 0)
  end)
end)
