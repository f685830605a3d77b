-- The blocks of the README that belong to one host, each run in it as it stands. Run by `make hosts`.

local emulator = require "spec.support.emulator"
local nginx = require "spec.support.nginx"

local function block(name)
  return assert(nginx.slurp("README.md"):match("\n```lua " .. name .. "\n(.-\n)```"), "no block for " .. name)
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local HELLO = "Hello! I am a local emulator of Amazon Bedrock"

describe("The README's block for", function()
  local service, dir

  setup(function()
    service, dir = emulator.start { pace = 1 }, os.tmpname()
    os.remove(dir)
    os.execute("mkdir " .. dir)
  end)

  teardown(function()
    service.stop()
    os.execute("rm -r " .. dir)
  end)

  local function variables(separator)
    local list = {
      "AWS_ENDPOINT_URL=" .. service.url, "AWS_REGION=us-west-2", "AWS_ACCESS_KEY_ID=" .. service.access_key_id,
      "AWS_SECRET_ACCESS_KEY=" .. service.secret_access_key,
    }
    return table.concat(list, separator)
  end

  local function run(command)
    local environment = "env -u LUA_PATH -u LUA_CPATH LUA_PATH='lua/?.lua;lua/?/init.lua;;' "
    return nginx.output(environment .. variables(" ") .. " " .. command .. " 2>&1")
  end

  for _, name in ipairs { "luv", "cqueues" } do
    it(name, function()
      write(dir .. "/" .. name .. ".lua", block(name))
      assert.matches("^arn:aws:", run("LUA_CPATH='build/5.4/?.so;;' timeout 20 lua5.4 " .. dir .. "/" .. name .. ".lua"))
    end)
  end

  it("nginx", function()
    local host = nginx.start {
      main = "env " .. variables("; env ") .. ";",
      http = "init_by_lua_block { client = require('bedrock').new() }",
      server = "location / { content_by_lua_block {\n" .. block("nginx") .. "} }",
    }
    local status, body = host:get("/")
    host:stop()
    assert.equal(200, status)
    assert.matches("^" .. HELLO, body)
  end)

  it("Neovim", function()
    local wait = "vim.wait(10000, function() return vim.api.nvim_buf_line_count(0) > 1 end)\n" ..
      "io.stdout:write(vim.api.nvim_buf_get_lines(0, 1, 2, false)[1])\nvim.cmd('qall!')\n"
    write(dir .. "/neovim.lua", block("neovim") .. wait)
    local command = "LUA_CPATH='build/luajit/?.so;;' timeout 20 nvim --headless -u NONE -i NONE -n -c 'luafile %s/neovim.lua'"
    assert.matches(HELLO, run(command:format(dir)))
  end)

  it("LÖVE", function()
    local quit = "local draw = love.draw\nfunction love.draw()\n  draw()\n" ..
      "  if #said > 60 then io.stdout:write(said) love.event.quit() end\nend\n"
    write(dir .. "/main.lua", block("love") .. quit)
    assert.matches(HELLO, run("LUA_CPATH='build/luajit/?.so;;' timeout 30 xvfb-run -a love " .. dir))
  end)
end)

-- A host of a few lines: descriptors, timers, and a loop over poll(2).
local function toy_host()
  local curl = require "bedrock.curl"
  local watched, timers, host = {}, {}, { troubles = {} }
  function host.watch(fd, events, callback) watched[fd] = { fd = fd, events = events, callback = callback } end
  function host.unwatch(fd) watched[fd] = nil end
  function host.complain(err) table.insert(host.troubles, tostring(err)) end
  function host.after(seconds, callback)
    local timer = { at = curl.now() + seconds, callback = callback }
    function timer:cancel() timers[self] = nil end
    timers[timer] = true
    return timer
  end

  local function is_ready(entry)
    return curl.poll({ entry }, 0)
  end

  function host.turn()
    local fds, due = {}, {}
    for _, entry in pairs(watched) do fds[#fds + 1] = entry end
    curl.poll(fds, 0.005)
    for _, entry in ipairs(fds) do
      if is_ready(entry) then due[#due + 1] = entry.callback end
    end
    for timer in pairs(timers) do
      if timer.at <= curl.now() then
        timers[timer] = nil
        due[#due + 1] = timer.callback
      end
    end
    for _, callback in ipairs(due) do callback() end
    return next(watched) ~= nil or next(timers) ~= nil
  end

  return host
end

describe("The adapter of docs/hosts.md", function()
  it("brings the module into a host that it has never seen", function()
    local text = assert(nginx.slurp("docs/hosts.md"):match("\n```text\n(local async.-\n)```"))
    local service, host = emulator.start { pace = 1 }, toy_host()
    local client = require("bedrock").new {
      region = "us-west-2", endpoint = service.url, access_key_id = service.access_key_id,
      secret_access_key = service.secret_access_key,
    }
    local said, loop = {}, assert(load(text, "docs/hosts.md"))()(host)
    for i = 1, 3 do
      loop:spawn(function()
        said[i] = assert(client:converse { modelId = "us.amazon.nova-lite-v1:0",
          messages = { { role = "user", content = { { text = "@say " .. i } } } } }):text()
      end)
    end
    loop:spawn(function() error("on purpose", 0) end)
    for _ = 1, 100000 do
      if not host.turn() then break end
    end
    service.stop()
    assert.same({ "1", "2", "3" }, said)
    assert.same({ "on purpose" }, host.troubles)
  end)
end)
