-- JSON Schema: what fits, what does not and where, and how a schema is written for the service.

local json = require "bedrock.json"
local judge = require "spec.support.judge"
local schema = require "bedrock.schema"

local function same(want, got)
  assert(judge.same(judge.decode(want), judge.decode(assert(json.encode(got)))))
end

describe("schema.check", function()
  local cases = {
    { '{"type":"string"}', '"a"' }, { '{"type":"string"}', "5", "the value must be string, is integer" },
    { '{"type":"integer"}', "5" }, { '{"type":"integer"}', "5.0" }, { '{"type":"integer"}', "5.5", "must be integer" },
    { '{"type":"number"}', "5" }, { '{"type":["string","null"]}', "null" }, { '{"type":"boolean"}', "null", "is null" },
    { '{"type":"array"}', "[]" }, { '{"type":"array"}', "{}" }, { '{"type":"object"}', "[]", "is array" },
    { '{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}', '{"a":"x","b":1}' },
    { '{"type":"object","required":["a"]}', "{}", ".a is missing" },
    { '{"properties":{"a":{"items":{"type":"string"}}}}', '{"a":["x",{}]}', ".a[2] must be string, is object" },
    { '{"properties":{"a":{}},"additionalProperties":false}', '{"a":1,"b":1}', ".b is not allowed" },
    { '{"additionalProperties":{"type":"string"}}', '{"b":1}', ".b must be string" },
    { '{"prefixItems":[{"type":"string"}],"items":{"type":"integer"}}', '["a",1]' },
    { '{"prefixItems":[{"type":"string"}],"items":{"type":"integer"}}', '["a","b"]', "[2] must be integer" },
    { '{"enum":["a",{"b":[1]}]}', '{"b":[1]}' }, { '{"enum":["a","b"]}', '"c"', 'must be one of "a", "b", is "c"' },
    { '{"const":1}', "1" }, { '{"const":1}', "2", "must be 1" },
    { '{"minimum":1,"maximum":3}', "3" }, { '{"minimum":1}', "0", "at least 1" },
    { '{"exclusiveMaximum":3}', "3", "less than 3" },
    { '{"multipleOf":0.1}', "0.3" }, { '{"multipleOf":2}', "3", "multiple of 2" }, { '{"minimum":1}', '"a"' },
    { '{"minLength":2}', '"ü"', "at least 2 characters" }, { '{"maxLength":1}', '"ü"' },
    { '{"minItems":1}', "[]", "at least 1 elements" }, { '{"maxItems":1}', "[1,2]", "at most 1 elements" },
    { '{"anyOf":[{"type":"string"},{"type":"null"}]}', "null" }, { '{"anyOf":[{"type":"string"}]}', "1", "fits none" },
    { '{"oneOf":[{"type":"number"},{"type":"integer"}]}', "1", "fits 2 of" },
    { '{"allOf":[{"type":"number"},{"minimum":2}]}', "1", "at least 2" },
    { '{"not":{"type":"string"}}', '"a"', "fits the schema" },
    { '{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"type":"string"}}}', "1", "must be string" },
    { '{"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}},"$ref":"#/$defs/n"}', '{"next":{"next":1}}',
      ".next.next must be object" },
    { '{"$ref":"https://elsewhere"}', "1", "cannot be checked" }, { '{"pattern":"^a","format":"email"}', '"b"' },
    { "true", "1" }, { "false", "1", "nothing fits" }, { '{"required":["a"],"enum":[[1]]}', "[1]" },
  }
  for _, case in ipairs(cases) do
    it(("%s %s by %s"):format(case[2], case[3] and "does not fit" or "fits", case[1]), function()
      local ok, why = schema.check(json.decode(case[2]), json.decode(case[1]))
      assert.equal(case[3] == nil or nil, ok)
      if case[3] then assert.truthy(why:find(case[3], 1, true), why) end
    end)
  end
end)

describe("a schema for the service", function()
  it("has lists where lists belong, and is a copy", function()
    local own = { type = "object", properties = { a = { enum = {} } }, required = {} }
    assert.equal('{"properties":{"a":{"enum":[]}},"required":[],"type":"object"}', json.encode(schema.wire(own)))
    assert.is_nil(getmetatable(own.required))
    assert.equal('{"type":"object"}', json.encode(schema.wire { type = "object" }))
  end)

  it("for structured answers is closed, and tells the model what the service does not enforce", function()
    same([[{"type":"object","description":"D\n\n{minProperties: 1}","additionalProperties":false,"required":["a"],"properties":{
        "a":{"type":"string","format":"uuid","description":"{pattern: \"^x\"}"},
        "b":{"type":"array","minItems":1,"items":{"anyOf":[{"type":"integer","description":"{maximum: 9}"},{"type":"null"}]}},
        "c":{"type":"array","description":"{minItems: 3}"},
        "d":{"$ref":"#/$defs/e"},
        "f":{"type":"string","description":"{format: \"color\"}"}},
        "$defs":{"e":{"type":"object","properties":{},"additionalProperties":false}}}]],
      schema.strict(json.decode [[{"type":"object","description":"D","minProperties":1,"required":["a"],"properties":{
        "a":{"type":"string","format":"uuid","pattern":"^x"},
        "b":{"type":"array","minItems":1,"items":{"oneOf":[{"type":"integer","maximum":9},{"type":"null"}]}},
        "c":{"type":"array","minItems":3},
        "d":{"$ref":"#/$defs/e"},
        "f":{"type":"string","format":"color"}},
        "$defs":{"e":{"type":"object","properties":{},"additionalProperties":true}}}]]))
  end)
end)
