-- Starts an emulator for a spec, as a process of its own on Lua 5.4, whatever Lua the spec runs on.
--
--   local emulator = require "spec.support.emulator"
--   local service = emulator.start { pace = 0, fault = "throttle:1" }
--   ... service.url, service.port, service.access_key_id, service.secret_access_key, service.api_key ...
--   local requests = service.log(2)    -- a table for each request, see lua/bedrock/emulator/server.lua; waits until there are 2
--   service.stop()
--
-- The emulator ends when its standard input does, so it never outlives the spec, not even one that crashes.

local dkjson = require "dkjson"

local emulator = {}

local function quoted(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

-- The emulator gets a plain environment: no module path of another Lua, no sanitizer's runtime, no credentials.
local ENVIRONMENT = table.concat({
  "env -u LD_PRELOAD -u LUA_INIT -u LUA_INIT_5_4", "LUA_PATH_5_4='lua/?.lua;lua/?/init.lua;;' LUA_CPATH_5_4=';;'", "",
}, " ")

local names = {
  host = "--host", port = "--port", token = "--token", region = "--region", pace = "--pace", fault = "--fault", cert = "--cert",
  cert_key = "--cert-key", key = "--key",
}

local ours = { log = true, within = true }

local function command(opts, files)
  -- The shell becomes the emulator, so the number that it writes down is the emulator's.
  local words = {
    "echo $$ >" .. quoted(files.pid) .. ";", "exec " .. (opts.within or "") .. " " .. ENVIRONMENT ..
      "lua5.4 bin/bedrock emulate --quiet --exit-on-eof",
  }
  local function option(name, value) words[#words + 1] = name .. " " .. quoted(value) end
  option("--port-file", files.port)
  if opts.log ~= false then option("--log", files.log) end
  if opts.pace == nil then option("--pace", 0) end
  for name, value in pairs(opts) do
    if not names[name] and not ours[name] then error("emulator.start: no such option: " .. tostring(name), 3) end
    for _, one in ipairs(type(value) == "table" and value or { value }) do
      if names[name] then option(names[name], one) end
    end
  end
  words[#words + 1] = ">" .. quoted(files.output) .. " 2>&1"
  return table.concat(words, " ")
end

local function read_all(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local content = file:read("*a")
  file:close()
  return content
end

local function wait_for_port(files)
  for _ = 1, 200 do
    local port = tonumber(read_all(files.port) or "")
    if port then return port end
    local output = read_all(files.output)
    if output and output:find("%S") then break end
    os.execute("sleep 0.05")
  end
  error("the emulator did not start: " .. (read_all(files.output) or "it said nothing"), 3)
end

local function read_log(path)
  local records = {}
  for line in (read_all(path) or ""):gmatch("([^\n]+)\n") do records[#records + 1] = dkjson.decode(line) end
  return records
end

-- A request is logged when it is over, which a client may see a moment earlier; so a reader says how many it expects.
local function log_reader(path)
  return function(expected)
    local records = read_log(path)
    for _ = 1, 200 do
      if #records >= (expected or 0) then break end
      os.execute("sleep 0.02")
      records = read_log(path)
    end
    return records
  end
end

local function stopper(process, files)
  local stopped = false
  return function()
    if stopped then return end
    stopped = true
    process:close()
    for _, path in pairs(files) do os.remove(path) end
  end
end

--- Starts an emulator and waits until it listens.
-- opts: host, port, key ("ID:SECRET" or a list), token (or a list), region, pace (ms, 0 here), fault (or a list), cert, cert_key;
-- log = false keeps none; within is a command that runs it elsewhere, such as "ip netns exec NAME"
function emulator.start(opts)
  opts = opts or {}
  local base = os.tmpname()
  os.remove(base)
  local files = { port = base .. ".port", log = base .. ".log", output = base .. ".out", pid = base .. ".pid" }
  local process = assert(io.popen(command(opts, files), "w"))
  local ok, port = pcall(wait_for_port, files)
  local stop = stopper(process, files)
  if not ok then
    stop()
    error(port, 2)
  end
  return {
    port = port, url = (opts.cert and "https" or "http") .. "://" .. (opts.host or "127.0.0.1") .. ":" .. port,
    access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    api_key = "ABSKEMULATOREXAMPLE", log = log_reader(files.log), log_path = files.log, pid = tonumber(read_all(files.pid)),
    stop = stop,
  }
end

return emulator
