--- Reads the annotations of a source file: what `make docs` writes the reference from, and what a spec checks.
--
-- Only what stands at the beginning of a line counts: `function module.name(...)`, `function Class:name(...)`, and fields
-- `module.name = ...` with a comment of three dashes above them. A comment with two dashes is for the reader of the source.

local annotations = {}

---@class docs.Item
---@field kind "function"|"field"|"class"|"alias"
---@field name string as it is written: `content.image`, `Stream:next`, `bedrock.Error`
---@field args string[] names of the parameters
---@field text string[] sentences above the tags
---@field params { name: string, type: string, text: string, optional: boolean }[]
---@field returns { type: string, name: string?, text: string }[]
---@field fields { name: string, type: string, text: string }[] of a class
---@field values { value: string, text: string }[] of an alias
---@field line integer
---@field body string of a function
---@field documented boolean
---@field variable string? of a class: the local that holds its methods

-- A type may hold blanks inside of brackets, and around bars; what follows it is text.
local function split_type(text)
  local depth, i = 0, 1
  while i <= #text do
    local char = text:sub(i, i)
    if char:find("[{(<%[]") then depth = depth + 1 end
    if char:find("[})>%]]") then depth = depth - 1 end
    if char == '"' then
      i = text:find('"', i + 1, true) or #text
    elseif char == " " and depth == 0 then
      -- `fun(x): string, number` goes on behind its colon
      local before = text:sub(1, i - 1)
      if not before:find("[:,|]$") and not text:sub(i + 1):find("^|") then
        return before, text:sub(i + 1)
      end
    end
    i = i + 1
  end
  return text, ""
end

local tags = {}

function tags.param(item, rest)
  local name, more = rest:match("^([%w_%.]+%??)%s+(.*)$")
  if not name then return end
  local kind, text = split_type(more)
  local plain = name:gsub("%?$", "")
  local optional = name ~= plain or kind:find("%?$") ~= nil or kind:find("|nil") ~= nil
  item.last = { name = plain, type = kind:gsub("%?$", ""), text = text, optional = optional }
  table.insert(item.params, item.last)
end

tags["return"] = function(item, rest)
  local kind, more = split_type(rest)
  local name, text = more:match("^([%w_]+)%s+(.*)$")
  -- a name is one word in front of the text; a text that is one word is a name
  if not name and more:find("^[%w_]+$") then name, text = more, "" end
  if not name then text = more end
  item.last = { type = kind, name = name, text = text }
  table.insert(item.returns, item.last)
end

function tags.field(item, rest)
  local name, more = rest:match("^(%[?[%w_\"]+%]?%??)%s+(.*)$")
  if not name then return end
  local kind, text = split_type(more)
  item.last = { name = name:gsub("%?$", ""), type = kind, text = text }
  table.insert(item.fields, item.last)
end

tags["class"] = function(item, rest)
  item.kind = "class"
  local head, text = split_type((rest:gsub("%s*:%s*", ": ")))
  item.name, item.parent = head:match("^([%w_%.]+):?%s*(.*)$")
  if text ~= "" then item.text[#item.text + 1] = text end
  item.last = nil
end

function tags.alias(item, rest)
  item.kind, item.name = "alias", rest:match("^([%w_%.]+)")
  local kind = rest:match("^[%w_%.]+%s+(.+)$")
  if kind then item.type = kind end
  item.last = nil
end

function tags.type(item, rest)
  item.type = split_type(rest)
end

local function new_item(line)
  return { kind = "comment", text = {}, params = {}, returns = {}, fields = {}, values = {}, args = {}, line = line, last = nil }
end

local function take_comment(item, content)
  local tag, rest = content:match("^@(%w+)%s*(.*)$")
  if tag then
    if tags[tag] then tags[tag](item, rest) end
    return
  end
  local value, note = content:match("^|%s*(\"[^\"]*\")%s*#?%s*(.*)$")
  if value then
    table.insert(item.values, { value = value, text = note })
  elseif item.last then
    item.last.text = item.last.text .. " " .. content:gsub("^%s+", "")
  else
    table.insert(item.text, content)
  end
end

-- The lines of a function that begins in the first column.
local function body_of(lines, first)
  if lines[first]:find("%send%s*$") then return lines[first] end
  for i = first + 1, #lines do
    if lines[i]:find("^end") then return table.concat(lines, "\n", first, i) end
  end
  return lines[first]
end

local function arguments_of(text)
  local list = {}
  for name in text:gmatch("[%w_%.]+") do list[#list + 1] = name end
  return list
end

-- What a line declares, if it does.
local function declared(lines, i)
  local name, args = lines[i]:match("^function ([%w_%.:]+)%(([^)]*)%)")
  if name then return "function", name, arguments_of(args), body_of(lines, i) end
  name = lines[i]:match("^([%a_][%w_]*%.[%w_]+) = ") or lines[i]:match('^([%a_][%w_]*%["[%w_]+"%]) = ')
  if not name then return nil end
  name = name:gsub('%["', "."):gsub('"%]', "")
  local literal = lines[i]:match("= function%(([^)]*)%)")
  if literal then return "function", name, arguments_of(literal), body_of(lines, i) end
  return "field", name, {}, lines[i]
end

local function finish(item, list, lines, i)
  if item.kind == "class" or item.kind == "alias" then
    item.documented, item.last, item.variable = true, nil, lines[i]:match("^local ([%w_]+) =")
    table.insert(list, item)
    return
  end
  local kind, name, args, body = declared(lines, i)
  if not kind then return end
  item.kind, item.name, item.args, item.body = kind, name, args, body
  item.documented, item.line = #item.text > 0 or #item.params > 0 or #item.returns > 0 or item.type ~= nil, i
  table.insert(list, item)
end

--- Reads a source.
---@param source string
---@return docs.Item[] items in their order
---@return string head the comment at the top of the file, a paragraph a line
function annotations.read(source)
  local lines, items, item = {}, {}, nil
  for line in (source .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
  local head, at = {}, 1
  while lines[at] and lines[at]:find("^%-%-") do
    head[#head + 1] = lines[at]:gsub("^%-%-%-? ?", "")
    at = at + 1
  end
  for i = at, #lines do
    -- a line of two dashes goes on with what three have begun
    local content = lines[i]:match("^%-%-%-(.*)$") or item and lines[i]:match("^%-%-(.*)$")
    if content and not content:find("^%-") then
      item = item or new_item(i)
      take_comment(item, (content:gsub("^ ", "")))
    else
      finish(item or new_item(i), items, lines, i)
      item = nil
    end
  end
  return items, table.concat(head, "\n")
end

return annotations
