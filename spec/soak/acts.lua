-- What the soak does over and over: each act is a small program of its own, and answers what was wrong with how it ended.
--
-- A world: service, clients, reference, rng, options (of a client). Acts that give something up leave it to the collector or
-- close it, as users do.

local async = require "bedrock.async"
local bedrock = require "bedrock"
local streams = require "spec.faults.streams"

local acts = {}

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local function plan(world)
  return streams.plan(world.rng, world.clients, world.reference)
end

-- Opens a stream under some fault and reads a few events, if it gets that far.
local function begun(world)
  local stream = streams.open(plan(world))
  for _ = 1, stream and world.rng:integer(0, 12) or 0 do
    if not stream:next() then break end
  end
  return stream
end

local function stream(world)
  local run = plan(world)
  local outcome, wrong = streams.play(run)
  return wrong and ("%s, %s by %s: %s: %s"):format(run.scene.fault, run.form_name, run.way, outcome, wrong)
end

local function close(world)
  local one = begun(world)
  if one then one:close() end
end

local function forget(world)
  begun(world)
end

-- A task is cancelled in the middle of whatever it waits for.
local function cancel(world)
  if not async.current() then return close(world) end
  local task = async.spawn(function() streams.play(plan(world)) end)
  async.sleep(world.rng:number() * 0.02)
  task:cancel()
  local _, err = task:join()
  if task:status() == "cancelled" and err.kind ~= "cancelled" then return "a cancelled task says: " .. tostring(err) end
end

local function ask(text)
  return { modelId = MODEL, messages = { { role = "user", content = { { text = text } } } } }
end

-- Answers are long or short, and a request's body is, too.
local function call(world)
  local client = world.clients.invoke
  local said = ("Lua "):rep(world.rng:integer(1, 2000))
  local answer, err = client:converse(ask("@say " .. said))
  if not answer then return tostring(err) end
  if answer:text() ~= said:sub(1, -2) and answer:text() ~= said then return "the answer is another" end
end

local function list(world)
  local answer, err = world.clients.invoke:list_foundation_models {}
  if not answer then return tostring(err) end
  return #answer.modelSummaries == 0 and "no models" or nil
end

local function refused(world)
  local _, err = world.clients.invoke:converse { modelId = "no.such-model", messages = ask "Hi".messages }
  if not err or err.kind == "network" then return "a model that does not exist: " .. tostring(err) end
end

-- A client of its own, which is closed, or forgotten with what it has open.
local function client(world)
  local own = setmetatable({ clients = streams.clients(world.service, world.options) }, { __index = world })
  local wrong = call(own) or stream(own)
  begun(own)
  if world.rng:chance(0.5) then
    own.clients.invoke:close()
    own.clients.native:close()
  end
  return wrong
end

local function chat(world)
  local tool = bedrock.tool { name = "now", description = "Tells the time.", run = function() return { hour = 12 } end }
  local talk = world.clients.invoke:chat { model = MODEL, max_tokens = 100, tools = { tool } }
  local reply, err = talk:say "@call now {}"
  if not reply then return tostring(err) end
  return not reply:text():find "%S" and "an empty reply" or nil
end

-- weight, name, act
acts.rows = {
  { 50, "streams under faults", stream }, { 8, "closed", close }, { 8, "forgotten", forget }, { 8, "cancelled", cancel },
  { 14, "calls", call }, { 2, "lists", list }, { 3, "refused", refused }, { 3, "chats with a tool", chat },
  { 4, "clients", client },
}

local total = 0
for _, row in ipairs(acts.rows) do total = total + row[1] end

--- Chooses one by weight.
---@return table row
function acts.pick(rng)
  local at = rng:number() * total
  for _, row in ipairs(acts.rows) do
    at = at - row[1]
    if at <= 0 then return row end
  end
  return acts.rows[1]
end

return acts
