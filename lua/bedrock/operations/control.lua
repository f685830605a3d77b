-- Amazon Bedrock: the operations that manage models, guardrails, jobs and profiles (the control plane).
-- How to read a row: init.lua.

return {
{
  id = "bedrock", endpoint_prefix = "bedrock", signing_name = "bedrock", protocol = "rest-json", version = "2023-04-20",
  auth = "sigv4 bearer",
  statuses = [[
    AccessDeniedException=403 ValidationException=400 InternalServerException=500 ThrottlingException=429
    ResourceNotFoundException=404 ConflictException=400 TooManyTagsException=400 ServiceQuotaExceededException=400
    ResourceInUseException=400 ServiceUnavailableException=503
  ]],
  always = "AccessDeniedException ValidationException InternalServerException ThrottlingException",
  operations = {
    BatchDeleteAdvancedPromptOptimizationJob = {
      "POST /advanced-prompt-optimization-job/batch-delete 202",
      body = "jobIdentifiers:string[]!",
      out = "errors:object[]! advancedPromptOptimizationJobs:object[]!",
    },
    BatchDeleteEvaluationJob = {
      "POST /evaluation-jobs/batch-delete 202",
      body = "jobIdentifiers:string[]!",
      out = "errors:object[]! evaluationJobs:object[]!",
      errors = "ResourceNotFoundException ConflictException",
    },
    CancelAutomatedReasoningPolicyBuildWorkflow = {
      "POST /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}/cancel 202 idempotent",
      errors = "ResourceNotFoundException",
    },
    CreateAdvancedPromptOptimizationJob = {
      "POST /advanced-prompt-optimization-jobs idempotent",
      body = [[
        jobName! jobDescription clientToken* inputConfig:object! outputConfig:object! encryptionKeyArn tags:object[]
        modelConfigurations:object[]!
      ]],
      out = "jobArn!",
      lists = "modelConfigurations[].inferenceConfig.stopSequences",
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateAutomatedReasoningPolicy = {
      "POST /automated-reasoning-policies idempotent",
      body = "name!~ description~ clientRequestToken* policyDefinition:object kmsKeyId tags:object[]",
      out = "policyArn! version! name!~ description~ definitionHash createdAt:time! updatedAt:time!",
      lists = "policyDefinition.{types,rules,variables} policyDefinition.types[].values",
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateAutomatedReasoningPolicyTestCase = {
      "POST /automated-reasoning-policies/{policyArn}/test-cases idempotent",
      body = [[
        guardContent!~ queryContent~ expectedAggregatedFindingsResult! clientRequestToken* confidenceThreshold:double
      ]],
      out = "policyArn! testCaseId!",
      errors = "ResourceNotFoundException ConflictException ServiceQuotaExceededException",
    },
    CreateAutomatedReasoningPolicyVersion = {
      "POST /automated-reasoning-policies/{policyArn}/versions idempotent",
      body = "clientRequestToken* lastUpdatedDefinitionHash! tags:object[]",
      out = "policyArn! version! name!~ description~ definitionHash! createdAt:time!",
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateCustomModel = {
      "POST /custom-models/create-custom-model 202 idempotent",
      body = [[
        modelName! modelSourceConfig:oneof customModelDataSource:oneof modelKmsKeyArn roleArn modelTags:object[]
        clientRequestToken*
      ]],
      out = "modelArn!",
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateCustomModelDeployment = {
      "POST /model-customization/custom-model-deployments 202 idempotent",
      body = "modelDeploymentName! modelArn! description tags:object[] clientRequestToken*",
      out = "customModelDeploymentArn!",
      errors = "ResourceNotFoundException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateEvaluationJob = {
      "POST /evaluation-jobs 202 idempotent",
      body = [[
        jobName! jobDescription~ clientRequestToken* roleArn! customerEncryptionKeyId jobTags:object[] applicationType
        evaluationConfig:oneof! inferenceConfig:oneof! outputDataConfig:object!
      ]],
      out = "jobArn!",
      lists = [[
        evaluationConfig.{automated,human}.( datasetMetricConfigs datasetMetricConfigs[].metricNames )
        evaluationConfig.human.customMetrics evaluationConfig.automated.customMetricConfig.customMetrics
        evaluationConfig.automated.customMetricConfig.customMetrics[].customMetricDefinition.ratingScale
        evaluationConfig.automated.{evaluatorModelConfig,customMetricConfig.evaluatorModelConfig}.bedrockEvaluatorModels
        inferenceConfig.{models,ragConfigs}
        inferenceConfig.ragConfigs[].knowledgeBaseConfig.(
          retrieveConfig.knowledgeBaseRetrievalConfiguration.vectorSearchConfiguration.(
            filter.{andAll,orAll} implicitFilterConfiguration.metadataAttributes
            rerankingConfiguration.bedrockRerankingConfiguration.metadataConfiguration.selectiveModeConfiguration.(
              fieldsToInclude fieldsToExclude
            )
          )
          retrieveAndGenerateConfig.knowledgeBaseConfiguration.retrievalConfiguration.vectorSearchConfiguration.(
            filter.{andAll,orAll} implicitFilterConfiguration.metadataAttributes
            rerankingConfiguration.bedrockRerankingConfiguration.metadataConfiguration.selectiveModeConfiguration.(
              fieldsToInclude fieldsToExclude
            )
          )
          retrieveAndGenerateConfig.{knowledgeBaseConfiguration,externalSourcesConfiguration}.(
            generationConfiguration.kbInferenceConfig.textInferenceConfig.stopSequences
          )
          retrieveAndGenerateConfig.externalSourcesConfiguration.sources
        )
      ]],
      blobs = [[
        inferenceConfig.ragConfigs[].knowledgeBaseConfig.retrieveAndGenerateConfig.(
          externalSourcesConfiguration.sources[].byteContent.data
        )
      ]],
      errors = "ResourceNotFoundException ConflictException ServiceQuotaExceededException",
    },
    CreateFoundationModelAgreement = {
      "POST /create-foundation-model-agreement 202",
      body = "offerToken! modelId!",
      out = "modelId!",
      errors = "ResourceNotFoundException ConflictException",
    },
    CreateGuardrail = {
      "POST /guardrails 202",
      body = [[
        name!~ description~ topicPolicyConfig:object contentPolicyConfig:object wordPolicyConfig:object
        sensitiveInformationPolicyConfig:object contextualGroundingPolicyConfig:object
        automatedReasoningPolicyConfig:object crossRegionConfig:object blockedInputMessaging!~
        blockedOutputsMessaging!~ kmsKeyId tags:object[] clientRequestToken*
      ]],
      out = "guardrailId! guardrailArn! version! createdAt:time!",
      lists = [[
        topicPolicyConfig.topicsConfig topicPolicyConfig.topicsConfig[].examples
        {contentPolicyConfig,contextualGroundingPolicyConfig}.filtersConfig
        contentPolicyConfig.filtersConfig[].{inputModalities,outputModalities}
        wordPolicyConfig.{wordsConfig,managedWordListsConfig}
        sensitiveInformationPolicyConfig.{piiEntitiesConfig,regexesConfig} automatedReasoningPolicyConfig.policies
      ]],
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateGuardrailVersion = {
      "POST /guardrails/{guardrailIdentifier} 202",
      body = "description~ clientRequestToken*",
      out = "guardrailId! version!",
      errors = "ResourceNotFoundException ConflictException ServiceQuotaExceededException",
    },
    CreateInferenceProfile = {
      "POST /inference-profiles 201 idempotent",
      body = "inferenceProfileName! description~ clientRequestToken* modelSource:oneof! tags:object[]",
      out = "inferenceProfileArn! status",
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateMarketplaceModelEndpoint = {
      "POST /marketplace-model/endpoints",
      body = [[
        modelSourceIdentifier! endpointConfig:oneof! acceptEula:boolean endpointName! clientRequestToken*
        tags:object[]
      ]],
      out = "marketplaceModelEndpoint:object!",
      lists = "endpointConfig.sageMaker.vpc.{subnetIds,securityGroupIds}",
      times_out = "marketplaceModelEndpoint.{createdAt,updatedAt}",
      errors = "ResourceNotFoundException ConflictException ServiceQuotaExceededException",
    },
    CreateModelCopyJob = {
      "POST /model-copy-jobs 201 idempotent",
      body = "sourceModelArn! targetModelName! modelKmsKeyId targetModelTags:object[] clientRequestToken*",
      out = "jobArn!",
      errors = "-ValidationException -ThrottlingException ResourceNotFoundException TooManyTagsException",
    },
    CreateModelCustomizationJob = {
      "POST /model-customization-jobs 201 idempotent",
      body = [[
        jobName! customModelName! roleArn! clientRequestToken* baseModelIdentifier! customizationType
        customModelKmsKeyId jobTags:object[] customModelTags:object[] trainingDataConfig:object!
        validationDataConfig:object outputDataConfig:object! hyperParameters:string{} vpcConfig:object
        customizationConfig:oneof
      ]],
      out = "jobArn!",
      lists = [[
        trainingDataConfig.invocationLogsConfig.requestMetadataFilters.{andAll,orAll} validationDataConfig.validators
        vpcConfig.{subnetIds,securityGroupIds}
      ]],
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateModelImportJob = {
      "POST /model-import-jobs 201 idempotent",
      body = [[
        jobName! importedModelName! roleArn! modelDataSource:oneof! jobTags:object[] importedModelTags:object[]
        clientRequestToken vpcConfig:object importedModelKmsKeyId
      ]],
      out = "jobArn!",
      lists = "vpcConfig.{subnetIds,securityGroupIds}",
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateModelInvocationJob = {
      "POST /model-invocation-job idempotent",
      body = [[
        jobName! roleArn! clientRequestToken* modelId! inputDataConfig:oneof! outputDataConfig:oneof! vpcConfig:object
        timeoutDurationInHours:integer tags:object[] modelInvocationType
      ]],
      out = "jobArn!",
      lists = "vpcConfig.{subnetIds,securityGroupIds}",
      errors = "ResourceNotFoundException ConflictException ServiceQuotaExceededException",
    },
    CreatePromptRouter = {
      "POST /prompt-routers idempotent",
      body = [[
        clientRequestToken* promptRouterName! models:object[]! description~ routingCriteria:object!
        fallbackModel:object! tags:object[]
      ]],
      out = "promptRouterArn",
      errors = "ResourceNotFoundException ConflictException TooManyTagsException ServiceQuotaExceededException",
    },
    CreateProvisionedModelThroughput = {
      "POST /provisioned-model-throughput 201 idempotent",
      body = "clientRequestToken* modelUnits:integer! provisionedModelName! modelId! commitmentDuration tags:object[]",
      out = "provisionedModelArn!",
      errors = "ResourceNotFoundException TooManyTagsException ServiceQuotaExceededException",
    },
    DeleteAutomatedReasoningPolicy = {
      "DELETE /automated-reasoning-policies/{policyArn} 202 idempotent",
      query = "force:boolean",
      errors = "ResourceNotFoundException ConflictException ResourceInUseException",
    },
    DeleteAutomatedReasoningPolicyBuildWorkflow = {
      "DELETE /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId} 202 idempotent",
      query = "lastUpdatedAt=updatedAt:time!",
      errors = "ResourceNotFoundException ConflictException ResourceInUseException",
    },
    DeleteAutomatedReasoningPolicyTestCase = {
      "DELETE /automated-reasoning-policies/{policyArn}/test-cases/{testCaseId} 202 idempotent",
      query = "lastUpdatedAt=updatedAt:time!",
      errors = "ResourceNotFoundException ConflictException ResourceInUseException",
    },
    DeleteCustomModel = {
      "DELETE /custom-models/{modelIdentifier} idempotent",
      errors = "ResourceNotFoundException ConflictException",
    },
    DeleteCustomModelDeployment = {
      "DELETE /model-customization/custom-model-deployments/{customModelDeploymentIdentifier} idempotent",
      errors = "ResourceNotFoundException ConflictException",
    },
    DeleteEnforcedGuardrailConfiguration = {
      "DELETE /enforcedGuardrailsConfiguration/{configId} idempotent",
      errors = "ResourceNotFoundException",
    },
    DeleteFoundationModelAgreement = {
      "POST /delete-foundation-model-agreement 202",
      body = "modelId!",
      errors = "ResourceNotFoundException ConflictException",
    },
    DeleteGuardrail = {
      "DELETE /guardrails/{guardrailIdentifier} 202 idempotent",
      query = "guardrailVersion",
      errors = "ResourceNotFoundException ConflictException ResourceInUseException",
    },
    DeleteImportedModel = {
      "DELETE /imported-models/{modelIdentifier} idempotent",
      errors = "ResourceNotFoundException ConflictException",
    },
    DeleteInferenceProfile = {
      "DELETE /inference-profiles/{inferenceProfileIdentifier} idempotent",
      errors = "ResourceNotFoundException ConflictException",
    },
    DeleteMarketplaceModelEndpoint = {
      "DELETE /marketplace-model/endpoints/{endpointArn} idempotent",
      errors = "ResourceNotFoundException",
    },
    DeleteModelInvocationLoggingConfiguration = {
      "DELETE /logging/modelinvocations idempotent",
      errors = "-ValidationException",
    },
    DeletePromptRouter = {
      "DELETE /prompt-routers/{promptRouterArn} idempotent",
      errors = "ResourceNotFoundException",
    },
    DeleteProvisionedModelThroughput = {
      "DELETE /provisioned-model-throughput/{provisionedModelId} idempotent",
      errors = "ResourceNotFoundException ConflictException",
    },
    DeleteResourcePolicy = {
      "DELETE /resource-policy/{resourceArn} idempotent",
      errors = "ResourceNotFoundException",
    },
    DeregisterMarketplaceModelEndpoint = {
      "DELETE /marketplace-model/endpoints/{endpointArn}/registration",
      errors = "ResourceNotFoundException ServiceUnavailableException",
    },
    ExportAutomatedReasoningPolicyVersion = {
      "GET /automated-reasoning-policies/{policyArn}/export readonly",
      out_payload = "policyDefinition:object!",
      errors = "ResourceNotFoundException",
    },
    GetAccountDataRetention = {
      "GET /data-retention readonly",
      out = "mode! updatedAt:time",
    },
    GetAdvancedPromptOptimizationJob = {
      "GET /advanced-prompt-optimization-jobs/{jobIdentifier} readonly",
      out = [[
        jobArn! jobName! jobDescription jobStatus! inputConfig:object! outputConfig:object! encryptionKeyArn
        creationTime:time! lastModifiedTime:time failureMessage modelConfigurations:object[]!
      ]],
      errors = "ResourceNotFoundException",
    },
    GetAutomatedReasoningPolicy = {
      "GET /automated-reasoning-policies/{policyArn} readonly",
      out = "policyArn! name!~ version! policyId! description~ definitionHash! kmsKeyArn createdAt:time updatedAt:time!",
      errors = "ResourceNotFoundException",
    },
    GetAutomatedReasoningPolicyAnnotations = {
      "GET /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}/annotations readonly",
      out = "policyArn! name!~ buildWorkflowId! annotations:oneof[]! annotationSetHash! updatedAt:time!",
      errors = "ResourceNotFoundException",
    },
    GetAutomatedReasoningPolicyBuildWorkflow = {
      "GET /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId} readonly",
      out = [[
        policyArn! buildWorkflowId! status! buildWorkflowType! documentName~ documentContentType documentDescription~
        createdAt:time! updatedAt:time!
      ]],
      errors = "ResourceNotFoundException",
    },
    GetAutomatedReasoningPolicyBuildWorkflowResultAssets = {
      "GET /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}/result-assets readonly",
      query = "assetType! assetId",
      out = "policyArn! buildWorkflowId! buildWorkflowAssets:oneof",
      blobs_out = "buildWorkflowAssets.document.document",
      errors = "ResourceNotFoundException",
    },
    GetAutomatedReasoningPolicyNextScenario = {
      "GET /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}/scenarios readonly",
      out = "policyArn! scenario:object",
      errors = "ResourceNotFoundException",
    },
    GetAutomatedReasoningPolicyTestCase = {
      "GET /automated-reasoning-policies/{policyArn}/test-cases/{testCaseId} readonly",
      out = "policyArn! testCase:object!",
      times_out = "testCase.{createdAt,updatedAt}",
      errors = "ResourceNotFoundException",
    },
    GetAutomatedReasoningPolicyTestResult = {
      "GET /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}/test-cases/{testCaseId}/test-results " ..
        "readonly",
      out = "testResult:object!",
      times_out = "testResult.testCase.{createdAt,updatedAt} testResult.updatedAt",
      errors = "ResourceNotFoundException",
    },
    GetCustomModel = {
      "GET /custom-models/{modelIdentifier} readonly",
      out = [[
        modelArn! modelName! jobName jobArn baseModelArn customizationType modelKmsKeyArn hyperParameters:string{}
        trainingDataConfig:object validationDataConfig:object outputDataConfig:object trainingMetrics:object
        validationMetrics:object[] creationTime:time! customizationConfig:oneof modelStatus failureMessage
      ]],
      errors = "ResourceNotFoundException",
    },
    GetCustomModelDeployment = {
      "GET /model-customization/custom-model-deployments/{customModelDeploymentIdentifier} readonly",
      out = [[
        customModelDeploymentArn! modelDeploymentName! modelArn! createdAt:time! status! description
        updateDetails:object failureMessage lastUpdatedAt:time
      ]],
      errors = "ResourceNotFoundException",
    },
    GetEvaluationJob = {
      "GET /evaluation-jobs/{jobIdentifier~} readonly",
      out = [[
        jobName! status! jobArn! jobDescription~ roleArn! customerEncryptionKeyId jobType! applicationType
        evaluationConfig:oneof! inferenceConfig:oneof! outputDataConfig:object! creationTime:time!
        lastModifiedTime:time failureMessages:string[]
      ]],
      blobs_out = [[
        inferenceConfig.ragConfigs[].knowledgeBaseConfig.retrieveAndGenerateConfig.(
          externalSourcesConfiguration.sources[].byteContent.data
        )
      ]],
      errors = "ResourceNotFoundException",
    },
    GetFoundationModel = {
      "GET /foundation-models/{modelIdentifier} readonly",
      out = "modelDetails:object",
      times_out = "modelDetails.modelLifecycle.{startOfLifeTime,endOfLifeTime,legacyTime,publicExtendedAccessTime}",
      errors = "ResourceNotFoundException",
    },
    GetFoundationModelAvailability = {
      "GET /foundation-model-availability/{modelId} readonly",
      out = "modelId! agreementAvailability:object! authorizationStatus! entitlementAvailability! regionAvailability!",
      errors = "ResourceNotFoundException",
    },
    GetGuardrail = {
      "GET /guardrails/{guardrailIdentifier} readonly",
      query = "guardrailVersion",
      out = [[
        name!~ description~ guardrailId! guardrailArn! version! status! topicPolicy:object contentPolicy:object
        wordPolicy:object sensitiveInformationPolicy:object contextualGroundingPolicy:object
        automatedReasoningPolicy:object crossRegionDetails:object createdAt:time! updatedAt:time!
        statusReasons:string[] failureRecommendations:string[] blockedInputMessaging!~ blockedOutputsMessaging!~
        kmsKeyArn
      ]],
      errors = "ResourceNotFoundException",
    },
    GetImportedModel = {
      "GET /imported-models/{modelIdentifier} readonly",
      out = [[
        modelArn modelName jobName jobArn modelDataSource:oneof creationTime:time modelArchitecture modelKmsKeyArn
        instructSupported:boolean customModelUnits:object
      ]],
      errors = "ResourceNotFoundException",
    },
    GetInferenceProfile = {
      "GET /inference-profiles/{inferenceProfileIdentifier} readonly",
      out = [[
        inferenceProfileName! description~ createdAt:time updatedAt:time inferenceProfileArn! models:object[]!
        inferenceProfileId! status! type!
      ]],
      errors = "ResourceNotFoundException",
    },
    GetMarketplaceModelEndpoint = {
      "GET /marketplace-model/endpoints/{endpointArn} readonly",
      out = "marketplaceModelEndpoint:object",
      times_out = "marketplaceModelEndpoint.{createdAt,updatedAt}",
      errors = "ResourceNotFoundException",
    },
    GetModelCopyJob = {
      "GET /model-copy-jobs/{jobArn} readonly",
      out = [[
        jobArn! status! creationTime:time! targetModelArn! targetModelName sourceAccountId! sourceModelArn!
        targetModelKmsKeyArn targetModelTags:object[] failureMessage sourceModelName
      ]],
      errors = "ResourceNotFoundException",
    },
    GetModelCustomizationJob = {
      "GET /model-customization-jobs/{jobIdentifier} readonly",
      out = [[
        jobArn! jobName! outputModelName! outputModelArn clientRequestToken roleArn! status statusDetails:object
        failureMessage creationTime:time! lastModifiedTime:time endTime:time baseModelArn! hyperParameters:string{}
        trainingDataConfig:object! validationDataConfig:object! outputDataConfig:object! customizationType
        outputModelKmsKeyArn trainingMetrics:object validationMetrics:object[] vpcConfig:object
        customizationConfig:oneof
      ]],
      times_out = [[
        statusDetails.{validationDetails,dataProcessingDetails,trainingDetails}.creationTime
        statusDetails.{validationDetails,dataProcessingDetails,trainingDetails}.lastModifiedTime
      ]],
      errors = "ResourceNotFoundException",
    },
    GetModelImportJob = {
      "GET /model-import-jobs/{jobIdentifier} readonly",
      out = [[
        jobArn jobName importedModelName importedModelArn roleArn modelDataSource:oneof status failureMessage
        creationTime:time lastModifiedTime:time endTime:time vpcConfig:object importedModelKmsKeyArn
      ]],
      errors = "ResourceNotFoundException",
    },
    GetModelInvocationJob = {
      "GET /model-invocation-job/{jobIdentifier} readonly",
      out = [[
        jobArn! jobName modelId! clientRequestToken roleArn! status message~ submitTime:time! lastModifiedTime:time
        endTime:time inputDataConfig:oneof! outputDataConfig:oneof! vpcConfig:object timeoutDurationInHours:integer
        jobExpirationTime:time modelInvocationType totalRecordCount:long processedRecordCount:long
        successRecordCount:long errorRecordCount:long
      ]],
      errors = "ResourceNotFoundException",
    },
    GetModelInvocationLoggingConfiguration = {
      "GET /logging/modelinvocations readonly",
      out = "loggingConfig:object",
      errors = "-ValidationException",
    },
    GetPromptRouter = {
      "GET /prompt-routers/{promptRouterArn} readonly",
      out = [[
        promptRouterName! routingCriteria:object! description~ createdAt:time updatedAt:time promptRouterArn!
        models:object[]! fallbackModel:object! status! type!
      ]],
      errors = "ResourceNotFoundException",
    },
    GetProvisionedModelThroughput = {
      "GET /provisioned-model-throughput/{provisionedModelId} readonly",
      out = [[
        modelUnits:integer! desiredModelUnits:integer! provisionedModelName! provisionedModelArn! modelArn!
        desiredModelArn! foundationModelArn! status! creationTime:time! lastModifiedTime:time! failureMessage
        commitmentDuration commitmentExpirationTime:time
      ]],
      errors = "ResourceNotFoundException",
    },
    GetResourcePolicy = {
      "GET /resource-policy/{resourceArn} readonly",
      out = "resourcePolicy",
      errors = "ResourceNotFoundException",
    },
    GetUseCaseForModelAccess = {
      "GET /use-case-for-model-access readonly",
      out = "formData:blob!",
      errors = "-AccessDeniedException ResourceNotFoundException",
    },
    ListAdvancedPromptOptimizationJobs = {
      "GET /advanced-prompt-optimization-jobs readonly",
      query = "maxResults:integer nextToken sortBy sortOrder",
      out = "jobSummaries:object[] nextToken",
      page = "jobSummaries",
      times_out = "jobSummaries[].{creationTime,lastModifiedTime}",
    },
    ListAutomatedReasoningPolicies = {
      "GET /automated-reasoning-policies readonly",
      query = "policyArn nextToken maxResults:integer",
      out = "automatedReasoningPolicySummaries:object[]! nextToken",
      page = "automatedReasoningPolicySummaries",
      times_out = "automatedReasoningPolicySummaries[].{createdAt,updatedAt}",
      errors = "ResourceNotFoundException",
    },
    ListAutomatedReasoningPolicyBuildWorkflows = {
      "GET /automated-reasoning-policies/{policyArn}/build-workflows readonly",
      query = "nextToken maxResults:integer",
      out = "automatedReasoningPolicyBuildWorkflowSummaries:object[]! nextToken",
      page = "automatedReasoningPolicyBuildWorkflowSummaries",
      times_out = "automatedReasoningPolicyBuildWorkflowSummaries[].{createdAt,updatedAt}",
      errors = "ResourceNotFoundException",
    },
    ListAutomatedReasoningPolicyTestCases = {
      "GET /automated-reasoning-policies/{policyArn}/test-cases readonly",
      query = "nextToken maxResults:integer",
      out = "testCases:object[]! nextToken",
      page = "testCases",
      times_out = "testCases[].{createdAt,updatedAt}",
      errors = "ResourceNotFoundException",
    },
    ListAutomatedReasoningPolicyTestResults = {
      "GET /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}/test-results readonly",
      query = "nextToken maxResults:integer",
      out = "testResults:object[]! nextToken",
      page = "testResults",
      times_out = "testResults[].testCase.{createdAt,updatedAt} testResults[].updatedAt",
      errors = "ResourceNotFoundException ServiceQuotaExceededException",
    },
    ListCustomModelDeployments = {
      "GET /model-customization/custom-model-deployments readonly",
      query = [[
        createdBefore:time createdAfter:time nameContains maxResults:integer nextToken sortBy sortOrder statusEquals
        modelArnEquals
      ]],
      out = "nextToken modelDeploymentSummaries:object[]",
      page = "modelDeploymentSummaries",
      times_out = "modelDeploymentSummaries[].{createdAt,lastUpdatedAt}",
    },
    ListCustomModels = {
      "GET /custom-models readonly",
      query = [[
        creationTimeBefore:time creationTimeAfter:time nameContains baseModelArnEquals foundationModelArnEquals
        maxResults:integer nextToken sortBy sortOrder isOwned:boolean modelStatus
      ]],
      out = "nextToken modelSummaries:object[]",
      page = "modelSummaries",
      times_out = "modelSummaries[].creationTime",
    },
    ListEnforcedGuardrailsConfiguration = {
      "GET /enforcedGuardrailsConfiguration readonly",
      query = "nextToken",
      out = "guardrailsConfig:object[]! nextToken",
      page = "guardrailsConfig",
      times_out = "guardrailsConfig[].{createdAt,updatedAt}",
      errors = "ResourceNotFoundException",
    },
    ListEvaluationJobs = {
      "GET /evaluation-jobs readonly",
      query = [[
        creationTimeAfter:time creationTimeBefore:time statusEquals applicationTypeEquals nameContains
        maxResults:integer nextToken sortBy sortOrder
      ]],
      out = "nextToken jobSummaries:object[]",
      page = "jobSummaries",
      times_out = "jobSummaries[].creationTime",
    },
    ListFoundationModelAgreementOffers = {
      "GET /list-foundation-model-agreement-offers/{modelId} readonly",
      query = "offerType",
      out = "modelId! offers:object[]!",
      errors = "ResourceNotFoundException",
    },
    ListFoundationModels = {
      "GET /foundation-models readonly",
      query = "byProvider byCustomizationType byOutputModality byInferenceType",
      out = "modelSummaries:object[]",
      times_out = "modelSummaries[].modelLifecycle.{startOfLifeTime,endOfLifeTime,legacyTime,publicExtendedAccessTime}",
    },
    ListGuardrails = {
      "GET /guardrails readonly",
      query = "guardrailIdentifier maxResults:integer nextToken",
      out = "guardrails:object[]! nextToken",
      page = "guardrails",
      times_out = "guardrails[].{createdAt,updatedAt}",
      errors = "ResourceNotFoundException",
    },
    ListImportedModels = {
      "GET /imported-models readonly",
      query = "creationTimeBefore:time creationTimeAfter:time nameContains maxResults:integer nextToken sortBy sortOrder",
      out = "nextToken modelSummaries:object[]",
      page = "modelSummaries",
      times_out = "modelSummaries[].creationTime",
    },
    ListInferenceProfiles = {
      "GET /inference-profiles readonly",
      query = "maxResults:integer nextToken typeEquals=type",
      out = "inferenceProfileSummaries:object[] nextToken",
      page = "inferenceProfileSummaries",
      times_out = "inferenceProfileSummaries[].{createdAt,updatedAt}",
    },
    ListMarketplaceModelEndpoints = {
      "GET /marketplace-model/endpoints readonly",
      query = "maxResults:integer nextToken modelSourceEquals=modelSourceIdentifier",
      out = "marketplaceModelEndpoints:object[] nextToken",
      page = "marketplaceModelEndpoints",
      times_out = "marketplaceModelEndpoints[].{createdAt,updatedAt}",
      errors = "ResourceNotFoundException",
    },
    ListModelCopyJobs = {
      "GET /model-copy-jobs readonly",
      query = [[
        creationTimeAfter:time creationTimeBefore:time statusEquals sourceAccountEquals sourceModelArnEquals
        targetModelNameContains=outputModelNameContains maxResults:integer nextToken sortBy sortOrder
      ]],
      out = "nextToken modelCopyJobSummaries:object[]",
      page = "modelCopyJobSummaries",
      times_out = "modelCopyJobSummaries[].creationTime",
      errors = "ResourceNotFoundException",
    },
    ListModelCustomizationJobs = {
      "GET /model-customization-jobs readonly",
      query = [[
        creationTimeAfter:time creationTimeBefore:time statusEquals nameContains maxResults:integer nextToken sortBy
        sortOrder
      ]],
      out = "nextToken modelCustomizationJobSummaries:object[]",
      page = "modelCustomizationJobSummaries",
      times_out = [[
        modelCustomizationJobSummaries[].(
          creationTime lastModifiedTime endTime
          statusDetails.{validationDetails,dataProcessingDetails,trainingDetails}.{creationTime,lastModifiedTime}
        )
      ]],
    },
    ListModelImportJobs = {
      "GET /model-import-jobs readonly",
      query = [[
        creationTimeAfter:time creationTimeBefore:time statusEquals nameContains maxResults:integer nextToken sortBy
        sortOrder
      ]],
      out = "nextToken modelImportJobSummaries:object[]",
      page = "modelImportJobSummaries",
      times_out = "modelImportJobSummaries[].{lastModifiedTime,creationTime,endTime}",
    },
    ListModelInvocationJobs = {
      "GET /model-invocation-jobs readonly",
      query = [[
        submitTimeAfter:time submitTimeBefore:time statusEquals nameContains maxResults:integer nextToken sortBy
        sortOrder
      ]],
      out = "nextToken invocationJobSummaries:object[]",
      page = "invocationJobSummaries",
      times_out = "invocationJobSummaries[].{submitTime,lastModifiedTime,endTime,jobExpirationTime}",
    },
    ListPromptRouters = {
      "GET /prompt-routers readonly",
      query = "maxResults:integer nextToken type",
      out = "promptRouterSummaries:object[] nextToken",
      page = "promptRouterSummaries",
      times_out = "promptRouterSummaries[].{createdAt,updatedAt}",
    },
    ListProvisionedModelThroughputs = {
      "GET /provisioned-model-throughputs readonly",
      query = [[
        creationTimeAfter:time creationTimeBefore:time statusEquals modelArnEquals nameContains maxResults:integer
        nextToken sortBy sortOrder
      ]],
      out = "nextToken provisionedModelSummaries:object[]",
      page = "provisionedModelSummaries",
      times_out = "provisionedModelSummaries[].{commitmentExpirationTime,creationTime,lastModifiedTime}",
    },
    ListTagsForResource = {
      "POST /listTagsForResource",
      body = "resourceARN!",
      out = "tags:object[]",
      errors = "ResourceNotFoundException",
    },
    PutAccountDataRetention = {
      "PUT /data-retention idempotent",
      body = "mode!",
      out = "mode! updatedAt:time",
    },
    PutEnforcedGuardrailConfiguration = {
      "PUT /enforcedGuardrailsConfiguration idempotent",
      body = "configId guardrailInferenceConfig:object!",
      out = "configId updatedAt:time updatedBy",
      lists = "guardrailInferenceConfig.modelEnforcement.{includedModels,excludedModels}",
      errors = "ResourceNotFoundException ConflictException",
    },
    PutModelInvocationLoggingConfiguration = {
      "PUT /logging/modelinvocations idempotent",
      body = "loggingConfig:object!",
    },
    PutResourcePolicy = {
      "POST /resource-policy 201 idempotent",
      body = "resourceArn! resourcePolicy!",
      out = "resourceArn",
      errors = "ConflictException",
    },
    PutUseCaseForModelAccess = {
      "POST /use-case-for-model-access 201",
      body = "formData:blob!",
    },
    RegisterMarketplaceModelEndpoint = {
      "POST /marketplace-model/endpoints/{endpointIdentifier}/registration",
      body = "modelSourceIdentifier!",
      out = "marketplaceModelEndpoint:object!",
      times_out = "marketplaceModelEndpoint.{createdAt,updatedAt}",
      errors = "ResourceNotFoundException ServiceUnavailableException",
    },
    StartAutomatedReasoningPolicyBuildWorkflow = {
      "POST /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowType}/start",
      header = "clientRequestToken=x-amz-client-token*",
      payload = "sourceContent:object!",
      out = "policyArn! buildWorkflowId!",
      lists = [[
        sourceContent.policyDefinition.{types,rules,variables} sourceContent.policyDefinition.types[].values
        sourceContent.workflowContent.(
          {documents,policyRepairAssets.annotations} policyRepairAssets.annotations[].(
            {addType,updateType}.values {updateFromRulesFeedback,updateFromScenarioFeedback}.ruleIds
          )
          {generateFidelityReportContent,iterativeRefinementContent}.documents
        )
      ]],
      blobs = [[
        sourceContent.workflowContent.documents[].document
        sourceContent.workflowContent.{generateFidelityReportContent,iterativeRefinementContent}.documents[].document
      ]],
      errors = "ResourceNotFoundException ConflictException ServiceQuotaExceededException ResourceInUseException",
    },
    StartAutomatedReasoningPolicyTestWorkflow = {
      "POST /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}/test-workflows",
      body = "testCaseIds:string[] clientRequestToken*",
      out = "policyArn!",
      errors = "ResourceNotFoundException ResourceInUseException",
    },
    StopAdvancedPromptOptimizationJob = {
      "POST /advanced-prompt-optimization-jobs/{jobIdentifier}/stop",
      errors = "ResourceNotFoundException ConflictException",
    },
    StopEvaluationJob = {
      "POST /evaluation-job/{jobIdentifier~}/stop",
      errors = "ResourceNotFoundException ConflictException",
    },
    StopModelCustomizationJob = {
      "POST /model-customization-jobs/{jobIdentifier}/stop idempotent",
      errors = "ResourceNotFoundException ConflictException",
    },
    StopModelInvocationJob = {
      "POST /model-invocation-job/{jobIdentifier}/stop",
      errors = "ResourceNotFoundException ConflictException",
    },
    TagResource = {
      "POST /tagResource",
      body = "resourceARN! tags:object[]!",
      errors = "ResourceNotFoundException TooManyTagsException",
    },
    UntagResource = {
      "POST /untagResource",
      body = "resourceARN! tagKeys:string[]!",
      errors = "ResourceNotFoundException",
    },
    UpdateAutomatedReasoningPolicy = {
      "PATCH /automated-reasoning-policies/{policyArn} idempotent",
      body = "policyDefinition:object! name~ description~",
      out = "policyArn! name!~ definitionHash! updatedAt:time!",
      lists = "policyDefinition.{types,rules,variables} policyDefinition.types[].values",
      errors = "ResourceNotFoundException ConflictException TooManyTagsException",
    },
    UpdateAutomatedReasoningPolicyAnnotations = {
      "PATCH /automated-reasoning-policies/{policyArn}/build-workflows/{buildWorkflowId}/annotations",
      body = "annotations:oneof[]! lastUpdatedAnnotationSetHash!",
      out = "policyArn! buildWorkflowId! annotationSetHash! updatedAt:time!",
      lists = [[
        annotations[].{addType,updateType}.values
        annotations[].{updateFromRulesFeedback,updateFromScenarioFeedback}.ruleIds
      ]],
      errors = "ResourceNotFoundException ConflictException",
    },
    UpdateAutomatedReasoningPolicyTestCase = {
      "PATCH /automated-reasoning-policies/{policyArn}/test-cases/{testCaseId} idempotent",
      body = [[
        guardContent!~ queryContent~ lastUpdatedAt:time! expectedAggregatedFindingsResult! confidenceThreshold:double
        clientRequestToken*
      ]],
      out = "policyArn! testCaseId!",
      errors = "ResourceNotFoundException ConflictException ResourceInUseException",
    },
    UpdateCustomModelDeployment = {
      "PATCH /model-customization/custom-model-deployments/{customModelDeploymentIdentifier} 202 idempotent",
      body = "modelArn!",
      out = "customModelDeploymentArn!",
      errors = "ResourceNotFoundException",
    },
    UpdateGuardrail = {
      "PUT /guardrails/{guardrailIdentifier} 202 idempotent",
      body = [[
        name!~ description~ topicPolicyConfig:object contentPolicyConfig:object wordPolicyConfig:object
        sensitiveInformationPolicyConfig:object contextualGroundingPolicyConfig:object
        automatedReasoningPolicyConfig:object crossRegionConfig:object blockedInputMessaging!~
        blockedOutputsMessaging!~ kmsKeyId
      ]],
      out = "guardrailId! guardrailArn! version! updatedAt:time!",
      lists = [[
        topicPolicyConfig.topicsConfig topicPolicyConfig.topicsConfig[].examples
        {contentPolicyConfig,contextualGroundingPolicyConfig}.filtersConfig
        contentPolicyConfig.filtersConfig[].{inputModalities,outputModalities}
        wordPolicyConfig.{wordsConfig,managedWordListsConfig}
        sensitiveInformationPolicyConfig.{piiEntitiesConfig,regexesConfig} automatedReasoningPolicyConfig.policies
      ]],
      errors = "ResourceNotFoundException ConflictException ServiceQuotaExceededException",
    },
    UpdateMarketplaceModelEndpoint = {
      "PATCH /marketplace-model/endpoints/{endpointArn}",
      body = "endpointConfig:oneof! clientRequestToken*",
      out = "marketplaceModelEndpoint:object!",
      lists = "endpointConfig.sageMaker.vpc.{subnetIds,securityGroupIds}",
      times_out = "marketplaceModelEndpoint.{createdAt,updatedAt}",
      errors = "ResourceNotFoundException ConflictException ServiceQuotaExceededException",
    },
    UpdateProvisionedModelThroughput = {
      "PATCH /provisioned-model-throughput/{provisionedModelId} idempotent",
      body = "desiredProvisionedModelName desiredModelId",
      errors = "ResourceNotFoundException",
    },
  },
},
}
