-- The scene of examples/love, played by itself in a LÖVE under Xvfb; its screenshots go into build/love. Run by `make hosts`.

local emulator = require "spec.support.emulator"

local ENVIRONMENT = "env -u LUA_PATH -u LUA_CPATH LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='build/luajit/?.so;;' "
local RUN = "AWS_ENDPOINT_URL=%s AWS_REGION=us-west-2 AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s timeout 90 " ..
  "xvfb-run -a -s '-screen 0 1280x800x24' love spec/hosts/love_scene %s build/love 2>&1"

describe("In the game", function()
  local seen, said, records = {}, nil, nil

  setup(function()
    os.execute("mkdir -p build/love")
    local service, out = emulator.start { pace = 15 }, os.tmpname()
    local pipe = assert(io.popen(ENVIRONMENT .. RUN:format(service.url, service.access_key_id, service.secret_access_key, out)))
    said = pipe:read("*a")
    pipe:close()
    for line in io.lines(out) do
      local name, value = line:match("^(%w+_?%w*)=(.*)$")
      seen[name] = value
    end
    records = service.log()
    service.stop()
    os.remove(out)
  end)

  it("the scene is played to its end", function() assert.truthy(seen.steps, said) end)

  it("the answer appears letter by letter", function()
    assert.equal("Hello! I am a local emulator of Amazon Bedrock. How can I help you today?", seen.said)
    assert.is_true(tonumber(seen.lengths) > 20, seen.lengths .. " lengths")
    assert.is_true(tonumber(seen.biggest) < 20, seen.biggest .. " letters in one frame")
  end)

  it("Escape hushes her, and the connection ends", function()
    assert.equal("quiet", seen.after_hush)
    local left = 0
    for _, record in ipairs(records) do
      if record.ended == "client left" then left = left + 1 end
    end
    assert.equal(1, left)
  end)

  it("a failure is part of the story", function() assert.matches("could not connect", seen.trouble) end)
end)
