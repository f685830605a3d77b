--- document.lua FILE PORT: a Converse call with a PDF of the disk, read, written as base64, signed and sent.

local bedrock = require "bedrock"

-- The service takes 20 MB and smaller documents; what is measured here is the way of the bytes, not the rules.
local client = bedrock.new {
  region = "us-east-1", endpoint = "http://127.0.0.1:" .. arg[2],
  limits = { request = 30e6 }, access_key_id = "AKIDEXAMPLE",
  secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
local params = { modelId = "answer", messages = { { role = "user", content = {
  assert(bedrock.content.document(arg[1])), bedrock.content.text "What does it say?" } } } }
local answer = assert(client:converse(params, { preflight = false }))
assert(#answer:text() > 10)
