--- The edge: everything that the library takes from the machine outside of HTTP, as one table of functions.
--
-- Nothing else in the library reads the environment, a file or a clock, so a test (or a host with clocks and
-- files of its own) hands in another table and sees the whole library run on it.

---@class bedrock.System
---@field getenv fun(name: string): string? nil when unset or empty: empty means unset
---@field read_file fun(path: string): string?, string?, boolean? content; or nil, why, and true when it does not exist
---@field now fun(): number seconds since the epoch
local system = {}

--- The value of an environment variable; empty counts as unset.
---@param name string
---@return string?
function system.getenv(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

--- The content of a file.
---@param path string
---@return string? content
---@return string? why
---@return boolean? missing true when there is no such file
function system.read_file(path)
  local file, why, errno = io.open(path, "rb")
  if not file then return nil, why, errno == 2 end
  local content, read_why = file:read("*a")
  file:close()
  if not content then return nil, path .. ": " .. tostring(read_why) end
  return content
end

--- Seconds since the epoch.
---@return number
function system.now()
  return os.time()
end

return system
