--- A service that answers from a list: a transport without a socket.
--
-- Every reply is used once, in order. Requests are kept as tables, so that a test can look at what was sent. Time does not
-- pass but when the client sleeps, and then at once; retries cost no second of the test.

local answers = require "bedrock.testing.answers"
local json = require "bedrock.json"
local transports = require "bedrock.transports"

local script = {}

---@class bedrock.testing.Reply
---@field text string?
---@field pieces string[]? the text in the pieces in which a stream gives it
---@field thinking string?
---@field tools { name: string, input: table?, id: string? }[]? calls of tools; the stop reason is tool_use then
---@field stop_reason string?
---@field usage { input_tokens: integer?, output_tokens: integer? }?
---@field breaks boolean|{ code: string?, message: string? }|nil true: the connection breaks before the stop event; a table: an
--- exception of the service ends the stream
---@field error string? the service refuses: the code, `ThrottlingException`
---@field message string? of the refusal
---@field status integer? of the refusal, or of `json` or `body`
---@field headers table<string, string>? of the answer
---@field json table? the answer of any other operation
---@field body string? the bytes of the answer, whatever they are
---@field failure string? nothing is answered: "reset", "dns", "connect", "tls", "timeout"

---@class bedrock.testing.Request
---@field method string
---@field url string
---@field path string without host and query
---@field headers table<string, string> by lower-case names
---@field body any JSON as a table, else the bytes
---@field raw string the bytes of the body
---@field operation string "converse", "converse_stream", "invoke_model", "invoke_model_with_response_stream", "messages", or
--- the method and path of another one
---@field model string?

---@class bedrock.testing.Script
---@field requests bedrock.testing.Request[] what was sent
---@field slept number[] seconds that the client has waited between attempts
local Script = {}
Script.__index = Script
Script.__name = "bedrock.testing.script"

-- What a reply may say. Anything else is a slip of the pen, and would be an empty answer.
local members = {
  "text", "pieces", "thinking", "tools", "stop_reason", "usage", "breaks", "error", "message", "status", "headers", "json",
  "body", "failure",
}

local known = {}
for _, name in ipairs(members) do known[name] = true end

local function wrong_with(reply)
  if type(reply) == "string" then return nil end
  if type(reply) ~= "table" then return "a reply is a text, a table or a function, not a " .. type(reply) end
  for name in pairs(reply) do
    if not known[name] then
      local meant = require "bedrock.nearest"(tostring(name), members, 2)
      return ("unknown member %s; %s"):format(tostring(name), meant and "did you mean " .. meant .. "?" or
        "there are " .. table.concat(members, ", "))
    end
  end
end

-- Requests ------------------------------------------------------------------------------------------------------------

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The last word of a path that ends in an operation on a model.
local by_ending = {
  ["converse"] = { "converse", "converse", false }, ["converse-stream"] = { "converse_stream", "converse", true },
  ["invoke"] = { "invoke_model", "invoke", false },
  ["invoke-with-response-stream"] = { "invoke_model_with_response_stream", "invoke", true },
}

local function read_headers(list)
  local headers = {}
  for _, pair in ipairs(list or {}) do headers[pair[1]:lower()] = pair[2] end
  return headers
end

-- What is asked for: operation, the form of its answer and whether that is a stream.
local function recognise(request)
  local model, ending = request.path:match("^/model/([^/]+)/([%w-]+)$")
  local row = by_ending[ending]
  if row then return row[1], row[2], row[3], unescape(model) end
  if request.path:find("/v1/messages$") and type(request.body) == "table" then
    return "messages", "sse", request.body.stream == true, request.body.model
  end
  return request.method .. " " .. request.path
end

local function read(sent)
  local raw = sent.body and tostring(sent.body) or ""
  local decoded, err = json.decode(raw)
  local request = {
    method = sent.method or "GET", url = sent.url, path = sent.url:match("^%a+://[^/?]*([^?]*)"),
    headers = read_headers(sent.headers), raw = raw, body = decoded,
  }
  if err then request.body = raw end
  request.operation, request.form, request.stream, request.model = recognise(request)
  return request
end

-- Answers -------------------------------------------------------------------------------------------------------------

local Response = {}
Response.__index = Response

function Response:read()
  if self.failed then return nil, self.failed end
  self.at = self.at + 1
  local chunk = self.chunks[self.at]
  if chunk then return chunk end
  if self.breaks then
    self.failed = transports.error("network", "reset", "the connection was reset", { sent = true, answered = true })
    return nil, self.failed
  end
  return nil
end

function Response:read_all(limit)
  return transports.read_all(self, limit)
end

function Response:close()
  self.closed = true
  local why = transports.error("cancelled", "closed", "the response was closed", { sent = true, answered = true })
  self.failed = self.failed or why
end

local function response(status, headers, chunks, breaks)
  local all = { ["content-type"] = "application/json", ["x-amzn-requestid"] = "00000000-0000-4000-8000-000000000000" }
  for name, value in pairs(headers or {}) do all[name:lower()] = value end
  return setmetatable({ status = status, headers = all, chunks = chunks, breaks = breaks, at = 0, closed = false }, Response)
end

local statuses = {
  ThrottlingException = 429, ValidationException = 400, AccessDeniedException = 403, ResourceNotFoundException = 404,
  ServiceQuotaExceededException = 400, ModelTimeoutException = 408, ModelErrorException = 424, ModelNotReadyException = 429,
  InternalServerException = 500, ServiceUnavailableException = 503, ConflictException = 409, ExpiredTokenException = 403,
}

local function refusal(reply)
  local headers = { ["x-amzn-errortype"] = reply.error }
  for name, value in pairs(reply.headers or {}) do headers[name] = value end
  local message = reply.message or "The script says so."
  return response(reply.status or statuses[reply.error] or 400, headers, { assert(json.encode { message = message }) })
end

local failures = {
  reset = { "network", "reset", "the connection was reset", { sent = true } },
  dns = { "network", "dns", "the host is not known" },
  connect = { "network", "connect", "could not connect" },
  tls = { "tls", "tls", "the certificate is not trusted" },
  timeout = { "timeout", "timeout", "no answer in time", { clock = "first_byte", sent = true } },
}

local function failure(name)
  local row = failures[name]
  if not row then
    error(("bedrock.testing: no such failure: %s (reset, dns, connect, tls, timeout)"):format(tostring(name)), 0)
  end
  return nil, transports.error(row[1], row[2], row[3], row[4])
end

local function answer_of(request, reply)
  if not request.form then
    error(("bedrock.testing: %s is no call of a model; script it with json = { ... } or body = \"...\"")
      :format(request.operation), 0)
  end
  local breaks = type(reply) == "table" and reply.breaks == true
  local headers = type(reply) == "table" and reply.headers or {}
  if not request.stream then return response(200, headers, { answers.whole(reply, request.form, request.model) }, breaks) end
  local chunks, kind = answers.stream(reply, request.form, request.model)
  local own = { ["content-type"] = kind }
  for name, value in pairs(headers) do own[name] = value end
  return response(200, own, chunks, breaks)
end

local function answer(request, reply)
  if type(reply) == "table" then
    if reply.failure then return failure(reply.failure) end
    if reply.error then return refusal(reply) end
    if reply.json then return response(reply.status or 200, reply.headers, { assert(json.encode(reply.json)) }) end
    if reply.body then return response(reply.status or 200, reply.headers, { reply.body }) end
  end
  return answer_of(request, reply)
end

-- The transport -------------------------------------------------------------------------------------------------------

local Transport = {}
Transport.__index = Transport
Transport.__name = "bedrock.testing.transport"

function Transport:request(sent)
  local own = self.script
  local request = read(sent)
  own.requests[#own.requests + 1] = request
  own.used = own.used + 1
  local reply = own.replies[own.used]
  if reply == nil then
    error(("bedrock.testing: the script has %d %s, and this is request %d: %s")
      :format(#own.replies, #own.replies == 1 and "reply" or "replies", own.used, request.operation), 0)
  end
  if type(reply) == "function" then
    reply = reply(request, own.used)
    local wrong = wrong_with(reply)
    if wrong then error(("bedrock.testing: what the function for request %d returned: %s"):format(own.used, wrong), 0) end
  end
  return answer(request, reply)
end

function Transport:sleep(seconds)
  self.script.slept[#self.script.slept + 1] = seconds
  self.script.time = self.script.time + seconds
end

function Transport:now() return self.script.time end
function Transport:close() end

-- The surface ---------------------------------------------------------------------------------------------------------

--- Makes a script.
---@param replies (string|bedrock.testing.Reply|fun(request: bedrock.testing.Request, number: integer): string|table)[]
---@return bedrock.testing.Script
function script.new(replies)
  if type(replies) ~= "table" then error("testing.script takes a list of replies, not a " .. type(replies), 3) end
  for i, reply in ipairs(replies) do
    local wrong = type(reply) ~= "function" and wrong_with(reply)
    if wrong then error(("testing.script: reply %d: %s"):format(i, wrong), 3) end
  end
  local self = setmetatable({ replies = replies, requests = {}, slept = {}, used = 0, time = 0, transport_ = nil }, Script)
  self.transport_ = setmetatable({ script = self }, Transport)
  return self
end

--- The transport, for a client of your own making.
---@return bedrock.Transport
function Script:transport()
  return self.transport_
end

--- A client whose service is this script. It needs no credentials and reads nothing of the machine.
---@param options table? as for bedrock.new
---@return bedrock.Client
function Script:client(options)
  local testing = require "bedrock.testing"
  local all = {
    region = "us-east-1", access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    transport = self.transport_, system = testing.system(), random = function() return 0.5 end, log = function() end,
  }
  for name, value in pairs(options or {}) do all[name] = value end
  if all.api_key then all.access_key_id, all.secret_access_key = nil, nil end
  return require("bedrock").new(all)
end

--- Adds a reply behind those that are there.
---@param reply string|table|function
---@return bedrock.testing.Script self
function Script:add(reply)
  self.replies[#self.replies + 1] = reply
  return self
end

--- How many replies are left.
---@return integer
function Script:left()
  return math.max(#self.replies - self.used, 0)
end

--- Raises unless every reply was used: a test that ends early is no test.
function Script:check()
  if self:left() > 0 then
    error(("bedrock.testing: %d of %d replies were not asked for"):format(self:left(), #self.replies), 2)
  end
end

function Script:__tostring()
  return ("bedrock.testing.script (%d of %d replies used)"):format(math.min(self.used, #self.replies), #self.replies)
end

return script
