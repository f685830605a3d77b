--- A conversation from one form into the other, both ways.
--
-- What both forms can say comes through whole: there and back again is the same conversation (a plain string becomes a list
-- with one block of text, a text document of bytes one of text, and the text of a schema is written anew). What the other
-- form cannot say is refused, by name and with its path; nothing is dropped in silence. `lossy = true` lets labels go that
-- carry no content: titles become legal names, csv, html and md documents become plain text, JSON data its text.
--
-- Converse merges `additionalModelRequestFields` into the model's own request, so Messages members without a place of
-- their own in Converse (thinking, top_k, ...) travel there.

local blocks = require "bedrock.blocks"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local tables = require "bedrock.tables"

local copy, sorted_keys = tables.copy, tables.sorted_keys

---@class bedrock.convert
local convert = {}

local null = json.null

local function refuse(path, why, hint)
  return nil, errors.new {
    kind = "validation", code = "convert", message = path .. ": " .. why, path = path, hint = hint,
  }
end

local function given(value)
  return value ~= nil and value ~= null
end

local form_names = { messages = "Messages", converse = "Converse" }

-- Blocks --------------------------------------------------------------------------------------------------------------

-- Converse wants a name where Messages may have no title. Which names stand for none follows from those before, so that
-- they can be told on the way back.
local UNTITLED = "untitled"

local function drop_made_up_name(block, names)
  local made_up = blocks.unique_name(UNTITLED, copy(names))
  if block.name == made_up then block.name = nil end
  names[block.name or made_up] = true
end

-- Labels that one form has and the other has not.
local function check_document(block, state)
  if state.to == "converse" then
    local complaint = block.title and blocks.name_complaint(block.title)
    if complaint then
      if not state.lossy then return complaint, "lossy = true makes the title legal" end
      block.title = blocks.legal_name(block.title)
    end
    if block.title and state.names[block.title] and not state.lossy then
      return ("two documents have the title %q"):format(block.title), "lossy = true numbers them"
    end
    block.name = block.title or UNTITLED
    return
  end
  if block.name then drop_made_up_name(block, state.names) end
  if block.format ~= "pdf" and block.format ~= "txt" and (block.text or block.content or block.bytes) and not state.lossy then
    return ("the format %s has no Messages form"):format(tostring(block.format)), "lossy = true sends it as plain text"
  end
end

-- What is wrong with a block for the other form, how to let it pass, and where it is inside of the block.
local function check_block(block, state)
  if block.kind == "document" then return check_document(block, state) end
  if block.kind == "json" and state.to == "messages" and not state.lossy then
    return "JSON data has no Messages form", "lossy = true sends it as its text"
  end
  for i, inner in ipairs(block.kind == "tool_result" and block.content or {}) do
    local why, hint = check_block(inner, state)
    if why then return why, hint, ".content[" .. i .. "]" end
  end
end

local function at_path(path, i, at)
  return path .. "[" .. i .. "]" .. (at and at:gsub("^%[1%]", "") or "")
end

-- One block may become two: the mark of the cache stands alone in Converse.
local function convert_block(wire, out, path, i, state)
  local read, why, at = blocks.read_list({ wire }, state.from)
  if not read then return refuse(at_path(path, i, at), why) end
  for _, block in ipairs(read) do
    local complaint, hint, inside = check_block(block, state)
    if complaint then return refuse(at_path(path, i, inside), complaint, hint) end
    local written, reason, inner = blocks.write_into(out, block, state.to, state.names)
    if not written then return refuse(at_path(path, i, inner and "." .. inner), reason) end
  end
  return true
end

local function convert_list(list, path, state)
  if type(list) == "string" then list = { list } end
  if type(list) ~= "table" then return refuse(path, "a list of blocks is expected") end
  local out = json.array {}
  for i, wire in ipairs(list) do
    local ok, err = convert_block(wire, out, path, i, state)
    if not ok then return nil, err end
  end
  return out
end

local function convert_message(message, path, state)
  if type(message) ~= "table" then return refuse(path, "a message is a table") end
  for _, name in ipairs(sorted_keys(message)) do
    if name ~= "role" and name ~= "content" then
      return refuse(path .. "." .. tostring(name), "the member has no " .. form_names[state.to] .. " form")
    end
  end
  local content, err = convert_list(message.content, path .. ".content", state)
  if not content then return nil, err end
  return { role = message.role, content = content }
end

local function convert_messages(list, state)
  local out = json.array {}
  for i, message in ipairs(list) do
    local converted, err = convert_message(message, "messages[" .. i .. "]", state)
    if not converted then return nil, err end
    out[i] = converted
  end
  return out
end

-- Tools ---------------------------------------------------------------------------------------------------------------

-- Tools that Anthropic has defined have no place of their own in Converse; they travel beside it.
local function tools_to_converse(list, request, state)
  local own, typed = json.array {}, json.array {}
  for i, tool in ipairs(list) do
    if given(tool.type) and tool.type ~= "custom" then
      typed[#typed + 1] = tool
    else
      local custom = copy(tool)
      custom.type = "custom"
      local ok, err = convert_block(custom, own, "tools", i, state)
      if not ok then return nil, err end
    end
  end
  if #own > 0 then state.tool_config.tools = own end
  if #typed > 0 then request.additionalModelRequestFields.tools = typed end
  return true
end

local function choice_to_converse(choice, state)
  for _, name in ipairs(sorted_keys(choice)) do
    if name ~= "type" and name ~= "name" then return refuse("tool_choice." .. name, "the member has no Converse form") end
  end
  if choice.type ~= "auto" and choice.type ~= "any" and choice.type ~= "tool" then
    return refuse("tool_choice.type", ("the choice %s has no Converse form"):format(tostring(choice.type)))
  end
  state.tool_config.toolChoice = { [choice.type] = { name = choice.type == "tool" and choice.name or nil } }
  return true
end

local function choice_to_messages(choice, request)
  local kind, value = next(choice)
  if kind ~= "auto" and kind ~= "any" and kind ~= "tool" then
    return refuse("toolConfig.toolChoice", ("the choice %s has no Messages form"):format(tostring(kind)))
  end
  request.tool_choice = { type = kind, name = value.name }
  return true
end

-- Messages to Converse ------------------------------------------------------------------------------------------------

-- Members of inferenceConfig, by their names in Messages.
local inference = { max_tokens = "maxTokens", temperature = "temperature", top_p = "topP", stop_sequences = "stopSequences" }

-- Where members of Messages go that have a place in Converse. Each answers true, or nil and the error.
local to_converse = {}

function to_converse.model(value, request)
  request.modelId = value
  return true
end

for name, wire in pairs(inference) do
  to_converse[name] = function(value, request)
    request.inferenceConfig = request.inferenceConfig or {}
    request.inferenceConfig[wire] = value
    return true
  end
end

function to_converse.system(value, request, state)
  local list, err = convert_list(value, "system", state)
  request.system = list
  return list and true, err
end

function to_converse.messages(value, request, state)
  local list, err = convert_messages(value, state)
  request.messages = list
  return list and true, err
end

to_converse.tools = tools_to_converse

function to_converse.tool_choice(value, _, state)
  return choice_to_converse(value, state)
end

local function format_to_converse(format)
  if format.type ~= "json_schema" then
    return refuse("output_config.format.type", ("the format %s has no Converse form"):format(tostring(format.type)))
  end
  local text = json.encode(format.schema)
  local definition = { schema = text, name = format.name, description = format.description }
  return { type = "json_schema", structure = { jsonSchema = definition } }
end

function to_converse.output_config(value, request)
  request.outputConfig = {}
  for _, name in ipairs(sorted_keys(value)) do
    if name == "effort" then
      request.outputConfig.effort = value.effort
    elseif name == "format" then
      local format, err = format_to_converse(value.format)
      if not format then return nil, err end
      request.outputConfig.textFormat = format
    else
      return refuse("output_config." .. name, "the member has no Converse form")
    end
  end
  return true
end

-- Matters of the wire, not of the conversation.
local function leave_out() return true end
to_converse.stream, to_converse.anthropic_version = leave_out, leave_out

local function new_state(from, to, options)
  return { from = from, to = to, names = {}, lossy = options and options.lossy or false, tool_config = {} }
end

--- A Messages request as a Converse request.
---@param params table
---@param options? { lossy: boolean? }
---@return table? request
---@return bedrock.Error? err what Converse cannot say, with `path`
function convert.to_converse(params, options)
  local state, request = new_state("messages", "converse", options), { additionalModelRequestFields = {} }
  for _, name in ipairs(sorted_keys(params)) do
    local value = params[name]
    if to_converse[name] and given(value) then
      local ok, err = to_converse[name](value, request, state)
      if not ok then return nil, err end
    elseif not to_converse[name] then
      request.additionalModelRequestFields[name] = value
    end
  end
  if next(state.tool_config) ~= nil then request.toolConfig = state.tool_config end
  if next(request.additionalModelRequestFields) == nil then request.additionalModelRequestFields = nil end
  return request
end

-- Converse to Messages ------------------------------------------------------------------------------------------------

local to_messages = {}

function to_messages.modelId(value, request)
  request.model = value
  return true
end

function to_messages.inferenceConfig(value, request)
  local names = {}
  for name, wire in pairs(inference) do names[wire] = name end
  for _, wire in ipairs(sorted_keys(value)) do
    if not names[wire] then return refuse("inferenceConfig." .. wire, "the member has no Messages form") end
    request[names[wire]] = value[wire]
  end
  return true
end

to_messages.system, to_messages.messages = to_converse.system, to_converse.messages

function to_messages.toolConfig(value, request, state)
  for _, name in ipairs(sorted_keys(value)) do
    if name ~= "tools" and name ~= "toolChoice" then
      return refuse("toolConfig." .. name, "the member has no Messages form")
    end
  end
  if given(value.tools) then
    local list, err = convert_list(value.tools, "toolConfig.tools", state)
    if not list then return nil, err end
    request.tools = list
  end
  return not given(value.toolChoice) or choice_to_messages(value.toolChoice, request)
end

function to_messages.outputConfig(value, request)
  local config = {}
  for _, name in ipairs(sorted_keys(value)) do
    local structure = name == "textFormat" and value.textFormat.structure
    if name == "effort" then
      config.effort = value.effort
    elseif type(structure) == "table" and type(structure.jsonSchema) == "table" then
      local definition = structure.jsonSchema
      local schema = json.decode(definition.schema)
      if not schema then return refuse("outputConfig.textFormat", "its schema is not JSON") end
      config.format = {
        type = "json_schema", schema = schema, name = definition.name, description = definition.description,
      }
    else
      return refuse("outputConfig." .. name, "the member has no Messages form")
    end
  end
  request.output_config = config
  return true
end

local beside = "It is a member of InvokeModel: give it in the second argument, as { invoke = ... }"
local elsewhere = {
  guardrailConfig = beside, performanceConfig = beside, serviceTier = beside, requestMetadata = beside,
}

-- After the others, so that what it would overwrite is seen.
local function merge_fields(fields, request)
  for _, name in ipairs(sorted_keys(fields)) do
    if name == "tools" and request.tools then
      for _, tool in ipairs(fields.tools) do request.tools[#request.tools + 1] = tool end
    elseif request[name] ~= nil then
      return refuse("additionalModelRequestFields." .. name, "the request says this twice")
    else
      request[name] = fields[name]
    end
  end
  return true
end

--- A Converse request as a Messages request.
---@param params table
---@param options? { lossy: boolean? }
---@return table? request
---@return bedrock.Error? err what Messages cannot say, with `path`
function convert.to_messages(params, options)
  local state, request = new_state("converse", "messages", options), {}
  for _, name in ipairs(sorted_keys(params)) do
    local value = params[name]
    if name ~= "additionalModelRequestFields" and given(value) then
      if not to_messages[name] then return refuse(name, "the member has no Messages form", elsewhere[name]) end
      local ok, err = to_messages[name](value, request, state)
      if not ok then return nil, err end
    end
  end
  if given(params.additionalModelRequestFields) then
    local ok, err = merge_fields(params.additionalModelRequestFields, request)
    if not ok then return nil, err end
  end
  return request
end

--- One message in the other form.
---@param message table { role, content }
---@param to "messages"|"converse" the form to make
---@param options? { lossy: boolean? }
---@return table? message
---@return bedrock.Error? err
function convert.message(message, to, options)
  local from = to == "converse" and "messages" or "converse"
  return convert_message(message, "message", new_state(from, to, options))
end

return convert
