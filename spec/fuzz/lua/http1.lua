-- Any bytes as an HTTP/1.1 answer: however they are cut into reads, the same head and body come out and the same end, and no
-- answer is both broken and done.

local http1 = require "bedrock.transports.http1"

local methods = { "POST", "GET", "HEAD" }

local function read(bytes, method, step)
  local reader, body, why, code = http1.reader(method), {}, nil, nil
  for at = 1, #bytes, step do
    local ok
    ok, why, code = reader:feed(bytes:sub(at, at + step - 1))
    body[#body + 1] = reader:take()
    if not ok or reader.done then break end
  end
  if not why then reader:finish() end
  assert(not (why and reader.done))
  if reader.done then reader:reusable() end
  return { head = reader.head, body = table.concat(body), done = reader.done, why = why, code = code }
end

local function check_head(head)
  assert(head.status >= 101 and head.status <= 999)
  for name, value in pairs(head.headers) do
    assert(name:find("^[^%s:%c]+$") and not name:find("%u") and not value:find("[\r\n%z]"), name)
  end
end

-- Limits may be met sooner in a whole than in pieces, or the other way: then only that is told.
local function same(a, b)
  if a.code == "limit" or b.code == "limit" then return true end
  return a.done == b.done and a.why == b.why and (a.why ~= nil or a.body == b.body) and
    (a.head and a.head.status) == (b.head and b.head.status)
end

return function(bytes)
  local how = bytes:byte(-1) or 0
  local method, step = methods[how % 3 + 1], math.floor(how / 3) % 64 + 1
  local whole = read(bytes:sub(1, -2), method, #bytes + 1)
  if whole.head then check_head(whole.head) end
  assert(#bytes > 4096 or same(whole, read(bytes:sub(1, -2), method, step)), "cut differently it reads differently")
end
