--- A role by web identity: a token in a file (EKS service accounts, CI systems) is exchanged through STS, unsigned.
--
-- The file is read again at every exchange, because whoever writes it replaces the token.

local assume_role = require "bedrock.credentials.assume_role"
local context = require "bedrock.credentials.context"

local web_identity = {}

local WebIdentity = {}
WebIdentity.__index = WebIdentity

local function read_token(ctx, path)
  local text, err = ctx:read(path, "the web identity token file",
    "AWS_WEB_IDENTITY_TOKEN_FILE or the profile's web_identity_token_file names it; on EKS the pod's service account mounts it")
  if not text then return nil, err end
  local token = text:gsub("%s+$", "")
  if token == "" then return context.fail("token_empty", "the web identity token file is empty: " .. path) end
  if token:find("[%c ]") then
    return context.fail("token_broken", "the web identity token file holds more than one line: " .. path)
  end
  return token
end

--- Exchanges the token of a file for credentials of a role.
---@param ctx bedrock.CredentialsContext
---@param options { role_arn: string, file: string, session_name: string?, duration: string?, source: string }
---@return bedrock.Credentials? creds
---@return bedrock.Error? err
function web_identity.exchange(ctx, options)
  local duration, err = assume_role.duration(options.duration, ctx.settings.profile)
  if err then return nil, err end
  local token
  token, err = read_token(ctx, options.file)
  if not token then return nil, err end
  local what = "cannot assume the role " .. options.role_arn .. " by web identity"
  local result
  result, err = ctx:call("assume_role_with_web_identity", {
    RoleArn = options.role_arn, RoleSessionName = options.session_name or assume_role.session_name(ctx),
    WebIdentityToken = token, DurationSeconds = duration,
  }, { region = ctx:region() })
  if not result then return context.because(err, what) end
  return assume_role.from_answer(result, options.source, what)
end

function WebIdentity:get()
  local ctx = self.ctx
  local file, role = ctx:env("AWS_WEB_IDENTITY_TOKEN_FILE"), ctx:env("AWS_ROLE_ARN")
  if not file then return nil, nil, "AWS_WEB_IDENTITY_TOKEN_FILE is not set" end
  if not role then
    return context.fail("role_arn_missing", "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN")
  end
  return web_identity.exchange(ctx, {
    role_arn = role, file = file, session_name = ctx:env("AWS_ROLE_SESSION_NAME"), source = "web identity",
  })
end

---@param ctx bedrock.CredentialsContext
---@return table provider
function web_identity.new(ctx)
  return setmetatable({ ctx = ctx }, WebIdentity)
end

return web_identity
