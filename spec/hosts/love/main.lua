-- The suite in a game: love spec/hosts/love WORLD OUT. A step of the loop a frame, while frames are drawn.
local async = require "bedrock.async"
local suite = require "spec.hosts.suite"
local report = require "spec.hosts.report"

local loop = async.loop { failed = function(err) error(err, 0) end }
local frames, world, out = 0, nil, nil

function love.load(arguments)
  world, out = dofile(arguments[1]), arguments[2]
  loop:spawn(function()
    local results = suite.run { name = "love", world = world, pcall = async.pcall, together = suite.as_tasks }
    assert(frames > 60, "only " .. frames .. " frames were drawn meanwhile")
    report(out, results)
    love.event.quit()
  end)
end

function love.update()
  loop:step(0.004)
end

function love.draw()
  frames = frames + 1
  love.graphics.print("frame " .. frames, 20, 20)
end

function love.errorhandler(message)
  io.stderr:write(debug.traceback(tostring(message)), "\n")
  return function() return 1 end
end
