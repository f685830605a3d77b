-- Whom the client trusts: through the public API, against servers that are bad in one way each.

local bad_servers = require "spec.support.bad_servers"
local bedrock = require "bedrock"
local certificates = require "spec.support.certificates"
local pretend = require "spec.support.pretend"
local server_of = require "spec.support.server"

local body = '{"output":{"message":{"role":"assistant","content":[{"text":"Hello"}]}},"stopReason":"end_turn"}'
local routes = { ["*"] = { { send = server_of.answer(body) } } }

local authority, good, bad

setup(function()
  authority = certificates.new()
  good = server_of.start { tls = authority:issue("good", "DNS:localhost", 2), routes = routes }
  bad = bad_servers.start(authority, routes)
end)

teardown(function()
  good:stop()
  bad.stop()
  authority:remove()
end)

-- A client, and what it has logged.
local function new(url, options)
  local said = {}
  local all = {
    region = "us-west-2", endpoint = url, access_key_id = "AKIDEXAMPLE", retry = false,
    secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    log = function(level, message) if level ~= "debug" then said[#said + 1] = level .. ": " .. message end end,
  }
  for k, v in pairs(options) do all[k] = v end
  return bedrock.new(all), said
end

local function ask(client)
  return client:converse { modelId = "m", messages = { { role = "user", content = { { text = "Hi" } } } } }
end

local function good_url()
  return "https://localhost:" .. good.port
end

describe("a certificate", function()
  it("is trusted that the bundle vouches for, whoever names the bundle", function()
    assert.equal("Hello", assert(ask(new(good_url(), { ca_bundle = authority.ca }))):text())
    local system = pretend.system { env = { AWS_CA_BUNDLE = authority.ca }, now = os.time() }
    assert.equal("Hello", assert(ask(new(good_url(), { system = system }))):text())
  end)

  it("is not trusted that only the bundle would vouch for", function()
    local _, err = ask(new(good_url(), {}))
    assert.equal("tls", err.kind)
  end)

  for i, row in ipairs(bad_servers.rows) do
    it(row[1] .. " is refused before anything is sent, and not asked again", function()
      local client = new(bad[i].url, { ca_bundle = authority.ca, retry = 3 })
      local _, err = ask(client)
      assert.equal("tls", err.kind)
      assert.matches("localhost port %d+", err.message)
      assert.equal("not retryable", err.attempts[1].why)
      assert.equal(0, #bad[i].server:log("request"))
      assert.equal(1, #bad[i].server:log("accept"))
    end)
  end
end)

describe("verify = false", function()
  it("says so once, and trusts whoever answers", function()
    for _, one in ipairs(bad) do
      if not one.weak then
        local client, said = new(one.url, { verify = false })
        assert.same(1, #said, one.name)
        assert.matches("^warn: .*verif", said[1])
        assert.equal("Hello", assert(ask(client)):text())
        assert(ask(client))
        assert.same(1, #said)
      end
    end
  end)

  it("is the only way to hear that", function()
    local _, said = new(good_url(), { ca_bundle = authority.ca })
    assert.same({}, said)
  end)
end)
