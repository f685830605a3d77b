-- What is secret goes, and everything else stays as it is.

local redact = require "bedrock.redact"

local SECRET = "wJalrXUtnFEMIsecretEXAMPLE"

describe("Headers", function()
  local secret = {
    "Authorization", "X-Amz-Security-Token", "x-api-key", "Cookie", "Set-Cookie", "Proxy-Authorization",
    "x-aws-ec2-metadata-token", "x-amz-sso_bearer_token", "DPoP",
  }
  for _, name in ipairs(secret) do
    it("lose the value of " .. name .. ", in a map and in a list", function()
      assert.same({ [name:lower()] = "REMOVED" }, redact.headers { [name] = SECRET })
      assert.same({ [name:lower()] = "REMOVED" }, redact.headers { { name, SECRET } })
    end)
  end

  it("keep all others, and the table that was given is not touched", function()
    local given = { ["content-type"] = "application/json", authorization = SECRET }
    assert.same({ ["content-type"] = "application/json", authorization = "REMOVED" }, redact.headers(given))
    assert.equal(SECRET, given.authorization)
  end)

  it("lose what is signed into the URL of a redirect", function()
    assert.equal("https://b.s3.amazonaws.com/k?X-Amz-Signature=REMOVED", redact.header("Location",
      "https://b.s3.amazonaws.com/k?X-Amz-Signature=" .. SECRET))
  end)
end)

describe("A text", function()
  local cases = {
    { "a signed URL", "GET https://sts.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Credential=%s&X-Amz-Security-Token=%s&" ..
      "X-Amz-Signature=%s&X-Amz-Date=20250101T000000Z failed", "20250101T000000Z failed$" },
    { "a password of a proxy", "could not connect to http://me:%s@proxy.example:3128/ in time", "@proxy.example:3128/ in time$" },
    { "a request that was quoted",
      "The Canonical String should have been 'POST\n/model/x\nhost:h\nx-amz-security-token:%s\n\nhost'", "\n\nhost'$" },
    { "a header in one line", "bad request: authorization: Bearer %s", "^bad request: authorization: REMOVED" },
    { "a bearer token", "the gateway does not know Bearer %s, sorry", "REMOVED, sorry$" },
    { "JSON", '{"accessToken":"%s","expiresIn":5,"refresh_token" : "%s"}', '"expiresIn":5' },
    { "half of some JSON", '{"accessToken":"%s', '^{"accessToken":"REMOVED"$' },
    { "XML", "<Credentials><SecretAccessKey>%s</SecretAccessKey><Expiration>x</Expiration>", "<Expiration>x</Expiration>" },
    { "a form", "Action=AssumeRoleWithWebIdentity&WebIdentityToken=%s&TokenCode=%s&Version=1", "&Version=1$" },
  }
  for _, case in ipairs(cases) do
    local name, given, kept = (table.unpack or unpack)(case)
    it("loses what is secret in " .. name, function()
      local clean = redact.text((given:gsub("%%s", SECRET)))
      assert.is_nil(clean:find(SECRET, 1, true))
      assert.matches(kept, clean)
    end)
  end

  local innocent = {
    "messages.0.content: at least one block is needed (max_tokens = 5)", "Too many tokens: wait", "see https://example.com/a?b=c",
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', "mail me@example.com or look at http://h/x@y",
    "", "a:b=c<d>\"e\"", "Bearer", "The token count is 12: token 3 of 4",
  }
  for _, text in ipairs(innocent) do
    it(("stays as it is: %q"):format(text), function() assert.equal(text, redact.text(text)) end)
  end

  -- A pattern that begins at each letter anew would take minutes for this.
  it("of nothing but one mark takes no longer than it must", function()
    for _, piece in ipairs { "a", "a=", "a:", '"a', "<a>", "://", "=", "x-amz-security-token:", "Bearer " } do
      local text = piece:rep(math.floor(2 ^ 18 / #piece))
      local steps = 0
      debug.sethook(function()
        steps = steps + 1
        if steps > 250 then error("this takes the square of the time") end
      end, "", 1e5)
      local ok, why = pcall(redact.text, text)
      debug.sethook()
      assert.is_true(ok, why)
    end
  end)
end)

describe("What is known to be secret", function()
  it("goes wherever it stands, each time", function()
    assert.equal("a REMOVED bREMOVED", redact.without("a " .. SECRET .. " b" .. SECRET, { SECRET }))
    assert.equal("REMOVED and REMOVED", redact.without("%d+[a-z] and " .. SECRET, { "%d+[a-z]", SECRET }))
  end)

  it("stays when it is no longer than a word", function()
    assert.equal("a secret word", redact.without("a secret word", { "secret", "", false, 12345678 }))
  end)

  it("goes out of tables, which stay what they are", function()
    local mt = { __name = "kept" }
    local given = setmetatable({ message = "no " .. SECRET, list = { 1, true, SECRET }, accessToken = "short" }, mt)
    local clean = redact.cleaner { SECRET } (given)
    assert.same({ message = "no REMOVED", list = { 1, true, "REMOVED" }, accessToken = "REMOVED" }, clean)
    assert.equal(mt, getmetatable(clean))
    assert.equal("short", given.accessToken)
  end)

  it("is not looked for in a table without an end", function()
    local given = {}
    given.self = given
    assert.is_table(redact.value(given, function(text) return text end))
  end)
end)
