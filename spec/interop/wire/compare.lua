-- Reads the cases that judge.mjs wrote and does the same with our signer and our frames. Prints what differs.

local core = require "bedrock.core"
local json = require "bedrock.json"

local es, sigv4, base64 = core.eventstream, core.sigv4, core.base64

-- Frames that AWS's codec for JavaScript takes and we refuse, by our code, and why that is right.
local stricter = {
  utf8 = "bytes that are no UTF-8 become U+FFFD there, and with them the names and texts of headers something else",
  duplicate_header = "of two headers with one name the last counts there; whoever looks at the first sees another frame",
  empty_header_name = "the format has no header without a name",
  header_truncated = "a header that runs past the headers is read on into the payload there",
}

local seed, passed, failed = nil, 0, 0
local seen = {}

local function differ(case, what)
  failed = failed + 1
  if failed <= 20 then print(("%s %d of SEED=%d: %s"):format(case.kind, case.number, seed, what)) end
end

local function verdict(case, what)
  if what then return differ(case, what) end
  passed = passed + 1
end

local function unequal(name, want, got)
  if want ~= got then return ("%s\n  want %q\n  got  %q"):format(name, tostring(want), tostring(got)) end
end

-- Requests

local function request_of(case)
  return {
    method = case.method, path = case.path, query = case.query, headers = case.headers, body = base64.decode(case.body),
    region = case.region, service = case.service, time = case.time, expires = case.expires,
    access_key_id = case.access_key_id, secret_access_key = case.secret_access_key, session_token = case.session_token,
    normalize = not case.as_is, double_encode = not case.as_is, content_sha256 = case.checksum and not case.presigned,
  }
end

local function check_request(case)
  local result = (case.presigned and sigv4.presign or sigv4.sign)(request_of(case))
  return unequal("canonical request", case.canonical, result.canonical_request) or
    case.presigned and unequal("signature", case.signature, result.signature) or
    not case.presigned and unequal("authorization", case.authorization, result.authorization)
end

-- Frames

local from_text = {
  bool_true = function() return true end, bool_false = function() return false end,
  byte = tonumber, int16 = tonumber, int32 = tonumber, string = tostring, uuid = tostring, bytes = base64.decode,
  int64 = json.decode, timestamp = json.decode,
}

local function headers_of(list)
  local headers = {}
  for i, header in ipairs(list) do headers[i] = { header[1], header[2], from_text[header[2]](header[3]) } end
  return headers
end

-- JavaScript has no dates that are further away than this, in milliseconds.
local FURTHEST = 8640000000000000

local function value_told(kind, value)
  if kind == "bytes" then return base64.encode(value) end
  local text = (kind == "int64" or kind == "timestamp") and json.encode(value) or tostring(value)
  return kind == "timestamp" and math.abs(tonumber(text)) > FURTHEST and "NaN" or text
end

local function told(headers)
  local lines = {}
  for i, header in ipairs(headers) do
    lines[i] = ("%s %s %s"):format(header[1], header[2], value_told(header[2], header[3]))
  end
  return table.concat(lines, "\n")
end

local function told_by_judge(list)
  local lines = {}
  for i, header in ipairs(list) do lines[i] = table.concat(header, " ") end
  return table.concat(lines, "\n")
end

local function check_read(case, frame)
  return unequal("headers", told_by_judge(case.headers), told(frame.headers)) or
    unequal("payload", case.payload, base64.encode(frame.payload))
end

local function check_frame(case)
  local bytes = base64.decode(case.bytes)
  local frame, err = es.decode(bytes)
  if not frame then return "refused: " .. err.message end
  return check_read(case, frame) or
    unequal("written", case.bytes, base64.encode(es.encode(headers_of(case.headers), base64.decode(case.payload))))
end

-- Takes the events that are there.
local function drain(decoder, events)
  while true do
    local kind, name, payload = decoder:next("raw")
    if not kind then return name and name.message end
    events[#events + 1] = { name, base64.encode(payload) }
  end
end

local function check_stream(case)
  local bytes, decoder, events, at = base64.decode(case.bytes), es.decoder(), {}, 1
  for i = 1, #case.splits + 1 do
    local size = case.splits[i] or #bytes
    decoder:feed(bytes:sub(at, at + size - 1))
    local why = drain(decoder, events)
    if why then return "broken: " .. why end
    at = at + size
  end
  return not decoder:finish() and "not whole" or unequal("events", json.encode(case.events), json.encode(events))
end

local function check_damage(case)
  local frame, err = es.decode(base64.decode(case.bytes))
  if frame and case.refused then return "taken, though the judge says: " .. case.why end
  if frame then return check_read(case, frame) end
  if case.refused then return nil end
  seen[err.code] = (seen[err.code] or 0) + 1
  return not stricter[err.code] and ("refused alone: %s (%s)"):format(err.message, err.code) or nil
end

local checks = { request = check_request, frame = check_frame, stream = check_stream, damage = check_damage }

for line in io.lines(arg[1]) do
  local case = assert(json.decode(line))
  seed = seed or case.number
  if checks[case.kind] then verdict(case, checks[case.kind](case)) end
end
for code, count in pairs(seen) do print(("%d frames refused by us alone, %s: %s"):format(count, code, stricter[code] or "")) end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
