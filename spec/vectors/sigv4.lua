--- Signing: AWS's published cases (both forms), cases of this service, and short-term API keys.
--
-- The suite goes straight into the core, which alone knows folded headers and unencoded targets; the others go the
-- way of every call, through bedrock.signer and bedrock.token.

local core = require "bedrock.core"
local judge = require "spec.support.judge"
local signer = require "bedrock.signer"
local token = require "bedrock.token"
local when = require "spec.support.when"
local mime = require "spec.support.base64"

-- Compares strings member by member of `want`; what is not stated is not compared.
local function check(report, name, want, got)
  for _, field in ipairs { "canonical_request", "string_to_sign", "signature", "authorization" } do
    if want[field] and got[field] ~= want[field] then
      report(false, name, ("%s\n  want %q\n  got  %q"):format(field, want[field], tostring(got[field])))
      return false
    end
  end
  return true
end

-- Headers as a list that is sorted by name and keeps the order of equal names, which is all that HTTP promises.
local function ordered(headers)
  local list = {}
  for i, header in ipairs(headers) do list[i] = { header[1]:lower(), header[2], i } end
  table.sort(list, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[3] < b[3]
  end)
  for i, header in ipairs(list) do list[i] = header[1] .. ": " .. header[2] end
  return table.concat(list, "\n")
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The path as it stands, and the decoded parameters without their order.
local function parameters(target)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local list = {}
  for pair in query:gmatch("[^&]+") do list[#list + 1] = unescape(pair) end
  table.sort(list)
  return path .. "\n" .. table.concat(list, "\n")
end

local function core_request(case)
  local path, query = case.request.target:match("^([^?]*)%??(.*)$")
  return {
    method = case.request.method, path = path, query = query, headers = case.request.headers, body = case.request.body,
    region = case.region, service = case.service, time = when.parse(case.time),
    access_key_id = case.credentials.access_key_id, secret_access_key = case.credentials.secret_access_key,
    session_token = case.credentials.token or case.credentials.session_token,
    normalize = case.normalize_path, double_encode = case.double_encode_path,
    content_sha256 = case.add_content_sha256_header, omit_session_token = case.omit_session_token,
    expires = case.expires,
  }, path, query
end

local function header_form(case, report)
  local name = case.name .. " in headers"
  local signed = core.sigv4.sign((core_request(case)))
  if not check(report, name, case.header, signed) then return end
  local sent = {}
  for i, header in ipairs(case.request.headers) do sent[i] = header end
  for _, header in ipairs(signed.headers) do sent[#sent + 1] = header end
  local want, got = case.header.signed_request_headers, ordered(sent)
  report(not want or ordered(want) == got, name, "headers sent:\n" .. got)
end

local function query_form(case, report)
  local name = case.name .. " in the query"
  local request, path = core_request(case)
  local signed = core.sigv4.presign(request)
  if not check(report, name, case.query, signed) then return end
  local target = path .. "?" .. signed.query
  report(not case.query.target or parameters(target) == parameters(case.query.target), name, "target " .. target)
end

-- What was added, as { ["x-amz-date"] = ... }.
local function added(request, before)
  local map = {}
  for i = #before + 1, #request.headers do map[request.headers[i][1]:lower()] = request.headers[i][2] end
  return map
end

local function bedrock_case(case, report)
  local request = {
    method = case.request.method, url = case.request.url, headers = case.request.headers,
    body = case.request.body_base64 and mime.decode(case.request.body_base64) or case.request.body,
  }
  local scope = { region = case.region, service = case.service }
  local trace = {}
  local signed, err = signer.sign(request, case.credentials, scope, when.parse(case.time), trace)
  if not signed then return report(false, case.name, tostring(err)) end
  local map = added(signed, case.request.headers)
  trace.authorization = map.authorization
  if not check(report, case.name, case.expect, trace) then return end
  for name, value in pairs(case.expect.added_headers or {}) do
    if map[name:lower()] ~= value then return report(false, case.name, name .. ": " .. tostring(map[name:lower()])) end
  end
  report(true, case.name)
end

local function token_text(key)
  return mime.decode(key:match("^bedrock%-api%-key%-(.*)$"))
end

local function token_case(case, report)
  local key, err, trace = token.mint(case.credentials, case.region, when.parse(case.time), case.expires_seconds)
  if not key then return report(false, case.name, tostring(err)) end
  if not check(report, case.name, case.expect, trace) then return end
  local got, want = token_text(key), case.expect.decoded or token_text(case.expect.token)
  report(parameters(got) == parameters(want) and not key:find("%s"), case.name, "key says " .. got)
end

return function(data, report)
  local function try(form, case)
    local ok, why = judge.try(form, case, report)
    if ok == false then report(false, case.name, why) end
  end
  for _, case in ipairs(data.suite or {}) do
    if case.header then try(header_form, case) end
    if case.query then try(query_form, case) end
  end
  for _, case in ipairs(data.bedrock or {}) do try(bedrock_case, case) end
  for _, case in ipairs(data.bearer_tokens or {}) do try(token_case, case) end
end
