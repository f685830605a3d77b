--- What `bedrock map` and `bedrock batch` write for a record: the same members in the same order. Pure.

local json = require "bedrock.json"
local operations = require "bedrock.operations"

local answers = {}

local order = { "line", "key", "id", "text", "value", "error", "stop_reason", "usage", "input", "reply" }

local counters = {
  "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
}

local function usage_of(reply)
  local usage = {}
  for _, name in ipairs(counters) do
    local n = reply.usage and reply.usage[name] or 0
    if n > 0 then usage[name] = n end
  end
  return usage
end

-- Raw bytes of a reply are base64 in the record, as on the wire.
local function plain(reply, form)
  if form == "messages" then return reply end
  return (json.decode(assert(json.encode(reply, { blobs = operations.find("converse").blobs_out }))))
end

--- Adds what was used to a sum.
---@param sum table
---@param usage table
function answers.add_usage(sum, usage)
  for name, n in pairs(usage) do sum[name] = (sum[name] or 0) + n end
end

--- The record of an answer.
---@param known table line, key, id, input: what is known of the question
---@param reply bedrock.Reply
---@param form "messages"|"converse"
---@param options { value: any, full: boolean? } value: of a schema, instead of the text
---@return table
function answers.of(known, reply, form, options)
  return json.ordered(order, {
    line = known.line, key = known.key, id = known.id, text = options.value == nil and reply:text() or nil,
    value = options.value, stop_reason = reply.stop_reason, usage = usage_of(reply), input = known.input,
    reply = options.full and plain(reply, form) or nil,
  })
end

--- The record of a failure.
---@param known table
---@param err bedrock.Error
---@return table
function answers.failure(known, err)
  return json.ordered(order, {
    line = known.line, key = known.key, id = known.id, input = known.input,
    error = json.ordered({ "kind", "code", "message" }, { kind = err.kind, code = err.code, message = err.message }),
  })
end

return answers
