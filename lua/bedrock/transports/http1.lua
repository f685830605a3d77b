--- HTTP/1.1 without a socket: what goes out as text, and what comes in, in any split of bytes.
--
-- For transports over sockets that the host gives, such as nginx's. Pure: nothing here waits, and every size that the
-- other side states has met a limit before it is used.
--
--   http1.target(url)                      -> { scheme, host, port, authority, path }
--   http1.request_head(request, target)    -> the request's head as text | nil, why
--   reader = http1.reader(method, limit, most)
--   reader:feed(bytes)                     -> true | nil, why, code
--   reader.head                            -> { status, headers, keep }, once it is complete
--   reader:take()                          -> the bytes of the body that came, or nil
--   reader:finish()                        -> the connection has ended: true when the answer may end so
--   reader.done, reader:reusable()
--
-- The reader refuses what two parties could read in two ways: a length that is stated twice, a header that goes on in
-- the next line, a chunk whose size is not a number.

local http1 = {}

--- The largest head of an answer, in bytes.
http1.head_limit = 64 * 1024

--- The most headers of an answer.
http1.header_count = 256

local LINE_LIMIT = 4096 -- of a chunk's size with its extensions, and of a trailer
local TRAILER_LIMIT = 64 -- lines

---- What goes out

local default_port = { http = 80, https = 443 }

---@class bedrock.Target
---@field scheme "http"|"https"
---@field host string with brackets when it is an IPv6 address
---@field port integer
---@field authority string as a Host header says it
---@field path string with the query, byte for byte
---@field user string? "name:password", not decoded

--- Takes a URL apart.
---@param url string
---@return bedrock.Target? target nil when this is not an absolute http or https URL
function http1.target(url)
  local scheme, authority, path = tostring(url):match("^(%a+)://([^/?#]+)([^#]*)")
  scheme = scheme and scheme:lower()
  if not default_port[scheme] or path:find("[%c ]") then return nil end
  local user, name = authority:match("^(.*)@(.-)$")
  name = name or authority
  local host, port = name:match("^(%[[%x:.]+%]):?(%d*)$")
  if not host then host, port = name:match("^([%w%-._]+):?(%d*)$") end
  port = host and (port == "" and default_port[scheme] or tonumber(port))
  if not port or port > 65535 then return nil end
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  return {
    scheme = scheme, host = host, port = port, path = path, user = user,
    authority = port == default_port[scheme] and host or host .. ":" .. port,
  }
end

local function check_field(name, value)
  if type(name) ~= "string" or not name:find("^[%w!#$%%&'*+%-.^_`|~]+$") then
    return "the name of a header is empty or holds a character that is not allowed there"
  end
  if type(value) ~= "string" or value:find("[%z\r\n]") then
    return ("the value of header %q holds a line break or a zero byte, or is not a string"):format(name)
  end
end

local takes_body = { POST = true, PUT = true, PATCH = true }

local function add_missing(lines, have, name, value)
  if value and not have[name:lower()] then lines[#lines + 1] = name .. ": " .. value end
end

--- The head of a request, with the empty line at its end.
---@param request bedrock.TransportRequest
---@param target bedrock.Target
---@param absolute boolean? with the whole URL in the first line, as a proxy wants it
---@param extra table[]? further headers, for the proxy
---@return string? text
---@return string? why it cannot be sent
function http1.request_head(request, target, absolute, extra)
  local method, body = request.method or "GET", request.body
  if not method:find("^[%w!#$%%&'*+%-.^_`|~]+$") then return nil, "the method is not a word of HTTP" end
  local path = absolute and target.scheme .. "://" .. target.authority .. target.path or target.path
  local lines, have = { method .. " " .. path .. " HTTP/1.1" }, {}
  for _, list in ipairs { request.headers or {}, extra or {} } do
    for _, pair in ipairs(list) do
      local why = check_field(pair[1], pair[2])
      if why then return nil, why end
      have[pair[1]:lower()] = true
      lines[#lines + 1] = pair[1] .. ": " .. pair[2]
    end
  end
  add_missing(lines, have, "Host", target.authority)
  add_missing(lines, have, "Accept-Encoding", method ~= "CONNECT" and "identity")
  add_missing(lines, have, "Content-Length", (body or takes_body[method]) and tostring(body and #body or 0))
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

---- What comes in

---@class bedrock.Http1Reader
---@field head { status: integer, headers: table<string, string>, keep: boolean }? of the final answer
---@field done boolean the answer is complete
---@field started boolean a byte of it came
local Reader = {}
Reader.__index = Reader
Reader.__name = "bedrock.http1.reader"

-- The states are methods: each takes what it can from self.raw and answers whether to go on; or false, why, code.
local states = {}

local function refuse(why, code)
  return false, why, code or "protocol"
end

local function parse_field(headers, line)
  local name, value = line:match("^([%w!#$%%&'*+%-.^_`|~]+):[ \t]*(.*)$")
  if not name or value:find("[%z\r]") then return nil end
  value = value:match("^.*[^ \t]") or "" -- "(.-)[ \t]*$" would look at a run of spaces once from each of them
  name = name:lower()
  headers[name] = headers[name] and headers[name] .. ", " .. value or value
  return true
end

local function parse_head(text, most)
  local version, status = text:match("^HTTP/1%.([01]) (%d%d%d)[ \r\n]")
  if not version then return nil, "what came is not an HTTP answer" end
  local headers, count = {}, -1
  for line in text:gmatch("(.-)\r?\n") do
    if count >= 0 and line ~= "" and not parse_field(headers, line) then return nil, "a header of the answer is not valid" end
    count = count + (line ~= "" and 1 or 0)
    if count > most then return nil, "the answer has more than " .. most .. " headers", "limit" end
  end
  return { status = tonumber(status), headers = headers, version = tonumber(version), keep = false }
end

local function has_word(value, word)
  return value ~= nil and ("," .. value:lower():gsub("[ \t]", "") .. ","):find("," .. word .. ",", 1, true) ~= nil
end

-- "5" and "5, 5" are five; anything else that is no number is a way to smuggle.
local function content_length(value)
  local first = value:match("^(%d+)$") or value:match("^(%d+),")
  if not first or #first > 15 then return nil end
  for each in value:gmatch("[^,]+") do
    if each:match("^%s*(%d+)%s*$") ~= first then return nil end
  end
  return tonumber(first)
end

-- How the body of this answer ends (RFC 9112, 6.3).
local function frame_body(self, head)
  local headers = head.headers
  local persistent = head.version == 1 and not has_word(headers.connection, "close") or
    head.version == 0 and has_word(headers.connection, "keep-alive")
  if self.method == "HEAD" or head.status == 204 or head.status == 304 then
    head.keep = persistent
    return "finished"
  elseif headers["transfer-encoding"] then
    if headers["transfer-encoding"]:lower() ~= "chunked" then return nil, "the answer's transfer-encoding is not known" end
    head.keep = persistent and headers["content-length"] == nil
    return "chunk_size"
  elseif headers["content-length"] then
    self.left = content_length(headers["content-length"])
    if not self.left then return nil, "the answer's content-length is not a number" end
    head.keep = persistent
    return self.left == 0 and "finished" or "counted"
  end
  return "until_close"
end

-- Where the empty line ends, or nil. What was looked through before is not looked through again.
local function head_end(self)
  local from = math.max(self.searched - 3, 1)
  local _, crlf = self.raw:find("\r\n\r\n", from, true)
  local _, lf = self.raw:find("\n\n", from, true)
  self.searched = #self.raw
  return crlf and lf and math.min(crlf, lf) or crlf or lf
end

function states.head(self)
  local stop = head_end(self)
  if (stop or #self.raw) > self.limit then
    return refuse("the answer's headers are larger than " .. self.limit .. " bytes", "limit")
  end
  if not stop then
    if #self.raw >= 5 and self.raw:sub(1, 5) ~= "HTTP/" then return refuse("what came is not an HTTP answer") end
    return nil
  end
  local head, why, code = parse_head(self.raw:sub(1, stop), self.most)
  if not head then return refuse(why, code) end
  self.raw, self.searched = self.raw:sub(stop + 1), 0
  if head.status < 200 and head.status ~= 101 then return true end
  local state, bad = frame_body(self, head)
  if not state then return refuse(bad) end
  self.head, self.state = head, state
  return true
end

local function give(self, n)
  self.parts[#self.parts + 1] = n >= #self.raw and self.raw or self.raw:sub(1, n)
  self.raw = n >= #self.raw and "" or self.raw:sub(n + 1)
end

function states.counted(self)
  local n = math.min(self.left, #self.raw)
  if n == 0 then return nil end
  give(self, n)
  self.left = self.left - n
  if self.left == 0 then self.state = self.after or "finished" end
  return true
end

function states.until_close(self)
  if self.raw == "" then return nil end
  give(self, #self.raw)
end

-- The next line without its end, or nil.
local function line(self)
  local stop = self.raw:find("\n", 1, true)
  if (stop or #self.raw) > LINE_LIMIT then return nil, true end
  if not stop then return nil end
  local text = self.raw:sub(1, stop - 1):gsub("\r$", "")
  self.raw = self.raw:sub(stop + 1)
  return text
end

function states.chunk_size(self)
  local text, long = line(self)
  if long then return refuse("the size of a chunk is longer than " .. LINE_LIMIT .. " bytes", "limit") end
  if not text then return nil end
  local digits = text:match("^(%x+)[ \t]*$") or text:match("^(%x+)[ \t]*;")
  if not digits or #digits > 12 then return refuse("the size of a chunk is not a number") end
  self.left, self.after = tonumber(digits, 16), "chunk_end"
  self.state = self.left == 0 and "trailers" or "counted"
  return true
end

function states.chunk_end(self)
  if #self.raw < 1 or self.raw == "\r" then return nil end
  local stop = self.raw:match("^\r?\n()")
  if not stop then return refuse("a chunk does not end where it should") end
  self.raw, self.state = self.raw:sub(stop), "chunk_size"
  return true
end

function states.trailers(self)
  local text, long = line(self)
  self.trailers = self.trailers + (text and 1 or 0)
  if long or self.trailers > TRAILER_LIMIT then return refuse("the trailers of the answer are too long", "limit") end
  if not text then return nil end
  if text == "" then self.state = "finished" end
  return true
end

-- Whatever comes behind the end belongs to no answer that was asked for.
function states.finished(self)
  self.done = true
end

--- A reader of one answer.
---@param method string of the request
---@param limit integer? bytes of the head
---@param most integer? headers
---@return bedrock.Http1Reader
function http1.reader(method, limit, most)
  return setmetatable({
    method = method, limit = limit or http1.head_limit, most = most or http1.header_count, raw = "", searched = 0,
    state = "head", parts = {}, left = 0, after = nil, trailers = 0, head = nil, done = false, started = false, broken = nil,
  }, Reader)
end

--- Takes bytes that came.
---@param bytes string
---@return boolean? ok
---@return string? why it is not a valid answer; it stays so
---@return string? code "protocol" or "limit"
function Reader:feed(bytes)
  if self.broken then return nil, self.broken[1], self.broken[2] end
  if bytes ~= "" then self.started = true end
  self.raw = self.raw == "" and bytes or self.raw .. bytes
  repeat
    local go_on, why, code = states[self.state](self)
    if why then
      self.broken = { why, code }
      return nil, why, code
    end
  until not go_on
  return true
end

--- The bytes of the body that came since the last call; nil when none did.
---@return string?
function Reader:take()
  local n = #self.parts
  if n == 0 then return nil end
  local bytes = n == 1 and self.parts[1] or table.concat(self.parts)
  self.parts = {}
  return bytes
end

--- Says that the connection has ended.
---@return boolean whole whether the answer may end here
function Reader:finish()
  if self.state == "until_close" then self.done = true end
  return self.done
end

--- Whether the connection can carry another request.
---@return boolean
function Reader:reusable()
  return self.done and self.head.keep and self.raw == ""
end

return http1
