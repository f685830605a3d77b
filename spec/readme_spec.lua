-- Every Lua block of the README is run as it stands, in order, against the emulator.
--
-- The files that it speaks of are made here, of a few bytes each.
--
-- A block goes on with what an earlier one made: `bedrock`, `client` and `model` are those of the first.

local emulator = require "spec.support.emulator"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function blocks(text)
  local list, line = {}, 1
  for before, kind, body in text:gmatch("(.-)\n```(%w+)\n(.-\n)```") do
    line = line + select(2, before:gsub("\n", "")) + 2
    if kind == "lua" then list[#list + 1] = { code = body, line = line } end
    line = line + select(2, body:gsub("\n", ""))
  end
  return list
end

-- Runs a block with names of its own, so that what it declares `local` is not lost for the ones after it.
local function run(code, name, env)
  code = code:gsub("^local (%w+) = ", "%1 = "):gsub("\nlocal (%w+) = ", "\n%1 = "):gsub("\nlocal (%w+), (%w+) = ", "\n%1, %2 = ")
    :gsub("^local (%w+), (%w+) = ", "%1, %2 = ")
  local chunk
  if setfenv then
    chunk = assert(loadstring(code, name))
    setfenv(chunk, env)
  else
    chunk = assert(load(code, name, "t", env))
  end
  chunk()
end

describe("the README", function()
  local server

  local system = require "bedrock.system"
  local read_file = system.read_file
  local files = { ["report.pdf"] = "%PDF-1.4 (It grew by half.) Tj", ["photo.png"] = "\137PNG\r\n\26\n and the rest" }

  setup(function()
    server = emulator.start { pace = 0 }
    os.execute("rm -rf reviews.batch")
    system.read_file = function(path)
      if files[path] then return files[path] end
      return read_file(path)
    end
  end)
  teardown(function()
    system.read_file = read_file
    server.stop()
    os.execute("rm -rf reviews.batch")
  end)

  it("runs as it is written", function()
    local said, bedrock = {}, require "bedrock"
    local env = setmetatable({
      print = function(...) said[#said + 1] = table.concat({ tostring((...)) }, "\t") end,
      io = { write = function(text) said[#said + 1] = text end, flush = function() end },
      -- The same module, told where the emulator is, as the environment variables would tell it.
      require = function(name)
        if name ~= "bedrock" then return require(name) end
        return setmetatable({
          new = function(options)
            options = options or {}
            options.endpoint = server.url
            options.access_key_id, options.secret_access_key = server.access_key_id, server.secret_access_key
            return bedrock.new(options)
          end,
        }, { __index = bedrock })
      end,
    }, { __index = _G })
    local list = blocks(read("README.md"))
    assert.is_true(#list >= 6)
    for _, block in ipairs(list) do
      local ok, err = pcall(run, block.code, "@README.md:" .. block.line, env)
      assert.is_true(ok, "README.md, block at line " .. block.line .. ": " .. tostring(err))
    end
    assert.is_true(#table.concat(said) > 100)
  end)
end)
