--- Runs the suite with every logger at its most talkative, and keeps what is said and what must not be.
--
--     lua spec/secrets/watch.lua FOLDER [spec files]
--
-- FOLDER/said gets every log line with all its fields (also those that only a program's own logger sees), every error
-- object and its text, everything that hooks are told, and clients and chains as text. FOLDER/secrets gets what signed a
-- request or travelled as a secret: keys, session tokens, API keys, the tokens and client secrets of logins, web identity
-- tokens, what credential processes print, signatures of presigned requests, passwords of proxies. `check.lua` then
-- looks for the second in the first, and in what the suite printed.

local folder = table.remove(arg, 1)
local said = assert(io.open(folder .. "/said", "a"))
local secrets = assert(io.open(folder .. "/secrets", "a"))

-- Shorter texts than this ("x", "secret") are no secrets but words; they would be found everywhere.
local SHORTEST = 12

local function keep(value)
  if type(value) == "string" and #value >= SHORTEST and not value:find("\n") then secrets:write(value, "\n") end
end

local function text_of(value, depth, seen)
  if type(value) ~= "table" then return tostring(value) end
  if depth > 8 or seen[value] then return "..." end
  seen[value] = true
  local parts = {}
  for key, inner in pairs(value) do parts[#parts + 1] = tostring(key) .. "=" .. text_of(inner, depth + 1, seen) end
  return "{" .. table.concat(parts, " ") .. "}"
end

local function say(...)
  for _, value in ipairs { ... } do said:write(text_of(value, 0, {}), " ") end
  said:write("\n")
end

-- Loggers

local log = require "bedrock.log"
local new_log = log.new
local talkative = { getenv = function(name) return name == "BEDROCK_LOG" and "debug" or nil end }

function log.new(sink, system)
  local own, loud = new_log(sink, system), new_log(nil, talkative)
  return function(level, message, fields)
    say("log", level, message, fields or {})
    loud(level, message, fields)
    return own(level, message, fields)
  end, true
end

-- Hooks, clients and chains

local hooks = require "bedrock.hooks"
local new_hooks = hooks.new

function hooks.new(given, write, debugging)
  local watch = new_hooks(given, write, debugging)
  local tell = watch.tell
  function watch.wants() return true end
  function watch.tell(self, name, facts, ...)
    say("hook", name, facts)
    return tell(self, name, facts, ...)
  end
  return watch
end

local client = require "bedrock.client"
local new_client, keep_proxy = client.new, nil

function client.new(...)
  local self = new_client(...)
  keep_proxy(self.settings.proxy)
  say("client", tostring(self), self.chain and tostring(self.chain) or "")
  return self
end

-- Errors

local errors = require "bedrock.errors"
local new_error = errors.new

function errors.new(fields)
  local err = new_error(fields)
  say("error", tostring(err), err)
  return err
end

-- Secrets, where they are used

function keep_proxy(url)
  keep(type(url) == "string" and url:match("^%a+://[^/@]*:([^/@]*)@"))
end

local sigv4 = require("bedrock.core").sigv4
local presign = sigv4.presign

function sigv4.presign(...)
  local signed, why = presign(...)
  if signed then keep(signed.signature) end
  return signed, why
end

local signer = require "bedrock.signer"
local sign, bearer = signer.sign, signer.bearer

function signer.sign(request, credentials, ...)
  keep(credentials.secret_access_key)
  keep(credentials.session_token)
  return sign(request, credentials, ...)
end

function signer.bearer(request, token, ...)
  keep(token)
  return bearer(request, token, ...)
end

local context = require "bedrock.credentials.context"
local secret_headers = { ["authorization"] = true, ["x-amz-sso_bearer_token"] = true, ["x-aws-ec2-metadata-token"] = true }
local secret_members = { "refreshToken", "clientSecret", "accessToken", "WebIdentityToken", "TokenCode" }
local secret_answers = { "SecretAccessKey", "secretAccessKey", "sessionToken", "SessionToken", "Token", "refreshToken" }

local function keep_members(body, names)
  local text = type(body) == "string" and body or body and tostring(body) or ""
  for _, name in ipairs(names) do
    for value in text:gmatch('"' .. name .. '"%s*:%s*"([^"]*)"') do keep(value) end
    for value in text:gmatch("<" .. name .. ">([^<]*)<") do keep(value) end
    for value in text:gmatch("%f[%w]" .. name .. "=([^&%s]*)") do
      keep(value)
      keep((value:gsub("%%(%x%x)", function(x) return string.char(tonumber(x, 16)) end)))
    end
  end
end

local function watched(ask)
  return function(self, request)
    for _, header in ipairs(request.headers or {}) do
      if secret_headers[header[1]:lower()] and not header[2]:find("^AWS4") then keep(header[2]) end
    end
    keep_members(request.body, secret_members)
    local answer, err = ask(self, request)
    if answer then keep_members(answer.body, secret_answers) end
    return answer, err
  end
end

local new_context = context.new
function context.new(parts)
  local self = new_context(parts)
  self.ask = watched(self.ask)
  return self
end

local process = require "bedrock.credentials.process"
local run = process.run

function process.run(ctx, step)
  local system = setmetatable({}, { __index = ctx.system })
  function system.run(...)
    local result, why = ctx.system.run(...)
    if result then keep_members(result.stdout, secret_answers) end
    return result, why
  end
  return run(setmetatable({ system = ctx.system.run and system or ctx.system }, { __index = ctx }), step)
end

require "busted.runner" { standalone = false }
