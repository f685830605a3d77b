--- The shell's words for `bedrock emulate` on Lua 5.4, from any Lua and any tree: that Lua finds the library where this one
-- found it, and the emulator's parts where it would itself.

local command = {}

-- Where the library's Lua files lie.
local function root()
  local source = debug.getinfo(1, "S").source:gsub("^@", "")
  return source:match("^(.*)/bedrock/emulator/command%.lua$") or "."
end

--- A word for the shell.
---@param text any
---@return string
function command.quoted(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

--- The command line.
---@param options string as the shell reads them
---@return string
function command.line(options)
  local is_54 = _VERSION == "Lua 5.4"
  local path = ("%s/?.lua;%s/?/init.lua;%s"):format(root(), root(), is_54 and package.path or ";")
  return ("env -u LD_PRELOAD -u LUA_INIT -u LUA_INIT_5_4 LUA_PATH_5_4=%s LUA_CPATH_5_4=%s lua5.4 %s emulate %s"):format(
    command.quoted(path), command.quoted(is_54 and package.cpath or ";;"), command.quoted(root() .. "/bedrock/cli/main.lua"),
    options)
end

return command
