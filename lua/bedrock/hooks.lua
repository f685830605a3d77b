--- What a program is told of a call while it runs: functions of its own (the option `hooks`), and the log's debug lines.
--
--   start ─► [ request ─► response | retry ] ─► event, event, ... ─► done
--            └─────────── each attempt ────┘
--
-- A hook gets one table of facts; its `call` is the same table in all hooks of one call, and a program may keep something of
-- its own in it, such as a span. Nothing in the facts leads back into the request: they are copies, and what is secret is taken
-- out of them. A hook that raises is blamed in the log, once, and the call goes on.
--
-- Facts are made only for who wants them: without hooks and without debug lines a call makes none.

local errors = require "bedrock.errors"
local lazy = require "bedrock.lazy"
local redact = lazy "bedrock.redact"

local hooks = {}

local names = { "start", "request", "response", "retry", "event", "done" }

-- What all hooks of one call get as `call`.
local Facts = { __name = "bedrock.call" }

-- In a line of the log the beginning of the id is enough to tell calls apart.
function Facts:__tostring()
  return self.id:sub(1, 8)
end

--- The facts of a call.
---@param call bedrock.Call
---@return bedrock.CallFacts
function hooks.facts(call)
  local params, op = call.params or {}, call.op
  local host = redact.url(call.endpoint.url):match("^%a[%w+.-]*://([^/?#]*)")
  return setmetatable({
    id = call.id, operation = call.op_name, service = op.service, api = call.api, region = call.endpoint.signing_region or
      call.client.settings.region, model = type(params.modelId) == "string" and params.modelId or nil, host = host,
    stream = call.streaming,
  }, Facts)
end

--- Who signed a request: the source of its credentials, or of its API key; nothing when nobody did.
---@param identity table? of client:authenticate
---@param settings bedrock.Settings
---@return string?
function hooks.identity(identity, settings)
  if not identity then return nil end
  if identity.token then return "api_key from " .. (settings.api_key_source or "option") end
  return identity.credentials and (identity.credentials.source or "option") or nil
end

local function counted(headers)
  local input, output = headers["x-amzn-bedrock-input-token-count"], headers["x-amzn-bedrock-output-token-count"]
  if not tonumber(input) then return nil end
  return { input_tokens = tonumber(input), output_tokens = tonumber(output) }
end

--- Adds what was in an answer, whichever form it has; of an answer that is only passed on, what its headers count.
---@param facts table
---@param answer table?
---@param headers table<string, string>
function hooks.describe(facts, answer, headers)
  local reply = require "bedrock.reply"
  if type(answer) ~= "table" or not reply.form(answer) then
    facts.usage = reply.usage(counted(headers))
    return
  end
  facts.usage, facts.stop_reason = answer.usage, answer.stop_reason
  facts.model = type(answer.model) == "string" and answer.model or nil
  facts.message_id = type(answer.id) == "string" and answer.id or nil
end

--- What the log shows of the end of a call.
---@param facts table
---@return table
function hooks.done_line(facts)
  local shown, usage = {}, type(facts.usage) == "table" and facts.usage or {}
  for name, value in pairs(facts) do shown[name] = value end
  shown.input_tokens, shown.output_tokens = usage.total_input_tokens, usage.output_tokens
  return shown
end

-- Hooks that a program gives --------------------------------------------------------------------------------------------

local function check(given)
  for name, hook in pairs(given) do
    local known = false
    for _, each in ipairs(names) do known = known or each == name end
    if not known then
      local near = type(name) == "string" and require "bedrock.nearest"(name, names, 3)
      errors.misuse(("bedrock: there is no hook %s%s"):format(tostring(name), near and ("; did you mean " .. near .. "?") or
        ", but " .. table.concat(names, ", ")))
    elseif type(hook) ~= "function" then
      errors.misuse(("bedrock: the hook %s is a function, not a %s"):format(name, type(hook)))
    end
  end
end

---@class bedrock.Watch
local Watch = {}
Watch.__index = Watch
Watch.__name = "bedrock.hooks"

--- Who is told what.
---@param given bedrock.Hooks? the program's
---@param log fun(level: string, message: string, fields: table?)
---@param debugging boolean whether anybody reads debug lines
---@return bedrock.Watch
function hooks.new(given, log, debugging)
  given = given or {}
  check(given)
  return setmetatable({ given = given, log = log, debugging = debugging, blamed = {} }, Watch)
end

--- Whether anybody wants to know, so that the facts are worth the making.
---@param name string
---@return boolean
function Watch:wants(name)
  return self.debugging or self.given[name] ~= nil
end

-- What stops a task is no fault of the hook that it happens to stop.
local function is_cancelled(why)
  return errors.is(why) and why.kind == "cancelled"
end

function Watch:blame(name, why)
  if is_cancelled(why) then error(why, 0) end
  if self.blamed[name] then return end
  self.blamed[name] = true
  self.log("error", ("the hook %s raised, and the call goes on without it (told once): %s")
    :format(name, redact.text(tostring(why))))
end

-- On plain Lua 5.1 a hook cannot wait, because of the pcall.
function Watch:run(name, ...)
  local hook = self.given[name]
  if not hook then return end
  local ok, why = pcall(hook, ...)
  if not ok then self:blame(name, why) end
end

--- Tells the hook of that name, and the log.
---@param name string
---@param facts table
---@param message string what the log calls it
---@param fields table? what the log shows, when that is not just the facts
function Watch:tell(name, facts, message, fields)
  if self.debugging then self.log("debug", facts.call.operation .. ": " .. message, fields or facts) end
  self:run(name, facts)
end

--- What gets the events of a stream; nil when nobody wants them, so that a stream without a hook does nothing for it.
---@param facts fun(): bedrock.CallFacts
---@return fun(event: table)?
function Watch:on_event(facts)
  if not self.given.event then return nil end
  return function(event) self:run("event", event, facts()) end
end

return hooks
