--- A role assumed through STS with the credentials of the step before.

local context = require "bedrock.credentials.context"

local assume_role = {}

--- The name of a session when the profile gives none: what the API accepts, and recognizable in CloudTrail.
---@param ctx bedrock.CredentialsContext
---@return string
function assume_role.session_name(ctx)
  return ("bedrock-lua-%.0f"):format(math.floor(ctx.system.now() * 1000))
end

--- The account of an assumed role: the fifth part of its ARN.
---@param user table? AssumedRoleUser of the answer
---@return string?
local function account_of(user)
  return type(user) == "table" and type(user.Arn) == "string" and user.Arn:match("^[^:]*:[^:]*:[^:]*:[^:]*:([^:]+):") or nil
end

--- Credentials from the answer of an AssumeRole operation.
---@param result table
---@param source string
---@param what string names the call in errors
---@return bedrock.Credentials? creds
---@return bedrock.Error? err
function assume_role.from_answer(result, source, what)
  local keys = type(result.Credentials) == "table" and result.Credentials or {}
  local creds, why = context.credentials(source, {
    id = keys.AccessKeyId, secret = keys.SecretAccessKey, token = keys.SessionToken, expiration = keys.Expiration,
    account_id = account_of(result.AssumedRoleUser),
  })
  if creds then return creds end
  return context.fail("bad_answer", ("%s: STS answered without usable credentials: %s"):format(what, why))
end

--- The duration of a session, which the files hold as text.
---@param value string?
---@param profile string?
---@return number? seconds
---@return bedrock.Error? err
function assume_role.duration(value, profile)
  if value == nil then return nil end
  local seconds = tonumber(value)
  if seconds and seconds > 0 and seconds % 1 == 0 then return math.floor(seconds) end
  return context.fail("bad_duration", ("profile %s: duration_seconds is not a number of seconds: %q")
    :format(tostring(profile), value))
end

-- The code of the user's device, asked through the program: the library has no terminal of its own.
local function mfa_code(ctx, step)
  local ask = ctx.settings.mfa
  if not ask then
    return context.fail("mfa_needed", ("profile %s: assuming %s takes an MFA code of %s")
      :format(step.profile, step.role_arn, step.mfa_serial),
      "Give bedrock.new the option mfa, a function that gets the serial number and returns the code")
  end
  local code, why = ask(step.mfa_serial, step.profile)
  if (type(code) == "string" or type(code) == "number") and tostring(code):find("%S") then return tostring(code) end
  return context.fail("mfa_needed", "the function mfa gave no code" .. (why and ": " .. tostring(why) or ""))
end

--- Assumes a role.
---@param ctx bedrock.CredentialsContext
---@param step bedrock.PlanStep role_arn, role_session_name, external_id, duration_seconds, mfa_serial
---@param creds bedrock.Credentials
---@return bedrock.Credentials? creds
---@return bedrock.Error? err
function assume_role.assume(ctx, step, creds)
  local duration, err = assume_role.duration(step.duration_seconds, step.profile)
  if err then return nil, err end
  local code
  if step.mfa_serial then
    code, err = mfa_code(ctx, step)
    if not code then return nil, err end
  end
  local what = ("profile %s: cannot assume the role %s"):format(step.profile, step.role_arn)
  local result
  result, err = ctx:call("assume_role", {
    RoleArn = step.role_arn, RoleSessionName = step.role_session_name or assume_role.session_name(ctx),
    ExternalId = step.external_id, DurationSeconds = duration, SerialNumber = step.mfa_serial, TokenCode = code,
  }, { region = ctx:region(), credentials = creds })
  if not result then return context.because(err, what) end
  return assume_role.from_answer(result, "profile (assume role)", what)
end

return assume_role
