--- Guardrails as things that are made, changed, numbered and deleted. What a guardrail does is in guardrail.lua.

local clock = require("bedrock.emulator.clock")
local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local paging = require("bedrock.emulator.paging")
local refusal = require("bedrock.emulator.refusal")

local guardrails = {}

local DRAFT = "DRAFT"

-- What is configured under one name is told under another.
local policies = {
  topicPolicyConfig = { "topicPolicy", topicsConfig = "topics" },
  contentPolicyConfig = { "contentPolicy", filtersConfig = "filters" },
  wordPolicyConfig = { "wordPolicy", wordsConfig = "words", managedWordListsConfig = "managedWordLists" },
  sensitiveInformationPolicyConfig = {
    "sensitiveInformationPolicy", piiEntitiesConfig = "piiEntities", regexesConfig = "regexes",
  },
  contextualGroundingPolicyConfig = { "contextualGroundingPolicy", filtersConfig = "filters" },
}

local function body_of(exchange)
  local body = exchange.request.body == "" and {} or json.decode(exchange.request.body)
  if not json.is_object(body) then refusal.invalid("The request body is not a JSON object.") end
  return body
end

local function required(body, names)
  for _, name in ipairs(names) do
    if type(body[name]) ~= "string" or body[name] == "" then refusal.missing(name) end
  end
end

-- A version: what GetGuardrail tells, but for its state.
local function version_of(body)
  local version = { name = body.name, description = body.description, blockedInputMessaging = body.blockedInputMessaging,
    blockedOutputsMessaging = body.blockedOutputsMessaging, kmsKeyArn = body.kmsKeyId }
  for configured, told in pairs(policies) do
    if json.is_object(body[configured]) then
      local policy = {}
      for name, list in pairs(body[configured]) do policy[told[name] or name] = list end
      version[told[1]] = policy
    end
  end
  return version
end

local function find(exchange)
  local id = exchange.params[1]
  local found = exchange.state:part("guardrails")[id:match("guardrail/(.+)$") or id]
  return found or refusal.raise("ResourceNotFoundException", "The guardrail %s was not found.", id)
end

local function check_body(body)
  required(body, { "name", "blockedInputMessaging", "blockedOutputsMessaging" })
end

--- CreateGuardrail
function guardrails.create(exchange)
  local body, all = body_of(exchange), exchange.state:part("guardrails")
  check_body(body)
  for _, other in pairs(all) do
    if other.versions[DRAFT].name == body.name then
      refusal.raise("ConflictException", "Another guardrail is called %s.", body.name)
    end
  end
  local n = exchange.state:count("guardrail")
  local guardrail = {
    id = ("gr%010d"):format(n), created = clock.stamp(exchange.clock), updated = clock.stamp(exchange.clock), last = 0,
    versions = {},
    ready = clock.after(exchange.emulator, 1),
  }
  guardrail.arn = ("arn:aws:bedrock:%s:123456789012:guardrail/%s"):format(exchange.identity.region or "us-east-1", guardrail.id)
  guardrail.versions[DRAFT] = version_of(body)
  all[guardrail.id] = guardrail
  return json.answer({ guardrailId = guardrail.id, guardrailArn = guardrail.arn, version = DRAFT, createdAt = guardrail.created },
    nil, 202)
end

local function status(guardrail)
  return clock.passed(guardrail.ready) and "READY" or "CREATING"
end

--- GetGuardrail
function guardrails.get(exchange)
  local guardrail = find(exchange)
  local number = encoding.form(exchange.request.query).guardrailVersion or DRAFT
  local version = guardrail.versions[number]
  if not version then
    refusal.raise("ResourceNotFoundException", "The guardrail %s has no version %s.", guardrail.id, number)
  end
  local told = { guardrailId = guardrail.id, guardrailArn = guardrail.arn, version = number, status = status(guardrail),
    createdAt = guardrail.created, updatedAt = guardrail.updated }
  for name, value in pairs(version) do told[name] = value end
  return json.answer(told)
end

local function summary(guardrail, number)
  local version = guardrail.versions[number]
  return { id = guardrail.id, arn = guardrail.arn, name = version.name, description = version.description, version = number,
    status = status(guardrail), createdAt = guardrail.created, updatedAt = guardrail.updated }
end

-- Without an identifier the drafts of all; with one every version of it.
local function summaries(exchange)
  local list, id = {}, encoding.form(exchange.request.query).guardrailIdentifier
  if not id then
    for _, guardrail in pairs(exchange.state:part("guardrails")) do list[#list + 1] = summary(guardrail, DRAFT) end
    table.sort(list, function(a, b) return a.id < b.id end)
    return list
  end
  exchange.params = { id }
  local guardrail = find(exchange)
  list[1] = summary(guardrail, DRAFT)
  for n = 1, guardrail.last do
    if guardrail.versions[tostring(n)] then list[#list + 1] = summary(guardrail, tostring(n)) end
  end
  return list
end

--- ListGuardrails
function guardrails.list(exchange)
  return paging.answer(exchange, "guardrails", summaries(exchange))
end

--- UpdateGuardrail
function guardrails.update(exchange)
  local guardrail, body = find(exchange), body_of(exchange)
  check_body(body)
  guardrail.versions[DRAFT], guardrail.updated = version_of(body), clock.stamp(exchange.clock)
  return json.answer({ guardrailId = guardrail.id, guardrailArn = guardrail.arn, version = DRAFT, updatedAt = guardrail.updated },
    nil, 202)
end

--- CreateGuardrailVersion
function guardrails.create_version(exchange)
  local guardrail, body = find(exchange), body_of(exchange)
  if status(guardrail) ~= "READY" then
    refusal.raise("ConflictException", "The guardrail %s is still being made.", guardrail.id)
  end
  guardrail.last = guardrail.last + 1
  local number, version = tostring(guardrail.last), {}
  for name, value in pairs(guardrail.versions[DRAFT]) do version[name] = value end
  version.description = body.description
  guardrail.versions[number] = version
  return json.answer({ guardrailId = guardrail.id, version = number }, nil, 202)
end

--- DeleteGuardrail: one version of it, or all of it.
function guardrails.delete(exchange)
  local guardrail, number = find(exchange), encoding.form(exchange.request.query).guardrailVersion
  if number and number ~= DRAFT then
    guardrail.versions[number] = nil
  else
    exchange.state:part("guardrails")[guardrail.id] = nil
  end
  return json.answer({}, nil, 202)
end

return guardrails
