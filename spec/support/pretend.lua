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

-- A scripted HTTP ---------------------------------------------------------------------------------------------------

local Transport = {}
Transport.__index = Transport

local function response(answer)
  local body, closed = answer.body or "", false
  return {
    status = answer.status or 200, headers = answer.headers or {},
    read_all = function() return body end,
    read = function()
      local bytes = body
      body = ""
      return bytes ~= "" and bytes or nil
    end,
    close = function() closed = true end, is_closed = function() return closed end,
  }
end

--- Answers requests by a function, and keeps them. Sleeping takes no time but is written down.
---@param answer fun(request: table, number: integer): table? { status, headers, body }, or nil and a failure
---@return table transport with `requests`, `slept` and the clock `time`
function pretend.transport(answer)
  return setmetatable({ answer = answer, requests = {}, slept = {}, time = 0 }, Transport)
end

function Transport:request(request)
  if type(request.body) == "userdata" then request.body = tostring(request.body) end
  self.requests[#self.requests + 1] = request
  local given, failed = self.answer(request, #self.requests)
  if not given then return nil, failed end
  return response(given)
end

function Transport:sleep(seconds)
  self.slept[#self.slept + 1] = seconds
  self.time = self.time + seconds
end

function Transport:now() return self.time end

function Transport:close() end

--- A failure as transports give it.
---@param kind string?
---@param code string?
---@param clock string?
function pretend.failure(kind, code, clock)
  return { kind = kind or "network", code = code or "connect", clock = clock, message = "connection refused",
    sent = false, answered = false, reused = false }
end

--- The value of a header of a request.
---@param request table
---@param name string lower case
---@return string?
function pretend.header(request, name)
  for _, header in ipairs(request.headers or {}) do
    if header[1]:lower() == name then return header[2] end
  end
end

--- The fields of a form or of a query.
---@param text string
---@return table<string, string>
function pretend.form(text)
  local fields = {}
  for name, value in text:gmatch("([^&=]+)=([^&]*)") do
    fields[name] = value:gsub("%+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  end
  return fields
end

return pretend
