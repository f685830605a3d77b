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
local tools = require "bedrock.tools"

local chat = {}

---@class bedrock.Chat
---@field messages table the history, in the form of the wire
---@field params table what every request holds beside the history
---@field form "messages"|"converse"
---@field reply bedrock.Reply? the last answer
local Chat = {}
Chat.__index = Chat
Chat.__name = "bedrock.chat"

local function copy(from)
  local to = {}
  for key, value in pairs(from or {}) do to[key] = value end
  return setmetatable(to, getmetatable(from))
end

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

local function sender_of(self, options)
  local send = self.send or tools.sender(self.client, self.form, { on_text = options.on_text, call = options.call })
  local cache = options.cache
  if cache == nil then cache = wants_cache(self) end
  if not cache then return send end
  local ttl = type(cache) == "string" and cache or nil
  return function(params) return send(chat.with_cache_points(params, self.form, ttl)) end
end

-- The history with the question, in the form of the wire, so that it can be saved. Written together, because names of
-- documents must differ in the whole conversation.
local function with_question(self, question)
  local messages = copy_list(self.messages)
  -- always a list, so that a mark of the cache does not change how the text is written
  messages[#messages + 1] = { role = "user", content = type(question) == "string" and { question } or question }
  local written, err = content[self.form] { messages = messages }
  if not written then return nil, err end
  return written.messages
end

--- Says something and waits for the answer; tools run on the way. A question that fails is not kept.
---@param question string|table content: a string, a block, or a list of them
---@param options? { on_text: function?, cache: boolean|string|nil, call: table?, max_steps: integer? } for this question
---@return bedrock.Reply? reply
---@return bedrock.Error? err
function Chat:say(question, options)
  options = options or {}
  local messages, err = with_question(self, question)
  if not messages then return nil, err end
  local params = copy(self.params)
  params.messages = messages
  local result, failed = tools.runner({
    send = sender_of(self, options), form = self.form, params = params, tools = self.tools, approve = self.approve,
    parallel = self.parallel, on_event = self.on_event, max_steps = options.max_steps or self.max_steps,
  }):run()
  if not result then return nil, failed end
  return self:keep(result)
end

function Chat:keep(result)
  self.reply = result.reply
  for name, value in pairs(result.usage) do self.usage[name] = (self.usage[name] or 0) + value end
  if not result.finished then
    return nil, errors.new {
      kind = "model", code = "max_steps", message = ("the model still wants tools after %d steps"):format(result.steps),
      hint = "Raise max_steps", messages = result.messages, reply = result.reply,
    }
  end
  self.messages = result.messages
  return result.reply
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
  if type(options) ~= "table" then error("a chat takes a table of options", 3) end
  if not options.client and type(options.send) ~= "function" then error("a chat needs a client or a send function", 3) end
end

local function new(options, form, params, messages, usage)
  return setmetatable({
    client = options.client, send = options.send, form = form, params = params, messages = copy_list(messages),
    tools = options.tools, approve = options.approve, parallel = options.parallel, on_event = options.on_event,
    max_steps = options.max_steps, cache = options.cache, usage = usage or {}, reply = nil,
  }, Chat)
end

--- Begins a conversation. The form is Converse when `params` has a `modelId`, else Messages.
---@param options { client: bedrock.Client?, params: table, tools: bedrock.Tool[]?, cache: boolean|"5m"|"1h"|nil, send: function?,
--- approve: function?, parallel: function?, on_event: function?, max_steps: integer? }
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

return chat
