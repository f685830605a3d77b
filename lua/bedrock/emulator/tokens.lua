--- Tokens, roughly: how many a text has, and the pieces in which a model would say it.
--
-- No real tokenizer, only something that is about right and always the same.

local tokens = {}

--- About how many tokens a text is: four characters each.
---@param text string
---@return integer
function tokens.count(text)
  if text == "" then return 0 end
  return math.max(1, math.ceil((utf8.len(text) or #text) / 4))
end

local LONGEST = 8

-- Cuts a long word at character borders.
local function cut_word(word, out)
  local from, length = 1, 0
  for at in word:gmatch("()[%z\1-\127\194-\244][\128-\191]*") do
    if length == LONGEST then
      out[#out + 1] = word:sub(from, at - 1)
      from, length = at, 0
    end
    length = length + 1
  end
  out[#out + 1] = word:sub(from)
end

--- A text in pieces, as a model streams it: words with the blank before them, long words in parts.
---@param text string
---@return string[]
function tokens.pieces(text)
  local out, at = {}, 1
  for word, after in text:gmatch("(%s*%S+)()") do
    cut_word(word, out)
    at = after
  end
  if at <= #text then out[#out + 1] = text:sub(at) end
  return out
end

return tokens
