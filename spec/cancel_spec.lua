-- Giving up a stream: the server sees the connection end within 10 ms, however the caller gives up.
--
-- A busy machine may delay either process, so the best of some tries counts, and has ten times as long: a connection that is not
-- closed at all is seconds late.

local giving_up = require "spec.times.giving_up"

local TRIES, BOUND = 6, 0.1

describe("the server sees the end at once after", function()
  local servers
  setup(function() servers = giving_up.servers() end)
  teardown(function() servers.stop() end)

  -- The least time between giving up and the server's noticing it.
  local function least(server, act)
    local best = math.huge
    for _ = 1, TRIES do
      best = math.min(best, giving_up.seconds(servers, server, act))
      if best < BOUND then break end
    end
    return best
  end

  for _, way in ipairs(giving_up.ways) do
    for name, over in pairs { plain = "", secure = ", over TLS" } do
      it(way[1] .. over, function()
        local seconds = least(servers[name], way[2])
        assert.is_true(seconds < BOUND, ("%.1f ms"):format(seconds * 1000))
      end)
    end
  end
end)
