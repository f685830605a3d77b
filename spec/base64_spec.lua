--- core.base64 against RFC 4648's own examples, and against a decoder that is not ours.

local core = require "bedrock.core"
local others = require "spec.support.base64"

local encode, decode = core.base64.encode, core.base64.decode

describe("base64", function()
  local examples = {
    { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" }, { "\251\255\191", "+/+/" }, { "\0\0\0", "AAAA" }, { "\255", "/w==" },
  }
  for _, example in ipairs(examples) do
    it(("writes and reads %q"):format(example[2]), function()
      assert.equal(example[2], encode(example[1]))
      assert.equal(example[1], decode(example[2]))
    end)
  end

  it("carries bytes of every length and value", function()
    local all = {}
    for i = 0, 255 do all[i + 1] = string.char(i) end
    all = table.concat(all)
    for n = 0, 300 do
      local bytes = (all .. all):sub(n + 1, 2 * n)
      local text = encode(bytes)
      assert.equal(bytes, others.decode(text))
      assert.equal(bytes, decode(text))
      assert.equal(bytes, decode((text:gsub("=", ""))))
      assert.equal(#text, math.ceil(#bytes / 3) * 4)
    end
  end)

  it("overlooks the bits of the last letter that belong to no byte, as others do", function()
    assert.equal("f", decode "Zh==")
    assert.equal("fo", decode "Zm9=")
  end)

  it("takes buffers", function()
    assert.equal("Zm9v", encode(core.buffer.new("f", "oo")))
    assert.equal("foo", decode(core.buffer.new("Zm9v")))
  end)

  local refusals = {
    { "Zg=", "not a letter of base64 at position 3" },
    { "Zg===", "not a letter of base64 at position 3" },
    { "=", "not a letter of base64 at position 1" },
    { "====", "not a letter of base64 at position 1" },
    { "Zm9v\n", "not a letter of base64 at position 5" },
    { "Zm 9v", "not a letter of base64 at position 3" },
    { "Zm9vZm-v", "not a letter of base64 at position 7" },
    { "Zm9v\255m9v", "not a letter of base64 at position 5" },
    { "Zg==Zm9v", "not a letter of base64 at position 3" },
    { "Zm9vZ", "base64 text ends in the middle of a byte at position 5" },
  }
  for _, refusal in ipairs(refusals) do
    it(("refuses %q: %s"):format(refusal[1], refusal[2]), function()
      local bytes, why = decode(refusal[1])
      assert.is_nil(bytes)
      assert.equal(refusal[2], why)
    end)
  end

  it("refuses a foreign letter wherever it stands", function()
    local text = encode(("bedrock"):rep(9))
    for i = 1, #text do
      local _, why = decode(text:sub(1, i - 1) .. "*" .. text:sub(i + 1))
      assert.equal("not a letter of base64 at position " .. i, why)
    end
  end)
end)
