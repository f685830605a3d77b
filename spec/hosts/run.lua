-- Runs the suite in every host and prints a table, host by case: lua5.4 spec/hosts/run.lua [HOST ...]
--
-- Ends with "N passed, N failed"; a host that does not finish has failed in every case that it did not report.

local nginx = require "spec.support.nginx"
local suite = require "spec.hosts.suite"
local world = require("spec.hosts.world").start()

local ABI51 = "env -u LUA_CPATH_5_1 LUA_CPATH='build/luajit/?.so;;' timeout 120 "
local PLAIN = "timeout 120 lua5.4 spec/hosts/"

local function script(name)
  return function(out) return PLAIN .. name .. ".lua " .. world.path .. " " .. out end
end

local commands = {
  plain = script("plain"), async = script("async"), luv = script("luv"), cqueues = script("cqueues"),
  neovim = function(out)
    return ("BEDROCK_WORLD=%s BEDROCK_OUT=%s %s nvim --headless -u NONE -i NONE -n -c 'luafile spec/hosts/neovim.lua'")
      :format(world.path, out, ABI51)
  end,
  love = function(out)
    return ("%s xvfb-run -a love spec/hosts/love %s %s"):format(ABI51, world.path, out)
  end,
}

-- A command's output only matters when it fails.
local function run_command(command, out)
  local log = out .. ".log"
  local ok = os.execute(command .. " >" .. log .. " 2>&1")
  local text, said = nginx.slurp(out) or "", nginx.slurp(log) or ""
  os.remove(out)
  os.remove(log)
  return text, ok and "" or said
end

local function run_nginx()
  local server = nginx.start {
    http = ("resolver 127.0.0.1:%s ipv6=off; lua_ssl_trusted_certificate %s; lua_ssl_verify_depth 3; lua_socket_log_errors off;")
      :format(world.dns_port, world.ca),
    server = ("location = /suite { content_by_lua_block { require('spec.hosts.nginx')('%s') } }"):format(world.path),
  }
  local status, body = server:get("/suite", "-m 120")
  local said = status == 200 and "" or server:errors()
  server:stop()
  return status == 200 and body or "", said
end

local function run_host(name)
  local out = os.tmpname()
  if name == "nginx" then return run_nginx() end
  return run_command(commands[name](out), out)
end

-- "group<TAB>name<TAB>ok or why", and "end" at the end
local function results_of(text)
  local results = {}
  for group, name, why in text:gmatch("([^\t\n]+)\t([^\t\n]+)\t([^\n]+)\n") do results[group .. ": " .. name] = why end
  return results
end

local all = { "plain", "async", "luv", "cqueues", "nginx", "neovim", "love" }
local names = #arg > 0 and arg or all
local columns, troubles, passed, failed = {}, {}, 0, 0

for i, name in ipairs(names) do
  io.stderr:write(name, i < #names and ", " or "\n")
  local text, said = run_host(name)
  columns[name] = results_of(text)
  if said ~= "" then troubles[#troubles + 1] = name .. ": " .. said end
end

local function judge(name, key)
  local why = columns[name][key] or "did not finish"
  if why == "ok" then
    passed = passed + 1
    return "ok"
  end
  failed = failed + 1
  troubles[#troubles + 1] = ("%s: %s: %s"):format(name, key, why)
  return "FAIL"
end

io.write(("%-96s"):format(""))
for _, name in ipairs(names) do io.write((" %-7s"):format(name)) end
io.write("\n")
for _, case in ipairs(suite.cases) do
  local key = case.group .. ": " .. case.name
  io.write(("%-96s"):format(key))
  for _, name in ipairs(names) do io.write((" %-7s"):format(judge(name, key))) end
  io.write("\n")
end

world.stop()
for _, trouble in ipairs(troubles) do io.write(trouble, "\n") end
io.write(("%d passed, %d failed\n"):format(passed, failed))
os.exit(failed == 0 and 0 or 1, true)
