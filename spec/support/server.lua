-- Starts raw_server.lua with a script, on any Lua, and reads its log.
--
--   local s = server.start { routes = { ["/ok"] = { { send = "HTTP/1.1 200 OK\r\n..." } } } }
--   s.url .. "/ok"     s:log("request")     s:stop()
--
-- A script: routes (path -> steps; "*" for all others), accept (steps before anything is read), tls = { cert =, key = }.
-- A step: { send = bytes } | { drip = bytes, gap = seconds, size = n } | { flood = count, of = bytes again and again } | { sleep = seconds } |
-- { sip = count, gap = seconds } reads a body slowly | { stall = true } until the peer closes | { close = true }. After the
-- last step the next request of the connection is read.
-- unread = true in a route leaves the body of the request unread, so that closing resets the connection when some of
-- it has come: sleep a little first, and send megabytes, because the server's sockets read ahead.

local server = {}

local Server = {}
Server.__index = Server

local function write_value(value)
  if type(value) ~= "table" then return type(value) == "string" and ("%q"):format(value) or tostring(value) end
  local parts = {}
  for k, v in pairs(value) do parts[#parts + 1] = ("[%s]=%s"):format(write_value(k), write_value(v)) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function slurp(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local content = file:read("*a")
  file:close()
  return content
end

local function spit(path, content)
  local file = assert(io.open(path, "wb"))
  assert(file:write(content))
  file:close()
end

local function wait_for(get, what)
  for _ = 1, 1000 do
    local value = get()
    if value then return value end
    require("bedrock.curl").poll({}, 0.01)
  end
  error("waited ten seconds for " .. what)
end
server.wait_for = wait_for

--- Starts a server; stop it in a teardown.
function server.start(script)
  local base = os.tmpname()
  local self = setmetatable({ base = base, port_path = base .. ".port", log_path = base .. ".log" }, Server)
  spit(base, "return " .. write_value(script))
  -- Our own sanitizer's runtime and module paths are not for this process.
  self.process = assert(io.popen(("env -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH -u LUA_PATH_5_4 -u LUA_CPATH_5_4 " ..
    "lua5.4 spec/support/raw_server.lua %s %s %s"):format(base, self.port_path, self.log_path), "w"))
  self.port = tonumber(wait_for(function() return slurp(self.port_path) end, "the server's port"))
  self.url = (script.tls and "https" or "http") .. "://127.0.0.1:" .. self.port
  return self
end

--- What happened so far, of one event or of all.
function Server:log(event)
  local entries = {}
  for line in (slurp(self.log_path) or ""):gmatch("[^\n]+") do
    local entry = assert((loadstring or load)("return " .. line))()
    if not event or entry.event == event then entries[#entries + 1] = entry end
  end
  return entries
end

--- Waits until an event was logged so many times, and answers the log.
function Server:wait(event, count)
  return wait_for(function()
    local entries = self:log(event)
    return #entries >= (count or 1) and entries
  end, event)
end

function Server:stop()
  if not self.process then return end
  self.process:close()
  self.process = nil
  for _, suffix in ipairs { "", ".port", ".log" } do os.remove(self.base .. suffix) end
end

--- The bytes of a whole answer.
function server.answer(body, headers, status)
  return ("HTTP/1.1 %s\r\ncontent-length: %d\r\n%s\r\n"):format(status or "200 OK", #body, headers or "") .. body
end

--- A body in chunks, without the last one. (Lua 5.1's %s stops at a zero byte.)
function server.chunks(...)
  local parts = {}
  for i, chunk in ipairs { ... } do parts[i] = ("%x\r\n"):format(#chunk) .. chunk .. "\r\n" end
  return table.concat(parts)
end

return server
