--- Batch inference: hundreds of thousands of records through Bedrock's own batch jobs, at half the price of calls.
--
--   records ─► JSON lines on disk ─► S3 ─► jobs ─► S3 ─► JSON lines on disk ─► results, joined to the records
--
-- A run lives in a folder. Every step is written down there before and after it is done, and a program that is killed and
-- started again goes on with the step that was not finished: files that are there are not written again, parts that are in S3
-- are not sent again, and a job is asked for under the same name and token, so that the service makes it once.
-- Only the writing of the records starts over when it was interrupted; nothing has left the machine by then.
--
-- One file is one job; more records than a job takes become several jobs. Memory holds one record at a time, and the ids of
-- one file.
-- https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference.html

local bar = require "bedrock.bar"
local core = require "bedrock.core"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local jsonl = require "bedrock.jsonl"
local s3 = require "bedrock.s3"
local system = require "bedrock.system"
local wait = require "bedrock.wait"

---@class bedrock.batch
local batch = {}

-- Seconds between two looks at the jobs: they grow, because small jobs are soon done and large ones take hours.
local FIRST_LOOK, LAST_LOOK = 0.5, 30

---@class bedrock.BatchOptions
---@field folder string where the run lives; made when it is not there
---@field s3 string "s3://bucket/prefix", in the client's region, for what goes in and what comes out
---@field role_arn string the role that Bedrock takes on to read and write there
---@field model string a model or profile id
---@field form "messages"|"converse"|"model"|nil what modelInput is: a Messages request (default), a Converse request, or the
--- body of a model's own format
---@field name string? beginning of the jobs' names; the folder's name when absent
---@field records (fun(): table?)|table[]|nil { modelInput = ..., recordId = "..." }, from an iterator or a list. Asked for only
--- until all are on disk, from the first one; ids are made where there are none
---@field records_per_job integer? 50000, the quota of most models
---@field bytes_per_job integer? 1e9, the quota of a file
---@field records_minimum integer? 100, the fewest that a job takes
---@field jobs integer? how many run at a time; 10
---@field job table? further members of CreateModelInvocationJob: timeoutDurationInHours, tags, vpcConfig
---@field preflight boolean? true: check every record before it is written, as a call would
---@field every number? seconds between two looks at the jobs; by itself from half a second up to 30
---@field at_most number? seconds after which `finish` gives up waiting; the jobs go on
---@field progress fun(progress: bedrock.BatchProgress)? called after every look; then no bar is drawn
---@field bar boolean? false: none, even on a terminal
---@field path_style boolean? see bedrock.s3
---@field part_size integer?

---@class bedrock.BatchProgress
---@field records integer in all
---@field processed integer
---@field succeeded integer
---@field failed integer
---@field jobs integer
---@field ended integer jobs that have come to an end

---@class bedrock.BatchRun
---@field folder string
---@field records integer
local Run = {}
Run.__index = Run
Run.__name = "bedrock.batch"

local option_types = {
  folder = "string", s3 = "string", role_arn = "string", model = "string", form = "string", name = "string",
  records = "function|table", records_per_job = "number", bytes_per_job = "number", records_minimum = "number", jobs = "number",
  job = "table", preflight = "boolean", every = "number", at_most = "number", progress = "function", bar = "boolean",
  path_style = "boolean", part_size = "number",
}

local function check_options(options)
  if type(options) ~= "table" then error("bedrock.batch takes a table of options, not a " .. type(options), 4) end
  for name, value in pairs(options) do
    local wanted = option_types[name]
    if not wanted then error(("bedrock.batch has no option %q"):format(tostring(name)), 4) end
    if not wanted:find(type(value), 1, true) then
      error(("bedrock.batch: %s must be a %s, not a %s"):format(name, wanted:gsub("|", " or a "), type(value)), 4)
    end
  end
  for _, name in ipairs { "folder", "s3", "role_arn", "model" } do
    if not options[name] or options[name] == "" then error("bedrock.batch needs the option " .. name, 4) end
  end
  if not s3.parse(options.s3) then error('bedrock.batch: s3 must be an address such as "s3://bucket/prefix"', 4) end
end

-- Forms

local function encoded(value)
  local text, why = json.encode(value)
  if text then return text end
  return nil, errors.new { kind = "validation", code = "record", message = why.message }
end

-- Each is a maker of two functions: what writes the input of a record, and what tells where bytes stand in its line.
local forms = {}

function forms.messages(model, checked)
  local messages, preflight = require "bedrock.messages", require "bedrock.preflight"
  return function(input)
    local body, err = messages.body(input)
    if body and checked then
      local ok, refused = preflight.messages(body, nil, model)
      if not ok then return nil, refused end
    end
    if not body then return nil, err end
    return encoded(body)
  end
end

-- The body of a Converse call, without the model, which stands in the path.
function forms.converse(model, checked)
  local content, preflight, request = require "bedrock.content", require "bedrock.preflight", require "bedrock.request"
  local op = require("bedrock.operations").find("converse")
  local function write(input)
    local params = { modelId = model }
    for k, v in pairs(input) do params[k] = v end
    local members, err = content.converse(params)
    if not members then return nil, err end
    if checked then
      local ok, refused = preflight.converse(members)
      if not ok then return nil, refused end
    end
    local built, refused = request.build(op, members)
    if not built then return nil, refused end
    return tostring(built.body)
  end
  return write, { modelInput = op.blobs, modelOutput = op.blobs_out }
end

function forms.model()
  return encoded
end

-- The folder and its state

local function file_error(why)
  return errors.new { kind = "config", code = "file", message = tostring(why) }
end

-- A directory that is there already is as good as a new one.
local function make_folder(folder)
  local ok, why = system.mkdir(folder)
  if ok or system.stat(folder) then return true end
  return nil, file_error(why)
end

function Run:path(name)
  return self.folder .. "/" .. name
end

function Run:save()
  local ok, why = system.write_file(self:path("state.json"), json.encode(self.state))
  if not ok then return nil, file_error(why) end
  return true
end

local function fresh_state(options)
  return {
    version = 1, id = core.crypto.uuid(), model = options.model, form = options.form or "messages",
    s3 = options.s3:gsub("/+$", ""), name = options.name or options.folder:gsub("/+$", ""):match("[^/\\]+$"), written = false,
    records = 0, parts = json.array {},
  }
end

local function other_batch(folder, name, was, is)
  return errors.new {
    kind = "conflict", code = "other_batch",
    message = ("the folder %s holds a batch whose %s is %s, not %s"):format(folder, name, was, is),
    hint = "Take another folder, or remove this one",
  }
end

local function load_state(folder, options)
  local text, why, missing = system.read_file(folder .. "/state.json")
  if missing then return fresh_state(options) end
  if not text then return nil, file_error(why) end
  local state, bad = json.decode(text)
  if type(state) ~= "table" then return nil, file_error(folder .. "/state.json: " .. (bad and bad.message or "not an object")) end
  local wanted = fresh_state(options)
  for _, name in ipairs { "model", "form", "s3" } do
    if state[name] ~= wanted[name] then return nil, other_batch(folder, name, state[name], wanted[name]) end
  end
  return state
end

local function open(client, options)
  check_options(options)
  local form = forms[options.form or "messages"]
  if not form then error("bedrock.batch: form must be messages, converse or model", 3) end
  local folder = options.folder:gsub("(.)/+$", "%1")
  local ok, err = make_folder(folder)
  if not ok then return nil, err end
  local state, failed = load_state(folder, options)
  if not state then return nil, failed end
  local bucket, prefix = s3.parse(state.s3)
  local write_input, blobs = form(state.model, options.preflight)
  local run = setmetatable({
    client = client, folder = folder, options = options, write_input = write_input, blobs = blobs, state = state,
    bucket = bucket, failures = 0, records = state.records,
    prefix = (prefix ~= "" and prefix .. "/" or "") .. state.id:sub(1, 8),
    store = s3.of(client, { path_style = options.path_style, part_size = options.part_size }),
  }, Run)
  ok, err = run:save()
  if not ok then return nil, err end
  return run
end

--- Opens a run in its folder, or makes it there. Nothing is sent yet.
---@param client bedrock.Client
---@param options bedrock.BatchOptions
---@return bedrock.BatchRun? run
---@return bedrock.Error? err kind "conflict" when the folder holds another batch
function batch.open(client, options)
  local run, err = open(client, options)
  return run, err
end

--- Does everything that is left of a run: writes, sends, waits, fetches.
---@param client bedrock.Client
---@param options bedrock.BatchOptions
---@return bedrock.BatchRun? run whose results can be read
---@return bedrock.Error? err
function batch.run(client, options)
  local run, err = open(client, options)
  if not run then return nil, err end
  local ok, failed = run:finish()
  if not ok then return nil, failed end
  return run
end

function Run:__tostring()
  return ("bedrock.batch (%s, %d records, %d jobs)"):format(self.folder, self.records, #self.state.parts)
end

-- Step 1: the records onto the disk

local function iterator(records)
  if type(records) == "function" then return records end
  local i = 0
  return function()
    i = i + 1
    return records[i]
  end
end

local function in_record(err, number, id)
  if not errors.is(err) then return err end
  err.message = ("record %d%s: %s"):format(number, id and " (" .. tostring(id) .. ")" or "", err.message)
  return err
end

local function refuse(message)
  return errors.new { kind = "validation", code = "record", message = message }
end

-- One record as an id and the JSON of its input.
function Run:encode(record, number)
  if type(record) ~= "table" then return nil, refuse("it is a " .. type(record) .. ", not a table") end
  if type(record.modelInput) ~= "table" then return nil, refuse("its modelInput must be a table") end
  local id = record.recordId
  if id == nil then id = ("R%010d"):format(number) end
  if type(id) ~= "string" or id == "" then return nil, refuse("its recordId must be a string") end
  local input, err = self.write_input(record.modelInput)
  if not input then return nil, err end
  return id, input
end

function Run:write_all(writer, next_record)
  local number = 0
  for record in next_record do
    number = number + 1
    local id, input = self:encode(record, number)
    if not id then return nil, in_record(input, number, type(record) == "table" and record.recordId) end
    local ok, err = writer:add(id, input)
    if not ok then return nil, in_record(err, number, id) end
  end
  if number == 0 then return nil, refuse("there are no records") end
  return writer:finish()
end

--- Writes the records to the folder, unless they are all there already.
---@param records (fun(): table?)|table[]|nil the option `records` when absent
---@return true?
---@return bedrock.Error? err which names the record; nothing of the run has left the machine then
function Run:write(records)
  if self.state.written then return true end
  records = records or self.options.records
  if not records then error("the records are not on disk yet: give them with the option records", 2) end
  local options = self.options
  local writer = jsonl.writer(self.folder, {
    records = options.records_per_job or 50000, bytes = options.bytes_per_job or 1e9, minimum = options.records_minimum or 100,
  })
  local files, err = self:write_all(writer, iterator(records))
  if not files then
    writer:abandon()
    return nil, err
  end
  self.state.parts, self.state.records, self.state.written = json.array(files), writer.records, true
  self.records = writer.records
  return self:save()
end

-- Step 2: into S3

function Run:input_key(part)
  return self.prefix .. "/input/" .. part.file
end

function Run:output_prefix(part)
  return self.prefix .. "/output/" .. part.file:match("^%d+") .. "/"
end

function Run:send(part)
  if part.sent then return true end
  local keep = function(upload)
    part.upload = upload
    return self:save()
  end
  local path = self:path(part.file)
  local ok, err = self.store:upload(self.bucket, self:input_key(part), path, { keep = keep, resume = part.upload })
  if not ok and part.upload and err.code == "NoSuchUpload" then
    -- It was completed or has been cleared away meanwhile: once more from its beginning.
    ok, err = self.store:upload(self.bucket, self:input_key(part), path, { keep = keep })
  end
  if not ok then return nil, err end
  part.sent, part.upload = true, nil
  return self:save()
end

-- Step 3: jobs

local function hex_uuid(text)
  local hex = core.crypto.sha256(text)
  return ("%s-%s-4%s-8%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20), hex:sub(21, 32))
end

-- Names begin with a letter or a digit and have 63 characters at most.
function Run:job_name(part)
  local name = self.state.name:gsub("[^%w]+", "-"):gsub("^%-+", ""):sub(1, 40)
  if name == "" then name = "batch" end
  return ("%s-%s-%s"):format(name, self.state.id:sub(1, 8), part.file:match("^%d+"))
end

function Run:job_members(part)
  local members = {
    jobName = self:job_name(part), roleArn = self.options.role_arn, modelId = self.state.model,
    clientRequestToken = hex_uuid(self.state.id .. part.file),
    modelInvocationType = self.state.form == "converse" and "Converse" or nil,
    inputDataConfig = { s3InputDataConfig = {
      s3Uri = ("s3://%s/%s"):format(self.bucket, self:input_key(part)), s3InputFormat = "JSONL" } },
    outputDataConfig = { s3OutputDataConfig = { s3Uri = ("s3://%s/%s"):format(self.bucket, self:output_prefix(part)) } },
  }
  for name, value in pairs(self.options.job or {}) do members[name] = value end
  return members
end

-- The job of that name, if an earlier attempt made it and was interrupted before it heard so.
function Run:find_job(part)
  local name = self:job_name(part)
  local pager = self.client:each("list_model_invocation_jobs", { nameContains = name })
  while true do
    local job, err = pager:next()
    if not job then return nil, err end
    if type(job) == "table" and job.jobName == name then return job.jobArn end
  end
end

function Run:create_job(part)
  local answer, err = self.client:call("create_model_invocation_job", self:job_members(part))
  if answer then return answer.jobArn end
  if err.kind == "conflict" then
    local arn = self:find_job(part)
    if arn then return arn end
  end
  return nil, err
end

function Run:start(part)
  local arn, err
  if part.asked then arn, err = self:find_job(part) end
  if not arn and not err then
    part.asked = true
    local ok, why = self:save()
    if not ok then return nil, why end
    arn, err = self:create_job(part)
  end
  if not arn then return nil, err end
  part.arn, part.status = arn, "Submitted"
  return self:save()
end

local function is_active(part)
  return part.arn ~= nil and not part.ended
end

function Run:count_active()
  local n = 0
  for _, part in ipairs(self.state.parts) do
    if is_active(part) then n = n + 1 end
  end
  return n
end

-- Starts what may be started. A quota that is used up by our own jobs is only a reason to wait.
function Run:start_jobs()
  local limit = self.options.jobs or 10
  for _, part in ipairs(self.state.parts) do
    if not part.arn then
      local active = self:count_active()
      if active >= limit then return true end
      local ok, err = self:send(part)
      if ok then ok, err = self:start(part) end
      if not ok then
        if active > 0 and (err.kind == "quota" or err.kind == "throttled") then return true end
        return nil, err
      end
    end
  end
  return true
end

-- Failures that pass are borne five in a row: a wait of hours outlives a minute without a network.
function Run:bear(err)
  self.failures = self.failures + 1
  if self.failures >= 5 or not (err.retryable or err.kind == "network" or err.kind == "timeout") then return nil, err end
  return true
end

local function number_of(value)
  return type(value) == "number" and value or nil
end

function Run:look_at(part)
  local job, err = self.client:call("get_model_invocation_job", { jobIdentifier = part.arn })
  if not job then return self:bear(err) end
  self.failures = 0
  local status, meaning, why = wait.state("get_model_invocation_job", job)
  part.status, part.message = status, why
  part.processed, part.succeeded = number_of(job.processedRecordCount), number_of(job.successRecordCount)
  part.failed = number_of(job.errorRecordCount)
  if meaning then
    part.ended = true
    return self:save()
  end
  return true
end

-- Step 4: the answers onto the disk

-- A job that failed as a whole may still have written answers.
local function must_have_output(part)
  return part.status == "Completed" or part.status == "PartiallyCompleted"
end

local function no_output(part)
  return errors.new {
    kind = "server", code = "no_output",
    message = ("the job of %s is %s, but its answers are not in S3"):format(part.file, part.status),
  }
end

function Run:output_key(part)
  local list, err = self.store:list(self.bucket, self:output_prefix(part))
  if not list then return nil, err end
  local wanted = "/" .. part.file .. ".out"
  for _, object in ipairs(list) do
    if object.key:sub(-#wanted) == wanted then return object.key end
  end
end

function Run:fetch(part)
  if part.fetched then return true end
  local key, err = self:output_key(part)
  if err then return nil, err end
  if key then
    local ok, failed = self.store:download(self.bucket, key, self:path(part.file .. ".out"))
    if not ok then return nil, failed end
    part.output = part.file .. ".out"
  elseif must_have_output(part) then
    return nil, no_output(part)
  end
  part.fetched = true
  return self:save()
end

-- All of it

--- How far the run is.
---@return bedrock.BatchProgress
function Run:progress()
  local p = { records = self.records, processed = 0, succeeded = 0, failed = 0, jobs = #self.state.parts, ended = 0 }
  for _, part in ipairs(self.state.parts) do
    p.processed = p.processed + (part.processed or 0)
    p.succeeded, p.failed = p.succeeded + (part.succeeded or 0), p.failed + (part.failed or 0)
    if part.ended then p.ended = p.ended + 1 end
  end
  return p
end

function Run:reporter()
  local options = self.options
  if options.progress then return function() options.progress(self:progress()) end, function() end end
  if options.bar == false or not (options.bar or bar.wanted(self.client.system)) then
    return function() end, function() end
  end
  local line, began = bar.new(), self.client.transport:now()
  return function()
    local p = self:progress()
    local label = ("batch, %d of %d jobs done"):format(p.ended, p.jobs)
    line:draw(bar.line(label, self.client.transport:now() - began, p.processed, p.records))
  end, function() line:wipe() end
end

-- One round: starts, looks, fetches. Answers whether everything is here.
function Run:round()
  local ok, err = self:start_jobs()
  if not ok then return nil, err end
  local whole = true
  for _, part in ipairs(self.state.parts) do
    if is_active(part) then ok, err = self:look_at(part) end
    if ok and part.ended then ok, err = self:fetch(part) end
    if not ok then return nil, err end
    whole = whole and part.fetched == true
  end
  return true, whole
end

function Run:drive(report)
  local transport, options = self.client.transport, self.options
  local began, every = transport:now(), options.every or FIRST_LOOK
  while true do
    local ok, whole = self:round()
    if not ok then return nil, whole end
    report()
    if whole then return true end
    local left = options.at_most and options.at_most - (transport:now() - began)
    if left and left <= 0 then
      return nil, errors.new {
        kind = "timeout", code = "at_most", retryable = true, message = "the jobs have not ended yet",
        hint = "They go on; open the run again to wait for them",
      }
    end
    transport:sleep(left and math.min(every, left) or every)
    if not options.every then every = math.min(every * 1.5, LAST_LOOK) end
  end
end

--- Does everything that is left: writes the records, sends them, waits for the jobs and fetches their answers.
---@return true? ok also when single records failed, or whole jobs did: their results say so
---@return bedrock.Error? err
function Run:finish()
  local ok, err = self:write()
  if not ok then return nil, err end
  local report, wipe = self:reporter()
  ok, err = self:drive(report)
  wipe()
  if not ok then return nil, err end
  return true
end

--- The jobs of the run.
---@return { file: string, records: integer, arn: string?, status: string?, message: string? }[]
function Run:jobs()
  local list = {}
  for i, part in ipairs(self.state.parts) do
    list[i] = { file = part.file, records = part.records, arn = part.arn, status = part.status, message = part.message }
  end
  return list
end

-- Results

-- What became of a record that has no answer: its job ended before it, or failed as a whole.
local function unanswered(part)
  local failed = not must_have_output(part)
  return errors.new {
    kind = failed and "conflict" or "server", code = failed and part.status or "missing",
    message = failed and ("its job ended as %s%s"):format(part.status, part.message and ": " .. part.message or "") or
      "the answers of its job have no such record",
  }
end

local function record_error(answer)
  local inner = type(answer.error) == "table" and answer.error or {}
  local status = tonumber(inner.errorCode)
  local code = not status and type(inner.errorCode) == "string" and inner.errorCode or nil
  local kind, retryable = errors.classify(code, status)
  return errors.new {
    kind = kind, code = code, status = status, retryable = retryable, members = inner,
    message = type(inner.errorMessage) == "string" and inner.errorMessage or "the record failed without a reason",
  }
end

---@class bedrock.BatchResult
---@field recordId string
---@field modelInput table as it was sent
---@field modelOutput table? the model's answer
---@field reply bedrock.Reply? the same with its methods: reply:text(), reply:tool_uses()
---@field error bedrock.Error? why there is none

function Run:result(part, record, answer)
  local result = { recordId = record.recordId, modelInput = record.modelInput }
  if not answer then
    result.error = unanswered(part)
  elseif type(answer.modelOutput) ~= "table" then
    result.error = record_error(answer)
  else
    result.modelOutput = answer.modelOutput
    if self.state.form ~= "model" then
      result.reply = require("bedrock.reply").wrap(answer.modelOutput, self.state.form)
    end
  end
  return result
end

-- Records and answers of the next file.
function Run:next_part(number)
  local part = self.state.parts[number]
  if not part then return nil end
  if not part.fetched then
    return nil, nil, errors.new { kind = "conflict", code = "unfinished", message = "the run is not finished" }
  end
  local next_pair, err = jsonl.join(self:path(part.file), part.output and self:path(part.output), self.blobs)
  return part, next_pair, err
end

--- Walks the results: each record once, in the order in which the records came, with its answer or its error. Raises
--- when the files cannot be read.
---@return fun(): bedrock.BatchResult?
function Run:results()
  local number, part, next_pair = 0, nil, nil
  return function()
    while true do
      if next_pair then
        local record, answer, failed = next_pair()
        if failed then error(failed, 0) end
        if record then return self:result(part, record, answer) end
      end
      local err
      number = number + 1
      part, next_pair, err = self:next_part(number)
      if err then error(err, 0) end
      if not part then
        number, next_pair = #self.state.parts, nil
        return nil
      end
    end
  end
end

return batch
