--- Loads the C core, or says in words what is wrong with the one that was found.
--
-- A shared object is built for one Lua. The dynamic linker's way to say that it is another one, "undefined symbol:
-- lua_rawgetp", helps nobody.

local native = {}

-- This Lua by its name, and what `make` calls it.
local function this_lua()
  local jit = package.loaded.jit
  if jit then return jit.version, "luajit" end
  return _VERSION, _VERSION:match("%d+%.%d+")
end

local function is_mismatch(why)
  return why:find("undefined symbol: lua", 1, true) or why:find("symbol not found in flat namespace", 1, true) or
    why:find("version mismatch", 1, true) or why:find("multiple Lua VMs", 1, true) or why:find("different number types", 1, true)
end

--- What to tell somebody whose `require` failed.
---@param why string what require said
---@return string
function native.explain(why)
  local name, make = this_lua()
  local advice = ("Build it for this Lua: `make LUA=%s`, then `make LUA=%s install`, or let package.cpath begin with " ..
    "build/%s/?.so"):format(make, make, make)
  if is_mismatch(why) then
    local path = why:match("from file '([^']+)'") or "bedrock/core.so"
    return ("bedrock: %s was built for another Lua than this one, which is %s. %s"):format(path, name, advice)
  elseif why:find("module 'bedrock.core' not found", 1, true) then
    return ("bedrock: there is no C core for %s where package.cpath points: %s. %s"):format(name, package.cpath, advice)
  end
  return "bedrock: the C core cannot be loaded: " .. why
end

--- Loads the core; raises with an explanation when it cannot be.
function native.load()
  local ok, why = pcall(require, "bedrock.core")
  if not ok then error(native.explain(tostring(why)), 0) end
end

return native
