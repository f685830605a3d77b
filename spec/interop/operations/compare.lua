--- Reads what AWS's own libraries sent and understood (capture.mjs) and holds request.build and response.decode to it.
--
--   lua compare.lua cases.json     prints every difference, and `N passed, N failed`
--
-- Each case is two checks: the request, in method, path, query, headers and body; and the answer, as the table of its
-- members or as the error. Not ours to match, and so not compared: the headers of transport, signature and user agent,
-- and the Content-Type of an InvokeModel body for which the user gave none (application/json here, bytes there).

local operations = require "bedrock.operations"
local request = require "bedrock.request"
local response = require "bedrock.response"
local timestamps = require "bedrock.timestamps"
local json = require "bedrock.json"
local judge = require "spec.support.judge"

local UUID = "00000000-0000-4000-8000-000000000000"

local passed, failed = 0, 0

local function report(case, part, why)
  if not why then
    passed = passed + 1
    return
  end
  failed = failed + 1
  print(("%s, %s, %s: %s"):format(case.operation, case.title, part, why))
end

-- Values

local function bytes_of(hex)
  return (hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function iso8601(seconds)
  return (assert(timestamps.iso8601(seconds)))
end

-- A value of the file as the user would write it: bytes as a string, moments as `moment` makes them. An empty list is
-- marked in documents and answers only: what `{}` is elsewhere must be known from the table of operations.
local function lua_value(value, moment, keep_empty)
  if type(value) ~= "table" then return value end
  if value["$bytes"] then return bytes_of(value["$bytes"]) end
  if value["$time"] then return moment(value["$time"]) end
  local out = {}
  for key, inner in pairs(value) do out[key] = lua_value(inner, moment, keep_empty) end
  local marked = judge.is_array(value) and (#out > 0 or keep_empty)
  return marked and json.array(out) or out
end

-- Requests

local function decoded(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function fields_of(text)
  local list = {}
  for name, value in text:gmatch("([^&=]+)=([^&]*)") do list[#list + 1] = decoded(name) .. "=" .. decoded(value) end
  table.sort(list)
  return table.concat(list, "\n")
end

local function query_of(pairs_list)
  local list = {}
  for _, pair in ipairs(pairs_list) do list[#list + 1] = pair[1] .. "=" .. pair[2] end
  table.sort(list)
  return table.concat(list, "\n")
end

-- Headers that belong to the transport, the signature and the name of the client.
local foreign = { host = true, connection = true, authorization = true, ["user-agent"] = true, ["content-length"] = true,
  ["transfer-encoding"] = true, ["x-amz-user-agent"] = true, ["x-amz-date"] = true, ["x-amz-content-sha256"] = true,
  ["amz-sdk-request"] = true, ["amz-sdk-invocation-id"] = true }

local function headers_of(op, case, source)
  local map = {}
  for name, value in pairs(source) do
    if type(value) == "table" then name, value = value[1]:lower(), value[2] end
    if not foreign[name] and name:sub(1, 1) ~= ":" then map[name] = value end
  end
  local free = op.payload and op.payload.type == "json" and not case.params.contentType
  if free then map["content-type"] = nil end
  return map
end

local function body_difference(op, want, have)
  have = have and tostring(have) or ""
  if want == "" or have == "" or op.payload and op.payload.type == "json" then
    return want ~= have and ("want %q, got %q"):format(want, have) or nil
  end
  if op.api.protocol == "query" then
    return fields_of(want) ~= fields_of(have) and ("want %s\ngot %s"):format(fields_of(want), fields_of(have)) or nil
  end
  return select(2, judge.same(judge.decode(want), judge.decode(have)))
end

local function request_difference(op, case, made)
  local path, query = case.request.url:match("^([^?]*)%??(.*)$")
  if made.method ~= case.request.method then return "method " .. made.method end
  if made.path ~= path then return ("want path %s, got %s"):format(path, made.path) end
  if query_of(made.query) ~= fields_of(query) then
    return ("want query %s, got %s"):format(fields_of(query), query_of(made.query))
  end
  local same, why = judge.same(headers_of(op, case, case.request.headers), headers_of(op, case, made.headers))
  if not same then return "headers: " .. why end
  return body_difference(op, bytes_of(case.request.body), made.body)
end

local function check_request(op, case, moment)
  local made, err = request.build(op, lua_value(case.params, moment, not case.title:find("^empty")), function() return UUID end)
  report(case, "request", not made and tostring(err) or request_difference(op, case, made))
end

-- Answers

local function error_difference(want, err)
  if not err then return "want the error " .. want.name .. ", got an answer" end
  local have = { name = err.code, message = err.message, status = err.status, requestId = err.request_id }
  return select(2, judge.same(want, have))
end

-- In XML a member that the table does not know is text: whether it is a number only the schema says.
local function unknown_as_text(op, result)
  if op.api.protocol ~= "query" then return result end
  for name, value in pairs(result) do
    if not op.output[name] and type(value) == "number" then result[name] = tostring(value) end
  end
  return result
end

local function check_answer(op, case)
  local answer = case.answer
  local result, err = response.decode(op, answer.status, answer.headers, bytes_of(answer.body))
  if case.error then return report(case, "error", error_difference(case.error, err)) end
  if err then return report(case, "answer", tostring(err)) end
  report(case, "answer", select(2, judge.same(unknown_as_text(op, lua_value(case.result, iso8601, true)), result)))
end

for i, case in ipairs(judge.read(assert(arg[1], "usage: compare.lua cases.json"))) do
  local op = operations.find(case.operation)
  if op then
    -- Moments go in as seconds and as text in turn.
    check_request(op, case, i % 2 == 0 and iso8601 or function(seconds) return seconds end)
    check_answer(op, case)
  else
    report(case, "table", "there is no such operation")
  end
end

print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and 0 or 1)
