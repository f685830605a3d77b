--- Errors that people meet, one row each: how it comes about, its kind ("misuse" raises), and what its line must tell: what is
--- wrong, where, and what to do. See spec/catalogue_spec.lua.

local bad_servers = require "spec.support.bad_servers"
local bedrock = require "bedrock"
local certificates = require "spec.support.certificates"
local emulator = require "spec.support.emulator"
local pretend = require "spec.support.pretend"
local server = require "spec.support.server"
local testing = require "bedrock.testing"

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"
local BASE = "anthropic.claude-sonnet-4-5-20250929-v1:0"

local content = bedrock.content

-- A client of a script whose replies are these.
local function scripted(...)
  return testing.script({ ... }):client { retry = false }
end

local function refusal(code, message, status)
  return { error = code, message = message, status = status }
end

local function converse_request(members)
  local request = { modelId = MODEL, messages = { { role = "user", content = { { text = "Hi" } } } } }
  for name, value in pairs(members or {}) do request[name] = value end
  return request
end

local function messages_request(members)
  local request = { model = MODEL, max_tokens = 16, messages = { { role = "user", content = "Hi" } } }
  for name, value in pairs(members or {}) do request[name] = value end
  return request
end

local function second(_, value)
  return value
end

local function misuse(act)
  return function(world)
    local ok, why = pcall(act, world)
    return not ok and why or nil
  end
end

local function converse(members, client)
  return function() return second((client or scripted "Hi"):converse(converse_request(members))) end
end

local function messages(members, options)
  return function() return second(scripted("Hi").messages:create(messages_request(members), options)) end
end

-- What the service says, word for word as it has been recorded, and what we make of it.
local function refused(code, message, status, members)
  return function() return second(scripted(refusal(code, message, status)):converse(converse_request(members))) end
end

local function with_blocks(...)
  return { messages = { { role = "user", content = { ... } } } }
end

-- A client on a machine with this environment and these files.
local function on(env, files, options, run)
  local pretended = pretend.system { env = env, files = files, now = 1700000000, run = run }
  local all = { system = pretended, log = function() end, retry = false }
  env.HOME, env.AWS_EC2_METADATA_DISABLED = env.HOME or "/home/me", "true"
  for name, value in pairs(options or {}) do all[name] = value end
  return bedrock.new(all)
end

local function machine(env, files, options, run)
  return function() return second(on(env, files, options, run):converse(converse_request())) end
end

local function config(text, env, options, run)
  return machine(env or {}, { ["/home/me/.aws/config"] = text }, options, run)
end

-- What a program of a profile ends with.
local function printing(code, stdout, stderr)
  return function() return { code = code, stdout = stdout, stderr = stderr } end
end

-- Over a socket, with a fault of the emulator.
local function faulty(fault, options)
  return function(world)
    local client = world.client(options)
    local call = { headers = { ["x-emulator-fault"] = fault } }
    return second(client:converse(converse_request(), call))
  end
end

local function faulty_stream(fault)
  return function(world)
    local stream, err = world.client():converse_stream(converse_request(), { headers = { ["x-emulator-fault"] = fault } })
    if not stream then return err end
    return second(stream:message())
  end
end

-- An address that nobody answers, a server that nobody trusts.
local function at(endpoint, options)
  return function(world)
    local all = { endpoint = type(endpoint) == "function" and endpoint(world) or endpoint }
    for name, value in pairs(options or {}) do all[name] = value end
    return second(world.client(all):converse(converse_request()))
  end
end

-- A server behind TLS: good, or bad in one way.
local function tls(name)
  return function(world) return world.tls(name) end
end

-- The same with the authority's certificate at hand.
local function trusting(name)
  return function(world) return at(world.tls(name), { ca_bundle = world.ca })(world) end
end

local groups = {}

groups["misuse"] = {
  { "an option that is none", "misuse", { "regoin", "catalogue_cases.lua:", "did you mean region?" },
    misuse(function() bedrock.new { regoin = "us-west-2" } end) },
  { "an option of another type", "misuse", { "region", "catalogue_cases.lua:", "takes a string, not a number" },
    misuse(function() bedrock.new { region = 5 } end) },
  { "options that are no table", "misuse", { "bedrock.new", "catalogue_cases.lua:", "takes a table of options" },
    misuse(function() bedrock.new "us-west-2" end) },
  { "a clock that is none", "misuse", { "member first", "timeouts", "there are connect, first_byte, idle, total" },
    misuse(function() bedrock.new { timeouts = { first = 5 } } end) },
  { "a time that is negative", "misuse", { "-1", "timeouts.idle", "a positive number, or false" },
    misuse(function() bedrock.new { timeouts = { idle = -1 } } end) },
  { "a member of retry that is none", "misuse", { "member attempts", "retry", "max_attempts" },
    misuse(function() bedrock.new { retry = { attempts = 5 } } end) },
  { "a way to Claude that is none", "misuse", { '"bedrock"', "api", "invoke, runtime, mantle, platform" },
    misuse(function() bedrock.new { api = "bedrock" } end) },
  { "an option of a call that is none", "misuse", { "option timeout of a call", "catalogue_cases.lua:", "timeouts" },
    misuse(function() scripted("Hi"):converse(converse_request(), { timeout = 5 }) end) },
  { "an operation that is none", "misuse", { "list_guardrail", "catalogue_cases.lua:", 'did you mean "list_guardrails"?' },
    misuse(function() scripted("Hi"):list_guardrail() end) },
  { "a request that is no table", "misuse", { "not a string", "converse", "a table of parameters" },
    misuse(function() scripted("Hi"):converse("Hi") end) },
  { "a tool without a name", "misuse", { "a tool", "catalogue_cases.lua:", "1 to 64 letters, digits, _ and -" },
    misuse(function() bedrock.tool { run = print } end) },
  { "a tool with two schemas", "misuse", { "not both", "the tool x", "schema or parameters" },
    misuse(function() bedrock.tool { name = "x", schema = {}, parameters = {} } end) },
  { "parameters of a type that is none", "misuse", { "sting", "the tool x: the parameter a", "string, integer, number, boolean" },
    misuse(function() bedrock.tool { name = "x", parameters = { a = "sting" } } end) },
  { "an image of nothing", "misuse", { "not a nil", "content.image", "a path or a table" },
    misuse(function() content.image() end) },
  { "a call without the colon", "misuse", { "colon", "converse", "client:converse {" },
    misuse(function() scripted("Hi").converse(converse_request()) end) },
  { "a Messages call without the colon", "misuse", { "colon", "messages:create", "client.messages:create {" },
    misuse(function() scripted("Hi").messages.create(messages_request()) end) },
}

groups["configuration"] = {
  { "a region that cannot be one", "config", { "us west", "AWS_REGION", "letters, digits and hyphens, such as us-east-1" },
    machine({ AWS_REGION = "us west" }, {}) },
  { "an endpoint that is no address", "config", { "localhost:8377", "AWS_ENDPOINT_URL", "http://host:port/path" },
    machine({ AWS_ENDPOINT_URL = "localhost:8377" }, {}) },
  { "a profile that is not there", "credentials", { "profile prod", "AWS_PROFILE", "/home/me/.aws/config" },
    config("[profile dev]\nregion = eu-west-1\n", { AWS_PROFILE = "prod" }) },
  { "a profile that is misspelt", "config", { "profile dve", "/home/me/.aws/config", "Did you mean dev?" },
    config("[profile dev]\nregion = eu-west-1\n", {}, { profile = "dve" }) },
  { "a line that cannot be read", "config", { "'='", "/home/me/.aws/config, line 2", "Expected an '=' sign" },
    config("[default]\nregion eu-west-1\n") },
  { "a section without its bracket", "config", { "']'", "/home/me/.aws/config, line 1", "must end with ']'" },
    config("[default\nregion = eu-west-1\n") },
  { "two identities at once", "config", { "both api_key and AWS credentials", "converse", "Give one of them" },
    machine({}, {}, { api_key = "k", access_key_id = "AKIDEXAMPLE", secret_access_key = "s" }) },
  { "half a pair of keys", "config", { "without secret_access_key", "the option access_key_id", "Give both" },
    machine({}, {}, { access_key_id = "AKIDEXAMPLE" }) },
  { "a bundle of roots that is not there", "tls", { "certificate file", "/nonexistent/roots.pem", "ca_bundle" },
    at(tls "good", { ca_bundle = "/nonexistent/roots.pem" }) },
  { "a retry mode that is none", "config", { '"fast"', "retry mode (option)", "standard, adaptive or legacy" },
    machine({}, {}, { retry = { mode = "fast" } }) },
  { "attempts that are no number", "config", { '"many"', "AWS_MAX_ATTEMPTS", "a whole number from 1" },
    machine({ AWS_MAX_ATTEMPTS = "many" }, {}, { retry = {} }) },
  { "no workspace for the platform", "config", { "needs a workspace", "Claude Platform on AWS", "ANTHROPIC_AWS_WORKSPACE_ID" },
    function()
      return second(on({ AWS_REGION = "us-west-2" }, {}, { api = "platform", api_key = "k" }).messages:create(messages_request()))
    end },
  { "no region for Mantle", "config", { "no region is known", "bedrock-mantle", "AWS_REGION" },
    function()
      return second(on({}, {}, { api = "mantle", api_key = "k" }).messages:create(messages_request()))
    end },
}

groups["credentials"] = {
  { "none anywhere", "credentials", { "no AWS credentials", "there is no profile default", "Set AWS_ACCESS_KEY_ID" },
    machine({}, {}) },
  { "a key without its secret in the environment", "credentials",
    { "without AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "Set both" },
    machine({ AWS_ACCESS_KEY_ID = "AKIDEXAMPLE" }, {}) },
  { "a key without its secret in a profile", "credentials",
    { "aws_secret_access_key", "/home/me/.aws/config, line 1", "missing aws_secret_access_key" },
    config("[default]\naws_access_key_id = AKIDEXAMPLE\n") },
  { "a key with white space in it", "credentials", { "white space", "access_key_id", "come from: environment" },
    machine({ AWS_ACCESS_KEY_ID = "AKID EXAMPLE", AWS_SECRET_ACCESS_KEY = "s" }, {}) },
  { "a session of SSO that is not there", "credentials", { "sso-session work", "/home/me/.aws/config, line 1", "does not exist" },
    config("[default]\nsso_session = work\nsso_account_id = 1\nsso_role_name = r\n") },
  { "an SSO login that is not there", "credentials",
    { "no SSO token", "/home/me/.aws/sso/cache/", "aws sso login --profile default" },
    config("[default]\nsso_session = work\nsso_account_id = 1\nsso_role_name = r\n" ..
    "[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.invalid/start\n") },
  { "an SSO profile without a role", "credentials", { "sso_role_name", "/home/me/.aws/config, line 1", "must also be set" },
    config("[default]\nsso_session = work\nsso_account_id = 1\n" ..
    "[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.invalid/start\n") },
  { "a source profile that is not there", "credentials",
    { "source profile base", "/home/me/.aws/config, line 1", "referenced from default" },
    config("[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n") },
  { "a role without a source", "credentials",
    { "role_arn", "/home/me/.aws/config, line 1", "must contain `source_profile` or `credential_source`" },
    config("[default]\nrole_arn = arn:aws:iam::1:role/r\n") },
  { "profiles that lean on each other", "credentials",
    { "infinite loop", "/home/me/.aws/config, line 1", "default -> b -> default" },
    config("[default]\nrole_arn = arn:a\nsource_profile = b\n[profile b]\nrole_arn = arn:b\n" ..
    "source_profile = default\n") },
  { "a program that fails", "credentials", { "exit code 3", "credential_process of profile default", "no vault" },
    config("[default]\ncredential_process = vault\n", {}, nil, printing(3, "", "no vault")) },
  { "a program that says something else", "credentials",
    { "did not print", "credential_process of profile default", "a JSON object" },
    config("[default]\ncredential_process = talk\n", {}, nil, printing(0, "hello", "")) },
  { "a token file that is not there", "credentials", { "does not exist", "/var/run/token", "AWS_WEB_IDENTITY_TOKEN_FILE" },
    machine({ AWS_WEB_IDENTITY_TOKEN_FILE = "/var/run/token", AWS_ROLE_ARN = "arn:aws:iam::1:role/r" }, {}) },
  { "a function that gives nothing", "credentials", { "failed", "the function given as credentials", "the vault is sealed" },
    machine({}, {}, { credentials = function() return nil, "the vault is sealed" end }) },
  { "a function that gives half of it", "credentials",
    { "secret access key is missing", "function", "It returns { access_key_id, secret_access_key" },
    machine({}, {}, { credentials = function() return { access_key_id = "AKIDEXAMPLE" } end }) },
  { "a function that raises", "credentials", { "boom", "catalogue_cases.lua:", "the function given as credentials" },
    machine({}, {}, { credentials = function() error "boom" end }) },
}

groups["preflight"] = {
  { "blank text", "validation", { "blank text", "messages[1].content[1]", "preflight = { blank = false }" },
    converse(with_blocks { text = " " }) },
  { "a request without its model", "validation", { "a model id is needed", "modelId", "bedrock.models.id" },
    function() return second(scripted("Hi"):converse { messages = {} }) end },
  { "a member of another type", "validation", { "got a string", '"messages"', "must be a list" },
    converse { messages = "Hi" } },
  { "a member that is missing", "validation", { "missing required member", "get_guardrail", "guardrailIdentifier" },
    function() return second(scripted("Hi"):get_guardrail {}) end },
  { "a value that is no JSON", "validation", { "functions", "messages[1].content[1].text", "cannot be JSON" },
    converse(with_blocks { text = print }) },
  { "Messages in Converse's form", "validation", { "not a number", "messages[1].content[1]", "a table or a string" },
    messages { messages = { { role = "user", content = { 5 } } } } },
  { "a document with an illegal name", "validation",
    { "a.b/c", "messages[1].content[2].document.name", "letters, digits, blanks, hyphens" },
    converse(with_blocks({ text = "Read" },
    { document = { name = "a.b/c", format = "pdf", source = { bytes = "%PDF-" } } })) },
  { "a tool result that answers no call", "validation",
    { 'answers "t1"', "messages[1].content[1]", "no message before it calls" },
    converse(with_blocks { toolResult = { toolUseId = "t1", content = { { text = "21" } } } }) },
  { "tool input that is no object", "validation",
    { "input of a tool call", "messages[2].content[1].toolUse.input", "must be an object" },
    converse { messages = {
    { role = "user", content = { { text = "Hi" } } },
    { role = "assistant", content = { { toolUse = { toolUseId = "t1", name = "x", input = "no" } } } },
    { role = "user", content = { { toolResult = { toolUseId = "t1", content = { { text = "21" } } } } } },
  } } },
  { "too many images", "validation", { "21 images", "messages[1]", "20 are allowed" },
    function()
      local blocks = { { text = "Look" } }
      for _ = 1, 21 do blocks[#blocks + 1] = { image = { format = "png", source = { bytes = "x" } } } end
      return converse { messages = { { role = "user", content = blocks } } } ()
    end },
  { "an image that is too large", "validation", { "3.81 MB", "messages[1].content[2]", "3.75 MB are allowed" },
    converse(with_blocks({ text = "Look" },
    { image = { format = "png", source = { bytes = ("x"):rep(4000000) } } })) },
  { "a request over 20 MB", "too_large", { "over 21 MB", "messages[1].content[1]", "takes 20 MB; the largest part is here" },
    messages { messages = { { role = "user", content = { { type = "text", text = ("x"):rep(21000000) } } } } } },
  { "an answer too long for one piece", "validation", { "max_tokens = 64000", "messages", "Use messages:stream" },
    messages { max_tokens = 64000 } },
  { "a file that is not there", "validation", { "No such file", "/nonexistent/a.png", "cannot read" },
    function() return second(content.image "/nonexistent/a.png") end },
  { "a file that is no image", "validation", { "no png, jpeg, gif or webp", "a.png", "convert it" },
    function() return second(content.image { bytes = "BM....", path = "a.png" }) end },
  { "a document of a kind that is none", "validation", { "no pdf, csv", "a.exe", 'format = "txt"' },
    function() return second(content.document { bytes = "\0\1", path = "a.exe" }) end },
  { "an empty file", "validation", { "is empty", "a.pdf", "is empty" },
    function() return second(content.document { bytes = "", path = "a.pdf" }) end },
  { "a header with a line break", "validation", { "a line break", "X-Name", "the header" },
    messages({}, { headers = { ["X-Name"] = "a\r\nb" } }) },
  { "an empty model", "validation", { "a model id is needed", "model", "bedrock.models.id" },
    messages { model = "" } },
}

groups["the service"] = {
  { "a model that is called without its profile", "validation",
    { "on-demand throughput", "us-east-1", "call it as global.anthropic" },
    refused("ValidationException", "Invocation of model ID " .. BASE ..
    " with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains " ..
    "this model.", 400, { modelId = BASE }) },
  { "a model that is none", "validation", { "identifier is invalid", "converse", "client:models() lists them" },
    refused("ValidationException", "The provided model identifier is invalid.", 400,
    { modelId = "nosuch.model-v1:0" }) },
  { "a model that is misspelt", "validation", { "identifier is invalid", "converse", "Did you mean claude-sonnet-4.5?" },
    refused("ValidationException", "The provided model identifier is invalid.", 400,
    { modelId = "claude-sonet-4.5" }) },
  { "a model at its end", "not_found", { "end of its life", "converse", "client:models()" },
    refused("ResourceNotFoundException", "This model version has reached the end of its life. Please refer to " ..
    "the AWS documentation for more details.", 404, { modelId = "anthropic.claude-3-sonnet-20240229-v1:0" }) },
  { "no access to the model", "access_denied", { "have access to the model", "us-east-1", "Model access" },
    refused("AccessDeniedException", "You don't have access to the model with the specified model ID.", 403) },
  { "no permission", "access_denied", { "not authorized to perform", "user/me", "policy must allow bedrock:InvokeModel" },
    refused("AccessDeniedException", "User: arn:aws:iam::123456789012:user/me is not authorized to perform: " ..
      "bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/x because no policy allows it", 403) },
  { "a form that is not filled in", "not_found", { "use case details", "converse", "Fill in the form" },
    refused("ResourceNotFoundException", "Model use case details have not been submitted for this " ..
    "account. Fill out the Anthropic use case details form before using the model.", 404) },
  { "a signature that does not match", "access_denied", { "does not match", "converse", "client:identity()" },
    refused("SignatureDoesNotMatch", "The request signature we calculated does not match the " ..
    "signature you provided. Check your AWS Secret Access Key and signing method.", 403) },
  { "a token that is invalid", "access_denied", { "is invalid", "converse", "client:identity()" },
    refused("UnrecognizedClientException", "The security token included in the request is invalid.", 403) },
  { "a token that has expired", "credentials", { "expired", "converse", "log in again" },
    refused("ExpiredTokenException", "The security token included in the request is expired", 403) },
  { "too many requests", "throttled", { "Too many requests", "converse", "adaptive" },
    refused("ThrottlingException", "Too many requests, please wait before trying again.", 429) },
  { "too many tokens", "throttled", { "Too many tokens", "converse", "inferenceConfig.maxTokens" },
    refused("ThrottlingException", "Too many tokens, please wait before trying again.", 429) },
  { "a quota", "quota", { "limit of guardrails", "converse", "Service Quotas" },
    refused("ServiceQuotaExceededException", "Your account has reached its limit of guardrails.", 400) },
  { "a conversation that is too long", "validation",
    { "prompt is too long", "context window (200000 tokens)", "drop or summarise" },
    refused("ValidationException", "prompt is too long: 250000 tokens > 200000 maximum", 400) },
  { "a beta that is not known", "validation", { "invalid beta flag", "invoke_model", "the beta new-2099-01-01" },
    function()
      local client = scripted(refusal("ValidationException", "invalid beta flag", 400))
      return second(client.messages:create(messages_request(), { beta = { "new-2099-01-01" } }))
    end },
  { "a model that is not ready", "model", { "not ready", "converse", "works in a while" },
    refused("ModelNotReadyException", "The model is not ready for inference. Wait and try again.", 429) },
  { "a model that fails", "model", { "The model failed", "converse", "Ask again" },
    refused("ModelErrorException", "The model failed.", 424) },
  { "a model that takes too long", "model", { "took too long", "converse", "a shorter answer" },
    refused("ModelTimeoutException", "The request took too long to process.", 408) },
  { "a service that fails", "server", { "InternalServerException", "request ", "Ask again later" },
    refused("InternalServerException", "The server encountered an error processing the request.", 500) },
  { "a service that is overloaded", "server", { "ServiceUnavailableException", "request ", "Ask again later" },
    refused("ServiceUnavailableException", "The service isn't currently available.", 503) },
  { "a proxy's page", "server", { "Bad gateway", "HTTP 502", "a proxy or a gateway" },
    function()
      return second(scripted({ body = "<html><title>Bad gateway</title></html>", status = 502 }):converse(converse_request()))
    end },
  { "JSON that is broken", "server", { "not JSON", "line 1 column 11", "a proxy or a gateway" },
    function() return second(scripted({ body = "{\"output\":", status = 200 }):converse(converse_request())) end },
  { "a value that does not fit", "model", { "does not fit the schema", ".age must be integer", "err.reply is the answer" },
    function()
      return second(scripted('{"age":"old"}').messages:parse(messages_request {
        schema = { type = "object", properties = { age = { type = "integer" } }, required = { "age" } },
      }))
    end },
  { "prose instead of a value", "model", { "not JSON", "line 1 column 1", "err.reply is the answer" },
    function()
      return second(scripted("I would say 34.").messages:parse(messages_request { schema = { type = "object" } }))
    end },
  { "tools without an end", "model", { "still wants tools", "after 2 steps", "Raise max_steps" },
    function()
      local weather = bedrock.tool { name = "weather", run = function() return "21" end }
      local call = { tools = { { name = "weather", input = {} } } }
      return second(scripted(call, call, call):chat { modelId = MODEL, tools = { weather }, max_steps = 2 }:say "And?")
    end },
  { "a job that fails", "conflict", { "FAILED", "get_guardrail", "the policy is empty" },
    function()
      local client = scripted { json = { guardrailId = "g", status = "FAILED", statusReasons = { "the policy is empty" } } }
      return second(client:wait("get_guardrail", { guardrailIdentifier = "g" }))
    end },
  { "a guardrail that is not there", "not_found", { "nope was not found", "get_guardrail", "the region (us-east-1)" },
    function(world)
      return second(world.client():get_guardrail { guardrailIdentifier = "nope" })
    end },
}

groups["network"] = {
  { "nobody listens", "network", { "Connection refused", "127.0.0.1 port 1", "Check the address" },
    at "http://127.0.0.1:1" },
  { "a host that is none", "network", { "could not resolve", "bedrock.invalid", "Check the region" },
    at("https://bedrock.invalid") },
  { "a proxy that is not there", "network", { "could not connect to the proxy", "converse", "https_proxy" },
    at("http://127.0.0.1:2", { proxy = "http://127.0.0.1:1" }) },
  { "a connection that is closed", "network", { "closed the connection", "before it answered", "sent again" },
    faulty "close:before" },
  { "a connection that is reset", "network", { "reset the connection", "before it answered", "sent again" },
    faulty "reset:before" },
  { "an answer that is cut", "stream", { "broke off", "converse", "sent again" },
    faulty "close:body" },
  { "silence before the answer", "timeout", { "no answer within 0.3 seconds", "first_byte clock", "timeouts.first_byte" },
    faulty("silent", { timeouts = { first_byte = 0.3 } }) },
  { "silence, and a limit for all of it", "timeout", { "longer than 0.3 seconds", "total clock", "timeouts.total" },
    faulty("silent", { timeouts = { total = 0.3 } }) },
  { "plain HTTP where TLS is spoken", "network", { "TLS handshake", "converse", "begins with http://" },
    at(function(world) return (world.service.url:gsub("^http:", "https:")) end) },
}

groups["TLS"] = {
  { "an authority that is not known", "tls", { "issuer", "localhost port", "AWS_CA_BUNDLE" },
    at(tls "good") },
  { "a certificate that has expired", "tls", { "expired", "localhost port", "the clock of this machine" },
    trusting "expired" },
  { "a certificate of another host", "tls", { "subject name", "localhost port", "another host" },
    trusting "of another host" },
  { "a certificate of its own", "tls", { "self", "localhost port", "AWS_CA_BUNDLE" },
    trusting "self-signed" },
  { "a protocol that is too old", "tls", { "protocol", "localhost port", "not safe any more" },
    trusting "shown over TLS 1.0" },
}

groups["streams"] = {
  { "a stream that is cut", "stream", { "the connection broke", "in the middle of the stream", "err.partial" },
    faulty_stream "close:body" },
  { "a frame that is damaged", "stream", { "the checksum of the frame differs", "converse_stream", "err.partial" },
    faulty_stream "crc:3" },
  { "a frame with a wrong length", "stream", { "the checksum", "converse_stream", "err.partial" },
    faulty_stream "wrong-length:3" },
  { "bytes that are no frame", "stream", { "prelude", "converse_stream", "err.partial" },
    faulty_stream "garbage:2" },
  { "a stream without its stop event", "stream", { "not complete", "before messageStop", "err.partial" },
    faulty_stream "no-stop" },
  { "an exception in the middle", "model", { "ModelStreamErrorException", "converse_stream", "Ask again" },
    faulty_stream "exception:modelStreamErrorException:2" },
  { "a throttle in the middle", "throttled", { "ThrottlingException", "converse_stream", "adaptive" },
    faulty_stream "exception:throttlingException:2" },
  { "a frame that is too large", "stream", { "above the limit", "converse_stream", "limits.frame" },
    faulty_stream "huge-frame:25" },
  { "a stream that falls silent", "timeout", { "no byte moved for 0.3 seconds", "idle clock", "timeouts.idle" },
    function(world)
      local client = world.client { timeouts = { idle = 0.3 } }
      local stream = assert(client:converse_stream(converse_request(), { headers = { ["x-emulator-fault"] = "stall:5:2" } }))
      return second(stream:message())
    end },
  { "a stream that the program closed", "cancelled", { "was closed", "the stream", "closed" },
    function(world)
      local stream = assert(world.client():converse_stream(converse_request()))
      stream:close()
      return second(stream:message())
    end },
}

-- What the host is asked for in vain. What nginx lacks is in spec/hosts/nginx_cases.lua.
local async = bedrock.async

groups["hosts"] = {
  { "a task without a loop", "misuse", { "async.spawn", "catalogue_cases.lua:", "inside async.run" },
    misuse(function() async.spawn(function() end) end) },
  { "a task that is no function", "misuse", { "not a number", "a task", "needs a function" },
    misuse(function() async.run(5) end) },
  { "a list that is none", "misuse", { "not a string", "async.map", "takes a list" },
    misuse(function() async.map("one", function() end) end) },
  { "workers that are none", "misuse", { "not 0", "concurrency", "a number from 1" },
    misuse(function() async.map({ 1 }, function() end, { concurrency = 0 }) end) },
  { "a sleep that is no time", "misuse", { "not a string", "async.sleep", "takes seconds" },
    misuse(function() async.sleep "soon" end) },
  { "a transport that is none", "misuse", { "no method request", "the option transport", "docs/hosts.md" },
    misuse(function() bedrock.new { region = "us-west-2", transport = {} } end) },
  { "a loop of libuv without it", "misuse", { "not a nil", "loop takes libuv", 'require "luv"' },
    misuse(function() require("bedrock.hosts.luv").loop() end) },
  { "Neovim's loop outside of it", "misuse", { "inside Neovim only", "bedrock.hosts.neovim", "bedrock.async" },
    misuse(function() require("bedrock.hosts.neovim").loop() end) },
  { "a task that was cancelled", "cancelled", { "cancelled", "the task", "was cancelled" },
    function()
      return second(async.run(function()
        local task = async.spawn(function() async.sleep(60) end)
        task:cancel()
        return task:join()
      end))
    end },
}

-- The world in which they happen: the emulator, and servers behind TLS.
local function client_of(service)
  return function(options)
    local all = {
      region = "us-east-1", endpoint = service.url, access_key_id = service.access_key_id,
      secret_access_key = service.secret_access_key, retry = false, log = function() end,
    }
    for name, value in pairs(options or {}) do all[name] = value end
    return bedrock.new(all)
  end
end

local function world()
  local service, authority = emulator.start { pace = 0 }, certificates.new()
  local routes = { ["*"] = { { send = server.answer "{}" } } }
  local good = server.start { tls = authority:issue("good", "DNS:localhost", 2), routes = routes }
  local bad = bad_servers.start(authority, routes)
  local urls = { good = "https://localhost:" .. good.port }
  for _, one in ipairs(bad) do urls[one.name] = one.url end
  return {
    service = service, client = client_of(service), tls = function(name) return assert(urls[name]) end, ca = authority.ca,
    stop = function()
      service.stop()
      good:stop()
      bad.stop()
      authority:remove()
    end,
  }
end

return { groups = groups, world = world }
