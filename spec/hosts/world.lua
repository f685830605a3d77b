-- What the suite of the hosts talks to, all on this machine: an emulator, the same over TLS, servers that nobody may trust, a server of plain
-- answers, one that never speaks, one that gives credentials, and a name server for nginx.
--
--   local world = require("spec.hosts.world").start()
--   world.path   a file with the addresses, for other processes: dofile(path)
--   world.stop()

local bad_servers = require "spec.support.bad_servers"
local certificates = require "spec.support.certificates"
local conformance = require "spec.support.conformance"
local emulator = require "spec.support.emulator"
local server = require "spec.support.server"

local world = {}

local function credentials_route()
  local body = ('{"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"%s","Token":"","Expiration":"2099-01-01T00:00:00Z"}')
    :format("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
  return { ["*"] = { { sleep = 0.1 }, { send = server.answer(body, "content-type: application/json\r\n") } } }
end

local function over_tls(pair)
  local running = emulator.start { cert = pair.cert, cert_key = pair.key, pace = 1 }
  return running, "https://localhost:" .. running.port
end

--- Starts a name server for nginx: { stop = function }, and its port.
---@param base string path, free to be used
function world.name_server(base)
  local process = assert(io.popen("lua5.4 spec/hosts/dns.lua " .. base .. ".dns", "w"))
  local port = server.wait_for(function()
    local file = io.open(base .. ".dns")
    local text = file and file:read("*a")
    if file then file:close() end
    return tonumber(text or "")
  end, "the name server")
  return { stop = function() process:close() os.remove(base .. ".dns") end }, port
end

-- The addresses as a file that any Lua can read.
local function write(path, addresses)
  local file = assert(io.open(path, "w"))
  file:write("return {\n")
  for name, value in pairs(addresses) do file:write(("  %s = %q,\n"):format(name, value)) end
  file:write("}\n")
  file:close()
end

function world.start()
  local base, running, addresses = os.tmpname(), {}, {}
  local function keep(one)
    running[#running + 1] = one
    return one
  end

  local main = keep(emulator.start { pace = 1, key = "AKIDOTHER:other" })
  for _, name in ipairs { "url", "log_path", "api_key", "access_key_id", "secret_access_key" } do addresses[name] = main[name] end

  local made = certificates.new()
  addresses.ca = made.ca
  for name, pair in pairs {
    tls_url = made:issue("good", "DNS:localhost", 2),
    untrusted_url = made:self_signed("untrusted", "DNS:localhost"),
  } do
    local one
    one, addresses[name] = over_tls(pair)
    keep(one)
  end

  local bad = keep(bad_servers.start(made, {}))
  for i, one in ipairs(bad) do addresses["bad_url_" .. i] = one.url end

  local raw = keep(server.start { routes = conformance.routes })
  local mute = keep(server.start { routes = {}, accept = { { stall = true } } })
  local container = keep(server.start { routes = credentials_route() })
  addresses.raw_url, addresses.mute_url = raw.url, mute.url:gsub("^http", "https")
  addresses.container_url, addresses.container_log = container.url, container.log_path
  local dns
  dns, addresses.dns_port = world.name_server(base)
  keep(dns)

  write(base, addresses)
  addresses.path = base
  function addresses.stop()
    for _, one in ipairs(running) do one:stop() end
    made:remove()
    os.remove(base)
  end
  return addresses
end

return world
