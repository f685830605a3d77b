--- HTTP/2 (RFC 9113), as much as a server needs: AWS's JavaScript client speaks nothing else to bedrock-runtime.
--
-- One coroutine reads frames; each request is served in one of its own, by the same code that serves HTTP/1.1, because a
-- Stream has the methods of an http.lua Connection: read_body, start, wait, close, reset. Writers take turns.

local condition = require("cqueues.condition")
local cqueues = require("cqueues")
local hpack = require("bedrock.emulator.hpack")

local http2 = {}

local DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
local END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 1, 1, 4, 8, 32
local INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 4, 5
local OUR_WINDOW, LARGEST_FRAME = 1 << 20, 16384

-- ---- sessions: what the streams of one connection share ----

local Session = {}
Session.__index = Session

-- Writes a frame; frames of several streams never mix.
function Session:frame(kind, flags, id, payload)
  while self.writing do self.turn:wait() end
  self.writing = true
  local ok = self.connection:send(string.pack(">I3BBI4", #payload, kind, flags, id) .. payload)
  self.writing = false
  self.turn:signal(1)
  return ok
end

function Session:wake_all()
  for _, stream in pairs(self.streams) do stream.changed:signal() end
end

-- ---- streams: one request and its answer ----

local Stream = {}
Stream.__index = Stream
Stream.__name = "emulator.stream"

local function new_stream(session, id)
  session.requests = session.requests + 1
  return setmetatable({
    session = session, id = id, number = session.connection.number, requests = session.requests, received = {}, size = 0,
    window = session.first_window, changed = condition.new(), closed = false, drip = false,
  }, Stream)
end

function Stream:gone()
  if self.session.connection.left then self.left = true end
  return self.left or self.closed or self.session.connection.closed
end

--- Waits; false as soon as the client has given the stream up.
function Stream:wait(seconds)
  local deadline = cqueues.monotime() + seconds
  while not self:gone() do
    local left = deadline - cqueues.monotime()
    if left <= 0 then return true end
    self.changed:wait(left)
  end
  return false
end

--- The body of the request.
function Stream:read_body(_, limit)
  while not self.complete do
    if self.size > limit then return nil, "too large" end
    if self:gone() then return nil end
    self.changed:wait()
  end
  if self.size > limit then return nil, "too large" end
  return table.concat(self.received)
end

-- As much as both windows allow, when they allow any.
function Stream:room(wanted)
  while true do
    if self:gone() then return nil end
    local room = math.min(wanted, self.window, self.session.window, self.session.largest, self.drip and 1 or wanted)
    if room > 0 then return room end
    self.changed:wait()
  end
end

function Stream:send(bytes)
  local at = 1
  while at <= #bytes do
    local n = self:room(#bytes - at + 1)
    if not n then return false end
    self.window, self.session.window = self.window - n, self.session.window - n
    if not self.session:frame(DATA, 0, self.id, bytes:sub(at, at + n - 1)) then return false end
    at = at + n
  end
  return true
end

-- Headers that belong to the connection have no place here.
local function own_headers(headers)
  local out = {}
  for _, pair in ipairs(headers) do
    if pair[1]:lower() ~= "connection" then out[#out + 1] = pair end
  end
  return out
end

--- Sends the head of an answer.
---@return table? body a writer { write, finish }, or nil when the client is gone
function Stream:start(status, headers, length)
  local list = own_headers(headers)
  table.insert(list, 1, { ":status", tostring(status) })
  if length then list[#list + 1] = { "content-length", tostring(length) } end
  if self:gone() or not self.session:frame(HEADERS, END_HEADERS, self.id, hpack.encode(list)) then return nil end
  return {
    write = function(_, bytes) return self:send(bytes) end,
    finish = function() return not self:gone() and self.session:frame(DATA, END_STREAM, self.id, "") end,
  }
end

--- Ends the whole connection, as a fault does.
function Stream:close()
  self.closed = true
  self.session.connection:close()
end

--- Ends the whole connection with a TCP reset.
function Stream:reset()
  self.closed = true
  self.session.connection:reset()
end

-- ---- requests ----

local function request_of(list)
  local headers, map = {}, {}
  local function add(name, value)
    headers[#headers + 1] = { name, value }
    map[name] = map[name] and map[name] .. ", " .. value or value
  end
  for _, pair in ipairs(list) do add(pair[1], pair[2]) end
  -- a signature may name the one or the other
  if map[":authority"] and not map.host then add("host", map[":authority"]) end
  local target = map[":path"] or "/"
  local path, query = target:match("^([^?]*)%??(.*)$")
  return { method = map[":method"] or "", target = target, path = path, query = query, headers = headers, header = map }
end

-- What padding and priority leave of a payload.
local function without_padding(flags, payload)
  local from, to = 1, #payload
  if flags & PADDED ~= 0 then from, to = 2, #payload - payload:byte(1) end
  if flags & PRIORITY ~= 0 then from = from + 5 end
  return payload:sub(from, to)
end

function Session:open(id, flags, block)
  local request = request_of(self.decoder:decode(block))
  local stream = new_stream(self, id)
  stream.complete = flags & END_STREAM ~= 0
  self.streams[id] = stream
  self.spawn(function()
    self.serve(stream, request)
    self.streams[id] = nil
  end)
end

-- ---- frames from the client ----

local receive = {}

receive[HEADERS] = function(self, flags, id, payload)
  local block = without_padding(flags, payload)
  if flags & END_HEADERS ~= 0 then return self:open(id, flags, block) end
  self.unfinished = { id = id, flags = flags, block = block }
end

receive[CONTINUATION] = function(self, flags, _, payload)
  local head = self.unfinished
  head.block = head.block .. payload
  if flags & END_HEADERS == 0 then return end
  self.unfinished = nil
  self:open(head.id, head.flags, head.block)
end

receive[DATA] = function(self, flags, id, payload)
  local stream = self.streams[id]
  if #payload > 0 then
    local credit = string.pack(">I4", #payload)
    self:frame(WINDOW_UPDATE, 0, 0, credit)
    if stream and flags & END_STREAM == 0 then self:frame(WINDOW_UPDATE, 0, id, credit) end
  end
  if not stream then return end
  local bytes = without_padding(flags & PADDED, payload)
  stream.received[#stream.received + 1] = bytes
  stream.size = stream.size + #bytes
  stream.complete = flags & END_STREAM ~= 0
  stream.changed:signal()
end

receive[RST_STREAM] = function(self, _, id)
  local stream = self.streams[id]
  if not stream then return end
  stream.left = true
  stream.changed:signal()
end

receive[SETTINGS] = function(self, flags, _, payload)
  if flags & ACK ~= 0 then return end
  for at = 1, #payload, 6 do
    local name, value = string.unpack(">I2I4", payload, at)
    if name == MAX_FRAME_SIZE then self.largest = math.min(value, LARGEST_FRAME) end
    if name == INITIAL_WINDOW_SIZE then
      for _, stream in pairs(self.streams) do stream.window = stream.window + value - self.first_window end
      self.first_window = value
    end
  end
  self:frame(SETTINGS, ACK, 0, "")
  self:wake_all()
end

receive[PING] = function(self, flags, _, payload)
  if flags & ACK == 0 then self:frame(PING, ACK, 0, payload) end
end

receive[WINDOW_UPDATE] = function(self, _, id, payload)
  local credit = string.unpack(">I4", payload) & 0x7fffffff
  local holder = id == 0 and self or self.streams[id]
  if holder then holder.window = holder.window + credit end
  self:wake_all()
end

-- One frame; false at the end of the connection.
function Session:step()
  local head = self.connection:read_exactly(9)
  if not head then return false end
  local length, kind, flags, id = string.unpack(">I3BBI4", head)
  if length > LARGEST_FRAME then return false end
  local payload = self.connection:read_exactly(length)
  if not payload then return false end
  local act = receive[kind]
  if act then act(self, flags, id & 0x7fffffff, payload) end
  return kind ~= GOAWAY or next(self.streams) ~= nil
end

--- Serves a connection whose client has sent the first line of the HTTP/2 preface.
---@param connection table an http.lua Connection
---@param spawn function runs a function as a coroutine
---@param serve function(stream, request)
function http2.serve(connection, spawn, serve)
  local self = setmetatable({
    connection = connection, spawn = spawn, serve = serve, streams = {}, requests = 0, decoder = hpack.decoder(),
    window = 65535, first_window = 65535, largest = LARGEST_FRAME, turn = condition.new(), writing = false,
  }, Session)
  if connection:read_exactly(8) ~= "\r\nSM\r\n\r\n" then return end
  self:frame(SETTINGS, 0, 0, string.pack(">I2I4", INITIAL_WINDOW_SIZE, OUR_WINDOW))
  self:frame(WINDOW_UPDATE, 0, 0, string.pack(">I4", OUR_WINDOW))
  local ok, why = xpcall(function()
    while self:step() do end
  end, debug.traceback)
  connection.left = true
  self:wake_all()
  -- a fault may have closed the socket under the reader, which is no trouble
  if not ok and not connection.closed then error(why, 0) end
end

return http2
