--- A cqueues controller as the loop under bedrock's tasks.
--
--   local cq = require("cqueues").new()
--   local loop = require("bedrock.hosts.cqueues").loop(cq)
--   loop:spawn(function() ... client.messages:create { ... } ... end)
--   assert(cq:loop())
--
-- One coroutine of the controller steps the tasks and waits for their descriptors. It ends with the last task, so that
-- the controller may end, and comes back with the next.

local async = require "bedrock.async"
local condition = require "cqueues.condition"
local cqueues = require "cqueues"

local unpack = table.unpack or unpack

local adapter = {}

local BUDGET = 0.005 -- seconds of a turn, then the controller's other coroutines have theirs

-- Waits for a descriptor, for a task that became ready, or for the deadline. The controller forgets the descriptors at
-- once, because the library may close them with its next step.
local function wait(loop, woken)
  local waits, fds = { woken, loop:deadline() }, loop:fds()
  for _, entry in ipairs(fds) do waits[#waits + 1] = { pollfd = entry.fd, events = entry.events } end
  cqueues.poll(unpack(waits))
  for _, entry in ipairs(fds) do cqueues.cancel(entry.fd) end
end

local function complain(err, task)
  io.stderr:write("bedrock: a task failed: ", task.traceback or tostring(err), "\n")
end

--- Makes a loop whose tasks run while the controller does.
---@param controller table of cqueues.new()
---@param options { budget: number?, failed: (fun(err: any, task: bedrock.Task))? }?
---@return bedrock.Loop
function adapter.loop(controller, options)
  if not controller then error('loop takes a controller: loop(require("cqueues").new())', 2) end
  options = options or {}
  local woken, driven, loop = condition.new(), false, nil

  local function drive()
    while loop:step(options.budget or BUDGET) do wait(loop, woken) end
    driven = false
  end

  loop = async.loop {
    wake = function()
      if driven then return woken:signal() end
      driven = true
      controller:wrap(drive)
    end,
    failed = options.failed or complain,
  }
  return loop
end

return adapter
