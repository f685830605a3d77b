--- What a client is set to: every option of `bedrock.new`, resolved once.
--
-- Each setting comes from the explicit option, else the environment, else the profile files, else a default; empty
-- counts as unset. A wrong option name or type is misuse and raises; what the world got wrong (a file that cannot
-- be read, two settings that contradict each other) is kept in `settings.error` and returned by the first call.

local apis = require "bedrock.apis"
local errors = require "bedrock.errors"
local profiles = require "bedrock.profiles"
local retry = require "bedrock.retry"

local config = {}

---@class bedrock.Settings
---@field region string
---@field region_source string where the region came from: "option", "AWS_REGION", "profile NAME", "default", ...
---@field profile string the name of the active profile
---@field profile_source string "option", "AWS_PROFILE", "AWS_DEFAULT_PROFILE" or "default"
---@field profiles bedrock.Profiles? what the shared files say
---@field profiles_stamp string changes when the files do
---@field active_profile table<string, string>? the properties of the active profile, nil when it does not exist
---@field api_key string? bearer token
---@field api_key_source string?
---@field explicit table? credentials that the program gave: { access_key_id, secret_access_key, session_token }
---@field credentials (function|table)? a provider that the program gave
---@field retry table { mode, max_attempts, ... }
---@field api bedrock.Api the way that `client.messages` goes
---@field workspace_id string? of Claude Platform on AWS
---@field timeouts table { connect, first_byte, idle, total } in seconds, false for a clock that is off
---@field env fun(name: string): string? the environment, blank as unset
---@field warnings string[]
---@field error bedrock.Error? what is wrong; every call returns it

-- Name and type of every option. A type with a bar allows either.
local options_table = {
  region = "string", profile = "string", endpoint = "string|table", access_key_id = "string",
  secret_access_key = "string", session_token = "string", api_key = "string",
  credentials = "function|table", mfa = "function", transport = "table|userdata", retry = "table|number|boolean",
  timeouts = "table", proxy = "string|boolean", ca_bundle = "string", verify = "boolean", http2 = "boolean",
  headers = "table", limits = "table", preflight = "boolean|table", log = "function",
  hooks = "table", api = "string", use_fips = "boolean", use_dualstack = "boolean", skip_auth = "boolean",
  sts_regional_endpoints = "string", ignore_configured_endpoint_urls = "boolean", system = "table",
  random = "function", shared_dict = "string|table|userdata", workspace_id = "string",
}

-- Seconds. A model may think for minutes before its first byte; a stream that says nothing for five is dead.
local default_timeouts = { connect = 5, first_byte = 600, idle = 300, total = 3600 }

-- What another side may cost us. Bytes, but for header_count, json_depth and json_values. What a request may hold differs
-- by service, see apis.
--
--   request                     a body that is sent
--   headers, header_count       of an answer
--   response, error_body        an answer's body, after gzip: of a success, of a failure
--   frame, frame_headers        one event of a stream; the service's are at most 24 MiB
--   json_depth, json_size       one text that is decoded
--   json_values                 how many values it makes, for three bytes of text may make a table of fifty
local default_limits = {
  request = 20e6, headers = 64 * 1024, header_count = 256, response = 128 * 1024 * 1024, error_body = 1024 * 1024,
  frame = 24 * 1024 * 1024, frame_headers = 128 * 1024, json_depth = 512, json_size = 64 * 1024 * 1024,
  json_values = 1e6,
}

local retry_modes = { standard = true, adaptive = true, legacy = true }

-- Misuse ---------------------------------------------------------------------------------------------------------------

-- Names that other clients use for the same thing.
local known_elsewhere = {
  aws_region = "region", region_name = "region", aws_profile = "profile", profile_name = "profile",
  base_url = "endpoint", endpoint_url = "endpoint", aws_access_key = "access_key_id",
  aws_access_key_id = "access_key_id", aws_secret_key = "secret_access_key",
  aws_secret_access_key = "secret_access_key", aws_session_token = "session_token", token = "api_key",
  bearer_token = "api_key", timeout = "timeouts", max_retries = "retry", max_attempts = "retry", logger = "log",
  use_fips_endpoint = "use_fips", use_dualstack_endpoint = "use_dualstack", default_headers = "headers",
  workspace = "workspace_id", aws_workspace_id = "workspace_id",
}

local function suggestion(name)
  if known_elsewhere[name] then return known_elsewhere[name] end
  local names = {}
  for known in pairs(options_table) do names[#names + 1] = known end
  return require "bedrock.nearest"(name, names, math.max(2, math.floor(#name / 3)))
end

local function check_type(name, value, level)
  local got = type(value)
  for allowed in options_table[name]:gmatch("[^|]+") do
    if got == allowed then return end
  end
  error(("bedrock: the option %s takes a %s, not a %s"):format(name, options_table[name]:gsub("|", " or "), got), level)
end

local function check_options(options, level)
  for name, value in pairs(options) do
    if not options_table[name] then
      local near = type(name) == "string" and suggestion(name)
      error(("bedrock: unknown option %s%s"):format(tostring(name), near and ("; did you mean " .. near .. "?") or ""),
        level)
    end
    check_type(name, value, level + 1)
  end
end

-- One setting from its sources -----------------------------------------------------------------------------------------

local Resolver = {}
Resolver.__index = Resolver

local function blank_is_unset(value)
  if type(value) == "string" and not value:find("%S") then return nil end
  return value
end

-- The first error is the one that is told; later ones may only follow from it.
function Resolver:fail(code, message, hint)
  local settings = self.settings
  settings.error = settings.error or errors.new { kind = "config", code = code, message = message, hint = hint }
end

-- The value of a setting and the name of its source, nil when nobody set it.
function Resolver:lookup(option, variables, property)
  local value = blank_is_unset(self.options[option])
  if value ~= nil then return value, "option" end
  for _, variable in ipairs(variables) do
    value = self.settings.env(variable)
    if value then return value, variable end
  end
  local profile = self.settings.active_profile
  value = profile and property and blank_is_unset(profile[property])
  if value then return value, "profile " .. self.settings.profile end
end

function Resolver:boolean(option, variable, property)
  local value, source = self:lookup(option, { variable }, property)
  if value == nil or type(value) == "boolean" then return value or false end
  local word = value:lower()
  if word ~= "true" and word ~= "false" then
    self:fail("bad_boolean", ("%s (%s) is neither true nor false: %q"):format(property, source, value))
  end
  return word == "true"
end

-- The parts of the settings --------------------------------------------------------------------------------------------

function Resolver:profile()
  local settings, where = self.settings, profiles.locate(self.system)
  local named = blank_is_unset(self.options.profile)
  settings.profile, settings.profile_source = named or where.profile, named and "option" or where.profile_source
  settings.profiles_stamp = profiles.stamp(self.system)
  local set, err = profiles.load(self.system)
  if not set then
    settings.error = settings.error or err
    return
  end
  settings.profiles, settings.active_profile = set, set.profiles[settings.profile]
  for _, warning in ipairs(set.warnings) do settings.warnings[#settings.warnings + 1] = warning end
  if named and not settings.active_profile then
    self:fail("profile_missing", ("the profile %s does not exist"):format(named),
      require("bedrock.credentials.plan").names(set, named, self.system))
  end
end

-- The way of `client.messages`. A name that is none is a slip of the pen.
function Resolver:api()
  local name = blank_is_unset(self.options.api) or "invoke"
  self.settings.api = apis.get(name)
  if not self.settings.api then
    errors.misuse(("bedrock: there is no api %q, but %s"):format(name, table.concat(apis.names(), ", ")))
  end
end

-- Claude Platform on AWS answers nobody who names no workspace.
function Resolver:workspace()
  local settings = self.settings
  settings.workspace_id = self:lookup("workspace_id", { "ANTHROPIC_AWS_WORKSPACE_ID" })
  if settings.api.workspace and not settings.workspace_id and not self.options.skip_auth then
    self:fail("missing_workspace", settings.api.title .. " needs a workspace",
      "Set the option workspace_id or ANTHROPIC_AWS_WORKSPACE_ID")
  end
end

function Resolver:region()
  local settings = self.settings
  local region, source = self:lookup("region", { "AWS_REGION", "AWS_DEFAULT_REGION" }, "region")
  if not region and settings.api.needs_region then
    source = "none"
  elseif not region then
    region, source = "us-east-1", "default"
    settings.warnings[#settings.warnings + 1] = "no region is set, using us-east-1; set the option region, " ..
      "the environment variable AWS_REGION, or region in the profile " .. settings.profile
  elseif not require("bedrock.endpoint").valid_region(region) then
    self:fail("bad_region", ("%q (%s) cannot be a region"):format(region, source),
      "A region is letters, digits and hyphens, such as us-east-1")
  end
  settings.region, settings.region_source = region, source
end

function Resolver:endpoints()
  local settings = self.settings
  settings.endpoint = blank_is_unset(self.options.endpoint)
  settings.use_fips = self:boolean("use_fips", "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
  settings.use_dualstack = self:boolean("use_dualstack", "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
  settings.ignore_configured_endpoint_urls = self:boolean("ignore_configured_endpoint_urls",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")
  local mode, source = self:lookup("sts_regional_endpoints", { "AWS_STS_REGIONAL_ENDPOINTS" }, "sts_regional_endpoints")
  mode = mode and mode:lower() or "regional"
  if mode ~= "regional" and mode ~= "legacy" then
    self:fail("bad_sts_mode", ("sts_regional_endpoints (%s) is neither regional nor legacy: %q"):format(source, mode))
  end
  settings.sts_regional_endpoints = mode
end

-- Without a secret in the message: only which half is there.
local function half_pair(options)
  local id, secret = blank_is_unset(options.access_key_id), blank_is_unset(options.secret_access_key)
  if id and not secret then return "secret_access_key", "access_key_id" end
  if secret and not id then return "access_key_id", "secret_access_key" end
  if blank_is_unset(options.session_token) and not id then
    return "access_key_id and secret_access_key", "session_token"
  end
end

-- A token in a header must be one line; what was pasted with a line end is meant without it.
function Resolver:bearer_token(token, source)
  token = token:gsub("^%s+", ""):gsub("%s+$", "")
  if token:find("[%c ]") then
    self:fail("bad_api_key", ("the API key (%s) contains blanks or line breaks"):format(source),
      "Give the key alone, without quotes or the word Bearer")
  end
  return token
end

-- On the newer paths a profile that the program names goes before a key that happens to be in the environment.
function Resolver:key_of_environment()
  local api = self.settings.api
  if api.key_first and blank_is_unset(self.options.profile) then return nil end
  return self:lookup("", api.keys)
end

-- Who signs: explicit key or keys, then the bearer token of the environment, then the chain (nothing is set here).
function Resolver:authentication()
  local options, settings = self.options, self.settings
  local missing, given = half_pair(options)
  if missing then
    return self:fail("half_key_pair", ("the option %s is given without %s"):format(given, missing),
      "Give both, or neither to look for keys elsewhere")
  end
  local keys, key = blank_is_unset(options.access_key_id), blank_is_unset(options.api_key)
  if key and (keys or options.credentials) and not settings.api.key_first then
    return self:fail("two_identities", "both api_key and AWS credentials are given",
      "Give one of them: api_key, or access_key_id and secret_access_key, or credentials")
  end
  if keys and options.credentials then
    return self:fail("two_identities", "both access_key_id and credentials are given", "Give one of them")
  end
  settings.credentials = options.credentials
  if keys then
    settings.explicit = {
      access_key_id = keys, secret_access_key = options.secret_access_key,
      session_token = blank_is_unset(options.session_token),
    }
  end
  local source = "option"
  if not key and not keys and not options.credentials and not options.skip_auth then key, source = self:key_of_environment() end
  if key then settings.api_key, settings.api_key_source = self:bearer_token(key, source), source end
end

local function count(value)
  local n = tonumber(value)
  return n and n >= 1 and n % 1 == 0 and n < 1e6 and math.floor(n) or nil
end

function Resolver:retry_mode(option)
  local mode, source = option.mode, "option"
  if not mode then mode, source = self:lookup("", { "AWS_RETRY_MODE" }, "retry_mode") end
  if mode and not retry_modes[tostring(mode):lower()] then
    self:fail("bad_retry_mode", ("the retry mode (%s) is standard, adaptive or legacy, not %q")
      :format(source, tostring(mode)))
    return "standard"
  end
  return mode and mode:lower() or "standard"
end

local retry_members = { mode = "string", max_attempts = "number", generation = "string", read_timeouts = "boolean" }

local function unknown_member(name, option, known)
  local names = {}
  for member in pairs(known) do names[#names + 1] = member end
  table.sort(names)
  errors.misuse(("bedrock: unknown member %s of the option %s; there are %s"):format(tostring(name), option,
    table.concat(names, ", ")))
end

local function check_retry_member(name, value)
  if not retry_members[name] then
    unknown_member(name, "retry", retry_members)
  elseif (name == "generation" or name == "read_timeouts") and type(value) ~= retry_members[name] then
    errors.misuse(("bedrock: retry.%s is a %s, not a %s"):format(name, retry_members[name], type(value)))
  elseif name == "generation" and not retry.is_generation(value) then
    errors.misuse(('bedrock: retry.generation is "2.0" or "2.1", not %q'):format(value))
  end
end

-- `retry = false` is one attempt, `retry = 5` five, a table says more.
local function retry_option(option)
  if option == false then return { max_attempts = 1 } end
  if type(option) == "number" then return { max_attempts = option } end
  local own = {}
  for name, value in pairs(type(option) == "table" and option or {}) do
    check_retry_member(name, value)
    own[name] = value
  end
  return own
end

function Resolver:retries()
  local own = retry_option(self.options.retry)
  own.mode = self:retry_mode(own)
  local attempts, source = own.max_attempts, "option"
  if attempts == nil then attempts, source = self:lookup("", { "AWS_MAX_ATTEMPTS" }, "max_attempts") end
  own.attempts_source = source or "mode"
  own.max_attempts = attempts == nil and retry.attempts(own.mode) or count(attempts)
  if not own.max_attempts then
    self:fail("bad_max_attempts", ("max_attempts (%s) is a whole number from 1, not %q"):format(source, tostring(attempts)))
    own.max_attempts = 1
  end
  self.settings.retry = own
end

--- The retry settings of one call: what its option says, laid over what the client says.
---@param base table settings.retry
---@param option table|number|boolean|nil as the option `retry` of a client
---@return table
function config.retry(base, option)
  local own = retry_option(option)
  local mode = own.mode and tostring(own.mode):lower() or base.mode
  if not retry_modes[mode] then
    errors.misuse(("bedrock: the retry mode is standard, adaptive or legacy, not %q"):format(tostring(own.mode)))
  elseif own.max_attempts and not count(own.max_attempts) then
    errors.misuse(("bedrock: retry.max_attempts is a whole number from 1, not %s"):format(tostring(own.max_attempts)))
  end
  local all = {}
  for k, v in pairs(base) do all[k] = v end
  for k, v in pairs(own) do all[k] = v end
  if not own.max_attempts and base.attempts_source == "mode" then all.max_attempts = retry.attempts(mode) end
  all.mode = mode
  return all
end

-- The defaults with what the program says laid over them. A name that the defaults lack is a slip of the pen.
local function overlaid(defaults, own, what, may_be_off)
  local all = {}
  for k, v in pairs(defaults) do all[k] = v end
  for k, v in pairs(own or {}) do
    if defaults[k] == nil then unknown_member(k, what, defaults) end
    local off = may_be_off and v == false
    if not off and (type(v) ~= "number" or v ~= v or v <= 0) then
      errors.misuse(("bedrock: %s.%s must be a positive number%s, not %s"):format(what, k, may_be_off and ", or false" or "",
        tostring(v)))
    end
    all[k] = not off and v
  end
  return all
end

--- The clocks of one call: what it says, laid over what the client says.
---@param base table settings.timeouts
---@param own table?
---@return table
function config.timeouts(base, own)
  return overlaid(base, own, "timeouts", true)
end

function Resolver:connection()
  local options, settings = self.options, self.settings
  settings.timeouts = config.timeouts(default_timeouts, options.timeouts)
  local limits = overlaid(default_limits, { request = settings.api.request_limit }, "limits")
  settings.limits = overlaid(limits, options.limits, "limits")
  settings.ca_bundle, settings.ca_bundle_source = self:lookup("ca_bundle", { "AWS_CA_BUNDLE" }, "ca_bundle")
  if not settings.ca_bundle then
    settings.ca_bundle = settings.env("SSL_CERT_FILE")
    settings.ca_bundle_source = settings.ca_bundle and "SSL_CERT_FILE"
  end
  settings.proxy = blank_is_unset(options.proxy)
  settings.verify = options.verify ~= false
  if not settings.verify then
    settings.warnings[#settings.warnings + 1] = "verify = false: servers are not verified, so whoever is in between can " ..
      "read and change everything that is sent; the option ca_bundle trusts an authority of your own instead"
  end
  settings.http2 = options.http2 == true
end

--- Resolves the options of `bedrock.new`.
---@param options table? see the README's table of options
---@param system bedrock.System
---@param level integer? the level at which misuse raises, 2 (the caller) by default
---@return bedrock.Settings settings with `error` set when a call cannot work
function config.resolve(options, system, level)
  options, level = options or {}, level or 2
  check_options(options, level + 1)
  local settings = { warnings = {}, env = function(name) return profiles.env(system, name) end }
  local self = setmetatable({ options = options, system = system, settings = settings }, Resolver)
  self:api()
  self:profile()
  self:region()
  self:endpoints()
  self:authentication()
  self:workspace()
  self:retries()
  self:connection()
  for _, name in ipairs { "headers", "preflight", "log", "hooks", "skip_auth", "mfa", "transport", "shared_dict" } do
    settings[name] = options[name]
  end
  return settings
end

return config
