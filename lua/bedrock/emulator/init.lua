--- A local Amazon Bedrock over real sockets, for demonstrations, for this library's own specs, and for testing programs.
--
-- It checks signatures and API keys, refuses what the service refuses, answers the same to the same prompt, streams in frames of its
-- own, and fails on demand. It shares no code with the client: sockets and TLS are cqueues', digests luaossl's, CRCs lua-zlib's, JSON is
-- read by lua-cjson. So it needs Lua 5.4 and these four, whatever Lua the client runs on.
--
--   server ─► http | http2 ─► routes ─► signature ─► runtime | control | guardrail | sts ─► messages | converse ─► model ─► frames
--                            │                       anthropic | platform ─► messages ─► model ─► server-sent events
--                            └── faults may step in at every stage ──┘
--
-- model.lua tells how a prompt can steer the answer, faults.lua which failures there are.

local cqueues = require("cqueues")
local faults = require("bedrock.emulator.faults")
local server = require("bedrock.emulator.server")
local state = require("bedrock.emulator.state")

local emulator = {}

--- The throw-away key that every emulator knows: the example of AWS's own documentation.
emulator.ACCESS_KEY_ID = "AKIDEXAMPLE"
emulator.SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
--- The throw-away API key that every emulator knows.
emulator.API_KEY = "ABSKEMULATOREXAMPLE"

---@class bedrock.emulator.Options
---@field host string? 127.0.0.1
---@field port integer? 0: any free one
---@field keys table<string, string>? secrets by access key id, beside the throw-away pair
---@field tokens string[]? API keys, beside the throw-away one
---@field region string? the only region that signatures may name; any when absent
---@field pace number? seconds between two events of a stream; 0.02
---@field faults string? for every request, see faults.lua
---@field cert string? PEM file; with it the emulator speaks TLS
---@field cert_key string? PEM file of its key
---@field log fun(record: table)? called once a request
---@field now (fun(): number)? the service's clock

---@class bedrock.Emulator
---@field url string
---@field port integer
local Emulator = {}
Emulator.__index = Emulator
Emulator.__name = "bedrock.emulator"

local function known_keys(options)
  local keys = { [emulator.ACCESS_KEY_ID] = { secret = emulator.SECRET_ACCESS_KEY } }
  for id, secret in pairs(options.keys or {}) do keys[id] = { secret = secret } end
  return keys
end

local function known_tokens(options)
  local tokens = { [emulator.API_KEY] = true }
  for _, token in ipairs(options.tokens or {}) do tokens[token] = true end
  return tokens
end

local function read_file(path)
  local file, why = io.open(path, "rb")
  if not file then error("cannot read " .. why, 0) end
  local content = file:read("a")
  file:close()
  return content
end

local function tls_context(options)
  if not options.cert then return nil end
  local pem = read_file(options.cert)
  local context = require("openssl.ssl.context").new("TLS", true)
  context:setCertificate(require("openssl.x509").new(pem))
  -- HTTP/2 for clients that offer it
  context:setAlpnSelect(function(_, offered)
    for _, name in ipairs(offered) do
      if name == "h2" or name == "http/1.1" then return name end
    end
  end)
  context:setPrivateKey(require("openssl.pkey").new(options.cert_key and read_file(options.cert_key) or pem))
  return context
end

--- Starts to listen. Nothing is served before `run`.
---@param options bedrock.emulator.Options?
---@return bedrock.Emulator
function emulator.start(options)
  options = options or {}
  local self = setmetatable({
    state = state.new(known_keys(options), known_tokens(options)), region = options.region, pace = options.pace or 0.02,
    faults = faults.parse(options.faults or ""), tls = tls_context(options), log = options.log or function() end,
    now = options.now or os.time, controller = cqueues.new(), connections = {}, stopped = false,
  }, Emulator)
  local host = options.host or "127.0.0.1"
  self.listener, self.port = server.listen(host, options.port or 0)
  self.url = ("%s://%s:%d"):format(self.tls and "https" or "http", host:find(":") and "[" .. host .. "]" or host, self.port)
  self.controller:wrap(server.accept, self)
  return self
end

--- Serves until `stop`; inside a cqueues controller it lets the others run.
function Emulator:run()
  while not self.stopped do
    local ok, why = self.controller:step()
    -- once stopped, the coroutines that still hold a closed socket may complain as they like
    if not ok and not self.stopped then error(why, 0) end
  end
end

--- Runs a function beside the server, as a coroutine of its controller.
---@param task function
function Emulator:beside(task, ...)
  self.controller:wrap(task, ...)
end

--- Closes the listener and every connection.
function Emulator:stop()
  if self.stopped then return end
  self.stopped = true
  self.listener:close()
  for connection in pairs(self.connections) do connection:close() end
end

return emulator
