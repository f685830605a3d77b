-- Speech as a reader likes it: whatever pieces it comes in, it is shown letter by letter at an even speed.

local utf8 = require "utf8"

local Voice = {}
Voice.__index = Voice

local SPEED = 45 -- letters a second
local HURRY = 120 -- letters that may wait; with more of them it speaks faster

local function new()
  return setmetatable({ text = "", letters = 0, shown = 0, time = 0 }, Voice)
end

--- More to say.
function Voice:add(piece)
  self.text = self.text .. piece
  self.letters = self.letters + (utf8.len(piece) or #piece)
end

--- A frame has passed.
function Voice:update(dt)
  local waiting = self.letters - self.shown
  if waiting <= 0 then return end
  self.time = self.time + dt * SPEED * math.max(1, waiting / HURRY)
  local letters = math.min(math.floor(self.time), waiting)
  self.shown, self.time = self.shown + letters, self.time - letters
end

--- What has been said so far.
function Voice:said()
  local stop = utf8.offset(self.text, self.shown + 1)
  return stop and self.text:sub(1, stop - 1) or self.text
end

function Voice:is_speaking()
  return self.shown < self.letters
end

return new
