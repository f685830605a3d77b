--- For testing your own code: a service that says what the test wants, recordings of the real one, and the emulator in a line.
--
--     local testing = require "bedrock.testing"
--
--     local script = testing.script { "Hello!", { error = "ThrottlingException" }, { text = "Hello again!" } }
--     local reply = my_program.greet(script:client())           -- no network, no keys, no waiting
--     assert.equal("user", script.requests[1].body.messages[1].role)
--
-- A script is the quickest and says exactly what comes back. A recording plays what the service really said. The emulator
-- speaks over sockets and fails on demand, for the tests of a whole program in whatever language.

---@class bedrock.testing
local testing = {}

--- A service that answers from a list, each reply once and in order, in whatever format is asked for.
---@param replies (string|bedrock.testing.Reply|fun(request: bedrock.testing.Request, number: integer): string|table)[] a string is
--- the text of an answer
---@return bedrock.testing.Script script with `requests`, and `script:client()` to hand to what is tested
function testing.script(replies)
  local script = require("bedrock.testing.script").new(replies)
  return script
end

--- A transport that sends for real and writes every exchange to a file, without its secrets: for
--- `bedrock.new { transport = ... }`.
---@param path string written anew, a line of JSON an exchange
---@param options { transport: bedrock.Transport?, scrub: (fun(text: string): string)? }? transport: what really sends; scrub: takes
--- out of URLs and bodies what else nobody shall see
---@return bedrock.Transport
function testing.record(path, options)
  local transport = require("bedrock.testing.cassette").record(path, options)
  return transport
end

--- A transport that answers from such a file: each exchange once, found by method, path and body.
---@param path string
---@param options { scrub: (fun(text: string): string)? }? scrub: as when it was recorded
---@return bedrock.Transport
function testing.play(path, options)
  local transport = require("bedrock.testing.cassette").play(path, options)
  return transport
end

--- A local Bedrock over real sockets, as a process that ends with the test. It needs Lua 5.4, cqueues, luaossl, lua-zlib,
--- lua-cjson and argparse on this machine, whatever Lua the test runs on.
---@param options { pace: number?, fault: string|string[]|nil, region: string?, key: string?, token: string?, cert: string?,
--- cert_key: string?, port: integer? }? as for `bedrock emulate`; streams come without pauses unless pace says so
---@return bedrock.testing.Service service with `url`, `service:client()` and `service:stop()`
function testing.emulator(options)
  local service = require("bedrock.testing.service").start(options)
  return service
end

--- A machine with nothing on it but what is said here: for `bedrock.new { system = ... }`.
---@param fields { env: table<string, string>?, files: table<string, string>?, now: (fun(): number)?, run: function? }?
---@return bedrock.System system; `system.files` and `system.env` can be changed
function testing.system(fields)
  fields = fields or {}
  local system = { platform = "linux", env = fields.env or {}, files = fields.files or {}, run = fields.run }
  system.now = fields.now or function() return 1700000000 end
  function system.getenv(name)
    local value = system.env[name]
    return value ~= "" and value or nil
  end
  function system.read_file(path)
    local text = system.files[path]
    if text then return text end
    return nil, path .. ": No such file or directory", true
  end
  function system.write_file(path, text)
    system.files[path] = text
    return true
  end
  function system.stat(path)
    local text = system.files[path]
    if not text then return nil, path .. ": No such file or directory", true end
    return { mtime = 0, size = #text }
  end
  function system.mkdir() return true end
  function system.is_terminal() return false end
  function system.monotonic() return 0 end
  return system
end

return testing
