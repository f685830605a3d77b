-- Any bytes as JSON that has come in part: nothing raises, and once a list or an object is whole it is what the decoder
-- reads.

local json = require "bedrock.json"
local partial_json = require "bedrock.partial_json"

local function encoded(value)
  return json.encode(value) or "not to be written"
end

return function(bytes)
  local sofar = partial_json.decode(bytes)
  local whole = json.decode(bytes)
  if type(whole) == "table" then
    assert(type(sofar) == "table" and encoded(sofar) == encoded(whole), "the whole is not what it was so far")
  end
end
