-- Every Lua block of the README is run as it stands, in order, against the emulator.

local emulator = require "spec.support.emulator"
local page = require "spec.support.page"

describe("the README", function()
  local server

  setup(function() server = emulator.start { pace = 0 } end)
  teardown(function() server.stop() end)

  it("runs as it is written", function()
    local files = { ["report.pdf"] = "%PDF-1.4 (It grew by half.) Tj", ["photo.png"] = "\137PNG\r\n\26\n and the rest" }
    local said, blocks = page.run("README.md", server, { files = files })
    assert.is_true(blocks >= 6)
    assert.is_true(#said > 100)
  end)
end)
