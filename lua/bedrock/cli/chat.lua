--- `bedrock chat`: a conversation on the terminal, or one question and its answer.

local bedrock = require "bedrock"
local pump = require "bedrock.cli.pump"
local session = require "bedrock.cli.session"
local show = require "bedrock.cli.show"
local system = require "bedrock.system"

local chat = { name = "chat", summary = "talk with a model, or ask it one question" }

chat.about = [[
Without a question, on a terminal: a conversation. With a question, or with one on standard input: its answer, on
standard output, as it is written.]]
chat.options = session.with_common {
  session.model_option,
  { "-s --system", "TEXT", "system prompt; @FILE reads it from a file" },
  { "-i --image", "FILE", "an image beside the (first) question; may be repeated", many = true },
  { "-d --document", "FILE", "a document beside the (first) question; may be repeated", many = true },
  { "-t --tool", "FILE.lua", "a Lua file that returns a bedrock.tool, or a list of them; may be repeated", many = true },
  { "--approve", false, "ask before a tool runs" },
  { "--max-tokens", "N", "the longest answer", number = true, default = 4096 },
  { "--temperature", "X", "from 0 to 1", number = true },
  { "--think", "N", "let the model think with up to N tokens, and show it", number = true },
  { "--messages", false, "speak Anthropic's Messages format instead of Converse" },
  { "--no-stream", false, "print the answer when it is complete" },
  { "--json", false, "print the events of the wire instead of text, a line of JSON each" },
  { "--load", "FILE", "go on with a saved conversation" },
  { "--save", "FILE", "save the conversation there after every answer" },
  { "--price", "IN/OUT", "dollars for a million tokens, for /cost; else BEDROCK_PRICE" },
}
chat.arguments = { { "question", "what to ask; - stands for standard input", optional = true, many = true } }
chat.examples = {
  { "bedrock chat", "a conversation; /help tells what can be done in it" },
  { "bedrock chat 'Why is the sky blue?'", "one answer" },
  { "git diff | bedrock chat 'Review this change:' -", "a question with what comes in" },
  { "bedrock chat -i plan.png -d notes.pdf 'Do these two agree?'", "with files" },
  { "bedrock chat -t weather.lua 'Do I need a coat in Oslo?'", "with a tool of your own" },
}
chat.after = [[
In a conversation Ctrl-C stops the answer and Ctrl-D leaves; Alt-Enter, or a backslash at the end of a line,
begins a new line; the arrows bring back what was asked. What was asked is kept in
~/.local/state/bedrock/history; BEDROCK_HISTORY names another file, or is off.]]

-- The request ------------------------------------------------------------------------------------------------------------

-- Tools of the service, which it runs itself, have a type of their own.
local function is_tool(value)
  return type(value) == "table" and (value.run ~= nil or value.type ~= nil and value.type ~= "custom")
end

local function tools_of(path)
  local chunk, why = loadfile(path)
  if not chunk then session.refuse("%s", why) end
  local ok, value = pcall(chunk)
  if not ok then session.refuse("%s", tostring(value)) end
  local list = type(value) == "table" and (value.name and { value } or value) or {}
  if not list[1] then session.refuse("%s returns no tool; it should end with: return bedrock.tool { ... }", path) end
  for i, tool in ipairs(list) do
    if not is_tool(tool) then
      session.refuse("%s: tool %d has no function run; bedrock.tool { name =, parameters =, run = } makes one", path, i)
    end
  end
  return list
end

local function load_tools(paths)
  local list = {}
  for _, path in ipairs(paths) do
    for _, tool in ipairs(tools_of(path)) do list[#list + 1] = tool end
  end
  return #list > 0 and list or nil
end

local function thinking(options)
  local most = session.whole(options, "think", 1)
  return most and { type = "enabled", budget_tokens = most } or nil
end

local forms = {}

function forms.converse(options, model)
  local thought = thinking(options)
  return {
    modelId = model,
    inferenceConfig = { maxTokens = session.whole(options, "max-tokens", 1), temperature = options.temperature },
    additionalModelRequestFields = thought and { thinking = thought } or nil,
  }
end

function forms.messages(options, model)
  return {
    model = model, max_tokens = session.whole(options, "max-tokens", 1), temperature = options.temperature,
    thinking = thinking(options),
  }
end

-- Asks on the terminal whether a tool may run.
local function approval(call)
  local input = bedrock.json.encode(call.input) or "?"
  io.stderr:write(("run %s %s? [y/N] "):format(call.name, input))
  io.stderr:flush()
  local terminal = io.open("/dev/tty")
  local line = terminal and terminal:read("*l") or ""
  if terminal then terminal:close() end
  return line:lower():find("^y") ~= nil, "the user said no"
end

local function request_of(client, options)
  local model = session.model_id(client, options.model)
  local params = forms[options.messages and "messages" or "converse"](options, model)
  if options.system then params.system = { session.text(options.system) } end
  params.tools, params.approve = load_tools(options.tool), options.approve and approval or nil
  return params
end

-- A saved conversation keeps its own model and system prompt, unless others are asked for.
local function resumed(client, options, params)
  local more = { tools = params.tools, approve = params.approve }
  if options.system then more.system = params.system end
  local talk, err = client:load_chat(session.text("@" .. options.load), more)
  if not talk then session.refuse("%s: %s", options.load, err.message) end
  if options.model then
    local id = session.model_id(client, options.model)
    if talk.form == "converse" then talk.params.modelId = id else talk.params.model = id end
  end
  return talk
end

local function conversation(client, options)
  local params = request_of(client, options)
  if options.load then return resumed(client, options, params) end
  return client:chat(params)
end

--- The blocks of a question: its text and the files that go with it.
---@param text string
---@param images string[]
---@param documents string[]
---@return table? content
---@return bedrock.Error? err
function chat.question(text, images, documents)
  local blocks = {}
  for _, path in ipairs(images) do
    local block, err = bedrock.content.image(path)
    if not block then return nil, err end
    blocks[#blocks + 1] = block
  end
  for _, path in ipairs(documents) do
    local block, err = bedrock.content.document(path)
    if not block then return nil, err end
    blocks[#blocks + 1] = block
  end
  blocks[#blocks + 1] = text
  return blocks
end

--- Saves a conversation as a file that only its owner can read.
---@param talk bedrock.Chat
---@param path string
---@return boolean? ok
---@return string? why
function chat.save(talk, path)
  local text, err = talk:save()
  if not text then return nil, err.message end
  return system.write_file(path, text .. "\n")
end

-- Answers ------------------------------------------------------------------------------------------------------------------

-- Hands every piece of a run to a function, until it has ended.
local function follow(running, method, take)
  while true do
    local piece, err = running[method](running)
    if err then return nil, err end
    if piece == nil then return true end
    take(piece)
  end
end

--- What has come of an answer that was stopped becomes part of the conversation: its reader has read it.
---@param talk bedrock.Chat
---@param running bedrock.Run
---@return boolean kept
function chat.keep_partial(talk, running)
  local snapshot = running.stream and running.stream:snapshot()
  local text, messages = snapshot and snapshot:text() or "", {}
  for i, message in ipairs(running.messages or {}) do messages[i] = message end
  for name, value in pairs(running.usage) do
    -- the counters of the answer that was stopped, as far as the service has told them
    local partly = snapshot and snapshot.usage and snapshot.usage[name] or 0
    talk.usage[name] = (talk.usage[name] or 0) + value + partly
  end
  running:close()
  if not text:find("%S") then return false end
  local block = talk.form == "converse" and { text = text } or { type = "text", text = text }
  messages[#messages + 1] = { role = "assistant", content = { block } }
  talk.messages = messages
  return true
end

--- Asks and shows the answer; Ctrl-C stops it.
---@param talk bedrock.Chat
---@param question table
---@param screen bedrock.cli.Screen
---@param stream boolean
---@return boolean? ok
---@return bedrock.Error? err kind "cancelled" after Ctrl-C
---@return bedrock.Run running
function chat.answer(talk, question, screen, stream)
  local running = talk:stream(question, { stream = stream })
  local ok, err = pump.run(function()
    return follow(running, "update", function(update) screen:take(update) end)
  end)
  screen:line()
  return ok, err, running
end

local function print_events(talk, question, stream)
  local operation = talk.form == "converse" and "converse_stream" or "invoke_model_with_response_stream"
  local blobs = talk.form == "converse" and require("bedrock.operations").find(operation).blobs_out or nil
  local running = talk:stream(question, { stream = stream })
  local ok, err = pump.run(function()
    return follow(running, "next", function(event) session.print_json(event, not event.type and blobs or nil) end)
  end)
  if ok and not stream then session.print_json(running.reply) end
  return ok, err
end

local function save_or_fail(talk, path)
  local ok, why = chat.save(talk, path)
  return ok and 0 or session.fail(why)
end

local function once(talk, question, options)
  local ok, err
  if options.json then
    ok, err = print_events(talk, question, not options.no_stream)
  else
    local seen = session.is_seen()
    local screen = show.screen { system = system, thinking = options.think ~= nil and seen, tools = seen }
    ok, err = chat.answer(talk, question, screen, not options.no_stream)
  end
  if not ok then return err.kind == "cancelled" and 130 or session.fail(err) end
  return options.save and save_or_fail(talk, options.save) or 0
end

-- The words of the question, standard input where one of them is -, or where there are none and nobody types.
local function asked(options)
  if #options.question == 0 then return not system.is_terminal(0) and session.text("-") or nil end
  local words = {}
  for i, word in ipairs(options.question) do words[i] = word == "-" and session.text("-") or word end
  return table.concat(words, " ")
end

-- An answer is paid for: whether it can be kept is looked at before.
local function check_place(path)
  local folder = path:match("^(.*)/") or "."
  if not system.stat(folder == "" and "/" or folder) then
    session.refuse("--save %s: there is no folder %s", path, folder)
  end
end

--- Runs the command.
---@param options table
---@return integer exit code
function chat.run(options)
  if options.save then check_place(options.save) end
  session.price(options)
  local text = asked(options)
  if text and not text:find("%S") then session.refuse("there is no question") end
  local client = session.client(options)
  local talk = conversation(client, options)
  if not text then return require("bedrock.cli.talk").run(client, talk, options) end
  local question, err = chat.question(text, options.image, options.document)
  if not question then return session.fail(err) end
  return once(talk, question, options)
end

return chat
