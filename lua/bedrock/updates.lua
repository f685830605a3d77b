--- What an event of a stream adds to the answer, in one vocabulary for Messages and Converse.
--
--   type         members                              when
--   "text"       index, text, snapshot                a piece of text; snapshot: the text of its block so far
--   "thinking"   index, text, snapshot                a piece of reasoning, as far as it is shown
--   "tool_use"   index, id, name                      a call of a tool begins
--   "tool_input" index, id, name, json, snapshot      a piece of its input; snapshot: the input as far as it can be read
--   "citation"   index, citation                      as `reply:citations()` lists them
--   "block"      index, block                         a block is complete; it stands in the form of the wire
--   "message"    message                              the answer is complete, with stop reason and usage
--
-- Events that add none of these (a ping, a signature) make no update; `stream:events()` has them all. A snapshot is made
-- when it is first asked for, because joining the text at every piece would cost more than the pieces.

local accumulator = require "bedrock.accumulator"
local partial_json = require "bedrock.partial_json"
local reply = require "bedrock.reply"

local updates = {}

---@class bedrock.Update
---@field type "text"|"thinking"|"tool_use"|"tool_input"|"citation"|"block"|"message"
---@field index integer? of the block on the wire
---@field text string? the piece
---@field json string? the piece of a tool's input
---@field snapshot any what the block holds so far
---@field id string? of the tool call
---@field name string? of the tool
---@field citation bedrock.Citation?
---@field block table?
---@field message bedrock.Reply?

-- Of each update, the snapshot of the whole answer. Not a member, so that an update can be written as JSON.
local sources = setmetatable({}, { __mode = "k" })

-- What a block holds so far, by the type of the update.
local so_far = {}

function so_far.text(source, index)
  local block = accumulator.block(source, index) or {}
  return reply.block_text(block, source.form) or ""
end

function so_far.thinking(source, index)
  local block = accumulator.block(source, index) or {}
  return reply.block_thinking(block, source.form) or ""
end

function so_far.tool_input(source, index)
  return partial_json.decode(accumulator.input_text(source, index) or "") or {}
end

local Update = { __name = "bedrock.update" }

function Update.__index(self, name)
  local source, read = sources[self], so_far[rawget(self, "type")]
  if name ~= "snapshot" or not source or not read then return nil end
  local value = read(source, self.index)
  rawset(self, "snapshot", value)
  return value
end

local function new(source, fields)
  local self = setmetatable(fields, Update)
  sources[self] = source
  return self
end

local function is_string(value)
  return type(value) == "string"
end

-- The id and name of the tool call that stands in a block of the wire.
local function call_of(source, index)
  local block = accumulator.block(source, index) or {}
  local use = source.form == "converse" and block.toolUse or block
  if type(use) ~= "table" then use = {} end
  return use.toolUseId or use.id, use.name
end

local function input_update(source, index, json)
  local id, name = call_of(source, index)
  return new(source, { type = "tool_input", index = index, id = id, name = name, json = json })
end

local function block_update(source, index)
  return new(source, { type = "block", index = index, block = accumulator.block(source, index) })
end

-- Messages ------------------------------------------------------------------------------------------------------------

local messages_delta = {
  text_delta = function(source, index, delta)
    return is_string(delta.text) and new(source, { type = "text", index = index, text = delta.text })
  end,
  thinking_delta = function(source, index, delta)
    return is_string(delta.thinking) and new(source, { type = "thinking", index = index, text = delta.thinking })
  end,
  input_json_delta = function(source, index, delta)
    return is_string(delta.partial_json) and input_update(source, index, delta.partial_json)
  end,
  citations_delta = function(source, index, delta)
    if type(delta.citation) ~= "table" then return nil end
    return new(source, { type = "citation", index = index, citation = reply.citation(delta.citation, "messages") })
  end,
}

local of_messages = {
  content_block_start = function(source, event)
    local block = type(event.content_block) == "table" and event.content_block or {}
    if block.type ~= "tool_use" then return nil end
    return new(source, { type = "tool_use", index = event.index, id = block.id, name = block.name })
  end,
  content_block_delta = function(source, event)
    local delta = type(event.delta) == "table" and event.delta or {}
    local make = messages_delta[delta.type]
    return make and make(source, event.index, delta)
  end,
  content_block_stop = function(source, event) return block_update(source, event.index) end,
}

-- Converse ------------------------------------------------------------------------------------------------------------

local function reasoning_update(source, index, delta)
  if type(delta) ~= "table" or not is_string(delta.text) then return nil end
  return new(source, { type = "thinking", index = index, text = delta.text })
end

local function converse_delta(source, index, delta)
  if is_string(delta.text) then return new(source, { type = "text", index = index, text = delta.text }) end
  local use = delta.toolUse
  if type(use) == "table" then return is_string(use.input) and input_update(source, index, use.input) end
  if delta.reasoningContent then return reasoning_update(source, index, delta.reasoningContent) end
  if type(delta.citation) ~= "table" then return nil end
  return new(source, { type = "citation", index = index, citation = reply.citation(delta.citation, "converse") })
end

local of_converse = {
  contentBlockStart = function(source, event)
    local use = type(event.start) == "table" and event.start.toolUse
    if type(use) ~= "table" or use.type == "server_tool_use" then return nil end
    return new(source, { type = "tool_use", index = event.contentBlockIndex, id = use.toolUseId, name = use.name })
  end,
  contentBlockDelta = function(source, event)
    local delta = type(event.delta) == "table" and event.delta
    return delta and converse_delta(source, event.contentBlockIndex, delta)
  end,
  contentBlockStop = function(source, event) return block_update(source, event.contentBlockIndex) end,
}

--- What an event adds, after the accumulator has taken it.
---@param source bedrock.Snapshot? of the accumulator
---@param event table
---@return bedrock.Update? update nil when it adds nothing that has a name here
function updates.of(source, event)
  if not source then return nil end
  if source.form == "messages" then
    local make = of_messages[event.type]
    return make and make(source, event) or nil
  end
  local name, members = next(event)
  local make = of_converse[name]
  return make and type(members) == "table" and make(source, members) or nil
end

--- The last update of an answer.
---@param message bedrock.Reply
---@return bedrock.Update
function updates.message(message)
  return setmetatable({ type = "message", message = message }, Update)
end

local function block_updates(list, index, block, form)
  local function add(fields)
    fields.index = index
    list[#list + 1] = setmetatable(fields, Update)
  end
  local thought, text, call = reply.block_thinking(block, form), reply.block_text(block, form), reply.block_call(block, form)
  if is_string(thought) then add { type = "thinking", text = thought, snapshot = thought } end
  if is_string(text) then add { type = "text", text = text, snapshot = text } end
  if call then add { type = "tool_use", id = call.id, name = call.name } end
  add { type = "block", block = block }
end

--- The updates of an answer that came whole: what a loop over the updates of a stream expects, in larger pieces.
---@param message bedrock.Reply
---@return bedrock.Update[]
function updates.whole(message)
  local list, form = {}, reply.form(message)
  for i, block in ipairs(message:blocks()) do block_updates(list, i - 1, block, form) end
  list[#list + 1] = updates.message(message)
  return list
end

return updates
