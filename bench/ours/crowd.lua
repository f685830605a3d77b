--- Streams of the bench's server, read by tasks that count what comes.

local bedrock = require "bedrock"

local crowd = {}

---@param port string|integer of the bench's server
---@return bedrock.Client
function crowd.client(port)
  return bedrock.new {
    region = "us-east-1", endpoint = "http://127.0.0.1:" .. port,
    access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  }
end

--- What has been seen so far.
function crowd.counter()
  return { events = 0 }
end

--- Opens a stream.
---@param client bedrock.Client
---@param name string what the server is asked for
---@return bedrock.Stream
function crowd.open(client, name)
  return assert(client:converse_stream { modelId = name, messages = { { role = "user", content = { { text = "?" } } } } })
end

--- Reads a stream to its end.
---@param client bedrock.Client
---@param name string
---@param seen table a counter
function crowd.read(client, name, seen)
  local stream = crowd.open(client, name)
  while true do
    local event, err = stream:next()
    if not event then return assert(not err, err) end
    seen.events = seen.events + 1
  end
end

--- The same, as a game does it: the text grows.
---@return string
function crowd.read_text(client, name, seen)
  local shown = {}
  for text in crowd.open(client, name):text() do
    shown[#shown + 1] = text
    seen.events = seen.events + 1
  end
  return table.concat(shown)
end

return crowd
