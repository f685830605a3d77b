-- The log of what goes to the models and comes back: shows it, turns it on, or turns it off.
--
--   make run SCRIPT=examples/logging.lua
--   make run SCRIPT=examples/logging.lua ARGS="on s3://my-logs/bedrock"
--   make run SCRIPT=examples/logging.lua ARGS=off
--
-- Anthropic recommends to keep these logs for at least 30 days on a rolling basis: give the bucket a lifecycle rule of 30
-- days or more.

local bedrock = require "bedrock"

local logging = bedrock.new():logging()

if arg[1] == "on" then
  assert(logging:enable { s3 = arg[2] or "s3://bedrock-logs/invocations", video = false })
elseif arg[1] == "off" then
  assert(logging:disable())
end

local config, err = logging:get()
if err then error(err, 0) end
if not config then
  print("Nothing is logged.")
else
  local s3, cloud_watch = config.s3Config, config.cloudWatchConfig
  if s3 then print(("Logged to s3://%s/%s"):format(s3.bucketName, s3.keyPrefix or "")) end
  if cloud_watch then print("Logged to the log group " .. cloud_watch.logGroupName) end
  for _, kind in ipairs { "text", "image", "embedding", "video" } do
    print(("  %-10s %s"):format(kind, config[kind .. "DataDeliveryEnabled"] and "yes" or "no"))
  end
end
