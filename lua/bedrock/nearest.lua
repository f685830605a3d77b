--- The known word that a misspelt one was meant to be, for messages that suggest it.

--- Edits (insert, drop, replace, swap two neighbours) that turn one word into the other.
local function distance(a, b)
  local before, row = nil, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local last = row
    row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before = last
  end
  return row[#b]
end

--- The nearest of some words, the first in the alphabet among equals.
---@param wanted string
---@param words string[]
---@param most number edits that are still a slip of the pen
---@return string? word nil when none is that near, or when the word is absurdly long
return function(wanted, words, most)
  if #wanted > 100 then return nil end
  local best, least
  for _, word in ipairs(words) do
    local d = distance(wanted, word)
    if d <= most and (not least or d < least or d == least and word < best) then best, least = word, d end
  end
  return best
end
