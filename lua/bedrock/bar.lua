--- A line on a terminal that tells how far something is: drawn over itself, wiped when it ends.
--
-- Pure but for the stream that it writes to. Nothing is drawn where nobody looks: see `bar.wanted`.

local bar = {}

---@class bedrock.Bar
local Bar = {}
Bar.__index = Bar
Bar.__name = "bedrock.bar"

local WIDTH = 24

-- 75 -> "1:15"; 4000 -> "1:06:40"
local function clock(seconds)
  local s = math.floor(seconds)
  local h, m = math.floor(s / 3600), math.floor(s / 60) % 60
  if h > 0 then return ("%d:%02d:%02d"):format(h, m, s % 60) end
  return ("%d:%02d"):format(m, s % 60)
end

--- The text of the line.
---@param label string
---@param seconds number since the beginning
---@param done number? of `total`
---@param total number?
---@return string
function bar.line(label, seconds, done, total)
  if not (done and total and total > 0) then return ("%s  %s"):format(label, clock(seconds)) end
  local part = math.min(done / total, 1)
  local filled = math.floor(part * WIDTH)
  return ("%s  [%s%s] %3d %%  %d of %d  %s"):format(label, ("#"):rep(filled), ("."):rep(WIDTH - filled), math.floor(part * 100),
    done, total, clock(seconds))
end

--- Whether somebody looks: standard error is a terminal, and no editor owns it.
---@param system bedrock.System
---@return boolean
function bar.wanted(system)
  return rawget(_G, "vim") == nil and system.is_terminal ~= nil and system.is_terminal(2)
end

--- A line to draw on.
---@param out { write: function, flush: function }? standard error
---@return bedrock.Bar
function bar.new(out)
  return setmetatable({ out = out or io.stderr, width = 0 }, Bar)
end

--- Draws the line over the one before.
---@param text string
function Bar:draw(text)
  self.out:write("\r", text, (" "):rep(self.width - #text))
  self.out:flush()
  self.width = #text
end

--- Wipes the line.
function Bar:wipe()
  if self.width == 0 then return end
  self.out:write("\r", (" "):rep(self.width), "\r")
  self.out:flush()
  self.width = 0
end

return bar
