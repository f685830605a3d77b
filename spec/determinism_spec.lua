-- Prompt caches match on bytes: the same request must be the same body in every process and on every Lua.

local emulator = require "spec.support.emulator"
local luas = require "spec.support.luas"

local PROCESSES = 20

describe("the body of a request", function()
  it("is the same bytes in every process and on every Lua", function()
    local server = emulator.start { pace = 0 }
    local all = luas.built()
    assert.is_true(#all >= 1)
    for _, lua in ipairs(all) do
      for n = 1, PROCESSES do luas.run(lua, ("spec/support/send_once.lua %s %d"):format(server.url, n)) end
    end
    local bodies, distinct = {}, 0
    local log = server.log(#all * PROCESSES)
    for _, record in ipairs(log) do
      if not bodies[record.body_sha256] then distinct = distinct + 1 end
      bodies[record.body_sha256] = true
    end
    server.stop()
    assert.equal(#all * PROCESSES, #log)
    assert.equal(1, distinct)
  end)
end)
