--- The command line: `bedrock COMMAND ...`, each command a module under bedrock.cli.

local cli = {}

-- what Ctrl-C leaves behind instead of a result
local INTERRUPTED = {}

-- name and module; a module has `summary` and `run(arguments) -> exit code`
local commands = {
  { "emulate", "bedrock.cli.emulate" },
}

local function help()
  local lines = { "usage: bedrock COMMAND [options]", "" }
  for _, row in ipairs(commands) do lines[#lines + 1] = ("  %-12s %s"):format(row[1], require(row[2]).summary) end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "bedrock COMMAND --help tells more; bedrock --version tells the version."
  return table.concat(lines, "\n") .. "\n"
end

local function find(name)
  for _, row in ipairs(commands) do
    if row[1] == name then return require(row[2]) end
  end
end

local function complain(text)
  io.stderr:write("bedrock: ", text, "\n")
  return 2
end

--- Runs a command line.
---@param arguments string[]
---@return integer exit code
function cli.run(arguments)
  local name = arguments[1]
  if not name or name == "--help" or name == "-h" or name == "help" then
    io.write(help())
    return name and 0 or 2
  elseif name == "--version" then
    io.write("bedrock ", require("bedrock.version")._VERSION, "\n")
    return 0
  end
  local command = find(name)
  if not command then return complain("no such command: " .. name .. " (bedrock --help lists them)") end
  local ok, result = xpcall(command.run, function(why)
    if type(why) == "string" and why:find("interrupted!$") then return INTERRUPTED end
    -- a message for the user is a plain text; anything else is a fault of ours and comes with its trace
    return type(why) == "string" and not why:find("^%S+%.lua:%d+:") and why or debug.traceback(tostring(why), 2)
  end, table.move(arguments, 2, #arguments, 1, {}))
  if result == INTERRUPTED then return 130 end
  return ok and result or complain(result)
end

return cli
