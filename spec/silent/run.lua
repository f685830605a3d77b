-- What the next call costs after a pause in which its connection was dropped without a word, beside one on a fresh connection.
--
--   make silent ROUNDS=20
--
-- Runs inside of spec/silent/network. Clients make a call each and keep its connection; then the machine between drops every
-- packet of some of these connections, in both directions, and says nothing. After a pause all clients call again. A fresh
-- connection is had by letting the service close the one before. Every call has to succeed, and the service may see none twice.

local async = require "bedrock.async"
local bedrock = require "bedrock"
local certificates = require "spec.support.certificates"
local emulator = require "spec.support.emulator"
local now = require("bedrock.curl").now

local ROUNDS = tonumber(os.getenv "ROUNDS" or 20)
local PAUSE = 1.5
local LOST = 0.5 -- seconds: who takes longer has hung
local ADDRESS = "10.98.2.2"

local cases = { "fresh", "dropped", "alive" }

---- The network

local function execute(command)
  local ok = os.execute(command)
  if ok ~= true and ok ~= 0 then error("failed: " .. command, 0) end
end

-- The local ports of connections to the service.
local function ports()
  local set = {}
  local pipe = assert(io.popen("ss -tnH state established dst " .. ADDRESS))
  for line in pipe:lines() do set[line:match ":(%d+)%s+%S+%s*$"] = true end
  pipe:close()
  return set
end

local function drop(port)
  for _, side in ipairs { "sport", "dport" } do
    execute(("ip -n between rule add ipproto tcp %s %s blackhole"):format(side, port))
  end
end

-- Connections that shall be dropped have ports that no other one gets, not even later.
local next_ports = 10000

local function with_own_ports(fn)
  local function range(from, to) execute(("echo %d %d >/proc/sys/net/ipv4/ip_local_port_range"):format(from, to)) end
  range(next_ports, next_ports + 1999)
  next_ports = next_ports + 2000
  local result = fn()
  range(32768, 60999)
  return result
end

---- Calls

local function new_client(service, authority)
  return bedrock.new {
    region = "us-west-2", endpoint = service.url, access_key_id = service.access_key_id, log = function() end,
    secret_access_key = service.secret_access_key, timeouts = { first_byte = 5 }, ca_bundle = authority.ca, retry = false,
    transport = require("bedrock.transports.curl").new { ca_bundle = authority.ca },
  }
end

local function ask(client, fault)
  local began = now()
  local answer, err = client:converse({
    modelId = "amazon.nova-lite-v1:0", messages = { { role = "user", content = { { text = "@say Hello." } } } },
  }, { headers = { ["x-emulator-fault"] = fault or "" } })
  return now() - began, not answer and tostring(err) or nil
end

local function warm(case, service, authority)
  local list, before = {}, ports()
  for i = 1, ROUNDS do
    list[i] = new_client(service, authority)
    local _, err = ask(list[i], case == "fresh" and "close-idle:0")
    if err then error(err, 0) end
  end
  local dropped = 0
  for port in pairs(case == "dropped" and ports() or {}) do
    if not before[port] then
      drop(port)
      dropped = dropped + 1
    end
  end
  assert(case ~= "dropped" or dropped == ROUNDS, "not every connection was found")
  return list
end

local function median(values)
  table.sort(values)
  local middle = #values / 2
  return (values[math.floor(middle + 0.5)] + values[math.floor(middle) + 1]) / 2
end

-- The cases take turns, so that what the machine does besides meets all alike.
local function measure(clients, tally)
  local seconds = { fresh = {}, dropped = {}, alive = {}, again = {} }
  local function note(case, client)
    local took, err = ask(client)
    table.insert(seconds[case], took)
    if err or took > LOST then
      tally.failed = tally.failed + 1
      print(("%s: %.3f s: %s"):format(case, took, err or "that is too long"))
    end
  end
  for i = 1, ROUNDS do
    for _, case in ipairs(cases) do note(case, clients[case][i]) end
    note("again", clients.alive[i])
  end
  return seconds
end

local function scene(name, service, authority, run, tally)
  local clients = {}
  for _, case in ipairs(cases) do
    clients[case] = with_own_ports(function() return warm(case, service, authority) end)
  end
  clients.fresh[1].transport:sleep(PAUSE)
  local seconds
  run(function() seconds = measure(clients, tally) end)
  tally.calls = tally.calls + (#cases * 2 + 1) * ROUNDS
  local fresh, dropped = median(seconds.fresh), median(seconds.dropped)
  print(("%-18s %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f"):format(name, fresh * 1e3, dropped * 1e3, (dropped - fresh) * 1e3,
    (seconds.dropped[ROUNDS] - fresh) * 1e3, median(seconds.alive) * 1e3, median(seconds.again) * 1e3))
  for _, list in pairs(clients) do
    for _, client in ipairs(list) do client:close() end
  end
end

local function main()
  local authority = certificates.new()
  local good = authority:issue("good", "IP:" .. ADDRESS, 2)
  local within = "ip netns exec service"
  local tally = { calls = 0, failed = 0 }
  print "milliseconds, medians     fresh  dropped     more  at most    alive    again"
  for _, cert in ipairs { {}, good } do
    local service = emulator.start { host = ADDRESS, within = within, cert = cert.cert, cert_key = cert.key }
    local over = cert.cert and "TLS" or "plain"
    scene(over .. ", blocking", service, authority, function(fn) fn() end, tally)
    scene(over .. ", in a task", service, authority, async.run, tally)
    local seen = #service.log(tally.calls)
    if seen ~= tally.calls then
      tally.failed = tally.failed + 1
      print(("%d calls, of which the service saw %d"):format(tally.calls, seen))
    end
    tally.calls = 0
    service.stop()
  end
  authority:remove()
  print(("%d passed, %d failed"):format(tally.failed == 0 and 1 or 0, tally.failed))
  os.exit(tally.failed == 0 and 0 or 1, true)
end

main()
