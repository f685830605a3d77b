local errors = require "bedrock.errors"
local signer = require "bedrock.signer"

local KEYS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }
local SCOPE = { region = "us-west-2", service = "bedrock" }
local NOW = 1772368245
local URL = "https://bedrock-runtime.us-west-2.amazonaws.com/model/m/invoke"

local function request(change)
  local r = { method = "POST", url = URL, headers = { { "Content-Type", "application/json" } }, body = "{}" }
  for k, v in pairs(change or {}) do r[k] = v end
  return r
end

local function sign(change, keys, scope, now, trace)
  return signer.sign(request(change), keys or KEYS, scope or SCOPE, now or NOW, trace)
end

local function header(r, name)
  local found, count = nil, 0
  for _, pair in ipairs(r.headers) do
    if pair[1]:lower() == name then found, count = pair[2], count + 1 end
  end
  return found, count
end

local function signed_line(change, pattern)
  local trace = {}
  assert(sign(change, nil, nil, nil, trace))
  return trace.canonical_request:match("\n(" .. pattern .. "[^\n]*)")
end

local function refusal(kind, r, err)
  assert.is_nil(r)
  assert.is_true(errors.is(err))
  assert.equal(kind, err.kind)
  return tostring(err)
end

describe("Signing a request", function()
  it("signs the Host that the transport will send: with the port, unless it is the scheme's", function()
    for url, host in pairs {
      ["https://h.example.com/x"] = "h.example.com", ["https://h.example.com:443/x"] = "h.example.com",
      ["https://h.example.com:80/x"] = "h.example.com:80", ["http://localhost:8080/x"] = "localhost:8080",
      ["http://localhost:80"] = "localhost", ["http://127.0.0.1:443/"] = "127.0.0.1:443", ["http://[::1]:8080/x"] = "[::1]:8080",
      ["https://[::1]/x"] = "[::1]", ["https://user:word@h.example.com/x"] = "h.example.com",
      ["HTTPS://H.example.com"] = "H.example.com",
    } do
      assert.equal("host:" .. host, signed_line({ url = url }, "host:"))
      assert.is_nil(header(sign { url = url }, "host"))
    end
  end)

  it("signs a Host that the request states, as it is", function()
    local headers = { { "Host", "front.example.com" } }
    assert.equal("host:front.example.com", signed_line({ headers = headers }, "host:"))
  end)

  it("signs the path and the query of the url that is sent", function()
    local trace = {}
    assert(sign({ method = "GET", url = "https://h/a%3Ab//c?b=2&a=x%20y#part" }, nil, nil, nil, trace))
    assert.matches("^GET\n/a%%253Ab/c\na=x%%20y&b=2\n", trace.canonical_request)
  end)

  it("puts an endpoint, a path and a query together first", function()
    local r = assert(sign {
      url = "https://proxy.example.com/bedrock/", path = "/model/a%3Ab/x", query = { { "q r", "1+1" }, { "e", "" } },
    })
    assert.equal("https://proxy.example.com/bedrock/model/a%3Ab/x?q%20r=1%2B1&e=", r.url)
    assert.is_nil(r.path)
    assert.is_nil(r.query)
    assert.equal(r.url, signer.assemble(r).url)
    assert.equal("https://h/x", signer.assemble({ url = "https://h", path = "/x", query = {} }).url)
  end)

  it("adds time, token and authorization to the list of headers", function()
    local keys = { access_key_id = "AKIDEXAMPLE", secret_access_key = "s", session_token = "tok/en" }
    local r = assert(sign({}, keys))
    assert.equal("20260301T123045Z", header(r, "x-amz-date"))
    assert.equal("tok/en", header(r, "x-amz-security-token"))
    assert.matches("^AWS4%-HMAC%-SHA256 Credential=AKIDEXAMPLE/20260301/us%-west%-2/bedrock/aws4_request, " ..
      "SignedHeaders=content%-type;host;x%-amz%-date;x%-amz%-security%-token, Signature=%x+$", header(r, "authorization"))
    assert.equal("application/json", header(r, "content-type"))
  end)

  it("again begins from scratch: a new time, other credentials, nothing of the first try", function()
    local temporary = { access_key_id = "AKIDEXAMPLE", secret_access_key = "other", session_token = "old" }
    local r = assert(sign({}, temporary, SCOPE, NOW - 60))
    r.headers[#r.headers + 1] = { "AUTHORIZATION", "from elsewhere" }
    r = assert(signer.sign(r, KEYS, SCOPE, NOW))
    assert.same(assert(sign()), r)
    r = assert(signer.bearer(r, "key"))
    assert.same({ { "Content-Type", "application/json" }, { "authorization", "Bearer key" } }, r.headers)
    assert.same(assert(sign()), assert(signer.sign(r, KEYS, SCOPE, NOW)))
  end)

  it("leaves the caller's list of headers alone", function()
    local headers = { { "Content-Type", "application/json" } }
    assert(sign { headers = headers })
    assert.same({ { "Content-Type", "application/json" } }, headers)
  end)

  it("follows S3's rules for S3: path as it is, encoded once, digest of the body stated", function()
    local r = request { method = "PUT", url = "https://b.s3.us-west-2.amazonaws.com/in//a%20b:c", body = "abc" }
    local scope = { region = "us-west-2", service = "s3" }
    local trace = {}
    assert(signer.sign(r, KEYS, scope, NOW, trace))
    assert.matches("^PUT\n/in//a%%20b%%3Ac\n", trace.canonical_request)
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", header(r, "x-amz-content-sha256"))
    r.body = ""
    assert(signer.sign(r, KEYS, scope, NOW))
    local digest, count = header(r, "x-amz-content-sha256")
    assert.same({ "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1 }, { digest, count })
  end)

  it("refuses a header that would start another, and names it", function()
    for _, value in ipairs { "a\r\nx: y", "a\n", "\ra", "a\0b", "a\127" } do
      for _, act in ipairs { sign, function(change) return signer.bearer(request(change), "key") end } do
        local text = refusal("validation", act { headers = { { "Accept", "fine" }, { "X-Odd", value } } })
        assert.matches("header X%-Odd holds a line break", text)
      end
    end
    assert.matches("X%-Odd must be a string, not a number", refusal("validation", sign { headers = { { "X-Odd", 1 } } }))
    for _, name in ipairs { "", "a b", "a:", "a\r\nb", "\195\164" } do
      assert.matches("is not the name of a header", refusal("validation", sign { headers = { { name, "x" } } }))
    end
    assert(sign { headers = { { "X-Fine", "tab\there, \195\164 and !#$%&'*+-.^_`|~" }, { "x!#$%&'*+-.^_`|~", "" } } })
  end)

  it("refuses credentials that are incomplete or carry white space, without showing them", function()
    for name, value in pairs {
      access_key_id = "AKID\nx: y", secret_access_key = "sec ret", session_token = "tok\r", ["access_key_id "] = "x",
    } do
      local keys = { access_key_id = "AKID", secret_access_key = "secret", source = "environment" }
      keys[name] = value
      if name:find " " then keys.access_key_id = "" end
      local text = refusal("credentials", sign({}, keys))
      assert.matches(name:gsub(" ", ""), text)
      assert.matches("environment", text)
      assert.not_matches("sec", (text:gsub("secret_access_key", "")))
    end
    assert.matches("secret_access_key is missing", refusal("credentials", sign({}, { access_key_id = "AKID" })))
    for _, token in ipairs { 5, { "tok" }, true } do
      local keys = { access_key_id = "AKID", secret_access_key = "secret", session_token = token }
      assert.matches("session_token is not a string", refusal("credentials", sign({}, keys)))
    end
    local numbered = { access_key_id = 5, secret_access_key = "s" }
    assert.matches("access_key_id is not a string", refusal("credentials", sign({}, numbered)))
  end)

  it("refuses a url that is none", function()
    for _, url in ipairs {
      "", "h.example.com/x", "ftp://h/x", "https://", "https:///x", "https://h\\@example.com/", "https://h x/",
      "https://[::1/", "https://h:port/", "https://a@b@c/", "https://[127.0.0.1]/", "https://h:8o/", "https://h\n/",
    } do
      assert.equal("not an absolute http or https url (url)", refusal("config", sign { url = url }))
    end
  end)

  it("takes urls apart as patterns do that were written apart from it", function()
    local function by_patterns(url)
      local scheme, authority, path, query = url:match("^(%a+)://([^/?#]*)([^?#]*)%??([^#]*)")
      local port_of = scheme and ({ http = "80", https = "443" })[scheme:lower()]
      if not port_of then return end
      authority = authority:match("^[%w%-._~!$&'()*+,;=:%%]*@(.*)$") or authority
      local name, port = authority:match("^(%[%x*:[%x:.]*%]):?(%d*)$")
      if not name then name, port = authority:match("^([%w%-._]+):?(%d*)$") end
      if not name or authority:sub(#name + 1) ~= ":" .. port and port ~= "" then return end
      return { scheme = scheme:lower(), host = name:match("^%[(.*)%]$") or name, path = path ~= "" and path or "/",
        authority = (port == "" or port == port_of) and name or name .. ":" .. port, query = query ~= "" and query or nil }
    end
    local parts = { "http", "https", "HTTPs", "ftp", "://", ":/", "h", "example.com", "[", "]", "::1", "127.0.0.1", ":", "80",
      "443", "8080", "@", "user", "%41", "/", "?", "#", "a=b", "&", " ", "\\", "\n", "\0", "\195\164", "~", "_", "-" }
    local state, good = 1, 0
    local function random(n)
      state = state * 48271 % 2147483647
      return state % n + 1
    end
    for _ = 1, 20000 do
      local list = { parts[random(4)], "://" }
      for i = 3, 2 + random(9) do list[i] = parts[random(#parts)] end
      local url = table.concat(list)
      local want = by_patterns(url)
      assert.same(want, (signer.split_url(url)), url)
      good = good + (want and 1 or 0)
    end
    assert.is_true(good > 1000 and good < 19000, good)
  end)

  it("refuses a request too large to sign", function()
    assert.matches("too large to sign", refusal("validation", sign { headers = { { "x", ("a"):rep(2000000) } } }))
  end)
end)

describe("A bearer token", function()
  it("is sent over https, and in the clear to this machine only", function()
    for _, url in ipairs {
      URL, "http://localhost:8080/x", "http://LOCALHOST/x", "http://127.0.0.1:1/x", "http://127.8.9.10/x", "http://[::1]:8080/x",
    } do
      local r = assert(signer.bearer(request { url = url }, "bedrock-api-key-abc="))
      assert.equal("Bearer bedrock-api-key-abc=", header(r, "authorization"))
      assert.is_nil(header(r, "x-amz-date"))
    end
    for _, url in ipairs {
      "http://bedrock-runtime.us-west-2.amazonaws.com/x", "http://127.0.0.1.example.com/x", "http://localhost.example.com/x",
      "http://localhost@example.com/x", "http://127.0.0.1:80@example.com/x", "http://10.0.0.1/x", "http://128.0.0.1/x",
      "http://[::2]/x", "http://example.com/?localhost",
    } do
      local text = refusal("config", signer.bearer(request { url = url }, "key"))
      assert.matches("an API key is not sent over plain http", text)
      assert.not_matches("key%-", text)
    end
  end)

  it("that could not stand in a header is refused without showing it", function()
    for _, token in ipairs { "", "abc\r\nx: y", "abc def", "abc\n" } do
      local text = refusal("credentials", signer.bearer(request(), token))
      assert.not_matches("abc", text)
    end
    refusal("credentials", signer.bearer(request(), nil))
  end)
end)

describe("A label", function()
  it("of an ARN is one segment of the path", function()
    assert.equal("arn%3Aaws%3Abedrock%3Aus-west-2%3A123456789012%3Ainference-profile%2Fus.x-v1%3A0",
      signer.uri_encode("arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.x-v1:0"))
  end)
end)
