--- The operations of bedrock-runtime that talk to a model.

local encoding = require("bedrock.emulator.encoding")
local converse = require("bedrock.emulator.converse")
local frames = require("bedrock.emulator.frames")
local json = require("bedrock.emulator.json")
local messages = require("bedrock.emulator.messages")
local model = require("bedrock.emulator.model")
local models = require("bedrock.emulator.models")
local refusal = require("bedrock.emulator.refusal")
local usage = require("bedrock.emulator.usage")

local runtime = {}

local MAX_BODY = 20000000
local MALFORMED = "Malformed input request, please reformat your input and try again."
local PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

local function decoded_body(exchange)
  if #exchange.request.body > MAX_BODY then
    refusal.invalid("1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less " ..
      "than or equal to %d", MAX_BODY)
  end
  local body, why = json.decode(exchange.request.body)
  if body == nil then refusal.invalid("%s (%s)", MALFORMED, why) end
  return body
end

-- InvokeModel names its guardrail in headers.
local function guardrail_of(header)
  local id = header["x-amzn-bedrock-guardrailidentifier"]
  return id and { id = id, trace = (header["x-amzn-bedrock-trace"] or "DISABLED") ~= "DISABLED" } or nil
end

-- The way of every call: parse, answer, measure.
local function answer_to(state, format, target, body, text, guardrail)
  if format == messages and not target.anthropic then
    refusal.invalid("On InvokeModel the emulator speaks only the Messages format of Anthropic's models; %s is not one.",
      target.id)
  end
  local prompt = format.parse(body)
  prompt.model = target
  prompt.guardrail = prompt.guardrail or guardrail
  local answer = model.answer(prompt, state)
  answer.id = state:id("msg_bdrk_01")
  answer.first_byte = 80
  answer.latency = answer.first_byte + 20 * answer.output_tokens
  return prompt, answer, usage.measure(state, prompt, text)
end

local function answered(exchange, format)
  local target, header = models.invocable(exchange.params[1]), exchange.request.header
  return answer_to(exchange.state, format, target, decoded_body(exchange), exchange.request.body, guardrail_of(header))
end

--- What a model answers to a record of a batch job; refuses like a call.
---@param state table
---@param kind string "InvokeModel" or "Converse"
---@param target table from models.find
---@param body table
---@param text string the same as it came
---@return table
function runtime.record(state, kind, target, body, text)
  local format = kind == "Converse" and converse or messages
  return format.render(answer_to(state, format, target, body, text))
end

local function stream_answer(parts, headers)
  headers = headers or {}
  table.insert(headers, 1, { "Content-Type", "application/vnd.amazon.eventstream" })
  return { status = 200, headers = headers, parts = parts, stream = true }
end

-- Padding hides how long a token is; its length walks through all values in a fixed order.
local function padding(i)
  return PADDING:sub(1, 4 + i * 37 % 58)
end

--- InvokeModel
function runtime.invoke(exchange)
  local prompt, answer, used = answered(exchange, messages)
  return json.answer(messages.render(prompt, answer, used), {
    { "X-Amzn-Bedrock-Invocation-Latency", tostring(answer.latency) },
    { "X-Amzn-Bedrock-Input-Token-Count", tostring(used.input) },
    { "X-Amzn-Bedrock-Output-Token-Count", tostring(answer.output_tokens) },
    { "X-Amzn-Bedrock-Cache-Read-Input-Token-Count", tostring(used.cache_read) },
    { "X-Amzn-Bedrock-Cache-Write-Input-Token-Count", tostring(used.cache_write) },
  })
end

--- InvokeModelWithResponseStream: every event as JSON in base64.
function runtime.invoke_stream(exchange)
  local prompt, answer, used = answered(exchange, messages)
  local parts = {}
  for i, event in ipairs(messages.events(prompt, answer, used)) do
    local payload = { bytes = encoding.base64(json.encode(event)), p = padding(i) }
    parts[i] = { name = event.type, bytes = frames.event("chunk", json.encode(payload)), last = event.type == "message_stop" }
  end
  return stream_answer(parts, { { "X-Amzn-Bedrock-Content-Type", "application/json" } })
end

--- Converse
function runtime.converse(exchange)
  return json.answer(converse.render(answered(exchange, converse)))
end

--- ConverseStream
function runtime.converse_stream(exchange)
  local parts = {}
  for i, event in ipairs(converse.events(answered(exchange, converse))) do
    event.payload.p = padding(i)
    local last = event.name == "messageStop" or event.name == "metadata"
    parts[i] = { name = event.name, bytes = frames.event(event.name, json.encode(event.payload)), last = last }
  end
  return stream_answer(parts)
end

--- CountTokens
function runtime.count_tokens(exchange)
  local target = models.find(exchange.params[1])
  if target.profile then refusal.invalid("The provided model doesn't support counting tokens.") end
  local input = decoded_body(exchange).input
  if not json.is_object(input) then refusal.invalid("The input field is required.") end
  local text, prompt
  if input.invokeModel then
    text = encoding.unbase64(input.invokeModel.body)
    if not text then refusal.invalid("The value at input.invokeModel.body is not valid base64.") end
    prompt = messages.parse(json.decode(text) or {})
  elseif input.converse then
    prompt = converse.parse(input.converse)
    text = json.encode(input.converse)
  else
    refusal.invalid("The input field must set one of the following keys: invokeModel, converse.")
  end
  prompt.model = target
  return json.answer({ inputTokens = usage.count(prompt, text) })
end

return runtime
