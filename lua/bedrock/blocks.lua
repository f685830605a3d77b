--- The kinds of content: one row a kind, with both of its forms on the wire.
--
-- A neutral block says what it is (`kind`) in plain fields, without saying how it travels. A row writes it in the
-- Messages form (`{ type = "text", text = ... }`) or in the Converse form (`{ text = ... }`) and reads it back from
-- either. Adding a kind is adding a row. What a form cannot say is refused with the reason; the caller adds the path.
--
--   writers   row.messages(block, out) -> wire block | nil, why     `out` holds the blocks written before this one
--             row.converse(block, names) -> wire block | nil, why   `names` holds the document names in use
--   readers   row.from_messages(wire) -> block | nil, why           row.type is the `type` it stands under
--             row.from_converse(wire.ARM) -> block | nil, why       row.arm is the member it stands under
--   members   the names that a reader understands; any other member is refused, so that nothing is lost in silence
--
-- Bytes are raw in neutral blocks and in the Converse form (the operation's table says where JSON wants base64), and
-- `json.blob` in the Messages form, whose body is a document to Bedrock.

local core = require "bedrock.core"
local json = require "bedrock.json"
local tables = require "bedrock.tables"

local copy, set = tables.copy, tables.set

local null = json.null

local blocks = {}

local Block = { __name = "bedrock.block" }

function Block:__tostring()
  return ("bedrock.content block (%s)"):format(self.kind)
end

---@class bedrock.Block
---@field kind string the row it belongs to

--- Makes a neutral block.
---@param kind string
---@param fields table
---@return bedrock.Block
function blocks.new(kind, fields)
  fields.kind = kind
  return setmetatable(fields, Block)
end

--- Whether a value is a neutral block.
---@param value any
---@return boolean
function blocks.is(value)
  return type(value) == "table" and getmetatable(value) == Block
end

local function given(value)
  return value ~= nil and value ~= null
end

-- A value of the wire, nil for null.
local function known(value)
  if value == null then return nil end
  return value
end

local function is_object(value)
  return type(value) == "table" and getmetatable(value) ~= json.array_mt and #value == 0
end

--- The input of a tool call as both forms want it: an object, empty when there is nothing.
---@param input any
---@return any
function blocks.tool_input(input)
  if not given(input) or input == "" then return {} end
  if type(input) == "table" and next(input) == nil then return {} end
  return input
end

local rows, by_type, by_arm = {}, {}, {}

-- Bytes and places ----------------------------------------------------------------------------------------------------

local function base64_source(block, media_type)
  if block.s3 then return nil, "the Messages form on Bedrock takes bytes, not S3 locations" end
  if not block.bytes then return nil, "the block holds no bytes" end
  return { type = "base64", media_type = media_type, data = json.blob(block.bytes) }
end

local function converse_source(block)
  if block.s3 then return { s3Location = { uri = block.s3, bucketOwner = block.owner } } end
  if not block.bytes then return nil, "the block holds no bytes" end
  return { bytes = block.bytes }
end

-- What JSON holds as base64: text, or a blob (its bytes are its only element) that has not been written yet.
local function bytes_of(data)
  if type(data) == "table" and data[1] then return data[1] end
  if type(data) ~= "string" then return nil, "source.data is not base64" end
  local bytes, why = core.base64.decode(data)
  if not bytes then return nil, "source.data is not base64: " .. tostring(why) end
  return bytes
end

local function read_base64(source)
  if type(source) ~= "table" or source.type ~= "base64" then
    local kind = type(source) == "table" and source.type or "unknown"
    return nil, ("a source of type %s has no other form, only bytes do"):format(tostring(kind))
  end
  return bytes_of(source.data)
end

-- Fills in where the bytes are; the union may say something that came after this was written.
local function read_source(block, source)
  source = type(source) == "table" and source or {}
  if type(source.s3Location) == "table" then
    block.s3, block.owner = source.s3Location.uri, source.s3Location.bucketOwner
  elseif given(source.bytes) then
    block.bytes = source.bytes
  else
    return nil, ("a source of %s has no other form"):format(tostring((next(source))))
  end
  return block
end

-- Text ----------------------------------------------------------------------------------------------------------------

-- Where a citation points: names in the Messages form and in the Converse form.
local locations = {
  { type = "char_location", arm = "documentChar", title = "document_title",
    { "document_index", "documentIndex" }, { "start_char_index", "start" }, { "end_char_index", "end" } },
  { type = "page_location", arm = "documentPage", title = "document_title",
    { "document_index", "documentIndex" }, { "start_page_number", "start" }, { "end_page_number", "end" } },
  { type = "content_block_location", arm = "documentChunk", title = "document_title",
    { "document_index", "documentIndex" }, { "start_block_index", "start" }, { "end_block_index", "end" } },
  { type = "search_result_location", arm = "searchResultLocation", title = "title", source = true,
    { "search_result_index", "searchResultIndex" }, { "start_block_index", "start" }, { "end_block_index", "end" } },
}

local function location_by(key, value)
  for _, row in ipairs(locations) do
    if row[key] == value then return row end
  end
end

local function leftover(wire, understood)
  for name, value in pairs(wire) do
    if not understood[name] and given(value) then return name end
  end
end

-- A citation of the Messages form, in the Converse form.
local function citation_to_converse(citation)
  local row = location_by("type", citation.type)
  if not row then return nil, "citations of type " .. tostring(citation.type) .. " have no Converse form" end
  local understood = { type = true, cited_text = true, [row.title] = true, source = row.source }
  local place = {}
  for _, names in ipairs(row) do
    place[names[2]], understood[names[1]] = known(citation[names[1]]), true
  end
  local extra = leftover(citation, understood)
  if extra then return nil, "the citation's member " .. extra .. " has no Converse form" end
  local text = known(citation.cited_text)
  return {
    title = known(citation[row.title]), source = row.source and known(citation.source) or nil,
    sourceContent = text and json.array { { text = text } } or nil, location = { [row.arm] = place },
  }
end

local function joined_text(list)
  local pieces = {}
  for i, piece in ipairs(list) do pieces[i] = piece.text or "" end
  return table.concat(pieces)
end

local function citation_to_messages(citation)
  local arm, place = next(type(citation.location) == "table" and citation.location or {})
  local row = location_by("arm", arm)
  if not row then return nil, "a citation without a place in a document or search result has no Messages form" end
  local result = { type = row.type, [row.title] = known(citation.title) }
  if given(citation.sourceContent) then result.cited_text = joined_text(citation.sourceContent) end
  if given(citation.source) then
    if not row.source then return nil, "the citation's member source has no Messages form" end
    result.source = citation.source
  end
  for _, names in ipairs(row) do result[names[1]] = known(place[names[2]]) end
  return result
end

local function convert_all(list, convert)
  local results = json.array {}
  for i, value in ipairs(list) do
    local result, why = convert(value)
    if not result then return nil, why end
    results[i] = result
  end
  return results
end

rows.text = {
  type = "text", arm = "text", members = set "type text citations",
  messages = function(block)
    return { type = "text", text = block.text, citations = block.citations }
  end,
  converse = function(block)
    if not block.citations then return { text = block.text } end
    local citations, why = convert_all(block.citations, citation_to_converse)
    if not citations then return nil, why end
    return { citationsContent = { content = json.array { { text = block.text } }, citations = citations } }
  end,
  from_messages = function(wire)
    local citations = known(wire.citations)
    return blocks.new("text", { text = wire.text, citations = citations and #citations > 0 and citations or nil })
  end,
  from_converse = function(text) return blocks.new("text", { text = text }) end,
}

-- Text with citations has an arm of its own in Converse.
rows.cited_text = {
  arm = "citationsContent", members = set "content citations",
  from_converse = function(wire)
    local citations, why = convert_all(known(wire.citations) or {}, citation_to_messages)
    if not citations then return nil, why end
    return blocks.new("text", { text = joined_text(known(wire.content) or {}), citations = citations })
  end,
}

rows.json = {
  arm = "json",
  messages = function(block)
    local text, err = json.encode(block.value)
    if not text then return nil, "the value cannot be written as JSON: " .. tostring(err.message) end
    return { type = "text", text = text }
  end,
  -- Bedrock takes an object here and nothing else; other values travel as their text.
  converse = function(block)
    if is_object(block.value) then return { json = block.value } end
    local wire, why = rows.json.messages(block)
    return wire and { text = wire.text }, why
  end,
  from_converse = function(value) return blocks.new("json", { value = value }) end,
}

-- Media ---------------------------------------------------------------------------------------------------------------

rows.image = {
  type = "image", arm = "image", members = set "type source format",
  messages = function(block)
    local source, why = base64_source(block, "image/" .. tostring(block.format))
    return source and { type = "image", source = source }, why
  end,
  converse = function(block)
    local source, why = converse_source(block)
    return source and { image = { format = block.format, source = source } }, why
  end,
  from_messages = function(wire)
    local bytes, why = read_base64(wire.source)
    if not bytes then return nil, why end
    return blocks.new("image", { bytes = bytes, format = tostring(wire.source.media_type):match("^image/(.+)$") })
  end,
  from_converse = function(wire) return read_source(blocks.new("image", { format = wire.format }), wire.source) end,
}

local function only_converse(kind, noun)
  return {
    arm = kind, members = set "format source",
    messages = function() return nil, noun .. " has no Messages form" end,
    converse = function(block)
      local source, why = converse_source(block)
      return source and { [kind] = { format = block.format, source = source } }, why
    end,
    from_converse = function(wire) return read_source(blocks.new(kind, { format = wire.format }), wire.source) end,
  }
end

rows.video = only_converse("video", "a video")
rows.audio = only_converse("audio", "a sound")

-- Documents -----------------------------------------------------------------------------------------------------------

local as_text = set "txt md csv html"

--- A document name that Converse accepts: letters, digits, single blanks, hyphens, round and square brackets.
---@param name string
---@return string
function blocks.legal_name(name)
  local legal = name:gsub("[^%w%s%-%(%)%[%]]+", "-"):gsub("%s+", " "):gsub("^[%s-]+", ""):gsub("[%s-]+$", "")
  legal = legal:sub(1, 200)
  return legal ~= "" and legal or "document"
end

--- What is wrong with a document name for Converse. The documentation names letters, digits, single blanks, hyphens, round
--- and square brackets; recorded traffic shows that the underscore is taken, too.
---@param name any
---@return string? complaint nil for a legal name
function blocks.name_complaint(name)
  if type(name) ~= "string" or name == "" then return "a document needs a name" end
  if #name > 200 then return ("the document name is %d bytes long, 200 are allowed"):format(#name) end
  local bad = name:match("[^%w_ %-%(%)%[%]][\128-\191]*")
  if bad then
    return ("the document name %q holds %q; letters, digits, blanks, hyphens, ( ) and [ ] are allowed"):format(name, bad)
  end
  if name:find("  ", 1, true) then return ("the document name %q holds two blanks in a row"):format(name) end
end

--- The name of one more document: two of one request may not share a name. The first keeps it, so what stands before stays
--- the same bytes.
---@param name string
---@param names table<string, boolean> in use; grows
---@return string
function blocks.unique_name(name, names)
  local candidate, n = name, 1
  while names[candidate] do
    n = n + 1
    candidate = name .. " " .. n
  end
  names[candidate] = true
  return candidate
end

local function citations_config(enabled)
  if enabled == nil then return nil end
  return { enabled = enabled }
end

local function read_citations(config)
  if type(config) ~= "table" then return nil end
  return known(config.enabled)
end

local function document_text(block)
  return block.text or as_text[block.format] and block.bytes and tostring(block.bytes) or nil
end

-- The source of a document in the Messages form: PDF bytes, plain text, or blocks of text.
local function messages_document(block)
  if block.content then
    local content = json.array {}
    for i, text in ipairs(block.content) do content[i] = { type = "text", text = text } end
    return { type = "content", content = content }
  end
  if block.format == "pdf" then return base64_source(block, "application/pdf") end
  local text = document_text(block)
  if text then return { type = "text", media_type = "text/plain", data = text } end
  if block.s3 then return base64_source(block) end
  return nil, ("a document of format %s has no Messages form; PDF and text have one"):format(tostring(block.format))
end

-- Text with citations must travel as text: as bytes the service takes it for a PDF.
local function converse_document(block, cited)
  if block.content then
    local content = json.array {}
    for i, text in ipairs(block.content) do content[i] = { text = text } end
    return { content = content }
  end
  if block.text then return { text = block.text } end
  if cited and document_text(block) then return { text = document_text(block) } end
  return converse_source(block)
end

-- Without citations Converse shows the model only a PDF's text, so they are on unless they were switched.
local function cited_in_converse(block)
  if block.citations == nil and block.made_here and block.format == "pdf" then return true end
  return block.citations
end

rows.document = {
  type = "document", arm = "document", members = set "type source title context citations name format",
  messages = function(block)
    local source, why = messages_document(block)
    if not source then return nil, why end
    return {
      type = "document", source = source, title = block.title or block.name, context = block.context,
      citations = citations_config(block.citations),
    }
  end,
  converse = function(block, names)
    local cited = cited_in_converse(block)
    local source, why = converse_document(block, cited)
    if not source then return nil, why end
    local name = block.name or blocks.legal_name(block.title or "document")
    local plain = (source.text or source.content) and (block.made_here or not block.format)
    return { document = {
      name = blocks.unique_name(name, names), format = plain and "txt" or block.format, source = source,
      context = block.context, citations = citations_config(cited),
    } }
  end,
  from_messages = function(wire)
    local source = type(wire.source) == "table" and wire.source or {}
    local block = blocks.new("document", {
      title = known(wire.title), context = known(wire.context), citations = read_citations(wire.citations),
    })
    if source.type == "text" then
      block.text, block.format = source.data, "txt"
    elseif source.type == "content" then
      local why
      block.content, why = blocks.texts(source.content, "type text")
      if not block.content then return nil, why end
    else
      local bytes, why = read_base64(source)
      if not bytes then return nil, why end
      block.bytes, block.format = bytes, tostring(source.media_type):match("^application/(.+)$")
    end
    return block
  end,
  from_converse = function(wire)
    local source = type(wire.source) == "table" and wire.source or {}
    local block = blocks.new("document", {
      name = wire.name, format = known(wire.format), context = known(wire.context),
      citations = read_citations(wire.citations),
    })
    if given(source.text) then
      block.text = source.text
    elseif given(source.content) then
      local why
      block.content, why = blocks.texts(source.content, "text")
      if not block.content then return nil, why end
    else
      return read_source(block, source)
    end
    return block
  end,
}

--- The texts of a list of text blocks, or nothing when one of them says more than text.
---@param content any a list of blocks, or a string in the Messages form
---@param members string the members that a plain text block has
---@return string[]? texts
---@return string? why
function blocks.texts(content, members)
  if type(content) == "string" then return { content } end
  local texts, understood = json.array {}, set(members)
  for i, block in ipairs(type(content) == "table" and content or {}) do
    if type(block.text) ~= "string" or leftover(block, understood) then return nil, "its content is more than text" end
    texts[i] = block.text
  end
  return texts
end

rows.search_result = {
  type = "search_result", arm = "searchResult", members = set "type source title content citations",
  messages = function(block)
    local content = json.array {}
    for i, text in ipairs(block.content) do content[i] = { type = "text", text = text } end
    return { type = "search_result", source = block.source, title = block.title, content = content,
      citations = citations_config(block.citations) }
  end,
  converse = function(block)
    local content = json.array {}
    for i, text in ipairs(block.content) do content[i] = { text = text } end
    return { searchResult = { source = block.source, title = block.title, content = content,
      citations = citations_config(block.citations) } }
  end,
  from_messages = function(wire) return blocks.read_search_result(wire, "type text") end,
  from_converse = function(wire) return blocks.read_search_result(wire, "text") end,
}

function blocks.read_search_result(wire, members)
  local content, why = blocks.texts(wire.content, members)
  if not content then return nil, why end
  return blocks.new("search_result", {
    source = wire.source, title = wire.title, content = content, citations = read_citations(wire.citations),
  })
end

-- Guardrails ----------------------------------------------------------------------------------------------------------

rows.guard = {
  arm = "guardContent", members = set "text image",
  messages = function() return nil, "guard content has no Messages form" end,
  converse = function(block)
    if block.text then return { guardContent = { text = { text = block.text, qualifiers = block.qualifiers } } } end
    return { guardContent = { image = { format = block.format, source = { bytes = block.bytes } } } }
  end,
  from_converse = function(wire)
    if given(wire.text) then
      return blocks.new("guard", { text = wire.text.text, qualifiers = known(wire.text.qualifiers) })
    end
    return read_source(blocks.new("guard", { format = wire.image.format }), wire.image.source)
  end,
}

-- Tools ---------------------------------------------------------------------------------------------------------------

rows.tool_use = {
  type = "tool_use", arm = "toolUse", members = set "type id name input toolUseId",
  messages = function(block)
    return { type = block.server and "server_tool_use" or "tool_use", id = block.id, name = block.name,
      input = blocks.tool_input(block.input) }
  end,
  converse = function(block)
    return { toolUse = { toolUseId = block.id, name = block.name, input = blocks.tool_input(block.input),
      type = block.server and "server_tool_use" or nil } }
  end,
  from_messages = function(wire)
    return blocks.new("tool_use", { id = wire.id, name = wire.name, input = known(wire.input) })
  end,
  from_converse = function(wire)
    local kind = known(wire.type)
    if kind and kind ~= "tool_use" and kind ~= "server_tool_use" then
      return nil, "a tool call of type " .. tostring(kind) .. " has no Messages form"
    end
    local block = { id = wire.toolUseId, name = wire.name, input = known(wire.input), server = kind == "server_tool_use" }
    return blocks.new("tool_use", block)
  end,
}

rows.server_tool_use = {
  type = "server_tool_use", members = set "type id name input",
  from_messages = function(wire)
    return blocks.new("tool_use", { id = wire.id, name = wire.name, input = known(wire.input), server = true })
  end,
}

-- Nothing to say: Messages leaves the content out, Converse demands a list with something in it.
rows.tool_result = {
  type = "tool_result", arm = "toolResult",
  members = set "type tool_use_id content is_error toolUseId status",
  messages = function(block)
    local content, why, at = blocks.write_list(block.content or {}, "messages", {})
    if not content then return nil, why, at and "content" .. at end
    return { type = "tool_result", tool_use_id = block.id, content = #content > 0 and content or nil,
      is_error = block.is_error }
  end,
  converse = function(block, names)
    local content, why, at = blocks.write_list(block.content or {}, "converse", names)
    if not content then return nil, why, at and "content" .. at end
    if #content == 0 then content[1] = { json = {} } end
    local status
    if block.is_error ~= nil then status = block.is_error and "error" or "success" end
    return { toolResult = { toolUseId = block.id, content = content, status = status } }
  end,
  from_messages = function(wire)
    local content, why, at = blocks.read_list(wire.content, "messages")
    if not content then return nil, why, at and "content" .. at end
    return blocks.new("tool_result", { id = wire.tool_use_id, content = content, is_error = known(wire.is_error) })
  end,
  from_converse = function(wire)
    local content, why, at = blocks.read_list(wire.content, "converse")
    if not content then return nil, why, at and "content" .. at end
    local status = known(wire.status)
    if status and status ~= "error" and status ~= "success" then
      return nil, "the status " .. tostring(status) .. " has no Messages form"
    end
    if given(wire.type) then return nil, "the result of a tool of the service has no Messages form" end
    local is_error
    if status then is_error = status == "error" end
    return blocks.new("tool_result", { id = wire.toolUseId, content = content, is_error = is_error })
  end,
}

-- A tool's declaration stands in the list of tools.
rows.tool = {
  type = "custom", arm = "toolSpec", members = set "type name description input_schema strict inputSchema",
  messages = function(block)
    return { name = block.name, description = block.description, input_schema = block.schema, strict = block.strict }
  end,
  converse = function(block)
    return { toolSpec = { name = block.name, description = block.description, inputSchema = { json = block.schema },
      strict = block.strict } }
  end,
  from_messages = function(wire)
    return blocks.new("tool", { name = wire.name, description = known(wire.description), schema = wire.input_schema,
      strict = known(wire.strict) })
  end,
  from_converse = function(wire)
    return blocks.new("tool", { name = wire.name, description = known(wire.description),
      schema = type(wire.inputSchema) == "table" and wire.inputSchema.json or nil, strict = known(wire.strict) })
  end,
}

-- Reasoning -----------------------------------------------------------------------------------------------------------

-- The bytes that Converse calls redactedContent are the very text that Messages calls data.
rows.reasoning = {
  type = "thinking", arm = "reasoningContent",
  members = set "type thinking signature reasoningText redactedContent",
  messages = function(block)
    if block.redacted then return { type = "redacted_thinking", data = block.redacted } end
    return { type = "thinking", thinking = block.text, signature = block.signature }
  end,
  converse = function(block)
    if block.redacted then return { reasoningContent = { redactedContent = block.redacted } } end
    return { reasoningContent = { reasoningText = { text = block.text, signature = block.signature } } }
  end,
  from_messages = function(wire)
    return blocks.new("reasoning", { text = wire.thinking, signature = known(wire.signature) })
  end,
  from_converse = function(wire)
    if given(wire.redactedContent) then return blocks.new("reasoning", { redacted = wire.redactedContent }) end
    local inner = wire.reasoningText
    if type(inner) ~= "table" or leftover(inner, set "text signature") then
      return nil, "reasoning of another shape has no Messages form"
    end
    return blocks.new("reasoning", { text = inner.text, signature = known(inner.signature) })
  end,
}

rows.redacted_reasoning = {
  type = "redacted_thinking", members = set "type data",
  from_messages = function(wire) return blocks.new("reasoning", { redacted = wire.data }) end,
}

-- Cache points --------------------------------------------------------------------------------------------------------

-- Blocks that may not carry a mark of the cache themselves.
local unmarkable = set "thinking redacted_thinking"

-- A block of its own in Converse; in Messages a mark on the block before it.
rows.cache_point = {
  arm = "cachePoint", members = set "type ttl",
  messages = function(block, out)
    local at = #out
    while at > 0 and unmarkable[out[at].type] do at = at - 1 end
    if at == 0 then return nil, "a cache point needs a block before it" end
    out[at] = copy(out[at])
    out[at].cache_control = { type = "ephemeral", ttl = block.ttl }
    return false
  end,
  converse = function(block)
    return { cachePoint = { type = "default", ttl = block.ttl } }
  end,
  from_converse = function(wire) return blocks.new("cache_point", { ttl = known(wire.ttl) }) end,
}

for _, row in pairs(rows) do
  if row.type then by_type[row.type] = row end
  if row.arm then by_arm[row.arm] = row end
end

-- Where a list of blocks holds raw bytes, for `json.encode` and `json.decode`. Messages blocks hold none.
local source_bytes = { source = { bytes = true } }
local media_bytes = { image = source_bytes, document = source_bytes, video = source_bytes, audio = source_bytes }
local block_bytes = copy(media_bytes)
block_bytes.toolResult = { content = { ["[]"] = media_bytes } }
block_bytes.guardContent = { image = source_bytes }
block_bytes.reasoningContent = { redactedContent = true }

blocks.blobs = { converse = { ["[]"] = block_bytes } }

-- Writing -------------------------------------------------------------------------------------------------------------

-- Neutral blocks may stand inside the user's own tool results, and a missing tool input is an object on the wire.
local function write_inside(wire, form, state)
  local holder = form == "converse" and wire.toolResult or wire.type == "tool_result" and wire
  local own = copy(wire)
  if type(holder) == "table" and type(holder.content) == "table" then
    local content, why, at = blocks.write_list(holder.content, form, state)
    if not content then return nil, why, at and (form == "converse" and "toolResult.content" or "content") .. at end
    local inner = form == "converse" and copy(holder) or own
    inner.content = content
    if form == "converse" then own.toolResult = inner end
  elseif form == "messages" then
    own.input = blocks.tool_input(own.input)
  elseif type(own.toolUse) == "table" then
    own.toolUse = copy(own.toolUse)
    own.toolUse.input = blocks.tool_input(own.toolUse.input)
  end
  return own
end

local calls = set "tool_use server_tool_use"

local function needs_rewriting(wire, form)
  if form == "converse" then return type(wire.toolUse) == "table" or type(wire.toolResult) == "table" end
  return wire.type == "tool_result" and type(wire.content) == "table" or calls[wire.type] ~= nil
end

-- One block: a string is text, a neutral block is written by its row, a table of the wire passes.
local function write_block(value, form, out, names)
  if type(value) == "string" then value = blocks.new("text", { text = value }) end
  if type(value) ~= "table" then return nil, "a block is a table or a string, not a " .. type(value) end
  if blocks.is(value) then
    local row = rows[value.kind]
    return row[form](value, form == "converse" and names or out)
  end
  if type(value.document) == "table" and value.document.name then names[value.document.name] = true end
  if needs_rewriting(value, form) then return write_inside(value, form, names) end
  return value
end

--- Writes one block behind those that are written already.
---@param out table the list so far; a cache point of the Messages form marks its last block
---@param value any a neutral block, a string, or a block of the wire
---@param form "messages"|"converse"
---@param names table<string, boolean> document names in use in this request; grows
---@return boolean? written
---@return string? why
---@return string? at where in the block
function blocks.write_into(out, value, form, names)
  local written, why, at = write_block(value, form, out, names)
  if written == nil then return nil, why, at end
  if written then out[#out + 1] = written end
  return true
end

--- Writes a list of blocks in one of the two forms, as a new list.
---@param list any a list of blocks and strings, one neutral block, or one string
---@param form "messages"|"converse"
---@param names table<string, boolean> document names in use in this request; grows
---@return table? written
---@return string? why
---@return string? at where, as "[2].content[1]"
function blocks.write_list(list, form, names)
  if type(list) == "string" or blocks.is(list) then list = { list } end
  local out = json.array {}
  for i, value in ipairs(list) do
    local written, why, inner = blocks.write_into(out, value, form, names)
    if not written then return nil, why, "[" .. i .. "]" .. (inner and "." .. inner or "") end
  end
  return out
end

-- Reading -------------------------------------------------------------------------------------------------------------

local function read_messages_block(wire)
  local row = by_type[wire.type]
  if not row or not row.from_messages then
    return nil, ("a block of type %s has no Converse form"):format(tostring(wire.type)), "type"
  end
  local extra = leftover(wire, setmetatable({ cache_control = true }, { __index = row.members }))
  if extra then return nil, ("the member %s has no Converse form"):format(tostring(extra)), tostring(extra) end
  return row.from_messages(wire)
end

local function read_converse_block(wire)
  local arm, value = next(wire)
  local row = by_arm[arm]
  if not row or not row.from_converse or next(wire, arm) ~= nil then
    return nil, ("a block %s has no Messages form"):format(tostring(arm)), tostring(arm)
  end
  local extra = type(value) == "table" and row.members and leftover(value, row.members)
  if extra then return nil, ("the member %s has no Messages form"):format(extra), arm .. "." .. extra end
  local block, why, inner = row.from_converse(value)
  if block then return block end
  return nil, why, arm .. (inner and "." .. inner or "")
end

--- Reads one block of the wire as a neutral block.
---@param wire any
---@param form "messages"|"converse" the form that it is in
---@return bedrock.Block? block
---@return string? why what the other form cannot say
---@return string? at where in the block
function blocks.read(wire, form)
  if type(wire) == "string" then return blocks.new("text", { text = wire }) end
  if type(wire) ~= "table" then return nil, "a block is a table, not a " .. type(wire) end
  if blocks.is(wire) then return wire end
  if form == "messages" then return read_messages_block(wire) end
  return read_converse_block(wire)
end

-- The mark of the Messages form becomes a block of its own.
local function read_cache_control(control)
  if type(control) ~= "table" then return nil end
  local extra = leftover(control, set "type ttl")
  if extra then return nil, "the cache mark's member " .. extra .. " has no Converse form" end
  return blocks.new("cache_point", { ttl = known(control.ttl) })
end

--- Reads a list of blocks of the wire as neutral blocks.
---@param list any a list, or a string
---@param form "messages"|"converse"
---@return table? read
---@return string? why
---@return string? at where, as "[2].content[1]"
function blocks.read_list(list, form)
  if list == nil or list == null then return json.array {} end
  if type(list) == "string" or blocks.is(list) then list = { list } end
  local read = json.array {}
  for i, wire in ipairs(list) do
    local block, why, inner = blocks.read(wire, form)
    if not block then return nil, why, "[" .. i .. "]" .. (inner and "." .. inner or "") end
    read[#read + 1] = block
    local mark, bad = read_cache_control(form == "messages" and type(wire) == "table" and wire.cache_control)
    if bad then return nil, bad, "[" .. i .. "].cache_control" end
    read[#read + 1] = mark
  end
  return read
end

return blocks
