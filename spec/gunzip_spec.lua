-- gzip-encoded bytes, in every split; the compressor is the gzip command.

local gunzip = require("bedrock.core").gunzip

local function compressed(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  local pipe = assert(io.popen("gzip -9 -c " .. path))
  local bytes = pipe:read("*a")
  pipe:close()
  os.remove(path)
  return bytes
end

local function inflate(pieces)
  local g, out = gunzip.new(), {}
  for _, piece in ipairs(pieces) do
    g:feed(piece)
    while true do
      local bytes, why = g:read()
      if why then return nil, why end
      if not bytes then break end
      assert(#bytes > 0)
      out[#out + 1] = bytes
    end
  end
  return table.concat(out), g:whole()
end

describe("gunzip", function()
  local text = ("one, two, three; "):rep(40)
  local bytes = compressed(text)

  it("gives the same whole, byte by byte and in every split", function()
    local single = {}
    for i = 1, #bytes do single[i] = bytes:sub(i, i) end
    assert.same({ text, true }, { inflate { bytes } })
    assert.same({ text, true }, { inflate(single) })
    for i = 1, #bytes - 1 do assert.same({ text, true }, { inflate { bytes:sub(1, i), bytes:sub(i + 1) } }) end
  end)

  it("is not whole when it is cut, wherever", function()
    for i = 1, #bytes - 1 do
      local _, whole = inflate { bytes:sub(1, i) }
      assert.is_false(whole)
    end
    assert.same({ "", true }, { inflate {} })
  end)

  it("takes several members after each other", function()
    assert.same({ text .. text, true }, { inflate { bytes .. bytes } })
  end)

  it("gives a large body in pieces", function()
    local large = ("x"):rep(5000000)
    local g = gunzip.new()
    g:feed(compressed(large))
    assert.is_true(#g:read() <= 65536)
  end)

  it("says what is damaged", function()
    local middle = math.floor(#bytes / 2)
    local broken = bytes:sub(1, middle) .. string.char((bytes:byte(middle + 1) + 128) % 256) .. bytes:sub(middle + 2)
    local body, why = inflate { broken }
    assert.is_nil(body)
    assert.matches("damaged", why)
    body, why = inflate { "this is no gzip at all" }
    assert.is_nil(body)
    assert.matches("damaged", why)
  end)

  it("takes bytes only", function()
    assert.has_error(function() gunzip.new():feed(nil) end)
    assert.has_error(function() gunzip.new():feed({}) end)
  end)
end)
