--- `bedrock converse`: one Converse request as JSON, its answer as JSON.

local operations = require "bedrock.operations"
local session = require "bedrock.cli.session"

local command = { name = "converse", summary = "send a Converse request written as JSON" }

command.about = [[
Sends a Converse request, written as AWS documents it, and prints the answer. Bytes (images, documents) are base64 in
JSON, both ways.]]
command.options = session.with_common {
  session.model_option,
  { "--stream", false, "with ConverseStream: a line of JSON for each event, as it comes" },
  { "--text", false, "print the text of the answer only" },
}
command.arguments = {
  { "request", "the JSON; @FILE is the content of a file, - is standard input (the default)", optional = true },
}
command.examples = {
  { "bedrock converse '{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"Hi\"}]}]}'", "with the default model" },
  { "bedrock converse --stream --text -m us.amazon.nova-lite-v1:0 @request.json", "its text, as it is written" },
}

local function print_text(stream)
  while true do
    local piece, err = stream:next_text()
    if err then return session.fail(err) end
    if not piece then break end
    io.write(piece)
    io.flush()
  end
  io.write("\n")
  return 0
end

local function print_events(stream)
  while true do
    local event, err = stream:next()
    if err then return session.fail(err) end
    if not event then return 0 end
    io.write(assert(stream:event_json(event)), "\n")
    io.flush()
  end
end

local function run_stream(client, request, options)
  local stream, err = client:converse_stream(request)
  if not stream then return session.fail(err) end
  return options.text and print_text(stream) or print_events(stream)
end

--- Runs the command.
---@param options table
---@return integer exit code
function command.run(options)
  local op = operations.find("converse")
  local request, client = session.json(options.request or "-", op.blobs, "the request"), session.client(options)
  if options.model or not request.modelId then request.modelId = session.model_id(client, options.model) end
  if options.stream then return run_stream(client, request, options) end
  local answer, err = client:converse(request)
  if not answer then return session.fail(err) end
  if options.text then io.write(answer:text(), "\n") else session.print_json(answer, op.blobs_out) end
  return 0
end

return command
