--- What of the library is public, and in which order a reader wants it.
--
-- A chapter has a title, an introduction and sections; a section is a file with the owners that are shown and how they are
-- written: `Stream = "stream:"` makes `Stream:next` read as `stream:next`. `hide` names what stands in the file for the
-- library's own use. Every file is in a chapter or in `internal`: a spec sees to it.

local chapters = {}

chapters.list = {
  {
    title = "The module",
    text = "`local bedrock = require \"bedrock\"`. Its parts are loaded when they are first used: `bedrock.content`, " ..
      "`bedrock.async` and so on are the modules of those names.",
    { "init.lua", show = { bedrock = "bedrock." } },
    { "types.lua", show = {}, classes = "Options RetryOptions Hooks CallFacts StartFacts RequestFacts " ..
      "ResponseFacts RetryFacts DoneFacts CallOptions" },
  },
  {
    title = "The client",
    text = "What `bedrock.new` gives. Beside the methods here, every operation of the service is a method: see " ..
      "[operations](operations.md).",
    {
      "client.lua", show = { Client = "client:" },
      hide = "call_options prepare open authenticate refresh time warn_of_model",
    },
    { "wait.lua", show = {}, classes = "WaitOptions" },
    { "discovery.lua", show = {}, classes = "AvailableModel" },
    { "pages.lua", show = { Pager = "pager:" } },
    { "logging.lua", show = { Logging = "logging:" }, classes = "LoggingOptions" },
  },
  {
    title = "Messages",
    text = "Claude in Anthropic's Messages format: `client.messages`. Over InvokeModel, or over one of the Messages APIs with " ..
      "the option `api`.",
    {
      "messages.lua", show = { Messages = "client.messages:", messages = "require \"bedrock.messages\"." },
      hide = "body native request native_request count_request service expected_seconds",
    },
    { "platform.lua", show = { Batches = "client.messages.batches:", Results = "results:", Files = "client.files:" } },
  },
  {
    title = "Streams",
    text = "What `client.messages:stream`, `client:converse_stream` and the other streaming operations give.",
    { "stream.lua", show = { Stream = "stream:" } },
    { "updates.lua", show = {}, classes = "Update" },
  },
  {
    title = "Replies",
    text = "Answers are the wire's own tables with methods, alike for Messages and Converse.",
    { "reply.lua", show = { Reply = "reply:" }, classes = "Usage ToolUse Citation" },
  },
  {
    title = "Content",
    text = "Blocks that fit both formats: the call that sends them writes them in its own.",
    { "content.lua", show = { content = "bedrock.content." }, hide = "messages converse write" },
    { "convert.lua", show = { convert = "bedrock.convert." } },
  },
  {
    title = "Tools and runs",
    text = "Declare a tool once; a run lets the model use it until it is done.",
    { "tools.lua", show = { tools = "bedrock.tools.", Runner = "runner:" }, classes = "Tool ToolResult",
      hide = "next_request receive will_call proceed restart fail" },
    { "run.lua", show = { Run = "run:" } },
  },
  {
    title = "Chats",
    text = "A conversation that keeps its history, caches it, and can be saved.",
    { "chat.lua", show = { chat = "bedrock.chat.", Chat = "talk:" }, hide = "over load_over" },
  },
  {
    title = "Structured output",
    text = "Values of a JSON schema.",
    { "structured.lua", show = { structured = "bedrock.structured." }, hide = "over" },
    { "schema.lua", show = { schema = "bedrock.schema." } },
  },
  {
    title = "Models",
    text = "What is known of Claude models on Bedrock. Never needed to send a request.",
    { "models.lua", show = { models = "bedrock.models." }, classes = "Model" },
  },
  {
    title = "Batches",
    text = "Many records through Bedrock's batch jobs.",
    { "batch.lua", show = { batch = "bedrock.batch.", Run = "batch_run:" }, classes = "BatchOptions BatchProgress BatchResult" },
    { "s3.lua", show = { s3 = "require \"bedrock.s3\".", S3 = "s3:", Reader = "reader:" }, classes = "S3Upload" },
  },
  {
    title = "Many at a time",
    text = "A small scheduler for plain Lua. In nginx, Neovim and other hosts their own takes its place: see [hosts](hosts.md).",
    { "async.lua", show = { async = "bedrock.async.", Task = "task:", Loop = "loop:", Signal = "signal:" } },
    { "hosts/luv.lua", show = { luv = "require \"bedrock.hosts.luv\"." }, classes = "LuvOptions" },
    { "hosts/cqueues.lua", show = { adapter = "require \"bedrock.hosts.cqueues\"." } },
    { "hosts/neovim.lua", show = { neovim = "require \"bedrock.hosts.neovim\"." } },
  },
  {
    title = "JSON",
    text = "JSON that loses nothing: `[]` and `{}` stay apart, integers are exact, the same table is always the same text.",
    { "json.lua", show = { json = "bedrock.json." }, classes = "json.Error json.DecodeOptions json.EncodeOptions" },
  },
  {
    title = "Errors",
    text = "Every failure of the world is such an object, returned as `nil, err`. What each kind means: [errors](errors.md).",
    { "errors.lua", show = { errors = "bedrock.errors." }, classes = "Error Attempt ErrorKind",
      hide = "misuse from_response from_stream from_transport" },
  },
  {
    title = "API keys",
    text = "Short-term keys, made without asking any server.",
    { "token.lua", show = { token = "require \"bedrock.token\"." } },
  },
  {
    title = "Testing",
    text = "For the tests of your own code: see [testing](testing.md).",
    { "testing/init.lua", show = { testing = "bedrock.testing." } },
    { "testing/script.lua", show = { Script = "script:" }, classes = "testing.Reply testing.Request" },
    { "testing/service.lua", show = { Service = "service:" } },
    {
      "emulator/init.lua", show = { emulator = "require \"bedrock.emulator\".", Emulator = "emulator:" },
      classes = "emulator.Options",
    },
  },
  {
    title = "Transports",
    text = "What moves the bytes, and the contract for one of your own.",
    { "transports/init.lua", show = { transports = "require \"bedrock.transports\"." },
      classes = "Transport TransportRequest TransportResponse TransportError Timeouts" },
    { "transports/curl.lua", show = { M = "require \"bedrock.transports.curl\"." }, classes = "CurlOptions" },
    { "transports/resty.lua", show = { M = "require \"bedrock.transports.resty\"." }, classes = "RestyOptions" },
    { "system.lua", show = { system = "require \"bedrock.system\"." }, classes = "System" },
    { "credentials/context.lua", show = {}, classes = "Credentials" },
  },
}

--- Files whose functions are for the library's own use: their annotations are for those who work on it.
chapters.internal = [[
  accumulator apis bar blocks call config converse endpoint forms hints hooks hosts/init images jsonl lazy log loops native
  nearest partial_json partitions preflight profiles redact request response retry signer tables timestamps version xml
  operations/ transports/http1 transports/peer testing/answers testing/cassette credentials/ emulator/ cli/
]]

return chapters
