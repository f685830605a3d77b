--- `bedrock invoke`: InvokeModel with a body in the model's own format.

local json = require "bedrock.json"
local messages = require "bedrock.messages"
local session = require "bedrock.cli.session"

local command = { name = "invoke", summary = "send a body in a model's own format (InvokeModel)" }

command.about = [[
Sends a body in the model's own format and prints what the model answers, byte for byte. For a body with messages, as
Claude takes it, anthropic_version is added when it is missing.]]
command.options = session.with_common {
  session.model_option,
  { "--stream", false, "with InvokeModelWithResponseStream: a line for each chunk, as it comes" },
  { "-o --output", "FILE", "write the answer there, an image for example" },
}
command.arguments = { { "body", "the body; @FILE is the content of a file, - is standard input (the default)", optional = true } }
command.examples = {
  { "bedrock invoke '{\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}'", "Claude" },
  { "bedrock invoke -m amazon.titan-embed-text-v2:0 '{\"inputText\":\"Lua\"}'", "an embedding" },
}

-- Everything but an object with messages goes out as it is.
local function with_version(text)
  local body = json.decode(text)
  if type(body) ~= "table" or not body.messages or not body.max_tokens or body.anthropic_version then return text end
  body.anthropic_version = messages.version
  return body
end

local function print_chunks(stream)
  while true do
    local event, err = stream:next()
    if err then return session.fail(err) end
    if not event then return 0 end
    if event.chunk then
      io.write(event.chunk.bytes, "\n")
      io.flush()
    end
  end
end

local function save(path, bytes)
  local file, why = io.open(path, "wb")
  if not file then session.refuse("cannot write %s", why) end
  file:write(bytes)
  file:close()
  return 0
end

local function print_body(bytes)
  io.write(bytes)
  if session.is_seen() and bytes:sub(-1) ~= "\n" then io.write("\n") end
  return 0
end

--- Runs the command.
---@param options table
---@return integer exit code
function command.run(options)
  local text, client = session.text(options.body or "-"), session.client(options)
  if not text:find("%S") then session.refuse("the body is empty") end
  local body = with_version(text)
  local request = { modelId = session.model_id(client, options.model), body = body, contentType = "application/json" }
  if options.stream then
    local stream, err = client:invoke_model_with_response_stream(request)
    if not stream then return session.fail(err) end
    return print_chunks(stream)
  end
  local result, err = client:invoke_model(request)
  if not result then return session.fail(err) end
  return options.output and save(options.output, result.body) or print_body(result.body)
end

return command
