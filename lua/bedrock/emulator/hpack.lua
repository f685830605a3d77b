--- Header compression of HTTP/2 (RFC 7541): reads everything, writes the plainest form.

local hpack = {}

-- Appendix A; the first entry is number 1.
local static = {}
for line in ([[
:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate
]]):gmatch("[^\n]+") do
  local name, value = line:match("^(%S+) ?(.*)$")
  static[#static + 1] = { name, value }
end

-- ---- Huffman code ----

-- Appendix B. The code is canonical, so the lengths say it all: for the bytes 0 to 255, and last for the end.
local lengths = {}
for n in ([[
13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10
13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6
15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28
20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
30]]):gmatch("%d+") do lengths[#lengths + 1] = tonumber(n) end

-- For each length the map from code to symbol.
local function canonical_codes()
  local by_length, code = {}, 0
  for length = 5, 30 do
    by_length[length] = {}
    for symbol = 0, 256 do
      if lengths[symbol + 1] == length then
        by_length[length][code] = symbol
        code = code + 1
      end
    end
    code = code << 1
  end
  return by_length
end
local codes = canonical_codes()

local function huffman(bytes)
  local out, code, length = {}, 0, 0
  for i = 1, #bytes do
    local byte = bytes:byte(i)
    for bit = 7, 0, -1 do
      code, length = code << 1 | (byte >> bit & 1), length + 1
      local symbol = codes[length] and codes[length][code]
      if symbol then
        if symbol == 256 then error("huffman: end inside of a text", 0) end
        out[#out + 1] = string.char(symbol)
        code, length = 0, 0
      end
    end
  end
  if length > 7 or code ~= (1 << length) - 1 then error("huffman: bad padding", 0) end
  return table.concat(out)
end

-- ---- reading ----

local function integer(block, at, bits)
  local limit = (1 << bits) - 1
  local value = block:byte(at) & limit
  at = at + 1
  if value < limit then return value, at end
  local shift = 0
  repeat
    local byte = block:byte(at) or error("hpack: cut integer", 0)
    value = value + ((byte & 127) << shift)
    at, shift = at + 1, shift + 7
  until byte < 128 or shift > 28
  return value, at
end

local function text(block, at)
  local coded = (block:byte(at) or error("hpack: cut text", 0)) >= 128
  local length, from = integer(block, at, 7)
  local bytes = block:sub(from, from + length - 1)
  if #bytes < length then error("hpack: cut text", 0) end
  return coded and huffman(bytes) or bytes, from + length
end

local Decoder = {}
Decoder.__index = Decoder

--- The memory of one direction of a connection.
---@return table
function hpack.decoder()
  return setmetatable({ entries = {}, size = 0, limit = 4096 }, Decoder)
end

function Decoder:evict()
  while self.size > self.limit do
    local oldest = table.remove(self.entries)
    self.size = self.size - #oldest[1] - #oldest[2] - 32
  end
end

function Decoder:remember(entry)
  table.insert(self.entries, 1, entry)
  self.size = self.size + #entry[1] + #entry[2] + 32
  self:evict()
end

function Decoder:entry(index)
  return static[index] or self.entries[index - #static] or error("hpack: no entry " .. index, 0)
end

-- A literal: its name by number or in full, then its value.
function Decoder:literal(block, at, bits)
  local index, name, value
  index, at = integer(block, at, bits)
  if index > 0 then
    name = self:entry(index)[1]
  else
    name, at = text(block, at)
  end
  value, at = text(block, at)
  return { name, value }, at
end

--- Decodes a header block; raises a text when it is broken.
---@param block string
---@return string[][] headers pairs of name and value
function Decoder:decode(block)
  local out, at = {}, 1
  while at <= #block do
    local first, entry = block:byte(at), nil
    if first >= 128 then
      local index
      index, at = integer(block, at, 7)
      entry = self:entry(index)
    elseif first >= 64 then
      entry, at = self:literal(block, at, 6)
      self:remember(entry)
    elseif first >= 32 then
      self.limit, at = integer(block, at, 5)
      self:evict()
    else
      entry, at = self:literal(block, at, 4)
    end
    out[#out + 1] = entry
  end
  return out
end

-- ---- writing ----

local function plain_text(s)
  if #s < 127 then return string.char(#s) .. s end
  local rest, out = #s - 127, { "\127" }
  while rest >= 128 do
    out[#out + 1] = string.char(rest & 127 | 128)
    rest = rest >> 7
  end
  return table.concat(out) .. string.char(rest) .. s
end

--- Encodes headers as literals that nobody needs to remember.
---@param headers string[][]
---@return string
function hpack.encode(headers)
  local out = {}
  for i, pair in ipairs(headers) do out[i] = "\0" .. plain_text(pair[1]:lower()) .. plain_text(pair[2]) end
  return table.concat(out)
end

return hpack
