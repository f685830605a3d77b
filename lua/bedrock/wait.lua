--- Waiting for what takes its time: asks for the state of a job until it has come to an end.
--
-- Which states are good ends and which are bad ones is data: a row an operation. An end that the caller did not wait for
-- is an error, whatever its name, because it never changes any more.

local bar = require "bedrock.bar"
local errors = require "bedrock.errors"
local operations = require "bedrock.operations"

local wait = {}

---@class bedrock.WaitOptions
---@field until string[]|string|(fun(result: table): boolean?)|nil states to wait for, or a function that tells; default: the good ends
---@field every number? seconds between two questions; by the operation when absent
---@field at_most number? seconds after which the wait is given up, not the job; no limit when absent
---@field progress fun(result: table, seconds: number)? called with every answer; then no bar is drawn
---@field bar boolean? false: none, even on a terminal

-- path: where the state stands. why: where the reason of a failure stands. every: seconds.
local job = { path = "status", done = "Completed", failed = "Failed Stopped", why = "failureMessage", every = 30 }

local rows = {
  get_model_invocation_job = {
    path = "status", done = "Completed PartiallyCompleted", failed = "Failed Stopped Expired", why = "message", every = 30,
    counted = "processedRecordCount", total = "totalRecordCount",
  },
  get_async_invoke = { path = "status", done = "Completed", failed = "Failed", why = "failureMessage", every = 10 },
  get_model_customization_job = job,
  get_model_import_job = job,
  get_model_copy_job = job,
  get_evaluation_job = { path = "status", done = "Completed", failed = "Failed Stopped", why = "failureMessages", every = 30 },
  get_advanced_prompt_optimization_job = {
    path = "jobStatus", done = "Completed PartiallyCompleted", failed = "Failed Stopped", why = "failureMessage", every = 30,
  },
  get_custom_model = { path = "modelStatus", done = "Active", failed = "Failed", why = "failureMessage", every = 30 },
  get_custom_model_deployment = { path = "status", done = "Active", failed = "Failed", why = "failureMessage", every = 15 },
  get_provisioned_model_throughput = {
    path = "status", done = "InService", failed = "Failed", why = "failureMessage", every = 30,
  },
  get_guardrail = { path = "status", done = "READY", failed = "FAILED", why = "statusReasons", every = 3 },
  get_inference_profile = { path = "status", done = "ACTIVE", failed = "", every = 3 },
  get_prompt_router = { path = "status", done = "AVAILABLE", failed = "", every = 3 },
  get_marketplace_model_endpoint = {
    path = "marketplaceModelEndpoint.endpointStatus", done = "InService", failed = "Failed OutOfService",
    why = "marketplaceModelEndpoint.endpointStatusMessage", every = 15,
  },
  get_automated_reasoning_policy_build_workflow = {
    path = "status", done = "COMPLETED", failed = "FAILED CANCELLED", every = 10,
  },
  get_automated_reasoning_policy_test_result = {
    path = "testResult.testRunStatus", done = "COMPLETED", failed = "FAILED", every = 5,
  },
}

-- How many failures that may pass are borne one after the other: a wait of hours outlives a minute without a network.
local PATIENCE = 5

local function at(value, path)
  for name in (path or ""):gmatch("[^.]+") do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  return value
end

local function set(words)
  local names = {}
  for name in words:gmatch("%S+") do names[name] = true end
  return names
end

local function wanted_states(wanted, row)
  if wanted == nil then return set(row.done) end
  if type(wanted) == "string" then wanted = { wanted } end
  local names = {}
  for _, name in ipairs(wanted) do names[name] = true end
  return names
end

local function check(name, params, options)
  local op, why = operations.find(name)
  if not op then error("bedrock: " .. tostring(why), 4) end
  if params ~= nil and type(params) ~= "table" then
    error(("client:wait takes a table of parameters for %s, not a %s"):format(op.snake, type(params)), 4)
  end
  local row, wanted = rows[op.snake], options["until"]
  if not row and op.output.status then row = { path = "status", done = "", failed = "", every = 10 } end
  if not row or row.done == "" and wanted == nil then
    error(("bedrock: %s has no end of its own to wait for; say which with [\"until\"]"):format(op.snake), 4)
  end
  return op, row
end

local function sentences(list)
  local texts = {}
  for _, text in ipairs(list) do texts[#texts + 1] = type(text) == "string" and text or nil end
  return table.concat(texts, "; ")
end

--- The state in the answer of an operation that is known here, and what it means.
---@param name string in snake_case
---@param result table
---@return string? state
---@return "done"|"failed"|nil meaning nil while it goes on
---@return string? why of a failure, in the service's words
function wait.state(name, result)
  local row = rows[name]
  local state = at(result, row.path)
  if set(row.done)[state] then return state, "done" end
  if not set(row.failed)[state] then return state end
  local why = at(result, row.why)
  if type(why) == "table" then why = sentences(why) end
  return state, "failed", type(why) == "string" and why ~= "" and why or nil
end

local function ended_otherwise(op, result)
  local state, _, why = wait.state(op.snake, result)
  return errors.new {
    kind = "conflict", code = state, operation = op.snake, members = result,
    message = "it ended as " .. state .. (why and ": " .. why or ""),
  }
end

local function too_long(op, state, seconds)
  return errors.new {
    kind = "timeout", code = "at_most", operation = op.snake, retryable = true,
    message = ("it is still %s after %.0f s"):format(tostring(state or "in no known state"), seconds),
    hint = "It goes on; wait again, or longer with at_most",
  }
end

-- Whether an answer is what is waited for; nil and the error when it never will be.
local function verdict(op, row, wanted, result)
  if type(wanted) == "function" then return wanted(result) and true or false end
  local state = at(result, row.path)
  if wanted[state] then return true end
  if rows[op.snake] and select(2, wait.state(op.snake, result)) then return nil, ended_otherwise(op, result) end
  return false
end

local function reporter(client, op, row, options)
  if options.progress then return options.progress, function() end end
  if options.bar == false or not (options.bar or bar.wanted(client.system)) then return function() end, function() end end
  local line = bar.new()
  return function(result, seconds)
    local label = op.snake .. " " .. tostring(at(result, row.path))
    line:draw(bar.line(label, seconds, at(result, row.counted), at(result, row.total)))
  end, function() line:wipe() end
end

local function may_pass(err)
  return err.retryable or err.kind == "timeout" or err.kind == "network"
end

-- Asks until the answer decides.
local function watch(client, op, row, params, options, report)
  local transport, began, failures = client.transport, client.transport:now(), 0
  local wanted, every = options["until"], options.every or row.every
  if type(wanted) ~= "function" then wanted = wanted_states(wanted, row) end
  while true do
    local result, err = client:call(op.snake, params, options.call)
    local seconds = transport:now() - began
    if result then
      failures = 0
      report(result, seconds)
      local ended, otherwise = verdict(op, row, wanted, result)
      if ended then return result end
      if otherwise then return nil, otherwise end
    else
      failures = failures + 1
      if not may_pass(err) or failures >= PATIENCE then return nil, err end
    end
    local left = options.at_most and options.at_most - seconds
    if left and left <= 0 then return nil, too_long(op, at(result, row.path), seconds) end
    transport:sleep(left and math.min(every, left) or every)
  end
end

--- Asks an operation until what it tells of has come to an end.
---@param client bedrock.Client
---@param name string an operation that tells a state, `get_model_invocation_job`
---@param params table?
---@param options bedrock.WaitOptions?
---@return table? result the answer with the state that was waited for
---@return bedrock.Error? err kind "conflict" and the state as `code` when it ended otherwise, "timeout" after `at_most`
function wait.run(client, name, params, options)
  options = options or {}
  local op, row = check(name, params, options)
  local report, finish = reporter(client, op, row, options)
  local result, err = watch(client, op, row, params or {}, options, report)
  finish()
  return result, err
end

return wait
