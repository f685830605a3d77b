--- How many tokens a request has, and how many of them the prompt cache had already.
--
-- The cache is keyed as the service's is: by the bytes of the prompt up to a mark, in the order tools, system, messages. The
-- bytes are those of the request as it came, so a client that writes the same prompt with its keys in another order misses.

local digest = require("openssl.digest")
local json = require("bedrock.emulator.json")
local tokens = require("bedrock.emulator.tokens")

local usage = {}

local SMALLEST = 1024
local LIFE = { ["5m"] = 300, ["1h"] = 3600 }
local IMAGE, PER_MESSAGE = 1334, 4

-- ---- the prompt in segments ----

-- A mark may be a member of a block (Messages) or a block of its own (Converse); it is no part of the prefix itself.
local function take_mark(text)
  local members = json.members(text)
  local mark = members.cache_control or members.cachePoint
  if not mark or mark == "null" then return text, nil end
  local stripped = text:gsub('"cache_control"%s*:%s*%b{}%s*,?', ""):gsub(",%s*}$", "}")
  return members.cachePoint and "" or stripped, mark:match('"ttl"%s*:%s*"([^"]+)"') or "5m"
end

-- Members that are no text: base64 is counted by the block that reading it made, and the type is a matter of the form.
local uncounted = { bytes = true, data = true, type = true }

-- What is said counts, not how the form writes it: so the same prompt has as many tokens in Messages as in Converse.
local function text_tokens(text)
  local values = text:gsub('"(%l+)"%s*:%s*"[^"]*"', function(name) return uncounted[name] and "" or nil end)
  local words = values:gsub('"[%w_]+"%s*:', ""):gsub('[%[%]{}",]+', " ")
  return tokens.count(words:match("^%s*(.-)%s*$"))
end

local function add_segment(segments, prefix, text, block)
  local bytes, ttl = take_mark(text)
  local media = block and (block.tokens or block.kind == "image" and IMAGE) or 0
  if bytes == "" and segments[1] then
    segments[#segments].ttl = ttl
  else
    segments[#segments + 1] = { bytes = prefix .. bytes, tokens = text_tokens(bytes) + media, ttl = ttl }
  end
end

local function add_list(segments, prefix, text, blocks)
  if not text or text == "null" then return end
  if text:sub(1, 1) == '"' then return add_segment(segments, prefix, text, blocks and blocks()) end
  for _, element in ipairs(json.elements(text)) do add_segment(segments, prefix, element, blocks and blocks()) end
end

-- Hands out the parsed blocks one after the other, beside the texts they came from.
local function block_reader(prompt)
  return coroutine.wrap(function()
    for _, turn in ipairs(prompt.turns) do
      for _, block in ipairs(turn.blocks) do coroutine.yield(block) end
    end
    while true do coroutine.yield(nil) end
  end)
end

local function segments_of(prompt, text)
  local body, segments = json.members(text), {}
  local tools = body.tools or body.toolConfig and json.members(body.toolConfig).tools
  add_list(segments, "tool ", tools)
  add_list(segments, "system ", body.system)
  local blocks = block_reader(prompt)
  for _, message in ipairs(json.elements(body.messages or "[]")) do
    local members, first = json.members(message), #segments + 1
    add_list(segments, (members.role or "") .. " ", members.content, blocks)
    if segments[first] then segments[first].tokens = segments[first].tokens + PER_MESSAGE end
  end
  return segments
end

-- ---- counting ----

--- Counts the tokens of a request.
---@param prompt table as messages.parse or converse.parse made it
---@param text string the same request as JSON
---@return integer
function usage.count(prompt, text)
  local total = 0
  for _, segment in ipairs(segments_of(prompt, text)) do total = total + segment.tokens end
  return total
end

-- Gives every segment the hash of the prompt up to it, and the tokens up to it.
local function add_up(segments, model)
  local hash, total = model, 0
  for _, segment in ipairs(segments) do
    hash = digest.new("sha256"):final(hash .. segment.bytes)
    total = total + segment.tokens
    segment.hash, segment.total = hash, total
  end
  return total
end

local function last_mark(segments)
  for i = #segments, 1, -1 do
    if segments[i].ttl and segments[i].total >= SMALLEST then return i end
  end
  return 0
end

-- The longest prefix up to a mark that is still in the cache; being read keeps it there.
local function read_prefix(segments, mark, cached, now)
  for i = mark, 1, -1 do
    local entry = cached[segments[i].hash]
    if entry and entry.until_ > now then
      entry.until_ = now + entry.life
      return i
    end
  end
  return 0
end

local function write_prefixes(segments, from, mark, cached, now)
  for i = from + 1, mark do
    local segment = segments[i]
    local life = segment.ttl and segment.total >= SMALLEST and (LIFE[segment.ttl] or LIFE["5m"])
    if life then cached[segment.hash] = { life = life, until_ = now + life } end
  end
end

--- Measures a request, and remembers its marked prefixes.
---@param state table
---@param prompt table
---@param text string the request's body as it came
---@return table used input, cache_read, cache_write, cache_write_1h
function usage.measure(state, prompt, text)
  local segments, now = segments_of(prompt, text), os.time()
  local total = add_up(segments, prompt.model.base)
  local mark = last_mark(segments)
  local hit = read_prefix(segments, mark, state.prefixes, now)
  write_prefixes(segments, hit, mark, state.prefixes, now)
  local read = hit > 0 and segments[hit].total or 0
  local write = mark > hit and segments[mark].total - read or 0
  return { input = total - read - write, cache_read = read, cache_write = write,
    cache_write_1h = write > 0 and segments[mark].ttl == "1h" and write or 0 }
end

return usage
