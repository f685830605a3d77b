--- Asynchronous invocations: accepted at once, done after a while, with the result in S3.

local clock = require("bedrock.emulator.clock")
local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local models = require("bedrock.emulator.models")
local paging = require("bedrock.emulator.paging")
local refusal = require("bedrock.emulator.refusal")
local s3 = require("bedrock.emulator.s3")

local invocations = {}

local function checked(exchange)
  local body = json.decode(exchange.request.body)
  if not json.is_object(body) or type(body.modelId) ~= "string" then refusal.missing("modelId") end
  if body.modelInput == nil then refusal.missing("modelInput") end
  local output = json.is_object(body.outputDataConfig) and body.outputDataConfig.s3OutputDataConfig
  local uri = json.is_object(output) and output.s3Uri or refusal.missing("outputDataConfig.s3OutputDataConfig.s3Uri")
  local bucket, key = tostring(uri):match("^s3://([^/]+)/?(.*)$")
  if not bucket then refusal.invalid("The provided S3 URI %s is invalid.", tostring(uri)) end
  return body, bucket, key
end

local function new(exchange, body, bucket, key)
  local id = encoding.hex(exchange.state:id("async")):sub(11, 22)
  local region = exchange.identity.region or "us-east-1"
  return {
    ready = clock.after(exchange.emulator, 2), bucket = bucket, folder = (key == "" and "" or key:gsub("/?$", "/")) .. id .. "/",
    input = body.modelInput,
    told = {
      invocationArn = ("arn:aws:bedrock:%s:123456789012:async-invoke/%s"):format(region, id),
      modelArn = ("arn:aws:bedrock:%s::foundation-model/%s"):format(region, models.find(body.modelId).base),
      clientRequestToken = body.clientRequestToken, status = "InProgress", submitTime = clock.stamp(exchange.clock),
      lastModifiedTime = clock.stamp(exchange.clock), outputDataConfig = body.outputDataConfig,
    },
  }
end

-- Ends an invocation whose time has come; a prompt with the word "fail" in it fails.
local function settle(exchange, invocation)
  local told = invocation.told
  if told.status ~= "InProgress" or not clock.passed(invocation.ready) then return told end
  told.endTime = clock.stamp(exchange.clock)
  told.lastModifiedTime = told.endTime
  local text = json.encode(invocation.input)
  if text:find("%f[%a]fail%f[%A]") then
    told.status, told.failureMessage = "Failed", "The emulator was asked to fail."
    return told
  end
  told.status = "Completed"
  s3.store(exchange.state, invocation.bucket, invocation.folder .. "output.json", text)
  s3.store(exchange.state, invocation.bucket, invocation.folder .. "manifest.json", json.encode({ status = "SUCCEEDED" }))
  return told
end

--- StartAsyncInvoke
function invocations.start(exchange)
  local body, bucket, key = checked(exchange)
  local all = exchange.state:part("invocations")
  for _, other in ipairs(all) do
    if body.clientRequestToken and other.told.clientRequestToken == body.clientRequestToken then
      return json.answer({ invocationArn = other.told.invocationArn })
    end
  end
  local invocation = new(exchange, body, bucket, key)
  all[#all + 1] = invocation
  return json.answer({ invocationArn = invocation.told.invocationArn })
end

--- GetAsyncInvoke
function invocations.get(exchange)
  for _, invocation in ipairs(exchange.state:part("invocations")) do
    if invocation.told.invocationArn == exchange.params[1] then return json.answer(settle(exchange, invocation)) end
  end
  refusal.raise("ValidationException", "Invocation %s was not found.", exchange.params[1])
end

--- ListAsyncInvokes, the newest first
function invocations.list(exchange)
  local wanted, list = encoding.form(exchange.request.query).statusEquals, {}
  local all = exchange.state:part("invocations")
  for i = #all, 1, -1 do
    local told = settle(exchange, all[i])
    if not wanted or told.status == wanted then list[#list + 1] = told end
  end
  return paging.answer(exchange, "asyncInvokeSummaries", list)
end

return invocations
