--- HTTP/1.1 over a cqueues socket, from the server's side: read a request, write an answer.
--
-- A connection owns its socket. Every byte to the client leaves through Connection:send, so that faults can slow it down, and every
-- pause goes through Connection:wait, so that a client that leaves is noticed at once.

local cqueues = require("cqueues")
local errno = require("cqueues.errno")

local http = {}

local Connection = {}
Connection.__index = Connection
Connection.__name = "emulator.connection"

local MAX_LINE, MAX_HEADERS, READ_SIZE = 65536, 200, 65536

--- Takes over an accepted socket.
---@param socket table
---@param number integer for the log
---@return table
function http.connection(socket, number)
  -- errors come back as values; nothing is raised out of a read or a write
  socket:onerror(function(_, _, why) return why end)
  socket:setmode("bf", "bf")
  socket:setmaxline(MAX_LINE)
  socket:setbufsiz(READ_SIZE, READ_SIZE)
  return setmetatable({ socket = socket, number = number, requests = 0, closed = false, drip = false }, Connection)
end

-- ---- reading ----

local function header_map(list)
  local map = {}
  for _, pair in ipairs(list) do map[pair[1]] = map[pair[1]] and map[pair[1]] .. ", " .. pair[2] or pair[2] end
  return map
end

local function strip(line)
  return line and line:match("\n$") and line:gsub("\r?\n$", "") or nil
end

function Connection:line()
  return strip(self.socket:xread("*L"))
end

function Connection:read_headers()
  local list = {}
  for line in function() return self:line() end do
    if line == "" then return list end
    local name, value = line:match("^([^%s:]+):%s*(.-)%s*$")
    if name then
      list[#list + 1] = { name:lower(), value }
    elseif line:find("^%s") and #list > 0 then
      list[#list][2] = list[#list][2] .. " " .. line:match("^%s*(.-)%s*$")
    else
      return nil
    end
    if #list > MAX_HEADERS then return nil end
  end
end

--- The head of the next request, or nil when the client is done or does not speak HTTP/1.1.
---@return table? request method, target, path, query, headers, header
---@return boolean? http2 true when the client began with the preface of HTTP/2
function Connection:read_head()
  local line = self:line()
  if line == "" then line = self:line() end
  if line == "PRI * HTTP/2.0" then return nil, true end
  local method, target = (line or ""):match("^(%u+) (%S+) HTTP/1%.[01]$")
  local headers = method and self:read_headers()
  if not headers then return nil end
  local path, query = target:match("^([^?]*)%??(.*)$")
  self.requests = self.requests + 1
  return { method = method, target = target, path = path, query = query, headers = headers, header = header_map(headers) }
end

function Connection:read_exactly(n)
  local parts = {}
  while n > 0 do
    local bytes = self.socket:xread(-math.min(n, READ_SIZE))
    if not bytes then return nil end
    parts[#parts + 1] = bytes
    n = n - #bytes
  end
  return table.concat(parts)
end

function Connection:read_chunks(limit)
  local parts, total = {}, 0
  while true do
    local size = tonumber((self:line() or ""):match("^%x+") or "", 16)
    if not size then return nil end
    total = total + size
    if total > limit then return nil, "too large" end
    if size == 0 then return self:read_headers() and table.concat(parts) end
    parts[#parts + 1] = self:read_exactly(size)
    if not parts[#parts] or self:line() ~= "" then return nil end
  end
end

--- The body that belongs to a head.
---@param request table
---@param limit integer bytes
---@return string? body nil when the client left, or when it is too large (then the second value says so)
---@return string? why
function Connection:read_body(request, limit)
  local length = tonumber(request.header["content-length"] or 0)
  if not length or length > limit then return nil, "too large" end
  if (request.header.expect or ""):lower() == "100-continue" then self:send("HTTP/1.1 100 Continue\r\n\r\n") end
  if (request.header["transfer-encoding"] or ""):lower():find("chunked", 1, true) then return self:read_chunks(limit) end
  return self:read_exactly(length)
end

-- ---- writing ----

local function write(socket, bytes)
  return socket:write(bytes) and socket:flush()
end

-- Each byte in a packet of its own.
local function write_dripping(socket, bytes)
  for i = 1, #bytes do
    if not write(socket, bytes:sub(i, i)) then return false end
    cqueues.sleep(0)
  end
  return true
end

--- Sends bytes now; false when the client is gone.
---@param bytes string
---@return boolean
function Connection:send(bytes)
  if self.closed then return false end
  local ok = (self.drip and write_dripping or write)(self.socket, bytes)
  if not ok then self.left = true end
  return ok and true or false
end

-- Whether the client has closed its side or reset the connection. What it has sent and nobody has read yet stays where it is.
function Connection:client_left()
  local socket = self.socket
  local ok, why = socket:fill(socket:pending() + 1, 0)
  if ok then return false end
  socket:clearerr("r")
  return why ~= errno.ETIMEDOUT and why ~= errno.EAGAIN
end

--- Waits; false as soon as the client has left.
---@param seconds number
---@return boolean
function Connection:wait(seconds)
  local deadline = cqueues.monotime() + seconds
  while not self.closed do
    local left = deadline - cqueues.monotime()
    if left <= 0 then return true end
    local readable = { pollfd = self.socket:pollfd(), events = "r" }
    if cqueues.poll(readable, left) == readable and self:client_left() then
      self.left = true
      return false
    end
  end
  return false
end

local reasons = {
  [200] = "OK", [201] = "Created", [202] = "Accepted", [204] = "No Content", [206] = "Partial Content",
  [400] = "Bad Request", [403] = "Forbidden", [404] = "Not Found", [408] = "Request Timeout", [409] = "Conflict",
  [412] = "Precondition Failed", [413] = "Content Too Large", [416] = "Range Not Satisfiable", [424] = "Failed Dependency",
  [429] = "Too Many Requests", [500] = "Internal Server Error", [502] = "Bad Gateway", [503] = "Service Unavailable",
  [504] = "Gateway Timeout", [529] = "Site is overloaded",
}

local function head(status, headers)
  local lines = { ("HTTP/1.1 %d %s"):format(status, reasons[status] or "Unknown") }
  for _, pair in ipairs(headers) do lines[#lines + 1] = pair[1] .. ": " .. pair[2] end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- A body of known length.
local function plain_body(connection)
  return { write = function(_, bytes) return connection:send(bytes) end, finish = function() return true end }
end

local function chunked_body(connection)
  return {
    write = function(_, bytes) return bytes == "" or connection:send(("%x\r\n%s\r\n"):format(#bytes, bytes)) end,
    finish = function() return connection:send("0\r\n\r\n") end,
  }
end

-- Half of a head, and then the end: "reset" or "close". What was sent must be read before: a reset throws away what is still on
-- its way.
function Connection:send_half(bytes, verb)
  self:send(bytes:sub(1, #bytes // 2))
  self:wait(0.05)
  self[verb](self)
end

--- Sends the head of an answer.
---@param status integer
---@param headers string[][]
---@param length integer? of the body; it goes out in chunks when absent
---@return table? body a writer { write, finish }, or nil when the client is gone
function Connection:start(status, headers, length)
  headers[#headers + 1] = length and { "Content-Length", tostring(length) } or { "Transfer-Encoding", "chunked" }
  local bytes = head(status, headers)
  if self.break_head then return self:send_half(bytes, self.break_head) end
  if not self:send(bytes) then return nil end
  return (length and plain_body or chunked_body)(self)
end

-- ---- the end ----

--- Closes in the usual way.
function Connection:close()
  if self.closed then return end
  self.closed = true
  self.socket:close()
end

--- Closes with a TCP reset, so that the client sees ECONNRESET instead of an end.
function Connection:reset()
  if self.closed then return end
  -- cqueues has no SO_LINGER; LuaSocket has, for any descriptor
  local found, core = pcall(require, "socket.core")
  if found then
    local borrowed = core.tcp()
    borrowed:setfd(self.socket:pollfd())
    borrowed:setoption("linger", { on = true, timeout = 0 })
    borrowed:setfd(-1)
  end
  self:close()
end

return http
