local operations = require "bedrock.operations"
local request = require "bedrock.request"
local json = require "bedrock.json"
local judge = require "spec.support.judge"

local UUID = "00000000-0000-4000-8000-000000000000"

local function uuid()
  return UUID
end

local function build(name, params)
  return assert(request.build(assert(operations.find(name)), params, uuid))
end

local function refused(name, params)
  local made, err = request.build(assert(operations.find(name)), params, uuid)
  assert.is_nil(made)
  assert.equal("validation", err.kind)
  return tostring(err)
end

local function body_of(made)
  return judge.decode(tostring(made.body))
end

local function same(want, got)
  local ok, why = judge.same(judge.decode(want), got)
  assert(ok, why)
end

local function header(made, name)
  for _, pair in ipairs(made.headers) do
    if pair[1]:lower() == name:lower() then return pair[2] end
  end
end

describe("a request", function()
  it("carries labels in the path, with every reserved byte encoded", function()
    local made = build("converse", { modelId = "arn:aws:bedrock:us-west-2:1:x/y z\195\164%?#+" })
    assert.equal("POST", made.method)
    assert.equal("/model/arn%3Aaws%3Abedrock%3Aus-west-2%3A1%3Ax%2Fy%20z%C3%A4%25%3F%23%2B/converse", made.path)
    assert.equal("/model/anthropic.claude-v2_1~x%3A0/converse", build("converse", { modelId = "anthropic.claude-v2_1~x:0" }).path)
  end)

  it("carries members of the query by their names on the wire, not encoded", function()
    local made = build("list_inference_profiles", { typeEquals = "APPLICATION", maxResults = 25.0, nextToken = "a/b=" })
    assert.same({ { "maxResults", "25" }, { "nextToken", "a/b=" }, { "type", "APPLICATION" } }, made.query)
    assert.equal("/inference-profiles", made.path)
    assert.is_nil(made.body)
    assert.same({}, made.headers)
  end)

  it("repeats a list in the query", function()
    local op = { snake = "x", method = "GET", uri = "/x", input = {}, api = { protocol = "rest-json" }, inputs = {
      { name = "ids", wire = "id", type = "string", container = "list", where = "query" },
    } }
    op.input.ids = op.inputs[1]
    assert.same({ { "id", "a" }, { "id", "b" } }, request.build(op, { ids = { "a", "b" } }).query)
  end)

  it("carries a map of headers under a prefix, in the order of names", function()
    local op = { snake = "x", method = "POST", uri = "/x", input = {}, api = { protocol = "rest-json" }, inputs = {
      { name = "meta", wire = "X-Meta-", type = "string", container = "map", where = "header" },
    } }
    op.input.meta = op.inputs[1]
    assert.same({ { "X-Meta-a", "1" }, { "X-Meta-b", "2" } }, request.build(op, { meta = { b = "2", a = "1" } }).headers)
  end)

  it("writes booleans and times of the query as text", function()
    local made = build("list_custom_models", { isOwned = false, creationTimeAfter = 1714566600, creationTimeBefore =
      "2024-05-01T14:30:00+02:00" })
    local query = {}
    for _, pair in ipairs(made.query) do query[pair[1]] = pair[2] end
    assert.same({ isOwned = "false", creationTimeAfter = "2024-05-01T12:30:00Z", creationTimeBefore = "2024-05-01T12:30:00Z" },
      query)
  end)

  it("carries the other members in a JSON body", function()
    local made = build("converse", { modelId = "m", messages = { { role = "user", content = { { text = "hi" } } } } })
    same('{"messages":[{"role":"user","content":[{"text":"hi"}]}]}', body_of(made))
    assert.equal("application/json", header(made, "Content-Type"))
  end)

  it("has an empty object for a body when no member is given", function()
    same("{}", body_of(build("converse", { modelId = "m" })))
    assert.is_nil(build("stop_evaluation_job", { jobIdentifier = "j" }).body)
    assert.is_nil(build("list_foundation_models").body)
  end)

  it("keeps an order of keys that was stated", function()
    local params = json.ordered({ "toolConfig", "messages" }, { modelId = "m", messages = { { role = "user" } }, additional = 1,
      toolConfig = json.ordered({ "tools", "a" }, { a = 1, tools = {} }) })
    assert.equal('{"toolConfig":{"tools":[],"a":1},"messages":[{"role":"user"}],"additional":1}',
      tostring(build("converse", params).body))
  end)

  it("passes unknown members through, in the body or in the query", function()
    same('{"brandNew":{"a":1}}', body_of(build("converse", { modelId = "m", brandNew = { a = 1 } })))
    assert.same({ { "brandNew", "yes" } }, build("list_foundation_models", { brandNew = "yes" }).query)
    assert.equal('list_foundation_models: unknown member "x": a table cannot travel in a query',
      refused("list_foundation_models", { x = {} }))
  end)

  it("takes a member that is null for one that is not given", function()
    same("{}", body_of(build("converse", { modelId = "m", system = json.null })))
    assert.equal('converse: missing required member "modelId"', refused("converse", { modelId = json.null }))
  end)

  it("fills idempotency tokens in, and leaves given ones alone", function()
    local params = { name = "n", blockedInputMessaging = "i", blockedOutputsMessaging = "o" }
    assert.equal(UUID, body_of(build("create_guardrail", params)).clientRequestToken)
    assert.is_nil(params.clientRequestToken)
    params.clientRequestToken = "mine"
    assert.equal("mine", body_of(build("create_guardrail", params)).clientRequestToken)
    local start = build("start_automated_reasoning_policy_build_workflow",
      { policyArn = "p", buildWorkflowType = "w", sourceContent = {} })
    assert.equal(UUID, header(start, "x-amz-client-token"))
  end)

  it("makes a UUID of its own when no maker is handed in", function()
    local params = { name = "n", blockedInputMessaging = "i", blockedOutputsMessaging = "o" }
    local op = operations.find("create_guardrail")
    local one = body_of(assert(request.build(op, params))).clientRequestToken
    local two = body_of(assert(request.build(op, params))).clientRequestToken
    assert.is_truthy(one:match("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$"))
    assert.equal(36, #one)
    assert.not_equal(one, two)
  end)
end)

describe("a body that is one member", function()
  it("is sent as it stands when it is a string", function()
    local made = build("invoke_model", { modelId = "m", body = "\0\255raw" })
    assert.equal("\0\255raw", made.body)
    assert.equal("application/json", header(made, "Content-Type"))
  end)

  it("is encoded when it is a table", function()
    local made = build("invoke_model", { modelId = "m", body = { max_tokens = 5, messages = { { role = "user" } } } })
    assert.equal('{"max_tokens":5,"messages":[{"role":"user"}]}', tostring(made.body))
  end)

  it("has the content type that the user gives, and the other headers by their names", function()
    local made = build("invoke_model", { modelId = "m", body = "x", contentType = "text/plain", accept = "image/png",
      trace = "ENABLED", guardrailIdentifier = "g", guardrailVersion = "1", performanceConfigLatency = "optimized" })
    assert.same({
      { "Content-Type", "text/plain" }, { "Accept", "image/png" }, { "X-Amzn-Bedrock-Trace", "ENABLED" },
      { "X-Amzn-Bedrock-GuardrailIdentifier", "g" }, { "X-Amzn-Bedrock-GuardrailVersion", "1" },
      { "X-Amzn-Bedrock-PerformanceConfig-Latency", "optimized" },
    }, made.headers)
  end)

  it("leaves no room for unknown members", function()
    assert.equal('invoke_model: unknown member "max_tokens": the body of this operation is its member "body"',
      refused("invoke_model", { modelId = "m", max_tokens = 5 }))
  end)

  it("may be a structure", function()
    local made = build("create_oauth2_token", { tokenInput = { clientId = "c", grantType = "refresh_token" } })
    same('{"clientId":"c","grantType":"refresh_token"}', body_of(made))
  end)
end)

describe("bytes inside of a body", function()
  it("are base64 on the wire, wherever the table says", function()
    local image = { image = { format = "png", source = { bytes = "\0\1\255" } } }
    local made = build("converse", { modelId = "m", messages = {
      { role = "user", content = { image, { toolResult = { toolUseId = "t", content = { image } } } } },
    } })
    local content = body_of(made).messages[1].content
    assert.equal("AAH/", content[1].image.source.bytes)
    assert.equal("AAH/", content[2].toolResult.content[1].image.source.bytes)
    assert.equal("\0\1\255", image.image.source.bytes)
  end)

  it("are found below a payload and at the top", function()
    assert.equal("AAH/", body_of(build("put_use_case_for_model_access", { formData = "\0\1\255" })).formData)
    local made = build("start_automated_reasoning_policy_build_workflow", { policyArn = "p", buildWorkflowType = "w",
      sourceContent = { workflowContent = { documents = { { document = "\0\1\255" } } } } })
    assert.equal("AAH/", body_of(made).workflowContent.documents[1].document)
  end)

  it("may be given as a blob or a buffer", function()
    assert.equal("AAH/", body_of(build("put_use_case_for_model_access", { formData = json.blob("\0\1\255") })).formData)
    assert.equal("raw", build("invoke_model", { modelId = "m", body = json.blob("raw") }).body)
    local buffer = json.encode({ a = 1 }, { buffer = true })
    assert.equal("eyJhIjoxfQ==", body_of(build("put_use_case_for_model_access", { formData = buffer })).formData)
    assert.equal(buffer, build("invoke_model", { modelId = "m", body = buffer }).body)
  end)

  it("may be given as a table where they hold JSON", function()
    local params = { modelId = "m", input = { invokeModel = { body = { a = 1 } } } }
    local made = build("count_tokens", params)
    assert.equal("eyJhIjoxfQ==", body_of(made).input.invokeModel.body)
    assert.same({ a = 1 }, params.input.invokeModel.body)
  end)
end)

describe("empty tables", function()
  it("are lists where the table of operations says so, and objects elsewhere", function()
    local params = { modelId = "m", system = {}, messages = { { role = "user", content = {} } }, requestMetadata = {},
      toolConfig = { tools = {} }, additionalModelRequestFields = {}, inferenceConfig = { stopSequences = {} } }
    local made = build("converse", params)
    same([[{"system":[],"messages":[{"role":"user","content":[]}],"requestMetadata":{},"toolConfig":{"tools":[]},
      "additionalModelRequestFields":{},"inferenceConfig":{"stopSequences":[]}}]], body_of(made))
    assert.is_nil(getmetatable(params.system))
    assert.is_nil(getmetatable(params.messages[1].content))
  end)

  it("inside of a tool's result are lists, its input is an object", function()
    local made = build("converse", { modelId = "m", messages = { { role = "user", content = {
      { toolUse = { toolUseId = "t", name = "n", input = {} } }, { toolResult = { toolUseId = "t", content = {} } },
    } } } })
    same([[{"messages":[{"role":"user","content":[{"toolUse":{"toolUseId":"t","name":"n","input":{}}},
      {"toolResult":{"toolUseId":"t","content":[]}}]}]}]], body_of(made))
  end)

  it("that are marked as objects stay objects", function()
    same('{"system":{}}', body_of(build("converse", { modelId = "m", system = json.object({}) })))
  end)

  it("below a payload are lists too", function()
    local made = build("start_automated_reasoning_policy_build_workflow", { policyArn = "p", buildWorkflowType = "w",
      sourceContent = { policyDefinition = { rules = {}, types = { { values = {} } } } } })
    same('{"policyDefinition":{"rules":[],"types":[{"values":[]}]}}', body_of(made))
  end)
end)

describe("times of a request", function()
  it("in the body are text, from seconds and from text", function()
    local params = { policyArn = "p", testCaseId = "t", guardContent = "g", lastUpdatedAt = 1714566600.25,
      expectedAggregatedFindingsResult = "VALID" }
    assert.equal("2024-05-01T12:30:00.250Z", body_of(build("update_automated_reasoning_policy_test_case", params)).lastUpdatedAt)
    assert.equal(1714566600.25, params.lastUpdatedAt)
    params.lastUpdatedAt = "Wed, 01 May 2024 12:30:00 GMT"
    assert.equal("2024-05-01T12:30:00Z", body_of(build("update_automated_reasoning_policy_test_case", params)).lastUpdatedAt)
  end)

  it("that are no times are refused", function()
    assert.equal('list_async_invokes: member "submitTimeAfter": "yesterday" is not a time; expected seconds since the epoch ' ..
      "or text like 2024-05-01T12:30:00Z", refused("list_async_invokes", { submitTimeAfter = "yesterday" }))
  end)
end)

describe("a wrong request is refused before it is sent:", function()
  local cases = {
    { "create_guardrail", {}, 'create_guardrail: missing required member "name"' },
    { "converse", {}, 'converse: missing required member "modelId"' },
    { "converse", { model_id = "m" }, 'converse: missing required member "modelId"; members keep the spelling of the service, ' ..
      'and "model_id" is given' },
    { "converse", { modelId = "" }, 'converse: member "modelId" must not be empty' },
    { "converse", { modelId = ".." }, 'converse: member "modelId" must not be ".."' },
    { "converse", { modelId = 5 }, 'converse: member "modelId" must be a string, got 5' },
    { "converse", { modelId = "m", messages = "hi" }, 'converse: member "messages" must be a list, got a string' },
    { "converse", { modelId = "m", messages = { role = "user" } },
      'converse: member "messages" must be a list, got a table with names' },
    { "converse", { modelId = "m", messages = { "hi" } },
      'converse: member "messages[1]" must be a table with names, got a string' },
    { "converse", { modelId = "m", inferenceConfig = { 1 } },
      'converse: member "inferenceConfig" must be a table with names, got a list' },
    { "converse", { modelId = "m", requestMetadata = { a = 1 } },
      'converse: member "requestMetadata.a" must be a string, got 1' },
    { "converse", { modelId = "m", additionalModelResponseFieldPaths = { "/a", false } },
      'converse: member "additionalModelResponseFieldPaths[2]" must be a string, got a boolean' },
    { "list_async_invokes", { maxResults = 1.5 }, 'list_async_invokes: member "maxResults" must be a whole number, got 1.5' },
    { "list_async_invokes", { maxResults = "5" },
      'list_async_invokes: member "maxResults" must be a whole number, got a string' },
    { "list_custom_models", { isOwned = "yes" }, 'list_custom_models: member "isOwned" must be a boolean, got a string' },
    { "list_custom_models", { creationTimeAfter = true }, 'list_custom_models: member "creationTimeAfter" must be a time ' ..
      "(seconds, or text like 2024-05-01T12:30:00Z), got a boolean" },
    { "put_use_case_for_model_access", { formData = 5 },
      'put_use_case_for_model_access: member "formData" must be a string of bytes, got 5' },
    { "invoke_model", { modelId = "m", accept = "a\r\nX-Evil: b" },
      'invoke_model: the value of header "Accept" holds a control character' },
    { "converse", { modelId = "m", "stray" }, "converse: the members must be named, got the key 1" },
  }

  for _, case in ipairs(cases) do
    it(case[3], function() assert.equal(case[3], refused(case[1], case[2])) end)
  end

  it("what JSON cannot say, with the place", function()
    local message = refused("converse", { modelId = "m", messages = { { role = "user", content = { { text = print } } } } })
    assert.is_truthy(message:find("messages[1].content[1].text", 1, true), message)
  end)

  it("what a query or a form cannot say", function()
    assert.equal('list_foundation_models: unknown member "x": a function cannot travel in a query',
      refused("list_foundation_models", { x = print }))
    assert.equal('assume_role: member "Tags.member.1.Key" must be text or a number, got a function',
      refused("assume_role", { RoleArn = "r", RoleSessionName = "s", Tags = { { Key = print } } }))
  end)

  it("members that are no table raise, as misuse does", function()
    assert.error(function() request.build(operations.find("converse"), "hi") end)
  end)
end)

describe("the query protocol", function()
  it("writes a form, with lists numbered and names joined", function()
    local made = build("assume_role", { RoleArn = "arn:x", RoleSessionName = "a b", DurationSeconds = 900,
      Tags = { { Key = "k", Value = "v&=" } }, TransitiveTagKeys = { "k" } })
    assert.equal("Action=AssumeRole&Version=2011-06-15&DurationSeconds=900&RoleArn=arn%3Ax&RoleSessionName=a%20b" ..
      "&Tags.member.1.Key=k&Tags.member.1.Value=v%26%3D&TransitiveTagKeys.member.1=k", made.body)
    assert.equal("application/x-www-form-urlencoded", header(made, "Content-Type"))
    assert.equal("/", made.path)
  end)

  it("writes an empty list as its name alone", function()
    local made = build("assume_role", { RoleArn = "r", RoleSessionName = "s", Tags = {}, PolicyArns = json.array({}) })
    assert.equal("Action=AssumeRole&Version=2011-06-15&PolicyArns=&RoleArn=r&RoleSessionName=s&Tags=", made.body)
  end)

  it("sends only the action when there are no members", function()
    assert.equal("Action=GetCallerIdentity&Version=2011-06-15", build("get_caller_identity").body)
  end)
end)
