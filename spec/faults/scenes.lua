-- The scenes of the fault campaign: for each fault of the emulator, where it strikes, and how a stream may end under it.
--
-- A row: name, weight, write(rng, form) -> fault, endings, and what the call is set to besides. An ending is "whole", the whole
-- text, or the kind of an error.

local scenes = {}

-- Bytes of a streamed answer in the campaign, more or less; places beyond the end are places, too.
local SIZE = 9000
local EVENTS = 24

local function fixed(text)
  return function() return text end
end

local function after_events(name)
  return function(rng) return name .. ":" .. rng:integer(1, EVENTS) end
end

local function at_byte(name)
  return function(rng) return name .. ":" .. rng:integer(1, SIZE) end
end

local function with(name, arguments)
  return function(rng) return name .. ":" .. rng:pick(arguments) end
end

-- kind of the error for each exception of Bedrock's streams
local exceptions = {
  throttlingException = "throttled", modelTimeoutException = "model", validationException = "validation",
  modelStreamErrorException = "model", internalServerException = "server", serviceUnavailableException = "server",
}

local in_band = {
  overloaded_error = "throttled", rate_limit_error = "throttled", api_error = "server", invalid_request_error = "validation",
  authentication_error = "access_denied", permission_error = "access_denied", not_found_error = "not_found",
  request_too_large = "too_large", timeout_error = "server",
}

local statuses = {
  [400] = "validation", [403] = "access_denied", [404] = "not_found", [408] = "model", [409] = "conflict", [424] = "model",
  [429] = "throttled", [500] = "server", [503] = "server",
}

local native_statuses = {
  [400] = "validation", [403] = "access_denied", [404] = "not_found", [429] = "throttled", [500] = "server",
}

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- A fault that names its kind: one of a table's keys, and the kind as the ending.
local function named(name, kinds, place)
  local keys = sorted_keys(kinds)
  return function(rng)
    local key = rng:pick(keys)
    return name .. ":" .. key .. (place and ":" .. rng:integer(0, EVENTS) or ""), kinds[key]
  end
end

local hasty = { timeouts = { first_byte = 0.3, idle = 0.3 }, seconds = 0.6 }
-- Thousands of packets for one answer, or one of many megabytes, take their time on a busy machine.
local patient = { timeouts = { first_byte = 60, idle = 60, total = 120 }, seconds = 120 }
local twice = { retry = { max_attempts = 3 } }
local framed = { messages = true, converse = true, bytes = true }
local messages = { messages = true, bytes = true, sse = true }

-- name, weight, write, endings, more: { timeouts, retry, seconds, forms }
local rows = {
  { "none", 4, fixed "", "whole" },
  { "throttle", 2, fixed "throttle", "throttled" },
  { "throttle, again", 2, fixed "throttle:2", "whole", twice },
  { "status", 3, named("status", statuses), nil, { forms = framed } },
  { "status of Messages", 1, named("status", native_statuses), nil, { forms = { sse = true } } },
  { "status, again", 2, with("status", { "500:1", "503:2", "429:1" }), "whole", twice },
  { "html", 2, with("html", { 500, 502, 503 }), "server" },
  { "empty", 2, with("empty", { 500, 502, 503, 504 }), "server" },
  { "expired-token", 1, fixed "expired-token", "credentials" },
  { "not-ready", 1, fixed "not-ready", "model", { forms = framed } },
  { "not-ready, again", 1, fixed "not-ready:1", "whole", twice },
  { "reset before", 2, fixed "reset:before", "network" },
  { "reset within", 2, fixed "reset:within", "network" },
  { "close within", 2, fixed "close:within", "network" },
  { "reset", 4, with("reset", { "head", "body" }), "stream network" },
  { "reset, again", 1, fixed "reset:before*1", "whole", twice },
  { "close before", 2, fixed "close:before", "network" },
  { "close", 4, with("close", { "head", "body" }), "stream network" },
  { "close, again", 1, fixed "close:head*1", "whole", twice },
  { "cut", 10, at_byte "cut", "stream network" },
  { "silent", 1, fixed "silent", "timeout", hasty },
  { "slow-head", 1, with("slow-head", { 0.01, 0.05 }), "whole" },
  { "slow-head, too", 1, fixed "slow-head:2", "timeout", hasty },
  { "stall", 2, function(rng) return ("stall:%g:%d"):format(rng:pick { 0.01, 0.05 }, rng:integer(0, EVENTS)) end, "whole" },
  { "stall, too long", 2, function(rng) return "stall:2:" .. rng:integer(0, EVENTS) end, "timeout whole", hasty },
  { "drip", 1, fixed "drip", "whole", patient },
  { "drip and cut", 1, function(rng) return "drip,cut:" .. rng:integer(1, SIZE) end, "stream network", patient },
  { "flip", 10, at_byte "flip", "stream whole", { forms = framed } },
  { "crc", 5, after_events "crc", "stream", { forms = framed } },
  { "exception", 8, named("exception", exceptions, true), nil, { forms = framed } },
  { "exception, again", 2, with("exception", { "throttlingException:0*1", "internalServerException:0*2" }), "whole",
    { forms = framed, retry = twice.retry } },
  { "error-frame", 3, after_events "error-frame", "stream", { forms = framed } },
  { "error-event", 5, named("error-event", in_band, true), nil, { forms = messages } },
  { "wrong-length", 4, after_events "wrong-length", "stream", { forms = framed } },
  { "forged-length", 4, after_events "forged-length", "stream", { forms = framed } },
  { "header-type", 3, after_events "header-type", "stream", { forms = framed } },
  { "garbage", 4, after_events "garbage", "stream" },
  { "no-stop", 3, fixed "no-stop", "stream" },
  { "half-frame", 3, fixed "half-frame", "stream" },
  { "close-idle", 2, with("close-idle", { 0, 0.01 }), "whole" },
}

-- FAULT=name leaves only the rows whose names begin so.
local wanted = os.getenv "FAULT" or ""
for i = #rows, 1, -1 do
  if rows[i][1]:sub(1, #wanted) ~= wanted then table.remove(rows, i) end
end

local total = 0
for _, row in ipairs(rows) do total = total + row[2] end

local function fits(row, form)
  local only = row[5] and row[5].forms
  return not only or only[form] ~= nil
end

-- A row for the form; any, when a wanted fault has none for it.
local function pick_row(rng, form)
  for _ = 1, 100 do
    local at = rng:number() * total
    for _, row in ipairs(rows) do
      at = at - row[2]
      if at <= 0 then
        if fits(row, form) then return row end
        break
      end
    end
  end
  return rows[1]
end

local function set_of(words)
  local set = {}
  for word in words:gmatch("%S+") do set[word] = true end
  return set
end

--- Scenes that take too long for the emulator to be among the others: one after the other, a few times.
scenes.slow = {
  { "huge-frame", 0, fixed "huge-frame", "stream", patient },
  { "huge-frame, allowed", 0, fixed "huge-frame:8", "whole", patient },
}

--- Chooses a fault for a stream.
---@param rng table
---@param form "messages"|"converse"|"bytes"|"sse"
---@param row table? the one to play
---@return table scene { name, fault, may = set of endings, timeouts, retry, seconds }
function scenes.pick(rng, form, row)
  row = row or pick_row(rng, form)
  local fault, kind = row[3](rng, form)
  local more = row[5] or {}
  return {
    name = row[1], fault = fault, may = set_of(kind or row[4]), timeouts = more.timeouts, retry = more.retry or false,
    seconds = more.seconds or 20, -- the total clock of the campaign's clients; an earlier one would end the stream as "timeout"
  }
end

return scenes
