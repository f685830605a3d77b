--- Tasks over the HTTP engine.

local async = {}
--- The task that runs now, nil outside of a scheduler.
function async.current() return nil end
return async
