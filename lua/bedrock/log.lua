--- Where the library's few words go: the user's function, or standard error (in nginx its error log) as BEDROCK_LOG asks.
--
-- A line never holds a secret: what is handed in went through bedrock.redact, and long values are shortened here.

local errors = require "bedrock.errors"
local hosts = require "bedrock.hosts"
local lazy = require "bedrock.lazy"
local redact = lazy "bedrock.redact"

local log = {}

local rank = { debug = 1, info = 2, warn = 3, error = 4, off = 5 }

local LONGEST = 240 -- bytes of a value in a line

local function scalar(value)
  if type(value) == "number" and value ~= math.floor(value) then return ("%.3f"):format(value) end
  local text = tostring(value):gsub("[%c]+", " ")
  if #text > LONGEST then text = text:sub(1, LONGEST - 3):gsub("[\128-\191]*$", "") .. "..." end
  return text:find('[ "=]') and ("%q"):format(text) or text
end

-- What the message in front of them says already.
local said = { operation = true, repaired = true, why = true, delay = true }

-- Whose value is a line of its own stands last.
local function comes_first(a, b)
  local last = { message = true, error = true, url = true }
  if (last[a] or false) ~= (last[b] or false) then return not last[a] end
  return a < b
end

-- Fields as `name=value`, sorted; tables are left out, they are for functions that want them.
local function line(fields)
  local names, parts = {}, {}
  for name, value in pairs(fields or {}) do
    local mt = getmetatable(value)
    local plain = type(value) ~= "table" or type(mt) == "table" and mt.__tostring
    if plain and not said[name] then names[#names + 1] = name end
  end
  table.sort(names, comes_first)
  for i, name in ipairs(names) do parts[i] = " " .. name .. "=" .. scalar(fields[name]) end
  return table.concat(parts)
end

local function to_stderr(level, text)
  io.stderr:write(("bedrock %s: %s\n"):format(level, text))
end

local function to_nginx(ngx)
  local levels = { debug = ngx.DEBUG, info = ngx.INFO, warn = ngx.WARN, error = ngx.ERR }
  return function(level, text) ngx.log(levels[level], "bedrock: ", text) end
end

-- Where words go that no function of the program's takes.
local function own_sink()
  local ngx = hosts.nginx()
  return ngx and to_nginx(ngx) or to_stderr
end

-- A log that cannot be written is no reason for a call to fail. It is said once, in the place where words go without it.
local function sheltered(sink)
  local failed = false
  return function(level, message, fields)
    local ok, why = pcall(sink, level, message, fields)
    if ok then return end
    if errors.is(why) and why.kind == "cancelled" then error(why, 0) end
    if not failed then own_sink()("error", "the log function raised (told once): " .. redact.text(tostring(why))) end
    failed = true
  end
end

--- A logger.
---@param sink fun(level: string, message: string, fields: table?)? the user's; else standard error from the level in BEDROCK_LOG on, warnings by default
---@param system table
---@return fun(level: string, message: string, fields: table?) logger
---@return boolean debugging whether it takes debug lines
function log.new(sink, system)
  if sink then return sheltered(sink), true end
  local least = rank[(system.getenv("BEDROCK_LOG") or "warn"):lower()] or rank.warn
  local write = own_sink()
  return function(level, message, fields)
    if rank[level] >= least then write(level, message .. line(fields)) end
  end, least == rank.debug
end

return log
