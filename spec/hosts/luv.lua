-- The suite on libuv, through luv; a timer of libuv's own must go on ticking meanwhile. lua spec/hosts/luv.lua WORLD OUT
local async = require "bedrock.async"
local suite = require "spec.hosts.suite"
local report = require "spec.hosts.report"
local uv = require "luv"

local loop = require("bedrock.hosts.luv").loop(uv)
local world, out, ticks = dofile(arg[1]), arg[2], 0

local ticker = uv.new_timer()
ticker:start(1, 1, function() ticks = ticks + 1 end)

loop:spawn(function()
  local results = suite.run { name = "luv", world = world, pcall = async.pcall, together = suite.as_tasks }
  assert(ticks > 100, "libuv's own timer ticked only " .. ticks .. " times")
  report(out, results)
  ticker:close()
end)
uv.run()
