-- Any bytes as JSON into Lua's values and back: a text that was read can be written, and what was written reads and writes as
-- itself, also where base64 stands for bytes and where limits are tight.

local json = require "bedrock.json"

local places = { blob = true, list = { ["[]"] = true }, map = { ["{}"] = { blob = true } } }

local function check_error(err, size)
  assert(type(err.code) == "string" and #err.message > 0)
  assert(err.position >= 1 and err.position <= size + 1 and err.line >= 1 and err.column >= 1)
end

local function check(text, blobs)
  local value, err = json.decode(text, { blobs = blobs })
  if err then return check_error(err, #text) end
  local written = assert(json.encode(value, { blobs = blobs }))
  local again = assert(json.encode(json.decode(written, { blobs = blobs }), { blobs = blobs }))
  assert(again == written, "what was written reads as something else")
end

local function check_limits(text)
  local _, err = json.decode(text, { depth = 3, size = 64, values = 8 })
  if err then check_error(err, #text) end
end

return function(bytes)
  check(bytes)
  check(bytes, places)
  check_limits(bytes)
end
