-- The soak: an hour of streams, cancels, faults, calls, forgotten things and several clients, over real sockets, with and without
-- TLS; and whether memory and descriptors stay flat.
--
--   make soak SECONDS=3600 RATE=50 SEED=1
--
-- Tasks do acts at a moderate rate, in rounds. After each round everything comes to rest and is measured; in between it is
-- measured for the picture alone. Writes build/soak/samples.tsv and, where gnuplot is, build/soak/soak.png.

local async = require "bedrock.async"
local curl = require "bedrock.transports.curl"
local acts = require "spec.soak.acts"
local certificates = require "spec.support.certificates"
local emulator = require "spec.support.emulator"
local random = require "spec.support.random"
local record = require "spec.soak.record"
local streams = require "spec.faults.streams"

local SECONDS = tonumber(os.getenv "SECONDS" or 3600)
local RATE = tonumber(os.getenv "RATE" or 50)
local SEED = tonumber(os.getenv "SEED" or 1)
local DIR = os.getenv "SOAK_DIR" or "build/soak"
local WORKERS, POOL = 8, 4
local ROUND, SAMPLE = SECONDS / 180, SECONDS / 720 -- seconds, of an hour: 20 and 5

local now = require("bedrock.curl").now

---- Worlds: a service, the clients that stay for the whole soak, and chance

local function new_world(service, options, rng)
  local function with_pool()
    local all = options()
    all.transport = curl.new { pool = POOL, ca_bundle = all.ca_bundle }
    return all
  end
  local world = { service = service, options = options, rng = rng, clients = streams.clients(service, with_pool) }
  world.reference = streams.references(world.clients)
  return world
end

local function new_worlds(authority)
  local rng = random.new(SEED)
  local good = authority:issue("good", "IP:127.0.0.1", 2)
  local plain = emulator.start { pace = 0, log = false }
  local secure = emulator.start { pace = 0, log = false, cert = good.cert, cert_key = good.key }
  return {
    new_world(plain, function() return {} end, rng),
    new_world(secure, function() return { ca_bundle = authority.ca } end, rng),
  }
end

---- Acts

local function act(state)
  local world = state.worlds[state.rng:integer(1, #state.worlds)]
  local row = acts.pick(state.rng)
  local wrong = row[3](world)
  state.acts = state.acts + 1
  state.counts[row[2]] = (state.counts[row[2]] or 0) + 1
  if not wrong then return end
  state.failed = state.failed + 1
  if state.failed <= 20 then io.write(row[2], ": ", wrong, "\n") end
end

local function worker(state, stop)
  while now() < stop do
    act(state)
    async.sleep(state.rng:number() * 2 * WORKERS / RATE)
  end
end

local function sampler(state, stop)
  while now() < stop do
    state.record:sample(now() - state.began, false, state.acts)
    async.sleep(SAMPLE)
  end
end

local function run_all(tasks)
  for _, task in ipairs(tasks) do
    local _, err = task:join()
    if task:status() ~= "done" then error(task.traceback or tostring(err), 0) end
  end
end

local function round(state)
  local stop = now() + ROUND
  async.run(function()
    local tasks = { async.spawn(sampler, state, stop) }
    for _ = 1, WORKERS do tasks[#tasks + 1] = async.spawn(worker, state, stop) end
    run_all(tasks)
  end)
  act(state) -- and one that blocks
end

---- Rest

-- So many calls at once leave as many connections in the pool each time.
local function fill_pool(client)
  local slowly = { headers = { ["x-emulator-fault"] = "slow-head:0.1" } }
  local tasks = {}
  for i = 1, POOL do tasks[i] = async.spawn(function() assert(client:list_foundation_models({}, slowly)) end) end
  run_all(tasks)
end

-- What a finalizer lets go of is garbage only afterwards, and may have one of its own. What LuaJIT has compiled counts as memory and
-- grows for minutes, up to a limit of its own.
local function rest(state)
  if rawget(_G, "jit") then require("jit").flush() end
  for _ = 1, 4 do collectgarbage() end
  async.run(function()
    for _, world in ipairs(state.worlds) do
      for _, client in pairs(world.clients) do fill_pool(client) end
    end
  end)
  for _ = 1, 4 do collectgarbage() end
  state.record:sample(now() - state.began, true, state.acts)
end

---- The report

local function report(state, seconds)
  local rows = record.judge(state.record:rows())
  local counts = {}
  for _, row in ipairs(acts.rows) do counts[#counts + 1] = ("%s %d"):format(row[2], state.counts[row[2]] or 0) end
  io.write(("%d acts in %.0f s, seed %d: %s\n"):format(state.acts, seconds, SEED, table.concat(counts, ", ")))
  io.write(("%-20s %9s %9s %9s %9s %12s\n"):format("medians of", "quarter 1", "2", "3", "4", "an hour"))
  for _, row in ipairs(rows) do
    local verdict = row.flat == nil and "" or row.flat and "  flat" or "  RISES"
    io.write(("%-20s %9.2f %9.2f %9.2f %9.2f %+12.3f%s\n"):format(row.name, row[1], row[2], row[3], row[4], row.slope, verdict))
    if row.flat == false then state.failed = state.failed + 1 end
    if row.flat then state.passed = state.passed + 1 end
  end
  if state.failed == 0 then state.passed = state.passed + 1 end -- every act ended as it may
  io.write(("%d passed, %d failed\n"):format(state.passed, state.failed))
end

local function draw()
  local command = ("gnuplot -e \"data='%s/samples.tsv'\" -e \"picture='%s/soak.png'\" spec/soak/plot.gp"):format(DIR, DIR)
  local ok = os.execute(command)
  io.write(ok and ok ~= 256 and ("The picture: %s/soak.png\n"):format(DIR) or "There is no picture: gnuplot cannot draw it.\n")
end

local function main()
  os.execute("mkdir -p " .. DIR)
  local authority = certificates.new()
  local state = { worlds = new_worlds(authority), rng = random.new(SEED + 1), acts = 0, passed = 0, failed = 0, counts = {} }
  state.record = record.new(DIR .. "/samples.tsv", { state.worlds[1].service, state.worlds[2].service })
  state.began = now()
  while now() - state.began < SECONDS do
    round(state)
    rest(state)
  end
  for _, world in ipairs(state.worlds) do world.service.stop() end
  authority:remove()
  report(state, now() - state.began)
  draw()
  os.exit(state.failed == 0 and 0 or 1, true)
end

main()
