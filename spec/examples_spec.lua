-- Every example runs as it stands against the emulator, and prints what docs/examples.md shows.

local emulator = require "spec.support.emulator"
local luas = require "spec.support.luas"
local page = require "spec.support.page"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function output_of(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

-- What an example wants of its surroundings: arguments, and what is typed.
local wants = {
  chat = { input = "Hello\\nAnd now?\\n" },
  converse = { arguments = "'Why is the sky blue?'" },
}

-- Examples with a spec of their own, which runs them.
local elsewhere = { batch = "spec/batch_spec.lua", testing_spec = "spec/testing_spec.lua" }

local function names()
  local list = {}
  for path in output_of("ls examples"):gmatch "[^\n]+" do
    local name = path:match "^(.+)%.lua$"
    if name then list[#list + 1] = name end
  end
  return list
end

-- Runs an example as a user would, with the environment that the emulator's command prints. `before` may feed it.
local function run(server, name, arguments, before)
  local environment = ("env -u AWS_PROFILE -u AWS_SESSION_TOKEN -u AWS_BEARER_TOKEN_BEDROCK -u BEDROCK_MODEL " ..
    "AWS_REGION=us-east-1 AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s "):format(server.url,
    server.access_key_id, server.secret_access_key)
  local script = ("examples/%s.lua %s"):format(name, arguments or wants[name] and wants[name].arguments or "")
  local command = environment .. luas.command(luas.this(), script)
  before = before or ("printf '%s' |"):format(wants[name] and wants[name].input or "")
  local output = output_of(("%s { %s 2>&1; echo \"exit $?\"; }"):format(before, command))
  local text, status = output:match "^(.*)exit (%d+)\n$"
  return text, tonumber(status)
end

describe("the example", function()
  local server

  setup(function() server = emulator.start {} end)
  teardown(function() server.stop() end)

  for _, name in ipairs(names()) do
    it(name .. " runs", function()
      if elsewhere[name] then return assert.truthy(read(elsewhere[name]):find("examples/" .. name .. ".lua", 1, true)) end
      local text, status = run(server, name)
      assert.equal(0, status, text)
      assert.truthy(text:find "%S")
    end)
  end

  it("prints what docs/examples.md shows", function()
    local list = page.sessions(read("docs/examples.md"))
    assert.is_true(#list >= 10, #list .. " sessions")
    -- an emulator of their own, whose cache is empty as it was when they were written down
    local fresh = emulator.start {}
    for _, session in ipairs(list) do
      local before, name, arguments = session.command:match "^(.-)lua examples/([%w_]+)%.lua ?(.*)$"
      local text = run(fresh, name, arguments, before ~= "" and before or nil)
      assert.equal(session.output, text, session.command)
    end
    fresh.stop()
  end)
end)
