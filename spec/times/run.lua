-- How late the four clocks are, what failures of the network are called, and how soon the server sees that a stream was given up:
-- tables of case by host.
--
--   make times ROUNDS=10
--
-- It fails when something is called wrong, when a clock is early, or when anything is late by more than half a second, which no
-- busy machine excuses; the figures are for reading.

local async = require "bedrock.async"
local cases = require "spec.times.cases"
local giving_up = require "spec.times.giving_up"
local nginx = require "spec.support.nginx"
local world = require("spec.hosts.world").start()

local ROUNDS = tonumber(os.getenv "ROUNDS" or 10)
local EARLY, LATE = -2, 500 -- milliseconds

---- Hosts

local function blocking()
  return cases.run(world, ROUNDS)
end

local function in_a_task()
  local text
  async.run(function() text = cases.run(world, ROUNDS) end)
  return text
end

local function in_nginx()
  local server = nginx.start {
    http = ("resolver 127.0.0.1:%s ipv6=off; lua_ssl_trusted_certificate %s; lua_ssl_verify_depth 3; lua_socket_log_errors off;")
      :format(world.dns_port, world.ca),
    server = ("location = /x { content_by_lua_block { ngx.print(require('spec.times.cases').run(dofile('%s'), %d)) } }")
      :format(world.path, ROUNDS),
  }
  local status, body = server:get("/x", "-m 300")
  local said = status == 200 and body or server:errors()
  server:stop()
  return said
end

local hosts = { { "libcurl", blocking }, { "in a task", in_a_task }, { "nginx", in_nginx } }

---- Tables

local passed, failed = 0, 0

local function check(ok)
  if ok then passed = passed + 1 else failed = failed + 1 end
  return ok
end

local function numbers_of(text)
  local list = {}
  for number in text:gmatch "%S+" do list[#list + 1] = tonumber(number) end
  table.sort(list)
  return list
end

local function median(list)
  local middle = #list / 2
  return (list[math.floor(middle + 0.5)] + list[math.floor(middle) + 1]) / 2
end

-- "median, most"
local function spread(list)
  local ok = list[1] and list[1] > EARLY and list[#list] < LATE
  return list[1] and ("%.1f, %.1f%s"):format(median(list), list[#list], check(ok) and "" or " WRONG") or "WRONG"
end

local function parse(text)
  local rows = {}
  for name, what, numbers in text:gmatch "([^\t\n]+)\t([^\t\n]+)\t([^\n]*)\n" do
    rows[name] = { what = what, numbers_of(numbers) }
  end
  return rows
end

local function line(name, cells)
  io.write(("%-44s"):format(name))
  for _, cell in ipairs(cells) do io.write((" %-18s"):format(cell)) end
  io.write "\n"
end

local function table_of(title, names, columns, cell)
  local heads = {}
  for i, host in ipairs(hosts) do heads[i] = host[1] end
  line(title, heads)
  for _, name in ipairs(names) do
    local cells = {}
    for i, column in ipairs(columns) do
      local row = column[name] or { what = "did not finish", {} }
      cells[i] = check(row.what == cases.wanted[name]) and cell(row) or row.what:upper()
    end
    line("  " .. name, cells)
  end
end

local function main()
  local columns = {}
  for i, host in ipairs(hosts) do columns[i] = parse(host[2]()) end
  table_of("clocks: late by, ms (median, most)", cases.clocks, columns, function(row) return spread(row[1]) end)
  table_of("failures of the network", cases.failures, columns, function(row) return row.what end)
  line("given up: the server sees it after, ms", { "plain", "TLS" })
  giving_up.measure(ROUNDS, function(name, plain, secure)
    line("  " .. name, { spread(numbers_of(plain)), secure and spread(numbers_of(secure)) or "-" })
  end)
  world.stop()
  io.write(("%d passed, %d failed\n"):format(passed, failed))
  os.exit(failed == 0 and 0 or 1, true)
end

main()
