--- Credentials shared by several processes: nginx's workers through one of its shared dictionaries.
--
-- Whoever needs new ones looks there first; one process at a time asks the sources, the others wait for what it puts
-- there. Only credentials that expire are shared: those that do not cost nothing to find. The secrets are then in memory
-- that all workers of that nginx can read, as they could before, and in no file.

local context = require "bedrock.credentials.context"
local errors = require "bedrock.errors"
local hosts = require "bedrock.hosts"
local json = require "bedrock.json"

local shared = {}

local AHEAD = 900 -- seconds before the end from which on others do not take them, or a quarter of their life
local LOCKED = 30 -- seconds that one process may take to ask; then the next may
local PAUSE = 0.05

---@class bedrock.SharedDict as nginx's: get(key), set(key, value, seconds), add(key, value, seconds), delete(key)

---@class bedrock.SharedCredentials
local Shared = {}
Shared.__index = Shared
Shared.__name = "bedrock.credentials.shared"

local function dictionary_of(dict)
  if type(dict) ~= "string" then return dict end
  local ngx = hosts.nginx()
  return ngx and ngx.shared[dict]
end

--- Makes the store of a chain.
---@param dict string|bedrock.SharedDict the name of a dictionary of nginx, or what works like one
---@param parts { system: bedrock.System, transport: bedrock.Transport, settings: bedrock.Settings }
---@return bedrock.SharedCredentials
function shared.new(dict, parts)
  return setmetatable({
    name = dict, dict = dictionary_of(dict), system = parts.system, transport = parts.transport,
    key = "bedrock.credentials:" .. parts.settings.profile,
  }, Shared)
end

function Shared:__tostring()
  return self.__name .. " (" .. self.key .. ")"
end

local function missing(name)
  return nil, errors.new {
    kind = "config", code = "shared_dict", message = ("there is no shared dictionary %q"):format(tostring(name)),
    hint = ("Add `lua_shared_dict %s 1m;` to the http block of nginx.conf"):format(tostring(name)),
  }
end

function Shared:read()
  local text = self.dict:get(self.key)
  local kept = type(text) == "string" and json.decode(text)
  local whole = type(kept) == "table" and type(kept.expiration) == "number" and type(kept.obtained) == "number"
  return whole and kept or nil
end

local function is_same(kept, creds)
  return creds ~= nil and kept.id == creds.access_key_id and kept.token == creds.session_token
end

-- What others have put there, unless it is what this process wants to replace, or about to end.
function Shared:look(held)
  local kept = self:read()
  if not kept or is_same(kept, held) then return nil end
  local life = kept.expiration - kept.obtained
  if self.system.now() >= kept.expiration - math.min(AHEAD, life / 4) then return nil end
  return (context.credentials(kept.source, kept))
end

function Shared:put(creds)
  local now = self.system.now()
  if not creds.expiration or creds.expiration <= now then return end
  self.dict:set(self.key, json.encode {
    id = creds.access_key_id, secret = creds.secret_access_key, token = creds.session_token, expiration = creds.expiration,
    account_id = creds.account_id, source = creds.source, obtained = now,
  }, creds.expiration - now)
end

-- Waits for the turn to ask; or answers what another process has put there meanwhile.
function Shared:wait(lock, held)
  local deadline = self.transport:now() + LOCKED
  while not self.dict:add(lock, true, LOCKED) and self.transport:now() < deadline do
    self.transport:sleep(PAUSE)
    local creds = self:look(held)
    if creds then return creds end
  end
end

--- Credentials that others have, or those that `ask` gives.
---@param held bedrock.Credentials? what this process has and wants to replace
---@param ask fun(): bedrock.Credentials?, bedrock.Error?
---@return bedrock.Credentials? creds
---@return bedrock.Error? err
function Shared:load(held, ask)
  if not self.dict then return missing(self.name) end
  local lock = self.key .. ":lock"
  local creds, err = self:look(held) or self:wait(lock, held), nil
  if creds then return creds end
  creds = self:look(held)
  if not creds then creds, err = ask() end
  if creds then self:put(creds) end
  self.dict:delete(lock)
  return creds, err
end

--- Drops credentials that a service has refused, unless others have newer ones.
---@param creds bedrock.Credentials
function Shared:drop(creds)
  local kept = self.dict and self:read()
  if kept and is_same(kept, creds) then self.dict:delete(self.key) end
end

return shared
