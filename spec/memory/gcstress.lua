-- Runs specs while Lua collects garbage all the time: without a pause between two cycles, and all of it after every so many
-- instructions of every coroutine, so that what nobody holds is gone at the first moment at which it may be. EVERY says after how many.
-- Usage: lua spec/memory/gcstress.lua SPECS, for `make gcstress`

local every = tonumber(os.getenv "EVERY" or 4000)

local function collect()
  collectgarbage()
end

-- Hooks belong to coroutines.
local function hooked(f)
  return function(...)
    debug.sethook(collect, "", every)
    return f(...)
  end
end

local create, wrap = coroutine.create, coroutine.wrap

coroutine.create = function(f) return create(hooked(f)) end  -- luacheck: ignore 122
coroutine.wrap = function(f) return wrap(hooked(f)) end      -- luacheck: ignore 122

collectgarbage("setpause", 0)
collectgarbage("setstepmul", 1000)
debug.sethook(collect, "", every)

dofile "spec/support/busted.lua"
