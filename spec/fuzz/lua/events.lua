-- Any bytes as a stream of events, in frames or as server-sent: however it is cut into reads, the same values come out and
-- the same end, and a text that is taken the short way is what the whole event says.

local core = require "bedrock.core"
local fuzz_frames = require "spec.support.fuzz_frames"
local json = require "bedrock.json"

local forms = { "json", "union", "chunk", "bytes", "raw" }

local function converse_text(text, index)
  return { contentBlockDelta = { contentBlockIndex = index, delta = { text = text } } }
end

local function message_text(text, index)
  return { type = "content_block_delta", index = index, delta = { type = "text_delta", text = text } }
end

-- An event that nobody knows may hold bytes that are no text: then it has that one member.
local function described(value)
  if type(value) ~= "table" then return tostring(value) end
  local name, bytes = next(value)
  return json.encode(value) or name .. "=" .. bytes
end

-- A text that came the short way, as the events that it may have been: a union holds one, by itself it stands for either.
local function as_event(form, text, index)
  local union = described(converse_text(text, index))
  if form == "union" then return union end
  return described(message_text(text, index)) .. " or " .. described(converse_text(text, index).contentBlockDelta)
end

local function next_said(decoder, form, texts)
  local kind, name, value = decoder:next(form, texts)
  if kind == "text" then return "text", as_event(form, name, value) end
  if kind then return kind, kind .. " " .. described(name) .. " " .. described(value) end
  return nil, name and ("broken: %s %s %s"):format(name.code, name.message, tostring(name.position))
end

local function drain(decoder, form, texts, said)
  while true do
    local kind, line = next_said(decoder, form, texts)
    said[#said + 1] = line
    if not kind then return line == nil end
  end
end

local function read(new, bytes, form, texts, step)
  local decoder, said = new(), {}
  for at = 1, #bytes, step do
    decoder:feed(bytes:sub(at, at + step - 1))
    if not drain(decoder, form, texts, said) then return said end
  end
  local ok, err = decoder:finish()
  said[#said + 1] = ok and "whole" or err.code
  return said
end

local function frame_decoder()
  return core.eventstream.decoder { max_frame = 1048576, json_values = 10000 }
end

local function sse_decoder()
  return core.sse.decoder { max = 65536, json_values = 10000 }
end

-- The values without the name of the event: where texts are taken the short way nobody says it.
local function bare(line)
  return line:match("^event %S+ (.*)$") or line
end

local function check_short_way(new, bytes, form)
  local long, short = read(new, bytes, form, false, #bytes), read(new, bytes, form, true, #bytes)
  assert(#long == #short)
  for i, line in ipairs(short) do
    assert(line == long[i] or line:find(bare(long[i]), 1, true), line)
  end
end

return function(bytes)
  local how = bytes:byte(-1) or 0
  local form, step = forms[how % 5 + 1], math.floor(how / 5) % 40 + 1
  bytes = bytes:sub(1, -2)
  local new = frame_decoder
  if bytes:sub(1, 1) == "S" then
    new, bytes, form = sse_decoder, bytes:sub(2), how % 2 == 0 and "json" or "raw"
  elseif bytes:sub(1, 1) ~= "R" then
    bytes = fuzz_frames.of(bytes)
  end
  if #bytes == 0 then return end
  if #bytes > 4096 then step = step * 97 end
  local whole, cut = read(new, bytes, form, true, #bytes), read(new, bytes, form, true, step)
  assert(table.concat(whole, "\n") == table.concat(cut, "\n"), "cut differently it says something else")
  check_short_way(new, bytes, form)
end
