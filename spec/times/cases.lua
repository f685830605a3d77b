-- How late the four clocks are, and what failures of the network are called; the same in every host.
--
-- cases(world, rounds) -> lines "group <tab> name <tab> what came <tab> milliseconds that it was late, separated by blanks"

local bedrock = require "bedrock"

local LIMIT = 0.3

local function new_client(world, options)
  local all = {
    region = "us-west-2", endpoint = world.url, access_key_id = world.access_key_id, log = function() end, retry = false,
    secret_access_key = world.secret_access_key, ca_bundle = world.ca,
    timeouts = { connect = 5, first_byte = 5, idle = 5, total = 20 },
  }
  for name, value in pairs(options) do all[name] = value end
  return bedrock.new(all)
end

local function ask()
  return { modelId = "amazon.nova-lite-v1:0", messages = { { role = "user", content = { { text = "@words 200" } } } } }
end

local function under(fault)
  return { headers = { ["x-emulator-fault"] = fault } }
end

-- Each answers the error, and when its clock began to run.
local clocks = {
  { "connect", { connect = LIMIT }, function(client)
    local began = client.transport:now()
    return select(2, client:converse(ask())), began
  end, "mute_url" },
  { "first_byte", { first_byte = LIMIT }, function(client)
    local began = client.transport:now()
    return select(2, client:converse(ask(), under "silent")), began
  end },
  { "idle", { idle = LIMIT }, function(client)
    local stream = assert(client:converse_stream(ask(), under "stall:5:3"))
    local event, err, last
    repeat
      last = client.transport:now()
      event, err = stream:next()
    until not event
    return err, last
  end },
  { "total", { total = LIMIT, idle = 5 }, function(client)
    local began = client.transport:now()
    local stream = assert(client:converse_stream(ask(), under "stall:5:3"))
    local event, err
    repeat event, err = stream:next() until not event
    return err, began
  end },
}

-- name, what it is called, options, fault
local failures = {
  { "the name does not exist", "network dns", { endpoint = "http://no-such-host.invalid" } },
  { "nobody listens", "network connect", { endpoint = "http://127.0.0.1:1" } },
  { "the server cannot be trusted", "tls tls", { endpoint = "untrusted_url" } },
  { "no proxy listens", "network proxy", { proxy = "http://127.0.0.1:1" } },
  { "the proxy refuses", "network proxy", { endpoint = "tls_url", proxy = "raw_url" } },
  { "a reset before the answer", "network reset", {}, "reset:before" },
  { "an end before the answer", "network closed", {}, "close:before" },
  { "a reset within the head", "network reset", {}, "reset:within" },
  { "an end within the head", "network closed", {}, "close:within" },
}

local function late(world, row, rounds)
  local list, what = {}, nil
  for i = 1, rounds do
    local client = new_client(world, { timeouts = row[2], endpoint = row[4] and world[row[4]], verify = not row[4] })
    local err, began = row[3](client)
    list[i] = ("%.2f"):format((client.transport:now() - began - LIMIT) * 1000)
    what = ("%s %s"):format(err and err.kind, err and tostring(err.clock))
    client:close()
    if what ~= "timeout " .. row[1] then break end
  end
  return what, table.concat(list, " ")
end

local function called(world, row)
  local options = {}
  for name, value in pairs(row[3]) do options[name] = world[value] or value end
  local client = new_client(world, options)
  local _, err = client:converse(ask(), under(row[4]))
  client:close()
  return err and ("%s %s"):format(err.kind, err.code) or "nothing"
end

--- What has to come.
local cases = { wanted = {}, clocks = {}, failures = {} }

for i, row in ipairs(clocks) do cases.clocks[i], cases.wanted[row[1]] = row[1], "timeout " .. row[1] end
for i, row in ipairs(failures) do cases.failures[i], cases.wanted[row[1]] = row[1], row[2] end

function cases.run(world, rounds)
  local lines = {}
  for _, row in ipairs(clocks) do
    local what, numbers = late(world, row, rounds)
    lines[#lines + 1] = ("%s\t%s\t%s\n"):format(row[1], what, numbers)
  end
  for _, row in ipairs(failures) do lines[#lines + 1] = ("%s\t%s\t\n"):format(row[1], called(world, row)) end
  return table.concat(lines)
end

return cases
