--- Cases of endpoint resolution: the published rules, the same rules on further regions, and configured endpoints.

local config = require "bedrock.config"
local endpoint = require "bedrock.endpoint"
local judge = require "spec.support.judge"
local pretend = require "spec.support.pretend"

-- The rules alone, without a machine around them.
local function by_rules(case)
  local input = case.input
  return endpoint.resolve(case.service, {
    region = input.region, endpoint = input.endpoint_url, use_fips = input.use_fips or false,
    use_dualstack = input.use_dualstack or false,
    sts_regional_endpoints = input.sts_legacy_global and "legacy" or "regional", env = function() end,
  })
end

local client_options = {
  region = "region", region_name = "region", endpoint_url = "endpoint", use_fips = "use_fips",
  use_dualstack = "use_dualstack", use_fips_endpoint = "use_fips", use_dualstack_endpoint = "use_dualstack",
  ignore_configured_endpoint_urls = "ignore_configured_endpoint_urls", profile = "profile",
  sts_regional_endpoints = "sts_regional_endpoints",
}

local function options_of(client)
  local options = {}
  for name, value in pairs(client or {}) do
    options[assert(client_options[name], "the case uses an unknown client argument: " .. name)] = value
  end
  return options
end

-- A whole machine. The peer has no default region, so ours is taken away where nobody else named one.
local function by_machine(case)
  local input, env = case.input, { HOME = "/home" }
  for name, value in pairs(input.env or {}) do env[name] = value end
  local files = { ["/home/.aws/config"] = input.config_file, ["/home/.aws/credentials"] = input.credentials_file }
  local settings = config.resolve(options_of(input.client), pretend.system { env = env, files = files })
  if settings.error then return nil, settings.error end
  if settings.region_source == "default" then settings.region = nil end
  local found, err = endpoint.resolve(case.service, settings)
  if found and not settings.region then return nil, { message = "Missing Region" } end
  return found, err, settings
end

local function plain(message)
  return (message:gsub("^Invalid Configuration: ", ""):lower())
end

local function check(case)
  local found, err, settings = (case.group == "configured" and by_machine or by_rules)(case)
  local expect = case.expect
  if expect.error then
    if found then return false, ("want the error %q, got %s"):format(expect.error, found.url) end
    return plain(err.message):find(plain(expect.error), 1, true) ~= nil, err.message
  end
  if not found then return false, err.message end
  for field, got in pairs { url = found.url, signing_region = found.signing_region, signing_name = found.signing_name,
    region = settings and settings.region } do
    if expect[field] and expect[field] ~= got then
      return false, ("%s: want %s, got %s"):format(field, expect[field], tostring(got))
    end
  end
  return true
end

-- Where the peers disagree, the cautious answer counts too: asking for FIPS and getting another host is an error here.
local cautious = { fips_with_endpoint = true, dualstack_with_endpoint = true }

local function disputed(case)
  local ok, why = check(case)
  if ok then return true end
  local found, err = by_machine(case)
  return found ~= nil and case.expect.error ~= nil or err ~= nil and cautious[err.code] == true, why
end

return function(data, report)
  for _, partition in ipairs(data.partitions or {}) do
    for _, region in ipairs(partition.regions) do
      local got = endpoint.partition(region)
      report(got.id == partition.id and got.dns == partition.dns_suffix and got.dual == partition.dualstack_dns_suffix,
        "partition of " .. region, "got " .. got.id)
    end
  end
  for _, case in ipairs(data.cases or {}) do
    local ok, why = judge.try(case.disputed and disputed or check, case)
    report(ok, case.id .. " " .. (case.about or case.service), why)
  end
end
