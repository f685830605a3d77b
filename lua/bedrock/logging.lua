--- Invocation logging: Bedrock keeps what goes to the models and what they answer, in S3, in CloudWatch, or in both.
--
-- Anthropic recommends to keep these logs for at least 30 days on a rolling basis, to understand how the models are used
-- and to look into misuse: give the bucket a lifecycle rule and the log group a retention of 30 days or more. Logging
-- stays inside of your account; neither AWS nor Anthropic gets to see what is logged.
--
-- One configuration an account and region. https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html

local errors = require "bedrock.errors"

local logging = {}

---@class bedrock.Logging
local Logging = {}
Logging.__index = Logging
Logging.__name = "bedrock.logging"

---@class bedrock.LoggingOptions
---@field s3 string|table|nil "s3://bucket/prefix" or { bucket, prefix }
---@field cloud_watch table? { log_group, role_arn, large_data = "s3://bucket/prefix" }
---@field text boolean? true when absent; so are image, embedding and video
---@field image boolean?
---@field embedding boolean?
---@field video boolean?
---@field audio boolean? sent only when given

-- Our name of a kind of data, its member, and what is sent when nothing is said.
local kinds = {
  { "text", "textDataDeliveryEnabled", true }, { "image", "imageDataDeliveryEnabled", true },
  { "embedding", "embeddingDataDeliveryEnabled", true }, { "video", "videoDataDeliveryEnabled", true },
  { "audio", "audioDataDeliveryEnabled" },
}

local known = { s3 = "string|table", cloud_watch = "table" }
for _, row in ipairs(kinds) do known[row[1]] = "boolean" end

local function check_options(options)
  if type(options) ~= "table" then error("logging:enable takes a table, not a " .. type(options), 4) end
  for name, value in pairs(options) do
    local wanted = known[name]
    if not wanted then error(("logging:enable has no option %q"):format(tostring(name)), 4) end
    if not wanted:find(type(value), 1, true) then
      error(("logging:enable: %s must be a %s, not a %s"):format(name, wanted:gsub("|", " or a "), type(value)), 4)
    end
  end
  if not options.s3 and not options.cloud_watch then error("logging:enable needs s3, cloud_watch, or both", 4) end
end

-- "s3://bucket/a/b", "bucket/a/b", { bucket, prefix } or the service's own members.
local function s3_config(where)
  if type(where) == "table" then
    if where.bucketName then return where end
    where = (where.bucket or where[1] or "") .. "/" .. (where.prefix or where[2] or "")
  end
  local bucket, prefix = where:gsub("^s3://", ""):match("^([^/]+)/?(.*)$")
  if not bucket then error("logging:enable: the bucket has no name", 4) end
  return { bucketName = bucket, keyPrefix = prefix ~= "" and prefix:gsub("/+$", "") or nil }
end

local function cloud_watch_config(where)
  local group, role = where.log_group or where.logGroupName, where.role_arn or where.roleArn
  if type(group) ~= "string" or type(role) ~= "string" then
    error("logging:enable: cloud_watch needs log_group and role_arn", 4)
  end
  local large = where.large_data or where.largeDataDeliveryS3Config
  return { logGroupName = group, roleArn = role, largeDataDeliveryS3Config = large and s3_config(large) or nil }
end

--- The `loggingConfig` of the service for our options.
---@param options bedrock.LoggingOptions
---@return table
function logging.config(options)
  check_options(options)
  local config = {
    s3Config = options.s3 and s3_config(options.s3) or nil,
    cloudWatchConfig = options.cloud_watch and cloud_watch_config(options.cloud_watch) or nil,
  }
  for _, row in ipairs(kinds) do
    config[row[2]] = row[3]
    if options[row[1]] ~= nil then config[row[2]] = options[row[1]] end
  end
  return config
end

--- The invocation logging of a client's account and region.
---@param client bedrock.Client
---@return bedrock.Logging
function logging.of(client)
  return setmetatable({ client = client }, Logging)
end

--- What is logged, and where to.
---@return table|false|nil config as the service writes it; false when nothing is logged
---@return bedrock.Error? err
function Logging:get()
  local answer, err = self.client:call("get_model_invocation_logging_configuration")
  if not answer then return nil, err end
  local config = answer.loggingConfig
  return type(config) == "table" and next(config) ~= nil and config or false
end

-- The service tries to write at once, and its refusal names no cure.
local function explain(err)
  if errors.is(err) and err.kind == "validation" and err.status and not err.hint then
    err.hint = "The bucket's policy must let bedrock.amazonaws.com put objects; for CloudWatch the role must be one that " ..
      "Bedrock can assume, and the log group must exist"
  end
  return err
end

--- Turns logging on, in the place of what was configured before. Keep the logs for 30 days at least.
---@param options bedrock.LoggingOptions
---@return table? config what is configured now
---@return bedrock.Error? err
function Logging:enable(options)
  local config = logging.config(options)
  local answer, err = self.client:call("put_model_invocation_logging_configuration", { loggingConfig = config })
  if not answer then return nil, explain(err) end
  return config
end

--- Turns logging off. What was logged stays where it is.
---@return true?
---@return bedrock.Error? err
function Logging:disable()
  local answer, err = self.client:call("delete_model_invocation_logging_configuration")
  if not answer then return nil, err end
  return true
end

return logging
