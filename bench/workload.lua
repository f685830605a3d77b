--- Workloads shaped like Bedrock's traffic, the same ones each time: everything comes from one seed.
--
-- A Converse stream is one answer: some reasoning, then text, and every two thousand events a tool call, as agents get
-- them. Pieces of text are a token or a few, a tenth of them beyond ASCII, some with escapes; every frame is padded
-- with `p`, which hides the length of the text, as the service does it. A Messages stream is the same talk as Anthropic's
-- events, base64 in `chunk` frames.

local json = require "bedrock.json"
local eventstream = require("bedrock.core").eventstream
local base64 = require("bedrock.core").base64

local workload = {}

-- Park and Miller's generator: whole numbers, the same on every machine.
local function randomizer(seed)
  local state = seed
  return function(n)
    state = state * 48271 % 2147483647
    return state % n + 1
  end
end

local words = {
  "the", " of", " and", " a", " model", " answer", " to", " is", " that", " request", ".", ",", " in", " it", " which",
  " Bedrock", " stream", " are", " for", " with", "ing", " token", "s", " can", " not", " be", " one", " more", " data", "\n",
  " \"quoted\"", "\n\n", " été", " 東京", " naïve", " 😀", " – ", " function", " local", " return", "(x)", " =", " 1", "2", "%",
}

local padding = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

local function piece(random)
  local text = words[random(#words)]
  for _ = 2, random(3) do text = text .. words[random(#words)] end
  return text
end

-- Members in the order in which the service writes them, the padding last.
local function padded(random, order, members)
  order[#order + 1] = "p"
  members.p = padding:sub(1, random(60))
  return json.encode(json.ordered(order, members))
end

local function frame(name, payload)
  return eventstream.encode({
    { ":event-type", "string", name },
    { ":content-type", "string", "application/json" },
    { ":message-type", "string", "event" },
  }, payload)
end

-- What a stream of so many events is made of: the kind of each one, and the block it belongs to.
local function plan(count)
  local kinds, block, left = {}, 0, count - 3
  local function run(kind, events)
    kinds[#kinds + 1] = { kind .. "_start", block }
    for _ = 1, events do kinds[#kinds + 1] = { kind, block } end
    kinds[#kinds + 1] = { "stop", block }
    block = block + 1
  end
  while left > 0 do
    local share = math.min(left, 2000)
    if share < 100 then
      run("text", math.max(share - 2, 0))
    else
      local reasoning, tool = share // 20, share // 20
      run("reasoning", reasoning - 2)
      run("tool", tool - 2)
      run("text", share - reasoning - tool - 2)
    end
    left = left - math.max(share, 2)
  end
  return kinds
end

---- Converse

local converse = {}

function converse.text(random, block)
  return "contentBlockDelta", padded(random, { "contentBlockIndex", "delta" }, {
    contentBlockIndex = block, delta = { text = piece(random) } })
end

function converse.reasoning(random, block)
  return "contentBlockDelta", padded(random, { "contentBlockIndex", "delta" }, {
    contentBlockIndex = block, delta = { reasoningContent = { text = piece(random) } } })
end

function converse.tool(random, block)
  return "contentBlockDelta", padded(random, { "contentBlockIndex", "delta" }, {
    contentBlockIndex = block, delta = { toolUse = { input = '"' .. random(9) .. '",' } } })
end

function converse.tool_start(random, block)
  return "contentBlockStart", padded(random, { "contentBlockIndex", "start" }, { contentBlockIndex = block,
    start = { toolUse = { name = "get_weather", toolUseId = "tooluse_" .. random(1000000000) } } })
end

-- Text and reasoning begin with their first delta.
function converse.text_start(random, block)
  return converse.text(random, block)
end

function converse.reasoning_start(random, block)
  return converse.reasoning(random, block)
end

function converse.stop(random, block)
  return "contentBlockStop", padded(random, { "contentBlockIndex" }, { contentBlockIndex = block })
end

local function converse_events(random, count)
  local events = { { "messageStart", padded(random, { "role" }, { role = "assistant" }) } }
  for _, step in ipairs(plan(count)) do events[#events + 1] = { converse[step[1]](random, step[2]) } end
  events[#events + 1] = { "messageStop", padded(random, { "stopReason" }, { stopReason = "end_turn" }) }
  events[#events + 1] = { "metadata", padded(random, { "metrics" }, { metrics = { latencyMs = 1845 },
    usage = { inputTokens = 812, outputTokens = count, totalTokens = 812 + count } }) }
  return events
end

--- The frames of a ConverseStream answer, and its bare payloads.
---@param count integer events
---@return string[] frames
---@return string[] payloads
function workload.converse(count)
  local frames, payloads = {}, {}
  for i, event in ipairs(converse_events(randomizer(count), count)) do
    frames[i], payloads[i] = frame(event[1], event[2]), event[2]
  end
  return frames, payloads
end

---- Messages over InvokeModel

local messages = {}

-- The type comes first, as the service has it.
local function delta(block, members)
  return { type = "content_block_delta", index = block, delta = json.ordered({ "type" }, members) }
end

function messages.text(random, block)
  return delta(block, { type = "text_delta", text = piece(random) })
end

function messages.reasoning(random, block)
  return delta(block, { type = "thinking_delta", thinking = piece(random) })
end

function messages.tool(random, block)
  return delta(block, { type = "input_json_delta", partial_json = '"' .. random(9) .. '",' })
end

function messages.text_start(_, block)
  return { type = "content_block_start", index = block, content_block = { type = "text", text = "" } }
end

function messages.reasoning_start(_, block)
  return { type = "content_block_start", index = block, content_block = { type = "thinking", thinking = "", signature = "" } }
end

function messages.tool_start(random, block)
  return { type = "content_block_start", index = block,
    content_block = { type = "tool_use", id = "toolu_" .. random(1000000000), name = "get_weather", input = {} } }
end

function messages.stop(_, block)
  return { type = "content_block_stop", index = block }
end

local function message_events(random, count)
  local events = { { type = "message_start", message = { id = "msg_1", type = "message", role = "assistant",
    model = "claude-sonnet-4-5-20250929", content = json.array {}, stop_reason = json.null, stop_sequence = json.null,
    usage = { input_tokens = 812, output_tokens = 1 } } } }
  for _, step in ipairs(plan(count)) do events[#events + 1] = messages[step[1]](random, step[2]) end
  events[#events + 1] = { type = "message_delta", delta = { stop_reason = "end_turn", stop_sequence = json.null },
    usage = { output_tokens = count } }
  events[#events + 1] = { type = "message_stop", ["amazon-bedrock-invocationMetrics"] = { inputTokenCount = 812,
    outputTokenCount = count, invocationLatency = 1845, firstByteLatency = 512 } }
  return events
end

local event_order = { "type", "message", "index", "content_block", "delta" }

--- The frames of an InvokeModelWithResponseStream answer of Claude.
---@param count integer events
---@return string[] frames
---@return string[] inner the JSON inside
function workload.messages(count)
  local random, frames, inner = randomizer(count), {}, {}
  for i, event in ipairs(message_events(random, count)) do
    inner[i] = json.encode(json.ordered(event_order, event))
    frames[i] = frame("chunk", padded(random, { "bytes" }, { bytes = base64.encode(inner[i]) }))
  end
  return frames, inner
end

--- The same answer as the Messages APIs stream it: server-sent events.
---@param count integer events
---@return string[] events
---@return string[] inner the JSON inside
function workload.sse(count)
  local lines, inner = {}, {}
  for i, event in ipairs(message_events(randomizer(count), count)) do
    event["amazon-bedrock-invocationMetrics"] = nil
    inner[i] = json.encode(json.ordered(event_order, event))
    lines[i] = ("event: %s\ndata: %s\n\n"):format(event.type, inner[i])
  end
  return lines, inner
end

---- Documents

local function sentence(random, length)
  local parts = {}
  for i = 1, length do parts[i] = words[random(#words)] end
  return table.concat(parts)
end

local function tool(random, i)
  local properties = {}
  for k = 1, 6 do properties["field_" .. k] = { type = "string", description = sentence(random, 8) } end
  return { toolSpec = { name = "tool_" .. i, description = sentence(random, 30), inputSchema = { json = {
    type = "object", properties = properties, required = { "field_1", "field_2" } } } } }
end

local function turn(random, i)
  if i % 2 == 1 then return { role = "user", content = { { text = sentence(random, 60 + random(200)) } } } end
  return { role = "assistant", content = {
    { text = sentence(random, 40 + random(150)) },
    { toolUse = { toolUseId = "tooluse_" .. i, name = "tool_" .. random(20), input = { field_1 = sentence(random, 5),
      count = random(1000), ratio = random(1000) / 8, deep = { list = { 1, 2, 3, random(99) }, flag = true } } } },
  } }
end

--- A long conversation as a Converse request, of about so many bytes as JSON.
---@param bytes integer
---@return table request
function workload.conversation(bytes)
  local random, messages_, tools, size = randomizer(7), {}, {}, 0
  for i = 1, 20 do tools[i] = tool(random, i) end
  while size < bytes do
    messages_[#messages_ + 1] = turn(random, #messages_ + 1)
    size = size + #json.encode(messages_[#messages_])
  end
  return { messages = messages_, toolConfig = { tools = tools }, inferenceConfig = { maxTokens = 1024, temperature = 0.5 },
    system = { { text = sentence(random, 400) } } }
end

--- An answer of an embedding model: numbers of full length.
---@return table
function workload.embedding()
  local random, vector = randomizer(11), {}
  for i = 1, 1536 do vector[i] = (random(2000000) - 1000000) / 1000000 * 0.08773458 end
  return { embedding = vector, inputTextTokenCount = 42 }
end

--- A list of models, as ListFoundationModels answers it.
---@return table
function workload.models()
  local random, list = randomizer(13), {}
  for i = 1, 120 do
    list[i] = { modelId = "provider.model-" .. i .. "-v1:0", providerName = "Provider " .. random(9), modelName = "Model " .. i,
      inputModalities = { "TEXT", "IMAGE" }, outputModalities = { "TEXT" }, responseStreamingSupported = true,
      customizationsSupported = json.array {}, inferenceTypesSupported = { "ON_DEMAND" }, modelLifecycle = { status = "ACTIVE" },
      modelArn = "arn:aws:bedrock:us-east-1::foundation-model/provider.model-" .. i .. "-v1:0" }
  end
  return { modelSummaries = list }
end

--- A small answer of Converse.
---@return table
function workload.answer()
  return { metrics = { latencyMs = 551 }, stopReason = "end_turn",
    output = { message = { role = "assistant", content = { { text = "Hello! How can I help you today?" } } } },
    usage = { inputTokens = 9, outputTokens = 12, totalTokens = 21 } }
end

--- Bytes that no compression makes smaller, with the head of a PDF.
---@param bytes integer
---@return string
function workload.pdf(bytes)
  local random, block = randomizer(17), {}
  for i = 1, 65536 do block[i] = string.char(random(256) - 1) end
  local text = table.concat(block)
  return ("%PDF-1.7\n" .. text:rep(bytes // #text + 1)):sub(1, bytes)
end

return workload
