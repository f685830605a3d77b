--- The Luas whose build is here, and scripts run on them in processes of their own.

local luas = {}

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- Each Lua whose build is here; the one that runs this spec always is.
---@return { binary: string, build: string }[]
function luas.built()
  local list = {}
  for _, lua in ipairs { "5.4", "5.3", "5.1", "luajit" } do
    local build = "build/" .. lua
    if exists(build .. "/bedrock/core.so") and exists(build .. "/bedrock/curl.so") then
      list[#list + 1] = { binary = lua == "luajit" and "luajit" or "lua" .. lua, build = build }
    end
  end
  return list
end

--- The command that runs a script on a Lua, without what belongs to the Lua of the spec.
---@param lua { binary: string, build: string }
---@param script string with its arguments
---@return string
function luas.command(lua, script)
  local paths = ("LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/?.so;;'"):format(lua.build)
  local versioned = "-u LUA_PATH_5_4 -u LUA_CPATH_5_4 -u LUA_PATH_5_3 -u LUA_CPATH_5_3"
  return ("env -u LD_PRELOAD %s %s %s %s"):format(versioned, paths, lua.binary, script)
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
