--- The conversation on a terminal: prompt, answer, and the commands that begin with a slash.

local chat = require "bedrock.cli.chat"
local cost = require "bedrock.cli.cost"
local history = require "bedrock.cli.history"
local models = require "bedrock.models"
local paint = require "bedrock.cli.paint"
local prompt = require "bedrock.cli.prompt"
local session = require "bedrock.cli.session"
local show = require "bedrock.cli.show"
local system = require "bedrock.system"
local terminal = require("bedrock.core").terminal
local version = require "bedrock.version"

local talk = {}

local function model_of(self)
  return self.talk.params.modelId or self.talk.params.model
end

local function say(_, text, colour)
  local screen = show.screen { system = system }
  screen:write(text .. "\n", colour or "dim")
end

-- Commands ---------------------------------------------------------------------------------------------------------------

-- One function a command, by its name; it gets what follows the name, and answers "leave" to end the conversation.
local commands = {}

-- name, what follows, what it does
local listed = {
  { "/help", "", "this list" },
  { "/model", "[ID]", "show the model, or go on with another" },
  { "/system", "[TEXT]", "show the system prompt, or set it" },
  { "/image", "FILE", "an image beside the next question" },
  { "/document", "FILE", "a document beside it" },
  { "/edit", "", "write the question in $EDITOR" },
  { "/undo", "", "take the last question and its answer back" },
  { "/clear", "", "begin anew" },
  { "/save", "[FILE]", "save the conversation" },
  { "/load", "FILE", "go on with a saved one" },
  { "/cost", "", "the tokens used so far" },
  { "/quit", "", "leave (Ctrl-D does, too)" },
}

function commands.help(self)
  for _, row in ipairs(listed) do
    io.write(("  %-18s %s\n"):format(row[1] .. " " .. row[2], self.brush(row[3], "dim")))
  end
  say(self, "\n  Alt-Enter or a backslash at the end: a new line. Ctrl-C: stop the answer.")
end

-- What is not known here may be there all the same, so it goes out as it is.
local function doubt(name)
  if models.get(name) or name:find("[.:/]") and not models.nearest(name) then return "" end
  local meant = models.nearest(name)
  return meant and ("  (not known here; did you mean %s?)"):format(meant) or
    "  (not known here, so it is sent as it is; bedrock models lists ids)"
end

function commands.model(self, rest)
  if rest ~= "" then
    local id, err = models.id(rest, { region = self.client.settings.region })
    if not id then return say(self, err.message, "red") end
    if self.talk.form == "converse" then self.talk.params.modelId = id else self.talk.params.model = id end
  end
  say(self, model_of(self) .. doubt(model_of(self)))
end

local function system_text(params)
  local parts = {}
  for _, block in ipairs(params.system or {}) do parts[#parts + 1] = type(block) == "string" and block or block.text end
  return table.concat(parts, "\n")
end

function commands.system(self, rest)
  if rest ~= "" then self.talk.params.system = { rest } end
  local text = system_text(self.talk.params)
  say(self, text ~= "" and text or "(none)")
end

local function attach(self, kind, path)
  if path == "" then return say(self, "which file?", "red") end
  -- read now, so that a wrong name is told now
  local images, documents = kind == "images" and { path } or {}, kind == "documents" and { path } or {}
  local blocks, err = chat.question("", images, documents)
  if not blocks then return say(self, err.message, "red") end
  table.insert(self[kind], path)
  say(self, path .. " goes with the next question")
end

function commands.image(self, path) return attach(self, "images", path) end
function commands.document(self, path) return attach(self, "documents", path) end
function commands.quit() return "leave" end

function commands.edit(self)
  local path = os.tmpname()
  local editor = system.getenv("VISUAL") or system.getenv("EDITOR") or "vi"
  os.execute(("%s '%s'"):format(editor, path))
  local text = system.read_file(path) or ""
  os.remove(path)
  if text:find("%S") then
    io.write(self.brush(text, "dim"))
    return talk.ask(self, (text:gsub("%s+$", "")))
  end
end

-- A question is a user's message that holds more than results of tools.
local function is_question(message)
  if message.role ~= "user" then return false end
  for _, block in ipairs(message.content) do
    if block.type ~= "tool_result" and not block.toolResult then return true end
  end
  return false
end

function commands.undo(self)
  local messages = {}
  for i, message in ipairs(self.talk.messages) do messages[i] = message end
  repeat
    local last = table.remove(messages)
  until not last or is_question(last)
  self.talk.messages = messages
  say(self, ("%d messages are left"):format(#messages))
end

function commands.clear(self)
  self.talk.messages = {}
  say(self, "a new conversation")
end

function commands.save(self, path)
  path = path ~= "" and path or self.file or os.date("chat-%Y%m%d-%H%M%S.json")
  local ok, why = chat.save(self.talk, path)
  if not ok then return say(self, why, "red") end
  self.file = path
  say(self, "saved as " .. path)
end

function commands.load(self, path)
  local text, why = system.read_file(path)
  if not text then return say(self, why, "red") end
  local loaded, err = self.client:load_chat(text, { tools = self.talk.tools, approve = self.talk.approve })
  if not loaded then return say(self, err.message, "red") end
  self.talk = loaded
  say(self, ("%d messages, %s"):format(#loaded.messages, model_of(self)))
end

function commands.cost(self)
  say(self, cost.line(self.talk.usage, self.price))
  if not self.price then say(self, "--price IN/OUT, dollars for a million tokens, makes it money") end
end

local function run_command(self, text)
  local name, rest = text:match("^(/%S*)%s*(.-)%s*$")
  local command = commands[name:sub(2)]
  if command then return command(self, rest) end
  say(self, name .. " is no command; /help lists them", "red")
end

-- What Tab makes of the beginning of a command.
local function complete(text)
  local found = {}
  for _, row in ipairs(listed) do
    if text ~= "" and row[1]:sub(1, #text) == text then found[#found + 1] = row[1] end
  end
  return found
end

-- Asking -----------------------------------------------------------------------------------------------------------------

local function tell_failure(self, err, running)
  if err.kind == "cancelled" then
    local kept = chat.keep_partial(self.talk, running)
    return say(self, kept and "(stopped; what was said stays in the conversation)" or "(stopped)")
  end
  say(self, session.words(tostring(err)), "red")
end

--- Asks, shows the answer, saves the conversation where that is wanted.
---@param self table
---@param text string
function talk.ask(self, text)
  local question, err = chat.question(text, self.images, self.documents)
  if not question then return say(self, err.message, "red") end
  self.images, self.documents = {}, {}
  local screen = show.screen { system = system, thinking = self.thinking, tools = true, asks = self.talk.approve ~= nil }
  local ok, failed, running = chat.answer(self.talk, question, screen, self.stream)
  if not ok then tell_failure(self, failed, running) end
  if self.autosave then
    local saved, why = chat.save(self.talk, self.autosave)
    if not saved then say(self, why, "red") end
  end
  io.write("\n")
end

-- What does not fit into the line begins another one.
local function greet(self)
  local name, columns = "bedrock " .. version._VERSION, terminal.size(1) or 80
  local rest, used = "", #name
  for _, word in ipairs { model_of(self), self.client.settings.region, "/help" } do
    local fits = used + 3 + #word < columns
    rest, used = rest .. (fits and " · " or "\n") .. word, fits and used + 3 + #word or #word
  end
  io.write(self.brush(name, "bold"), self.brush(rest, "dim"), "\n\n")
end

local function step(self)
  local text, how = self.prompt:ask()
  if how == "end" and not text then return "leave" end
  if how == "interrupt" then return say(self, "Ctrl-D or /quit leaves") end
  if not text or not text:find("%S") then return end
  self.remember(text)
  if text:find("^/%a") then return run_command(self, text) end
  return talk.ask(self, text)
end

--- Runs a conversation until its reader leaves it.
---@param client bedrock.Client
---@param conversation bedrock.Chat
---@param options table of the command line
---@return integer exit code
function talk.run(client, conversation, options)
  local brush = paint.brush(paint.wanted(system, 1))
  local list, remember = history.open(system)
  local self = {
    client = client, talk = conversation, brush = brush, remember = remember, images = options.image,
    documents = options.document, stream = not options.no_stream, thinking = options.think ~= nil, autosave = options.save,
    file = options.save or options.load,
    price = session.price(options),
    prompt = prompt.new {
      text = "> ", indent = "  ", paint = function(text) return brush(text, "green") end, history = list, complete = complete,
      system = system,
    },
  }
  greet(self)
  repeat until step(self) == "leave"
  return 0
end

return talk
