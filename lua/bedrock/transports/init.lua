--- What a transport is: the whole contract, and what its users share.
--
-- A transport moves one HTTP request and the bytes of its answer. It does not sign, retry, follow redirects, decode
-- JSON or know what Bedrock is, and the client never asks where it runs: whether a call blocks, yields to a scheduler
-- or yields to nginx is the transport's business alone.
--
--   transport:request { method, url, headers, body, timeouts, ... } -> response | nil, err
--   response.status, response.headers, response.reused
--   response:read()         -> bytes | nil (the end) | nil, err
--   response:read_all(n)    -> bytes | nil, err
--   response:close()
--   transport:sleep(seconds), transport:now(), transport:close()
--
-- What the caller may rely on:
--
-- * The request goes out as it is: the path of the URL byte for byte, because it is signed; the headers of the list, and
--   of its own only Host, Content-Length or Transfer-Encoding, Connection and `Accept-Encoding: identity`.
-- * `request` answers when the answer's head is complete, whatever its status. Interim answers (100) are skipped.
-- * `headers` maps lower-case names to values; repeated headers are joined with ", ". A body that comes gzip-encoded all the
--   same is decoded, and its content-encoding and content-length are not shown.
-- * `read` gives bytes as they come, never an empty string; at the end nil; after a failure nil and the same error each
--   time. Bytes that came before a failure are given first. The end means that the body was complete.
-- * `close` may be called at any time and twice. Before the end it closes the connection in the same call, so that the
--   server stops; at the end the connection goes back to the pool.
-- * Four clocks, in seconds, false or 0 for off. connect: name, TCP, proxy and TLS. first_byte: from the last byte of the request
--   to the first of the answer. idle: between two bytes of either, while nobody but the server is waited for. total: from
--   the call to the last byte.
-- * A transport never yields under a pcall of its own, so that it runs on plain Lua 5.1.
--
-- A failure is a plain table, because only the client knows the operation and the attempts (see bedrock.errors):
--
--   kind      "network" | "timeout" | "tls" | "stream" | "cancelled" | "config"
--   code      "dns" | "connect" | "proxy" | "tls" | "reset" | "closed" | "cut" | "protocol" | "limit" | "timeout" | "request" | ...
--   clock     for a timeout: "connect" | "first_byte" | "idle" | "total"
--   message   what happened, in words, without secrets
--   sent      bytes of the request may have reached the server
--   answered  bytes of an answer came
--   reused    it went over a pooled connection, which the server may have closed just then

local hosts = require "bedrock.hosts"

local transports = {}

---@class bedrock.TransportRequest
---@field method string? "GET" when absent
---@field url string absolute, http or https
---@field headers table[]? list of { name, value }
---@field body string? sent from where it lies
---@field timeouts bedrock.Timeouts?
---@field verify boolean? false turns the verification of TLS off
---@field ca_bundle string? a PEM file, a directory of them, or PEM text; instead of the system's
---@field proxy string|false|nil URL of the proxy; false for none; nil leaves it to https_proxy and its like
---@field no_proxy string? hosts that are reached without the proxy, separated by commas
---@field http2 boolean? offer HTTP/2
---@field secret boolean? the answer holds secrets: a transport with memory of its own overwrites what it held of it
---@field max_headers integer? bytes of headers in an answer, 64 KiB when absent
---@field max_header_count integer? headers in an answer, 256 when absent

---@class bedrock.Timeouts seconds; false or 0 turns a clock off
---@field connect number|false|nil
---@field first_byte number|false|nil
---@field idle number|false|nil
---@field total number|false|nil

---@class bedrock.TransportResponse
---@field status integer
---@field headers table<string, string>
---@field reused boolean? whether it came over a connection from the pool; nil when the transport cannot tell
---@field read fun(self): string?, bedrock.TransportError?
---@field read_all fun(self, limit: integer?): string?, bedrock.TransportError?
---@field close fun(self)

---@class bedrock.TransportError
---@field kind bedrock.ErrorKind
---@field code string
---@field message string
---@field clock string?
---@field sent boolean
---@field answered boolean
---@field reused boolean

---@class bedrock.Transport
---@field request fun(self, request: bedrock.TransportRequest): bedrock.TransportResponse?, bedrock.TransportError?
---@field sleep fun(self, seconds: number)
---@field now fun(self): number monotonic seconds
---@field close fun(self)

--- The clocks of who names none. A slow model may be silent for many minutes before the first byte.
---@type bedrock.Timeouts
transports.timeouts = { connect = 10, first_byte = 900, idle = 120, total = 3600 }

--- The largest body that read_all takes when it is not told: answers of the service are far smaller.
transports.read_limit = 256 * 1024 * 1024

--- Makes an error of the contract.
---@param kind bedrock.ErrorKind
---@param code string
---@param message string
---@param fields table? sent, answered, reused, clock
---@return bedrock.TransportError
function transports.error(kind, code, message, fields)
  fields = fields or {}
  return {
    kind = kind, code = code, message = message, clock = fields.clock,
    sent = fields.sent or false, answered = fields.answered or false, reused = fields.reused or false,
  }
end

local function too_large(response, limit)
  response:close()
  return transports.error("stream", "limit", "the answer is larger than " .. limit .. " bytes", { sent = true, answered = true })
end

--- Reads a response to its end, for a transport that has no better way.
---@param response bedrock.TransportResponse
---@param limit integer? bytes; more is an error and closes the response
---@return string? body
---@return bedrock.TransportError?
function transports.read_all(response, limit)
  limit = limit or transports.read_limit
  local parts, size = {}, 0
  if (tonumber(response.headers["content-length"]) or 0) > limit then return nil, too_large(response, limit) end
  while true do
    local bytes, err = response:read()
    if not bytes then
      if err then return nil, err end
      return table.concat(parts)
    end
    size = size + #bytes
    if size > limit then return nil, too_large(response, limit) end
    parts[#parts + 1] = bytes
  end
end

--- The transport of a client that names none: nginx's sockets in nginx, libcurl everywhere else.
---@param settings bedrock.Settings
---@return bedrock.Transport
function transports.default(settings)
  local name = hosts.nginx() and "resty" or "curl"
  return require("bedrock.transports." .. name).new { timeouts = settings.timeouts }
end

return transports
