-- Prompt caches match on bytes: the same request must be the same body in every process and on every Lua.

local emulator = require "spec.support.emulator"

local PROCESSES = 20

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Each Lua whose build is here; the one that runs this spec always is.
local function interpreters()
  local list = {}
  for _, lua in ipairs { "5.4", "5.3", "5.1", "luajit" } do
    local build = "build/" .. lua
    if exists(build .. "/bedrock/core.so") and exists(build .. "/bedrock/curl.so") then
      list[#list + 1] = { binary = lua == "luajit" and "luajit" or "lua" .. lua, build = build }
    end
  end
  return list
end

local function send(lua, url, n)
  local paths = ("LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/?.so;;'"):format(lua.build)
  local command = ("env -u LD_PRELOAD %s %s spec/support/send_once.lua %s %d"):format(paths, lua.binary, url, n)
  local status = os.execute(command)
  assert.is_true(status == true or status == 0, command)
end

describe("the body of a request", function()
  it("is the same bytes in every process and on every Lua", function()
    local server = emulator.start { pace = 0 }
    local luas = interpreters()
    assert.is_true(#luas >= 1)
    for _, lua in ipairs(luas) do
      for n = 1, PROCESSES do send(lua, server.url, n) end
    end
    local bodies, distinct = {}, 0
    local log = server.log(#luas * PROCESSES)
    for _, record in ipairs(log) do
      if not bodies[record.body_sha256] then distinct = distinct + 1 end
      bodies[record.body_sha256] = true
    end
    server.stop()
    assert.equal(#luas * PROCESSES, #log)
    assert.equal(1, distinct)
  end)
end)
