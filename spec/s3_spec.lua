-- S3, as far as batch jobs need it: over sockets against the emulator, and each request's form with a scripted service.

local bedrock = require "bedrock"
local emulator = require "spec.support.emulator"
local s3 = require "bedrock.s3"
local pretend = require "spec.support.pretend"
local scripted = require "spec.support.scripted"

local server

local function new(options)
  local all = {
    region = "us-west-2", endpoint = server.url, access_key_id = server.access_key_id,
    secret_access_key = server.secret_access_key, log = function() end, random = function() return 0 end,
  }
  for k, v in pairs(options or {}) do all[k] = v end
  return bedrock.new(all)
end

local function write(bytes)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  return path
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

-- Bytes in which no two places look alike, so that a part in the wrong place shows.
local function many_bytes(n)
  local lines = {}
  for i = 1, math.ceil(n / 16) do lines[i] = ("%015d\n"):format(i) end
  return table.concat(lines):sub(1, n)
end

setup(function() server = emulator.start { pace = 0 } end)
teardown(function() server.stop() end)

describe("S3", function()
  local keys = { "plain.txt", "a/b c/d.txt", "a//b/../c", "héllo+&=%;:@~", "./x", "100%25" }
  for _, key in ipairs(keys) do
    it("keeps an object under the key " .. key, function()
      local store = s3.of(new())
      assert.is_string(assert(store:put("keys", key, "of " .. key)).etag)
      assert.equal("of " .. key, assert(store:get("keys", key)))
    end)
  end

  it("tells hooks of the end of every request that it begins", function()
    local open, ended = 0, 0
    local store = s3.of(new { hooks = {
      start = function() open = open + 1 end,
      done = function() open, ended = open - 1, ended + 1 end,
    } })
    assert(store:put("told", "key", "text"))
    assert(store:get("told", "key"))
    assert(store:list("told", ""))
    local reader = assert(store:open("told", "key"))
    reader:close()
    assert.is_nil(store:get("told", "none"))
    assert.equal(0, open)
    assert.is_true(ended >= 5)
  end)

  it("keeps any bytes, and none", function()
    local store, all = s3.of(new()), {}
    for i = 0, 255 do all[i + 1] = string.char(i) end
    assert(store:put("bytes", "all", table.concat(all)))
    assert.equal(table.concat(all), store:get("bytes", "all"))
    assert(store:put("bytes", "none", ""))
    assert.equal("", store:get("bytes", "none"))
  end)

  it("says what is not there, and who may not", function()
    local store = s3.of(new())
    assert(store:put("there", "x", "x"))
    local _, err = store:get("there", "y")
    assert.equal("not_found", err.kind)
    assert.equal("NoSuchKey", err.code)
    assert.equal("get_object", err.operation)
    assert.equal("NoSuchBucket", select(2, store:get("nowhere", "y")).code)
    local _, refused = s3.of(new { secret_access_key = "wrong" }):get("there", "x")
    assert.equal("SignatureDoesNotMatch", refused.code)
    assert.equal("access_denied", refused.kind)
  end)

  it("needs keys even where a bearer token speaks for Bedrock", function()
    local client = bedrock.new {
      region = "us-west-2", endpoint = server.url, api_key = server.api_key, log = function() end,
      system = pretend.system { env = { AWS_EC2_METADATA_DISABLED = "true" } },
    }
    local _, err = s3.of(client):get("there", "x")
    assert.equal("credentials", err.kind)
  end)

  it("lists keys by prefix, over pages", function()
    local store, names = s3.of(new()), {}
    for i = 1, 1003 do
      names[i] = ("list/%05d"):format(i)
      if i <= 2 or i == 1003 then assert(store:put("many", names[i], ("x"):rep(i % 7))) end
    end
    assert(store:put("many", "other", "x"))
    local list = assert(store:list("many", "list/"))
    assert.equal(3, #list)
    assert.equal("list/00001", list[1].key)
    assert.equal(1, list[1].size)
    assert.equal("list/01003", list[3].key)
  end)

  it("passes over what is no object, and wants an upload to have a name", function()
    local client = scripted.client(function(request)
      if request.url:find("uploads", 1, true) then return "<Result><UploadId><a/></UploadId></Result>" end
      return "<Result><Contents/><Contents><Key><a/></Key></Contents><Contents><Key>k</Key></Contents></Result>"
    end)
    assert.same({ { key = "k" } }, assert(s3.of(client):list("bucket", "p")))
    local _, err = s3.of(client):begin_upload("bucket", "k", 1)
    assert.matches("names no upload", err.message)
  end)

  it("goes from page to page until the list is whole", function()
    local function page(key, token)
      local more = token and "<NextContinuationToken>" .. token .. "</NextContinuationToken>" or ""
      return ("<ListBucketResult><IsTruncated>%s</IsTruncated>%s<Contents><Key>%s</Key><Size>1</Size></Contents>" ..
        "</ListBucketResult>"):format(tostring(token ~= nil), more, key)
    end
    local client, transport = scripted.client(function(_, number)
      return number == 1 and page("a &amp; b", "t/1=") or page("c")
    end)
    local list = assert(s3.of(client):list("bucket", "p"))
    assert.equal("a & b c", list[1].key .. " " .. list[2].key)
    assert.matches("continuation%-token=t%%2F1%%3D", transport.requests[2].url)
  end)

  it("writes a large file in parts, and reads it back in pieces", function()
    local bytes = many_bytes(11 * 1024 * 1024 + 17)
    local path, store = write(bytes), s3.of(new())
    assert(store:upload("large", "file", path))
    local target = os.tmpname()
    assert(store:download("large", "file", target))
    assert.is_true(bytes == read(target))
    os.remove(path)
    os.remove(target)
  end)

  it("goes on with an upload that was interrupted, and sends no part twice", function()
    local bytes = many_bytes(16 * 1024 * 1024)
    local path, kept = write(bytes), nil
    -- A keeper that dies after the second part, as a killed program would.
    pcall(function()
      s3.of(new()):upload("resumed", "file", path, { keep = function(upload)
        kept = { id = upload.id, size = upload.size, etags = { (table.unpack or unpack)(upload.etags) } }
        if #upload.etags == 2 then error("killed") end
        return true
      end })
    end)
    assert.equal(2, #kept.etags)
    assert(s3.of(new()):upload("resumed", "file", path, { resume = kept, keep = function() return true end }))
    assert.is_true(bytes == s3.of(new()):get("resumed", "file"))
    local parts = 0
    for _, record in ipairs(server.log()) do
      if record.operation == "UploadPart" and record.target:find("^/resumed/") then parts = parts + 1 end
    end
    assert.equal(4, parts)
    os.remove(path)
  end)

  it("sends what fails in passing again", function()
    local store = s3.of(new { headers = { ["x-emulator-fault"] = "status:503*1" } })
    assert(store:put("again", "x", "whole"))
    assert.equal("whole", store:get("again", "x"))
  end)
end)

describe("A download whose connection breaks", function()
  local BODY = many_bytes(1000)

  -- A service whose answers break after some bytes; they go on where they are asked to.
  local function breaking(lengths)
    local transport = pretend.transport(function() end)
    local asked = 0
    function transport:request(request)
      self.requests[#self.requests + 1] = request
      asked = asked + 1
      local from = tonumber((pretend.header(request, "range") or "bytes=0-"):match("bytes=(%d+)-"))
      local left, n = BODY:sub(from + 1), lengths[asked] or #BODY
      local pieces = { left:sub(1, n) }
      return {
        status = from > 0 and 206 or 200, headers = { etag = '"e"' }, close = function() end,
        read = function()
          local piece = table.remove(pieces, 1)
          if piece and piece ~= "" then return piece end
          if n >= #left then return nil end
          return nil, { kind = "network", code = "cut", message = "cut", sent = true, answered = true }
        end,
      }
    end
    return bedrock.new {
      region = "us-west-2", access_key_id = "AKIDEXAMPLE", secret_access_key = "secret", transport = transport,
      system = pretend.system {}, log = function() end,
    }, transport
  end

  local function read_all(reader)
    local pieces = {}
    while true do
      local bytes, err = reader:read()
      if err then return nil, err end
      if not bytes then return table.concat(pieces) end
      pieces[#pieces + 1] = bytes
    end
  end

  it("goes on at the byte where it broke, with the same object", function()
    local client, transport = breaking { 300, 0, 1, 500 }
    assert.equal(BODY, assert(read_all(assert(s3.of(client):open("b", "k")))))
    assert.equal(5, #transport.requests)
    assert.equal("bytes=301-", pretend.header(transport.requests[4], "range"))
    assert.equal('"e"', pretend.header(transport.requests[4], "if-match"))
  end)

  it("gives up when it breaks again and again, and leaves no half file", function()
    local client = breaking { 300, 0, 0, 0, 0, 0, 0, 0, 0 }
    local path = os.tmpname()
    os.remove(path)
    local ok, err = s3.of(client):download("b", "k", path)
    assert.is_nil(ok)
    assert.matches("at byte 300", tostring(err))
    assert.is_nil(io.open(path))
    os.remove(path .. ".new")
  end)
end)

describe("Where a bucket stands", function()
  local function url(bucket, options, endpoint)
    local client, transport = scripted.client(function() return "x" end, { endpoint = endpoint })
    assert(s3.of(client, options):get(bucket, "a b"))
    return transport.requests[1].url
  end

  it("in the host, but for names that no certificate covers", function()
    assert.equal("https://bucket-1.s3.us-west-2.amazonaws.com/a%20b", url("bucket-1"))
    assert.equal("https://s3.us-west-2.amazonaws.com/with.dots/a%20b", url("with.dots"))
    assert.equal("https://s3.us-west-2.amazonaws.com/Upper/a%20b", url("Upper"))
  end)

  it("in the path where an endpoint is configured or it is asked for", function()
    assert.equal("http://127.0.0.1:9/bucket/a%20b", url("bucket", nil, "http://127.0.0.1:9"))
    assert.equal("https://s3.us-west-2.amazonaws.com/bucket/a%20b", url("bucket", { path_style = true }))
    assert.equal("http://bucket.127.0.0.1:9/a%20b", url("bucket", { path_style = false }, "http://127.0.0.1:9"))
  end)

  it("and the hash of the body is a header that is signed", function()
    local client, transport = scripted.client(function() return "" end)
    assert(s3.of(client):put("bucket", "k", "body"))
    local request = transport.requests[1]
    assert.equal(require("bedrock.core").crypto.sha256("body"), pretend.header(request, "x-amz-content-sha256"))
    assert.matches("/us%-west%-2/s3/aws4_request", pretend.header(request, "authorization"))
    assert.matches("x%-amz%-content%-sha256", pretend.header(request, "authorization"))
  end)

  it("in another region is explained", function()
    local client = scripted.client(function()
      return "<Error><Code>PermanentRedirect</Code><Message>no</Message><Endpoint>b.s3-eu.amazonaws.com</Endpoint></Error>", 301
    end)
    local _, err = s3.of(client):get("b", "k")
    assert.equal("PermanentRedirect", err.code)
    assert.matches("another region", err.hint)
  end)

  it("and an error inside of an answer that says 200 is one", function()
    local client = scripted.client(function(request)
      if request.url:find("uploads=", 1, true) then
        return "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
      elseif request.method == "POST" then
        return "<Error><Code>InternalError</Code><Message>try again</Message></Error>"
      end
      return { headers = { etag = '"e"' } }
    end)
    local path = write(many_bytes(6 * 1024 * 1024))
    local ok, err = s3.of(client):upload("b", "k", path)
    os.remove(path)
    assert.is_nil(ok)
    assert.equal("InternalError", err.code)
    assert.equal("server", err.kind)
  end)
end)

describe("An address", function()
  it("is a bucket and a key", function()
    assert.same({ "b", "k/l" }, { s3.parse("s3://b/k/l") })
    assert.same({ "b", "" }, { s3.parse("s3://b") })
    assert.is_nil(s3.parse("http://b/k"))
  end)
end)
