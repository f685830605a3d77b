--- What `bedrock map` reads: a line is a record, and a record is a request.
--
--   plain text                                   the prompt
--   {"prompt": "...", "id": "..."}               the prompt; other members are for the template
--   {"messages": [...], ...}                     a request, in the Converse form or in Anthropic's
--   {"recordId": "...", "modelInput": {...}}     a record of a Bedrock batch
--
-- A record is known by the number of its line and a digest of it, so a run that was killed can tell what is done.

local async = require "bedrock.async"
local core = require "bedrock.core"
local json = require "bedrock.json"
local operations = require "bedrock.operations"

local records = {}

---@class bedrock.cli.Record
---@field line integer number of its line, from 1
---@field key string digest of the line
---@field text string the line
---@field id string|number|nil
---@field params table? the request
---@field form "converse"|"messages"
---@field wrong string? why it is no request

-- Lines ---------------------------------------------------------------------------------------------------------------

-- Standard input may pause; the answers that are on their way should not pause with it. Many workers ask here, and a terminal says
-- its end once: who has slept looks again at what the others have found.
local function lines_of_input(stopped)
  local held, ended = "", false
  return function()
    while true do
      local line, rest = held:match("^([^\n]*)\n(.*)$")
      if line then
        held = rest
        return line
      end
      if ended then
        line, held = held, ""
        return line ~= "" and line or nil
      end
      local bytes = core.terminal.read(0, 0)
      if bytes == nil or bytes == "" then
        ended = true
      elseif not bytes and stopped and stopped() then
        return nil
      elseif bytes then
        held = held .. bytes
      else
        async.sleep(0.05)
      end
    end
  end
end

--- The lines of a file, or of standard input for "-".
---@param path string
---@param stopped (fun(): boolean)? whether nobody waits for further ones, asked while standard input pauses
---@return (fun(): string?)? next
---@return string? why
function records.lines(path, stopped)
  if path == "-" then return lines_of_input(stopped) end
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  return function() return file:read("*l") end
end

--- How many records a file holds, to know how far one is.
---@param path string
---@return integer? count nil for standard input
function records.count(path)
  local file = path ~= "-" and io.open(path, "rb")
  if not file then return nil end
  local n = 0
  for line in file:lines() do
    if line:find("%S") then n = n + 1 end
  end
  file:close()
  return n
end

-- Requests --------------------------------------------------------------------------------------------------------------

local function field_text(value)
  if type(value) == "string" then return value end
  return (json.encode(value))
end

--- A template with the fields of a record in it: `{}` is the line or the prompt, `{name}` a member.
---@param template string
---@param fields table
---@param whole string
---@return string? text
---@return string? why
function records.fill(template, fields, whole)
  local missing
  local text = template:gsub("{([%w_]*)}", function(name)
    if name == "" then return whole end
    if fields[name] == nil then missing = missing or name end
    return fields[name] ~= nil and field_text(fields[name]) or nil
  end)
  if missing and not next(fields) then
    return nil, ("the template wants {%s}, and the line is no JSON object; {} stands for the whole line"):format(missing)
  elseif missing then
    return nil, ("the template wants {%s}, and the record has no such member"):format(missing)
  end
  return text
end

local function converse_of(text, options)
  return {
    modelId = options.model, system = options.system and { { text = options.system } } or nil,
    messages = { { role = "user", content = { { text = text } } } },
    inferenceConfig = { maxTokens = options.max_tokens, temperature = options.temperature },
  }
end

local function messages_of(text, options)
  return {
    model = options.model, system = options.system, max_tokens = options.max_tokens, temperature = options.temperature,
    messages = { { role = "user", content = text } },
  }
end

local function of_text(text, options)
  if options.messages then return messages_of(text, options), "messages" end
  return converse_of(text, options), "converse"
end

-- A request that is written out keeps what it says; what it does not say comes from the command line.
local function of_request(request, options)
  local is_messages = options.messages or request.model ~= nil or request.max_tokens ~= nil or request.anthropic_version ~= nil
  local filled = is_messages and messages_of("", options) or converse_of("", options)
  for name, value in pairs(request) do filled[name] = value end
  filled.id, filled.stream = nil, nil
  return filled, is_messages and "messages" or "converse"
end

local blobs = { converse = operations.find("converse").blobs }

local function prompt_of(object, line, options)
  local prompt = object.prompt or object.text
  if options.template then return records.fill(options.template, object, type(prompt) == "string" and prompt or line) end
  if type(prompt) == "string" then return prompt end
  return nil, "the record has neither prompt nor messages"
end

local function of_object(record, object, options)
  record.id = object.id or object.recordId
  if type(object.modelInput) == "table" then
    record.params, record.form = of_request(object.modelInput, { messages = true, model = options.model })
    return
  end
  if type(object.messages) == "table" then
    record.params, record.form = of_request(object, options)
    return
  end
  local text, why = prompt_of(object, record.text, options)
  if not text then
    record.wrong = why
    return
  end
  record.params, record.form = of_text(text, options)
end

-- A line that begins with a brace is meant as JSON, unless it is said that lines are text.
local function read(record, options)
  if options.text or not record.text:find("^%s*{") then
    local text, why = record.text, nil
    if options.template then text, why = records.fill(options.template, {}, record.text) end
    if not text then
      record.wrong = why
      return
    end
    record.params, record.form = of_text(text, options)
    return
  end
  local object, err = json.decode(record.text, { blobs = blobs.converse })
  if err or type(object) ~= "table" then
    record.wrong = ("it is no JSON: %s (--text takes lines as text)"):format(err and err.message or "no object")
    return
  end
  of_object(record, object, options)
end

--- What a line asks for.
---@param text string
---@param line integer
---@param options { model: string, system: string?, max_tokens: integer, temperature: number?, messages: boolean?, text: boolean?,
--- template: string? }
---@return bedrock.cli.Record
function records.of(text, line, options)
  local record = { line = line, key = records.key(text), text = text }
  read(record, options)
  return record
end

--- The digest by which a line is known again.
---@param text string
---@return string
function records.key(text)
  return core.crypto.sha256(text):sub(1, 16)
end

return records
