--- Times of test data as seconds since the epoch, by arithmetic of their own.
local when = {}

-- Days from 1970-01-01 to a day of the proleptic Gregorian calendar, counting years from March.
local function days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leap = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leap + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

--- "2015-08-30T12:36:00Z" -> 1440938160
---@param text string
---@return integer seconds
function when.parse(text)
  local year, month, day, hour, minute, second = text:match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)%.?%d*Z$")
  assert(year, "not a time of the form 2015-08-30T12:36:00Z: " .. text)
  return days(tonumber(year), tonumber(month), tonumber(day)) * 86400 + tonumber(hour) * 3600 + tonumber(minute) * 60 +
    tonumber(second)
end

return when
