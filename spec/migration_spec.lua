-- The page on migration: each block runs against the emulator as it stands, and "before" and "after" print the same.

local emulator = require "spec.support.emulator"

local PAGE = "docs/migration.md"

local function blocks()
  local file = assert(io.open(PAGE, "rb"))
  local text = file:read "*a"
  file:close()
  local list = {}
  for body in text:gmatch "\n```lua\n(.-)\n```" do list[#list + 1] = body end
  return list
end

-- Runs a block where `bedrock` is told of the emulator; what it prints comes back.
local function run(code, server)
  local said, bedrock = {}, require "bedrock"
  local env = setmetatable({
    print = function(...)
      local words = {}
      for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
      said[#said + 1] = table.concat(words, "\t")
    end,
    require = function()
      return setmetatable({
        new = function(options)
          options.endpoint, options.log = server.url, function() end
          options.access_key_id, options.secret_access_key = server.access_key_id, server.secret_access_key
          return bedrock.new(options)
        end,
      }, { __index = bedrock })
    end,
  }, { __index = _G })
  local chunk
  if setfenv then
    chunk = assert(loadstring(code, "@" .. PAGE))
    setfenv(chunk, env)
  else
    chunk = assert(load(code, "@" .. PAGE, "t", env))
  end
  chunk()
  return table.concat(said, "\n")
end

describe("the page on migration", function()
  local output = {}

  setup(function()
    local server = emulator.start {}
    for _, block in ipairs(blocks()) do output[block] = run(block, server) end
    server.stop()
  end)

  it("runs as it is written, and nothing changes by moving", function()
    local before, compared = nil, 0
    for _, block in ipairs(blocks()) do
      local said = output[block]
      assert.truthy(said:find "%S", block)
      if block:find "^%-%- after" then
        assert.equal(before, said)
        compared = compared + 1
      end
      before = said
    end
    assert.is_true(compared >= 3)
  end)

  it("says of each line what it prints", function()
    for block, said in pairs(output) do
      for line in block:gmatch "[^\n]+" do
        local value = line:match "^print%(bedrock.-%)%s+%-%- (%S+)$"
        if value then assert.truthy(("\n" .. said):find("\n" .. value, 1, true), value) end
      end
    end
  end)

  it("names every way, kind and code as the library does", function()
    local apis, errors = require "bedrock.apis", require "bedrock.errors"
    local file = assert(io.open(PAGE, "rb"))
    local text = file:read "*a"
    file:close()
    for _, name in ipairs(apis.names()) do assert.truthy(text:find(('| `"%s"`'):format(name), 1, true), name) end
    for kind, codes in text:gmatch "\n| `([%l_]+)` | `%w+` | ([^|]+) |" do
      for code in codes:gmatch "`([%l_]+)`" do assert.equal(kind, (errors.classify(code))) end
    end
  end)
end)

describe("the example migrate", function()
  it("gives the same answers on all four ways", function()
    local luas = require "spec.support.luas"
    local server = emulator.start {}
    local pipe = assert(io.popen(("env -u AWS_PROFILE -u AWS_BEARER_TOKEN_BEDROCK AWS_REGION=us-west-2 AWS_ENDPOINT_URL=%s " ..
      "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s %s 2>&1"):format(server.url, server.access_key_id, server.secret_access_key,
      luas.command(luas.this(), "examples/migrate.lua"))))
    local output = pipe:read "*a"
    pipe:close()
    server.stop()
    local seen, first = 0, nil
    for _, answers in output:gmatch "(%l+, by [^\n]+)\n(  [^\n]+\n  [^\n]+\n)" do
      first = first or answers
      assert.equal(first, answers)
      seen = seen + 1
    end
    assert.equal(4, seen, output)
  end)
end)
