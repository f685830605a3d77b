--- Writes the manual page, docs/command-line.md and the completions, from the rows that the commands are made of.

local arguments = require "bedrock.cli.arguments"
local cli = require "bedrock.cli"
local completion = require "bedrock.cli.completion"
local session = require "bedrock.cli.session"
local version = require "bedrock.version"

local manual = {}

local variables = {
  { "AWS_REGION, AWS_DEFAULT_REGION", "where the models are called" },
  { "AWS_BEARER_TOKEN_BEDROCK", "a Bedrock API key" },
  { "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", "keys" },
  { "AWS_PROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE", "the profile, and where profiles are" },
  { "AWS_ENDPOINT_URL, AWS_CA_BUNDLE, https_proxy", "another address, other roots, a proxy; as for every AWS tool" },
  { "BEDROCK_MODEL", "the model of those who name none" },
  { "BEDROCK_PRICE", "IN/OUT, dollars for a million tokens" },
  { "BEDROCK_HISTORY", "the file that keeps what was asked, or off" },
  { "BEDROCK_BATCH_S3, BEDROCK_BATCH_ROLE", "for bedrock batch" },
  { "NO_COLOR", "when it is set there are no colours" },
}

-- The manual page -----------------------------------------------------------------------------------------------------

-- A backslash and a point at the beginning of a line mean something to roff, and hyphens are to stay hyphens.
local function roff(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("\n%.", "\n\\&."):gsub("^%.", "\\&."):gsub("\n'", "\n\\&'"))
end

local function roff_option(row)
  local names = roff((row[1]:gsub(" ", ", ")))
  local value = row[2] and " \\fI" .. roff(row[2]) .. "\\fR" or ""
  local text = row[3] .. (row.default ~= nil and " (" .. tostring(row.default) .. ")" or "")
  return (".TP\n\\fB%s\\fR%s\n%s"):format(names, value, roff(text))
end

local function roff_block(text)
  return ".PP\n.nf\n" .. roff(text) .. "\n.fi"
end

local function roff_command(command)
  local out = { (".SS \"%s\""):format(roff(arguments.usage(command))), roff((arguments.about(command):gsub("\n", " "))) }
  for _, row in ipairs(command.arguments) do
    out[#out + 1] = (".TP\n\\fI%s\\fR\n%s"):format(roff(arguments.argument_label(row)), roff(row[2]))
  end
  local common = {}
  for _, row in ipairs(session.options) do common[row] = true end
  for _, row in ipairs(command.options) do
    if not common[row] then out[#out + 1] = roff_option(row) end
  end
  if command.after then out[#out + 1] = roff_block(command.after) end
  for _, row in ipairs(command.examples) do
    out[#out + 1] = (".TP\n\\fB%s\\fR\n%s"):format(roff(row[1]), roff(row[2]))
  end
  return table.concat(out, "\n")
end

--- The text of man/bedrock.1.
---@return string
function manual.page()
  local out = {
    (".TH BEDROCK 1 \"\" \"bedrock %s\" \"User Commands\""):format(version._VERSION), ".SH NAME",
    "bedrock \\- the models on Amazon Bedrock, from the command line", ".SH SYNOPSIS", ".B bedrock", "\\fICOMMAND\\fR [options]",
    ".SH DESCRIPTION",
    "Talks with models on Amazon Bedrock, asks them about every line of a file, and tells what is wrong when that fails.",
    "Output that goes to a file or a pipe is plain: no colours, no heads, one record a line.", ".SH COMMANDS",
  }
  for _, command in ipairs(cli.commands()) do out[#out + 1] = roff_command(command) end
  out[#out + 1] = ".SH OPTIONS OF ALL COMMANDS THAT CALL THE SERVICE"
  for _, row in ipairs(session.options) do out[#out + 1] = roff_option(row) end
  out[#out + 1] = ".SH EXIT STATUS"
  for _, row in ipairs(session.codes) do out[#out + 1] = (".TP\n\\fB%d\\fR\n%s"):format(row[1], roff(row[2])) end
  out[#out + 1] = ".SH ENVIRONMENT"
  for _, row in ipairs(variables) do out[#out + 1] = (".TP\n\\fB%s\\fR\n%s"):format(roff(row[1]), roff(row[2])) end
  return table.concat(out, "\n") .. "\n"
end

-- docs/command-line.md --------------------------------------------------------------------------------------------------

local HEAD = [[
# The command line

`bedrock COMMAND [options]`; `bedrock COMMAND --help` says what stands here, and so does `man bedrock`. Output that goes to a
file or a pipe is plain: no colours, no heads, one record a line. This page is made from the commands' own tables by
`make docs`.

]]

--- The text of docs/command-line.md.
---@return string
function manual.markdown()
  local out = { HEAD, "| command | |\n|---|---|\n" }
  for _, command in ipairs(cli.commands()) do
    out[#out + 1] = ("| [`bedrock %s`](#bedrock-%s) | %s |\n"):format(command.name, command.name, command.summary)
  end
  out[#out + 1] = "\n## Exit codes\n\n| code | means |\n|---|---|\n"
  for _, row in ipairs(session.codes) do out[#out + 1] = ("| %d | %s |\n"):format(row[1], row[2]) end
  out[#out + 1] = "\n## Environment\n\n| variable | |\n|---|---|\n"
  for _, row in ipairs(variables) do out[#out + 1] = ("| `%s` | %s |\n"):format(row[1], row[2]) end
  for _, command in ipairs(cli.commands()) do
    out[#out + 1] = ("\n## bedrock %s\n\n```text\n%s\n```\n"):format(command.name, arguments.help(command))
  end
  return table.concat(out)
end

--- The completions, by the names of their files.
---@return table<string, string>
function manual.completions()
  return {
    ["completions/bedrock.bash"] = completion.text("bash"), ["completions/_bedrock"] = completion.text("zsh"),
    ["completions/bedrock.fish"] = completion.text("fish"),
  }
end

return manual
