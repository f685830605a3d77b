-- Many streams in one process, each in a task of its own; and what is said when the system has no descriptor for one more.

local emulator = require "spec.support.emulator"
local luas = require "spec.support.luas"

local function crowd(service, count, limit)
  local script = ("spec/support/crowd_probe.lua %s %s %s %d 2>&1"):format(service.url, service.access_key_id,
    service.secret_access_key, count)
  local pipe = assert(io.popen((limit and "ulimit -n " .. limit .. "; " or "") .. luas.command(luas.this(), script)))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

describe("A crowd of streams", function()
  local service

  setup(function() service = emulator.start() end)
  teardown(function() service.stop() end)

  it("of a thousand is open at once, and each gets its own answer", function()
    assert.equal("open 1000, whole 1000, failed 0, told 1000\n", crowd(service, 1000))
  end)

  it("for which there are not descriptors enough says so, item by item; the others come to their end", function()
    local text = crowd(service, 100, 64)
    local open, whole, failed = text:match "^open (%d+), whole (%d+), failed (%d+), told 100\n"
    assert.truthy(open, text)
    assert.is_true(tonumber(open) > 32 and tonumber(open) < 64, text)
    assert.equal(open, whole)
    assert.equal(100, whole + failed)
    assert.matches("\n[^\n]*no descriptor is left for a connection to 127.0.0.1 port %d+: [^\n]*ulimit[^\n]*%(connect%)\n$", text)
  end)
end)
