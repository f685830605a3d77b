--- Frames of application/vnd.amazon.eventstream, written from the published layout and without the encoder under test.

local crypto = require("bedrock.core").crypto

local frames = {}

--- A number as big-endian bytes.
function frames.int(value, size)
  local bytes = {}
  for i = size, 1, -1 do
    bytes[i] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(bytes)
end

--- One header: a type tag and the bytes of the value as on the wire.
function frames.header(name, tag, value)
  return string.char(#name) .. name .. string.char(tag) .. value
end

function frames.text(name, value)
  return frames.header(name, 7, frames.int(#value, 2) .. value)
end

--- A frame around bytes of headers; `claim` replaces the lengths that it states.
function frames.frame(headers, payload, claim)
  claim = claim or {}
  local lengths = frames.int(claim.total or #headers + #payload + 16, 4) .. frames.int(claim.headers or #headers, 4)
  local message = lengths .. frames.int(crypto.crc32(lengths), 4) .. headers .. payload
  return message .. frames.int(crypto.crc32(message), 4)
end

--- A frame as Bedrock sends its events.
function frames.event(name, payload)
  return frames.frame(frames.text(":event-type", name) .. frames.text(":content-type", "application/json") ..
    frames.text(":message-type", "event"), payload)
end

function frames.exception(name, payload)
  return frames.frame(frames.text(":exception-type", name) .. frames.text(":content-type", "application/json") ..
    frames.text(":message-type", "exception"), payload)
end

function frames.stream_error(code, message)
  return frames.frame(frames.text(":message-type", "error") .. frames.text(":error-code", code) ..
    frames.text(":error-message", message), "")
end

return frames
