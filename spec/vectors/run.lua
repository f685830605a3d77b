--- Runs every vector file of a directory: lua spec/vectors/run.lua DIR (or `make vectors VECTORS=DIR`).
--
-- Each NAME-cases.json is read with the independent reader and handed to spec/vectors/NAME.lua, a module of the form
--
--   return function(data, report) ... report(ok, "name of the case", "why it failed") ... end
--
-- Prints `NAME: N passed, N failed` a file, every failure with its name and reason, and the sum in the last line.
-- Ends with 0 when all passed, 1 when a case failed or none ran, 2 when it was called wrongly.

local lfs = require "lfs"
local judge = require "spec.support.judge"

local here = arg[0]:match("^(.*)/[^/]*$") or "."

local function usage(why)
  io.stderr:write("vectors: ", why, "\nusage: lua spec/vectors/run.lua DIR\n",
    "       DIR holds files named NAME-cases.json; each is run by spec/vectors/NAME.lua\n")
  os.exit(2)
end

local function vector_names(dir)
  local names = {}
  for file in lfs.dir(dir) do
    local name = file:match("^(.+)%-cases%.json$")
    if name ~= "run" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- Counts, and prints a failure where it happens.
local function new_tally(name)
  local tally = { passed = 0, failed = 0 }
  function tally.report(ok, case, why)
    local key = ok and "passed" or "failed"
    tally[key] = tally[key] + 1
    if not ok then print(("FAIL %s: %s: %s"):format(name, tostring(case), tostring(why or "no reason given"))) end
  end
  return tally
end

-- A runner that raises has failed once more; what it reported before still counts.
local function run_file(name, path, runner_path)
  local tally = new_tally(name)
  local ok, why = xpcall(function() dofile(runner_path)(judge.read(path), tally.report) end, debug.traceback)
  if not ok then tally.report(false, "the runner itself", why) end
  print(("%s: %d passed, %d failed"):format(name, tally.passed, tally.failed))
  return tally
end

local function exists(path)
  return lfs.attributes(path, "mode") == "file"
end

local dir = arg[1]
if not dir or dir == "" then usage("no directory given") end
if lfs.attributes(dir, "mode") ~= "directory" then usage(dir .. " is not a directory") end

local passed, failed = 0, 0
for _, name in ipairs(vector_names(dir)) do
  local runner_path = here .. "/" .. name .. ".lua"
  if exists(runner_path) then
    local tally = run_file(name, dir .. "/" .. name .. "-cases.json", runner_path)
    passed, failed = passed + tally.passed, failed + tally.failed
  else
    print("no runner for " .. name .. "-cases.json")
  end
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit((failed > 0 or passed == 0) and 1 or 0)
