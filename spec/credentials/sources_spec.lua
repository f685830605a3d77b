local config = require "bedrock.config"
local core = require "bedrock.core"
local credentials = require "bedrock.credentials"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local pretend = require "spec.support.pretend"
local real = require "bedrock.system"
local timestamps = require "bedrock.timestamps"

local NOW = 1700000000

local function at(seconds)
  return timestamps.iso8601(NOW + seconds)
end

-- Answers in the order of a list; a failure is a string: "connect" or the clock that ran out.
local function answers(list)
  return function(_, number)
    local answer = list[number] or list[#list]
    if answer == "connect" then return nil, pretend.failure() end
    if type(answer) == "string" then return nil, pretend.failure("timeout", "timeout", answer) end
    return answer
  end
end

local function machine(parts)
  local env = parts.env or {}
  env.HOME, env.AWS_REGION = "/home", env.AWS_REGION or "us-west-2"
  local system = pretend.system { env = env, files = parts.files or {}, now = NOW, run = real.run }
  if parts.config then system.files["/home/.aws/config"] = parts.config end
  local transport = pretend.transport(answers(parts.http or { "connect" }))
  local log = {}
  local chain = credentials.new {
    system = system, transport = transport, settings = config.resolve(parts.options or {}, system),
    log = function(level, message) log[#log + 1] = level ~= "debug" and message or nil end, random = function() return 0 end,
  }
  return chain, transport, system, log
end

local function get(parts)
  local chain, transport, system, log = machine(parts)
  local creds, err = chain:get()
  return creds, err, transport, system, log
end

local function failure(parts)
  local creds, err, transport = get(parts)
  assert.is_nil(creds)
  assert.not_matches("hidden", tostring(err))
  return err, transport
end

local KEYS = { AccessKeyId = "AKID", SecretAccessKey = "hidden", Token = "hidden-token", Expiration = at(3600) }

local function with(fields)
  local all = {}
  for k, v in pairs(KEYS) do all[k] = v end
  for k, v in pairs(fields) do all[k] = v or nil end
  return json.encode(all)
end

describe("Keys of the environment", function()
  it("take all that the environment says", function()
    local creds = assert(get { env = { AWS_ACCESS_KEY_ID = "a", AWS_SECRET_ACCESS_KEY = "b", AWS_SESSION_TOKEN = "c",
      AWS_ACCOUNT_ID = "1", AWS_CREDENTIAL_EXPIRATION = at(60) } })
    assert.same({ "a", "b", "c", "1", NOW + 60 }, { creds.access_key_id, creds.secret_access_key, creds.session_token,
      creds.account_id, creds.expiration })
  end)
  it("still read the old name of the session token", function()
    local creds = assert(get { env = { AWS_ACCESS_KEY_ID = "a", AWS_SECRET_ACCESS_KEY = "b", AWS_SECURITY_TOKEN = "c" } })
    assert.same("c", creds.session_token)
  end)
  it("of which one is missing are an error that names it", function()
    assert.matches("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY",
      failure({ env = { AWS_ACCESS_KEY_ID = "a" } }).message)
    assert.matches("AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID",
      failure({ env = { AWS_SECRET_ACCESS_KEY = "hidden" } }).message)
  end)
end)

describe("Credentials of the program", function()
  it("may be a table, a function or a provider", function()
    for _, given in ipairs {
      { access_key_id = "A", secret_access_key = "S" },
      function() return { access_key_id = "A", secret_access_key = "S", expiration = at(3600) } end,
      { get = function(self) return { access_key_id = self and "A", secret_access_key = "S" } end },
    } do
      assert.same("A", assert(get { options = { credentials = given } }).access_key_id)
    end
  end)
  it("that fail are an error with the function's words", function()
    local function words(f) return failure({ options = { credentials = f } }).message end
    assert.matches("the vault is closed", words(function() return nil, "the vault is closed" end))
    assert.matches("boom", words(function() error("boom", 0) end))
    assert.matches("it returned nothing", words(function() end))
    local broken = errors.new { kind = "network", code = "reset", message = "the vault hung up", retryable = true }
    assert.equal(broken, failure { options = { credentials = function() error(broken) end } })
    assert.equal(broken, failure { options = { credentials = function() return nil, broken end } })
    assert.matches("returned a number", words(function() return 1 end))
    assert.matches("secret access key is missing", words(function() return { access_key_id = "A" } end))
    assert.matches("expiration is not a time", words(function()
      return { access_key_id = "A", secret_access_key = "hidden", expiration = "soon" }
    end))
    assert.matches("line break in the secret", words(function()
      return { access_key_id = "A", secret_access_key = "hidden\n" }
    end))
  end)
end)

local sts_ok = { status = 200, body = [[<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>
  <Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ROLE</AccessKeyId>
  <SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>2023-11-14T23:13:20Z</Expiration>
  </Credentials></AssumeRoleResult></AssumeRoleResponse>]] }

local base = "[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = hidden\n"

describe("A role of a profile", function()
  local function role(lines)
    return "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n" .. lines .. base
  end

  it("is assumed with what the profile says", function()
    local creds, _, transport = get {
      config = role "external_id = ext\nduration_seconds = 900\nrole_session_name = me\n", http = { sts_ok },
    }
    assert.same({ "ROLE", "profile (assume role)", "123456789012" }, { creds.access_key_id, creds.source, creds.account_id })
    local request = transport.requests[1]
    assert.same("https://sts.us-west-2.amazonaws.com/", request.url)
    assert.same({
      Action = "AssumeRole", Version = "2011-06-15", RoleArn = "arn:aws:iam::123456789012:role/r", RoleSessionName = "me",
      ExternalId = "ext", DurationSeconds = "900",
    }, pretend.form(request.body))
    assert.matches("Credential=AKIDBASE/", pretend.header(request, "authorization"))
  end)

  it("in a chain is assumed with the role before it", function()
    local second = { status = 200, body = sts_ok.body:gsub("ROLE", "SECOND") }
    local creds, _, transport = get { http = { sts_ok, second }, config = "[default]\nrole_arn = arn:outer\n" ..
      "source_profile = middle\n[profile middle]\nrole_arn = arn:inner\nsource_profile = base\n" .. base }
    assert.same("SECOND", creds.access_key_id)
    assert.same("arn:inner", pretend.form(transport.requests[1].body).RoleArn)
    assert.same("arn:outer", pretend.form(transport.requests[2].body).RoleArn)
    assert.matches("Credential=ROLE/", pretend.header(transport.requests[2], "authorization"))
    assert.same("T", pretend.header(transport.requests[2], "x-amz-security-token"))
  end)

  it("with a device asks the program for the code", function()
    local asked
    local _, _, transport = get { config = role "mfa_serial = arn:mfa\n", http = { sts_ok }, options = {
      mfa = function(serial, profile)
        asked = { serial, profile }
        return "123456"
      end,
    } }
    assert.same({ "arn:mfa", "default" }, asked)
    local form = pretend.form(transport.requests[1].body)
    assert.same({ "arn:mfa", "123456" }, { form.SerialNumber, form.TokenCode })
  end)

  it("with a device and no function to ask is an error that says what to give", function()
    local err, transport = failure { config = role "mfa_serial = arn:mfa\n" }
    assert.same("mfa_needed", err.code)
    assert.matches("option mfa", err.hint)
    assert.same({}, transport.requests)
    assert.matches("no code: cancelled", failure({ config = role "mfa_serial = x\n",
      options = { mfa = function() return nil, "cancelled" end } }).message)
  end)

  it("refused by STS is an error with its words, its code and the profile", function()
    local err = failure { config = role "", http = { { status = 403, body =
      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error>" ..
      "<RequestId>r1</RequestId></ErrorResponse>" } } }
    assert.same({ "credentials", "AccessDenied", 403, "r1" }, { err.kind, err.code, err.status, err.request_id })
    assert.matches("profile default: cannot assume the role arn:aws:iam::123456789012:role/r: not you", err.message)
  end)

  it("is tried again while STS is in trouble or cannot be reached, as often as the settings say", function()
    local trouble = { status = 503 }
    local creds, _, transport = get { config = role "", http = { trouble, "connect", sts_ok } }
    assert.same("ROLE", creds.access_key_id)
    assert.same(3, #transport.requests)
    local err, tried = failure { config = role "max_attempts = 2\n", http = { "connect" } }
    assert.same({ "network", 2 }, { err.kind, #tried.requests })
    assert.matches("cannot reach sts.us%-west%-2", err.message)
  end)

  it("with an answer that is cut or empty is an error", function()
    for _, body in ipairs { "", sts_ok.body:sub(1, 200), "<html>",
      (sts_ok.body:gsub("<SecretAccessKey>.-</SecretAccessKey>", "")) } do
      failure { config = role "", http = { { status = 200, body = body } } }
    end
  end)

  for _, case in ipairs {
    { "a loop", "profile_loop",
      "[default]\nrole_arn = a\nsource_profile = b\n[profile b]\nrole_arn = b\nsource_profile = default\n" },
    { "a source profile that does not exist", "source_profile_missing", "[default]\nrole_arn = a\nsource_profile = b\n" },
    { "two sources", "two_sources", "[default]\nrole_arn = a\nsource_profile = b\ncredential_source = Environment\n" },
    { "no source", "no_source", "[default]\nrole_arn = a\n" },
    { "an unknown source", "bad_credential_source", "[default]\nrole_arn = a\ncredential_source = Elsewhere\n" },
    { "a duration that is none", "bad_duration", role "duration_seconds = 1h\n" },
    { "itself as source without keys", "half_key_pair", "[default]\nrole_arn = a\nsource_profile = default\n" },
    { "a token file without a role", "role_arn_missing", "[default]\nweb_identity_token_file = /t\n" },
    { "half a pair of keys", "half_key_pair", "[default]\naws_access_key_id = a\n" },
  } do
    it("cannot have " .. case[1], function()
      local err, transport = failure { config = case[3] }
      assert.same({ "credentials", case[2] }, { err.kind, err.code })
      assert.same({}, transport.requests)
    end)
  end
end)

describe("Web identity", function()
  local env = { AWS_WEB_IDENTITY_TOKEN_FILE = "/token", AWS_ROLE_ARN = "arn:r" }
  local ok = { status = 200, body = (sts_ok.body:gsub("AssumeRole", "AssumeRoleWithWebIdentity")) }

  it("sends the token of the file, unsigned, and reads the file at each exchange", function()
    local chain, transport, system = machine { env = env, files = { ["/token"] = "one\n" }, http = { ok } }
    assert(chain:get())
    system.files["/token"] = "two"
    chain:invalidate(chain:get())
    assert(chain:get())
    assert.same("one", pretend.form(transport.requests[1].body).WebIdentityToken)
    assert.same("two", pretend.form(transport.requests[2].body).WebIdentityToken)
    assert.is_nil(pretend.header(transport.requests[1], "authorization"))
  end)

  for _, case in ipairs {
    { "a missing file", "file_missing", nil }, { "an empty file", "token_empty", " \n" },
    { "a file of two lines", "token_broken", "hidden\nhidden" },
  } do
    it("with " .. case[1] .. " is an error", function()
      local err, transport = failure { env = env, files = { ["/token"] = case[3] } }
      assert.same(case[2], err.code)
      assert.same({}, transport.requests)
    end)
  end

  it("that STS refuses with the token in its words is an error without it", function()
    local err = failure { env = env, files = { ["/token"] = "hidden.web.identity" }, http = { { status = 400, body =
      "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>hidden.web.identity is none</Message></Error>" ..
      "</ErrorResponse>" } } }
    assert.matches("REMOVED is none", err.message)
  end)

  it("without a role is an error", function()
    assert.same("role_arn_missing", failure({ env = { AWS_WEB_IDENTITY_TOKEN_FILE = "/token" } }).code)
  end)
end)

describe("IAM Identity Center", function()
  local session = "[default]\nsso_session = dev\nsso_account_id = 1\nsso_role_name = R\n" ..
    "[sso-session dev]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n"
  local legacy = "[default]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n" ..
    "sso_account_id = 1\nsso_role_name = R\n"
  local session_path = "/home/.aws/sso/cache/" .. core.crypto.sha1("dev") .. ".json"
  local legacy_path = "/home/.aws/sso/cache/" .. core.crypto.sha1("https://x.awsapps.com/start") .. ".json"
  local role = { status = 200, body = json.encode { roleCredentials = {
    accessKeyId = "SSO", secretAccessKey = "hidden", sessionToken = "hidden", expiration = (NOW + 3600) * 1000 } } }

  local function token(fields)
    local all = {
      accessToken = "hidden-old", expiresAt = at(8 * 3600), refreshToken = "hidden-refresh", clientId = "id",
      clientSecret = "hidden-client", registrationExpiresAt = at(1e6), region = "eu-west-1", note = "kept",
    }
    for k, v in pairs(fields or {}) do all[k] = v or nil end
    return json.encode(all)
  end

  it("exchanges the cached token for credentials of the role", function()
    local creds, _, transport = get { config = session, files = { [session_path] = token() }, http = { role } }
    assert.same({ "SSO", NOW + 3600, "1", "profile (sso)" }, { creds.access_key_id, creds.expiration,
      creds.account_id, creds.source })
    assert.same(1, #transport.requests)
    assert.matches("^https://portal.sso.eu%-west%-1.amazonaws.com/federation/credentials%?", transport.requests[1].url)
    assert.same("hidden-old", pretend.header(transport.requests[1], "x-amz-sso_bearer_token"))
    assert.is_true(transport.requests[1].secret)
  end)

  it("that refuses with the token in its words is an error without it", function()
    local err = failure { config = session, files = { [session_path] = token() }, http = {
      { status = 400, body = json.encode { message = "what is hidden-old?" } } } }
    assert.matches("what is REMOVED", err.message)
  end)

  local fresh = { status = 200, body = json.encode { accessToken = "hidden-new", expiresIn = 28800,
    refreshToken = "hidden-next" } }

  it("renews the token of a session before its end and writes the cache anew", function()
    local _, _, transport, system = get { config = session, files = { [session_path] = token { expiresAt = at(200) } },
      http = { fresh, role } }
    assert.same("https://oidc.eu-west-1.amazonaws.com/token", transport.requests[1].url)
    assert.same({ clientId = "id", clientSecret = "hidden-client", grantType = "refresh_token", refreshToken = "hidden-refresh" },
      json.decode(transport.requests[1].body))
    assert.same("hidden-new", pretend.header(transport.requests[2], "x-amz-sso_bearer_token"))
    local cache = json.decode(system.files[session_path])
    assert.same({ "hidden-new", at(28800), "hidden-next", "kept" },
      { cache.accessToken, cache.expiresAt, cache.refreshToken, cache.note })
  end)

  it("uses a token that still holds when it cannot be renewed, and does not try again at once", function()
    local chain, transport, _, log = machine { config = session, files = { [session_path] = token { expiresAt = at(200) } },
      http = { { status = 400, body = '{"error":"invalid_grant"}' }, role } }
    assert(chain:get())
    assert.same("hidden-old", pretend.header(transport.requests[2], "x-amz-sso_bearer_token"))
    assert.matches("could not be renewed", log[1])
    chain:invalidate(chain:get())
    assert(chain:get())
    assert.same(3, #transport.requests)
  end)

  it("goes on with the renewed token when the cache cannot be written", function()
    local chain, _, system, log = machine { config = session, files = { [session_path] = token { expiresAt = at(-1) } },
      http = { fresh, role } }
    system.write_file = function() return nil, "read-only file system" end
    assert(chain:get())
    assert.matches("read%-only", log[1])
  end)

  for _, case in ipairs {
    { "no token", session, nil, nil, "sso_token_missing" },
    { "a token file that was cut in the middle", session, session_path, token():sub(1, 60), "sso_token_broken" },
    { "a token file without a token", session, session_path, token { accessToken = false }, "sso_token_broken" },
    { "a token without a readable end", session, session_path, token { expiresAt = "soon" }, "sso_token_broken" },
    { "an expired token of the old form", legacy, legacy_path, token { expiresAt = at(-1) }, "sso_token_expired" },
    { "an expired token without a refresh token", session, session_path,
      token { expiresAt = at(-1), refreshToken = false }, "sso_token_expired" },
    { "an expired token and an expired registration", session, session_path,
      token { expiresAt = at(-1), registrationExpiresAt = at(-1) }, "sso_token_expired" },
  } do
    it("with " .. case[1] .. " asks nothing and names the command that logs in", function()
      local err, transport = failure { config = case[2], files = case[3] and { [case[3]] = case[4] } or {} }
      assert.same(case[5], err.code)
      assert.same("Run: aws sso login --profile default", err.hint)
      assert.same({}, transport.requests)
    end)
  end

  it("refused by the portal names the command too", function()
    local err = failure { config = session, files = { [session_path] = token() },
      http = { { status = 401, body = '{"message":"Session token not found or invalid"}' } } }
    assert.matches("aws sso login %-%-profile default", tostring(err))
    assert.matches("Session token not found", err.message)
  end)

  for _, case in ipairs {
    { "a session that does not exist", "sso_session_missing",
      "[default]\nsso_session = x\nsso_account_id = 1\nsso_role_name = R\n" },
    { "a session without a region", "sso_incomplete", (session:gsub("sso_region[^\n]*\n", "")) },
    { "another start URL than the session's", "sso_conflict", (session:gsub("sso_account",
      "sso_start_url = https://y\nsso_account")) },
    { "no role", "sso_incomplete", (legacy:gsub("sso_role_name[^\n]*\n", "")) },
    { "a session and nothing more", "profile_gives_token_not_credentials",
      (session:gsub("sso_account_id = 1\nsso_role_name = R\n", "")) },
  } do
    it("cannot have " .. case[1], function() assert.same(case[2], failure({ config = case[3] }).code) end)
  end

  it("may have the session's values in the profile once more", function()
    local twice = session:gsub("sso_account", "sso_region = eu-west-1\nsso_account")
    assert(get { config = twice, files = { [session_path] = token() }, http = { role } })
  end)
end)

describe("A login session", function()
  local profile = "[default]\nlogin_session = arn:aws:iam::1:user/me\n"
  local path = "/home/.aws/login/cache/" .. core.crypto.sha256("arn:aws:iam::1:user/me") .. ".json"
  local pem = core.crypto.ec_generate()

  local function cache(left, fields)
    local all = {
      accessToken = { accessKeyId = "LOGIN", secretAccessKey = "hidden", sessionToken = "hidden", accountId = "1",
        expiresAt = at(left) },
      clientId = "c", refreshToken = "hidden-refresh", dpopKey = pem, idToken = "kept",
    }
    for k, v in pairs(fields or {}) do all[k] = v or nil end
    return json.encode(all)
  end

  local fresh = { status = 200, body = json.encode { expiresIn = 900, refreshToken = "hidden-next",
    accessToken = { accessKeyId = "NEW", secretAccessKey = "hidden", sessionToken = "hidden" } } }

  it("is used as it is while it holds for some minutes", function()
    local creds, _, transport = get { config = profile, files = { [path] = cache(600) } }
    assert.same({ "LOGIN", "profile (login)", 0 }, { creds.access_key_id, creds.source, #transport.requests })
  end)

  it("is renewed with a proof of its key, and keeps what the answer does not say", function()
    local creds, _, transport, system = get { config = profile, files = { [path] = cache(100) }, http = { fresh } }
    assert.same({ "NEW", "1", NOW + 900 }, { creds.access_key_id, creds.account_id, creds.expiration })
    assert.same("https://us-west-2.signin.aws.amazon.com/v1/token", transport.requests[1].url)
    assert.matches("^[%w_-]+%.[%w_-]+%.[%w_-]+$", pretend.header(transport.requests[1], "dpop"))
    local written = json.decode(system.files[path])
    assert.same({ "hidden-next", "kept", pem, "1" },
      { written.refreshToken, written.idToken, written.dpopKey, written.accessToken.accountId })
  end)

  it("finds its cache where the environment says", function()
    assert.same("LOGIN", assert(get { config = profile, env = { AWS_LOGIN_CACHE_DIRECTORY = "/elsewhere/" },
      files = { ["/elsewhere/" .. path:match("[^/]*$")] = cache(600) } }).access_key_id)
  end)

  it("that still holds survives a renewal that fails", function()
    local creds, _, _, _, log = get { config = profile, files = { [path] = cache(100) }, http = { { status = 500 } } }
    assert.same("LOGIN", creds.access_key_id)
    assert.matches("cannot renew", log[1])
  end)

  for _, case in ipairs {
    { "has expired", '{"error":"TOKEN_EXPIRED"}', "login_expired", "aws login %-%-profile default" },
    { "belongs to changed credentials", '{"error":"USER_CREDENTIALS_CHANGED"}', "login_expired",
      "aws login %-%-profile default" },
    { "lacks a permission", '{"error":"INSUFFICIENT_PERMISSIONS"}', nil, "signin:CreateOAuth2Token" },
  } do
    it("that " .. case[1] .. " says what to do", function()
      local err = failure { config = profile, files = { [path] = cache(-1) }, http = { { status = 400, body = case[2] } } }
      assert.matches(case[4], err.hint)
      if case[3] then assert.same(case[3], err.code) end
    end)
  end

  for _, case in ipairs {
    { "is missing", nil }, { "was cut in the middle", cache(600):sub(1, 100) },
    { "has no refresh token", cache(600, { refreshToken = false }) }, { "has no client", cache(600, { clientId = false }) },
    { "has no key", cache(600, { dpopKey = false }) }, { "has no keys", cache(600, { accessToken = false }) },
    { "has a key that is none", cache(-1, { dpopKey = "hidden key" }) },
  } do
    it("whose cache " .. case[1] .. " names the command that logs in", function()
      local err, transport = failure { config = profile, files = { [path] = case[2] } }
      assert.same("Run: aws login --profile default", err.hint)
      assert.same({}, transport.requests)
    end)
  end
end)

describe("A process", function()
  local function run(command)
    return { config = "[default]\ncredential_process = " .. command .. "\n" }
  end
  local function print_json(text)
    return run("echo '" .. text .. "'")
  end

  it("prints credentials", function()
    local creds = assert(get(print_json(
      '{"Version":1,"AccessKeyId":"P","SecretAccessKey":"s","AccountId":"9","Expiration":"2030-01-01T00:00:00Z"}')))
    assert.same({ "P", "9", "profile (process)", 1893456000 }, { creds.access_key_id, creds.account_id,
      creds.source, creds.expiration })
  end)

  it("may print null for what it does not know", function()
    local parts = print_json('{"Version":1,"AccessKeyId":"P","SecretAccessKey":"s",' ..
      '"SessionToken":null,"Expiration":null,"AccountId":null}')
    parts.config = parts.config .. "aws_account_id = 7\n"
    local creds = assert(get(parts))
    assert.same({ "P", "7" }, { creds.access_key_id, creds.account_id })
    assert.is_nil(creds.session_token or creds.expiration)
  end)

  for _, case in ipairs {
    { "prints junk", run "echo hidden", "process_bad_output", "did not print a JSON object" },
    { "prints nothing", run "true", "process_bad_output", "JSON" },
    { "prints another version", print_json '{"Version":2,"AccessKeyId":"a","SecretAccessKey":"hidden"}',
      "process_bad_output", "Version" },
    { "prints half a pair", print_json '{"Version":1,"AccessKeyId":"a"}', "process_bad_output", "secret access key is missing" },
    { "prints a time that is none", print_json '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"hidden","Expiration":"soon"}',
      "process_bad_output", "expiration" },
    { "fails", run "echo hidden; echo sorry >&2; exit 4", "process_failed", "exit code 4: sorry" },
    { "fails and shows what it sent", run "echo 'authorization: Bearer hidden-bearer' >&2; exit 4", "process_failed", "REMOVED" },
    { "is killed", run "kill -9 $$", "process_failed", "signal 9" },
    { "prints without end", run "cat /dev/zero", "process_bad_output", "too much" },
  } do
    it("that " .. case[1] .. " is an error without its output", function()
      local err = failure(case[2])
      assert.same(case[3], err.code)
      assert.matches(case[4], err.message)
      assert.matches("credential_process of profile default", err.message)
    end)
  end

  it("that hangs is an error when its time is up", function()
    local chain, _, system = machine(run "sleep 60")
    system.run = function(command, limits)
      assert.same({ "sleep 60", 60 }, { command, limits.timeout })
      return real.run(command, { timeout = 0.1 })
    end
    local _, err = chain:get()
    assert.same("process_timeout", err.code)
    assert.matches("60 s", err.message)
  end)

  it("cannot be run where the host has no processes", function()
    local chain, _, system = machine(run "true")
    system.run = nil
    local _, err = chain:get()
    assert.same("no_processes", err.code)
  end)
end)

describe("A container", function()
  local function env(fields)
    fields.AWS_CONTAINER_CREDENTIALS_FULL_URI = fields.AWS_CONTAINER_CREDENTIALS_FULL_URI or "http://127.0.0.1:8080/creds"
    return fields
  end
  local ok = { status = 200, body = with {} }

  it("gives credentials, without a proxy", function()
    local creds, _, transport = get { env = env {}, http = { ok } }
    assert.same({ "AKID", "container", NOW + 3600 }, { creds.access_key_id, creds.source, creds.expiration })
    assert.same({ false, "GET" }, { transport.requests[1].proxy, transport.requests[1].method })
  end)

  it("gets the token of the file, read at every call, before that of the variable", function()
    local chain, transport, system = machine { http = { ok }, files = { ["/t"] = "one" },
      env = env { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = "/t", AWS_CONTAINER_AUTHORIZATION_TOKEN = "other" } }
    chain:invalidate(assert(chain:get()))
    system.files["/t"] = "two"
    assert(chain:get())
    assert.same("one", pretend.header(transport.requests[1], "authorization"))
    assert.same("two", pretend.header(transport.requests[2], "authorization"))
  end)

  it("is asked again while it is in trouble, a second apart", function()
    local creds, _, transport = get { env = env {}, http = { { status = 500 }, { status = 200, body = "{" }, ok } }
    assert.same("AKID", creds.access_key_id)
    assert.same({ 1, 1 }, transport.slept)
    local err, tried = failure { env = env {}, http = { "connect" } }
    assert.same({ "network", 3 }, { err.kind, #tried.requests })
  end)

  it("that refuses is not asked again", function()
    local err, transport = failure { env = env {}, http = { { status = 403, body = '{"code":"AccessDenied","message":"no"}' } } }
    assert.same({ "AccessDenied", 403, 1 }, { err.code, err.status, #transport.requests })
    assert.matches("HTTP 403: no", err.message)
  end)

  for _, url in ipairs { "http://example.com/", "http://169.254.170.3/", "http://127.0.0.1.evil.com/",
    "http://localhost@evil.com/",
    "http://128.0.0.1/", "http://[fd00:ec2::24]/", "http://[::2]/", "ftp://localhost/", "http:///x", "localhost/x", "https:///x",
    "http://127.0.0.999/", "http://localhost/a b" } do
    it("cannot be at " .. url, function()
      local err, transport = failure { env = { AWS_CONTAINER_CREDENTIALS_FULL_URI = url,
        AWS_CONTAINER_AUTHORIZATION_TOKEN = "hidden" } }
      assert.same("bad_container_url", err.code)
      assert.same({}, transport.requests)
    end)
  end

  it("cannot be at a relative address that is none", function()
    for _, path in ipairs { "@evil.com/", "x", ".evil.com/" } do
      assert.same("bad_container_url", failure({ env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = path } }).code)
    end
  end)

  it("cannot have a token with a line break in it", function()
    assert.same("token_broken", failure({ env = env { AWS_CONTAINER_AUTHORIZATION_TOKEN = "hidden\r\nX: y" } }).code)
    assert.same("token_broken", failure({ env = env { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = "/t" },
      files = { ["/t"] = "hidden\n" } }).code)
  end)
end)

describe("The instance metadata service", function()
  local token = { status = 200, body = "tok", headers = { ["x-aws-ec2-metadata-token-ttl-seconds"] = "600" } }
  local role, keys = { status = 200, body = "role" }, { status = 200, body = with { Code = "Success" } }

  local function paths(transport)
    local list = {}
    for i, request in ipairs(transport.requests) do
      list[i] = request.method .. " " .. request.url:gsub("^http://[^/]*/latest/", "")
    end
    return list
  end
  local ROLES = "meta-data/iam/security-credentials/"

  it("is asked with a token that is kept for its life", function()
    local chain, transport, system = machine { http = { token, role, keys, role, keys, token, role, keys } }
    local creds = assert(chain:get())
    assert.same({ "AKID", "imds", "hidden-token" }, { creds.access_key_id, creds.source, creds.session_token })
    chain:invalidate(creds)
    assert(chain:get())
    assert.same(5, #transport.requests)
    system.clock = NOW + 481
    chain:invalidate(creds)
    assert(chain:get())
    assert.same("PUT", transport.requests[6].method)
  end)

  it("gets a new token when it refuses the old one", function()
    local _, _, transport = get { http = { token, { status = 401 }, token, role, keys } }
    assert.same({ "PUT api/token", "GET " .. ROLES, "PUT api/token", "GET " .. ROLES, "GET " .. ROLES .. "role" },
      paths(transport))
  end)

  it("is asked again while it is in trouble", function()
    local creds = get { http = { { status = 500 }, token, { status = 503 }, role, { status = 500 }, keys } }
    assert.same("AKID", creds.access_key_id)
    local err, transport = failure { http = { { status = 500 } } }
    assert.same({ "imds_error", 4 }, { err.code, #transport.requests })
    err, transport = failure { http = { { status = 500 } }, env = { AWS_METADATA_SERVICE_NUM_ATTEMPTS = "2" } }
    assert.same({ 500, 2 }, { err.status, #transport.requests })
  end)

  for _, first in ipairs { { status = 404 }, { status = 405 }, "first_byte" } do
    local name = type(first) == "table" and first.status or "silence"
    it("that knows no tokens is asked without one: " .. name, function()
      local creds, _, transport = get { http = { first, role, keys } }
      assert.same("AKID", creds.access_key_id)
      assert.is_nil(pretend.header(transport.requests[2], "x-aws-ec2-metadata-token"))
    end)
    it("is not asked without a token where that is forbidden: " .. name, function()
      local _, transport = failure { http = { first }, env = { AWS_EC2_METADATA_V1_DISABLED = "True" } }
      assert.same(1, #transport.requests)
      _, transport = failure { http = { first }, config = "[default]\nec2_metadata_v1_disabled = true\n" }
      assert.same(1, #transport.requests)
    end)
  end

  it("is asked for a role by its name as it is", function()
    for name, path in pairs { ["a+b=c,d.e@f_g-h"] = "a+b=c,d.e@f_g-h", ["../x?y"] = "..%2Fx%3Fy" } do
      local _, _, transport = get { http = { token, { status = 200, body = name }, keys } }
      assert.equal("http://169.254.169.254/latest/meta-data/iam/security-credentials/" .. path, transport.requests[3].url)
    end
  end)

  it("that refuses to give a token is switched off, and passes on", function()
    local err, transport = failure { http = { { status = 403 } } }
    assert.same({ "no_provider", 1 }, { err.code, #transport.requests })
    assert.matches("AWS_ACCESS_KEY_ID is not set.*switched off", err.message)
    assert.same("imds_error", failure({ http = { token, { status = 403 } } }).code)
  end)

  it("that refuses the request for a token is an error", function()
    local err, transport = failure { http = { { status = 400 } } }
    assert.same({ "imds_error", 400, 1 }, { err.code, err.status, #transport.requests })
  end)

  it("without a role passes on", function()
    assert.same("no_provider", failure({ http = { token, { status = 404 } } }).code)
    assert.matches("the instance has no role", failure({ http = { token, { status = 200, body = "\n" } } }).message)
  end)

  it("without credentials for the role is an error with its words", function()
    local err = failure { http = { token, role, { status = 200,
      body = '{"Code":"AssumeRoleUnauthorizedAccess","Message":"cannot assume"}' } } }
    assert.same("AssumeRoleUnauthorizedAccess", err.code)
    assert.matches("cannot assume", err.message)
    failure { http = { token, role, { status = 200, body = '{"Code":"Succ' } } }
    failure { http = { token, role, { status = 200, body = with { SecretAccessKey = false } } } }
    failure { http = { token, role, { status = 404 } } }
  end)

  it("that goes silent after it has answered is an error", function()
    assert.same("timeout", failure({ http = { token, "first_byte" } }).kind)
  end)

  it("is asked as long as the environment says", function()
    local _, transport = failure { env = { AWS_METADATA_SERVICE_TIMEOUT = "3" } }
    assert.same(3, transport.requests[1].timeouts.connect)
  end)
end)
