--- The Messages format of InvokeModel: what it refuses, how it asks, how it answers, how it streams.

local encoding = require("bedrock.emulator.encoding")
local guardrail = require("bedrock.emulator.guardrail")
local json = require("bedrock.emulator.json")
local models = require("bedrock.emulator.models")
local pdf = require("bedrock.emulator.pdf")
local refusal = require("bedrock.emulator.refusal")

local messages = {}

local invalid = refusal.invalid
-- The second one is what Anthropic's own clients send from their 2026 majors on, also through Bedrock.
local VERSIONS = { ["bedrock-2023-05-31"] = true, ["2026-10-21"] = true }

-- ---- blocks of a request ----

local function check_text(text, path)
  if type(text) ~= "string" then invalid("%s: Input should be a valid string", path) end
  if not text:find("%S") then
    invalid(text == "" and "messages: text content blocks must be non-empty" or
      "messages: text content blocks must contain non-whitespace text")
  end
end

-- Checks where a block's bytes come from; what is no base64 of bytes (a text, say) gives nil.
local function base64_source(block, path)
  local source = block.source
  if type(source) ~= "table" then invalid("%s.source: Field required", path) end
  if source.type == "url" then invalid("%s.source: URL sources are not supported", path) end
  if source.type ~= "base64" then return nil end
  if not encoding.is_base64(source.data) then invalid("%s.source.base64.data: Invalid base64 data", path) end
  return source.data
end

local parse_content

-- One row a block type that the emulator understands; others are taken as they are.
local readers = {
  text = function(block, path)
    check_text(block.text, path .. ".text.text")
    return { kind = "text", text = block.text }
  end,
  image = function(block, path)
    base64_source(block, path .. ".image")
    return { kind = "image" }
  end,
  document = function(block, path)
    local bytes = encoding.unbase64(base64_source(block, path .. ".document"))
    return pdf.document(bytes, block.source, block.title, type(block.citations) == "table" and block.citations.enabled == true,
      true)
  end,
  tool_use = function(block, path)
    if not json.is_object(block.input) then invalid("%s.tool_use.input: Input should be a valid dictionary", path) end
    return { kind = "tool_use", id = block.id, name = block.name }
  end,
  tool_result = function(block, path)
    local inner = block.content and parse_content(block.content, path .. ".tool_result.content") or {}
    local out = {}
    for _, part in ipairs(inner) do out[#out + 1] = part.text end
    return { kind = "tool_result", id = block.tool_use_id, text = #out > 0 and table.concat(out, "\n") or "(nothing)" }
  end,
}

function parse_content(content, path)
  if type(content) == "string" then
    if content == "" then return {} end
    content = { { type = "text", text = content } }
  end
  if not json.is_list(content) then invalid("%s: Input should be a valid list", path) end
  local blocks = {}
  for i, block in ipairs(content) do
    local at = ("%s.%d"):format(path, i - 1)
    if not json.is_object(block) then invalid("%s: Input should be a valid dictionary", at) end
    if type(block.type) ~= "string" then invalid("%s: Unable to extract tag using discriminator 'type'", at) end
    local read = readers[block.type]
    blocks[i] = read and read(block, at) or { kind = block.type }
  end
  return blocks
end

-- ---- turns ----

local function ids(turn, kind)
  local list = {}
  for _, block in ipairs(turn and turn.blocks or {}) do
    if block.kind == kind then list[#list + 1] = block.id end
  end
  return list
end

-- Every use of a tool is followed by its result, and every result has its use.
local function check_pairs(turns)
  for i, turn in ipairs(turns) do
    local results, uses = {}, {}
    for _, id in ipairs(ids(turns[i + 1], "tool_result")) do results[id] = true end
    for _, id in ipairs(ids(turns[i - 1], "tool_use")) do uses[id] = true end
    for _, id in ipairs(ids(turn, "tool_use")) do
      if not results[id] and turns[i + 1] then
        invalid("messages.%d: `tool_use` ids were found without `tool_result` blocks immediately after: %s. Each `tool_use` " ..
          "block must have a corresponding `tool_result` block in the next message.", i - 1, id)
      end
    end
    for j, id in ipairs(ids(turn, "tool_result")) do
      if not uses[id] then
        invalid("messages.%d.content.%d: unexpected `tool_use_id` found in `tool_result` blocks: %s. Each `tool_result` block " ..
          "must have a corresponding `tool_use` block in the previous message.", i - 1, j - 1, tostring(id))
      end
    end
  end
end

local function parse_turns(list)
  if list == nil then invalid("messages: Field required") end
  if not json.is_list(list) then invalid("messages: Input should be a valid list") end
  if #list == 0 then invalid("messages: at least one message is required") end
  local turns = {}
  for i, message in ipairs(list) do
    local path = ("messages.%d"):format(i - 1)
    if not json.is_object(message) then invalid("%s: Input should be a valid dictionary", path) end
    if message.role ~= "user" and message.role ~= "assistant" then
      invalid("%s.role: Input should be 'user' or 'assistant'", path)
    end
    if message.content == nil then invalid("%s.content: Field required", path) end
    local blocks = parse_content(message.content, path .. ".content")
    if #blocks == 0 and not (i == #list and message.role == "assistant") then
      invalid("%s: all messages must have non-empty content except for the optional final assistant message", path)
    end
    -- several messages of one role in a row count as one
    local before = turns[#turns]
    if before and before.role == message.role then
      table.move(blocks, 1, #blocks, #before.blocks + 1, before.blocks)
    else
      turns[#turns + 1] = { role = message.role, blocks = blocks }
    end
  end
  if turns[1].role ~= "user" then invalid('messages: first message must use the "user" role') end
  check_pairs(turns)
  return turns
end

-- ---- the other members ----

-- Members that stand somewhere else: over InvokeModel in the path, over the other paths in headers.
local foreign = { invoke = { "model", "stream" }, native = { "anthropic_version", "anthropic_beta" } }

local function check_members(body, native)
  if not native and body.anthropic_version == nil then invalid("anthropic_version: Field required") end
  if not native and not VERSIONS[body.anthropic_version] then
    invalid("anthropic_version: Input should be 'bedrock-2023-05-31'")
  end
  for _, name in ipairs(foreign[native and "native" or "invoke"]) do
    if body[name] ~= nil then invalid("%s: Extra inputs are not permitted", name) end
  end
  if body.max_tokens == nil then invalid("max_tokens: Field required") end
  if type(body.max_tokens) ~= "number" or body.max_tokens % 1 ~= 0 then invalid("max_tokens: Input should be a valid integer") end
  if body.max_tokens < 1 then invalid("max_tokens: Input should be greater than or equal to 1") end
  if body.anthropic_beta ~= nil and not json.is_list(body.anthropic_beta) then
    invalid("anthropic_beta: Input should be a valid list")
  end
end

local function parse_system(system)
  if system == nil or type(system) == "string" then return end
  if not json.is_list(system) then invalid("system: Input should be a valid list") end
  for i, block in ipairs(system) do
    if type(block) ~= "table" or block.type ~= "text" then invalid("system.%d.type: Input should be 'text'", i - 1) end
    if type(block.text) ~= "string" or block.text == "" then invalid("system: text content blocks must be non-empty") end
  end
end

local function parse_tools(tools)
  local list = {}
  if tools ~= nil and not json.is_list(tools) then invalid("tools: Input should be a valid list") end
  for i, tool in ipairs(tools or {}) do
    if type(tool) ~= "table" or type(tool.name) ~= "string" then invalid("tools.%d.custom.name: Field required", i - 1) end
    if tool.type == nil or tool.type == "custom" then
      if not json.is_object(tool.input_schema) then
        invalid("tools.%d.custom.input_schema: %s", i - 1,
          tool.input_schema == nil and "Field required" or "Input should be a valid dictionary")
      end
      if tool.input_schema.type ~= "object" then invalid("tools.%d.custom.input_schema.type: Input should be 'object'", i - 1) end
      if tool.input_schema.properties ~= nil and not json.is_object(tool.input_schema.properties) then
        invalid("tools.%d.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12", i - 1)
      end
    end
    list[i] = { name = tool.name, schema = tool.input_schema }
  end
  return list
end

local function parse_choice(choice, tools)
  choice = choice or { type = "auto" }
  if choice.type == "tool" then
    for _, tool in ipairs(tools) do
      if tool.name == choice.name then return { type = "tool", name = tool.name } end
    end
    invalid("Tool '%s' not found in provided tools", tostring(choice.name))
  end
  return { type = choice.type, single = choice.disable_parallel_tool_use }
end

local function parse_thinking(thinking, body)
  if not thinking or thinking.type == "disabled" then return nil end
  if thinking.type == "enabled" then
    local budget = thinking.budget_tokens
    if budget == nil then invalid("thinking.enabled.budget_tokens: Field required") end
    if budget < 1024 then invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024") end
    if budget >= body.max_tokens then invalid("`max_tokens` must be greater than `thinking.budget_tokens`.") end
  elseif thinking.type ~= "adaptive" then
    invalid("thinking: Input tag '%s' found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', " ..
      "'enabled'", tostring(thinking.type))
  end
  if body.temperature and body.temperature ~= 1 then
    invalid("`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.")
  end
  return { display = thinking.display }
end

local function format_schema(body)
  local format = type(body.output_config) == "table" and body.output_config.format
  return format and format.type == "json_schema" and format.schema or nil
end

--- Reads a Messages body; refuses what the service refuses.
---@param body table decoded
---@param native boolean? the body is the whole request, not the body of InvokeModel
---@return table prompt
function messages.parse(body, native)
  if not json.is_object(body) then invalid("Malformed input request, please reformat your input and try again.") end
  check_members(body, native)
  parse_system(body.system)
  local tools = parse_tools(body.tools)
  return {
    turns = parse_turns(body.messages), tools = tools, choice = parse_choice(body.tool_choice, tools),
    max_tokens = body.max_tokens, stops = body.stop_sequences or {}, thinking = parse_thinking(body.thinking, body),
    schema = format_schema(body), tool_prefix = "toolu_bdrk_01",
  }
end

-- ---- answers ----

local function citation(document)
  local common = { cited_text = document.quote, document_index = document.index, document_title = document.title or json.null }
  if document.pages then
    common.type, common.start_page_number, common.end_page_number = "page_location", 1, 2
  else
    common.type, common.start_char_index, common.end_char_index = "char_location", 0, utf8.len(document.quote)
  end
  return common
end

local renderers = {
  text = function(block)
    local out = { type = "text", text = block.text }
    if block.citations then
      out.citations = json.list()
      for i, document in ipairs(block.citations) do out.citations[i] = citation(document) end
    end
    return out
  end,
  thinking = function(block) return { type = "thinking", thinking = block.text, signature = block.signature } end,
  redacted = function(block) return { type = "redacted_thinking", data = block.data } end,
  tool_use = function(block)
    return { type = "tool_use", id = block.id, name = block.name, input = block.whole and block.input or {} }
  end,
}

local function usage(used, output)
  return {
    input_tokens = used.input, cache_creation_input_tokens = used.cache_write, cache_read_input_tokens = used.cache_read,
    cache_creation = { ephemeral_5m_input_tokens = used.cache_write - used.cache_write_1h,
      ephemeral_1h_input_tokens = used.cache_write_1h },
    output_tokens = output,
  }
end

local function envelope(prompt, answer)
  return { id = answer.id, type = "message", role = "assistant", model = models.own_name(prompt.model) }
end

-- What a guardrail did stands beside the model's own members.
local function add_guardrail(body, prompt, answer)
  if not prompt.guardrail then return end
  body["amazon-bedrock-guardrailAction"] = answer.assessment and "INTERVENED" or "NONE"
  if answer.assessment and prompt.guardrail.trace then
    body["amazon-bedrock-trace"] = guardrail.trace(prompt.guardrail.id, answer.assessment)
  end
end

--- A Messages answer.
---@param prompt table
---@param answer table
---@param used table input, cache_read, cache_write, cache_write_1h
---@return table body
function messages.render(prompt, answer, used)
  local body = envelope(prompt, answer)
  body.content = json.list()
  for i, block in ipairs(answer.blocks) do body.content[i] = renderers[block.kind](block) end
  body.stop_reason, body.stop_sequence = answer.stop_reason, answer.stop_sequence or json.null
  body.usage = usage(used, answer.output_tokens)
  add_guardrail(body, prompt, answer)
  return body
end

-- ---- streams ----

local function start_of(block)
  local start = renderers[block.kind](block)
  if block.kind == "text" then
    start.text = ""
    if start.citations then start.citations = json.list() end
  elseif block.kind == "thinking" then
    start.thinking, start.signature = "", ""
  elseif block.kind == "tool_use" then
    start.input = {}
  end
  return start
end

local delta_of = {
  text = function(piece) return { type = "text_delta", text = piece } end,
  thinking = function(piece) return { type = "thinking_delta", thinking = piece } end,
  tool_use = function(piece) return { type = "input_json_delta", partial_json = piece } end,
}

local function block_events(out, index, block)
  local function delta(value) out[#out + 1] = { type = "content_block_delta", index = index, delta = value } end
  out[#out + 1] = { type = "content_block_start", index = index, content_block = start_of(block) }
  if block.kind == "tool_use" then delta({ type = "input_json_delta", partial_json = "" }) end
  for _, document in ipairs(block.citations or {}) do delta({ type = "citations_delta", citation = citation(document) }) end
  for _, piece in ipairs(block.pieces) do delta(delta_of[block.kind](piece)) end
  if block.kind == "thinking" and block.whole then delta({ type = "signature_delta", signature = block.signature }) end
  out[#out + 1] = { type = "content_block_stop", index = index }
end

--- The events of a streamed Messages answer, in order.
---@return table[]
function messages.events(prompt, answer, used)
  local message = envelope(prompt, answer)
  message.content, message.stop_reason, message.stop_sequence = json.list(), json.null, json.null
  message.usage = usage(used, 1)
  local out = { { type = "message_start", message = message } }
  for i, block in ipairs(answer.blocks) do block_events(out, i - 1, block) end
  out[#out + 1] = { type = "message_delta", usage = { output_tokens = answer.output_tokens },
    delta = { stop_reason = answer.stop_reason, stop_sequence = answer.stop_sequence or json.null } }
  out[#out + 1] = { type = "message_stop", ["amazon-bedrock-invocationMetrics"] = {
    inputTokenCount = used.input, outputTokenCount = answer.output_tokens, invocationLatency = answer.latency,
    firstByteLatency = answer.first_byte, cacheReadInputTokenCount = used.cache_read,
    cacheWriteInputTokenCount = used.cache_write } }
  add_guardrail(out[#out], prompt, answer)
  for i, extra in ipairs(answer.events) do
    extra.payload.type = extra.payload.type or extra.name
    table.insert(out, math.min(3 + i, #out), extra.payload)
  end
  return out
end

return messages
