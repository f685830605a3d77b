--- sign.lua HOW BYTES COUNT: a request with a body of BYTES signed COUNT times a pass. HOW is signer (a request as the client
-- has it, with a session token), core (the C function under it, from a table of its own) or digest (only the body's SHA-256).

local contest = require "bench.contestant"
local signer = require "bedrock.signer"
local core = require "bedrock.core"

local how, bytes, count = arg[1], tonumber(arg[2]), tonumber(arg[3])
local body = ("x"):rep(bytes)
local credentials = {
  access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  session_token = ("AQoDYXdzEPT"):rep(40),
}
local scope, time = { region = "us-east-1", service = "bedrock" }, 1700000000
local headers = { { "Content-Type", "application/json" }, { "User-Agent", "bedrock-lua" },
  { "amz-sdk-invocation-id", "5f1fc2d5-3b9c-4a5b-8d6e-0d2b1f3a4c5d" }, { "amz-sdk-request", "attempt=1; max=3" } }
local url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse"

local function sign()
  local request = assert(signer.sign({ method = "POST", url = url, headers = headers, body = body }, credentials, scope, time))
  assert(#request.headers == 7)
end

local function sign_core()
  assert(core.sigv4.sign { method = "POST", path = "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse",
    headers = { { "host", "bedrock-runtime.us-east-1.amazonaws.com" }, headers[1], headers[3], headers[4] }, body = body,
    region = "us-east-1", service = "bedrock", time = time, access_key_id = credentials.access_key_id,
    secret_access_key = credentials.secret_access_key, session_token = credentials.session_token })
end

local function digest()
  assert(#core.crypto.sha256(body) == 64)
end

contest(function()
  local step = how == "signer" and sign or how == "core" and sign_core or digest
  for _ = 1, count do step() end
end)
