-- Invocation logging: what our options become, and what comes back.

local json = require "bedrock.json"
local logging = require "bedrock.logging"
local scripted = require "spec.support.scripted"

local ON = {
  textDataDeliveryEnabled = true, imageDataDeliveryEnabled = true, embeddingDataDeliveryEnabled = true,
  videoDataDeliveryEnabled = true,
}

local function with(members)
  local all = {}
  for k, v in pairs(ON) do all[k] = v end
  for k, v in pairs(members) do all[k] = v end
  return all
end

describe("logging:enable", function()
  local cases = {
    { "a bucket", { s3 = "logs" }, with { s3Config = { bucketName = "logs" } } },
    { "an address", { s3 = "s3://logs/bedrock/" }, with { s3Config = { bucketName = "logs", keyPrefix = "bedrock" } } },
    { "a bucket as a table", { s3 = { bucket = "logs", prefix = "a/b" } },
      with { s3Config = { bucketName = "logs", keyPrefix = "a/b" } } },
    { "the service's own members", { s3 = { bucketName = "logs" } }, with { s3Config = { bucketName = "logs" } } },
    { "CloudWatch", { cloud_watch = { log_group = "/bedrock", role_arn = "arn:r", large_data = "s3://big/x" } },
      with { cloudWatchConfig = { logGroupName = "/bedrock", roleArn = "arn:r",
        largeDataDeliveryS3Config = { bucketName = "big", keyPrefix = "x" } } } },
    { "kinds of data", { s3 = "logs", image = false, video = false, audio = true },
      with { s3Config = { bucketName = "logs" }, imageDataDeliveryEnabled = false, videoDataDeliveryEnabled = false,
        audioDataDeliveryEnabled = true } },
  }
  for _, case in ipairs(cases) do
    it("takes " .. case[1], function()
      local client, transport = scripted.client(function() return {} end)
      assert.same(case[3], assert(client:logging():enable(case[2])))
      local request = transport.requests[1]
      assert.equal("PUT", request.method)
      assert.matches("/logging/modelinvocations$", request.url)
      assert.same(case[3], json.decode(request.body).loggingConfig)
    end)
  end

  local slips = {
    { {}, "needs s3" }, { { s3 = 5 }, "s3 must be" }, { { s3 = "logs", texts = true }, "no option \"texts\"" },
    { { s3 = "logs", text = "yes" }, "text must be a boolean" }, { { cloud_watch = { log_group = "g" } }, "role_arn" },
    { { s3 = "s3://" }, "no name" },
  }
  for _, slip in ipairs(slips) do
    it("raises for a slip: " .. slip[2], function()
      local ok, why = pcall(function() return scripted.client(function() return {} end):logging():enable(slip[1]) end)
      assert.is_false(ok)
      assert.truthy(why:find(slip[2], 1, true), why)
    end)
  end

  it("says what a refusal of the service may mean", function()
    local client = scripted.client(function()
      return scripted.refusal("ValidationException", "Failed to validate permissions for the bucket"), 400
    end)
    local config, err = client:logging():enable { s3 = "logs" }
    assert.is_nil(config)
    assert.matches("bedrock.amazonaws.com", err.hint)
  end)
end)

describe("logging", function()
  it("tells what is configured, and that nothing is", function()
    local config = logging.config { s3 = "logs" }
    assert.same(config, scripted.client(function() return { loggingConfig = config } end):logging():get())
    assert.is_false(scripted.client(function() return {} end):logging():get())
  end)

  it("is turned off", function()
    local client, transport = scripted.client(function() return {} end)
    assert.is_true(client:logging():disable())
    assert.equal("DELETE", transport.requests[1].method)
  end)
end)
