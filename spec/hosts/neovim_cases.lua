-- The plugin of examples/neovim: every case of neovim_plugin.lua, run in one headless Neovim. Run by `make hosts`.

local emulator = require "spec.support.emulator"

local ENVIRONMENT = "env -u LUA_PATH -u LUA_CPATH LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='build/luajit/?.so;;' "
local RUN = "BEDROCK_OUT=%s AWS_ENDPOINT_URL=%s AWS_REGION=us-west-2 AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s timeout 60 " ..
  "nvim --headless -u NONE -i NONE -n --cmd 'set rtp+=examples/neovim' -c 'runtime plugin/claude.lua' " ..
  "-c 'luafile spec/hosts/neovim_plugin.lua' 2>&1"

describe("In Neovim", function()
  local service = emulator.start { pace = 5 }
  local out = os.tmpname()
  local pipe = assert(io.popen(ENVIRONMENT .. RUN:format(out, service.url, service.access_key_id, service.secret_access_key)))
  local said = pipe:read("*a")
  pipe:close()
  local records = service.log()
  service.stop()
  local count = 0
  for line in io.lines(out) do
    local name, why = line:match("^([^\t]+)\t(.+)$")
    count = count + 1
    it(name, function() assert.equal("ok", why) end)
  end
  os.remove(out)

  it("all cases have run", function() assert.equal(13, count, said) end)

  it("answers that are stopped end upstream", function()
    local left = 0
    for _, record in ipairs(records) do
      if record.ended == "client left" then left = left + 1 end
    end
    assert.equal(2, left)
  end)
end)
