--- Files of JSON lines, as batch jobs read and write them: written within the service's limits, read back joined.
--
-- A line of the input is {"recordId":...,"modelInput":...}; a line of the output holds the same two and "modelOutput" or
-- "error", in an order that nobody promises. Memory never holds the records of a file, and the ids of one at most.

local errors = require "bedrock.errors"
local json = require "bedrock.json"

local jsonl = {}

local BUFFER = 256 * 1024

local function file_error(why)
  return errors.new { kind = "config", code = "file", message = tostring(why) }
end

-- Lines
--
-- A line stays a piece of the block it was read in, told by its first and last byte. Hundreds of thousands of lines that are
-- nearly alike would make poor strings: Lua 5.1 and LuaJIT look at a few bytes of a string to tell it from the others.

local BLOCK = 64 * 1024

---@class bedrock.JsonlLines
local Lines = {}
Lines.__index = Lines

local function open_lines(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, file_error(why) end
  file:setvbuf("no")
  return setmetatable({ path = path, file = file, start = 0, text = "" }, Lines)
end

-- Makes the block that holds a place of the file the current one.
function Lines:hold(at)
  if at >= self.start and at < self.start + #self.text then return end
  self.start = at - at % BLOCK
  self.file:seek("set", self.start)
  self.text = self.file:read(BLOCK) or ""
end

-- Makes a block that begins with the line at a place and goes on until it holds the line's end.
function Lines:extend(at)
  local pieces = { self.text:sub(at - self.start + 1) }
  self.file:seek("set", self.start + #self.text)
  repeat
    local more = self.file:read(BLOCK)
    pieces[#pieces + 1] = more
  until not more or more:find("\n", 1, true)
  self.start, self.text = at, table.concat(pieces)
end

-- The line at a place of the file: the text it is in, its first and last byte there, and the place of the next line.
function Lines:line(at)
  self:hold(at)
  local first = at - self.start + 1
  if first > #self.text then return nil end
  local stop = self.text:find("\n", first, true)
  if not stop then
    self:extend(at)
    first, stop = 1, self.text:find("\n", 1, true) or #self.text + 1
  end
  return self.text, first, stop - 1, self.start + stop
end

function Lines:decode(text, first, last, blobs)
  local record, why = json.decode(text, { first = first, last = last, blobs = blobs })
  if type(record) == "table" then return record end
  return nil, errors.new {
    kind = "stream", code = "damaged", message = ("%s: %s"):format(self.path, why and why.message or "a line is not an object"),
  }
end

function Lines:close()
  self.file:close()
end

-- Ids

local TAIL = 120

-- The id of a line without reading all of it, where it stands at either end. No text inside of the line can look like
-- that: its quotes would be escaped.
local function id_of(text, first, last)
  local id = text:match('^[ \t]*{[ \t]*"recordId"[ \t]*:[ \t]*"([^"\\\n]*)"', first) or
    text:sub(math.max(first, last - TAIL), last):match('"recordId"%s*:%s*"([^"\\]*)"%s*}%s*$')
  if id then return id end
  local record = json.decode(text, { first = first, last = last })
  return type(record) == "table" and record.recordId or nil
end

-- Where each record stands in a file, by its id; of two with one id the first.
local function index(path)
  local lines, err = open_lines(path)
  if not lines then return nil, err end
  local starts, at = {}, 0
  while true do
    local text, first, last, after = lines:line(at)
    if not text then break end
    local id = first <= last and id_of(text, first, last)
    if id and not starts[id] then starts[id] = at end
    at = after
  end
  lines:close()
  return starts
end

-- Writing

---@class bedrock.JsonlWriter
local Writer = {}
Writer.__index = Writer
Writer.__name = "bedrock.jsonl.writer"

---@class bedrock.JsonlLimits
---@field records integer in one file at most
---@field bytes integer in one file at most
---@field minimum integer the fewest records that a job takes: a last file with fewer gets some of the file before

--- Writes records to numbered files in a folder, each within the limits.
---@param folder string
---@param limits bedrock.JsonlLimits
---@return bedrock.JsonlWriter
function jsonl.writer(folder, limits)
  return setmetatable({ folder = folder, limits = limits, files = {}, current = nil, before = nil, records = 0 }, Writer)
end

--- The name of the n-th file.
---@param n integer
---@return string
function jsonl.name(n)
  return ("%04d.jsonl"):format(n)
end

function Writer:path(n)
  return self.folder .. "/" .. jsonl.name(n)
end

function Writer:open()
  local n = #self.files + 1
  -- A file of an attempt that raised may still be open, with bytes to flush: they must not end up in this one.
  os.remove(self:path(n))
  local out, why = io.open(self:path(n), "wb")
  if not out then return nil, file_error(why) end
  out:setvbuf("full", BUFFER)
  self.files[n] = { file = jsonl.name(n), records = 0, bytes = 0 }
  -- starts: where the last records begin, one for each that a next file may need.
  self.before, self.current = self.current, { out = out, starts = {}, entry = self.files[n], path = self:path(n) }
  return true
end

-- Closes the file that is being written; what stands in its buffer may fail only now.
function Writer:close_current()
  local current = self.current
  if not current or not current.out then return true end
  local ok, why = current.out:close()
  current.out = nil
  if not ok then return nil, file_error(why) end
  return true
end

local function has_room(entry, limits, size)
  return entry.records < limits.records and (entry.records == 0 or entry.bytes + size <= limits.bytes)
end

-- Makes sure that there is a file with room for a line.
function Writer:room(size)
  if self.current and has_room(self.current.entry, self.limits, size) then return true end
  local ok, err = self:close_current()
  if not ok then return nil, err end
  return self:open()
end

-- Whether an id is new in its file. One that is greater than all before is; only ids that do not rise must be remembered.
local function is_new(current, id)
  if not current.ids then
    if not current.greatest or id > current.greatest then
      current.greatest = id
      return true
    end
    current.out:flush()
    current.ids = index(current.path)
  end
  local new = current.ids[id] == nil
  current.ids[id] = true
  return new
end

local function twice(name)
  return errors.new { kind = "validation", code = "record", message = ("the recordId %s occurs twice"):format(name) }
end

--- Adds a record. An id that came before in its file is refused: its answers could not be told apart.
---@param id string
---@param input string the JSON of modelInput, in one line
---@return true?
---@return bedrock.Error? err
function Writer:add(id, input)
  local name = id:find("^[%w_%-.]+$") and '"' .. id .. '"' or json.encode(id)
  if not name then
    return nil, errors.new { kind = "validation", code = "record", message = "the recordId is not UTF-8" }
  end
  local size = #name + #input + 28
  local ok, err = self:room(size)
  if not ok then return nil, err end
  local current = self.current
  if not is_new(current, id) then return nil, twice(name) end
  local written, why = current.out:write('{"recordId":', name, ',"modelInput":', input, "}\n")
  if not written then return nil, file_error(why) end
  local entry = current.entry
  current.starts[entry.records % self.limits.minimum] = entry.bytes
  entry.records, entry.bytes, self.records = entry.records + 1, entry.bytes + size, self.records + 1
  return true
end

-- Copies bytes of one open file to another.
local function copy(from, to, n)
  while n > 0 do
    local bytes = from:read(math.min(n, BUFFER))
    if not bytes then return end
    to:write(bytes)
    n = n - #bytes
  end
end

-- Moves the tail of a file, from `cut` on, to the front of the next. Both are written anew and then take their names.
local function move_tail(first, second, cut)
  local from, next_one = assert(io.open(first.path, "rb")), assert(io.open(second.path, "rb"))
  local head, whole = assert(io.open(first.path .. ".new", "wb")), assert(io.open(second.path .. ".new", "wb"))
  copy(from, head, cut)
  copy(from, whole, math.huge)
  copy(next_one, whole, math.huge)
  for _, file in ipairs { from, next_one, head, whole } do assert(file:close()) end
  assert(os.rename(first.path .. ".new", first.path))
  assert(os.rename(second.path .. ".new", second.path))
end

-- An id that stands in both of two files, when the tail of the first is about to join the second.
local function shared_id(first, second, cut)
  local ids = index(second.path) or {}
  for id, start in pairs(index(first.path) or {}) do
    if start >= cut and ids[id] then return id end
  end
end

-- A job with too few records would be refused: the last file takes some of the one before.
function Writer:balance()
  local first, second, minimum = self.before, self.current, self.limits.minimum
  local wanted = second and minimum - second.entry.records or 0
  if not first or wanted <= 0 or first.entry.records - wanted < minimum then return true end
  local cut = first.starts[(first.entry.records - wanted) % minimum]
  local shared = shared_id(first, second, cut)
  if shared then return nil, twice(json.encode(shared)) end
  local ok, why = pcall(move_tail, first, second, cut)
  if not ok then return nil, file_error(why) end
  local moved = first.entry.bytes - cut
  first.entry.records, first.entry.bytes = first.entry.records - wanted, cut
  second.entry.records, second.entry.bytes = second.entry.records + wanted, second.entry.bytes + moved
  return true
end

--- Ends the writing.
---@return { file: string, records: integer, bytes: integer }[]? files
---@return bedrock.Error? err
function Writer:finish()
  local ok, err = self:close_current()
  if ok then ok, err = self:balance() end
  if not ok then return nil, err end
  return self.files
end

--- Gives the writing up.
function Writer:abandon()
  self:close_current()
end

-- Reading

--- Walks the records of an input file with what the output file says of each: every record once, in the input's order.
---@param input string path
---@param output string? path; nil when there is no output
---@param blobs table? trie of bytes in a line, for json.decode
---@return (fun(): table?, table?, bedrock.Error?)? next input and output of a record as tables; output nil when it is missing
---@return bedrock.Error? err
function jsonl.join(input, output, blobs)
  -- The ids of the file before are garbage now; two sets of them at once would double what memory holds.
  collectgarbage()
  local starts, err = {}, nil
  if output then starts, err = index(output) end
  if not starts then return nil, err end
  local records, answers
  records, err = open_lines(input)
  if records and output then answers, err = open_lines(output) end
  if err then return nil, err end

  local function finish(failed)
    records:close()
    if answers then answers:close() end
    return nil, nil, failed
  end

  local at = 0
  return function()
    local text, first, last, after = records:line(at)
    if not text then return finish() end
    at = after
    local record, failed = records:decode(text, first, last, blobs)
    if not record then return finish(failed) end
    local start = starts[record.recordId]
    if not start then return record end
    local answer
    text, first, last = answers:line(start)
    answer, failed = answers:decode(text or "", first, last, blobs)
    if not answer then return finish(failed) end
    return record, answer
  end
end

return jsonl
