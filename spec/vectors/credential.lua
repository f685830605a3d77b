--- Credential cases: whole machines, plans of profiles, addresses, and login sessions.
--
-- A machine is its environment, its files and a list of the requests that may be made, in this order and no others.
-- Words of errors are the peer's; what counts is that it is an error, of the kind that the case names where we have
-- that kind, and that it names the settings that the peer's words name.

local judge = require "spec.support.judge"
local pretend = require "spec.support.pretend"
local config = require "bedrock.config"
local core = require "bedrock.core"
local credentials = require "bedrock.credentials"
local container = require "bedrock.credentials.container"
local context = require "bedrock.credentials.context"
local imds = require "bedrock.credentials.imds"
local plan = require "bedrock.credentials.plan"
local profiles = require "bedrock.profiles"
local system = require "bedrock.system"

-- The clock of the machines; every token of theirs that is meant to hold ends long after it.
local NOW = 1640995200

-- Requests ------------------------------------------------------------------------------------------------------------

local function split_url(url)
  local base, query = url:match("^([^?]*)%??(.*)$")
  if base:find("^%a+://[^/]*$") then base = base .. "/" end
  return base, query
end

local function same_url(want, got)
  local want_base, want_query = split_url(want)
  local got_base, got_query = split_url(got)
  if want_base ~= got_base then return false, ("want %s, got %s"):format(want_base, got_base) end
  return judge.same(pretend.form(want_query), pretend.form(got_query))
end

-- The header of a signature, with what it must say of the place where it is valid.
local function is_signature(value, url)
  local region = url:match("^https://sts[%w%-]*%.([%w%-]+%-%d+)%.")
  local scope = (region and region:gsub("%-", "%%-") or "[%w%-]+") .. "/sts/aws4_request"
  return value ~= nil and value:find("^AWS4%-HMAC%-SHA256 Credential=[^/]+/%d%d%d%d%d%d%d%d/" .. scope ..
    ", SignedHeaders=[%w%-;]*host[%w%-;]*, Signature=%x+$") ~= nil
end

local function same_header(name, want, got, url)
  if want == "<signed>" then return is_signature(got, url) end
  if name == "content-type" and got then return got:match("^[^;]*") == want end
  return got == want
end

-- Headers that say who asks: a request that is not expected to carry one must not.
local telling = { "x-amz-security-token", "x-amz-sso_bearer_token", "x-aws-ec2-metadata-token" }

-- A recorded session token that no answer of the script gave out was cut from the recording: then the token must be
-- the one that the answer before did give.
local function is_handed_down(name, want, got, case, at)
  if name ~= "x-amz-security-token" or case.answered:find(want, 1, true) then return false end
  local before = case.http[at - 1]
  return got ~= nil and before ~= nil and before.response.body:find(">" .. got .. "<", 1, true) ~= nil
end

local function same_headers(wanted, request, case, at)
  for name, want in pairs(wanted) do
    local got = pretend.header(request, name)
    if not same_header(name, want, got, request.url) and not is_handed_down(name, want, got, case, at) then
      return false, ("header %s: want %s, got %s"):format(name, want, tostring(got))
    end
  end
  for _, name in ipairs(telling) do
    if not wanted[name] and pretend.header(request, name) then return false, "unexpected header " .. name end
  end
  local authorization = pretend.header(request, "authorization")
  if not wanted.authorization and authorization and authorization:find("^AWS4") then return false, "signed, and should not be" end
  return true
end

local function is_content(files, text)
  for _, content in pairs(files or {}) do
    if content:gsub("%s+$", "") == text then return true end
  end
end

-- The name of a session is free where nobody states it; an entry may say what to leave out; and a web identity token
-- is what the machine's file holds, which is not always what was recorded.
local function same_form(entry, case, want, got)
  want, got = pretend.form(want), pretend.form(got)
  local name = got.RoleSessionName
  if name and not name:find("^[%w+=,.@_-]+$") then return false, "an impossible session name" end
  if not case.stated:find(want.RoleSessionName, 1, true) then want.RoleSessionName = name end
  if (entry.note or ""):find("ignore RoleArn", 1, true) then want.RoleArn = got.RoleArn end
  if is_content(case.files, got.WebIdentityToken) then want.WebIdentityToken = got.WebIdentityToken end
  return judge.same(want, got)
end

local function same_body(entry, case, request)
  local want, got = entry.request.body, request.body
  if want == nil or want == "" then return got == nil or got == "", "an unexpected body" end
  if want:find("^Action=") then return same_form(entry, case, want, got or "") end
  if want:find("^%s*{") then return judge.same(judge.decode(want), judge.decode(got or "null")) end
  return want == got, "another body"
end

local function check_request(case, at, request)
  local entry = case.http[at]
  if entry.request.method ~= request.method then return false, "method " .. request.method end
  local ok, why = same_url(entry.request.uri, request.url)
  if not ok then return false, "url: " .. why end
  ok, why = same_headers(entry.request.headers or {}, request, case, at)
  if not ok then return false, why end
  ok, why = same_body(entry, case, request)
  return ok, not ok and "body: " .. tostring(why) or nil
end

-- Plays the entries in order; remembers the first thing that was not as it should be.
local function play(case)
  local entries = case.http
  local script = { at = 0, wrong = nil }
  script.transport = pretend.transport(function(request)
    script.at = script.at + 1
    local entry = entries[script.at]
    local ok, why
    if entry then ok, why = check_request(case, script.at, request) else ok, why = false, "nothing more may be asked" end
    if not ok then
      script.wrong = script.wrong or ("request %d (%s %s): %s"):format(script.at, request.method, request.url, tostring(why))
    end
    if not entry or entry.response == nil or entry.io_error or entry.response == "io_error" or
      entry.response.io_error then
      return nil, pretend.failure()
    end
    return entry.response
  end)
  function script.verdict()
    if script.wrong then return false, script.wrong end
    if script.at < #entries then return false, ("only %d of %d requests were made"):format(script.at, #entries) end
    return true
  end
  return script
end

-- Machines ------------------------------------------------------------------------------------------------------------

local function machine(case, now)
  local files = {}
  for path, text in pairs(case.files or {}) do files[path] = text end
  return pretend.system { env = case.env or {}, files = files, now = now or NOW, run = system.run }
end

local function settings_of(sys)
  return config.resolve({}, sys)
end

-- What a group of cases asks: the whole chain, the profile alone, or the token of the profile's session.
local ask = {}

function ask.default_chain(sys, transport, settings)
  return credentials.new { system = sys, transport = transport, settings = settings }:get()
end

function ask.profile(sys, transport, settings)
  local ctx = context.new { system = sys, transport = transport, settings = settings }
  local creds, err, why = ctx:source("profile"):get()
  if not creds and not err then return context.fail("no_provider", why) end
  return creds, err
end

function ask.sso_bearer_token(sys, transport, settings)
  local ctx = context.new { system = sys, transport = transport, settings = settings }
  local step, err = plan.sso_token(settings.profiles, settings.profile)
  if not step then return nil, err end
  return ctx:source("sso"):token(step)
end

local function same_credentials(want, got)
  local fields = {
    access_key_id = got.access_key_id, secret_access_key = got.secret_access_key, session_token = got.session_token,
    account_id = got.account_id, expiry = got.expiration,
  }
  return judge.same(want, fields)
end

local function same_token(want, got)
  local expires = require("bedrock.timestamps").seconds(want.expiration)
  return want.token == got.value and expires == got.expires, "another token"
end

-- Kinds of the cases that are codes of ours, or that can be seen in the error. A cache that is not there is a file that is
-- missing, and a source may fail because of the network.
local codes = {
  no_provider = true, process_failed = true, process_bad_output = true, profile_gives_token_not_credentials = true,
}
local missing_files = { file_missing = true, sso_token_missing = true, login_missing = true }
local failures = { credentials = true, network = true, timeout = true, tls = true }
local kinds = {
  file_missing = function(err) return missing_files[err.code] end,
  sts_error = function(err) return err.message:find("cannot assume the role", 1, true) and err.status ~= nil end,
  provider_error = function(err) return failures[err.kind] end,
}

local function same_error(want, err)
  if not err.message or err.message == "" then return false, "the error says nothing" end
  if codes[want] then return err.code == want, ("want the error %s, got %s: %s"):format(want, tostring(err.code), err.message) end
  if kinds[want] then return kinds[want](err) and true or false, ("not a %s: %s"):format(want, err.message) end
  return err.kind == "credentials" or err.kind == "config", "an error of kind " .. tostring(err.kind)
end

-- Everything that environment and files say.
local function stated_text(case)
  local texts = {}
  for _, group in ipairs { case.env or {}, case.files or {} } do
    for _, text in pairs(group) do texts[#texts + 1] = text end
  end
  return table.concat(texts, "\n")
end

-- Everything that the answers and the files give out.
local function answered_text(case)
  local texts = { stated_text(case) }
  for _, entry in ipairs(case.http or {}) do
    texts[#texts + 1] = type(entry.response) == "table" and entry.response.body or nil
  end
  return table.concat(texts, "\n")
end

local function chain_case(case)
  local sys = machine(case)
  local settings = settings_of(sys)
  local script = play {
    http = case.http or {}, files = case.files, stated = stated_text(case), answered = answered_text(case),
  }
  local got, err
  if settings.error then
    err = settings.error
  else
    got, err = assert(ask[case.group], "unknown group " .. tostring(case.group))(sys, script.transport, settings)
  end
  local ok, why = script.verdict()
  if not ok then return false, why .. (err and " (" .. tostring(err) .. ")" or "") end
  local expect = case.expect
  if expect.error then
    if got then return false, "no error" end
    return same_error(expect.error, err)
  end
  if not got then return false, tostring(err) end
  if expect.token then return same_token(expect.token, got) end
  return same_credentials(expect.credentials, got)
end

-- Plans ---------------------------------------------------------------------------------------------------------------

-- Our step in the form of the cases: one key, the kind; for two kinds the value is a word.
local function as_case(step)
  local fields = {}
  for key, value in pairs(step) do
    if key ~= "kind" and key ~= "profile" then fields[key] = value end
  end
  if step.kind == "NamedSource" then fields = step.name end
  return step.kind, fields
end

local other_names = {
  command = { "command", "credential_process" }, login_session = { "login_session", "login_session_arn" },
}

local function same_fields(want, got)
  if type(want) == "string" then
    local alone = type(got) == "table" and (got.command or got.login_session) or got
    return want == alone, ("want %s, got %s"):format(want, tostring(alone))
  end
  local named = {}
  for key, value in pairs(got) do
    for _, name in ipairs(other_names[key] or { key }) do
      if want[name] ~= nil or not other_names[key] then named[name] = value end
    end
  end
  return judge.same(want, named)
end

local function same_plan(want, steps)
  if #want ~= #steps then return false, ("want %d steps, got %d"):format(#want, #steps) end
  for i, wanted in ipairs(want) do
    local kind, fields = as_case(steps[i])
    local want_kind, want_fields = next(wanted)
    if want_kind ~= kind then return false, ("step %d: want %s, got %s"):format(i, want_kind, kind) end
    local ok, why = same_fields(want_fields, fields)
    if not ok then return false, ("step %d: %s"):format(i, why) end
  end
  return true
end

-- Every setting that the peer's words name must be in ours.
local function names_the_same(want, message)
  for word in want:gmatch("[%w_]+_[%w_]+") do
    if not message:find(word, 1, true) then return false, ("%q does not name %s"):format(message, word) end
  end
  if want:find("loop", 1, true) and not message:find("loop", 1, true) then return false, message end
  return true
end

local function plan_case(case)
  local set = { profiles = case.profiles, sso_sessions = case.sso_sessions or {}, services = {}, warnings = {} }
  local steps, err = plan.steps(set, case.selected_profile)
  if case.expect.error then
    if steps then return false, "no error" end
    return names_the_same(case.expect.error, err.message)
  end
  if not steps then return false, err.message end
  return same_plan(case.expect.chain, steps)
end

-- Addresses -----------------------------------------------------------------------------------------------------------

local function same_url_or_error(expect, url, err)
  local words = expect.error_contains or expect.error
  if not words then return url == expect.url, ("want %s, got %s"):format(tostring(expect.url), url or tostring(err)) end
  if url then return false, "no error, but " .. url end
  return err == nil or names_the_same(words, err.message)
end

local function container_case(case)
  local sys = pretend.system { env = case.env }
  local url, err = container.url(function(name) return profiles.env(sys, name) end)
  return same_url_or_error(case.expect, url, err)
end

local function imds_case(case)
  local sys = machine(case)
  local settings = settings_of(sys)
  if settings.error then return same_url_or_error(case.expect, nil, settings.error) end
  local profile = settings.active_profile or {}
  local base, err = imds.base({ env = settings.env, property = function(name) return profile[name] end }, case.mode_override)
  return same_url_or_error(case.expect, base and base .. "/latest/api/token", err)
end

-- Login sessions ------------------------------------------------------------------------------------------------------

local function unbase64url(text)
  text = text:gsub("-", "+"):gsub("_", "/")
  return assert(core.base64.decode(text .. ("="):rep(-#text % 4)))
end

local function write_temporary(bytes)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  return path
end

-- An integer of DER, from 32 bytes without a sign.
local function der_integer(bytes)
  bytes = bytes:gsub("^%z+", "")
  if bytes == "" or bytes:byte(1) > 127 then bytes = "\0" .. bytes end
  return "\2" .. string.char(#bytes) .. bytes
end

-- The signature of a token, checked by the openssl command with the key of the session.
local function openssl_verifies(pem, signed, raw)
  local body = der_integer(raw:sub(1, 32)) .. der_integer(raw:sub(33))
  local key, data = write_temporary(pem), write_temporary(signed)
  local signature = write_temporary("\48" .. string.char(#body) .. body)
  local result = system.run(("openssl ec -in %s -pubout -out %s.pub 2>/dev/null && " ..
    "openssl dgst -sha256 -verify %s.pub -signature %s %s"):format(key, key, key, signature, data))
  for _, path in ipairs { key, data, signature, key .. ".pub" } do os.remove(path) end
  return result and result.code == 0
end

-- The public point of a key, as openssl prints it.
local function public_point(pem)
  local key = write_temporary(pem)
  local result = assert(system.run("openssl ec -in " .. key .. " -pubout -outform DER 2>/dev/null"))
  os.remove(key)
  return result.stdout:sub(-64, -33), result.stdout:sub(-32)
end

local function check_proof(request, pem, now)
  local proof = pretend.header(request, "dpop") or ""
  local head, claims, signature = proof:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$")
  if not head then return false, "the DPoP header is no token" end
  local x, y = public_point(pem)
  local header, payload = judge.decode(unbase64url(head)), judge.decode(unbase64url(claims))
  local jwk = { kty = "EC", crv = "P-256", x = header.jwk.x, y = header.jwk.y }
  local ok, why = judge.same({ typ = "dpop+jwt", alg = "ES256", jwk = jwk }, header)
  if not ok then return false, "DPoP header: " .. why end
  if unbase64url(header.jwk.x) ~= x or unbase64url(header.jwk.y) ~= y then return false, "DPoP: another key" end
  ok, why = judge.same({ htm = "POST", htu = request.url, iat = now, jti = payload.jti }, payload)
  if not ok then return false, "DPoP claims: " .. why end
  if type(payload.jti) ~= "string" or #payload.jti < 16 then return false, "DPoP: the jti says nothing" end
  return openssl_verifies(pem, head .. "." .. claims, unbase64url(signature)), "the signature does not verify"
end

-- The moment of a case: when the answer came, if one came; its new keys end expiresIn seconds later.
local function login_time(case)
  local entry = case.http and case.http[1]
  local output = entry and entry.response and entry.response.tokenOutput
  local expected = case.expect[1]
  if output and expected.expiresAt then return require("bedrock.timestamps").seconds(expected.expiresAt) - output.expiresIn end
  return 1763510400
end

local function with_key(cache, pem)
  local copy = {}
  for name, value in pairs(cache) do copy[name] = value end
  if copy.dpopKey and copy.dpopKey:find("^<") then copy.dpopKey = pem end
  return copy
end

local function login_transport(case, pem, now, seen)
  local entries, at = case.http or {}, 0
  return pretend.transport(function(request)
    at = at + 1
    seen.count = at
    local entry = entries[at]
    if not entry then
      seen.wrong = "nothing may be asked"
      return nil, pretend.failure()
    end
    local ok, why = judge.same(entry.request.tokenInput, judge.decode(request.body))
    if ok then ok, why = check_proof(request, pem, now) end
    if not request.url:find("/v1/token$") then ok, why = false, "another address: " .. request.url end
    if not ok then seen.wrong = seen.wrong or why end
    if entry.response and entry.response.tokenOutput then
      return { status = entry.responseCode or 200, body = require("cjson").encode(entry.response.tokenOutput) }
    end
    return { status = entry.responseCode or 500, body = "{}" }
  end)
end

local check_login = {}

function check_login.error(_, got)
  return got == nil, "no error"
end

function check_login.credentials(want, got, err)
  if not got then return false, tostring(err) end
  return judge.same({
    access_key_id = want.accessKeyId, secret_access_key = want.secretAccessKey, session_token = want.sessionToken,
    account_id = want.accountId, expiry = require("bedrock.timestamps").seconds(want.expiresAt),
  }, {
    access_key_id = got.access_key_id, secret_access_key = got.secret_access_key, session_token = got.session_token,
    account_id = got.account_id, expiry = got.expiration,
  })
end

function check_login.cacheContents(want, _, _, sys, pem)
  for name, cache in pairs(want) do
    if name ~= "result" then
      local text = sys.files["/home/.aws/login/cache/" .. name]
      if not text then return false, "no cache file " .. name end
      local ok, why = judge.same(with_key(cache, pem), judge.decode(text))
      if not ok then return false, "cache: " .. why end
    end
  end
  return true
end

local function login_case(case)
  local pem, now, seen = core.crypto.ec_generate(), login_time(case), { count = 0 }
  local files = { ["/home/.aws/config"] = case.config_file }
  for name, cache in pairs(case.cache_files or {}) do
    files["/home/.aws/login/cache/" .. name] = require("cjson").encode(with_key(cache, pem))
  end
  local profile = case.profile or case.config_file:match("%[profile%s+([^%]]+)%]")
  local env = { HOME = "/home", AWS_PROFILE = profile, AWS_REGION = "us-east-1" }
  local sys = pretend.system { env = env, files = files, now = now }
  local transport = login_transport(case, pem, now, seen)
  local got, err = credentials.new({ system = sys, transport = transport, settings = settings_of(sys) }):get()
  if seen.wrong then return false, seen.wrong end
  if seen.count ~= #(case.http or {}) then return false, seen.count .. " requests were made" end
  for _, expected in ipairs(case.expect) do
    local ok, why = assert(check_login[expected.result], "unknown expectation")(expected, got, err, sys, pem)
    if not ok then return false, why end
  end
  return true
end

local parts = {
  { "chain", chain_case }, { "assume_role", plan_case }, { "container_url", container_case },
  { "imds_endpoint", imds_case }, { "login", login_case },
}

return function(data, report)
  for _, part in ipairs(parts) do
    for _, case in ipairs(data[part[1]] or {}) do
      local ok, why = judge.try(part[2], case)
      report(ok, part[1] .. ": " .. (case.name or case.about), why)
    end
  end
end
