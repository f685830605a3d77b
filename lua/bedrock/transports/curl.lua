--- The default transport: libcurl through the engine of bedrock.curl.
--
-- One engine a transport, and with it one pool of connections. Called plainly, a request drives the engine itself and
-- blocks; inside a task of bedrock.async the task waits and the scheduler drives the engine. Nothing here runs under a
-- pcall, so tasks can wait on plain Lua 5.1, too.

if require("bedrock.hosts").nginx() then
  error("bedrock.transports.curl would block the nginx worker; bedrock.transports.resty, the default there, does not", 0)
end

local async = require("bedrock.lazy") "bedrock.async"
local curl = require "bedrock.curl"
local transports = require "bedrock.transports"

---@class bedrock.CurlTransport : bedrock.Transport
local Transport = {}
Transport.__index = Transport
Transport.__name = "bedrock.transports.curl"

---@class bedrock.CurlResponse : bedrock.TransportResponse
local Response = {}
Response.__index = Response
Response.__name = "bedrock.transports.curl.response"

-- Options that a request may set and a transport may set for all of its requests.
local shared = {
  "verify", "ca_bundle", "proxy", "no_proxy", "http2", "max_headers", "max_header_count", "buffer_limit",
  "connect_to",
}

-- The task that runs now. There is none where nobody has loaded the scheduler.
local function task()
  return package.loaded["bedrock.async"] and async.current()
end

-- Waits until a request has news. Outside of a task nobody else drives the engine.
local function await(engine, handle)
  if task() then return async.await(engine, handle) end
  engine:wait(3600)
  engine:perform()
end

-- Asks a request until it has an answer: neither "nothing yet" (nil) nor an error.
local function ask(engine, handle, method, argument)
  while true do
    local value, err = handle[method](handle, argument)
    if value ~= nil or err then return value, err end
    await(engine, handle)
  end
end

--- The bytes that came, nil at the end, or nil and the error.
---@return string? bytes
---@return bedrock.TransportError?
function Response:read()
  if self.finished then return nil, self.failure end
  local bytes, err = ask(self.engine, self.handle, "read", self.read_size)
  if bytes then return bytes end
  self.finished, self.failure = true, err
  return nil, err
end

--- All of the body.
---@param limit integer? bytes, 256 MiB when absent
---@return string? body
---@return bedrock.TransportError?
function Response:read_all(limit)
  return transports.read_all(self, limit)
end

--- Gives the answer up; before its end this closes the connection at once.
function Response:close()
  if self.finished then return end
  self.handle:cancel()
  self.finished = true
  self.failure = transports.error("cancelled", "cancelled", "the response was closed",
    { sent = true, answered = true, reused = self.reused })
end
Response.__close = Response.close

function Response:__tostring()
  return "HTTP response " .. self.status .. (self.finished and " (closed)" or "")
end

local function with_defaults(transport, request)
  local options = {
    method = request.method, url = request.url, headers = request.headers, body = request.body, secret = request.secret,
    timeouts = request.timeouts or transport.options.timeouts or transports.timeouts,
  }
  for _, name in ipairs(shared) do
    local value = request[name]
    if value == nil then value = transport.options[name] end
    options[name] = value
  end
  return options
end

--- Sends a request and waits for the head of its answer.
---@param request bedrock.TransportRequest
---@return bedrock.CurlResponse?
---@return bedrock.TransportError?
function Transport:request(request)
  local handle, err = self.engine:start(with_defaults(self, request))
  if not handle then return nil, err end
  local status, why = ask(self.engine, handle, "status")
  if not status then return nil, why end
  return setmetatable({
    status = status, headers = handle:headers(), engine = self.engine, handle = handle,
    read_size = self.options.read_size, finished = false, failure = nil, reused = handle:reused(),
  }, Response)
end

--- Waits; inside a task others run meanwhile.
---@param seconds number
function Transport:sleep(seconds)
  async.sleep(seconds)
end

--- Whether a wait suspends the caller's coroutine; plain Lua 5.1 cannot do that inside the iterator of a generic `for`.
---@return boolean
function Transport:yields()
  return task() and true or false
end

--- Monotonic seconds.
---@return number
function Transport:now()
  return curl.now()
end

--- Closes all connections; requests that still run end as cancelled. Twice is harmless.
function Transport:close()
  self.engine:close()
end
Transport.__close = Transport.close

function Transport:__tostring()
  return "bedrock transport over " .. curl.version
end

local M = {}

---@class bedrock.CurlOptions
---@field max_connections integer? at once, the rest queues; no limit when absent
---@field pool integer? idle connections kept, 64 when absent
---@field pool_age number? seconds after which an idle connection is not used again, 60 when absent
---@field timeouts bedrock.Timeouts? for requests that name none
---@field verify boolean?
---@field ca_bundle string?
---@field proxy string|false|nil
---@field no_proxy string?
---@field http2 boolean? offer HTTP/2; libcurl 7.88 then waits for the idle clock when a server answers before it has read all
---@field max_headers integer? bytes of headers in an answer, 64 KiB when absent
---@field max_header_count integer? headers in an answer, 256 when absent
---@field buffer_limit integer? bytes held for a slow reader before the connection is paused, 256 KiB when absent
---@field read_size integer? bytes that one read gives at most, 64 KiB when absent
---@field connect_to string[]? "HOST:PORT:HOST2:PORT2": connect there instead

--- Makes a transport with a pool of its own.
---@param options bedrock.CurlOptions?
---@return bedrock.CurlTransport
function M.new(options)
  options = options or {}
  local engine = curl.engine {
    max_connections = options.max_connections, pool = options.pool, pool_age = options.pool_age,
  }
  return setmetatable({ engine = engine, options = options }, Transport)
end

return M
