-- A server, or a file, may hold the same character a hundred thousand times. What reads it looks at each of them a few times:
-- patterns like "(.-)%s*$" look at each once from each, which took minutes of a host's only thread.

local http1 = require "bedrock.transports.http1"
local profiles = require "bedrock.profiles"
local retry = require "bedrock.retry"
local timestamps = require "bedrock.timestamps"
local xml = require "bedrock.xml"

local N = 100000
local spaces, digits = (" "):rep(N), ("1"):rep(N)

local function head(line)
  local reader = http1.reader("GET", 4 * N)
  assert(reader:feed("HTTP/1.1 200 OK\r\n" .. line .. "\r\n\r\n"))
  return reader.head.headers
end

local function value_of(line)
  return assert(profiles.parse("[a]\n" .. line .. "\n", "config"))[1].values.b
end

local function delay(headers)
  local failure = { kind = "throttled", status = 429, retryable = true, message = "" }
  return retry.decide(retry.policy {}, retry.bucket(500), failure, 1, 0, headers, 1700000000)
end

local cases = {
  ["spaces inside of a header"] = function() assert.equal("a" .. spaces .. "b", head("x: a" .. spaces .. "b").x) end,
  ["spaces around a header"] = function() assert.equal("a", head("x:" .. spaces .. "a" .. spaces).x) end,
  ["a header of spaces"] = function() assert.equal("", head("x:" .. spaces).x) end,
  ["digits in Retry-After"] = function() assert.equal(0, delay { ["retry-after"] = digits .. "x" }) end,
  ["spaces in an XML declaration"] = function() assert.is_nil((xml.decode("<?xml" .. spaces .. "<a/>"))) end,
  ["digits of a second"] = function() assert.is_nil((timestamps.seconds("2024-05-01T12:30:00." .. digits .. " "))) end,
  ["digits of the epoch"] = function() assert.is_nil((timestamps.seconds(digits .. "x"))) end,
  ["spaces inside of a property"] = function() assert.equal("c" .. spaces .. "d", value_of("b = c" .. spaces .. "d")) end,
  ["a property of spaces"] = function() assert.equal("", value_of("b =" .. spaces)) end,
}

describe("a long run of one character takes no long time:", function()
  for name, read in pairs(cases) do
    it(name, function()
      local started = os.clock()
      read()
      assert.is_true(os.clock() - started < 5, "milliseconds were to be expected")
    end)
  end
end)
