--- Points in time: seconds since the epoch, and the texts that AWS and HTTP write for them.
--
-- Pure arithmetic on the calendar: no clock, no time zone of the machine, alike on every Lua. The user may hand in
-- seconds or text; texts come out in UTC.

local timestamps = {}

local months = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
local weekdays = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }   -- the epoch was a Thursday
local month_numbers = {}
for number, name in ipairs(months) do month_numbers[name:lower()] = number end

local DAY = 86400
-- 0001-01-01 to 9999-12-31: what four digits of a year can say.
local EARLIEST, LATEST = -62135596800, 253402300799

-- Days since 1970-01-01 of a date in the Gregorian calendar. The year is made to begin in March, so that the leap
-- day is its last; 719468 days lie between 0000-03-01 and the epoch.
local function days_from_date(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local day_of_era = year_of_era * 365 + math.floor(year_of_era / 4) - math.floor(year_of_era / 100) + day_of_year
  return era * 146097 + day_of_era - 719468
end

local function date_from_days(days)
  days = days + 719468
  local era = math.floor(days / 146097)
  local day_of_era = days - era * 146097
  local year_of_era = math.floor((day_of_era - math.floor(day_of_era / 1460) + math.floor(day_of_era / 36524) -
    math.floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era - (365 * year_of_era + math.floor(year_of_era / 4) - math.floor(year_of_era / 100))
  local shifted = math.floor((5 * day_of_year + 2) / 153)
  local day = day_of_year - math.floor((153 * shifted + 2) / 5) + 1
  local month = shifted < 10 and shifted + 3 or shifted - 9
  return year_of_era + era * 400 + (month <= 2 and 1 or 0), month, day
end

local function days_of_month(year, month)
  if month == 2 then return (year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)) and 29 or 28 end
  return (month == 4 or month == 6 or month == 9 or month == 11) and 30 or 31
end

-- Seconds of the parts of a date; nil when there is no such moment. A leap second counts as the one after it.
local function assemble(year, month, day, hour, minute, second, offset)
  if not month or month < 1 or month > 12 or day < 1 or day > days_of_month(year, month) then return nil end
  if hour > 23 or minute > 59 or second >= 61 then return nil end
  return days_from_date(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset
end

-- Offsets: Z, +hh:mm, +hhmm, and the names that HTTP dates use. The sign of "-00:30" is in the text, not in the hours.
local function offset_of(zone)
  if zone == "Z" or zone == "z" or zone == "GMT" or zone == "UTC" or zone == "UT" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then return nil end
  local offset = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -offset or offset
end

-- "2024-05-01T12:30:00.25Z"; a date alone is its midnight in UTC.
local function from_iso8601(text)
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not year then return nil end
  if rest == "" then rest = "T00:00:00Z" end
  local hour, minute, second, fraction, zone = rest:match("^[Tt ](%d%d):(%d%d):(%d%d)(%.?%d*)(%S+)$")
  local offset = hour and fraction ~= "." and offset_of(zone)
  if not offset then return nil end
  return assemble(tonumber(year), tonumber(month), tonumber(day), tonumber(hour), tonumber(minute),
    tonumber(second) + (tonumber("0" .. fraction) or 0), offset)
end

-- "Wed, 01 May 2024 12:30:00 GMT"
local function from_httpdate(text)
  local day, month, year, hour, minute, second, zone =
    text:match("^%a%a%a, +(%d%d?) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d%.?%d*) (%S+)$")
  local offset = day and offset_of(zone)
  if not offset then return nil end
  return assemble(tonumber(year), month_numbers[month:lower()], tonumber(day), tonumber(hour), tonumber(minute),
    tonumber(second), offset)
end

-- The patterns' time grows with the square of the digits, so that a longer text is none without being looked at.
local LONGEST = 64

local function from_text(text)
  if #text > LONGEST then return nil end
  return from_iso8601(text) or from_httpdate(text) or text:match("^%-?%d+%.?%d*$") and tonumber(text)
end

-- Whole seconds as an integer where Lua has them, so that they print without a fraction.
local function whole(number)
  local floor = math.floor(number)
  return floor == number and floor or number
end

--- Seconds since the epoch of a point in time in any form: seconds, ISO 8601 (RFC 3339), an HTTP date (RFC 822), or
--- seconds as text.
---@param value number|string
---@return number? seconds whole, or with the fraction that the text has
---@return string? why
function timestamps.seconds(value)
  local seconds
  if type(value) == "number" then
    seconds = value
  elseif type(value) == "string" then
    seconds = from_text(value)
  else
    return nil, "a time must be seconds or text, got " .. type(value)
  end
  -- Written so that not-a-number fails too.
  if seconds and seconds >= EARLIEST and seconds < LATEST + 1 then return whole(seconds) end
  return nil, ("%s is not a time; expected seconds since the epoch or text like 2024-05-01T12:30:00Z")
    :format(type(value) == "string" and ("%q"):format(value:sub(1, LONGEST)) or tostring(value))
end

-- The parts of a moment, rounded to milliseconds, which is what AWS keeps.
local function parts(seconds)
  local millis = math.floor(seconds * 1000 + 0.5)
  local days = math.floor(millis / (DAY * 1000))
  local rest = millis - days * DAY * 1000
  local of_day = math.floor(rest / 1000)
  local year, month, day = date_from_days(days)
  local hour = math.floor(of_day / 3600)
  local minute = math.floor(of_day / 60) % 60
  return { days = days, year = year, month = month, day = day, hour = hour, minute = minute, second = of_day % 60,
    millis = rest % 1000 }
end

--- The time as RFC 3339 text in UTC, `2024-05-01T12:30:00Z`, with milliseconds only when there are any.
---@param value number|string anything that `timestamps.seconds` reads
---@return string? text
---@return string? why
function timestamps.iso8601(value)
  local seconds, why = timestamps.seconds(value)
  if not seconds then return nil, why end
  local t = parts(seconds)
  local text = ("%04d-%02d-%02dT%02d:%02d:%02d"):format(t.year, t.month, t.day, t.hour, t.minute, t.second)
  return text .. (t.millis > 0 and (".%03d"):format(t.millis) or "") .. "Z"
end

--- The time as an HTTP date, `Wed, 01 May 2024 12:30:00 GMT`; a fraction of a second is cut off.
---@param value number|string anything that `timestamps.seconds` reads
---@return string? text
---@return string? why
function timestamps.httpdate(value)
  local seconds, why = timestamps.seconds(value)
  if not seconds then return nil, why end
  local t = parts(math.floor(seconds))
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(
    weekdays[t.days % 7 + 1], t.day, months[t.month], t.year, t.hour, t.minute, t.second)
end

return timestamps
