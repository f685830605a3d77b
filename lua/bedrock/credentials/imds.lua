--- The role of an EC2 instance, from its metadata service.
--
-- Three requests: a session token, the name of the role, its credentials. Most machines are not EC2 instances and
-- nobody answers there: the limits are a second each, and that nobody answers is remembered for a while.
-- Follows docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html

local context = require "bedrock.credentials.context"

local imds = {}

local ROLES = "/latest/meta-data/iam/security-credentials/"
local TOKEN_LIFE = 21600 -- seconds
local EARLY = 120 -- seconds before its end at which a token is renewed
local ABSENCE = 60 -- seconds for which a machine without the service is not asked again

local by_mode = { ipv4 = "http://169.254.169.254", ipv6 = "http://[fd00:ec2::254]" }

-- A setting of the environment or else of the profile.
local function setting(source, variable, property)
  return source.env(variable) or source.property(property)
end

--- Where the metadata service is.
---@param source { env: function, property: function } lookups of variables and of properties of the active profile
---@param mode string? the mode that the program asks for
---@return string? url without a slash at the end
---@return bedrock.Error? err
function imds.base(source, mode)
  local url = setting(source, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
  if url then
    if not require("bedrock.endpoint").valid_url(url) then
      return context.fail("bad_imds_endpoint", "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http address: " ..
        "invalid uri character or form")
    end
    return (url:gsub("/+$", ""))
  end
  mode = mode or setting(source, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode") or "IPv4"
  local base = by_mode[mode:lower()]
  if base then return base end
  return context.fail("bad_imds_mode", ("`%s` is not a valid endpoint mode of the metadata service"):format(mode),
    "The modes are IPv4 and IPv6")
end

local function is_true(value)
  return value ~= nil and value:lower() == "true"
end

local Imds = {}
Imds.__index = Imds

function Imds:lookup()
  local ctx = self.ctx
  return {
    env = function(name) return ctx:env(name) end,
    property = function(name) return ctx:property(name) end,
  }
end

local function positive(value, default)
  local n = tonumber(value)
  return n and n > 0 and n or default
end

-- One request, repeated while the service answers that it is in trouble. Nobody there is not worth a second try.
function Imds:ask(method, path, headers)
  local ctx, answer, err = self.ctx, nil, nil
  local second = positive(ctx:env("AWS_METADATA_SERVICE_TIMEOUT"), 1)
  for attempt = 1, positive(ctx:env("AWS_METADATA_SERVICE_NUM_ATTEMPTS"), 4) do
    if attempt > 1 then ctx.transport:sleep(ctx.random() * math.min(2 ^ (attempt - 2), 2)) end
    answer, err = ctx:ask {
      method = method, url = self.base .. path, headers = headers, body = method == "PUT" and "" or nil, proxy = false,
      timeouts = { connect = second, first_byte = second, idle = second, total = 2 * second },
    }
    if not answer or answer.status < 500 then break end
  end
  return answer, err
end

local function refused(answer, what)
  local _, err = context.fail("imds_error", ("the instance metadata service answered HTTP %d to the request for %s")
    :format(answer.status, what))
  err.status = answer.status
  return nil, err
end

local function silent(err)
  return err.kind == "timeout" and err.clock ~= "connect"
end

-- Going on without a token is the old way of the service; it can be forbidden.
function Imds:old_way()
  local forbidden = setting(self:lookup(), "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")
  return not is_true(forbidden)
end

-- A session token; "" where the service knows no tokens; nil, nil, why where there is no service.
function Imds:new_token()
  local answer, err = self:ask("PUT", "/latest/api/token", { { "x-aws-ec2-metadata-token-ttl-seconds", tostring(TOKEN_LIFE) } })
  if not answer then
    if silent(err) and self:old_way() then return "" end
    self.absent_until = self.ctx.system.now() + ABSENCE
    return nil, nil, "no metadata service answers at " .. self.base
  end
  if answer.status == 200 then
    local life = positive(answer.headers["x-aws-ec2-metadata-token-ttl-seconds"], TOKEN_LIFE)
    self.token, self.token_until = answer.body, self.ctx.system.now() + life - EARLY
    return answer.body
  end
  -- So it answers where it is switched off for this machine; to ask without a token then would ask in vain.
  if answer.status == 403 then return nil, nil, "the metadata service at " .. self.base .. " is switched off" end
  local without_tokens = answer.status == 404 or answer.status == 405
  if without_tokens and self:old_way() then return "" end
  return refused(answer, "a token")
end

function Imds:session_token()
  if self.token and self.ctx.system.now() < self.token_until then return self.token end
  return self:new_token()
end

-- A document of the service. A token that is refused is replaced once.
function Imds:document(path)
  for attempt = 1, 2 do
    local token, err, why = self:session_token()
    if not token then return nil, err, why end
    local answer
    answer, err = self:ask("GET", path, token ~= "" and { { "x-aws-ec2-metadata-token", token } } or {})
    if not answer then
      if token == "" and silent(err) then return nil, nil, "no metadata service answers at " .. self.base end
      return context.because(err, "cannot read the instance metadata")
    end
    if answer.status ~= 401 or token == "" or attempt == 2 then return answer end
    self.token = nil
  end
end

function Imds:role()
  local answer, err, why = self:document(ROLES)
  if not answer then return nil, err, why end
  if answer.status == 404 then return nil, nil, "the instance has no role" end
  if answer.status ~= 200 then return refused(answer, "the role") end
  local role = answer.body:match("[^%s]+")
  if not role then return nil, nil, "the instance has no role" end
  return role
end

-- The name of a role as it stands in the path: with the characters that IAM allows in it as they are.
local function path_of(role)
  return ROLES .. role:gsub("[^%w+=,.@_%-]", require("bedrock.request").uri_encode)
end

local function from_answer(answer)
  if answer.status ~= 200 then return refused(answer, "credentials") end
  local keys = context.object(answer.body)
  if not keys then return context.fail("bad_answer", "the instance metadata service did not answer with JSON") end
  if type(keys.Code) == "string" and keys.Code ~= "Success" then
    return context.fail(keys.Code, ("the instance metadata service has no credentials: %s %s")
      :format(keys.Code, type(keys.Message) == "string" and keys.Message or ""))
  end
  local creds, why = context.credentials("imds", {
    id = keys.AccessKeyId, secret = keys.SecretAccessKey, token = keys.Token, expiration = keys.Expiration,
    account_id = keys.AccountId,
  })
  if creds then return creds end
  return context.fail("bad_answer", "the instance metadata service gave no usable credentials: " .. why)
end

function Imds:get()
  if is_true(self.ctx:env("AWS_EC2_METADATA_DISABLED")) then return nil, nil, "AWS_EC2_METADATA_DISABLED is true" end
  local base, bad = imds.base(self:lookup())
  if not base then return nil, bad end
  if self.ctx.system.now() < self.absent_until and base == self.base then
    return nil, nil, "no metadata service answers at " .. base
  end
  self.base = base
  local role, err, why = self:role()
  if not role then return nil, err, why end
  local answer
  answer, err, why = self:document(path_of(role))
  if not answer then return nil, err, why end
  return from_answer(answer)
end

---@param ctx bedrock.CredentialsContext
---@return table provider
function imds.new(ctx)
  return setmetatable({ ctx = ctx, base = nil, token = nil, token_until = 0, absent_until = 0 }, Imds)
end

return imds
