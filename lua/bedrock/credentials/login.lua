--- A login session of the console (`aws login`): short-lived keys in a cache file, renewed with a refresh token.
--
-- The renewal proves that it holds the key of the session (DPoP, RFC 9449): a small signed token goes along in a
-- header. The cache file is then written anew, for the AWS CLI and for everybody else who reads it.

local context = require "bedrock.credentials.context"
local profiles = require "bedrock.profiles"
local timestamps = require "bedrock.timestamps"

local login = {}

local EARLY = 300 -- seconds before their end at which the keys are renewed
local PAUSE = 30 -- seconds between two tries to renew while the old keys hold

local function login_hint(step)
  return "Run: aws login --profile " .. step.profile
end

local function fail(step, code, message)
  return context.fail(code, ("profile %s: %s"):format(step.profile, message), login_hint(step))
end

local function text(value)
  return type(value) == "string" and value:find("%S") and value or nil
end

--- The file that caches a session.
---@param ctx bedrock.CredentialsContext
---@param session string the value of login_session
---@return string? path
function login.cache_path(ctx, session)
  local name = require("bedrock.core").crypto.sha256((session:gsub("^%s+", ""):gsub("%s+$", ""))) .. ".json"
  local directory = ctx:env("AWS_LOGIN_CACHE_DIRECTORY")
  if directory then return directory:gsub("[/\\]+$", "") .. (ctx.system.platform == "windows" and "\\" or "/") .. name end
  return profiles.in_home(ctx.system, ".aws", "login", "cache", name)
end

-- Base64 for URLs, without padding (RFC 7515).
local function base64url(bytes)
  local encoded = require("bedrock.core").base64.encode(bytes):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" })
  return encoded
end

--- The proof that a request comes from the holder of the key: a JWT for this method, this address and this moment.
---@param pem string EC P-256 private key
---@param claims { method: string, url: string, time: number, id: string }
---@return string? proof
---@return string? why
function login.dpop(pem, claims)
  local crypto, json = require("bedrock.core").crypto, require "bedrock.json"
  local x, y = crypto.ec_public(pem)
  if not x then return nil, y end
  local header = json.encode {
    typ = "dpop+jwt", alg = "ES256",
    jwk = { kty = "EC", crv = "P-256", x = base64url(x), y = base64url(y) },
  }
  local payload = json.encode {
    htm = claims.method, htu = claims.url, iat = math.floor(claims.time), jti = claims.id,
  }
  local signed = base64url(header) .. "." .. base64url(payload)
  local signature, why = crypto.es256_sign(pem, signed)
  if not signature then return nil, why end
  return signed .. "." .. base64url(signature)
end

local Login = {}
Login.__index = Login

-- The session as it is in its file, with everything that a renewal takes.
function Login:cached(step)
  local path = login.cache_path(self.ctx, step.login_session)
  if not path then return fail(step, "login_missing", "there is no home directory with a login cache") end
  local content, why, missing = self.ctx.system.read_file(path)
  if not content and not missing then
    return fail(step, "login_unreadable", "cannot read the login session: " .. tostring(why))
  end
  if not content then return fail(step, "login_missing", "there is no login session at " .. path) end
  local cache = context.object(content)
  if not cache then return fail(step, "login_broken", "the login session cannot be read from " .. path) end
  for _, name in ipairs { "clientId", "refreshToken", "dpopKey" } do
    if not text(cache[name]) then return fail(step, "login_broken", ("the login session in %s lacks %s"):format(path, name)) end
  end
  local creds
  creds, why = login.credentials(cache.accessToken)
  if not creds then return fail(step, "login_broken", ("the login session in %s is not whole: %s"):format(path, why)) end
  return { cache = cache, path = path, creds = creds }
end

--- Credentials from the accessToken of a cache; keys without an end are not those of a session.
---@param token any
---@return bedrock.Credentials? creds
---@return string? why
function login.credentials(token)
  if type(token) ~= "table" then return nil, "accessToken is missing" end
  if not text(token.expiresAt) then return nil, "expiresAt is missing" end
  return context.credentials("profile (login)", {
    id = token.accessKeyId, secret = token.secretAccessKey, token = token.sessionToken, expiration = token.expiresAt,
    account_id = token.accountId,
  })
end

local again = {
  TOKEN_EXPIRED = "the login session has expired", USER_CREDENTIALS_CHANGED = "the credentials of the user have changed",
}

-- What the service's refusal means for the user.
local function refusal(step, err)
  local name = type(err.members) == "table" and err.members.error or err.code
  if again[name] then return fail(step, "login_expired", again[name]) end
  local what = ("profile %s: cannot renew the login session"):format(step.profile)
  if name == "INSUFFICIENT_PERMISSIONS" then
    return context.because(err, what, "The user lacks the permission signin:CreateOAuth2Token")
  end
  return context.because(err, what, err.status and login_hint(step) or nil)
end

local function write_back(ctx, session)
  local ok, why = ctx.system.write_file(session.path, require("bedrock.json").encode(session.cache))
  if not ok then ctx.log("warn", "cannot write the renewed login session to " .. session.path .. ": " .. tostring(why)) end
end

-- The answer laid over the cache. What it does not say stays: the account, for one.
local function adopt(ctx, session, answer)
  local fresh, old = type(answer.accessToken) == "table" and answer.accessToken or {}, session.cache.accessToken
  if type(answer.expiresIn) ~= "number" then return nil, "expiresIn is missing" end
  local token = {
    accessKeyId = fresh.accessKeyId, secretAccessKey = fresh.secretAccessKey, sessionToken = fresh.sessionToken,
    accountId = fresh.accountId or old.accountId,
    expiresAt = timestamps.iso8601(math.floor(ctx.system.now() + answer.expiresIn)),
  }
  local creds, why = login.credentials(token)
  if not creds then return nil, why end
  session.cache.accessToken = token
  session.cache.refreshToken = text(answer.refreshToken) or session.cache.refreshToken
  session.cache.idToken = text(answer.idToken) or session.cache.idToken
  write_back(ctx, session)
  return creds
end

function Login:proof(step, session, region)
  local ctx = self.ctx
  local target, err = require("bedrock.endpoint").resolve("signin", ctx.settings, { region = region, nested = true })
  if not target then return nil, err end
  local proof, why = login.dpop(session.cache.dpopKey, {
    method = "POST", url = target.url .. "/v1/token", time = ctx.system.now(), id = require("bedrock.core").crypto.uuid(),
  })
  if proof then return proof end
  return fail(step, "login_broken", "the key of the login session cannot sign: " .. tostring(why))
end

function Login:renew(step, session)
  local ctx = self.ctx
  local region = ctx:region()
  local proof, err = self:proof(step, session, region)
  if not proof then return nil, err end
  local result
  result, err = ctx:call("create_oauth2_token", {
    tokenInput = {
      clientId = session.cache.clientId, grantType = "refresh_token", refreshToken = session.cache.refreshToken,
    },
  }, { region = region, attempts = 1, headers = { { "DPoP", proof } } })
  if not result then return refusal(step, err) end
  local creds, why = adopt(ctx, session, result.tokenOutput)
  if creds then return creds end
  return fail(step, "bad_answer", "the sign-in service answered without usable credentials: " .. why)
end

--- Credentials of the session that a profile names.
---@param step { profile: string, login_session: string }
---@return bedrock.Credentials? creds
---@return bedrock.Error? err
function Login:session_credentials(step)
  local session, err = self:cached(step)
  if not session then return nil, err end
  local now = self.ctx.system.now()
  local left = session.creds.expiration - now
  if left > EARLY or (left > 0 and now - self.tried < PAUSE) then return session.creds end
  self.tried = now
  local creds
  creds, err = self:renew(step, session)
  if creds then return creds end
  if left <= 0 then return nil, err end
  self.ctx.log("warn", err.message)
  return session.creds
end

---@param ctx bedrock.CredentialsContext
---@return table provider
function login.new(ctx)
  return setmetatable({ ctx = ctx, tried = -math.huge }, Login)
end

return login
