--- Runs something that waits for the network, and listens for Ctrl-C meanwhile.
--
-- The work is a task of bedrock.async, so it can be cancelled at any wait: its connections close in the same moment and its
-- `run` comes back with an error of kind "cancelled". Ctrl-C is the byte of a pipe, so no instruction is ever torn apart.

local async = require "bedrock.async"
local core = require "bedrock.core"
local curl = require "bedrock.curl"
local errors = require "bedrock.errors"

local pump = {}

-- Longest wait for a descriptor when nothing says how long.
local LONG = 3600

-- What to wait for: the sockets of the loop, and Ctrl-C.
local function watched(loop, interrupt_fd)
  local fds = loop:fds()
  fds[#fds + 1] = { fd = interrupt_fd, events = "r" }
  return fds
end

local function seconds_to_wait(loop, every)
  local left = loop:deadline() or LONG
  return every and math.min(left, every) or left
end

local function drive(loop, task, options, fd)
  while task:status() == "waiting" do
    loop:step()
    if core.terminal.interrupted() > 0 then
      options.interrupted(task)
    elseif task:status() == "waiting" then
      curl.poll(watched(loop, fd), seconds_to_wait(loop, options.every))
      if options.tick then options.tick() end
    end
  end
end

-- What is left when the work has ended otherwise than by returning.
local function finish(loop)
  for other in pairs(loop.tasks) do other:cancel() end
  loop:run()
end

local function cancel(task)
  task:cancel()
end

-- An error that is no error object comes from a slip in the program, and is told with where it happened.
local function is_bug(task)
  return task:status() == "failed" and not errors.is(select(2, task:join()))
end

--- Runs a function as a task until it has ended.
---@param fn function
---@param options { interrupted: fun(task: bedrock.Task)?, tick: function?, every: number? }? interrupted(task) is called for each
--- Ctrl-C (default: the task is cancelled); tick() after each wait, at least every so many seconds
---@return any result what the function returned; nil and an error when it raised or was cancelled
---@return any err
function pump.run(fn, options)
  options = { interrupted = options and options.interrupted or cancel, tick = options and options.tick, every = options and
    options.every }
  local fd = assert(core.terminal.watch())
  local loop = async.loop()
  local task = loop:spawn(fn)
  task.joined = true
  drive(loop, task, options, fd)
  finish(loop)
  core.terminal.leave()
  if is_bug(task) then error(task.traceback, 0) end
  return task:join()
end

return pump
