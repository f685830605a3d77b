--- `bedrock models`: what can be called from here, and by which id.

local session = require "bedrock.cli.session"

local command = { name = "models", summary = "list the models that can be called from this region, and their ids" }

command.about = [[
Lists the models that can be called from this region, with the id to call each of them by: the base id where that
works, else the inference profile that costs least.]]
command.options = session.with_common {
  { "--provider", "NAME", "only models of this provider, anthropic" },
  { "--all", false, "models that are on their way out, too, and those that cannot be called from here" },
  { "--output", "KIND", "only models that give text, image, embedding, ..." },
  { "--json", false, "a line of JSON for each, with all that is known" },
}
command.arguments = { { "name", "only models whose id or name holds this", optional = true } }
command.examples = {
  { "bedrock models claude", "the Claude models" },
  { "bedrock models --provider anthropic | cut -f1", "only the ids to call them by, for a script" },
}

local function fits(model, wanted)
  if not wanted then return true end
  wanted = wanted:lower()
  return model.id:lower():find(wanted, 1, true) ~= nil or model.name:lower():find(wanted, 1, true) ~= nil
end

local function row_of(model)
  local window = model.context_window
  return {
    model.call_id or "-", model.name, window and ("%dk"):format(math.floor(window / 1000)) or "-",
    table.concat(model.input, ","), model.lifecycle, model.provider,
  }
end

--- Runs the command.
---@param options table
---@return integer exit code
function command.run(options)
  local client = session.client(options)
  local list, err = client:models { provider = options.provider, output = options.output }
  if not list then return session.fail(err) end
  local rows, found = {}, false
  for _, model in ipairs(list) do
    if fits(model, options.name) and (options.all or model.call_id and model.lifecycle == "active") then
      found = true
      if options.json then session.print_json(model) else rows[#rows + 1] = row_of(model) end
    end
  end
  if not found then
    session.say(("no model fits in %s%s"):format(client.settings.region, options.all and "" or "; --all lists more"))
    return 0
  end
  if not options.json then session.print_table({ "CALL IT BY", "NAME", "WINDOW", "TAKES", "LIFECYCLE", "PROVIDER" }, rows) end
  return 0
end

return command
