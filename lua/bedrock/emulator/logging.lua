--- Invocation logging: one configuration, kept as it was put.

local json = require("bedrock.emulator.json")
local refusal = require("bedrock.emulator.refusal")

local logging = {}

local function check(config)
  if not json.is_object(config) then
    refusal.missing("loggingConfig")
  elseif not config.s3Config and not config.cloudWatchConfig then
    refusal.invalid("At least one of s3Config and cloudWatchConfig must be given.")
  elseif config.s3Config and type(config.s3Config.bucketName) ~= "string" then
    refusal.missing("loggingConfig.s3Config.bucketName")
  end
end

--- PutModelInvocationLoggingConfiguration
function logging.put(exchange)
  local body = json.decode(exchange.request.body)
  local config = json.is_object(body) and body.loggingConfig or nil
  check(config)
  exchange.state:part("logging").config = config
  return json.answer({})
end

--- GetModelInvocationLoggingConfiguration
function logging.get(exchange)
  return json.answer({ loggingConfig = exchange.state:part("logging").config })
end

--- DeleteModelInvocationLoggingConfiguration
function logging.delete(exchange)
  exchange.state:part("logging").config = nil
  return json.answer({})
end

return logging
