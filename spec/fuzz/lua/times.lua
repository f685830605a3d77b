-- Any bytes as a point in time, and as the headers with which a server says how long to wait: a time that was read, written
-- in each of its forms, reads as the same.

local retry = require "bedrock.retry"
local timestamps = require "bedrock.timestamps"

-- Years before the first and after the last cannot be written with four digits.
local function check_forms(seconds)
  local text = assert(timestamps.iso8601(math.floor(seconds)))
  assert(timestamps.seconds(text) == math.floor(seconds), text)
  text = assert(timestamps.httpdate(seconds))
  assert(timestamps.seconds(text) == math.floor(seconds), text)
end

local failure = { kind = "throttled", status = 429, retryable = true, message = "" }

local function check_delay(headers)
  local policy = retry.policy { max_attempts = 3 }
  local delay = retry.decide(policy, retry.bucket(500), failure, 1, 0.5, headers, 1700000000)
  assert(delay and delay >= 0 and delay < math.huge)
end

return function(bytes)
  local seconds, why = timestamps.seconds(bytes)
  assert(seconds or #why > 0)
  if seconds then check_forms(seconds) end
  local date = retry.http_date(bytes)
  assert(date == nil or date >= 0)
  check_delay { ["retry-after"] = bytes }
  check_delay { ["retry-after-ms"] = bytes }
  check_delay { ["x-amz-retry-after"] = bytes }
end
