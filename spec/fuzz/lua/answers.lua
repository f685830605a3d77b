-- Any bytes as the answer of a service, through the whole client: a call ends with an answer or with one of our errors, never
-- with another, and a stream ends.
--
-- Pieces end at a line of two dashes: a letter for the call, the status, the headers' lines, and the body; where the letter is
-- a capital one, the body is made into frames.

local bedrock = require "bedrock"
local errors = require "bedrock.errors"
local fuzz_frames = require "spec.support.fuzz_frames"
local pretend = require "spec.support.pretend"

local MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
local hello = { { role = "user", content = "Hello" } }

local answer
local transport = pretend.transport(function() return answer end)

local client = bedrock.new {
  region = "us-west-2", access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  transport = transport, system = pretend.system { now = 1700000000 }, log = function() end, retry = { max_attempts = 2 },
}

local function drain(stream, err)
  if not stream then return nil, err end
  local event
  repeat event, err = stream:next() until not event
  local message, why = stream:message()
  assert(err == nil or message == nil, "a stream that broke gives a message")
  stream:close()
  return message, err or why
end

local function updates(stream, err)
  if not stream then return nil, err end
  local ok, why = pcall(function()
    for update in stream:updates() do assert(update.type) end
  end)
  return ok, why
end

local calls = {
  c = function() return client:converse { modelId = MODEL, messages = hello } end,
  m = function() return client.messages:create { model = MODEL, max_tokens = 9, messages = hello } end,
  l = function() return client:list_foundation_models {} end,
  s = function() return drain(client:converse_stream { modelId = MODEL, messages = hello }) end,
  t = function() return drain(client.messages:stream { model = MODEL, max_tokens = 9, messages = hello }) end,
  u = function() return updates(client:converse_stream { modelId = MODEL, messages = hello }) end,
  v = function() return updates(client.messages:stream { model = MODEL, max_tokens = 9, messages = hello }) end,
}

local function headers_of(text)
  local headers = {}
  for name, value in text:gmatch("([%w-]+): ?([^\n]*)") do headers[name:lower()] = value end
  return headers
end

local function forget()
  transport.requests, transport.slept = {}, {}
end

return function(bytes)
  local letter, status, headers, body = bytes:match("^(%a)\n(%d%d%d)\n(.-)\n?%-%-\n(.*)$")
  local call = letter and calls[letter:lower()]
  if not call then return end
  if letter:find("%u") then body = fuzz_frames.of(body) end
  answer = { status = tonumber(status), headers = headers_of(headers), body = body }
  local value, err = call()
  forget()
  assert(value ~= nil or errors.is(err), "neither an answer nor an error")
  if err ~= nil and errors.is(err) then tostring(err) end
  assert(not err or errors.is(err), tostring(err))
end
