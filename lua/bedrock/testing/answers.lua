--- What a model would have sent: a plain answer, written in the format that was asked for, whole or as a stream. Pure.
--
--   answer  a string, or { text =, thinking =, tools = { { name =, input =, id = } }, stop_reason =, usage =, pieces = }
--
-- A stream comes in the frames of AWS's event stream, or as server-sent events for the Messages APIs, one chunk an event.

local core = require "bedrock.core"
local json = require "bedrock.json"

local answers = {}

-- Reading what the script says ----------------------------------------------------------------------------------------

-- "one two" -> "one", " two": a stream in which something happens.
local function pieces_of(text)
  local list, at = {}, 1
  for piece, following in text:gmatch("(%s*%S+)()") do
    list[#list + 1], at = piece, following
  end
  if at <= #text then list[#list + 1] = text:sub(at) end
  return list
end

local function usage_of(usage, blocks)
  local size = 0
  for _, block in ipairs(blocks) do size = size + #(block.pieces or {}) end
  return { input = usage and usage.input_tokens or 10, output = usage and usage.output_tokens or math.max(size, 1) }
end

local function tool_block(tool, number)
  local input = tool.input or json.object {}
  return {
    kind = "tool", name = tool.name, id = tool.id or ("toolu_%02d"):format(number), input = input,
    pieces = { assert(json.encode(input)) },
  }
end

-- The blocks of an answer, in the order in which a model writes them.
local function blocks_of(answer)
  local blocks = {}
  if answer.thinking then
    blocks[1] = { kind = "thinking", text = answer.thinking, pieces = pieces_of(answer.thinking) }
  end
  if answer.text or not answer.tools then
    local text = answer.text or ""
    blocks[#blocks + 1] = { kind = "text", text = text, pieces = answer.pieces or pieces_of(text) }
  end
  for i, tool in ipairs(answer.tools or {}) do blocks[#blocks + 1] = tool_block(tool, i) end
  return blocks
end

local function plain(answer)
  if type(answer) == "string" then answer = { text = answer } end
  if answer.pieces and not answer.text then
    local own = {}
    for name, value in pairs(answer) do own[name] = value end
    own.text, answer = table.concat(answer.pieces), own
  end
  local blocks = blocks_of(answer)
  return {
    blocks = blocks, stop_reason = answer.stop_reason or (answer.tools and "tool_use" or "end_turn"),
    usage = usage_of(answer.usage, blocks),
  }
end

-- Messages ------------------------------------------------------------------------------------------------------------

local messages = {}

function messages.block(block)
  if block.kind == "text" then return { type = "text", text = block.text } end
  if block.kind == "thinking" then return { type = "thinking", thinking = block.text, signature = "c2lnbmVk" } end
  return { type = "tool_use", id = block.id, name = block.name, input = block.input }
end

local function message_of(answer, model, content)
  return {
    id = "msg_01", type = "message", role = "assistant", model = model, content = content, stop_reason = answer.stop_reason,
    stop_sequence = json.null, usage = { input_tokens = answer.usage.input, output_tokens = answer.usage.output },
  }
end

function messages.whole(answer, model)
  local content = json.array {}
  for i, block in ipairs(answer.blocks) do content[i] = messages.block(block) end
  return message_of(answer, model, content)
end

local empty = {
  text = function() return { type = "text", text = "" } end,
  thinking = function() return { type = "thinking", thinking = "" } end,
  tool = function(block) return { type = "tool_use", id = block.id, name = block.name, input = json.object {} } end,
}

local deltas = {
  text = function(piece) return { type = "text_delta", text = piece } end,
  thinking = function(piece) return { type = "thinking_delta", thinking = piece } end,
  tool = function(piece) return { type = "input_json_delta", partial_json = piece } end,
}

function messages.events(answer, model)
  local start = message_of(answer, model, json.array {})
  start.stop_reason, start.usage.output_tokens = json.null, 1
  local events = { { type = "message_start", message = start } }
  local function add(event) events[#events + 1] = event end
  for i, block in ipairs(answer.blocks) do
    add { type = "content_block_start", index = i - 1, content_block = empty[block.kind](block) }
    for _, piece in ipairs(block.pieces) do
      add { type = "content_block_delta", index = i - 1, delta = deltas[block.kind](piece) }
    end
    if block.kind == "thinking" then
      add { type = "content_block_delta", index = i - 1, delta = { type = "signature_delta", signature = "c2lnbmVk" } }
    end
    add { type = "content_block_stop", index = i - 1 }
  end
  add { type = "message_delta", delta = { stop_reason = answer.stop_reason, stop_sequence = json.null },
    usage = { output_tokens = answer.usage.output } }
  add { type = "message_stop" }
  return events
end

-- Converse ------------------------------------------------------------------------------------------------------------

local converse = {}

function converse.block(block)
  if block.kind == "text" then return { text = block.text } end
  if block.kind == "thinking" then
    return { reasoningContent = { reasoningText = { text = block.text, signature = "c2lnbmVk" } } }
  end
  return { toolUse = { toolUseId = block.id, name = block.name, input = block.input } }
end

local function converse_usage(answer)
  local usage = answer.usage
  return { inputTokens = usage.input, outputTokens = usage.output, totalTokens = usage.input + usage.output }
end

function converse.whole(answer)
  local content = json.array {}
  for i, block in ipairs(answer.blocks) do content[i] = converse.block(block) end
  return {
    output = { message = { role = "assistant", content = content } }, stopReason = answer.stop_reason,
    usage = converse_usage(answer), metrics = { latencyMs = 1 },
  }
end

local converse_delta = {
  text = function(piece) return { text = piece } end,
  thinking = function(piece) return { reasoningContent = { text = piece } } end,
  tool = function(piece) return { toolUse = { input = piece } } end,
}

function converse.events(answer)
  local events = { { "messageStart", { role = "assistant" } } }
  local function add(name, members) events[#events + 1] = { name, members } end
  for i, block in ipairs(answer.blocks) do
    if block.kind == "tool" then
      local start = { toolUse = { toolUseId = block.id, name = block.name } }
      add("contentBlockStart", { contentBlockIndex = i - 1, start = start })
    end
    for _, piece in ipairs(block.pieces) do
      add("contentBlockDelta", { contentBlockIndex = i - 1, delta = converse_delta[block.kind](piece) })
    end
    if block.kind == "thinking" then
      add("contentBlockDelta", { contentBlockIndex = i - 1, delta = { reasoningContent = { signature = "c2lnbmVk" } } })
    end
    add("contentBlockStop", { contentBlockIndex = i - 1 })
  end
  add("messageStop", { stopReason = answer.stop_reason })
  add("metadata", { usage = converse_usage(answer), metrics = { latencyMs = 1 } })
  return events
end

-- Bytes -----------------------------------------------------------------------------------------------------------------

local function frame(kind, name, payload)
  local label = kind == "exception" and ":exception-type" or ":event-type"
  return (core.eventstream.encode({
    { label, "string", name }, { ":content-type", "string", "application/json" }, { ":message-type", "string", kind },
  }, payload))
end

local function encode(value)
  return assert(json.encode(value))
end

local writers = {}

function writers.converse(answer)
  local chunks = {}
  for i, event in ipairs(converse.events(answer)) do chunks[i] = frame("event", event[1], encode(event[2])) end
  return chunks
end

function writers.invoke(answer, model)
  local chunks = {}
  for i, event in ipairs(messages.events(answer, model)) do
    chunks[i] = frame("event", "chunk", encode { bytes = core.base64.encode(encode(event)) })
  end
  return chunks
end

function writers.sse(answer, model)
  local chunks = {}
  for i, event in ipairs(messages.events(answer, model)) do
    chunks[i] = ("event: %s\ndata: %s\n\n"):format(event.type, encode(event))
  end
  return chunks
end

-- What ends a stream early: an exception of the service, by its name.
local function exception(form, name, message)
  if form == "sse" then
    return ("event: error\ndata: %s\n\n"):format(encode { type = "error", error = { type = name, message = message } })
  end
  return frame("exception", name:sub(1, 1):lower() .. name:sub(2), encode { message = message })
end

--- The chunks of a stream.
---@param answer string|table
---@param form "converse"|"invoke"|"sse"
---@param model string?
---@return string[] chunks
---@return string content type
function answers.stream(answer, form, model)
  local chunks = writers[form](plain(answer), model)
  local breaks = type(answer) == "table" and answer.breaks
  if breaks then
    -- the stop events never come: two of Converse, one of Messages with what it tells before
    for _ = 1, 2 do chunks[#chunks] = nil end
    if type(breaks) == "table" then
      chunks[#chunks + 1] = exception(form, breaks.code or "internalServerException", breaks.message or "scripted")
    end
  end
  return chunks, form == "sse" and "text/event-stream" or "application/vnd.amazon.eventstream"
end

--- A whole answer.
---@param answer string|table
---@param form "converse"|"invoke"|"sse"
---@param model string?
---@return string body
function answers.whole(answer, form, model)
  local write = form == "converse" and converse.whole or messages.whole
  return encode(write(plain(answer), model))
end

return answers
