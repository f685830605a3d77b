--- Runs eventstream-cases.json: single frames, and whole streams.
--
-- Each goes in whole, byte by byte, seven at a time and in two parts split at every position, and what comes out must
-- not depend on that. Good frames are encoded again and must be the same bytes.

local core = require "bedrock.core"
local accumulator = require "bedrock.accumulator"
local errors = require "bedrock.errors"
local judge = require "spec.support.judge"

local eventstream = core.eventstream

-- Splitting at every position costs the square of the size; longer data is split at so many places.
local SPLITS = 2500

local function pieces_of(bytes, size)
  local pieces = {}
  for i = 1, #bytes, size do pieces[#pieces + 1] = bytes:sub(i, i + size - 1) end
  return pieces
end

-- Every way in which a read may cut the bytes, as { name, pieces }.
local function slicings(bytes)
  local ways = { { "whole", { bytes } }, { "byte by byte", pieces_of(bytes, 1) }, { "by seven", pieces_of(bytes, 7) } }
  for at = 1, #bytes - 1, math.max(math.ceil(#bytes / SPLITS), 1) do
    ways[#ways + 1] = { "split after byte " .. at, { bytes:sub(1, at), bytes:sub(at + 1) } }
  end
  return ways
end

local function unbase64(text)
  return (assert(core.base64.decode(text)))
end

-- Frames --------------------------------------------------------------------------------------------------------------

-- How a vector writes a header value.
local function shown(header)
  if header[2] == "bytes" then return core.base64.encode(header[3]) end
  return header[3]
end

local function same_headers(want, got)
  if #want ~= #got then return false, ("want %d headers, got %d"):format(#want, #got) end
  for i, header in ipairs(got) do
    if header[1] ~= want[i].name or header[2] ~= want[i].type then
      return false, ("header %d is %s of type %s"):format(i, header[1], header[2])
    end
    local ok, why = judge.same(want[i].value, shown(header))
    if not ok then return false, header[1] .. ": " .. why end
  end
  return true
end

local function same_frame(want, headers, payload)
  if payload ~= unbase64(want.payload_base64) then return false, "the payload differs" end
  return same_headers(want.headers, headers)
end

-- One frame through the decoder: what next answered (the payload last, but for error frames), and the headers.
local function feed_frame(pieces)
  local decoder, kind, name, value = eventstream.decoder()
  for _, piece in ipairs(pieces) do
    assert(not kind, "an answer before the frame was whole")
    decoder:feed(piece)
    kind, name, value = decoder:next("raw")
    if name and not kind then break end
  end
  if not kind and not name then kind, name = decoder:finish() end
  return kind, name, value, decoder
end

local function good_pieces(want, pieces)
  local kind, err, payload, decoder = feed_frame(pieces)
  -- A sound frame of a kind that no stream may hold: what it says is seen without a stream.
  if not kind and err.code == "message_type" then return true end
  if not kind then return false, err.code .. ": " .. err.message end
  if kind == "error" then payload = unbase64(want.payload_base64) end
  if decoder:next("raw") ~= nil or decoder:buffered() ~= 0 or not decoder:finish() then return false, "bytes remain" end
  return same_frame(want, decoder:headers(), payload)
end

local function good_frame(bytes, want)
  if #bytes ~= want.total_length then return false, "the vector's own length differs" end
  local frame, err = eventstream.decode(bytes)
  if not frame then return false, err.code .. ": " .. err.message end
  local ok, why = same_frame(want, frame.headers, frame.payload)
  if not ok then return false, why end
  if eventstream.encode(frame.headers, frame.payload) ~= bytes then return false, "encoded again it differs" end
  for _, way in ipairs(slicings(bytes)) do
    ok, why = good_pieces(want, way[2])
    if not ok then return false, way[1] .. ": " .. why end
  end
  return true
end

-- A decoder that waits for more cannot know how long the data is, so its reason may be another; but a reason it has.
local function broken_pieces(pieces)
  local kind, err, _, decoder = feed_frame(pieces)
  if kind then return nil, "taken as a frame" end
  local _, again = decoder:next("raw")
  decoder:feed("\0\0\0\16\0\0\0\0\5\194\72\235\125\152\200\255")
  local _, later = decoder:next("raw")
  if not (again and again.code == err.code and later and later.code == err.code) then return nil, "it did not stay broken" end
  return err.code
end

-- A sound frame with bytes behind it.
local function begins_soundly(bytes)
  local a, b, c, d = bytes:byte(1, 4)
  local total = d and ((a * 256 + b) * 256 + c) * 256 + d
  return total ~= nil and total < #bytes and eventstream.decode(bytes:sub(1, total)) ~= nil
end

local function broken_frame(bytes, want)
  local frame, err = eventstream.decode(bytes)
  if frame then return false, "taken as a frame" end
  if err.code ~= want.error and err.code ~= want["or"] then
    return false, ("want %s, got %s"):format(want.error, err.code)
  end
  if bytes == "" or begins_soundly(bytes) then return true end -- no frame, but a sound stream, or the begin of one
  local first
  for _, way in ipairs(slicings(bytes)) do
    local code, why = broken_pieces(way[2])
    if not code then return false, way[1] .. ": " .. why end
    if code ~= (first or code) then return false, ("%s: %s became %s"):format(way[1], first, code) end
    first = code
  end
  return true
end

-- Streams -------------------------------------------------------------------------------------------------------------

local converse_events = {
  messageStart = true, contentBlockStart = true, contentBlockDelta = true, contentBlockStop = true, messageStop = true,
  metadata = true,
}

local blobs = { delta = { reasoningContent = { redactedContent = true } } }

-- All that a stream says: its events as { name, value }, and how it ended before its time.
local function read_stream(pieces, options, texts)
  local decoder, events = eventstream.decoder(options), {}
  for _, piece in ipairs(pieces) do
    decoder:feed(piece)
    while true do
      local kind, name, value = decoder:next("chunk", texts)
      if kind == "event" or kind == "text" then
        events[#events + 1] = { name, value, text = kind == "text" }
      elseif kind then
        return events, { kind = kind, type = name, value = value }
      elseif name then
        return events, { kind = name.code }
      else
        break
      end
    end
  end
  local whole, err = decoder:finish()
  return events, not whole and { kind = err.code } or nil
end

local function as_wire(event)
  if converse_events[event[1]] then return { [event[1]] = event[2] } end
  return event[2]
end

-- A chunk without a type is no event of Messages: a stream drops it.
local function is_sign_of_life(event)
  return event[1] == "chunk" and type(event[2]) == "table" and event[2].type == nil
end

local function split_off_skipped(events, want)
  local kept, left_out = {}, {}
  local drops = #events - #(want.skipped or {}) > #want.events
  for _, event in ipairs(events) do
    local skip = drops and is_sign_of_life(event)
    for _, name in ipairs(want.skipped or {}) do skip = skip or name == event[1] end
    local list = skip and left_out or kept
    list[#list + 1] = skip and event[1] or as_wire(event)
  end
  return kept, left_out
end

-- The reason of a broken frame must be the vector's own where it is one of the names that frames are judged by.
local function same_end(want, got, names)
  if not want or not got then return want == got, "the end of the stream differs" end
  if got.kind ~= "exception" and got.kind ~= "error" then
    return got.kind == want.kind or not (names[want.kind] or want.type), "broken by " .. got.kind
  end
  local message = got.value
  if type(message) == "table" then message = message.message or message.Message end
  local err = errors.from_stream(got.type, message)
  if got.kind ~= want.kind or got.type ~= want.type then return false, got.kind .. " " .. got.type end
  if want.message and message ~= want.message then return false, "message " .. tostring(message) end
  return not want.http_status or err.status == want.http_status, "status " .. tostring(err.status)
end

local function same_events(want, got)
  if #want ~= #got then return false, ("want %d events, got %d"):format(#want, #got) end
  for i = 1, #want do
    local ok, why = judge.same(want[i], got[i])
    if not ok then return false, ("event %d: %s"):format(i, why) end
  end
  return true
end

-- Of what should be skipped the decoder itself passes over one kind, which is none of Bedrock's.
local function all_skipped(wanted, left_out)
  local missing = {}
  for _, name in ipairs(left_out) do missing[name] = (missing[name] or 0) - 1 end
  for _, name in ipairs(wanted or {}) do missing[name] = (missing[name] or 0) + 1 end
  for name, count in pairs(missing) do
    if count > 0 and name ~= "initial-response" then return false end
  end
  return true
end

local function good_stream(stream, pieces, names)
  local want = stream.expect
  local events, stop = read_stream(pieces)
  local kept, left_out = split_off_skipped(events, want)
  local ok, why = same_end(want.error, stop, names)
  if not ok then return false, why end
  if not all_skipped(want.skipped, left_out) then return false, "events that should be skipped are missing" end
  return same_events(want.events, kept)
end

-- The message that the events make together, in the vector's spelling of bytes.
local function encode_blobs(message)
  for _, block in ipairs(message.content) do
    local reasoning = block.reasoningContent
    if reasoning and reasoning.redactedContent then
      reasoning.redactedContent_base64 = core.base64.encode(reasoning.redactedContent)
      reasoning.redactedContent = nil
    end
  end
  return message
end

-- One step of the accumulator that fits the stream.
local function step(snapshot, event, converse)
  if event.text then
    local add = converse and accumulator.converse_piece or accumulator.messages_piece
    return add(snapshot, event[2], event[1], "text")
  end
  if converse then return accumulator.converse(snapshot, { [event[1]] = event[2] }) end
  return accumulator.messages(snapshot, event[2])
end

local function accumulate(bytes, texts)
  local events = read_stream({ bytes }, { blobs = blobs }, texts)
  local converse, snapshot, err = converse_events[events[1][1]]
  for _, event in ipairs(events) do
    snapshot, err = step(snapshot, event, converse)
    if err then error(err) end
  end
  return accumulator.message(snapshot)
end

local function good_message(want, bytes, texts)
  local answer = accumulate(bytes, texts)
  local message = answer.output and encode_blobs(answer.output.message) or answer
  local ok, why = judge.same(want.message, message)
  if not ok then return false, "message: " .. why end
  for _, member in ipairs { "stopReason", "usage", "metrics" } do
    if want[member] ~= nil then
      ok, why = judge.same(want[member], answer[member])
      if not ok then return false, member .. ": " .. why end
    end
  end
  return true
end

local function good_slicings(stream, bytes, names)
  for _, way in ipairs(slicings(bytes)) do
    local ok, why = good_stream(stream, way[2], names)
    if not ok then return false, way[1] .. ": " .. tostring(why) end
  end
  if not stream.expect.message then return true end
  local ok, why = good_message(stream.expect, bytes, false)
  if not ok then return false, why end
  return good_message(stream.expect, bytes, true)
end

return function(data, report)
  for _, case in ipairs(data.frames or {}) do
    local check = case.kind == "positive" and good_frame or broken_frame
    local ok, why = judge.try(check, unbase64(case.frame_base64), case.expect)
    report(ok, case.name, why)
  end
  for _, case in ipairs(data.streams or {}) do
    local ok, why = judge.try(good_slicings, case, unbase64(case.bytes_base64), data.error_names or {})
    report(ok, case.name, why)
  end
end
