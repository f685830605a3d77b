--- A line under the hands of its writer: text, cursor, history. Pure: keys go in, what is to be seen comes out.
--
-- The text is a list of characters, so that the cursor never stands inside of one. A "\n" among them begins a new line, so
-- what is edited may have many.

local editor = {}

---@class bedrock.cli.Editor
---@field chars string[] characters of the text
---@field at integer how many of them stand before the cursor
local Editor = {}
Editor.__index = Editor

local CHARACTER = "[%z\1-\127\194-\244][\128-\191]*"

local function split(text)
  local chars = {}
  for char in text:gmatch(CHARACTER) do chars[#chars + 1] = char end
  return chars
end

--- An editor.
---@param history string[] what was written before, oldest first; it is not changed here
---@param complete fun(text: string): string[]|nil what a text may become with Tab
---@return bedrock.cli.Editor
function editor.new(history, complete)
  return setmetatable({
    chars = {}, at = 0, history = history or {}, place = #(history or {}) + 1, draft = "", killed = "", complete = complete,
  }, Editor)
end

--- The text.
---@return string
function Editor:text()
  return table.concat(self.chars)
end

function Editor:set(text)
  self.chars = split(text)
  self.at = #self.chars
end

local function insert(self, text)
  for _, char in ipairs(split(text)) do
    self.at = self.at + 1
    table.insert(self.chars, self.at, char)
  end
end

-- Takes characters away from the first up to the last of these places, and puts the cursor there.
local function cut(self, first, last)
  local gone = {}
  for _ = first, last do gone[#gone + 1] = table.remove(self.chars, first) end
  self.at = math.min(first - 1, #self.chars)
  return table.concat(gone)
end

local function line_start(self)
  local at = self.at
  while at > 0 and self.chars[at] ~= "\n" do at = at - 1 end
  return at
end

local function line_end(self)
  local at = self.at
  while at < #self.chars and self.chars[at + 1] ~= "\n" do at = at + 1 end
  return at
end

local function is_word(char)
  return char ~= nil and (#char > 1 or char:find("^[%w_]$") ~= nil)
end

local function word_left(self)
  local at = self.at
  while at > 0 and not is_word(self.chars[at]) do at = at - 1 end
  while at > 0 and is_word(self.chars[at]) do at = at - 1 end
  return at
end

local function word_right(self)
  local at = self.at
  while at < #self.chars and not is_word(self.chars[at + 1]) do at = at + 1 end
  while at < #self.chars and is_word(self.chars[at + 1]) do at = at + 1 end
  return at
end

-- To the line above or below in the same column; false at the edge of the text.
local function move_line(self, down)
  local start = line_start(self)
  local column = self.at - start
  if down then
    local stop = line_end(self)
    if stop == #self.chars then return false end
    self.at = stop + 1
  else
    if start == 0 then return false end
    self.at = start - 1
    self.at = line_start(self)
  end
  self.at = math.min(self.at + column, line_end(self))
  return true
end

local function recall(self, place)
  if place < 1 or place > #self.history + 1 then return end
  if self.place > #self.history then self.draft = self:text() end
  self.place = place
  self:set(self.history[place] or self.draft)
end

-- What all of the choices begin with.
local function common_beginning(choices)
  local shared = choices[1]
  for _, choice in ipairs(choices) do
    while choice:sub(1, #shared) ~= shared do shared = shared:sub(1, -2) end
  end
  return shared
end

local actions = {}

function actions.insert(self, key) insert(self, key.text) end
function actions.newline(self) insert(self, "\n") end
function actions.left(self) self.at = math.max(self.at - 1, 0) end
function actions.right(self) self.at = math.min(self.at + 1, #self.chars) end
actions["word-left"] = function(self) self.at = word_left(self) end
actions["word-right"] = function(self) self.at = word_right(self) end
function actions.home(self) self.at = line_start(self) end
actions["end"] = function(self) self.at = line_end(self) end

function actions.backspace(self)
  if self.at > 0 then cut(self, self.at, self.at) end
end

function actions.delete(self)
  if self.at < #self.chars then cut(self, self.at + 1, self.at + 1) end
end

actions["kill-right"] = function(self)
  local stop = line_end(self)
  if stop == self.at and stop < #self.chars then stop = stop + 1 end
  self.killed = cut(self, self.at + 1, stop)
end

actions["kill-left"] = function(self) self.killed = cut(self, line_start(self) + 1, self.at) end
actions["delete-word"] = function(self) self.killed = cut(self, self.at + 1, word_right(self)) end
actions["delete-word-left"] = function(self) self.killed = cut(self, word_left(self) + 1, self.at) end
function actions.yank(self) insert(self, self.killed) end

function actions.transpose(self)
  local at = math.min(self.at, #self.chars - 1)
  if at < 1 then return end
  self.chars[at], self.chars[at + 1] = self.chars[at + 1], self.chars[at]
  self.at = at + 1
end

function actions.up(self)
  if not move_line(self, false) then recall(self, self.place - 1) end
end

function actions.down(self)
  if not move_line(self, true) then recall(self, self.place + 1) end
end

function actions.tab(self)
  local choices = self.complete and self.complete(self:text()) or {}
  if #choices == 0 then return end
  local shared = common_beginning(choices)
  self:set(#choices == 1 and shared .. " " or shared)
end

-- A backslash at the end says that the text goes on in the next line.
function actions.enter(self)
  if self.chars[#self.chars] ~= "\\" then return "done" end
  self.chars[#self.chars] = "\n"
  self.at = #self.chars
end

function actions.interrupt(self)
  if #self.chars == 0 then return "interrupt" end
  self:set("")
end

actions["end-of-input"] = function(self)
  if #self.chars == 0 then return "end" end
  actions.delete(self)
end

function actions.clear() return "clear" end

--- Takes a key.
---@param key { name: string, text: string? } of bedrock.cli.keys
---@return "done"|"interrupt"|"end"|"clear"|nil what the key asks for beside the text
function Editor:press(key)
  local action = actions[key.name]
  return action and action(self, key)
end

-- Seeing --------------------------------------------------------------------------------------------------------------

local function code_point(char)
  local code = char:byte(1)
  if code < 0x80 then return code end
  code = code % (code < 0xE0 and 0x20 or code < 0xF0 and 0x10 or 0x08)
  for i = 2, #char do code = code * 64 + char:byte(i) % 64 end
  return code
end

-- First and last code points of characters that take no room, and of those that take two places.
local narrow = { { 0x300, 0x36F }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } }
local wide = {
  { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F },
  { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
}

local function within(ranges, code)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then return true end
  end
  return false
end

--- How many places a character takes on a terminal.
---@param char string
---@return integer
function editor.width(char)
  local code = code_point(char)
  if code < 0x300 then return 1 end
  return within(narrow, code) and 0 or within(wide, code) and 2 or 1
end

--- The rows of a terminal that the text fills, and where the cursor is in them.
---@param columns integer
---@param prompt string plain text before the first line
---@param indent string plain text before the others
---@return string[] rows of the terminal
---@return integer row of the cursor, from 1
---@return integer column of the cursor, from 0
function Editor:layout(columns, prompt, indent)
  local rows, row, column = {}, { prompt }, #prompt
  local cursor_row, cursor_column = 1, column
  local function turn(beginning)
    rows[#rows + 1] = table.concat(row)
    row, column = { beginning }, #beginning
  end
  for i = 1, #self.chars do
    local char = self.chars[i]
    if char == "\n" then
      turn(indent)
    else
      char = char == "\t" and " " or char
      local needed = editor.width(char)
      if column + needed > columns then turn("") end
      row[#row + 1], column = char, column + needed
    end
    if i == self.at then
      if column >= columns then turn("") end
      cursor_row, cursor_column = #rows + 1, column
    end
  end
  rows[#rows + 1] = table.concat(row)
  return rows, cursor_row, cursor_column
end

return editor
