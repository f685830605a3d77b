--- `bedrock emulate`: the local Bedrock as a command.
--
-- The emulator runs on Lua 5.4. On another Lua this command hands over to one, so that it works from any tree.

local IS_LUA_54 = _VERSION == "Lua 5.4"

local command = require "bedrock.emulator.command"

-- The emulator is written on parts of others, which the rest of the library does without.
local function missing_part()
  for _, name in ipairs { "cqueues", "openssl.digest", "zlib", "cjson" } do
    if not pcall(require, name) then return name end
  end
end

local missing = IS_LUA_54 and missing_part()
local is_whole = IS_LUA_54 and not missing
local faults = is_whole and require("bedrock.emulator.faults")
local model = is_whole and require("bedrock.emulator.model")

local emulate = { name = "emulate", summary = "run a local Bedrock for demonstrations and tests" }

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

emulate.about = [[
Runs a local Bedrock over real sockets, with signatures checked: the runtime operations, models, profiles, guardrails,
invocation logging, batch jobs and asynchronous calls with the S3 they need, STS, and the Messages paths of
bedrock-runtime, bedrock-mantle and Claude Platform on AWS. Every other operation of the control plane answers with
how its request was understood. With a command it runs for as long as that does, which finds it and the keys in its
environment.]]
emulate.options = {
  { "--port", "N", "the port; 0 takes a free one", number = true, default = 0 },
  { "--port-file", "FILE", "write the port there once it listens" },
  { "--host", "ADDRESS", "the address to listen at", default = "127.0.0.1" },
  { "--key", "ID:SECRET", "a further access key; may be repeated", many = true },
  { "--token", "KEY", "a further API key (bearer token); may be repeated", many = true },
  { "--region", "NAME", "refuse signatures for any other region" },
  { "--pace", "MS", "milliseconds between two events of a stream", number = true, default = 20 },
  { "--fault", "SPEC", "fail on purpose, see below; may be repeated", many = true },
  { "--cert", "PEM", "speak TLS with this certificate" },
  { "--cert-key", "PEM", "and this key; else the certificate's file holds it" },
  { "--log", "FILE", "write a line of JSON there for every request" },
  { "--exit-on-eof", false, "end when standard input closes" },
  { "--quiet", false, "say nothing" },
}
emulate.arguments = {
  { "command", "behind --: a command to run, and its arguments", optional = true, many = true, label = "-- COMMAND" },
}
emulate.examples = {
  { "bedrock emulate --port 8377", "until Ctrl-C" },
  { "bedrock emulate --fault throttle:1 -- lua myprogram.lua", "a program against a service that throttles" },
}
emulate.after = is_whole and [[
Faults, for all requests by --fault, for one by the header x-emulator-fault. Behind a fault, *N means only the
first N requests and @OPERATION only that operation; commas join several.

]] .. fault_list() .. [[


Lines of the last user message that begin with @ steer the answer:

]] .. directive_list()

local function keys_of(words)
  local keys = {}
  for _, word in ipairs(words) do
    local id, secret = word:match("^([^:]+):(.+)$")
    if not id then error("--key wants ID:SECRET", 0) end
    keys[id] = secret
  end
  return keys
end

-- What the emulator takes of the options of the command line.
local function for_emulator(options)
  return {
    host = options.host, port = math.floor(options.port), keys = keys_of(options.key), tokens = options.token,
    region = options.region, pace = options.pace / 1000, faults = table.concat(options.fault, ","), cert = options.cert,
    cert_key = options.cert_key,
  }
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

-- Who holds the other end says when to stop; a Ctrl-C in the same terminal is meant for him.
local function stop_at_end_of_input(running)
  local cqueues = require("cqueues")
  local signal = require("cqueues.signal")
  signal.ignore(signal.SIGINT)
  repeat
    cqueues.poll({ pollfd = 0, events = "r" })
  until not io.stdin:read(1)
  running:stop()
end

local function joined(words)
  local list = {}
  for i, word in ipairs(words) do list[i] = command.quoted(word) end
  return table.concat(list, " ")
end

-- The words before the `--`.
local function before_dashes(words)
  for i, word in ipairs(words) do
    if word == "--" then return { (table.unpack or unpack)(words, 1, i - 1) } end
  end
  return words
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
local function run_beside(options, words)
  local base = os.tmpname()
  local child = assert(io.popen("exec " .. command.line(("--quiet --exit-on-eof --port-file %s.port %s"):format(
    base, joined(before_dashes(words)))), "w"))
  local port = wait_for_port(base .. ".port")
  local emulator = require("bedrock.emulator")
  local scheme = options.cert and "https" or "http"
  local _, how, status = os.execute(("exec env -u AWS_PROFILE -u AWS_SESSION_TOKEN -u AWS_BEARER_TOKEN_BEDROCK AWS_REGION=%s " ..
    "AWS_ENDPOINT_URL=%s://127.0.0.1:%d AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s %s"):format(
    options.region or "us-east-1", scheme, port, emulator.ACCESS_KEY_ID, emulator.SECRET_ACCESS_KEY, joined(options.command)))
  child:close()
  os.remove(base)
  os.remove(base .. ".port")
  return how == "signal" and 128 + status or status
end

-- The same command line on Lua 5.4.
local function hand_over(words)
  local status, _, code = os.execute("exec " .. command.line(joined(words)))
  return code or type(status) == "number" and math.floor(status / 256) or 1
end

local function complain_of(part)
  error(("the emulator needs cqueues, luaossl, lua-zlib and lua-cjson for Lua 5.4, and there is no %s here. On Debian: " ..
    "apt-get install lua-cqueues lua-luaossl lua-zlib lua-cjson"):format(part), 0)
end

--- Runs the command.
---@param options table
---@param words string[] the command line, for a process of its own
---@return integer exit code
function emulate.run(options, words)
  if not IS_LUA_54 then return hand_over(words) end
  if missing then complain_of(missing) end
  if #options.command > 0 then return run_beside(options, words) end
  local settings = for_emulator(options)
  if options.log then settings.log = log_to(options.log) end
  local emulator = require("bedrock.emulator")
  local running = emulator.start(settings)
  if options.port_file then tell_port(options.port_file, running.port) end
  if not options.quiet then greet(running, emulator) end
  if options.exit_on_eof then running:beside(stop_at_end_of_input, running) end
  running:run()
  return 0
end

return emulate
