--- The edge: everything that the library takes from the machine outside of HTTP, as one table of functions.
--
-- Nothing else in the library reads the environment, a file or a clock, so a test (or a host with clocks and
-- files of its own) hands in another table and sees the whole library run on it.

---@class bedrock.System
---@field getenv fun(name: string): string? nil when unset or empty: empty means unset
---@field read_file fun(path: string, large: boolean?): (string|userdata)?, string?, boolean? content, which may be a buffer when
--- `large` is true; or nil, why, and true when it does not exist
---@field write_file fun(path: string, content: string): boolean?, string? replaces the file as a whole, mode 0600
---@field stat fun(path: string): { mtime: number, size: number }?, string?, boolean?
---@field mkdir fun(path: string): boolean?, string? mode 0700
---@field run fun(command: string, limits: table): table?, string? blocks until the command has ended
---@field now fun(): number seconds since the epoch, with their fraction
---@field monotonic fun(): number seconds that never go backwards
---@field platform "linux"|"windows" the form of paths; everything that is not Windows counts as the first
local system = {}

system.platform = package.config:sub(1, 1) == "\\" and "windows" or "linux"

local MISSING = 2 -- ENOENT

-- Loaded with the first use, so that `require` touches nothing.
local function core()
  return require("bedrock.core").system
end

--- The value of an environment variable; empty counts as unset.
---@param name string
---@return string?
function system.getenv(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- In one piece, and without a copy of it.
local function read_large(path)
  local content, why, errno = core().read_file(path)
  return content, why, not content and errno == MISSING or nil
end

--- The content of a file.
---@param path string
---@param large boolean? it may be large: from 1 MiB on it comes as a `bedrock.buffer`, outside of Lua's strings
---@return string|userdata|nil content
---@return string? why
---@return boolean? missing true when there is no such file
function system.read_file(path, large)
  if large then return read_large(path) end
  local file, why, errno = io.open(path, "rb")
  if not file then return nil, why, errno == MISSING end
  local content, read_why = file:read("*a")
  file:close()
  if not content then return nil, path .. ": " .. tostring(read_why) end
  return content
end

--- Replaces a file as a whole, or makes it, readable for its owner only. Its directory must exist.
---@param path string
---@param content string
---@return boolean? ok
---@return string? why
function system.write_file(path, content)
  return core().write_file(path, content)
end

--- When a file was changed, and how large it is.
---@param path string
---@return { mtime: number, size: number }? found
---@return string? why
---@return boolean? missing true when there is no such file
function system.stat(path)
  local mtime, size, errno = core().stat(path)
  if not mtime then return nil, size, errno == MISSING end
  return { mtime = mtime, size = size }
end

--- Makes a directory for its owner only.
---@param path string
---@return boolean? ok
---@return string? why
function system.mkdir(path)
  return core().mkdir(path)
end

--- Runs a command through `sh -c`, with nothing as its input, and waits for its end. The whole program waits: use it
--- where that is meant.
---@param command string
---@param limits { timeout: number?, limit: integer? }? seconds (60), and bytes of each output (1 MiB)
---@return { code: integer?, signal: integer?, stdout: string, stderr: string, timed_out: boolean, overflow: boolean }? result
--- without code and signal when the host's own handler took them
---@return string? why
function system.run(command, limits)
  limits = limits or {}
  return core().run(command, limits.timeout or 60, limits.limit or 1024 * 1024)
end

--- Whether a descriptor is a terminal.
---@param fd integer 0, 1 or 2
---@return boolean
function system.is_terminal(fd)
  return core().is_terminal(fd)
end

--- Seconds since the epoch.
---@return number
function system.now()
  return core().now()
end

--- Seconds since some moment; they never go backwards.
---@return number
function system.monotonic()
  return core().monotonic()
end

--- A number from 0 up to 1. Not math.random, which begins alike in every process on most Luas, so that all workers of an
-- nginx would wait equally long and come back at once; and whose sequence is the program's own.
---@return number
function system.random()
  local number = 0
  for _, byte in ipairs { require("bedrock.core").crypto.random(6):byte(1, 6) } do number = (number + byte) / 256 end
  return number
end

return system
