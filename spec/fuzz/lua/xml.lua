-- Any bytes as XML: it is read or refused, and what was read, written again, reads as the same.

local xml = require "bedrock.xml"

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&#34;", ["\n"] = "&#xA;", ["\r"] = "&#13;" }

local function escaped(text)
  return (text:gsub('[&<>"\n\r]', escapes))
end

local function write(node, out)
  out[#out + 1] = "<" .. node.name
  for name, value in pairs(node.attributes) do out[#out + 1] = (' %s="%s"'):format(name, escaped(value)) end
  out[#out + 1] = ">"
  if node.text then out[#out + 1] = escaped(node.text) end
  for _, child in ipairs(node) do write(child, out) end
  out[#out + 1] = "</" .. node.name .. ">"
  return out
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

return function(bytes)
  local root, err = xml.decode(bytes)
  if not root then
    assert(err.code == "xml" and err.message ~= "" and err.position >= 1 and err.position <= #bytes + 1, err.position)
    return
  end
  local again = assert(xml.decode(table.concat(write(root, {}))))
  assert(same(root, again), "what was written again is another document")
  xml.value(root)
end
