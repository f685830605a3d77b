--- Frames of application/vnd.amazon.eventstream, written by the published layout:
--
--     4 total length | 4 headers length | 4 CRC of those 8 | headers | payload | 4 CRC of all before
--
-- A header is 1 length of the name | name | 1 type | value; all of the service's headers are strings (type 7, 2 length | text).

local zlib = require("zlib")

local frames = {}

local function crc32(bytes)
  return zlib.crc32()(bytes)
end

local STRING = 7

local function header(name, value, kind)
  return string.pack(">s1Bs2", name, kind or STRING, value)
end

--- One frame.
---@param headers table[] name, value and, for one that no reader knows, the number of its type; in order
---@param payload string
---@return string
function frames.encode(headers, payload)
  local block = {}
  for i, pair in ipairs(headers) do block[i] = header(pair[1], pair[2], pair[3]) end
  block = table.concat(block)
  local prelude = string.pack(">I4I4", 16 + #block + #payload, #block)
  local body = prelude .. string.pack(">I4", crc32(prelude)) .. block .. payload
  return body .. string.pack(">I4", crc32(body))
end

--- A frame that carries one event.
---@param name string
---@param payload string JSON
---@return string
function frames.event(name, payload)
  return frames.encode(
    { { ":event-type", name }, { ":content-type", "application/json" }, { ":message-type", "event" } }, payload)
end

--- A frame that ends a stream with a modelled exception.
---@param name string such as "throttlingException"
---@param payload string JSON
---@return string
function frames.exception(name, payload)
  return frames.encode(
    { { ":exception-type", name }, { ":content-type", "application/json" }, { ":message-type", "exception" } }, payload)
end

--- A frame that ends a stream with an error that no model knows.
---@param code string
---@param message string
---@return string
function frames.error(code, message)
  return frames.encode({ { ":error-code", code }, { ":error-message", message }, { ":message-type", "error" } }, "")
end

return frames
