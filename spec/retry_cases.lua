-- Printed by spec/support/retry_reference.py. Do not edit.

local cases, histories = {}, {}

-- mode, generation, read_timeouts | failure, attempt, of at most, random, header, its value, tokens |
-- delay or false, tokens left or why
local function row(...) cases[#cases + 1] = { ... } end

row("standard", "2.1", false, "api 400", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 400", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 401", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 401", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 403", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 403", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 404", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 404", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 408", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 408", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 409", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 413", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 413", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 422", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 422", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 424", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 424", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 429", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "api 429", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 500", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 500", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 501", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 501", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 502", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 502", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 503", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 503", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 504", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 504", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 505", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 505", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 520", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 520", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 529", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "api 529", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 599", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 599", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 400 invalid_request_error", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 400 invalid_request_error", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 401 authentication_error", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 401 authentication_error", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 404 not_found_error", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 404 not_found_error", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 408 timeout_error", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 408 timeout_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 409 invalid_request_error", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 409 invalid_request_error", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 413 request_too_large", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 413 request_too_large", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 429 rate_limit_error", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "api 429 rate_limit_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 500 api_error", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 500 api_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "api 529 overloaded_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 409 conflict_error", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 409 conflict_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 599 something_new", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 599 something_new", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 408 ModelTimeoutException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 408 ModelTimeoutException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 409 ConflictException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 409 ConflictException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 429 ThrottlingException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "api 429 ThrottlingException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 424 ModelErrorException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 424 ModelErrorException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 503 ModelErrorException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 503 ModelErrorException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 400 invalid_request_error", 1, 3, 0.5, "x-should-retry", "true", 500, 0.025, 486)
row("legacy", "2.1", false, "api 400 invalid_request_error", 1, 5, 0.5, "x-should-retry", "true", 500, 0.5, 500)
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "x-should-retry", "true", 500, 0.5, 495)
row("legacy", "2.1", false, "api 529 overloaded_error", 1, 5, 0.5, "x-should-retry", "true", 500, 0.5, 500)
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "x-should-retry", "true", 500, 0.025, 486)
row("legacy", "2.1", false, "api 409", 1, 5, 0.5, "x-should-retry", "true", 500, 0.5, 500)
row("standard", "2.1", false, "api 500", 1, 3, 0.5, "x-should-retry", "true", 500, 0.025, 486)
row("legacy", "2.1", false, "api 500", 1, 5, 0.5, "x-should-retry", "true", 500, 0.5, 500)
row("standard", "2.1", false, "400 ValidationException", 1, 3, 0.5, "x-should-retry", "true", 500, 0.025, 486)
row("legacy", "2.1", false, "400 ValidationException", 1, 5, 0.5, "x-should-retry", "true", 500, 0.5, 500)
row("standard", "2.1", false, "503", 1, 3, 0.5, "x-should-retry", "true", 500, 0.025, 486)
row("legacy", "2.1", false, "503", 1, 5, 0.5, "x-should-retry", "true", 500, 0.5, 500)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-should-retry", "true", 500, 0.5, 495)
row("legacy", "2.1", false, "429 ThrottlingException", 1, 5, 0.5, "x-should-retry", "true", 500, 0.5, 500)
row("standard", "2.1", false, "network reset", 1, 3, 0.5, "x-should-retry", "true", 500, 0.025, 486)
row("standard", "2.1", false, "timeout idle", 1, 3, 0.5, "x-should-retry", "true", 500, false, "not retryable")
row("standard", "2.1", false, "api 400 invalid_request_error", 1, 3, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("legacy", "2.1", false, "api 400 invalid_request_error", 1, 5, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("legacy", "2.1", false, "api 529 overloaded_error", 1, 5, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("legacy", "2.1", false, "api 409", 1, 5, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("standard", "2.1", false, "api 500", 1, 3, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("legacy", "2.1", false, "api 500", 1, 5, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("standard", "2.1", false, "400 ValidationException", 1, 3, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("legacy", "2.1", false, "400 ValidationException", 1, 5, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("standard", "2.1", false, "503", 1, 3, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("legacy", "2.1", false, "503", 1, 5, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("legacy", "2.1", false, "429 ThrottlingException", 1, 5, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("standard", "2.1", false, "network reset", 1, 3, 0.5, "x-should-retry", "false", 500, 0.025, 486)
row("standard", "2.1", false, "timeout idle", 1, 3, 0.5, "x-should-retry", "false", 500, false, "not retryable")
row("standard", "2.1", false, "api 400 invalid_request_error", 1, 3, 0.5, "x-should-retry", "yes", 500, false, "not retryable")
row("legacy", "2.1", false, "api 400 invalid_request_error", 1, 5, 0.5, "x-should-retry", "yes", 500, false, "not retryable")
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "x-should-retry", "yes", 500, 0.5, 495)
row("legacy", "2.1", false, "api 529 overloaded_error", 1, 5, 0.5, "x-should-retry", "yes", 500, 0.5, 500)
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "x-should-retry", "yes", 500, 0.025, 486)
row("legacy", "2.1", false, "api 409", 1, 5, 0.5, "x-should-retry", "yes", 500, 0.5, 500)
row("standard", "2.1", false, "api 500", 1, 3, 0.5, "x-should-retry", "yes", 500, 0.025, 486)
row("legacy", "2.1", false, "api 500", 1, 5, 0.5, "x-should-retry", "yes", 500, 0.5, 500)
row("standard", "2.1", false, "400 ValidationException", 1, 3, 0.5, "x-should-retry", "yes", 500, false, "not retryable")
row("legacy", "2.1", false, "400 ValidationException", 1, 5, 0.5, "x-should-retry", "yes", 500, false, "not retryable")
row("standard", "2.1", false, "503", 1, 3, 0.5, "x-should-retry", "yes", 500, 0.025, 486)
row("legacy", "2.1", false, "503", 1, 5, 0.5, "x-should-retry", "yes", 500, 0.5, 500)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-should-retry", "yes", 500, 0.5, 495)
row("legacy", "2.1", false, "429 ThrottlingException", 1, 5, 0.5, "x-should-retry", "yes", 500, 0.5, 500)
row("standard", "2.1", false, "network reset", 1, 3, 0.5, "x-should-retry", "yes", 500, 0.025, 486)
row("standard", "2.1", false, "timeout idle", 1, 3, 0.5, "x-should-retry", "yes", 500, false, "not retryable")
row("standard", "2.1", false, "api 400 invalid_request_error", 1, 3, 0.5, "x-should-retry", "TRUE", 500, false, "not retryable")
row("legacy", "2.1", false, "api 400 invalid_request_error", 1, 5, 0.5, "x-should-retry", "TRUE", 500, false, "not retryable")
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "x-should-retry", "TRUE", 500, 0.5, 495)
row("legacy", "2.1", false, "api 529 overloaded_error", 1, 5, 0.5, "x-should-retry", "TRUE", 500, 0.5, 500)
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "x-should-retry", "TRUE", 500, 0.025, 486)
row("legacy", "2.1", false, "api 409", 1, 5, 0.5, "x-should-retry", "TRUE", 500, 0.5, 500)
row("standard", "2.1", false, "api 500", 1, 3, 0.5, "x-should-retry", "TRUE", 500, 0.025, 486)
row("legacy", "2.1", false, "api 500", 1, 5, 0.5, "x-should-retry", "TRUE", 500, 0.5, 500)
row("standard", "2.1", false, "400 ValidationException", 1, 3, 0.5, "x-should-retry", "TRUE", 500, false, "not retryable")
row("legacy", "2.1", false, "400 ValidationException", 1, 5, 0.5, "x-should-retry", "TRUE", 500, false, "not retryable")
row("standard", "2.1", false, "503", 1, 3, 0.5, "x-should-retry", "TRUE", 500, 0.025, 486)
row("legacy", "2.1", false, "503", 1, 5, 0.5, "x-should-retry", "TRUE", 500, 0.5, 500)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-should-retry", "TRUE", 500, 0.5, 495)
row("legacy", "2.1", false, "429 ThrottlingException", 1, 5, 0.5, "x-should-retry", "TRUE", 500, 0.5, 500)
row("standard", "2.1", false, "network reset", 1, 3, 0.5, "x-should-retry", "TRUE", 500, 0.025, 486)
row("standard", "2.1", false, "timeout idle", 1, 3, 0.5, "x-should-retry", "TRUE", 500, false, "not retryable")
row("standard", "2.1", false, "api 400 invalid_request_error", 1, 3, 0.5, "x-should-retry", "", 500, false, "not retryable")
row("legacy", "2.1", false, "api 400 invalid_request_error", 1, 5, 0.5, "x-should-retry", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "x-should-retry", "", 500, 0.5, 495)
row("legacy", "2.1", false, "api 529 overloaded_error", 1, 5, 0.5, "x-should-retry", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "x-should-retry", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 409", 1, 5, 0.5, "x-should-retry", "", 500, 0.5, 500)
row("standard", "2.1", false, "api 500", 1, 3, 0.5, "x-should-retry", "", 500, 0.025, 486)
row("legacy", "2.1", false, "api 500", 1, 5, 0.5, "x-should-retry", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 ValidationException", 1, 3, 0.5, "x-should-retry", "", 500, false, "not retryable")
row("legacy", "2.1", false, "400 ValidationException", 1, 5, 0.5, "x-should-retry", "", 500, false, "not retryable")
row("standard", "2.1", false, "503", 1, 3, 0.5, "x-should-retry", "", 500, 0.025, 486)
row("legacy", "2.1", false, "503", 1, 5, 0.5, "x-should-retry", "", 500, 0.5, 500)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-should-retry", "", 500, 0.5, 495)
row("legacy", "2.1", false, "429 ThrottlingException", 1, 5, 0.5, "x-should-retry", "", 500, 0.5, 500)
row("standard", "2.1", false, "network reset", 1, 3, 0.5, "x-should-retry", "", 500, 0.025, 486)
row("standard", "2.1", false, "timeout idle", 1, 3, 0.5, "x-should-retry", "", 500, false, "not retryable")
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "retry-after-ms", "250", 500, 0.5, 495)
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "retry-after-ms", "250", 500, 0.25, 486)
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "retry-after-ms", "3000", 500, 3.0, 495)
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "retry-after-ms", "3000", 500, 3.0, 486)
row("standard", "2.1", false, "api 529 overloaded_error", 1, 3, 0.5, "retry-after-ms", "61000", 500, 0.5, 495)
row("standard", "2.1", false, "api 409", 1, 3, 0.5, "retry-after-ms", "61000", 500, 0.025, 486)
row("standard", "2.1", false, "400 Throttling", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 Throttling", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 ThrottlingException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 ThrottlingException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 ThrottledException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 ThrottledException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 RequestThrottledException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 RequestThrottledException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 TooManyRequestsException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 TooManyRequestsException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 ProvisionedThroughputExceededException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 ProvisionedThroughputExceededException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 TransactionInProgressException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 TransactionInProgressException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 RequestLimitExceeded", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 RequestLimitExceeded", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 BandwidthLimitExceeded", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 BandwidthLimitExceeded", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 LimitExceededException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 LimitExceededException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 RequestThrottled", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 RequestThrottled", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 SlowDown", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 SlowDown", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 PriorRequestNotComplete", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 PriorRequestNotComplete", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 EC2ThrottledException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "400 EC2ThrottledException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "429 ThrottlingException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "429 ModelNotReadyException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "429 ModelNotReadyException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "429 Odd", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "429 Odd", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "400", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "401", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "401", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "403", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "403", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "404", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "404", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "408", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "408", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "409", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "409", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "413", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "413", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "422", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "422", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "424", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "424", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "429", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "429", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "500", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "500", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "501", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "501", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "502", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "502", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "503", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "503", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "504", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "504", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "505", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "505", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "507", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "507", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "509", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "509", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "529", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "529", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "408 ModelTimeoutException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "408 ModelTimeoutException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "424 ModelErrorException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "424 ModelErrorException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "400 ServiceQuotaExceededException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "400 ServiceQuotaExceededException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "400 ValidationException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "400 ValidationException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "403 AccessDeniedException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "403 AccessDeniedException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "404 ResourceNotFoundException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "404 ResourceNotFoundException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "409 ConflictException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "409 ConflictException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "403 ExpiredTokenException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "403 ExpiredTokenException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "403 UnrecognizedClientException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "403 UnrecognizedClientException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "403 InvalidSignatureException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "403 InvalidSignatureException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "400 SomethingNobodyKnows", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "400 SomethingNobodyKnows", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "529 overloaded_error", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "529 overloaded_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "429 ServiceQuotaExceededException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "429 ServiceQuotaExceededException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 RequestTimeout", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "400 RequestTimeout", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 RequestTimeoutException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "400 RequestTimeoutException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 ModelNotReadyException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "400 ModelNotReadyException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 IDPCommunicationError", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "400 IDPCommunicationError", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 InternalServerException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "400 InternalServerException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "400 ServiceUnavailableException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "400 ServiceUnavailableException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "503 ValidationException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "503 ValidationException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "500 ModelErrorException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "500 ModelErrorException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "509 Odd", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "509 Odd", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "500 Odd", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "500 Odd", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "network dns", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "network dns", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "network connect", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "network connect", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "network proxy", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "network proxy", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "network reset", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "network reset", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "network closed", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "network closed", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "network transfer", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "network transfer", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "network limit", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "network limit", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "network memory", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "network memory", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "stream reset", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "stream reset", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "stream cut", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "stream cut", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "stream closed", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "stream closed", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "stream protocol", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "stream protocol", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "stream limit", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "stream limit", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "timeout connect", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "timeout connect", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "timeout first_byte", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "timeout first_byte", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "timeout idle", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "timeout idle", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "timeout total", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "timeout total", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "tls certificate", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "tls certificate", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "cancelled closed", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "cancelled closed", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame throttlingException", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "frame throttlingException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "frame internalServerException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "frame internalServerException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "frame serviceUnavailableException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "frame serviceUnavailableException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "frame modelTimeoutException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame modelTimeoutException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame validationException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame validationException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame modelStreamErrorException", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame modelStreamErrorException", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame modelNotReadyException", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "frame modelNotReadyException", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "frame overloaded_error", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "frame overloaded_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "frame rate_limit_error", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("legacy", "2.1", false, "frame rate_limit_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "frame api_error", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "frame api_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "frame timeout_error", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", false, "frame timeout_error", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", false, "frame invalid_request_error", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame invalid_request_error", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame authentication_error", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame authentication_error", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame permission_error", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame permission_error", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame not_found_error", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame not_found_error", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame request_too_large", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame request_too_large", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "frame somethingElse", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", false, "frame somethingElse", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", true, "timeout connect", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("standard", "2.0", true, "timeout connect", 1, 3, 0.5, "", "", 500, 0.5, 490)
row("adaptive", "2.1", true, "timeout connect", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", true, "timeout connect", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", true, "timeout first_byte", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("standard", "2.0", true, "timeout first_byte", 1, 3, 0.5, "", "", 500, 0.5, 490)
row("adaptive", "2.1", true, "timeout first_byte", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", true, "timeout first_byte", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", true, "timeout idle", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("standard", "2.0", true, "timeout idle", 1, 3, 0.5, "", "", 500, 0.5, 490)
row("adaptive", "2.1", true, "timeout idle", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("legacy", "2.1", true, "timeout idle", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("standard", "2.1", true, "timeout total", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.0", true, "timeout total", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("adaptive", "2.1", true, "timeout total", 1, 3, 0.5, "", "", 500, false, "not retryable")
row("legacy", "2.1", true, "timeout total", 1, 5, 0.5, "", "", 500, false, "not retryable")
row("standard", "2.1", false, "429 ThrottlingException", 1, 9, 1, "", "", 500, 1, 495)
row("standard", "2.1", false, "429 ThrottlingException", 2, 9, 0.25, "", "", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 3, 9, 1, "", "", 500, 4, 495)
row("standard", "2.1", false, "429 ThrottlingException", 4, 9, 0.25, "", "", 500, 2.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 5, 9, 1, "", "", 500, 16, 495)
row("standard", "2.1", false, "429 ThrottlingException", 6, 9, 0.25, "", "", 500, 5.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 7, 9, 1, "", "", 500, 20, 495)
row("standard", "2.1", false, "429 ThrottlingException", 8, 9, 0.25, "", "", 500, 5.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 9, 9, 1, "", "", 500, false, "no attempts left")
row("standard", "2.1", false, "500 InternalServerException", 1, 9, 1, "", "", 500, 0.05, 486)
row("standard", "2.1", false, "500 InternalServerException", 2, 9, 0.25, "", "", 500, 0.025, 486)
row("standard", "2.1", false, "500 InternalServerException", 3, 9, 1, "", "", 500, 0.2, 486)
row("standard", "2.1", false, "500 InternalServerException", 4, 9, 0.25, "", "", 500, 0.1, 486)
row("standard", "2.1", false, "500 InternalServerException", 5, 9, 1, "", "", 500, 0.8, 486)
row("standard", "2.1", false, "500 InternalServerException", 6, 9, 0.25, "", "", 500, 0.4, 486)
row("standard", "2.1", false, "500 InternalServerException", 7, 9, 1, "", "", 500, 3.2, 486)
row("standard", "2.1", false, "500 InternalServerException", 8, 9, 0.25, "", "", 500, 1.6, 486)
row("standard", "2.1", false, "500 InternalServerException", 9, 9, 1, "", "", 500, false, "no attempts left")
row("standard", "2.1", false, "timeout connect", 1, 9, 1, "", "", 500, 0.05, 486)
row("standard", "2.1", false, "timeout connect", 2, 9, 0.25, "", "", 500, 0.025, 486)
row("standard", "2.1", false, "timeout connect", 3, 9, 1, "", "", 500, 0.2, 486)
row("standard", "2.1", false, "timeout connect", 4, 9, 0.25, "", "", 500, 0.1, 486)
row("standard", "2.1", false, "timeout connect", 5, 9, 1, "", "", 500, 0.8, 486)
row("standard", "2.1", false, "timeout connect", 6, 9, 0.25, "", "", 500, 0.4, 486)
row("standard", "2.1", false, "timeout connect", 7, 9, 1, "", "", 500, 3.2, 486)
row("standard", "2.1", false, "timeout connect", 8, 9, 0.25, "", "", 500, 1.6, 486)
row("standard", "2.1", false, "timeout connect", 9, 9, 1, "", "", 500, false, "no attempts left")
row("standard", "2.0", false, "429 ThrottlingException", 1, 9, 1, "", "", 500, 1, 495)
row("standard", "2.0", false, "429 ThrottlingException", 2, 9, 0.25, "", "", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 3, 9, 1, "", "", 500, 4, 495)
row("standard", "2.0", false, "429 ThrottlingException", 4, 9, 0.25, "", "", 500, 2.0, 495)
row("standard", "2.0", false, "429 ThrottlingException", 5, 9, 1, "", "", 500, 16, 495)
row("standard", "2.0", false, "429 ThrottlingException", 6, 9, 0.25, "", "", 500, 5.0, 495)
row("standard", "2.0", false, "429 ThrottlingException", 7, 9, 1, "", "", 500, 20, 495)
row("standard", "2.0", false, "429 ThrottlingException", 8, 9, 0.25, "", "", 500, 5.0, 495)
row("standard", "2.0", false, "429 ThrottlingException", 9, 9, 1, "", "", 500, false, "no attempts left")
row("standard", "2.0", false, "500 InternalServerException", 1, 9, 1, "", "", 500, 1, 495)
row("standard", "2.0", false, "500 InternalServerException", 2, 9, 0.25, "", "", 500, 0.5, 495)
row("standard", "2.0", false, "500 InternalServerException", 3, 9, 1, "", "", 500, 4, 495)
row("standard", "2.0", false, "500 InternalServerException", 4, 9, 0.25, "", "", 500, 2.0, 495)
row("standard", "2.0", false, "500 InternalServerException", 5, 9, 1, "", "", 500, 16, 495)
row("standard", "2.0", false, "500 InternalServerException", 6, 9, 0.25, "", "", 500, 5.0, 495)
row("standard", "2.0", false, "500 InternalServerException", 7, 9, 1, "", "", 500, 20, 495)
row("standard", "2.0", false, "500 InternalServerException", 8, 9, 0.25, "", "", 500, 5.0, 495)
row("standard", "2.0", false, "500 InternalServerException", 9, 9, 1, "", "", 500, false, "no attempts left")
row("standard", "2.0", false, "timeout connect", 1, 9, 1, "", "", 500, 1, 490)
row("standard", "2.0", false, "timeout connect", 2, 9, 0.25, "", "", 500, 0.5, 490)
row("standard", "2.0", false, "timeout connect", 3, 9, 1, "", "", 500, 4, 490)
row("standard", "2.0", false, "timeout connect", 4, 9, 0.25, "", "", 500, 2.0, 490)
row("standard", "2.0", false, "timeout connect", 5, 9, 1, "", "", 500, 16, 490)
row("standard", "2.0", false, "timeout connect", 6, 9, 0.25, "", "", 500, 5.0, 490)
row("standard", "2.0", false, "timeout connect", 7, 9, 1, "", "", 500, 20, 490)
row("standard", "2.0", false, "timeout connect", 8, 9, 0.25, "", "", 500, 5.0, 490)
row("standard", "2.0", false, "timeout connect", 9, 9, 1, "", "", 500, false, "no attempts left")
row("adaptive", "2.1", false, "429 ThrottlingException", 1, 9, 1, "", "", 500, 1, 495)
row("adaptive", "2.1", false, "429 ThrottlingException", 2, 9, 0.25, "", "", 500, 0.5, 495)
row("adaptive", "2.1", false, "429 ThrottlingException", 3, 9, 1, "", "", 500, 4, 495)
row("adaptive", "2.1", false, "429 ThrottlingException", 4, 9, 0.25, "", "", 500, 2.0, 495)
row("adaptive", "2.1", false, "429 ThrottlingException", 5, 9, 1, "", "", 500, 16, 495)
row("adaptive", "2.1", false, "429 ThrottlingException", 6, 9, 0.25, "", "", 500, 5.0, 495)
row("adaptive", "2.1", false, "429 ThrottlingException", 7, 9, 1, "", "", 500, 20, 495)
row("adaptive", "2.1", false, "429 ThrottlingException", 8, 9, 0.25, "", "", 500, 5.0, 495)
row("adaptive", "2.1", false, "429 ThrottlingException", 9, 9, 1, "", "", 500, false, "no attempts left")
row("adaptive", "2.1", false, "500 InternalServerException", 1, 9, 1, "", "", 500, 0.05, 486)
row("adaptive", "2.1", false, "500 InternalServerException", 2, 9, 0.25, "", "", 500, 0.025, 486)
row("adaptive", "2.1", false, "500 InternalServerException", 3, 9, 1, "", "", 500, 0.2, 486)
row("adaptive", "2.1", false, "500 InternalServerException", 4, 9, 0.25, "", "", 500, 0.1, 486)
row("adaptive", "2.1", false, "500 InternalServerException", 5, 9, 1, "", "", 500, 0.8, 486)
row("adaptive", "2.1", false, "500 InternalServerException", 6, 9, 0.25, "", "", 500, 0.4, 486)
row("adaptive", "2.1", false, "500 InternalServerException", 7, 9, 1, "", "", 500, 3.2, 486)
row("adaptive", "2.1", false, "500 InternalServerException", 8, 9, 0.25, "", "", 500, 1.6, 486)
row("adaptive", "2.1", false, "500 InternalServerException", 9, 9, 1, "", "", 500, false, "no attempts left")
row("adaptive", "2.1", false, "timeout connect", 1, 9, 1, "", "", 500, 0.05, 486)
row("adaptive", "2.1", false, "timeout connect", 2, 9, 0.25, "", "", 500, 0.025, 486)
row("adaptive", "2.1", false, "timeout connect", 3, 9, 1, "", "", 500, 0.2, 486)
row("adaptive", "2.1", false, "timeout connect", 4, 9, 0.25, "", "", 500, 0.1, 486)
row("adaptive", "2.1", false, "timeout connect", 5, 9, 1, "", "", 500, 0.8, 486)
row("adaptive", "2.1", false, "timeout connect", 6, 9, 0.25, "", "", 500, 0.4, 486)
row("adaptive", "2.1", false, "timeout connect", 7, 9, 1, "", "", 500, 3.2, 486)
row("adaptive", "2.1", false, "timeout connect", 8, 9, 0.25, "", "", 500, 1.6, 486)
row("adaptive", "2.1", false, "timeout connect", 9, 9, 1, "", "", 500, false, "no attempts left")
row("legacy", "2.1", false, "429 ThrottlingException", 1, 9, 1, "", "", 500, 1, 500)
row("legacy", "2.1", false, "429 ThrottlingException", 2, 9, 0.25, "", "", 500, 0.5, 500)
row("legacy", "2.1", false, "429 ThrottlingException", 3, 9, 1, "", "", 500, 4, 500)
row("legacy", "2.1", false, "429 ThrottlingException", 4, 9, 0.25, "", "", 500, 2.0, 500)
row("legacy", "2.1", false, "429 ThrottlingException", 5, 9, 1, "", "", 500, 16, 500)
row("legacy", "2.1", false, "429 ThrottlingException", 6, 9, 0.25, "", "", 500, 8.0, 500)
row("legacy", "2.1", false, "429 ThrottlingException", 7, 9, 1, "", "", 500, 64, 500)
row("legacy", "2.1", false, "429 ThrottlingException", 8, 9, 0.25, "", "", 500, 32.0, 500)
row("legacy", "2.1", false, "429 ThrottlingException", 9, 9, 1, "", "", 500, false, "no attempts left")
row("legacy", "2.1", false, "500 InternalServerException", 1, 9, 1, "", "", 500, 1, 500)
row("legacy", "2.1", false, "500 InternalServerException", 2, 9, 0.25, "", "", 500, 0.5, 500)
row("legacy", "2.1", false, "500 InternalServerException", 3, 9, 1, "", "", 500, 4, 500)
row("legacy", "2.1", false, "500 InternalServerException", 4, 9, 0.25, "", "", 500, 2.0, 500)
row("legacy", "2.1", false, "500 InternalServerException", 5, 9, 1, "", "", 500, 16, 500)
row("legacy", "2.1", false, "500 InternalServerException", 6, 9, 0.25, "", "", 500, 8.0, 500)
row("legacy", "2.1", false, "500 InternalServerException", 7, 9, 1, "", "", 500, 64, 500)
row("legacy", "2.1", false, "500 InternalServerException", 8, 9, 0.25, "", "", 500, 32.0, 500)
row("legacy", "2.1", false, "500 InternalServerException", 9, 9, 1, "", "", 500, false, "no attempts left")
row("legacy", "2.1", false, "timeout connect", 1, 9, 1, "", "", 500, 1, 500)
row("legacy", "2.1", false, "timeout connect", 2, 9, 0.25, "", "", 500, 0.5, 500)
row("legacy", "2.1", false, "timeout connect", 3, 9, 1, "", "", 500, 4, 500)
row("legacy", "2.1", false, "timeout connect", 4, 9, 0.25, "", "", 500, 2.0, 500)
row("legacy", "2.1", false, "timeout connect", 5, 9, 1, "", "", 500, 16, 500)
row("legacy", "2.1", false, "timeout connect", 6, 9, 0.25, "", "", 500, 8.0, 500)
row("legacy", "2.1", false, "timeout connect", 7, 9, 1, "", "", 500, 64, 500)
row("legacy", "2.1", false, "timeout connect", 8, 9, 0.25, "", "", 500, 32.0, 500)
row("legacy", "2.1", false, "timeout connect", 9, 9, 1, "", "", 500, false, "no attempts left")
row("standard", "2.1", false, "503", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("standard", "2.1", false, "503", 2, 3, 0.5, "", "", 500, 0.05, 486)
row("standard", "2.1", false, "503", 3, 3, 0.5, "", "", 500, false, "no attempts left")
row("standard", "2.1", false, "503", 4, 3, 0.5, "", "", 500, false, "no attempts left")
row("standard", "2.1", false, "503", 5, 3, 0.5, "", "", 500, false, "no attempts left")
row("standard", "2.0", false, "503", 1, 3, 0.5, "", "", 500, 0.5, 495)
row("standard", "2.0", false, "503", 2, 3, 0.5, "", "", 500, 1.0, 495)
row("standard", "2.0", false, "503", 3, 3, 0.5, "", "", 500, false, "no attempts left")
row("standard", "2.0", false, "503", 4, 3, 0.5, "", "", 500, false, "no attempts left")
row("standard", "2.0", false, "503", 5, 3, 0.5, "", "", 500, false, "no attempts left")
row("adaptive", "2.1", false, "503", 1, 3, 0.5, "", "", 500, 0.025, 486)
row("adaptive", "2.1", false, "503", 2, 3, 0.5, "", "", 500, 0.05, 486)
row("adaptive", "2.1", false, "503", 3, 3, 0.5, "", "", 500, false, "no attempts left")
row("adaptive", "2.1", false, "503", 4, 3, 0.5, "", "", 500, false, "no attempts left")
row("adaptive", "2.1", false, "503", 5, 3, 0.5, "", "", 500, false, "no attempts left")
row("legacy", "2.1", false, "503", 1, 5, 0.5, "", "", 500, 0.5, 500)
row("legacy", "2.1", false, "503", 2, 5, 0.5, "", "", 500, 1.0, 500)
row("legacy", "2.1", false, "503", 3, 5, 0.5, "", "", 500, 2.0, 500)
row("legacy", "2.1", false, "503", 4, 5, 0.5, "", "", 500, 4.0, 500)
row("legacy", "2.1", false, "503", 5, 5, 0.5, "", "", 500, false, "no attempts left")
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "0", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "0", 500, 0.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "1", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "1", 500, 0.001, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "100", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "100", 500, 0.1, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "499", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "499", 500, 0.499, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "500", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "500", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "501", 500, 0.501, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "501", 500, 0.501, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "1500", 500, 1.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "1500", 500, 1.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "5500", 500, 5.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "5500", 500, 5.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "5501", 500, 5.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "5501", 500, 5.501, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "20000", 500, 5.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "20000", 500, 20.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "20001", 500, 5.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "20001", 500, 20, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "99000", 500, 5.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "99000", 500, 20, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", " 700 ", 500, 0.7, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", " 700 ", 500, 0.7, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "soon", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "soon", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "-5", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "-5", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "1.5", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "1.5", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "1e3", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "1e3", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "0x10", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "0x10", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "x-amz-retry-after", "", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "0", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "0", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "0.2", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "0.2", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "0.5", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "0.5", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "1", 500, 1.0, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "1", 500, 1.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "7", 500, 7.0, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "7", 500, 7.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "7.25", 500, 7.25, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "7.25", 500, 7.25, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "30", 500, 30.0, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "30", 500, 30.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "60", 500, 60.0, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "60", 500, 60.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "60.5", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "60.5", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "61", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "61", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "3600", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "3600", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "-3", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "-3", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "soon", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "soon", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "0x7", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "0x7", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "1e1", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "1e1", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "inf", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "inf", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "Sun, 06 Nov 1994 08:49:44 GMT", 500, 7.0, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "Sun, 06 Nov 1994 08:49:44 GMT", 500, 7.0, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "Sun, 06 Nov 1994 08:49:30 GMT", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "Sun, 06 Nov 1994 08:49:30 GMT", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "Sun, 06 Nov 1994 09:49:37 GMT", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "Sun, 06 Nov 1994 09:49:37 GMT", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "tomorrow", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after", "tomorrow", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "0", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "0", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "250", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "250", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "750.5", 500, 0.7505, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "750.5", 500, 0.7505, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "61000", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "61000", 500, 0.5, 495)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "often", 500, 0.5, 495)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "retry-after-ms", "often", 500, 0.5, 495)
row("legacy", "2.1", false, "429 ThrottlingException", 1, 5, 0.5, "x-amz-retry-after", "1500", 500, 0.5, 500)
row("standard", "2.1", false, "503", 1, 3, 0, "x-amz-retry-after", "1500", 500, 1.5, 486)
row("legacy", "2.1", false, "429 ThrottlingException", 1, 5, 0.5, "retry-after", "7", 500, 0.5, 500)
row("standard", "2.1", false, "503", 1, 3, 0, "retry-after", "7", 500, 7.0, 486)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 0, false, "retry quota used up")
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 4, false, "retry quota used up")
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 5, 0.5, 0)
row("standard", "2.1", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 6, 0.5, 1)
row("standard", "2.1", false, "500 InternalServerException", 1, 3, 0.5, "", "", 0, false, "retry quota used up")
row("standard", "2.1", false, "500 InternalServerException", 1, 3, 0.5, "", "", 13, false, "retry quota used up")
row("standard", "2.1", false, "500 InternalServerException", 1, 3, 0.5, "", "", 14, 0.025, 0)
row("standard", "2.1", false, "500 InternalServerException", 1, 3, 0.5, "", "", 15, 0.025, 1)
row("standard", "2.1", false, "timeout connect", 1, 3, 0.5, "", "", 0, false, "retry quota used up")
row("standard", "2.1", false, "timeout connect", 1, 3, 0.5, "", "", 13, false, "retry quota used up")
row("standard", "2.1", false, "timeout connect", 1, 3, 0.5, "", "", 14, 0.025, 0)
row("standard", "2.1", false, "timeout connect", 1, 3, 0.5, "", "", 15, 0.025, 1)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 0, false, "retry quota used up")
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 4, false, "retry quota used up")
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 5, 0.5, 0)
row("standard", "2.0", false, "429 ThrottlingException", 1, 3, 0.5, "", "", 6, 0.5, 1)
row("standard", "2.0", false, "500 InternalServerException", 1, 3, 0.5, "", "", 0, false, "retry quota used up")
row("standard", "2.0", false, "500 InternalServerException", 1, 3, 0.5, "", "", 4, false, "retry quota used up")
row("standard", "2.0", false, "500 InternalServerException", 1, 3, 0.5, "", "", 5, 0.5, 0)
row("standard", "2.0", false, "500 InternalServerException", 1, 3, 0.5, "", "", 6, 0.5, 1)
row("standard", "2.0", false, "timeout connect", 1, 3, 0.5, "", "", 0, false, "retry quota used up")
row("standard", "2.0", false, "timeout connect", 1, 3, 0.5, "", "", 9, false, "retry quota used up")
row("standard", "2.0", false, "timeout connect", 1, 3, 0.5, "", "", 10, 0.5, 0)
row("standard", "2.0", false, "timeout connect", 1, 3, 0.5, "", "", 11, 0.5, 1)
row("legacy", "2.1", false, "503", 1, 5, 0.5, "", "", 0, 0.5, 0)

-- For the limiter of the adaptive mode: time, whether it was a throttle, sends per second or false while it is off.

histories[#histories + 1] = {
  { 0.25, false, false },
  { 0.5, false, false },
  { 0.75, false, false },
  { 1.0, false, false },
  { 1.25, false, false },
  { 1.5, false, false },
  { 1.75, false, false },
  { 2.0, false, false },
}

histories[#histories + 1] = {
  { 0.1, false, false },
  { 0.2, false, false },
  { 0.3, false, false },
  { 0.4, false, false },
  { 0.5, false, false },
  { 0.6, false, false },
  { 0.7, false, false },
  { 0.8, false, false },
  { 0.9, false, false },
  { 1.0, false, false },
  { 1.1, false, false },
  { 1.2, false, false },
  { 1.3, false, false },
  { 1.4, false, false },
  { 1.5, false, false },
  { 1.6, false, false },
  { 1.7, false, false },
  { 1.8, false, false },
  { 1.9, false, false },
  { 2.0, true, 6.9887999999999995 },
  { 2.1, false, 7.425018418939594 },
  { 2.2, false, 7.816683494712703 },
  { 2.3, false, 8.166195227319328 },
  { 2.4, false, 8.475953616759469 },
  { 2.5, false, 8.748358663033127 },
  { 2.6, false, 8.9858103661403 },
  { 2.7, false, 9.190708726080988 },
  { 2.8, false, 9.365453742855193 },
  { 2.9, false, 9.512445416462915 },
  { 3.0, false, 9.634083746904151 },
  { 3.1, false, 9.732768734178904 },
  { 3.2, false, 9.810900378287174 },
  { 3.3, false, 9.870878679228959 },
  { 3.4, false, 9.915103637004261 },
  { 3.5, false, 9.945975251613078 },
  { 3.6, false, 9.96589352305541 },
  { 3.7, false, 9.97725845133126 },
  { 3.8, false, 9.982470036440626 },
  { 3.9, false, 9.983928278383507 },
  { 4.0, true, 6.988749794868455 },
  { 4.1, false, 7.424966070409857 },
  { 4.2, false, 7.816629115217255 },
  { 4.3, false, 8.166138929290652 },
  { 4.4, false, 8.47589551263005 },
  { 4.5, false, 8.748298865235444 },
  { 4.6, false, 8.985748987106842 },
  { 4.7, false, 9.190645878244235 },
  { 4.8, false, 9.36538953864763 },
  { 4.9, false, 9.512379968317022 },
  { 5.0, false, 9.634017167252413 },
  { 5.1, false, 9.732701135453805 },
  { 5.2, false, 9.810831872921195 },
  { 5.3, false, 9.870809379654585 },
  { 5.4, false, 9.915033655653973 },
  { 5.5, false, 9.945904700919362 },
  { 5.6, false, 9.965822515450748 },
  { 5.7, false, 9.977187099248136 },
  { 5.8, false, 9.98239845231152 },
  { 5.9, false, 9.983856574640905 },
  { 6.0, true, 6.988699602248633 },
  { 6.1, false, 7.424913734921006 },
  { 6.2, false, 7.816574749264376 },
  { 6.3, false, 8.16608264527875 },
  { 6.4, false, 8.475837422964123 },
  { 6.5, false, 8.748239082320497 },
  { 6.6, false, 8.985687623347875 },
  { 6.7, false, 9.190583046046251 },
  { 6.8, false, 9.36532535041563 },
  { 6.9, false, 9.512314536456008 },
  { 7.0, false, 9.633950604167389 },
  { 7.1, false, 9.73263355354977 },
  { 7.2, false, 9.81076338460315 },
  { 7.3, false, 9.870740097327534 },
  { 7.4, false, 9.91496369172292 },
  { 7.5, false, 9.945834167789304 },
  { 7.6, false, 9.965751525526692 },
  { 7.7, false, 9.977115764935078 },
  { 7.8, false, 9.982326886014468 },
  { 7.9, false, 9.983784888764857 },
  { 8.0, true, 6.9886494221354 },
}

histories[#histories + 1] = {
  { 0.5, false, false },
  { 1.0, false, false },
  { 1.5, false, false },
  { 2.0, true, 1.3977600000000001 },
  { 2.5, false, 1.8899125365027567 },
  { 3.0, false, 1.995603031569538 },
  { 3.5, false, 2.0148314852003444 },
  { 4.0, false, 2.2475978973951753 },
  { 4.5, false, 2.9939022681540313 },
  { 5.0, false, 3.9999995904000003 },
  { 5.5, false, 3.9999999180800003 },
  { 6.0, false, 3.999999983616 },
  { 6.5, false, 3.9999999967232003 },
  { 7.0, false, 3.9999999993446402 },
  { 7.5, false, 3.9999999998689284 },
  { 8.0, false, 3.999999999973786 },
  { 8.5, false, 3.9999999999947575 },
  { 9.0, false, 3.999999999998952 },
  { 9.5, false, 3.9999999999997904 },
  { 10.0, false, 3.9999999999999583 },
  { 10.5, false, 3.999999999999992 },
  { 11.0, false, 3.9999999999999987 },
  { 11.5, false, 4.0 },
  { 12.0, false, 4.0 },
  { 12.5, false, 4.0 },
  { 13.0, false, 4.0 },
  { 13.5, false, 4.0 },
  { 14.0, false, 4.0 },
  { 14.5, false, 4.0 },
  { 15.0, false, 4.0 },
}

histories[#histories + 1] = {
  { 0.05, false, false },
  { 0.1, false, false },
  { 0.15, false, false },
  { 0.2, false, false },
  { 0.25, false, false },
  { 0.3, false, false },
  { 0.35, false, false },
  { 0.4, false, false },
  { 0.45, false, false },
  { 0.5, false, false },
  { 0.55, false, false },
  { 0.6, false, false },
  { 0.65, false, false },
  { 0.7, false, false },
  { 0.75, false, false },
  { 0.8, false, false },
  { 0.85, false, false },
  { 0.9, false, false },
  { 0.95, false, false },
  { 1.0, false, false },
  { 1.05, false, false },
  { 1.1, false, false },
  { 1.15, false, false },
  { 1.2, false, false },
  { 1.25, false, false },
  { 1.3, false, false },
  { 1.35, false, false },
  { 1.4, false, false },
  { 1.45, false, false },
  { 1.5, false, false },
  { 1.55, false, false },
  { 1.6, false, false },
  { 1.65, false, false },
  { 1.7, false, false },
  { 1.75, false, false },
  { 1.8, false, false },
  { 1.85, false, false },
  { 1.9, false, false },
  { 1.95, false, false },
  { 2.0, true, 13.977599999999999 },
  { 2.05, true, 9.78432 },
  { 2.1, true, 6.849023999999999 },
  { 2.15, false, 7.069819503315607 },
  { 2.2, false, 7.279255453990501 },
  { 2.25, false, 7.477631852024681 },
  { 2.3, false, 7.665248697418146 },
  { 2.35, false, 7.842405990170898 },
  { 2.4, false, 8.009403730282937 },
  { 2.45, false, 8.166541917754259 },
  { 2.5, false, 8.31412055258487 },
  { 2.55, false, 8.452439634774766 },
  { 2.6, false, 8.581799164323948 },
  { 2.65, false, 8.702499141232417 },
  { 2.7, false, 8.81483956550017 },
  { 2.75, false, 8.919120437127212 },
  { 2.8, false, 9.015641756113538 },
  { 2.85, false, 9.10470352245915 },
  { 2.9, false, 9.18660573616405 },
  { 2.95, false, 9.261648397228235 },
  { 3.0, false, 9.330131505651705 },
  { 3.05, false, 9.392355061434463 },
  { 3.1, false, 9.448619064576505 },
  { 3.15, false, 9.499223515077835 },
  { 3.2, false, 9.54446841293845 },
  { 3.25, false, 9.584653758158352 },
  { 3.3, false, 9.62007955073754 },
  { 3.35, false, 9.651045790676013 },
  { 3.4, false, 9.677852477973772 },
  { 3.45, false, 9.700799612630819 },
  { 3.5, false, 9.720187194647151 },
  { 3.55, false, 9.736315224022768 },
  { 3.6, false, 9.749483700757672 },
  { 3.65, false, 9.759992624851863 },
  { 3.7, false, 9.768141996305339 },
  { 3.75, false, 9.774231815118101 },
  { 3.8, false, 9.77856208129015 },
  { 3.85, false, 9.781432794821484 },
  { 3.9, false, 9.783143955712106 },
  { 3.95, false, 9.783995563962012 },
  { 4.0, false, 9.784287619571206 },
  { 4.05, false, 9.784320122539684 },
  { 4.1, false, 9.784393072867449 },
  { 4.15, false, 9.7848064705545 },
  { 4.2, false, 9.785860315600837 },
  { 4.25, false, 9.78785460800646 },
  { 4.3, false, 9.79108934777137 },
  { 4.35, false, 9.795864534895566 },
  { 4.4, false, 9.802480169379047 },
  { 4.45, false, 9.811236251221816 },
  { 4.5, true, 6.867865375855271 },
  { 4.55, false, 7.089070880641804 },
  { 4.6, false, 7.298906150931078 },
  { 4.65, false, 7.497671186723085 },
  { 4.7, false, 7.685665988017831 },
  { 4.75, false, 7.863190554815314 },
  { 4.8, false, 8.030544887115536 },
  { 4.85, false, 8.188028984918494 },
  { 4.9, false, 8.335942848224189 },
  { 4.95, false, 8.47458647703262 },
  { 5.0, false, 8.60425987134379 },
  { 5.05, false, 8.725263031157699 },
  { 5.1, false, 8.837895956474343 },
  { 5.15, false, 8.942458647293725 },
  { 5.2, false, 9.039251103615845 },
  { 5.25, false, 9.128573325440701 },
  { 5.3, false, 9.210725312768297 },
  { 5.35, false, 9.286007065598627 },
  { 5.4, false, 9.354718583931696 },
  { 5.45, false, 9.417159867767502 },
  { 5.5, false, 9.473630917106044 },
  { 5.55, false, 9.524431731947328 },
  { 5.6, false, 9.569862312291345 },
  { 5.65, false, 9.6102226581381 },
  { 5.7, false, 9.645812769487593 },
  { 5.75, false, 9.676932646339823 },
  { 5.8, false, 9.70388228869479 },
  { 5.85, false, 9.726961696552497 },
  { 5.9, false, 9.746470869912939 },
  { 5.95, false, 9.762709808776119 },
  { 6.0, false, 9.775978513142036 },
  { 6.05, false, 9.78657698301069 },
  { 6.1, false, 9.794805218382082 },
  { 6.15, false, 9.80096321925621 },
  { 6.2, false, 9.805350985633078 },
  { 6.25, false, 9.808268517512682 },
  { 6.3, false, 9.810015814895023 },
  { 6.35, false, 9.810892877780102 },
  { 6.4, false, 9.811199706167917 },
  { 6.45, false, 9.81123630005847 },
  { 6.5, false, 9.811302659451762 },
  { 6.55, false, 9.81169878434779 },
  { 6.6, false, 9.812724674746555 },
  { 6.65, false, 9.814680330648057 },
  { 6.7, false, 9.817865752052297 },
  { 6.75, false, 9.822580938959275 },
  { 6.8, false, 9.82912589136899 },
  { 6.85, false, 9.837800609281443 },
  { 6.9, false, 9.848905092696631 },
  { 6.95, false, 9.862739341614558 },
  { 7.0, false, 9.879603356035222 },
  { 7.05, false, 9.899797135958625 },
  { 7.1, false, 9.923620681384763 },
  { 7.15, false, 9.95137399231364 },
  { 7.2, false, 9.983357068745253 },
  { 7.25, false, 10.019869910679605 },
  { 7.3, false, 10.061212518116694 },
  { 7.35, false, 10.107684891056518 },
  { 7.4, false, 10.159587029499082 },
  { 7.45, false, 10.217218933444382 },
  { 7.5, false, 10.28088060289242 },
  { 7.55, false, 10.350872037843196 },
  { 7.6, false, 10.427493238296709 },
  { 7.65, false, 10.511044204252958 },
  { 7.7, false, 10.601824935711946 },
  { 7.75, false, 10.700135432673669 },
  { 7.8, false, 10.806275695138133 },
  { 7.85, false, 10.920545723105331 },
  { 7.9, false, 11.043245516575269 },
  { 7.95, false, 11.174675075547942 },
  { 8.0, false, 11.315134400023352 },
}

histories[#histories + 1] = {
  { 0.3, true, 0.5 },
  { 0.6, true, 0.5 },
  { 0.9, true, 0.5 },
  { 1.2, true, 0.5 },
  { 1.5, true, 0.5 },
  { 1.8, true, 0.5 },
  { 2.1, true, 0.5 },
  { 2.4, true, 0.5 },
  { 2.7, true, 0.5 },
  { 3.0, true, 0.5 },
  { 3.3, true, 0.5 },
}

return { now = 784111777, cases = cases, histories = histories }
