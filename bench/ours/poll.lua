--- poll.lua WHAT PORT STREAMS COUNT: COUNT turns of a loop that has nothing to do, with so many streams that are silent.
-- WHAT is step (loop:step(budget), as a game calls it each frame) or turn (and loop:fds() and loop:deadline(), as an
-- adapter needs them).

local async = require "bedrock.async"
local crowd = require "bench.ours.crowd"

local what, port, streams, count = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])

-- The first frame comes at once, the next one in an hour.
local loop, seen = async.loop(), crowd.counter()
local client = crowd.client(port)
for _ = 1, streams do loop:spawn(crowd.read, client, "paced-3600000000-converse-20", seen) end
while seen.events < streams do
  loop:step()
  async.block(0.001)
end

local function turn()
  loop:step(0.002)
  if what == "turn" then
    loop:deadline()
    loop:fds()
  end
end

require "bench.contestant"(function()
  for _ = 1, count do turn() end
  assert(seen.events == streams)
end)
