-- The fault campaign: streams through the public API over real sockets, each under a fault of the emulator at a random place.
--
--   make faults COUNT=20000 SEED=1        make faults ONLY=4711 (one stream of that seed, told in full)
--
-- What may never happen: a stream that looks finished and is not, an error of the wrong class, text that was never sent, a call
-- that outlives its clocks, a crash, a descriptor or memory that stays. Everything about stream number i follows from the
-- seed and i, so a failure is run again by its number.

local async = require "bedrock.async"
local emulator = require "spec.support.emulator"
local memory = require "spec.support.memory"
local random = require "spec.support.random"
local scenes = require "spec.faults.scenes"
local streams = require "spec.faults.streams"

local COUNT = tonumber(os.getenv "COUNT" or 20000)
local SEED = tonumber(os.getenv "SEED" or 1)
local ONLY = tonumber(os.getenv "ONLY" or "")
local CONCURRENCY = 16

-- Everything that chance decides about stream number i.
local function plan(i, clients, reference, row)
  local run = streams.plan(random.new(SEED * 1000003 + i), clients, reference, row)
  run.number = i
  return run
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

local function campaign(clients, reference, from, to, tally)
  local i = from - 1
  local function worker()
    while i < to do
      i = i + 1
      local run = plan(i, clients, reference)
      note(tally, run, streams.play(run))
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
    note(tally, run, streams.play(run))
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
  local clients = streams.clients(service)
  local reference = streams.references(clients)
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
  local open, lua, resident = memory.descriptors(), collectgarbage "count", memory.resident()
  clients = streams.clients(service)
  campaign(clients, reference, warm + 1, COUNT, tally)
  settle(clients)
  local then_open, then_lua, then_resident = memory.descriptors(), collectgarbage "count", memory.resident()
  clients = streams.clients(service)
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
