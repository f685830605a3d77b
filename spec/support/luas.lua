--- The Luas whose build is here, and scripts run on them in processes of their own.

local luas = {}

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function lua_of(build)
  local name = build:match "^build/([%w.]+)"
  return { binary = name == "luajit" and name or "lua" .. name, build = build }
end

--- The Lua that runs this spec.
---@return { binary: string, build: string }
function luas.this()
  return lua_of(os.getenv "BEDROCK_BUILD" or "build/5.4")
end

--- Each Lua whose build is here; where there is only a build with sanitizers, that one.
---@return { binary: string, build: string }[]
function luas.built()
  local list = {}
  for _, name in ipairs { "5.4", "5.3", "5.1", "luajit" } do
    local build = "build/" .. name
    if exists(build .. "/bedrock/core.so") and exists(build .. "/bedrock/curl.so") then list[#list + 1] = lua_of(build) end
  end
  return #list > 0 and list or { luas.this() }
end

--- The command that runs a script on a Lua, without what belongs to the Lua of the spec.
---@param lua { binary: string, build: string }
---@param script string with its arguments
---@return string
function luas.command(lua, script)
  local paths = ("LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/?.so;;'"):format(lua.build)
  local unset = "-u LUA_PATH_5_4 -u LUA_CPATH_5_4 -u LUA_PATH_5_3 -u LUA_CPATH_5_3"
  -- a build with sanitizers needs their runtime, the others must not have it
  if not lua.build:find "asan" then unset = unset .. " -u LD_PRELOAD" end
  return ("env %s BEDROCK_BUILD=%s %s %s %s"):format(unset, lua.build, paths, lua.binary, script)
end

--- What a script prints on a Lua.
---@param lua { binary: string, build: string }
---@param script string with its arguments
---@return string
function luas.output(lua, script)
  local pipe = assert(io.popen(luas.command(lua, script), "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

--- Runs a script on a Lua; a failure of it is one of the spec.
---@param lua { binary: string, build: string }
---@param script string with its arguments
function luas.run(lua, script)
  local command = luas.command(lua, script)
  local status = os.execute(command)
  assert(status == true or status == 0, command)
end

return luas
