-- One call to a server over TLS, wherever this runs: "trusted", or the kind of the failure and its words; and whether the log warned.
--
-- Whatever a server answers, it was trusted with the request.

local bedrock = require "bedrock"
local system = require "bedrock.system"

-- The machine, but for what the environment says of bundles.
local function machine(bundle)
  local own = {}
  for k, v in pairs(system) do own[k] = v end
  function own.getenv(name) return name == "AWS_CA_BUNDLE" and bundle or nil end
  return own
end

---@param url string
---@param way "ca_bundle"|"AWS_CA_BUNDLE"|"nothing"|"verify = false"
---@param bundle string? path of the authority's certificate; in nginx the configuration names it
---@return string outcome
---@return boolean warned
return function(url, way, bundle)
  local warned = false
  local client = bedrock.new {
    region = "us-west-2", endpoint = url, access_key_id = "AKIDEXAMPLE", retry = false, timeouts = { total = 10 },
    secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", system = machine(way == "AWS_CA_BUNDLE" and bundle),
    ca_bundle = way == "ca_bundle" and bundle or nil, verify = way ~= "verify = false",
    log = function(level, message) warned = warned or level == "warn" and message:find("verif", 1, true) ~= nil end,
  }
  local _, err = client:converse { modelId = "m", messages = { { role = "user", content = { { text = "Hi" } } } } }
  client:close()
  local answered = not err or err.code == "UnreadableAnswer" or err.status
  return answered and "trusted" or err.kind .. ": " .. err.message, warned
end
