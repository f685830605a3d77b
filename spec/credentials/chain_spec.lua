local config = require "bedrock.config"
local credentials = require "bedrock.credentials"
local pretend = require "spec.support.pretend"

local NOW = 1700000000

local function silence()
  return nil, pretend.failure()
end

-- A chain on a pretend machine: { env, files, options, answer, now }.
local function chain(machine)
  machine = machine or {}
  local env = machine.env or {}
  env.HOME = env.HOME or "/home"
  local system = pretend.system { env = env, files = machine.files, now = machine.now or NOW }
  local transport = pretend.transport(machine.answer or silence)
  local logged = {}
  local made = credentials.new {
    system = system, transport = transport, settings = config.resolve(machine.options or {}, system),
    random = function() return 0.5 end, log = function(level, message)
      if level ~= "debug" then logged[#logged + 1] = level .. ": " .. message end
    end,
  }
  return made, system, transport, logged
end

local function static(id)
  return ("aws_access_key_id = %s\naws_secret_access_key = secret-of-%s\n"):format(id, id)
end

local function source_of(machine)
  local creds, err = chain(machine):get()
  return creds and { creds.source, creds.access_key_id } or err
end

-- A container that gives keys for so many seconds, with a number in the key id.
local function container(life, clock)
  local calls = 0
  return function()
    calls = calls + 1
    return { status = 200, body = ('{"AccessKeyId":"AKID%d","SecretAccessKey":"s","Token":"t","Expiration":"%s"}')
      :format(calls, require("bedrock.timestamps").iso8601(clock() + life)) }
  end, function() return calls end
end

local CONTAINER = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/x" }

-- A chain over a container, with the clock in hand.
local function renewing(life)
  local system
  local answer, calls = container(life, function() return system.clock end)
  local failing = { on = false }
  local made, sys, transport, logged = chain {
    env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/x" },
    answer = function(...)
      if failing.on then return { status = 400, body = "{}" } end
      return answer(...)
    end,
  }
  system = sys
  return made, system, { calls = calls, failing = failing, transport = transport, logged = logged }
end

describe("The chain", function()
  it("takes the first source that is configured", function()
    local files = { ["/home/.aws/credentials"] = "[default]\n" .. static "FILE" }
    local env = { AWS_ACCESS_KEY_ID = "ENV", AWS_SECRET_ACCESS_KEY = "s" }
    assert.same({ "option", "OPTION" }, source_of { env = env, files = files,
      options = { access_key_id = "OPTION", secret_access_key = "s" } })
    assert.same({ "environment", "ENV" }, source_of { env = env, files = files })
    assert.same({ "profile", "FILE" }, source_of { files = files })
  end)

  it("tells the log which sources had none and which had some, and shows no key", function()
    local told = {}
    local system = pretend.system { env = { HOME = "/home" }, now = NOW,
      files = { ["/home/.aws/credentials"] = "[default]\n" .. static "AKIDOFTHEFILE01" } }
    local made = credentials.new {
      system = system, transport = pretend.transport(silence), settings = config.resolve({}, system),
      log = function(level, message, fields)
        told[#told + 1] = level .. " " .. message .. " " .. (fields and fields.source .. " " .. fields.access_key_id or "")
      end,
    }
    assert(made:get())
    assert.same({
      "debug credentials: none from environment, AWS_ACCESS_KEY_ID is not set ", "debug credentials: found profile AKID...LE01",
    }, told)
  end)

  it("asks nothing over HTTP when keys are at hand", function()
    local made, _, transport = chain { env = { AWS_ACCESS_KEY_ID = "a", AWS_SECRET_ACCESS_KEY = "b" } }
    assert(made:get())
    assert.same({}, transport.requests)
  end)

  it("loads only the sources that it comes to", function()
    for name in pairs(package.loaded) do
      if name:find("^bedrock%.credentials%.") then package.loaded[name] = nil end
    end
    assert(chain({ env = { AWS_ACCESS_KEY_ID = "a", AWS_SECRET_ACCESS_KEY = "b" } }):get())
    for _, name in ipairs { "sso", "login", "imds", "container", "process" } do
      assert.is_nil(package.loaded["bedrock.credentials." .. name])
    end
  end)

  it("passes over keys of the environment when the program names a profile", function()
    local files = { ["/home/.aws/credentials"] = "[work]\n" .. static "FILE" }
    local env = { AWS_ACCESS_KEY_ID = "ENV", AWS_SECRET_ACCESS_KEY = "s" }
    assert.same({ "profile", "FILE" }, source_of { env = env, files = files, options = { profile = "work" } })
    env.AWS_PROFILE = "work"
    assert.same({ "environment", "ENV" }, source_of { env = env, files = files })
  end)

  it("stops at a source that is configured and fails, with that source's words", function()
    local made, _, transport = chain {
      env = { AWS_PROFILE = "nope", AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/x" },
    }
    local creds, err = made:get()
    assert.is_nil(creds)
    assert.same({ "credentials", "profile_missing" }, { err.kind, err.code })
    assert.matches("nope %(AWS_PROFILE%)", err.message)
    assert.same({}, transport.requests)
  end)

  it("that finds nothing says where it looked, and asks the instance last", function()
    local made, _, transport = chain()
    local _, err = made:get()
    assert.same("no_provider", err.code)
    assert.matches("AWS_ACCESS_KEY_ID is not set; there is no profile default; AWS_WEB_IDENTITY_TOKEN_FILE is not set; " ..
      "AWS_CONTAINER.-; no metadata service answers at http://169.254.169.254", err.message)
    assert.same(1, #transport.requests)
    local asked = transport.requests[1]
    assert.same({ 1, false }, { asked.timeouts.connect, asked.proxy })
  end)

  it("remembers for a while that there is no instance service", function()
    local made, system, transport = chain()
    made:get()
    made:get()
    assert.same(1, #transport.requests)
    system.clock = system.clock + 61
    made:get()
    assert.same(2, #transport.requests)
  end)

  it("does not keep a failure", function()
    local made, system = chain { env = { AWS_EC2_METADATA_DISABLED = "true" } }
    assert.is_nil((made:get()))
    system.env.AWS_ACCESS_KEY_ID, system.env.AWS_SECRET_ACCESS_KEY = "LATER", "s"
    assert.same("LATER", assert(made:get()).access_key_id)
  end)

  it("reads changed files again, and keeps what it has when they cannot be read", function()
    local path = "/home/.aws/credentials"
    local made, system, _, logged = chain { files = { [path] = "[default]\n" .. static "ONE" } }
    assert.same("ONE", assert(made:get()).access_key_id)
    system.files[path] = "[default]\n" .. static "TWO"
    system.clock = system.clock + 2
    assert.same("TWO", assert(made:get()).access_key_id)
    system.files[path] = "[default\n"
    system.clock = system.clock + 2
    assert.same("TWO", assert(made:get()).access_key_id)
    assert.matches("warn: .*line 1", logged[1])
    system.files[path] = "[default]\n" .. static "THREE"
    system.clock = system.clock + 2
    assert.same("THREE", assert(made:get()).access_key_id)
  end)

  it("does not read files again that have not changed", function()
    local made, system = chain { files = { ["/home/.aws/credentials"] = "[default]\n" .. static "ONE" } }
    made:get()
    local reads = system.reads
    for _ = 1, 10 do
      system.clock = system.clock + 2
      made:get()
    end
    assert.same(reads, system.reads)
  end)
end)

describe("Credentials that end", function()
  it("are kept while they are fresh", function()
    local made, system, watch = renewing(28800)
    assert.same("AKID1", made:get().access_key_id)
    system.clock = NOW + 28800 - 901
    assert.same("AKID1", made:get().access_key_id)
    assert.same(1, watch.calls())
  end)

  it("are renewed a quarter of an hour before their end", function()
    local made, system, watch = renewing(28800)
    made:get()
    system.clock = NOW + 28800 - 899
    assert.same("AKID2", made:get().access_key_id)
    assert.same(2, watch.calls())
  end)

  it("are used on when the renewal fails and they still hold, and it is tried again soon", function()
    local made, system, watch = renewing(3600)
    made:get()
    watch.failing.on, system.clock = true, NOW + 3600 - 500
    assert.same("AKID1", made:get().access_key_id)
    local asked = #watch.transport.requests
    assert.same("AKID1", made:get().access_key_id)
    assert.same(asked, #watch.transport.requests)
    assert.matches("could not be renewed", watch.logged[1])
    watch.failing.on, system.clock = false, system.clock + 31
    assert.same("AKID2", made:get().access_key_id)
  end)

  it("that have ended and cannot be renewed are an error", function()
    local made, system, watch = renewing(3600)
    made:get()
    watch.failing.on, system.clock = true, NOW + 3601
    local creds, err = made:get()
    assert.is_nil(creds)
    assert.same("credentials", err.kind)
    watch.failing.on = false
    assert.same("AKID2", made:get().access_key_id)
  end)

  it("with a short life are not renewed all the time", function()
    local made, system, watch = renewing(120)
    for second = 0, 80 do
      system.clock = NOW + second
      made:get()
    end
    assert.same(1, watch.calls())
  end)

  it("that have ended by our clock when they come are used, and asked for again later", function()
    local made, system, watch = renewing(-60)
    assert.same("AKID1", made:get().access_key_id)
    system.clock = NOW + 300
    assert.same("AKID1", made:get().access_key_id)
    system.clock = NOW + 1000
    assert.same("AKID2", made:get().access_key_id)
    assert.same(2, watch.calls())
  end)

  it("that a service has refused are dropped, but only those", function()
    local made, _, watch = renewing(3600)
    local first = made:get()
    made:invalidate(first)
    local second = made:get()
    assert.same("AKID2", second.access_key_id)
    made:invalidate(first)
    assert.same("AKID2", made:get().access_key_id)
    assert.same(2, watch.calls())
  end)

  it("of an instance are used beyond their end while the service is in trouble", function()
    local broken = false
    local made, system = chain {
      answer = function(request)
        if broken then return { status = 500 } end
        if request.method == "PUT" then return { status = 200, body = "token" } end
        if request.url:find("/$") then return { status = 200, body = "role" } end
        return { status = 200, body = ('{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"%s"}')
          :format(require("bedrock.timestamps").iso8601(NOW + 3600)) }
      end,
    }
    assert(made:get())
    broken, system.clock = true, NOW + 4000
    assert.same("A", assert(made:get()).access_key_id)
  end)
end)

-- Coroutines over a transport that yields: a round resumes each of them once.
local function run_all(routines)
  local rounds = 0
  while #routines > 0 do
    local alive = {}
    for _, routine in ipairs(routines) do
      local ok, why = coroutine.resume(routine)
      assert(ok, why)
      if coroutine.status(routine) ~= "dead" then alive[#alive + 1] = routine end
    end
    routines, rounds = alive, rounds + 1
    assert(rounds < 100, "they never end")
  end
  return rounds
end

local function yielding(made, transport)
  local request = transport.request
  function transport:request(...)
    for _ = 1, 5 do coroutine.yield() end
    return request(self, ...)
  end
  function transport.sleep() coroutine.yield() end
  return made
end

local sts_answer = [[<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>
  <Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ROLE</AccessKeyId>
  <SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>2023-11-14T23:13:20Z</Expiration>
  </Credentials></AssumeRoleResult></AssumeRoleResponse>]]

local role_files = {
  ["/home/.aws/config"] = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n",
  ["/home/.aws/credentials"] = "[base]\n" .. static "BASE",
}

describe("Ten thousand coroutines that need credentials at once", function()
  local function run(answer)
    local made, _, transport = chain { files = role_files, answer = answer }
    yielding(made, transport)
    local got, routines = {}, {}
    for i = 1, 10000 do
      routines[i] = coroutine.create(function()
        local creds, err = made:get()
        got[i] = creds and creds.access_key_id or err.message
      end)
    end
    run_all(routines)
    return got, transport, made
  end

  it("cause one call of STS", function()
    local got, transport = run(function() return { status = 200, body = sts_answer } end)
    assert.same(1, #transport.requests)
    for i = 1, 10000 do assert(got[i] == "ROLE", got[i]) end
  end)

  it("share its error, and the next who asks tries again", function()
    local denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"
    local got, transport, made = run(function() return { status = 403, body = denied } end)
    assert.same(1, #transport.requests)
    for i = 1, 10000 do assert(got[i]:find("cannot assume the role .*: not you"), got[i]) end
    run_all { coroutine.create(function() made:get() end) }
    assert.same(2, #transport.requests)
  end)
end)

describe("One renewal at a time", function()
  it("lets others go on with the old keys while these are not close to their end", function()
    local made, system, watch = renewing(3600)
    made:get()
    yielding(made, watch.transport)
    system.clock = NOW + 3600 - 700
    local renewer = coroutine.create(function() return made:get().access_key_id end)
    assert(coroutine.resume(renewer))
    assert.same("AKID1", made:get().access_key_id)
    run_all { renewer }
    assert.same("AKID2", made:get().access_key_id)
  end)

  it("is taken over when the coroutine that did it has died", function()
    local made, _, transport = chain { env = CONTAINER, answer = container(3600, function() return NOW end) }
    local fails = true
    local request = transport.request
    function transport:request(...)
      coroutine.yield()
      if fails then error("cancelled") end
      return request(self, ...)
    end
    function transport.sleep() coroutine.yield() end
    local first = coroutine.create(function() made:get() end)
    local second = coroutine.create(function() return made:get() end)
    coroutine.resume(first)
    coroutine.resume(second)
    assert.is_false((coroutine.resume(first)))
    fails = false
    run_all { second }
    assert.same("AKID1", made.held.creds.access_key_id)
  end)

  it("does not wait for itself: a function that asks its own client gets an error", function()
    local made
    made = chain { options = { credentials = function()
      local _, err = made:get()
      return nil, err
    end } }
    local creds, err = made:get()
    assert.is_nil(creds)
    assert.same("credentials_loop", err.code)
  end)

  it("goes on after a function of the program has raised", function()
    local raise = true
    local made = chain { options = { credentials = function()
      if raise then error("boom") end
      return { access_key_id = "A", secret_access_key = "S" }
    end } }
    for _ = 1, 5 do
      local _, err = made:get()
      assert.matches("boom", err.message)
    end
    raise = false
    assert.same("A", assert(made:get()).access_key_id)
  end)
end)

describe("The identity", function()
  it("tells the source, enough of the key, and no secret", function()
    local made = chain { env = { AWS_ACCESS_KEY_ID = "AKIDEXAMPLEEXAMPLE", AWS_SECRET_ACCESS_KEY = "hidden-secret",
      AWS_SESSION_TOKEN = "hidden-token", AWS_ACCOUNT_ID = "123456789012" } }
    local identity = assert(made:identity())
    assert.same({ source = "environment", access_key_id = "AKID...MPLE", account_id = "123456789012" }, identity)
    local creds = made:get()
    for _, text in ipairs { tostring(creds), tostring(made) } do
      assert.matches("AKID%.%.%.MPLE", text)
      assert.not_matches("hidden", text)
    end
  end)

  it("names the profile that gave the keys", function()
    local made = chain { options = { profile = "work" }, files = { ["/home/.aws/credentials"] = "[work]\n" .. static "FILE" } }
    assert.same("work", assert(made:identity()).profile)
  end)
end)
