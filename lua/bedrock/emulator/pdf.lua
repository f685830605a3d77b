--- Documents: how many pages a PDF has, and a sentence of any document that an answer can cite.

local pdf = {}

-- Tokens of a page as an image, and of its text alone.
local SEEN_PAGE, READ_PAGE = 2333, 333

--- The pages of a PDF, counted by their page objects; at least 1.
---@param bytes string
---@return integer
function pdf.pages(bytes)
  local n = 0
  for _ in bytes:gmatch("/Type%s*/Page%f[^%w]") do n = n + 1 end
  return math.max(n, tonumber(bytes:match("/Type%s*/Pages.-/Count%s+(%d+)")) or 1)
end

local function first_sentence(text)
  return text:match("^%s*(.-[%.!?])%f[%s%z]") or text:match("^%s*([^\n]+)") or text
end

-- The text that shows in an uncompressed PDF: its strings before Tj.
local function shown_text(bytes)
  return bytes:match("%(([^()]+)%)%s*Tj")
end

local function source_text(bytes, source)
  if source.text then return source.text end
  if type(source.content) == "table" and type(source.content[1]) == "table" then return source.content[1].text end
  return source.type == "text" and source.data or bytes or ""
end

--- A document block in neutral form.
---@param bytes string? the document, when it came as bytes
---@param source table the block's source
---@param title string?
---@param citations boolean
---@param seen boolean whether the model sees the pages, or only their text
---@return table block kind, title, citations, quote, tokens, pages (PDF only)
function pdf.document(bytes, source, title, citations, seen)
  local block = { kind = "document", title = title, citations = citations, index = 0 }
  if bytes and bytes:sub(1, 5) == "%PDF-" then
    block.pages = pdf.pages(bytes)
    block.quote = shown_text(bytes) or ("Page 1 of %d"):format(block.pages)
    block.tokens = block.pages * (seen and SEEN_PAGE or READ_PAGE)
  else
    local text = source_text(bytes, source)
    block.quote = utf8.len(text) and first_sentence(text) or "(no text)"
    block.tokens = bytes and #text // 4 or 0
  end
  return block
end

return pdf
