--- bedrock.json: what comes back, what is refused and where, and that nothing is lost on the way.
--
-- What we write is read by lua-cjson and dkjson, what we read was written by somebody else: our decoder never judges
-- our encoder.

local cjson = require "cjson"
local dkjson = require "dkjson"
local json = require "bedrock.json"
local core = require "bedrock.core"
local judge = require "spec.support.judge"
local randoms = require "spec.support.random"

local null = json.null
local unpack = table.unpack or unpack

local function ok(value, err)
  if value == nil then error(tostring(err), 2) end
  return value
end

local function encode(value, options) return ok(json.encode(value, options)) end
local function decode(text, options) return ok(json.decode(text, options)) end

-- dkjson asks what to write for a light userdata.
local function others_encode(value)
  return dkjson.encode(value, { indent = true, exception = function(_, v) return v == null and "null" or nil end })
end

local function refused(value, options)
  local text, err = json.encode(value, options)
  assert.is_nil(text)
  return err
end

describe("decode of a part of a text", function()
  it("reads from first to last, and nothing beside", function()
    local text = 'x{"a":1}\n[2]y'
    assert.equal(1, decode(text, { first = 2, last = 8 }).a)
    assert.equal(2, decode(text, { first = 10, last = 12 })[1])
    assert.equal(12, decode("12", { first = 1 }))
    assert.equal(1, decode("12", { last = 1 }))
  end)

  it("tells places from first on", function()
    local value, err = json.decode("[1]\n[2,]", { first = 5 })
    assert.is_nil(value)
    assert.equal(4, err.position)
    assert.equal("syntax", select(2, json.decode("[1]", { first = 3, last = 2 })).code)
  end)

  it("raises for places outside of the text", function()
    for _, options in ipairs { { first = 5 }, { last = 5 }, { first = -1 }, { last = "x" } } do
      assert.has_error(function() json.decode("[1]", options) end)
    end
  end)
end)

describe("decode", function()
  it("reads every kind of value", function()
    local v = decode [[ { "a" : [ 1 , 2.5 , "x" , true , false , null , { } , [ ] ] , "b" : -7 } ]]
    assert.equal(1, v.a[1])
    assert.equal(2.5, v.a[2])
    assert.equal("x", v.a[3])
    assert.is_true(v.a[4])
    assert.is_false(v.a[5])
    assert.equal(null, v.a[6])
    assert.equal(8, #v.a)
    assert.equal(-7, v.b)
  end)

  it("reads a value that stands alone", function()
    assert.equal("x", decode '"x"')
    assert.equal(0, decode "0")
    assert.equal(null, decode " null\n")
    assert.is_false((json.decode "false"))
  end)

  it("tells arrays from objects by the metatable of arrays", function()
    assert.equal(json.array_mt, getmetatable(decode "[]"))
    assert.equal(json.array_mt, getmetatable(decode "[1]"))
    assert.equal(json.array_mt, getmetatable(decode('{"a":{"b":[]}}').a.b))
    assert.is_nil(getmetatable(decode "{}"))
    assert.is_nil(getmetatable(decode '{"1":1}'))
  end)

  it("uses lua-cjson's null", function()
    assert.equal(cjson.null, decode "null")
  end)

  it("lets the last of two members with one key win, however many stand between", function()
    local members = {}
    for i = 1, 200 do members[i] = ('"k%d":%d'):format(i, i) end
    assert.equal(2, decode('{"a":1,"a":2}').a)
    assert.equal(0, decode('{"k1":-1,' .. table.concat(members, ",") .. ',"k1":0,"k1":0}').k1)
    assert.equal(7, decode('{' .. table.concat(members, ",") .. ',"k200":7}').k200)
  end)

  it("keeps all of a large array and a large object in their places", function()
    for _, n in ipairs { 1, 63, 64, 65, 128, 129, 1000 } do
      local elements, members = {}, {}
      for i = 1, n do elements[i], members[i] = tostring(i), ('"k%d":%d'):format(i, i) end
      local array = decode("[" .. table.concat(elements, ",") .. "]")
      local object = decode("{" .. table.concat(members, ",") .. "}")
      assert.equal(n, #array)
      for i = 1, n do
        assert.equal(i, array[i])
        assert.equal(i, object["k" .. i])
      end
    end
  end)

  it("reads a buffer as it reads a string", function()
    assert.equal(5, decode(core.buffer.new('{"a"', ":5}")).a)
  end)

  it("unescapes", function()
    assert.equal('"\\/\b\f\n\r\t', decode [["\"\\\/\b\f\n\r\t"]])
    assert.equal("A\0\195\169\226\130\172", decode [["\u0041\u0000\u00e9\u20AC"]])
    assert.equal("\240\159\152\128", decode [["\ud83d\ude00"]])
    assert.equal(("ab\n"):rep(1000), decode('"' .. ("ab\\n"):rep(1000) .. '"'))
    assert.equal("x\ny", next(decode [[{"x\ny":1}]]))
  end)

  it("replaces halves of surrogate pairs, which stand for no character", function()
    local r = "\239\191\189"
    assert.equal(r, decode [["\ud83d"]])
    assert.equal(r .. "x", decode [["\ude00x"]])
    assert.equal(r .. "A", decode [["\ud83d\u0041"]])
    assert.equal(r .. "\240\159\152\128", decode [["\ud83d\ud83d\ude00"]])
    assert.equal(r .. "\n", decode [["\ud83d\n"]])
    assert.equal(r .. r, decode [["\ude00\ud83d"]])
    assert.equal(r .. r, decode [["\ude00\ude00"]])
  end)

  it("takes every length of string at every offset", function()
    for before = 0, 9 do
      for n = 0, 40 do
        local s = ("abcdefgh"):rep(5):sub(1, n)
        assert.equal(s, decode((" "):rep(before) .. '"' .. s .. '"'))
        assert.equal(s .. "\195\169" .. s, decode('"' .. s .. "\195\169" .. s .. '"'))
      end
    end
  end)
end)

describe("decode refuses", function()
  local cases = {
    -- text, code, position, message
    { "", "syntax", 1, "expected a value, found the end of the text, at line 1 column 1" },
    { "  \n ", "syntax", 5, "expected a value, found the end of the text, at line 2 column 2" },
    { "{", "syntax", 2, "expected a key in double quotes, found the end of the text, at line 1 column 2" },
    { "{a:1}", "syntax", 2, "expected a key in double quotes, found 'a', at line 1 column 2" },
    { "{'a':1}", "syntax", 2, [[expected a key in double quotes, found "'", at line 1 column 2]] },
    { '{"a" 1}', "syntax", 6, "expected ':' after a key, found '1', at line 1 column 6" },
    { '{"a":1,}', "syntax", 8, "expected a key in double quotes, found '}', at line 1 column 8" },
    { '{"a":1 "b":2}', "syntax", 8, "expected ',' or '}', found '\"', at line 1 column 8" },
    { '{"a":1]', "syntax", 7, "expected ',' or '}', found ']', at line 1 column 7" },
    { "[1,]", "syntax", 4, "expected a value, found ']', at line 1 column 4" },
    { "[,1]", "syntax", 2, "expected a value, found ',', at line 1 column 2" },
    { "[1 2]", "syntax", 4, "expected ',' or ']', found '2', at line 1 column 4" },
    { "[1", "syntax", 3, "expected ',' or ']', found the end of the text, at line 1 column 3" },
    { "[1\n,\n x]", "syntax", 7, "expected a value, found 'x', at line 3 column 2" },
    { "[1]]", "syntax", 4, "expected the end of the text, found ']', at line 1 column 4" },
    { "{} x", "syntax", 4, "expected the end of the text, found 'x', at line 1 column 4" },
    { "nul", "syntax", 1, "expected a value, found 'n', at line 1 column 1" },
    { "True", "syntax", 1, "expected a value" },
    { "nan", "syntax", 1, "expected a value" },
    { "Infinity", "syntax", 1, "expected a value" },
    { "[1] // c", "syntax", 5, "expected the end of the text" },
    { "\239\187\191{}", "syntax", 1, "expected a value, found byte 0xef" },
    { "01", "syntax", 2, "expected the end of the text" },
    { "-", "syntax", 2, "expected a digit" },
    { "+1", "syntax", 1, "expected a value" },
    { ".5", "syntax", 1, "expected a value" },
    { "1.", "syntax", 3, "expected a digit" },
    { "1.e5", "syntax", 3, "expected a digit, found 'e'" },
    { "1e", "syntax", 3, "expected a digit" },
    { "1e+", "syntax", 4, "expected a digit" },
    { "0x10", "syntax", 2, "expected the end of the text, found 'x'" },
    { '"abc', "syntax", 5, "expected '\"' at the end of a string, found the end of the text" },
    { '"a\nb"', "syntax", 3, "no bare control characters, found byte 0x0a" },
    { '"a\0b"', "syntax", 3, "no bare control characters, found byte 0x00" },
    { [["\q"]], "syntax", 3, [[expected one of " \ / b f n r t u after a backslash, found 'q']] },
    { [["\]], "syntax", 3, "after a backslash, found the end of the text" },
    { [["\u12g4"]], "syntax", 6, [[expected four hexadecimal digits after \u, found 'g']] },
    { [["\u12]], "syntax", 6, "expected four hexadecimal digits" },
    { '"\255"', "utf8", 2, "expected UTF-8, found byte 0xff, at line 1 column 2" },
    { '["a",\n"b\192\128"]', "utf8", 9, "expected UTF-8, found byte 0xc0, at line 2 column 3" },
    { '"\237\160\128"', "utf8", 2, "expected UTF-8" }, -- a surrogate in three bytes
    { '"\240\128\128\128"', "utf8", 2, "expected UTF-8" }, -- overlong
    { '"\224\159\191"', "utf8", 2, "expected UTF-8" }, -- overlong
    { '"\244\144\128\128"', "utf8", 2, "expected UTF-8" }, -- beyond U+10FFFF
    { '"12345678\226\130"', "utf8", 10, "expected UTF-8" }, -- cut
    { '{"\128":1}', "utf8", 3, "expected UTF-8" },
  }
  for _, case in ipairs(cases) do
    local text, code, position, message = unpack(case)
    it(("%q: %s"):format(text, message), function()
      local value, err = json.decode(text)
      assert.is_nil(value)
      assert.equal(code, err.code)
      assert.equal(position, err.position)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.equal(err.message, tostring(err))
      local _, lines = text:sub(1, position - 1):gsub("\n", "")
      assert.equal(lines + 1, err.line)
      assert.equal(#text:sub(1, position - 1):match("[^\n]*$") + 1, err.column)
    end)
  end

  it("a text that is cut anywhere", function()
    local text = [[{"a":[1,-2.5e3,"xé\n\u00e9"],"b":{"c":null,"d":[true,false,{}]}}]]
    for n = 0, #text - 1 do
      local value, err = json.decode(text:sub(1, n))
      assert.is_nil(value)
      assert.truthy(err.position <= n + 1)
    end
  end)

  it("what is nested deeper than the limit", function()
    assert.truthy(json.decode(("["):rep(1000) .. ("]"):rep(1000)))
    local value, err = json.decode(("["):rep(1001) .. ("]"):rep(1001))
    assert.is_nil(value)
    assert.equal("depth", err.code)
    assert.equal(1001, err.position)
    assert.truthy(json.decode('{"a":[1]}', { depth = 2 }))
    assert.equal("depth", select(2, json.decode('{"a":[[]]}', { depth = 2 })).code)
    assert.equal("depth", select(2, json.decode(('{"a":'):rep(100000))).code)
    assert.equal("depth", select(2, json.decode(("["):rep(100000), { depth = 10 ^ 9 })).code)
  end)

  it("what is longer than the limit", function()
    assert.truthy(json.decode("[1,2]", { size = 5 }))
    assert.equal("size", select(2, json.decode("[1,2] ", { size = 5 })).code)
    assert.truthy(json.decode('[1,{"a":[]}]', { values = 4 }))
    assert.equal("size", select(2, json.decode('[1,{"a":[]}]', { values = 3 })).code)
  end)

  it("misuse by raising in the caller's name", function()
    local raised, why = pcall(json.decode, nil)
    assert.is_false(raised)
    assert.truthy(why:find("string or buffer expected, got n", 1, true))
    assert.is_false((pcall(json.decode, "1", { depth = "x" })))
    assert.is_false((pcall(json.decode, "1", { depth = 0 })))
    assert.is_false((pcall(json.encode)))
    assert.truthy(select(2, pcall(function() json.array(1) end)):find("^spec/json_spec.lua:"))
    assert.truthy(select(2, pcall(function() json.ordered({ "a" }, 1) end)):find("^spec/json_spec.lua:"))
  end)
end)

describe("numbers", function()
  it("keep their text as integers of any length", function()
    for _, text in ipairs {
      "0", "1", "-1", "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "1234567890123456789",
      "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-9223372036854775809",
      "18446744073709551615", "123456789012345678901234567890", "1" .. ("0"):rep(400),
    } do
      local value = decode(text)
      assert.equal(text, math.type == nil and type(value) == "number" and ("%.0f"):format(value) or tostring(value))
      assert.equal(text, encode(value))
      assert.equal("[" .. text .. "]", encode(decode("[" .. text .. "]")))
    end
  end)

  it("are Lua numbers wherever those are exact", function()
    assert.equal("number", type(decode "9007199254740991"))
    assert.equal(math.type and "integer" or nil, math.type and math.type(decode "9223372036854775807"))
    assert.equal("number", type(decode "1e300"))
  end)

  it("that no Lua number holds compare, print and concatenate as what they are", function()
    local a, b = decode "18446744073709551615", json.number "18446744073709551615"
    assert.is_true(a == b)
    assert.is_false(a == json.number "18446744073709551614")
    assert.equal("id 18446744073709551615!", "id " .. a .. "!")
    assert.equal(12, json.number "12")
    assert.equal(0.5, json.number "0.5")
    assert.is_false((pcall(json.number, "12x")))
    assert.is_false((pcall(json.number, "[]")))
    assert.is_false((pcall(json.number, "")))
  end)

  it("beyond the largest double keep their text too", function()
    assert.equal("[1e400,-1E+999]", encode(decode "[1e400, -1E+999]"))
  end)

  -- value as Lua reads it, text; the same on every Lua
  local texts = {
    { 1024 / 4, "256" }, { 1e3, "1000" }, { -tonumber "0.0", "-0.0" }, { 0.0, "0" }, { 2 ^ 53 - 1, "9007199254740991" },
    { 0.1, "0.1" }, { 0.7, "0.7" }, { -1.5, "-1.5" }, { 1 / 3, "0.3333333333333333" }, { 0.1 + 0.2, "0.30000000000000004" },
    { 123456.789, "123456.789" }, { 1e-5, "0.00001" }, { 1e-6, "0.000001" }, { 1e-7, "1e-7" }, { 1.5e-9, "1.5e-9" },
    { 5e-324, "5e-324" }, { 2.2250738585072014e-308, "2.2250738585072014e-308" }, { 1e15, "1000000000000000" },
    { 2.0 ^ 53, "9.007199254740992e+15" }, { 1e18 + 0.0, "1e+18" }, { 2 ^ 60, "1.152921504606847e+18" }, { 1e22, "1e+22" },
    { 1e23, "1e+23" }, { 1.7976931348623157e308, "1.7976931348623157e+308" }, { 9.5e-3, "0.0095" },
  }
  for _, case in ipairs(texts) do
    it("are written shortest: " .. case[2], function()
      assert.equal(case[2], encode(case[1]))
      assert.equal(case[1], decode(case[2]))
    end)
  end

  -- texts whose nearest double is hard to find, and that double
  local hard = {
    { "9007199254740993.0", 9007199254740992 }, { "9007199254740993.0000000000000000000000000001", 9007199254740994 },
    { "2.2250738585072011e-308", 2.2250738585072011e-308 }, { "1e-400", 0 },
    { "123456789012345678901234567890.0", 1.2345678901234568e29 },
    { "2.4703282292062328e-324", 5e-324 }, { "2.4703282292062327e-324", 0 },
    { "179769313486231580793e288", 1.7976931348623157e308 },
    { "0." .. ("0"):rep(400) .. "1e401", 1 }, { ("1" .. ("0"):rep(400) .. "e-400"), 1 },
    { "1.00000000000000011102230246251565", 1 },
    { "1.00000000000000011102230246251566", 1.0000000000000002 }, { "-0", 0 }, { "-0.0e-5", 0 },
    { "1E2", 100 },
  }
  for _, case in ipairs(hard) do
    it("are read to the nearest: " .. case[1]:sub(1, 40), function()
      assert.equal(case[2], decode(case[1]))
    end)
  end

  it("round-trip, and read as Lua reads them", function()
    math.randomseed(7)
    for _ = 1, 5000 do
      local x = (math.random() - 0.5) * 10 ^ math.random(-320, 300)
      local text = encode(x)
      assert.equal(x, tonumber(text))
      assert.equal(x, decode(text))
      assert.equal(x, decode(("%.17e"):format(x)))
      assert.equal(tonumber(("%.25e"):format(x)), decode(("%.25e"):format(x)))
    end
  end)
end)

describe("encode", function()
  it("sorts keys by their bytes", function()
    assert.equal('{"":0,"A":1,"Z":2,"a":3,"a\\u0000":4,"aa":5,"abcdefgh":6,"abcdefgha":7,"abcdefghb":8,"b":9,"\195\169":10}',
      encode {
        b = 9, a = 3, Z = 2, A = 1, aa = 5, ["a\0"] = 4, [""] = 0, abcdefghb = 8, abcdefgha = 7, abcdefgh = 6, ["\195\169"] = 10,
      })
  end)

  it("sorts as many keys as there are", function()
    for _, n in ipairs { 1, 31, 32, 33, 64, 65, 500 } do
      local t, keys, want = {}, {}, {}
      for i = 1, n do
        keys[i] = ("%d-%d"):format(i * 7919 % 1009, i)
        t[keys[i]] = { i }
      end
      table.sort(keys)
      for i, key in ipairs(keys) do want[i] = ('"%s":[%d]'):format(key, t[key][1]) end
      assert.equal("{" .. table.concat(want, ",") .. "}", encode(t))
    end
  end)

  it("writes the stated order first and sorts the rest behind it", function()
    local t = json.ordered({ "type", "name", "absent", "type" }, { b = 1, a = 2, name = "n", type = "t" })
    assert.equal('{"type":"t","name":"n","a":2,"b":1}', encode(t))
    assert.equal("{}", encode(json.ordered({ "a" }, {})))
    assert.equal("{}", encode(json.ordered({}, {})))
  end)

  it("keeps empty arrays and empty objects apart", function()
    assert.equal("{}", encode {})
    assert.equal("[]", encode(json.array {}))
    assert.equal("[]", encode(json.empty_array))
    assert.equal("{}", encode(json.object {}))
    assert.equal('{"a":[],"b":{},"c":[[],{}]}', encode(decode '{"a":[],"b":{},"c":[[],{}]}'))
    assert.equal("[]", tostring(json.empty_array))
  end)

  it("escapes what must be escaped and nothing else", function()
    assert.equal([["\"\\/\b\f\n\r\t\u0000\u001f]] .. "\127\195\169\240\159\152\128\"",
      encode '"\\/\b\f\n\r\t\0\31\127\195\169\240\159\152\128')
    for n = 0, 40 do
      local s = ("x"):rep(n) .. "\n" .. ("\195\169"):rep(n) .. '"'
      assert.equal(s, cjson.decode("[" .. encode(s) .. "]")[1])
    end
  end)

  it("of every mixture of what stands for itself and what does not, in room that is just enough", function()
    local kinds = { "a", '"', "\\", "\n", "\1", "\127", "é", "東", "😀", "plain words of twenty-four", ("x"):rep(16) }
    local pick = randoms.new(7)
    for _ = 1, 300 do
      local parts = {}
      for i = 1, pick:integer(1, 40) do parts[i] = pick:pick(kinds):rep(pick:integer(1, 3)) end
      local text = table.concat(parts)
      local written = encode(text)
      assert.equal(text, cjson.decode("[" .. written .. "]")[1])
      assert.equal(written, encode(text, { size = #written }))
      assert.equal("size", select(2, json.encode(text, { size = #written - 1 })).code)
    end
  end)

  it("that are not UTF-8 say where, however much stands before it", function()
    for before = 0, 40 do
      local good = ("é"):rep(before % 3) .. '"' .. ("x"):rep(before)
      for _, size in ipairs { 0, 1000 } do
        local _, err = json.encode(good .. "\255y", { size = size > 0 and size or nil })
        assert.same({ "utf8", ("not UTF-8 at byte %d of the string"):format(#good + 1) }, { err.code, err.message })
      end
    end
  end)

  it("writes scalars", function()
    assert.equal("null", encode(null))
    assert.equal("true", encode(true))
    assert.equal("false", encode(false))
    assert.equal('"x"', encode "x")
    assert.equal('"x"', encode(core.buffer.new("x")))
  end)

  it("writes the same table twice where it stands twice", function()
    local shared = { 1 }
    assert.equal('{"a":[1],"b":[1]}', encode { a = shared, b = shared })
  end)

  it("looks at what is in a table, not at what its metatable pretends", function()
    local proxy = setmetatable({ a = 1 }, {
      __index = { b = 2 }, __len = function() error "called" end, __pairs = function() error "called" end,
      __tostring = function() error "called" end,
    })
    assert.equal('{"a":1}', encode(proxy))
  end)

  it("answers a buffer by choice", function()
    local buffer = encode({ a = 1 }, { buffer = true })
    assert.equal("userdata", type(buffer))
    assert.equal('{"a":1}', tostring(buffer))
    assert.equal('{"a":1}', buffer:tostring())
    assert.equal(7, #buffer)
    assert.equal('"a"', buffer:sub(2, 4))
    assert.equal('1}', buffer:sub(-2))
    assert.equal("", buffer:sub(5, 2))
    assert.equal('{"a":1}', buffer:sub(-100, 100))
    assert.equal('{"a":1}', buffer:sub(math.mininteger or -2 ^ 53))
    buffer:release()
    buffer:release()
    assert.equal(0, #buffer)
    assert.equal("", buffer:tostring())
    assert.equal("", buffer:sub(1, 3))
  end)

  it("understands the marks of dkjson", function()
    assert.equal('[[],{}]', encode(judge.decode "[[],{}]"))
    assert.equal('{"b":1,"a":2}', encode(setmetatable({ a = 2, b = 1 }, { __jsonorder = { "b" } })))
    assert.equal("[null]", encode { dkjson.null })
    assert.equal('[[],[1]]', dkjson.encode(decode "[[],[1]]"))
    assert.equal('{"b":1,"a":2}', dkjson.encode(json.ordered({ "b", "a" }, { a = 2, b = 1 })))
  end)

  it("understands the marks of an lua-cjson that has them, loaded before or after", function()
    local mark, empty, if_empty = {}, io.stderr, {}
    cjson.array_mt, cjson.empty_array, cjson.empty_array_mt = mark, empty, if_empty
    local text = encode {
      a = setmetatable({}, mark), b = setmetatable({ 1 }, mark), c = setmetatable({}, if_empty),
      d = setmetatable({ x = 1 }, if_empty), e = setmetatable({ 1 }, if_empty), f = empty,
    }
    cjson.array_mt, cjson.empty_array, cjson.empty_array_mt = nil, nil, nil
    assert.equal('{"a":[],"b":[1],"c":[],"d":{"x":1},"e":[1],"f":[]}', text)
  end)

  it("takes what lua-cjson decoded", function()
    assert.equal('{"a":[1,null,{"b":"x"}],"c":0.5}', encode(cjson.decode '{"c":0.5,"a":[1,null,{"b":"x"}]}'))
  end)
end)

describe("encode refuses", function()
  local cyclic = {}
  cyclic.t = { cyclic }
  local function deep(n)
    local t = {}
    for _ = 2, n do t = { t } end
    return t
  end
  local cases = {
    -- what, value, code, path, message
    { "functions", { messages = { { content = "a" }, {}, { content = print } } }, "type", "messages[3].content",
      "messages[3].content: functions cannot be JSON" },
    { "a function alone", print, "type", "", "functions cannot be JSON" },
    { "threads", { coroutine.create(function() end) }, "type", "[1]", "[1]: threads cannot be JSON" },
    { "userdata", { f = io.stdout }, "type", "f", "f: userdata cannot be JSON" },
    { "cycles", { a = cyclic }, "cycle", "a.t[1]", "a.t[1]: a table that contains itself" },
    { "gaps", { a = { 1, 2, [4] = 4 } }, "sparse_array", "a", "a: sparse array: it has [4] but not [3]" },
    { "a list that begins late", { [2] = 1 }, "sparse_array", "", "sparse array: it has [2] but not [1]" },
    { "gaps in a marked array", json.array { [3] = 1 }, "sparse_array", "", "sparse array: it has [3] but not [1]" },
    { "mixed keys", { x = { 1, a = 2 } }, "mixed_keys", "x", "mixed keys: an array has the key \"a\"" },
    { "keys in a marked array", json.array { a = 1 }, "mixed_keys", "", "mixed keys: an array has the key \"a\"" },
    { "numbers in a marked object", json.object { "a" }, "mixed_keys", "", "mixed keys: an object has the key [1]" },
    { "zero as a key", { [0] = 1 }, "mixed_keys", "", "mixed keys: an array has the key [0]" },
    { "fractions as keys", { [1.5] = 1 }, "mixed_keys", "", "[1.5]" },
    { "huge keys", { [2 ^ 40] = 1 }, "mixed_keys", "", "mixed keys" },
    { "booleans as keys", { a = { [true] = 1 } }, "mixed_keys", "a", "a: mixed keys: an object has a boolean as a key" },
    { "NaN", { a = 0 / 0 }, "number", "a", "a: NaN cannot be JSON" },
    { "infinity", { 1, { -1 / 0 } }, "number", "[2][1]", "[2][1]: infinity cannot be JSON" },
    { "bad UTF-8", { ["a b"] = { c = "xy\255" } }, "utf8", '["a b"].c', '["a b"].c: not UTF-8 at byte 3 of the string' },
    { "bad UTF-8 far in", { ("x"):rep(100) .. "\195" }, "utf8", "[1]", "not UTF-8 at byte 101" },
    { "bad UTF-8 in a key", { a = { ["k\128"] = 1 } }, "utf8", 'a["k\128"]', "not UTF-8 at byte 2" },
    { "surrogates in UTF-8", "\237\160\189", "utf8", "", "not UTF-8 at byte 1 of the string" },
    { "what is nested too deeply", deep(1001), "depth", ("[1]"):rep(1000), "nested too deeply" },
  }
  for _, case in ipairs(cases) do
    local what, value, code, path, message = unpack(case)
    it(what, function()
      local err = refused(value)
      assert.equal(code, err.code)
      assert.equal(path, err.path)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.equal(err.message, tostring(err))
    end)
  end

  it("nil, and says what null is", function()
    assert.truthy(refused(nil).message:find("json.null", 1, true))
  end)

  it("a text beyond the size limit, and works again afterwards", function()
    local err = refused({ a = ("x"):rep(100) }, { size = 50 })
    assert.equal("size", err.code)
    assert.equal("size", refused({ a = ("x"):rep(100) }, { size = 50, buffer = true }).code)
    assert.equal(108, #encode({ a = ("x"):rep(100) }, { size = 108 }))
    assert.equal("size", refused({ a = ("x"):rep(100) }, { size = 107 }).code)
    assert.equal('{"a":1}', encode { a = 1 })
  end)

  it("depth by choice", function()
    assert.equal("[[1]]", encode({ { 1 } }, { depth = 2 }))
    assert.equal("depth", refused({ { 1 } }, { depth = 1 }).code)
    assert.truthy(json.encode(deep(1000)))
  end)
end)

describe("blobs", function()
  local trie = {
    messages = { ["[]"] = { content = { ["[]"] = { image = { source = { bytes = true } } } } } },
    map = { ["{}"] = { body = true }, ["named"] = { other = true } }, list = { ["[]"] = true },
  }

  it("are base64 where the table says so, both ways", function()
    local bytes = "\0\255hello\237\160\189"
    local value = {
      messages = { { content = { { text = "aGk=" }, { image = { format = "png", source = { bytes = bytes } } } } } },
      map = { k1 = { body = "1" }, named = { body = "x", other = "2" } }, list = { "a", "", "abc" }, bytes = "plain",
    }
    local text = encode(value, { blobs = trie })
    assert.equal('{"bytes":"plain","list":["YQ==","","YWJj"],"map":{"k1":{"body":"MQ=="},"named":{"body":"x","other":"Mg=="}},' ..
      '"messages":[{"content":[{"text":"aGk="},{"image":{"format":"png","source":{"bytes":"AP9oZWxsb+2gvQ=="}}}]}]}', text)
    local back = decode(text, { blobs = trie })
    assert.equal(bytes, back.messages[1].content[2].image.source.bytes)
    assert.equal("aGk=", back.messages[1].content[1].text)
    assert.equal("1", back.map.k1.body)
    assert.equal("2", back.map.named.other)
    assert.equal("x", back.map.named.body)
    assert.equal("abc", back.list[3])
    assert.equal(json.array_mt, getmetatable(back.list))
    assert.equal(text, encode(back, { blobs = trie }))
  end)

  it("may come as buffers, and stand for the whole value", function()
    assert.equal('{"b":"aGVsbG8="}', encode({ b = core.buffer.new("hello") }, { blobs = { b = true } }))
    assert.equal('"aGVsbG8="', encode("hello", { blobs = true }))
    assert.equal("hello", decode('"aGVsbG8="', { blobs = true }))
  end)

  -- The text without its escapes is longer than the bytes that it stands for: the room was once measured for those alone, and
  -- a server could write beyond it.
  it("may be written with escapes, whatever their length", function()
    for _, size in ipairs { 3, 255, 258, 300, 3000, 300000 } do
      local bytes = ("\255\254\0"):rep(size / 3)
      local escaped = core.base64.encode(bytes):gsub("/", "\\/", 1)
      assert.is_true(bytes == decode('"' .. escaped .. '"', { blobs = true }))
    end
  end)

  it("stand anywhere as json.blob", function()
    assert.equal('["aGVsbG8=",{"x":"aGVsbG8="}]', encode { json.blob "hello", { x = json.blob(core.buffer.new("hello")) } })
    assert.equal('{"b":"aGVsbG8="}', encode({ b = json.blob "hello" }, { blobs = { b = true } }))
    assert.equal("blob of 5 bytes", tostring(json.blob "hello"))
  end)

  it("leave other values at their places alone", function()
    assert.equal(5, decode('{"b":5}', { blobs = { b = true } }).b)
    assert.equal(null, decode('{"b":null}', { blobs = { b = true } }).b)
    assert.equal('{"b":null}', encode({ b = null }, { blobs = { b = true } }))
    assert.equal('{"list":{"a":1}}', encode({ list = { a = 1 } }, { blobs = trie }))
    assert.same({ list = { a = 1 } }, decode('{"list":{"a":1}}', { blobs = trie }))
  end)

  it("may have escapes in their text", function()
    assert.equal("\255\255\255", decode([[{"b":"\/\u002f\/\/"}]], { blobs = { b = true } }).b)
  end)

  it("that are not base64 are refused with their place", function()
    local _, err = json.decode('{"b":\n"aGV#"}', { blobs = { b = true } })
    assert.equal("base64", err.code)
    assert.equal(2, err.line)
    assert.equal(5, err.column)
    assert.equal("not a letter of base64, at line 2 column 5", err.message)
  end)
end)

-- Random values of every kind, the same ones on every run.
local function generator(seed)
  local state = seed
  local function random(n)
    state = (state * 16807) % 2147483647
    return state % n + 1
  end
  local alphabet = { "a", "b", "Z", "0", " ", '"', "\\", "/", "\n", "\t", "\0", "\31", "\127", "\195\169", "\226\130\172",
    "\240\159\152\128", "{", "[", ":", "," }
  local function string_value()
    local parts = {}
    for i = 1, random(12) - 1 do parts[i] = alphabet[random(#alphabet)] end
    return table.concat(parts)
  end
  local value
  local makers = {
    function() return null end,
    function() return random(2) == 1 end,
    function() return random(2000) - 1000 end,
    function() return (random(2000000) - 1000000) / 64 end,
    function() return random(1000000) / 7 * 10 ^ (random(40) - 20) end,
    string_value, string_value,
    function(depth)
      local t = json.array {}
      for i = 1, random(6) - 1 do t[i] = value(depth - 1) end
      return t
    end,
    function(depth)
      local t = {}
      for _ = 1, random(6) - 1 do t["k" .. string_value()] = value(depth - 1) end
      return t
    end,
  }
  function value(depth)
    return makers[random(depth > 0 and #makers or 7)](depth)
  end
  return function() return value(5) end
end

-- lua-cjson marks no arrays and reads fifteen digits by choice of its printer only; its parser is strtod.
local function same_for_cjson(want, got)
  if type(want) ~= "table" or type(got) ~= "table" then return want == got end
  for k, v in pairs(want) do
    if not same_for_cjson(v, got[k]) then return false end
  end
  for k in pairs(got) do
    if want[k] == nil then return false end
  end
  return true
end

describe("any value", function()
  it("is read by others as what it was", function()
    local next_value = generator(42)
    for _ = 1, 3000 do
      local value = next_value()
      local text = encode { value }
      assert.is_true(same_for_cjson({ value }, cjson.decode(text)), text)
      local same, why = judge.same(judge.decode(text), { value })
      assert.is_true(same, (why or "") .. " in " .. text)
    end
  end)

  it("that others write is read by us", function()
    local next_value = generator(43)
    for _ = 1, 3000 do
      local value = next_value()
      local text = others_encode { value }
      local same, why = judge.same(judge.decode(text), decode(text))
      assert.is_true(same, (why or "") .. " in " .. text)
    end
  end)

  it("comes back from its text, and its text from it", function()
    local next_value = generator(44)
    for _ = 1, 3000 do
      local value = next_value()
      local text = encode(value)
      local back = decode("[" .. text .. "]")[1]
      assert.same(value, back)
      assert.equal(text, encode(back))
    end
  end)
end)

describe("recorded bodies", function()
  local base64 = require "spec.support.base64"
  local folder = "../shared/recordings/"

  local function each_body(interaction, check)
    for _, side in ipairs { interaction.request or {}, interaction.response or {} } do
      if side.body_json ~= nil then check(others_encode(side.body_json)) end
      if side.body_base64 then
        local bytes = base64.decode(side.body_base64)
        if bytes:find("^%s*[%[{]") then check(bytes) end
      end
    end
  end

  -- lua-cjson tells neither empty arrays from objects nor numbers beyond its fifteen digits; all else is the same.
  local function but_for_empties(want, got)
    if type(want) ~= "table" or type(got) ~= "table" then return judge.same(want, got) end
    for key, value in pairs(want) do
      if not but_for_empties(value, got[key]) then return false end
    end
    for key in pairs(got) do
      if want[key] == nil then return false end
    end
    return true
  end

  -- The JSON inside of a stream: payloads of frames and what they hold.
  local function each_payload(interaction, check)
    for _, event in ipairs((interaction.expected or {}).events or {}) do
      for _, name in ipairs { "payload", "inner" } do
        if type(event[name]) == "table" then check(others_encode(event[name])) end
      end
    end
  end

  it("are read as dkjson reads them, and so is what we write of them", function()
    local listing = io.popen("ls " .. folder .. "*.json 2>/dev/null")
    local files, bodies = 0, 0
    for path in listing:lines() do
      files = files + 1
      local recording = judge.read(path)
      for _, interaction in ipairs(recording.interactions or { recording }) do
        local function check(text)
          local is_json, want = pcall(judge.decode, text)
          local got, err = json.decode(text)
          if not is_json then
            assert.truthy(err, path)
            return
          end
          local same, why = judge.same(want, got)
          assert.is_true(same, path .. ": " .. tostring(why))
          local written = encode(got)
          same, why = judge.same(want, judge.decode(written))
          assert.is_true(same, path .. ": " .. tostring(why))
          assert.equal(written, encode(decode(written)), path)
          assert.is_true(but_for_empties(want, judge.decode(encode(cjson.decode(text)))), path .. ": by lua-cjson")
          bodies = bodies + 1
        end
        each_body(interaction, check)
        each_payload(interaction, check)
      end
    end
    listing:close()
    if files == 0 then
      print("note: ../shared is not here, no recorded bodies were read")
    else
      assert.truthy(bodies > files)
    end
  end)
end)

describe("in a fresh Lua", function()
  local lua = "lua"
  for i = 0, -10, -1 do lua = arg and arg[i] or lua end

  local function run(script)
    local name = os.tmpname()
    local file = assert(io.open(name, "w"))
    file:write(script)
    file:close()
    local pipe = io.popen(lua .. " " .. name .. " 2>&1")
    local output = pipe:read("*a")
    pipe:close()
    os.remove(name)
    return output
  end

  it("an lua-cjson with marks lends them", function()
    assert.equal("true\ttrue\t[]\n", run [[
      local mark, empty = {}, io.stderr
      package.loaded.cjson = { array_mt = mark, empty_array = empty }
      local json = require "bedrock.json"
      print(json.array_mt == mark and getmetatable(json.decode "[1]") == mark, json.empty_array == empty, json.encode(empty))
    ]])
  end)

  it("in nginx lua-cjson is asked for its marks whoever comes first", function()
    assert.equal("true\n", run [[
      ngx = {}
      local mark = {}
      package.preload.cjson = function() return { array_mt = mark } end
      print(require "bedrock.json".array_mt == mark)
    ]])
  end)

  it("Neovim's marks are understood", function()
    assert.equal("[null,{}]\n", run [[
      local empty_dict_mt = {}
      vim = { NIL = io.stdout, empty_dict = function() return setmetatable({}, empty_dict_mt) end }
      local json = require "bedrock.json"
      print(json.encode { vim.NIL, vim.empty_dict() })
    ]])
  end)

  it("the same table is the same text in every process", function()
    local script = [[
      local json = require "bedrock.json"
      local t = {}
      for i = 1, 100 do t[("key%d"):format(i * 31 % 101)] = { type = "string", description = i / 7, enum = { "a", "b" } } end
      print(json.encode(t))
    ]]
    local first = run(script)
    assert.truthy(first:find('^{"key1":{"description":'))
    for _ = 1, 3 do assert.equal(first, run(script)) end
  end)
end)
