--- What is measured of the hosts: a turn of the loop that has nothing to do, a game's frames, and an nginx worker that carries
-- a thousand streams. The cases are of the form that bench/cases.lua has.

local nginx = require "spec.support.nginx"

local hosts = {}

local function ours(env, lua, script)
  return ("env LUA_CPATH='%s/%s/?.so;;' %s %s/bench/ours/%s"):format(env.build, lua, lua == "luajit" and "luajit" or "lua" .. lua,
    env.root, script)
end

-- The sample in a program's line of `name=value`.
local function values_of(command)
  local line = nginx.output(command)
  local sample = {}
  for name, value in line:gmatch "(%S+)=(%S+)" do sample[name] = tonumber(value) end
  if next(sample) == nil then error(command .. " said: " .. line) end
  return sample
end

local function metric(name, unit, field)
  return { name = name, unit = unit, of = function(sample) return sample[field] end }
end

---- Nothing to do

function hosts.poll(env)
  local count = 100000
  local function contestant(lua, what, streams)
    return ours(env, lua, ("poll.lua %s %d %d %d"):format(what, env.port, streams, count))
  end
  return { {
    title = "poll: a turn of the loop with nothing to do",
    contestants = {
      { name = "loop:step, a silent stream", pass = contestant("5.4", "step", 1) },
      { name = "loop:step, a silent stream (LuaJIT)", pass = contestant("luajit", "step", 1) },
      { name = "loop:step, 1,000 silent streams", pass = contestant("5.4", "step", 1000) },
      { name = "loop:step, no stream", pass = contestant("5.4", "step", 0) },
      { name = "an adapter's turn, a silent stream", pass = contestant("5.4", "turn", 1) },
    },
    metrics = { { name = "a turn", unit = "µs of CPU", of = function(sample) return sample.cpu * 1e6 / count end } },
    targets = {
      { name = "loop:step, a silent stream", at_most = 5, says = "5 µs or less" },
      { name = "loop:step, a silent stream (LuaJIT)", at_most = 5, says = "on LuaJIT, too" },
      { name = "loop:step, 1,000 silent streams", at_most = 5, says = "however many are silent" },
      { name = "an adapter's turn, a silent stream", at_most = 5, says = "with what an adapter asks, too" },
    },
  } }
end

---- Frames

function hosts.frame(env)
  local function frames(lua, collector)
    return function()
      return values_of(("%s %s"):format(env.shell, ours(env, lua, ("frame.lua %d 100000 %s"):format(env.port, collector))))
    end
  end
  return { {
    title = "frame: loop:step(0.002) 100,000 times with a live stream, an event a millisecond",
    rounds = 1, warm_up = false,
    contestants = {
      { name = "bedrock (LuaJIT)", measure = frames("luajit", "") },
      { name = "bedrock, small collector steps", measure = frames("5.4", "small") },
    },
    metrics = {
      metric("99.9th percentile", "µs", "wall_thousandth"),
      metric("median", "µs", "wall_half"),
      metric("longest", "µs", "wall_most"),
      metric("99.9th percentile, on the processor", "µs of CPU", "cpu_thousandth"),
      metric("longest, on the processor", "µs of CPU", "cpu_most"),
      metric("longest, 20 µs of counting instead", "µs of CPU", "idle_most"),
      metric("garbage a frame", "bytes", "garbage"),
    },
    targets = {
      { name = "bedrock (LuaJIT)", at_most = 300, says = "LuaJIT: 300 µs at the 99.9th percentile" },
      { name = "bedrock, small collector steps", at_most = 300, says = "Lua 5.4: 300 µs at the 99.9th percentile" },
      { name = "bedrock (LuaJIT)", metric = "longest, on the processor", at_most = 1000, says = "LuaJIT: no pause above 1 ms" },
      { name = "bedrock, small collector steps", metric = "longest, on the processor", at_most = 1000,
        says = "Lua 5.4: no pause above 1 ms" },
    },
  } }
end

---- nginx

local MODEL = "paced-50000-converse-3000" -- an event each 50 ms

local function location(path, what, code)
  return ("location %s { %s_by_lua_block { %s } }\n"):format(path, what, code)
end

local function start_nginx(env)
  return nginx.start {
    main = "worker_rlimit_nofile 8192;",
    -- So that new connections need not wait for a turn each when the worker is busy.
    events = "multi_accept on;",
    http = ("lua_check_client_abort on; init_by_lua_block { require('bench.ours.nginx').init(%d) }"):format(env.port),
    server = location("= /relay", "content", ("require('bench.ours.nginx').relay '%s'"):format(MODEL)) ..
      location("= /bare", "content", ("require('bench.ours.nginx').bare('%s')"):format(MODEL)) ..
      location("= /plain", "content", "ngx.say 'hello'") ..
      ("location /model/ { proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1; proxy_buffering off; }"):format(env.port),
  }
end

-- A worker of its own for each sample, so that memory begins where it is for a worker that has served a little.
local function crowd(env, path, mark)
  return function()
    local host = start_nginx(env)
    local command = ("%s/crowd %d %s %q 50000 %%d %%d /plain %s"):format(env.dir, host.port, path, mark, host:workers())
    values_of(command:format(20, 1))
    local sample = values_of(command:format(1000, 20))
    local errors = host:errors():match "%[error%][^\n]*"
    host:stop()
    assert(not errors, errors)
    assert(sample.ended == 0, "some streams ended early")
    return sample
  end
end

function hosts.nginx(env)
  return { {
    title = "nginx: a worker carries 1,000 streams, 20 events a second each, and answers other requests",
    rounds = 3, warm_up = false,
    contestants = {
      { name = "bedrock", measure = crowd(env, "/relay", "data: ") },
      { name = "cosockets, bytes unread", measure = crowd(env, "/bare", ":event-type") },
      { name = "nginx, proxy_pass", measure = crowd(env, "/model/" .. MODEL .. "/x", ":event-type") },
    },
    metrics = {
      metric("events late, 99th percentile", "ms", "late_hundredth"),
      metric("events late, median", "ms", "late_half"),
      metric("other requests, 99th percentile", "ms", "plain_hundredth"),
      metric("other requests, median", "ms", "plain_half"),
      metric("memory a stream", "KiB", "memory"),
      metric("worker on a processor", "%", "ran"),
      metric("worker waits for a processor", "%", "queued"),
      metric("readers on a processor", "%", "crowd"),
    },
    targets = {
      { name = "bedrock", at_most = 100, says = "no event later than 100 ms at the 99th percentile" },
      { name = "bedrock", metric = "other requests, 99th percentile", at_most = 100, says = "other requests, too" },
      { name = "bedrock", metric = "memory a stream", at_most = 64, says = "64 KiB a stream" },
    },
  } }
end

return hosts
