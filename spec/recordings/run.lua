--- Replays recorded exchanges through the real client over a socket, in four ways of cutting the bytes.
--
--     lua spec/recordings/run.lua DIR
--
-- DIR holds one JSON file an exchange, in the format of its README. The replay server and the comparer of that folder
-- (or of ../shared/recordings) do the serving and the judging: what the client decoded and what it sent are written
-- as JSON lines and handed to the comparer. The request goes out through the public API: its recorded body as a Lua
-- table, its bytes decoded from base64, so that our encoder has to write the whole of it again. The paths of bedrock-mantle go
-- through the raw doors, which show the wire's events; a Messages stream is put together by `client.messages`, too.

local bedrock = require "bedrock"
local core = require "bedrock.core"
local json = require "bedrock.json"
local operations = require "bedrock.operations"

local modes = {
  { name = "plain", options = "" },
  { name = "--chop 1", options = "--chop 1" },
  { name = "--chop 7 --split write", options = "--chop 7 --split write" },
  { name = "--chop random --split-head", options = "--chop random --split-head" },
}

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function output_of(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function files(dir)
  local list = {}
  for name in output_of("ls " .. quote(dir)):gmatch("[^\n]+") do
    if name:match("%.json$") then list[#list + 1] = dir .. "/" .. name end
  end
  return list
end

-- How the services of the recordings are called here.
local replayed = { ["bedrock-runtime"] = "bedrock-runtime", bedrock = "bedrock", mantle = "bedrock-mantle",
  ["bedrock-mantle"] = "bedrock-mantle" }

-- Every exchange of the services that the library speaks. A sequence holds several; fixtures were never on a wire.
local function interactions(dir)
  local list = {}
  for _, path in ipairs(files(dir)) do
    local recording, why = json.decode(read(path), { size = 1e9, depth = 1000 })
    if type(recording) ~= "table" then error(path .. ": " .. tostring(why and why.message)) end
    for _, exchange in ipairs(recording.interactions or { recording }) do
      if exchange.request and replayed[exchange.service] then list[#list + 1] = exchange end
    end
  end
  return list
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The members that travel in the path, by the operation's template.
local function labels(op, path)
  local names, pattern = {}, op.uri:gsub("[%-%.]", "%%%0"):gsub("{(.-)}", "\0%1\0")
  pattern = pattern:gsub("%z(.-)%z", function(name)
    names[#names + 1] = name
    return "([^/]+)"
  end)
  local values, params = { path:match("^" .. pattern .. "$") }, {}
  for i, name in ipairs(names) do params[name] = unescape(values[i]) end
  return params
end

-- The members that travel in headers, where they were recorded.
local function header_members(op, headers, params)
  local by_name = {}
  for _, member in ipairs(op.inputs) do
    if member.where == "header" then by_name[member.wire:lower()] = member.name end
  end
  for _, pair in ipairs(headers) do
    local member = by_name[pair[1]:lower()]
    if member and pair[1]:lower():match("^x%-amzn%-bedrock%-") then params[member] = pair[2] end
  end
end

local function body_members(op, exchange, params)
  local request = exchange.request
  local text = request.body_json ~= nil and json.encode(request.body_json, { depth = 1000 })
  if request.recorded == false then text = text or "{}" end
  if op.payload then
    params[op.payload.name] = request.body_base64 and core.base64.decode(request.body_base64) or request.body_json or text or ""
    return params
  end
  for member, value in pairs(text and json.decode(text, { blobs = op.blobs, depth = 1000 }) or {}) do
    params[member] = value
  end
  return params
end

local function params_of(op, exchange)
  local params = labels(op, exchange.request.path)
  header_members(op, exchange.request.headers or {}, params)
  return body_members(op, exchange, params)
end

local function error_line(err)
  return { code = err.code or bedrock.null, message = err.message, status = err.status }
end

-- A piece of a model's own stream: JSON as a rule.
local function chunk_line(bytes)
  local inner, why = json.decode(bytes)
  if why then return { event_type = "chunk", inner_base64 = core.base64.encode(bytes) } end
  return { event_type = "chunk", inner = inner }
end

local function drain(stream)
  local lines = {}
  while true do
    local event, err = stream:next()
    if event then
      lines[#lines + 1] = event.chunk and chunk_line(event.chunk.bytes) or json.decode(stream:event_json(event))
    else
      return json.array(lines), err
    end
  end
end

-- What goes through the raw doors.
local function raw_params(exchange)
  local request, query, headers = exchange.request, {}, {}
  for name, value in (request.query or ""):gmatch("([^&=]+)=?([^&]*)") do
    query[#query + 1] = { unescape(name), unescape(value) }
  end
  for _, pair in ipairs(request.headers or {}) do
    local name = pair[1]:lower()
    if name:find("^anthropic%-") or name:find("^openai%-") then headers[#headers + 1] = pair end
  end
  if request.body_base64 then headers[#headers + 1] = { "Content-Type", "application/json" } end
  return {
    service = replayed[exchange.service], method = request.method, path = request.path, query = query, headers = headers,
    body = request.body_base64 and core.base64.decode(request.body_base64) or request.body_json,
  }
end

-- A body that was not JSON (one recording lost its last brace) cannot be a table: it goes through the raw door.
local function replay_raw(client, exchange)
  local answer, err = client:request(raw_params(exchange))
  if not answer then return { id = exchange.id, error = error_line(err) } end
  if exchange.expected.kind == "bytes" then return { id = exchange.id, decoded = core.base64.encode(answer.body) } end
  return { id = exchange.id, decoded = json.decode(answer.body, { depth = 1000 }) }
end

-- The wire's events: the name of the line, null without one, and the data.
local function replay_events(client, exchange)
  local stream, err = client:request_stream(raw_params(exchange))
  local line = { id = exchange.id }
  if not stream then
    line.error = error_line(err)
    return line
  end
  line.decoded = json.array {}
  for event in function() local event event, err = stream:next() return event end do
    local payload = json.decode(event.data, { depth = 1000 })
    line.decoded[#line.decoded + 1] = { event_type = event.event or json.null, payload = payload,
      data_text = payload == nil and event.data or nil }
  end
  if err then line.error = error_line(err) end
  return line
end

-- Whether the recording says that the stream is a whole message.
local function is_whole(exchange)
  local last
  for _, event in ipairs(exchange.expected.events) do
    local payload = event.payload
    last = type(payload) == "table" and payload.type or last
    if last == "error" then return false end
  end
  return last == "message_stop"
end

-- A Messages stream is whole for the accumulator too; the comparer looks at the wire.
local function check_message(client, exchange)
  local params = {}
  for name, value in pairs(exchange.request.body_json) do params[name] = value end
  params.stream = nil
  local stream, err = client.messages:stream(params)
  local message
  if stream then message, err = stream:message() end
  if (message ~= nil) ~= is_whole(exchange) then error("the message: " .. tostring(err or "it is not complete"), 0) end
end

-- What no operation describes: bedrock-mantle, and the newer paths of bedrock-runtime.
local function replay_path(client, exchange)
  if exchange.expected.kind ~= "sse" then return replay_raw(client, exchange) end
  local line = replay_events(client, exchange)
  if exchange.request.path:find("/anthropic/v1/messages$") and exchange.request.body_json then check_message(client, exchange) end
  return line
end

-- One exchange through the public API, as a line for the comparer.
local function replay(client, exchange)
  local op = operations.find(exchange.operation)
  if not op then return replay_path(client, exchange) end
  if exchange.request.body_base64 and not op.payload and not op.stream then return replay_raw(client, exchange) end
  local answer, err = client[op.snake](client, params_of(op, exchange))
  local line = { id = exchange.id }
  if not answer then
    line.error = error_line(err)
  elseif op.stream then
    line.decoded, err = drain(answer)
    if err then line.error = error_line(err) end
  elseif exchange.expected.kind == "bytes" then
    line.decoded = core.base64.encode(answer[op.out_payload.name])
  elseif op.out_payload then
    line.decoded = json.decode(answer[op.out_payload.name])
  else
    line.decoded = json.decode(assert(json.encode(answer, { blobs = op.blobs_out })))
  end
  return line
end

local function start_server(tools, dir, options, tmp)
  local command = "python3 %s/replay_server.py %s --port-file %s/port --log %s/requests.jsonl %s >%s/server.out 2>&1 & echo $!"
  local pid = output_of(command:format(quote(tools), quote(dir), tmp, tmp, options, tmp))
  for _ = 1, 600 do
    local port = read(tmp .. "/port")
    if port then return pid:match("%d+"), port:match("%d+") end
    os.execute("sleep 0.05")
  end
  error("the replay server did not start: " .. (read(tmp .. "/server.out") or ""))
end

local function client_of(port, exchange)
  return bedrock.new {
    region = "us-east-1", access_key_id = "AKIDEXAMPLE", secret_access_key = "throw-away", retry = { max_attempts = 1 },
    endpoint = ("http://127.0.0.1:%s/rec/%s"):format(port, exchange.id), preflight = false,
    log = function() end, api = replayed[exchange.service] == "bedrock-mantle" and "mantle" or "runtime",
  }
end

local function run_mode(mode, tools, dir, list)
  local tmp = output_of("mktemp -d"):match("%S+")
  local pid, port = start_server(tools, dir, mode.options, tmp)
  local out = assert(io.open(tmp .. "/decoded.jsonl", "wb"))
  for _, exchange in ipairs(list) do
    local ok, line = pcall(function() return replay(client_of(port, exchange), exchange) end)
    if not ok then line = { id = exchange.id, error = { code = "raised", message = tostring(line) } } end
    out:write(assert(json.encode(line, { depth = 1000 })), "\n")
  end
  out:close()
  os.execute("kill " .. pid)
  local report = output_of(("python3 %s/compare.py %s --decoded %s/decoded.jsonl --requests %s/requests.jsonl --only-failures")
    :format(quote(tools), quote(dir), tmp, tmp))
  os.execute("rm -rf " .. tmp)
  return report
end

local function main(dir)
  if not dir then
    io.stderr:write("usage: run.lua DIR (make recordings RECORDINGS=DIR)\n")
    os.exit(2)
  end
  local tools = exists(dir .. "/replay_server.py") and dir or "../shared/recordings"
  local list = interactions(dir)
  local passed, failed = 0, 0
  for _, mode in ipairs(modes) do
    local report = run_mode(mode, tools, dir, list)
    local p, f = report:match("(%d+) passed, (%d+) failed")
    if not p then p, f = 0, #list * 2 end
    -- A response line and a request line each; what is missing has failed.
    local missing = math.max(#list * 2 - p - f, 0)
    print(("%-28s %d passed, %d failed"):format(mode.name, p, f + missing))
    if f + missing > 0 then io.write(report) end
    passed, failed = passed + p, failed + f + missing
  end
  print(("%d passed, %d failed"):format(passed, failed))
  os.exit(failed == 0 and passed > 0 and 0 or 1)
end

main(arg[1])
