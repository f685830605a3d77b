--- `bedrock call`: any operation of the service, its members as JSON.

local operations = require "bedrock.operations"
local session = require "bedrock.cli.session"

local command = { name = "call", summary = "call any operation of Bedrock, its members written as JSON" }

command.about = [[
Calls an operation by its API's name, as AWS documents it, and prints the answer as JSON. Lists are walked over all of
their pages with --each.]]
command.options = session.with_common { { "--each", false, "a line of JSON for each item of a list, over all of its pages" } }
command.arguments = {
  { "operation", "its name: list_guardrails, ListGuardrails or list-guardrails" },
  { "members", "the JSON; @FILE is the content of a file, - is standard input; none by default", optional = true },
}
command.examples = {
  { "bedrock call get_foundation_model '{\"modelIdentifier\":\"amazon.nova-lite-v1:0\"}'", "one answer" },
  { "bedrock call --each list_inference_profiles | jq -r .inferenceProfileId", "all pages of a list" },
}

-- ListGuardrails, list-guardrails -> list_guardrails
local function snake(name)
  if name:find("_") or not name:find("%u") then return (name:gsub("-", "_")) end
  return (name:gsub("(%l)(%u)", "%1_%2"):lower())
end

local function find(name)
  local op, why = operations.find(snake(name))
  if op then return op end
  session.refuse(why:find("did you mean") and "%s" or "%s; operations have their names of the API, such as list_guardrails", why)
end

local function each(client, op, members)
  local pager = client:each(op.snake, members)
  while true do
    local item, err = pager:next()
    if err then return session.fail(err) end
    if item == nil then return 0 end
    session.print_json(item)
  end
end

--- Runs the command.
---@param options table
---@return integer exit code
function command.run(options)
  local op = find(options.operation)
  local members = options.members and session.json(options.members, op.blobs, "members") or {}
  local client = session.client(options)
  if op.stream then session.refuse("%s streams: bedrock converse --stream and bedrock invoke --stream are for that", op.name) end
  if options.each then return each(client, op, members) end
  local answer, err = client:call(op.snake, members)
  if not answer then return session.fail(err) end
  session.print_json(answer, op.blobs_out)
  return 0
end

return command
