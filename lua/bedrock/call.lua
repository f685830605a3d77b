--- One call of an operation: encoded once, then signed and sent anew for each attempt until an answer or a final error.
--
--   encode ─► [ identify ─► sign ─► send ─► judge ] ─► answer
--             └──────── again, if retry says so ────┘
--
-- A call outlives its answer when that is a stream: a stream whose first frame is a failure that may pass comes
-- back here with it (`Call:again`) and is judged like any other failed attempt.

local config = require "bedrock.config"
local core = require "bedrock.core"
local errors = require "bedrock.errors"
local lazy = require "bedrock.lazy"
local redact = lazy "bedrock.redact"
local request = require "bedrock.request"
local response = require "bedrock.response"
local retry = require "bedrock.retry"
local signer = require "bedrock.signer"
local tables = require "bedrock.tables"

local overlay, sorted_keys = tables.overlay, tables.sorted_keys

local call = {}

---@class bedrock.Call
---@field op_name string in snake_case, as the caller wrote it
---@field attempts bedrock.Attempt[] one record for each attempt that failed
local Call = {}
Call.__index = Call

-- The largest body that the service takes; the number is ours to check because a refusal costs the whole upload.
local function check_size(body, largest)
  if body and largest and #body > largest then
    return errors.new {
      kind = "too_large", code = "request_too_large",
      message = ("the request is %.1f MB and the service takes %.1f MB at most"):format(#body / 1e6, largest / 1e6),
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
  if type(params.modelId) == "string" then client:warn_of_model(params.modelId) end
  local self, failed = call.of(client, op, built, opts)
  if self then self.params = params end
  return self, failed
end

-- What one call may set. Anything else is a slip of the pen.
local options = {
  timeouts = true, headers = true, retry = true, preflight = true, beta = true, invoke = true, on_interrupt = true,
}

local function check_options(opts)
  for name in pairs(opts) do
    if not options[name] then
      local names = {}
      for known in pairs(options) do names[#names + 1] = known end
      table.sort(names)
      errors.misuse(("bedrock: unknown option %s of a call; there are %s"):format(tostring(name), table.concat(names, ", ")))
    end
  end
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
  check_options(opts)
  local settings = client.settings
  local self = setmetatable({
    client = client, op = op, op_name = op.snake, transport = client.transport, watch = client.watch,
    limits = settings.limits, timeouts = config.timeouts(settings.timeouts, opts.timeouts), attempts = {}, number = 0,
    policy = opts.retry ~= nil and retry.policy(config.retry(settings.retry, opts.retry)) or client.policy,
    extra = overlay(settings.headers, opts.headers), request = built, endpoint = built.endpoint, deadline = nil, taken = nil,
    id = core.crypto.uuid(), refreshed = false, skewed = false, replaced = false, credentials = nil, offset = client.skew,
    started = nil, tried = nil, settled = false, params = nil, api = nil, streaming = false, facts = nil, secrets = {},
    answer = nil, answered = nil, token_at = nil, events = nil, identity = nil,
  }, Call)
  local err = check_size(built.body, built.limit or self.limits.request)
  if not err and not built.endpoint then self.endpoint, err = client:endpoint(op.service) end
  if err then return nil, self:name(err) end
  return self
end

local function total_clock(seconds)
  return ("the call took longer than %g seconds with all of its attempts (total clock)"):format(seconds)
end

--- What the transport reports, as the error object. It knows only what was left of the total clock; the user knows what
--- he has set.
---@param err bedrock.TransportError
---@param where string? words in front of the message
---@return bedrock.Error
function Call:failure(err, where)
  local failure = errors.from_transport(err, where)
  if failure.clock == "total" and self.timeouts.total then failure.message = total_clock(self.timeouts.total) end
  return failure
end

-- A key that says itself that its time is over is refused with words that do not say so.
local function hint_of_key(key, now)
  local ends = require("bedrock.token").ends(key)
  if not ends or ends > now then return nil end
  return ("The API key ended at %s; `bedrock token` or bedrock.token makes another"):format(os.date("!%Y-%m-%dT%H:%M:%SZ", ends))
end

-- What the service said is explained where that is known; the table of hints is read with the first such error.
function Call:explain(err)
  if err.hint or not err.status or type(err.message) ~= "string" then return end
  local key = self.identity and self.identity.token
  err.hint = key and err.kind == "access_denied" and hint_of_key(key, self.client:time()) or nil
  if err.hint then return end
  local params = self.params or {}
  local model = type(params.modelId) == "string" and params.modelId or nil
  err.hint = require("bedrock.hints").of(err, {
    operation = self.op_name, model = model, region = self.client.settings.region, params = params, api = self.api,
  })
end

--- What somebody says who may quote what was sent to him, without the secrets of this call.
---@generic T
---@param said T a text, a table of them, or neither
---@return T
function Call:clean(said)
  return redact.cleaner(self.secrets)(said)
end

--- Every error of a call says which operation it belongs to, and what to do where that is known.
---@param err bedrock.Error
---@return bedrock.Error err
function Call:name(err)
  err.operation = err.operation or self.op_name
  self:explain(err)
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

--- Takes away a header that the client or the call would add.
---@param name string lower case
---@return string? value
function Call:take_header(name)
  local value
  for own in pairs(self.extra) do
    if own:lower() == name then value, self.extra[own] = self.extra[own], nil end
  end
  return value
end

-- The request of one attempt, with headers of its own: what one attempt adds, the next must not inherit.
function Call:fresh_request()
  local headers = {}
  for i, pair in ipairs(self.request.headers) do headers[i] = { pair[1], pair[2] } end
  set_header(headers, "User-Agent", self.client.user_agent)
  set_header(headers, "Accept-Encoding", "identity")
  set_header(headers, "amz-sdk-invocation-id", self.id)
  set_header(headers, "amz-sdk-request", ("attempt=%d; max=%d"):format(self.number, self.policy.max_attempts))
  for _, name in ipairs(sorted_keys(self.extra)) do set_header(headers, name, self.extra[name]) end
  return {
    method = self.request.method, url = self.endpoint.url, path = self.request.path, query = self.request.query,
    headers = headers, body = self.request.body,
  }
end

-- Bearer token, signature, or nothing, as the operation asks and the identity allows.
function Call:authorize(req)
  local identity, err = self.client:authenticate(self.op)
  if not identity then return nil, err end
  self.identity, self.secrets = identity, { identity.token }
  if identity.token then return signer.bearer(req, identity.token, identity.header) end
  self.credentials, self.offset = identity.credentials, self.client.skew
  if not self.credentials then return signer.assemble(req) end
  self.secrets = { self.credentials.secret_access_key, self.credentials.session_token }
  local scope = { region = self.endpoint.signing_region, service = self.endpoint.signing_name }
  return signer.sign(req, self.credentials, scope, self.client:time())
end

-- The clocks of the call start with its first attempt.
function Call:start()
  if self.started then return end
  self.started = self.transport:now()
  if self.watch then self.watch:start(self) end
  self.deadline = self.timeouts.total and self.started + self.timeouts.total
end

-- Seconds that are left of the total clock; nil when it is off.
function Call:remaining()
  return self.deadline and self.deadline - self.transport:now()
end

-- The four clocks of this attempt; the total one is what the attempts before have left of it.
function Call:clocks(left)
  local t = self.timeouts
  return { connect = t.connect, first_byte = t.first_byte, idle = t.idle, total = left }
end

local function out_of_time(seconds)
  return errors.new { kind = "timeout", code = "timeout", clock = "total", message = total_clock(seconds) }
end

local function wrapped(req, settings, limits)
  req.verify, req.ca_bundle = settings.verify, settings.ca_bundle
  req.proxy, req.http2 = settings.proxy, settings.http2
  req.max_headers, req.max_header_count = limits.headers, limits.header_count
  return req
end

-- One attempt: the answer, or the failure, the headers that came with it, and whether there is no point in another.
function Call:attempt()
  self.number, self.tried, self.answer, self.answered = self.number + 1, self.transport:now(), nil, nil
  local req, err = self:authorize(self:fresh_request())
  if not req then return nil, err, nil, true end
  local left = self:remaining()
  if left and left <= 0 then return nil, out_of_time(self.timeouts.total) end
  req.timeouts = self:clocks(left)
  if self.watch then self.watch:request(self, req) end
  local answer, failed = self.transport:request(wrapped(req, self.client.settings, self.limits))
  if not answer then return nil, self:failure(failed) end
  self.answer, self.answered = answer, self.transport:now()
  if self.watch then self.watch:response(self, answer) end
  if answer.status >= 200 and answer.status < 300 then return answer end
  return self:refused(answer)
end

-- What an answer says.
function Call:decode(answer, body)
  local refused = answer.status < 200 or answer.status > 299
  local clean = refused and redact.cleaner(self.secrets) or nil
  local result, err = response.decode(self.op, answer.status, answer.headers, body, self.limits, clean)
  if err then err.message = self:clean(err.message) end
  return result, err
end

-- An answer whose status is an error: read it, keep it bounded, make the error object.
function Call:refused(answer)
  local body, failed = answer:read_all(self.limits.error_body)
  if failed then body = body or "" end
  answer:close()
  local _, err = self:decode(answer, body)
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
    local changed, why = self.client:refresh(self.credentials)
    if not changed then err.hint = why and (why.hint or why.message) or err.hint end
    return changed, "refreshed expired credentials"
  end
  return self:correct_clock(err, headers)
end

-- Another call may have corrected the client's clock meanwhile; what counts is the time that this request was signed with.
function Call:correct_clock(err, headers)
  if self.skewed or not headers or not self.credentials then return false end
  local client = self.client
  local offset = retry.skew(err, headers.date, client.system.now(), self.offset)
  if not offset then return false end
  self.skewed, client.skew = true, offset
  return true, "corrected the clock"
end

--- The first token of the answer has reached the caller.
function Call:token_came()
  self.token_at = self.transport:now()
end

-- What is known of a failed attempt, for err.attempts, the log and the hook.
function Call:record(err, delay, why, repaired)
  local entry = {
    number = self.number, kind = err.kind, code = err.code, status = err.status, message = err.message,
    request_id = err.request_id, seconds = self.transport:now() - self.tried, delay = delay, why = why,
  }
  self.attempts[#self.attempts + 1] = entry
  if self.watch then self.watch:retry(self, entry, repaired) end
end

-- What the retry policy says of a failure: seconds to wait, or nil and why not.
function Call:judge(err, headers)
  local client = self.client
  local delay, taken = retry.decide(self.policy, client.bucket, err, self.number, client:random(), headers, client:time())
  if not delay then return nil, taken end
  local left = self:remaining()
  if left and delay >= left then
    retry.give_back(client.bucket, taken)
    return nil, "no time left"
  end
  self.taken = taken
  return delay
end

-- Seconds to wait before the next attempt, or nil when this failure is final.
function Call:next_delay(err, headers)
  local fixed, how = self:repair(err, headers)
  if fixed then
    self:record(err, 0, how, true)
    self.number = self.number - 1
    return 0
  end
  local delay, why = self:judge(err, headers)
  self:record(err, delay, why)
  return delay
end

-- The adaptive mode's limiter of sends. It may ask for more time than the call has left.
function Call:limit_rate()
  local limiter = self.policy.mode == "adaptive" and self.client:limiter()
  if not limiter then return end
  local wait, left = limiter:acquire(self.transport:now()), self:remaining()
  if wait > 0 then self.transport:sleep(math.min(wait, left or wait)) end
end

function Call:learn(err)
  if self.policy.mode == "adaptive" then
    self.client:limiter():learn(err ~= nil and err.kind == "throttled", self.transport:now())
  end
end

--- Sends the request, as often as the retry policy allows.
---@return table? answer of the transport, with a status of success
---@return bedrock.Error? err
function Call:send()
  self:start()
  while true do
    self:limit_rate()
    local answer, err, headers, final = self:attempt()
    self:learn(err)
    if answer then return answer end
    local delay = not final and self:next_delay(err, headers)
    if not delay then return nil, self:give_up(err) end
    if delay > 0 then self.transport:sleep(delay) end
  end
end

-- The call ends with this error.
function Call:give_up(err)
  err.attempts = self.attempts
  self:finish(false, self:name(err))
  return err
end

--- Judges a failure that came inside an answer before anything of it was used, and sends again if that is allowed.
---@param err bedrock.Error
---@return table? answer
---@return bedrock.Error? err
function Call:again(err)
  self:learn(err)
  local delay = self:next_delay(err, nil)
  if not delay then return nil, self:give_up(err) end
  if delay > 0 then self.transport:sleep(delay) end
  return self:send()
end

--- Settles the account of a call that has come to its end; once.
---@param ok boolean whether the service has answered, so that what the last retry took is given back
---@param err bedrock.Error?
---@param whole (fun(): table?)? makes the answer, as far as it came, when somebody wants to know what was in it
function Call:finish(ok, err, whole)
  if self.settled then return end
  self.settled = true
  if ok then retry.refund(self.client.bucket, self.taken) end
  if self.watch then self.watch:done(self, err, whole) end
end

--- Runs a call without a stream to its end.
---@param read (fun(call: bedrock.Call, result: table): table?, bedrock.Error?)? what the caller makes of the answer
---@return table? result what response.decode makes of the answer, or `read` of that
---@return bedrock.Error? err
function Call:run(read)
  local answer, body = self:fetch()
  if not answer then return nil, body end
  local result, bad = self:decode(answer, body)
  if result and read then result, bad = read(self, result) end
  if not result then self:name(bad) end
  self:finish(true, bad, function() return result end)
  return result, bad
end

--- Runs a call without a stream to the last byte of its answer. The caller settles its account.
---@return table? answer of the transport
---@return string|bedrock.Error body or what went wrong
function Call:fetch()
  local answer, err = self:send()
  while answer do
    local body, failed = answer:read_all(self.limits.response)
    answer:close()
    if body then return answer, body end
    answer, err = self:again(self:failure(failed))
  end
  return nil, err
end

return call
