--- What the emulated model says: always the same answer to the same prompt.
--
-- It works on a neutral prompt and gives a neutral answer; messages.lua and converse.lua translate both ways.
--
--   prompt  turns { role, blocks { kind = "text"|"tool_use"|"tool_result"|"document"|... } }, tools, choice, stops, max_tokens,
--           thinking, schema
--   answer  blocks { kind = "text"|"thinking"|"redacted"|"tool_use" }, each with its pieces; stop_reason, stop_sequence, output_tokens
--
-- Lines of the last user message that begin with @ steer it, for tests that need a certain answer: see model.directives.

local guardrail = require("bedrock.emulator.guardrail")
local json = require("bedrock.emulator.json")
local schema = require("bedrock.emulator.schema")
local tokens = require("bedrock.emulator.tokens")

local model = {}

-- ---- reading the prompt ----

local function last_turn(prompt)
  return prompt.turns[#prompt.turns] or { role = "user", blocks = {} }
end

local function texts(turn, kind)
  local out = {}
  for _, block in ipairs(turn.blocks) do
    if block.kind == kind then out[#out + 1] = block.text end
  end
  return table.concat(out, "\n")
end

-- What the user last said in words, even when tool results came after it.
local function last_words(prompt)
  for i = #prompt.turns, 1, -1 do
    local turn = prompt.turns[i]
    local text = turn.role == "user" and texts(turn, "text") or ""
    if text ~= "" then return text end
  end
  return ""
end

local function unescape(text)
  return (text:gsub("\\n", "\n"))
end

local function add_named(list, rest, member)
  local name, text = rest:match("^(%S+)%s*(.*)$")
  if name then list[#list + 1] = { name = name, [member] = json.decode(text) or {} } end
end

-- name, what follows it, what it does, act
model.directives = {
  { "say", "TEXT", "answer TEXT; \\n is a new line", function(plan, rest) plan.say = unescape(rest) end },
  { "words", "N", "answer N words", function(plan, rest) plan.words = tonumber(rest) end },
  { "think", "TEXT", "think TEXT first", function(plan, rest) plan.think = unescape(rest) end },
  { "redacted", "", "think, but hidden", function(plan) plan.redacted = true end },
  { "stop", "REASON", "stop for this reason", function(plan, rest) plan.stop = rest end },
  { "call", "NAME JSON", "use a tool with this input", function(plan, rest) add_named(plan.calls, rest, "input") end },
  { "event", "NAME JSON", "put an event into a stream, after its first delta",
    function(plan, rest) add_named(plan.events, rest, "payload") end },
}

local directives = {}
for _, row in ipairs(model.directives) do directives[row[1]] = row[4] end

-- Separates directives from words.
local function plan_of(text)
  local plan, said = { calls = {}, events = {} }, {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    local name, rest = line:match("^@(%a+)%s*(.-)%s*$")
    if name and directives[name] then
      directives[name](plan, rest)
    else
      said[#said + 1] = line
    end
  end
  plan.text = table.concat(said, "\n"):gsub("^%s+", ""):gsub("%s+$", "")
  return plan
end

-- ---- tools ----

local function mentioned(tool, text)
  text = text:lower()
  if text:find(tool.name:lower(), 1, true) then return true end
  for word in tool.name:lower():gmatch("%a+") do
    if #word > 3 and text:find(word, 1, true) then return true end
  end
  return false
end

local function tool_named(tools, name)
  for _, tool in ipairs(tools) do
    if tool.name == name then return tool end
  end
end

-- The tools to use: the one that is demanded, else those the user speaks of, else the first.
local function chosen_tools(prompt, plan)
  local choice = prompt.choice.type
  if #prompt.tools == 0 or choice == "none" then return {} end
  if choice == "tool" then return { tool_named(prompt.tools, prompt.choice.name) } end
  if choice == "auto" and (plan.say or plan.words or texts(last_turn(prompt), "tool_result") ~= "") then return {} end
  local found = {}
  for _, tool in ipairs(prompt.tools) do
    if mentioned(tool, plan.text) then found[#found + 1] = tool end
  end
  if #found > 1 and prompt.choice.single then return { found[1] } end
  return #found > 0 and found or { prompt.tools[1] }
end

local function tool_calls(prompt, plan)
  local calls = {}
  for _, call in ipairs(plan.calls) do calls[#calls + 1] = call end
  if #calls > 0 and texts(last_turn(prompt), "tool_result") == "" then return calls end
  if #plan.calls > 0 then return {} end
  for _, tool in ipairs(chosen_tools(prompt, plan)) do
    calls[#calls + 1] = { name = tool.name, input = schema.value(tool.schema or {}, plan.text) }
  end
  return calls
end

-- ---- words ----

local function many_words(n)
  local out = {}
  for i = 1, n do out[i] = "word" .. i end
  return table.concat(out, " ")
end

local function shortened(text, length)
  if (utf8.len(text) or 0) <= length then return text end
  return text:sub(1, utf8.offset(text, length + 1) - 1) .. "..."
end

local function of_images(prompt)
  local n = 0
  for _, block in ipairs(last_turn(prompt).blocks) do
    if block.kind == "image" then n = n + 1 end
  end
  return n > 0 and (" I was given %d image%s."):format(n, n > 1 and "s" or "") or ""
end

local function plain_words(prompt, plan)
  local results = texts(last_turn(prompt), "tool_result")
  if results ~= "" then return "The tool answered: " .. results end
  if plan.text:lower():find("^h[ea]llo%f[%W]") or plan.text:lower():find("^hi%f[%W]") then
    return "Hello! I am a local emulator of Amazon Bedrock. How can I help you today?" .. of_images(prompt)
  end
  return ('You wrote: "%s". I am a local emulator, so no model has thought about it.'):format(shortened(plan.text, 300)) ..
    of_images(prompt)
end

-- The documents of the conversation that may be cited, numbered as the service does.
local function citable(prompt)
  local list = {}
  for _, turn in ipairs(prompt.turns) do
    for _, block in ipairs(turn.blocks) do
      if block.kind == "document" and block.citations then list[#list + 1] = block end
    end
  end
  return list
end

local function citation_blocks(prompt)
  local blocks = {}
  for _, document in ipairs(citable(prompt)) do
    blocks[#blocks + 1] = { kind = "text", text = #blocks == 0 and "The document says: " or " Another one says: " }
    blocks[#blocks + 1] = { kind = "text", text = document.quote, citations = { document } }
  end
  return blocks
end

local function text_blocks(prompt, plan)
  if plan.say then return { { kind = "text", text = plan.say } } end
  if plan.words then return { { kind = "text", text = many_words(plan.words) } } end
  if prompt.schema then return { { kind = "text", text = json.encode(schema.value(prompt.schema, plan.text)) } } end
  local cited = citation_blocks(prompt)
  return #cited > 0 and cited or { { kind = "text", text = plain_words(prompt, plan) } }
end

local function thinking_block(prompt, plan, state)
  if plan.redacted then return { kind = "redacted", data = state:id("redacted"), text = "" } end
  if not (plan.think or prompt.thinking) then return nil end
  local hidden = prompt.thinking and prompt.thinking.display == "omitted"
  local text = hidden and "" or plan.think or ("The user wrote: " .. shortened(plan.text, 80) .. " I will answer that.")
  return { kind = "thinking", text = text, signature = state:id("Emulator") .. "==" }
end

-- ---- limits ----

local function cut_at_stop(answer, prompt)
  for i, block in ipairs(answer.blocks) do
    local first, which
    for _, stop in ipairs(block.kind == "text" and prompt.stops or {}) do
      local at = block.text:find(stop, 1, true)
      if at and (not first or at < first) then first, which = at, stop end
    end
    if first then
      block.text = block.text:sub(1, first - 1)
      for j = #answer.blocks, i + 1, -1 do answer.blocks[j] = nil end
      answer.stop_reason, answer.stop_sequence = "stop_sequence", which
      return
    end
  end
end

local function say_in_pieces(answer, limit)
  local left = limit
  for i, block in ipairs(answer.blocks) do
    local all = tokens.pieces(block.kind == "tool_use" and json.encode(block.input) or block.text)
    block.pieces = table.move(all, 1, math.min(#all, left), 1, {})
    block.whole = #block.pieces == #all
    left = left - #block.pieces
    if not block.whole then
      for j = #answer.blocks, i + 1, -1 do answer.blocks[j] = nil end
      answer.stop_reason, answer.stop_sequence = "max_tokens", nil
      break
    end
  end
  for _, block in ipairs(answer.blocks) do
    if block.kind ~= "tool_use" then block.text = table.concat(block.pieces) end
  end
  answer.output_tokens = math.max(1, limit - left)
end

local function append(list, more)
  for _, item in ipairs(more) do list[#list + 1] = item end
end

local function blocked(found)
  local answer = { blocks = { { kind = "text", text = guardrail.BLOCKED } }, events = {}, assessment = found,
    stop_reason = "end_turn" }
  say_in_pieces(answer, 4096)
  return answer
end

--- Answers a prompt.
---@param prompt table
---@param state table for ids
---@return table answer
function model.answer(prompt, state)
  local words = last_words(prompt)
  local found = prompt.guardrail and guardrail.assess(words)
  if found then return blocked(found) end
  local plan = plan_of(words)
  local calls = tool_calls(prompt, plan)
  local answer = { blocks = {}, stop_reason = "end_turn", events = plan.events }
  answer.blocks[1] = thinking_block(prompt, plan, state)
  if #calls == 0 or plan.say then append(answer.blocks, text_blocks(prompt, plan)) end
  for _, call in ipairs(calls) do
    append(answer.blocks, { { kind = "tool_use", id = state:id(prompt.tool_prefix), name = call.name, input = call.input } })
    answer.stop_reason = "tool_use"
  end
  cut_at_stop(answer, prompt)
  say_in_pieces(answer, math.floor(prompt.max_tokens or 4096))
  answer.stop_reason = plan.stop or answer.stop_reason
  return answer
end

return model
