-- The rockspec lists every module and every C source: one that is forgotten would install and then fail to load.

describe("the rockspec", function()
  it("is what rockspec/update.lua writes", function()
    local file = assert(io.open("rockspec/bedrock-scm-1.rockspec", "rb"))
    local text = file:read("*a")
    file:close()
    assert.equal(dofile("rockspec/update.lua")(), text, "run: lua5.4 rockspec/update.lua")
  end)
end)
