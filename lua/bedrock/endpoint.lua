--- Where a service is reached: configured endpoints first, then the rules of the partitions.
--
-- Pure functions of the settings that `bedrock.config` resolved. What differs between services and partitions is
-- data in `bedrock.partitions`; the only rules in code are those that no table can say.

local errors = require "bedrock.errors"
local partitions = require "bedrock.partitions"
local profiles = require "bedrock.profiles"
local redact = require("bedrock.lazy") "bedrock.redact"

local endpoint = {}

---@class bedrock.Endpoint
---@field url string scheme, host, port and base path, without a slash at the end
---@field signing_name string
---@field signing_region string

local function config_error(code, message, hint)
  return nil, errors.new { kind = "config", code = code, message = message, hint = hint }
end

--- Whether a region can be one: the labels of a host name.
---@param region string
---@return boolean
function endpoint.valid_region(region)
  return #region <= 63 and region:find("^%w[%w%-]*$") ~= nil and region:sub(-1) ~= "-"
end

local function matches(region, partition)
  if region == partition.global then return true end
  for _, prefix in ipairs(partition.prefixes) do
    if region:sub(1, #prefix + 1) == prefix .. "-" and region:sub(#prefix + 2):find("^[%w_]+%-%d+$") then return true end
  end
  return false
end

--- The partition of a region; a region that no partition knows counts as one of `aws`.
---@param region string
---@return bedrock.Partition
function endpoint.partition(region)
  for _, partition in ipairs(partitions.list) do
    if matches(region, partition) then return partition end
  end
  return partitions.list[1]
end

-- Hosts --------------------------------------------------------------------------------------------------------------

local function regular_host(service, region, partition, fips, dual)
  local first = service.host
  if fips and not (service.gov_is_fips and partition.id == "aws-us-gov" and not dual) then first = service.fips end
  if dual and service.dual then return first .. service.dual .. "." .. region .. "." .. partition.dns end
  return first .. "." .. region .. "." .. ((dual or service.always_dual) and partition.dual or partition.dns)
end

-- The console's domains, with the region in front: only where neither dual stack nor (but for GovCloud) FIPS is on.
local function signin_host(service, region, partition, fips, dual)
  local domain = not dual and (fips and partition.signin_fips or not fips and partition.signin)
  if not domain then return regular_host(service, region, partition, fips, dual) end
  if fips and region == "us-gov-west-1" then return domain end
  return region .. "." .. domain
end

local function is_global_sts(region, settings)
  if settings.use_fips or settings.use_dualstack then return false end
  if region == "aws-global" then return true end
  return settings.sts_regional_endpoints == "legacy" and partitions.sts_legacy_regions[region] or false
end

local function by_rules(name, service, region, settings)
  if not region then
    return config_error("missing_region", "Missing Region: no region is known for " .. name,
      "Set the option region, AWS_REGION, or region in the profile")
  end
  if not endpoint.valid_region(region) then
    return config_error("bad_region", ("%q cannot be a region"):format(region),
      "A region is letters, digits and hyphens, such as us-east-1")
  end
  if name == "sts" and is_global_sts(region, settings) then
    return { url = "https://sts.amazonaws.com", signing_name = "sts", signing_region = "us-east-1" }
  end
  local host = name == "signin" and signin_host or regular_host
  local fips, dual = settings.use_fips, settings.use_dualstack
  if fips and not service.fips then
    return config_error("no_fips", name .. " has no FIPS hosts", "Switch FIPS off, or call bedrock-runtime")
  end
  return {
    url = "https://" .. host(service, region, endpoint.partition(region), fips, dual),
    signing_name = service.signing_name, signing_region = region,
  }
end

-- Configured endpoints -----------------------------------------------------------------------------------------------

-- One endpoint for all services the program calls, or a table with one for each.
local function from_option(option, name)
  if type(option) == "table" then return option[name] end
  return option
end

local function from_environment(service, settings, base_url)
  for _, variable in ipairs { "AWS_ENDPOINT_URL_" .. service.id, base_url or "", "AWS_ENDPOINT_URL" } do
    local url = variable ~= "" and settings.env(variable)
    if url then return url, variable end
  end
end

local function blank_is_unset(value)
  return value ~= nil and value:find("%S") and value or nil
end

local function from_profile(service, settings)
  local profile = settings.active_profile
  if not profile then return nil end
  local section = blank_is_unset(profile.services)
  if section then
    local services = settings.profiles.services[section]
    if not services then
      return config_error("services_section_missing",
        ("profile %s names the services section %s, which does not exist"):format(settings.profile, section),
        ("Add [services %s] to the config file"):format(section))
    end
    local own = blank_is_unset(profiles.nested(services[service.id:lower()]).endpoint_url)
    if own then return own, "services section " .. section end
  end
  return blank_is_unset(profile.endpoint_url), "profile " .. settings.profile
end

-- The endpoint that somebody configured, and who: option, environment, file. Not what the rules say.
local function configured(name, service, settings, options)
  local option = not options.nested and from_option(settings.endpoint, name) or
    (type(settings.endpoint) == "table" and settings.endpoint[name])
  if option then return option, "the option endpoint" end
  if settings.ignore_configured_endpoint_urls then return nil end
  local url, source = from_environment(service, settings, options.base_url or service.base_url)
  if url then return url, source end
  return from_profile(service, settings)
end

--- Whether text is an address that requests can be sent to: scheme, host, perhaps a port, perhaps a base path.
---@param url string
---@return boolean
function endpoint.valid_url(url)
  local authority, rest = url:match("^[Hh][Tt][Tt][Pp][Ss]?://([^/?#]+)([^%s]*)$")
  if not authority or rest:find("[?#]") or authority:find("[%s@%c\"<>\\^`{|}]") then return false end
  local host, port = authority:match("^(%[[%x:.]+%])(.*)$")
  if not host then host, port = authority:match("^([^:%[%]]+)(.*)$") end
  return host ~= nil and (port == "" or port:find("^:%d+$") ~= nil)
end

local function by_configuration(url, source, service, region, settings)
  if settings.use_fips then
    return config_error("fips_with_endpoint", ("FIPS and custom endpoint are not supported together: %s sets %s")
      :format(source, url))
  end
  if settings.use_dualstack then
    return config_error("dualstack_with_endpoint",
      ("Dualstack and custom endpoint are not supported together: %s sets %s"):format(source, url))
  end
  if not endpoint.valid_url(url) then
    return config_error("bad_endpoint", ("the endpoint of %s is not an address: %q"):format(source, redact.url(url)),
      "Expected http://host:port/path or https://host/path")
  end
  return { url = (url:gsub("/+$", "")), signing_name = service.signing_name, signing_region = region, source = source }
end

--- The header that carries an API key of a service. A key of one kind is of no use to a service of the other, and is never
--- sent to it.
---@param name string a key of `partitions.services`
---@return string header in lower case
function endpoint.key_header(name)
  local service = partitions.services[name]
  return service and service.key_header or "authorization"
end

--- The endpoint of a service.
---@param name string a key of `partitions.services`: "bedrock-runtime", "bedrock", "sts", "sso", "sso-oidc", "signin", "s3",
--- "bedrock-mantle", "aws-external-anthropic"
---@param settings table from `config.resolve`; read are region, endpoint, use_fips, use_dualstack,
--- sts_regional_endpoints, ignore_configured_endpoint_urls, env, profile, profiles and active_profile
---@param options { region: string?, nested: boolean?, base_url: string? }? another region; nested for the calls of the
--- credential chain, to which one `endpoint` for all services does not apply; base_url: one more variable that moves it
---@return bedrock.Endpoint? endpoint
---@return bedrock.Error? err
function endpoint.resolve(name, settings, options)
  options = options or {}
  local service = partitions.services[name]
  if not service then error("bedrock: unknown service " .. tostring(name), 2) end
  local region = options.region or settings.region
  local url, source = configured(name, service, settings, options)
  if url then return by_configuration(url, source, service, region, settings) end
  if errors.is(source) then return nil, source end
  return by_rules(name, service, region, settings)
end

return endpoint
