-- The rockspecs list every module and every C source: one that is forgotten would install and then fail to load. And the
-- version, which lua/bedrock/version.lua holds, is the same wherever it is written.

local read = require("spec.support.page").read

local rockspecs = dofile("rockspec/update.lua")()
local version = require("bedrock.version")._VERSION

describe("a rockspec", function()
  for path, text in pairs(rockspecs) do
    it(path .. " is what rockspec/update.lua writes", function()
      assert.equal(text, read(path), "run: lua5.4 rockspec/update.lua")
    end)
  end

  it("is there for the checkout and for the version, and for no other", function()
    local pipe = assert(io.popen("ls rockspec/*.rockspec"))
    local found = 0
    for path in pipe:lines() do
      assert.is_truthy(rockspecs[path], path .. " is of another version")
      found = found + 1
    end
    pipe:close()
    assert.equal(2, found)
  end)
end)

describe("the version", function()
  it("is one of semver.org, and its changes are told with their date", function()
    assert.matches("^%d+%.%d+%.%d+$", version)
    local newest, date = read("CHANGELOG.md"):match("\n## (%S+) %(([^)]*)%)")
    assert.equal(version, newest)
    assert.matches("^%d%d%d%d%-%d%d%-%d%d$", date)
  end)

  it("stands in the manual page", function()
    assert.equal(version, read("man/bedrock.1"):match('"bedrock (%S+)"'))
  end)

  it("is what the rock of the version says of itself", function()
    local rock = rockspecs["rockspec/bedrock-" .. version .. "-1.rockspec"]
    assert.matches('\nversion = "' .. version:gsub("%p", "%%%0") .. '%-1"\n', rock)
    assert.matches('\n   tag = "v' .. version:gsub("%p", "%%%0") .. '",\n', rock)
  end)
end)
