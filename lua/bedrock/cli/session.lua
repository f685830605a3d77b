--- What the commands share: their common options, a client made of them, how a failure is told, and what it exits with.

local errors = require "bedrock.errors"
local json = require "bedrock.json"
local models = require "bedrock.models"
local paint = require "bedrock.cli.paint"
local system = require "bedrock.system"
local terminal = require("bedrock.core").terminal

local session = {}

--- The model of those who name none.
session.model = "claude-sonnet-4.5"

--- Options of every command that calls the service.
session.options = {
  { "--region", "NAME", "AWS region; else AWS_REGION, the profile, us-east-1" },
  { "--profile", "NAME", "profile of the shared AWS files; else AWS_PROFILE" },
  { "--endpoint", "URL", "call this address instead of AWS" },
  { "--timeout", "SECONDS", "give a call up after this long, with all of its attempts", number = true },
  { "--retries", "N", "attempts for one call", number = true },
  { "--verbose", false, "tell of every request and retry on standard error" },
}

--- The option of commands that ask a model.
session.model_option = { "-m --model", "ID", "model: an id, an ARN, or a name such as " .. session.model ..
  "; else BEDROCK_MODEL, else " .. session.model }

--- A list of rows: a command's own, then those that all have.
---@param own table[]
---@return table[]
function session.with_common(own)
  local all = {}
  for _, list in ipairs { own, session.options } do
    for _, row in ipairs(list) do all[#all + 1] = row end
  end
  return all
end

-- Failures ------------------------------------------------------------------------------------------------------------

--- Exit codes, and the kinds of error that end in them. Whatever is not named here is 1.
session.codes = {
  { 0, "done", {} },
  { 1, "the service refused, the model failed, or some records of a map did", {} },
  { 2, "wrong use of the command", {} },
  { 3, "no way in: no credentials, no access, or a setting is wrong", { "credentials", "access_denied", "config" } },
  { 4, "too much for now: throttled, or a quota is used up", { "throttled", "quota" } },
  { 5, "the network: no connection, no trust, no answer in time, or an answer that broke off",
    { "network", "tls", "timeout", "stream" } },
  { 130, "stopped by Ctrl-C", { "cancelled" } },
}

local by_kind = {}
for _, row in ipairs(session.codes) do
  for _, kind in ipairs(row[3]) do by_kind[kind] = row[1] end
end

--- What a command exits with after a failure.
---@param err bedrock.Error
---@return integer
function session.exit_code(err)
  return by_kind[err.kind] or 1
end

--- Says something on standard error.
---@param text string
---@param colour string?
function session.say(text, colour)
  local brush = paint.brush(colour ~= nil and paint.wanted(system, 2))
  io.stderr:write(brush("bedrock: " .. text, colour), "\n")
end

-- Errors speak to programs in Lua; what they advise has other names here.
local in_shell = {
  { '; bedrock%.models%.id%b() makes one, client:models%(%) lists them', "; bedrock models lists them" },
  { ' bedrock%.models%.id%b() makes its id', " (-m takes the name)" },
  { "client:models%(%)", "bedrock models" },
  { "client:identity%(%)", "bedrock whoami" },
  { "timeouts%.[%l_]+ says how long ([%l ]+), for the client or for one call", "--timeout says how long %1" },
  { "a larger timeouts%.first_byte, for the client or for one call", "a larger --timeout" },
  { "%. preflight = { [%l_]+ = false } lets it pass", "" },
  { 'retry = { mode = "adaptive" } slows the client down', "AWS_RETRY_MODE=adaptive slows down" },
  { 'wait, or let retry = { mode = "adaptive" } slow the client down', "wait, or set AWS_RETRY_MODE=adaptive" },
}

--- What an error says, in the words of the command line.
---@param text string
---@return string
function session.words(text)
  for _, row in ipairs(in_shell) do text = text:gsub(row[1], row[2]) end
  return text
end

--- Tells of a failure and gives the exit code that it means.
---@param err bedrock.Error|string
---@return integer
function session.fail(err)
  session.say(session.words(tostring(err)), "red")
  return errors.is(err) and session.exit_code(err) or 1
end

local Refusal = { __tostring = function(self) return self.refusal end }

--- Ends the command with a message for the user: what he wrote cannot be done.
---@param text string
---@param ... any for string.format
function session.refuse(text, ...)
  error(setmetatable({ refusal = text:format(...) }, Refusal), 0)
end

--- A number of the command line that has to be a whole one.
---@param options table
---@param name string of the option, without its dashes
---@param least integer
---@return integer? number nil when the option was not given
function session.whole(options, name, least)
  local value = options[(name:gsub("-", "_"))]
  if value and (value < least or value % 1 ~= 0 or value > 2 ^ 53) then
    session.refuse("--%s wants a whole number from %d, not %.14g", name, least, value)
  end
  return value and math.floor(value)
end

-- The client ----------------------------------------------------------------------------------------------------------

local rank = { debug = 1, info = 2, warn = 3, error = 4 }

-- Only what has a name and a value on one line; the rest is for programs.
local function told(fields)
  local parts = {}
  for name, value in pairs(fields or {}) do
    if type(value) == "string" or type(value) == "number" then
      parts[#parts + 1] = ("%s=%s"):format(name, type(value) == "number" and ("%.14g"):format(value) or value)
    end
  end
  table.sort(parts)
  return #parts > 0 and "  " .. table.concat(parts, "  ") or ""
end

local function attempt_of(fields)
  local attempt = fields and fields.attempt
  return type(attempt) == "table" and attempt or fields
end

local function logger(least)
  return function(level, message, fields)
    if rank[level] < least then return end
    session.say(message .. told(attempt_of(fields)), level == "debug" and "dim" or "yellow")
  end
end

--- A client as the options say.
---@param options table of a command line
---@param more table? further options of bedrock.new
---@return bedrock.Client
function session.client(options, more)
  if options.timeout and options.timeout <= 0 then
    session.refuse("--timeout wants seconds, more than 0, not %.14g", options.timeout)
  end
  local attempts = session.whole(options, "retries", 1)
  local all = {
    region = options.region, profile = options.profile, endpoint = options.endpoint,
    log = more and more.log or logger(options.verbose and rank.debug or rank.warn),
    timeouts = options.timeout and { total = options.timeout, first_byte = options.timeout } or nil,
    retry = attempts and { max_attempts = attempts } or nil,
  }
  for name, value in pairs(more or {}) do
    if all[name] == nil then all[name] = value end
  end
  return require("bedrock").new(all)
end

--- The id of the model that is meant.
---@param client bedrock.Client
---@param name string? from the command line
---@return string
function session.model_id(client, name)
  name = name or system.getenv("BEDROCK_MODEL") or session.model
  return assert(models.id(name, { region = client.settings.region }))
end

-- Input and output ------------------------------------------------------------------------------------------------------

--- The price of --price or BEDROCK_PRICE.
---@param options table
---@return { input: number, output: number }? price nil when there is none
function session.price(options)
  local text = options.price or system.getenv("BEDROCK_PRICE")
  if not text or text == "" then return nil end
  return require("bedrock.cli.cost").price(text) or
    session.refuse("%s wants two numbers such as 3/15, not %s", options.price and "--price" or "BEDROCK_PRICE", text)
end

--- Says that standard input is read, to somebody who might wait for something else.
function session.tell_input()
  if system.is_terminal(0) then session.say("reading from the terminal; Ctrl-D ends it", "dim") end
end

--- The text that an argument stands for: itself, `@FILE` the content of a file, `-` standard input.
---@param word string
---@return string
function session.text(word)
  if word == "-" then
    session.tell_input()
    return (io.stdin:read("*a")) or ""
  end
  if word:sub(1, 1) ~= "@" then return word end
  local content, why = system.read_file(word:sub(2))
  return content or session.refuse("cannot read %s", why)
end

--- The JSON that an argument stands for, as a table.
---@param word string
---@param blobs table? where raw bytes stand as base64
---@param what string for the message
---@return table
function session.json(word, blobs, what)
  local text = session.text(word)
  if not text:find("%S") then session.refuse("%s is empty; it should be a JSON object", what) end
  local value, err = json.decode(text, { blobs = blobs })
  if err then session.refuse("%s is not JSON: %s", what, err.message) end
  if type(value) ~= "table" or #value > 0 then session.refuse("%s is JSON, but no object: it begins with {", what) end
  return value
end

--- Writes a value as a line of JSON.
---@param value any
---@param blobs table?
function session.print_json(value, blobs)
  local text, err = json.encode(value, { blobs = blobs })
  if not text then session.refuse("the answer cannot be written as JSON: %s", err.message) end
  io.write(text, "\n")
  io.flush()
end

--- Whether standard output is looked at by a person.
---@return boolean
function session.is_seen()
  return system.is_terminal(1)
end

local function widths(head, rows)
  local wide = {}
  local function look(row)
    for i, cell in ipairs(row) do wide[i] = math.max(wide[i] or 0, #tostring(cell)) end
  end
  look(head)
  for _, row in ipairs(rows) do look(row) end
  return wide
end

-- How many columns fit into the terminal; the first always does.
local function fitting(wide, room)
  local used = 0
  for i, width in ipairs(wide) do
    used = used + width + (i > 1 and 2 or 0)
    if used > room and i > 1 then return i - 1 end
  end
  return #wide
end

--- Writes rows: in columns for a person, those that fit; with tabs and without a head for a program, all of them.
---@param head string[]
---@param rows table[]
function session.print_table(head, rows)
  if not session.is_seen() then
    for _, row in ipairs(rows) do io.write(table.concat(row, "\t"), "\n") end
    return
  end
  local wide, brush = widths(head, rows), paint.brush(paint.wanted(system, 1))
  local shown = fitting(wide, terminal.size(1) or 80)
  local function line(row, colour)
    local cells = {}
    for i = 1, shown do cells[i] = i < shown and row[i] .. (" "):rep(wide[i] - #tostring(row[i])) or row[i] end
    local text = table.concat(cells, "  ")
    io.write(colour and brush(text, colour) or text, "\n")
  end
  line(head, "bold")
  for _, row in ipairs(rows) do line(row) end
end

return session
