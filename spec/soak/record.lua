-- What was measured during a soak, as lines of a file, and whether it stayed flat.
--
-- Every line: seconds, at rest (1) or not (0), resident MiB, Lua MiB, descriptors, acts, and the services' resident MiB and
-- descriptors. Nothing of it is held in the process that is measured until the end. Only what was measured at rest is judged: nothing
-- is in flight then, what is garbage is collected, and the pools hold as many connections each time.

local memory = require "spec.support.memory"

local record = {}

local MIB = 2 ^ 20
local columns = { "seconds", "rest", "resident", "lua", "descriptors", "acts", "service_resident", "service_descriptors" }

local Record = {}
Record.__index = Record

--- Begins a file.
---@param path string
---@param services table[] emulators
function record.new(path, services)
  local file = assert(io.open(path, "w"))
  file:setvbuf "line"
  file:write("# ", table.concat(columns, "\t"), "\n")
  return setmetatable({ path = path, file = file, services = services }, Record)
end

--- Measures now.
function Record:sample(seconds, rest, acts)
  local resident, descriptors = 0, 0
  for _, service in ipairs(self.services) do
    resident, descriptors = resident + memory.resident(service.pid), descriptors + memory.descriptors(service.pid)
  end
  self.file:write(("%.1f\t%d\t%.3f\t%.3f\t%d\t%d\t%.3f\t%d\n"):format(seconds, rest and 1 or 0, memory.resident() / MIB,
    collectgarbage "count" / 1024, memory.descriptors(), acts, resident / MIB, descriptors))
end

local function read_row(line)
  local row, i = {}, 0
  for number in line:gmatch "[^\t]+" do
    i = i + 1
    row[columns[i]] = tonumber(number)
  end
  return row
end

--- The rows that were measured at rest.
function Record:rows()
  local rows = {}
  for line in io.lines(self.path) do
    local row = line:sub(1, 1) ~= "#" and read_row(line)
    if row and row.rest == 1 then rows[#rows + 1] = row end
  end
  return rows
end

local function median(rows, from, to, column)
  local values = {}
  for i = math.floor(#rows * from) + 1, math.floor(#rows * to) do values[#values + 1] = rows[i][column] end
  table.sort(values)
  local middle = #values / 2
  return (values[math.floor(middle) + 1] + values[math.ceil(middle)]) / 2
end

-- Least squares over all but the first quarter, an hour.
local function slope(rows, column)
  local n, sx, sy, sxx, sxy = 0, 0, 0, 0, 0
  for i = math.floor(#rows / 4) + 1, #rows do
    local x, y = rows[i].seconds / 3600, rows[i][column]
    n, sx, sy, sxx, sxy = n + 1, sx + x, sy + y, sxx + x * x, sxy + x * y
  end
  return (n * sxy - sx * sy) / (n * sxx - sx * sx)
end

-- column, its name, and by how much the last quarter may be above the second
local judged = {
  { "resident", "resident, MiB", function(before) return before * 0.05 + 1 end },
  { "lua", "Lua's memory, MiB", function(before) return before * 0.05 + 0.1 end },
  { "descriptors", "descriptors", function() return 0 end },
  { "service_resident", "emulators, MiB" },
  { "service_descriptors", "their descriptors" },
}

--- A row for each thing: its name, the medians of the four quarters, the slope, and whether it is flat (nil: nobody asks).
---@param rows table[]
---@return table[]
function record.judge(rows)
  local out = {}
  for i, row in ipairs(judged) do
    local one = { name = row[2], slope = slope(rows, row[1]) }
    for quarter = 1, 4 do one[quarter] = median(rows, (quarter - 1) / 4, quarter / 4, row[1]) end
    if row[3] then one.flat = one[4] - one[2] <= row[3](one[2]) end
    out[i] = one
  end
  return out
end

return record
