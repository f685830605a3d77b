--- What a program is told of a call while it runs: functions of its own (the option `hooks`), and the log's debug lines.
--
--   start ─► [ request ─► response | retry ] ─► event, event, ... ─► done
--            └─────────── each attempt ────┘
--
-- A hook gets one table of facts; its `call` is the same table in all hooks of one call, and a program may keep something of
-- its own in it, such as a span. Nothing in the facts leads back into the request: they are copies, and what is secret is taken
-- out of them. A hook that raises is blamed in the log, once, and the call goes on.
--
-- Facts are made only for who wants them. Without hooks and without debug lines there is nothing of this, and a call asks no
-- more than whether there is.

local errors = require "bedrock.errors"
local redact = require "bedrock.redact"
local reply = require "bedrock.reply"

local hooks = {}

local names = { "start", "request", "response", "retry", "event", "done" }

-- Facts -----------------------------------------------------------------------------------------------------------------

-- What all hooks of one call get as `call`.
local Facts = { __name = "bedrock.call" }

-- In a line of the log the beginning of the id is enough to tell calls apart.
function Facts:__tostring()
  return self.id:sub(1, 8)
end

local function facts_of(call)
  local params, endpoint = call.params or {}, call.endpoint
  return setmetatable({
    id = call.id, operation = call.op_name, service = call.op.service, api = call.api, stream = call.streaming,
    region = endpoint.signing_region or call.client.settings.region, host = endpoint.url:match("^%a[%w+.-]*://([^/?#]*)"),
    model = type(params.modelId) == "string" and params.modelId or nil,
  }, Facts)
end

-- Those of a call, which are made once.
local function shared(call)
  call.facts = call.facts or facts_of(call)
  return call.facts
end

-- The facts of one hook.
local function facts(call, own)
  own.call, own.operation = shared(call), call.op_name
  return own
end

local function request_id(headers)
  return headers["x-amzn-requestid"] or headers["request-id"]
end

-- Who signed a request: the source of the credentials, or of the API key; nothing when nobody did.
local function signer_of(call)
  local identity = call.identity
  if not identity then return nil end
  if identity.token then return "api_key from " .. (call.client.settings.api_key_source or "option") end
  return identity.credentials and (identity.credentials.source or "option") or nil
end

-- What is decided about a failed attempt, in words.
local function decision(entry, repaired)
  if repaired then return entry.why .. ", sends again" end
  if not entry.delay then return "failed for good, " .. entry.why end
  return ("failed, sends again in %.2f s"):format(entry.delay)
end

local function counted(headers)
  local input, output = headers["x-amzn-bedrock-input-token-count"], headers["x-amzn-bedrock-output-token-count"]
  if not tonumber(input) then return nil end
  return { input_tokens = tonumber(input), output_tokens = tonumber(output) }
end

-- Adds what was in an answer, whichever form it has; of an answer that is only passed on, what its headers count.
local function describe(done, answer, headers)
  if type(answer) ~= "table" or not reply.form(answer) then
    done.usage = reply.usage(counted(headers))
    return
  end
  done.usage, done.stop_reason = answer.usage, answer.stop_reason
  done.model = type(answer.model) == "string" and answer.model or nil
  done.message_id = type(answer.id) == "string" and answer.id or nil
end

-- What the log shows of the end of a call.
local function line_of(done)
  local shown, usage = {}, type(done.usage) == "table" and done.usage or {}
  for name, value in pairs(done) do shown[name] = value end
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

-- Telling ---------------------------------------------------------------------------------------------------------------

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

-- Whether anybody wants to know, so that the facts are worth the making.
function Watch:wants(name)
  return self.debugging or self.given[name] ~= nil
end

-- What stops a task is no fault of the hook that it happens to stop.
function Watch:blame(name, why)
  if errors.is(why) and why.kind == "cancelled" then error(why, 0) end
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
---@param told table facts
---@param message string what the log calls it
---@param fields table? what the log shows, when that is not just the facts
function Watch:tell(name, told, message, fields)
  if self.debugging then self.log("debug", told.operation .. ": " .. message, fields or told) end
  self:run(name, told)
end

--- A call begins.
---@param call bedrock.Call
function Watch:start(call)
  if not self:wants "start" then return end
  self:tell("start", facts(call, {}), "begins")
end

--- An attempt is about to be sent.
---@param call bedrock.Call
---@param req table as the transport gets it
function Watch:request(call, req)
  if not self:wants "request" then return end
  self:tell("request", facts(call, {
    attempt = call.number, method = req.method, url = redact.url(req.url), headers = redact.headers(req.headers),
    bytes = req.body and #req.body or 0, identity = signer_of(call),
  }), "sends")
end

--- The head of an answer is there.
---@param call bedrock.Call
---@param answer bedrock.TransportResponse
function Watch:response(call, answer)
  if not self:wants "response" then return end
  self:tell("response", facts(call, {
    attempt = call.number, status = answer.status, headers = redact.headers(answer.headers),
    request_id = request_id(answer.headers), seconds = call.answered - call.tried, reused = answer.reused,
  }), "is answered")
end

--- An attempt has failed, and it is decided what comes next.
---@param call bedrock.Call
---@param entry bedrock.Attempt
---@param repaired boolean?
function Watch:retry(call, entry, repaired)
  if not self:wants "retry" then return end
  local told = facts(call, { attempt = call.number, repaired = repaired })
  for name, value in pairs(entry) do told[name] = value end
  told.number = nil
  self:tell("retry", told, decision(entry, repaired))
end

--- A call has ended.
---@param call bedrock.Call
---@param err bedrock.Error?
---@param whole (fun(): table?)? makes the answer as far as it came
function Watch:done(call, err, whole)
  if not self:wants "done" then return end
  local now, answer = call.transport:now(), call.answer
  local started = call.started or now
  local told = facts(call, {
    attempts = call.number, seconds = now - started, error = err, events = call.events,
    status = err and err.status or answer and answer.status, reused = answer and answer.reused,
    request_id = err and err.request_id or answer and request_id(answer.headers),
    first_byte = call.answered and call.answered - started, first_token = call.token_at and call.token_at - started,
  })
  describe(told, whole and whole(), answer and answer.headers or {})
  self:tell("done", told, err and "ended with an error" or "done", line_of(told))
end

--- What gets the events of a stream; nil when nobody wants them, so that a stream without a hook does nothing for it.
---@param stream bedrock.Stream
---@return fun(event: table)?
function Watch:on_event(stream)
  if not self.given.event then return nil end
  return function(event) self:run("event", event, shared(stream.call)) end
end

return hooks
