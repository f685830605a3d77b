--- `bedrock emulate`: the local Bedrock as a command.

local faults = require("bedrock.emulator.faults")
local model = require("bedrock.emulator.model")

local emulate = { summary = "run a local Bedrock for demonstrations and tests" }

local function fault_list()
  local lines = {}
  for _, row in ipairs(faults.rows) do
    lines[#lines + 1] = ("  %-26s %s"):format(row[1] .. row[3], row[5])
  end
  return table.concat(lines, "\n")
end

local function directive_list()
  local lines = {}
  for _, row in ipairs(model.directives) do
    lines[#lines + 1] = ("  %-26s %s"):format(("@%s %s"):format(row[1], row[2]), row[3])
  end
  return table.concat(lines, "\n")
end

local function help()
  return [[
usage: bedrock emulate [options] [-- COMMAND ...]

Runs a local Bedrock over real sockets, with signatures checked: the runtime operations, models, profiles, guardrails,
invocation logging, batch jobs and asynchronous calls with the S3 they need, STS, and the Messages paths of bedrock-runtime,
bedrock-mantle and Claude Platform on AWS. Every other operation of the control plane answers with how its request was understood.
With a command it runs for as long as that does, which finds it and the keys in its environment:

  bedrock emulate --fault throttle:1 -- lua myprogram.lua

  --port N              the port (0, the default, takes a free one)
  --port-file FILE      write the port there once it listens
  --host ADDRESS        127.0.0.1 by default
  --key ID:SECRET       a further access key; may be repeated
  --token KEY           a further API key (bearer token); may be repeated
  --region NAME         refuse signatures for any other region
  --pace MS             milliseconds between two events of a stream (20)
  --fault SPEC          fail on purpose, see below; may be repeated
  --cert PEM            speak TLS with this certificate
  --cert-key PEM        and this key (else the certificate's file holds it)
  --log FILE            write a line of JSON there for every request
  --exit-on-eof         end when standard input closes
  --quiet               say nothing

Faults, for all requests by --fault, for one by the header x-emulator-fault. Behind a fault, *N means only the first N
requests and @OPERATION only that operation; commas join several.

]] .. fault_list() .. [[


Lines of the last user message that begin with @ steer the answer:

]] .. directive_list() .. "\n"
end

local function add(list, value)
  list[#list + 1] = value
end

local function add_key(options, value)
  local id, secret = value:match("^([^:]+):(.+)$")
  if not id then error("--key wants ID:SECRET", 0) end
  options.keys[id] = secret
end

local function number(name, value)
  return tonumber(value) or error(name .. " wants a number, not " .. value, 0)
end

-- One row an option: what its value does.
local with_value = {
  ["--port"] = function(o, v) o.port = math.floor(number("--port", v)) end,
  ["--port-file"] = function(o, v) o.port_file = v end,
  ["--host"] = function(o, v) o.host = v end,
  ["--key"] = add_key,
  ["--token"] = function(o, v) add(o.tokens, v) end,
  ["--region"] = function(o, v) o.region = v end,
  ["--pace"] = function(o, v) o.pace = number("--pace", v) / 1000 end,
  ["--fault"] = function(o, v) add(o.fault_list, v) end,
  ["--cert"] = function(o, v) o.cert = v end,
  ["--cert-key"] = function(o, v) o.cert_key = v end,
  ["--log"] = function(o, v) o.log_file = v end,
}

local flags = { ["--exit-on-eof"] = "exit_on_eof", ["--quiet"] = "quiet" }

local function parse(arguments)
  local options = { keys = {}, tokens = {}, fault_list = {} }
  local i = 1
  while i <= #arguments do
    local name, joined = arguments[i]:match("^(%-%-[%a-]+)=(.*)$")
    name = name or arguments[i]
    if flags[name] then
      options[flags[name]] = true
    elseif with_value[name] then
      if not joined then i = i + 1 end
      local value = joined or arguments[i] or error(name .. " wants a value", 0)
      with_value[name](options, value)
    else
      error("unknown option: " .. name, 0)
    end
    i = i + 1
  end
  options.faults = table.concat(options.fault_list, ",")
  return options
end

local function log_to(path)
  local json = require("bedrock.emulator.json")
  local file = assert(io.open(path, "w"))
  file:setvbuf("line")
  return function(record) file:write(json.encode(record), "\n") end
end

-- The port appears all at once: a reader never sees half of it.
local function tell_port(path, port)
  local file = assert(io.open(path .. ".new", "w"))
  file:write(port, "\n")
  file:close()
  assert(os.rename(path .. ".new", path))
end

local function greet(running, emulator)
  io.write(([[
Bedrock emulator on %s (stop it with Ctrl-C)

  export AWS_ENDPOINT_URL=%s AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s

or, instead of the two keys: export AWS_BEARER_TOKEN_BEDROCK=%s
These keys are throw-away examples; nothing leaves this machine.
]]):format(running.url, running.url, emulator.ACCESS_KEY_ID, emulator.SECRET_ACCESS_KEY, emulator.API_KEY))
  io.flush()
end

local function stop_at_end_of_input(running)
  local cqueues = require("cqueues")
  repeat
    cqueues.poll({ pollfd = 0, events = "r" })
  until not io.stdin:read(1)
  running:stop()
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function joined(words)
  local list = {}
  for i, word in ipairs(words) do list[i] = quoted(word) end
  return table.concat(list, " ")
end

-- The arguments before and behind the `--`.
local function split(arguments)
  for i, word in ipairs(arguments) do
    if word == "--" then return { table.unpack(arguments, 1, i - 1) }, { table.unpack(arguments, i + 1) } end
  end
  return arguments
end

local function wait_for_port(path)
  for _ = 1, 200 do
    local file = io.open(path)
    if file then
      local port = file:read("n")
      file:close()
      return port
    end
    require("cqueues").sleep(0.05)
  end
  error("the emulator did not start", 0)
end

-- The emulator as a process of its own that ends with this one, and the command beside it with its address and keys.
local function run_beside(arguments, command)
  local base = os.tmpname()
  local options = parse(arguments)
  local child = assert(io.popen(("exec lua5.4 %s emulate --quiet --exit-on-eof --port-file %s.port %s"):format(
    quoted(arg[0]), base, joined(arguments)), "w"))
  local port = wait_for_port(base .. ".port")
  local emulator = require("bedrock.emulator")
  local scheme = options.cert and "https" or "http"
  local _, _, status = os.execute(("env -u AWS_PROFILE -u AWS_SESSION_TOKEN -u AWS_BEARER_TOKEN_BEDROCK AWS_REGION=%s " ..
    "AWS_ENDPOINT_URL=%s://127.0.0.1:%d AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s %s"):format(
    options.region or "us-east-1", scheme, port, emulator.ACCESS_KEY_ID, emulator.SECRET_ACCESS_KEY, joined(command)))
  child:close()
  os.remove(base)
  os.remove(base .. ".port")
  return status
end

--- Runs the command.
---@param arguments string[]
---@return integer exit code
function emulate.run(arguments)
  if arguments[1] == "--help" or arguments[1] == "-h" then
    io.write(help())
    return 0
  end
  local own, command = split(arguments)
  if command then return run_beside(own, command) end
  local options = parse(arguments)
  if options.log_file then options.log = log_to(options.log_file) end
  local emulator = require("bedrock.emulator")
  local running = emulator.start(options)
  if options.port_file then tell_port(options.port_file, running.port) end
  if not options.quiet then greet(running, emulator) end
  if options.exit_on_eof then running:beside(stop_at_end_of_input, running) end
  running:run()
  return 0
end

return emulate
