-- Streams for the campaigns: one of each form, ways of reading it, and whether it ended as its scene allows.
--
-- Everything about a stream follows from a generator of random numbers. The emulator keeps its answer to a prompt, so that the
-- whole text is known.

local async = require "bedrock.async"
local bedrock = require "bedrock"
local scenes = require "spec.faults.scenes"

local streams = {}

local SLACK = 3 -- seconds that a busy machine may add to a clock

local PROMPT = "@think Let me see.\nTell me about faults, in some detail."
local CLAUDE = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local function messages_request()
  return { model = CLAUDE, max_tokens = 400, messages = { { role = "user", content = PROMPT } } }
end

local function converse_request()
  return {
    modelId = CLAUDE, messages = { { role = "user", content = { { text = PROMPT } } } }, inferenceConfig = { maxTokens = 400 },
  }
end

local function invoke_request()
  local body = messages_request()
  body.model, body.anthropic_version = nil, "bedrock-2023-05-31"
  return { modelId = CLAUDE, body = body }
end

---- One stream of each form, and its text as the caller sees it

local function text_of_messages(event)
  return event.type == "content_block_delta" and event.delta.text or ""
end

local forms = {
  messages = {
    open = function(clients, opts) return clients.invoke.messages:stream(messages_request(), opts) end,
    text = text_of_messages,
  },
  converse = {
    open = function(clients, opts) return clients.invoke:converse_stream(converse_request(), opts) end,
    text = function(event)
      local delta = event.contentBlockDelta and event.contentBlockDelta.delta
      return delta and delta.text or ""
    end,
  },
  bytes = {
    open = function(clients, opts) return clients.invoke:invoke_model_with_response_stream(invoke_request(), opts) end,
    text = function(event)
      local inner = event.chunk and bedrock.json.decode(event.chunk.bytes)
      return type(inner) == "table" and text_of_messages(inner) or ""
    end,
  },
  sse = {
    open = function(clients, opts) return clients.native.messages:stream(messages_request(), opts) end,
    text = text_of_messages,
  },
}

---- Ways of reading; each answers the text that came and the error

local ways = {}

function ways.next(stream, form)
  local parts = {}
  while true do
    local event, err = stream:next()
    if not event then return table.concat(parts), err end
    parts[#parts + 1] = form.text(event)
  end
end

-- The loops raise, and plain Lua 5.1 cannot wait under pcall or in them.
local function loop(stream, each, form)
  local parts = {}
  local ok, err = async.pcall(function()
    for piece in stream[each](stream) do parts[#parts + 1] = type(piece) == "string" and piece or form.text(piece) end
  end)
  return table.concat(parts), not ok and err or nil
end

function ways.events(stream, form) return loop(stream, "events", form) end

function ways.text(stream, form) return loop(stream, "text", form) end

function ways.message(stream)
  local message, err = stream:message()
  local seen = message or err.partial
  return seen and seen:text() or "", err
end

local fragile = _VERSION == "Lua 5.1" and not rawget(_G, "jit")

local function way_for(rng, form_name)
  if fragile then return form_name ~= "bytes" and rng:pick { "next", "message" } or "next" end
  if form_name == "bytes" then return rng:pick { "next", "events" } end
  return rng:pick { "next", "events", "text", "message" }
end

---- One stream

-- How a stream ended: "whole" or the kind of its error; and what is wrong with that, or nothing.
local function judge(run, text, err)
  local whole = run.reference[run.form_name]
  if err and not bedrock.errors.is(err) then return "raised", tostring(err) end
  local outcome = err and err.kind or "whole"
  if not run.scene.may[outcome] then return outcome, tostring(err or "it looked finished") end
  if not err and text ~= whole then return outcome, "the text is not what was sent" end
  if whole:sub(1, #text) ~= text then return outcome, "the text is not a beginning of what was sent" end
  if err and not err.operation then return outcome, "the error does not say its operation" end
end

-- A broken stream stays broken, with the same error.
local function stays(stream, err)
  local event, again = stream:next()
  if event ~= nil then return "an event after the end" end
  if again ~= err then return "another error when asked again" end
end

local function read(run)
  local stream, err = streams.open(run)
  if not stream then return "", err end
  if run.leave then
    for _ = 1, run.leave do
      if not stream:next() then break end
    end
    if run.forget then return nil end
    stream:close()
    return nil
  end
  local text, failed = ways[run.way](stream, run.form)
  run.trouble = stays(stream, failed)
  return text, failed
end

--- Opens the stream of a plan.
---@param run table
function streams.open(run)
  return run.form.open(run.clients, run.opts)
end

--- Plays a stream: how it ended ("whole", "left", the kind of its error), and what is wrong with that, or nothing.
function streams.play(run)
  local began = run.clients.invoke.transport:now()
  local text, err = read(run)
  local seconds = run.clients.invoke.transport:now() - began
  if seconds > run.scene.seconds + SLACK then return "hung", ("it took %.1f s"):format(seconds) end
  if not text then return "left" end
  local outcome, wrong = judge(run, text, err)
  return outcome or (err and err.kind or "whole"), wrong or run.trouble
end

--- What chance decides about a stream.
---@param rng table
---@param clients table from streams.clients
---@param reference table from streams.references
---@param row table? of the scenes, the one to play
---@return table run
function streams.plan(rng, clients, reference, row)
  local form_name = rng:pick { "messages", "messages", "converse", "converse", "bytes", row and "bytes" or "sse" }
  local scene = scenes.pick(rng, form_name, row)
  return {
    clients = clients, reference = reference, form_name = form_name, form = forms[form_name], scene = scene,
    way = way_for(rng, form_name), leave = rng:chance(0.05) and rng:integer(0, 12) or nil, forget = rng:chance(0.5),
    opts = { headers = { ["x-emulator-fault"] = scene.fault }, timeouts = scene.timeouts, retry = scene.retry },
    trouble = nil,
  }
end

--- The clients that the forms need.
---@param service table an emulator
---@param more fun(): table? options of each besides
---@return table
function streams.clients(service, more)
  local function new(api)
    local options = more and more() or {}
    options.region, options.endpoint, options.api = "us-west-2", service.url, api
    options.access_key_id, options.secret_access_key = service.access_key_id, service.secret_access_key
    options.log, options.random = function() end, function() return 0 end
    options.timeouts = { connect = 5, first_byte = 5, idle = 5, total = 20 }
    return bedrock.new(options)
  end
  return { invoke = new "invoke", native = new "runtime" }
end

--- What each form says when nothing goes wrong.
---@param clients table
---@return table<string, string>
function streams.references(clients)
  local reference = {}
  for name, form in pairs(forms) do
    local text, err = ways.next(assert(form.open(clients, {})), form)
    if err then error(err, 0) end
    assert(#text > 100, "the emulator has little to say")
    reference[name] = text
  end
  return reference
end

return streams
