--- The operations that nothing here plays: each answers with how its request was understood.
--
-- That is what a program can be tested against without the service: did the members arrive, and where.

local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local refusal = require("bedrock.emulator.refusal")

local echo = {}

-- Paths that many others begin with.
local beginnings = {
  policy = "/automated-reasoning-policies/{policyArn}",
  build = "/automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}",
}

-- operation, method, path, status of success (200 unless said)
local table_of_operations = [[
  BatchDeleteAdvancedPromptOptimizationJob POST /advanced-prompt-optimization-job/batch-delete 202
  BatchDeleteEvaluationJob POST /evaluation-jobs/batch-delete 202
  CancelAutomatedReasoningPolicyBuildWorkflow POST $build/cancel 202
  CreateAdvancedPromptOptimizationJob POST /advanced-prompt-optimization-jobs
  CreateAutomatedReasoningPolicy POST /automated-reasoning-policies
  CreateAutomatedReasoningPolicyTestCase POST $policy/test-cases
  CreateAutomatedReasoningPolicyVersion POST $policy/versions
  CreateCustomModel POST /custom-models/create-custom-model 202
  CreateCustomModelDeployment POST /model-customization/custom-model-deployments 202
  CreateEvaluationJob POST /evaluation-jobs 202
  CreateFoundationModelAgreement POST /create-foundation-model-agreement 202
  CreateInferenceProfile POST /inference-profiles 201
  CreateMarketplaceModelEndpoint POST /marketplace-model/endpoints
  CreateModelCopyJob POST /model-copy-jobs 201
  CreateModelCustomizationJob POST /model-customization-jobs 201
  CreateModelImportJob POST /model-import-jobs 201
  CreatePromptRouter POST /prompt-routers
  CreateProvisionedModelThroughput POST /provisioned-model-throughput 201
  DeleteAutomatedReasoningPolicy DELETE $policy 202
  DeleteAutomatedReasoningPolicyBuildWorkflow DELETE $build 202
  DeleteAutomatedReasoningPolicyTestCase DELETE $policy/test-cases/{testCaseId} 202
  DeleteCustomModel DELETE /custom-models/{modelIdentifier}
  DeleteCustomModelDeployment DELETE /model-customization/custom-model-deployments/{customModelDeploymentIdentifier}
  DeleteEnforcedGuardrailConfiguration DELETE /enforcedGuardrailsConfiguration/{configId}
  DeleteFoundationModelAgreement POST /delete-foundation-model-agreement 202
  DeleteImportedModel DELETE /imported-models/{modelIdentifier}
  DeleteInferenceProfile DELETE /inference-profiles/{inferenceProfileIdentifier}
  DeleteMarketplaceModelEndpoint DELETE /marketplace-model/endpoints/{endpointArn}
  DeletePromptRouter DELETE /prompt-routers/{promptRouterArn}
  DeleteProvisionedModelThroughput DELETE /provisioned-model-throughput/{provisionedModelId}
  DeleteResourcePolicy DELETE /resource-policy/{resourceArn}
  DeregisterMarketplaceModelEndpoint DELETE /marketplace-model/endpoints/{endpointArn}/registration
  ExportAutomatedReasoningPolicyVersion GET $policy/export
  GetAccountDataRetention GET /data-retention
  GetAdvancedPromptOptimizationJob GET /advanced-prompt-optimization-jobs/{jobIdentifier}
  GetAutomatedReasoningPolicy GET $policy
  GetAutomatedReasoningPolicyAnnotations GET $build/annotations
  GetAutomatedReasoningPolicyBuildWorkflow GET $build
  GetAutomatedReasoningPolicyBuildWorkflowResultAssets GET $build/result-assets
  GetAutomatedReasoningPolicyNextScenario GET $build/scenarios
  GetAutomatedReasoningPolicyTestCase GET $policy/test-cases/{testCaseId}
  GetAutomatedReasoningPolicyTestResult GET $build/test-cases/{testCaseId}/test-results
  GetCustomModel GET /custom-models/{modelIdentifier}
  GetCustomModelDeployment GET /model-customization/custom-model-deployments/{customModelDeploymentIdentifier}
  GetEvaluationJob GET /evaluation-jobs/{jobIdentifier}
  GetFoundationModelAvailability GET /foundation-model-availability/{modelId}
  GetImportedModel GET /imported-models/{modelIdentifier}
  GetMarketplaceModelEndpoint GET /marketplace-model/endpoints/{endpointArn}
  GetModelCopyJob GET /model-copy-jobs/{jobArn}
  GetModelCustomizationJob GET /model-customization-jobs/{jobIdentifier}
  GetModelImportJob GET /model-import-jobs/{jobIdentifier}
  GetPromptRouter GET /prompt-routers/{promptRouterArn}
  GetProvisionedModelThroughput GET /provisioned-model-throughput/{provisionedModelId}
  GetResourcePolicy GET /resource-policy/{resourceArn}
  GetUseCaseForModelAccess GET /use-case-for-model-access
  InvokeGuardrailChecks POST /guardrail-checks/invoke
  ListAdvancedPromptOptimizationJobs GET /advanced-prompt-optimization-jobs
  ListAutomatedReasoningPolicies GET /automated-reasoning-policies
  ListAutomatedReasoningPolicyBuildWorkflows GET $policy/build-workflows
  ListAutomatedReasoningPolicyTestCases GET $policy/test-cases
  ListAutomatedReasoningPolicyTestResults GET $build/test-results
  ListCustomModelDeployments GET /model-customization/custom-model-deployments
  ListCustomModels GET /custom-models
  ListEnforcedGuardrailsConfiguration GET /enforcedGuardrailsConfiguration
  ListEvaluationJobs GET /evaluation-jobs
  ListFoundationModelAgreementOffers GET /list-foundation-model-agreement-offers/{modelId}
  ListImportedModels GET /imported-models
  ListMarketplaceModelEndpoints GET /marketplace-model/endpoints
  ListModelCopyJobs GET /model-copy-jobs
  ListModelCustomizationJobs GET /model-customization-jobs
  ListModelImportJobs GET /model-import-jobs
  ListPromptRouters GET /prompt-routers
  ListProvisionedModelThroughputs GET /provisioned-model-throughputs
  ListTagsForResource POST /listTagsForResource
  PutAccountDataRetention PUT /data-retention
  PutEnforcedGuardrailConfiguration PUT /enforcedGuardrailsConfiguration
  PutResourcePolicy POST /resource-policy 201
  PutUseCaseForModelAccess POST /use-case-for-model-access 201
  RegisterMarketplaceModelEndpoint POST /marketplace-model/endpoints/{endpointIdentifier}/registration
  StartAutomatedReasoningPolicyBuildWorkflow POST $policy/build-workflows/{buildWorkflowType}/start
  StartAutomatedReasoningPolicyTestWorkflow POST $build/test-workflows
  StopAdvancedPromptOptimizationJob POST /advanced-prompt-optimization-jobs/{jobIdentifier}/stop
  StopEvaluationJob POST /evaluation-job/{jobIdentifier}/stop
  StopModelCustomizationJob POST /model-customization-jobs/{jobIdentifier}/stop
  TagResource POST /tagResource
  UntagResource POST /untagResource
  UpdateAutomatedReasoningPolicy PATCH $policy
  UpdateAutomatedReasoningPolicyAnnotations PATCH $build/annotations
  UpdateAutomatedReasoningPolicyTestCase PATCH $policy/test-cases/{testCaseId}
  UpdateCustomModelDeployment PATCH /model-customization/custom-model-deployments/{customModelDeploymentIdentifier} 202
  UpdateMarketplaceModelEndpoint PATCH /marketplace-model/endpoints/{endpointArn}
  UpdateProvisionedModelThroughput PATCH /provisioned-model-throughput/{provisionedModelId}
]]

local function escaped(literal)
  return (literal:gsub("%p", "%%%0"))
end

-- "/things/{id}/items" as a pattern, and the names of what it catches.
local function compile(uri)
  local names, pattern = {}, ""
  for literal, name in (uri .. "{}"):gmatch("([^{]*){([^}]*)}") do
    pattern = pattern .. escaped(literal) .. (name ~= "" and "([^/]+)" or "")
    if name ~= "" then names[#names + 1] = name end
  end
  return "^" .. pattern .. "$", names
end

local rows = {}
for name, method, uri, status in table_of_operations:gmatch("(%S+) (%S+) (%S+) ?(%d*)\n") do
  local pattern, names = compile((uri:gsub("%$(%a+)", beginnings)))
  rows[#rows + 1] = { name = name, method = method, pattern = pattern, names = names, status = tonumber(status) or 200 }
end
-- A path that is said in full comes before one with a label in the same place.
table.sort(rows, function(a, b)
  if #a.names ~= #b.names then return #a.names < #b.names end
  return a.name < b.name
end)

-- The headers that may carry members.
local function member_headers(request)
  local out = {}
  for name, value in pairs(request.header) do
    if name:find("^x%-amzn%-") or name == "x-amz-client-token" then out[name] = value end
  end
  return out
end

local function understood(exchange, row)
  local request, labels = exchange.request, {}
  for i, name in ipairs(row.names) do labels[name] = exchange.params[i] end
  local body = request.body ~= "" and request.body or nil
  if body then
    body = json.decode(body)
    if body == nil then refusal.raise("SerializationException", "The request body is not valid JSON.") end
  end
  return json.answer({ operation = row.name, path = labels, query = encoding.form(request.query or ""),
    headers = member_headers(request), body = body }, nil, row.status)
end

--- The route of a request to one of these operations.
---@param request table
---@return table? route
function echo.route(request)
  for _, row in ipairs(rows) do
    local captures = row.method == request.method and { request.path:match(row.pattern) } or {}
    if captures[1] then
      for i, text in ipairs(captures) do captures[i] = encoding.unpercent(text) end
      return { operation = row.name, service = "bedrock", captures = captures,
        handler = function(exchange) return understood(exchange, row) end }
    end
  end
end

return echo
