-- A loopback server that does exactly what its script says: lua5.4 raw_server.lua SCRIPT PORT_FILE LOG_FILE
--
-- The script is a Lua table (see spec/support/server.lua for its members). The port goes into PORT_FILE; what happens goes
-- into LOG_FILE, a Lua table a line. It ends when its standard input is closed, so that none is left behind.
-- Other people's sockets and TLS, so that it judges ours.

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local script_path, port_path, log_path = ...
local script = assert(loadfile(script_path, "t", {}))()
local log_file = assert(io.open(log_path, "w"))
local connections = 0

local function log(entry)
  local parts = { ("at=%.6f"):format(cqueues.monotime()) }
  for name, value in pairs(entry) do
    parts[#parts + 1] = ("%s=%s"):format(name, type(value) == "string" and ("%q"):format(value):gsub("\n", "n") or value)
  end
  log_file:write("{", table.concat(parts, ","), "}\n")
  log_file:flush()
end

local tls_context
if script.tls then
  local pkey, x509 = require "openssl.pkey", require "openssl.x509"
  local context = require "openssl.ssl.context"
  local function slurp(path)
    local file <close> = assert(io.open(path, "rb"))
    return file:read("a")
  end
  tls_context = context.new("TLS", true)
  if script.tls.weak then -- whatever OpenSSL can still be talked into, for clients that must refuse it
    tls_context:setCipherList("ALL:@SECLEVEL=0")
    if script.tls.weak ~= "key" then
      tls_context:setOptions(context.OP_NO_TLSv1_2 | context.OP_NO_TLSv1_3)
      if script.tls.weak == "TLSv1" then tls_context:setOptions(context.OP_NO_TLSv1_1) end
    end
  end
  tls_context:setCertificate(x509.new(slurp(script.tls.cert)))
  tls_context:setPrivateKey(pkey.new(slurp(script.tls.key)))
end

-- What a step does. True: the connection goes on.
local steps = {}

function steps.send(peer, step)
  return peer:write(step.send) and true
end

function steps.drip(peer, step)
  for i = 1, #step.drip, step.size or 1 do
    if not peer:write(step.drip:sub(i, i + (step.size or 1) - 1)) then return false end
    cqueues.sleep(step.gap or 0)
  end
  return true
end

-- Bytes and bytes, until the peer has had enough.
function steps.flood(peer, step)
  local of = step.of or "x"
  local chunk = of:rep(math.max(1, 65536 // #of))
  local left = step.flood
  while left > 0 do
    if not peer:write(left < #chunk and chunk:sub(1, left) or chunk) then return false end
    left = left - #chunk
  end
  return true
end

function steps.sleep(_, step)
  cqueues.sleep(step.sleep)
  return true
end

-- Takes the body of the request slowly; in a route that leaves it unread.
function steps.sip(peer, step)
  local left = step.sip
  while left > 0 do
    local bytes = peer:read(-math.min(left, 65536))
    if not bytes then return false end
    left = left - #bytes
    cqueues.sleep(step.gap)
  end
  return true
end

-- Says nothing until the peer goes away.
function steps.stall(peer)
  while peer:read(-1024) do end -- luacheck: ignore 542
  return false
end

function steps.close()
  return false
end

local function run(peer, list)
  for _, step in ipairs(list) do
    local name = step.send and "send" or step.drip and "drip" or step.flood and "flood" or step.sip and "sip" or
      step.sleep and "sleep" or step.stall and "stall" or "close"
    if not steps[name](peer, step) then return false end
  end
  return true
end

local function read_head(peer)
  local lines = {}
  for line in peer:lines("*L") do
    lines[#lines + 1] = line
    if line == "\r\n" then return table.concat(lines) end
  end
end

local function read_body(peer, head)
  local size = tonumber(head:lower():match("\ncontent%-length: *(%d+)") or 0)
  local body = {}
  local left = size
  while left > 0 do
    local bytes = peer:read(-left)
    if not bytes then return nil end
    left = left - #bytes
    body[#body + 1] = bytes
  end
  return table.concat(body)
end

local function find_route(path)
  return script.routes[path:match("^https?://[^/]*(/.*)") or path] or script.routes[path:match("^[^?]*")] or
    script.routes["*"]
end

-- One request: false when the connection is to be closed.
local function answer(peer, number, nth)
  local head = read_head(peer)
  if not head then return false end
  local path = head:match("^%S+ (%S+)")
  local route = find_route(path) or { { send = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n" } }
  local body = not route.unread and read_body(peer, head) or ""
  log { event = "request", connection = number, nth = nth, path = path, head = head, size = #body,
    body = #body <= 4096 and body or "" }
  return run(peer, route)
end

-- Closing with bytes unread makes the kernel send a reset; without any it is an ordinary end.
local function serve(peer, number)
  peer:setmode("b", "bn")
  peer:onerror(function(_, _, why) return why end)
  peer:setmaxline(1024 * 1024)
  log { event = "accept", connection = number }
  local go_on = run(peer, script.accept or {})
  if go_on and tls_context then
    local ok, why = peer:starttls(tls_context)
    if not ok then
      log { event = "tls", connection = number, why = tostring(why) }
      go_on = false
    end
  end
  local nth = 0
  while go_on do
    nth = nth + 1
    go_on = answer(peer, number, nth)
  end
  log { event = "end", connection = number }
  peer:close()
end

local loop = cqueues.new()

loop:wrap(function()
  local listener = assert(socket.listen { host = "127.0.0.1", port = 0 })
  assert(listener:listen())
  local _, _, port = listener:localname()
  local file = assert(io.open(port_path .. ".new", "w"))
  file:write(port)
  file:close()
  os.rename(port_path .. ".new", port_path)
  for peer in listener:clients() do
    connections = connections + 1
    local number = connections
    loop:wrap(function() serve(peer, number) end)
  end
end)

loop:wrap(function()
  cqueues.poll { pollfd = 0, events = "r" }
  os.exit(0)
end)

assert(loop:loop())
