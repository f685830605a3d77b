--- A strict reader for the little XML that AWS still answers (STS and other services of the query protocol).
--
-- It reads elements, attributes, text, the five named entities, numeric ones, comments and CDATA, and refuses all
-- else: document types, other entities, processing instructions, unbalanced or repeated names, text that is not
-- UTF-8. Depth and size have limits, so a hostile answer costs little. Nothing is guessed: broken is an error.

local xml = {}

---@class bedrock.XmlNode
---@field name string as written, prefix included
---@field attributes table<string, string>
---@field text string? of an element without elements in it; "" when it is empty
---@field [integer] bedrock.XmlNode the elements in it, in order

local DEPTH, SIZE = 64, 1024 * 1024

local named = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'" }
local NAME = "[A-Za-z_][A-Za-z0-9_.:-]*"

-- The reader: one table of state, one function a construct. `at` is the byte where the next construct begins.
---@class bedrock.XmlReader
local Reader = {}
Reader.__index = Reader

-- The first failure is kept; a reader that has failed says so to everyone who asks.
function Reader:fail(message, at)
  self.failure = self.failure or { code = "xml", message = message, position = at or self.at }
  return nil
end

local function utf8_of(code)
  local char, floor = string.char, math.floor
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 64), 0x80 + code % 64) end
  local low = char(0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  if code < 0x10000 then return char(0xE0 + floor(code / 4096)) .. low end
  return char(0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64) .. low
end

local function legal(code)
  if code < 0x20 then return code == 9 or code == 10 or code == 13 end
  return code < 0xD800 or (code > 0xDFFF and code < 0xFFFE) or (code > 0xFFFF and code <= 0x10FFFF)
end

local function entity(body)
  if named[body] then return named[body] end
  local digits = body:match("^#(%d+)$")
  local hex = body:match("^#x(%x+)$")
  local code = digits and #digits <= 8 and tonumber(digits, 10) or hex and #hex <= 8 and tonumber(hex, 16)
  return code and legal(code) and utf8_of(code) or nil
end

-- Text with its entities replaced. An ampersand that begins none is refused.
function Reader:plain(raw, at)
  if not raw:find("&", 1, true) then return raw end
  local out, from = {}, 1
  while true do
    local amp = raw:find("&", from, true)
    if not amp then break end
    local stop = raw:find(";", amp, true)
    local value = stop and entity(raw:sub(amp + 1, stop - 1))
    if not value then return self:fail("an entity that is not one of the five and no character either", at + amp - 1) end
    out[#out + 1] = raw:sub(from, amp - 1)
    out[#out + 1] = value
    from = stop + 1
  end
  out[#out + 1] = raw:sub(from)
  return table.concat(out)
end

function Reader:match(pattern)
  local _, stop, a, b, c = self.input:find("^" .. pattern, self.at)
  if not stop then return nil end
  self.at = stop + 1
  return a or "", b, c
end

-- <!-- ... -->; two hyphens inside are not allowed.
function Reader:comment()
  local from = self.at
  local _, stop = self.input:find("--", from + 4, true)
  if not stop or self.input:sub(stop + 1, stop + 1) ~= ">" then return self:fail("a comment that does not end", from) end
  self.at = stop + 2
  return true
end

-- White space and comments before and after the one element of the document.
function Reader:skip()
  while true do
    self:match("%s*")
    if self.input:sub(self.at, self.at + 3) ~= "<!--" then return true end
    if not self:comment() then return nil end
  end
end

function Reader:attributes(node)
  while true do
    local space = self:match("%s+")
    local before = self.at
    local name, quote = self:match("(" .. NAME .. ")%s*=%s*([\"'])")
    if not name then return true end
    if not space then return self:fail("attributes without space between them", before) end
    local from = self.at
    local stop = self.input:find(quote, from, true)
    local raw = stop and self.input:sub(from, stop - 1)
    if not raw or raw:find("<", 1, true) then return self:fail("an attribute that does not end", before) end
    if node.attributes[name] then return self:fail("the attribute " .. name .. " is given twice", before) end
    node.attributes[name] = self:plain(raw, from)
    if self.failure then return nil end
    self.at = stop + 1
  end
end

-- After `<`: the name and the attributes. Says whether the element is empty (`<a/>`).
function Reader:open(node)
  local from = self.at
  node.name = self:match("<(" .. NAME .. ")")
  if not node.name then return self:fail("expected an element", from) end
  if not self:attributes(node) then return nil end
  local slash = self:match("%s*(/?)>")
  if not slash then return self:fail("the tag " .. node.name .. " does not end", from) end
  return true, slash == "/"
end

function Reader:cdata()
  local from = self.at + 9
  local stop = self.input:find("]]>", from, true)
  if not stop then return self:fail("CDATA that does not end") end
  self.at = stop + 3
  return self.input:sub(from, stop - 1)
end

function Reader:text()
  local from = self.at
  local stop = (self.input:find("<", from, true) or #self.input + 1) - 1
  self.at = stop + 1
  local raw = self.input:sub(from, stop)
  local bad = raw:find("]]>", 1, true)
  if bad then return self:fail("]]> in text", from + bad - 1) end
  return self:plain(raw, from)
end

-- One piece of content: more text, or true for an element or comment that was put where it belongs.
function Reader:piece(node, depth)
  if self.input:sub(self.at, self.at + 3) == "<!--" then return self:comment() end
  if self.input:sub(self.at, self.at + 8) == "<![CDATA[" then return self:cdata() end
  if self.input:sub(self.at, self.at) ~= "<" then return self:text() end
  node[#node + 1] = self:element(depth + 1)
  return self.failure == nil or nil
end

-- Text beside elements would be lost in a table of members, so only white space may stand there.
function Reader:settle(node, texts, at)
  local text = table.concat(texts)
  if not node[1] then
    node.text = text
  elseif text:find("%S") then
    return self:fail("text beside elements in " .. node.name, at)
  end
  return node
end

function Reader:element(depth)
  local at = self.at
  if depth > self.depth then return self:fail("elements lie deeper than " .. self.depth) end
  local node = { attributes = {} }
  local opened, empty = self:open(node)
  if not opened then return nil end
  local texts = {}
  while not empty do
    local closing = self:match("</(" .. NAME .. ")%s*>")
    if closing == node.name then break end
    if closing then return self:fail("</" .. closing .. "> where </" .. node.name .. "> was expected") end
    if self.at > #self.input then return self:fail("the text ends inside of " .. node.name) end
    local piece = self:piece(node, depth)
    if not piece then return nil end
    if piece ~= true then texts[#texts + 1] = piece end
  end
  return self:settle(node, texts, at)
end

local function continuation(byte, low, high)
  return byte ~= nil and byte >= (low or 0x80) and byte <= (high or 0xBF)
end

-- The length of the sequence that begins with these bytes, or nil when it is not UTF-8 (RFC 3629).
local function sequence(a, b, c, d)
  if a >= 0xC2 and a <= 0xDF then return continuation(b) and 2 or nil end
  if a >= 0xE0 and a <= 0xEF then
    local fits = continuation(b, a == 0xE0 and 0xA0, a == 0xED and 0x9F)
    return fits and continuation(c) and 3 or nil
  end
  local fits = a >= 0xF0 and a <= 0xF4 and continuation(b, a == 0xF0 and 0x90, a == 0xF4 and 0x8F)
  return fits and continuation(c) and continuation(d) and 4 or nil
end

-- The position of the first byte that cannot stand in the text of an answer.
local function bad_byte(text)
  local control = text:find("[%z\1-\8\11\12\14-\31]")
  local at = text:find("[\128-\255]")
  while at and (not control or at < control) do
    local length = sequence(text:byte(at, at + 3))
    if not length then return at end
    at = text:find("[\128-\255]", at + length)
  end
  return control
end

local function prolog(reader)
  if reader.input:sub(1, 3) == "\239\187\191" then reader.at = 4 end
  local declaration = reader:match("<%?xml%s([^<>]-)%?>")
  local encoding = declaration and declaration:match("encoding%s*=%s*[\"']([^\"']*)[\"']")
  if encoding and encoding:lower() ~= "utf-8" then return reader:fail("the encoding " .. encoding .. " is not UTF-8", 1) end
  return reader:skip()
end

--- Reads a document into a tree of its elements.
---@param text string
---@param opts? { depth: integer?, size: integer? } limits; 64 elements deep and 1 MiB when not said
---@return bedrock.XmlNode? root
---@return { code: string, message: string, position: integer }? err
function xml.decode(text, opts)
  local size = opts and opts.size or SIZE
  if #text > size then
    return nil, { code = "xml", message = "the text is longer than " .. size .. " bytes", position = size + 1 }
  end
  local bad = bad_byte(text)
  if bad then return nil, { code = "xml", message = "a byte that is not text in UTF-8", position = bad } end
  local reader = setmetatable({ input = text:gsub("\r\n?", "\n"), at = 1, depth = opts and opts.depth or DEPTH }, Reader)
  local root = prolog(reader) and reader:element(1)
  if root and reader:skip() and reader.at <= #reader.input then reader:fail("more text after the end of " .. root.name) end
  if reader.failure then return nil, reader.failure end
  return root
end

--- The first element of a name directly inside of another.
---@param node bedrock.XmlNode?
---@param name string
---@return bedrock.XmlNode?
function xml.child(node, name)
  for _, child in ipairs(node or {}) do
    if child.name == name then return child end
  end
end

-- <member> is how the query protocol writes the elements of a list.
local function is_list(node)
  for _, child in ipairs(node) do
    if child.name ~= "member" then return false end
  end
  return node[1] ~= nil
end

--- An element as the table that JSON would have given: elements by name, lists of `member`, text as strings.
---@param node bedrock.XmlNode
---@return table|string
function xml.value(node)
  if node.text then return node.text end
  local value = {}
  local list = is_list(node)
  for i, child in ipairs(node) do value[list and i or child.name] = xml.value(child) end
  return value
end

return xml
