--- `bedrock count`: the tokens of a text, counted by the service and free of charge.

local session = require "bedrock.cli.session"

local command = { name = "count", summary = "count the tokens of a text, free of charge" }

command.about = [[
Counts the tokens of a text as a model would see it. The service counts for models that can be called by their base
id; the prefix of a profile is left out by itself.]]
command.options = session.with_common {
  session.model_option,
  { "--system", "TEXT", "with this system prompt; @FILE reads it" },
}
command.arguments = { { "text", "the text; @FILE is the content of a file, - is standard input (the default)", optional = true } }
command.examples = {
  { "bedrock count @README.md", "the tokens of a file" },
  { "git diff | bedrock count", "of what comes in" },
}

--- Runs the command.
---@param options table
---@return integer exit code
function command.run(options)
  local text, client = session.text(options.text or "-"), session.client(options)
  if not text:find("%S") then session.refuse("there is no text to count") end
  local converse = {
    system = options.system and { { text = session.text(options.system) } } or nil,
    messages = { { role = "user", content = { { text = text } } } },
  }
  local id = require("bedrock.models").base_id(session.model_id(client, options.model))
  local count, err = client:count_tokens { modelId = id, input = { converse = converse } }
  if not count then return session.fail(err) end
  io.write(("%d\n"):format(count.inputTokens))
  return 0
end

return command
