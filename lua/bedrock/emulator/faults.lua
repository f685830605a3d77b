--- Failures on demand: one row a fault.
--
-- A fault is written NAME[:ARGUMENT...], with *N behind it for "only the first N requests" and @OPERATION for "only this
-- operation"; several are joined by commas. They come from the command line, for every request, or from the header x-emulator-fault,
-- for one. A row acts in one of five stages:
--
--   request  act(exchange, ...)            nothing is answered yet; false: the connection is over
--   reply    act(exchange, ...)            may return an answer of its own, instead of what the operation says
--   parts    act(response, ...)            changes the parts of an answer before any of it goes out
--   body     act(exchange, body, ...)      returns a body writer { write, finish } in front of the real one
--   after    act(exchange, ...)            the answer is out

local frames = require("bedrock.emulator.frames")
local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local refusal = require("bedrock.emulator.refusal")

local faults = {}

local FOREVER = 1e9

-- ---- answers ----

local function plain_answer(status, content_type, text)
  return { status = status, headers = { { "Content-Type", content_type } }, parts = { { bytes = text } } }
end

local codes = {
  [400] = "ValidationException", [403] = "AccessDeniedException", [404] = "ResourceNotFoundException",
  [408] = "ModelTimeoutException", [409] = "ConflictException", [424] = "ModelErrorException",
  [429] = "ThrottlingException", [500] = "InternalServerException", [503] = "ServiceUnavailableException",
}

local function status_answer(exchange, status)
  local own = exchange.route and exchange.route.failure
  if own then return own(exchange, status, "The emulator was asked to fail.") end
  local why = refusal.new(codes[status] or "UnknownError", "The emulator was asked to fail.")
  local answer = plain_answer(status, "application/json", json.encode({ message = why.message }))
  if codes[status] then answer.headers[2] = { "x-amzn-ErrorType", why.type_header } end
  return answer
end

local function html_answer(_, status)
  return plain_answer(status or 502, "text/html",
    "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>\n")
end

local function throttled(exchange, retry_after)
  local answer = status_answer(exchange, 429)
  if not exchange.route.failure then
    answer.parts[1].bytes = json.encode({ message = "Too many requests, please wait before trying again." })
  end
  if retry_after then table.insert(answer.headers, { "Retry-After", tostring(retry_after) }) end
  return answer
end

local function refuse(code, text)
  return function() refusal.raise(code, text) end
end

-- ---- parts of a stream ----

local function keep_first(response, n)
  for i = #response.parts, n + 1, -1 do response.parts[i] = nil end
end

local function ends_with(response, n, bytes)
  if not response.stream or not bytes then return end
  keep_first(response, n or 3)
  table.insert(response.parts, { name = "fault", bytes = bytes })
end

local function exception(response, name, n)
  if response.sse then return end
  name = name:sub(1, 1):lower() .. name:sub(2)
  local payload = { message = "The emulator was asked to fail." }
  if name == "modelStreamErrorException" then payload.originalStatusCode, payload.originalMessage = 424, "The model gave up." end
  ends_with(response, n, frames.exception(name, json.encode(payload)))
end

local function in_band_error(response, name, n)
  local event = json.encode({ type = "error", error = { type = name or "overloaded_error", message = "Overloaded" } })
  local frame = not response.sse and frames.event("chunk", json.encode({ bytes = encoding.base64(event) }))
  ends_with(response, n, frame or ("event: error\ndata: %s\n\n"):format(event))
end

-- One frame again, with another total length in its prelude and a prelude CRC that fits.
local function with_length(frame, length)
  local prelude = string.pack(">I4", length) .. frame:sub(5, 8)
  local crc = require("zlib").crc32()(prelude)
  return prelude .. string.pack(">I4", crc) .. frame:sub(13)
end

local function on_part(response, n, change)
  local part = response.stream and response.parts[math.min(n or 3, #response.parts)]
  if part then part.bytes = change(part.bytes) end
end

-- Server-sent events have no frames to be forged.
local function on_frame(response, n, change)
  if not response.sse then on_part(response, n, change) end
end

local function flipped(bytes, at)
  return bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 1) .. bytes:sub(at + 1)
end

local function without_stop(response)
  for i = #response.parts, 1, -1 do
    if response.parts[i].last then table.remove(response.parts, i) end
  end
end

-- ---- bodies ----

local function ended(exchange, how)
  exchange.ended = how
  return false
end

-- Lets `limit` bytes through and then ends the connection.
local function limited(exchange, body, limit, finish)
  local left = limit
  return {
    write = function(_, bytes, part)
      if #bytes < left then
        left = left - #bytes
        return body:write(bytes, part)
      end
      if left > 0 and not body:write(bytes:sub(1, left), part) then return false end
      finish()
      return ended(exchange, "fault")
    end,
    finish = function() finish() return ended(exchange, "fault") end,
  }
end

local function body_size(exchange)
  local n = 0
  for _, part in ipairs(exchange.response.parts) do n = n + #part.bytes end
  return n
end

-- Where a connection breaks off: before anything is answered, after the head, or half-way through the body.
local function breaking(verb)
  return function(exchange, body, where)
    local connection = exchange.connection
    local limit = where == "head" and 0 or body_size(exchange) // 2
    return limited(exchange, body, limit, function()
      -- what was sent before must be read: a reset throws away what is still on its way
      connection:wait(0.05)
      connection[verb](connection)
    end)
  end
end

local function flip_byte(_, body, at)
  local seen = 0
  return {
    write = function(_, bytes, part)
      local here = at - seen
      seen = seen + #bytes
      return body:write(here >= 1 and here <= #bytes and flipped(bytes, here) or bytes, part)
    end,
    finish = function() return body:finish() end,
  }
end

local function stalling(exchange, body, seconds, n)
  local seen = 0
  return {
    write = function(_, bytes, part)
      if seen == (n or 3) and not exchange.connection:wait(seconds) then return false end
      seen = seen + 1
      return body:write(bytes, part)
    end,
    finish = function()
      if seen <= (n or 3) and not exchange.connection:wait(seconds) then return false end
      return body:finish()
    end,
  }
end

-- ---- connections ----

-- Before the head is out: nothing of it, or half.
local function break_early(verb)
  return function(exchange, where)
    if where == "within" then exchange.connection.break_head, exchange.ended = verb, "fault" end
    if where ~= "before" then return true end
    exchange.connection[verb](exchange.connection)
    return ended(exchange, "fault")
  end
end

local function silence(exchange)
  while exchange.connection:wait(3600) do end
  return ended(exchange, "client left")
end

local function close_idle(exchange, seconds)
  exchange.connection:wait(seconds or 0.05)
  exchange.connection:close()
end

-- name, stage, what the arguments are, act, what it does; `counted` says which argument tells for how many requests, `times` for how
-- many when none does
faults.rows = {
  { "throttle", "reply", "[:N[:SECONDS]]", throttled, "429 ThrottlingException, for the first N requests, with Retry-After",
    counted = true },
  { "status", "reply", ":CODE[:N]", status_answer, "an error of that status, for the first N requests", counted = 2 },
  { "html", "reply", "[:CODE]", html_answer, "a proxy's page instead of JSON (502)" },
  { "empty", "reply", "[:CODE]", function(_, status) return plain_answer(status or 500, "application/json", "") end,
    "an error without a body (500)" },
  { "expired-token", "reply", "", refuse("ExpiredTokenException", "The security token included in the request is expired"),
    "403 ExpiredTokenException, once", times = 1 },
  { "not-ready", "reply", "[:N]", refuse("ModelNotReadyException", "The model is not ready for inference. Try again."),
    "429 ModelNotReadyException, for the first N requests", counted = true },
  { "skew", "request", ":SECONDS", function(exchange, seconds) exchange.clock = exchange.clock + seconds return true end,
    "the service's clock is ahead by that much" },
  { "reset", "request", ":before|within", break_early("reset"), "a TCP reset before the answer, or within its head" },
  { "reset", "body", ":head|body", breaking("reset"), "a TCP reset after the head, or half-way through the body" },
  { "close", "request", ":before|within", break_early("close"), "the connection closes before the answer, or within its head" },
  { "close", "body", ":head|body", breaking("close"), "the connection closes after the head, or half-way through the body" },
  { "cut", "body", ":K", function(exchange, body, k)
    return limited(exchange, body, k, function() exchange.connection:close() end)
  end, "the connection closes after K bytes of the body" },
  { "silent", "request", "", silence, "the request is taken and never answered" },
  { "slow-head", "request", ":SECONDS", function(exchange, seconds)
    return exchange.connection:wait(seconds) or ended(exchange, "client left")
  end, "nothing is said for that long" },
  { "stall", "body", ":SECONDS[:N]", stalling, "a pause after N events (3)" },
  { "drip", "request", "", function(exchange) exchange.connection.drip = true return true end, "the answer comes byte by byte" },
  { "flip", "body", ":K", flip_byte, "one bit of byte K of the body is turned over" },
  { "crc", "parts", "[:N]", function(response, n)
    on_frame(response, n, function(frame) return flipped(frame, #frame - 8) end)
  end, "one bit of the N-th frame (3) is turned over" },
  { "exception", "parts", ":NAME[:N]", exception, "after N events (3) the stream ends with that exception" },
  { "error-frame", "parts", "[:N]", function(response, n)
    ends_with(response, n, not response.sse and frames.error("InternalFailure", "The emulator was asked to fail."))
  end, "after N events (3) the stream ends with a frame of type error" },
  { "error-event", "parts", "[:TYPE[:N]]", in_band_error, "after N events (3) a Messages stream ends with an error event" },
  { "wrong-length", "parts", "[:N]", function(response, n)
    on_frame(response, n, function(frame) return with_length(frame, #frame + 7) end)
  end, "the N-th frame (3) says it is 7 bytes longer than it is" },
  { "forged-length", "parts", "[:N]", function(response, n)
    on_frame(response, n, function(frame) return with_length(frame, 0x7fffffff) end)
  end, "the N-th frame (3) says it is 2 GiB long" },
  { "header-type", "parts", "[:N]", function(response, n)
    on_frame(response, n, function() return frames.encode({ { ":event-type", "chunk", 66 } }, "{}") end)
  end, "the N-th frame (3) has a header of a type that does not exist" },
  { "huge-frame", "parts", "[:MIB]", function(response, mib)
    on_frame(response, 3, function(frame)
      return frames.event("contentBlockDelta", json.encode({ p = ("x"):rep((mib or 25) * 1048576) })) .. frame
    end)
  end, "a frame of 25 MiB in front of the third" },
  { "garbage", "parts", "[:N]", function(response, n) ends_with(response, n, ("this is not a frame "):rep(40)) end,
    "after N events (3) come bytes that are no frames" },
  { "no-stop", "parts", "", without_stop, "the stream ends in order, but without its stop event" },
  { "half-frame", "parts", "", function(response)
    on_part(response, #response.parts, function(frame) return frame:sub(1, #frame // 2) end)
  end, "the stream ends in order, in the middle of its last frame" },
  { "slow-tls", "tls", ":SECONDS", function(seconds) return seconds end,
    "the TLS handshake is answered that late; of connections, so by --fault alone" },
  { "close-idle", "after", "[:SECONDS]", close_idle, "the connection closes while it is idle" },
}

local by_name = {}
for _, row in ipairs(faults.rows) do
  by_name[row[1]] = by_name[row[1]] or {}
  table.insert(by_name[row[1]], row)
end

-- ---- specifications ----

local function arguments(text)
  local list = {}
  for word in text:gmatch(":([^:]*)") do list[#list + 1] = tonumber(word) or word end
  return list
end

-- Where a fault's own arguments say how many requests it is for.
local function own_count(row, args)
  local at = row.counted == true and 1 or row.counted
  local n = at and args[at]
  if n then table.remove(args, at) end
  return n
end

local function parse_one(text)
  local rest, operation = text:match("^(.-)@(%w+)$")
  local body, times = (rest or text):match("^(.-)%*(%d+)$")
  local name, args = (body or rest or text):match("^([%l%-]+)(.*)$")
  if not by_name[name] then error(("no such fault: %s; bedrock emulate --help lists them"):format(text), 0) end
  args = arguments(args)
  local n = own_count(by_name[name][1], args)
  return { text = text, rows = by_name[name], args = args, operation = operation,
    times = tonumber(times) or n or by_name[name][1].times or FOREVER }
end

--- Reads a specification such as "throttle:2,exception:throttlingException:5@ConverseStream"; raises on a name that is none.
---@param text string
---@return table[]
function faults.parse(text)
  local list = {}
  for one in text:gmatch("[^,%s]+") do list[#list + 1] = parse_one(one) end
  return list
end

-- A header stays the same over the attempts of one call, and another call with the same header starts anew.
local function counter_name(fault, request, from_header)
  return from_header and fault.text .. "/" .. (request.header["amz-sdk-invocation-id"] or "") or fault
end

-- Counts a fault that has a count; false when it is used up. Nothing else is counted: an emulator may run for days.
local function strikes(fault, name, spent)
  if fault.times == FOREVER then return true end
  spent[name] = (spent[name] or 0) + 1
  return spent[name] <= fault.times
end

local function is_of_connections(fault)
  return fault.rows[1][2] == "tls"
end

--- How late the TLS handshake of a new connection is answered.
---@param fixed table[] for every connection
---@param spent table counts
---@return number seconds
function faults.handshake_delay(fixed, spent)
  local seconds = 0
  for _, fault in ipairs(fixed) do
    if is_of_connections(fault) and strikes(fault, fault, spent) then seconds = seconds + fault.args[1] end
  end
  return seconds
end

local Plan = {}
Plan.__index = Plan

--- The plan of a request that meets none.
faults.none = setmetatable({ list = {} }, Plan)

--- The faults that one request meets.
---@param fixed table[] for every request
---@param request table
---@param operation string?
---@param spent table counts
---@return table plan
function faults.plan(fixed, request, operation, spent)
  local plan = setmetatable({ list = {} }, Plan)
  local function consider(fault, from_header)
    if fault.operation and fault.operation ~= operation or is_of_connections(fault) then return end
    if strikes(fault, counter_name(fault, request, from_header), spent) then table.insert(plan.list, fault) end
  end
  for _, fault in ipairs(fixed) do consider(fault, false) end
  for _, fault in ipairs(faults.parse(request.header["x-emulator-fault"] or "")) do consider(fault, true) end
  return plan
end

-- Calls act for every fault of a stage, until one gives a result.
function Plan:each(stage, act)
  for _, fault in ipairs(self.list) do
    for _, row in ipairs(fault.rows) do
      if row[2] == stage then
        local result = act(row[4], fault.args)
        if result ~= nil then return result end
      end
    end
  end
end

--- Before the body is read; false when the connection is over.
function Plan:request(exchange)
  local over = self:each("request", function(act, args)
    if act(exchange, table.unpack(args)) == false then return true end
  end)
  return not over
end

--- An answer instead of the operation's, or nil.
function Plan:reply(exchange)
  return self:each("reply", function(act, args) return act(exchange, table.unpack(args)) end)
end

--- Changes an answer.
function Plan:parts(response)
  self:each("parts", function(act, args) act(response, table.unpack(args)) end)
end

--- The body writer that an answer goes through.
function Plan:body(exchange, body)
  self:each("body", function(act, args)
    if args[1] ~= "before" and args[1] ~= "within" then body = act(exchange, body, table.unpack(args)) end
  end)
  return body
end

--- When the answer is out.
function Plan:after(exchange)
  self:each("after", function(act, args) act(exchange, table.unpack(args)) end)
end

--- The names, for the log.
function Plan:names()
  local list = {}
  for i, fault in ipairs(self.list) do list[i] = fault.text end
  return list[1] and list or nil
end

return faults
