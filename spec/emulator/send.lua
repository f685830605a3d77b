-- Runs on lua5.4: a plain client for the emulator's own spec. Reads a job from the file named, writes what came back as JSON.
--
--   job      { port, tls, requests = { request, ... } }: the requests go over one connection, one after the other
--   request  { method, target, headers, body, sign = { id, secret, token, service, region, late }, chunked, expect, abandon, leave }
--            abandon: read only the head of the answer; leave: read nothing
--   answer   { status, headers, body | events, ended = "complete" | "cut" | "reset", spare = bytes behind the last whole frame }

local cqueues = require "cqueues"
local errno = require "cqueues.errno"
local socket = require "cqueues.socket"
local digest = require "openssl.digest"
local hmac = require "openssl.hmac"
local dkjson = require "dkjson"
local zlib = require "zlib"

-- ---- signing, the simplest way that is right ----

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function sha256(text)
  return hex(digest.new("sha256"):final(text))
end

local function mac(key, text)
  return hmac.new(key, "sha256"):final(text)
end

local function encoded_again(path)
  return (path:gsub("[^%w%-._~/]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function sign(request, host)
  local how = request.sign
  local time = os.date("!%Y%m%dT%H%M%SZ", os.time() + (how.late or 0))
  local scope = table.concat({ time:sub(1, 8), how.region or "us-east-1", how.service or "bedrock", "aws4_request" }, "/")
  local names, lines = "host;x-amz-date", "host:" .. host .. "\nx-amz-date:" .. time .. "\n"
  if how.token then
    request.headers["x-amz-security-token"] = how.token
    names, lines = names .. ";x-amz-security-token", lines .. "x-amz-security-token:" .. how.token .. "\n"
  end
  local path, query = request.target:match("^([^?]*)%??(.*)$")
  local canonical = table.concat({ request.method, encoded_again(path), query, lines, names, sha256(request.body) }, "\n")
  local to_sign = table.concat({ "AWS4-HMAC-SHA256", time, scope, sha256(canonical) }, "\n")
  local key = "AWS4" .. how.secret
  for part in scope:gmatch("[^/]+") do key = mac(key, part) end
  request.headers["x-amz-date"] = time
  request.headers.authorization = ("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s")
    :format(how.id, scope, names, hex(mac(key, to_sign)))
end

-- ---- requests ----

local function chunks(body)
  local out = {}
  for at = 1, #body, 10 do
    local piece = body:sub(at, at + 9)
    out[#out + 1] = ("%x\r\n%s\r\n"):format(#piece, piece)
  end
  return table.concat(out) .. "0\r\n\r\n"
end

local function head_of(request, host)
  local lines = { ("%s %s HTTP/1.1"):format(request.method, request.target), "host: " .. host }
  for name, value in pairs(request.headers) do lines[#lines + 1] = name .. ": " .. value end
  lines[#lines + 1] = request.chunked and "transfer-encoding: chunked" or
    "content-length: " .. (request.claimed_length or #request.body)
  if request.expect then lines[#lines + 1] = "expect: 100-continue" end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- ---- answers ----

local function read_frames(body)
  local events, at = {}, 1
  while at + 15 <= #body do
    local total, size = string.unpack(">I4I4", body, at)
    local whole = at + total - 1 <= #body
    local prelude_ok = zlib.crc32()(body:sub(at, at + 7)) == string.unpack(">I4", body, at + 8)
    if not prelude_ok or not whole then break end
    local event = { headers = {}, payload = body:sub(at + 12 + size, at + total - 5), length = total }
    event.crc = zlib.crc32()(body:sub(at, at + total - 5)) == string.unpack(">I4", body, at + total - 4)
    local from = at + 12
    while from < at + 12 + size do
      local name, _, value, next_from = string.unpack(">s1Bs2", body, from)
      event.headers[name], from = value, next_from
    end
    if #event.payload > 100000 then event.payload = "(long)" end
    events[#events + 1], at = event, at + total
  end
  return events, #body - at + 1
end

local function read_some(so, n, keep)
  local left = n
  while left > 0 do
    local bytes, why = so:xread(-math.min(left, 65536))
    if not bytes then return why == errno.ECONNRESET and "reset" or "cut" end
    keep[#keep + 1] = bytes
    left = left - #bytes
  end
end

local function read_chunks(so, keep)
  while true do
    local line, why = so:xread("*L")
    local size = tonumber((line or ""):match("^%x+") or "", 16)
    if not size then return why == errno.ECONNRESET and "reset" or "cut" end
    local trouble = size > 0 and read_some(so, size, keep)
    if trouble then return trouble end
    if so:xread("*L") ~= "\r\n" then return "cut" end
    if size == 0 then return nil end
  end
end

local function read_head(so)
  local line, why = so:xread("*L")
  if not line then return nil, why == errno.ECONNRESET and "reset" or "cut" end
  local answer = { status = tonumber(line:match("^HTTP/1.1 (%d+)")), headers = {} }
  for header in function() return so:xread("*L") end do
    local name, value = header:match("^([^:]+): (.-)\r\n$")
    if not name then break end
    answer.headers[name:lower()] = value
  end
  return answer
end

local function read_answer(so, request)
  local answer, trouble = read_head(so)
  if not answer then return { ended = trouble } end
  if answer.status == 100 then
    so:write(request.body)
    so:flush()
    local continued = answer.status
    answer, trouble = read_head(so)
    if not answer then return { ended = trouble } end
    answer.continued = continued
  end
  if request.abandon then return answer end
  local keep = {}
  local length = tonumber(answer.headers["content-length"])
  answer.ended = (length and read_some(so, length, keep) or not length and read_chunks(so, keep)) or "complete"
  answer.body = table.concat(keep)
  answer.length = #answer.body
  if (answer.headers["content-type"] or ""):find("eventstream", 1, true) then
    answer.events, answer.spare = read_frames(answer.body)
    answer.body = nil
  end
  return answer
end

local function exchange(so, request, host)
  request.headers, request.body = request.headers or {}, request.body or ""
  if request.sign then sign(request, host) end
  so:write(head_of(request, host))
  if not request.expect then so:write(request.chunked and chunks(request.body) or request.body) end
  so:flush()
  return request.leave and { ended = "left" } or read_answer(so, request)
end

local function connect(job)
  local so = socket.connect({ host = "127.0.0.1", port = job.port })
  so:onerror(function(_, _, why) return why end)
  so:setmode("bf", "bf")
  if job.tls then assert(so:starttls(10)) end
  return so
end

local file = assert(io.open(arg[1], "rb"))
local job = assert(dkjson.decode(file:read("a")))
file:close()
local answers = {}
local loop = cqueues.new()
loop:wrap(function()
  local so = connect(job)
  for i, request in ipairs(job.requests) do
    answers[i] = exchange(so, request, "127.0.0.1:" .. job.port)
    if answers[i].ended ~= "complete" then break end
    if request.pause then cqueues.sleep(request.pause) end
  end
  so:close()
end)
assert(loop:loop())
io.write(dkjson.encode(answers))
