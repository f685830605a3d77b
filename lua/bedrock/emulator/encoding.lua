--- The small encodings of the wire: hexadecimal, base64, percent, XML text.

local encoding = {}

--- Bytes as lower-case hexadecimal digits.
---@param bytes string
---@return string
function encoding.hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local digit, value = {}, {}
for i = 0, 63 do
  digit[i] = alphabet:sub(i + 1, i + 1)
  value[alphabet:byte(i + 1)] = i
end

local function encode_group(group)
  local a, b, c = group:byte(1, 3)
  local n = a << 16 | (b or 0) << 8 | (c or 0)
  return digit[n >> 18] .. digit[n >> 12 & 63] .. (b and digit[n >> 6 & 63] or "=") .. (c and digit[n & 63] or "=")
end

--- Standard base64 with padding.
---@param bytes string
---@return string
function encoding.base64(bytes)
  return (bytes:gsub("..?.?", encode_group))
end

local function decode_group(group)
  local a, b, c, d = group:byte(1, 4)
  local n = value[a] << 18 | value[b] << 12 | (value[c] or 0) << 6 | (value[d] or 0)
  local bytes = string.char(n >> 16, n >> 8 & 255, n & 255)
  return value[d] and bytes or value[c] and bytes:sub(1, 2) or bytes:sub(1, 1)
end

--- Whether a value is a text in standard base64: no line breaks, padding required.
---@param text any
---@return boolean
function encoding.is_base64(text)
  return type(text) == "string" and #text % 4 == 0 and text:find("^[%w+/]*=?=?$") ~= nil
end

--- The bytes behind standard base64, or nil when a value is not that.
---@param text any
---@return string?
function encoding.unbase64(text)
  return encoding.is_base64(text) and text:gsub("....", decode_group) or nil
end

--- Percent-encodes every byte outside of the unreserved set; `keep` names further characters to leave alone.
---@param text string
---@param keep string?
---@return string
function encoding.percent(text, keep)
  return (text:gsub("[^%w%-._~" .. (keep or "") .. "]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- Undoes percent-encoding.
---@param text string
---@return string
function encoding.unpercent(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- The pairs of an `application/x-www-form-urlencoded` text, as a map; the last of a name wins.
---@param text string
---@return table<string, string>
function encoding.form(text)
  local pairs_ = {}
  for pair in text:gmatch("[^&]+") do
    local name, val = pair:gsub("+", "%%20"):match("^([^=]*)=?(.*)$")
    pairs_[encoding.unpercent(name)] = encoding.unpercent(val)
  end
  return pairs_
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

--- Text as it stands inside an XML element.
---@param text string
---@return string
function encoding.xml(text)
  return (text:gsub('[&<>"]', entities))
end

return encoding
