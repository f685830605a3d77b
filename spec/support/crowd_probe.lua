-- crowd_probe.lua URL ID SECRET COUNT: so many streams of an emulator at once, in one process. Nobody reads on before each has
-- its first event or has failed, so all of them are open at the same time. Says how many there were, how they ended, and
-- what `progress` was told.

local bedrock = require "bedrock"

local async = bedrock.async
local url, id, secret, count = arg[1], arg[2], arg[3], tonumber(arg[4])
local client = bedrock.new {
  region = "us-west-2", endpoint = url, access_key_id = id, secret_access_key = secret, retry = { max_attempts = 1 },
  log = function() end,
}
local params = {
  modelId = "anthropic.claude-3-haiku-20240307-v1:0", messages = { { role = "user", content = { { text = "@words 5" } } } },
}

local ready, decided, open, most = async.signal(), 0, 0, 0

local function decide(stream)
  decided = decided + 1
  if stream then open, most = open + 1, math.max(most, open + 1) end
  if decided == count then ready:set() end
  ready:wait()
end

local function read()
  local stream, err = client:converse_stream(params)
  local event
  if stream then event, err = stream:next() end
  decide(event and stream)
  while event do event, err = stream:next() end
  if stream then open = open - 1 end
  if err then return nil, err end
  return stream:message():text()
end

local list, told, last = {}, 0, nil
for i = 1, count do list[i] = i end
local texts, errs = async.map(list, read, { concurrency = count, progress = function(finished, total, index, value, err)
  assert(finished == told + 1 and total == count and list[index] and (value ~= nil) ~= (err ~= nil))
  told, last = finished, finished
end })

local whole, failed, messages = 0, 0, {}
for i = 1, count do
  if texts[i] == "word1 word2 word3 word4 word5" then whole = whole + 1 end
  if errs and errs[i] then
    failed = failed + 1
    messages[tostring(errs[i])] = true
  end
end
print(("open %d, whole %d, failed %d, told %d"):format(most, whole, failed, last))
for message in pairs(messages) do print(message) end
