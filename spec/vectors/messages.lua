-- messages-cases.json: requests as they go out, streams as they come in, and snapshots of incomplete tool input.

local accumulator = require "bedrock.accumulator"
local judge = require "spec.support.judge"
local messages = require "bedrock.messages"
local operations = require "bedrock.operations"
local partial_json = require "bedrock.partial_json"
local request = require "bedrock.request"

local function text_of(body)
  return type(body) == "string" and body or tostring(body)
end

local function same_request(want, name, members)
  local op = assert(operations.find(name))
  local built, err = request.build(op, members)
  if not built then return false, tostring(err) end
  if built.method ~= want.method then return false, "method " .. built.method end
  if built.path ~= want.path then return false, "path " .. built.path end
  return judge.same(want.body, judge.decode(text_of(built.body)))
end

local function endpoint_case(case)
  local ok, err = messages.supports(case.input_endpoint)
  if not case.expect.error then return ok, tostring(err) end
  if ok then return false, "it was not refused" end
  return tostring(err):find(case.expect.error, 1, true) ~= nil and err.hint ~= nil, tostring(err)
end

-- The guard alone decides these; nothing is said about the bytes.
local function refusal_case(case, members, err)
  if not case.expect.refused then return members ~= nil, tostring(err) end
  if members then return false, "it was not refused" end
  local want, got = case.expect.expected_seconds, err.expected_seconds
  if want and not (got and math.abs(want - got) < 0.001) then return false, "expected_seconds " .. tostring(got) end
  return true
end

local function request_case(case)
  if case.input_endpoint and (case.expect.error or not case.input) then return endpoint_case(case) end
  local header = case.anthropic_beta_header
  local opts = {
    headers = header and { ["anthropic-beta"] = header },
    timeouts = case.timeout_seconds and { total = case.timeout_seconds },
  }
  local name, members = messages.request(case.input, opts)
  if case.expect.refused ~= nil then return refusal_case(case, name and members, members) end
  if case.expect.error then return name == nil, "it was not refused" end
  if not name then return false, tostring(members) end
  return same_request(case.expect, name, members)
end

-- A stream that just ends is told by its end; the cases have other words for that than we.
local function cut_short(snapshot)
  if snapshot and accumulator.finished(snapshot) then return nil end
  return { code = "incomplete", message = "", partial = accumulator.message(snapshot), cut = true }
end

local function is_named(want, err)
  return err.code == want or err.cut and want ~= "order"
end

local function error_case(expect, err)
  if not err then return false, "no error came" end
  local want = type(expect.error) == "table" and expect.error or { type = expect.error }
  if not is_named(want.type, err) then return false, "code " .. tostring(err.code) end
  if want.message and err.message ~= want.message then return false, "message " .. err.message end
  local status = want.http_status or want.status
  if status and err.status ~= status then return false, "status " .. tostring(err.status) end
  if expect.partial then return judge.same(expect.partial, err.partial) end
  return true
end

local function stream_case(case)
  local snapshot, err
  for _, event in ipairs(case.events) do
    snapshot, err = accumulator.messages(snapshot, event)
    if err then break end
  end
  if case.expect.error then return error_case(case.expect, err or cut_short(snapshot)) end
  if err then return false, tostring(err) end
  if not accumulator.finished(snapshot) then return false, "the end was not seen" end
  return judge.same(case.expect.message, accumulator.message(snapshot))
end

local function partial_case(case)
  local got = partial_json.decode(case.text)
  if case.snapshot == judge.null then return got == nil, "a snapshot came" end
  return judge.same(case.snapshot, got)
end

return function(data, report)
  local groups = { requests = request_case, streams = stream_case, partial_json = partial_case }
  for _, group in ipairs { "requests", "streams", "partial_json" } do
    for _, case in ipairs(data[group] or {}) do
      local ok, why = judge.try(groups[group], case)
      report(ok, group .. ": " .. (case.name or case.text), why)
    end
  end
end
