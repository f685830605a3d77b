--- What a profile says, as a list of steps: where the first keys come from, and the roles assumed after them.
--
-- Pure: profiles in, steps out, nothing is read or asked. Inside of one profile the order is: a role by web identity,
-- a role by another source, IAM Identity Center, static keys, a login session, a process.

local errors = require "bedrock.errors"
local nearest = require "bedrock.nearest"
local profiles = require "bedrock.profiles"

local plan = {}

---@class bedrock.PlanStep
---@field kind "AccessKey"|"NamedSource"|"WebIdentityToken"|"Sso"|"LoginSession"|"CredentialProcess"|"AssumeRole"
---@field profile string the profile that says so

local function fail(code, message, hint)
  return nil, errors.new { kind = "credentials", code = code, message = message, hint = hint }
end

local function blank_is_unset(value)
  return value and value:find("%S") and value or nil
end

local Planner = {}
Planner.__index = Planner

local function reader(profile)
  return function(key) return blank_is_unset(profile[key]) end
end

-- A step with the properties of the profile that it names.
local function step(kind, name, get, keys)
  local made = { kind = kind, profile = name }
  for _, key in ipairs(keys) do made[key] = get(key) end
  return made
end

local function static_keys(name, get)
  local id, secret = get "aws_access_key_id", get "aws_secret_access_key"
  if not id and not secret then return nil end
  if not secret then return fail("half_key_pair", ("profile %s: profile missing aws_secret_access_key"):format(name)) end
  if not id then return fail("half_key_pair", ("profile %s: profile missing aws_access_key_id"):format(name)) end
  return {
    kind = "AccessKey", profile = name, access_key_id = id, secret_access_key = secret,
    session_token = get "aws_session_token", account_id = get "aws_account_id",
  }
end

local function web_identity(name, get)
  if not get "web_identity_token_file" then return nil end
  if not get "role_arn" then
    return fail("role_arn_missing", ("profile %s: web_identity_token_file is set and `role_arn` was missing"):format(name))
  end
  return step("WebIdentityToken", name, get, { "role_arn", "web_identity_token_file", "role_session_name",
    "duration_seconds" })
end

-- IAM Identity Center ---------------------------------------------------------------------------------------------------

-- The region and the start URL, from the session when the profile names one. What both say must be the same.
function Planner:sso_place(name, get)
  local session_name = get "sso_session"
  if not session_name then return get "sso_region", get "sso_start_url", "profile " .. name end
  local session = self.set.sso_sessions[session_name]
  if not session then
    return fail("sso_session_missing", ("profile %s names the sso-session %s, which does not exist"):format(name, session_name))
  end
  for _, key in ipairs { "sso_region", "sso_start_url" } do
    if get(key) and get(key) ~= blank_is_unset(session[key]) then
      return fail("sso_conflict", ("profile %s: `%s` can only be specified in the [sso-session] config when a session " ..
        "name is given, or be the same in both"):format(name, key))
    end
  end
  return blank_is_unset(session.sso_region), blank_is_unset(session.sso_start_url), "sso-session " .. session_name
end

function Planner:sso(name, get)
  local account, role = get "sso_account_id", get "sso_role_name"
  if not account and not role then return nil end
  local region, start_url, where = self:sso_place(name, get)
  if errors.is(start_url) then return nil, start_url end
  if not account then
    return fail("sso_incomplete", ("profile %s: if `sso_role_name` is set, then `sso_account_id` must also be set"):format(name))
  end
  if not role then
    return fail("sso_incomplete", ("profile %s: if `sso_account_id` is set, then `sso_role_name` must also be set"):format(name))
  end
  if not region or not start_url then
    return fail("sso_incomplete", ("%s: %s is missing"):format(where, not region and "`sso_region`" or "`sso_start_url`"))
  end
  return {
    kind = "Sso", profile = name, sso_account_id = account, sso_role_name = role, sso_region = region,
    sso_start_url = start_url, sso_session = get "sso_session",
  }
end

--- Where the bearer token of a profile is: for credentials it takes an account and a role besides.
---@param set bedrock.Profiles
---@param name string
---@return table? place { kind = "Sso", sso_session, sso_region, sso_start_url }
---@return bedrock.Error? err
function plan.sso_token(set, name)
  local get = reader(set.profiles[name] or {})
  if not get "sso_session" and not get "sso_start_url" then
    return fail("no_sso", ("profile %s has neither sso_session nor sso_start_url"):format(name))
  end
  local region, start_url, where = Planner.sso_place({ set = set }, name, get)
  if errors.is(start_url) then return nil, start_url end
  if not region or not start_url then
    return fail("sso_incomplete", ("%s: %s is missing"):format(where, not region and "`sso_region`" or "`sso_start_url`"))
  end
  return { kind = "Sso", profile = name, sso_session = get "sso_session", sso_region = region, sso_start_url = start_url }
end

local function login(name, get)
  if get "login_session" then return step("LoginSession", name, get, { "login_session" }) end
end

local function process(name, get)
  local command = get "credential_process"
  if command then
    return { kind = "CredentialProcess", profile = name, command = command, account_id = get "aws_account_id" }
  end
end

-- No keys and no way to any. A profile that has an sso-session only is told what it lacks.
function Planner:nothing(name, get)
  if get "sso_session" or get "sso_start_url" then
    local _, start_url = self:sso_place(name, get)
    if errors.is(start_url) then return nil, start_url end
    return fail("profile_gives_token_not_credentials",
      ("profile %s gives a token, not credentials"):format(name), "Set sso_account_id and sso_role_name too")
  end
  local _, err = fail("no_credentials", ("profile `%s` did not contain credential information"):format(name))
  err.profile = name
  return nil, err
end

local function first_of(...)
  for i = 1, select("#", ...) do
    local found, err = select(i, ...)()
    if found or err then return found, err end
  end
end

-- Where the keys of a profile come from when it assumes no role of its own.
function Planner:base(name, get)
  local found, err = first_of(
    function() return web_identity(name, get) end, function() return self:sso(name, get) end,
    function() return static_keys(name, get) end, function() return login(name, get) end,
    function() return process(name, get) end)
  if found or err then return found, err end
  return self:nothing(name, get)
end

-- Roles -----------------------------------------------------------------------------------------------------------------

local named_sources = { Environment = true, EcsContainer = true, Ec2InstanceMetadata = true }

local function named_source(name, word)
  if named_sources[word] then return { kind = "NamedSource", profile = name, name = word } end
  return fail("bad_credential_source", ("profile %s: credential_source %q is none of Environment, EcsContainer, " ..
    "Ec2InstanceMetadata"):format(name, word))
end

-- A profile may name itself: then its own keys assume the role.
local function own_keys(name, get)
  local keys, err = static_keys(name, get)
  if keys or err then return keys, err end
  return fail("half_key_pair", ("profile %s: source_profile names the profile itself, which is missing " ..
    "aws_access_key_id and aws_secret_access_key"):format(name))
end

function Planner:source_of_role(name, get)
  local source, word = get "source_profile", get "credential_source"
  if source and word then
    return fail("two_sources", ("profile %s: profile contained both source_profile and credential_source"):format(name))
  end
  if word then return named_source(name, word) end
  if not source then
    return fail("no_source", ("profile %s: role_arn is set, so the profile must contain `source_profile` or " ..
      "`credential_source`"):format(name))
  end
  if source == name then return own_keys(name, get) end
  if not self.set.profiles[source] then
    return fail("source_profile_missing", ("could not find source profile %s referenced from %s"):format(source, name))
  end
  return self:visit(source)
end

-- The first step of the profile; the roles collect in self.roles, the outermost first.
function Planner:visit(name)
  local get = reader(self.set.profiles[name])
  if self.seen[name] then
    return fail("profile_loop", "profile formed an infinite loop: " .. table.concat(self.path, " -> ") .. " -> " .. name)
  end
  local in_the_middle = #self.path > 0
  self.seen[name] = true
  self.path[#self.path + 1] = name
  if in_the_middle and get "aws_access_key_id" and get "aws_secret_access_key" then return static_keys(name, get) end
  if get "role_arn" and not get "web_identity_token_file" then
    self.roles[#self.roles + 1] = step("AssumeRole", name, get, { "role_arn", "role_session_name", "external_id",
      "duration_seconds", "mfa_serial" })
    return self:source_of_role(name, get)
  end
  return self:base(name, get)
end

--- What to do about a profile that does not exist: the name that was meant, or else where names stand.
---@param set bedrock.Profiles
---@param name string
---@param system bedrock.System
---@return string
function plan.names(set, name, system)
  local names = {}
  for known in pairs(set.profiles) do names[#names + 1] = known end
  local meant, where = nearest(name, names, 2), profiles.locate(system)
  local text = ("Profiles are read from %s and %s"):format(where.config or "(no home)", where.credentials or "(no home)")
  return meant and ("Did you mean %s? %s"):format(meant, text) or text
end

--- The steps from a profile to its credentials, in the order in which they are taken.
---@param set bedrock.Profiles
---@param name string
---@return bedrock.PlanStep[]? steps
---@return bedrock.Error? err
function plan.steps(set, name)
  if not next(set.profiles) then return fail("no_profiles", "No profiles were defined") end
  if not set.profiles[name] then return fail("profile_missing", ("the profile %s does not exist"):format(name)) end
  local planner = setmetatable({ set = set, seen = {}, path = {}, roles = {} }, Planner)
  local base, err = planner:visit(name)
  if not base then
    err.hint = err.hint or profiles.where(set, err.profile or name)
    return nil, err
  end
  local steps = { base }
  for i = #planner.roles, 1, -1 do steps[#steps + 1] = planner.roles[i] end
  return steps
end

return plan
