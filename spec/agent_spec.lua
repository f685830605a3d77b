-- Long work with tools is cheap only when the prompt is read from the cache: every request repeats all that came before.
--
-- Fifty turns, saved and taken up by process after process, on every Lua that is built. The emulator's cache is keyed by
-- the bytes of the prompt, as the service's is: one byte that differs, and what stands behind it is paid for again.

local emulator = require "spec.support.emulator"
local luas = require "spec.support.luas"

local TURNS, PROCESSES = 50, 5

-- Plays a conversation, a process after the other; `who` tells on which Lua each runs.
local function play(url, form, path, who)
  local turns = TURNS / PROCESSES
  for i = 1, PROCESSES do
    luas.run(who(i), ("spec/support/agent.lua %s %s %s %d %d"):format(url, form, path, (i - 1) * turns + 1, i * turns))
  end
end

-- How much of what a request repeats the cache had: all of the prompt before it, and what of this one was read.
local function share(path)
  local repeated, read, before, requests = 0, 0, 0, 0
  for line in io.lines(path .. ".usage") do
    local total, from_cache = line:match "(%d+) (%d+)"
    repeated, read, requests = repeated + before, read + math.min(tonumber(from_cache), before), requests + 1
    before = tonumber(total)
  end
  return read / repeated, requests
end

local function check(server, form, who)
  local base = os.tmpname()   -- kept meanwhile, so that nobody else gets its name
  local path = base .. ".chat"
  play(server.url, form, path, who)
  local got, requests = share(path)
  for _, ending in ipairs { "", ".chat", ".chat.usage" } do os.remove(base .. ending) end
  assert.equal(2 * TURNS, requests)
  assert.is_true(got >= 0.95, ("only %.1f %% came from the cache"):format(100 * got))
end

describe("an agent of fifty turns", function()
  local server

  setup(function() server = emulator.start {} end)
  teardown(function() server.stop() end)

  for _, form in ipairs { "messages", "converse" } do
    for _, lua in ipairs(luas.built()) do
      it(("reads its prompt from the cache, in the form of %s on %s"):format(form, lua.binary), function()
        check(server, form, function() return lua end)
      end)
    end

    it(("may change the Lua with every process, in the form of %s"):format(form), function()
      local all = luas.built()
      check(server, form, function(i) return all[(i - 1) % #all + 1] end)
    end)
  end
end)
