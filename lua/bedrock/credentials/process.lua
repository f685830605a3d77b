--- credential_process: a command of the user's that prints credentials as JSON.
--
-- The one source that blocks the host while it works: Lua has no way to wait for a process together with sockets.
-- The command runs through `sh -c` with a time limit. What it prints is never logged and in no error, for it holds
-- secrets; what it writes to its error output is for people, and is told when it fails, without what looks like a secret.

local context = require "bedrock.credentials.context"
local redact = require "bedrock.redact"

local process = {}

local TIME_LIMIT = 60 -- seconds; a command may have to open a browser window
local OUTPUT_LIMIT = 1024 * 1024

local function complaint(stderr)
  local said = (stderr or ""):gsub("[%c%s]+", " "):gsub("^ ", ""):gsub(" $", "")
  return said ~= "" and ": " .. redact.text(said:sub(1, 4096)):sub(1, 300) or ""
end

local function ended_badly(result, what)
  if result.timed_out then
    return context.fail("process_timeout", ("%s did not finish within %d s"):format(what, TIME_LIMIT))
  end
  if result.overflow then return context.fail("process_bad_output", what .. " printed too much") end
  if result.signal then
    return context.fail("process_failed", ("%s was killed by signal %d%s"):format(what, result.signal, complaint(result.stderr)))
  end
  return context.fail("process_failed", ("%s ended with exit code %d%s"):format(what, result.code, complaint(result.stderr)))
end

-- Where the host reaps all children itself the exit code is lost; then the output must speak for it.
local function went_well(result)
  local ended = result.code == 0 or (result.code == nil and result.signal == nil)
  return ended and not result.timed_out and not result.overflow
end

local function from_output(step, stdout, what)
  local answer = context.object(stdout)
  if not answer then return context.fail("process_bad_output", what .. " did not print a JSON object") end
  if answer.Version ~= 1 then
    return context.fail("process_bad_output", what .. " printed another Version than 1")
  end
  local creds, why = context.credentials("profile (process)", {
    id = answer.AccessKeyId, secret = answer.SecretAccessKey, token = answer.SessionToken,
    expiration = answer.Expiration, account_id = type(answer.AccountId) == "string" and answer.AccountId or step.account_id,
  })
  if creds then return creds end
  return context.fail("process_bad_output", ("the credentials that %s printed cannot be used: %s"):format(what, why))
end

--- Runs the process of a profile.
---@param ctx bedrock.CredentialsContext
---@param step { profile: string, command: string, account_id: string? }
---@return bedrock.Credentials? creds
---@return bedrock.Error? err
function process.run(ctx, step)
  local what = ("the credential_process of profile %s"):format(step.profile)
  if not ctx.system.run then return context.fail("no_processes", what .. " cannot be run on this host") end
  local result, why = ctx.system.run(step.command, { timeout = TIME_LIMIT, limit = OUTPUT_LIMIT })
  if not result then return context.fail("process_failed", ("%s cannot be started: %s"):format(what, tostring(why))) end
  if not went_well(result) then return ended_badly(result, what) end
  return from_output(step, result.stdout, what)
end

return process
