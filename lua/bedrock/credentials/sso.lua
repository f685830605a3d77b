--- IAM Identity Center: the token that `aws sso login` left in a cache file is exchanged for credentials of a role.
--
-- A token of an sso-session can be renewed with the refresh token beside it, and the cache file is then written
-- anew for everybody. A token of the old form (start URL in the profile) cannot. Either way, when there is no
-- usable token, the error names the command that gets one.
-- Follows docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html

local context = require "bedrock.credentials.context"
local profiles = require "bedrock.profiles"
local timestamps = require "bedrock.timestamps"

local sso = {}

local EARLY = 300 -- seconds before its end at which a token is renewed
local PAUSE = 30 -- seconds between two tries to renew

local function login_hint(step)
  return "Run: aws sso login --profile " .. step.profile
end

local function fail(step, code, message)
  return context.fail(code, ("profile %s: %s"):format(step.profile, message), login_hint(step))
end

local Sso = {}
Sso.__index = Sso

local function text(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- The file that caches the token of a session, or of a start URL.
---@param system bedrock.System
---@param step table sso_session or sso_start_url
---@return string? path nil where there is no home directory
function sso.cache_path(system, step)
  local key = step.sso_session or step.sso_start_url
  return profiles.in_home(system, ".aws", "sso", "cache", require("bedrock.core").crypto.sha1(key) .. ".json")
end

-- The token as it is in its file: { cache, path, value, expires }.
function Sso:cached(step)
  local path = sso.cache_path(self.ctx.system, step)
  if not path then return fail(step, "sso_token_missing", "there is no home directory with a token cache") end
  local content, why, missing = self.ctx.system.read_file(path)
  if not content and not missing then
    return fail(step, "sso_token_unreadable", "cannot read the SSO token: " .. tostring(why))
  end
  if not content then return fail(step, "sso_token_missing", "there is no SSO token at " .. path) end
  local cache = context.object(content)
  local expires = cache and text(cache.expiresAt) and timestamps.seconds(cache.expiresAt)
  if not cache or not text(cache.accessToken) or not expires then
    return fail(step, "sso_token_broken", "the SSO token cannot be read from " .. path)
  end
  return { cache = cache, path = path, value = cache.accessToken, expires = expires }
end

-- Whether everything is there that a renewal takes, and the last try is not just over.
function Sso:may_renew(step, token)
  local cache, now = token.cache, self.ctx.system.now()
  local registered = text(cache.registrationExpiresAt) and timestamps.seconds(cache.registrationExpiresAt)
  return step.sso_session and text(cache.refreshToken) and text(cache.clientId) and text(cache.clientSecret) and
    registered and registered > now and now - (self.tried[token.path] or -math.huge) >= PAUSE
end

local function write_back(ctx, token)
  local content = require("bedrock.json").encode(token.cache)
  local ok, why = ctx.system.write_file(token.path, content)
  if not ok then ctx.log("warn", "cannot write the renewed token to " .. token.path .. ": " .. tostring(why)) end
end

-- The renewed token, or nil and why not; a token that still holds survives a failed try.
function Sso:renew(step, token)
  local ctx, cache = self.ctx, token.cache
  self.tried[token.path] = ctx.system.now()
  local result, err = ctx:call("create_token", {
    clientId = cache.clientId, clientSecret = cache.clientSecret, grantType = "refresh_token",
    refreshToken = cache.refreshToken,
  }, { region = step.sso_region, attempts = 1 })
  if not result then return nil, err.message end
  if not text(result.accessToken) or type(result.expiresIn) ~= "number" then return nil, "the answer holds no token" end
  token.value, token.expires = result.accessToken, math.floor(ctx.system.now() + result.expiresIn)
  cache.accessToken, cache.expiresAt = token.value, timestamps.iso8601(token.expires)
  cache.refreshToken = text(result.refreshToken) or cache.refreshToken
  write_back(ctx, token)
  return token
end

--- The bearer token of a profile or session.
---@param step table from `plan`: profile, sso_session, sso_region, sso_start_url
---@return { value: string, expires: number }? token
---@return bedrock.Error? err
function Sso:token(step)
  local token, err = self:cached(step)
  if not token then return nil, err end
  local left = token.expires - self.ctx.system.now()
  if step.sso_session and left < EARLY and self:may_renew(step, token) then
    local renewed, why = self:renew(step, token)
    if renewed then return renewed end
    self.ctx.log("warn", ("profile %s: the SSO token could not be renewed: %s"):format(step.profile, why))
  end
  if left > 0 then return token end
  return fail(step, "sso_token_expired", "the SSO session has expired")
end

--- Credentials of the role that a profile names.
---@param step table from `plan`
---@return bedrock.Credentials? creds
---@return bedrock.Error? err
function Sso:role_credentials(step)
  local token, err = self:token(step)
  if not token then return nil, err end
  local what = ("profile %s: cannot get credentials of the role %s"):format(step.profile, step.sso_role_name)
  local result
  result, err = self.ctx:call("get_role_credentials", {
    roleName = step.sso_role_name, accountId = step.sso_account_id, accessToken = token.value,
  }, { region = step.sso_region, attempts = 1 })
  if not result then return context.because(err, what, err.status == 401 and login_hint(step) or nil) end
  local keys = type(result.roleCredentials) == "table" and result.roleCredentials or {}
  local creds, why = context.credentials("profile (sso)", {
    id = keys.accessKeyId, secret = keys.secretAccessKey, token = keys.sessionToken, account_id = step.sso_account_id,
    expiration = tonumber(keys.expiration) and math.floor(tonumber(keys.expiration) / 1000) or nil,
  })
  if creds then return creds end
  return context.fail("bad_answer", what .. ": " .. why)
end

---@param ctx bedrock.CredentialsContext
---@return table provider
function sso.new(ctx)
  return setmetatable({ ctx = ctx, tried = {} }, Sso)
end

return sso
