--- Answers: the wire's own table, with methods that work alike on Messages and Converse.
--
-- `reply.wrap` gives the decoded answer a metatable and changes nothing in it, so the members are those of the API's
-- documentation and the answer encodes to the JSON that it was. What the two forms do differently is in `forms`.

local accumulator = require "bedrock.accumulator"
local blocks = require "bedrock.blocks"
local json = require "bedrock.json"
local tables = require "bedrock.tables"

local copy = tables.copy

local null = json.null

local reply = {}

---@class bedrock.Reply
---@field stop_reason string? on both forms
---@field usage bedrock.Usage? absent when the service sent none
local Reply = {}

local function known(value)
  if value == null then return nil end
  return value
end

-- The elements of a list that are tables, whatever a server puts beside them.
local function list_of(value)
  if type(value) ~= "table" then return {} end
  local found = {}
  for i, element in ipairs(value) do
    if type(element) ~= "table" then found.odd = true else found[#found + 1] = value[i] end
  end
  if not found.odd then return value end
  found.odd = nil
  return found
end

local function member(value, name)
  if type(value) ~= "table" then return nil end
  return known(value[name])
end

-- Usage ---------------------------------------------------------------------------------------------------------------

---@class bedrock.Usage the wire's own members, and the same names on both forms
---@field input_tokens integer without cached tokens
---@field output_tokens integer
---@field cache_read_tokens integer
---@field cache_write_tokens integer
---@field cache_write_5m_tokens integer
---@field cache_write_1h_tokens integer
---@field total_input_tokens integer input, cache reads and cache writes
---@field total_tokens integer all of them and the output

local function count(usage, ...)
  for i = 1, select("#", ...) do
    local value = rawget(usage, (select(i, ...)))
    if type(value) == "number" then return value end
  end
  return 0
end

local function details_of(usage, ttl)
  for _, detail in ipairs(list_of(rawget(usage, "cacheDetails"))) do
    if detail.ttl == ttl then return count(detail, "inputTokens") end
  end
end

local function write_of(usage, messages_name, ttl)
  local written = member(rawget(usage, "cache_creation"), messages_name)
  return type(written) == "number" and written or details_of(usage, ttl)
end

local counters = {}

function counters.input_tokens(usage) return count(usage, "input_tokens", "inputTokens") end
function counters.output_tokens(usage) return count(usage, "output_tokens", "outputTokens") end

function counters.cache_read_tokens(usage)
  return count(usage, "cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount")
end

function counters.cache_write_tokens(usage)
  return count(usage, "cache_creation_input_tokens", "cacheWriteInputTokens", "cacheWriteInputTokenCount")
end

function counters.cache_write_1h_tokens(usage)
  return write_of(usage, "ephemeral_1h_input_tokens", "1h") or 0
end

-- Five minutes is the lifetime of everything that is not said to live longer.
function counters.cache_write_5m_tokens(usage)
  return write_of(usage, "ephemeral_5m_input_tokens", "5m") or
    counters.cache_write_tokens(usage) - counters.cache_write_1h_tokens(usage)
end

function counters.total_input_tokens(usage)
  return counters.input_tokens(usage) + counters.cache_read_tokens(usage) + counters.cache_write_tokens(usage)
end

function counters.total_tokens(usage)
  return counters.total_input_tokens(usage) + counters.output_tokens(usage)
end

local Usage = { __name = "bedrock.usage" }

function Usage.__index(self, name)
  local counter = counters[name]
  return counter and counter(self)
end

-- The two forms -------------------------------------------------------------------------------------------------------

-- content: the blocks. text, thinking: what a block says of it, or nil. call: a tool call of the caller's tools.
-- citations: of a block, each with the text that was cited.
local forms = {}

forms.messages = {
  content = function(self) return list_of(rawget(self, "content")) end,
  stop_reason = function(self) return rawget(self, "stop_reason") end,
  text = function(block) return block.type == "text" and block.text or nil end,
  thinking = function(block) return block.type == "thinking" and block.thinking or nil end,
  call = function(block)
    return block.type == "tool_use" and { id = block.id, name = block.name, input = block.input } or nil
  end,
  citations = function(block) return list_of(block.citations) end,
  citation = function(citation)
    return { cited_text = known(citation.cited_text), title = known(citation.document_title) or known(citation.title),
      source = known(citation.source) or known(citation.url) }
  end,
}

local function joined(list)
  local texts = {}
  for _, piece in ipairs(list_of(list)) do texts[#texts + 1] = type(piece.text) == "string" and piece.text or nil end
  return table.concat(texts)
end

forms.converse = {
  content = function(self)
    return list_of(member(member(rawget(self, "output"), "message"), "content"))
  end,
  stop_reason = function(self) return rawget(self, "stopReason") end,
  text = function(block)
    return known(block.text) or block.citationsContent and joined(member(block.citationsContent, "content")) or nil
  end,
  thinking = function(block) return member(member(block.reasoningContent, "reasoningText"), "text") end,
  call = function(block)
    local use = known(block.toolUse)
    if type(use) ~= "table" or use.type == "server_tool_use" then return nil end
    return { id = use.toolUseId, name = use.name, input = use.input }
  end,
  citations = function(block) return list_of(member(block.citationsContent, "citations")) end,
  citation = function(citation)
    return { cited_text = citation.sourceContent and joined(citation.sourceContent), title = known(citation.title),
      source = known(citation.source) or member(member(citation.location, "web"), "url") }
  end,
}

local function form_of(self)
  return forms[reply.form(self)]
end

local function concat(self, what)
  local form, pieces = form_of(self), {}
  for _, block in ipairs(form.content(self)) do
    local piece = form[what](block)
    if type(piece) == "string" then pieces[#pieces + 1] = piece end
  end
  return table.concat(pieces)
end

-- Methods -------------------------------------------------------------------------------------------------------------

--- The text of the answer: all text blocks, joined.
---@return string text empty when there is none
function Reply:text()
  return concat(self, "text")
end

--- What the model thought, as far as it is shown.
---@return string text empty when there is none
function Reply:thinking()
  return concat(self, "thinking")
end

--- The blocks of the answer, as on the wire.
---@return table
function Reply:blocks()
  return form_of(self).content(self)
end

---@class bedrock.ToolUse
---@field id string
---@field name string
---@field input table always an object
---@field broken string? what the model wrote, when it was not a JSON object

--- The tool calls that wait for the caller's results, in order. Tools that the service runs itself are left out.
---@return bedrock.ToolUse[]
function Reply:tool_uses()
  local form, uses = form_of(self), {}
  for _, block in ipairs(form.content(self)) do
    local use = form.call(block)
    if use then
      use.broken = accumulator.broken_input(use.input)
      use.input = blocks.tool_input(use.input)
      uses[#uses + 1] = use
    end
  end
  return uses
end

---@class bedrock.Citation
---@field text string? the text of the answer that rests on it; not there while it streams
---@field cited_text string?
---@field title string? of the document
---@field source string? where a search result or web page is
---@field wire table the citation as it came

--- What the answer cites, in order.
---@return bedrock.Citation[]
function Reply:citations()
  local form, found = form_of(self), {}
  for _, block in ipairs(form.content(self)) do
    for _, wire in ipairs(form.citations(block)) do
      local citation = reply.citation(wire, reply.form(self))
      citation.text = form.text(block) or ""
      found[#found + 1] = citation
    end
  end
  return found
end

-- The service refuses blank text and tool inputs that are not objects, even those that it sent itself.
local function replayable(block, form)
  local text = form.text(block)
  if type(text) == "string" and not text:find("%S") and #form.citations(block) == 0 then return nil end
  if block.type == "tool_use" or block.type == "server_tool_use" then
    block = copy(block)
    block.input = blocks.tool_input(block.input)
  elseif type(block.toolUse) == "table" then
    block = copy(block)
    block.toolUse = copy(block.toolUse)
    block.toolUse.input = blocks.tool_input(block.toolUse.input)
  end
  return block
end

--- The answer as a message for the history of the next request, in the form of the answer.
---
--- Blocks stay what they are, reasoning and unknown kinds included; blank text is left out where there is something else.
---@return table message { role = "assistant", content = ... }
function Reply:to_message()
  local form, content = form_of(self), json.array {}
  for _, block in ipairs(form.content(self)) do content[#content + 1] = replayable(block, form) end
  if #content == 0 then
    for i, block in ipairs(form.content(self)) do content[i] = block end
  end
  return { role = "assistant", content = content }
end

--- The text of the answer read as JSON.
---@return any value
---@return table? err
function Reply:json()
  return json.decode(self:text())
end

--- A citation of the wire with the same names for both forms.
---@param wire table
---@param form "messages"|"converse"
---@return bedrock.Citation
function reply.citation(wire, form)
  local citation = forms[form].citation(wire)
  citation.wire = wire
  return citation
end

--- The text of one block of the wire.
---@param block table
---@param form "messages"|"converse"
---@return string?
function reply.block_text(block, form)
  return forms[form].text(block)
end

--- The reasoning that one block of the wire shows.
---@param block table
---@param form "messages"|"converse"
---@return string?
function reply.block_thinking(block, form)
  return forms[form].thinking(block)
end

--- The call of a tool of the caller's that stands in one block of the wire.
---@param block table
---@param form "messages"|"converse"
---@return { id: string, name: string, input: any }?
function reply.block_call(block, form)
  return forms[form].call(block)
end

-- The form is told apart by the metatable, so that nothing is added to the answer.
local function new_metatable(form)
  local mt = { __name = "bedrock.reply", form = form }
  function mt.__index(self, name)
    if name == "stop_reason" then return forms[form].stop_reason(self) end
    return Reply[name]
  end
  mt.__tostring = function(self) return self:text() end
  return mt
end

local metatables = { messages = new_metatable "messages", converse = new_metatable "converse" }

--- Gives the counts of an answer their names that are the same for both forms.
---@param usage table? as the wire has it
---@return bedrock.Usage?
function reply.usage(usage)
  return type(usage) == "table" and setmetatable(usage, Usage) or nil
end

--- Gives an answer its methods.
---@param answer table? decoded
---@param form "messages"|"converse"|string an answer of another form comes back as it is
---@return bedrock.Reply?
function reply.wrap(answer, form)
  local mt = metatables[form]
  if type(answer) ~= "table" or not mt then return answer end
  reply.usage(rawget(answer, "usage"))
  return setmetatable(answer, mt)
end

--- Which form an answer has, or nil for a table that is none.
---@param answer table
---@return "messages"|"converse"|nil
function reply.form(answer)
  local mt = getmetatable(answer)
  return type(mt) == "table" and mt.form or nil
end

return reply
