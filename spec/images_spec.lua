-- The size of an image from its first bytes.

local images = require "bedrock.images"

local function bytes_of(hex)
  return (hex:gsub("%s", ""):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- Heads as encoders write them: 300 by 200 pixels each.
local cases = {
  { "png", "89504e470d0a1a0a 0000000d 49484452 0000012c 000000c8 0802000000" },
  { "gif", "474946383961 2c01 c800 f70000" },
  { "jpeg", "ffd8 ffe0 0010 4a46494600010100000100010000 ffdb 0004 0001 ffc0 0011 08 00c8 012c 03" },
  { "jpeg with a table before its frame", "ffd8 ffc4 0003 00 ffc2 0011 08 00c8 012c 03" },
  { "webp with losses", "52494646 00000000 57454250 56503820 00000000 000000 9d012a 2c01 c800" },
  { "webp without losses", "52494646 00000000 57454250 5650384c 00000000 2f 2bc13100" },
  { "webp, extended", "52494646 00000000 57454250 56503858 0a000000 10000000 2b0100 c70000" },
}

describe("the size of an image", function()
  for _, case in ipairs(cases) do
    local bytes = bytes_of(case[2])

    it("is read from a " .. case[1], function()
      assert.same({ 300, 200 }, { images.size(bytes) })
    end)

    it("is not made up for a cut " .. case[1], function()
      for n = 0, #bytes - 1 do
        local width, height = images.size(bytes:sub(1, n))
        assert.is_true(width == nil or width == 300 and height == 200)
      end
    end)
  end

  it("is not known of anything else", function()
    assert.is_nil(images.size "%PDF-1.7")
    assert.is_nil(images.size "")
    assert.is_nil(images.size "\255\216\255\224\0\0")
    for _, head in ipairs { "\137PNG\r\n\26\n", "GIF89a", "RIFFxxxxWEBP", "\255\216\255" } do
      assert.is_nil(images.size(head .. ("x"):rep(100)))
    end
  end)
end)
