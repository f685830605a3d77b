-- The keeper: a conversation with Claude, in tasks of a loop that makes one short step a frame.
--
-- A game that is shipped must not hold AWS keys: give it an API key of short life, or let it talk to a gateway of yours
-- (bedrock.new { endpoint = "https://...", skip_auth = true }, see examples/openresty).

local bedrock = require "bedrock"
local new_voice = require "voice"

local Keeper = {}
Keeper.__index = Keeper

local SYSTEM = [[You are Ilse, the old keeper of a lighthouse in the North Sea. A traveller has rowed over to you at night.
You are warm and a little mischievous, know every star and every wreck, and answer in at most four short sentences.]]

local BUDGET = 0.002 -- seconds of a frame that the library may take

local function new()
  local self = setmetatable({ voice = new_voice(), task = nil, state = "quiet", trouble = nil }, Keeper)
  self.loop = bedrock.async.loop { failed = function(err) self:fail(err) end }
  self.client = bedrock.new()
  self.talk = self.client:chat {
    model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0", max_tokens = 300, system = SYSTEM,
  }
  return self
end

function Keeper:fail(err)
  self.state, self.trouble = "quiet", tostring(err.message or err)
end

--- Says something to the keeper; what was being answered is dropped.
function Keeper:ask(text)
  self:hush()
  self.voice, self.state, self.trouble = new_voice(), "thinking", nil
  self.task = self.loop:spawn(function()
    local answer = self.talk:stream(text)
    while true do
      local piece, err = answer:next_text()
      if err then return self:fail(err) end
      if not piece then break end
      self.state = "speaking"
      self.voice:add(piece)
    end
    self.state = "quiet"
  end)
end

--- Ends the answer; the connection is closed in this call.
function Keeper:hush()
  if self.task then self.task:cancel() end
  self.task, self.state = nil, "quiet"
end

--- A frame has passed: a short step of the network, some letters of the voice.
function Keeper:update(dt)
  self.loop:step(BUDGET)
  self.voice:update(dt)
end

--- "thinking", "speaking" or "quiet", as the eye sees it.
function Keeper:mood()
  return self.voice:is_speaking() and "speaking" or self.state
end

return new
