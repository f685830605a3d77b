--- The table of a run: medians, ratios, and whether the targets are met.

local chart = require "bench.chart"
local json = require "bedrock.json"

local report = {}

local function find(rows, name, metric)
  for _, row in ipairs(rows) do
    if row.name == name and row.metric == metric then return row.median end
  end
end

local function number(value)
  if value >= 1000 then return ("%.0f"):format(value) end
  if value >= 100 then return ("%.1f"):format(value) end
  return ("%.3g"):format(value)
end

--- Holds the rows of a contest against its targets.
---@param contest table
---@param rows table[]
---@return table[] verdicts
function report.judge(contest, rows)
  local verdicts = {}
  for _, target in ipairs(contest.targets or {}) do
    local metric = target.metric or contest.metrics[1].name
    local value = find(rows, target.name, metric)
    local base = target.base and find(rows, target.base, metric)
    if target.minus then value = value - find(rows, target.minus, metric) end
    if value and (base or not target.base) then
      local got = base and value / base or value
      verdicts[#verdicts + 1] = { contest = contest.title, target = target.says, got = got, wanted = target.at_most,
        shown = target.show and target.show(got) or base and ("%.2f times %s"):format(got, target.base) or number(got),
        met = got <= target.at_most }
    end
  end
  return verdicts
end

function report.heading(contest)
  print(("\n%s"):format(contest.title))
  io.stdout:flush()
end

local function longest(rows)
  local most = 0
  for _, row in ipairs(rows) do most = math.max(most, utf8.len(row.name)) end
  return most
end

--- Prints the rows of a contest, each with how many times the first one's cost it has.
function report.print(contest, rows, verdicts)
  local width = longest(rows)
  for _, metric in ipairs(contest.metrics) do
    print(("  %s (%s)"):format(metric.name, metric.unit))
    local first
    for _, row in ipairs(rows) do
      if row.metric == metric.name then
        first = first or row.median
        print(("    %s%s  %10s   %6.2f x   (%s to %s)"):format(row.name, (" "):rep(width - utf8.len(row.name)),
          number(row.median),
          row.median / first, number(row.least), number(row.most)))
      end
    end
  end
  for _, v in ipairs(verdicts) do print(("  %s %s: %s"):format(v.met and "met    " or "NOT met", v.target, v.shown)) end
  io.stdout:flush()
end

--- Prints all targets once more, one a line.
function report.verdicts(verdicts)
  print "\nTargets"
  for _, v in ipairs(verdicts) do
    print(("  %-8s %-9s %s: %s"):format(v.case, v.met and "met" or "NOT met", v.target, v.shown))
  end
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text, "\n")
  file:close()
  print("wrote " .. path)
end

-- A line for each row, so that two runs can be compared with diff.
local function lines_of(list, order)
  local lines = {}
  for i, item in ipairs(list) do
    local kept = {}
    for _, name in ipairs(order) do
      kept[name] = type(item[name]) == "number" and tonumber(("%.6g"):format(item[name])) or item[name]
    end
    lines[i] = "  " .. json.encode(json.ordered(order, kept))
  end
  return "[\n" .. table.concat(lines, ",\n") .. "\n]"
end

--- Writes bench/results.json and the chart of it.
function report.save(env, rows, verdicts)
  write("bench/results.json", ('{"machine": %s,\n"versions": %s,\n"results": %s,\n"targets": %s}'):format(
    json.encode(env.machine), json.encode(env.versions),
    lines_of(rows, { "case", "contest", "metric", "unit", "name", "median", "least", "most" }),
    lines_of(verdicts, { "case", "contest", "target", "wanted", "got", "shown", "met" })))
  chart.write("bench/results.json", "bench/results.svg")
end

return report
