--- What the service would refuse, said before a byte leaves: with the path in the request and what is wrong there.
--
-- Only rules that hold for every model, or that the table of models states, are checked here; the service has the last
-- word on all others. `bedrock.new { preflight = false }` switches all checks off, `preflight = { size = false }` one of
-- them, and a number in place of `false` is another limit: `preflight = { images = 100 }`.
--
-- One row a check. A row looks at single blocks (`block`), at a message (`message`) or at the request (`request`), and
-- answers what is wrong or nothing. Both forms are seen through `views`, which tell what a block of the wire is.
--
-- Consecutive messages of one role are refused for Converse alone: InvokeModel joins them.

local blocks = require "bedrock.blocks"
local core = require "bedrock.core"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local lazy = require "bedrock.lazy"
local images = lazy "bedrock.images"
local models = lazy "bedrock.models"
local tables = require "bedrock.tables"

local copy = tables.copy

local preflight = {}

local null = json.null

-- The two forms -------------------------------------------------------------------------------------------------------

local function member(value, name)
  if type(value) ~= "table" then return nil end
  local found = value[name]
  if found == null then return nil end
  return found
end

local blob_mt = getmetatable(json.blob "")

-- Bytes of a string or a buffer; other userdata (null, large numbers) has none.
local function length(value)
  if type(value) == "string" then return #value end
  local mt = type(value) == "userdata" and getmetatable(value)
  return type(mt) == "table" and mt.__len and #value or 0
end

local function base64_length(bytes)
  return math.ceil(bytes / 3) * 4
end

local function is_blob(value)
  return type(value) == "table" and getmetatable(value) == blob_mt
end

-- Bytes behind base64 text, or in a blob that will become it.
local function raw_size(data)
  if type(data) == "string" then return math.floor(#data * 3 / 4) end
  return is_blob(data) and length(data[1]) or nil
end

local function sized(kind, size)
  return { kind = kind, size = size }
end

-- The size of an image stands in its head; a jpeg may have other things of some length before it.
local HEAD = 262144

-- The first bytes of a string or a buffer.
local function first_of(value)
  return length(value) > 0 and value:sub(1, HEAD) or nil
end

-- The first bytes behind base64 text or in a blob.
local function head_of(data)
  if is_blob(data) then return first_of(data[1]) end
  return type(data) == "string" and core.base64.decode(data:sub(1, HEAD)) or nil
end

local function image_view(bytes, size)
  local view = sized("image", size)
  if bytes then view.width, view.height = images.size(bytes) end
  return view
end

local views = {}

-- Each view: kind, and what the checks ask of that kind.
function views.messages(block)
  local source = member(block, "source")
  if block.type == "text" then return { kind = "text", text = member(block, "text") } end
  if block.type == "image" then
    local data = member(source, "data")
    return image_view(head_of(data), raw_size(data))
  end
  if block.type == "document" then return { kind = "document", unlimited = true } end
  if block.type == "tool_use" then return { kind = "tool_use", input = block.input, id = block.id, input_at = ".input" } end
  if block.type == "tool_result" then
    return { kind = "tool_result", id = block.tool_use_id, content = member(block, "content"), content_at = ".content" }
  end
  return { kind = "other" }
end

local function byte_count(source)
  local bytes = member(source, "bytes")
  return bytes ~= nil and length(bytes) or nil
end

function views.converse(block)
  if block.text ~= nil then return { kind = "text", text = block.text } end
  if type(block.image) == "table" then
    return image_view(first_of(member(block.image.source, "bytes")), byte_count(block.image.source))
  end
  if type(block.document) == "table" then
    local view = sized("document", byte_count(block.document.source))
    view.name = block.document.name
    return view
  end
  local use, result = block.toolUse, block.toolResult
  if type(use) == "table" then
    return { kind = "tool_use", input = use.input, id = use.toolUseId, input_at = ".toolUse.input" }
  end
  if type(result) == "table" then
    return { kind = "tool_result", id = result.toolUseId, content = member(result, "content"),
      content_at = ".toolResult.content" }
  end
  return { kind = "other" }
end

-- Checks --------------------------------------------------------------------------------------------------------------

local function megabytes(bytes)
  return ("%.2f MB"):format(bytes / (1024 * 1024))
end

local function is_blank(text)
  return type(text) == "string" and not text:find("%S")
end

local function is_object(value)
  if type(value) ~= "table" then return false end
  return getmetatable(value) ~= json.array_mt and (next(value) == nil or rawget(value, 1) == nil)
end

local checks = {}

-- A blank block beside others is left out of the request (`preflight.tidy`) and is no reason to refuse it.
checks.blank = {
  block = function(view)
    if view.kind == "text" and is_blank(view.text) and not view.droppable then return "blank text is refused by the service" end
  end,
}

checks.tool_input = {
  block = function(view)
    if view.kind == "tool_use" and not is_object(view.input) then
      return "the input of a tool call must be an object", view.input_at
    end
  end,
}

checks.document_names = {
  block = function(view)
    if view.kind ~= "document" or view.unlimited then return nil end
    local complaint = blocks.name_complaint(view.name)
    return complaint, complaint and ".document.name"
  end,
}

checks.image_bytes = {
  limit = 3.75 * 1024 * 1024,
  block = function(view, limit)
    if view.kind == "image" and view.size and view.size > limit then
      return ("the image has %s, %s are allowed"):format(megabytes(view.size), megabytes(limit))
    end
  end,
}

checks.image_pixels = {
  limit = 8000,
  block = function(view, limit)
    if view.width and math.max(view.width, view.height) > limit then
      return ("the image has %d by %d pixels, %d are allowed on a side"):format(view.width, view.height, limit)
    end
  end,
}

checks.document_bytes = {
  limit = 4.5 * 1024 * 1024,
  block = function(view, limit)
    if view.kind == "document" and view.size and view.size > limit then
      return ("the document has %s, %s are allowed"):format(megabytes(view.size), megabytes(limit))
    end
  end,
}

checks.images = {
  limit = 20,
  message = function(counts, limit)
    if counts.image > limit then return ("%d images in one message, %d are allowed"):format(counts.image, limit) end
  end,
}

checks.documents = {
  limit = 5,
  message = function(counts, limit)
    if counts.document > limit then
      return ("%d documents in one message, %d are allowed"):format(counts.document, limit)
    end
  end,
}

-- Only a last message of the assistant, which the model goes on with, may hold nothing.
checks.empty = {
  message = function(counts)
    if counts.empty then return "the message holds nothing; the service wants at least one block" end
  end,
}

-- Checks that look at the whole request get what the walk has seen, and answer what is wrong and where.

checks.tool_results = {
  request = function(seen)
    for _, result in ipairs(seen.results) do
      if not result.known then
        return ("the tool result answers %q, which no message before it calls"):format(tostring(result.id)), result.path
      end
    end
  end,
}

checks.alternation = {
  request = function(seen)
    if seen.form ~= "converse" then return nil end
    for i = 2, #seen.roles do
      local role = seen.roles[i].role
      if (role == "user" or role == "assistant") and role == seen.roles[i - 1].role then
        return ("two messages of role %s in a row; Converse wants them to alternate"):format(role), seen.roles[i].path
      end
    end
  end,
}

-- Largest body that the service takes. What is counted is what the strings alone need, so it is never too much.
checks.size = {
  limit = 20000000,
  request = function(seen, limit)
    if seen.size <= limit then return nil end
    return ("the request is over %.0f MB, the service takes %.0f MB; the largest part is here, %s"):format(
      seen.size / 1e6, limit / 1e6, megabytes(seen.largest.size)), seen.largest.path
  end,
}

local function number(value)
  return type(value) == "number" and value or nil
end

-- Sampling options that a model is known to refuse together.
checks.sampling = {
  request = function(seen)
    local s = seen.sampling
    local row = seen.model and (s.temperature or s.top_p or s.top_k) and models.get(seen.model)
    if not row then return nil end
    if row.sampling == "one" and s.temperature and s.top_p then
      return row.name .. " takes temperature or top_p, not both", s.top_p_at
    end
    if row.sampling ~= "fixed" then return nil end
    if s.temperature and s.temperature ~= 1 then return row.name .. " takes no temperature but 1", s.temperature_at end
    if s.top_p and s.top_p < 0.99 then return row.name .. " takes no top_p below 0.99", s.top_p_at end
    if s.top_k then return row.name .. " takes no top_k", s.top_k_at end
  end,
}

-- In this order, so that the first complaint is the same one every time.
local order = {
  "empty", "blank", "tool_input", "document_names", "image_bytes", "image_pixels", "document_bytes", "images", "documents",
  "tool_results",
  "alternation", "sampling", "size",
}

-- The walk ------------------------------------------------------------------------------------------------------------

local function complaint(message, path, code)
  return errors.new {
    kind = code == "size" and "too_large" or "validation", code = "preflight." .. code, message = path .. ": " .. message,
    path = path, hint = ("preflight = { %s = false } lets it pass"):format(code),
  }
end

-- Which checks are on, with their limits.
local function enabled(settings)
  local active = {}
  for _, name in ipairs(order) do
    local setting = type(settings) == "table" and settings[name]
    if setting == nil or setting == true or type(settings) ~= "table" then setting = checks[name].limit or true end
    if setting ~= false then active[#active + 1] = { name = name, check = checks[name], limit = setting } end
  end
  return active
end

local function run(walk, hook, subject, path)
  for _, entry in ipairs(walk.active) do
    local check = entry.check[hook]
    if check then
      local message, at = check(subject, entry.limit)
      if message then
        walk.err = walk.err or complaint(message, hook == "request" and (at or "request") or path .. (at or ""), entry.name)
      end
    end
  end
end

-- Deeper than any request goes; a table that holds itself is the encoder's to name.
local DEEPEST = 200

-- Bytes that the strings of a value will need in JSON. Raw bytes of Converse grow by a third.
local function weigh(value, key, depth)
  if is_blob(value) then return base64_length(length(value[1])) end
  if type(value) ~= "table" then
    local raw = key == "bytes" or key == "redactedContent"
    return raw and base64_length(length(value)) or length(value)
  end
  if depth > DEEPEST then return 0 end
  local sum = 0
  for name, inner in pairs(value) do sum = sum + weigh(inner, name, depth + 1) end
  return sum
end

local function add_weight(seen, value, path)
  local size = weigh(value, nil, 0)
  seen.size = seen.size + size
  if size > seen.largest.size then seen.largest = { size = size, path = path } end
end

local function is_blank_block(block, form)
  if type(block) ~= "table" then return false end
  local view = views[form](block)
  return view.kind == "text" and is_blank(view.text)
end

-- Whether blank blocks may go: something else must be left, and Converse wants text beside a document.
local function has_more_than_blank(list, form)
  local others, text, document = false, false, false
  for _, block in ipairs(list) do
    local view = type(block) == "table" and not block.cachePoint and views[form](block)
    if view and not is_blank_block(block, form) then
      others, text, document = true, text or view.kind == "text", document or view.kind == "document"
    end
  end
  return others and (text or form == "messages" or not document)
end

local walk_list

local function walk_block(walk, block, path, counts, droppable)
  local view, seen = views[walk.form](block), walk.seen
  view.droppable = droppable
  if counts[view.kind] and not view.unlimited then counts[view.kind] = counts[view.kind] + 1 end
  if view.kind == "tool_use" and view.id ~= nil then seen.calls[view.id] = true end
  if view.kind == "tool_result" then
    table.insert(seen.results, { id = view.id, known = view.id ~= nil and seen.calls[view.id], path = path })
    walk_list(walk, view.content, path .. view.content_at, counts, false)
  end
  run(walk, "block", view, path)
end

function walk_list(walk, list, path, counts, weighed)
  if type(list) == "string" then run(walk, "block", { kind = "text", text = list }, path) end
  if weighed and type(list) == "string" then add_weight(walk.seen, list, path) end
  if type(list) ~= "table" then return end
  local droppable = has_more_than_blank(list, walk.form)
  for i, block in ipairs(list) do
    local at = path .. "[" .. i .. "]"
    if weighed then add_weight(walk.seen, block, at) end
    if type(block) == "table" then walk_block(walk, block, at, counts, droppable) end
  end
end

local function is_empty(content)
  return type(content) == "table" and next(content) == nil
end

local function walk_messages(walk, messages)
  if type(messages) ~= "table" then return end
  for i, message in ipairs(messages) do
    local path, counts = "messages[" .. i .. "]", { image = 0, document = 0 }
    if type(message) == "table" then
      table.insert(walk.seen.roles, { role = message.role, path = path })
      counts.empty = is_empty(message.content) and not (message.role == "assistant" and i == #messages)
      walk_list(walk, message.content, path .. ".content", counts, true)
      run(walk, "message", counts, path)
    end
  end
end

local function sampling_of(params, form)
  if form == "messages" then
    return { temperature = number(params.temperature), top_p = number(params.top_p), top_k = number(params.top_k),
      temperature_at = "temperature", top_p_at = "top_p", top_k_at = "top_k" }
  end
  local config, more = params.inferenceConfig, params.additionalModelRequestFields
  return { temperature = number(member(config, "temperature")), top_p = number(member(config, "topP")),
    top_k = number(member(more, "top_k")), temperature_at = "inferenceConfig.temperature",
    top_p_at = "inferenceConfig.topP", top_k_at = "additionalModelRequestFields.top_k" }
end

local function check(params, form, settings, model)
  if settings == false then return true end
  local seen = {
    form = form, calls = {}, results = {}, roles = {}, size = 0, largest = { size = -1, path = "request" }, model = model,
    sampling = sampling_of(params, form),
  }
  local walk = { form = form, active = enabled(settings), seen = seen, err = nil }
  walk_list(walk, params.system, "system", { image = 0, document = 0 }, true)
  walk_messages(walk, params.messages)
  for name, value in pairs(params) do
    if name ~= "system" and name ~= "messages" then add_weight(seen, value, tostring(name)) end
  end
  run(walk, "request", seen, "request")
  if walk.err then return nil, walk.err end
  return true
end

-- Tidying -------------------------------------------------------------------------------------------------------------

-- A mark of the cache on a block that goes stands for all that came before it.
local function move_mark(out, block)
  local last = out[#out]
  if block.cache_control and last and last.cache_control == nil and last.type ~= "thinking" and
    last.type ~= "redacted_thinking" then
    out[#out] = copy(last)
    out[#out].cache_control = block.cache_control
  end
end

local tidy_list

-- The lists inside tool results are lists of blocks, too.
local function tidy_block(block, form)
  if type(block) ~= "table" then return block end
  local holder = form == "messages" and block.type == "tool_result" and block or member(block, "toolResult")
  local inner = member(holder, "content")
  local tidied = type(inner) == "table" and tidy_list(inner, form)
  if not tidied or tidied == inner then return block end
  local own = copy(holder)
  own.content = tidied
  return form == "messages" and own or { toolResult = own }
end

-- The list without its blank blocks; the list itself when there is nothing to do.
function tidy_list(list, form)
  local out, changed, droppable = json.array {}, false, has_more_than_blank(list, form)
  for _, block in ipairs(list) do
    if droppable and is_blank_block(block, form) then
      changed = true
      move_mark(out, block)
    else
      out[#out + 1] = tidy_block(block, form)
      changed = changed or out[#out] ~= block
    end
  end
  return changed and out or list
end

local function tidy_member(holder, name, form)
  if type(holder) ~= "table" or type(holder[name]) ~= "table" then return holder end
  local tidied = tidy_list(holder[name], form)
  if tidied == holder[name] then return holder end
  local own = copy(holder)
  own[name] = tidied
  return own
end

local function is_on(settings)
  if settings == false then return false end
  return type(settings) ~= "table" or settings.blank ~= false
end

--- Leaves blank blocks of text out where there are others beside them: the service refuses them, and they say nothing.
--- Tables are copied where they change.
---@param params table a request whose blocks are written
---@param form "messages"|"converse"
---@param settings? boolean|table as for the checks; blank = false leaves everything as it is
---@return table params
function preflight.tidy(params, form, settings)
  if not is_on(settings) then return params end
  local own = tidy_member(params, "system", form)
  if type(own.messages) ~= "table" then return own end
  local messages, changed = json.array {}, false
  for i, message in ipairs(own.messages) do
    messages[i] = tidy_member(message, "content", form)
    changed = changed or messages[i] ~= message
  end
  if not changed then return own end
  own = own == params and copy(params) or own
  own.messages = messages
  return own
end

--- Checks a Messages request whose blocks are written.
---@param params table
---@param settings? boolean|table false for no checks; names of checks with false, or with another limit
---@param model string? the model id, for rules that a model is known to have
---@return boolean? ok
---@return bedrock.Error? err of kind "validation" or "too_large", with `path`
function preflight.messages(params, settings, model)
  return check(params, "messages", settings, model or member(params, "model"))
end

--- Checks a Converse request whose blocks are written.
---@param params table
---@param settings? boolean|table
---@return boolean? ok
---@return bedrock.Error? err
function preflight.converse(params, settings)
  return check(params, "converse", settings, member(params, "modelId"))
end

return preflight
