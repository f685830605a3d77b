--- The emulator beside a test: a process of its own on Lua 5.4, whatever Lua the test runs on, that ends with it.

local emulate = require "bedrock.emulator.command"
local json = require "bedrock.json"
local system = require "bedrock.system"

local quoted = emulate.quoted
local service = {}

---@class bedrock.testing.Service
---@field url string where it listens
---@field port integer
---@field access_key_id string throw-away keys that it knows
---@field secret_access_key string
---@field api_key string
local Service = {}
Service.__index = Service
Service.__name = "bedrock.testing.service"

-- Options of `bedrock emulate`; a list gives the option several times.
local options_known = {
  fault = true, pace = true, region = true, key = true, token = true, cert = true, cert_key = true, port = true,
}

local function words_of(options)
  local words = {}
  for name, value in pairs(options) do
    if not options_known[name] then error(("testing.emulator has no option %q"):format(tostring(name)), 3) end
    for _, one in ipairs(type(value) == "table" and value or { value }) do
      words[#words + 1] = ("--%s %s"):format(name:gsub("_", "-"), quoted(one))
    end
  end
  return table.concat(words, " ")
end

local function command(options, files)
  return ("%s >%s 2>&1"):format(emulate.line(("--quiet --exit-on-eof --port-file %s --log %s %s"):format(
    quoted(files.port), quoted(files.log), words_of(options))), quoted(files.output))
end

local function nap()
  os.execute("sleep 0.05")
end

local function wait_for_port(files)
  for _ = 1, 400 do
    local port = tonumber(system.read_file(files.port) or "")
    if port then return port end
    local said = system.read_file(files.output)
    if said and said:find("%S") then break end
    nap()
  end
  return nil, system.read_file(files.output) or "it said nothing"
end

--- Starts an emulator and waits until it listens.
---@param options { pace: number?, fault: string|string[]|nil, region: string?, key: string?, token: string?, cert: string?,
--- cert_key: string?, port: integer? }? as for `bedrock emulate`; the pace is 0 here
---@return bedrock.testing.Service
function service.start(options)
  local all = { pace = 0 }
  for name, value in pairs(options or {}) do all[name] = value end
  local base = os.tmpname()
  local files = { base = base, port = base .. ".port", log = base .. ".log", output = base .. ".out" }
  local process = assert(io.popen(command(all, files), "w"))
  local port, why = wait_for_port(files)
  local self = setmetatable({
    url = ("%s://127.0.0.1:%s"):format(all.cert and "https" or "http", tostring(port)), port = port, process = process,
    files = files, access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    api_key = "ABSKEMULATOREXAMPLE",
  }, Service)
  if port then return self end
  self:stop()
  error("bedrock.testing: the emulator did not start: " .. why, 3)
end

--- A client of it. It reads neither the environment nor the files of the machine.
---@param options table? as for bedrock.new
---@return bedrock.Client
function Service:client(options)
  local all = {
    region = "us-east-1", endpoint = self.url, access_key_id = self.access_key_id, secret_access_key = self.secret_access_key,
    system = require("bedrock.testing").system { now = system.now },
  }
  for name, value in pairs(options or {}) do all[name] = value end
  if all.api_key then all.access_key_id, all.secret_access_key = nil, nil end
  return require("bedrock").new(all)
end

local function read_log(path)
  local list = {}
  for line in (system.read_file(path) or ""):gmatch("([^\n]+)\n") do list[#list + 1] = json.decode(line) end
  return list
end

--- What was asked of it, a table a request: method, target, operation, status, ...
---@param expected integer? waits until so many are there; a request is written down when it is over
---@return table[]
function Service:log(expected)
  local list = read_log(self.files.log)
  for _ = 1, 100 do
    if #list >= (expected or 0) then break end
    nap()
    list = read_log(self.files.log)
  end
  return list
end

--- Ends it. Twice is harmless; a test that forgets it leaves nothing behind either.
function Service:stop()
  if not self.process then return end
  self.process:close()
  self.process = nil
  for _, path in pairs(self.files) do os.remove(path) end
end

Service.__close = Service.stop

function Service:__tostring()
  return "bedrock.testing.service at " .. self.url
end

return service
