-- The sources over real sockets: the emulator stands in for STS and judges the signatures by itself; a small server
-- stands in for the endpoints of a container and of an instance.

local async = require "bedrock.async"
local config = require "bedrock.config"
local credentials = require "bedrock.credentials"
local curl = require "bedrock.transports.curl"
local emulator = require "spec.support.emulator"
local pretend = require "spec.support.pretend"
local real = require "bedrock.system"

describe("Roles over real sockets", function()
  local service, transport
  setup(function()
    service = emulator.start()
    transport = curl.new {}
  end)
  teardown(function()
    transport:close()
    service.stop()
  end)

  local function chain(config_text, env, files)
    env = env or {}
    env.HOME, env.AWS_REGION, env.AWS_ENDPOINT_URL_STS = "/home", "us-west-2", service.url
    files = files or {}
    files["/home/.aws/config"] = config_text
    files["/home/.aws/credentials"] = ("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n")
      :format(service.access_key_id, service.secret_access_key)
    local system = pretend.system { env = env, files = files }
    system.now = real.now
    return credentials.new { system = system, transport = transport, settings = config.resolve({}, system) }
  end

  it("are assumed one with the other's keys, each call signed as STS checks it", function()
    local made = chain("[default]\nrole_arn = arn:aws:iam::111122223333:role/outer\nsource_profile = middle\n" ..
      "[profile middle]\nrole_arn = arn:aws:iam::111122223333:role/inner\nsource_profile = base\nexternal_id = a b/c&d=e\n")
    local creds = assert(made:get())
    assert.same({ "111122223333", "profile (assume role)" }, { creds.account_id, creds.source })
    assert.is_true(creds.expiration > real.now() + 3000)
  end)

  it("are refused by STS in its own words when the keys are wrong", function()
    local made = chain("[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = wrong\n" ..
      "[profile wrong]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = hidden\n")
    local creds, err = made:get()
    assert.is_nil(creds)
    assert.same({ "SignatureDoesNotMatch", 403 }, { err.code, err.status })
    assert.not_matches("hidden", tostring(err))
  end)

  it("are assumed by web identity without a signature", function()
    local made = chain("", { AWS_WEB_IDENTITY_TOKEN_FILE = "/token", AWS_ROLE_ARN = "arn:aws:iam::111122223333:role/web" },
      { ["/token"] = "a.b.c" })
    assert.same("web identity", assert(made:get()).source)
  end)

  it("are assumed once for many tasks that ask at the same time", function()
    local made = chain("[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n")
    local ids, asked, request = {}, 0, made.transport.request
    made.transport.request = function(...)
      asked = asked + 1
      return request(...)
    end
    async.run(function()
      local tasks = {}
      for i = 1, 500 do
        tasks[i] = async.spawn(function() ids[i] = assert(made:get()).access_key_id end)
      end
      for _, task in ipairs(tasks) do task:join() end
    end)
    assert.same(500, #ids)
    for i = 2, 500 do assert.same(ids[1], ids[i]) end
    made.transport.request = nil
    assert.same(1, asked)
  end)

  it("are assumed by another task when the one that did it is cancelled", function()
    local made = chain("[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n")
    local got
    async.run(function()
      local first = async.spawn(function() made:get() end)
      local second = async.spawn(function() got = made:get() end)
      async.yield()
      first:cancel()
      second:join()
    end)
    assert.same("111122223333", got and got.account_id)
  end)
end)

describe("A machine where nobody answers", function()
  it("is told as such, by the address", function()
    local transport = curl.new {}
    local system = pretend.system { env = { AWS_EC2_METADATA_SERVICE_ENDPOINT = "http://127.0.0.1:9" } }
    local made = credentials.new { system = system, transport = transport, settings = config.resolve({}, system) }
    local _, err = made:get()
    assert.same("no_provider", err.code)
    assert.matches("no metadata service answers at http://127.0.0.1:9", err.message)
    transport:close()
  end)
end)
