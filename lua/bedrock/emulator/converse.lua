--- The Converse format: what it refuses, how it asks, how it answers, how it streams.

local encoding = require("bedrock.emulator.encoding")
local guardrail = require("bedrock.emulator.guardrail")
local json = require("bedrock.emulator.json")
local messages = require("bedrock.emulator.messages")
local pdf = require("bedrock.emulator.pdf")
local refusal = require("bedrock.emulator.refusal")

local converse = {}

local invalid = refusal.invalid
local MODEL_SAYS = "The model returned the following errors: "

-- ---- blocks of a request ----

-- Checks where a block's bytes come from; a source that is not bytes gives nil.
local function base64_source(source, path)
  if not json.is_object(source) then invalid("The source field at %s is invalid.", path) end
  if source.bytes == nil then return nil end
  if source.bytes == "" or not encoding.is_base64(source.bytes) then
    invalid("The value at %s.source.bytes is not valid base64.", path)
  end
  return source.bytes
end

local function blank(kind, path)
  invalid("The text field in the %s object at %s is blank. Add text to the text field, and try again.", kind, path)
end

local function check_name(name)
  if type(name) ~= "string" or name == "" or #name > 200 or name:find("[^%w%s%-()%[%]]") or name:find("%s%s") then
    invalid("The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, " ..
      "and square brackets. The name can't contain more than one consecutive whitespace character.")
  end
end

local image_formats = { png = true, jpeg = true, gif = true, webp = true }

local readers = {
  text = function(text, path)
    if type(text) ~= "string" then invalid("The text field at %s is not a string.", path) end
    if not text:find("%S") then
      blank("ContentBlock", path)
    end
    return { kind = "text", text = text }
  end,
  guardContent = function(content)
    return { kind = "text", text = content.text and content.text.text or "" }
  end,
  image = function(image, path)
    if not image_formats[image.format] then
      invalid("Value '%s' at '%s.image.format' failed to satisfy constraint: Member must satisfy enum value set: " ..
        "[gif, png, jpeg, webp]", tostring(image.format), path)
    end
    base64_source(image.source, path .. ".image")
    return { kind = "image" }
  end,
  document = function(document, path)
    check_name(document.name)
    local bytes = encoding.unbase64(base64_source(document.source, path .. ".document"))
    local citations = type(document.citations) == "table" and document.citations.enabled == true
    -- without citations only the text of a PDF is used
    return pdf.document(bytes, document.source, document.name, citations, citations)
  end,
  toolUse = function(use, path)
    if not json.is_object(use.input) then
      invalid("The format of the value at %s.toolUse.input is invalid. Provide a json object for the field and try again.", path)
    end
    return { kind = "tool_use", id = use.toolUseId, name = use.name }
  end,
  toolResult = function(result, path)
    if not json.is_list(result.content) then invalid("The content field at %s.toolResult is missing.", path) end
    local out = {}
    for i, part in ipairs(result.content) do
      if part.text == "" then
        blank("ContentBlock", ("%s.toolResult.content.%d"):format(path, i - 1))
      end
      out[#out + 1] = part.text or part.json ~= nil and json.encode(part.json) or nil
    end
    return { kind = "tool_result", id = result.toolUseId, text = #out > 0 and table.concat(out, "\n") or "(nothing)" }
  end,
}

local function parse_block(block, path)
  if not json.is_object(block) then invalid("The ContentBlock object at %s is invalid.", path) end
  local name, value = next(block)
  if not name or next(block, name) then
    invalid("The ContentBlock object at %s must set one of the following keys: text, image, toolUse, toolResult, document, " ..
      "video.", path)
  end
  local read = readers[name]
  return read and read(value, path) or { kind = name }
end

-- ---- turns ----

local function count(turn, kind)
  local n, set = 0, {}
  for _, block in ipairs(turn and turn.blocks or {}) do
    if block.kind == kind then
      n = n + 1
      set[block.id or n] = true
    end
  end
  return n, set
end

local function check_pairs(turns)
  for i, turn in ipairs(turns) do
    local uses, wanted = count(turns[i - 1], "tool_use")
    local results, given = count(turn, "tool_result")
    if results > uses then
      invalid("The number of toolResult blocks at messages.%d.content exceeds the number of toolUse blocks of previous turn.",
        i - 1)
    end
    local missing = {}
    for id in pairs(wanted) do
      if not given[id] then missing[#missing + 1] = id end
    end
    table.sort(missing)
    if #missing > 0 then
      invalid("Expected toolResult blocks at messages.%d.content for the following Ids: %s", i - 1, table.concat(missing, ", "))
    end
  end
end

local function check_documents(turn)
  if count(turn, "document") > 0 and count(turn, "text") == 0 then
    invalid("A text block must be included when using documents.")
  end
end

local function parse_turn(message, i, before)
  local path = ("messages.%d"):format(i - 1)
  if not json.is_object(message) then invalid("The Message object at %s is invalid.", path) end
  if i == 1 and message.role ~= "user" then
    invalid("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
  elseif message.role ~= "user" and message.role ~= "assistant" then
    invalid("Value '%s' at '%s.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]",
      tostring(message.role), path)
  elseif before and before.role == message.role then
    invalid("A conversation must alternate between user and assistant roles. Make sure the conversation alternates between " ..
      "user and assistant roles and try again.")
  end
  if not json.is_list(message.content) or #message.content == 0 then
    invalid("The content field in the Message object at %s is empty. Add a ContentBlock object to the content field and try " ..
      "again.", path)
  end
  local turn = { role = message.role, blocks = {} }
  for j, block in ipairs(message.content) do turn.blocks[j] = parse_block(block, ("%s.content.%d"):format(path, j - 1)) end
  check_documents(turn)
  return turn
end

local function parse_turns(list)
  if not json.is_list(list) or #list == 0 then
    invalid("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
  end
  local turns = {}
  for i, message in ipairs(list) do turns[i] = parse_turn(message, i, turns[i - 1]) end
  check_pairs(turns)
  return turns
end

-- ---- the other members ----

local function parse_system(system)
  if system == nil then return end
  if not json.is_list(system) then invalid("The system field is invalid.") end
  for i, block in ipairs(system) do
    if json.is_object(block) and type(block.text) == "string" and not block.text:find("%S") then
      blank("SystemContentBlock", "system." .. i - 1)
    end
  end
end

local function parse_tools(config, turns)
  local list = {}
  if config == nil then
    for _, turn in ipairs(turns) do
      if count(turn, "tool_use") + count(turn, "tool_result") > 0 then
        invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
      end
    end
    return list
  end
  if not json.is_object(config) or not json.is_list(config.tools) or #config.tools == 0 then
    invalid("The value at toolConfig.tools is empty. Add a tool to the field and try again.")
  end
  for i, tool in ipairs(config.tools) do
    local spec = tool.toolSpec
    if spec then
      local schema = type(spec.inputSchema) == "table" and spec.inputSchema.json
      if not json.is_object(schema) or schema.type ~= "object" then
        invalid("The value at toolConfig.tools.%d.toolSpec.inputSchema.json.type must be one of the following: object.", i - 1)
      end
      list[#list + 1] = { name = spec.name, schema = schema }
    end
  end
  return list
end

local function parse_choice(config, tools)
  local choice = config and config.toolChoice
  local kind, value = next(choice or { auto = {} })
  if kind ~= "tool" then return { type = kind } end
  for _, tool in ipairs(tools) do
    if tool.name == value.name then return { type = "tool", name = value.name } end
  end
  invalid("The tool '%s' in toolConfig.toolChoice is not in toolConfig.tools.", tostring(value.name))
end

local function parse_thinking(fields, inference)
  local thinking = fields.thinking
  if not thinking or thinking.type == "disabled" then return nil end
  if thinking.type == "enabled" and (thinking.budget_tokens or 0) < 1024 then
    invalid(MODEL_SAYS .. "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
  elseif inference.temperature and inference.temperature ~= 1 then
    invalid(MODEL_SAYS .. "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.")
  end
  return { display = thinking.display }
end

-- In Converse the schema is a text that holds JSON.
local function format_schema(body)
  local format = body.outputConfig and body.outputConfig.textFormat
  if not format then return nil end
  local text = format.structure and format.structure.jsonSchema and format.structure.jsonSchema.schema
  local schema = type(text) == "string" and json.decode(text)
  if not json.is_object(schema) then
    invalid("The value at outputConfig.textFormat.structure.jsonSchema.schema is not a valid JSON schema.")
  end
  return schema
end

local function guardrail_of(config)
  if not config then return nil end
  return { id = config.guardrailIdentifier, trace = config.trace ~= nil and config.trace ~= "disabled" }
end

--- Reads a Converse body; refuses what the service refuses.
---@param body table decoded
---@return table prompt
function converse.parse(body)
  if not json.is_object(body) then refusal.raise("ValidationException", "The request body is not a JSON object.") end
  local inference, fields = body.inferenceConfig or {}, body.additionalModelRequestFields or {}
  local turns = parse_turns(body.messages)
  parse_system(body.system)
  local tools = parse_tools(body.toolConfig, turns)
  if inference.maxTokens and inference.maxTokens < 1 then
    invalid("Value at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have value greater than or equal " ..
      "to 1")
  end
  return {
    turns = turns, tools = tools, choice = parse_choice(body.toolConfig, tools), max_tokens = inference.maxTokens,
    stops = inference.stopSequences or {}, thinking = parse_thinking(fields, inference), schema = format_schema(body),
    tool_prefix = "tooluse_", response_fields = body.additionalModelResponseFieldPaths,
    guardrail = guardrail_of(body.guardrailConfig), service_tier = body.serviceTier, performance = body.performanceConfig,
  }
end

-- ---- answers ----

local function citation(document)
  local location = document.pages and { documentPage = { documentIndex = document.index, start = 1, ["end"] = 2 } } or
    { documentChar = { documentIndex = document.index, start = 0, ["end"] = utf8.len(document.quote) } }
  return { location = location, sourceContent = { { text = document.quote } }, title = document.title }
end

local renderers = {
  text = function(block)
    if not block.citations then return { text = block.text } end
    local list = json.list()
    for i, document in ipairs(block.citations) do list[i] = citation(document) end
    return { citationsContent = { content = { { text = block.text } }, citations = list } }
  end,
  thinking = function(block)
    return { reasoningContent = { reasoningText = { text = block.text, signature = block.signature } } }
  end,
  redacted = function(block) return { reasoningContent = { redactedContent = encoding.base64(block.data) } } end,
  tool_use = function(block)
    return { toolUse = { toolUseId = block.id, name = block.name, input = block.whole and block.input or {} } }
  end,
}

local function usage(used, output)
  local total = used.input + used.cache_read + used.cache_write + output
  local out = { inputTokens = used.input, outputTokens = output, totalTokens = total, serverToolUsage = {},
    cacheReadInputTokens = used.cache_read, cacheReadInputTokenCount = used.cache_read,
    cacheWriteInputTokens = used.cache_write, cacheWriteInputTokenCount = used.cache_write }
  if used.cache_write > 0 then
    out.cacheDetails = { { ttl = used.cache_write_1h > 0 and "1h" or "5m", inputTokens = used.cache_write } }
  end
  return out
end

local function at_pointer(value, pointer)
  for part in pointer:gmatch("/([^/]*)") do
    part = part:gsub("~1", "/"):gsub("~0", "~")
    if type(value) ~= "table" then return nil end
    local index = json.is_list(value) and tonumber(part)
    value = value[index and index + 1 or part]
  end
  return value
end

-- additionalModelResponseFieldPaths point into the answer as the model itself gives it.
local function extra_fields(prompt, answer, used)
  if not prompt.response_fields then return nil end
  local native, out = messages.render(prompt, answer, used), {}
  for _, pointer in ipairs(prompt.response_fields) do
    local value = at_pointer(native, pointer)
    if value ~= nil then out[pointer:match("([^/]*)$")] = value end
  end
  return out
end

local function stop_reason(answer)
  return answer.assessment and "guardrail_intervened" or answer.stop_reason
end

local function trace(prompt, answer)
  local wanted = answer.assessment and prompt.guardrail.trace
  return wanted and guardrail.trace(prompt.guardrail.id, answer.assessment) or nil
end

--- A Converse answer.
---@return table body
function converse.render(prompt, answer, used)
  local content = json.list()
  for i, block in ipairs(answer.blocks) do content[i] = renderers[block.kind](block) end
  return {
    output = { message = { role = "assistant", content = content } }, stopReason = stop_reason(answer),
    usage = usage(used, answer.output_tokens), metrics = { latencyMs = answer.latency },
    additionalModelResponseFields = extra_fields(prompt, answer, used),
    serviceTier = prompt.service_tier, performanceConfig = prompt.performance, trace = trace(prompt, answer),
  }
end

-- ---- streams ----

local delta_of = {
  text = function(piece) return { text = piece } end,
  thinking = function(piece) return { reasoningContent = { text = piece } } end,
  tool_use = function(piece) return { toolUse = { input = piece } } end,
}

local function block_events(out, index, block)
  local function event(name, members)
    members.contentBlockIndex = index
    out[#out + 1] = { name = name, payload = members }
  end
  -- only tools have a start event; text and reasoning begin with their first delta
  if block.kind == "tool_use" then
    event("contentBlockStart", { start = { toolUse = { toolUseId = block.id, name = block.name } } })
  elseif block.kind == "redacted" then
    event("contentBlockDelta", { delta = renderers.redacted(block) })
  end
  local function delta(value) event("contentBlockDelta", { delta = value }) end
  for _, document in ipairs(block.citations or {}) do delta({ citation = citation(document) }) end
  for _, piece in ipairs(block.pieces) do delta(delta_of[block.kind](piece)) end
  if block.kind == "thinking" and block.whole then
    delta({ reasoningContent = { signature = block.signature } })
  end
  event("contentBlockStop", {})
end

--- The events of a streamed Converse answer, in order, each { name, payload }.
---@return table[]
function converse.events(prompt, answer, used)
  local out = { { name = "messageStart", payload = { role = "assistant" } } }
  for i, block in ipairs(answer.blocks) do block_events(out, i - 1, block) end
  out[#out + 1] = { name = "messageStop", payload = { stopReason = stop_reason(answer),
    additionalModelResponseFields = extra_fields(prompt, answer, used) } }
  out[#out + 1] = { name = "metadata", payload = { usage = usage(used, answer.output_tokens),
    metrics = { latencyMs = answer.latency }, serviceTier = prompt.service_tier, performanceConfig = prompt.performance,
    trace = trace(prompt, answer) } }
  for i, extra in ipairs(answer.events) do table.insert(out, math.min(2 + i, #out), extra) end
  return out
end

return converse
