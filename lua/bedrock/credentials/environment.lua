--- Keys in environment variables. A key without its secret, or the other way round, is an error: it is a slip, and
-- going on with another identity would hide it.

local context = require "bedrock.credentials.context"

local environment = {}

local Environment = {}
Environment.__index = Environment

function Environment:get()
  local ctx = self.ctx
  local id, secret = ctx:env("AWS_ACCESS_KEY_ID"), ctx:env("AWS_SECRET_ACCESS_KEY")
  if not id and not secret then return nil, nil, "AWS_ACCESS_KEY_ID is not set" end
  if not id or not secret then
    return context.fail("half_key_pair", id and "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY" or
      "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID", "Set both, or unset both to look for keys elsewhere")
  end
  local creds, why = context.credentials("environment", {
    id = id, secret = secret, token = ctx:env("AWS_SESSION_TOKEN") or ctx:env("AWS_SECURITY_TOKEN"),
    expiration = ctx:env("AWS_CREDENTIAL_EXPIRATION"), account_id = ctx:env("AWS_ACCOUNT_ID"),
  })
  if not creds then return context.fail("bad_keys", "the keys in the environment cannot be used: " .. why) end
  return creds
end

---@param ctx bedrock.CredentialsContext
---@return table provider
function environment.new(ctx)
  return setmetatable({ ctx = ctx }, Environment)
end

return environment
