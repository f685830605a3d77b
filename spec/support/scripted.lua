--- A client whose service is a function: it gets the request and answers with a table, or with a status and a table.

local bedrock = require "bedrock"
local pretend = require "spec.support.pretend"

local scripted = {}

--- Makes such a client. `answer(request, number)` gives members, and perhaps a status; nil gives a broken connection.
---@param answer fun(request: table, number: integer): table?, integer?
---@param options table? further options of bedrock.new
---@return bedrock.Client client
---@return table transport with `requests` and `slept`
function scripted.client(answer, options)
  local transport = pretend.transport(function(request, number)
    local members, status = answer(request, number)
    if not members then return nil, pretend.failure() end
    if type(members) == "string" then return { status = status, body = members } end
    return { status = status, body = assert(bedrock.json.encode(members)), headers = members.headers }
  end)
  local all = {
    region = "us-west-2", access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    transport = transport, system = pretend.system { now = 1700000000 }, log = function() end, retry = { max_attempts = 1 },
  }
  for k, v in pairs(options or {}) do all[k] = v end
  return bedrock.new(all), transport
end

--- The answer of a service that refuses.
---@param code string
---@param message string
function scripted.refusal(code, message)
  return { __type = code, message = message }
end

return scripted
