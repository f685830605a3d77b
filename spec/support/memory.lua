-- How much memory a process takes, and how many descriptors it has open, from /proc. Under a sanitizer, whose own memory hides
-- ours, everything costs nothing.

local memory = {}

local sanitized = (os.getenv "BEDROCK_BUILD" or ""):find("asan", 1, true) ~= nil

local function status(field, pid)
  local file = io.open(("/proc/%s/status"):format(pid or "self"))
  if not file then return nil end
  local kib = tonumber(file:read("*a"):match(field .. ":%s*(%d+) kB"))
  file:close()
  return kib and kib * 1024
end

-- The kernel forgets the highest mark when 5 is written there.
local function forget_peak()
  local file = io.open("/proc/self/clear_refs", "w")
  if not file then return false end
  local ok = file:write("5")
  file:close()
  return ok
end

--- The bytes of memory that a function took at its height, above what was there before.
---@return integer bytes
function memory.peak(run)
  collectgarbage()
  collectgarbage()
  if sanitized or not forget_peak() then
    run()
    return 0
  end
  local before = status "VmRSS"
  run()
  return status "VmHWM" - before
end

--- Resident bytes, of this process or another one.
---@param pid integer?
---@return integer
function memory.resident(pid)
  return (pid or not sanitized) and status("VmRSS", pid) or 0
end

--- How many descriptors are open, in this process or another one.
---@param pid integer?
---@return integer
function memory.descriptors(pid)
  local path = os.tmpname() -- a pipe to read from would be counted, and both of its ends when the other process is quick
  os.execute(("ls /proc/%s/fd | wc -l >%s"):format(pid or "$PPID", path))
  local file = assert(io.open(path))
  local n = tonumber(file:read "*a")
  file:close()
  os.remove(path)
  return n
end

return memory
