-- The suite in a game: love spec/hosts/love WORLD OUT. A step of the loop a frame, while frames are drawn.
local async = require "bedrock.async"
local suite = require "spec.hosts.suite"
local report = require "spec.hosts.report"

-- The same in a thread of LÖVE's, which has a Lua of its own, while this one works.
local THREAD = [[
  local path, cpath, world_path, done = ...
  package.path, package.cpath = path, cpath
  local world, bedrock = dofile(world_path), require "bedrock"
  local client = bedrock.new {
    region = "us-west-2", endpoint = world.url, access_key_id = world.access_key_id, secret_access_key = world.secret_access_key,
  }
  local reply, err = client.messages:create {
    model = "global.anthropic.claude-sonnet-4-5-20250929-v1:0", max_tokens = 64,
    messages = { { role = "user", content = "@say from a thread" } },
  }
  done:push(reply and reply:text() or tostring(err))
]]

local loop = async.loop { failed = function(err) error(err, 0) end }
local frames, world, out = 0, nil, nil

function love.load(arguments)
  world, out = dofile(arguments[1]), arguments[2]
  local answer = love.thread.newChannel()
  love.thread.newThread(THREAD):start(package.path, package.cpath, arguments[1], answer)
  loop:spawn(function()
    local results = suite.run { name = "love", world = world, pcall = async.pcall, together = suite.as_tasks }
    assert(frames > 60, "only " .. frames .. " frames were drawn meanwhile")
    assert(answer:pop() == "from a thread", "the thread has not answered")
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
