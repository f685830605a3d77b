--- What to do about the failures that people meet most, as data: one row a failure.
--
-- A row names the kinds of error it is for (none: all), a pattern of the service's message, and the hint: a sentence, or a
-- function of what was asked that may answer nothing. The first row that fits and has an answer gives the hint of an error that
-- has none yet.
-- The service's messages are no contract, so a row that fits no longer costs nothing but its hint.

local models = require "bedrock.models"

local hints = {}

---@class bedrock.Asked what a hint may look at
---@field operation string in snake_case
---@field model string? its id, as it was sent
---@field region string?
---@field api string? the way of a Messages request, see bedrock.apis
---@field params table members of the operation

local function member(value, name)
  return type(value) == "table" and value[name] or nil
end

local function list_of_ids(ids)
  return table.concat(ids, " or ")
end

-- The way there -------------------------------------------------------------------------------------------------------

-- An id that belongs to another way; nothing when it looks right.
local function other_way(asked)
  return asked.model and asked.api and models.hint(asked.model, asked.api, asked.region)
end

local function misspelt(asked)
  local meant = asked.model and models.nearest(asked.model)
  return meant and ('Did you mean %s? bedrock.models.id("%s") makes its id'):format(meant, meant)
end

-- On demand ------------------------------------------------------------------------------------------------------------

local function fitting_profiles(asked)
  local ids = asked.model and models.profile_ids(asked.model, asked.region) or {}
  if #ids > 0 then return ("From %s call it as %s"):format(asked.region, list_of_ids(ids)) end
  local row = asked.model and models.get(asked.model)
  if row and row.profiles then
    local text = "No profile of %s is known for %s; client:models() lists what can be called from there"
    return text:format(row.name, asked.region)
  elseif row then
    return models.hint(asked.model, asked.api or "invoke", asked.region)
  end
  return "Call it by the id of an inference profile; client:models() lists those of this region"
end

-- Betas ----------------------------------------------------------------------------------------------------------------

local function betas_of(params)
  local names = member(params.body, "anthropic_beta") or member(params.additionalModelRequestFields, "anthropic_beta")
  return type(names) == "table" and #names > 0 and names or nil
end

local function refused_betas(asked)
  local names = betas_of(asked.params)
  if not names then return "Leave anthropic_beta out, or name only what this model and region take" end
  local which = #names == 1 and "the beta " or "one of the betas "
  return ("This model or region does not take %s%s"):format(which, table.concat(names, ", "))
end

-- Access ---------------------------------------------------------------------------------------------------------------

local function model_access(asked)
  local row = asked.model and models.get(asked.model)
  if row and row.by_invitation then return row.name .. " answers invited customers only" end
  return ("Ask for access to the model in the Bedrock console of %s, under Model access"):format(asked.region or "this region")
end

local actions = {
  invoke_model = "bedrock:InvokeModel", converse = "bedrock:InvokeModel", count_tokens = "bedrock:CountTokens",
  invoke_model_with_response_stream = "bedrock:InvokeModelWithResponseStream",
  converse_stream = "bedrock:InvokeModelWithResponseStream", apply_guardrail = "bedrock:ApplyGuardrail",
}

local function missing_permission(asked)
  local action = actions[asked.operation]
  if not action then return "client:identity() tells who is asking; its policy must allow the action" end
  local text = ("The caller's policy must allow %s"):format(action)
  local through_profile = asked.model and (asked.model ~= models.base_id(asked.model) or asked.model:find "inference%-profile")
  return through_profile and text .. " on the inference profile and on its foundation model in every region of it" or text
end

-- Lifecycle ------------------------------------------------------------------------------------------------------------

local function successor(asked)
  local warning = asked.model and models.warning(asked.model)
  return warning or "client:models() lists the models that can be called from this region"
end

-- Limits ---------------------------------------------------------------------------------------------------------------

local function window(asked)
  local row = asked.model and models.get(asked.model)
  local size = row and row.context_window and (" (%d tokens)"):format(row.context_window) or ""
  return ("The conversation does not fit into the model's context window%s; drop or summarise its oldest turns"):format(size)
end

local tokens_a_minute = "This is the account's quota of tokens over time, not the model's context window: wait, lower " ..
  "max_tokens, which is reserved from the start, or ask for more quota"

-- The service reserves the longest answer that a call may have, which is the model's longest when the call does not say.
local function quota_of_tokens(asked)
  local converse = asked.operation == "converse" or asked.operation == "converse_stream"
  if not converse or member(asked.params.inferenceConfig, "maxTokens") then return tokens_a_minute end
  local row = asked.model and models.get(asked.model)
  local most = row and row.max_output and (" (%d tokens)"):format(row.max_output) or ""
  return ("This is the account's quota of tokens over time, of which a call without inferenceConfig.maxTokens reserves the " ..
    "model's longest answer%s: set it to what the answer needs"):format(most)
end

-- Failures of the other side --------------------------------------------------------------------------------------------

local function failed_model(_, err)
  if err.code == "ModelTimeoutException" then return "Ask for a shorter answer, or for a stream" end
  if err.code == "ModelNotReadyException" then return "It is being loaded: the same request works in a while" end
  return "Ask again; if it stays, another model, or a smaller request"
end

local function failed_service(_, err)
  if not err.code or err.code == "UnreadableAnswer" then
    return "That is the answer of something between here and the service: a proxy or a gateway"
  end
  return "Ask again later; if it stays, AWS's support wants to know the request's id"
end

local function elsewhere(asked)
  return ("Look at the id, the region (%s) and the account"):format(asked.region or "none")
end

-- Rows -----------------------------------------------------------------------------------------------------------------

local no_caching = "This model or region does not take cache points here; leave them out (cache = false in a chat)"

-- What is said, the hint, and the kinds of error that it is for.
local rows = {
  { "model identifier is invalid", other_way },
  { "model identifier is invalid", misspelt },
  { "^model: ", other_way },
  { "model.+not found", other_way },
  { "on%-demand throughput isn", fitting_profiles },
  { "invalid beta flag", refused_betas },
  { "anthropic_beta", refused_betas, validation = true },
  -- A throttle is no overflow, though it speaks of too many tokens.
  { "[Tt]oo many tokens", quota_of_tokens, throttled = true },
  { "[Tt]oo many requests", throttled = true,
    'This is the account\'s quota of requests; retry = { mode = "adaptive" } slows the client down' },
  { "prompt is too long", window, validation = true },
  { "[Ii]nput is too long", window, validation = true },
  { "exceed context limit", window, validation = true },
  { "maximum of %d+ blocks with cache_control", "Leave cache points out until there are four at most", validation = true },
  { "cache_control", no_caching, validation = true },
  { "cachePoint", no_caching, validation = true },
  { "prompt caching", no_caching },
  { "have access to the model", model_access },
  { "aws%-marketplace:", "Anthropic's models are subscribed to once per account, through AWS Marketplace: somebody who may " ..
    "do that calls the model once, or opens it in the Bedrock console" },
  { "use case details", "Fill in the form of the model's provider in the Bedrock console, once per account" },
  { "is not authorized to perform", missing_permission },
  { "end of its life", successor },
  { "marked by provider as Legacy", successor },
  { "support counting tokens", "CountTokens knows only models that can be called without a profile, by their base id" },
  { "model identifier is invalid", 'Check the id and the region; bedrock.models.id("claude-sonnet-4.5") makes one, ' ..
    "client:models() lists them" },
  { "[Uu][Rr][Ll] sources", validation = true,
    "Bedrock takes bytes: read the file and send it with bedrock.content.image or bedrock.content.document" },
  { "does not match any of the expected tags", validation = true,
    "Bedrock has only what the message lists; web search, web fetch and code execution are Anthropic's own" },
  { "temperature` and `top_p` cannot both", "Send temperature or top_p, not both", validation = true },
  { "output_config", validation = true,
    'Effort and structured output need a model that has them; for a value of a schema try by = "tool"' },
  { "security token included in the request is invalid", "The access key does not exist, or its session token is missing; " ..
    "client:identity() tells where the keys come from" },
  { "signature we calculated does not match", "The secret key does not belong to the access key; client:identity() tells " ..
    "where both come from" },
  { "security token included in the request is expired", "The keys have ended and nothing here could renew them: log in " ..
    "again, or put new ones where client:identity() says they come from" },
  -- what is true of all errors of a kind, where nothing better is known
  { "", "Ask for more under Service Quotas in the AWS console, or free what is not needed any more", quota = true },
  { "", failed_model, model = true },
  { "", failed_service, server = true },
  { "", 'It passes: wait, or let retry = { mode = "adaptive" } slow the client down', throttled = true },
  { "", elsewhere, not_found = true },
  { "", "client:identity() tells who is asking", access_denied = true },
}

local kinds = { "validation", "throttled", "quota", "model", "server", "not_found", "access_denied" }

-- A row that names no kind is for all of them.
local function is_for(row, kind)
  for _, name in ipairs(kinds) do
    if row[name] then return row[kind] == true end
  end
  return true
end

--- What to do about an error of the service.
---@param err bedrock.Error
---@param asked bedrock.Asked
---@return string?
function hints.of(err, asked)
  for _, row in ipairs(rows) do
    if is_for(row, err.kind) and err.message:find(row[1]) then
      local hint = row[2]
      if type(hint) == "function" then hint = hint(asked, err) end
      if hint then return hint end
    end
  end
end

return hints
