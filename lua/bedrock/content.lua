--- Builders of content, and the step that writes neutral blocks in the form of the call that sends them.
--
--     messages = { { role = "user", content = { "What is this?", content.image "photo.jpg" } } }
--
-- goes into `messages:create` and into `converse` alike. Plain tables in the form of the call pass through untouched,
-- known or not, and may stand beside neutral blocks; a plain string in a list is a block of text.
-- What cannot be read or recognised comes back as `nil, err`, so `assert(content.image(path))` is the short way.

local blocks = require "bedrock.blocks"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local tables = require "bedrock.tables"

local copy = tables.copy

---@class bedrock.content
local content = {}

local function invalid(message, path, code, hint)
  return nil, errors.new { kind = "validation", code = code or "content", message = message, path = path, hint = hint }
end

-- Reading and recognising -----------------------------------------------------------------------------------------

local image_signatures = {
  { "^\137PNG\r\n\26\n", "png" }, { "^\255\216\255", "jpeg" }, { "^GIF8[79]a", "gif" }, { "^RIFF....WEBP", "webp" },
}
local video_signatures = {
  { "^....ftypqt", "mov" }, { "^....ftyp3g", "three_gp" }, { "^....ftyp", "mp4" }, { "^\26\69\223\163.-webm", "webm" },
  { "^\26\69\223\163", "mkv" }, { "^FLV", "flv" }, { "^%z%z\1\186", "mpeg" }, { "^0&\178u", "wmv" },
}
local audio_signatures = {
  { "^ID3", "mp3" }, { "^\255[\243\250\251]", "mp3" }, { "^RIFF....WAVE", "wav" }, { "^fLaC", "flac" },
  { "^OggS.-OpusHead", "opus" }, { "^OggS", "ogg" }, { "^....ftypM4A", "m4a" }, { "^\255[\240\241\249]", "aac" },
}
local document_signatures = { { "^%%PDF%-", "pdf" } }

-- By the ending of a name, where the bytes alone do not say it.
local endings = {
  jpg = "jpeg", jpe = "jpeg", htm = "html", markdown = "md", text = "txt", log = "txt", ["3gp"] = "three_gp", mpg = "mpg",
}

local formats = {
  image = { png = true, jpeg = true, gif = true, webp = true },
  document = {
    pdf = true, csv = true, doc = true, docx = true, xls = true, xlsx = true, html = true, txt = true, md = true,
  },
  video = {
    mkv = true, mov = true, mp4 = true, webm = true, flv = true, mpeg = true, mpg = true, wmv = true, three_gp = true,
  },
  audio = {
    mp3 = true, opus = true, wav = true, aac = true, flac = true, mp4 = true, ogg = true, mkv = true, mka = true,
    ["x-aac"] = true, m4a = true, mpeg = true, mpga = true, pcm = true, webm = true,
  },
}

local function by_signature(bytes, signatures)
  local head = bytes and bytes:sub(1, 256) or ""
  for _, row in ipairs(signatures) do
    if head:find(row[1]) then return row[2] end
  end
end

local function by_ending(path, kind)
  local ending = path and path:match("%.(%w+)$")
  if not ending then return nil end
  ending = endings[ending:lower()] or ending:lower()
  return formats[kind][ending] and ending or nil
end

-- Office files share the signature of their container; what is inside, or the name, tells them apart.
local function office_format(bytes, path)
  local named = by_ending(path, "document")
  if bytes:sub(1, 4) == "PK\3\4" then
    if named == "docx" or named == "xlsx" then return named end
    return bytes:find("word/", 1, true) and "docx" or bytes:find("xl/", 1, true) and "xlsx" or nil
  end
  if bytes:sub(1, 4) == "\208\207\17\224" then return named == "xls" and "xls" or "doc" end
end

local function text_format(bytes, path)
  if bytes:find("\0", 1, true) then return nil end
  local named = by_ending(path, "document")
  if named == "csv" or named == "html" or named == "md" or named == "txt" then return named end
  local head = bytes:sub(1, 256):lower()
  if head:find("^%s*<!doctype html") or head:find("^%s*<html") then return "html" end
  return "txt"
end

local function document_format(bytes, path)
  if not bytes then return by_ending(path, "document") end
  local format = by_signature(bytes, document_signatures)
  if format then return format end
  bytes = tostring(bytes) -- of a buffer, too, to be searched
  return office_format(bytes, path) or text_format(bytes, path)
end

local function media_format(signatures, kind)
  return function(bytes, path) return by_signature(bytes, signatures) or by_ending(path, kind) end
end

local recognise = {
  -- an image's name may lie; its bytes may not
  image = function(bytes, path)
    if bytes then return by_signature(bytes, image_signatures) end
    return by_ending(path, "image")
  end,
  document = document_format,
  video = media_format(video_signatures, "video"),
  audio = media_format(audio_signatures, "audio"),
}

local expected = {
  image = "png, jpeg, gif or webp", document = "pdf, csv, doc, docx, xls, xlsx, html, txt or md",
  video = "mkv, mov, mp4, webm, flv, mpeg, mpg, wmv or three_gp", audio = "mp3, wav, flac, ogg, aac, m4a or the like",
}

local by_bytes = {
  image = "Images are recognised by their bytes, not by their names; convert it",
  document = 'Say what it is, such as { format = "txt" }, or convert it',
}

-- A path, or a table of where the bytes are; options may stand in either table.
local function gather(source, options)
  local fields = {}
  for _, from in ipairs { type(source) == "table" and source or { path = source }, options or {} } do
    for key, value in pairs(from) do fields[key] = value end
  end
  return fields
end

local function load(fields)
  if fields.bytes or fields.s3 or not fields.path then return fields end
  local system = fields.system or require "bedrock.system"
  local bytes, why = system.read_file(fields.path, true)
  if not bytes then return invalid("cannot read " .. tostring(why), nil, "unreadable") end
  fields.bytes = bytes
  return fields
end

local function name_of(fields)
  return fields.path or fields.s3 or "the bytes"
end

-- Bytes and format of a block, or what is wrong with them.
local function open(kind, source, options)
  if type(source) ~= "string" and type(source) ~= "table" then
    errors.misuse(("content.%s takes a path or a table, not a %s"):format(kind, type(source)))
  end
  local fields, err = load(gather(source, options))
  if not fields then return nil, err end
  local bytes = fields.bytes
  if bytes and #bytes == 0 then return invalid(name_of(fields) .. " is empty") end
  local format = fields.format or recognise[kind](bytes, fields.path or fields.s3)
  if not format then return invalid(("%s is no %s"):format(name_of(fields), expected[kind]), nil, "format", by_bytes[kind]) end
  fields.format = endings[format] or format
  return fields
end

local function media(kind, source, options)
  local fields, err = open(kind, source, options)
  if not fields then return nil, err end
  return blocks.new(kind, { bytes = fields.bytes, s3 = fields.s3, owner = fields.owner, format = fields.format })
end

-- Builders --------------------------------------------------------------------------------------------------------

--- A block of text.
---@param text string
---@return bedrock.Block
function content.text(text)
  if type(text) ~= "string" then error("content.text takes a string, not a " .. type(text), 2) end
  return blocks.new("text", { text = text })
end

--- An image: png, jpeg, gif or webp, recognised by its bytes.
---@param source string|table a path, or { path | bytes | s3 = "s3://bucket/key", owner }
---@param options? { format: string?, system: table? }
---@return bedrock.Block? block
---@return bedrock.Error? err
function content.image(source, options)
  return media("image", source, options)
end

--- A video, for Converse.
---@param source string|table as for content.image
---@param options? { format: string? }
---@return bedrock.Block? block
---@return bedrock.Error? err
function content.video(source, options)
  return media("video", source, options)
end

--- A sound, for Converse.
---@param source string|table as for content.image
---@param options? { format: string? }
---@return bedrock.Block? block
---@return bedrock.Error? err
function content.audio(source, options)
  return media("audio", source, options)
end

local function base_name(path)
  return path and path:match("[^/\\]+$"):gsub("%.%w+$", "") or nil
end

--- A document: pdf, csv, doc, docx, xls, xlsx, html, txt or md.
---
--- Its name is made legal for Converse and can be seen in the block (`block.name`). In Converse citations are on for PDFs,
--- because without them the model sees only their text; `citations = false` switches them off. In the Messages form text
--- formats travel as plain text, and office files have no form.
---@param source string|table a path, or { path | bytes | s3 | text | content = list of strings }
---@param options? { title: string?, name: string?, context: string?, citations: boolean?, format: string? }
---@return bedrock.Block? block
---@return bedrock.Error? err
function content.document(source, options)
  local fields = gather(source, options)
  if fields.text or fields.content then
    fields.format = fields.format or "txt"
  else
    local opened, err = open("document", source, options)
    if not opened then return nil, err end
    fields = opened
  end
  local title = fields.title or base_name(fields.path or fields.s3)
  return blocks.new("document", {
    bytes = fields.bytes, s3 = fields.s3, owner = fields.owner, text = fields.text, content = fields.content,
    format = fields.format, title = title, name = blocks.legal_name(fields.name or title or "document"),
    context = fields.context, citations = fields.citations, made_here = true,
  })
end

--- A tool call, as an assistant's message holds it.
---@param id string
---@param name string
---@param input table? nothing is the empty object
---@return bedrock.Block
function content.tool_use(id, name, input)
  return blocks.new("tool_use", { id = id, name = name, input = input })
end

-- The members under which blocks stand in tool results, in either form.
local result_arms = { "text", "json", "image", "document", "video", "searchResult" }

local function is_block(value)
  if blocks.is(value) then return true end
  if type(value) ~= "table" then return false end
  if type(value.type) == "string" and (value.text or value.source) then return true end
  local arm = next(value)
  for _, name in ipairs(result_arms) do
    if arm == name and next(value, arm) == nil then return true end
  end
  return false
end

local function is_block_list(value)
  if type(value) ~= "table" or #value == 0 then return false end
  for _, element in ipairs(value) do
    if not is_block(element) then return false end
  end
  return true
end

local function result_content(value)
  if value == nil or value == json.null or value == "" then return {} end
  if type(value) == "string" then return { value } end
  if blocks.is(value) then return { value } end
  if is_block_list(value) then return value end
  return { content.json(value) }
end

--- The answer to a tool call.
---@param id string of the call
---@param value any a string, a block, a list of blocks; anything else is JSON data
---@param options? { is_error: boolean? }
---@return bedrock.Block
function content.tool_result(id, value, options)
  return blocks.new("tool_result", { id = id, content = result_content(value), is_error = options and options.is_error })
end

--- JSON data in a tool result. Converse takes objects as such; all else, and all of it in Messages, travels as its text.
---@param value any
---@return bedrock.Block
function content.json(value)
  return blocks.new("json", { value = value })
end

--- A point up to which the prompt is cached. In the Messages form it marks the block before it.
---@param ttl? "5m"|"1h" the service's default is 5 minutes
---@return bedrock.Block
function content.cache_point(ttl)
  return blocks.new("cache_point", { ttl = ttl })
end

--- A result of the caller's own search, which the model can cite.
---@param fields { source: string, title: string, content: string|string[], citations: boolean? }
---@return bedrock.Block
function content.search_result(fields)
  local texts = type(fields.content) == "string" and { fields.content } or fields.content
  return blocks.new("search_result", {
    source = fields.source, title = fields.title, content = texts, citations = fields.citations,
  })
end

--- Content for a guardrail to look at, in Converse.
---@param source string|table the text, or an image as for content.image
---@param options? { qualifiers: string[]? } "grounding_source", "query", "guard_content"
---@return bedrock.Block? block
---@return bedrock.Error? err
function content.guard(source, options)
  if type(source) == "string" then
    return blocks.new("guard", { text = source, qualifiers = options and options.qualifiers })
  end
  local fields, err = open("image", source, options)
  if not fields then return nil, err end
  return blocks.new("guard", { bytes = fields.bytes, format = fields.format })
end

--- Reasoning, as an assistant's message holds it. It must be sent back exactly as it came.
---@param fields { text: string?, signature: string?, redacted: string? } redacted: `data` in Messages, the bytes in Converse
---@return bedrock.Block
function content.reasoning(fields)
  return blocks.new("reasoning", { text = fields.text, signature = fields.signature, redacted = fields.redacted })
end

-- Writing a request -----------------------------------------------------------------------------------------------

local function refused(path, why, at)
  return invalid(path .. (at or "") .. ": " .. why, path .. (at or ""))
end

local function write(list, form, path, names)
  local written, why, at = blocks.write_list(list, form, names)
  if not written then return refused(path, why, at) end
  return written
end

local function has_text(list)
  for _, block in ipairs(list) do
    if block.text then return true end
  end
  return false
end

-- Converse wants text beside a document. Documents made here get it; what was written by hand is left alone.
local function introduce_documents(written, source)
  if type(source) ~= "table" or has_text(written) then return written end
  local made = blocks.is(source) and source.kind == "document"
  for _, value in ipairs(source) do made = made or blocks.is(value) and value.kind == "document" end
  if not made then return written end
  for i, block in ipairs(written) do
    if block.document then
      table.insert(written, i, { text = "Attached: " .. block.document.name })
      return written
    end
  end
  return written
end

local function write_messages(list, form, names)
  local messages = json.array {}
  for i, message in ipairs(list) do
    local path = "messages[" .. i .. "]"
    if type(message) ~= "table" then return refused(path, "a message is a table, not a " .. type(message)) end
    local own, source = copy(message), message.content
    if type(source) == "table" or type(source) == "string" and form == "converse" then
      local written, err = write(source, form, path .. ".content", names)
      if not written then return nil, err end
      own.content = form == "converse" and introduce_documents(written, source) or written
    end
    messages[i] = own
  end
  return messages
end

-- Writes one list of blocks of a request in place of itself.
local function write_field(request, field, form, path, names)
  local list = request[field]
  if type(list) ~= "table" and not (type(list) == "string" and form == "converse") then return true end
  local written, err = write(list, form, path, names)
  if not written then return nil, err end
  request[field] = written
  return true
end

local function resolve(params, form)
  local request, names = copy(params), {}
  local ok, err = write_field(request, "system", form, "system", names)
  if not ok then return nil, err end
  if type(params.messages) == "table" then
    request.messages, err = write_messages(params.messages, form, names)
    if not request.messages then return nil, err end
  end
  return request
end

--- Writes the neutral blocks of a Messages request in that form. The caller's tables are not changed.
---@param params table
---@return table? request
---@return bedrock.Error? err a block that this form cannot say; `path` tells where it stands
function content.messages(params)
  local request, err = resolve(params, "messages")
  if not request then return nil, err end
  local ok
  ok, err = write_field(request, "tools", "messages", "tools", {})
  if not ok then return nil, err end
  return request
end

--- Writes the neutral blocks of a Converse request in that form. The caller's tables are not changed.
---@param params table
---@return table? request
---@return bedrock.Error? err a block that this form cannot say; `path` tells where it stands
function content.converse(params)
  local request, err = resolve(params, "converse")
  if not request then return nil, err end
  if type(params.toolConfig) ~= "table" then return request end
  request.toolConfig = copy(params.toolConfig)
  local ok
  ok, err = write_field(request.toolConfig, "tools", "converse", "toolConfig.tools", {})
  if not ok then return nil, err end
  return request
end

--- Writes one block, or a list of blocks, in a form.
---@param value any
---@param form "messages"|"converse"
---@return table? list
---@return bedrock.Error? err
function content.write(value, form)
  return write(value, form, "content", {})
end

return content
