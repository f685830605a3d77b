--- The transport inside nginx: cosockets, with nginx's own pool, resolver and TLS.
--
-- A call waits as every nginx light thread waits: the worker serves others meanwhile. A connection belongs to the nginx
-- request (or timer) that opened it; at the end of an answer it goes back to nginx's pool, under a name that holds
-- everything that makes two connections different: host, port, TLS name, verification, proxy.
--
-- When the client of nginx goes away, nginx ends the handler and with it the connection to Bedrock, if it is told to look:
--
--   lua_check_client_abort on;
--
-- A handler that has something to tidy up registers `ngx.on_abort(function() ... ngx.exit(499) end)`.
--
-- What this transport cannot set for itself it names in its errors: `resolver`, `lua_ssl_trusted_certificate`,
-- `lua_ssl_verify_depth`, `env`, and the phase when it is one without sockets. The connect clock holds for the name, too, as
-- far as `resolver_timeout` is shorter.

local core = require "bedrock.core"
local http1 = require "bedrock.transports.http1"
local peer = require "bedrock.transports.peer"
local system = require "bedrock.system"
local transports = require "bedrock.transports"

local ngx = require("bedrock.hosts").nginx()
if not ngx then error("bedrock.transports.resty runs inside nginx only (OpenResty, or nginx with its Lua module)") end

local SEND_SIZE = 64 * 1024 -- bytes of a body at a time, so that the clocks are looked at in between
local READ_SIZE = 64 * 1024
local READS_IN_A_ROW = 32 -- then others may run, even when bytes keep coming
local LONGEST = 2 ^ 31 - 1 -- milliseconds; what nginx takes as a timeout

-- The phases in which nginx has sockets that do not block.
local phases = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, preread = true, ssl_cert = true,
  ssl_session_fetch = true, ssl_client_hello = true,
}

---- Failures

-- A failure of this exchange, with how far it got.
local function failure(exchange, kind, code, message, more)
  local err = transports.error(kind, code, message, {
    sent = exchange.sent, answered = exchange.reader.started, reused = exchange.reused, clock = more and more.clock,
  })
  err.hint = more and more.hint
  return err
end

local said = {
  connect = "connecting took longer than %g seconds (connect clock)",
  first_byte = "no answer within %g seconds of sending the request (first_byte clock)",
  idle = "no byte moved for %g seconds (idle clock)",
  total = "the request took longer than %g seconds (total clock)",
}

local function timed_out(exchange, clock)
  return failure(exchange, "timeout", "timeout", said[clock]:format(exchange.clocks[clock]), { clock = clock })
end

local function wrong_phase(phase)
  return {
    kind = "config", code = "phase", sent = false, answered = false, reused = false,
    message = ("nginx has no sockets in the phase %q, so nothing can be sent from there"):format(phase),
    hint = phase:find("^init") and "Make the client there and call it later: in ngx.timer.at(0, function() ... end)" or
      "Call from content_by_lua, access_by_lua or rewrite_by_lua, or through ngx.timer.at(0, function() ... end)",
  }
end

local no_resolver = "Add a resolver to nginx.conf, such as `resolver 127.0.0.53;` or the address in /etc/resolv.conf"
local no_trust = "Add `lua_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;` and `lua_ssl_verify_depth 5;` " ..
  "to nginx.conf"

-- What nginx says about TLS, and what can be done about it.
local trust = {
  { "unable to get local issuer", no_trust }, { "self.signed certificate", no_trust },
  { "unable to get issuer", no_trust }, { "was refused", no_trust },
  { "certificate chain too long", "Raise `lua_ssl_verify_depth` in nginx.conf to 5" },
  { "host mismatch", "The certificate is for another name; nginx compares names only, never addresses" },
}

---- Clocks

local function ticking(seconds)
  return seconds and seconds > 0 and seconds or nil
end

local function clocks_of(given)
  local clocks = {}
  for _, name in ipairs { "connect", "first_byte", "idle", "total" } do clocks[name] = ticking(given[name]) end
  return clocks
end

-- The milliseconds that the next step may take, and which clock says so; nil when that clock has run out. `since` is when
-- the clock was started.
local function allowance(exchange, clock, since)
  local now, seconds, which = system.monotonic(), nil, clock
  if exchange.clocks[clock] then seconds = since + exchange.clocks[clock] - now end
  if exchange.clocks.total then
    local left = exchange.started + exchange.clocks.total - now
    if not seconds or left < seconds then seconds, which = left, "total" end
  end
  if not seconds then return LONGEST, which end
  if seconds <= 0 then return nil, which end
  return math.min(math.max(math.ceil(seconds * 1000), 1), LONGEST), which
end

-- Sets the socket's timeout for the next step: true, or nil and the error when a clock has run out.
local function limit(exchange, clock, since)
  local ms, which = allowance(exchange, clock, since)
  if not ms then return nil, timed_out(exchange, which) end
  exchange.limited_by = which
  exchange.socket:settimeout(ms)
  return true
end

---- Proxies

local function variable(...)
  for _, name in ipairs { ... } do
    local value = system.getenv(name)
    if value then return value end
  end
end

local function is_exempt(host, list)
  for entry in (list or ""):gmatch("[^%s,]+") do
    local suffix = entry:lower():gsub("^%*?%.", "")
    if entry == "*" or host == suffix or host:sub(-#suffix - 1) == "." .. suffix then return true end
  end
  return false
end

-- The proxy's URL: of the request, else of the environment as far as nginx was told to keep it (`env https_proxy;`).
local function proxy_url(request, target)
  local url = request.proxy
  if url == nil then
    url = target.scheme == "https" and variable("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY") or
      target.scheme == "http" and variable("http_proxy", "all_proxy", "ALL_PROXY")
  end
  if not url or url == "" then return nil end
  if is_exempt(target.host:lower(), request.no_proxy or variable("no_proxy", "NO_PROXY")) then return nil end
  return url:find("://", 1, true) and url or "http://" .. url
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- Where to connect, and what the proxy wants to hear. nil without a proxy; nil and why when there is no such proxy.
local function proxy_of(request, target)
  local url = proxy_url(request, target)
  if not url then return nil end
  local proxy = http1.target(url)
  if not proxy or proxy.scheme ~= "http" then
    return nil, "the proxy setting is not the URL of an http proxy, the only kind that works inside nginx"
  end
  if proxy.user then
    proxy.headers = { { "Proxy-Authorization", "Basic " .. ngx.encode_base64(unescape(proxy.user)) } }
  end
  return proxy
end

---- Connecting

local function address(target)
  return target.host .. " port " .. target.port
end

local function connect_failed(exchange, place, why)
  local to_proxy = place ~= exchange.target
  local whom = to_proxy and "the proxy" or address(place)
  if why == "timeout" then
    return timed_out(exchange, exchange.limited_by)
  elseif why:find("no resolver defined", 1, true) then
    return failure(exchange, "config", "resolver", "nginx cannot resolve the name of " .. whom .. ": no resolver is defined",
      { hint = no_resolver })
  elseif why:find("could not be resolved", 1, true) or why:find("invalid host", 1, true) then
    return failure(exchange, "network", to_proxy and "proxy" or "dns", "could not resolve the name of " .. whom .. ": " .. why)
  end
  return failure(exchange, "network", to_proxy and "proxy" or "connect", "could not connect to " .. whom .. ": " .. why)
end

local function tls_failed(exchange, why)
  if why == "timeout" then return timed_out(exchange, exchange.limited_by) end
  if why == "closed" or why:find("reset", 1, true) then
    return failure(exchange, "network", why == "closed" and "closed" or "reset",
      "the server gave up the connection during the TLS handshake")
  end
  local hint
  for _, row in ipairs(trust) do
    if why:find(row[1]) then
      hint = row[2]
      break
    end
  end
  local message = ("no trusted connection to %s: %s"):format(address(exchange.target), why)
  return failure(exchange, "tls", "tls", message, { hint = hint })
end

-- Asks the proxy for a tunnel.
local function tunnel(exchange, proxy)
  local target, socket = exchange.target, exchange.socket
  local name = target.host .. ":" .. target.port
  local reader = http1.reader("HEAD")
  local ok, why = socket:send(http1.request_head({ method = "CONNECT" }, { authority = name, path = name }, false, proxy.headers))
  while ok and not reader.done do
    local in_time, late = limit(exchange, "connect", exchange.started)
    if not in_time then return nil, late end
    ok, why = socket:receiveany(READ_SIZE)
    if ok then ok, why = reader:feed(ok) end
  end
  if not ok and why == "timeout" then return nil, timed_out(exchange, exchange.limited_by) end
  if not ok then return nil, failure(exchange, "network", "proxy", "the proxy failed: " .. why) end
  local status = reader.head.status
  if status >= 200 and status < 300 then return true end
  return nil, failure(exchange, "network", "proxy", "the proxy refused the tunnel with HTTP " .. status)
end

-- The session of a handshake, or nil and why not. One that needed no wait is reported as done by the Lua module even when the
-- certificate was refused, which it answers by closing the socket, or, when asked for the session, by an assertion of its own (seen
-- in 0.10.23 with servers on the same machine).
local function shake_hands(socket, name, verify)
  local called, session, why = pcall(socket.sslhandshake, socket, nil, name, verify)
  if not called and not tostring(session):find("assertion failed", 1, true) then error(session, 0) end
  if not called or session and not socket:getreusedtimes() then return nil, "its certificate was refused" end
  return session, why
end

local function handshake(exchange, verify)
  local in_time, late = limit(exchange, "connect", exchange.started)
  if not in_time then return nil, late end
  local session, why = shake_hands(exchange.socket, exchange.target.host, verify)
  if session and verify and peer.is_nameless(session) then
    session, why = nil, "its certificate names no host (host mismatch)"
  end
  if not session then return nil, tls_failed(exchange, tostring(why)) end
  return true
end

local function pool_name(exchange, place, verify)
  local target = exchange.target
  local secure = target.scheme == "https"
  return table.concat({
    "bedrock", place.host, place.port, secure and target.host .. ":" .. target.port or "",
    secure and (verify and "verified" or "unverified") or "plain", place.user and ngx.md5(place.user) or "",
  }, "|")
end

-- A connection that is ready for the request, from the pool or new. On failure the socket is closed.
local function open(exchange, proxy, verify, pool_size)
  local place, socket = proxy or exchange.target, exchange.socket
  local in_time, err = limit(exchange, "connect", exchange.started)
  if not in_time then return nil, err end
  local ok, why = socket:connect(place.host, place.port, { pool = pool_name(exchange, place, verify), pool_size = pool_size })
  if not ok then return nil, connect_failed(exchange, place, tostring(why)) end
  exchange.reused = (socket:getreusedtimes() or 0) > 0
  if exchange.reused or exchange.target.scheme == "http" then return true end
  if proxy then ok, err = tunnel(exchange, proxy) end
  if ok then ok, err = handshake(exchange, verify) end
  if not ok then socket:close() end
  return ok, err
end

---- Sending and receiving

local resets = { ["connection reset by peer"] = true, ["broken pipe"] = true }

local function lost(exchange, why)
  if why == "timeout" then return timed_out(exchange, exchange.limited_by) end
  local reader = exchange.reader
  local verb = resets[why] and "reset" or why == "closed" and "closed"
  if not verb then
    return failure(exchange, "network", "transfer", why == "bad request" and
      "this connection belongs to another nginx request; a stream is read where it was opened" or "nginx says: " .. why)
  elseif reader.head then
    return failure(exchange, "stream", verb == "reset" and "reset" or "cut", verb == "reset" and
      "the connection was reset in the middle of the answer" or "the answer broke off: the connection was closed")
  elseif reader.started then
    return failure(exchange, "network", verb, ("the connection was %s in the middle of the answer's headers"):format(verb))
  end
  return failure(exchange, "network", verb, ("the server %s the connection before it answered"):format(verb))
end

local function send_piece(exchange, piece)
  local in_time, late = limit(exchange, "idle", system.monotonic())
  if not in_time then return nil, late end
  exchange.sent = true
  local ok, why = exchange.socket:send(piece)
  if not ok then return nil, lost(exchange, tostring(why)) end
  return true
end

-- The head and the beginning of the body leave in one piece; a large body goes in slices, of which one is in memory.
local function send(exchange, head, body)
  local size = body and #body or 0
  local first = size > SEND_SIZE and body:sub(1, SEND_SIZE) or size > 0 and tostring(body) or ""
  local ok, err = send_piece(exchange, first == "" and head or { head, first })
  local at = #first + 1
  while ok and at <= size do
    ok, err = send_piece(exchange, body:sub(at, at + SEND_SIZE - 1))
    at = at + SEND_SIZE
  end
  exchange.asked = system.monotonic()
  return ok, err
end

-- Bytes that keep coming would keep the worker from everybody else. nginx's own clock stands still until it has turned to
-- the others.
local function be_fair(exchange)
  local turn = ngx.now()
  exchange.reads = exchange.turn == turn and exchange.reads + 1 or 0
  exchange.turn = turn
  if exchange.reads >= READS_IN_A_ROW then ngx.sleep(0.001) end
end

-- Takes what comes next into the reader: true, or nil and the error.
local function receive(exchange)
  local reader, socket = exchange.reader, exchange.socket
  local clock, since = "first_byte", exchange.asked
  if reader.started then clock, since = "idle", system.monotonic() end
  local in_time, late = limit(exchange, clock, since)
  if not in_time then return nil, late end
  exchange.reading = true
  local bytes, why = socket:receiveany(READ_SIZE)
  exchange.reading = false
  if bytes then
    be_fair(exchange)
    local ok, wrong, code = reader:feed(bytes)
    if ok then return true end
    return nil, failure(exchange, "stream", code, code == "limit" and wrong or "the answer is not valid HTTP: " .. wrong)
  end
  if why == "closed" and reader:finish() then return true end
  return nil, lost(exchange, tostring(why))
end

-- A server that refuses a large body may answer and reset the connection while it is still being sent.
local function early_answer(exchange)
  exchange.socket:settimeout(1000)
  while not exchange.reader.head do
    local bytes = exchange.socket:receiveany(READ_SIZE)
    if not bytes or not exchange.reader:feed(bytes) then return false end
  end
  exchange.cut_short = true
  return true
end

---- Answers

---@class bedrock.RestyResponse : bedrock.TransportResponse
local Response = {}
Response.__index = Response
Response.__name = "bedrock.transports.resty.response"

-- The connection goes to nginx's pool, or away.
local function release(exchange, keep_alive)
  if keep_alive and exchange.reader:reusable() and not exchange.cut_short then
    exchange.socket:setkeepalive()
  else
    exchange.socket:close()
  end
end

-- What came and was not given yet, inflated where that is needed; or nil, and what is wrong with it.
local function take(exchange)
  local inflater = exchange.inflater
  if not inflater then return exchange.reader:take() end
  while true do
    local bytes, damaged = inflater:read()
    if bytes or damaged then return bytes, damaged end
    local raw = exchange.reader:take()
    if not raw then return nil, exchange.reader.done and not inflater:whole() and "the gzip data ends too early" or nil end
    inflater:feed(raw)
  end
end

function Response:finish(err)
  self.finished, self.failure = true, err
  release(self.exchange, not err)
  return nil, err
end

--- The bytes that came, nil at the end, or nil and the error.
---@return string? bytes
---@return bedrock.TransportError?
function Response:read()
  local exchange = self.exchange
  while not self.finished do
    local bytes, damaged = take(exchange)
    if bytes then return bytes end
    if damaged then return self:finish(failure(exchange, "stream", "protocol", "the answer is not valid: " .. damaged)) end
    if exchange.reader.done then return self:finish() end
    if self.err then return self:finish(self.err) end
    -- What came before a failure is given first.
    local _, err = receive(exchange)
    self.err = err
    if self.finished then exchange.socket:close() end
  end
  return nil, self.failure
end

--- All of the body.
---@param most integer? bytes, 256 MiB when absent
---@return string? body
---@return bedrock.TransportError?
function Response:read_all(most)
  return transports.read_all(self, most)
end

--- Gives the answer up; before its end this closes the connection at once. While another light thread is reading from it,
-- nginx lets nobody close a socket: then it is closed as soon as that read returns.
function Response:close()
  if self.finished then return end
  local exchange = self.exchange
  local unread = take(exchange)
  if exchange.reader.done and not unread then return self:finish() end
  self.finished = true
  self.failure = failure(exchange, "cancelled", "cancelled", "the response was closed")
  if not exchange.reading then release(exchange, true) end
end
Response.__close = Response.close

function Response:__tostring()
  return "HTTP response " .. self.status .. (self.finished and " (closed)" or "")
end

---- The transport

---@class bedrock.RestyTransport : bedrock.Transport
local Transport = {}
Transport.__index = Transport
Transport.__name = "bedrock.transports.resty"

--- What the client adds to an error that this host knows more about.
Transport.hints = {
  no_provider = "nginx clears the environment: keep it with `env AWS_ACCESS_KEY_ID; env AWS_SECRET_ACCESS_KEY;` " ..
    "(or `env AWS_BEARER_TOKEN_BEDROCK;`) at the top of nginx.conf, or give the keys as options",
}

local function refused(message)
  return nil, transports.error("config", "request", message)
end

-- What a request and the transport agree on.
local function option(self, request, name)
  local value = request[name]
  if value == nil then value = self.options[name] end
  return value
end

local function new_exchange(self, request, target)
  return {
    target = target, socket = ngx.socket.tcp(), started = system.monotonic(), asked = 0, turn = 0, reads = 0, reused = false,
    clocks = clocks_of(request.timeouts or self.options.timeouts or transports.timeouts), limited_by = nil, reading = false,
    reader = http1.reader(request.method or "GET", option(self, request, "max_headers"),
      option(self, request, "max_header_count")), sent = false, cut_short = false,
    inflater = nil, -- for a body that comes gzip-encoded
  }
end

-- Nobody asked for gzip; who sends it all the same is understood, and the caller does not notice.
local function inflate(exchange)
  local headers = exchange.reader.head.headers
  local encoding = (headers["content-encoding"] or ""):lower()
  if encoding ~= "gzip" and encoding ~= "x-gzip" then return end
  headers["content-encoding"], headers["content-length"] = nil, nil
  exchange.inflater = core.gunzip.new()
end

-- Sends, and waits for the head of the answer.
local function converse(exchange, head, body)
  local ok, err = send(exchange, head, body)
  if not ok and err.kind == "network" and early_answer(exchange) then return true end
  while ok and not exchange.reader.head do ok, err = receive(exchange) end
  return ok, err
end

--- Sends a request and waits for the head of its answer.
---@param request bedrock.TransportRequest
---@return bedrock.RestyResponse?
---@return bedrock.TransportError?
function Transport:request(request)
  local phase = ngx.get_phase()
  if not phases[phase] then return nil, wrong_phase(phase) end
  local target = http1.target(request.url)
  if not target then return refused("this is not an http or https URL that can be requested") end
  local proxy, bad = proxy_of({ proxy = option(self, request, "proxy"), no_proxy = option(self, request, "no_proxy") }, target)
  if bad then return refused(bad) end
  local forward = proxy and target.scheme == "http"
  local head, why = http1.request_head(request, target, forward, forward and proxy.headers)
  if not head then return refused(why) end

  local exchange = new_exchange(self, request, target)
  local ok, err = open(exchange, proxy, option(self, request, "verify") ~= false, self.options.pool)
  if not ok then return nil, err end
  ok, err = converse(exchange, head, request.body)
  if not ok then
    exchange.socket:close()
    return nil, err
  end
  inflate(exchange)
  return setmetatable({
    status = exchange.reader.head.status, headers = exchange.reader.head.headers, exchange = exchange,
    finished = false, failure = nil, err = nil, reused = exchange.reused,
  }, Response)
end

--- Waits; the worker serves others meanwhile.
---@param seconds number
function Transport:sleep(seconds)
  ngx.sleep(seconds)
end

--- Monotonic seconds.
---@return number
function Transport:now()
  return system.monotonic()
end

--- Nothing to do: idle connections belong to nginx, which closes them by `lua_socket_keepalive_timeout`.
function Transport:close()
end

function Transport:__tostring()
  return "bedrock transport over nginx's cosockets"
end

local M = {}

---@class bedrock.RestyOptions
---@field pool integer? idle connections kept per worker and host; nginx's lua_socket_pool_size (30) when absent
---@field timeouts bedrock.Timeouts? for requests that name none
---@field verify boolean?
---@field proxy string|false|nil
---@field no_proxy string?
---@field max_headers integer? bytes of headers in an answer, 64 KiB when absent
---@field max_header_count integer? headers in an answer, 256 when absent

--- Makes a transport. Nothing is opened, so it may be made in any phase.
---@param options bedrock.RestyOptions?
---@return bedrock.RestyTransport
function M.new(options)
  return setmetatable({ options = options or {} }, Transport)
end

return M
