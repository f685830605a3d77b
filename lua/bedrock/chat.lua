--- A conversation: it keeps the history, sends it with every question, marks what may be cached, and can be saved.
--
-- The history is in the form of the wire and free of marks; the points up to which the prompt is cached are set into each
-- request. They stand behind tools and system prompt and behind the last two messages of the user: the end of what the
-- request before this one cached, and the end of what this one caches. What stands before a point never changes from one
-- request to the next, because the history only grows.

local blocks = require "bedrock.blocks"
local content = require "bedrock.content"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local models = require "bedrock.models"
local run = require "bedrock.run"
local tables = require "bedrock.tables"
local tools = require "bedrock.tools"

local copy = tables.copy

---@class bedrock.chat
local chat = {}

---@class bedrock.Chat
---@field messages table the history, in the form of the wire
---@field params table what every request holds beside the history
---@field form "messages"|"converse"
---@field reply bedrock.Reply? the last answer
local Chat = {}
Chat.__index = Chat
Chat.__name = "bedrock.chat"

local function copy_list(list)
  local own = json.array {}
  for i, value in ipairs(list or {}) do own[i] = value end
  return own
end

-- Cache points --------------------------------------------------------------------------------------------------------

-- A list of blocks with a point at its end.
local function with_point(list, ttl)
  local own = json.array {}
  if type(list) == "string" or blocks.is(list) then list = { list } end
  for i, value in ipairs(list) do own[i] = value end
  own[#own + 1] = content.cache_point(ttl)
  return own
end

local function mark_tools(params, form, ttl)
  if form == "messages" then
    if params.tools and #params.tools > 0 then params.tools = with_point(params.tools, ttl) end
  elseif params.toolConfig and params.toolConfig.tools and #params.toolConfig.tools > 0 then
    params.toolConfig = copy(params.toolConfig)
    params.toolConfig.tools = with_point(params.toolConfig.tools, ttl)
  end
end

local function mark_messages(messages, ttl)
  local own, left = copy_list(messages), 2
  for i = #own, 1, -1 do
    local message = own[i]
    if left > 0 and message.role == "user" and #(message.content or "") > 0 then
      own[i] = copy(message)
      own[i].content = with_point(message.content, ttl)
      left = left - 1
    end
  end
  return own
end

--- A request with cache points where a conversation wants them. The caller's tables are not changed.
---@param params table
---@param form "messages"|"converse"
---@param ttl "5m"|"1h"|nil
---@return table
function chat.with_cache_points(params, form, ttl)
  local own = copy(params)
  local system = own.system
  if system ~= nil and #system > 0 then own.system = with_point(system, ttl) else mark_tools(own, form, ttl) end
  own.messages = mark_messages(own.messages or {}, ttl)
  return own
end

-- Marks are refused by models that do not cache, so they are set by themselves only for models that are known to.
local function wants_cache(self)
  if self.cache ~= nil then return self.cache end
  return models.get(self.params.model or self.params.modelId or "") ~= nil
end

-- Talking -------------------------------------------------------------------------------------------------------------

-- How the chat asks: its own send function, or its client, streamed or not.
local function opener_of(self, options)
  if self.send then return self.send end
  local call = copy(self.call)
  for name, value in pairs(options.call or {}) do call[name] = value end
  return run.opener(self.client, self.form, options.stream, call)
end

local function with_cache(self, open, cache)
  if cache == nil then cache = wants_cache(self) end
  if not cache then return open end
  local ttl = type(cache) == "string" and cache or nil
  return function(params) return open(chat.with_cache_points(params, self.form, ttl)) end
end

-- A history that ends with the user (the model had nothing to say) takes the question into that message: Converse wants
-- the roles to alternate.
local function add_question(messages, blocks_of_it)
  local last = messages[#messages]
  if not last or last.role ~= "user" then
    messages[#messages + 1] = { role = "user", content = blocks_of_it }
    return
  end
  local content_of_both = copy_list(type(last.content) == "table" and last.content or { last.content })
  for _, block in ipairs(blocks_of_it) do content_of_both[#content_of_both + 1] = block end
  messages[#messages] = { role = "user", content = content_of_both }
end

-- The history with the question, in the form of the wire, so that it can be saved. Written together, because names of
-- documents must differ in the whole conversation.
local function with_question(self, question)
  local messages = copy_list(self.messages)
  -- always a list, so that a mark of the cache does not change how the text is written
  local is_list = type(question) == "table" and not blocks.is(question)
  add_question(messages, is_list and question or { question })
  local written, err = content[self.form] { messages = messages }
  if not written then return nil, err end
  return written.messages
end

-- A run that has nothing to run: the question could not be written.
local function failing(err)
  return function() return nil, err end
end

--- Says something and gives the answer as it is written; tools run on the way. The history takes it in when the run is done;
--- a question that fails or is closed is not kept.
---@param question string|table content: a string, a block, or a list of them
---@param options? { cache: boolean|string|nil, call: table?, max_steps: integer?, stream: boolean? } for this question
---@return bedrock.Run run `for text in talk:stream("..."):text() do`
function Chat:stream(question, options)
  options = options or {}
  local messages, err = with_question(self, question)
  local params = copy(self.params)
  params.messages = messages
  return run.new {
    open = err and failing(err) or with_cache(self, opener_of(self, options), options.cache), form = self.form, params = params,
    tools = self.tools, approve = self.approve, parallel = self.parallel, concurrency = self.concurrency,
    on_event = self.on_event, max_steps = options.max_steps or self.max_steps, transport = self.client and self.client.transport,
    on_finish = function(result) self:keep(result) end,
  }
end

-- Hands the text on as it comes.
local function pour(running, on_text)
  while true do
    local text, err = running:next_text()
    if text == nil then return err end
    on_text(text)
  end
end

--- Says something and waits for the answer; tools run on the way. A question that fails is not kept.
---@param question string|table content: a string, a block, or a list of them
---@param options? { on_text: function?, cache: boolean|string|nil, call: table?, max_steps: integer?, stream: boolean? } for this
--- question; on_text(text) gets the text as it is written
---@return bedrock.Reply? reply
---@return bedrock.Error? err
function Chat:say(question, options)
  local running = self:stream(question, options)
  local failed = options and options.on_text and pour(running, options.on_text)
  if failed then return nil, failed end
  local result, err = running:finish()
  if not result then return nil, err end
  self.reply = result.reply
  if result.finished then return result.reply end
  return nil, errors.new {
    kind = "model", code = "max_steps", message = ("the model still wants tools after %d steps"):format(result.steps),
    hint = "Raise max_steps", messages = result.messages, reply = result.reply,
  }
end

function Chat:keep(result)
  self.reply, self.messages = result.reply, result.messages
  for name, value in pairs(result.usage) do self.usage[name] = (self.usage[name] or 0) + value end
end

-- The request that a question would make.
local function request_with(self, question)
  local params, messages, err = copy(self.params), self.messages, nil
  if question ~= nil then messages, err = with_question(self, question) end
  if not messages then return nil, err end
  params.messages = copy_list(messages)
  return tools.runner({ form = self.form, params = params, tools = self.tools }):request()
end

--- Counts the tokens of the conversation, and of a question that was not asked yet; free of charge.
---@param question string|table|nil
---@return { input_tokens: integer, inputTokens: integer }? count
---@return bedrock.Error? err
function Chat:count_tokens(question)
  if not self.client then error("chat:count_tokens() needs a client", 2) end
  local params, err = request_with(self, question)
  if not params then return nil, err end
  if self.form == "messages" then return self.client.messages:count_tokens(params, self.call) end
  return self.client:count_tokens(params, self.call)
end

--- The same conversation once more, to be continued in another way. What one of the two says the other does not hear.
---@return bedrock.Chat
function Chat:fork()
  local own = copy(self)
  own.params, own.messages, own.usage = copy(self.params), copy_list(self.messages), copy(self.usage)
  return own
end

function Chat:__tostring()
  return ("bedrock.chat (%s, %d messages)"):format(tostring(self.params.model or self.params.modelId), #self.messages)
end

-- Saving --------------------------------------------------------------------------------------------------------------

-- Raw bytes of Converse become base64 in the text, and bytes again when it is read.
local saved_blobs = {
  converse = { messages = { ["[]"] = { content = blocks.blobs.converse } },
    params = { system = blocks.blobs.converse } },
}

--- The conversation as JSON text: parameters, history, tokens used. Tools and client are functions, so they stay out.
---@return string? text
---@return bedrock.Error? err
function Chat:save()
  local params, err = content[self.form](self.params)
  if not params then return nil, err end
  local saved = { version = 1, form = self.form, params = params, messages = self.messages, usage = self.usage }
  local text, why = json.encode(saved, { blobs = saved_blobs[self.form] })
  if text then return text end
  return nil, errors.new { kind = "validation", code = why.code, message = "the chat cannot be saved: " .. why.message }
end

local function check_options(options)
  if type(options) ~= "table" then error("a chat takes a table of options", 4) end
  if not options.client and type(options.send) ~= "function" then error("a chat needs a client or a send function", 4) end
end

-- Text in lists from the start: a mark of the cache needs a block to stand on, and must not change how the rest is written.
local function in_blocks(messages)
  local own = copy_list(messages)
  for i, message in ipairs(own) do
    if type(message.content) == "string" then
      own[i] = copy(message)
      own[i].content = { message.content }
    end
  end
  return own
end

local function new(options, form, params, messages, usage)
  if type(params.system) == "string" then params.system = { params.system } end
  return setmetatable({
    client = options.client, send = options.send, call = options.call, form = form, params = params,
    messages = in_blocks(messages), tools = options.tools, approve = options.approve, parallel = options.parallel,
    concurrency = options.concurrency, on_event = options.on_event, max_steps = options.max_steps, cache = options.cache,
    usage = usage or {}, reply = nil,
  }, Chat)
end

--- Begins a conversation. The form is Converse when `params` has a `modelId`, else Messages.
---@param options { client: bedrock.Client?, params: table, tools: bedrock.Tool[]?, cache: boolean|"5m"|"1h"|nil, send: function?,
--- approve: function?, parallel: function?, concurrency: integer?, on_event: function?, max_steps: integer?, call: table? }
--- params: the request without its history, with model, max_tokens, system, ...; `messages` in it begin the history
---@return bedrock.Chat
function chat.new(options)
  check_options(options)
  local params = copy(options.params)
  local messages = params.messages
  params.messages = nil
  return new(options, params.modelId and "converse" or "messages", params, messages)
end

--- Takes up a saved conversation.
---@param text string from `chat:save()`
---@param options table as for `chat.new`; `params` in it replace those that were saved
---@return bedrock.Chat? chat
---@return bedrock.Error? err
function chat.load(text, options)
  check_options(options)
  local saved, why = json.decode(text)
  if type(saved) == "table" and saved_blobs[saved.form] then
    saved, why = json.decode(text, { blobs = saved_blobs[saved.form] })
  end
  if type(saved) ~= "table" or saved.version ~= 1 or type(saved.messages) ~= "table" then
    local message = "this is not a saved chat" .. (why and ": " .. why.message or "")
    return nil, errors.new { kind = "validation", code = "chat", message = message }
  end
  local params = copy(saved.params)
  for name, value in pairs(options.params or {}) do params[name] = value end
  return new(options, saved.form, params, saved.messages, copy(saved.usage))
end

-- Over a client -------------------------------------------------------------------------------------------------------

-- Members of `client:chat` that are the library's own; the others are the request.
local own_options = {
  tools = true, cache = true, approve = true, parallel = true, concurrency = true, on_event = true, max_steps = true,
}

local function options_over(client, params, call)
  if type(params) ~= "table" then error("client:chat takes a table, not a " .. type(params), 4) end
  local request, options = run.split(params, own_options)
  options.client, options.params, options.call = client, request, call
  return options
end

--- What `client:chat` does.
---@param client bedrock.Client
---@param params table
---@param call table?
---@return bedrock.Chat
function chat.over(client, params, call)
  return chat.new(options_over(client, params, call))
end

--- What `client:load_chat` does.
---@param client bedrock.Client
---@param text string
---@param params table?
---@param call table?
---@return bedrock.Chat? chat
---@return bedrock.Error? err
function chat.load_over(client, text, params, call)
  return chat.load(text, options_over(client, params or {}, call))
end

return chat
