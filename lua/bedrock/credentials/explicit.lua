--- Credentials that the program gave: keys as options, a table of keys, a function, or a provider of its own.
--
-- A function is called without arguments and returns a table { access_key_id, secret_access_key, session_token,
-- expiration } or nil and why. It is called again before the expiration that it named. A provider is a table with a
-- method `get` that does the same.

local context = require "bedrock.credentials.context"
local errors = require "bedrock.errors"

local explicit = {}

local Explicit = {}
Explicit.__index = Explicit

local hint = "It returns { access_key_id, secret_access_key, session_token, expiration }, or nil and why"

-- Plain Lua 5.1 cannot yield across pcall, and a provider may wait; there, in a coroutine, it is called unprotected.
local function protected(f, ...)
  local yields_across_pcall = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil
  if yields_across_pcall or not coroutine.running() then return pcall(f, ...) end
  return true, f(...)
end

local function call(given)
  if type(given) == "function" then return protected(given) end
  return protected(given.get, given)
end

local function made(given, source)
  local creds, why = context.credentials(source, {
    id = given.access_key_id, secret = given.secret_access_key, token = given.session_token,
    expiration = given.expiration, account_id = given.account_id,
  })
  if creds then return creds end
  return context.fail("bad_keys", ("the credentials (%s) cannot be used: %s"):format(source, why), hint)
end

function Explicit:get()
  local settings = self.ctx.settings
  if settings.explicit then return made(settings.explicit, "option") end
  local given = settings.credentials
  if type(given) == "table" and not given.get then return made(given, "option credentials") end
  local ran, result, why = call(given)
  if not ran or result == nil then
    local known = errors.is(why) and why or errors.is(result) and result
    if known then return nil, known end
    return context.fail("provider_failed", "the function given as credentials failed: " ..
      tostring(not ran and result or why or "it returned nothing"))
  end
  if type(result) ~= "table" then
    return context.fail("provider_failed", "the function given as credentials returned a " .. type(result), hint)
  end
  return made(result, "function")
end

---@param ctx bedrock.CredentialsContext
---@return table provider
function explicit.new(ctx)
  return setmetatable({ ctx = ctx }, Explicit)
end

return explicit
