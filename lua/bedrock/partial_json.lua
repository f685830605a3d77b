--- What incomplete JSON already says: a running snapshot of a tool's input while it streams.
--
-- Finished parts only. An unfinished string, name or literal is left out; open arrays and objects are closed where they
-- stand; a number at the very end is shown as far as it came, though more digits may follow.
-- The text is cut back to its last sound place and closed, and the JSON decoder reads the result, so that there is one
-- opinion on what JSON is.

local json = require "bedrock.json"

local partial_json = {}

local closer = { ["{"] = "}", ["["] = "]" }
local literals = { "true", "false", "null" }

-- Position after the string that starts at `at`, or nil when its end has not come.
local function after_string(text, at)
  local i = at + 1
  while true do
    local found = text:find('["\\]', i)
    if not found then return nil end
    if text:sub(found, found) == '"' then return found + 1 end
    i = found + 2
  end
end

-- Position after a number or a literal. The loose end of a number ("1.", "2e-") is left over.
local function after_scalar(text, at)
  for _, word in ipairs(literals) do
    if text:sub(at, at + #word - 1) == word then return at + #word end
  end
  local stop = select(2, text:find("^%-?%d+", at))
  if not stop then return nil end
  stop = select(2, text:find("^%.%d+", stop + 1)) or stop
  stop = select(2, text:find("^[eE][+-]?%d+", stop + 1)) or stop
  return stop + 1
end

-- Everything before `at` is whole: the text may be cut here. The brackets open now are those to close.
local function sound(scan, at, expect)
  scan.safe, scan.at, scan.expect = at - 1, at, expect
  return true
end

local function open(scan, bracket)
  table.insert(scan.stack, bracket)
  return sound(scan, scan.at + 1, bracket == "{" and "key" or "value")
end

local function close(scan, bracket)
  if closer[scan.stack[#scan.stack]] ~= bracket then return false end
  table.remove(scan.stack)
  return sound(scan, scan.at + 1, "comma")
end

-- What may come next decides what the next character means; false is the end of what can be read.
local read = {}

function read.value(scan, c)
  if closer[c] then return open(scan, c) end
  if c == "]" then return close(scan, c) end
  local after = (c == '"' and after_string or after_scalar)(scan.text, scan.at)
  return after ~= nil and sound(scan, after, "comma")
end

function read.key(scan, c)
  if c == "}" then return close(scan, c) end
  local after = c == '"' and after_string(scan.text, scan.at)
  if not after then return false end
  scan.at, scan.expect = after, "colon"
  return true
end

function read.colon(scan, c)
  scan.at, scan.expect = scan.at + 1, "value"
  return c == ":"
end

function read.comma(scan, c)
  if c ~= "," then return close(scan, c) end
  scan.at, scan.expect = scan.at + 1, scan.stack[#scan.stack] == "{" and "key" or "value"
  return true
end

local function closing(stack)
  local brackets = {}
  for i = #stack, 1, -1 do brackets[#brackets + 1] = closer[stack[i]] end
  return table.concat(brackets)
end

--- The value that an incomplete JSON text stands for so far.
---@param text string
---@return any value nil as long as there is nothing to show
function partial_json.decode(text)
  local scan = { text = text, at = 1, expect = "value", stack = {}, safe = 0 }
  repeat
    scan.at = text:find("%S", scan.at)
  until not scan.at or not read[scan.expect](scan, text:sub(scan.at, scan.at))
  if scan.safe == 0 then return nil end
  return (json.decode(text:sub(1, scan.safe) .. closing(scan.stack)))
end

return partial_json
