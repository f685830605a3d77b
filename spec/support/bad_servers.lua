-- Servers that nobody may trust, each bad in one way, and how to speak of it. They answer anybody who trusts them all the same.
--
--   local bad = bad_servers.start(authority)
--   for _, one in ipairs(bad) do ... one.name, one.url, one.server ... end
--   bad.stop()

local bad_servers = {}

local NAMES = "IP:127.0.0.1,DNS:localhost"

-- name, what is made for it, how the server is weak
bad_servers.rows = {
  { "expired", function(ca) return ca:issue("expired", NAMES, -1) end },
  { "not valid yet", function(ca) return ca:issue("early", NAMES, 2, { from_now = 30 }) end },
  { "of another host", function(ca) return ca:issue("other", "DNS:other.example,IP:127.0.0.2", 2) end },
  { "self-signed", function(ca) return ca:self_signed("selfish", NAMES) end },
  { "of an unknown authority", function(ca)
    ca:authority("stranger")
    return ca:issue("strange", NAMES, 2, { authority = "stranger" })
  end },
  { "without names but a common one", function(ca) return ca:issue("nameless", nil, 2, { common_name = "localhost" }) end },
  { "meant for clients", function(ca) return ca:issue("client", NAMES, 2, { extensions = "extendedKeyUsage=clientAuth" }) end },
  { "with a key of 1024 bits", function(ca) return ca:issue("short", NAMES, 2, { rsa = 1024 }) end, "key" },
  { "signed with SHA-1", function(ca) return ca:issue("sha1", NAMES, 2, { digest = "sha1" }) end, "key" },
  { "shown over TLS 1.0", function(ca) return ca:issue("tls10", NAMES, 2) end, "TLSv1" },
  { "shown over TLS 1.1", function(ca) return ca:issue("tls11", NAMES, 2) end, "TLSv1.1" },
}

--- Starts them.
---@param authority table from spec.support.certificates
---@param routes table as for spec.support.server
function bad_servers.start(authority, routes)
  local server = require "spec.support.server" -- not where only the rows are read
  local running = {}
  for i, row in ipairs(bad_servers.rows) do
    local pair = row[2](authority)
    local one = server.start { tls = { cert = pair.cert, key = pair.key, weak = row[3] }, routes = routes }
    running[i] = { name = row[1], server = one, weak = row[3], url = "https://localhost:" .. one.port }
  end
  function running.stop()
    for _, one in ipairs(running) do one.server:stop() end
  end
  return running
end

return bad_servers
