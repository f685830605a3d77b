-- A name server for nginx, which asks no hosts file: lua5.4 dns.lua PORT_FILE
--
-- "localhost" is 127.0.0.1, every other name does not exist. It ends when its standard input is closed.

local cqueues = require "cqueues"
local udp = require("socket").udp()

assert(udp:setsockname("127.0.0.1", 0))
udp:settimeout(0)

-- The question's name as text, and where the question ends in the packet.
local function question(packet)
  local labels, at = {}, 13
  while packet:byte(at) ~= 0 do
    local label, after = string.unpack("s1", packet, at)
    labels[#labels + 1], at = label, after
  end
  return table.concat(labels, "."), at + 4
end

local A = 1

local function answer(packet)
  local name, stop = question(packet)
  local kind = string.unpack(">I2", packet, stop - 3)
  local known = name == "localhost"
  local records = known and kind == A and 1 or 0
  local head = packet:sub(1, 2) .. string.pack(">I2I2I2I2I2", known and 0x8180 or 0x8183, 1, records, 0, 0)
  local record = records == 1 and string.pack(">I2I2I2I4s2", 0xC00C, A, 1, 60, "\127\0\0\1") or ""
  return head .. packet:sub(13, stop) .. record
end

local file = assert(io.open(... .. ".new", "w"))
file:write((select(2, udp:getsockname())))
file:close()
os.rename(... .. ".new", (...))

local loop = cqueues.new()
loop:wrap(function()
  while true do
    cqueues.poll { pollfd = udp:getfd(), events = "r" }
    local packet, ip, port = udp:receivefrom()
    if packet then udp:sendto(answer(packet), ip, port) end
  end
end)
loop:wrap(function()
  cqueues.poll { pollfd = 0, events = "r" }
  os.exit(0)
end)
assert(loop:loop())
