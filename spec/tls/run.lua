-- Whom each transport trusts: a table of servers by transport, for libcurl in this Lua and for cosockets in nginx.
--
--   make tls
--
-- The bad servers are those of spec.support.bad_servers, bad in one way each; the client trusts the authority that most of them
-- come from. The good one is met with every way to name that authority. Nothing may be sent to a server that is refused.

local ask = require "spec.tls.ask"
local bad_servers = require "spec.support.bad_servers"
local certificates = require "spec.support.certificates"
local nginx = require "spec.support.nginx"
local server = require "spec.support.server"
local world = require "spec.hosts.world"

local authority = certificates.new()

-- server's name, the server, how its authority is named, what has to happen
local function rows_of(good, bad)
  local rows = {}
  local function add(...) rows[#rows + 1] = { ... } end
  local selfish
  for i, row in ipairs(bad_servers.rows) do
    add(row[1], bad[i].server, "ca_bundle", "refused")
    if row[1] == "self-signed" then selfish = bad[i].server end
  end
  add("good, of an authority that nobody named", good, "nothing", "refused")
  add("good, of the one in ca_bundle", good, "ca_bundle", "trusted")
  add("good, of the one in AWS_CA_BUNDLE", good, "AWS_CA_BUNDLE", "trusted")
  add("self-signed, and verify = false", selfish, "verify = false", "trusted, with a warning")
  return rows
end

---- Transports: each answers what ask answers, or nothing where a row does not apply

local transports = { { name = "libcurl" }, { name = "nginx" } }

transports[1].ask = function(url, way) return ask(url, way, authority.ca) end

local function new_nginx(dns_port, trusts)
  return nginx.start {
    http = ("lua_socket_log_errors off; resolver 127.0.0.1:%d ipv6=off; lua_ssl_verify_depth 3; %s"):format(dns_port, trusts),
    server = [[location = /ask { content_by_lua_block {
      local outcome, warned = require "spec.tls.ask"(ngx.var.arg_url, ngx.unescape_uri(ngx.var.arg_way))
      ngx.print(warned and "warned " or "quiet ", outcome)
    } }]],
  }
end

-- nginx has its authorities from its own configuration, whoever reads it: the environment has no say.
local function start_nginx(dns_port)
  local plain = new_nginx(dns_port, "")
  local trusting = new_nginx(dns_port, "lua_ssl_trusted_certificate " .. authority.ca .. ";")
  transports[2].ask = function(url, way)
    if way == "AWS_CA_BUNDLE" then return nil end
    local host = way == "ca_bundle" and trusting or plain
    local escaped = way:gsub("%W", function(c) return ("%%%02X"):format(c:byte()) end)
    local _, body = host:get(("/ask?url=%s&way=%s"):format(url, escaped))
    local warned, outcome = body:match "^(%l+) (.*)$"
    return outcome or body, warned == "warned"
  end
  return function()
    plain:stop()
    trusting:stop()
  end
end

---- The table

local function outcome_of(transport, row)
  local name, one, way = row[1], row[2], row[3]
  local before = #one:log "request"
  local said, warned = transport.ask("https://localhost:" .. one.port, way)
  if not said then return "-" end
  if said:sub(1, 4) == "tls:" then
    return #one:log "request" == before and "refused" or "SENT", ("%s, %s: %s"):format(transport.name, name, said)
  end
  return said .. (warned and ", with a warning" or "")
end

local function main()
  local good = server.start { tls = authority:issue("good", "DNS:localhost", 2),
    routes = { ["*"] = { { send = server.answer "{}" } } } }
  local bad = bad_servers.start(authority, { ["*"] = { { send = server.answer "{}" } } })
  local base = os.tmpname()
  local names, dns_port = world.name_server(base)
  local stop_nginx = start_nginx(dns_port)
  local passed, failed, words = 0, 0, {}
  print(("%-42s %-26s %s"):format("a server", "libcurl", "nginx"))
  for _, row in ipairs(rows_of(good, bad)) do
    local cells = {}
    for i, transport in ipairs(transports) do
      local outcome, why = outcome_of(transport, row)
      if outcome == row[4] then passed = passed + 1 elseif outcome ~= "-" then failed = failed + 1 end
      cells[i] = (outcome == row[4] or outcome == "-") and outcome or outcome:upper()
      words[#words + 1] = why
    end
    print(("%-42s %-26s %s"):format(row[1], cells[1], cells[2]))
  end
  print("\n" .. table.concat(words, "\n"))
  stop_nginx()
  names.stop()
  good:stop()
  bad.stop()
  authority:remove()
  os.remove(base)
  print(("%d passed, %d failed"):format(passed, failed))
  os.exit(failed == 0 and 0 or 1, true)
end

main()
