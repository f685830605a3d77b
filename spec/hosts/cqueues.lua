-- The suite under a cqueues controller; another coroutine must go on meanwhile. lua spec/hosts/cqueues.lua WORLD OUT
local async = require "bedrock.async"
local cqueues = require "cqueues"
local suite = require "spec.hosts.suite"
local report = require "spec.hosts.report"

local controller = cqueues.new()
local loop = require("bedrock.hosts.cqueues").loop(controller)
local world, out, ticks, done = dofile(arg[1]), arg[2], 0, false

controller:wrap(function()
  while not done do
    cqueues.sleep(0.001)
    ticks = ticks + 1
  end
end)

loop:spawn(function()
  local results = suite.run { name = "cqueues", world = world, pcall = async.pcall, together = suite.as_tasks }
  assert(ticks > 100, "the other coroutine ran only " .. ticks .. " times")
  report(out, results)
  done = true
end)
assert(controller:loop())
