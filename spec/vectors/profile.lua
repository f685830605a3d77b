--- Cases of the shared files' grammar, and of the places where the files are looked for.

local judge = require "spec.support.judge"
local profiles = require "bedrock.profiles"

local function file(text, path)
  return text and { text = text, path = path }
end

-- A value with properties inside is shown as text or as a map; ours is text, and a map when it is asked for one.
local function as_expected(want, got)
  local shown = {}
  for name, properties in pairs(got) do
    shown[name] = {}
    for key, value in pairs(properties) do
      local nested = want[name] and type(want[name][key]) == "table"
      shown[name][key] = nested and profiles.nested(value) or value
    end
  end
  return shown
end

local places = { profiles = "profiles", sso_sessions = "sso_sessions", ["sso-session"] = "sso_sessions",
  ["sso-sessions"] = "sso_sessions", services = "services" }

local function sections_match(expected, set)
  for kind, want in pairs(expected) do
    if not places[kind] then return false, "the case asks for an unknown kind of section: " .. kind end
    local ok, why = judge.same(want, as_expected(want, set[places[kind]]))
    if not ok then return false, kind .. "." .. why end
  end
  return true
end

local function parser_case(case)
  local set, err = profiles.merge(file(case.config_file, "config"), file(case.credentials_file, "credentials"))
  local words = case.expect.errorContaining
  if words then
    if set then return false, "no error, want " .. words end
    if not err.message:find(", line %d+: ") then return false, "the error names no line: " .. err.message end
    return err.message:lower():find(words:lower(), 1, true) ~= nil, err.message
  end
  if not set then return false, err.message end
  return sections_match(case.expect.config, set)
end

local function location_case(case)
  local found = profiles.locate { getenv = function(name) return case.env[name] end, platform = case.platform }
  for field, got in pairs { profile = found.profile, config = found.config, credentials = found.credentials } do
    local want = case["expect_" .. field]
    if want and want ~= got then return false, ("%s: want %s, got %s"):format(field, want, tostring(got)) end
  end
  return true
end

return function(data, report)
  for _, case in ipairs(data.parser or {}) do
    local ok, why = judge.try(parser_case, case)
    report(ok, case.name, why)
  end
  for _, case in ipairs(data.locations or {}) do
    local ok, why = judge.try(location_case, case)
    report(ok, case.name, why)
  end
end
