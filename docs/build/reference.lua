--- Writes docs/reference.md: every public function, from the annotations above it.

local annotations = require "docs.build.annotations"
local chapters = require "docs.build.chapters"

local reference = {}

local HEAD = [[
# Reference

Every public function, made from the annotations in the sources by `make docs`. The members of requests are those of the
services' documentation; [operations](operations.md) lists every operation with its members. Failures of the world come back
as `nil, err` with a [bedrock.Error](#bedrockerror); wrong arguments raise at the caller's line.

]]

local function words(text)
  local set = {}
  for word in (text or ""):gmatch("%S+") do set[word] = true end
  return set
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- The anchor that a heading gets.
---@param heading string
---@return string
function reference.anchor(heading)
  return (heading:lower():gsub("[^%w _-]", ""):gsub(" ", "-"))
end

-- Sections ------------------------------------------------------------------------------------------------------------

local function owner_of(item)
  return item.name:match("^([%w_]+)[.:]")
end

local function short(class)
  return (class:gsub("^bedrock%.", ""))
end

local function is_shown_class(item, section)
  return words(section.classes)[short(item.name)] or (item.variable and section.show[item.variable] and #item.fields > 0) or
    (item.variable and section.show[item.variable] and item.variable:find("^%u"))
end

local function is_shown(item, section)
  if item.kind == "class" or item.kind == "alias" then return is_shown_class(item, section) end
  local owner = owner_of(item)
  local member = item.name:match("[.:]([%w_]+)$")
  return item.documented and owner ~= nil and section.show[owner] ~= nil and not words(section.hide)[member] and
    not member:find("^__")
end

--- The public items of a section, in the order of its file.
---@param section table
---@return docs.Item[]
function reference.items(section)
  local list = {}
  for _, item in ipairs((annotations.read(read("lua/bedrock/" .. section[1])))) do
    if is_shown(item, section) then list[#list + 1] = item end
  end
  return list
end

--- How a user writes what an item names.
---@param item docs.Item
---@param section table
---@return string
function reference.label(item, section)
  local owner, member = item.name:match("^([%w_]+)[.:]([%w_]+)$")
  local prefix = section.show[owner]
  if item.kind == "field" then return prefix .. member end
  local args = {}
  for _, name in ipairs(item.args) do
    if name ~= "self" then args[#args + 1] = name end
  end
  return ("%s%s(%s)"):format(prefix, member, table.concat(args, ", "))
end

-- Writing -------------------------------------------------------------------------------------------------------------

-- In a table a bar would end the cell.
local function cell(text)
  return (text:gsub("|", "\\|"):gsub("\n", " "))
end

local function type_text(kind, known)
  local class = kind:match("^(bedrock%.[%w_.]+)[?]?$") or kind:match("^(bedrock%.[%w_.]+)%[%]$")
  local code = "`" .. kind .. "`"
  if class and known[class] then return ("[%s](#%s)"):format(code, reference.anchor(class)) end
  return code
end

local function param_line(param, known)
  local optional = param.optional and ", optional" or ""
  local text = param.text ~= "" and ": " .. param.text or ""
  return ("- `%s` (%s%s)%s"):format(param.name, type_text(param.type, known), optional, text)
end

local function return_line(value, known)
  local name = value.name and "`" .. value.name .. "` " or ""
  local text = value.text ~= "" and ": " .. value.text or ""
  return ("- returns %s(%s)%s"):format(name, type_text(value.type, known), text)
end

-- Sentences of the annotation as one paragraph; links of the service's pages on lines of their own.
local function paragraph(lines)
  local text, links = {}, {}
  for _, line in ipairs(lines) do
    local link = line:match("^(https?://%S+)$")
    if link then
      links[#links + 1] = ("See <%s>."):format(link)
    elseif line == "" then
      text[#text + 1] = "\n\n"
    else
      text[#text + 1] = line
    end
  end
  local all = table.concat(text, " "):gsub("%s*\n\n%s*", "\n\n")
  if #links > 0 then all = (all ~= "" and all .. " " or "") .. table.concat(links, " ") end
  return all
end

local function function_text(item, section, known)
  local out = { ("### `%s`\n"):format(reference.label(item, section)) }
  local about = paragraph(item.text)
  if about ~= "" then out[#out + 1] = about .. "\n" end
  local list = {}
  for _, param in ipairs(item.params) do list[#list + 1] = param_line(param, known) end
  for _, value in ipairs(item.returns) do list[#list + 1] = return_line(value, known) end
  if item.kind == "field" and item.type then list[#list + 1] = "- " .. type_text(item.type, known) end
  if #list > 0 then out[#out + 1] = table.concat(list, "\n") .. "\n" end
  return table.concat(out, "\n")
end

local function class_text(item, known)
  local out = { ("### %s\n"):format(item.name) }
  local about = paragraph(item.text)
  if about ~= "" then out[#out + 1] = about:gsub("^%l", string.upper) .. ".\n" end
  local rows = {}
  for _, field in ipairs(item.fields) do
    rows[#rows + 1] = ("| `%s` | %s | %s |"):format(field.name, cell(type_text(field.type, known)), cell(field.text))
  end
  for _, value in ipairs(item.values) do rows[#rows + 1] = ("| `%s` | %s |"):format(value.value, cell(value.text)) end
  if #item.fields > 0 then
    table.insert(rows, 1, "| member | type | |\n|---|---|---|")
  elseif #rows > 0 then
    table.insert(rows, 1, "| value | |\n|---|---|")
  end
  if #rows > 0 then out[#out + 1] = table.concat(rows, "\n") .. "\n" end
  return table.concat(out, "\n")
end

local function known_classes()
  local known = {}
  for _, chapter in ipairs(chapters.list) do
    for _, section in ipairs(chapter) do
      for _, item in ipairs(reference.items(section)) do
        if item.kind == "class" or item.kind == "alias" then known[item.name] = true end
      end
    end
  end
  return known
end

local function chapter_text(chapter, known)
  local out = { ("## %s\n\n%s\n"):format(chapter.title, chapter.text) }
  for _, section in ipairs(chapter) do
    for _, item in ipairs(reference.items(section)) do
      local is_type = item.kind == "class" or item.kind == "alias"
      out[#out + 1] = is_type and class_text(item, known) or function_text(item, section, known)
    end
  end
  return table.concat(out, "\n")
end

--- The text of docs/reference.md.
---@return string
function reference.text()
  local known, out, contents = known_classes(), {}, {}
  for _, chapter in ipairs(chapters.list) do
    contents[#contents + 1] = ("- [%s](#%s)"):format(chapter.title, reference.anchor(chapter.title))
    out[#out + 1] = chapter_text(chapter, known)
  end
  return HEAD .. table.concat(contents, "\n") .. "\n\n" .. table.concat(out, "\n")
end

return reference
