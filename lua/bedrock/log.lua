--- Where the library's few words go: the user's function, or standard error (in nginx its error log) as BEDROCK_LOG asks.
--
-- A line never holds a secret: fields are shortened here, and what is secret is never handed in.

local hosts = require "bedrock.hosts"

local log = {}

local rank = { debug = 1, info = 2, warn = 3, error = 4, off = 5 }

local function scalar(value)
  if type(value) == "number" and value ~= math.floor(value) then return ("%.3f"):format(value) end
  local text = tostring(value)
  return #text > 120 and text:sub(1, 117) .. "..." or text
end

-- Fields as `name=value`, sorted; tables are left out, they are for functions that want them.
local function line(fields)
  local parts = {}
  for name, value in pairs(fields or {}) do
    if type(value) ~= "table" or getmetatable(value) and getmetatable(value).__tostring then
      parts[#parts + 1] = name .. "=" .. scalar(value)
    end
  end
  table.sort(parts)
  return table.concat(parts, " ")
end

local function to_stderr(level, text)
  io.stderr:write(("bedrock %s: %s\n"):format(level, text))
end

local function to_nginx(ngx)
  local levels = { debug = ngx.DEBUG, info = ngx.INFO, warn = ngx.WARN, error = ngx.ERR }
  return function(level, text) ngx.log(levels[level], "bedrock: ", text) end
end

--- A logger.
---@param sink fun(level: string, message: string, fields: table?)? the user's; else standard error from the level in BEDROCK_LOG on, warnings by default
---@param system table
---@return fun(level: string, message: string, fields: table?)
function log.new(sink, system)
  if sink then return sink end
  local least = rank[(system.getenv("BEDROCK_LOG") or "warn"):lower()] or rank.warn
  local ngx = hosts.nginx()
  local write = ngx and to_nginx(ngx) or to_stderr
  return function(level, message, fields)
    if rank[level] >= least then write(level, message .. " " .. line(fields)) end
  end
end

return log
