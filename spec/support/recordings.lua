--- Recorded traffic of ../shared/recordings, for specs that look at conversations: requests and answers as tables.
--
-- Read with the library's own decoder, which these specs do not judge. Bytes of Converse stay the base64 text of the file.

local json = require "bedrock.json"

local recordings = {}

local dir = "../shared/recordings"

--- Whether the recordings are here.
---@return boolean
function recordings.here()
  local file = io.open(dir .. "/FACTS.md")
  if file then file:close() end
  return file ~= nil
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return assert(json.decode(text))
end

local converse = { Converse = true, ConverseStream = true }
local invoke = { InvokeModel = true, InvokeModelWithResponseStream = true }

-- Anthropic's bodies say so; other models' bodies are not Messages.
local function form_of(operation, body)
  if type(body) ~= "table" then return nil end
  if converse[operation] then return "converse" end
  return invoke[operation] and body.anthropic_version and body.messages and "messages" or nil
end

local function exchange_of(id, interaction)
  local request = interaction.request or {}
  local expected = interaction.expected or {}
  local body = request.body_json
  return {
    id = interaction.id or id, operation = interaction.operation, model = interaction.model_id, request = body,
    form = form_of(interaction.operation, body), ok = expected.kind ~= "error", expected = expected,
    response = interaction.response or {},
  }
end

local function file_names()
  local names, lfs = {}, require "lfs"
  for name in lfs.dir(dir) do
    if name:find "%.json$" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- Every recorded exchange: { id, operation, model, request, form, ok, expected, response }.
---@return fun(): table?
function recordings.each()
  return coroutine.wrap(function()
    for _, name in ipairs(file_names()) do
      local data = read(dir .. "/" .. name)
      for _, interaction in ipairs(data.interactions or { data }) do
        if data.kind ~= "fixture" then coroutine.yield(exchange_of(data.id, interaction)) end
      end
    end
  end)
end

return recordings
