--- The command line: `bedrock COMMAND ...`, each command a module of that name under bedrock.cli.
--
--   words ─► the command's rows (arguments) ─► options ─► command.run ─► exit code
--
-- A command is loaded when it is called, so that `bedrock emulate` needs nothing of the client.

local unpack = table.unpack or unpack

local cli = {}

-- what Ctrl-C leaves behind instead of a result
local INTERRUPTED = {}

--- The commands in the order of the help: what people do first comes first.
cli.names = {
  "chat", "map", "batch", "converse", "invoke", "count", "models", "call", "whoami", "token", "doctor", "emulate", "completion",
}

--- A command by its name.
---@param name string
---@return bedrock.cli.Command?
function cli.command(name)
  for _, known in ipairs(cli.names) do
    if known == name then return require("bedrock.cli." .. name) end
  end
end

--- All commands.
---@return bedrock.cli.Command[]
function cli.commands()
  local list = {}
  for i, name in ipairs(cli.names) do list[i] = cli.command(name) end
  return list
end

local function help()
  local lines = { "usage: bedrock COMMAND [options]", "", "The models on Amazon Bedrock, from the command line.", "" }
  for _, command in ipairs(cli.commands()) do
    lines[#lines + 1] = ("  %-12s %s"):format(command.name, command.summary)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "bedrock COMMAND --help tells more, with examples; man bedrock tells all."
  return table.concat(lines, "\n") .. "\n"
end

local function complain(text)
  io.stderr:write("bedrock: ", text, "\n")
  return 2
end

-- A message for the user is a refusal, a plain text or an error object; anything else is a fault of ours and comes with its trace.
local function judge(why)
  if type(why) == "string" and why:find("interrupted!$") then return INTERRUPTED end
  if type(why) == "table" and why.refusal then return why.refusal end
  local errors = package.loaded["bedrock.errors"]
  if errors and errors.is(why) then return why end
  if type(why) == "string" and not why:find("^%S+%.lua:%d+:") then return why end
  return debug.traceback(tostring(why), 2)
end

local function restore_terminal()
  local core = package.loaded["bedrock.core"]
  if core and core.terminal then core.terminal.restore() end
end

local function protected(run, ...)
  local arguments = { ... }
  local ok, result = xpcall(function() return run(unpack(arguments)) end, judge)
  if ok then return result end
  restore_terminal()
  if result == INTERRUPTED then return 130 end
  if type(result) == "table" then return require("bedrock.cli.session").fail(result) end
  return complain(result)
end

local function unknown(name)
  local what = name:find("^%-") and "option" or "command"
  local meant = what == "command" and require "bedrock.nearest"(name, cli.names, 2)
  local hint = meant and ("did you mean %s?"):format(meant) or "bedrock --help lists what there is"
  return complain(("no such %s: %s; %s"):format(what, name, hint))
end

local function run_command(command, words)
  local arguments = require("bedrock.cli.arguments")
  local options, text, wrong = arguments.parse(command, words)
  if options then return command.run(options, words) end
  if not wrong then
    io.write(text, "\n")
    return 0
  end
  return complain(("%s\nbedrock %s --help tells what there is"):format(text, command.name))
end

--- Runs a command line.
---@param words string[]
---@return integer exit code
function cli.run(words)
  local name = words[1]
  if name == "--version" then
    io.write("bedrock ", require("bedrock.version")._VERSION, "\n")
    return 0
  elseif not name or name == "--help" or name == "-h" or name == "help" and not words[2] then
    io.write(help())
    return name and 0 or 2
  end
  local rest = { unpack(words, 2) }
  if name == "help" then name, rest = words[2], { "--help" } end
  return protected(function()
    local command = cli.command(name)
    if not command then return unknown(name) end
    return run_command(command, rest)
  end)
end

return cli
