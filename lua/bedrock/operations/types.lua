---@meta
-- The operations for editors: a method of the client for each, with the members that it takes and gives. Written by
-- `make docs` from the table that the client reads; nothing loads it when a program runs.

---@class bedrock.Client
---@field apply_guardrail fun(self: bedrock.Client, params: bedrock.ApplyGuardrailRequest, opts: bedrock.CallOptions?): bedrock.ApplyGuardrailAnswer?, bedrock.Error?
---@field converse fun(self: bedrock.Client, params: bedrock.ConverseRequest, opts: bedrock.CallOptions?): bedrock.ConverseAnswer?, bedrock.Error?
---@field converse_stream fun(self: bedrock.Client, params: bedrock.ConverseRequest, opts: bedrock.CallOptions?): bedrock.Stream?, bedrock.Error?
---@field count_tokens fun(self: bedrock.Client, params: bedrock.CountTokensRequest, opts: bedrock.CallOptions?): bedrock.CountTokensAnswer?, bedrock.Error?
---@field get_async_invoke fun(self: bedrock.Client, params: bedrock.GetAsyncInvokeRequest, opts: bedrock.CallOptions?): bedrock.GetAsyncInvokeAnswer?, bedrock.Error?
---@field invoke_guardrail_checks fun(self: bedrock.Client, params: bedrock.InvokeGuardrailChecksRequest, opts: bedrock.CallOptions?): bedrock.InvokeGuardrailChecksAnswer?, bedrock.Error?
---@field invoke_model fun(self: bedrock.Client, params: bedrock.InvokeModelRequest, opts: bedrock.CallOptions?): bedrock.InvokeModelAnswer?, bedrock.Error?
---@field invoke_model_with_response_stream fun(self: bedrock.Client, params: bedrock.InvokeModelWithResponseStreamRequest, opts: bedrock.CallOptions?): bedrock.Stream?, bedrock.Error?
---@field list_async_invokes fun(self: bedrock.Client, params: bedrock.ListAsyncInvokesRequest?, opts: bedrock.CallOptions?): bedrock.ListAsyncInvokesAnswer?, bedrock.Error?
---@field start_async_invoke fun(self: bedrock.Client, params: bedrock.StartAsyncInvokeRequest, opts: bedrock.CallOptions?): bedrock.StartAsyncInvokeAnswer?, bedrock.Error?
---@field batch_delete_advanced_prompt_optimization_job fun(self: bedrock.Client, params: bedrock.BatchDeleteAdvancedPromptOptimizationJobRequest, opts: bedrock.CallOptions?): bedrock.BatchDeleteAdvancedPromptOptimizationJobAnswer?, bedrock.Error?
---@field batch_delete_evaluation_job fun(self: bedrock.Client, params: bedrock.BatchDeleteEvaluationJobRequest, opts: bedrock.CallOptions?): bedrock.BatchDeleteEvaluationJobAnswer?, bedrock.Error?
---@field cancel_automated_reasoning_policy_build_workflow fun(self: bedrock.Client, params: bedrock.CancelAutomatedReasoningPolicyBuildWorkflowRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field create_advanced_prompt_optimization_job fun(self: bedrock.Client, params: bedrock.CreateAdvancedPromptOptimizationJobRequest, opts: bedrock.CallOptions?): bedrock.CreateAdvancedPromptOptimizationJobAnswer?, bedrock.Error?
---@field create_automated_reasoning_policy fun(self: bedrock.Client, params: bedrock.CreateAutomatedReasoningPolicyRequest, opts: bedrock.CallOptions?): bedrock.CreateAutomatedReasoningPolicyAnswer?, bedrock.Error?
---@field create_automated_reasoning_policy_test_case fun(self: bedrock.Client, params: bedrock.CreateAutomatedReasoningPolicyTestCaseRequest, opts: bedrock.CallOptions?): bedrock.CreateAutomatedReasoningPolicyTestCaseAnswer?, bedrock.Error?
---@field create_automated_reasoning_policy_version fun(self: bedrock.Client, params: bedrock.CreateAutomatedReasoningPolicyVersionRequest, opts: bedrock.CallOptions?): bedrock.CreateAutomatedReasoningPolicyVersionAnswer?, bedrock.Error?
---@field create_custom_model fun(self: bedrock.Client, params: bedrock.CreateCustomModelRequest, opts: bedrock.CallOptions?): bedrock.CreateCustomModelAnswer?, bedrock.Error?
---@field create_custom_model_deployment fun(self: bedrock.Client, params: bedrock.CreateCustomModelDeploymentRequest, opts: bedrock.CallOptions?): bedrock.CreateCustomModelDeploymentAnswer?, bedrock.Error?
---@field create_evaluation_job fun(self: bedrock.Client, params: bedrock.CreateEvaluationJobRequest, opts: bedrock.CallOptions?): bedrock.CreateEvaluationJobAnswer?, bedrock.Error?
---@field create_foundation_model_agreement fun(self: bedrock.Client, params: bedrock.CreateFoundationModelAgreementRequest, opts: bedrock.CallOptions?): bedrock.CreateFoundationModelAgreementAnswer?, bedrock.Error?
---@field create_guardrail fun(self: bedrock.Client, params: bedrock.CreateGuardrailRequest, opts: bedrock.CallOptions?): bedrock.CreateGuardrailAnswer?, bedrock.Error?
---@field create_guardrail_version fun(self: bedrock.Client, params: bedrock.CreateGuardrailVersionRequest, opts: bedrock.CallOptions?): bedrock.CreateGuardrailVersionAnswer?, bedrock.Error?
---@field create_inference_profile fun(self: bedrock.Client, params: bedrock.CreateInferenceProfileRequest, opts: bedrock.CallOptions?): bedrock.CreateInferenceProfileAnswer?, bedrock.Error?
---@field create_marketplace_model_endpoint fun(self: bedrock.Client, params: bedrock.CreateMarketplaceModelEndpointRequest, opts: bedrock.CallOptions?): bedrock.CreateMarketplaceModelEndpointAnswer?, bedrock.Error?
---@field create_model_copy_job fun(self: bedrock.Client, params: bedrock.CreateModelCopyJobRequest, opts: bedrock.CallOptions?): bedrock.CreateModelCopyJobAnswer?, bedrock.Error?
---@field create_model_customization_job fun(self: bedrock.Client, params: bedrock.CreateModelCustomizationJobRequest, opts: bedrock.CallOptions?): bedrock.CreateModelCustomizationJobAnswer?, bedrock.Error?
---@field create_model_import_job fun(self: bedrock.Client, params: bedrock.CreateModelImportJobRequest, opts: bedrock.CallOptions?): bedrock.CreateModelImportJobAnswer?, bedrock.Error?
---@field create_model_invocation_job fun(self: bedrock.Client, params: bedrock.CreateModelInvocationJobRequest, opts: bedrock.CallOptions?): bedrock.CreateModelInvocationJobAnswer?, bedrock.Error?
---@field create_prompt_router fun(self: bedrock.Client, params: bedrock.CreatePromptRouterRequest, opts: bedrock.CallOptions?): bedrock.CreatePromptRouterAnswer?, bedrock.Error?
---@field create_provisioned_model_throughput fun(self: bedrock.Client, params: bedrock.CreateProvisionedModelThroughputRequest, opts: bedrock.CallOptions?): bedrock.CreateProvisionedModelThroughputAnswer?, bedrock.Error?
---@field delete_automated_reasoning_policy fun(self: bedrock.Client, params: bedrock.DeleteAutomatedReasoningPolicyRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_automated_reasoning_policy_build_workflow fun(self: bedrock.Client, params: bedrock.DeleteAutomatedReasoningPolicyBuildWorkflowRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_automated_reasoning_policy_test_case fun(self: bedrock.Client, params: bedrock.DeleteAutomatedReasoningPolicyTestCaseRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_custom_model fun(self: bedrock.Client, params: bedrock.DeleteCustomModelRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_custom_model_deployment fun(self: bedrock.Client, params: bedrock.DeleteCustomModelDeploymentRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_enforced_guardrail_configuration fun(self: bedrock.Client, params: bedrock.DeleteEnforcedGuardrailConfigurationRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_foundation_model_agreement fun(self: bedrock.Client, params: bedrock.DeleteFoundationModelAgreementRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_guardrail fun(self: bedrock.Client, params: bedrock.DeleteGuardrailRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_imported_model fun(self: bedrock.Client, params: bedrock.DeleteImportedModelRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_inference_profile fun(self: bedrock.Client, params: bedrock.DeleteInferenceProfileRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_marketplace_model_endpoint fun(self: bedrock.Client, params: bedrock.DeleteMarketplaceModelEndpointRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_model_invocation_logging_configuration fun(self: bedrock.Client, params: table?, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_prompt_router fun(self: bedrock.Client, params: bedrock.DeletePromptRouterRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_provisioned_model_throughput fun(self: bedrock.Client, params: bedrock.DeleteProvisionedModelThroughputRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field delete_resource_policy fun(self: bedrock.Client, params: bedrock.DeleteResourcePolicyRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field deregister_marketplace_model_endpoint fun(self: bedrock.Client, params: bedrock.DeregisterMarketplaceModelEndpointRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field export_automated_reasoning_policy_version fun(self: bedrock.Client, params: bedrock.ExportAutomatedReasoningPolicyVersionRequest, opts: bedrock.CallOptions?): bedrock.ExportAutomatedReasoningPolicyVersionAnswer?, bedrock.Error?
---@field get_account_data_retention fun(self: bedrock.Client, params: table?, opts: bedrock.CallOptions?): bedrock.GetAccountDataRetentionAnswer?, bedrock.Error?
---@field get_advanced_prompt_optimization_job fun(self: bedrock.Client, params: bedrock.GetAdvancedPromptOptimizationJobRequest, opts: bedrock.CallOptions?): bedrock.GetAdvancedPromptOptimizationJobAnswer?, bedrock.Error?
---@field get_automated_reasoning_policy fun(self: bedrock.Client, params: bedrock.GetAutomatedReasoningPolicyRequest, opts: bedrock.CallOptions?): bedrock.GetAutomatedReasoningPolicyAnswer?, bedrock.Error?
---@field get_automated_reasoning_policy_annotations fun(self: bedrock.Client, params: bedrock.GetAutomatedReasoningPolicyAnnotationsRequest, opts: bedrock.CallOptions?): bedrock.GetAutomatedReasoningPolicyAnnotationsAnswer?, bedrock.Error?
---@field get_automated_reasoning_policy_build_workflow fun(self: bedrock.Client, params: bedrock.GetAutomatedReasoningPolicyBuildWorkflowRequest, opts: bedrock.CallOptions?): bedrock.GetAutomatedReasoningPolicyBuildWorkflowAnswer?, bedrock.Error?
---@field get_automated_reasoning_policy_build_workflow_result_assets fun(self: bedrock.Client, params: bedrock.GetAutomatedReasoningPolicyBuildWorkflowResultAssetsRequest, opts: bedrock.CallOptions?): bedrock.GetAutomatedReasoningPolicyBuildWorkflowResultAssetsAnswer?, bedrock.Error?
---@field get_automated_reasoning_policy_next_scenario fun(self: bedrock.Client, params: bedrock.GetAutomatedReasoningPolicyNextScenarioRequest, opts: bedrock.CallOptions?): bedrock.GetAutomatedReasoningPolicyNextScenarioAnswer?, bedrock.Error?
---@field get_automated_reasoning_policy_test_case fun(self: bedrock.Client, params: bedrock.GetAutomatedReasoningPolicyTestCaseRequest, opts: bedrock.CallOptions?): bedrock.GetAutomatedReasoningPolicyTestCaseAnswer?, bedrock.Error?
---@field get_automated_reasoning_policy_test_result fun(self: bedrock.Client, params: bedrock.GetAutomatedReasoningPolicyTestResultRequest, opts: bedrock.CallOptions?): bedrock.GetAutomatedReasoningPolicyTestResultAnswer?, bedrock.Error?
---@field get_custom_model fun(self: bedrock.Client, params: bedrock.GetCustomModelRequest, opts: bedrock.CallOptions?): bedrock.GetCustomModelAnswer?, bedrock.Error?
---@field get_custom_model_deployment fun(self: bedrock.Client, params: bedrock.GetCustomModelDeploymentRequest, opts: bedrock.CallOptions?): bedrock.GetCustomModelDeploymentAnswer?, bedrock.Error?
---@field get_evaluation_job fun(self: bedrock.Client, params: bedrock.GetEvaluationJobRequest, opts: bedrock.CallOptions?): bedrock.GetEvaluationJobAnswer?, bedrock.Error?
---@field get_foundation_model fun(self: bedrock.Client, params: bedrock.GetFoundationModelRequest, opts: bedrock.CallOptions?): bedrock.GetFoundationModelAnswer?, bedrock.Error?
---@field get_foundation_model_availability fun(self: bedrock.Client, params: bedrock.GetFoundationModelAvailabilityRequest, opts: bedrock.CallOptions?): bedrock.GetFoundationModelAvailabilityAnswer?, bedrock.Error?
---@field get_guardrail fun(self: bedrock.Client, params: bedrock.GetGuardrailRequest, opts: bedrock.CallOptions?): bedrock.GetGuardrailAnswer?, bedrock.Error?
---@field get_imported_model fun(self: bedrock.Client, params: bedrock.GetImportedModelRequest, opts: bedrock.CallOptions?): bedrock.GetImportedModelAnswer?, bedrock.Error?
---@field get_inference_profile fun(self: bedrock.Client, params: bedrock.GetInferenceProfileRequest, opts: bedrock.CallOptions?): bedrock.GetInferenceProfileAnswer?, bedrock.Error?
---@field get_marketplace_model_endpoint fun(self: bedrock.Client, params: bedrock.GetMarketplaceModelEndpointRequest, opts: bedrock.CallOptions?): bedrock.GetMarketplaceModelEndpointAnswer?, bedrock.Error?
---@field get_model_copy_job fun(self: bedrock.Client, params: bedrock.GetModelCopyJobRequest, opts: bedrock.CallOptions?): bedrock.GetModelCopyJobAnswer?, bedrock.Error?
---@field get_model_customization_job fun(self: bedrock.Client, params: bedrock.GetModelCustomizationJobRequest, opts: bedrock.CallOptions?): bedrock.GetModelCustomizationJobAnswer?, bedrock.Error?
---@field get_model_import_job fun(self: bedrock.Client, params: bedrock.GetModelImportJobRequest, opts: bedrock.CallOptions?): bedrock.GetModelImportJobAnswer?, bedrock.Error?
---@field get_model_invocation_job fun(self: bedrock.Client, params: bedrock.GetModelInvocationJobRequest, opts: bedrock.CallOptions?): bedrock.GetModelInvocationJobAnswer?, bedrock.Error?
---@field get_model_invocation_logging_configuration fun(self: bedrock.Client, params: table?, opts: bedrock.CallOptions?): bedrock.GetModelInvocationLoggingConfigurationAnswer?, bedrock.Error?
---@field get_prompt_router fun(self: bedrock.Client, params: bedrock.GetPromptRouterRequest, opts: bedrock.CallOptions?): bedrock.GetPromptRouterAnswer?, bedrock.Error?
---@field get_provisioned_model_throughput fun(self: bedrock.Client, params: bedrock.GetProvisionedModelThroughputRequest, opts: bedrock.CallOptions?): bedrock.GetProvisionedModelThroughputAnswer?, bedrock.Error?
---@field get_resource_policy fun(self: bedrock.Client, params: bedrock.GetResourcePolicyRequest, opts: bedrock.CallOptions?): bedrock.GetResourcePolicyAnswer?, bedrock.Error?
---@field get_use_case_for_model_access fun(self: bedrock.Client, params: table?, opts: bedrock.CallOptions?): bedrock.GetUseCaseForModelAccessAnswer?, bedrock.Error?
---@field list_advanced_prompt_optimization_jobs fun(self: bedrock.Client, params: bedrock.ListAdvancedPromptOptimizationJobsRequest?, opts: bedrock.CallOptions?): bedrock.ListAdvancedPromptOptimizationJobsAnswer?, bedrock.Error?
---@field list_automated_reasoning_policies fun(self: bedrock.Client, params: bedrock.ListAutomatedReasoningPoliciesRequest?, opts: bedrock.CallOptions?): bedrock.ListAutomatedReasoningPoliciesAnswer?, bedrock.Error?
---@field list_automated_reasoning_policy_build_workflows fun(self: bedrock.Client, params: bedrock.ListAutomatedReasoningPolicyBuildWorkflowsRequest, opts: bedrock.CallOptions?): bedrock.ListAutomatedReasoningPolicyBuildWorkflowsAnswer?, bedrock.Error?
---@field list_automated_reasoning_policy_test_cases fun(self: bedrock.Client, params: bedrock.ListAutomatedReasoningPolicyTestCasesRequest, opts: bedrock.CallOptions?): bedrock.ListAutomatedReasoningPolicyTestCasesAnswer?, bedrock.Error?
---@field list_automated_reasoning_policy_test_results fun(self: bedrock.Client, params: bedrock.ListAutomatedReasoningPolicyTestResultsRequest, opts: bedrock.CallOptions?): bedrock.ListAutomatedReasoningPolicyTestResultsAnswer?, bedrock.Error?
---@field list_custom_model_deployments fun(self: bedrock.Client, params: bedrock.ListCustomModelDeploymentsRequest?, opts: bedrock.CallOptions?): bedrock.ListCustomModelDeploymentsAnswer?, bedrock.Error?
---@field list_custom_models fun(self: bedrock.Client, params: bedrock.ListCustomModelsRequest?, opts: bedrock.CallOptions?): bedrock.ListCustomModelsAnswer?, bedrock.Error?
---@field list_enforced_guardrails_configuration fun(self: bedrock.Client, params: bedrock.ListEnforcedGuardrailsConfigurationRequest?, opts: bedrock.CallOptions?): bedrock.ListEnforcedGuardrailsConfigurationAnswer?, bedrock.Error?
---@field list_evaluation_jobs fun(self: bedrock.Client, params: bedrock.ListEvaluationJobsRequest?, opts: bedrock.CallOptions?): bedrock.ListEvaluationJobsAnswer?, bedrock.Error?
---@field list_foundation_model_agreement_offers fun(self: bedrock.Client, params: bedrock.ListFoundationModelAgreementOffersRequest, opts: bedrock.CallOptions?): bedrock.ListFoundationModelAgreementOffersAnswer?, bedrock.Error?
---@field list_foundation_models fun(self: bedrock.Client, params: bedrock.ListFoundationModelsRequest?, opts: bedrock.CallOptions?): bedrock.ListFoundationModelsAnswer?, bedrock.Error?
---@field list_guardrails fun(self: bedrock.Client, params: bedrock.ListGuardrailsRequest?, opts: bedrock.CallOptions?): bedrock.ListGuardrailsAnswer?, bedrock.Error?
---@field list_imported_models fun(self: bedrock.Client, params: bedrock.ListImportedModelsRequest?, opts: bedrock.CallOptions?): bedrock.ListImportedModelsAnswer?, bedrock.Error?
---@field list_inference_profiles fun(self: bedrock.Client, params: bedrock.ListInferenceProfilesRequest?, opts: bedrock.CallOptions?): bedrock.ListInferenceProfilesAnswer?, bedrock.Error?
---@field list_marketplace_model_endpoints fun(self: bedrock.Client, params: bedrock.ListMarketplaceModelEndpointsRequest?, opts: bedrock.CallOptions?): bedrock.ListMarketplaceModelEndpointsAnswer?, bedrock.Error?
---@field list_model_copy_jobs fun(self: bedrock.Client, params: bedrock.ListModelCopyJobsRequest?, opts: bedrock.CallOptions?): bedrock.ListModelCopyJobsAnswer?, bedrock.Error?
---@field list_model_customization_jobs fun(self: bedrock.Client, params: bedrock.ListModelCustomizationJobsRequest?, opts: bedrock.CallOptions?): bedrock.ListModelCustomizationJobsAnswer?, bedrock.Error?
---@field list_model_import_jobs fun(self: bedrock.Client, params: bedrock.ListModelImportJobsRequest?, opts: bedrock.CallOptions?): bedrock.ListModelImportJobsAnswer?, bedrock.Error?
---@field list_model_invocation_jobs fun(self: bedrock.Client, params: bedrock.ListModelInvocationJobsRequest?, opts: bedrock.CallOptions?): bedrock.ListModelInvocationJobsAnswer?, bedrock.Error?
---@field list_prompt_routers fun(self: bedrock.Client, params: bedrock.ListPromptRoutersRequest?, opts: bedrock.CallOptions?): bedrock.ListPromptRoutersAnswer?, bedrock.Error?
---@field list_provisioned_model_throughputs fun(self: bedrock.Client, params: bedrock.ListProvisionedModelThroughputsRequest?, opts: bedrock.CallOptions?): bedrock.ListProvisionedModelThroughputsAnswer?, bedrock.Error?
---@field list_tags_for_resource fun(self: bedrock.Client, params: bedrock.ListTagsForResourceRequest, opts: bedrock.CallOptions?): bedrock.ListTagsForResourceAnswer?, bedrock.Error?
---@field put_account_data_retention fun(self: bedrock.Client, params: bedrock.PutAccountDataRetentionRequest, opts: bedrock.CallOptions?): bedrock.PutAccountDataRetentionAnswer?, bedrock.Error?
---@field put_enforced_guardrail_configuration fun(self: bedrock.Client, params: bedrock.PutEnforcedGuardrailConfigurationRequest, opts: bedrock.CallOptions?): bedrock.PutEnforcedGuardrailConfigurationAnswer?, bedrock.Error?
---@field put_model_invocation_logging_configuration fun(self: bedrock.Client, params: bedrock.PutModelInvocationLoggingConfigurationRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field put_resource_policy fun(self: bedrock.Client, params: bedrock.PutResourcePolicyRequest, opts: bedrock.CallOptions?): bedrock.PutResourcePolicyAnswer?, bedrock.Error?
---@field put_use_case_for_model_access fun(self: bedrock.Client, params: bedrock.PutUseCaseForModelAccessRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field register_marketplace_model_endpoint fun(self: bedrock.Client, params: bedrock.RegisterMarketplaceModelEndpointRequest, opts: bedrock.CallOptions?): bedrock.RegisterMarketplaceModelEndpointAnswer?, bedrock.Error?
---@field start_automated_reasoning_policy_build_workflow fun(self: bedrock.Client, params: bedrock.StartAutomatedReasoningPolicyBuildWorkflowRequest, opts: bedrock.CallOptions?): bedrock.StartAutomatedReasoningPolicyBuildWorkflowAnswer?, bedrock.Error?
---@field start_automated_reasoning_policy_test_workflow fun(self: bedrock.Client, params: bedrock.StartAutomatedReasoningPolicyTestWorkflowRequest, opts: bedrock.CallOptions?): bedrock.StartAutomatedReasoningPolicyTestWorkflowAnswer?, bedrock.Error?
---@field stop_advanced_prompt_optimization_job fun(self: bedrock.Client, params: bedrock.StopAdvancedPromptOptimizationJobRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field stop_evaluation_job fun(self: bedrock.Client, params: bedrock.StopEvaluationJobRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field stop_model_customization_job fun(self: bedrock.Client, params: bedrock.StopModelCustomizationJobRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field stop_model_invocation_job fun(self: bedrock.Client, params: bedrock.StopModelInvocationJobRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field tag_resource fun(self: bedrock.Client, params: bedrock.TagResourceRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field untag_resource fun(self: bedrock.Client, params: bedrock.UntagResourceRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field update_automated_reasoning_policy fun(self: bedrock.Client, params: bedrock.UpdateAutomatedReasoningPolicyRequest, opts: bedrock.CallOptions?): bedrock.UpdateAutomatedReasoningPolicyAnswer?, bedrock.Error?
---@field update_automated_reasoning_policy_annotations fun(self: bedrock.Client, params: bedrock.UpdateAutomatedReasoningPolicyAnnotationsRequest, opts: bedrock.CallOptions?): bedrock.UpdateAutomatedReasoningPolicyAnnotationsAnswer?, bedrock.Error?
---@field update_automated_reasoning_policy_test_case fun(self: bedrock.Client, params: bedrock.UpdateAutomatedReasoningPolicyTestCaseRequest, opts: bedrock.CallOptions?): bedrock.UpdateAutomatedReasoningPolicyTestCaseAnswer?, bedrock.Error?
---@field update_custom_model_deployment fun(self: bedrock.Client, params: bedrock.UpdateCustomModelDeploymentRequest, opts: bedrock.CallOptions?): bedrock.UpdateCustomModelDeploymentAnswer?, bedrock.Error?
---@field update_guardrail fun(self: bedrock.Client, params: bedrock.UpdateGuardrailRequest, opts: bedrock.CallOptions?): bedrock.UpdateGuardrailAnswer?, bedrock.Error?
---@field update_marketplace_model_endpoint fun(self: bedrock.Client, params: bedrock.UpdateMarketplaceModelEndpointRequest, opts: bedrock.CallOptions?): bedrock.UpdateMarketplaceModelEndpointAnswer?, bedrock.Error?
---@field update_provisioned_model_throughput fun(self: bedrock.Client, params: bedrock.UpdateProvisionedModelThroughputRequest, opts: bedrock.CallOptions?): table?, bedrock.Error?
---@field assume_role fun(self: bedrock.Client, params: bedrock.AssumeRoleRequest, opts: bedrock.CallOptions?): bedrock.AssumeRoleAnswer?, bedrock.Error?
---@field assume_role_with_web_identity fun(self: bedrock.Client, params: bedrock.AssumeRoleWithWebIdentityRequest, opts: bedrock.CallOptions?): bedrock.AssumeRoleWithWebIdentityAnswer?, bedrock.Error?
---@field get_caller_identity fun(self: bedrock.Client, params: table?, opts: bedrock.CallOptions?): bedrock.GetCallerIdentityAnswer?, bedrock.Error?

---@class bedrock.ApplyGuardrailRequest
---@field guardrailIdentifier string
---@field guardrailVersion string
---@field source string
---@field content table[]
---@field outputScope? string

---@class bedrock.ApplyGuardrailAnswer
---@field usage table
---@field action string
---@field actionReason? string
---@field outputs table[]
---@field assessments table[]
---@field guardrailCoverage? table

---@class bedrock.CountTokensRequest
---@field modelId string
---@field input table

---@class bedrock.CountTokensAnswer
---@field inputTokens integer

---@class bedrock.GetAsyncInvokeRequest
---@field invocationArn string

---@class bedrock.GetAsyncInvokeAnswer
---@field invocationArn string
---@field modelArn string
---@field clientRequestToken? string
---@field status string
---@field failureMessage? string
---@field submitTime number|string
---@field lastModifiedTime? number|string
---@field endTime? number|string
---@field outputDataConfig table

---@class bedrock.InvokeGuardrailChecksRequest
---@field messages table[]
---@field checks table

---@class bedrock.InvokeGuardrailChecksAnswer
---@field results table
---@field usage table

---@class bedrock.InvokeModelRequest
---@field modelId string
---@field contentType? string
---@field accept? string
---@field trace? string
---@field guardrailIdentifier? string
---@field guardrailVersion? string
---@field performanceConfigLatency? string
---@field serviceTier? string
---@field requestMetadata? string|table
---@field body? string|table

---@class bedrock.InvokeModelAnswer
---@field contentType string
---@field performanceConfigLatency? string
---@field serviceTier? string
---@field body string

---@class bedrock.InvokeModelWithResponseStreamRequest
---@field modelId string
---@field contentType? string
---@field accept? string
---@field trace? string
---@field guardrailIdentifier? string
---@field guardrailVersion? string
---@field performanceConfigLatency? string
---@field serviceTier? string
---@field requestMetadata? string|table
---@field body? string|table

---@class bedrock.ListAsyncInvokesRequest
---@field submitTimeAfter? number|string
---@field submitTimeBefore? number|string
---@field statusEquals? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListAsyncInvokesAnswer
---@field nextToken? string
---@field asyncInvokeSummaries? table[]

---@class bedrock.StartAsyncInvokeRequest
---@field clientRequestToken? string
---@field modelId string
---@field modelInput any
---@field outputDataConfig table
---@field tags? table[]

---@class bedrock.StartAsyncInvokeAnswer
---@field invocationArn string

---@class bedrock.BatchDeleteAdvancedPromptOptimizationJobRequest
---@field jobIdentifiers string[]

---@class bedrock.BatchDeleteAdvancedPromptOptimizationJobAnswer
---@field errors table[]
---@field advancedPromptOptimizationJobs table[]

---@class bedrock.BatchDeleteEvaluationJobRequest
---@field jobIdentifiers string[]

---@class bedrock.BatchDeleteEvaluationJobAnswer
---@field errors table[]
---@field evaluationJobs table[]

---@class bedrock.CancelAutomatedReasoningPolicyBuildWorkflowRequest
---@field policyArn string
---@field buildWorkflowId string

---@class bedrock.CreateAdvancedPromptOptimizationJobRequest
---@field jobName string
---@field jobDescription? string
---@field clientToken? string
---@field inputConfig table
---@field outputConfig table
---@field encryptionKeyArn? string
---@field tags? table[]
---@field modelConfigurations table[]

---@class bedrock.CreateAdvancedPromptOptimizationJobAnswer
---@field jobArn string

---@class bedrock.CreateAutomatedReasoningPolicyRequest
---@field name string
---@field description? string
---@field clientRequestToken? string
---@field policyDefinition? table
---@field kmsKeyId? string
---@field tags? table[]

---@class bedrock.CreateAutomatedReasoningPolicyAnswer
---@field policyArn string
---@field version string
---@field name string
---@field description? string
---@field definitionHash? string
---@field createdAt number|string
---@field updatedAt number|string

---@class bedrock.CreateAutomatedReasoningPolicyTestCaseRequest
---@field policyArn string
---@field guardContent string
---@field queryContent? string
---@field expectedAggregatedFindingsResult string
---@field clientRequestToken? string
---@field confidenceThreshold? number

---@class bedrock.CreateAutomatedReasoningPolicyTestCaseAnswer
---@field policyArn string
---@field testCaseId string

---@class bedrock.CreateAutomatedReasoningPolicyVersionRequest
---@field policyArn string
---@field clientRequestToken? string
---@field lastUpdatedDefinitionHash string
---@field tags? table[]

---@class bedrock.CreateAutomatedReasoningPolicyVersionAnswer
---@field policyArn string
---@field version string
---@field name string
---@field description? string
---@field definitionHash string
---@field createdAt number|string

---@class bedrock.CreateCustomModelRequest
---@field modelName string
---@field modelSourceConfig? table
---@field customModelDataSource? table
---@field modelKmsKeyArn? string
---@field roleArn? string
---@field modelTags? table[]
---@field clientRequestToken? string

---@class bedrock.CreateCustomModelAnswer
---@field modelArn string

---@class bedrock.CreateCustomModelDeploymentRequest
---@field modelDeploymentName string
---@field modelArn string
---@field description? string
---@field tags? table[]
---@field clientRequestToken? string

---@class bedrock.CreateCustomModelDeploymentAnswer
---@field customModelDeploymentArn string

---@class bedrock.CreateEvaluationJobRequest
---@field jobName string
---@field jobDescription? string
---@field clientRequestToken? string
---@field roleArn string
---@field customerEncryptionKeyId? string
---@field jobTags? table[]
---@field applicationType? string
---@field evaluationConfig table
---@field inferenceConfig table
---@field outputDataConfig table

---@class bedrock.CreateEvaluationJobAnswer
---@field jobArn string

---@class bedrock.CreateFoundationModelAgreementRequest
---@field offerToken string
---@field modelId string

---@class bedrock.CreateFoundationModelAgreementAnswer
---@field modelId string

---@class bedrock.CreateGuardrailRequest
---@field name string
---@field description? string
---@field topicPolicyConfig? table
---@field contentPolicyConfig? table
---@field wordPolicyConfig? table
---@field sensitiveInformationPolicyConfig? table
---@field contextualGroundingPolicyConfig? table
---@field automatedReasoningPolicyConfig? table
---@field crossRegionConfig? table
---@field blockedInputMessaging string
---@field blockedOutputsMessaging string
---@field kmsKeyId? string
---@field tags? table[]
---@field clientRequestToken? string

---@class bedrock.CreateGuardrailAnswer
---@field guardrailId string
---@field guardrailArn string
---@field version string
---@field createdAt number|string

---@class bedrock.CreateGuardrailVersionRequest
---@field guardrailIdentifier string
---@field description? string
---@field clientRequestToken? string

---@class bedrock.CreateGuardrailVersionAnswer
---@field guardrailId string
---@field version string

---@class bedrock.CreateInferenceProfileRequest
---@field inferenceProfileName string
---@field description? string
---@field clientRequestToken? string
---@field modelSource table
---@field tags? table[]

---@class bedrock.CreateInferenceProfileAnswer
---@field inferenceProfileArn string
---@field status? string

---@class bedrock.CreateMarketplaceModelEndpointRequest
---@field modelSourceIdentifier string
---@field endpointConfig table
---@field acceptEula? boolean
---@field endpointName string
---@field clientRequestToken? string
---@field tags? table[]

---@class bedrock.CreateMarketplaceModelEndpointAnswer
---@field marketplaceModelEndpoint table

---@class bedrock.CreateModelCopyJobRequest
---@field sourceModelArn string
---@field targetModelName string
---@field modelKmsKeyId? string
---@field targetModelTags? table[]
---@field clientRequestToken? string

---@class bedrock.CreateModelCopyJobAnswer
---@field jobArn string

---@class bedrock.CreateModelCustomizationJobRequest
---@field jobName string
---@field customModelName string
---@field roleArn string
---@field clientRequestToken? string
---@field baseModelIdentifier string
---@field customizationType? string
---@field customModelKmsKeyId? string
---@field jobTags? table[]
---@field customModelTags? table[]
---@field trainingDataConfig table
---@field validationDataConfig? table
---@field outputDataConfig table
---@field hyperParameters? table<string, string>
---@field vpcConfig? table
---@field customizationConfig? table

---@class bedrock.CreateModelCustomizationJobAnswer
---@field jobArn string

---@class bedrock.CreateModelImportJobRequest
---@field jobName string
---@field importedModelName string
---@field roleArn string
---@field modelDataSource table
---@field jobTags? table[]
---@field importedModelTags? table[]
---@field clientRequestToken? string
---@field vpcConfig? table
---@field importedModelKmsKeyId? string

---@class bedrock.CreateModelImportJobAnswer
---@field jobArn string

---@class bedrock.CreateModelInvocationJobRequest
---@field jobName string
---@field roleArn string
---@field clientRequestToken? string
---@field modelId string
---@field inputDataConfig table
---@field outputDataConfig table
---@field vpcConfig? table
---@field timeoutDurationInHours? integer
---@field tags? table[]
---@field modelInvocationType? string

---@class bedrock.CreateModelInvocationJobAnswer
---@field jobArn string

---@class bedrock.CreatePromptRouterRequest
---@field clientRequestToken? string
---@field promptRouterName string
---@field models table[]
---@field description? string
---@field routingCriteria table
---@field fallbackModel table
---@field tags? table[]

---@class bedrock.CreatePromptRouterAnswer
---@field promptRouterArn? string

---@class bedrock.CreateProvisionedModelThroughputRequest
---@field clientRequestToken? string
---@field modelUnits integer
---@field provisionedModelName string
---@field modelId string
---@field commitmentDuration? string
---@field tags? table[]

---@class bedrock.CreateProvisionedModelThroughputAnswer
---@field provisionedModelArn string

---@class bedrock.DeleteAutomatedReasoningPolicyRequest
---@field policyArn string
---@field force? boolean

---@class bedrock.DeleteAutomatedReasoningPolicyBuildWorkflowRequest
---@field policyArn string
---@field buildWorkflowId string
---@field lastUpdatedAt number|string

---@class bedrock.DeleteAutomatedReasoningPolicyTestCaseRequest
---@field policyArn string
---@field testCaseId string
---@field lastUpdatedAt number|string

---@class bedrock.DeleteCustomModelRequest
---@field modelIdentifier string

---@class bedrock.DeleteCustomModelDeploymentRequest
---@field customModelDeploymentIdentifier string

---@class bedrock.DeleteEnforcedGuardrailConfigurationRequest
---@field configId string

---@class bedrock.DeleteFoundationModelAgreementRequest
---@field modelId string

---@class bedrock.DeleteGuardrailRequest
---@field guardrailIdentifier string
---@field guardrailVersion? string

---@class bedrock.DeleteImportedModelRequest
---@field modelIdentifier string

---@class bedrock.DeleteInferenceProfileRequest
---@field inferenceProfileIdentifier string

---@class bedrock.DeleteMarketplaceModelEndpointRequest
---@field endpointArn string

---@class bedrock.DeletePromptRouterRequest
---@field promptRouterArn string

---@class bedrock.DeleteProvisionedModelThroughputRequest
---@field provisionedModelId string

---@class bedrock.DeleteResourcePolicyRequest
---@field resourceArn string

---@class bedrock.DeregisterMarketplaceModelEndpointRequest
---@field endpointArn string

---@class bedrock.ExportAutomatedReasoningPolicyVersionRequest
---@field policyArn string

---@class bedrock.ExportAutomatedReasoningPolicyVersionAnswer
---@field policyDefinition table

---@class bedrock.GetAccountDataRetentionAnswer
---@field mode string
---@field updatedAt? number|string

---@class bedrock.GetAdvancedPromptOptimizationJobRequest
---@field jobIdentifier string

---@class bedrock.GetAdvancedPromptOptimizationJobAnswer
---@field jobArn string
---@field jobName string
---@field jobDescription? string
---@field jobStatus string
---@field inputConfig table
---@field outputConfig table
---@field encryptionKeyArn? string
---@field creationTime number|string
---@field lastModifiedTime? number|string
---@field failureMessage? string
---@field modelConfigurations table[]

---@class bedrock.GetAutomatedReasoningPolicyRequest
---@field policyArn string

---@class bedrock.GetAutomatedReasoningPolicyAnswer
---@field policyArn string
---@field name string
---@field version string
---@field policyId string
---@field description? string
---@field definitionHash string
---@field kmsKeyArn? string
---@field createdAt? number|string
---@field updatedAt number|string

---@class bedrock.GetAutomatedReasoningPolicyAnnotationsRequest
---@field policyArn string
---@field buildWorkflowId string

---@class bedrock.GetAutomatedReasoningPolicyAnnotationsAnswer
---@field policyArn string
---@field name string
---@field buildWorkflowId string
---@field annotations table[]
---@field annotationSetHash string
---@field updatedAt number|string

---@class bedrock.GetAutomatedReasoningPolicyBuildWorkflowRequest
---@field policyArn string
---@field buildWorkflowId string

---@class bedrock.GetAutomatedReasoningPolicyBuildWorkflowAnswer
---@field policyArn string
---@field buildWorkflowId string
---@field status string
---@field buildWorkflowType string
---@field documentName? string
---@field documentContentType? string
---@field documentDescription? string
---@field createdAt number|string
---@field updatedAt number|string

---@class bedrock.GetAutomatedReasoningPolicyBuildWorkflowResultAssetsRequest
---@field policyArn string
---@field buildWorkflowId string
---@field assetType string
---@field assetId? string

---@class bedrock.GetAutomatedReasoningPolicyBuildWorkflowResultAssetsAnswer
---@field policyArn string
---@field buildWorkflowId string
---@field buildWorkflowAssets? table

---@class bedrock.GetAutomatedReasoningPolicyNextScenarioRequest
---@field policyArn string
---@field buildWorkflowId string

---@class bedrock.GetAutomatedReasoningPolicyNextScenarioAnswer
---@field policyArn string
---@field scenario? table

---@class bedrock.GetAutomatedReasoningPolicyTestCaseRequest
---@field policyArn string
---@field testCaseId string

---@class bedrock.GetAutomatedReasoningPolicyTestCaseAnswer
---@field policyArn string
---@field testCase table

---@class bedrock.GetAutomatedReasoningPolicyTestResultRequest
---@field policyArn string
---@field buildWorkflowId string
---@field testCaseId string

---@class bedrock.GetAutomatedReasoningPolicyTestResultAnswer
---@field testResult table

---@class bedrock.GetCustomModelRequest
---@field modelIdentifier string

---@class bedrock.GetCustomModelAnswer
---@field modelArn string
---@field modelName string
---@field jobName? string
---@field jobArn? string
---@field baseModelArn? string
---@field customizationType? string
---@field modelKmsKeyArn? string
---@field hyperParameters? table<string, string>
---@field trainingDataConfig? table
---@field validationDataConfig? table
---@field outputDataConfig? table
---@field trainingMetrics? table
---@field validationMetrics? table[]
---@field creationTime number|string
---@field customizationConfig? table
---@field modelStatus? string
---@field failureMessage? string

---@class bedrock.GetCustomModelDeploymentRequest
---@field customModelDeploymentIdentifier string

---@class bedrock.GetCustomModelDeploymentAnswer
---@field customModelDeploymentArn string
---@field modelDeploymentName string
---@field modelArn string
---@field createdAt number|string
---@field status string
---@field description? string
---@field updateDetails? table
---@field failureMessage? string
---@field lastUpdatedAt? number|string

---@class bedrock.GetEvaluationJobRequest
---@field jobIdentifier string

---@class bedrock.GetEvaluationJobAnswer
---@field jobName string
---@field status string
---@field jobArn string
---@field jobDescription? string
---@field roleArn string
---@field customerEncryptionKeyId? string
---@field jobType string
---@field applicationType? string
---@field evaluationConfig table
---@field inferenceConfig table
---@field outputDataConfig table
---@field creationTime number|string
---@field lastModifiedTime? number|string
---@field failureMessages? string[]

---@class bedrock.GetFoundationModelRequest
---@field modelIdentifier string

---@class bedrock.GetFoundationModelAnswer
---@field modelDetails? table

---@class bedrock.GetFoundationModelAvailabilityRequest
---@field modelId string

---@class bedrock.GetFoundationModelAvailabilityAnswer
---@field modelId string
---@field agreementAvailability table
---@field authorizationStatus string
---@field entitlementAvailability string
---@field regionAvailability string

---@class bedrock.GetGuardrailRequest
---@field guardrailIdentifier string
---@field guardrailVersion? string

---@class bedrock.GetGuardrailAnswer
---@field name string
---@field description? string
---@field guardrailId string
---@field guardrailArn string
---@field version string
---@field status string
---@field topicPolicy? table
---@field contentPolicy? table
---@field wordPolicy? table
---@field sensitiveInformationPolicy? table
---@field contextualGroundingPolicy? table
---@field automatedReasoningPolicy? table
---@field crossRegionDetails? table
---@field createdAt number|string
---@field updatedAt number|string
---@field statusReasons? string[]
---@field failureRecommendations? string[]
---@field blockedInputMessaging string
---@field blockedOutputsMessaging string
---@field kmsKeyArn? string

---@class bedrock.GetImportedModelRequest
---@field modelIdentifier string

---@class bedrock.GetImportedModelAnswer
---@field modelArn? string
---@field modelName? string
---@field jobName? string
---@field jobArn? string
---@field modelDataSource? table
---@field creationTime? number|string
---@field modelArchitecture? string
---@field modelKmsKeyArn? string
---@field instructSupported? boolean
---@field customModelUnits? table

---@class bedrock.GetInferenceProfileRequest
---@field inferenceProfileIdentifier string

---@class bedrock.GetInferenceProfileAnswer
---@field inferenceProfileName string
---@field description? string
---@field createdAt? number|string
---@field updatedAt? number|string
---@field inferenceProfileArn string
---@field models table[]
---@field inferenceProfileId string
---@field status string
---@field type string

---@class bedrock.GetMarketplaceModelEndpointRequest
---@field endpointArn string

---@class bedrock.GetMarketplaceModelEndpointAnswer
---@field marketplaceModelEndpoint? table

---@class bedrock.GetModelCopyJobRequest
---@field jobArn string

---@class bedrock.GetModelCopyJobAnswer
---@field jobArn string
---@field status string
---@field creationTime number|string
---@field targetModelArn string
---@field targetModelName? string
---@field sourceAccountId string
---@field sourceModelArn string
---@field targetModelKmsKeyArn? string
---@field targetModelTags? table[]
---@field failureMessage? string
---@field sourceModelName? string

---@class bedrock.GetModelCustomizationJobRequest
---@field jobIdentifier string

---@class bedrock.GetModelCustomizationJobAnswer
---@field jobArn string
---@field jobName string
---@field outputModelName string
---@field outputModelArn? string
---@field clientRequestToken? string
---@field roleArn string
---@field status? string
---@field statusDetails? table
---@field failureMessage? string
---@field creationTime number|string
---@field lastModifiedTime? number|string
---@field endTime? number|string
---@field baseModelArn string
---@field hyperParameters? table<string, string>
---@field trainingDataConfig table
---@field validationDataConfig table
---@field outputDataConfig table
---@field customizationType? string
---@field outputModelKmsKeyArn? string
---@field trainingMetrics? table
---@field validationMetrics? table[]
---@field vpcConfig? table
---@field customizationConfig? table

---@class bedrock.GetModelImportJobRequest
---@field jobIdentifier string

---@class bedrock.GetModelImportJobAnswer
---@field jobArn? string
---@field jobName? string
---@field importedModelName? string
---@field importedModelArn? string
---@field roleArn? string
---@field modelDataSource? table
---@field status? string
---@field failureMessage? string
---@field creationTime? number|string
---@field lastModifiedTime? number|string
---@field endTime? number|string
---@field vpcConfig? table
---@field importedModelKmsKeyArn? string

---@class bedrock.GetModelInvocationJobRequest
---@field jobIdentifier string

---@class bedrock.GetModelInvocationJobAnswer
---@field jobArn string
---@field jobName? string
---@field modelId string
---@field clientRequestToken? string
---@field roleArn string
---@field status? string
---@field message? string
---@field submitTime number|string
---@field lastModifiedTime? number|string
---@field endTime? number|string
---@field inputDataConfig table
---@field outputDataConfig table
---@field vpcConfig? table
---@field timeoutDurationInHours? integer
---@field jobExpirationTime? number|string
---@field modelInvocationType? string
---@field totalRecordCount? integer
---@field processedRecordCount? integer
---@field successRecordCount? integer
---@field errorRecordCount? integer

---@class bedrock.GetModelInvocationLoggingConfigurationAnswer
---@field loggingConfig? table

---@class bedrock.GetPromptRouterRequest
---@field promptRouterArn string

---@class bedrock.GetPromptRouterAnswer
---@field promptRouterName string
---@field routingCriteria table
---@field description? string
---@field createdAt? number|string
---@field updatedAt? number|string
---@field promptRouterArn string
---@field models table[]
---@field fallbackModel table
---@field status string
---@field type string

---@class bedrock.GetProvisionedModelThroughputRequest
---@field provisionedModelId string

---@class bedrock.GetProvisionedModelThroughputAnswer
---@field modelUnits integer
---@field desiredModelUnits integer
---@field provisionedModelName string
---@field provisionedModelArn string
---@field modelArn string
---@field desiredModelArn string
---@field foundationModelArn string
---@field status string
---@field creationTime number|string
---@field lastModifiedTime number|string
---@field failureMessage? string
---@field commitmentDuration? string
---@field commitmentExpirationTime? number|string

---@class bedrock.GetResourcePolicyRequest
---@field resourceArn string

---@class bedrock.GetResourcePolicyAnswer
---@field resourcePolicy? string

---@class bedrock.GetUseCaseForModelAccessAnswer
---@field formData string

---@class bedrock.ListAdvancedPromptOptimizationJobsRequest
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListAdvancedPromptOptimizationJobsAnswer
---@field jobSummaries? table[]
---@field nextToken? string

---@class bedrock.ListAutomatedReasoningPoliciesRequest
---@field policyArn? string
---@field nextToken? string
---@field maxResults? integer

---@class bedrock.ListAutomatedReasoningPoliciesAnswer
---@field automatedReasoningPolicySummaries table[]
---@field nextToken? string

---@class bedrock.ListAutomatedReasoningPolicyBuildWorkflowsRequest
---@field policyArn string
---@field nextToken? string
---@field maxResults? integer

---@class bedrock.ListAutomatedReasoningPolicyBuildWorkflowsAnswer
---@field automatedReasoningPolicyBuildWorkflowSummaries table[]
---@field nextToken? string

---@class bedrock.ListAutomatedReasoningPolicyTestCasesRequest
---@field policyArn string
---@field nextToken? string
---@field maxResults? integer

---@class bedrock.ListAutomatedReasoningPolicyTestCasesAnswer
---@field testCases table[]
---@field nextToken? string

---@class bedrock.ListAutomatedReasoningPolicyTestResultsRequest
---@field policyArn string
---@field buildWorkflowId string
---@field nextToken? string
---@field maxResults? integer

---@class bedrock.ListAutomatedReasoningPolicyTestResultsAnswer
---@field testResults table[]
---@field nextToken? string

---@class bedrock.ListCustomModelDeploymentsRequest
---@field createdBefore? number|string
---@field createdAfter? number|string
---@field nameContains? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string
---@field statusEquals? string
---@field modelArnEquals? string

---@class bedrock.ListCustomModelDeploymentsAnswer
---@field nextToken? string
---@field modelDeploymentSummaries? table[]

---@class bedrock.ListCustomModelsRequest
---@field creationTimeBefore? number|string
---@field creationTimeAfter? number|string
---@field nameContains? string
---@field baseModelArnEquals? string
---@field foundationModelArnEquals? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string
---@field isOwned? boolean
---@field modelStatus? string

---@class bedrock.ListCustomModelsAnswer
---@field nextToken? string
---@field modelSummaries? table[]

---@class bedrock.ListEnforcedGuardrailsConfigurationRequest
---@field nextToken? string

---@class bedrock.ListEnforcedGuardrailsConfigurationAnswer
---@field guardrailsConfig table[]
---@field nextToken? string

---@class bedrock.ListEvaluationJobsRequest
---@field creationTimeAfter? number|string
---@field creationTimeBefore? number|string
---@field statusEquals? string
---@field applicationTypeEquals? string
---@field nameContains? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListEvaluationJobsAnswer
---@field nextToken? string
---@field jobSummaries? table[]

---@class bedrock.ListFoundationModelAgreementOffersRequest
---@field modelId string
---@field offerType? string

---@class bedrock.ListFoundationModelAgreementOffersAnswer
---@field modelId string
---@field offers table[]

---@class bedrock.ListFoundationModelsRequest
---@field byProvider? string
---@field byCustomizationType? string
---@field byOutputModality? string
---@field byInferenceType? string

---@class bedrock.ListFoundationModelsAnswer
---@field modelSummaries? table[]

---@class bedrock.ListGuardrailsRequest
---@field guardrailIdentifier? string
---@field maxResults? integer
---@field nextToken? string

---@class bedrock.ListGuardrailsAnswer
---@field guardrails table[]
---@field nextToken? string

---@class bedrock.ListImportedModelsRequest
---@field creationTimeBefore? number|string
---@field creationTimeAfter? number|string
---@field nameContains? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListImportedModelsAnswer
---@field nextToken? string
---@field modelSummaries? table[]

---@class bedrock.ListInferenceProfilesRequest
---@field maxResults? integer
---@field nextToken? string
---@field typeEquals? string

---@class bedrock.ListInferenceProfilesAnswer
---@field inferenceProfileSummaries? table[]
---@field nextToken? string

---@class bedrock.ListMarketplaceModelEndpointsRequest
---@field maxResults? integer
---@field nextToken? string
---@field modelSourceEquals? string

---@class bedrock.ListMarketplaceModelEndpointsAnswer
---@field marketplaceModelEndpoints? table[]
---@field nextToken? string

---@class bedrock.ListModelCopyJobsRequest
---@field creationTimeAfter? number|string
---@field creationTimeBefore? number|string
---@field statusEquals? string
---@field sourceAccountEquals? string
---@field sourceModelArnEquals? string
---@field targetModelNameContains? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListModelCopyJobsAnswer
---@field nextToken? string
---@field modelCopyJobSummaries? table[]

---@class bedrock.ListModelCustomizationJobsRequest
---@field creationTimeAfter? number|string
---@field creationTimeBefore? number|string
---@field statusEquals? string
---@field nameContains? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListModelCustomizationJobsAnswer
---@field nextToken? string
---@field modelCustomizationJobSummaries? table[]

---@class bedrock.ListModelImportJobsRequest
---@field creationTimeAfter? number|string
---@field creationTimeBefore? number|string
---@field statusEquals? string
---@field nameContains? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListModelImportJobsAnswer
---@field nextToken? string
---@field modelImportJobSummaries? table[]

---@class bedrock.ListModelInvocationJobsRequest
---@field submitTimeAfter? number|string
---@field submitTimeBefore? number|string
---@field statusEquals? string
---@field nameContains? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListModelInvocationJobsAnswer
---@field nextToken? string
---@field invocationJobSummaries? table[]

---@class bedrock.ListPromptRoutersRequest
---@field maxResults? integer
---@field nextToken? string
---@field type? string

---@class bedrock.ListPromptRoutersAnswer
---@field promptRouterSummaries? table[]
---@field nextToken? string

---@class bedrock.ListProvisionedModelThroughputsRequest
---@field creationTimeAfter? number|string
---@field creationTimeBefore? number|string
---@field statusEquals? string
---@field modelArnEquals? string
---@field nameContains? string
---@field maxResults? integer
---@field nextToken? string
---@field sortBy? string
---@field sortOrder? string

---@class bedrock.ListProvisionedModelThroughputsAnswer
---@field nextToken? string
---@field provisionedModelSummaries? table[]

---@class bedrock.ListTagsForResourceRequest
---@field resourceARN string

---@class bedrock.ListTagsForResourceAnswer
---@field tags? table[]

---@class bedrock.PutAccountDataRetentionRequest
---@field mode string

---@class bedrock.PutAccountDataRetentionAnswer
---@field mode string
---@field updatedAt? number|string

---@class bedrock.PutEnforcedGuardrailConfigurationRequest
---@field configId? string
---@field guardrailInferenceConfig table

---@class bedrock.PutEnforcedGuardrailConfigurationAnswer
---@field configId? string
---@field updatedAt? number|string
---@field updatedBy? string

---@class bedrock.PutModelInvocationLoggingConfigurationRequest
---@field loggingConfig table

---@class bedrock.PutResourcePolicyRequest
---@field resourceArn string
---@field resourcePolicy string

---@class bedrock.PutResourcePolicyAnswer
---@field resourceArn? string

---@class bedrock.PutUseCaseForModelAccessRequest
---@field formData string

---@class bedrock.RegisterMarketplaceModelEndpointRequest
---@field endpointIdentifier string
---@field modelSourceIdentifier string

---@class bedrock.RegisterMarketplaceModelEndpointAnswer
---@field marketplaceModelEndpoint table

---@class bedrock.StartAutomatedReasoningPolicyBuildWorkflowRequest
---@field policyArn string
---@field buildWorkflowType string
---@field clientRequestToken? string
---@field sourceContent table

---@class bedrock.StartAutomatedReasoningPolicyBuildWorkflowAnswer
---@field policyArn string
---@field buildWorkflowId string

---@class bedrock.StartAutomatedReasoningPolicyTestWorkflowRequest
---@field policyArn string
---@field buildWorkflowId string
---@field testCaseIds? string[]
---@field clientRequestToken? string

---@class bedrock.StartAutomatedReasoningPolicyTestWorkflowAnswer
---@field policyArn string

---@class bedrock.StopAdvancedPromptOptimizationJobRequest
---@field jobIdentifier string

---@class bedrock.StopEvaluationJobRequest
---@field jobIdentifier string

---@class bedrock.StopModelCustomizationJobRequest
---@field jobIdentifier string

---@class bedrock.StopModelInvocationJobRequest
---@field jobIdentifier string

---@class bedrock.TagResourceRequest
---@field resourceARN string
---@field tags table[]

---@class bedrock.UntagResourceRequest
---@field resourceARN string
---@field tagKeys string[]

---@class bedrock.UpdateAutomatedReasoningPolicyRequest
---@field policyArn string
---@field policyDefinition table
---@field name? string
---@field description? string

---@class bedrock.UpdateAutomatedReasoningPolicyAnswer
---@field policyArn string
---@field name string
---@field definitionHash string
---@field updatedAt number|string

---@class bedrock.UpdateAutomatedReasoningPolicyAnnotationsRequest
---@field policyArn string
---@field buildWorkflowId string
---@field annotations table[]
---@field lastUpdatedAnnotationSetHash string

---@class bedrock.UpdateAutomatedReasoningPolicyAnnotationsAnswer
---@field policyArn string
---@field buildWorkflowId string
---@field annotationSetHash string
---@field updatedAt number|string

---@class bedrock.UpdateAutomatedReasoningPolicyTestCaseRequest
---@field policyArn string
---@field testCaseId string
---@field guardContent string
---@field queryContent? string
---@field lastUpdatedAt number|string
---@field expectedAggregatedFindingsResult string
---@field confidenceThreshold? number
---@field clientRequestToken? string

---@class bedrock.UpdateAutomatedReasoningPolicyTestCaseAnswer
---@field policyArn string
---@field testCaseId string

---@class bedrock.UpdateCustomModelDeploymentRequest
---@field customModelDeploymentIdentifier string
---@field modelArn string

---@class bedrock.UpdateCustomModelDeploymentAnswer
---@field customModelDeploymentArn string

---@class bedrock.UpdateGuardrailRequest
---@field guardrailIdentifier string
---@field name string
---@field description? string
---@field topicPolicyConfig? table
---@field contentPolicyConfig? table
---@field wordPolicyConfig? table
---@field sensitiveInformationPolicyConfig? table
---@field contextualGroundingPolicyConfig? table
---@field automatedReasoningPolicyConfig? table
---@field crossRegionConfig? table
---@field blockedInputMessaging string
---@field blockedOutputsMessaging string
---@field kmsKeyId? string

---@class bedrock.UpdateGuardrailAnswer
---@field guardrailId string
---@field guardrailArn string
---@field version string
---@field updatedAt number|string

---@class bedrock.UpdateMarketplaceModelEndpointRequest
---@field endpointArn string
---@field endpointConfig table
---@field clientRequestToken? string

---@class bedrock.UpdateMarketplaceModelEndpointAnswer
---@field marketplaceModelEndpoint table

---@class bedrock.UpdateProvisionedModelThroughputRequest
---@field provisionedModelId string
---@field desiredProvisionedModelName? string
---@field desiredModelId? string

---@class bedrock.AssumeRoleRequest
---@field RoleArn string
---@field RoleSessionName string
---@field PolicyArns? table[]
---@field Policy? string
---@field DurationSeconds? integer
---@field Tags? table[]
---@field TransitiveTagKeys? string[]
---@field ExternalId? string
---@field SerialNumber? string
---@field TokenCode? string
---@field SourceIdentity? string
---@field ProvidedContexts? table[]

---@class bedrock.AssumeRoleAnswer
---@field Credentials? table
---@field AssumedRoleUser? table
---@field PackedPolicySize? integer
---@field SourceIdentity? string

---@class bedrock.AssumeRoleWithWebIdentityRequest
---@field RoleArn string
---@field RoleSessionName string
---@field WebIdentityToken string
---@field ProviderId? string
---@field PolicyArns? table[]
---@field Policy? string
---@field DurationSeconds? integer

---@class bedrock.AssumeRoleWithWebIdentityAnswer
---@field Credentials? table
---@field SubjectFromWebIdentityToken? string
---@field AssumedRoleUser? table
---@field PackedPolicySize? integer
---@field Provider? string
---@field Audience? string
---@field SourceIdentity? string

---@class bedrock.GetCallerIdentityAnswer
---@field UserId? string
---@field Account? string
---@field Arn? string
