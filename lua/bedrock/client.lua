--- The client: settings, identity and transport, and a method for every operation.
--
-- `client:converse{...}`, `client:create_guardrail{...}`: any operation of the table is a method by its snake_case name.
-- `client.messages` speaks Anthropic's Messages format. Nothing touches the network before the first call.

local call = require "bedrock.call"
local config = require "bedrock.config"
local core = require "bedrock.core"
local endpoint = require "bedrock.endpoint"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local log = require "bedrock.log"
local operations = require "bedrock.operations"
local retry = require "bedrock.retry"
local default_system = require "bedrock.system"
local version = require "bedrock.version"

local client = {}

---@class bedrock.Client
---@field messages bedrock.Messages Anthropic's Messages, on the way that the option `api` picks
---@field files bedrock.Files of Claude Platform on AWS
---@field settings table the resolved configuration
local Client = {}

local function user_agent()
  local lua = rawget(_G, "jit") and "luajit" or _VERSION:lower():gsub(" ", "/")
  return ("bedrock-lua/%s %s"):format(version._VERSION, lua)
end

-- Parts that are made when they are first asked for, so that a script that needs one pays for one.
local parts = {
  messages = function(self) return require("bedrock.messages").service(self) end,
  files = function(self) return require("bedrock.platform").files(self) end,
}

local Meta = { __name = "bedrock.client" }

function Meta.__index(self, name)
  local method = Client[name]
  if method then return method end
  if parts[name] then
    local part = parts[name](self)
    rawset(self, name, part)
    return part
  end
  if type(name) ~= "string" then return nil end
  return client.operation_method(name)
end

function Meta.__tostring(self)
  return ("bedrock.client (%s)"):format(tostring(self.settings.region))
end

-- One closure an operation, shared by all clients.
local methods = setmetatable({}, { __mode = "v" })

-- Misuse raises at the line that did it: above this function and the method that calls it.
local function check_params(name, params)
  if params ~= nil and type(params) ~= "table" then
    error(("bedrock: %s takes a table of parameters, not a %s"):format(name, type(params)), 3)
  end
end

-- The method of an operation; an unknown name is a slip of the pen, so it raises and suggests.
function client.operation_method(name)
  local method = methods[name]
  if method then return method end
  local op, why = operations.find(name)
  if not op then errors.misuse("bedrock: " .. tostring(why)) end
  local run = client.shaped[name] or function(self, params, opts) return self:call(name, params, opts) end
  method = function(self, params, opts)
    if getmetatable(self) ~= Meta then errors.misuse(("bedrock: call it with a colon: client:%s { ... }"):format(name)) end
    check_params(name, params)
    return run(self, params, opts)
  end
  methods[name] = method
  return method
end

-- Operations whose answers are more than tables: they take neutral content blocks and give replies.
client.shaped = {
  converse = function(self, params, opts) return require("bedrock.converse").create(self, params or {}, opts) end,
  converse_stream = function(self, params, opts) return require("bedrock.converse").stream(self, params or {}, opts) end,
  count_tokens = function(self, params, opts) return require("bedrock.converse").count_tokens(self, params or {}, opts) end,
}

--- Makes a client. Every option has a default; see the README's section on configuration.
---@param options table?
---@return bedrock.Client
function client.new(options)
  if options ~= nil and type(options) ~= "table" then
    error("bedrock.new takes a table of options, not a " .. type(options), 3)
  end
  options = options or {}
  local system = options.system or default_system
  local settings = config.resolve(options, system, 4)
  local write, debugging = log.new(options.log, system)
  -- Nothing is nil here: an absent field is looked up as an operation.
  local self = {
    settings = settings, system = system, log_ = write,
    watch = (options.hooks or debugging) and require("bedrock.hooks").new(options.hooks, write, debugging) or false,
    policy = retry.policy(settings.retry), bucket = retry.bucket(), own_timeouts = options.timeouts or false,
    limiter_ = false, skew = 0, warned = {},
    user_agent = user_agent(), transport = false, chain = false, random_ = options.random or default_system.random,
  }
  self.transport = options.transport or require("bedrock.transports").default(settings)
  if not self.transport.request then errors.misuse("bedrock: the option transport has no method request; see docs/hosts.md") end
  for _, warning in ipairs(settings.warnings or {}) do self.log_("warn", warning) end
  return setmetatable(self, Meta)
end

-- Streams in both directions need HTTP/2 and events that are signed one by one.
local function duplex(op)
  return errors.new {
    kind = "config", code = "unsupported", operation = op.snake,
    message = op.name .. " streams in both directions over HTTP/2, which this library does not do",
    hint = "Use converse_stream or invoke_model_with_response_stream",
  }
end

-- What stands for an operation where there is none.
local function raw_operation(service)
  return { snake = "request", service = service, api = { protocol = "rest-json" } }
end

local function raw_request(params)
  if type(params) ~= "table" or type(params.path) ~= "string" or params.path:sub(1, 1) ~= "/" then
    errors.misuse('bedrock: request takes { path = "/...", method, service, query, headers, body }')
  end
  local body, headers = params.body, { (table.unpack or unpack)(params.headers or {}) }
  if type(body) == "table" then
    local text, why = json.encode(body, { buffer = true })
    if not text then
      return nil, errors.new { kind = "validation", code = "body", operation = "request", message = "body: " .. why.message }
    end
    body = text
    headers[#headers + 1] = { "Content-Type", "application/json" }
  end
  return { method = params.method or (body and "POST" or "GET"), path = params.path, query = params.query, headers = headers,
    body = body }
end

--- What one call is set to: its own options over those of the client that make sense for one call.
---@param opts bedrock.CallOptions?
---@return table
function Client:call_options(opts)
  local all = { headers = self.settings.headers, timeouts = self.own_timeouts or nil, preflight = self.settings.preflight }
  for k, v in pairs(opts or {}) do all[k] = v end
  return all
end

--- A call that is encoded and ready to be sent.
---@param name string
---@param params table
---@param opts bedrock.CallOptions?
---@return bedrock.Call? call
---@return bedrock.Error? err
function Client:prepare(name, params, opts)
  return call.new(self, operations.find(name), params, opts)
end

--- Runs an operation by its name.
---@param name string the API's name in snake_case, `list_foundation_models`
---@param params table? members as AWS documents them
---@param opts bedrock.CallOptions? { timeouts, headers, retry } for this call
---@return table? result
---@return bedrock.Error? err
function Client:call(name, params, opts)
  local op, why = operations.find(name)
  if not op then error("bedrock: " .. tostring(why), 2) end
  check_params(name, params)
  params = params or {}
  if op.duplex then return nil, duplex(op) end
  local c, err = call.new(self, op, params, opts)
  if not c then return nil, err end
  if op.stream then
    return self:open(c, "bytes", opts and opts.on_interrupt, function(more) return call.new(self, op, more, opts) end)
  end
  return c:run()
end

--- Opens a prepared streaming call.
---@param c bedrock.Call
---@param form "messages"|"messages_sse"|"converse"|"bytes"|"raw" how its events are read
---@param on_interrupt function? the option of that name of the call, see bedrock.Stream
---@param prepare? fun(params: table): bedrock.Call?, bedrock.Error? makes the call that goes on after an interruption
---@return bedrock.Stream? stream
---@return bedrock.Error? err
function Client:open(c, form, on_interrupt, prepare)
  c.streaming = true
  -- Loaded first: with a thousand connections there may be no descriptor left to read the file.
  local stream = require "bedrock.stream"
  local answer, err = c:send()
  if not answer then return nil, err end
  return stream.new(c, answer, form, on_interrupt, prepare)
end

-- The call of a request that no operation describes.
local function raw_call(self, params, opts)
  local built, err = raw_request(params)
  if not built then return nil, err end
  return call.of(self, raw_operation(params.service or "bedrock-runtime"), built, opts)
end

--- Sends a request that no operation describes, signed and retried like all others.
---@param params table { service = "bedrock-runtime", method = "POST", path = "/raw/path" (encoded, as on the wire),
--- query = list of { name, value }, headers = list of { name, value }, body = bytes, or a table for JSON }
---@param opts bedrock.CallOptions? { timeouts, headers, retry }
---@return table? answer { status, headers, body }
---@return bedrock.Error? err
function Client:request(params, opts)
  local c, err = raw_call(self, params, opts)
  if not c then return nil, err end
  local answer, body = c:fetch()
  if not answer then return nil, body end
  c:finish(true)
  return { status = answer.status, headers = answer.headers, body = body }
end

--- Sends a request that no operation describes, and gives its answer as it comes. Each event is { event = name, data = text }:
--- of server-sent events the name is nil without an `event:` line; of AWS's frames it is their type; an answer of another
--- kind comes in pieces without a name, which are its body when they are joined. What ends such a stream is its service's
--- affair (`[DONE]`, an event of a certain name): the loop ends when the body is complete and raises when it breaks off.
---@param params table as for `request`
---@param opts bedrock.CallOptions? { timeouts, headers, retry }
---@return bedrock.Stream? stream `for event in stream:events() do`
---@return bedrock.Error? err
function Client:request_stream(params, opts)
  local c, err = raw_call(self, params, opts)
  if not c then return nil, err end
  return self:open(c, "raw")
end

--- Converse with tools: as `client.messages:run`, in Bedrock's own format. Tools may stand in `tools` or in
--- `toolConfig.tools`.
---@param params table as for `converse`; beside its members max_steps, approve, concurrency, stream; see bedrock.run
---@param opts bedrock.CallOptions? as for `converse`, for each call
---@return bedrock.Run run
function Client:converse_run(params, opts)
  check_params("converse_run", params or false)
  return require("bedrock.run").over(self, "converse", params, opts)
end

--- Asks for a value of a JSON schema and checks it: as `client.messages:parse`, in Bedrock's own format.
---@param params table as for `converse`; beside its members `schema`, and `by = "tool"` for models without structured output
---@param opts bedrock.CallOptions? as for `converse`
---@return any value
---@return bedrock.Error? err
---@return bedrock.Reply? reply
function Client:converse_parse(params, opts)
  return require("bedrock.structured").over(self, "converse", params, opts)
end

--- Begins a conversation: in the Messages format with `model`, in Converse with `modelId`.
---@param params table the request without its history: model, max_tokens, system, ...; beside its members tools, cache,
--- approve, max_steps, ...; see bedrock.chat
---@param opts bedrock.CallOptions? options of each call
---@return bedrock.Chat
function Client:chat(params, opts)
  return require("bedrock.chat").over(self, params, opts)
end

--- Takes up a conversation that `chat:save()` wrote.
---@param text string
---@param params table? tools and whatever else is to differ, as for `chat`
---@param opts bedrock.CallOptions? options of each call
---@return bedrock.Chat? chat
---@return bedrock.Error? err
function Client:load_chat(text, params, opts)
  return require("bedrock.chat").load_over(self, text, params, opts)
end

-- The methods below make no tail calls, so that what they raise names the line of the caller on every Lua.

--- Walks the items of a list over all of its pages; raises the error object when a page cannot be had, as `file:lines()`
--- does. `pager:next()` returns nil, err instead.
---@param name string an operation that lists, `list_guardrails`
---@param params table?
---@param opts bedrock.CallOptions? { timeouts, headers, retry } for each call
---@return bedrock.Pager pager `for item in client:each(...) do`
function Client:each(name, params, opts)
  local pager = require("bedrock.pages").each(self, name, params, opts)
  return pager
end

--- Walks whole pages, as the operation answers them; raises like `each`.
---@param name string
---@param params table?
---@param opts bedrock.CallOptions?
---@return bedrock.Pager pager
function Client:pages(name, params, opts)
  local pager = require("bedrock.pages").pages(self, name, params, opts)
  return pager
end

--- Waits until what an operation tells of has come to an end: a job, an asynchronous call, a guardrail.
---@param name string `get_model_invocation_job`
---@param params table?
---@param options bedrock.WaitOptions? { ["until"], every, at_most, progress, bar }
---@return table? result the answer with the state that was waited for
---@return bedrock.Error? err kind "conflict", and the state as `code`, when it ended otherwise; "timeout" after at_most
function Client:wait(name, params, options)
  local result, err = require("bedrock.wait").run(self, name, params, options)
  return result, err
end

--- Bedrock's log of what goes to the models and comes back. Anthropic recommends to keep it for 30 days at least.
---@return bedrock.Logging logging get(), enable { s3, cloud_watch, text, image, embedding, video }, disable()
function Client:logging()
  return require("bedrock.logging").of(self)
end

--- The models that can be called from this region, with the ids to call them by.
---@param options { provider: string?, lifecycle: string?, output: string? }?
---@return bedrock.AvailableModel[]? models
---@return bedrock.Error? err
function Client:models(options)
  local list, err = require("bedrock.discovery").models(self, options)
  return list, err
end

--- Where a service is reached, from the options, the environment and the rules of the partitions.
---@param service string "bedrock-runtime", "bedrock", "sts", ...
---@param options table? as for `endpoint.resolve`
---@return table? endpoint { url, signing_name, signing_region }
---@return bedrock.Error? err
function Client:endpoint(service, options)
  if self.settings.error then return nil, self.settings.error end
  return endpoint.resolve(service, self.settings, options)
end

-- The chain is made with the first call that needs it: a bearer token never does.
function Client:credentials_chain()
  if not self.chain then
    self.chain = require("bedrock.credentials").new {
      system = self.system, transport = self.transport, settings = self.settings, log = self.log_,
    }
  end
  return self.chain
end

--- What signs a request: a bearer token, credentials, or nothing for operations that are not signed.
---@param op table
---@return table? identity { token, header } or { credentials } or {}
---@return bedrock.Error? err
function Client:authenticate(op)
  if self.settings.error then return nil, self.settings.error end
  if op.auth == "none" or self.settings.skip_auth then return {} end
  local header = endpoint.key_header(op.service)
  local of_its_kind = header == endpoint.key_header(self.settings.api.service)
  if self.settings.api_key and op.auth ~= "sigv4" and of_its_kind then return self:bearer_token(header) end
  local credentials, err = self:credentials_chain():get()
  if not credentials then return nil, err end
  return { credentials = credentials }
end

-- The API key, and the header for it; a function of the user's is asked at every attempt, so that it may change.
function Client:bearer_token(header)
  local token = self.settings.api_key
  if type(token) ~= "function" then return { token = token, header = header } end
  local fresh, why = token()
  if fresh then return { token = fresh, header = header } end
  return nil, errors.is(why) and why or errors.new {
    kind = "credentials", code = "api_key", message = "the function api_key gave no token: " .. tostring(why),
  }
end

--- Drops credentials that the service called expired and fetches new ones.
---@param credentials table
---@return boolean changed
---@return bedrock.Error? err why there are no others
function Client:refresh(credentials)
  local chain = self:credentials_chain()
  chain:invalidate(credentials)
  local fresh, err = chain:get()
  if not fresh then return false, err end
  return fresh.access_key_id ~= credentials.access_key_id or fresh.session_token ~= credentials.session_token
end

--- Who the client is and where it calls, without secrets.
---@return table? identity { source, access_key_id (shortened), expiration, region, region_source }
---@return bedrock.Error? err
function Client:identity()
  local settings = self.settings
  if settings.error then return nil, settings.error end
  local identity
  if settings.api_key then
    identity = { source = settings.api_key_source or "api_key", expiration = require("bedrock.token").ends(settings.api_key) }
  else
    local found, err = self:credentials_chain():identity()
    if not found then return nil, err end
    identity = found
  end
  identity.region, identity.region_source = settings.region, settings.region_source
  return identity
end

--- Seconds since the epoch by the server's clock, as far as it is known.
---@return number
function Client:time()
  return self.system.now() + self.skew
end

function Client:random()
  return self.random_()
end

function Client:limiter()
  self.limiter_ = self.limiter_ or retry.limiter(self.transport:now())
  return self.limiter_
end

--- Says once that a model is going away or gone.
---@param id string
function Client:warn_of_model(id)
  if self.warned[id] then return end
  self.warned[id] = true
  local models = require "bedrock.models"
  local row = models.get(id)
  if not row or row.lifecycle == "active" or self.warned[row.name] then return end
  self.warned[row.name] = true
  self.log_("warn", models.warning(id), { model = id })
end

--- Says once that calls do not say how long their answers may be, where that costs quota: the models of today write long ones.
---@param id string
function Client:advise_max_tokens(id)
  if self.warned.max_tokens then return end
  local row = require("bedrock.models").get(id)
  if not row or row.lifecycle ~= "active" then return end
  self.warned.max_tokens = true
  local most = row.max_output and (", %d tokens"):format(row.max_output) or ""
  self.log_("info", ("inferenceConfig.maxTokens is not set, so each call reserves the longest answer of %s%s of the account's " ..
    "quota of tokens a minute (told once)"):format(row.name, most), { model = id })
end

--- Closes pooled connections. The client can still be used; it opens new ones.
function Client:close()
  if self.transport.close then self.transport:close() end
end

Meta.__close = Client.close

client.errors, client.core = errors, core

return client
