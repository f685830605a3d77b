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

--- The bytes of the frames.
---@param bytes string
---@return string
function fuzz_frames.of(bytes)
  local out = {}
  for kind, name, payload in bytes:gmatch("(.)([^%z]*)%z([^%z]*)%z?") do
    out[#out + 1] = (kinds[kind] or kinds.e)(name:sub(1, 60000), payload)
  end
  return table.concat(out)
end

return fuzz_frames
