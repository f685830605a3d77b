local core = require "bedrock.core"
local crypto = core.crypto

-- Runs a command with files of the given contents ("%1", "%2" stand for their names) and answers what it printed.
-- A sanitizer that is preloaded into this process has no business in others.
local function run(command, ...)
  local names = {}
  for i = 1, select("#", ...) do
    names[i] = os.tmpname()
    local file = assert(io.open(names[i], "wb"))
    file:write((select(i, ...)))
    file:close()
  end
  local pipe = assert(io.popen("env -u LD_PRELOAD " .. command:gsub("%%(%d)", function(i) return names[tonumber(i)] end), "r"))
  local output = pipe:read("*a")
  pipe:close()
  for _, name in ipairs(names) do os.remove(name) end
  return output
end

local every_byte = {}
for i = 0, 255 do every_byte[i + 1] = string.char(i) end
every_byte = table.concat(every_byte)

describe("Digests", function()
  it("are those of everybody else", function()
    for _, case in ipairs {
      { "sha256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
      { "sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
      { "sha256", every_byte, "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880" },
      { "sha256", ("a"):rep(1000000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
      { "sha1", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
      { "sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
    } do
      assert.equal(case[3], crypto[case[1]](case[2]))
    end
  end)

  it("come raw as well", function()
    assert.equal(crypto.sha256("abc"), crypto.hex(crypto.sha256_raw("abc")))
    assert.equal(32, #crypto.sha256_raw(""))
  end)

  it("do not mix when two kinds take turns on one context", function()
    local sha256, sha1 = crypto.sha256("x"), crypto.sha1("x")
    for _ = 1, 3 do
      assert.equal(sha256, crypto.sha256("x"))
      assert.equal(sha1, crypto.sha1("x"))
    end
  end)

  it("of CRC-32 are whole numbers on every Lua", function()
    assert.equal("cbf43926", ("%08x"):format(crypto.crc32("123456789")))
    assert.equal("a3c3a968", ("%08x"):format(crypto.crc32("bedrock")))
    assert.equal("2747509096", ("%d"):format(crypto.crc32("bedrock")))
    assert.equal(0, crypto.crc32(""))
  end)

  it("take strings and buffers, and nothing else", function()
    assert.equal(crypto.sha256("abc"), crypto.sha256(core.buffer.new("ab", "c")))
    assert.equal(crypto.crc32("abc"), crypto.crc32(core.buffer.new("abc")))
    assert.error(function() crypto.sha256() end)
    assert.error(function() crypto.sha256 {} end)
    assert.error(function() crypto.hmac_sha256("key") end)
  end)
end)

describe("HMAC", function()
  it("takes keys of any length: shorter than a block, as long, longer, none", function()
    for _, case in ipairs {
      { "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
      { ("\11"):rep(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
      { "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
      { ("k"):rep(64), "block", "1b7ee2f78bbad5f9d29e0b4e5f639ae046d13e1763f1ebc7a439089c128f294a" },
      { ("k"):rep(65), "longer than a block", "a2be2914931667d00fc7076aec10d02c12bf65106317817587790a7a6fb66def" },
      { ("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    } do
      assert.equal(case[3], crypto.hex(crypto.hmac_sha256(case[1], case[2])))
    end
  end)
end)

describe("Random bytes", function()
  it("come in the number that was asked for, and differ", function()
    for _, n in ipairs { 0, 1, 16, 4096, 65536 } do assert.equal(n, #crypto.random(n)) end
    assert.not_equal(crypto.random(16), crypto.random(16))
  end)

  it("are refused for a number that makes no sense", function()
    for _, n in ipairs { -1, 1.5, 65537, 1 / 0, 0 / 0 } do
      assert.error_matches(function() crypto.random(n) end, "whole number")
    end
  end)

  it("make UUIDs of version 4", function()
    local seen = {}
    for _ = 1, 200 do
      local uuid = crypto.uuid()
      assert.matches("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$", uuid)
      assert.is_nil(seen[uuid])
      seen[uuid] = true
    end
  end)
end)

-- The DER form of a signature, for openssl: two positive integers without leading zeros.
local function der(signature)
  local function integer(bytes)
    bytes = bytes:gsub("^%z+", "")
    if bytes == "" or bytes:byte() > 127 then bytes = "\0" .. bytes end
    return "\2" .. string.char(#bytes) .. bytes
  end
  local both = integer(signature:sub(1, 32)) .. integer(signature:sub(33))
  return "\48" .. string.char(#both) .. both
end

describe("ES256", function()
  local key_forms = {
    ["of our own making"] = function() return crypto.ec_generate() end,
    ["as PKCS #8"] = function() return run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>&1") end,
    ["as SEC 1 with parameters before it"] = function() return run("openssl ecparam -name prime256v1 -genkey 2>&1") end,
  }

  for form, make in pairs(key_forms) do
    it("signs with a key " .. form .. ", and openssl agrees", function()
      local pem = make()
      local public = run("openssl pkey -in %1 -pubout 2>&1", pem)
      for _, message in ipairs { "", "header.payload", every_byte } do
        local signature = assert(crypto.es256_sign(pem, message))
        assert.equal(64, #signature)
        local verdict = run("openssl dgst -sha256 -verify %1 -signature %2 %3 2>&1", public, der(signature), message)
        assert.matches("Verified OK", verdict)
      end
    end)

    it("tells the point of a key " .. form, function()
      local pem = make()
      local x, y = crypto.ec_public(pem)
      local spki = run("openssl pkey -in %1 -pubout -outform DER", pem)
      assert.equal(crypto.hex(spki:sub(-64)), crypto.hex(x .. y))
    end)
  end

  it("keeps both numbers at their width when one begins with zeros", function()
    local pem, short = crypto.ec_generate(), false
    for i = 1, 2000 do
      local signature = crypto.es256_sign(pem, tostring(i))
      assert.equal(64, #signature)
      short = short or signature:byte(1) == 0 or signature:byte(33) == 0
      if short then break end
    end
    assert.is_true(short)
  end)

  it("refuses what is no such key, and never asks for a pass phrase", function()
    local rsa = run("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 2>/dev/null")
    local other_curve = run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 2>/dev/null")
    local encrypted = run("openssl pkcs8 -topk8 -in %1 -passout pass:word 2>/dev/null", crypto.ec_generate())
    local public = run("openssl pkey -in %1 -pubout", crypto.ec_generate())
    assert.matches("ENCRYPTED", encrypted)
    for _, pem in ipairs { "", "nonsense", rsa, other_curve, encrypted, public, crypto.ec_generate():sub(1, 120) } do
      local signature, why = crypto.es256_sign(pem, "x")
      assert.is_nil(signature)
      assert.matches("P%-256", why)
      assert.is_nil((crypto.ec_public(pem)))
    end
  end)
end)
