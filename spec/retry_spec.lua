-- The retry policy, against a table that another program has written from the description of the rules, and the account of
-- the bucket and the clocks.

local cases = require "spec.retry_cases"
local errors = require "bedrock.errors"
local retry = require "bedrock.retry"

local unpack = table.unpack or unpack

-- An answer with a status, and perhaps a code and one more header.
local function answer(status, code, anthropic, header, value)
  local headers = { ["x-amzn-errortype"] = code ~= "" and code or nil }
  if header and header ~= "" then headers[header] = value end
  return errors.from_response(tonumber(status), headers, "", nil, anthropic)
end

-- "429 ThrottlingException" is an answer, "api 409" one of an API that is Anthropic's own, "frame NAME" the first frame of
-- a stream, "timeout idle" and "network reset" are what a transport reports.
local function failure(text, header, value)
  local status, code = text:match("^api (%d+) ?(%S*)$")
  if status then return answer(status, code, true, header, value) end
  local what, detail = text:match("^(%S+) ?(%S*)$")
  if tonumber(what) then
    return answer(what, detail, false, header, value)
  elseif what == "frame" then
    return errors.from_stream(detail)
  end
  return errors.from_transport { kind = what, code = detail, clock = what == "timeout" and detail or nil, message = text }
end

local throttled, server = failure "429 ThrottlingException", failure "500 InternalServerException"

describe("decisions and delays", function()
  it("are a table of three hundred cases at least", function()
    assert.is_true(#cases.cases >= 300)
  end)

  for i, case in ipairs(cases.cases) do
    local mode, generation, read_timeouts, what, attempt, most, random = unpack(case, 1, 7)
    local header, value, tokens, delay, rest = unpack(case, 8, 12)
    local name = ("case %d: %s %s, %s at attempt %d of %d %s"):format(i, mode, generation, what, attempt, most, header)
    it(name, function()
      local policy = retry.policy { mode = mode, generation = generation, max_attempts = most, read_timeouts = read_timeouts }
      local bucket = retry.bucket()
      bucket.tokens = tokens
      local failed, headers = failure(what, header, value), { [header] = value }
      local got, why = retry.decide(policy, bucket, failed, attempt, random, headers, cases.now)
      if delay then
        assert.near(delay, got, 1e-9)
        assert.equal(rest, bucket.tokens)
      else
        assert.is_nil(got)
        assert.equal(rest, why)
        assert.equal(tokens, bucket.tokens)
      end
    end)
  end
end)

describe("attempts", function()
  local most = { standard = 3, adaptive = 3, legacy = 5 }
  for mode, n in pairs(most) do
    it(mode .. " makes " .. n .. " unless told otherwise", function()
      assert.equal(n, retry.policy({ mode = mode }).max_attempts)
      assert.equal(7, retry.policy({ mode = mode, max_attempts = 7 }).max_attempts)
    end)
  end
end)

describe("the quota", function()
  it("gives out as long as it lasts and then refuses", function()
    local policy, bucket = retry.policy { max_attempts = 1000 }, retry.bucket()
    local n = 0
    while retry.decide(policy, bucket, server, 1, 0) do n = n + 1 end
    assert.equal(35, n) -- 500 / 14
    local _, why = retry.decide(policy, bucket, server, 1, 0)
    assert.equal("retry quota used up", why)
  end)

  it("costs 5 for a throttle, in the older rules 5 and 10 after a time-out", function()
    local bucket = retry.bucket()
    retry.decide(retry.policy(), bucket, throttled, 1, 0)
    assert.equal(495, bucket.tokens)
    local old = retry.policy { generation = "2.0" }
    retry.decide(old, bucket, server, 1, 0)
    assert.equal(490, bucket.tokens)
    retry.decide(old, bucket, failure "timeout connect", 1, 0)
    assert.equal(480, bucket.tokens)
  end)

  it("is refunded by what comes through, never above its size", function()
    local bucket = retry.bucket()
    local _, taken = retry.decide(retry.policy(), bucket, server, 1, 0)
    retry.refund(bucket, taken)
    assert.equal(500, bucket.tokens)
    bucket.tokens = 400
    retry.refund(bucket, nil)
    assert.equal(401, bucket.tokens)
  end)
end)

describe("the clock", function()
  local wrong = failure "403 InvalidSignatureException"
  local date = "Thu, 01 Jan 1970 01:00:00 GMT"

  it("reads HTTP dates", function()
    assert.equal(784111777, retry.http_date("Sun, 06 Nov 1994 08:49:37 GMT"))
    assert.equal(951782400, retry.http_date("Tue, 29 Feb 2000 00:00:00 GMT"))
    assert.is_nil(retry.http_date("yesterday"))
    assert.is_nil(retry.http_date(nil))
    -- A clock set to a time like these could sign nothing, and would never be set right again.
    for _, odd in ipairs { "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 06 Nov 9999 08:49:37 GMT", "Sun, 06 Nov 0001 08:49:37 GMT",
      "Wed, 31 Dec 1969 23:59:59 GMT", "Sun, 99999999999 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 99999999999:49:37 GMT" } do
      assert.is_nil(retry.http_date(odd), odd)
    end
  end)

  it("is corrected when the server's is more than five minutes away", function()
    assert.equal(600, retry.skew(wrong, date, 3000, 0))
    assert.is_nil(retry.skew(wrong, date, 3400, 0))
    assert.is_nil(retry.skew(wrong, date, 3000, 600))
    assert.is_nil(retry.skew(throttled, date, 0, 0))
    assert.is_nil(retry.skew(wrong, nil, 0, 0))
  end)
end)

describe("the adaptive limiter", function()
  for i, history in ipairs(cases.histories) do
    it("follows the curve of history " .. i, function()
      local limiter = retry.limiter(0)
      for _, step in ipairs(history) do
        local at, was_throttled, rate = unpack(step, 1, 3)
        limiter:learn(was_throttled, at)
        if rate then
          assert.near(rate, limiter.rate, 1e-6)
        else
          assert.is_false(limiter.on)
        end
      end
    end)
  end

  it("lets everything pass until a throttle", function()
    local limiter = retry.limiter(0)
    for i = 1, 100 do assert.equal(0, limiter:acquire(i / 1000)) end
  end)

  it("hands out one send after the other at its rate", function()
    local limiter = retry.limiter(0)
    limiter.on, limiter.rate, limiter.tokens = true, 2, 1
    assert.equal(0, limiter:acquire(0))
    assert.near(0.5, limiter:acquire(0), 1e-9)
    assert.near(1, limiter:acquire(0), 1e-9)
    assert.near(0.5, limiter:acquire(1), 1e-9)
  end)

  it("saves up no more than a second's sends, and one at least", function()
    local limiter = retry.limiter(0)
    limiter.on, limiter.rate = true, 3
    limiter:fill(100)
    assert.equal(3, limiter.tokens)
    limiter.rate = 0.5
    limiter:fill(200)
    assert.equal(1, limiter.tokens)
  end)
end)
