--- What is known about Claude models on Bedrock: a table of facts, and ids made from names.
--
-- Never needed to send a request. Ids change every few weeks, so an id that is not in the table goes out as it is, and
-- nothing is decided by the look of an id. `list_inference_profiles` of the service is the authority on what a region offers.
--
-- A profile id is a prefix, a dot and the base id: `global.` routes anywhere, `us.`, `eu.`, `jp.`, `apac.` stay in their
-- area (and cost 10 % more from Claude Sonnet 4.5 on), no prefix means the called region alone.

local apis = require "bedrock.apis"
local errors = require "bedrock.errors"

---@class bedrock.models
local models = {}

---@class bedrock.Model
---@field name string
---@field id string the base id, without a profile prefix
---@field family string "opus", "sonnet", "haiku", "fable" or "mythos"
---@field profiles table<string, boolean>? which profile prefixes exist; nil where it is not known
---@field lifecycle "active"|"deprecated"|"retired"
---@field context_window integer? tokens
---@field max_output integer? tokens
---@field by_invitation boolean? only invited customers may call it
---@field sampling "one"|"fixed"|nil "one": temperature or top_p, not both; "fixed": temperature 1, top_p from 0.99, no top_k
---@field apis table<string, boolean> the ways that lead to it, see bedrock.apis
---@field nonstreaming_tokens integer? the largest max_tokens that is answered in time without streaming

local function profiles(list)
  local set = { global = false, us = false, eu = false, jp = false, apac = false }
  for prefix in list:gmatch("%S+") do set[prefix] = true end
  return set
end

---@type bedrock.Model[]
local rows = {
  { name = "Claude Opus 4.6", id = "anthropic.claude-opus-4-6-v1", family = "opus",
    profiles = profiles "global us eu jp apac", lifecycle = "active", context_window = 1000000 },
  { name = "Claude Sonnet 4.6", id = "anthropic.claude-sonnet-4-6", family = "sonnet",
    profiles = profiles "global us eu jp", lifecycle = "active", context_window = 1000000 },
  { name = "Claude Sonnet 4.5", id = "anthropic.claude-sonnet-4-5-20250929-v1:0", family = "sonnet",
    profiles = profiles "global us eu jp", lifecycle = "active", context_window = 200000, sampling = "one" },
  { name = "Claude Sonnet 4", id = "anthropic.claude-sonnet-4-20250514-v1:0", family = "sonnet",
    profiles = profiles "global us eu apac", lifecycle = "deprecated", context_window = 200000 },
  { name = "Claude Sonnet 3.7", id = "anthropic.claude-3-7-sonnet-20250219-v1:0", family = "sonnet",
    profiles = profiles "", lifecycle = "retired", context_window = 200000 },
  { name = "Claude Opus 4.5", id = "anthropic.claude-opus-4-5-20251101-v1:0", family = "opus",
    profiles = profiles "global us eu", lifecycle = "active", context_window = 200000 },
  { name = "Claude Opus 4.1", id = "anthropic.claude-opus-4-1-20250805-v1:0", family = "opus",
    profiles = profiles "us", lifecycle = "deprecated", context_window = 200000, nonstreaming_tokens = 8192 },
  { name = "Claude Opus 4", id = "anthropic.claude-opus-4-20250514-v1:0", family = "opus",
    profiles = profiles "", lifecycle = "retired", context_window = 200000, nonstreaming_tokens = 8192 },
  { name = "Claude Haiku 4.5", id = "anthropic.claude-haiku-4-5-20251001-v1:0", family = "haiku",
    profiles = profiles "global us eu", lifecycle = "active", context_window = 200000, sampling = "one" },
  { name = "Claude Haiku 3.5", id = "anthropic.claude-3-5-haiku-20241022-v1:0", family = "haiku",
    profiles = profiles "us", lifecycle = "deprecated", context_window = 200000 },
  -- Models without a versioned id. Which profiles they have is not published in one place.
  { name = "Claude Opus 4.7", id = "anthropic.claude-opus-4-7", family = "opus",
    lifecycle = "active", context_window = 1000000, max_output = 128000 },
  { name = "Claude Opus 4.8", id = "anthropic.claude-opus-4-8", family = "opus",
    lifecycle = "active", context_window = 1000000 },
  { name = "Claude Fable 5", id = "anthropic.claude-fable-5", family = "fable",
    lifecycle = "active", context_window = 1000000, max_output = 128000, sampling = "fixed" },
  { name = "Claude Fable 5.1", id = "anthropic.claude-fable-5-1", family = "fable", lifecycle = "active" },
  { name = "Claude Opus 5", id = "anthropic.claude-opus-5", family = "opus", lifecycle = "active" },
  { name = "Claude Sonnet 5", id = "anthropic.claude-sonnet-5", family = "sonnet", lifecycle = "active" },
  { name = "Claude Mythos Preview", id = "anthropic.claude-mythos-preview", family = "mythos",
    lifecycle = "active", by_invitation = true },
  { name = "Claude Mythos 5", id = "anthropic.claude-mythos-5", family = "mythos",
    lifecycle = "active", by_invitation = true },
  { name = "Claude Mythos 5.1", id = "anthropic.claude-mythos-5-1", family = "mythos",
    lifecycle = "active", by_invitation = true },
}

-- Which ways (see bedrock.apis) lead to a model: bedrock-runtime to all, Claude in Amazon Bedrock to those without a versioned id,
-- the platform to those that Anthropic's clients name. Versioned ones that go further:
local further = {
  ["Claude Haiku 4.5"] = { mantle = true, platform = true }, ["Claude Opus 4.6"] = { platform = true },
  ["Claude Sonnet 4.6"] = { platform = true }, ["Claude Opus 4.5"] = { platform = true },
  ["Claude Sonnet 4.5"] = { platform = true },
}
for _, row in ipairs(rows) do
  local ways = row.profiles and (further[row.name] or {}) or { mantle = true, platform = true }
  row.apis = { invoke = true, runtime = true, mantle = ways.mantle or false, platform = ways.platform or false }
end

-- In the order in which profiles are offered. A prefix counts with its dot, so "us-gov." is never taken for "us.".
local prefixes = { "global", "us-gov", "apac", "amer", "us", "eu", "jp", "au", "ca", "sa" }

-- Which geographic profiles may be called from a region, best first; the first row that fits decides.
-- Japan's profiles name Tokyo and Osaka only; Canada's regions are sources of some profiles of the US.
local by_region = {
  { "^us%-gov%-", { "us-gov" } },
  { "^us%-", { "us" } },
  { "^ca%-", { "ca", "us" } },
  { "^sa%-", { "sa" } },
  { "^eu%-", { "eu" } },
  { "^ap%-northeast%-[13]$", { "jp", "apac" } },
  { "^ap%-southeast%-[24]$", { "au", "apac" } },
  { "^ap%-", { "apac" } },
}

local function split_prefix(id)
  for _, prefix in ipairs(prefixes) do
    if id:sub(1, #prefix + 1) == prefix .. "." then return prefix, id:sub(#prefix + 2) end
  end
  return nil, id
end

--- The geographic profile prefixes that may be called from a region, best first. Which of them a model has is in its row.
---@param region string?
---@return string[]
function models.prefixes(region)
  for _, row in ipairs(by_region) do
    if region and region:find(row[1]) then return { (table.unpack or unpack)(row[2]) } end
  end
  return {}
end

--- The base id behind a profile id or the ARN of a model or system profile; anything else comes back as it is.
---
--- The service's CountTokens takes base ids only. What an application inference profile stands for is not in its ARN.
---@param id string
---@return string
function models.base_id(id)
  local name = id:match("^arn:[^:]*:bedrock:[^:]*:[^:]*:inference%-profile/(.+)$") or
    id:match("^arn:[^:]*:bedrock:[^:]*:[^:]*:foundation%-model/(.+)$")
  if not name and id:find("^arn:") then return id end
  local _, base = split_prefix(name or id)
  return base
end

-- "Claude Sonnet 4.5", "claude-sonnet-4-5-20250929", "anthropic.claude-3-5-haiku-20241022-v1:0" -> "sonnet-4-5", "haiku-3-5"
local function plain_name(text)
  local name = models.base_id(text:lower()):gsub("[%s._@]+", "-"):gsub("^anthropic[-/]", ""):gsub("^claude%-", "")
  name = name:gsub(":%d+$", ""):gsub("%-v%d+$", ""):gsub("%-latest$", ""):gsub("%-%d%d%d%d%d%d%d%d$", "")
  local version, family = name:match("^(%d[%d-]*)%-(%a+)$")
  return version and family .. "-" .. version or name
end

local by_name, by_id = {}, {}
for _, row in ipairs(rows) do
  by_name[plain_name(row.name)] = row
  by_id[row.id] = row
end

local function find(name)
  return by_id[models.base_id(name)] or not name:find("^arn:") and by_name[plain_name(name)] or nil
end

-- The names by which people call models, as they are written here: claude-sonnet-4.5.
local function friendly(row)
  return (row.name:lower():gsub(" ", "-"))
end

--- The name of a known model that a misspelt one was meant to be.
---@param name string
---@return string? name such as claude-sonnet-4.5
function models.nearest(name)
  local names = {}
  for i, row in ipairs(rows) do names[i] = friendly(row) end
  return require "bedrock.nearest"(models.base_id(name):lower(), names, 3)
end

-- The table's rows stay its own.
local function copy(value)
  if type(value) ~= "table" then return value end
  local own = {}
  for key, inner in pairs(value) do own[key] = copy(inner) end
  return own
end

--- What is known about a model.
---@param name string "claude-sonnet-4.5", "Claude Sonnet 4.5", "sonnet-4-5", a base id, a profile id or an ARN
---@return bedrock.Model? model nil when it is not in the table
function models.get(name)
  local row = find(name)
  return row and copy(row)
end

--- Every model of the table, in its order.
---@return bedrock.Model[]
function models.list()
  local list = {}
  for i, row in ipairs(rows) do list[i] = copy(row) end
  return list
end

-- nil where it is not known whether the model has the profile.
local function has(row, prefix)
  if not row.profiles then return nil end
  return row.profiles[prefix]
end

local function offered(row)
  local list = {}
  for _, prefix in ipairs(prefixes) do
    if has(row, prefix) then list[#list + 1] = prefix .. "." .. row.id end
  end
  return list
end

local function no_profile(row, what)
  local list = offered(row)
  local hint = #list > 0 and "There is " .. table.concat(list, ", ") or nil
  if row.lifecycle == "retired" then hint = "The model is retired" end
  return nil, errors.new { kind = "validation", code = "profile", message = row.name .. " has no " .. what, hint = hint }
end

local function regional(row, region)
  for _, prefix in ipairs(models.prefixes(region)) do
    if has(row, prefix) then return prefix .. "." .. row.id end
  end
end

-- Without a wish: the global profile, which costs no premium, else the one that fits the region, else the only one.
local function by_default(row, region)
  if has(row, "global") then return "global." .. row.id end
  local fitting = regional(row, region)
  if fitting then return fitting end
  local list = offered(row)
  return #list == 1 and not region and list[1] or row.id
end

local function by_region_only(row, region)
  if not region then
    return nil, errors.new { kind = "config", code = "region", message = 'scope "regional" needs a region' }
  end
  local id = regional(row, region)
  if id then return id end
  if not row.profiles and models.prefixes(region)[1] then return models.prefixes(region)[1] .. "." .. row.id end
  return no_profile(row, "geographic profile for " .. region)
end

-- The ways that lead to a model, in words.
local function ways_to(row)
  local labels = {}
  for _, name in ipairs(apis.names()) do
    if row.apis[name] then labels[#labels + 1] = apis.label(name) end
  end
  return table.concat(labels, ", ")
end

-- How Anthropic's own API calls a model, and Claude in Amazon Bedrock with the provider in front: no version, no profile.
local function first_party_id(row, api)
  if not row.apis[api] then
    return nil, errors.new { kind = "validation", code = "api", message = ("%s is not reached through %s"):format(row.name,
      apis.label(api)), hint = "It is reached through " .. ways_to(row) }
  end
  return (api == "mantle" and "anthropic." or "") .. "claude-" .. plain_name(row.name)
end

--- The id to call a model by.
---
--- A name that is not in the table comes back as it is, and so does an id with a prefix, unless a scope is asked for.
---@param name string as for `models.get`
---@param options? { region: string?, scope: string?, api: string? } scope: "global", "regional" (by the region), "base" (no
--- prefix), or a prefix such as "us", "eu", "jp", "apac"; default: global where the model has it, else what fits the region.
--- api: as for `bedrock.new`; "mantle" and "platform" have ids without profiles, so they take no scope
---@return string? id
---@return bedrock.Error? err when the model has no such profile, or is not reached that way
function models.id(name, options)
  local scope, region, api = options and options.scope, options and options.region, options and options.api
  local row = find(name)
  if not row or name:find("^arn:") then return name end
  if api == "mantle" or api == "platform" then return first_party_id(row, api) end
  if not scope and split_prefix(name) then return name end
  if not scope then return by_default(row, region) end
  if scope == "base" then return row.id end
  if scope == "regional" then return by_region_only(row, region) end
  if has(row, scope) == false then return no_profile(row, "profile " .. scope) end
  return scope .. "." .. row.id
end

-- What an id looks like where nothing is known about its model.
local function looks_foreign(id, api)
  local base = models.base_id(id)
  if api == "platform" then return base:find("^anthropic%.claude") and "ids have no provider in front there" end
  if api == "mantle" then
    if base ~= id then return "ids are base ids there, without profile or ARN: " .. base end
    return id:find("^claude%-") and "ids begin with anthropic. there"
  end
  return id:find("^claude%-") and "ids begin with anthropic. there, after the prefix of a profile"
end

--- What is wrong with an id on a way, when it belongs to another: for who was told that there is no such model.
---@param id string as it was sent
---@param api string the way: "invoke", "runtime", "mantle", "platform"
---@param region string?
---@return string? text nil when the id looks as it should
function models.hint(id, api, region)
  local row, label = find(id), apis.label(api)
  if not row then
    local why = looks_foreign(id, api)
    return why and ("On %s %s"):format(label, why) or nil
  end
  if api == "mantle" or api == "platform" then
    local wanted, err = models.id(row.name, { api = api })
    if not wanted then return err.message .. ". " .. err.hint end
    return wanted ~= id and ("On %s its id is %s"):format(label, wanted) or nil
  end
  local base = models.base_id(id)
  if base == row.id and base ~= id then return nil end
  local wanted = row.profiles and models.id(row.name, { region = region }) or "global." .. row.id
  if wanted == id then return nil end
  local owner = id == first_party_id(row, "mantle") and ("%s is its id on %s. "):format(id, apis.label "mantle") or ""
  return ("%sOn %s it is called as %s"):format(owner, label, wanted)
end

--- The profile ids by which a model can be called from a region, best first: what to try when the service says that
--- on-demand throughput isn't supported.
---@param name string
---@param region string?
---@return string[] ids empty when nothing is known
function models.profile_ids(name, region)
  local row, list = find(name), {}
  if not row then return list end
  for _, prefix in ipairs(models.prefixes(region)) do
    if has(row, prefix) then list[#list + 1] = prefix .. "." .. row.id end
  end
  if has(row, "global") then table.insert(list, 1, "global." .. row.id) end
  return list
end

local function successor(row)
  for _, other in ipairs(rows) do
    if other.family == row.family and other.lifecycle == "active" and other.profiles then return other.name end
  end
end

--- A sentence of warning for a model that is going away or gone, or that needs an invitation.
---@param name string
---@return string? text nil when there is nothing to say
function models.warning(name)
  local row = find(name)
  if not row then return nil end
  if row.by_invitation then return row.name .. " answers invited customers only" end
  if row.lifecycle == "active" then return nil end
  local text = row.name .. " is " .. row.lifecycle .. " on Bedrock"
  local newer = successor(row)
  return newer and text .. "; " .. newer .. " follows it" or text
end

return models
