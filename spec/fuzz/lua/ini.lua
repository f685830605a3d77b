-- Any bytes as the shared files of AWS, config and credentials with a zero byte between them: each is read or refused with a
-- line of its own, and sections that were read, written again, read as the same.

local profiles = require "bedrock.profiles"

-- A property inside of a property is a line of its own below it; an empty value has nothing else below it.
local function write(sections)
  local lines = {}
  for _, section in ipairs(sections) do
    lines[#lines + 1] = "[" .. section.header .. "]"
    for _, key in ipairs(section.keys) do
      lines[#lines + 1] = key[1] .. " = " .. section.values[key[1]]:gsub("\n", "\n  ")
    end
  end
  return table.concat(lines, "\n")
end

-- A key that comes twice has its last value for both here, so only what is read of it can be compared.
local function check_again(sections, path)
  local again = profiles.parse(write(sections), path)
  if not again then return end
  assert(#again == #sections)
  for i, section in ipairs(sections) do
    assert(again[i].header == section.header and #again[i].keys == #section.keys)
  end
end

local function check_file(text, path)
  local sections, err = profiles.parse(text, path)
  if sections then return check_again(sections, path) end
  local line = tonumber(err.message:match("^" .. path .. ", line (%d+): "))
  assert(line and line >= 1 and line <= select(2, text:gsub("\n", "")) + 1, err.message)
end

local function check_group(group)
  for name, properties in pairs(group) do
    assert(name:find("^[^%c%s]+$"), name)
    for key, value in pairs(properties) do
      assert(key:find("^[%w_-]+$") and type(value) == "string", key)
      profiles.nested(value)
    end
  end
end

return function(bytes)
  local config, credentials = bytes:match("^([^%z]*)%z?(.*)$")
  check_file(config, "config")
  check_file(credentials, "credentials")
  local set, err = profiles.merge({ text = config, path = "config" }, { text = credentials, path = "credentials" })
  if not set then
    assert(err.kind == "config" and err.code == "profile_parse_error")
    return
  end
  check_group(set.profiles)
  check_group(set.sso_sessions)
  check_group(set.services)
end
