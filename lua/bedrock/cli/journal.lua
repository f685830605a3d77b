--- What `bedrock map` writes: a record a line, each written at once and whole.
--
-- The file is its own memory: what stands in it is done. A run that was killed leaves whole lines and perhaps the beginning
-- of one; that beginning is cut off when the next run opens the file, so no record is lost and none stands there twice.

local json = require "bedrock.json"

local journal = {}

---@class bedrock.cli.Journal
---@field done table<integer, string> the digest of each line that is done, by its number
---@field count integer how many those are
local Journal = {}
Journal.__index = Journal

-- Whole lines of a file, and whether something was left over.
local function whole_lines(text)
  local last = text:match("()[^\n]*$")
  return text:sub(1, last - 1), last <= #text
end

local function take(self, line, number)
  local record = json.decode(line)
  if type(record) ~= "table" or type(record.line) ~= "number" or type(record.key) ~= "string" then
    return nil, ("%s, line %d, is no record of bedrock map; choose another --output, or begin anew with --restart"):format(
      self.path, number)
  end
  if not self.done[record.line] then self.count = self.count + 1 end
  self.done[record.line] = record.key
  return true
end

local function load(self, text)
  local number = 0
  for line in text:gmatch("[^\n]+") do
    number = number + 1
    local ok, why = take(self, line, number)
    if not ok then return nil, why end
  end
  return true
end

-- Puts the whole lines into the place of the file, all at once.
local function rewrite(path, text)
  local file, why = io.open(path .. ".new", "wb")
  if not file then return nil, why end
  local ok, failed = file:write(text)
  file:close()
  if not ok then return nil, failed end
  return os.rename(path .. ".new", path)
end

local function recover(self)
  local file = io.open(self.path, "rb")
  if not file then return true end
  local text = file:read("*a")
  file:close()
  local whole, cut = whole_lines(text)
  local ok, why = load(self, whole)
  if not ok then return nil, why end
  if cut then return rewrite(self.path, whole) end
  return true
end

--- Opens the output, with what a run before this one has done.
---@param path string? standard output when absent
---@param restart boolean? begin anew
---@return bedrock.cli.Journal? journal
---@return string? why
function journal.open(path, restart)
  local self = setmetatable({ path = path, done = {}, count = 0, file = io.stdout, size = nil }, Journal)
  if not path then return self end
  if not restart then
    local ok, why = recover(self)
    if not ok then return nil, why end
  end
  local file, why = io.open(path, restart and "wb" or "ab")
  if not file then return nil, why end
  -- one write a record, however long
  file:setvbuf("full", 1024 * 1024)
  self.file, self.size = file, file:seek("end")
  return self
end

-- Two runs into one file would do everything twice.
local function check_alone(self)
  if not self.size or self.file:seek("end") == self.size then return true end
  return nil, self.path .. " grows although this run has not written: another one is at work on it"
end

--- Writes a record.
---@param record table
---@return boolean? ok
---@return string? why
function Journal:write(record)
  local line, err = json.encode(record)
  if not line then return nil, err.message end
  local alone, busy = check_alone(self)
  if not alone then return nil, busy end
  local ok, why = self.file:write(line, "\n")
  if ok then ok, why = self.file:flush() end
  if not ok then return nil, ("%s: %s"):format(self.path or "standard output", tostring(why)) end
  self.size = self.size and self.size + #line + 1
  return true
end

return journal
