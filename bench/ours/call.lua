--- call.lua PORT CALLS: small Converse calls one after the other over one connection, CALLS of them a pass.

local bedrock = require "bedrock"

local port, calls = arg[1], tonumber(arg[2])
local client = bedrock.new {
  region = "us-east-1", endpoint = "http://127.0.0.1:" .. port,
  access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
local params = { modelId = "answer", messages = { { role = "user", content = { { text = "Hello" } } } },
  inferenceConfig = { maxTokens = 256 } }

require "bench.contestant"(function()
  for _ = 1, calls do assert(#assert(client:converse(params)):text() > 10) end
end)
