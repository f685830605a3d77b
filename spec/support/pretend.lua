--- A pretend machine for specs: environment, files, clock, and a scripted HTTP that answers in order.

local pretend = {}

--- A system table over pretend files and variables.
---@param machine table? { env, files, platform, now, run }
---@return table system; `system.files` is the live file table, `system.clock` the time that can be moved
function pretend.system(machine)
  machine = machine or {}
  local system = {
    platform = machine.platform or "linux", files = machine.files or {}, env = machine.env or {},
    clock = machine.now or 1700000000, run = machine.run, reads = 0,
  }
  function system.getenv(name) return system.env[name] end
  function system.now() return system.clock end
  function system.read_file(path)
    system.reads = system.reads + 1
    local text = system.files[path]
    if text then return text end
    return nil, path .. ": No such file or directory", true
  end
  function system.write_file(path, text)
    system.files[path] = text
    return true
  end
  -- Any change of the content counts as a new time: the sum of its bytes will do.
  function system.stat(path)
    local text = system.files[path]
    if not text then return nil, "No such file or directory", true end
    local sum = 0
    for i = 1, #text do sum = (sum * 31 + text:byte(i)) % 2147483647 end
    return { mtime = sum, size = #text }
  end
  return system
end

return pretend
