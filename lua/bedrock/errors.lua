--- The one kind of error object: what failed, why, and what to do about it.
--
-- Failures of the world come back as `nil, err` with such an object; `assert` raises it as it is.
-- Everything that names a failure by code or by status is a row in the tables below.

local redact = require("bedrock.lazy") "bedrock.redact"

---@class bedrock.errors
local errors = {}

---@alias bedrock.ErrorKind
---| "throttled"      # too many requests or tokens, try later
---| "validation"     # the request is wrong; the service or the preflight says where
---| "access_denied"  # who you are may not do this, or the signature or token was refused
---| "not_found"      # no such model, profile, job, ...
---| "conflict"       # the resource is in another state
---| "quota"          # a limit of the account is reached
---| "too_large"      # the request is larger than the service takes
---| "model"          # the model failed or timed out
---| "server"         # the service failed
---| "timeout"        # one of the four clocks ran out (see `clock`)
---| "network"        # no connection, or it broke
---| "tls"            # the server could not be trusted
---| "stream"         # an answer broke off or was damaged
---| "credentials"    # no usable identity
---| "config"         # a setting is missing or contradicts another
---| "cancelled"      # the caller closed it

---@class bedrock.Error
---@field kind bedrock.ErrorKind
---@field code string? the service's name of the failure, or ours for failures that never reached it
---@field message string
---@field status integer? HTTP status, or the one that the exception stands for inside a stream
---@field request_id string?
---@field operation string?
---@field attempts bedrock.Attempt[]? one record for each attempt that failed
---@field retryable boolean whether the same request may succeed later
---@field hint string? what to do
---@field clock string? for a timeout: "connect", "first_byte", "idle" or "total"
---@field partial table? for a broken stream: the message so far
---@field members table? further members of the service's answer

---@class bedrock.Attempt
---@field number integer from 1; a free repair leaves the number as it is
---@field kind bedrock.ErrorKind
---@field code string?
---@field status integer?
---@field message string
---@field request_id string?
---@field seconds number how long the attempt took
---@field delay number? seconds until the next one; nil when there was none
---@field why string? what was repaired, or why there was no further attempt
local Error = {}
Error.__index = Error
Error.__name = "bedrock.error"

--- The error as one line; never holds a secret: none is put into an error by us, and what others say goes through bedrock.redact.
function Error:__tostring()
  local facts = {}
  if self.code and self.code ~= self.kind then facts[#facts + 1] = self.code end
  if self.status then facts[#facts + 1] = "HTTP " .. self.status end
  if self.attempts and #self.attempts > 1 then facts[#facts + 1] = #self.attempts .. " attempts" end
  if self.request_id then facts[#facts + 1] = "request " .. self.request_id end
  local line = (self.operation and self.operation .. ": " or "") .. self.message
  if #facts > 0 then line = line .. " (" .. table.concat(facts, ", ") .. ")" end
  if self.hint then line = line .. ". " .. self.hint end
  return (line:gsub("[%c]+", " "))
end

--- Makes an error object.
---@param fields table at least kind and message
---@return bedrock.Error
function errors.new(fields)
  fields.retryable = fields.retryable or false
  fields.message = fields.message or fields.code or fields.kind
  return setmetatable(fields, Error)
end

--- Whether a value is one of our error objects.
---@param value any
---@return boolean
function errors.is(value)
  return getmetatable(value) == Error
end

-- The library's own files have names that begin like this one's.
local here = debug and debug.getinfo(1, "S").source:match("^(.*)errors%.lua$")

--- Raises on misuse, at the line of the program that called into the library, however deep the mistake was found.
---@param message string
function errors.misuse(message)
  local level = 2
  if not here then error(message, 0) end
  while true do
    local info = debug.getinfo(level, "S")
    if not info then error(message, 0) end
    local ours = info.what == "C" or info.what == "tail" or info.source:sub(1, #here) == here
    if not ours then error(message, level) end
    level = level + 1
  end
end

-- Throttling codes of the AWS SDKs (facts: their standard retry mode).
local throttling = {
  "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "TooManyRequestsException",
  "ProvisionedThroughputExceededException", "TransactionInProgressException", "RequestLimitExceeded",
  "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
  "EC2ThrottledException",
}

-- kind and whether it may be tried again, by code. The status decides for codes that are not listed.
local by_code = {
  ModelNotReadyException = { "model", true },
  ModelTimeoutException = { "model", false },
  ModelErrorException = { "model", false },
  ModelStreamErrorException = { "model", false },
  ServiceQuotaExceededException = { "quota", false },
  ValidationException = { "validation", false },
  AccessDeniedException = { "access_denied", false },
  UnrecognizedClientException = { "access_denied", false },
  InvalidSignatureException = { "access_denied", false },
  SignatureDoesNotMatch = { "access_denied", false },
  InvalidClientTokenId = { "access_denied", false },
  ExpiredTokenException = { "credentials", false },
  ExpiredToken = { "credentials", false },
  ResourceNotFoundException = { "not_found", false },
  ConflictException = { "conflict", false },
  ServiceUnavailableException = { "server", true },
  InternalServerException = { "server", true },
  RequestTimeout = { "server", true },
  RequestTimeoutException = { "server", true },
  IDPCommunicationError = { "server", true },
  -- in-band errors of the Messages format
  overloaded_error = { "throttled", true },
  rate_limit_error = { "throttled", true },
  api_error = { "server", true },
  timeout_error = { "server", true },
  invalid_request_error = { "validation", false },
  authentication_error = { "access_denied", false },
  permission_error = { "access_denied", false },
  not_found_error = { "not_found", false },
  request_too_large = { "too_large", false },
}
for _, code in ipairs(throttling) do by_code[code] = { "throttled", true } end

local by_status = {
  [400] = { "validation", false }, [401] = { "access_denied", false }, [403] = { "access_denied", false },
  [404] = { "not_found", false }, [408] = { "model", false }, [409] = { "conflict", false },
  [413] = { "too_large", false }, [422] = { "validation", false }, [424] = { "model", false },
  [429] = { "throttled", true }, [500] = { "server", true }, [502] = { "server", true },
  [503] = { "server", true }, [504] = { "server", true }, [529] = { "throttled", true },
}

-- What an exception inside a stream would have been before it (facts: mid-stream exceptions as HTTP statuses).
local stream_status = {
  throttlingException = 429, modelTimeoutException = 408, validationException = 400, modelStreamErrorException = 424,
  internalServerException = 500, serviceUnavailableException = 503,
  overloaded_error = 529, rate_limit_error = 429, api_error = 500, invalid_request_error = 400,
  authentication_error = 401, permission_error = 403, not_found_error = 404, request_too_large = 413,
  timeout_error = 504,
}

-- Tried again whatever the code says, as in the AWS SDKs.
local transient = { [500] = true, [502] = true, [503] = true, [504] = true }

-- What Anthropic's clients try again beside that, where no code that is known says otherwise.
local function may_pass_there(status)
  return status == 408 or status == 409 or status >= 500
end

--- Sorts a failure into a kind, by its code first and its status second.
---@param code string?
---@param status integer?
---@param anthropic boolean? whether it comes from an API that is Anthropic's own
---@return bedrock.ErrorKind kind
---@return boolean retryable
function errors.classify(code, status, anthropic)
  local known = code and by_code[code]
  local row = known or status and by_status[status]
  local passes = transient[status] or anthropic and not known and status and may_pass_there(status) or false
  if row then return row[1], row[2] or passes end
  if status and status >= 500 then return "server", passes end
  return "validation", false
end

--- The service's code in the form of its documentation: without namespace and without the address after it.
---@param raw string? as in `x-amzn-errortype` or a body's `__type`
---@return string?
function errors.clean_code(raw)
  if type(raw) ~= "string" or raw == "" then return nil end
  local code = raw:match("^[^:]*"):match("[^#]*$")
  return code ~= "" and code or nil
end

local function first_string(...)
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    if type(v) == "string" and v ~= "" then return v end
  end
end

-- A page of HTML from a proxy says little; its title, or its first words, say enough. (One pattern for the title and the white
-- space around it would take the cube of the time that these take, on a page that is made for it.)
local function plain_text(body)
  body = body:sub(1, 4096)
  local _, before = body:find("<[Tt][Ii][Tt][Ll][Ee][^>]*>")
  local after = before and body:find("</", before + 1, true)
  local text = after and body:sub(before + 1, after - 1) or body:gsub("<[^>]*>", " ")
  text = text:gsub("[%c%s]+", " "):gsub("^ ", ""):gsub(" $", "")
  if #text > 200 then text = text:sub(1, 200):gsub("[\128-\191]*$", "") .. "..." end
  return text
end

--- The error object of an HTTP answer whose status is not a success.
---@param status integer
---@param headers table lower-case names
---@param body string as it came: JSON, HTML, plain text or nothing
---@param decoded table? the body as a table, when it was JSON
---@param anthropic boolean? whether it comes from an API that is Anthropic's own
---@return bedrock.Error
function errors.from_response(status, headers, body, decoded, anthropic)
  local inner = type(decoded) == "table" and decoded or {}
  -- Messages endpoints nest { type = "error", error = { type, message } }
  local nested = type(inner.error) == "table" and inner.error or {}
  local code = errors.clean_code(headers["x-amzn-errortype"]) or
    errors.clean_code(first_string(inner.code, inner.Code, inner.__type, nested.type, inner.error))
  local message = first_string(inner.message, inner.Message, nested.message, inner.error_description)
  if not message then
    local text = decoded == nil and body and plain_text(body) or ""
    message = text ~= "" and ("the server answered HTTP " .. status .. ": " .. text) or
      ("the server answered HTTP " .. status .. " without saying why")
  end
  local kind, retryable = errors.classify(code, status, anthropic)
  -- Who answers may have the last word about it.
  local told = headers["x-should-retry"]
  if told == "true" or told == "false" then retryable = told == "true" end
  return errors.new {
    kind = kind, code = code, message = redact.text(message), status = status, retryable = retryable,
    request_id = headers["x-amzn-requestid"] or headers["request-id"], members = decoded and redact.value(decoded, redact.text),
  }
end

--- The error object of an exception or error frame, or of an in-band `error` event, after HTTP 200.
---@param name string as on the wire, `throttlingException` or `overloaded_error`
---@param message string?
---@param members table? the frame's JSON
---@param request_id string?
---@return bedrock.Error
function errors.from_stream(name, message, members, request_id)
  local status = stream_status[name] or stream_status[name:sub(1, 1):lower() .. name:sub(2)]
  local code = name:find("_", 1, true) and name or name:sub(1, 1):upper() .. name:sub(2)
  local kind, retryable = errors.classify(code, status)
  if not by_code[code] and not status then kind = "stream" end
  return errors.new {
    kind = kind, code = code, status = status, retryable = retryable, request_id = request_id,
    message = message and message ~= "" and redact.text(message) or ("the service ended the stream with " .. code),
    members = members and redact.value(members, redact.text),
  }
end

-- A connection that broke may hold next time, wherever in the answer it broke. What is too large or not HTTP stays so.
local function may_pass(err)
  if err.kind == "network" then return err.code ~= "limit" and err.code ~= "memory" end
  if err.kind == "stream" then return err.code == "reset" or err.code == "cut" or err.code == "closed" end
  return err.kind == "timeout" and err.clock == "connect"
end

-- What to do about what a transport reports, by its code or by the clock that ran out.
local remedies = {
  dns = "Check the region and the network; a region that does not exist has no host",
  connect = "Check the address, that a server listens there, and that no firewall stands between",
  proxy = "The proxy is that of the option proxy, https_proxy or http_proxy; no_proxy names hosts that need none",
  closed = "The same request may work when it is sent again; a proxy or a firewall may have closed the connection",
  reset = "The same request may work when it is sent again; a proxy or a firewall may have cut the connection",
  cut = "The same request may work when it is sent again",
  first_byte = "A long answer needs a stream, or a larger timeouts.first_byte, for the client or for one call",
  idle = "timeouts.idle says how long a stream may be silent, for the client or for one call",
  total = "timeouts.total says how long a call may take, for the client or for one call",
}

-- What OpenSSL and libcurl say of a server that is not trusted.
local distrust = {
  { "certificate file", "The file is that of the option ca_bundle, of AWS_CA_BUNDLE or of SSL_CERT_FILE; without any of them, " ..
    "of the package ca-certificates" },
  { "has expired", "Its certificate is over, or the clock of this machine is wrong" },
  { "not yet valid", "Is the clock of this machine wrong?" },
  { "subject name", "Its certificate is for another host: look at the endpoint" },
  { "protocol", "It speaks only versions of TLS that are not safe any more" },
  { "issuer", "Roots come from the package ca-certificates; those of a company's proxy go into AWS_CA_BUNDLE or the option " ..
    "ca_bundle" },
  { "self.signed", "The roots of a company's proxy go into AWS_CA_BUNDLE or the option ca_bundle" },
}

local function of_distrust(message)
  for _, row in ipairs(distrust) do
    if message:find(row[1]) then return row[2] end
  end
end

local function remedy(err)
  local message = tostring(err.message)
  if err.kind == "tls" then return of_distrust(message) end
  if message:find("TLS handshake", 1, true) then
    return "Does that server speak TLS? Without TLS an endpoint begins with http://"
  end
  if message:find("ulimit", 1, true) then return nil end -- says it all itself
  if err.kind == "timeout" then return err.clock == "connect" and remedies.connect or remedies[err.clock] end
  return (err.kind == "network" or err.kind == "stream") and remedies[err.code] or nil
end

--- The error object of what a transport reports.
---@param err bedrock.TransportError
---@param where string? words in front of the message
---@return bedrock.Error
function errors.from_transport(err, where)
  if errors.is(err) then return err end
  return errors.new {
    kind = err.kind, code = err.code, message = (where or "") .. redact.text(tostring(err.message)), clock = err.clock,
    sent = err.sent, answered = err.answered, reused = err.reused, hint = err.hint or remedy(err), retryable = may_pass(err),
  }
end

return errors
