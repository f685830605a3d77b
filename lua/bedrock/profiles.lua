--- The shared config and credentials files of AWS: where they are, what they say, and what is wrong with them.
--
-- Two steps. `parse` reads one file into sections in the order of the text and knows nothing of what a section means;
-- `merge` gives the sections of both files their meaning: profiles, sso-sessions, services. A line that cannot be read
-- is an error that names file and line; a section or a key with an impossible name is skipped with a warning.
-- Follows docs.aws.amazon.com/sdkref/latest/guide/file-format.html

local errors = require "bedrock.errors"

local profiles = {}

---@class bedrock.Profiles
---@field profiles table<string, table<string, string>> properties by profile name, keys in lower case
---@field sso_sessions table<string, table<string, string>>
---@field services table<string, table<string, string>>
---@field warnings string[] what was skipped, and where
---@field places table<string, string[]> the files and lines where a profile (`profile NAME`) or a session begins

-- "%s+$" would look at a run of spaces once from each of them.
local function trim(s)
  return s:find("^%s*$") and "" or s:match("^%s*(.*%S)")
end

-- What stands between the lines of one file: the section and the property that a line may still belong to.
local Parser = {}
Parser.__index = Parser

function Parser:fail(why)
  return nil, errors.new {
    kind = "config", code = "profile_parse_error",
    message = ("%s, line %d: %s"):format(self.path, self.line, why),
  }
end

-- `[kind name]`, with a comment after the bracket or without. A section header ends the property before it.
function Parser:section_line(text)
  local header = trim((text:gsub("[#;].*$", "")))
  if header:sub(-1) ~= "]" then return self:fail("Profile definition must end with ']'") end
  self.section = { header = trim(header:sub(2, -2)), line = self.line, keys = {}, values = {} }
  self.key = nil
  self.sections[#self.sections + 1] = self.section
  return true
end

-- `key = value`. A comment begins at a # or ; that follows white space; without that it is part of the value.
local function split_property(text)
  local at = text:find("%s[#;]")
  if at then text = text:sub(1, at) end
  local key, value = text:match("^([^=]*)=(.*)$")
  if not key then return nil end
  return trim(key), trim(value)
end

function Parser:property_line(text)
  if not self.section then return self:fail("Expected a profile definition before the first property") end
  local key, value = split_property(text)
  if not key then return self:fail("Expected an '=' sign defining a property") end
  if key == "" then return self:fail("Property did not have a name") end
  self.key, self.nested = key:lower(), value == ""
  local section = self.section
  section.keys[#section.keys + 1] = { self.key, self.line }
  section.values[self.key] = value
  return true
end

-- An indented line goes on with the property above it; when that has no value, it is a property inside of it.
function Parser:continuation_line(text)
  if not self.section then return self:fail("Expected a profile definition, found continuation") end
  if not self.key then return self:fail("Expected a property definition, found continuation") end
  text = trim(text)
  if self.nested then
    local key = split_property(text)
    if not key then return self:fail("Expected an '=' sign defining a sub-property") end
    if key == "" then return self:fail("Sub-property did not have a name") end
  end
  self.section.values[self.key] = self.section.values[self.key] .. "\n" .. text
  return true
end

function Parser:read_line(text)
  if text:find("^%s*$") or text:find("^%s*[#;]") then return true end
  if text:sub(1, 1) == "[" then return self:section_line(text) end
  if text:find("^%s") then return self:continuation_line(text) end
  return self:property_line(text)
end

--- Reads the text of one file into its sections, in order, without giving them a meaning.
---@param text string
---@param path string names the file in errors
---@return table[]? sections { header, line, keys, values }
---@return bedrock.Error? err
function profiles.parse(text, path)
  local parser = setmetatable({ path = path, line = 0, section = nil, key = nil, nested = false, sections = {} }, Parser)
  text = text:gsub("^\239\187\191", "") -- the mark that Windows editors put in front of UTF-8
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    parser.line = parser.line + 1
    local ok, err = parser:read_line(line)
    if not ok then return nil, err end
  end
  return parser.sections
end

local NAME = "^[%w%-_./%%@:+]+$"
local KEY = "^[%w%-_]+$"

-- The part of the result that a section of the config file fills: "profiles", "sso_sessions" or "services".
local function config_place(header)
  if header == "default" then return "profiles", "default" end
  local word, name = header:match("^(%S+)%s+(.*)$")
  local place = ({ profile = "profiles", ["sso-session"] = "sso_sessions", services = "services" })[word]
  if place and name:find(NAME) then return place, name end
end

-- In the credentials file every section is a profile, and its name stands alone.
local function credentials_place(header)
  if header:find(NAME) then return "profiles", header end
end

local Merger = {}
Merger.__index = Merger

function Merger:warn(path, line, why)
  local warnings = self.set.warnings
  warnings[#warnings + 1] = ("%s, line %d: %s"):format(path, line, why)
end

function Merger:add_properties(target, section, path)
  for _, key in ipairs(section.keys) do
    if key[1]:find(KEY) then
      target[key[1]] = section.values[key[1]]
    else
      self:warn(path, key[2], ("the property %q is ignored: its name is not one"):format(key[1]))
    end
  end
end

function Merger:add_section(section, path, place, name)
  local group = self.set[place]
  group[name] = group[name] or {}
  local known, title = self.set.places, (place == "profiles" and "profile " or "") .. name
  known[title] = known[title] or {}
  table.insert(known[title], ("%s, line %d"):format(path, section.line))
  self:add_properties(group[name], section, path)
end

-- `[profile default]` and `[default]` in one config file: the one with the word counts, the other does not exist.
local function has_long_default(sections)
  for _, section in ipairs(sections) do
    if section.header:find("^profile%s+default$") then return true end
  end
  return false
end

function Merger:add_config(sections, path)
  local skip_default = has_long_default(sections)
  for _, section in ipairs(sections) do
    local place, name = config_place(section.header)
    if not place then
      self:warn(path, section.line, ("the section [%s] is ignored: expected [profile NAME]"):format(section.header))
    elseif not (skip_default and section.header == "default") then
      self:add_section(section, path, place, name)
    end
  end
end

function Merger:add_credentials(sections, path)
  for _, section in ipairs(sections) do
    local place, name = credentials_place(section.header)
    if place then
      self:add_section(section, path, place, name)
    else
      self:warn(path, section.line, ("the section [%s] is ignored: expected [NAME]"):format(section.header))
    end
  end
end

--- Gives the sections of both files their meaning. The credentials file is laid over the config file.
---@param config { text: string, path: string }?
---@param credentials { text: string, path: string }?
---@return bedrock.Profiles? set
---@return bedrock.Error? err
function profiles.merge(config, credentials)
  local set = { profiles = {}, sso_sessions = {}, services = {}, warnings = {}, places = {} }
  local merger = setmetatable({ set = set }, Merger)
  if config then
    local sections, err = profiles.parse(config.text, config.path)
    if not sections then return nil, err end
    merger:add_config(sections, config.path)
  end
  if credentials then
    local sections, err = profiles.parse(credentials.text, credentials.path)
    if not sections then return nil, err end
    merger:add_credentials(sections, credentials.path)
  end
  return set
end

--- Where a profile is written, for those who have to mend it.
---@param set bedrock.Profiles
---@param name string
---@return string? sentence nil when it is written nowhere
function profiles.where(set, name)
  local places = set.places and set.places["profile " .. name]
  return places and ("The profile %s is in %s"):format(name, table.concat(places, ", and in ")) or nil
end

--- The properties inside of a property, as in a services section.
---@param value string? the raw value: lines of `name = value` after an empty first line
---@return table<string, string> properties
function profiles.nested(value)
  local found = {}
  for line in (value or ""):gmatch("[^\n]+") do
    local key, text = split_property(line)
    if key then found[key:lower()] = text end
  end
  return found
end

-- Where the files are -------------------------------------------------------------------------------------------------

--- An environment variable; one that is empty or blank counts as unset.
---@param system bedrock.System
---@param name string
---@return string?
function profiles.env(system, name)
  local value = system.getenv(name)
  value = value and trim(value)
  return value ~= "" and value or nil
end

local env = profiles.env

--- The home directory of the user, nil where there is none.
---@param system bedrock.System
---@return string?
function profiles.home(system)
  local home = env(system, "HOME")
  if home or system.platform ~= "windows" then return home end
  local drive, path = env(system, "HOMEDRIVE"), env(system, "HOMEPATH")
  return env(system, "USERPROFILE") or (drive and path and drive .. path)
end

--- A path below the home directory, nil where there is no home.
---@param system bedrock.System
---@param ... string names of directories and last of the file
---@return string?
function profiles.in_home(system, ...)
  local home = profiles.home(system)
  return home and table.concat({ home, ... }, system.platform == "windows" and "\\" or "/")
end

local function expand(system, path)
  local home = path and path:find("^~[/\\]") and profiles.home(system)
  return home and home .. path:sub(2) or path
end

--- The files and the profile that an environment names.
---@param system bedrock.System
---@return { config: string?, credentials: string?, profile: string, profile_source: string }
function profiles.locate(system)
  local name, source
  for _, variable in ipairs { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" } do
    if not name then name, source = env(system, variable), variable end
  end
  return {
    config = expand(system, env(system, "AWS_CONFIG_FILE")) or profiles.in_home(system, ".aws", "config"),
    credentials = expand(system, env(system, "AWS_SHARED_CREDENTIALS_FILE")) or
      profiles.in_home(system, ".aws", "credentials"),
    profile = name or "default", profile_source = name and source or "default",
  }
end

-- A missing file is empty; one that is there and cannot be read is an error.
local function read(system, path)
  if not path then return nil end
  local text, why, missing = system.read_file(path)
  if text then return { text = text, path = path } end
  if missing then return nil end
  return nil, errors.new {
    kind = "config", code = "profile_unreadable", message = ("cannot read %s: %s"):format(path, tostring(why)),
  }
end

--- Reads both files of the environment.
---@param system bedrock.System
---@return bedrock.Profiles? set
---@return bedrock.Error? err
function profiles.load(system)
  local where = profiles.locate(system)
  local config, err = read(system, where.config)
  if err then return nil, err end
  local credentials
  credentials, err = read(system, where.credentials)
  if err then return nil, err end
  return profiles.merge(config, credentials)
end

--- A mark that changes when one of the files does: their times and sizes as one string.
---@param system bedrock.System
---@return string
function profiles.stamp(system)
  if not system.stat then return "" end
  local where, marks = profiles.locate(system), {}
  for _, kind in ipairs { "config", "credentials" } do
    local found = where[kind] and system.stat(where[kind])
    marks[#marks + 1] = found and ("%.9f/%d"):format(found.mtime, found.size) or "-"
  end
  return table.concat(marks, " ")
end

return profiles
