-- Every Lua block of the documentation's pages is run as it stands, against the emulator.

local emulator = require "spec.support.emulator"
local page = require "spec.support.page"

local files = {
  ["report.pdf"] = "%PDF-1.4 (It grew by half.) Tj", ["photo.png"] = "\137PNG\r\n\26\n and the rest",
  ["notes.txt"] = "Lua has one data structure: the table.",
}

describe("the page", function()
  local server

  setup(function()
    server = emulator.start { pace = 0 }
    os.execute("rm -rf reviews.batch")
  end)
  teardown(function()
    server.stop()
    os.execute("rm -rf reviews.batch")
  end)

  for _, path in ipairs { "docs/errors.md", "docs/testing.md", "docs/guide.md", "docs/moving.md" } do
    it(path .. " runs as it is written", function()
      local said, blocks = page.run(path, server, { files = files })
      assert.is_true(blocks > 0 and said ~= "")
    end)
  end
end)

describe("docs/errors.md", function()
  it("tells of every kind of error, and of no other", function()
    local kinds, told = {}, {}
    for kind in page.read("lua/bedrock/errors.lua"):gmatch('\n%-%-%-| "([%l_]+)"') do kinds[kind] = true end
    for kind in page.read("docs/errors.md"):gmatch("\n## ([%l_]+)\n") do told[kind] = true end
    assert.same(kinds, told)
  end)

  it("names the exit codes of the command line", function()
    local session, errors = require "bedrock.cli.session", require "bedrock.errors"
    for kind, code in page.read("docs/errors.md"):gmatch("\n| %[([%l_]+)%][^\n]*exit (%d+) |") do
      assert.equal(tonumber(code), session.exit_code(errors.new { kind = kind }), kind)
    end
  end)
end)
