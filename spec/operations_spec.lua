local operations = require "bedrock.operations"

describe("operations", function()
  it("are found by the name of the method and by the API name", function()
    local op = operations.find("create_guardrail")
    assert.equal("CreateGuardrail", op.name)
    assert.equal("bedrock", op.service)
    assert.equal(op, operations.find("CreateGuardrail"))
  end)

  it("keep the method, path and status of success", function()
    local op = operations.find("invoke_model_with_response_stream")
    assert.equal("POST", op.method)
    assert.equal("/model/{modelId}/invoke-with-response-stream", op.uri)
    assert.equal(200, op.status)
    assert.equal(202, operations.find("create_guardrail").status)
  end)

  it("that are not there name the nearest one", function()
    local op, why = operations.find("create_guardrial")
    assert.is_nil(op)
    assert.equal('there is no operation "create_guardrial"; did you mean "create_guardrail"?', why)
  end)

  it("that resemble nothing suggest nothing", function()
    local _, why = operations.find("qqqqzzzz")
    assert.equal('there is no operation "qqqqzzzz"', why)
  end)

  it("can all be read", function()
    local names = operations.names()
    assert.is_true(#names > 100)
    for _, name in ipairs(names) do
      local op = assert(operations.find(name))
      assert.equal(name, op.snake)
      for label in op.uri:gmatch("{([^}]+)}") do assert.equal("label", op.input[label].where) end
    end
  end)

  it("are listed by service", function()
    assert.same({ "assume_role", "assume_role_with_web_identity", "get_caller_identity" }, operations.names("sts"))
  end)

  it("say where each member travels and under which name", function()
    local op = operations.find("invoke_model")
    assert.equal("label", op.input.modelId.where)
    assert.equal("payload", op.input.body.where)
    assert.equal("header", op.input.accept.where)
    assert.equal("X-Amzn-Bedrock-Trace", op.input.trace.wire)
    assert.equal("type", operations.find("list_inference_profiles").input.typeEquals.wire)
  end)

  it("know what is required, sensitive, or an idempotency token", function()
    local op = operations.find("create_guardrail")
    assert.is_true(op.input.name.required)
    assert.is_true(op.input.name.sensitive)
    assert.is_false(op.input.tags.required)
    assert.is_true(op.input.clientRequestToken.token)
    assert.is_true(operations.find("get_evaluation_job").input.jobIdentifier.sensitive)
    assert.equal("/evaluation-jobs/{jobIdentifier}", operations.find("get_evaluation_job").uri)
  end)

  it("know how their lists are paged", function()
    assert.same({ input = "nextToken", output = "nextToken", items = "modelSummaries", limit = "maxResults" },
      operations.find("list_custom_models").page)
    assert.is_nil(operations.find("list_enforced_guardrails_configuration").page.limit)
    assert.is_nil(operations.find("list_foundation_models").page)
  end)

  it("know how they are signed", function()
    assert.is_nil(operations.find("converse").auth)
    assert.equal("sigv4", operations.find("get_caller_identity").auth)
    assert.equal("none", operations.find("create_token").auth)
  end)

  it("know which errors they declare", function()
    local declared = {}
    for _, code in ipairs(operations.find("get_async_invoke").errors) do declared[code] = true end
    assert.is_true(declared.ThrottlingException)
    assert.is_nil(declared.ResourceNotFoundException)
  end)

  it("know what streams", function()
    assert.is_true(operations.find("converse_stream").stream)
    assert.is_false(operations.find("converse_stream").duplex)
    assert.is_true(operations.find("invoke_model_with_bidirectional_stream").duplex)
    assert.is_false(operations.find("converse").stream)
  end)

  it("hold tries of the bytes inside of their members", function()
    local block = operations.find("converse").blobs.messages["[]"].content["[]"]
    assert.is_true(block.image.source.bytes)
    assert.is_true(block.toolResult.content["[]"].video.source.bytes)
    assert.is_true(operations.find("count_tokens").blobs.input.invokeModel.body)
    assert.is_true(operations.find("put_use_case_for_model_access").blobs.formData)
  end)

  it("hold the tries of frames and payloads below the member that carries them", function()
    assert.same({ delta = { reasoningContent = { redactedContent = true }, image = { source = { bytes = true } } } },
      operations.find("converse_stream").event_blobs)
    local start = operations.find("start_automated_reasoning_policy_build_workflow")
    assert.is_true(start.blobs.workflowContent.documents["[]"].document)
    assert.equal("x-amz-client-token", start.input.clientRequestToken.wire)
  end)

  it("take no table of the control plane to find one that runs models", function()
    local name = "bedrock.operations.control"
    local kept, own = package.loaded[name], package.loaded["bedrock.operations"]
    package.loaded[name], package.loaded["bedrock.operations"] = nil, nil
    assert(require "bedrock.operations".find("converse"))
    local loaded = package.loaded[name]
    package.loaded[name], package.loaded["bedrock.operations"] = kept, own
    assert.is_nil(loaded)
  end)
end)

describe("the paths of a row", function()
  it("may name several places at once", function()
    assert.same({ "a.b", "a.c[].d", "a.c[].e", "f.{}.g", "h" },
      operations.paths("a.( b c[].{d,e} ) f.{}.g h"))
  end)

  it("may nest", function()
    assert.same({ "a.b.c", "a.b.d", "a.e" }, operations.paths("a.( b.( c d ) e )"))
    assert.same({ "a.x.c", "a.x.d", "a.y.c", "a.y.d" }, operations.paths("a.{x,y}.{c,d}"))
  end)

  it("multiply when the group stands under a choice", function()
    assert.same({ "a.b.d", "a.c.d" }, operations.paths("a.{b,c}.( d )"))
  end)
end)

-- The facts live beside the project and need not be there.
describe("the whole table", function()
  it("says what the facts say", function()
    local path = "../shared/facts/operations.json"
    local file = io.open(path, "rb")
    if not file then
      print("\n../shared is not here: the table of operations was not compared with the facts")
      return
    end
    file:close()
    assert.same({}, require "spec.operations.check"(path))
  end)
end)
