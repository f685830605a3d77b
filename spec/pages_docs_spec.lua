-- Every Lua block of the documentation's pages is run as it stands, against the emulator.

local cli = require "bedrock.cli"
local emulator = require "spec.support.emulator"
local page = require "spec.support.page"

local files = {
  ["report.pdf"] = "%PDF-1.4 (It grew by half.) Tj", ["photo.png"] = "\137PNG\r\n\26\n and the rest",
  ["notes.txt"] = "Lua has one data structure: the table.",
}

-- Pages whose blocks of Lua are run here, and those that another spec runs.
local here = { "docs/errors.md", "docs/testing.md", "docs/guide.md", "docs/moving.md" }
local elsewhere = { ["README.md"] = "spec/readme_spec.lua", ["docs/migration.md"] = "spec/migration_spec.lua" }

local function all_pages()
  local pipe, list = assert(io.popen "ls *.md docs/*.md"), {}
  for path in pipe:lines() do list[path] = page.read(path) end
  pipe:close()
  return list
end

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

  for _, path in ipairs(here) do
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

describe("every page", function()
  it("with a block of Lua is run by a spec", function()
    local run = {}
    for _, path in ipairs(here) do run[path] = true end
    for path, spec in pairs(elsewhere) do run[path] = page.read(spec):find(path, 1, true) ~= nil end
    for path, text in pairs(all_pages()) do
      if text:find("\n```lua", 1, true) then assert.is_true(run[path] == true, path .. " has Lua that no spec runs") end
    end
  end)

  -- The words of a command line up to the next command, its quoted texts as one word.
  local function words_of(line)
    local words = {}
    for word in line:gsub("%b''", "TEXT"):gsub('%b""', "TEXT"):gsub("%s#.*$", ""):gmatch("%S+") do
      if word == "|" or word == "--" or word == "&&" then break end
      words[#words + 1] = word
    end
    return words
  end

  local function check(path, line)
    local words = words_of(line)
    local command = cli.command(words[1])
    assert.is_truthy(command, ("%s: there is no command %s"):format(path, tostring(words[1])))
    for _, word in ipairs(words) do
      local option = word:match("^%-%-?[%l][%l-]*$")
      local known = not option or option == "--help"
      for _, row in ipairs(command.options) do known = known or (" " .. row[1] .. " "):find(" " .. option .. " ", 1, true) end
      assert.is_truthy(known, ("%s: bedrock %s has no option %s"):format(path, words[1], word))
    end
  end

  it("names commands and options of `bedrock` that are there", function()
    local count = 0
    for path, text in pairs(all_pages()) do
      for block in text:gmatch("\n```sh\n(.-)\n```") do
        for line in ("\n" .. block):gsub("\\\n", " "):gmatch("%f[%w]bedrock (%l[^\n]*)") do
          check(path, line)
          count = count + 1
        end
      end
    end
    assert.is_true(count >= 8, tostring(count))
  end)
end)

describe("docs/limits.md", function()
  it("tells the clocks and limits that a client has", function()
    local settings = require "bedrock".new({ region = "us-west-2", log = function() end }).settings
    local text, clocks, limits = page.read("docs/limits.md"), settings.timeouts, settings.limits
    local told = ("%d s to connect, %d min to the first byte, %d min of silence, %d h in all"):format(clocks.connect,
      clocks.first_byte / 60, clocks.idle / 60, clocks.total / 3600)
    assert.is_truthy(text:find(told, 1, true), told)
    for _, row in ipairs {
      ("| an answer | %d MiB |"):format(limits.response / 2 ^ 20),
      ("| an event of a stream | %d MiB |"):format(limits.frame / 2 ^ 20),
      ("| JSON | %d levels, %d MiB |"):format(limits.json_depth, limits.json_size / 2 ^ 20),
    } do
      assert.is_truthy(text:find(row, 1, true), row)
    end
  end)
end)
