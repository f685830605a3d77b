-- The catalogue of errors: each is provoked as people provoke it, and its one line tells what is wrong, where, and what to do.

local bedrock = require "bedrock"
local catalogue = require "spec.catalogue_cases"
local page = require "spec.support.page"

local kinds = {}
for kind in page.read("lua/bedrock/errors.lua"):gmatch('\n%-%-%-| "([%l_]+)"') do kinds[#kinds + 1] = kind end

-- The line that somebody reads, and the kind of it.
local function line_of(err)
  if type(err) == "string" then return err, "misuse" end
  return tostring(err), err and err.kind
end

describe("the error of", function()
  local world
  setup(function() world = catalogue.world() end)
  teardown(function() world.stop() end)

  for group, rows in pairs(catalogue.groups) do
    for _, row in ipairs(rows) do
      it(("%s: %s says what, where, and what to do"):format(group, row[1]), function()
        local line, kind = line_of(row[4](world))
        assert.equal(row[2], kind, line)
        for i, part in ipairs { "what is wrong", "where", "what to do" } do
          assert.is_truthy(line:find(row[3][i], 1, true), ("it does not say %s (%s): %s"):format(part, row[3][i], line))
        end
        assert.is_nil(line:find("\n", 1, true), line)
        if kind == "misuse" and row[3][2] ~= "bedrock.new" then assert.matches("catalogue_cases%.lua:%d+: ", line) end
      end)
    end
  end
end)

describe("the catalogue", function()
  it("has more than a hundred errors", function()
    local seen, count = {}, 0
    for _, rows in pairs(catalogue.groups) do
      for _, row in ipairs(rows) do
        seen[row[2]], count = true, count + 1
      end
    end
    assert.is_true(count >= 100, tostring(count))
    for _, kind in ipairs(kinds) do assert.is_true(seen[kind] == true, kind .. " is not in the catalogue") end
  end)

  it("names each once", function()
    local seen = {}
    for group, rows in pairs(catalogue.groups) do
      for _, row in ipairs(rows) do
        assert.is_nil(seen[row[1]], ("%s: %s is there twice"):format(group, row[1]))
        seen[row[1]] = true
      end
    end
  end)
end)

describe("the fields of an error", function()
  it("hold its hint apart from its message", function()
    local _, err = bedrock.content.image { bytes = "BM....", path = "a.png" }
    assert.is_nil(err.message:find(err.hint, 1, true))
    assert.is_truthy(tostring(err):find(err.hint, 1, true))
  end)
end)
