local config = require "bedrock.config"
local pretend = require "spec.support.pretend"

local function resolve(options, env, text)
  env = env or {}
  env.HOME = "/home"
  return config.resolve(options or {}, pretend.system { env = env, files = { ["/home/.aws/config"] = text } })
end

local function code(...)
  local err = resolve(...).error
  return err and err.kind == "config" and err.code
end

describe("A setting", function()
  it("comes from the option, else the environment, else the profile, else the default", function()
    local text = "[default]\nregion = eu-west-1\n"
    local env = { AWS_REGION = "eu-west-2", AWS_DEFAULT_REGION = "eu-west-3" }
    local function where(options)
      local s = resolve(options, env, text)
      return { s.region, s.region_source }
    end
    assert.same({ "us-west-2", "option" }, where { region = "us-west-2" })
    assert.same({ "eu-west-2", "AWS_REGION" }, where { region = "" })
    env.AWS_REGION = "  "
    assert.same({ "eu-west-3", "AWS_DEFAULT_REGION" }, where {})
    env.AWS_DEFAULT_REGION = nil
    assert.same({ "eu-west-1", "profile default" }, where {})
    text = ""
    assert.same({ "us-east-1", "default" }, where {})
  end)

  it("that is the default region is told once, with the places where it can be set", function()
    local warnings = resolve().warnings
    assert.same(1, #warnings)
    assert.matches("option region.*AWS_REGION.*profile default", warnings[1])
    assert.same({}, resolve({ region = "us-west-2" }).warnings)
  end)

  it("of the profile follows the profile's name", function()
    local text = "[profile work]\nregion = eu-north-1\n[default]\nregion = us-east-2\n"
    assert.same("eu-north-1", resolve({ profile = "work" }, {}, text).region)
    assert.same("eu-north-1", resolve({}, { AWS_PROFILE = "work" }, text).region)
    assert.same("us-east-2", resolve({ profile = "" }, {}, text).region)
  end)
end)

describe("What the world got wrong", function()
  for _, case in ipairs {
    { "a region that cannot be one", "bad_region", { region = "us-east-1.evil.com/" } },
    { "half a pair of keys", "half_key_pair", { access_key_id = "AKIDEXAMPLE" } },
    { "the other half", "half_key_pair", { secret_access_key = "s" } },
    { "a session token alone", "half_key_pair", { session_token = "t" } },
    { "an API key and keys", "two_identities", { api_key = "k", access_key_id = "a", secret_access_key = "b" } },
    { "an API key and a provider", "two_identities", { api_key = "k", credentials = function() end } },
    { "keys and a provider", "two_identities", { credentials = {}, access_key_id = "a", secret_access_key = "b" } },
    { "an API key of two lines", "bad_api_key", { api_key = "one\ntwo" } },
    { "a token of the environment with the scheme in it", "bad_api_key", {}, { AWS_BEARER_TOKEN_BEDROCK = "Bearer x" } },
    { "a profile named by the program that does not exist", "profile_missing", { profile = "nope" } },
    { "a word that is not true or false", "bad_boolean", {}, { AWS_USE_FIPS_ENDPOINT = "yes" } },
    { "an unknown retry mode", "bad_retry_mode", {}, { AWS_RETRY_MODE = "eager" } },
    { "an unknown retry mode of the program", "bad_retry_mode", { retry = { mode = "eager" } } },
    { "a number of attempts that is none", "bad_max_attempts", {}, { AWS_MAX_ATTEMPTS = "0" } },
    { "a broken number of attempts", "bad_max_attempts", { retry = 2.5 } },
    { "an unknown STS mode", "bad_sts_mode", {}, { AWS_STS_REGIONAL_ENDPOINTS = "local" } },
    { "a file that cannot be parsed", "profile_parse_error", {}, {}, "[default\n" },
  } do
    it("waits for the first call: " .. case[1], function()
      assert.same(case[2], code(case[3], case[4], case[5]))
    end)
  end

  it("names the source and never a secret", function()
    local err = resolve({ secret_access_key = "wJalrXUtnFEMI" }).error
    assert.matches("secret_access_key is given without access_key_id", err.message)
    assert.not_matches("wJalr", tostring(err))
    err = resolve({}, { AWS_BEARER_TOKEN_BEDROCK = "se cret" }).error
    assert.matches("AWS_BEARER_TOKEN_BEDROCK", err.message)
    assert.not_matches("cret%f[%W]", tostring(err))
  end)

  it("is nothing when a profile of the environment is missing: another source may still have keys", function()
    assert.is_nil(resolve({}, { AWS_PROFILE = "nope" }).error)
  end)
end)

describe("A slip of the pen", function()
  local function message(options)
    local ok, why = pcall(function()
      local settings = config.resolve(options, pretend.system())
      return settings
    end)
    assert.is_false(ok)
    return why
  end

  it("raises and suggests the nearest option", function()
    assert.matches("unknown option regoin; did you mean region%?", message { regoin = "x" })
    assert.matches("unknown option aws_secret_key; did you mean secret_access_key%?", message { aws_secret_key = "x" })
    assert.matches("unknown option base_url; did you mean endpoint%?", message { base_url = "x" })
    assert.matches("unknown option zzzzzzzzzzz$", message { zzzzzzzzzzz = "x" })
  end)

  it("raises on a wrong type, a wrong clock, a clock that is no number", function()
    assert.matches("option region takes a string, not a number", message { region = 1 })
    assert.matches("unknown member read of the option timeouts", message { timeouts = { read = 1 } })
    assert.matches("timeouts.idle must be a positive number", message { timeouts = { idle = -1 } })
    assert.matches("limits.frame must be a positive number", message { limits = { frame = "big" } })
  end)

  it("is told at the line of the caller", function()
    assert.matches("^spec/config_spec.lua:", message { regoin = "x" })
    assert.matches("^spec/config_spec.lua:", message { timeouts = { idle = 0 } })
    assert.matches("^spec/config_spec.lua:", message { region = 1 })
  end)
end)

describe("Who signs", function()
  local env = { AWS_BEARER_TOKEN_BEDROCK = "env-token", AWS_ACCESS_KEY_ID = "a", AWS_SECRET_ACCESS_KEY = "b" }
  it("is the explicit key first", function()
    local s = resolve({ api_key = "mine" }, env)
    assert.same({ "mine", "option" }, { s.api_key, s.api_key_source })
  end)
  it("is explicit keys before a token of the environment", function()
    local s = resolve({ access_key_id = "x", secret_access_key = "y" }, env)
    assert.is_nil(s.api_key)
    assert.same({ access_key_id = "x", secret_access_key = "y" }, s.explicit)
  end)
  it("is a provider of the program before a token of the environment", function()
    assert.is_nil(resolve({ credentials = function() end }, env).api_key)
  end)
  it("is the token of the environment before the chain", function()
    local s = resolve({}, env)
    assert.same({ "env-token", "AWS_BEARER_TOKEN_BEDROCK" }, { s.api_key, s.api_key_source })
    assert.same("env-token", resolve({}, { AWS_BEARER_TOKEN_BEDROCK = " env-token\n" }).api_key)
  end)
  it("is nobody here when the chain is to find out", function()
    local s = resolve({}, { AWS_BEARER_TOKEN_BEDROCK = " " })
    assert.is_nil(s.api_key)
    assert.is_nil(s.explicit)
  end)
end)

describe("Retries", function()
  local function retry(...)
    local r = resolve(...).retry
    return { r.mode, r.max_attempts }
  end
  it("are three attempts in standard mode, five in legacy", function()
    assert.same({ "standard", 3 }, retry())
    assert.same({ "legacy", 5 }, retry({}, { AWS_RETRY_MODE = "Legacy" }))
    assert.same({ "adaptive", 3 }, retry({}, {}, "[default]\nretry_mode = adaptive\n"))
  end)
  it("follow the option, the environment and the file", function()
    assert.same({ "standard", 7 }, retry({}, { AWS_MAX_ATTEMPTS = "7" }, "[default]\nmax_attempts = 9\n"))
    assert.same({ "standard", 9 }, retry({}, {}, "[default]\nmax_attempts = 9\n"))
    assert.same({ "standard", 1 }, retry({ retry = false }, { AWS_MAX_ATTEMPTS = "7" }))
    assert.same({ "standard", 2 }, retry({ retry = 2 }))
    assert.same({ "legacy", 4 }, retry({ retry = { mode = "legacy", max_attempts = 4 } }))
  end)
  it("take only rules that exist", function()
    local function why(option) return select(2, pcall(function() local r = resolve({ retry = option }) return r end)) end
    assert.matches("config_spec.lua:%d+: bedrock: unknown member tries of the option retry", why { tries = 3 })
    assert.matches('retry.generation is "2.0" or "2.1", not "3.0"', why { generation = "3.0" })
    assert.matches("retry.read_timeouts is a boolean, not a string", why { read_timeouts = "yes" })
  end)
  it("of one call are laid over those of the client", function()
    local function of(base, own)
      local r = config.retry(resolve(base.options, base.env).retry, own)
      return { r.mode, r.max_attempts, r.generation }
    end
    assert.same({ "standard", 5 }, of({}, 5))
    assert.same({ "standard", 1 }, of({}, false))
    assert.same({ "legacy", 5 }, of({}, { mode = "legacy" }))
    assert.same({ "legacy", 2 }, of({ options = { retry = 2 } }, { mode = "Legacy" }))
    assert.same({ "standard", 9, "2.0" }, of({ env = { AWS_MAX_ATTEMPTS = "9" } }, { generation = "2.0" }))
    assert.has_error(function() of({}, { mode = "eager" }) end)
    assert.has_error(function() of({}, 0) end)
  end)
  it("do not change the caller's table", function()
    local own = { max_attempts = 4 }
    resolve({ retry = own })
    assert.same({ max_attempts = 4 }, own)
  end)
end)

describe("The connection", function()
  it("has clocks that can be switched off, for all calls or for one", function()
    assert.is_false(resolve({ timeouts = { idle = false } }).timeouts.idle)
    local base = resolve({ timeouts = { total = false } }).timeouts
    assert.same({ connect = 5, first_byte = 600, idle = 7, total = false }, config.timeouts(base, { idle = 7 }))
    assert.has_error(function() config.timeouts(base, { read = 7 }) end)
  end)
  it("has four clocks, each of which can be set", function()
    assert.same({ connect = 5, first_byte = 600, idle = 300, total = 3600 }, resolve().timeouts)
    assert.same({ connect = 5, first_byte = 600, idle = 20, total = 3600 }, resolve({ timeouts = { idle = 20 } }).timeouts)
  end)
  it("verifies unless it is told not to, and speaks HTTP/1.1", function()
    assert.is_true(resolve().verify)
    assert.is_false(resolve({ verify = false }).verify)
    assert.is_false(resolve().http2)
  end)
  it("trusts the bundle of the option, AWS_CA_BUNDLE, the profile, SSL_CERT_FILE", function()
    local env, text = { AWS_CA_BUNDLE = "/b", SSL_CERT_FILE = "/d" }, "[default]\nca_bundle = /c\n"
    assert.same("/a", resolve({ ca_bundle = "/a" }, env, text).ca_bundle)
    assert.same("/b", resolve({}, env, text).ca_bundle)
    env.AWS_CA_BUNDLE = nil
    assert.same("/c", resolve({}, env, text).ca_bundle)
    assert.same({ "/d", "SSL_CERT_FILE" }, { resolve({}, env).ca_bundle, resolve({}, env).ca_bundle_source })
    assert.is_nil(resolve().ca_bundle)
  end)
end)
