--- Exchanges on disk: a transport that writes down what goes through it, and one that plays it back.
--
-- A line of JSON an exchange. What is secret is taken out before anything is written: headers that authorise, what is
-- signed into a URL, and the members and elements of answers that hold keys or tokens. The chunks of an answer stay as they
-- came, so that a replayed stream is cut where the recorded one was.

local core = require "bedrock.core"
local json = require "bedrock.json"
local redact = require "bedrock.redact"
local transports = require "bedrock.transports"

local cassette = {}

-- Secrets ---------------------------------------------------------------------------------------------------------------

local HIDDEN = redact.HIDDEN

-- What a server says of credentials is JSON or XML; what is sent to one may be a form.
local function hide_answer(text)
  return redact.xml(redact.json(text))
end

local function is_form(headers)
  return (headers["content-type"] or ""):find("form%-urlencoded") ~= nil
end

local function hide_body(headers, body)
  if is_form(headers) then return redact.form(body) end
  return hide_answer(body)
end

-- Answers that are a secret as a whole: the session token of the metadata service.
local function is_token(request)
  return request.url:find("/latest/api/token", 1, true) ~= nil
end

-- Text stays text, so that a cassette can be read; all else is base64.
local function packed(bytes)
  local ok = json.encode(bytes)
  if ok then return bytes end
  return { base64 = core.base64.encode(bytes) }
end

local function unpacked(value)
  if type(value) == "table" then return core.base64.decode(value.base64) end
  return value
end

-- Writing ---------------------------------------------------------------------------------------------------------------

local function request_of(sent, scrub)
  local headers, body = redact.headers(sent.headers), sent.body and tostring(sent.body) or ""
  return {
    method = sent.method or "GET", url = scrub(redact.url(sent.url)), headers = headers,
    body = packed(scrub(hide_body(headers, body))),
  }
end

-- A stream of frames has sums over its bytes and holds no credentials: it is written as it is.
local function chunk_of(request, headers, bytes, scrub)
  if is_token(request) then return HIDDEN end
  if (headers["content-type"] or ""):find("eventstream", 1, true) then return packed(bytes) end
  return packed(scrub(hide_answer(bytes)))
end

local Recorded = {}
Recorded.__index = Recorded

local function write(self, err)
  if self.written then return end
  self.written = true
  self.recorder:write {
    request = self.request,
    response = { status = self.status, headers = redact.headers(self.headers), chunks = json.array(self.chunks), broke = err },
  }
end

-- A body that is no stream is scrubbed as a whole, because a secret may stand across two chunks.
local function join(self)
  if (self.headers["content-type"] or ""):find("stream", 1, true) or #self.raw < 2 then return end
  self.chunks = { chunk_of(self.request, self.headers, table.concat(self.raw), self.recorder.scrub) }
end

function Recorded:read()
  local bytes, err = self.inner:read()
  if bytes then
    self.raw[#self.raw + 1] = bytes
    self.chunks[#self.chunks + 1] = chunk_of(self.request, self.headers, bytes, self.recorder.scrub)
    return bytes
  end
  join(self)
  write(self, err)
  return nil, err
end

function Recorded:read_all(limit)
  return transports.read_all(self, limit)
end

function Recorded:close()
  join(self)
  write(self)
  self.inner:close()
end

local Recorder = {}
Recorder.__index = Recorder
Recorder.__name = "bedrock.testing.recorder"

function Recorder:write(exchange)
  local line = assert(json.encode(exchange))
  assert(self.file:write(line, "\n"))
  self.file:flush()
end

function Recorder:request(sent)
  local request = request_of(sent, self.scrub)
  local response, err = self.inner:request(sent)
  if not response then
    self:write { request = request, failure = err }
    return nil, err
  end
  return setmetatable({
    recorder = self, inner = response, request = request, status = response.status, headers = response.headers, chunks = {},
    raw = {}, written = false,
  }, Recorded)
end

function Recorder:sleep(seconds) return self.inner:sleep(seconds) end
function Recorder:now() return self.inner:now() end
function Recorder:yields() return self.inner.yields ~= nil and self.inner:yields() end

function Recorder:close()
  self.inner:close()
  if self.file then self.file:close() end
  self.file = nil
end

local function as_it_is(text) return text end

--- A transport that writes down every exchange, without secrets.
---@param path string written anew
---@param options { transport: bedrock.Transport?, scrub: (fun(text: string): string)? }? transport: what really sends, libcurl by
--- default; scrub: takes out what else nobody shall see, of URLs and bodies
---@return bedrock.Transport
function cassette.record(path, options)
  options = options or {}
  local file, why = io.open(path, "wb")
  if not file then error("bedrock.testing: " .. why, 3) end
  local inner = options.transport or require("bedrock.transports").default {}
  return setmetatable({ file = file, inner = inner, scrub = options.scrub or as_it_is }, Recorder)
end

-- Playing ---------------------------------------------------------------------------------------------------------------

local Played = {}
Played.__index = Played

function Played:read()
  self.at = self.at + 1
  local chunk = self.chunks[self.at]
  if chunk ~= nil then return unpacked(chunk) end
  return nil, self.broke
end

function Played:read_all(limit)
  return transports.read_all(self, limit)
end

function Played:close() end

local Player = {}
Player.__index = Player
Player.__name = "bedrock.testing.player"

-- Two bodies of the same JSON are the same whatever their order of keys.
local function canonical(body)
  local value, err = json.decode(body)
  if err then return body end
  return json.encode(value) or body
end

local function path_of(url)
  return (url:gsub("^%a+://[^/]*", ""))
end

local function fits(recorded, request)
  return recorded.method == request.method and path_of(recorded.url) == path_of(request.url) and
    canonical(unpacked(recorded.body)) == canonical(unpacked(request.body))
end

local function describe(request)
  return ("%s %s %s"):format(request.method, path_of(request.url), tostring(unpacked(request.body)):sub(1, 300))
end

local function no_such(self, request)
  local lines = {
    "bedrock.testing: the recording holds no such exchange, or no more of them:", "  sent      " .. describe(request),
  }
  for _, exchange in ipairs(self.exchanges) do
    lines[#lines + 1] = ("  recorded  %s%s"):format(describe(exchange.request), exchange.used and "  (used)" or "")
  end
  error(table.concat(lines, "\n"), 0)
end

function Player:request(sent)
  local request = request_of(sent, self.scrub)
  for _, exchange in ipairs(self.exchanges) do
    if not exchange.used and fits(exchange.request, request) then
      exchange.used = true
      if exchange.failure then return nil, exchange.failure end
      local found = exchange.response
      return setmetatable({
        status = found.status, headers = found.headers, chunks = found.chunks, broke = found.broke, at = 0,
      }, Played)
    end
  end
  return no_such(self, request)
end

function Player:sleep(seconds) self.time = self.time + seconds end
function Player:now() return self.time end
function Player:close() end

--- A transport that answers from a recording: each exchange once, found by method, path and body; the host does not count.
---@param path string
---@param options { scrub: (fun(text: string): string)? }? scrub as when it was recorded
---@return bedrock.Transport
function cassette.play(path, options)
  local file, why = io.open(path, "rb")
  if not file then error("bedrock.testing: " .. why, 3) end
  local exchanges = {}
  for line in file:lines() do
    local exchange, err = json.decode(line)
    if err then error(("bedrock.testing: %s, line %d: %s"):format(path, #exchanges + 1, err.message), 3) end
    exchanges[#exchanges + 1] = exchange
  end
  file:close()
  return setmetatable({ exchanges = exchanges, scrub = options and options.scrub or as_it_is, time = 0 }, Player)
end

return cassette
