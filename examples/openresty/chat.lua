-- POST /chat { messages = [...], tools = true }: what the model says, as server-sent events.
--
--   text        { text }                a piece of the answer
--   thinking    { text }                a piece of its reasoning
--   tool_call   { id, name, input }     the model uses a tool
--   tool_result { id, result, failed }  what the tool answered
--   failure     { message, kind, hint } why there is no more
--   done        { messages, usage }     the whole conversation, to be sent again with the next question

local bedrock = require "bedrock"
local service = require "service"

local chat = {}

local SYSTEM = "You are a helpful assistant. Answer briefly, in plain words."

local clock = bedrock.tool {
  name = "current_time", description = "Tells the date and the time of day (UTC).",
  run = function() return os.date("!%A, %d %B %Y, %H:%M UTC") end,
}

local dice = bedrock.tool {
  name = "roll_dice", description = "Rolls dice of six sides and gives what each one shows.",
  schema = { type = "object", properties = { count = { type = "integer", minimum = 1, maximum = 20 } } },
  run = function(input)
    local rolled = {}
    for i = 1, math.min(tonumber(input.count) or 2, 20) do rolled[i] = math.random(6) end
    return table.concat(rolled, " and ")
  end,
}

-- What the page is shown of an update, by its type; other updates it needs not know.
local shown = {}

function shown.text(update) return { text = update.text } end

shown.thinking = shown.text

function shown.tool_call(update)
  return { id = update.call.id, name = update.call.name, input = update.call.input }
end

function shown.tool_result(update)
  local value = update.value
  return { id = update.call.id, result = type(value) == "string" and value or bedrock.json.encode(value),
    failed = update.is_error }
end

local function failure(err)
  return { message = err.message or tostring(err), kind = err.kind, hint = err.hint }
end

-- Passes on what comes, until the end or until nobody listens.
local function relay(run)
  while true do
    local update, err = run:update()
    if err then return service.send_event("failure", failure(err)) end
    if not update then break end
    local show = shown[update.type]
    if show and not service.send_event(update.type, show(update)) then return run:close() end
  end
  service.send_event("done", { messages = run.messages, usage = run.usage })
end

--- Answers a question of the page.
function chat.answer()
  local question, why = service.params()
  if not question or type(question.messages) ~= "table" then
    return service.reply(400, { message = why or "messages: a list is needed" })
  end
  service.begin_events()
  relay(service.client.messages:run {
    model = service.model, max_tokens = 2048, system = SYSTEM, messages = question.messages,
    tools = question.tools and { clock, dice } or nil,
  })
end

return chat
