--- make bench: the library beside what a user would otherwise take, in one run, taking turns.
--
--   lua5.4 bench/run.lua [NAME ...] [--save]
--
-- A case (bench/cases.lua) is a list of contests. A contest has contestants, which are measured in turns (A B C A B C ...), one
-- round to warm up (unless `warm_up = false`), and targets. `pass` contestants are long-lived programs that make one pass a turn
-- (bench/contestant.lua); `process` contestants are run whole each turn by bench/tools/measure; `measure` contestants are
-- functions that give the sample. The medians go into a table on standard output and, with --save, into
-- bench/results.json and bench/results.svg.

local cases = require "bench.cases"
local report = require "bench.report"
local setup = require "bench.setup"

local function command_line(arguments)
  local names, save = {}, false
  for _, argument in ipairs(arguments) do
    if argument == "--save" then save = true else names[#names + 1] = argument end
  end
  return #names > 0 and names or cases.names, save
end

---- Contestants

-- A program with a pipe each way: io.popen has one, so the other is a named pipe.
local function start(env, command)
  local fifo = os.tmpname()
  os.remove(fifo)
  assert(os.execute("mkfifo " .. fifo))
  local answers = assert(io.popen(("%s %s < %s"):format(env.shell, command, fifo), "r"))
  local asks = assert(io.open(fifo, "w"))
  os.remove(fifo)
  asks:setvbuf("no")
  return { asks = asks, answers = answers, command = command }
end

local function one_pass(env, contestant)
  contestant.running = contestant.running or start(env, contestant.pass)
  contestant.running.asks:write("go\n")
  local line = contestant.running.answers:read "l"
  return { cpu = tonumber(line) or error(contestant.name .. " failed: " .. contestant.pass) }
end

local function one_process(env, contestant)
  local pipe = assert(io.popen(("%s %s %d %s"):format(env.shell, env.measure, env.port, contestant.process), "r"))
  local line = pipe:read "l"
  local good = pipe:close()
  if not good or not line then error(contestant.name .. " failed: " .. contestant.process) end
  local user, system, wall, began, first, rss, request =
    line:match("^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$")
  return { cpu = user + system, wall = tonumber(wall), rss = tonumber(rss), first = first - began, request = request - began }
end

-- All inputs are closed before the first end is waited for: a program that was started later holds those of the others open.
local function stop(contestants)
  for _, contestant in ipairs(contestants) do
    if contestant.running then contestant.running.asks:close() end
  end
  for _, contestant in ipairs(contestants) do
    if contestant.running then contestant.running.answers:close() end
    contestant.running = nil
  end
end

local function measure(env, contestant)
  if contestant.measure then return contestant.measure() end
  return (contestant.pass and one_pass or one_process)(env, contestant)
end

---- Contests

local function median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local middle = #sorted // 2
  return #sorted % 2 == 1 and sorted[middle + 1] or (sorted[middle] + sorted[middle + 1]) / 2
end

-- samples[name] is a list of what the rounds gave.
local function take_turns(env, contest)
  local samples, rounds = {}, contest.rounds or 5
  for round = contest.warm_up == false and 1 or 0, rounds do
    for _, contestant in ipairs(contest.contestants) do
      local sample = measure(env, contestant)
      local list = samples[contestant.name] or {}
      samples[contestant.name] = list
      if round > 0 then list[#list + 1] = sample end
    end
  end
  stop(contest.contestants)
  return samples
end

-- One row for each metric and contestant.
local function rows_of(contest, samples)
  local rows = {}
  for _, metric in ipairs(contest.metrics) do
    for _, contestant in ipairs(contest.contestants) do
      local values = {}
      for i, sample in ipairs(samples[contestant.name]) do values[i] = metric.of(sample, contestant) end
      rows[#rows + 1] = { contest = contest.title, metric = metric.name, unit = metric.unit, name = contestant.name,
        median = median(values), least = math.min(table.unpack(values)), most = math.max(table.unpack(values)) }
    end
  end
  return rows
end

local function hold(env, case, contest)
  report.heading(contest)
  local rows = rows_of(contest, take_turns(env, contest))
  local verdicts = report.judge(contest, rows)
  report.print(contest, rows, verdicts)
  for _, row in ipairs(rows) do row.case = case end
  for _, verdict in ipairs(verdicts) do verdict.case = case end
  return rows, verdicts
end

local function main()
  local names, save = command_line(arg)
  local env = setup.all()
  local rows, verdicts = {}, {}
  for _, name in ipairs(names) do
    local case = cases[name] or error("no such benchmark: " .. name .. " (there are " .. table.concat(cases.names, ", ") .. ")")
    for _, contest in ipairs(case(env)) do
      local more_rows, more_verdicts = hold(env, name, contest)
      table.move(more_rows, 1, #more_rows, #rows + 1, rows)
      table.move(more_verdicts, 1, #more_verdicts, #verdicts + 1, verdicts)
    end
  end
  report.verdicts(verdicts)
  if save then report.save(env, rows, verdicts) end
end

-- Without closing the state, which would wait for the server; the server ends with this process.
local good, why = xpcall(main, debug.traceback)
if not good then io.stderr:write(why, "\n") end
os.exit(good, false)
