--- many.lua NAME PORT COUNT: so many streams of the server at once, in one process.

local bedrock = require "bedrock"

local name, port, count = arg[1], arg[2], tonumber(arg[3])
local client = bedrock.new {
  region = "us-east-1", endpoint = "http://127.0.0.1:" .. port,
  access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
local params = { modelId = name, messages = { { role = "user", content = { { text = "?" } } } } }

local function stream()
  local answer, events = assert(client:converse_stream(params)), 0
  while true do
    local event, err = answer:next()
    if not event then
      assert(not err, err)
      return events
    end
    events = events + 1
  end
end

local list = {}
for i = 1, count do list[i] = i end
local results, errs = bedrock.async.map(list, stream, { concurrency = count })
assert(not errs and #results == count, "not every stream came to its end")
