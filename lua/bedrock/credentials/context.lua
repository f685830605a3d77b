--- What every source of credentials works with: the machine, the settings, and a way to ask over HTTP.
--
-- A source is a table with one method, `get() -> creds | nil, err | nil, nil, why`: credentials; or an error, which
-- stops the chain; or nothing, because the source is not configured here, and why. Sources ask through the client's
-- transport, so they wait the way the host waits.

local errors = require "bedrock.errors"
local endpoint = require "bedrock.endpoint"
local profiles = require "bedrock.profiles"
local redact = require "bedrock.redact"
local system = require "bedrock.system"

local context = {}

---@class bedrock.Credentials
---@field access_key_id string
---@field secret_access_key string
---@field session_token string?
---@field expiration number? seconds since the epoch
---@field account_id string?
---@field source string which source gave them
local Credentials = {}
Credentials.__index = Credentials
Credentials.__name = "bedrock.credentials"

--- Enough of a key id to recognize it.
---@param id string
---@return string
function context.shorten(id)
  return #id > 12 and id:sub(1, 4) .. "..." .. id:sub(-4) or id:sub(1, 4) .. "..."
end

function Credentials:__tostring()
  return ("bedrock.credentials (%s from %s)"):format(context.shorten(self.access_key_id), self.source)
end

---@class bedrock.CredentialsContext
---@field system bedrock.System
---@field transport table
---@field settings bedrock.Settings
---@field log fun(level: string, message: string)
local Context = {}
Context.__index = Context

local function silent() end

--- Makes the context of a chain.
---@param parts { system: table, transport: table, settings: table, log: function?, random: function? }
---@return bedrock.CredentialsContext
function context.new(parts)
  local settings = parts.settings
  return setmetatable({
    system = parts.system, transport = parts.transport, settings = settings, log = parts.log or silent,
    random = parts.random or system.random, made = {}, set = settings.profiles, stamp = settings.profiles_stamp,
  }, Context)
end

--- A failure of a source, as the pair that it returns.
---@param code string
---@param message string
---@param hint string?
---@return nil
---@return bedrock.Error
function context.fail(code, message, hint)
  return nil, errors.new { kind = "credentials", code = code, message = message, hint = hint }
end

local fail = context.fail

--- The error of a source with what it was doing in front; failures of the network keep their kind.
---@param err bedrock.Error
---@param what string such as "cannot assume the role X"
---@param hint string?
---@return nil
---@return bedrock.Error
function context.because(err, what, hint)
  local keeps = err.kind == "network" or err.kind == "timeout" or err.kind == "tls" or err.kind == "cancelled"
  return nil, errors.new {
    kind = keeps and err.kind or "credentials", code = err.code, message = what .. ": " .. err.message,
    status = err.status, request_id = err.request_id, retryable = err.retryable, clock = err.clock,
    hint = hint or err.hint,
  }
end

local function text(value)
  return type(value) == "string" and value:find("%S") and value or nil
end

-- Seconds since the epoch of what a source says, if anything; nil, and false, when that cannot be read.
local function moment(value)
  if value == nil or value == require("bedrock.json").null then return nil, true end
  local seconds = (type(value) == "number" or type(value) == "string") and
    require("bedrock.timestamps").seconds(value) or nil
  return seconds, seconds ~= nil
end

--- Credentials from what a source answered. Says what is missing, never what is there.
---@param source string
---@param fields { id: any, secret: any, token: any, expiration: any, account_id: any }
---@return bedrock.Credentials? creds
---@return string? why
function context.credentials(source, fields)
  local id, secret = text(fields.id), text(fields.secret)
  if not id then return nil, "the access key id is missing" end
  if not secret then return nil, "the secret access key is missing" end
  for name, value in pairs { ["access key id"] = id, ["secret access key"] = secret, ["session token"] = text(fields.token) } do
    if value:find("%c") then return nil, "there is a line break in the " .. name end
  end
  local expiration, readable = moment(fields.expiration)
  if not readable then return nil, "the expiration is not a time" end
  return setmetatable({
    access_key_id = id, secret_access_key = secret, session_token = text(fields.token), expiration = expiration,
    account_id = text(fields.account_id), source = source,
  }, Credentials)
end

--- An environment variable, blank as unset.
---@param name string
---@return string?
function Context:env(name)
  return self.settings.env(name)
end

--- The shared files as they are now: read again when they have changed.
---@return bedrock.Profiles? set
---@return bedrock.Error? err
function Context:profiles()
  local stamp = profiles.stamp(self.system)
  if not self.set or stamp ~= self.stamp then
    local set, err = profiles.load(self.system)
    if not set then return nil, err end
    self.set, self.stamp = set, stamp
  end
  return self.set
end

--- A property of the active profile.
---@param name string
---@return string?
function Context:property(name)
  local profile = self.set and self.set.profiles[self.settings.profile]
  return profile and text(profile[name])
end

--- The region for calls that obtain credentials: of the environment, of the profile, else the client's.
---@return string
function Context:region()
  return self:env("AWS_REGION") or self:env("AWS_DEFAULT_REGION") or self:property("region") or self.settings.region
end

--- One source, made once, by the name of its file.
---@param name string
---@return table source
function Context:source(name)
  self.made[name] = self.made[name] or require("bedrock.credentials." .. name).new(self)
  return self.made[name]
end

-- Asking over HTTP -----------------------------------------------------------------------------------------------------

local function network_failure(failed, host)
  if errors.is(failed) then return failed end
  return errors.new {
    kind = failed.kind or "network", code = failed.code, clock = failed.clock, hint = failed.hint,
    message = ("cannot reach %s: %s"):format(host, failed.message or failed.code or "the request failed"),
    sent = failed.sent, answered = failed.answered, reused = failed.reused,
    retryable = failed.kind == "network" or failed.kind == "timeout",
  }
end

local LARGEST = 1024 * 1024

--- Sends one request and reads its answer whole.
---@param request table method, url, headers, body, timeouts; proxy = false for addresses of the machine itself
---@return { status: integer, headers: table, body: string }? answer
---@return bedrock.Error? err
function Context:ask(request)
  local settings = self.settings
  request.verify, request.ca_bundle, request.secret = settings.verify, settings.ca_bundle, true
  if request.proxy == nil then request.proxy = settings.proxy end
  local host = request.url:match("^%a+://([^/?]*)")
  local response, failed = self.transport:request(request)
  if not response then return nil, network_failure(failed, host) end
  local body
  body, failed = response:read_all(LARGEST)
  response:close()
  if not body then return nil, network_failure(failed, host) end
  return { status = response.status, headers = response.headers or {}, body = body }
end

local timeouts = { connect = 5, first_byte = 30, idle = 30, total = 60 }

-- One attempt of an operation, signed when there is something to sign with.
function Context:attempt(op, params, options, target)
  local request, err = require("bedrock.request").build(op, params)
  if not request then return nil, err end
  request.url, request.timeouts = target.url, timeouts
  for _, header in ipairs(options.headers or {}) do request.headers[#request.headers + 1] = header end
  local signer = require "bedrock.signer"
  if options.credentials then
    local scope = { region = target.signing_region, service = target.signing_name }
    request, err = signer.sign(request, options.credentials, scope, self.system.now())
    if not request then return nil, err end
  else
    signer.assemble(request)
  end
  local answer
  answer, err = self:ask(request)
  if not answer then return nil, err end
  -- Who refuses may quote what he got.
  local clean = redact.cleaner(redact.secrets_of(options.headers, params))
  local result
  result, err = require("bedrock.response").decode(op, answer.status, answer.headers, answer.body, nil, clean)
  return result, err, answer.headers
end

--- Calls an operation of STS, IAM Identity Center or sign-in, with retries.
---@param name string of the operation
---@param params table
---@param options { region: string, credentials: table?, headers: table?, attempts: integer? }
---@return table? result
---@return bedrock.Error? err
function Context:call(name, params, options)
  local op, retry = require("bedrock.operations").find(name), require "bedrock.retry"
  local target, err = endpoint.resolve(op.service, self.settings, { region = options.region, nested = true })
  if not target then return nil, err end
  local policy = retry.policy { max_attempts = options.attempts or self.settings.retry.max_attempts, read_timeouts = true }
  local bucket, number = retry.bucket(), 0
  while true do
    number = number + 1
    local result, failed, headers = self:attempt(op, params, options, target)
    if result then return result end
    local delay = retry.decide(policy, bucket, failed, number, self.random(), headers, self.system.now())
    if not delay then return nil, failed end
    self.log("debug", ("credentials: %s failed, asks again in %.2f s"):format(name, delay), { attempt = number, error = failed })
    self.transport:sleep(delay)
  end
end

--- The object in a JSON text; nothing when it is anything else.
---@param body string
---@return table? value
function context.object(body)
  local value = require("bedrock.json").decode(body)
  return type(value) == "table" and value or nil
end

--- The content of a file that must be there.
---@param path string
---@param what string names the file in errors
---@param hint string?
---@return string? content
---@return bedrock.Error? err
function Context:read(path, what, hint)
  local content, why, missing = self.system.read_file(path)
  if content then return content end
  if missing then return fail("file_missing", ("%s does not exist: %s"):format(what, path), hint) end
  return fail("file_unreadable", ("cannot read %s: %s"):format(what, tostring(why)), hint)
end

return context
