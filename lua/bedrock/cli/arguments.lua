--- Arguments of a command: rows that say what there is, from which the parser, the help, the completions and the manual are made.
--
--   options   { "-m --model", "ID", "the model to ask", many =, number =, choices =, default = }   false instead of "ID": a flag
--   arguments { "question", "what to ask", optional =, many = }
--   examples  { "bedrock chat 'Hello'", "ask one question" }
--
-- Parsing itself is lua-argparse's.

local arguments = {}

---@class bedrock.cli.Command
---@field name string
---@field summary string one line, for the list of commands
---@field about string? more, above the options
---@field options table[]
---@field arguments table[]
---@field examples table[]
---@field after string? text below the options
---@field run fun(options: table): integer

-- "-m --model" -> "model"
local function target_of(names)
  local long = names:match("%-%-([%w-]+)") or names:match("%-(%w)")
  return (long:gsub("-", "_"))
end

local function argparse()
  local ok, library = pcall(require, "argparse")
  if ok then return library end
  error("the command line needs lua-argparse: apt-get install lua-argparse, or luarocks install argparse", 0)
end

local function to_number(names)
  return function(text)
    local number = tonumber(text)
    if number then return number end
    return nil, ("%s wants a number, not %s"):format(names:match("%S+$"), text)
  end
end

local function describe(row, text)
  return row.default ~= nil and ("%s (%s)"):format(text, tostring(row.default)) or text
end

local function add_option(parser, row)
  local names, value, text = row[1], row[2], row[3]
  local option = value and parser:option(names) or parser:flag(names)
  option:target(target_of(names)):description(describe(row, text))
  if not value then return end
  option:argname(value)
  if row.many then option:count("*") end
  if row.number then option:convert(to_number(names)) end
  if row.choices then option:choices(row.choices) end
end

local function add_argument(parser, row)
  local argument = parser:argument(row[1]):description(row[2])
  if row.choices then argument:choices(row.choices) end
  if row.many then argument:args(row.optional and "*" or "+") elseif row.optional then argument:args("?") end
end

local function fill(parser, command)
  for _, row in ipairs(command.arguments or {}) do add_argument(parser, row) end
  for _, row in ipairs(command.options or {}) do add_option(parser, row) end
  return parser
end

-- Help ----------------------------------------------------------------------------------------------------------------

local WIDTH, MARGIN = 92, 26

--- Text in lines of a width, all but the first after so many blanks.
---@param text string
---@param margin integer
---@param width integer? 92 when absent
---@return string
function arguments.wrapped(text, margin, width)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if line ~= "" and margin + #line + 1 + #word > (width or WIDTH) then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n" .. (" "):rep(margin))
end

local wrapped = arguments.wrapped

local function row_of_help(label, text)
  local gap = #label < MARGIN - 2 and (" "):rep(MARGIN - 2 - #label) or "\n" .. (" "):rep(MARGIN)
  return "  " .. label .. gap .. wrapped(text, MARGIN)
end

--- How an argument is written in the usage: QUESTION, [TEXT], WORDS...
---@param row table
---@return string
function arguments.argument_label(row)
  local label = row.label or row[1]:upper()
  if row.many then label = label .. "..." end
  return row.optional and "[" .. label .. "]" or label
end

--- How an option is written in the help: `-m, --model ID`.
---@param row table
---@return string
function arguments.option_label(row)
  local names = row[1]:gsub(" ", ", ")
  return row[2] and names .. " " .. row[2] or names
end

--- The first line of the help.
---@param command bedrock.cli.Command
---@return string
function arguments.usage(command)
  local words = { "bedrock", command.name }
  if #command.options > 0 then words[#words + 1] = "[options]" end
  for _, row in ipairs(command.arguments) do words[#words + 1] = arguments.argument_label(row) end
  return table.concat(words, " ")
end

--- What a command does, in a sentence or more.
---@param command bedrock.cli.Command
---@return string
function arguments.about(command)
  return command.about or command.summary:gsub("^%l", string.upper) .. "."
end

local function option_help(row)
  local text = describe(row, row[3])
  if row.choices then text = text .. ": " .. table.concat(row.choices, ", ") end
  return row_of_help((row[1]:find("^%-%-") and "    " or "") .. arguments.option_label(row), text)
end

--- The help of a command.
---@param command bedrock.cli.Command
---@return string
function arguments.help(command)
  local lines = { "usage: " .. arguments.usage(command), "", wrapped(arguments.about(command), 0) }
  local function add(title, rows, make)
    if #rows == 0 then return end
    lines[#lines + 1] = "\n" .. title .. ":"
    for _, row in ipairs(rows) do lines[#lines + 1] = make(row) end
  end
  add("arguments", command.arguments, function(row) return row_of_help(arguments.argument_label(row), row[2]) end)
  add("options", command.options, option_help)
  if command.after then lines[#lines + 1] = "\n" .. command.after end
  add("examples", command.examples, function(row) return ("  %s\n      %s"):format(row[1], row[2]) end)
  return table.concat(lines, "\n")
end

-- Parsing -------------------------------------------------------------------------------------------------------------

local function parser_of(command)
  return fill(argparse()("bedrock " .. command.name, arguments.about(command)), command)
end

--- One parser for all commands, from which completions are made.
---@param commands bedrock.cli.Command[]
---@return table parser
function arguments.tree(commands)
  local tree = argparse()("bedrock", "The models on Amazon Bedrock.")
  tree:flag("--version"):description("Print the version.")
  for _, command in ipairs(commands) do fill(tree:command(command.name):description(command.summary), command) end
  return tree
end

-- What is missing is empty, so that commands need not ask twice.
local function complete(command, result)
  for _, row in ipairs(command.options or {}) do
    local name = target_of(row[1])
    if result[name] == nil then result[name] = row.default end
    if row.many then result[name] = result[name] or {} end
  end
  for _, row in ipairs(command.arguments or {}) do
    if row.many then result[row[1]] = result[row[1]] or {} end
  end
  return result
end

--- Reads the words of a command line.
---@param command bedrock.cli.Command
---@param words string[]
---@return table? options by name, "-" as "_"; nil when the help was asked for
---@return string? text the help, or what is wrong with the words
---@return boolean? wrong
function arguments.parse(command, words)
  for _, word in ipairs(words) do
    if word == "--" then break end
    if word == "--help" or word == "-h" then return nil, arguments.help(command) end
  end
  local ok, result = parser_of(command):pparse(words)
  if ok then return complete(command, result) end
  return nil, result, true
end

arguments.target_of = target_of

return arguments
