--- What a run of the benchmark needs: tools, peers and workloads under build/bench, a server, and the words of the machine.

local json = require "bedrock.json"
local workload = require "bench.workload"

local setup = {}

local function execute(command)
  if not os.execute(command) then error("failed: " .. command, 0) end
end

local function output(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local text = pipe:read "a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

---- Programs

local cc = "cc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra"

local function build_tools(dir)
  execute(("%s bench/tools/measure.c -o %s/measure"):format(cc, dir))
  execute(("%s bench/tools/server.c -o %s/server -lm"):format(cc, dir))
  execute(("%s bench/tools/crowd.c -o %s/crowd -lm"):format(cc, dir))
  local core = "src/core/eventstream.c src/core/crc32.c src/core/window.c src/core/buf.c"
  execute(("%s -Isrc/core bench/tools/frames.c %s -lcrypto -lz -o %s/frames"):format(cc, core, dir))
end

-- The JavaScript peers stand beside their modules, because that is where node looks for them.
local function install_npm(dir)
  local npm = dir .. "/npm"
  execute(("mkdir -p %s && cp bench/peers/package*.json bench/peers/*.mjs %s"):format(npm, npm))
  if os.execute(("cmp -s %s/package-lock.json %s/node_modules/.installed"):format(npm, npm)) then return end
  print "Installing the JavaScript peers from npm: @aws-sdk/client-bedrock-runtime, @anthropic-ai/bedrock-sdk, @smithy/..."
  execute(("cd %s && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error"):format(npm))
  execute(("cp %s/package-lock.json %s/node_modules/.installed"):format(npm, npm))
end

-- The newest botocore of the python3 of the path and Debian's own.
local function find_python()
  local best, newest = nil, ""
  for _, python in ipairs { "python3", "/usr/bin/python3" } do
    local version = output(python .. " -c 'import botocore; print(botocore.__version__)'")
    local padded = version:gsub("%d+", function(digits) return ("%06d"):format(digits) end)
    if padded > newest then best, newest = python, padded end
  end
  return best
end

---- Workloads

setup.files = { converse = { 20, 200, 3000, 10000, 20000, 100000, 1000000 }, messages = { 100000 }, sse = { 100000 } }

local function write_stream(dir, kind, count)
  local path = ("%s/%s-%d"):format(dir, kind, count)
  if exists(path .. ".bin") then return end
  local frames, payloads = workload[kind](count)
  write(path .. ".jsonl", table.concat(payloads, "\n") .. "\n")
  write(path .. ".bin", table.concat(frames))
end

local function write_workloads(dir)
  execute("mkdir -p " .. dir)
  for kind, counts in pairs(setup.files) do
    for _, count in ipairs(counts) do write_stream(dir, kind, count) end
  end
  local documents = { answer = workload.answer(), conversation = workload.conversation(1000000), embedding = workload.embedding(),
    models = workload.models() }
  for name, document in pairs(documents) do write(("%s/%s.json"):format(dir, name), json.encode(document)) end
  write(dir .. "/document.pdf", workload.pdf(15000000))
end

---- The server

-- It ends with this process.
local function start_server(env)
  local pipe = assert(io.popen(("exec %s/server %s"):format(env.dir, env.data), "r"))
  env.server = pipe
  return tonumber(pipe:read "l") or error "the server did not start"
end

---- The machine

local function first_line(command)
  return output(command):match("^[^\n]*")
end

local function machine()
  return {
    processor = output("sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1"), processors = tonumber(output "nproc"),
    system = output "sed -n 's/^PRETTY_NAME=\"\\(.*\\)\"/\\1/p' /etc/os-release",
    date = os.date "!%Y-%m-%d",
  }
end

local function npm_version(dir, name)
  return output(("sed -n 's/^  \"version\": \"\\(.*\\)\",/\\1/p' %s/npm/node_modules/%s/package.json"):format(dir, name))
end

local function versions(env)
  return {
    nginx = output("sh -c 'nginx -v 2>&1'"):match "nginx/(%S+)",
    lua = first_line "lua5.4 -v", luajit = first_line "luajit -v", node = output "node --version",
    curl = output("curl --version"):match("^curl (%S+)"), openssl = first_line "openssl version",
    ["lua-cjson"] = output("dpkg-query -W -f='${Version}' lua-cjson"),
    botocore = env.python and output(env.python .. " -c 'import botocore; print(botocore.__version__)'"),
    ["@aws-sdk/client-bedrock-runtime"] = npm_version(env.dir, "@aws-sdk/client-bedrock-runtime"),
    ["@anthropic-ai/bedrock-sdk"] = npm_version(env.dir, "@anthropic-ai/bedrock-sdk"),
    ["@smithy/eventstream-codec"] = npm_version(env.dir, "@smithy/eventstream-codec"),
    ["@smithy/signature-v4"] = npm_version(env.dir, "@smithy/signature-v4"),
  }
end

-- What the contestants see of this process's surroundings: no account, and the module of this checkout.
local function shell(root)
  return table.concat({
    "env -u AWS_PROFILE -u AWS_BEARER_TOKEN_BEDROCK -u LUA_PATH_5_4 -u LUA_CPATH_5_4",
    "AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_REGION=us-east-1",
    ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;'"):format(root, root, root),
  }, " ")
end

--- Builds, installs and writes what is not there yet, and starts the server.
---@return table env
function setup.all()
  local root = output "pwd"
  local build = os.getenv "BUILD" or "build"
  local env = { root = root, dir = ("%s/%s/bench"):format(root, build), build = ("%s/%s"):format(root, build) }
  env.data, env.shell = env.dir .. "/data", shell(root)
  env.measure = env.dir .. "/measure"
  execute("mkdir -p " .. env.dir)
  build_tools(env.dir)
  install_npm(env.dir)
  write_workloads(env.data)
  env.python = find_python()
  env.port = start_server(env)
  env.machine, env.versions = machine(), versions(env)
  return env
end

return setup
