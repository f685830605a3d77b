--- One call of an operation: encoded once, then signed and sent anew for each attempt until an answer or a final error.
--
--   encode ─► [ identify ─► sign ─► send ─► judge ] ─► answer
--             └──────── again, if retry says so ────┘
--
-- A call outlives its answer when that is a stream: a stream whose first frame is a failure that may pass comes
-- back here with it (`Call:again`) and is judged like any other failed attempt.

local core = require "bedrock.core"
local errors = require "bedrock.errors"
local request = require "bedrock.request"
local response = require "bedrock.response"
local retry = require "bedrock.retry"
local signer = require "bedrock.signer"

local call = {}

---@class bedrock.Call
---@field op_name string in snake_case, as the caller wrote it
---@field attempts table[] one record a failed attempt: { number, kind, code, status, seconds, delay }
local Call = {}
Call.__index = Call

-- A table of its own, with what one call says laid over what the client says.
local function merged(defaults, own)
  local all = {}
  for k, v in pairs(defaults or {}) do all[k] = v end
  for k, v in pairs(own or {}) do all[k] = v end
  return all
end

-- Largest body that Bedrock takes (facts: 20 MB); the number is ours to check because a refusal costs the whole upload.
local function check_size(body, limits)
  local largest = limits.request
  if body and largest and #body > largest then
    return errors.new {
      kind = "too_large", code = "request_too_large",
      message = ("the request is %.1f MiB and the service takes %.1f MiB at most"):format(#body / 2 ^ 20, largest / 2 ^ 20),
      hint = "Send fewer or smaller images and documents",
    }
  end
end

--- Prepares a call: the request is encoded here, once, whatever the number of attempts.
---@param client table the client whose settings, identity and transport it uses
---@param op table a row of operations
---@param params table
---@param opts table? { timeouts, headers, retry } for this call
---@return bedrock.Call? call
---@return bedrock.Error? err
function call.new(client, op, params, opts)
  local built, err = request.build(op, params)
  if not built then return nil, err end
  return call.of(client, op, built, opts)
end

--- A call of a request that is encoded already.
---@param client table
---@param op table a row of operations, or what stands for one: snake, service, api
---@param built bedrock.Request
---@param opts table?
---@return bedrock.Call? call
---@return bedrock.Error? err
function call.of(client, op, built, opts)
  opts = opts or {}
  local settings = client.settings
  local self = setmetatable({
    client = client, op = op, op_name = op.snake, transport = client.transport, hooks = client.hooks,
    limits = settings.limits, timeouts = merged(settings.timeouts, opts.timeouts), attempts = {}, number = 0,
    policy = opts.retry and retry.policy(merged(settings.retry, opts.retry)) or client.policy,
    extra = merged(settings.headers, opts.headers), request = built, endpoint = nil, deadline = nil, taken = nil,
    id = core.crypto.uuid(), refreshed = false, skewed = false, replaced = false, credentials = nil, started = nil,
  }, Call)
  local err = check_size(built.body, self.limits)
  if not err then self.endpoint, err = client:endpoint(op.service) end
  if err then return nil, self:name(err) end
  return self
end

-- Every error of a call says which operation it belongs to.
function Call:name(err)
  err.operation = err.operation or self.op_name
  return err
end

-- Sets a header of a list, in the place of one of the same name if there is one.
local function set_header(list, name, value)
  local at = #list + 1
  for i, pair in ipairs(list) do
    if pair[1]:lower() == name:lower() then at = i end
  end
  list[at] = { name, tostring(value) }
end

local function sorted_names(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Leaves out a header that the client or the call would add.
---@param name string lower case
function Call:drop_header(name)
  for own in pairs(self.extra) do
    if own:lower() == name then self.extra[own] = nil end
  end
end

-- The request of one attempt, with headers of its own: what one attempt adds, the next must not inherit.
function Call:fresh_request()
  local headers = {}
  for i, pair in ipairs(self.request.headers) do headers[i] = { pair[1], pair[2] } end
  set_header(headers, "User-Agent", self.client.user_agent)
  set_header(headers, "Accept-Encoding", "identity")
  set_header(headers, "amz-sdk-invocation-id", self.id)
  set_header(headers, "amz-sdk-request", ("attempt=%d; max=%d"):format(self.number, self.policy.max_attempts))
  for _, name in ipairs(sorted_names(self.extra)) do set_header(headers, name, self.extra[name]) end
  return {
    method = self.request.method, url = self.endpoint.url, path = self.request.path, query = self.request.query,
    headers = headers, body = self.request.body,
  }
end

-- Bearer token, signature, or nothing, as the operation asks and the identity allows.
function Call:authorize(req)
  local identity, err = self.client:authenticate(self.op)
  if not identity then return nil, err end
  if identity.token then return signer.bearer(req, identity.token) end
  self.credentials = identity.credentials
  if not self.credentials then return signer.assemble(req) end
  local scope = { region = self.endpoint.signing_region, service = self.endpoint.signing_name }
  return signer.sign(req, self.credentials, scope, self.client:time())
end

function Call:remaining()
  local total = self.timeouts.total
  if not total then return nil end
  self.deadline = self.deadline or self.transport:now() + total
  return math.max(self.deadline - self.transport:now(), 0)
end

-- The four clocks of this attempt; the total one is what the attempts before have left of it.
function Call:clocks()
  local t = self.timeouts
  return { connect = t.connect, first_byte = t.first_byte, idle = t.idle, total = self:remaining() }
end

local function failure_of_transport(err)
  if errors.is(err) then return err end
  local message, hint = err.message, err.hint
  if err.kind == "network" and err.code == "dns" then
    hint = hint or "Check the region and the network; a region that does not exist has no host"
  end
  return errors.new {
    kind = err.kind, code = err.code, message = message, clock = err.clock, sent = err.sent, answered = err.answered,
    reused = err.reused, hint = hint, retryable = err.kind == "network" or err.clock == "connect",
  }
end

-- One attempt: the answer, or the failure and the headers that came with it.
function Call:attempt()
  self.number = self.number + 1
  local req, err = self:authorize(self:fresh_request())
  if not req then return nil, err, nil, true end
  local settings = self.client.settings
  req.timeouts, req.verify, req.ca_bundle = self:clocks(), settings.verify, settings.ca_bundle
  req.proxy, req.http2, req.limits = settings.proxy, settings.http2, self.limits
  self.client:emit("request", { operation = self.op_name, attempt = self.number, method = req.method, url = req.url })
  local answer, failed = self.transport:request(req)
  if not answer then return nil, failure_of_transport(failed) end
  self.client:emit("response", { operation = self.op_name, attempt = self.number, status = answer.status,
    headers = answer.headers })
  if answer.status >= 200 and answer.status < 300 then return answer end
  return self:refused(answer)
end

-- An answer whose status is an error: read it, keep it bounded, make the error object.
function Call:refused(answer)
  local body, failed = answer:read_all(self.limits.error_body)
  if failed then body = body or "" end
  answer:close()
  local _, err = response.decode(self.op, answer.status, answer.headers, body)
  return nil, err, answer.headers
end

-- A correction that costs no attempt: a dead pooled connection, expired keys, a clock that is off. Each once.
function Call:repair(err, headers)
  if not self.replaced and retry.is_stale_connection(err) then
    self.replaced = true
    return true, "replaced a connection that was dead"
  end
  if not self.refreshed and self.credentials and retry.is_expired(err) then
    self.refreshed = true
    return self.client:refresh(self.credentials), "refreshed expired credentials"
  end
  if not self.skewed and headers then
    local now = self.client:time() - self.client.skew
    local offset = retry.skew(err, headers.date, now, self.client.skew)
    if offset then
      self.skewed, self.client.skew = true, offset
      return true, "corrected the clock"
    end
  end
end

-- What is known of a failed attempt, for err.attempts, the log and the hook.
function Call:record(err, delay, why)
  local entry = {
    number = self.number, kind = err.kind, code = err.code, status = err.status, message = err.message,
    seconds = self.transport:now() - self.started, delay = delay, why = why,
  }
  self.attempts[#self.attempts + 1] = entry
  self.client:emit("retry", { operation = self.op_name, attempt = entry })
  return entry
end

-- Seconds to wait before the next attempt, or nil when this failure is final.
function Call:next_delay(err, headers)
  local fixed, how = self:repair(err, headers)
  if fixed then
    self:record(err, 0, how)
    return 0
  end
  local bucket, now = self.client.bucket, self.client:time()
  local delay, taken = retry.decide(self.policy, bucket, err, self.number, self.client:random(), headers, now)
  if not delay then
    self:record(err, nil, taken)
    return nil
  end
  local left = self:remaining()
  if left and delay >= left then
    self:record(err, nil, "no time left")
    return nil
  end
  self.taken = taken
  self:record(err, delay)
  return delay
end

function Call:limit_rate()
  local limiter = self.policy.mode == "adaptive" and self.client:limiter()
  if limiter then
    local wait = limiter:acquire(self.transport:now())
    if wait > 0 then self.transport:sleep(wait) end
  end
  return limiter
end

--- Sends the request, as often as the retry policy allows.
---@return table? answer of the transport, with a status of success
---@return bedrock.Error? err
function Call:send()
  self.started = self.started or self.transport:now()
  while true do
    local limiter = self:limit_rate()
    local answer, err, headers, final = self:attempt()
    if limiter then limiter:learn(err ~= nil and err.kind == "throttled", self.transport:now()) end
    if answer then return answer end
    if final then return nil, self:name(err) end
    local delay = self:next_delay(err, headers)
    if not delay then return nil, self:give_up(err) end
    if delay > 0 then self.transport:sleep(delay) end
  end
end

function Call:give_up(err)
  err.attempts = self.attempts
  return self:name(err)
end

--- Judges a failure that came inside an answer before anything of it was used, and sends again if that is allowed.
---@param err bedrock.Error
---@return table? answer
---@return bedrock.Error? err
function Call:again(err)
  local delay = self:next_delay(err, nil)
  if not delay then return nil, self:give_up(err) end
  if delay > 0 then self.transport:sleep(delay) end
  return self:send()
end

--- Settles the account of a call that has come to its end.
---@param ok any true when it came through
---@param err bedrock.Error?
function Call:finish(ok, err)
  if self.settled then return end
  self.settled = true
  if ok then retry.refund(self.client.bucket, self.taken) end
  self.client:emit("done", {
    operation = self.op_name, attempts = self.number, seconds = self.transport:now() - (self.started or 0), error = err,
  })
end

--- Runs a call without a stream to its end.
---@return table? result what response.decode makes of the answer
---@return bedrock.Error? err
function Call:run()
  local answer, body = self:fetch()
  if not answer then return nil, body end
  local result, bad = response.decode(self.op, answer.status, answer.headers, body)
  if not result then return nil, self:name(bad) end
  return result
end

--- Runs a call without a stream to the last byte of its answer.
---@return table? answer of the transport
---@return string|bedrock.Error body or what went wrong
function Call:fetch()
  while true do
    local answer, err = self:send()
    if not answer then return nil, err end
    local body, failed = answer:read_all(self.limits.response)
    answer:close()
    if body then
      self:finish(true)
      return answer, body
    end
    local delay = self:next_delay(failure_of_transport(failed))
    if not delay then return nil, self:give_up(failure_of_transport(failed)) end
    if delay > 0 then self.transport:sleep(delay) end
  end
end

return call
