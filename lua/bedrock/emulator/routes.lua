--- Which request is which operation: a row each.

local anthropic = require("bedrock.emulator.anthropic")
local encoding = require("bedrock.emulator.encoding")
local control = require("bedrock.emulator.control")
local echo = require("bedrock.emulator.echo")
local guardrail = require("bedrock.emulator.guardrail")
local guardrails = require("bedrock.emulator.guardrails")
local invocations = require("bedrock.emulator.invocations")
local jobs = require("bedrock.emulator.jobs")
local logging = require("bedrock.emulator.logging")
local runtime = require("bedrock.emulator.runtime")
local s3 = require("bedrock.emulator.s3")
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
  { "PutModelInvocationLoggingConfiguration", "PUT", "^/logging/modelinvocations$", logging.put },
  { "GetModelInvocationLoggingConfiguration", "GET", "^/logging/modelinvocations$", logging.get },
  { "DeleteModelInvocationLoggingConfiguration", "DELETE", "^/logging/modelinvocations$", logging.delete },
  { "CreateGuardrail", "POST", "^/guardrails$", guardrails.create },
  { "ListGuardrails", "GET", "^/guardrails$", guardrails.list },
  { "GetGuardrail", "GET", "^/guardrails/(.+)$", guardrails.get },
  { "UpdateGuardrail", "PUT", "^/guardrails/(.+)$", guardrails.update },
  { "CreateGuardrailVersion", "POST", "^/guardrails/(.+)$", guardrails.create_version },
  { "DeleteGuardrail", "DELETE", "^/guardrails/(.+)$", guardrails.delete },
  { "CreateModelInvocationJob", "POST", "^/model%-invocation%-job$", jobs.create },
  { "StopModelInvocationJob", "POST", "^/model%-invocation%-job/(.+)/stop$", jobs.stop },
  { "GetModelInvocationJob", "GET", "^/model%-invocation%-job/(.+)$", jobs.get },
  { "ListModelInvocationJobs", "GET", "^/model%-invocation%-jobs$", jobs.list },
  { "StartAsyncInvoke", "POST", "^/async%-invoke$", invocations.start },
  { "ListAsyncInvokes", "GET", "^/async%-invoke$", invocations.list },
  { "GetAsyncInvoke", "GET", "^/async%-invoke/(.+)$", invocations.get },
}

--- Finds the operation of a request.
---@param request table method, path, header, body
---@return table? route operation, service, handler, captures, unsigned
function routes.find(request)
  local stored = s3.claims(request) and s3.route(request)
  if stored then return stored end
  if request.path == "/" or request.path == "" then return sts.route(request) end
  for _, row in ipairs(rows) do
    local captures = row[2] == request.method and { request.path:match(row[3]) } or {}
    if captures[1] then
      for i, text in ipairs(captures) do captures[i] = encoding.unpercent(text) end
      return { operation = row[1], service = "bedrock", handler = row[4], captures = captures }
    end
  end
  return anthropic.route(request) or echo.route(request)
end

return routes
