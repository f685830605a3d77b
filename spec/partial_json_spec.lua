-- A running snapshot of JSON that is still on its way.

local json = require "bedrock.json"
local judge = require "spec.support.judge"
local partial_json = require "bedrock.partial_json"

describe("incomplete JSON", function()
  local cases = {
    { '   ', nil }, { '"ab', nil }, { 'tru', nil }, { '-', nil },
    { ' {"a" : "b\\', '{}' }, { '{"a":"b\\"", "c":[', '{"a":"b\\"","c":[]}' }, { '{"a":"}{", "b', '{"a":"}{"}' },
    { '{"a":[{"b":1},{"c"', '{"a":[{"b":1},{}]}' }, { '[1.', '[1]' }, { '[1.5e', '[1.5]' },
    { '{"a":{"b":{}},', '{"a":{"b":{}}}' }, { '[true, fals', '[true]' }, { '{"a":null', '{"a":null}' },
    { '{"a":[]}', '{"a":[]}' }, { '{"a":[] } ', '{"a":[]}' }, { '"done"', '"done"' },
  }
  for _, case in ipairs(cases) do
    it("shows what is whole of " .. case[1], function()
      local got = partial_json.decode(case[1])
      if case[2] == nil then return assert.is_nil(got) end
      assert(judge.same(judge.decode(case[2]), got))
    end)
  end

  it("never fails and never loses what it showed, wherever the text is cut", function()
    local text = '{"a": [1, -2.5e3, {"b": "x\\u00e9\\\\", "": {}}], "c": true, "d": null, "e": [[], [[]]]}'
    local members = 0
    for i = 0, #text do
      local got = partial_json.decode(text:sub(1, i))
      local count = 0
      for _ in pairs(got or {}) do count = count + 1 end
      assert.is_true(count >= members, "at " .. i)
      members = count
    end
    assert(judge.same(judge.decode(text), partial_json.decode(text)))
  end)

  it("gives no value for text that is not JSON", function()
    for _, text in ipairs { "}", "]", "x", "{]", "[}", ":", "," } do
      local got = partial_json.decode(text)
      assert.is_true(got == nil or json.encode(got) ~= nil)
    end
  end)
end)
