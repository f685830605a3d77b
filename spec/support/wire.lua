-- Plain HTTP requests to an emulator, from a spec on any Lua: spec/emulator/send.lua does the work on lua5.4.

local dkjson = require "dkjson"

local wire = {}

local function write_file(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

--- Sends requests over one connection and returns the answers, see spec/emulator/send.lua.
function wire.send(service, ...)
  local job = { port = service.port, tls = service.url:sub(1, 5) == "https", requests = { ... } }
  local path = write_file(dkjson.encode(job))
  local environment = "env -u LD_PRELOAD LUA_PATH_5_4=';;' LUA_CPATH_5_4=';;' "
  local process = assert(io.popen(environment .. "lua5.4 spec/emulator/send.lua " .. path))
  local text = process:read("*a")
  process:close()
  os.remove(path)
  local answers = assert(dkjson.decode(text))
  for _, answer in ipairs(answers) do
    answer.json = answer.body and dkjson.decode(answer.body)
    for _, event in ipairs(answer.events or {}) do event.json = dkjson.decode(event.payload) end
  end
  return answers
end

--- One request that is authorized by the throw-away API key.
function wire.ask(service, operation, body, headers)
  local request = { method = "POST", target = "/model/" .. operation, body = body, headers = headers or {} }
  request.headers.authorization = request.headers.authorization or "Bearer " .. service.api_key
  return wire.send(service, request)[1]
end

return wire
