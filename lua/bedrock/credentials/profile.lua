--- The active profile of the shared files: keys, roles, web identity, IAM Identity Center, login sessions, processes.
--
-- `plan` says which steps lead to credentials; here they are taken one after the other.

local context = require "bedrock.credentials.context"
local plan = require "bedrock.credentials.plan"

local profile = {}

local Profile = {}
Profile.__index = Profile

local sources = { Environment = "environment", EcsContainer = "container", Ec2InstanceMetadata = "imds" }

local take = {}

function take.AccessKey(_, step)
  local creds, why = context.credentials("profile", {
    id = step.access_key_id, secret = step.secret_access_key, token = step.session_token, account_id = step.account_id,
  })
  if creds then return creds end
  return context.fail("bad_keys", ("the keys of profile %s cannot be used: %s"):format(step.profile, why))
end

-- The profile asks for this source by name: that it is not configured is an error here.
function take.NamedSource(ctx, step)
  local creds, err, why = ctx:source(sources[step.name]):get()
  if creds or err then return creds, err end
  return context.fail("no_provider", ("profile %s: credential_source is %s, and %s"):format(step.profile, step.name, why))
end

function take.WebIdentityToken(ctx, step)
  return require("bedrock.credentials.web_identity").exchange(ctx, {
    role_arn = step.role_arn, file = step.web_identity_token_file, session_name = step.role_session_name,
    duration = step.duration_seconds, source = "profile (web identity)",
  })
end

function take.Sso(ctx, step)
  return ctx:source("sso"):role_credentials(step)
end

function take.LoginSession(ctx, step)
  return ctx:source("login"):session_credentials(step)
end

function take.CredentialProcess(ctx, step)
  return require("bedrock.credentials.process").run(ctx, step)
end

function take.AssumeRole(ctx, step, creds)
  return require("bedrock.credentials.assume_role").assume(ctx, step, creds)
end

function Profile:steps()
  local ctx = self.ctx
  local name, chosen = ctx.settings.profile, ctx.settings.profile_source
  local set, err = ctx:profiles()
  if not set then return nil, err end
  if not set.profiles[name] then
    if chosen == "default" then return nil, nil, "there is no profile " .. name end
    return context.fail("profile_missing", ("the profile %s (%s) does not exist"):format(name, chosen),
      plan.names(set, name, ctx.system))
  end
  local steps
  steps, err = plan.steps(set, name)
  if steps then return steps end
  -- Without credentials of its own the profile holds settings only, and the chain goes on.
  if err.code == "no_credentials" and err.profile == name then
    return nil, nil, "the profile " .. name .. " has no credentials"
  end
  return nil, err
end

function Profile:get()
  local steps, err, why = self:steps()
  if not steps then return nil, err, why end
  local creds
  for _, step in ipairs(steps) do
    creds, err = take[step.kind](self.ctx, step, creds)
    if not creds then return nil, err end
  end
  return creds
end

---@param ctx bedrock.CredentialsContext
---@return table provider
function profile.new(ctx)
  return setmetatable({ ctx = ctx }, Profile)
end

return profile
