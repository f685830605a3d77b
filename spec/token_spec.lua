local base64 = require "spec.support.base64"
local errors = require "bedrock.errors"
local pretend = require "spec.support.pretend"
local scripted = require "spec.support.scripted"
local token = require "bedrock.token"

local KEYS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }
local NOW = 1772368245 -- 2026-03-01T12:30:45Z

local function parameters(key)
  local host, query = base64.decode(key:match("^bedrock%-api%-key%-([%w+/]+=*)$")):match("^([^?]*)%?(.*)$")
  local map = {}
  for name, value in query:gmatch("([^&=]+)=([^&]*)") do map[name] = value end
  return map, host
end

describe("A short-term API key", function()
  it("says who may call, where and until when", function()
    local map, host = parameters(assert(token.mint(KEYS, "us-west-2", NOW)))
    assert.equal("bedrock.amazonaws.com/", host)
    assert.same({
      Action = "CallWithBearerToken", Version = "1", ["X-Amz-Algorithm"] = "AWS4-HMAC-SHA256",
      ["X-Amz-Credential"] = "AKIDEXAMPLE%2F20260301%2Fus-west-2%2Fbedrock%2Faws4_request",
      ["X-Amz-Date"] = "20260301T123045Z", ["X-Amz-Expires"] = "43200", ["X-Amz-SignedHeaders"] = "host",
      ["X-Amz-Signature"] = "02f74d995766320abb2e2b208f754b02778b8ab9e1114afbaf60ea701f8956f7",
    }, map)
  end)

  it("carries the session token of temporary credentials", function()
    local keys = { access_key_id = "AKIDEXAMPLE", secret_access_key = KEYS.secret_access_key, session_token = "a/b==" }
    assert.equal("a%2Fb%3D%3D", parameters(assert(token.mint(keys, "us-west-2", NOW)))["X-Amz-Security-Token"])
  end)

  it("is one line whatever its length", function()
    local keys = { access_key_id = "AKIDEXAMPLE", secret_access_key = "s", session_token = ("t"):rep(2000) }
    assert.not_matches("%s", (assert(token.mint(keys, "us-west-2", NOW))))
  end)

  it("ends with its term, or with the credentials if they end sooner", function()
    local function ends(expiration, life)
      local keys = { access_key_id = "A", secret_access_key = "s", expiration = expiration }
      local key, at = token.mint(keys, "us-west-2", NOW, life)
      assert.is_string(key)
      return at - NOW
    end
    assert.equal(43200, ends(nil))
    assert.equal(900, ends(nil, 900))
    assert.equal(600, ends(NOW + 600, 900))
    assert.equal(900, ends(NOW + 86400, 900))
  end)

  it("is not made from credentials that have expired or are not there", function()
    local key, err = token.mint({ access_key_id = "A", secret_access_key = "s", expiration = NOW }, "us-west-2", NOW)
    assert.is_nil(key)
    assert.is_true(errors.is(err))
    assert.same({ "credentials", "ExpiredToken" }, { err.kind, err.code })
    key, err = token.mint({ access_key_id = "A" }, "us-west-2", NOW)
    assert.is_nil(key)
    assert.equal("secret_access_key is missing", err.message)
  end)

  it("lives twelve hours at most", function()
    for _, life in ipairs { 0, -1, 43201, 1.5, "60" } do
      local ok, why = pcall(token.mint, KEYS, "us-west-2", NOW, life)
      assert.is_false(ok)
      assert.matches("1 to 43200", why)
    end
  end)
end)

describe("An API key that is in use", function()
  local ended = assert(token.mint(KEYS, "us-west-2", NOW, 3600))

  it("says when it ends, a long-term one does not", function()
    assert.equal(NOW + 3600, token.ends(ended))
    for _, key in ipairs { "ABSKexample", "bedrock-api-key-", "bedrock-api-key-####", "bedrock-api-key-aGVsbG8=", 5, print } do
      assert.is_nil(token.ends(key))
    end
  end)

  local function asked(key, at)
    local client = scripted.client(function()
      return scripted.refusal("AccessDeniedException", "Bearer Token is not valid"), 403
    end, { api_key = key, access_key_id = "", secret_access_key = "", system = pretend.system { now = at } })
    local _, err = client:list_foundation_models()
    return err.hint, client:identity().expiration
  end

  it("is said to be over when the service refuses it after its end", function()
    local hint, ends = asked(ended, NOW + 3600)
    assert.matches("ended at 2026%-03%-01T13:30:45Z", hint)
    assert.equal(NOW + 3600, ends)
    for _, one in ipairs { (asked(ended, NOW + 3599)), (asked("ABSKexample", NOW + 3600)) } do
      assert.equal("client:identity() tells who is asking", one)
    end
  end)
end)
