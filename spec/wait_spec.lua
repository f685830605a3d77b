-- Waiting: which states end it, how long it goes on, and what it tells meanwhile.

local bar = require "bedrock.bar"
local json = require "bedrock.json"
local scripted = require "spec.support.scripted"

local JOB = { jobIdentifier = "arn:aws:bedrock:us-west-2:123456789012:model-invocation-job/abc" }

-- A service whose job goes through these states; the last one stays.
local function job(states, member)
  return scripted.client(function(_, number)
    local state = states[math.min(number, #states)]
    if type(state) == "table" then return state, 200 end
    if state == "refused" then return scripted.refusal("ThrottlingException", "slow down"), 429 end
    if state == "gone" then return scripted.refusal("ResourceNotFoundException", "no such job"), 404 end
    return { [member or "status"] = state }
  end)
end

local function wait(states, options)
  local client, transport = job(states)
  local result, err = client:wait("get_model_invocation_job", JOB, options)
  return result, err, transport
end

describe("client:wait", function()
  it("asks until the job is done, at its own pace", function()
    local result, _, transport = wait({ "Submitted", "InProgress", "InProgress", "Completed" })
    assert.equal("Completed", result.status)
    assert.same({ 30, 30, 30 }, transport.slept)
    local _, _, hasty = wait({ "Submitted", "Completed" }, { every = 2 })
    assert.same({ 2 }, hasty.slept)
  end)

  local ends = {
    { "get_model_invocation_job", JOB, "status", "PartiallyCompleted" },
    { "get_model_invocation_job", JOB, "status", nil, "Expired" },
    { "get_async_invoke", { invocationArn = "arn:a" }, "status", "Completed", "Failed" },
    { "get_guardrail", { guardrailIdentifier = "gr" }, "status", "READY", "FAILED" },
    { "get_custom_model", { modelIdentifier = "m" }, "modelStatus", "Active", "Failed" },
    { "get_provisioned_model_throughput", { provisionedModelId = "p" }, "status", "InService", "Failed" },
    { "get_evaluation_job", { jobIdentifier = "e" }, "status", "Completed", "Stopped" },
    { "get_model_copy_job", { jobArn = "c" }, "status", "Completed", "Failed" },
  }
  for _, row in ipairs(ends) do
    local name, params, member, good, bad = row[1], row[2], row[3], row[4], row[5]
    it(("knows the ends of %s: %s, %s"):format(name, tostring(good), tostring(bad)), function()
      if good then assert.equal(good, assert(job({ "X", good }, member):wait(name, params))[member]) end
      if not bad then return end
      local result, err = job({ "X", bad }, member):wait(name, params)
      assert.is_nil(result)
      assert.equal("conflict", err.kind)
      assert.equal(bad, err.code)
      assert.equal(name, err.operation)
    end)
  end

  it("says why a job failed, in the service's words", function()
    local _, err = wait({ { status = "Failed", message = "The role cannot read the bucket" } })
    assert.matches("ended as Failed: The role cannot read the bucket", tostring(err))
    assert.equal("Failed", err.members.status)
    local client = job({ { status = "FAILED", statusReasons = { "one", json.null, "two", {} } } })
    assert.matches("one; two", tostring(select(2, client:wait("get_guardrail", { guardrailIdentifier = "gr" }))))
  end)

  it("waits for other states when told to, and sees that they cannot come any more", function()
    assert.equal("Stopped", assert(wait({ "Stopping", "Stopped" }, { ["until"] = { "Stopped" } })).status)
    assert.equal("InProgress", assert(wait({ "Submitted", "InProgress" }, { ["until"] = "InProgress" })).status)
    local result, err = wait({ "Stopping", "Completed" }, { ["until"] = { "Stopped" } })
    assert.is_nil(result)
    assert.equal("Completed", err.code)
  end)

  it("takes a function that tells when it is over", function()
    local client = job({ { processedRecordCount = 1 }, { processedRecordCount = 7 } })
    local result = assert(client:wait("get_model_invocation_job", JOB, {
      ["until"] = function(answer) return answer.processedRecordCount > 5 end,
    }))
    assert.equal(7, result.processedRecordCount)
  end)

  it("gives up after at_most, and never sleeps beyond it", function()
    local result, err, transport = wait({ "InProgress" }, { every = 30, at_most = 70 })
    assert.is_nil(result)
    assert.equal("timeout", err.kind)
    assert.equal("at_most", err.code)
    assert.is_true(err.retryable)
    assert.matches("still InProgress", tostring(err))
    assert.same({ 30, 30, 10 }, transport.slept)
  end)

  it("bears failures that pass, but not for ever, and no others", function()
    assert.truthy(wait({ "InProgress", "refused", "refused", "InProgress", "refused", "Completed" }))
    local _, err, transport = wait({ "InProgress", "refused" })
    assert.equal("throttled", err.kind)
    assert.equal(6, #transport.requests)
    local _, gone, asked = wait({ "InProgress", "gone" })
    assert.equal("not_found", gone.kind)
    assert.equal(2, #asked.requests)
  end)

  it("tells of every answer", function()
    local seen = {}
    assert(wait({ "Submitted", "InProgress", "Completed" }, { every = 10, progress = function(result, seconds)
      seen[#seen + 1] = result.status .. " " .. seconds
    end }))
    assert.same({ "Submitted 0", "InProgress 10", "Completed 20" }, seen)
  end)

  it("raises for what has no end of its own, unless told what to wait for", function()
    local client = job({ "x" })
    for _, name in ipairs { "list_guardrails", "create_guardrail", "get_resource_policy", "no_such_operation" } do
      local ok, why = pcall(function() client:wait(name, {}) end)
      assert.is_false(ok)
      assert.matches("wait_spec", why)
    end
    assert.has_error(function() client:wait("get_guardrail", "gr") end)
  end)
end)

describe("the bar", function()
  it("shows how much is done, or only the time", function()
    assert.equal("job InProgress  [############............]  50 %  5 of 10  1:05", bar.line("job InProgress", 65, 5, 10))
    assert.equal("job Submitted  0:00", bar.line("job Submitted", 0))
    assert.equal("job  2:00:01", bar.line("job", 7201.9, 3, 0))
    assert.matches("100 %%", bar.line("job", 1, 12, 10))
  end)

  it("draws over itself and wipes the line", function()
    local written = {}
    local out = { write = function(_, ...) written[#written + 1] = table.concat { ... } end, flush = function() end }
    local line = bar.new(out)
    line:draw("longer")
    line:draw("long")
    line:wipe()
    line:wipe()
    assert.same({ "\rlonger", "\rlong  ", "\r    \r" }, written)
  end)
end)
