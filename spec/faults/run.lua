-- The fault campaign: streams through the public API over real sockets, each under a fault of the emulator at a random place.
--
--   make faults COUNT=20000 SEED=1        make faults ONLY=4711 (one stream of that seed, told in full)
--
-- What may never happen: a stream that looks finished and is not, an error of the wrong class, text that was never sent, a call
-- that outlives its clocks, a crash, a descriptor or memory that stays. Everything about stream number i follows from the
-- seed and i, so a failure is run again by its number. The emulator keeps its answer to a prompt, so that the whole text is known.

local async = require "bedrock.async"
local bedrock = require "bedrock"
local emulator = require "spec.support.emulator"
local memory = require "spec.support.memory"
local random = require "spec.support.random"
local scenes = require "spec.faults.scenes"

local COUNT = tonumber(os.getenv "COUNT" or 20000)
local SEED = tonumber(os.getenv "SEED" or 1)
local ONLY = tonumber(os.getenv "ONLY" or "")
local CONCURRENCY = 16
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
  local stream, err = run.form.open(run.clients, run.opts)
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

local function outcome_of(run)
  local text, err = read(run)
  local seconds = run.clients.invoke.transport:now() - run.began
  if seconds > run.scene.seconds + SLACK then return "hung", ("it took %.1f s"):format(seconds) end
  if not text then return "left" end
  local outcome, wrong = judge(run, text, err)
  return outcome or (err and err.kind or "whole"), wrong or run.trouble
end

-- Everything that chance decides about stream number i.
local function plan(i, clients, reference, row)
  local rng = random.new(SEED * 1000003 + i)
  local form_name = rng:pick { "messages", "messages", "converse", "converse", "bytes", row and "bytes" or "sse" }
  local scene = scenes.pick(rng, form_name, row)
  return {
    number = i, clients = clients, reference = reference, form_name = form_name, form = forms[form_name], scene = scene,
    way = way_for(rng, form_name), leave = rng:chance(0.05) and rng:integer(0, 12) or nil, forget = rng:chance(0.5),
    opts = { headers = { ["x-emulator-fault"] = scene.fault }, timeouts = scene.timeouts, retry = scene.retry },
    trouble = nil, began = clients.invoke.transport:now(),
  }
end

---- The report

local function line(...) io.write(("%-16s %7s  %s\n"):format(...)) end

local function report(tally)
  local names = {}
  for name in pairs(tally.faults) do names[#names + 1] = name end
  table.sort(names)
  line("fault", "streams", "outcomes")
  for _, name in ipairs(names) do
    local row, outcomes = tally.faults[name], {}
    for outcome, count in pairs(row.outcomes) do outcomes[#outcomes + 1] = ("%s %d"):format(outcome, count) end
    table.sort(outcomes)
    line(name, row.count, table.concat(outcomes, ", "))
  end
end

local function note(tally, run, outcome, wrong)
  local row = tally.faults[run.scene.name] or { count = 0, outcomes = {} }
  tally.faults[run.scene.name] = row
  row.count, row.outcomes[outcome] = row.count + 1, (row.outcomes[outcome] or 0) + 1
  if not wrong then
    tally.passed = tally.passed + 1
    return
  end
  tally.failed = tally.failed + 1
  if tally.failed <= 20 then
    io.write(("stream %d: %s, %s by %s: %s: %s\n"):format(run.number, run.scene.fault, run.form_name, run.way, outcome, wrong))
  end
end

local function check(tally, ok, what)
  tally[ok and "passed" or "failed"] = tally[ok and "passed" or "failed"] + 1
  io.write(what, ok and "" or ": TOO MUCH", "\n")
end

---- The campaign

local function descriptors()
  local n = 0
  local pipe = assert(io.popen("ls /proc/$PPID/fd"))
  for _ in pipe:lines() do n = n + 1 end
  pipe:close()
  return n
end

local function new_clients(service)
  local function new(api)
    return bedrock.new {
      region = "us-west-2", endpoint = service.url, access_key_id = service.access_key_id, api = api,
      secret_access_key = service.secret_access_key, log = function() end, random = function() return 0 end,
      timeouts = { connect = 5, first_byte = 5, idle = 5, total = 20 },
    }
  end
  return { invoke = new "invoke", native = new "runtime" }
end

local function references(clients)
  local reference = {}
  for name, form in pairs(forms) do
    local text, err = ways.next(assert(form.open(clients, {})), form)
    if err then error(err, 0) end
    assert(#text > 100, "the emulator has little to say")
    reference[name] = text
  end
  return reference
end

local function campaign(clients, reference, from, to, tally)
  local i = from - 1
  local function worker()
    while i < to do
      i = i + 1
      local run = plan(i, clients, reference)
      note(tally, run, outcome_of(run))
    end
  end
  async.run(function()
    local workers = {}
    for n = 1, math.min(CONCURRENCY, to - from + 1) do workers[n] = async.spawn(worker) end
    for _, task in ipairs(workers) do
      local _, err = task:join()
      if task:status() ~= "done" then error(task.traceback or tostring(err), 0) end
    end
  end)
end

local function slow_scenes(clients, reference, tally)
  for i = 1, math.min(12, COUNT / 100) do
    local run = plan(i, clients, reference, scenes.slow[i % #scenes.slow + 1])
    note(tally, run, outcome_of(run))
  end
end

local function settle(clients)
  clients.invoke:close()
  clients.native:close()
  collectgarbage()
  collectgarbage()
end

local function main()
  local service = emulator.start { pace = 0 }
  local clients = new_clients(service)
  local reference = references(clients)
  local tally = { faults = {}, passed = 0, failed = 0 }
  if ONLY then
    campaign(clients, reference, ONLY, ONLY, tally)
    report(tally)
    return service.stop()
  end
  local began = clients.invoke.transport:now()
  local warm = math.min(COUNT, 1000)
  campaign(clients, reference, 1, warm, tally)
  settle(clients)
  local open, lua, resident = descriptors(), collectgarbage "count", memory.resident()
  clients = new_clients(service)
  campaign(clients, reference, warm + 1, COUNT, tally)
  settle(clients)
  local then_open, then_lua, then_resident = descriptors(), collectgarbage "count", memory.resident()
  clients = new_clients(service)
  slow_scenes(clients, reference, tally)
  report(tally)
  io.write(("%d streams in %.0f s, seed %d\n"):format(COUNT, clients.invoke.transport:now() - began, SEED))
  check(tally, then_open <= open, ("descriptors: %d, then %d"):format(open, then_open))
  check(tally, then_lua < lua + 1024, ("Lua's memory: %.0f KiB, then %.0f"):format(lua, then_lua))
  check(tally, then_resident < resident + 8 * 2 ^ 20, ("resident: %.1f MiB, then %.1f")
    :format(resident / 2 ^ 20, then_resident / 2 ^ 20))
  service.stop()
  io.write(("%d passed, %d failed\n"):format(tally.passed, tally.failed))
  os.exit(tally.failed == 0 and 0 or 1, true)
end

main()
