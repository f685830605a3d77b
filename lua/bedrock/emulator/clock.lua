--- Times as the service writes them, and how long its jobs take: so many steps of the pace.

local cqueues = require("cqueues")

local clock = {}

local STEPS = 25

--- An exchange's moment, or another one, as RFC 3339 text.
---@param seconds number
---@return string
function clock.stamp(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

--- How long one stage of a job lasts.
---@param emulator table
---@return number seconds
function clock.stage(emulator)
  return STEPS * emulator.pace
end

--- The monotonic moment at which what begins now has gone through some stages.
---@param emulator table
---@param stages number
---@return number
function clock.after(emulator, stages)
  return cqueues.monotime() + stages * clock.stage(emulator)
end

--- Whether such a moment has come.
---@param moment number
---@return boolean
function clock.passed(moment)
  return cqueues.monotime() >= moment
end

return clock
