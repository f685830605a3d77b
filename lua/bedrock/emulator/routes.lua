--- Which request is which operation: a row each.

local encoding = require("bedrock.emulator.encoding")
local control = require("bedrock.emulator.control")
local guardrail = require("bedrock.emulator.guardrail")
local runtime = require("bedrock.emulator.runtime")
local sts = require("bedrock.emulator.sts")

local routes = {}

-- operation, method, pattern of the raw path (what is caught is percent-decoded), handler
local rows = {
  { "InvokeModel", "POST", "^/model/(.+)/invoke$", runtime.invoke },
  { "InvokeModelWithResponseStream", "POST", "^/model/(.+)/invoke%-with%-response%-stream$", runtime.invoke_stream },
  { "Converse", "POST", "^/model/(.+)/converse$", runtime.converse },
  { "ConverseStream", "POST", "^/model/(.+)/converse%-stream$", runtime.converse_stream },
  { "CountTokens", "POST", "^/model/(.+)/count%-tokens$", runtime.count_tokens },
  { "ApplyGuardrail", "POST", "^/guardrail/(.+)/version/([^/]+)/apply$", guardrail.apply },
  { "ListFoundationModels", "GET", "^/foundation%-models$", control.list_foundation_models },
  { "GetFoundationModel", "GET", "^/foundation%-models/(.+)$", control.get_foundation_model },
  { "ListInferenceProfiles", "GET", "^/inference%-profiles$", control.list_inference_profiles },
  { "GetInferenceProfile", "GET", "^/inference%-profiles/(.+)$", control.get_inference_profile },
}

--- Finds the operation of a request.
---@param request table method, path, header, body
---@return table? route operation, service, handler, captures, unsigned
function routes.find(request)
  if request.path == "/" or request.path == "" then return sts.route(request) end
  for _, row in ipairs(rows) do
    local captures = row[2] == request.method and { request.path:match(row[3]) } or {}
    if captures[1] then
      for i, text in ipairs(captures) do captures[i] = encoding.unpercent(text) end
      return { operation = row[1], service = "bedrock", handler = row[4], captures = captures }
    end
  end
end

return routes
