--- `bedrock token`: a short-term API key from the credentials that are there, made without asking any server.

local session = require "bedrock.cli.session"
local system = require "bedrock.system"
local token = require "bedrock.token"

local command = { name = "token", summary = "make a short-term Bedrock API key from your AWS credentials" }

command.about = [[
Makes a Bedrock API key from the AWS credentials that are found here. It works in one region, for twelve hours at
most, and no longer than the credentials do. Nothing is sent anywhere. Whoever has the key can use it: treat it as a
password.]]
command.options = session.with_common {
  { "--life", "TIME", "how long it is to work: 90s, 30m, 12h", default = "12h" },
  { "--export", false, "print a line for the shell: export AWS_BEARER_TOKEN_BEDROCK=..." },
}
command.arguments = {}
command.examples = {
  { "bedrock token --life 1h", "a key for an hour" },
  { "eval \"$(bedrock token --export)\"", "for this shell and what it starts" },
}

local units = { s = 1, m = 60, h = 3600, [""] = 1 }

local function seconds(text)
  local number, unit = text:match("^(%d+)([smh]?)$")
  local life = number and tonumber(number) * units[unit]
  if not life or life < 1 or life > token.MAX_LIFE then
    session.refuse("--life is a time of at most 12h, such as 90s, 30m or 12h, not %s", text)
  end
  return life
end

local function tell_end(ends)
  session.say("works until " .. os.date("%Y-%m-%d %H:%M:%S", math.floor(ends)))
end

--- Runs the command.
---@param options table
---@return integer exit code
function command.run(options)
  -- an API key of the environment plays no part: a new one is made from AWS credentials
  local key, ends = token.make { client = session.client(options), expires = seconds(options.life) }
  if not key then return session.fail(ends) end
  io.write(options.export and "export AWS_BEARER_TOKEN_BEDROCK=" or "", key, "\n")
  if system.is_terminal(2) then tell_end(ends) end
  return 0
end

return command
