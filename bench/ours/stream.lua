--- stream.lua NAME PORT [AGAIN]: a ConverseStream of the server as one whole process, which writes a line at the first event.
-- With AGAIN it is a contestant instead: each pass is one more stream in a process that is warm.

local bedrock = require "bedrock"

local name, port, again = arg[1], arg[2], arg[3]
local client = bedrock.new {
  region = "us-east-1", endpoint = "http://127.0.0.1:" .. port,
  access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}

local function stream()
  local answer = assert(client:converse_stream { modelId = name, messages = { { role = "user", content = { { text = "?" } } } } })
  local seen = 0
  for _ in answer:events() do
    seen = seen + 1
    if seen == 1 and not again then
      io.stdout:write "first\n"
      io.stdout:flush()
    end
  end
  assert(seen >= 3)
end

if again then require "bench.contestant"(stream) else stream() end
