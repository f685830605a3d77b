-- Starts an nginx with the Lua module for a spec: a master and workers of its own, in a directory of its own.
--
--   local n = nginx.start { server = "location = /x { content_by_lua_block { ngx.say(1) } }", http = "...", main = "env X;" }
--   n.url, n.port, n.dir     n:get("/x") -> status, body     n:errors() -> the error log     n:reload()     n:stop()
--
-- It ends when the spec does, even when that crashes: a shell waits for the end of its input and ends nginx.

local nginx = {}

local Nginx = {}
Nginx.__index = Nginx

local MODULES = { "ndk_http_module.so", "ngx_http_lua_module.so" }
local MODULE_DIR = "/usr/lib/nginx/modules/"

local function slurp(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local content = file:read("*a")
  file:close()
  return content
end

local function spit(path, content)
  local file = assert(io.open(path, "wb"))
  assert(file:write(content))
  file:close()
end

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("%s+$", ""))
end

local function load_modules()
  local lines = {}
  for _, name in ipairs(MODULES) do
    if slurp(MODULE_DIR .. name) then lines[#lines + 1] = "load_module " .. MODULE_DIR .. name .. ";" end
  end
  return table.concat(lines, "\n")
end

-- nginx compiled with LuaJIT loads what LUA=luajit builds.
local function config(self, parts)
  local root = output("pwd")
  return table.concat({
    load_modules(), output("id -u") == "0" and "user root;" or "", parts.main or "",
    "worker_processes " .. (parts.workers or 1) .. ";",
    "pid nginx.pid; error_log error.log " .. (parts.log_level or "warn") .. ";",
    "events { worker_connections 8192; " .. (parts.events or "") .. " }",
    "http {",
    "  access_log off; default_type text/plain;",
    "  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;",
    ("  lua_package_path '%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;';"):format(root, root, root),
    ("  lua_package_cpath '%s;;';"):format(parts.cpath or root .. "/build/luajit/?.so"),
    parts.http or "",
    "  server {", "    listen 127.0.0.1:" .. self.port .. ";", parts.server or "", "  }",
    "}", "",
  }, "\n")
end

-- A port that was free a moment ago.
local function free_port()
  local script = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
  return tonumber(output(('python3 -c "%s"'):format(script)))
end

local function wait_for(get, what)
  for _ = 1, 500 do
    local value = get()
    if value then return value end
    os.execute("sleep 0.02")
  end
  error("waited ten seconds for " .. what, 3)
end

local SCRIPT = "env -u LUA_PATH -u LUA_CPATH -u LD_PRELOAD %s nginx -p %s -c nginx.conf -g 'daemon off;' 2>%s/err & pid=$!; " ..
  "cat >/dev/null; kill -TERM $pid; wait $pid"

--- Starts nginx and waits until it listens.
---@param parts table server, http, events, main: text for those blocks; workers; log_level; cpath; env: assignments for the shell
function nginx.start(parts)
  local dir = os.tmpname()
  os.remove(dir)
  assert(output("mkdir " .. dir .. " && echo done") == "done")
  local self = setmetatable({ dir = dir, port = free_port(), parts = parts }, Nginx)
  self.url = "http://127.0.0.1:" .. self.port
  spit(dir .. "/nginx.conf", config(self, parts))
  self.process = assert(io.popen(SCRIPT:format(parts.env or "", dir, dir), "w"))
  local ok = pcall(wait_for, function() return (slurp(dir .. "/nginx.pid") or ""):match("%d") end, "nginx")
  if not ok then
    local why = (slurp(dir .. "/err") or "") .. self:errors()
    self:stop()
    error("nginx did not start: " .. why, 2)
  end
  return self
end

--- One request with curl, which is none of ours: the status and the body.
function Nginx:get(path, options)
  local text = output(("curl -sS -m 30 -w '\\n%%{http_code}' %s '%s%s' 2>&1"):format(options or "", self.url, path))
  local body, status = text:match("^(.*)\n(%d+)$")
  return tonumber(status), body or text
end

function Nginx:errors()
  return slurp(self.dir .. "/error.log") or ""
end

--- Waits until the error log says something.
function Nginx:wait_for_error(pattern)
  return wait_for(function() return self:errors():match(pattern) end, "in nginx's log: " .. pattern)
end

function Nginx:workers()
  return output("pgrep -P " .. slurp(self.dir .. "/nginx.pid"):match("%d+"))
end

--- Loads the configuration again and waits until new workers serve.
function Nginx:reload()
  local before = self:workers()
  output(("nginx -p %s -c nginx.conf -s reload 2>&1"):format(self.dir))
  wait_for(function()
    local now = self:workers()
    return now ~= "" and not now:find(before:match("%d+"), 1, true)
  end, "new workers")
end

function Nginx:stop()
  if not self.process then return end
  self.process:close()
  self.process = nil
  output("rm -rf " .. self.dir)
end

nginx.wait_for, nginx.slurp, nginx.output, nginx.free_port = wait_for, slurp, output, free_port

return nginx
