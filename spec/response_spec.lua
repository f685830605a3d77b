local operations = require "bedrock.operations"
local response = require "bedrock.response"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local judge = require "spec.support.judge"

local function decode(name, status, headers, body)
  return response.decode(assert(operations.find(name)), status, headers, body)
end

local function same(want, got)
  local ok, why = judge.same(judge.decode(want), got)
  assert(ok, why)
end

describe("an answer", function()
  it("is its JSON, unknown members included", function()
    same('{"stopReason":"end_turn","usage":{"inputTokens":3,"serverToolUsage":{}},"brandNew":[]}', assert(decode("converse", 200,
      {}, '{"stopReason":"end_turn","usage":{"inputTokens":3,"serverToolUsage":{}},"brandNew":[]}')))
  end)

  it("has its bytes decoded", function()
    local answer = assert(decode("converse", 200, {},
      '{"output":{"message":{"role":"assistant","content":[{"image":{"format":"png","source":{"bytes":"AAH/"}}}]}}}'))
    assert.equal("\0\1\255", answer.output.message.content[1].image.source.bytes)
    assert.equal("\0\1\255", assert(decode("get_use_case_for_model_access", 200, {}, '{"formData":"AAH/"}')).formData)
  end)

  it("has members from headers beside a raw body", function()
    assert.same({ body = "\0\255", contentType = "image/png", performanceConfigLatency = "optimized" },
      decode("invoke_model", 200, { ["content-type"] = "image/png", ["x-amzn-bedrock-performanceconfig-latency"] = "optimized",
        ["x-other"] = "y" }, "\0\255"))
  end)

  it("of a stream holds what its headers say", function()
    assert.same({ contentType = "application/json" }, decode("invoke_model_with_response_stream", 200,
      { ["content-type"] = "application/vnd.amazon.eventstream", ["x-amzn-bedrock-content-type"] = "application/json" }))
    assert.same({}, decode("converse_stream", 200, {}))
  end)

  it("may be a structure that is the whole body", function()
    same('{"tokenOutput":{"accessToken":{"accessKeyId":"a"},"expiresIn":900}}',
      assert(decode("create_oauth2_token", 200, {}, '{"accessToken":{"accessKeyId":"a"},"expiresIn":900}')))
  end)

  it("tells times as text, also those that come as seconds", function()
    local body = '{"createdAt":"2024-05-01T12:30:00.123456Z","updatedAt":1714566600.25}'
    local answer = assert(decode("get_guardrail", 200, {}, body))
    assert.equal("2024-05-01T12:30:00.123456Z", answer.createdAt)
    assert.equal("2024-05-01T12:30:00.250Z", answer.updatedAt)
    local list = assert(decode("list_custom_models", 200, {}, '{"modelSummaries":[{"creationTime":0},{"modelArn":"a"}]}'))
    assert.equal("1970-01-01T00:00:00Z", list.modelSummaries[1].creationTime)
  end)

  it("keeps null, but for a page's token, whose absence says that the page is the last", function()
    local answer = assert(decode("list_custom_models", 200, {}, '{"nextToken":null,"modelSummaries":[]}'))
    assert.is_nil(answer.nextToken)
    assert.equal(json.null, assert(decode("converse", 200, {}, '{"usage":{"a":null}}')).usage.a)
    assert.equal(json.null, assert(decode("converse", 200, {}, '{"trace":null}')).trace)
  end)

  it("that is empty is an empty table", function()
    assert.same({}, decode("delete_guardrail", 202, {}, ""))
    assert.same({}, decode("delete_guardrail", 200, {}, nil))
    assert.same({}, decode("delete_guardrail", 200, {}, "null"))
  end)

  it("may have its status and headers under a prefix for members", function()
    local op = { name = "X", snake = "x", api = { protocol = "rest-json" }, outputs = {
      { name = "code", wire = "code", type = "integer", where = "status" },
      { name = "meta", wire = "X-Meta-", type = "string", container = "map", where = "header" },
      { name = "count", wire = "X-Count", type = "integer", where = "header" },
      { name = "done", wire = "X-Done", type = "boolean", where = "header" },
      { name = "at", wire = "X-At", type = "httpdate", where = "header" },
    } }
    assert.same({ code = 201, meta = { a = "1" }, count = 7, done = true, at = "1994-11-06T08:49:37Z" },
      response.decode(op, 201, { ["x-meta-a"] = "1", ["x-count"] = "7", ["x-done"] = "true",
        ["x-at"] = "Sun, 06 Nov 1994 08:49:37 GMT" }, "{}"))
  end)

  for _, body in ipairs { "<html><title>Hi there</title></html>", "[", "{", "5", '"x"', "\255" } do
    it(("that is not what it should be is an error: %q"):format(body), function()
      local answer, err = decode("converse", 200, { ["x-amzn-requestid"] = "r" }, body)
      assert.is_nil(answer)
      assert.is_true(errors.is(err))
      assert.same({ "server", "UnreadableAnswer", 200, "r", "converse" },
        { err.kind, err.code, err.status, err.request_id, err.operation })
      assert.is_truthy(err.message:find("the answer is not ", 1, true))
    end)
  end
end)

describe("a failure", function()
  it("has its code from the header and its message from the body", function()
    local answer, err = decode("converse", 429, { ["x-amzn-requestid"] = "r-1",
      ["x-amzn-errortype"] = "ThrottlingException:http://internal.amazon.com/coral/x/" }, '{"message":"Too many requests"}')
    assert.is_nil(answer)
    assert.same({ "throttled", "ThrottlingException", "Too many requests", 429, "r-1", "converse", true },
      { err.kind, err.code, err.message, err.status, err.request_id, err.operation, err.retryable })
  end)

  it("of the query protocol is read from XML", function()
    local _, err = decode("get_caller_identity", 403, {}, [[<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The token is &quot;bad&quot;</Message></Error>
      <RequestId>r-2</RequestId></ErrorResponse>]])
    assert.same({ "access_denied", "InvalidClientTokenId", 'The token is "bad"', 403, "r-2" },
      { err.kind, err.code, err.message, err.status, err.request_id })
  end)

  it("of the login has its own members", function()
    local _, err = decode("create_token", 400, {}, '{"error":"authorization_pending","error_description":"Not yet"}')
    assert.equal("authorization_pending", err.code)
    assert.equal("Not yet", err.message)
  end)

  local bodies = { "", "<html><head><title>502 Bad Gateway</title></head></html>", "no", "[]", "5", "null", "{", '{"message":5}',
    "<ErrorResponse/>", "<ErrorResponse><Error>x</Error></ErrorResponse>", "<ErrorResponse>", "\255\0" }
  for _, body in ipairs(bodies) do
    it(("whose body is %q is an error all the same"):format(body), function()
      for _, name in ipairs { "converse", "invoke_model", "converse_stream", "get_caller_identity", "create_token" } do
        local answer, err = decode(name, 502, {}, body)
        assert.is_nil(answer)
        assert.is_true(errors.is(err))
        assert.same({ "server", 502, true, name }, { err.kind, err.status, err.retryable, err.operation })
      end
    end)
  end
end)

describe("an answer that cannot be read", function()
  for name, body in pairs {
    assume_role = "<AssumeRoleResponse><AssumeRoleResult><SecretAccessKey>hush</SecretAccessKey>",
    get_role_credentials = '{"roleCredentials":{"secretAccessKey":"hush"',
    create_token = '{"accessToken":"hush"', create_oauth2_token = '{"accessToken":{"secretAccessKey":"hush"',
  } do
    it("does not show the secrets of " .. name, function()
      local _, err = decode(name, 200, {}, body)
      assert.equal("UnreadableAnswer", err.code)
      assert.is_nil(tostring(err):find("hush", 1, true))
    end)
  end

  it("shows what a proxy says, whatever its page looks like", function()
    local _, err = decode("converse", 502, {}, "<html><title>\n Bad\tGateway </title><body>nginx</body>")
    assert.equal("the server answered HTTP 502: Bad Gateway", err.message)
    -- A pattern that tries all ways to share out the white space is busy with this page for a minute.
    _, err = decode("converse", 502, {}, "<title>" .. (" "):rep(4000))
    assert.equal("the server answered HTTP 502 without saying why", err.message)
  end)
end)

describe("an answer in XML", function()
  it("is the table that JSON would have given", function()
    local answer = assert(decode("assume_role", 200, {}, [[<?xml version="1.0"?>
      <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
        <Credentials><AccessKeyId>AKIDEXAMPLE</AccessKeyId><Expiration>2024-05-01T12:30:00Z</Expiration></Credentials>
        <PackedPolicySize>6</PackedPolicySize><SourceIdentity/>
      </AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>]]))
    assert.same({ Credentials = { AccessKeyId = "AKIDEXAMPLE", Expiration = "2024-05-01T12:30:00Z" }, PackedPolicySize = 6,
      SourceIdentity = "" }, answer)
  end)

  local wrong = { "", "{}", "<html></html>", "<GetCallerIdentityResponse>", "<!DOCTYPE x><GetCallerIdentityResponse/>" }
  for _, body in ipairs(wrong) do
    it(("that is not that is an error: %q"):format(body), function()
      local answer, err = decode("get_caller_identity", 200, {}, body)
      assert.is_nil(answer)
      assert.equal("server", err.kind)
    end)
  end

  it("may lack its result", function()
    assert.same({}, decode("get_caller_identity", 200, {}, "<GetCallerIdentityResponse/>"))
  end)
end)
