--- Shows an answer as it is written: the text plainly, what the model thinks and which tools it uses beside it.

local json = require "bedrock.json"
local paint = require "bedrock.cli.paint"
local terminal = require("bedrock.core").terminal
local wrap = require "bedrock.cli.wrap"

local show = {}

---@class bedrock.cli.Screen
local Screen = {}
Screen.__index = Screen

--- Where an answer is shown.
---@param options { system: bedrock.System, out: table?, thinking: boolean?, tools: boolean?, asks: boolean? } thinking, tools:
--- shown, or not; asks: a question before each call shows it already
---@return bedrock.cli.Screen
function show.screen(options)
  local seen = options.system.is_terminal(1)
  local columns = seen and terminal.size(1)
  return setmetatable({
    wrap = columns and columns > 20 and options.system.getenv("TERM") ~= "dumb" and wrap.new(columns) or nil,
    out = options.out or io.stdout, brush = paint.brush(paint.wanted(options.system, 1)), seen = seen,
    thinking = options.thinking, tools = options.tools, asks = options.asks, fresh = true, mode = nil,
  }, Screen)
end

-- A model's text may hold anything; a terminal obeys escapes, so they do not get there.
local function harmless(text)
  return (text:gsub("[%z\1-\8\11-\31\127]", ""))
end

function Screen:write(text, colour)
  if text == "" then return end
  if self.seen then text = harmless(text) end
  if self.wrap then text = self.wrap:feed(text) end
  self.fresh = text:sub(-1) == "\n"
  self.out:write(colour and self.brush(text, colour) or text)
  self.out:flush()
end

--- Begins a new line unless one has begun.
function Screen:line()
  if not self.fresh then self:write("\n") end
end

-- Text and thinking do not stand in one line.
function Screen:turn(mode)
  if self.mode and self.mode ~= mode then self:line() end
  self.mode = mode
end

local function shortened(text, limit)
  text = text:gsub("%s+", " ")
  if #text <= limit then return text end
  return text:sub(1, limit):gsub("[\194-\244]?[\128-\191]*$", "") .. "..."
end

local function as_text(value)
  if type(value) == "string" then return value end
  return json.encode(value) or tostring(value)
end

local takes = {}

function takes.text(self, update)
  self:turn("text")
  self:write(update.text)
end

function takes.thinking(self, update)
  if not self.thinking then return end
  self:turn("thinking")
  self:write(update.text, "dim")
end

function takes.tool_call(self, update)
  if not self.tools or self.asks then return end
  self:line()
  self:write(("-> %s %s\n"):format(update.call.name, shortened(as_text(update.call.input), 200)), "cyan")
end

function takes.tool_result(self, update)
  if not self.tools then return end
  self:line()
  self:write(("<- %s\n"):format(shortened(as_text(update.value), 200)), update.is_error and "red" or "cyan")
  self.mode = nil
end

--- Shows an update of a run.
---@param update table of bedrock.updates, or an event of a tool
function Screen:take(update)
  local take = takes[update.type]
  if take then take(self, update) end
end

return show
