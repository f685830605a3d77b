-- Decisions and delays of the retry policy, as tables: what failed, what the policy says.

local errors = require "bedrock.errors"
local retry = require "bedrock.retry"

local function failure(kind, code, status, more)
  local fields = { kind = kind, code = code, message = "x", status = status }
  for k, v in pairs(more or {}) do fields[k] = v end
  if status then fields.kind, fields.retryable = errors.classify(code, status) end
  return errors.new(fields)
end

local throttled = failure(nil, "ThrottlingException", 429)
local server = failure(nil, "InternalServerException", 500)

describe("what is tried again", function()
  local cases = {
    { "a throttle", throttled, true },
    { "status 500", failure(nil, nil, 500), true },
    { "status 502", failure(nil, nil, 502), true },
    { "status 503", failure(nil, nil, 503), true },
    { "status 504", failure(nil, nil, 504), true },
    { "status 529", failure(nil, nil, 529), true },
    { "status 501", failure(nil, nil, 501), false },
    { "a model that is not ready", failure(nil, "ModelNotReadyException", 429), true },
    { "a model that timed out", failure(nil, "ModelTimeoutException", 408), false },
    { "a model that failed", failure(nil, "ModelErrorException", 424), false },
    { "a quota that is used up", failure(nil, "ServiceQuotaExceededException", 400), false },
    { "a request that is wrong", failure(nil, "ValidationException", 400), false },
    { "no access", failure(nil, "AccessDeniedException", 403), false },
    { "a throttle that came with status 400", failure(nil, "ThrottlingException", 400), true },
    { "an identity provider that stumbled", failure(nil, "IDPCommunicationError", 400), true },
    { "a refused connection", failure("network", "connect"), true },
    { "an unknown host", failure("network", "dns"), true },
    { "a reset", failure("network", "reset", nil, { sent = true }), true },
    { "headers beyond the limit", failure("network", "limit"), false },
    { "a connect time-out", failure("timeout", "connect", nil, { clock = "connect" }), true },
    { "a first-byte time-out", failure("timeout", "first_byte", nil, { clock = "first_byte", sent = true }), false },
    { "an idle time-out", failure("timeout", "idle", nil, { clock = "idle", sent = true }), false },
    { "a server that is not trusted", failure("tls", "certificate"), false },
    { "a closed call", failure("cancelled"), false },
  }
  for _, case in ipairs(cases) do
    it((case[3] and "tries again after " or "gives up after ") .. case[1], function()
      local delay = retry.decide(retry.policy(), retry.bucket(), case[2], 1, 0.5)
      assert.equal(case[3], delay ~= nil)
    end)
  end

  it("repeats a time-out after the request went out when asked to", function()
    local slow = failure("timeout", "first_byte", nil, { clock = "first_byte", sent = true })
    assert.truthy(retry.decide(retry.policy { read_timeouts = true }, retry.bucket(), slow, 1, 0.5))
  end)

  it("takes 429 and 509 without a known code in legacy mode", function()
    local policy = retry.policy { mode = "legacy" }
    assert.truthy(retry.decide(policy, retry.bucket(), failure(nil, "Odd", 429), 1, 0.5))
    assert.truthy(retry.decide(policy, retry.bucket(), failure(nil, "Odd", 509), 1, 0.5))
  end)
end)

describe("attempts", function()
  local most = { standard = 3, adaptive = 3, legacy = 5 }
  for mode, n in pairs(most) do
    it(mode .. " makes " .. n, function()
      local policy, bucket = retry.policy { mode = mode }, retry.bucket()
      for attempt = 1, n - 1 do assert.truthy(retry.decide(policy, bucket, server, attempt, 0)) end
      local delay, why = retry.decide(policy, bucket, server, n, 0)
      assert.is_nil(delay)
      assert.equal("no attempts left", why)
    end)
  end
end)

describe("delays", function()
  -- mode, generation, failure, failed attempt, random, headers, seconds
  local cases = {
    { "standard", "2.1", throttled, 1, 0.5, {}, 0.5 },
    { "standard", "2.1", throttled, 2, 0.5, {}, 1 },
    { "standard", "2.1", throttled, 6, 1, {}, 20 },
    { "standard", "2.1", server, 1, 1, {}, 0.05 },
    { "standard", "2.1", server, 3, 1, {}, 0.2 },
    { "standard", "2.0", server, 1, 1, {}, 1 },
    { "standard", "2.0", server, 2, 0.25, {}, 0.5 },
    { "standard", "2.0", server, 7, 1, {}, 20 },
    { "legacy", "2.1", server, 1, 1, {}, 1 },
    { "legacy", "2.1", server, 8, 1, {}, 128 },
    { "standard", "2.1", throttled, 1, 0.5, { ["x-amz-retry-after"] = "1500" }, 1.5 },
    { "standard", "2.1", throttled, 1, 0.5, { ["x-amz-retry-after"] = "100" }, 0.5 },
    { "standard", "2.1", throttled, 1, 0.5, { ["x-amz-retry-after"] = "99000" }, 5.5 },
    { "standard", "2.1", throttled, 1, 0.5, { ["x-amz-retry-after"] = "soon" }, 0.5 },
    { "standard", "2.0", throttled, 1, 0.5, { ["x-amz-retry-after"] = "1500" }, 1.5 },
    { "standard", "2.0", throttled, 1, 0.5, { ["x-amz-retry-after"] = "99000" }, 20 },
    { "standard", "2.1", throttled, 1, 0.5, { ["retry-after"] = "7" }, 7 },
    { "standard", "2.1", throttled, 1, 0.5, { ["retry-after"] = "0.2" }, 0.5 },
    { "standard", "2.1", throttled, 1, 0.5, { ["retry-after"] = "3600" }, 0.5 },
    { "standard", "2.1", throttled, 1, 0.5, { ["retry-after"] = "-3" }, 0.5 },
    { "standard", "2.1", throttled, 1, 0.5, { ["retry-after"] = "Thu, 01 Jan 1970 00:16:45 GMT" }, 5 },
  }
  for i, case in ipairs(cases) do
    local mode, generation, what, attempt, random, headers, want = (table.unpack or unpack)(case, 1, 7)
    it(("case %d: %s %s waits %g s"):format(i, mode, generation, want), function()
      local policy = retry.policy { mode = mode, generation = generation, max_attempts = 100 }
      local delay = retry.decide(policy, retry.bucket(), what, attempt, random, headers, 1000)
      assert.near(want, delay, 1e-9)
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
    retry.decide(old, bucket, failure("timeout", "connect", nil, { clock = "connect" }), 1, 0)
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
  local wrong = failure(nil, "InvalidSignatureException", 403)
  local date = "Thu, 01 Jan 1970 01:00:00 GMT"

  it("reads HTTP dates", function()
    assert.equal(784111777, retry.http_date("Sun, 06 Nov 1994 08:49:37 GMT"))
    assert.equal(951782400, retry.http_date("Tue, 29 Feb 2000 00:00:00 GMT"))
    assert.is_nil(retry.http_date("yesterday"))
    assert.is_nil(retry.http_date(nil))
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
  it("lets everything pass until a throttle, then slows down and recovers", function()
    local limiter, now = retry.limiter(0), 0
    for _ = 1, 100 do
      now = now + 0.05
      assert.equal(0, limiter:acquire(now))
      limiter:learn(false, now)
    end
    limiter:learn(true, now)
    local slow = limiter.rate
    assert.is_true(slow >= 0.5 and slow < 20)
    for _ = 1, 200 do
      now = now + 0.05
      limiter:learn(false, now)
    end
    assert.is_true(limiter.rate > slow)
  end)
end)
