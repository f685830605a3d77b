--- The chain of credential sources, and what keeps its result fresh.
--
-- Order: what the program gave, and nothing else then; or environment, profile, web identity of the environment,
-- container, instance metadata. A source that is not configured passes on; one that is configured and fails stops
-- the chain with its own error.
--
-- Freshness: credentials are renewed ahead of their end. In the last quarter of their life (15 minutes at most) the
-- first who asks renews them, and everybody else goes on with the old ones; in the last sixth (10 minutes at most)
-- all wait for the renewal. One renewal runs at a time, however many coroutines ask. A failed one is not kept: keys
-- that still hold are used on and it is tried again soon; without such keys the error goes to all who waited.

local context = require "bedrock.credentials.context"
local profiles = require "bedrock.profiles"

local credentials = {}

local ADVISORY, MANDATORY = 900, 600 -- seconds before the end
local SOON = 30 -- seconds until a failed renewal is tried again
local STALE, STALE_SPREAD = 600, 300 -- seconds that credentials are used which were over when they came
local ABANDONED = 120 -- seconds after which a renewal counts as dead

local sources = { "environment", "profile", "web_identity", "container", "imds" }

---@class bedrock.CredentialsChain
local Chain = {}
Chain.__index = Chain
Chain.__name = "bedrock.credentials.chain"

function Chain:__tostring()
  return "bedrock.credentials.chain (" .. (self.held and tostring(self.held.creds) or "nothing loaded") .. ")"
end

--- Makes a chain. Nothing is read or asked before the first `get`.
---@param parts { system: bedrock.System, transport: table, settings: bedrock.Settings, log: function?, random: function? }
---@return bedrock.CredentialsChain
function credentials.new(parts)
  return setmetatable({
    ctx = context.new(parts), system = parts.system, transport = parts.transport, held = nil, flight = nil,
    stamp = nil, looked = -math.huge,
    shared = parts.settings.shared_dict and require("bedrock.credentials.shared").new(parts.settings.shared_dict, parts),
  }, Chain)
end

-- Loading --------------------------------------------------------------------------------------------------------------

function Chain:names()
  local settings = self.ctx.settings
  if settings.explicit or settings.credentials then return { "explicit" } end
  -- A profile that the program names is meant; keys that happen to be in the environment are not.
  local names = {}
  for _, name in ipairs(sources) do
    if name ~= "environment" or settings.profile_source ~= "option" then names[#names + 1] = name end
  end
  return names
end

local function nothing_found(reasons, hint)
  return context.fail("no_provider", "no AWS credentials were found: " .. table.concat(reasons, "; "),
    hint or "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or AWS_BEARER_TOKEN_BEDROCK")
end

-- What came of asking a source, for the log: never the keys.
function Chain:tell(name, creds, err)
  if creds then
    self.ctx.log("debug", "credentials: found", {
      source = creds.source, access_key_id = context.shorten(creds.access_key_id),
      expires_in = creds.expiration and creds.expiration - self.system.now(),
    })
  else
    self.ctx.log("debug", ("credentials: the source %s failed"):format(name), { error = err })
  end
end

-- Asks the sources in order.
function Chain:ask_sources()
  local reasons = {}
  for _, name in ipairs(self:names()) do
    local creds, err, why = self.ctx:source(name):get()
    if creds or err then
      self:tell(name, creds, err)
      return creds, err
    end
    reasons[#reasons + 1] = why
    self.ctx.log("debug", "credentials: none from " .. name .. ", " .. tostring(why))
  end
  return nothing_found(reasons, self.transport.hints and self.transport.hints.no_provider)
end

function Chain:load()
  if not self.shared or self:names()[1] == "explicit" then return self:ask_sources() end
  return self.shared:load(self.held and self.held.creds, function() return self:ask_sources() end)
end

-- Keeping --------------------------------------------------------------------------------------------------------------

-- Credentials that are over when they come may be so by our clock only, or the service that gives them is in trouble
-- and means them to be used on. They are, and asked for again later; the service that they are shown to has the word.
function Chain:keep(creds)
  local now, over = self.system.now(), creds.expiration
  local held = { creds = creds, renew_at = math.huge, wait_at = math.huge }
  if over and over <= now then
    held.renew_at = now + STALE + self.ctx.random() * STALE_SPREAD
    held.wait_at = held.renew_at
  elseif over then
    held.renew_at = over - math.min(ADVISORY, (over - now) / 4)
    held.wait_at = over - math.min(MANDATORY, (over - now) / 6)
  end
  self.held = held
  return creds
end

-- Keys to go on with after a renewal has failed: those that still hold, and those of an instance in any case.
function Chain:fall_back(err)
  local held, now = self.held, self.system.now()
  if not held then return nil, err end
  local over = held.creds.expiration
  if not over or now < over then
    held.renew_at = now + SOON
    held.wait_at = math.min(held.renew_at, over or math.huge)
  elseif held.creds.source == "imds" then
    held.renew_at = now + STALE + self.ctx.random() * STALE_SPREAD
    held.wait_at = held.renew_at
  else
    self.held = nil
    return nil, err
  end
  self.ctx.log("warn", "credentials could not be renewed, the old ones are used on: " .. err.message)
  return held.creds
end

-- Whether the shared files have changed since they were last looked at; looked at once a second at most.
function Chain:files_changed()
  local now = self.system.now()
  if math.abs(now - self.looked) < 1 then return false end
  local before, stamp = self.stamp, profiles.stamp(self.system)
  self.looked, self.stamp = now, stamp
  return before ~= nil and before ~= stamp
end

-- One renewal at a time ------------------------------------------------------------------------------------------------

local function current()
  local co, main = coroutine.running()
  return not main and co or nil
end

-- A renewal whose coroutine has ended, or that takes for ever because it was given up, is nobody's to wait for.
function Chain:is_alive(flight)
  if flight.owner and coroutine.status(flight.owner) == "dead" then return false end
  return self.transport:now() - flight.started < ABANDONED
end

-- Waiting is sleeping: the transport knows how this host does that, and whoever renews is not in a hurry for us.
function Chain:wait(flight)
  local pause = 0.005
  while not flight.done do
    if not self:is_alive(flight) then return self:renew() end
    self.transport:sleep(pause)
    pause = math.min(pause * 2, 0.05)
  end
  return flight.creds, flight.err
end

-- A source that asks the client it serves would renew for ever; a few times may be a source that raised before.
local function depth_of(flight, owner)
  return flight and flight.owner == owner and flight.depth + 1 or 1
end

function Chain:renew()
  local flight, owner = self.flight, current()
  if flight and flight.owner ~= owner and self:is_alive(flight) then return self:wait(flight) end
  local depth = depth_of(flight, owner)
  if depth > 3 then
    self.flight = nil
    return context.fail("credentials_loop", "credentials are asked for while they are being loaded",
      "A function given as credentials cannot use the client that it serves")
  end
  flight = { owner = owner, started = self.transport:now(), depth = depth, done = false, creds = nil, err = nil }
  self.flight = flight
  local creds, err = self:load()
  if creds then
    flight.creds = self:keep(creds)
  else
    flight.creds, flight.err = self:fall_back(err)
  end
  flight.done = true
  if self.flight == flight then self.flight = nil end
  return flight.creds, flight.err
end

-- The surface ----------------------------------------------------------------------------------------------------------

--- Credentials to sign with: those at hand while they are fresh.
---@return bedrock.Credentials? creds
---@return bedrock.Error? err
function Chain:get()
  local held, now = self.held, self.system.now()
  if self:files_changed() or not held then return self:renew() end
  if now < held.renew_at then return held.creds end
  if now < held.wait_at and self.flight then return held.creds end
  return self:renew()
end

--- Drops credentials that a service has refused as expired. Others, which came after them, stay.
---@param creds bedrock.Credentials
function Chain:invalidate(creds)
  local held = self.held and self.held.creds
  if held and held.access_key_id == creds.access_key_id and held.session_token == creds.session_token then
    self.held = nil
    if self.shared then self.shared:drop(creds) end
  end
end

--- Who signs, without a secret.
---@return { source: string, access_key_id: string, expiration: number?, account_id: string?, profile: string? }? identity
---@return bedrock.Error? err
function Chain:identity()
  local creds, err = self:get()
  if not creds then return nil, err end
  return {
    source = creds.source, access_key_id = context.shorten(creds.access_key_id), expiration = creds.expiration,
    account_id = creds.account_id,
    profile = creds.source:find("^profile") and self.ctx.settings.profile or nil,
  }
end

return credentials
