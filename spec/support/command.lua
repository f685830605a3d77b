--- Runs `bin/bedrock` as people do: a process of its own, on the Lua that runs the specs.
--
--   local command = require "spec.support.command"
--   local result = command.run("chat 'Hello'", { service = emulator, input = "text", env = { NO_COLOR = 1 } })
--   ... result.code, result.out, result.err ...

local command = {}

local function quoted(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Nothing of the machine's own settings gets in.
local UNSET = {
  "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY", "BEDROCK_MODEL", "BEDROCK_PRICE", "BEDROCK_LOG", "http_proxy", "https_proxy",
}

--- The environment of a command, as words for `env`.
---@param service table? of spec.support.emulator
---@param more table<string, any>?
---@return string
function command.environment(service, more)
  local words = { "env" }
  for _, name in ipairs(UNSET) do words[#words + 1] = "-u " .. name end
  local set = { HOME = "/nonexistent", AWS_EC2_METADATA_DISABLED = "true", BEDROCK_HISTORY = "off" }
  if service then
    set.AWS_ENDPOINT_URL, set.AWS_REGION = service.url, "us-east-1"
    set.AWS_ACCESS_KEY_ID, set.AWS_SECRET_ACCESS_KEY = service.access_key_id, service.secret_access_key
  end
  for name, value in pairs(more or {}) do set[name] = value end
  for name, value in pairs(set) do
    if value then words[#words + 1] = name .. "=" .. quoted(value) else table.insert(words, 2, "-u " .. name) end
  end
  return table.concat(words, " ")
end

--- The words that begin the command line.
command.bedrock = (os.getenv("BEDROCK_LUA") or "lua5.4") .. " bin/bedrock "

local function code_of(a, _, c)
  if type(a) == "number" then return a > 255 and math.floor(a / 256) or a end
  return c
end

--- Runs a command and waits for its end.
---@param words string the command line behind `bedrock`, for the shell
---@param options { service: table?, input: string?, env: table? }?
---@return { code: integer, out: string, err: string }
function command.run(words, options)
  options = options or {}
  local base = os.tmpname()
  write(base, options.input or "")
  local code = code_of(os.execute(("%s %s %s <%s >%s.out 2>%s.err"):format(
    command.environment(options.service, options.env), command.bedrock, words, base, base, base)))
  local result = { code = code, out = read(base .. ".out"), err = read(base .. ".err") }
  os.remove(base)
  os.remove(base .. ".out")
  os.remove(base .. ".err")
  return result
end

--- A new name for a file, removed at the end.
---@param content string?
---@return string path
function command.scratch(content)
  local path = os.tmpname()
  if content then write(path, content) else os.remove(path) end
  return path
end

command.read, command.quoted = read, quoted

return command
