--- The server: accepts connections, and takes each request from its head to the log.

local cqueues = require("cqueues")
local errno = require("cqueues.errno")
local socket = require("cqueues.socket")
local digest = require("openssl.digest")
local encoding = require("bedrock.emulator.encoding")
local faults = require("bedrock.emulator.faults")
local http = require("bedrock.emulator.http")
local http2 = require("bedrock.emulator.http2")
local json = require("bedrock.emulator.json")
local refusal = require("bedrock.emulator.refusal")
local routes = require("bedrock.emulator.routes")
local signature = require("bedrock.emulator.signature")

local server = {}

-- Larger than what any operation takes, so that the operation can say so itself.
local BODY_LIMIT = 32 * 1024 * 1024

-- ---- one exchange ----

local function refused(exchange, why)
  local own = exchange.route and exchange.route.refused and exchange.route.refused(exchange, why)
  if own then return own end
  return {
    status = why.status, headers = { { "Content-Type", "application/json" }, { "x-amzn-ErrorType", why.type_header } },
    parts = { { bytes = json.encode(why.members or { message = why.message }) } },
  }
end

local function broken(exchange, why)
  exchange.trouble = tostring(why)
  return refused(exchange, refusal.new("InternalServerException", "The emulator failed: " .. tostring(why)))
end

local function verify(exchange)
  local emulator, route = exchange.emulator, exchange.route
  if route.unsigned then return { id = "nobody", key = {} } end
  return signature.verify(exchange.request, {
    service = route.service, key_header = route.key_header, region = emulator.region, keys = exchange.state.keys,
    tokens = exchange.state.tokens, now = math.floor(exchange.clock) })
end

local function handled(exchange)
  local route = exchange.route
  if not route then
    refusal.raise("UnknownOperationException", "No operation answers %s %s", exchange.request.method, exchange.request.path)
  end
  exchange.identity = verify(exchange)
  return exchange.plan:reply(exchange) or route.handler(exchange)
end

local function answer(exchange)
  local ok, response = xpcall(handled, function(why)
    return refusal.is(why) and why or debug.traceback(tostring(why), 2)
  end, exchange)
  if ok then return response end
  return refusal.is(response) and refused(exchange, response) or broken(exchange, response)
end

-- ---- sending ----

local function complete_headers(exchange, response)
  local headers = {
    { "Date", os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(exchange.clock)) }, { "x-amzn-RequestId", exchange.id },
  }
  table.move(response.headers, 1, #response.headers, #headers + 1, headers)
  headers[#headers + 1] = { "Connection", exchange.keep and "keep-alive" or "close" }
  return headers
end

local function send(exchange, response)
  local connection = exchange.connection
  local length = not response.stream and #response.parts[1].bytes or nil
  local body = connection:start(response.status, complete_headers(exchange, response), length)
  if not body then return false end
  body = exchange.plan:body(exchange, body)
  local pace = exchange.emulator.pace
  for i, part in ipairs(response.parts) do
    if i > 1 and pace > 0 and not connection:wait(pace) then return false end
    if not body:write(part.bytes, part) then return false end
  end
  return body:finish()
end

-- ---- the log ----

local function sha256(bytes)
  return encoding.hex(digest.new("sha256"):final(bytes))
end

local function public_headers(headers)
  local out = {}
  for i, pair in ipairs(headers) do
    local name, value = pair[1], pair[2]
    if name == "authorization" then value = value:match("^%S+") .. " (not shown)" end
    if name == "x-amz-security-token" or name == "x-api-key" then value = "(not shown)" end
    out[i] = { name, value }
  end
  return out
end

local function record(exchange)
  local request, response = exchange.request, exchange.response or {}
  exchange.emulator.log({
    id = exchange.id, connection = exchange.connection.number, request = exchange.connection.requests,
    method = request.method, target = request.target, operation = exchange.route and exchange.route.operation or nil,
    headers = public_headers(request.headers), body_bytes = request.body and #request.body or nil,
    body_sha256 = request.body and sha256(request.body) or nil,
    status = response.status,
    faults = exchange.plan:names(),
    ended = exchange.ended or (exchange.connection.left and "client left") or "complete", trouble = exchange.trouble,
    seconds = cqueues.monotime() - exchange.started,
  })
end

-- ---- connections ----

local function new_exchange(emulator, connection, request)
  return {
    emulator = emulator, connection = connection, request = request, state = emulator.state, id = emulator.state:request_id(),
    plan = faults.none, clock = emulator.now(), started = cqueues.monotime(),
    keep = (request.header.connection or ""):lower() ~= "close",
  }
end

local function too_large(exchange)
  exchange.keep = false
  exchange.response = refused(exchange, refusal.new("RequestEntityTooLargeException", "The request body is too large."))
  send(exchange, exchange.response)
end

local function plan_faults(exchange)
  local operation = exchange.route and exchange.route.operation
  local ok, plan = pcall(faults.plan, exchange.emulator.faults, exchange.request, operation, exchange.state.spent)
  if ok then
    exchange.plan = plan
  else
    exchange.response = refused(exchange, refusal.new("ValidationException", tostring(plan)))
  end
end

-- Reads the body; false when there is nothing more to do.
local function take_body(exchange)
  local body, why = exchange.connection:read_body(exchange.request, BODY_LIMIT)
  if why then too_large(exchange) end
  exchange.request.body = body
  return body ~= nil
end

-- One request and its answer; false when the connection is over.
local function serve_request(emulator, connection, request)
  local exchange <close> = setmetatable(new_exchange(emulator, connection, request), { __close = record })
  connection.drip = false
  -- STS names its operation in the body; with the others a fault may strike before that
  local named_in_body = request.path == "/"
  if named_in_body and not take_body(exchange) then return false end
  exchange.route = routes.find(request)
  exchange.params = exchange.route and exchange.route.captures
  plan_faults(exchange)
  if not exchange.plan:request(exchange) then return false end
  if not named_in_body and not take_body(exchange) then return false end
  exchange.response = exchange.response or answer(exchange)
  exchange.plan:parts(exchange.response)
  if not send(exchange, exchange.response) then return false end
  exchange.plan:after(exchange)
  return exchange.keep and not connection.closed
end

-- Runs a task; what goes wrong in it is logged, and the others go on.
local function guarded(emulator, number, task, ...)
  local ok, why = xpcall(task, debug.traceback, ...)
  if not ok and not emulator.stopped then emulator.log({ connection = number, trouble = tostring(why), ended = "trouble" }) end
end

local function serve_http2(emulator, connection)
  local function spawn(task) emulator:beside(guarded, emulator, connection.number, task) end
  http2.serve(connection, spawn, function(stream, request) serve_request(emulator, stream, request) end)
end

local function serve(emulator, raw, number)
  local connection = http.connection(raw, number)
  emulator.connections[connection] = true
  if emulator.tls then cqueues.sleep(faults.handshake_delay(emulator.faults, emulator.state.spent)) end
  local open = not emulator.tls or raw:starttls(emulator.tls, 10)
  while open do
    local request, is_http2 = connection:read_head()
    if is_http2 then serve_http2(emulator, connection) end
    open = request and serve_request(emulator, connection, request)
  end
  emulator.connections[connection] = nil
  connection:close()
end

--- Listens.
---@param host string
---@param port integer 0 for any
---@return table listener
---@return integer port
function server.listen(host, port)
  local listener, why = socket.listen({ host = host, port = port, reuseaddr = true, nodelay = true })
  local ok
  if listener then
    listener:onerror(function(_, _, code) return code end)
    ok, why = listener:listen()
  end
  if not ok then error(("cannot listen on %s port %d: %s"):format(host, port, errno.strerror(why)), 0) end
  local _, _, bound = listener:localname()
  return listener, bound
end

--- Accepts connections until the listener is closed; each is served beside the others.
---@param emulator table
function server.accept(emulator)
  local number = 0
  while not emulator.stopped do
    local raw = emulator.listener:accept({ nodelay = true })
    if raw then
      number = number + 1
      emulator:beside(guarded, emulator, number, serve, emulator, raw, number)
    elseif not emulator.stopped then
      cqueues.sleep(0.01)
    end
  end
end

return server
