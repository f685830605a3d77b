--- Puts the events of a stream together into the answer that the unary call would have returned.
--
-- Pure steps: `snapshot = accumulator.messages(snapshot, event)`, starting from nil, one step an event. No clock, no
-- network, and the event tables are never changed (a snapshot copies what it adds to and shares the rest).
-- The snapshot is opaque and grows in place; `accumulator.message(snapshot)` reads it at any moment, finished or not.
-- Pieces of text wait in a list and are joined when somebody reads or the block stops, so that a long answer costs
-- linear time.
--
-- The input of a tool call comes as pieces of JSON text and is parsed when its block stops: nothing is `{}`, and text
-- that is not a JSON object (a model that ran into max_tokens) is kept as `{ INVALID_JSON = text }`. That form is an
-- object, so it can be saved and sent back as it stands; `accumulator.broken_input` recognises it.

local errors = require "bedrock.errors"
local json = require "bedrock.json"
local partial_json = require("bedrock.lazy") "bedrock.partial_json"
local tables = require "bedrock.tables"

local copy = tables.copy

local null = json.null

local accumulator = {}

---@class bedrock.Snapshot
---@field form "messages"|"converse"
---@field result table what `accumulator.message` returns, once pending text is joined
---@field entries table<integer, table> the blocks by the index that the wire gives them
---@field finished boolean whether the stop event was seen

-- A value of the wire that says something: neither absent nor null.
local function given(value)
  return value ~= nil and value ~= null
end

local function as_table(value)
  return type(value) == "table" and value or {}
end

local function out_of_order(message)
  return nil, errors.new { kind = "stream", code = "order", message = "the stream is out of order: " .. message }
end

--- What a model wrote as tool input, when it was not a JSON object.
---@param input any the input of a tool call
---@return string? text the text as it came, nil for a sound input
function accumulator.broken_input(input)
  if type(input) ~= "table" then return nil end
  local text = input.INVALID_JSON
  return type(text) == "string" and next(input, next(input)) == nil and text or nil
end

local function is_object(value)
  return type(value) == "table" and getmetatable(value) ~= json.array_mt
end

--- The input of a tool call from its joined pieces of JSON text.
---@param text string
---@return table
function accumulator.tool_input(text)
  if not text:find("%S") then return {} end
  local value = json.decode(text)
  if is_object(value) then return value end
  if value == null then return {} end
  return { INVALID_JSON = text }
end

-- Pieces of one string of a block: a list that starts with what the block already holds.
local function add_piece(entry, field, piece, held)
  local list = entry.pieces[field]
  if not list then
    list = { type(held) == "string" and held or nil }
    entry.pieces[field] = list
  end
  list[#list + 1] = piece
end

local function joined(entry, field)
  local list = entry.pieces[field]
  if not list then return nil end
  if #list > 1 then
    list = { table.concat(list) }
    entry.pieces[field] = list
  end
  return list[1] or ""
end

-- Messages ------------------------------------------------------------------------------------------------------------

-- Blocks whose input comes as pieces of JSON.
local takes_json = { tool_use = true, server_tool_use = true, mcp_tool_use = true }

-- One row per delta type: the blocks it fits, and what it does. A delta that does not fit its block is ignored.
local deltas = {
  text_delta = {
    fits = { text = true },
    apply = function(entry, delta) add_piece(entry, "text", delta.text, entry.block.text) end,
    needs = "text",
  },
  input_json_delta = {
    fits = takes_json,
    apply = function(entry, delta) add_piece(entry, "input", delta.partial_json) end,
    needs = "partial_json",
  },
  thinking_delta = {
    fits = { thinking = true },
    apply = function(entry, delta) add_piece(entry, "thinking", delta.thinking, entry.block.thinking) end,
    needs = "thinking",
  },
  signature_delta = {
    fits = { thinking = true },
    apply = function(entry, delta) entry.block.signature = delta.signature end,
    needs = "signature",
  },
  citations_delta = {
    fits = { text = true },
    apply = function(entry, delta)
      local block = entry.block
      if type(block.citations) ~= "table" then block.citations = json.array {} end
      block.citations[#block.citations + 1] = delta.citation
    end,
  },
  compaction_delta = {
    fits = { compaction = true },
    apply = function(entry, delta)
      for _, field in ipairs { "content", "encrypted_content" } do
        if delta[field] ~= nil then entry.block[field] = delta[field] end
      end
    end,
  },
}

-- The input of a call that is still coming: nothing, or what can be read of it already.
local function growing_input(text, growing)
  local value = growing and partial_json.decode(text)
  return is_object(value) and value or {}
end

-- Joins what waits. The input of a tool is parsed when its block is complete, or as far as it goes for a look at it.
local function settle(entry, complete, growing)
  for field in pairs(entry.pieces) do
    local text = joined(entry, field)
    if field ~= "input" then
      entry.block[field] = text
    elseif text ~= "" and not entry.complete then
      entry.block.input = complete and accumulator.tool_input(text) or growing_input(text, growing)
      entry.complete = complete
    end
  end
end

local function open_block(snapshot, index, block)
  local own = copy(block)
  if type(own.citations) == "table" then own.citations = copy(own.citations) end
  local content = snapshot.result.content
  content[#content + 1] = own
  snapshot.entries[type(index) == "number" and index or #content - 1] = { block = own, pieces = {} }
  return own
end

local function start_message(event)
  if type(event.message) ~= "table" then return out_of_order("message_start holds no message") end
  local message = copy(event.message)
  local content = as_table(message.content)
  message.content = json.array {}
  message.usage = copy(as_table(message.usage))
  local snapshot = { form = "messages", result = message, entries = {}, finished = false }
  for i, block in ipairs(content) do open_block(snapshot, i - 1, as_table(block)) end
  return snapshot
end

-- Counters are running totals: the last one that says something counts.
local function merge_usage(usage, news)
  for name, value in pairs(as_table(news)) do
    if given(value) then usage[name] = value end
  end
end

local on_message = {}

function on_message.message_start()
  return out_of_order("a second message_start")
end

function on_message.content_block_start(snapshot, event)
  local block = open_block(snapshot, event.index, as_table(event.content_block))
  -- the service answered with another model than the one that was asked
  if block.type == "fallback" and given(as_table(block.to).model) then snapshot.result.model = block.to.model end
  return snapshot
end

function on_message.content_block_delta(snapshot, event)
  local entry = snapshot.entries[event.index]
  if not entry then return out_of_order("a delta for block " .. tostring(event.index) .. ", which never started") end
  local delta = as_table(event.delta)
  local row = deltas[delta.type]
  if not row or not row.fits[entry.block.type] then return snapshot end
  if row.needs and type(delta[row.needs]) ~= "string" then return snapshot end
  row.apply(entry, delta)
  return snapshot
end

function on_message.content_block_stop(snapshot, event)
  local entry = snapshot.entries[event.index]
  if entry then settle(entry, true) end
  return snapshot
end

-- What is put together here, and what belongs to the delta itself.
local own_members = { content = true, usage = true, type = true }

function on_message.message_delta(snapshot, event)
  local message = snapshot.result
  -- stop_reason, stop_sequence, stop_details, container and whatever comes later: null says something here
  for name, value in pairs(as_table(event.delta)) do
    if not own_members[name] then message[name] = value end
  end
  if event.context_management ~= nil then message.context_management = event.context_management end
  merge_usage(message.usage, event.usage)
  return snapshot
end

function on_message.message_stop(snapshot)
  for _, entry in pairs(snapshot.entries) do settle(entry, true) end
  snapshot.finished = true
  return snapshot
end

function on_message.error(snapshot, event)
  local inner = as_table(event.error)
  local name, message = inner.type, inner.message
  local err = errors.from_stream(type(name) == "string" and name or "api_error", type(message) == "string" and message or nil,
    event)
  err.partial = accumulator.message(snapshot)
  return nil, err
end

-- Guardrails leave these beside any event; the unary answer holds them at its top.
local function keep_guardrail(message, event)
  for _, name in ipairs { "amazon-bedrock-guardrailAction", "amazon-bedrock-trace" } do
    if event[name] ~= nil then message[name] = event[name] end
  end
end

--- One step of a Messages stream.
---
--- Event types, block types and members that are not known pass: unknown events change nothing, unknown blocks are
--- kept as they come. An `error` event ends the message: the error holds what came as `partial`.
---@param snapshot bedrock.Snapshot? nil before the first event
---@param event table the event's JSON, with its `type`
---@return bedrock.Snapshot? snapshot nil while nothing has started (a ping may come first), or with an error
---@return bedrock.Error? err
function accumulator.messages(snapshot, event)
  if type(event) ~= "table" then return snapshot end
  local kind = event.type
  if not snapshot then
    if kind == "message_start" then return start_message(event) end
    if kind == "ping" or kind == nil then return nil end
    if kind == "error" then return on_message.error(nil, event) end
    return out_of_order("it begins with " .. tostring(kind) .. " instead of message_start")
  end
  keep_guardrail(snapshot.result, event)
  local handler = on_message[kind]
  if not handler then return snapshot end
  return handler(snapshot, event)
end

-- The delta that a piece of a kind belongs to.
local kinds = { text = "text_delta", thinking = "thinking_delta", input = "input_json_delta" }

--- One step for a piece of text, of thinking or of a tool's input, without a table for it.
---@param snapshot bedrock.Snapshot?
---@param index integer the block's index on the wire
---@param text string
---@param kind "text"|"thinking"|"input"
---@return bedrock.Snapshot?
---@return bedrock.Error?
function accumulator.messages_piece(snapshot, index, text, kind)
  if not snapshot then return out_of_order("it begins with content_block_delta instead of message_start") end
  local entry = snapshot.entries[index]
  if not entry then return out_of_order("a delta for block " .. tostring(index) .. ", which never started") end
  if deltas[kinds[kind]].fits[entry.block.type] then add_piece(entry, kind, text, entry.block[kind]) end
  return snapshot
end

-- Converse ------------------------------------------------------------------------------------------------------------

-- Text and reasoning blocks have no start event, and Nova leaves gaps in the indexes: whoever comes first makes the
-- block, and blocks stand in the order of their index.
local function converse_entry(snapshot, index)
  index = type(index) == "number" and index or 0
  local entry = snapshot.entries[index]
  if entry then return entry end
  entry = { index = index, block = {}, pieces = {} }
  snapshot.entries[index] = entry
  local order = snapshot.order
  local at = #order + 1
  while at > 1 and order[at - 1].index > index do at = at - 1 end
  table.insert(order, at, entry)
  table.insert(snapshot.result.output.message.content, at, entry.block)
  return entry
end

-- An arm of a union that is null is one that is not there.
local function merge_into(block, arm, members)
  if not given(members) then return end
  local held = block[arm]
  if type(members) ~= "table" or type(held) ~= "table" then
    block[arm] = type(members) == "table" and copy(members) or members
    return
  end
  for name, value in pairs(members) do held[name] = value end
end

local converse_delta = {}

function converse_delta.text(entry, text)
  if type(text) == "string" then add_piece(entry, "text", text) end
end

function converse_delta.toolUse(entry, delta)
  if type(as_table(delta).input) == "string" then add_piece(entry, "input", delta.input) end
end

function converse_delta.reasoningContent(entry, delta)
  delta = as_table(delta)
  if type(delta.text) == "string" then add_piece(entry, "reasoning", delta.text) end
  if type(delta.redactedContent) == "string" then add_piece(entry, "redacted", delta.redactedContent) end
  if given(delta.signature) then entry.signature = delta.signature end
  for arm, value in pairs(delta) do
    if arm ~= "text" and arm ~= "redactedContent" and arm ~= "signature" then
      entry.reasoning_other = entry.reasoning_other or {}
      entry.reasoning_other[arm] = value
    end
  end
end

function converse_delta.citation(entry, citation)
  if type(citation) ~= "table" then return end
  entry.citations = entry.citations or json.array {}
  entry.citations[#entry.citations + 1] = citation
end

function converse_delta.toolResult(entry, pieces)
  local result = as_table(entry.block.toolResult)
  entry.block.toolResult = result
  if type(result.content) ~= "table" then result.content = json.array {} end
  for _, piece in ipairs(as_table(pieces)) do result.content[#result.content + 1] = piece end
end

-- The shapes of blocks whose pieces were collected.
local function build_text(entry)
  local block, text = entry.block, joined(entry, "text")
  if not entry.citations then
    if text then block.text = text end
    return
  end
  block.text = nil
  block.citationsContent = { content = text and json.array { { text = text } } or nil, citations = entry.citations }
end

local function build_reasoning(entry)
  local text, redacted = joined(entry, "reasoning"), joined(entry, "redacted")
  if not (text or redacted or entry.signature or entry.reasoning_other) then return end
  local content = copy(entry.reasoning_other or {})
  if text or entry.signature then content.reasoningText = { text = text or "", signature = entry.signature } end
  content.redactedContent = redacted
  entry.block.reasoningContent = content
end

local function build_tool_use(entry, complete, growing)
  local text, use = joined(entry, "input"), entry.block.toolUse
  if type(use) ~= "table" then
    if not text then return end
    use = {}
    entry.block.toolUse = use
  end
  if text then use.input = complete and accumulator.tool_input(text) or growing_input(text, growing) end
  use.input = use.input or {}
end

local function build(entry, complete, growing)
  if entry.complete then return end
  build_text(entry)
  build_reasoning(entry)
  build_tool_use(entry, complete, growing)
  entry.complete = complete
end

-- Members of an event go into the answer, except `p`, the padding that hides the length of the text, and what is put
-- together here.
local function take_members(into, event)
  for name, value in pairs(event) do
    if name ~= "p" and name ~= "output" then into[name] = type(value) == "table" and copy(value) or value end
  end
  return into
end

local on_converse = {}

function on_converse.messageStart()
  return out_of_order("a second messageStart")
end

function on_converse.contentBlockStart(snapshot, event)
  local entry = converse_entry(snapshot, event.contentBlockIndex)
  for arm, members in pairs(as_table(event.start)) do merge_into(entry.block, arm, members) end
  return snapshot
end

function on_converse.contentBlockDelta(snapshot, event)
  local entry = converse_entry(snapshot, event.contentBlockIndex)
  entry.complete = false
  for arm, value in pairs(as_table(event.delta)) do
    local apply = converse_delta[arm]
    if apply then apply(entry, value) else merge_into(entry.block, arm, value) end
  end
  return snapshot
end

function on_converse.contentBlockStop(snapshot, event)
  local entry = snapshot.entries[event.contentBlockIndex]
  if entry then build(entry, true) end
  return snapshot
end

function on_converse.messageStop(snapshot, event)
  take_members(snapshot.result, event)
  for _, entry in ipairs(snapshot.order) do build(entry, true) end
  snapshot.finished = true
  return snapshot
end

-- Comes after messageStop, so a reader goes on to the end of the body.
function on_converse.metadata(snapshot, event)
  take_members(snapshot.result, event)
  return snapshot
end

local function start_converse(event)
  local message = take_members({}, event)
  message.content = json.array {}
  return { form = "converse", result = { output = { message = message } }, entries = {}, order = {}, finished = false }
end

--- One step of a Converse stream.
---
--- The event is a union as on the wire, `{ contentBlockDelta = { ... } }`. Bytes (redactedContent) are expected decoded.
--- The result has the shape of the Converse answer; without a metadata event it has no `usage` and no `metrics`.
---@param snapshot bedrock.Snapshot? nil before the first event
---@param event table
---@return bedrock.Snapshot? snapshot
---@return bedrock.Error? err
function accumulator.converse(snapshot, event)
  local err
  for name, members in pairs(event) do
    local handler = on_converse[name]
    if handler and not snapshot then
      if name ~= "messageStart" then return out_of_order("it begins with " .. name .. " instead of messageStart") end
      snapshot = start_converse(as_table(members))
    elseif handler then
      snapshot, err = handler(snapshot, as_table(members))
      if not snapshot then return nil, err end
    end
  end
  return snapshot
end

--- One step for a piece of text, of thinking or of a tool's input, without a table for it.
---@param snapshot bedrock.Snapshot?
---@param index integer the block's contentBlockIndex
---@param text string
---@param kind "text"|"thinking"|"input"
---@return bedrock.Snapshot?
---@return bedrock.Error?
function accumulator.converse_piece(snapshot, index, text, kind)
  if not snapshot then return out_of_order("it begins with contentBlockDelta instead of messageStart") end
  local entry = converse_entry(snapshot, index)
  entry.complete = false
  add_piece(entry, kind == "thinking" and "reasoning" or kind, text)
  return snapshot
end

-- Both ----------------------------------------------------------------------------------------------------------------

--- What the stream has given so far, in the shape of the unary answer. An unfinished tool call shows no input yet.
---@param snapshot bedrock.Snapshot?
---@param growing boolean? shows the input of an unfinished tool call as far as it can be read
---@return table? message nil when nothing has started
function accumulator.message(snapshot, growing)
  if not snapshot then return nil end
  if snapshot.form == "converse" then
    for _, entry in ipairs(snapshot.order) do build(entry, false, growing) end
  else
    for _, entry in pairs(snapshot.entries or {}) do settle(entry, false, growing) end
  end
  return snapshot.result
end

--- The block that stands at an index of the wire, as far as it came.
---@param snapshot bedrock.Snapshot
---@param index integer
---@return table?
function accumulator.block(snapshot, index)
  local entry = snapshot.entries[index]
  if not entry then return nil end
  if snapshot.form == "converse" then build(entry, false) else settle(entry, false) end
  return entry.block
end

--- The JSON text of a tool call's input, as far as it came.
---@param snapshot bedrock.Snapshot
---@param index integer
---@return string? text nil when the block is not there or got no input
function accumulator.input_text(snapshot, index)
  local entry = snapshot.entries[index]
  return entry and joined(entry, "input")
end

--- Whether the stop event was seen. A stream that ends without it is broken.
---@param snapshot bedrock.Snapshot?
---@return boolean
function accumulator.finished(snapshot)
  return snapshot ~= nil and snapshot.finished
end

return accumulator
