--- When to try again, and after how long: pure functions over a failure, a clock and a random number.
--
-- `standard` is what the AWS SDKs do (`generation` picks between their two sets of rules, the newer by default),
-- `legacy` and `adaptive` are theirs too. Nothing here sleeps, reads a clock or rolls a die: the caller does.
-- Follows docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html

local retry = {}

local CAPACITY = 500 -- tokens in a client's bucket
local CAP = 20 -- seconds, the longest backoff of the standard mode
local SPREAD = 5 -- seconds a server's wish may exceed our own delay in generation 2.1
local LONGEST_WISH = 60 -- seconds, the longest `Retry-After` that is believed

local attempts_by_mode = { legacy = 5, standard = 3, adaptive = 3 }

--- Whether there are rules of that name.
---@param generation any
---@return boolean
function retry.is_generation(generation)
  return generation == "2.0" or generation == "2.1"
end

-- What a retry takes from the bucket.
local cost = {
  ["2.0"] = function(failure) return failure.kind == "timeout" and 10 or 5 end,
  ["2.1"] = function(failure) return failure.kind == "throttled" and 5 or 14 end,
}

-- The longest delay before the i-th retry (0 for the first); the real one is a random part of it.
local ceiling = {
  ["2.0"] = function(_, i) return math.min(2 ^ i, CAP) end,
  ["2.1"] = function(failure, i) return math.min((failure.kind == "throttled" and 1 or 0.05) * 2 ^ i, CAP) end,
}

---@class bedrock.RetryPolicy
---@field mode "standard"|"legacy"|"adaptive"
---@field generation "2.0"|"2.1" which of the AWS SDKs' rules the standard mode follows
---@field max_attempts integer the first attempt included
---@field read_timeouts boolean whether a time-out after the request went out may be repeated (and paid for) again

--- How many attempts a mode makes unless told otherwise, the first included.
---@param mode string
---@return integer
function retry.attempts(mode)
  return attempts_by_mode[mode]
end

--- A complete policy from what the user said of it.
---@param options table? { mode, max_attempts, generation, read_timeouts }
---@return bedrock.RetryPolicy
function retry.policy(options)
  options = options or {}
  local mode = options.mode or "standard"
  return {
    mode = mode,
    generation = options.generation or "2.1",
    max_attempts = options.max_attempts or attempts_by_mode[mode],
    read_timeouts = options.read_timeouts or false,
  }
end

--- A bucket of retry tokens, shared by all calls of a client so that many failures slow it down as a whole.
---@param capacity integer?
---@return table
function retry.bucket(capacity)
  capacity = capacity or CAPACITY
  return { capacity = capacity, tokens = capacity }
end

--- Puts back what a retry took that did not take place.
---@param bucket table
---@param taken integer
function retry.give_back(bucket, taken)
  bucket.tokens = math.min(bucket.capacity, bucket.tokens + taken)
end

--- Puts back what a call that came through has earned.
---@param bucket table
---@param taken integer? what the last retry of that call took; nil when the first attempt succeeded
function retry.refund(bucket, taken)
  retry.give_back(bucket, taken or 1)
end

local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }

--- The time that an HTTP date names.
---@param text string? such as `Sun, 06 Nov 1994 08:49:37 GMT`
---@return number? seconds since the epoch; nil too for what no signature can carry, before 1970 and in the year 9999
function retry.http_date(text)
  local d, mon, y, h, m, s = tostring(text):match("^%a+, (%d%d?) (%a+) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$")
  if not d or not months[mon] then return nil end
  d, y, mon = tonumber(d), tonumber(y), months[mon]
  -- Days since the epoch, with the year starting in March so that the leap day is its last.
  if mon <= 2 then y = y - 1 end
  local shifted = (mon + 9) % 12
  local days = 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) +
    math.floor((153 * shifted + 2) / 5) + d - 1 - 719468
  local seconds = days * 86400 + tonumber(h) * 3600 + tonumber(m) * 60 + tonumber(s)
  return seconds >= 0 and y < 9999 and seconds or nil
end

-- Digits, with a fraction if there must be one: tonumber alone would take hexadecimals, exponents and "inf". The pattern's
-- time grows with the square of the digits, and a server may send many.
local function decimal(text)
  return text and #text <= 64 and text:find("^%s*%d+%.?%d*%s*$") and tonumber(text) or nil
end

-- `Retry-After` as seconds or as a date, `retry-after-ms` of Anthropic's service before it.
local function plain_wish(headers, now)
  local ms = decimal(headers["retry-after-ms"])
  if ms then return ms / 1000 end
  local value = headers["retry-after"]
  local at = not decimal(value) and now and retry.http_date(value)
  return at and at - now or decimal(value)
end

-- What the server asked for, in seconds, and whether AWS's own header (whole milliseconds) said it. A value that makes no
-- sense counts as none.
local function wish(headers, now)
  local ms = (headers["x-amz-retry-after"] or ""):match("^%s*(%d+)%s*$")
  if ms then return tonumber(ms) / 1000, true end
  local seconds = plain_wish(headers, now)
  if seconds and seconds > 0 and seconds <= LONGEST_WISH then return seconds, false end
end

-- AWS's header is bounded as the generation has it. The plain one, which AWS's libraries do not read, is obeyed as it
-- stands, but never by coming sooner than our own delay would.
local function standard_delay(policy, failure, i, random, headers, now)
  local t = random * ceiling[policy.generation](failure, i)
  local asked, from_aws = wish(headers, now)
  if not asked then return t end
  if not from_aws then return math.max(t, asked) end
  if policy.generation == "2.0" then return math.min(asked, CAP) end
  return math.max(t, math.min(asked, t + SPREAD))
end

-- A time-out after the request went out is paid for again when it is repeated: only on request. When the time for the
-- whole call is over, so is the call. `x-should-retry` is in failure.retryable already; the legacy mode must not overrule it.
local function may_repeat(policy, failure, headers)
  if failure.kind == "timeout" then
    return failure.clock == "connect" or policy.read_timeouts and failure.clock ~= "total"
  end
  if failure.kind == "network" then return failure.code ~= "limit" and failure.code ~= "memory" end
  if policy.mode == "legacy" and (failure.status == 429 or failure.status == 509) then
    return headers["x-should-retry"] ~= "false"
  end
  return failure.retryable
end

--- Decides on a failed attempt.
---@param policy bedrock.RetryPolicy
---@param bucket table from retry.bucket; the cost of a retry is taken out of it
---@param failure bedrock.Error
---@param attempt integer the number of the attempt that failed, from 1
---@param random number between 0 and 1
---@param headers table? of the answer, lower-case names
---@param now number? seconds since the epoch, to read a date in `Retry-After`
---@return number? delay seconds until the next attempt; nil: give up
---@return integer|string taken the tokens that the retry took, or why there is none
function retry.decide(policy, bucket, failure, attempt, random, headers, now)
  headers = headers or {}
  if not may_repeat(policy, failure, headers) then return nil, "not retryable" end
  if attempt >= policy.max_attempts then return nil, "no attempts left" end
  if policy.mode == "legacy" then
    return random * 2 ^ (attempt - 1), 0
  end
  local price = cost[policy.generation](failure)
  if bucket.tokens < price then return nil, "retry quota used up" end
  bucket.tokens = bucket.tokens - price
  return standard_delay(policy, failure, attempt - 1, random, headers, now), price
end

-- Codes that the service gives when the two clocks differ; most of them far more often mean something else,
-- so a correction is made only when the server's clock really is away from ours.
local skew_codes = {
  AccessDeniedException = true, AuthFailure = true, InvalidSignatureException = true, RequestExpired = true,
  RequestInTheFuture = true, RequestTimeTooSkewed = true, SignatureDoesNotMatch = true,
}
local SKEW = 300 -- seconds

--- The clock offset to adopt after a failure that may be about time.
---@param failure bedrock.Error
---@param date string? the answer's `Date`
---@param now number our clock at receipt, seconds since the epoch, uncorrected
---@param offset number the offset that the refused request was signed with
---@return number? offset to add to our clock from now on; nil: not about time
function retry.skew(failure, date, now, offset)
  if not (failure.code and skew_codes[failure.code]) then return nil end
  local server = retry.http_date(date)
  if not server or math.abs(server - (now + offset)) <= SKEW then return nil end
  return server - now
end

local expired = { ExpiredTokenException = true, ExpiredToken = true }

--- Whether a failure says that the credentials have expired.
---@param failure bedrock.Error
---@return boolean
function retry.is_expired(failure)
  return expired[failure.code] or false
end

--- Whether a failure is a pooled connection that was dead already: not a byte was answered, so it is replaced at once
--- and costs nothing.
---@param failure table as a transport gives it
---@return boolean
function retry.is_stale_connection(failure)
  return failure.kind == "network" and (failure.reused and not failure.answered) or false
end

-- Adaptive mode: a limiter of sends that learns from throttles (CUBIC), as in the AWS SDKs.
local BETA, SCALE, SMOOTH, SLOT, SLOWEST = 0.7, 0.4, 0.8, 0.5, 0.5

---@class bedrock.RateLimiter
local Limiter = {}
Limiter.__index = Limiter

--- A limiter of sends for the adaptive mode.
---@param now number seconds on any clock that only goes forward; the same for all its methods
---@return bedrock.RateLimiter
function retry.limiter(now)
  return setmetatable({
    on = false, rate = 0, tokens = 0, filled = now, measured = 0, slot = math.floor(now / SLOT), count = 0,
    w_max = 0, k = 0, throttled_at = now,
  }, Limiter)
end

-- Room for a second's worth of tokens, and for one at least, or nothing could ever be sent.
function Limiter:fill(now)
  self.tokens = math.min(math.max(self.rate, 1), self.tokens + (now - self.filled) * self.rate)
  self.filled = now
end

--- How long to wait before a send; the token is taken.
---@param now number
---@return number seconds
function Limiter:acquire(now)
  if not self.on then return 0 end
  self:fill(now)
  self.tokens = self.tokens - 1
  return self.tokens >= 0 and 0 or -self.tokens / self.rate
end

function Limiter:measure(now)
  local slot = math.floor(now / SLOT)
  self.count = self.count + 1
  if slot > self.slot then
    self.measured = SMOOTH * self.count / ((slot - self.slot) * SLOT) + (1 - SMOOTH) * self.measured
    self.slot, self.count = slot, 0
  end
end

--- Learns from an answer.
---@param throttled boolean
---@param now number
function Limiter:learn(throttled, now)
  self:measure(now)
  local rate
  if throttled then
    local base = self.on and math.min(self.measured, self.rate) or self.measured
    self.w_max, self.throttled_at = base, now
    self.k = (self.w_max * (1 - BETA) / SCALE) ^ (1 / 3)
    rate, self.on = base * BETA, true
  elseif self.on then
    self.k = (self.w_max * (1 - BETA) / SCALE) ^ (1 / 3)
    rate = SCALE * (now - self.throttled_at - self.k) ^ 3 + self.w_max
  else
    return
  end
  self:fill(now)
  self.rate = math.max(math.min(rate, 2 * self.measured), SLOWEST)
  self.tokens = math.min(self.tokens, math.max(self.rate, 1))
end

return retry
