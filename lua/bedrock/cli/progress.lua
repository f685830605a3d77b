--- How far a run over many records is, as one line. Pure: facts in, text out.

local progress = {}

-- Seconds over which the rate is measured, so that a slow beginning is forgotten.
local WINDOW = 30

--- Seconds as a clock: 75 -> "1:15".
---@param seconds number
---@return string
function progress.clock(seconds)
  local s = math.floor(seconds + 0.5)
  local h, m = math.floor(s / 3600), math.floor(s / 60) % 60
  if h > 0 then return ("%d:%02d:%02d"):format(h, m, s % 60) end
  return ("%d:%02d"):format(m, s % 60)
end

--- Notes how much was done at a time, and answers the rate of the last half minute.
---@param marks { at: number, done: integer }[] kept by the caller, empty at first
---@param now number seconds
---@param done integer
---@return number? rate a second; nil while too little is known
function progress.rate(marks, now, done)
  -- the wait for the very first answer says nothing of the rate
  if done == 0 then return nil end
  local last = marks[#marks]
  if not last or now - last.at >= 1 then marks[#marks + 1] = { at = now, done = done } end
  while #marks > 2 and now - marks[2].at >= WINDOW do table.remove(marks, 1) end
  local span, gained = now - marks[1].at, done - marks[1].done
  if span < 1 or gained < 3 then return nil end
  return gained / span
end

local function rate_text(rate)
  if not rate then return nil end
  if rate >= 10 then return ("%.0f/s"):format(rate) end
  if rate >= 0.1 then return ("%.1f/s"):format(rate) end
  return ("%.1f/min"):format(rate * 60)
end

local function left_text(facts)
  if facts.ending then return ("ending, %d on their way"):format(facts.running) end
  if facts.pause and facts.pause > 0.5 then return ("throttled, on in %.0f s"):format(facts.pause) end
  if not facts.total or not facts.rate then return nil end
  return progress.clock((facts.total - facts.done) / facts.rate) .. " left"
end

local function counted(n, what)
  return n > 0 and ("%d %s"):format(n, what) or nil
end

local function words(facts)
  local list = {}
  local function add(text) list[#list + 1] = text end
  add(facts.total and ("%d of %d"):format(facts.done, facts.total) or ("%d done"):format(facts.done))
  add(rate_text(facts.rate))
  add(left_text(facts))
  add(counted(facts.retries, "tried again"))
  add(counted(facts.failed, "failed"))
  return table.concat(list, "  ")
end

---@class bedrock.cli.Facts
---@field done integer
---@field total integer? not known of standard input
---@field failed integer
---@field retries integer
---@field running integer requests on their way
---@field rate number? a second
---@field pause number? seconds until the next request, after a throttle
---@field ending boolean? whether nothing new is begun

--- The line.
---@param facts bedrock.cli.Facts
---@param columns integer of the terminal
---@return string
function progress.line(facts, columns)
  local text = words(facts)
  local room = math.min(30, columns - #text - 12)
  if not facts.total or facts.total == 0 or room < 5 then return text:sub(1, columns - 1) end
  local part = math.min(facts.done / facts.total, 1)
  local filled = math.floor(part * room)
  return ("[%s%s] %3d %%  %s"):format(("#"):rep(filled), ("."):rep(room - filled), math.floor(part * 100), text)
end

return progress
