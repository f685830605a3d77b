-- Amazon Bedrock Runtime: the operations that run models.
-- How to read a row: init.lua.

-- What Converse, ConverseStream and CountTokens have in common.
local conversation = [[
  messages:object[] system:oneof[] inferenceConfig:object toolConfig:object guardrailConfig:object
  additionalModelRequestFields:document promptVariables:object{}~ additionalModelResponseFieldPaths:string[]
  requestMetadata:string{}~ performanceConfig:object serviceTier:object outputConfig:object
]]
local conversation_lists = [[
  messages[].content messages[].content[].(
    {document.source,toolResult,citationsContent,searchResult}.content
    toolResult.content[].{document.source,searchResult}.content
    citationsContent.citations citationsContent.citations[].sourceContent guardContent.text.qualifiers
  )
  system[].guardContent.text.qualifiers toolConfig.tools
]]
local conversation_blobs = [[
  messages[].content[].(
    {image,document,video,audio}.source.bytes toolResult.content[].{image,document,video}.source.bytes
    guardContent.image.source.bytes reasoningContent.redactedContent
  )
  system[].guardContent.image.source.bytes
]]
-- The headers of both ways to invoke a model; they differ in the names of the content type and of what is accepted.
local invoke_header = [[
  trace=X-Amzn-Bedrock-Trace guardrailIdentifier=X-Amzn-Bedrock-GuardrailIdentifier
  guardrailVersion=X-Amzn-Bedrock-GuardrailVersion
  performanceConfigLatency=X-Amzn-Bedrock-PerformanceConfig-Latency serviceTier=X-Amzn-Bedrock-Service-Tier
  requestMetadata=X-Amzn-Bedrock-Request-Metadata:json~
]]
local invoke_out_header = [[
  performanceConfigLatency=X-Amzn-Bedrock-PerformanceConfig-Latency serviceTier=X-Amzn-Bedrock-Service-Tier
]]
local invoke_errors = "ModelTimeoutException ServiceQuotaExceededException ModelNotReadyException ModelErrorException"
local invoke_exceptions = [[
  internalServerException modelStreamErrorException validationException throttlingException
  modelTimeoutException serviceUnavailableException
]]

return {
{
  id = "bedrock-runtime", endpoint_prefix = "bedrock-runtime", signing_name = "bedrock",
  protocol = "rest-json", version = "2023-09-30", auth = "sigv4 bearer",
  statuses = [[
    AccessDeniedException=403 ResourceNotFoundException=404 ThrottlingException=429 InternalServerException=500
    ServiceUnavailableException=503 ValidationException=400 ServiceQuotaExceededException=400
    ModelTimeoutException=408 ModelNotReadyException=429 ModelErrorException=424 ModelStreamErrorException=424
    ConflictException=400
  ]],
  always = [[
    AccessDeniedException ResourceNotFoundException ThrottlingException InternalServerException
    ServiceUnavailableException ValidationException
  ]],
  operations = {
    ApplyGuardrail = {
      "POST /guardrail/{guardrailIdentifier}/version/{guardrailVersion}/apply",
      body = "source! content:oneof[]! outputScope",
      out = "usage:object! action! actionReason outputs:object[]! assessments:object[]! guardrailCoverage:object",
      lists = "content[].text.qualifiers",
      blobs = "content[].image.source.bytes",
      errors = "ServiceQuotaExceededException",
    },
    Converse = {
      "POST /model/{modelId}/converse",
      body = conversation,
      out = [[
        output:oneof! stopReason! usage:object! metrics:object! additionalModelResponseFields:document trace:object
        performanceConfig:object serviceTier:object
      ]],
      lists = conversation_lists .. " inferenceConfig.stopSequences",
      blobs = conversation_blobs,
      blobs_out = [[
        output.message.content[].(
          {image,document,video,audio}.source.bytes toolResult.content[].{image,document,video}.source.bytes
          guardContent.image.source.bytes reasoningContent.redactedContent
        )
      ]],
      errors = "ModelTimeoutException ModelNotReadyException ModelErrorException",
    },
    ConverseStream = {
      "POST /model/{modelId}/converse-stream",
      body = conversation,
      out_payload = "stream:events",
      events = "messageStart contentBlockStart contentBlockDelta contentBlockStop messageStop metadata",
      exceptions = [[
        internalServerException modelStreamErrorException validationException throttlingException
        serviceUnavailableException
      ]],
      lists = conversation_lists .. " inferenceConfig.stopSequences",
      blobs = conversation_blobs,
      blobs_out = "stream.contentBlockDelta.delta.{reasoningContent.redactedContent,image.source.bytes}",
      errors = "ModelTimeoutException ModelNotReadyException ModelErrorException",
    },
    CountTokens = {
      "POST /model/{modelId}/count-tokens readonly",
      body = "input:oneof!",
      out = "inputTokens:integer!",
      lists = "input.converse.( messages system " .. conversation_lists .. " )",
      blobs = "input.invokeModel.body input.converse.( " .. conversation_blobs .. " )",
      json = "input.invokeModel.body",
    },
    GetAsyncInvoke = {
      "GET /async-invoke/{invocationArn} readonly",
      out = [[
        invocationArn! modelArn! clientRequestToken status! failureMessage~ submitTime:time! lastModifiedTime:time
        endTime:time outputDataConfig:oneof!
      ]],
      errors = "-ResourceNotFoundException -ServiceUnavailableException",
    },
    InvokeGuardrailChecks = {
      "POST /guardrail-checks/invoke",
      body = "messages:object[]! checks:object!",
      out = "results:object! usage:object!",
      lists = "messages[].content checks.{contentFilter,promptAttack}.categories checks.sensitiveInformation.entities",
      errors = "-ResourceNotFoundException",
    },
    InvokeModel = {
      "POST /model/{modelId}/invoke",
      header = "contentType=Content-Type accept=Accept " .. invoke_header,
      payload = "body:json~",
      out_header = "contentType=Content-Type! " .. invoke_out_header,
      out_payload = "body:blob!~",
      errors = invoke_errors,
    },
    InvokeModelWithBidirectionalStream = {
      "POST /model/{modelId}/invoke-with-bidirectional-stream",
      payload = "body:events!",
      out_payload = "body:events!",
      events = "chunk",
      exceptions = invoke_exceptions,
      blobs = "body.chunk.bytes",
      blobs_out = "body.chunk.bytes",
      errors = invoke_errors .. " ModelStreamErrorException",
    },
    InvokeModelWithResponseStream = {
      "POST /model/{modelId}/invoke-with-response-stream",
      header = "contentType=Content-Type accept=X-Amzn-Bedrock-Accept " .. invoke_header,
      payload = "body:json~",
      out_header = "contentType=X-Amzn-Bedrock-Content-Type! " .. invoke_out_header,
      out_payload = "body:events!",
      events = "chunk",
      exceptions = invoke_exceptions,
      blobs_out = "body.chunk.bytes",
      errors = invoke_errors .. " ModelStreamErrorException",
    },
    ListAsyncInvokes = {
      "GET /async-invoke readonly",
      query = "submitTimeAfter:time submitTimeBefore:time statusEquals maxResults:integer nextToken sortBy sortOrder",
      out = "nextToken asyncInvokeSummaries:object[]",
      page = "asyncInvokeSummaries",
      times_out = "asyncInvokeSummaries[].{submitTime,lastModifiedTime,endTime}",
      errors = "-ResourceNotFoundException -ServiceUnavailableException",
    },
    StartAsyncInvoke = {
      "POST /async-invoke idempotent",
      body = "clientRequestToken* modelId! modelInput:document!~ outputDataConfig:oneof! tags:object[]",
      out = "invocationArn!",
      errors = "ServiceQuotaExceededException ConflictException",
    },
  },
},
}
