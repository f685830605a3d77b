--- What was asked before, kept in a file between two conversations: one question a line, the newest last.
--
-- BEDROCK_HISTORY names the file, or is `off`. Only its owner can read it.

local history = {}

local LIMIT = 1000

local function escape(text)
  return (text:gsub("\\", "\\\\"):gsub("\n", "\\n"))
end

local function unescape(line)
  return (line:gsub("\\(.)", function(char) return char == "n" and "\n" or char end))
end

-- The directory for what a program remembers: https://specifications.freedesktop.org/basedir-spec
local function directory(system)
  local state, home = system.getenv("XDG_STATE_HOME"), system.getenv("HOME")
  if state then return { state, state .. "/bedrock" } end
  return home and { home .. "/.local", home .. "/.local/state", home .. "/.local/state/bedrock" }
end

local function path_of(system)
  local named = system.getenv("BEDROCK_HISTORY")
  if named == "off" then return nil end
  if named then return named end
  local steps = directory(system)
  if not steps then return nil end
  for _, step in ipairs(steps) do system.mkdir(step) end
  return steps[#steps] .. "/history"
end

--- What was asked before, oldest first, and a function that adds to it.
---@param system bedrock.System
---@return string[] list
---@return fun(text: string) add
function history.open(system)
  local path, list = path_of(system), {}
  for line in (path and system.read_file(path) or ""):gmatch("[^\n]+") do list[#list + 1] = unescape(line) end
  return list, function(text)
    if text == list[#list] then return end
    list[#list + 1] = text
    while #list > LIMIT do table.remove(list, 1) end
    if not path then return end
    local lines = {}
    for i, one in ipairs(list) do lines[i] = escape(one) end
    system.write_file(path, table.concat(lines, "\n") .. "\n")
  end
end

return history
