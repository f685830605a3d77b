--- Asks a person for a text: with a line editor on a terminal that can, line by line elsewhere.

local core = require "bedrock.core"
local editor = require "bedrock.cli.editor"
local keys = require "bedrock.cli.keys"

local terminal = core.terminal

local prompt = {}

---@class bedrock.cli.Prompt
local Prompt = {}
Prompt.__index = Prompt

-- Switches on and off that pasted text comes in brackets, so that its line ends are no Enter.
local BRACKETS_ON, BRACKETS_OFF = "\27[?2004h", "\27[?2004l"

-- Seconds after which an ESC is the key of that name and not the beginning of a sequence.
local ESCAPE = 0.05

local function columns()
  local n = terminal.size(1)
  return n and n > 4 and n or 80
end

--- Makes a prompt.
---@param options { text: string, indent: string, paint: fun(text: string): string, history: string[], complete: function?,
--- system: bedrock.System }
---@return bedrock.cli.Prompt
function prompt.new(options)
  local plain = options.system.getenv("TERM") == "dumb" or not options.system.is_terminal(0) or not options.system.is_terminal(1)
  return setmetatable({
    text = options.text, indent = options.indent, paint = options.paint, history = options.history, complete = options.complete,
    plain = plain, drawn = 1, pending = "",
  }, Prompt)
end

-- Draws the text over what was drawn before, and leaves the cursor where it belongs.
function Prompt:draw(line)
  local rows, row, column = line:layout(columns(), self.text, self.indent)
  local out = { self.drawn > 1 and ("\27[%dA"):format(self.drawn - 1) or "", "\r\27[J" }
  for i, text in ipairs(rows) do
    local first = i == 1 and self.paint(self.text) .. text:sub(#self.text + 1) or text
    out[#out + 1] = (i > 1 and "\r\n" or "") .. first
  end
  if row < #rows then out[#out + 1] = ("\27[%dA"):format(#rows - row) end
  out[#out + 1] = column > 0 and ("\r\27[%dC"):format(column) or "\r"
  self.drawn = row
  io.write(table.concat(out))
  io.flush()
end

-- Below what was drawn.
local function leave(self, line)
  line.at = #line.chars
  self:draw(line)
  self.drawn = 1
  io.write("\r\n", BRACKETS_OFF)
  io.flush()
end

-- Keys as they come; nothing at the end of the input.
function Prompt:keys()
  while true do
    local bytes = terminal.read(0, self.pending == "\27" and ESCAPE or -1)
    if bytes == "" or bytes == nil then return nil end
    if bytes == false and self.pending == "\27" then self.pending = "" end
    local list
    list, self.pending = keys.parse(self.pending .. (bytes or ""))
    if #list > 0 then return list end
  end
end

function Prompt:edit(line)
  self.drawn = 1
  io.write(BRACKETS_ON)
  self:draw(line)
  while true do
    local list = self.queue or self:keys()
    self.queue = nil
    if not list then return nil, "end" end
    for i, key in ipairs(list) do
      local asked = line:press(key)
      if asked == "clear" then
        io.write("\27[2J\27[H")
        self.drawn = 1
      elseif asked then
        if list[i + 1] then self.queue = { (table.unpack or unpack)(list, i + 1) } end
        return asked == "done" and line:text() or nil, asked
      end
    end
    self:draw(line)
  end
end

-- A line, and those after it while they end with a backslash.
local function read_plain(self)
  local parts = {}
  io.write(self.text)
  io.flush()
  while true do
    local line = io.read("*l")
    if not line then return #parts > 0 and table.concat(parts, "\n") or nil, "end" end
    local goes_on = line:sub(-1) == "\\"
    parts[#parts + 1] = goes_on and line:sub(1, -2) or line
    if not goes_on then return table.concat(parts, "\n"), "done" end
  end
end

--- Asks once.
---@return string? text nil when nothing was written
---@return "done"|"interrupt"|"end" how Ctrl-C, and Ctrl-D or the end of the input
function Prompt:ask()
  if self.plain or not terminal.raw(0) then return read_plain(self) end
  local line = editor.new(self.history, self.complete)
  local text, how = self:edit(line)
  leave(self, line)
  terminal.restore()
  return text, how
end

return prompt
