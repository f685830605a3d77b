-- What is said when the C core was built for another Lua, or is not there.

local native = require "bedrock.native"

describe("A core that does not load", function()
  local mismatches = {
    "error loading module 'bedrock.core' from file '/x/bedrock/core.so':\n\t/x/bedrock/core.so: undefined symbol: lua_rawgetp",
    "error loading module 'bedrock.core' from file '/x/bedrock/core.so':\n\t/x/bedrock/core.so: undefined symbol: luaL_openlib",
    "error loading module 'bedrock.core' from file '/x/bedrock/core.so':\n\tversion mismatch: app. needs Lua 5.3, got 5.4",
  }

  for i, why in ipairs(mismatches) do
    it("because it was built for another Lua names both and the remedy: " .. i, function()
      local text = native.explain(why)
      assert.matches("/x/bedrock/core.so was built for another Lua than this one", text, 1, true)
      assert.matches(package.loaded.jit and "make LUA=luajit" or "make LUA=" .. _VERSION:match("%d+%.%d+"), text, 1, true)
      assert.is_nil(text:find("\n", 1, true))
    end)
  end

  it("because it is not there says where it was looked for", function()
    local text = native.explain("module 'bedrock.core' not found:\n\tno field package.preload['bedrock.core']")
    assert.matches("no C core", text, 1, true)
    assert.matches(package.cpath, text, 1, true)
  end)

  it("for another reason gives that reason", function()
    assert.matches("libcrypto.so.3: cannot open", native.explain("libcrypto.so.3: cannot open shared object file"), 1, true)
  end)

  -- A shared object that wants a function which this Lua lacks, as those for another Lua do.
  it("is explained by bedrock.new, really", function()
    local dir = os.tmpname()
    os.remove(dir)
    local source = "extern int lua_of_another(void *); int luaopen_bedrock_core(void *L) { return lua_of_another(L); }"
    local build = "mkdir -p %s/bedrock && echo '%s' | env -u LD_PRELOAD cc -shared -fPIC -x c -o %s/bedrock/core.so -"
    os.execute(build:format(dir, source, dir))
    local loaded, cpath = {}, package.cpath
    for name, module in pairs(package.loaded) do
      if name:find("^bedrock%f[%W]") then loaded[name], package.loaded[name] = module, nil end
    end
    package.cpath = dir .. "/?.so"
    local ok, why = pcall(function() return require("bedrock").new { region = "eu-west-1" } end)
    package.cpath = cpath
    for name, module in pairs(loaded) do package.loaded[name] = module end
    os.execute("rm -r " .. dir)
    assert.is_false(ok)
    assert.matches(dir .. "/bedrock/core.so was built for another Lua than this one", why, 1, true)
  end)
end)
