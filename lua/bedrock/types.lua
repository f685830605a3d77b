---@meta
-- Types of what people write by hand, for editors with the Lua language server. Nothing loads this file when a program runs.
--
-- Members are those of the services' documentation. Requests stay open: a member that is not listed here travels as it is.

-- Options ---------------------------------------------------------------------------------------------------------------

---@class bedrock.Options what `bedrock.new` takes; each has a default, from the environment or the AWS profile
---@field region string? "us-west-2"; else AWS_REGION, AWS_DEFAULT_REGION, the profile, us-east-1
---@field profile string? of the shared AWS files; else AWS_PROFILE
---@field endpoint string|table<string, string>|nil a URL for all services, or one for each
---@field access_key_id string? with secret_access_key: explicit keys
---@field secret_access_key string?
---@field session_token string? of temporary keys
---@field api_key string? a Bedrock API key; else AWS_BEARER_TOKEN_BEDROCK
---@field credentials (fun(): bedrock.Credentials?, any)|table|nil a function or provider that gives keys
---@field mfa (fun(serial: string): string?)? asked for the code of a role that wants one
---@field api "invoke"|"runtime"|"mantle"|"platform"|nil by which API `client.messages` speaks; "invoke" is InvokeModel
---@field transport bedrock.Transport? what moves the bytes; the host's own by default
---@field retry bedrock.RetryOptions|integer|false|nil attempts, or more about them
---@field timeouts bedrock.Timeouts?
---@field proxy string|false|nil URL; false for none; else https_proxy and its like
---@field ca_bundle string? a PEM file or directory of trusted roots
---@field verify boolean? false turns the verification of TLS off
---@field http2 boolean?
---@field headers table<string, string>? sent with every request
---@field limits table<string, integer>? bytes: request, response, error_body, frame, ...
---@field preflight boolean|table|nil false switches the checks of requests off; a table names single ones
---@field log (fun(level: "debug"|"info"|"warn"|"error", message: string, fields: table?))?
---@field hooks bedrock.Hooks?
---@field use_fips boolean? call the FIPS endpoints
---@field use_dualstack boolean? call the endpoints that speak IPv6, too
---@field sts_regional_endpoints "regional"|"legacy"|nil
---@field ignore_configured_endpoint_urls boolean? pass over AWS_ENDPOINT_URL and its like
---@field workspace_id string? for api = "platform"; else ANTHROPIC_AWS_WORKSPACE_ID
---@field shared_dict any a shared dictionary of nginx, through which its workers share credentials
---@field skip_auth boolean? sign nothing, for a gateway that signs itself
---@field system bedrock.System? the machine: environment, files, clock
---@field random (fun(): number)? for the pauses between attempts

---@class bedrock.RetryOptions
---@field mode "standard"|"adaptive"|"legacy"|nil
---@field max_attempts integer?
---@field generation "2.0"|"2.1"|nil of the standard mode
---@field read_timeouts boolean? try again when an answer did not come in time; it may be paid for twice

---@class bedrock.Hooks functions of yours that are told what happens; one that raises is blamed in the log, and the call goes on
---@field start fun(facts: bedrock.StartFacts)? a call begins
---@field request fun(facts: bedrock.RequestFacts)? an attempt is about to be sent
---@field response fun(facts: bedrock.ResponseFacts)? the head of an answer is there, whatever its status
---@field retry fun(facts: bedrock.RetryFacts)? an attempt failed; whether there will be another
---@field event fun(event: table, call: bedrock.CallFacts)? every event of every stream; not for free: text then comes as tables
---@field done fun(facts: bedrock.DoneFacts)? a call has ended, once for each start

---@class bedrock.CallFacts what all hooks of one call get as `call`; fields of the program's own are welcome
---@field id string one for each call, also sent as the header amz-sdk-invocation-id
---@field operation string "converse_stream", "invoke_model", "messages", ...
---@field service string "bedrock-runtime"
---@field api string? by which API a Messages request goes: "invoke", "runtime", "mantle", "platform"
---@field model string? as it was asked for
---@field region string
---@field host string the name of the server, with its port when it is not the usual one
---@field stream boolean whether the answer comes in events

---@class bedrock.StartFacts
---@field call bedrock.CallFacts the same table in all hooks of one call; a span of yours may be kept in it
---@field operation string of the call: "converse_stream", "invoke_model", "messages", ...

---@class bedrock.RequestFacts: bedrock.StartFacts
---@field attempt integer from 1
---@field method string
---@field url string without what is secret in it
---@field headers table<string, string> lower-case names, secret values REMOVED; a copy
---@field bytes integer of the body
---@field identity string? who signed it: the source of the credentials

---@class bedrock.ResponseFacts: bedrock.StartFacts
---@field attempt integer
---@field status integer
---@field headers table<string, string> lower-case names, secret values REMOVED; a copy
---@field request_id string?
---@field seconds number from the beginning of the attempt to the head of its answer
---@field reused boolean? whether it came over a connection from the pool, when the transport can tell

---@class bedrock.RetryFacts: bedrock.StartFacts
---@field attempt integer
---@field kind bedrock.ErrorKind
---@field code string?
---@field status integer?
---@field message string
---@field request_id string?
---@field seconds number that the attempt took
---@field delay number? seconds until the next one; nil when there will be none
---@field why string? what was repaired, or why there will be no other attempt
---@field repaired boolean? true for a repair that costs no attempt: a dead connection, expired keys, a wrong clock

---@class bedrock.DoneFacts: bedrock.StartFacts
---@field attempts integer
---@field seconds number from the start to the end, pauses between attempts included; of a stream: to its last event
---@field first_byte number? seconds from the start to the head of the answer
---@field first_token number? of a stream of Messages or Converse: seconds from the start to the first piece of what the model wrote, as you got it
---@field events integer? of a stream, as many as you got
---@field status integer?
---@field request_id string?
---@field reused boolean?
---@field error bedrock.Error? why it failed, or "cancelled" when a stream was closed; nil for an answer
---@field usage bedrock.Usage? tokens, when the service counted them
---@field stop_reason string?
---@field model string? that answered, when the answer says so
---@field message_id string? of Messages

---@class bedrock.CallOptions what one call may set, as the second argument
---@field timeouts bedrock.Timeouts?
---@field headers table<string, string>?
---@field retry bedrock.RetryOptions|integer|false|nil
---@field preflight boolean|table|nil
---@field beta string|string[]|nil Anthropic's beta names, for Messages
---@field invoke table? further members of InvokeModel, for Messages: guardrailIdentifier, serviceTier
---@field on_interrupt (fun(err: bedrock.Error, partial: table?): table?)? goes on after a stream that broke, see bedrock.Stream

-- Messages --------------------------------------------------------------------------------------------------------------
-- https://docs.claude.com/en/api/messages

---@class bedrock.MessagesRequest
---@field model string a model or profile id, an ARN, or what `bedrock.models.id` gives
---@field max_tokens integer the longest answer
---@field messages bedrock.Message[] turns of user and assistant
---@field system string|bedrock.TextBlock[]|nil
---@field temperature number? 0 to 1
---@field top_p number?
---@field top_k integer?
---@field stop_sequences string[]?
---@field stream boolean? true: `create` gives a stream
---@field tools (bedrock.Tool|bedrock.ToolDeclaration|table)[]?
---@field tool_choice bedrock.ToolChoice?
---@field thinking { type: "enabled"|"adaptive"|"disabled", budget_tokens: integer? }?
---@field output_config { effort: "low"|"medium"|"high"|"max"|string|nil, format: table? }?
---@field metadata { user_id: string? }?
---@field anthropic_version string? "bedrock-2023-05-31" when absent
---@field anthropic_beta string[]?

---@class bedrock.Message
---@field role "user"|"assistant"
---@field content string|bedrock.ContentBlock|bedrock.Block|(string|bedrock.ContentBlock|bedrock.Block)[]

---@alias bedrock.ContentBlock
---| bedrock.TextBlock
---| bedrock.ImageBlock
---| bedrock.DocumentBlock
---| bedrock.ToolUseBlock
---| bedrock.ToolResultBlock
---| bedrock.ThinkingBlock
---| bedrock.RedactedThinkingBlock
---| bedrock.SearchResultBlock
---| table

---@class bedrock.CacheControl
---@field type "ephemeral"
---@field ttl "5m"|"1h"|nil

---@class bedrock.TextBlock
---@field type "text"
---@field text string
---@field citations table[]? of an answer
---@field cache_control bedrock.CacheControl?

---@class bedrock.ImageBlock
---@field type "image"
---@field source { type: "base64", media_type: "image/png"|"image/jpeg"|"image/gif"|"image/webp", data: string }
---@field cache_control bedrock.CacheControl?

---@class bedrock.DocumentBlock
---@field type "document"
---@field source { type: "base64"|"text"|"content", media_type: string?, data: string?, content: table? }
---@field title string?
---@field context string?
---@field citations { enabled: boolean }?
---@field cache_control bedrock.CacheControl?

---@class bedrock.ToolUseBlock
---@field type "tool_use"
---@field id string
---@field name string
---@field input table always an object
---@field cache_control bedrock.CacheControl?

---@class bedrock.ToolResultBlock
---@field type "tool_result"
---@field tool_use_id string
---@field content string|bedrock.ContentBlock[]|nil
---@field is_error boolean?
---@field cache_control bedrock.CacheControl?

---@class bedrock.ThinkingBlock
---@field type "thinking"
---@field thinking string
---@field signature string sent back exactly as it came

---@class bedrock.RedactedThinkingBlock
---@field type "redacted_thinking"
---@field data string

---@class bedrock.SearchResultBlock
---@field type "search_result"
---@field source string
---@field title string
---@field content bedrock.TextBlock[]
---@field citations { enabled: boolean }?

---@class bedrock.ToolDeclaration as the wire has it; `bedrock.tool` makes one with its function
---@field name string
---@field description string?
---@field input_schema table JSON schema of an object
---@field strict boolean?
---@field cache_control bedrock.CacheControl?

---@class bedrock.ToolChoice
---@field type "auto"|"any"|"tool"|"none"
---@field name string? for "tool"
---@field disable_parallel_tool_use boolean?

---@alias bedrock.MessagesEvent
---| { type: "message_start", message: table }
---| { type: "content_block_start", index: integer, content_block: bedrock.ContentBlock }
---| { type: "content_block_delta", index: integer, delta: bedrock.MessagesDelta }
---| { type: "content_block_stop", index: integer }
---| { type: "message_delta", delta: { stop_reason: string?, stop_sequence: string? }, usage: table }
---| { type: "message_stop" }
---| { type: "ping" }

---@class bedrock.MessagesDelta
---@field type "text_delta"|"input_json_delta"|"thinking_delta"|"signature_delta"|"citations_delta"|string
---@field text string?
---@field partial_json string?
---@field thinking string?
---@field signature string?
---@field citation table?

-- Converse --------------------------------------------------------------------------------------------------------------
-- https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html

---@class bedrock.ConverseRequest
---@field modelId string a model or profile id, an ARN, or what `bedrock.models.id` gives
---@field messages bedrock.ConverseMessage[]
---@field system bedrock.ConverseSystemBlock[]?
---@field inferenceConfig { maxTokens: integer?, temperature: number?, topP: number?, stopSequences: string[]? }?
---@field toolConfig bedrock.ConverseToolConfig?
---@field guardrailConfig bedrock.ConverseGuardrail?
---@field additionalModelRequestFields table? members of the model's own format: thinking, top_k, anthropic_beta
---@field additionalModelResponseFieldPaths string[]? JSON pointers into the model's own answer
---@field promptVariables table<string, { text: string }>?
---@field requestMetadata table<string, string>?
---@field performanceConfig { latency: "standard"|"optimized" }?
---@field serviceTier { type: "priority"|"default"|"flex"|"reserved" }?
---@field outputConfig { effort: string?, textFormat: table? }?

---@class bedrock.ConverseMessage
---@field role "user"|"assistant"|"system"
---@field content string|bedrock.Block|(string|bedrock.ConverseBlock|bedrock.Block)[]

---@class bedrock.ConverseBlock exactly one of its members
---@field text string?
---@field image { format: "png"|"jpeg"|"gif"|"webp", source: bedrock.ConverseSource }?
---@field document bedrock.ConverseDocument?
---@field video { format: string, source: bedrock.ConverseSource }?
---@field audio { format: string, source: bedrock.ConverseSource }?
---@field toolUse { toolUseId: string, name: string, input: table, type: string? }?
---@field toolResult { toolUseId: string, content: table[], status: "success"|"error"|nil }?
---@field reasoningContent { reasoningText: { text: string, signature: string? }?, redactedContent: string? }?
---@field citationsContent { content: { text: string }[], citations: table[] }?
---@field guardContent { text: { text: string, qualifiers: string[]? }?, image: table? }?
---@field cachePoint { type: "default", ttl: "5m"|"1h"|nil }?
---@field searchResult { source: string, title: string, content: { text: string }[], citations: { enabled: boolean }? }?
---@field toolAddition table?
---@field toolRemoval table?

---@class bedrock.ConverseSource exactly one of its members
---@field bytes string? raw bytes; they are base64 on the wire
---@field s3Location { uri: string, bucketOwner: string? }?

---@class bedrock.ConverseDocument
---@field format "pdf"|"csv"|"doc"|"docx"|"xls"|"xlsx"|"html"|"txt"|"md"|nil
---@field name string letters, digits, single blanks, hyphens, parentheses and brackets
---@field source { bytes: string?, s3Location: table?, text: string?, content: { text: string }[]? }
---@field context string?
---@field citations { enabled: boolean }? without them only the text of a PDF is seen

---@class bedrock.ConverseSystemBlock exactly one of its members
---@field text string?
---@field guardContent table?
---@field cachePoint { type: "default", ttl: "5m"|"1h"|nil }?

---@class bedrock.ConverseToolConfig
---@field tools (bedrock.Tool|bedrock.ConverseTool)[]
---@field toolChoice { auto: table?, any: table?, tool: { name: string }? }?

---@class bedrock.ConverseTool exactly one of its members
---@field toolSpec { name: string, description: string?, inputSchema: { json: table }, strict: boolean? }?
---@field systemTool { name: string }?
---@field cachePoint { type: "default", ttl: "5m"|"1h"|nil }?

---@class bedrock.ConverseGuardrail
---@field guardrailIdentifier string
---@field guardrailVersion string
---@field trace "enabled"|"disabled"|"enabled_full"|nil
---@field streamProcessingMode "sync"|"async"|nil

---@class bedrock.ConverseEvent one event of a stream: exactly one of its members
---@field messageStart { role: "assistant" }?
---@field contentBlockStart { contentBlockIndex: integer, start: { toolUse: { toolUseId: string, name: string }?, image: table? } }?
---@field contentBlockDelta { contentBlockIndex: integer, delta: bedrock.ConverseDelta }?
---@field contentBlockStop { contentBlockIndex: integer }?
---@field messageStop { stopReason: string, additionalModelResponseFields: any }?
---@field metadata { usage: table, metrics: { latencyMs: integer }, trace: table? }?

---@class bedrock.ConverseDelta exactly one of its members
---@field text string?
---@field toolUse { input: string }?
---@field reasoningContent { text: string?, signature: string?, redactedContent: string? }?
---@field citation table?
---@field toolResult table[]?
---@field image table?

---@class bedrock.ConverseAnswer: bedrock.Reply what `client:converse` gives, with the methods of a reply
---@field output { message: bedrock.ConverseMessage }
---@field stopReason "end_turn"|"tool_use"|"max_tokens"|"stop_sequence"|"guardrail_intervened"|"content_filtered"|string
---@field usage bedrock.Usage
---@field metrics { latencyMs: integer }
---@field additionalModelResponseFields any
---@field trace table?
