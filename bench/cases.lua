--- What is measured: for each name of BENCH= the contests, with their contestants, metrics and targets.
--
-- A metric is a cost: less is better. A target says what the cost of `name` may be at most: so many times that of `base`, or
-- a number of the metric's unit (after taking off the cost of `minus`).

local hosts = require "bench.hosts"

local cases = { names = { "decode", "invoke", "sse", "sign", "cold", "stream", "paced", "many", "call", "document", "json",
  "load", "growth", "poll", "frame", "nginx" } }

-- A command of our own on one of the Luas, with the module as it is built for it.
local function ours(env, lua, script)
  return ("env LUA_CPATH='%s/%s/?.so;;' %s %s/bench/ours/%s"):format(env.build, lua, lua == "luajit" and "luajit" or "lua" .. lua,
    env.root, script)
end

local function node(env, script)
  return ("node --no-warnings %s/npm/%s"):format(env.dir, script)
end

local function python(env, script)
  return ("%s %s/bench/peers/%s"):format(env.python, env.root, script)
end

local function file(env, name)
  return env.data .. "/" .. name
end

-- Microseconds of CPU for one of `count` things.
local function micros_each(name, count)
  return { name = name, unit = "µs of CPU", of = function(sample) return sample.cpu * 1e6 / count end }
end

local function cpu_millis(name)
  return { name = name, unit = "ms of CPU", of = function(sample) return sample.cpu * 1e3 end }
end

local function wall_millis(name)
  return { name = name, unit = "ms", of = function(sample) return sample.wall * 1e3 end }
end

local function mebibytes(name)
  return { name = name, unit = "MiB", of = function(sample) return sample.rss / 1024 end }
end

local function a_fraction(got)
  return got < 1 and ("1/%.1f"):format(1 / got) or ("%.2f times"):format(got)
end

---- Streams from memory

function cases.decode(env)
  local count = 100000
  local path = file(env, "converse-" .. count .. ".bin")
  local args = path .. " " .. count
  return { {
    title = "decode: 100,000 events of ConverseStream from memory, 16 KiB a read",
    contestants = {
      { name = "bedrock, decoder", pass = ours(env, "5.4", "decode.lua decoder " .. args) },
      { name = "bedrock, decoder (LuaJIT)", pass = ours(env, "luajit", "decode.lua decoder " .. args) },
      { name = "bedrock, stream:events()", pass = ours(env, "5.4", "decode.lua events " .. args) },
      { name = "bedrock, stream:events() (LuaJIT)", pass = ours(env, "luajit", "decode.lua events " .. args) },
      { name = "lua-cjson, payloads only", pass = ours(env, "5.4", ("cjson.lua %s %d"):format(file(env,
        "converse-100000.jsonl"), count)) },
      { name = "aws-sdk-js", pass = node(env, "decode.mjs converse " .. args) },
      { name = "botocore", pass = python(env, "decode.py " .. args) },
    },
    metrics = { micros_each("an event", count) },
    targets = {
      { name = "bedrock, decoder", base = "aws-sdk-js", at_most = 1 / 9, says = "a ninth of aws-sdk-js", show = a_fraction },
      { name = "bedrock, decoder", base = "lua-cjson, payloads only", at_most = 1,
        says = "no more than lua-cjson takes for the payloads" },
      { name = "bedrock, stream:events()", base = "aws-sdk-js", at_most = 1 / 9, says = "stream:events(), too",
        show = a_fraction },
      { name = "bedrock, decoder (LuaJIT)", base = "bedrock, decoder", at_most = 1, says = "LuaJIT no slower" },
      { name = "bedrock, stream:events() (LuaJIT)", base = "bedrock, stream:events()", at_most = 1, says = "LuaJIT no slower" },
    },
  }, {
    title = "decode text: the same stream, only its text",
    contestants = {
      { name = "bedrock, stream:text()", pass = ours(env, "5.4", "decode.lua text " .. args) },
      { name = "bedrock, stream:text() (LuaJIT)", pass = ours(env, "luajit", "decode.lua text " .. args) },
      { name = "aws-sdk-js", pass = node(env, "decode.mjs text " .. args) },
    },
    metrics = { micros_each("an event", count) },
    targets = {
      { name = "bedrock, stream:text()", base = "aws-sdk-js", at_most = 1 / 35, says = "a thirty-fifth of aws-sdk-js",
        show = a_fraction },
      { name = "bedrock, stream:text() (LuaJIT)", base = "bedrock, stream:text()", at_most = 1, says = "LuaJIT no slower" },
    },
  }, {
    title = "decode frames: checksums and headers, no values",
    contestants = {
      { name = "bedrock, C core", pass = ("%s/frames %s"):format(env.dir, args) },
      { name = "@smithy/eventstream-codec", pass = node(env, "decode.mjs frames " .. args) },
    },
    metrics = { micros_each("a frame", count) },
    targets = { { name = "bedrock, C core", at_most = 0.1, says = "10 million a second",
      show = function(got) return ("%.1f million"):format(1 / got) end } },
  } }
end

function cases.invoke(env)
  local count = 100000
  local args = file(env, "messages-100000.bin") .. " " .. count
  return { {
    title = "invoke: 100,000 chunks of InvokeModelWithResponseStream: frame, base64, JSON inside",
    contestants = {
      { name = "bedrock, decoder", pass = ours(env, "5.4", "decode.lua chunks " .. args) },
      { name = "bedrock, decoder (LuaJIT)", pass = ours(env, "luajit", "decode.lua chunks " .. args) },
      { name = "bedrock, stream:events()", pass = ours(env, "5.4", "decode.lua messages " .. args) },
      { name = "bedrock, stream:text()", pass = ours(env, "5.4", "decode.lua message_text " .. args) },
      { name = "aws-sdk-js and JSON.parse", pass = node(env, "decode.mjs invoke " .. args) },
      { name = "Anthropic's SDK", pass = node(env, "decode.mjs anthropic " .. args) },
    },
    metrics = { micros_each("an event", count) },
    targets = {
      { name = "bedrock, decoder", base = "aws-sdk-js and JSON.parse", at_most = 1 / 7, says = "a seventh of aws-sdk-js",
        show = a_fraction },
      { name = "bedrock, decoder", base = "Anthropic's SDK", at_most = 1 / 14, says = "a fourteenth of Anthropic's SDK",
        show = a_fraction },
      { name = "bedrock, stream:events()", base = "Anthropic's SDK", at_most = 1 / 14, says = "stream:events(), too",
        show = a_fraction },
      { name = "bedrock, decoder (LuaJIT)", base = "bedrock, decoder", at_most = 1, says = "LuaJIT no slower" },
    },
  } }
end

function cases.sse(env)
  local count = 100000
  local args = file(env, "sse-100000.bin") .. " " .. count
  return { {
    title = "sse: 100,000 server-sent events of a Messages API",
    contestants = {
      { name = "bedrock, decoder", pass = ours(env, "5.4", "decode.lua sse " .. args) },
      { name = "bedrock, decoder (LuaJIT)", pass = ours(env, "luajit", "decode.lua sse " .. args) },
      { name = "bedrock, stream:events()", pass = ours(env, "5.4", "decode.lua sse_events " .. args) },
      { name = "Anthropic's SDK", pass = node(env, "decode.mjs sse " .. args) },
    },
    metrics = { micros_each("an event", count) },
    targets = {
      { name = "bedrock, decoder", base = "Anthropic's SDK", at_most = 1 / 2, says = "half of Anthropic's SDK",
        show = a_fraction },
      { name = "bedrock, stream:events()", base = "Anthropic's SDK", at_most = 1, says = "stream:events() no slower",
        show = a_fraction },
    },
  }, {
    title = "sse text: the same stream, only its text",
    contestants = {
      { name = "bedrock, stream:text()", pass = ours(env, "5.4", "decode.lua sse_text " .. args) },
      { name = "Anthropic's SDK", pass = node(env, "decode.mjs sse_text " .. args) },
    },
    metrics = { micros_each("an event", count) },
    targets = {
      { name = "bedrock, stream:text()", base = "Anthropic's SDK", at_most = 1 / 2, says = "half of Anthropic's SDK",
        show = a_fraction },
    },
  } }
end

---- Signing

local function openssl_speed(bytes)
  return ("sh -c 'openssl speed -mr -seconds 1 -bytes %d -evp sha256 2>/dev/null'"):format(bytes)
end

-- Seconds that openssl takes to hash 20 MiB, from its own report.
local function hashing(bytes)
  local pipe = assert(io.popen(openssl_speed(bytes)))
  local rate = pipe:read("a"):match("%+F:%d+:[^:]*:(%d+%.?%d*)")
  pipe:close()
  return bytes / tonumber(rate)
end

function cases.sign(env)
  local many, few, large = 20000, 40, 20 * 2 ^ 20 // 1
  return { {
    title = "sign: 1 KiB with a session token, key cached",
    contestants = {
      { name = "bedrock, signer.sign", pass = ours(env, "5.4", "sign.lua signer 1024 " .. many) },
      { name = "bedrock, signer.sign (LuaJIT)", pass = ours(env, "luajit", "sign.lua signer 1024 " .. many) },
      { name = "bedrock, core.sigv4", pass = ours(env, "5.4", "sign.lua core 1024 " .. many) },
      { name = "@smithy/signature-v4", pass = node(env, "sign.mjs 1024 " .. many) },
      { name = "botocore", pass = python(env, "sign.py 1024 " .. many) },
    },
    metrics = { micros_each("a request", many) },
    targets = {
      { name = "bedrock, signer.sign", base = "@smithy/signature-v4", at_most = 1 / 10, says = "a tenth of smithy",
        show = a_fraction },
      { name = "bedrock, signer.sign", at_most = 5, says = "5 µs or less" },
      { name = "bedrock, signer.sign (LuaJIT)", base = "bedrock, signer.sign", at_most = 1, says = "LuaJIT no slower" },
    },
  }, {
    title = "sign: a body of 20 MiB",
    contestants = {
      -- As openssl does, the same bytes again and again for about a second.
      { name = "bedrock, signer.sign", pass = ours(env, "5.4", ("sign.lua signer %d %d"):format(large, few)) },
      { name = "bedrock, core.crypto.sha256", pass = ours(env, "5.4", ("sign.lua digest %d %d"):format(large, few)) },
      { name = "openssl speed, SHA-256", measure = function() return { cpu = few * hashing(large) } end },
    },
    metrics = { { name = "a request", unit = "ms of CPU", of = function(sample) return sample.cpu * 1e3 / few end } },
    targets = { { name = "bedrock, signer.sign", base = "openssl speed, SHA-256", at_most = 1.05,
      says = "within 5% of openssl's SHA-256" } },
  } }
end

---- Streams over a socket

local function curl(env, path)
  local url = ("http://127.0.0.1:%d/model/%s/converse-stream"):format(env.port, path)
  return "curl -sN -o /dev/null -X POST -H 'Content-Type: application/json' -d '{}' " .. url
end

local function streams(env, name, again)
  local args = ("%s %d%s"):format(name, env.port, again and " again" or "")
  local kind = again and "pass" or "process"
  return {
    { name = "bedrock", [kind] = ours(env, "5.4", "stream.lua " .. args) },
    { name = "bedrock (LuaJIT)", [kind] = ours(env, "luajit", "stream.lua " .. args) },
    { name = "aws-sdk-js", [kind] = node(env, "stream.mjs " .. args) },
    { name = "botocore", [kind] = python(env, "stream.py " .. args) },
  }
end

function cases.cold(env)
  local contestants = streams(env, "burst-converse-20")
  -- curl writes what comes, so that its first byte is seen.
  table.insert(contestants, 1, { name = "curl", process = (curl(env, "burst-converse-20"):gsub("-o /dev/null ", "")) })
  return { {
    title = "cold: from exec to the request and to the first event",
    rounds = 15, contestants = contestants,
    metrics = {
      { name = "to the request", unit = "ms", of = function(sample) return sample.request * 1e3 end },
      { name = "to the first event", unit = "ms", of = function(sample) return sample.first * 1e3 end },
      cpu_millis "whole process", mebibytes "resident",
    },
    targets = {
      { name = "bedrock", base = "curl", at_most = 1.3, says = "to the request: 1.3 times curl" },
      { name = "bedrock", base = "curl", metric = "to the first event", at_most = 1.3,
        says = "to the first event: 1.3 times curl" },
      { name = "bedrock", base = "aws-sdk-js", metric = "to the first event", at_most = 1 / 10,
        says = "a tenth of aws-sdk-js", show = a_fraction },
    },
  } }
end

function cases.stream(env)
  local count = 20000
  local name = "burst-converse-" .. count
  local whole = streams(env, name)
  table.insert(whole, 1, { name = "curl -N to /dev/null", process = curl(env, name) })
  local metric = { name = "a thousand events", unit = "ms of CPU", of = function(sample) return sample.cpu * 1e6 / count end }
  return { {
    title = "stream: 20,000 events over a socket, a chunk each, whole processes", contestants = whole, metrics = { metric },
    rounds = 9,
    targets = {
      { name = "bedrock", base = "curl -N to /dev/null", at_most = 2.5, says = "2.5 times curl" },
      { name = "bedrock", base = "aws-sdk-js", at_most = 1 / 7, says = "a seventh of aws-sdk-js", show = a_fraction },
      { name = "bedrock (LuaJIT)", base = "bedrock", at_most = 1, says = "LuaJIT no slower" },
    },
  }, {
    title = "stream, warm: the same once more in a process that has done it", contestants = streams(env, name, true),
    metrics = { metric }, rounds = 7,
    targets = { { name = "bedrock", base = "aws-sdk-js", at_most = 1 / 7, says = "a seventh of aws-sdk-js", show = a_fraction } },
  } }
end

function cases.paced(env)
  local count = 3000
  local name = "paced-1000-converse-" .. count
  local whole = streams(env, name)
  table.insert(whole, 1, { name = "curl -N to /dev/null", process = curl(env, name) })
  return { {
    title = "paced: one event a millisecond, whole processes", contestants = whole, metrics = { micros_each("an event", count) },
    targets = {
      { name = "bedrock", base = "curl -N to /dev/null", at_most = 1.6, says = "1.6 times curl" },
      { name = "bedrock", base = "botocore", at_most = 1 / 2, says = "half of botocore", show = a_fraction },
      { name = "bedrock (LuaJIT)", base = "bedrock", at_most = 1, says = "LuaJIT no slower" },
    },
  } }
end

local function curl_parallel(env, path, streams_)
  local list = os.tmpname()
  local f = assert(io.open(list, "w"))
  for _ = 1, streams_ do
    f:write(("url = \"http://127.0.0.1:%d/model/%s/converse-stream\"\noutput = \"/dev/null\"\n"):format(env.port, path))
  end
  f:close()
  return ("curl -sSNZ --no-progress-meter --parallel-immediate --parallel-max %d -X POST -d '{}' -K %s"):format(streams_, list)
end

function cases.many(env)
  local path, count = "paced-10000-converse-200", 200
  return { {
    title = "many: 200 streams at once, one event each 10 ms, whole processes", rounds = 5,
    contestants = {
      { name = "curl -Z", process = curl_parallel(env, path, count) },
      { name = "bedrock", process = ours(env, "5.4", ("many.lua %s %d %d"):format(path, env.port, count)) },
      { name = "bedrock (LuaJIT)", process = ours(env, "luajit", ("many.lua %s %d %d"):format(path, env.port, count)) },
    },
    metrics = { micros_each("an event", 200 * count), mebibytes "resident" },
    targets = {
      { name = "bedrock", base = "curl -Z", at_most = 1.5, says = "1.5 times curl -Z" },
      { name = "bedrock", metric = "resident", at_most = 25, says = "25 MiB resident" },
      { name = "bedrock (LuaJIT)", base = "bedrock", at_most = 1, says = "LuaJIT no slower" },
    },
  } }
end

---- Calls

function cases.call(env)
  local calls = 500
  local args = ("%d %d"):format(env.port, calls)
  return { {
    title = "call: a small Converse call, warm",
    contestants = {
      { name = "bedrock", pass = ours(env, "5.4", "call.lua " .. args) },
      { name = "bedrock (LuaJIT)", pass = ours(env, "luajit", "call.lua " .. args) },
      { name = "aws-sdk-js", pass = node(env, "call.mjs " .. args) },
      { name = "botocore", pass = python(env, "call.py " .. args) },
    },
    metrics = { micros_each("a call", calls) },
    targets = {
      { name = "bedrock", base = "botocore", at_most = 1 / 5, says = "a fifth of botocore", show = a_fraction },
      { name = "bedrock (LuaJIT)", base = "bedrock", at_most = 1, says = "LuaJIT no slower" },
    },
  } }
end

function cases.document(env)
  local args = ("%s %d"):format(file(env, "document.pdf"), env.port)
  return { {
    title = "document: a PDF of 15 MB from the file to the socket, signed, whole processes", rounds = 9,
    contestants = {
      { name = "bedrock", process = ours(env, "5.4", "document.lua " .. args) },
      { name = "bedrock (LuaJIT)", process = ours(env, "luajit", "document.lua " .. args) },
      { name = "aws-sdk-js", process = node(env, "document.mjs " .. args) },
    },
    metrics = { wall_millis "in all", cpu_millis "whole process", mebibytes "resident" },
    targets = {
      { name = "bedrock", at_most = 37.5, says = "400 MB of file a second, start of the process included",
        show = function(got) return ("%.0f MB a second"):format(15e3 / got) end },
      { name = "bedrock", metric = "resident", at_most = 14.3 + 19.1 + 14,
        says = "file and base64 in memory (and 14 MiB for the program)" },
    },
  } }
end

---- JSON

local function json_contest(env, way, document, bytes)
  local path, times = file(env, document .. ".json"), math.max(1, 4000000 // bytes)
  local function contestant(who, lua)
    return ours(env, lua, ("json.lua %s %s %s %d"):format(who, way, path, times))
  end
  return {
    title = ("json: %s of %s (%d bytes)"):format(way, document, bytes), rounds = 7,
    contestants = {
      { name = "bedrock", pass = contestant("bedrock", "5.4") },
      { name = "lua-cjson", pass = contestant("cjson", "5.4") },
    },
    metrics = { { name = "a megabyte", unit = "ms of CPU", of = function(s) return s.cpu * 1e3 / (times * bytes / 1e6) end } },
    targets = { { name = "bedrock", base = "lua-cjson", at_most = 1,
      says = way == "decode" and "as fast as lua-cjson" or "sorted, as fast as lua-cjson unsorted" } },
  }
end

function cases.json(env)
  local contests = {}
  for _, document in ipairs { "conversation", "embedding", "models" } do
    local f = assert(io.open(file(env, document .. ".json"), "rb"))
    local bytes = f:seek "end"
    f:close()
    for _, way in ipairs { "decode", "encode" } do contests[#contests + 1] = json_contest(env, way, document, bytes) end
  end
  return contests
end

---- Loading

function cases.load(env)
  local function lua(script)
    return ("env LUA_CPATH='%s/5.4/?.so;;' lua5.4 -e \"%s\""):format(env.build, script)
  end
  return { {
    title = "load: require \"bedrock\"", rounds = 25,
    contestants = {
      { name = "lua5.4 alone", process = lua "" },
      { name = "require \"bedrock\"", process = lua "require [[bedrock]]" },
      { name = "libcrypto and libcurl, by our two objects", process = lua "require [[bedrock.core]] require [[bedrock.curl]]" },
      { name = "bedrock.new", process = lua "require([[bedrock]]).new { region = [[us-east-1]] }" },
    },
    metrics = { wall_millis "in all", cpu_millis "whole process", mebibytes "resident" },
    targets = {
      { name = "require \"bedrock\"", minus = "lua5.4 alone", at_most = 3, says = "3 ms over Lua alone" },
      { name = "require \"bedrock\"", minus = "lua5.4 alone", metric = "resident", at_most = 3, says = "3 MiB over Lua alone" },
    },
  } }
end

---- Growth

local function growth_of_events(env)
  local contestants = {}
  for _, count in ipairs { 10000, 100000, 1000000 } do
    contestants[#contestants + 1] = { name = count .. " events", count = count,
      pass = ours(env, "5.4", ("decode.lua events %s %d"):format(file(env, ("converse-%d.bin"):format(count)), count)) }
  end
  return {
    title = "growth: stream:events() of longer and longer answers", rounds = 3, contestants = contestants,
    metrics = { { name = "an event", unit = "µs of CPU", of = function(s,
      contestant) return s.cpu * 1e6 / contestant.count end } },
    targets = { { name = "1000000 events", base = "10000 events", at_most = 1.25, says = "in proportion" } },
  }
end

local function growth_of_streams(env)
  local path, contestants = "paced-10000-converse-200", {}
  for _, count in ipairs { 10, 100, 1000 } do
    contestants[#contestants + 1] = { name = count .. " streams", count = count,
      process = ours(env, "5.4", ("many.lua %s %d %d"):format(path, env.port, count)) }
  end
  return {
    title = "growth: more and more streams at once, one event each 10 ms", rounds = 3, contestants = contestants,
    metrics = {
      { name = "an event", unit = "µs of CPU", of = function(s, contestant) return s.cpu * 1e6 / (contestant.count * 200) end },
      mebibytes "resident",
    },
    targets = { { name = "1000 streams", base = "100 streams", at_most = 1.25, says = "in proportion" } },
  }
end

function cases.growth(env)
  return { growth_of_events(env), growth_of_streams(env) }
end

cases.poll, cases.frame, cases.nginx = hosts.poll, hosts.frame, hosts.nginx

return cases
