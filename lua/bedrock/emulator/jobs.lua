--- Batch jobs: read records from S3, answer each as the model would, write the answers back.
--
-- A job goes from Submitted over Validating to InProgress and to its end, a stage at a time, and works in slices, so that the
-- server goes on serving. The answers do not come in the order of the records: the service does not promise that either.

local cqueues = require("cqueues")
local clock = require("bedrock.emulator.clock")
local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local models = require("bedrock.emulator.models")
local paging = require("bedrock.emulator.paging")
local refusal = require("bedrock.emulator.refusal")
local runtime = require("bedrock.emulator.runtime")
local s3 = require("bedrock.emulator.s3")

local jobs = {}

local SLICE = 50

-- ---- creation ----

local function address(config, side, member)
  local inner = json.is_object(config) and config[member] or nil
  local uri = json.is_object(inner) and inner.s3Uri or refusal.missing(side .. "." .. member .. ".s3Uri")
  local bucket, key = tostring(uri):match("^s3://([^/]+)/?(.*)$")
  if not bucket then refusal.invalid("The provided S3 URI %s is invalid.", tostring(uri)) end
  return { bucket = bucket, key = key }
end

local function checked(exchange)
  local body = json.decode(exchange.request.body)
  if not json.is_object(body) then refusal.invalid("The request body is not a JSON object.") end
  for _, name in ipairs({ "jobName", "roleArn", "modelId" }) do
    if type(body[name]) ~= "string" then refusal.missing(name) end
  end
  if not body.jobName:find("^%w[%w+%-.]*$") or #body.jobName > 63 then
    refusal.invalid("1 validation error detected: Value '%s' at 'jobName' failed to satisfy constraint: Member must satisfy " ..
      "regular expression pattern: [a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\\+\\-\\.]){0,63}", body.jobName)
  elseif not body.roleArn:find("^arn:aws[%w%-]*:iam::%d+:role/.") then
    refusal.invalid("The provided role ARN %s is invalid.", body.roleArn)
  end
  return body
end

-- The same token is the same request; the same name without it is a slip.
local function earlier(all, body)
  for _, job in ipairs(all) do
    if body.clientRequestToken and job.told.clientRequestToken == body.clientRequestToken then return job end
    if job.told.jobName == body.jobName then
      refusal.raise("ConflictException", "The job name %s is in use.", body.jobName)
    end
  end
end

local function new_job(exchange, body)
  local id = encoding.hex(exchange.state:id("job")):sub(7, 18)
  local now = clock.stamp(exchange.clock)
  return {
    id = id, input = address(body.inputDataConfig, "inputDataConfig", "s3InputDataConfig"),
    output = address(body.outputDataConfig, "outputDataConfig", "s3OutputDataConfig"), target = models.find(body.modelId),
    kind = body.modelInvocationType or "InvokeModel",
    told = {
      jobArn = ("arn:aws:bedrock:%s:123456789012:model-invocation-job/%s"):format(exchange.identity.region or "us-east-1", id),
      jobName = body.jobName, modelId = body.modelId, clientRequestToken = body.clientRequestToken, roleArn = body.roleArn,
      status = "Submitted", submitTime = now, lastModifiedTime = now, inputDataConfig = body.inputDataConfig,
      outputDataConfig = body.outputDataConfig, timeoutDurationInHours = body.timeoutDurationInHours or 24,
      modelInvocationType = body.modelInvocationType,
    },
  }
end

-- ---- work ----

local function set_status(emulator, job, status, message)
  local told = job.told
  told.status, told.message, told.lastModifiedTime = status, message, clock.stamp(emulator.now())
  if status ~= "Validating" and status ~= "InProgress" and status ~= "Stopping" then told.endTime = told.lastModifiedTime end
end

-- The files of the input: one, or all below a prefix.
local function input_files(state, job)
  local bucket, key = job.input.bucket, job.input.key
  if s3.object(state, bucket, key) then return { key } end
  local files = {}
  for _, found in ipairs(s3.keys(state, bucket, key == "" and "" or key:gsub("/?$", "/"))) do
    if found:find("%.jsonl$") then files[#files + 1] = found end
  end
  return files
end

local function lines_of(state, job, key)
  local lines = {}
  for line in s3.object(state, job.input.bucket, key).bytes:gmatch("[^\n]+") do
    if line:find("%S") then lines[#lines + 1] = line end
  end
  return lines
end

-- One record's answer, or its error; what the model refuses is the record's failure and not the job's.
local function answer_record(state, job, line)
  local record = json.decode(line)
  if not json.is_object(record) or not json.is_object(record.modelInput) then
    return { error = { errorCode = 400, errorMessage = "Malformed record" } }
  end
  local out = { recordId = record.recordId or state:id("R"), modelInput = record.modelInput }
  local ok, answer = pcall(runtime.record, state, job.kind, job.target, record.modelInput, line)
  if ok then
    out.modelOutput = answer
  elseif refusal.is(answer) then
    out.error = { errorCode = answer.status, errorMessage = answer.message }
  else
    error(answer, 0)
  end
  return out
end

local function count(told, out)
  told.processedRecordCount = told.processedRecordCount + 1
  local member = out.error and "errorRecordCount" or "successRecordCount"
  told[member] = told[member] + 1
end

-- A slice at a time, each backwards.
local function answer_file(emulator, job, lines, pause)
  local out = {}
  for from = 1, #lines, SLICE do
    for i = math.min(from + SLICE - 1, #lines), from, -1 do
      local answer = answer_record(emulator.state, job, lines[i])
      count(job.told, answer)
      out[#out + 1] = json.encode(answer)
    end
    cqueues.sleep(pause)
    if job.told.status == "Stopping" then break end
  end
  out[#out + 1] = ""
  return table.concat(out, "\n")
end

local function store_output(state, job, name, bytes)
  local folder = job.output.key == "" and "" or job.output.key:gsub("/?$", "/")
  s3.store(state, job.output.bucket, folder .. job.id .. "/" .. name, bytes)
end

local function manifest(told)
  return json.encode({ totalRecordCount = told.totalRecordCount, processedRecordCount = told.processedRecordCount,
    successRecordCount = told.successRecordCount, errorRecordCount = told.errorRecordCount })
end

local function work(emulator, job, files)
  local told, all = job.told, {}
  told.totalRecordCount, told.processedRecordCount, told.successRecordCount, told.errorRecordCount = 0, 0, 0, 0
  for i, key in ipairs(files) do
    all[i] = lines_of(emulator.state, job, key)
    told.totalRecordCount = told.totalRecordCount + #all[i]
  end
  local pause = clock.stage(emulator) / math.max(1, told.totalRecordCount / SLICE)
  for i, key in ipairs(files) do
    store_output(emulator.state, job, key:match("[^/]+$") .. ".out", answer_file(emulator, job, all[i], pause))
  end
  store_output(emulator.state, job, "manifest.json.out", manifest(told))
  set_status(emulator, job, told.status == "Stopping" and "Stopped" or "Completed")
end

local function stage(emulator, job, status)
  if job.told.status ~= "Stopping" then set_status(emulator, job, status) end
  cqueues.sleep(clock.stage(emulator))
end

local function live(emulator, job)
  cqueues.sleep(clock.stage(emulator))
  stage(emulator, job, "Validating")
  local files = input_files(emulator.state, job)
  if #files == 0 then
    return set_status(emulator, job, "Failed", "The provided S3 URI holds no JSONL file: s3://" .. job.input.bucket .. "/" ..
      job.input.key)
  end
  if job.told.status ~= "Stopping" then set_status(emulator, job, "InProgress") end
  local ok, why = xpcall(work, debug.traceback, emulator, job, files)
  if not ok then set_status(emulator, job, "Failed", "The emulator failed: " .. tostring(why)) end
end

-- ---- operations ----

--- CreateModelInvocationJob
function jobs.create(exchange)
  local body, all = checked(exchange), exchange.state:part("jobs")
  local job = earlier(all, body)
  if not job then
    job = new_job(exchange, body)
    all[#all + 1] = job
    exchange.emulator:beside(live, exchange.emulator, job)
  end
  return json.answer({ jobArn = job.told.jobArn })
end

local function find(exchange)
  local id = exchange.params[1]
  for _, job in ipairs(exchange.state:part("jobs")) do
    if job.id == id or job.told.jobArn == id then return job end
  end
  refusal.raise("ResourceNotFoundException", "The model invocation job %s was not found.", id)
end

--- GetModelInvocationJob
function jobs.get(exchange)
  return json.answer(find(exchange).told)
end

--- ListModelInvocationJobs, the newest first
function jobs.list(exchange)
  local query, list = encoding.form(exchange.request.query), {}
  local all = exchange.state:part("jobs")
  for i = #all, 1, -1 do
    local told = all[i].told
    local wanted = not query.nameContains or told.jobName:find(query.nameContains, 1, true)
    if wanted and (not query.statusEquals or told.status == query.statusEquals) then list[#list + 1] = told end
  end
  return paging.answer(exchange, "invocationJobSummaries", list)
end

--- StopModelInvocationJob
function jobs.stop(exchange)
  local job = find(exchange)
  if job.told.endTime then refusal.raise("ConflictException", "The job has ended as %s.", job.told.status) end
  set_status(exchange.emulator, job, "Stopping")
  return json.answer({})
end

return jobs
