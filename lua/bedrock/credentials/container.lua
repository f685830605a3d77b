--- Credentials of a container: the endpoint that ECS, EKS Pod Identity and their like run beside it.
--
-- The address comes from the environment, so it is checked before anything is sent there: https, or plain http to
-- this machine and to the addresses that AWS gives to these endpoints. A name is not resolved to find out more.
-- Follows docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html

local context = require "bedrock.credentials.context"

local container = {}

local ECS = "http://169.254.170.2"
local ATTEMPTS, PAUSE = 3, 1

local allowed_hosts = {
  localhost = true, ["::1"] = true, ["0:0:0:0:0:0:0:1"] = true,
  ["169.254.170.2"] = true, ["169.254.170.23"] = true, ["fd00:ec2::23"] = true,
}

local function is_loopback(host)
  local a, b, c = host:match("^127%.(%d+)%.(%d+)%.(%d+)$")
  return a ~= nil and tonumber(a) < 256 and tonumber(b) < 256 and tonumber(c) < 256
end

local function host_of(authority)
  local host = authority:match("^%[([%x:.]+)%]:%d+$") or authority:match("^%[([%x:.]+)%]$") or
    authority:match("^([%w%-._]+):%d+$") or authority:match("^([%w%-._]+)$")
  return host and host:lower()
end

local function full_url(url)
  local name = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
  local scheme, authority = url:match("^(%a+)://([^/?#]*)")
  scheme = scheme and scheme:lower()
  local host = authority and host_of(authority)
  if not host or url:find("[%c ]") or (scheme ~= "https" and scheme ~= "http") then
    return context.fail("bad_container_url", name .. " is not an http or https address with a host")
  end
  if scheme == "http" and not allowed_hosts[host] and not is_loopback(host) then
    return context.fail("bad_container_url", ("%s: plain http is not allowed to the host %s"):format(name, host),
      "Use https, a loopback address, or one of the addresses of ECS and EKS")
  end
  return url
end

--- The address that is asked for credentials.
---@param env fun(name: string): string?
---@return string? url nil without an error when no variable names one
---@return bedrock.Error? err
---@return string? why
function container.url(env)
  local relative, full = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), env("AWS_CONTAINER_CREDENTIALS_FULL_URI")
  if relative then
    if relative:sub(1, 1) ~= "/" or relative:find("[%c ]") then
      return context.fail("bad_container_url", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with a slash")
    end
    return ECS .. relative
  end
  if full then return full_url(full) end
  return nil, nil, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set"
end

local Container = {}
Container.__index = Container

-- The file wins, and is read at every call. The token goes into a header as it is, so it must be one line.
function Container:authorization()
  local ctx = self.ctx
  local path = ctx:env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
  local token, err
  if path then
    token, err = ctx:read(path, "the token file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    if err then return nil, err end
  else
    token = ctx.system.getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
  end
  if token and token:find("[\r\n%z]") then
    return context.fail("token_broken", "there is a line break in the container authorization token",
      path and "Write the file without a line end" or nil)
  end
  return token and token:find("%S") and token or nil
end

-- Credentials, or an error and whether asking again may help.
local function from_answer(answer)
  if answer.status ~= 200 then
    local said = context.object(answer.body) or {}
    local message = type(said.message) == "string" and ": " .. said.message or ""
    local _, err = context.fail(type(said.code) == "string" and said.code or "container_error",
      ("the container's credentials endpoint answered HTTP %d%s"):format(answer.status, message))
    err.status = answer.status
    return nil, err, answer.status >= 500
  end
  local keys = context.object(answer.body) or {}
  local creds, why = context.credentials("container", {
    id = keys.AccessKeyId, secret = keys.SecretAccessKey, token = keys.Token, expiration = keys.Expiration,
    account_id = keys.AccountId,
  })
  if creds then return creds end
  local _, err = context.fail("bad_answer", "the container's credentials endpoint gave no usable credentials: " .. why)
  return nil, err, true
end

function Container:attempt(url, token)
  local answer, err = self.ctx:ask {
    method = "GET", url = url, proxy = false,
    headers = { { "Accept", "application/json" }, token and { "Authorization", token } },
    timeouts = { connect = 2, first_byte = 5, idle = 5, total = 10 },
  }
  if not answer then
    local _, why = context.because(err, "cannot get the container's credentials")
    return nil, why, true
  end
  return from_answer(answer)
end

function Container:get()
  local url, err, why = container.url(function(name) return self.ctx:env(name) end)
  if not url then return nil, err, why end
  local token
  token, err = self:authorization()
  if err then return nil, err end
  local creds, again
  for attempt = 1, ATTEMPTS do
    creds, err, again = self:attempt(url, token)
    if creds or not again or attempt == ATTEMPTS then break end
    self.ctx.transport:sleep(PAUSE)
  end
  return creds, err
end

---@param ctx bedrock.CredentialsContext
---@return table provider
function container.new(ctx)
  return setmetatable({ ctx = ctx }, Container)
end

return container
