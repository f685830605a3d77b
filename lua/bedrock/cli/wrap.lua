--- Wraps text between words while it is being written: a word is shown as it comes, and taken to the next line when it turns
--- out not to fit. Pure: text in, what to send to the terminal out. Code between ``` fences is left alone.

local editor = require "bedrock.cli.editor"

local wrap = {}

---@class bedrock.cli.Wrap
local Wrap = {}
Wrap.__index = Wrap

--- A writer for a terminal of so many columns.
---@param columns integer
---@return bedrock.cli.Wrap
function wrap.new(columns)
  -- The last column stays free: a cursor that stands behind it cannot be moved reliably.
  return setmetatable({ columns = columns - 1, column = 0, word = "", width = 0, line = "", fenced = false }, Wrap)
end

local function end_line(self)
  if self.line:find("^%s*```") then self.fenced = not self.fenced end
  self.column, self.word, self.width, self.line = 0, "", 0, ""
  return "\n"
end

local function end_word(self, char)
  self.word, self.width = "", 0
  if self.column >= self.columns then return "" end
  self.column = self.column + 1
  return char
end

-- Takes the word that has begun in this line to the next.
local function carry(self, char, needed)
  local back = self.width > 0 and ("\27[%dD\27[K"):format(self.width) or ""
  self.word, self.width = self.word .. char, self.width + needed
  self.column = self.width
  return back .. "\n" .. self.word
end

local function add(self, char)
  local needed = editor.width(char)
  if self.column + needed > self.columns and self.width + needed <= self.columns and self.width < self.column then
    return carry(self, char, needed)
  end
  self.word, self.width = self.word .. char, self.width + needed
  -- a word that is longer than a line is broken by the terminal
  self.column = self.column + needed
  if self.column > self.columns then self.word, self.width, self.column = "", 0, self.column % self.columns end
  return char
end

local function step(self, char)
  if char == "\n" then return end_line(self) end
  if #self.line < 8 then self.line = self.line .. char end
  if self.fenced then return char end
  if char == " " or char == "\t" then return end_word(self, char) end
  return add(self, char)
end

--- What to send for a piece of text.
---@param text string
---@return string
function Wrap:feed(text)
  local out = {}
  for char in text:gmatch("[%z\1-\127\194-\244][\128-\191]*") do out[#out + 1] = step(self, char) end
  return table.concat(out)
end

return wrap
