-- Runs on lua5.4: hands the published signing cases to the emulator's signature check, each once as it is and once spoilt.
-- Usage: lua5.4 spec/emulator/signature.lua sigv4-cases.json; prints "N passed, N failed".

local dkjson = require "dkjson"
local encoding = require "bedrock.emulator.encoding"
local refusal = require "bedrock.emulator.refusal"
local signature = require "bedrock.emulator.signature"
local when = require "spec.support.when"

local passed, failed = 0, 0

local function report(name, ok, why)
  if ok then
    passed = passed + 1
  else
    failed = failed + 1
    print("FAILED " .. name .. ": " .. tostring(why))
  end
end

local function request_of(method, target, headers, body)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local list, map = {}, {}
  for i, pair in ipairs(headers) do
    local name, value = pair[1]:lower(), pair[2]:gsub("\r?\n%s*", " ")
    list[i], map[name] = { name, value }, value
  end
  return { method = method, path = path, query = query, headers = list, header = map, body = body }
end

local function rules_for(case, time)
  local credentials = case.credentials
  local token = credentials.token or credentials.session_token
  return { service = case.service or "bedrock", region = case.region, now = time, tokens = {},
    keys = { [credentials.access_key_id] = { secret = credentials.secret_access_key, token = token } } }
end

local function verdict(request, rules)
  local ok, result = pcall(signature.verify, request, rules)
  return ok, refusal.is(result) and result.code or result
end

-- As it is it must pass; with another secret, or at another time, it must not.
local function both_ways(name, request, rules)
  report(name, verdict(request, rules))
  for _, key in pairs(rules.keys) do key.secret = key.secret .. "x" end
  local ok, code = verdict(request, rules)
  report(name .. ", wrong secret", not ok and (code == "InvalidSignatureException" or code == "AccessDeniedException"), code)
end

-- Cases without normalisation, and those whose token is added after signing, are not ways in which Bedrock is called.
local function published(case)
  if not case.normalize_path or not case.double_encode_path or case.omit_session_token then return end
  local wanted = case.request
  both_ways(case.name, request_of(wanted.method, wanted.target, case.header.signed_request_headers, wanted.body),
    rules_for(case, when.parse(case.time)))
  if case.query then
    both_ways(case.name .. ", presigned", request_of(wanted.method, case.query.target, wanted.headers, wanted.body),
      rules_for(case, when.parse(case.time)))
  end
end

local function of_bedrock(case)
  local headers = {}
  for i, pair in ipairs(case.request.headers) do headers[i] = pair end
  local url = case.request.url
  local host, target = url:match("^https?://([^/]+)(.*)$")
  headers[#headers + 1] = { "Host", host }
  headers[#headers + 1] = { "X-Amz-Date", (case.time:gsub("[-:]", "")) }
  if case.credentials.session_token then headers[#headers + 1] = { "X-Amz-Security-Token", case.credentials.session_token } end
  headers[#headers + 1] = { "Authorization", case.expect.authorization }
  local request = request_of(case.request.method, target, headers, encoding.unbase64(case.request.body_base64 or ""))
  both_ways(case.name, request, rules_for(case, when.parse(case.time)))
end

local function bearer(case)
  local request = request_of("POST", "/", { { "authorization", "Bearer " .. case.expect.token } }, "")
  both_ways(case.name, request, rules_for(case, when.parse(case.time)))
  local late = rules_for(case, when.parse(case.time) + case.expires_seconds + 1)
  local ok, code = verdict(request, late)
  report(case.name .. ", too late", not ok and code == "AccessDeniedException", code)
end

local file = assert(io.open(arg[1], "rb"))
local cases = assert(dkjson.decode(file:read("a")))
for _, case in ipairs(cases.suite) do published(case) end
for _, case in ipairs(cases.bedrock) do of_bedrock(case) end
for _, case in ipairs(cases.bearer_tokens) do bearer(case) end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
