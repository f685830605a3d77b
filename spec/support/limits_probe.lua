-- One call to a hostile server, in a process of its own: `lua limits_probe.lua URL HOW MODEL limit=value...` prints the kind and
-- the code of what the call met and the bytes of memory that it took at its height.

local bedrock = require "bedrock"
local memory = require "spec.support.memory"

local url, how, model = arg[1], arg[2], arg[3]
local limits = {}
for i = 4, #arg do
  local name, value = arg[i]:match("^(%l[%l_]*)=(%d+)$")
  limits[name] = tonumber(value)
end

local client = bedrock.new {
  region = "us-west-2", endpoint = url, access_key_id = "AKIDEXAMPLE", log = function() end, retry = false,
  secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", limits = limits, timeouts = { total = 30 },
}

local function ask(name)
  return { modelId = name, messages = { { role = "user", content = { { text = "Hi" } } } } }
end

local ways = {}

function ways.converse(name)
  return client:converse(ask(name))
end

function ways.stream(name)
  local stream, err = client:converse_stream(ask(name))
  if not stream then return nil, err end
  return stream:message()
end

-- Server-sent events.
function ways.sse(name)
  local own = bedrock.new {
    region = "us-west-2", endpoint = url, access_key_id = "AKIDEXAMPLE", log = function() end, retry = false, api = "runtime",
    secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", limits = limits, timeouts = { total = 30 },
  }
  local stream, err = own.messages:stream { model = name, max_tokens = 1, messages = ask(name).messages }
  if not stream then return nil, err end
  return stream:message()
end

-- Reads every event and keeps none.
function ways.bytes(name)
  local stream, err = client:invoke_model_with_response_stream { modelId = name, body = "{}" }
  while stream do
    local event
    event, err = stream:next()
    if not event then break end
  end
  return nil, err
end

-- Takes one event, and then lets the server push.
function ways.asleep(name)
  local stream = assert(client:converse_stream(ask(name)))
  assert(stream:next())
  client.transport:sleep(1)
  local err = stream:next() and { kind = "asleep" } or nil
  stream:close()
  return nil, err
end

ways.converse "warm" -- what stays: the modules, the pool of connections
local _, err
local peak = memory.peak(function() _, err = ways[how](model) end)
print(("%s %s %d"):format(err.kind, tostring(err.code), peak))
