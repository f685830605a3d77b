--- What one emulator remembers between requests: counters for ids, keys it handed out, prompt prefixes, faults used up.

local digest = require("openssl.digest")
local encoding = require("bedrock.emulator.encoding")

local State = {}
State.__index = State

local state = {}

--- A fresh memory.
---@param keys table<string, table> known access keys by id
---@param tokens table<string, boolean> known API keys
---@return table
function state.new(keys, tokens)
  return setmetatable({ keys = keys, tokens = tokens, counts = {}, prefixes = {}, spent = {}, parts = {} }, State)
end

--- The table in which one kind of things is kept, by its name.
---@param name string
---@return table
function State:part(name)
  self.parts[name] = self.parts[name] or {}
  return self.parts[name]
end

-- The next number of a series: the same run of requests gets the same ids every time.
function State:count(series)
  self.counts[series] = (self.counts[series] or 0) + 1
  return self.counts[series]
end

local function bytes_of(series, n)
  return digest.new("sha256"):final(series .. "/" .. n)
end

--- An id such as `msg_bdrk_01...`: the prefix and 22 letters and digits.
---@param prefix string
---@return string
function State:id(prefix)
  local text = encoding.base64(bytes_of(prefix, self:count(prefix))):gsub("[^%w]", "x")
  return prefix .. text:sub(1, 22)
end

--- A request id in the form of a UUID.
---@return string
function State:request_id()
  local hex = encoding.hex(bytes_of("request", self:count("request")))
  return ("%s-%s-4%s-8%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20), hex:sub(21, 32))
end

--- Makes a temporary key, as STS does, and accepts it from then on.
---@param seconds integer its life
---@return table id, secret, token, expires
function State:temporary_key(seconds)
  local n = self:count("key")
  local key = {
    id = "ASIA" .. encoding.hex(bytes_of("id", n)):upper():sub(1, 16), secret = encoding.base64(bytes_of("secret", n)):sub(1, 40),
    token = "EMULATOR" .. encoding.base64(bytes_of("token", n) .. bytes_of("token2", n)), expires = os.time() + seconds,
  }
  self.keys[key.id] = key
  return key
end

return state
