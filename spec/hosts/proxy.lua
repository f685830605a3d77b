-- A proxy on this machine: lua5.4 proxy.lua PORT_FILE LOG_FILE [user:password]
--
-- It tunnels CONNECT and passes other requests on; names are not resolved, everything is on 127.0.0.1. Each request's first
-- line goes into LOG_FILE. It ends when its standard input is closed.

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local port_path, log_path, user = ...
local log = assert(io.open(log_path, "w"))
local wanted = user and "Basic " .. (require("mime").b64(user))
local loop = cqueues.new()

local function quiet(peer)
  peer:setmode("bn", "bn")
  peer:onerror(function(_, _, why) return why end)
  return peer
end

local function pump(from, to)
  while true do
    local bytes = from:read(-65536)
    if not bytes then break end
    to:write(bytes)
  end
  to:shutdown("w")
end

local function read_head(peer)
  local lines, authorized = {}, not wanted
  for line in peer:lines("*L") do
    if line == "\r\n" then return lines, authorized end
    local given = line:match("^[Pp]roxy%-[Aa]uthorization: (.-)\r\n$")
    if given then authorized = given == wanted else lines[#lines + 1] = line end
  end
end

local function connect(port)
  return quiet(socket.connect("127.0.0.1", tonumber(port)))
end

local function serve(peer)
  local lines, authorized = read_head(quiet(peer))
  if not lines then return peer:close() end
  log:write(lines[1]:gsub("\r\n", ""), "\n")
  log:flush()
  local upstream
  local tunnel = lines[1]:match("^CONNECT %S+:(%d+) ")
  local port, path = lines[1]:match("^%u+ http://[^/]-:(%d+)(/%S*) ")
  if not authorized then
    peer:write("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
    return peer:close()
  elseif tunnel then
    upstream = connect(tunnel)
    peer:write("HTTP/1.1 200 Connection established\r\n\r\n")
  elseif port then
    upstream = connect(port)
    lines[1] = lines[1]:gsub(" %S+ ", function() return " " .. path .. " " end, 1)
    upstream:write(table.concat(lines), "\r\n")
  else
    return peer:close()
  end
  loop:wrap(pump, upstream, peer)
  pump(peer, upstream)
end

loop:wrap(function()
  local listener = assert(socket.listen { host = "127.0.0.1", port = 0 })
  assert(listener:listen())
  local file = assert(io.open(port_path .. ".new", "w"))
  file:write((select(3, listener:localname())))
  file:close()
  os.rename(port_path .. ".new", port_path)
  for peer in listener:clients() do loop:wrap(serve, peer) end
end)
loop:wrap(function()
  cqueues.poll { pollfd = 0, events = "r" }
  os.exit(0)
end)
assert(loop:loop())
