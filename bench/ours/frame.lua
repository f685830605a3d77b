--- frame.lua PORT FRAMES [COLLECTOR]: so many frames of a game, one a millisecond, with a stream that gives an event a
-- millisecond. COLLECTOR is "small" to have Lua 5.4 collect in small steps, as who counts frames would.
--
-- Each frame is loop:step(0.002), as README has it for LÖVE. What it took is noted twice: by the clock on the wall, which goes
-- on while the machine does something else, and in CPU of this process, which is what the library is answerable for; the
-- collector's work is in it. Between two frames as much time is spent on counting, and noted in the same way: what the
-- machine does to a program that does nothing. Answers with one line of `name=value`: microseconds, and bytes.

local async = require "bedrock.async"
local crowd = require "bench.ours.crowd"
local now = require("bedrock.system").monotonic
local poll = require("bedrock.curl").poll

local port, frames, collector = arg[1], tonumber(arg[2]), arg[3]
local NOTHING = {}

if collector == "small" then collectgarbage("incremental", 200, 25, 10) end

local client, loop, seen = crowd.client(port), async.loop(), crowd.counter()

-- There is always a stream: the next one follows the one that has ended.
local function keep_alive()
  while true do crowd.read_text(client, "paced-1000-converse-3000", seen) end
end

loop:spawn(keep_alive)
while seen.events < 10 do
  loop:step()
  async.block(0.001)
end

---- Counts by whole microseconds: sparse, so that the collector has no large table to walk through

local function note(counts, seconds)
  local micros = math.floor(seconds * 1e6)
  counts[micros] = (counts[micros] or 0) + 1
end

-- The microseconds that no more than such a part of the frames have exceeded.
local function percentile(counts, part)
  local values, left = {}, math.floor(frames * (1 - part))
  for micros in pairs(counts) do values[#values + 1] = micros end
  table.sort(values, function(a, b) return a > b end)
  for _, micros in ipairs(values) do
    left = left - counts[micros]
    if left < 0 then return micros end
  end
end

---- Frames

local wall, cpu, idle = {}, {}, {}

local function frame()
  local at, used = now(), os.clock()
  loop:step(0.002)
  note(cpu, os.clock() - used)
  note(wall, now() - at)
end

-- Twenty microseconds, as a frame has them.
local function count()
  local used = os.clock()
  local stop = now() + 20e-6
  while now() < stop do end
  note(idle, os.clock() - used)
end

local function run()
  local due = now()
  for _ = 1, frames do
    frame()
    count()
    due = math.max(due + 0.001, now())
    poll(NOTHING, due - now())
  end
end

-- With the collector at rest, everything that a frame leaves behind can be seen.
local function garbage_a_frame(times)
  collectgarbage()
  collectgarbage("stop")
  local kibibytes, events = 0, seen.events
  for _ = 1, times do
    local before = collectgarbage("count")
    loop:step(0.002)
    kibibytes = kibibytes + collectgarbage("count") - before
    poll(NOTHING, 0.001)
  end
  collectgarbage("restart")
  assert(seen.events > events)
  return math.floor(kibibytes * 1024 / times)
end

local before = seen.events
run()
assert(seen.events - before > frames / 2, "the stream did not keep pace with the frames")
local line = {}
for name, counts in pairs { wall = wall, cpu = cpu, idle = idle } do
  for label, part in pairs { half = 0.5, thousandth = 0.999, most = 1 } do
    line[#line + 1] = ("%s_%s=%d"):format(name, label, percentile(counts, part))
  end
end
print(table.concat(line, " ") .. " garbage=" .. garbage_a_frame(1000))
