-- What the scripts over streams share: an input of bytes as the frames of a stream. Its pieces end at zero bytes; three of
-- them make a frame: a letter for its kind, its name, its payload. A fuzzer does not guess checksums.

local core = require "bedrock.core"
local frames = require "spec.support.frames"

local fuzz_frames = {}

local kinds = {
  e = frames.event,
  x = frames.exception,
  s = frames.stream_error,
  c = function(name, payload) return frames.event("chunk", ('{"bytes":"%s"%s}'):format(core.base64.encode(payload), name)) end,
  r = function(name, payload) return name .. payload end,
}

-- Where the piece that begins at a place ends, and the next one begins.
local function piece(bytes, at)
  local zero = bytes:find("\0", at, true) or #bytes + 1
  return bytes:sub(at, zero - 1), zero + 1
end

--- The bytes of the frames.
---@param bytes string
---@return string
function fuzz_frames.of(bytes)
  local out, at = {}, 1
  while at <= #bytes do
    local name, payload
    local kind = kinds[bytes:sub(at, at)] or kinds.e
    name, at = piece(bytes, at + 1)
    payload, at = piece(bytes, at)
    out[#out + 1] = kind(name:sub(1, 60000), payload)
  end
  return table.concat(out)
end

return fuzz_frames
