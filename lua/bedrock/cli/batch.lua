--- `bedrock batch`: the lines of a file through Bedrock's own batch jobs, at half the price of calls.

local answers = require "bedrock.cli.answers"
local batch = require "bedrock.batch"
local cost = require "bedrock.cli.cost"
local json = require "bedrock.json"
local pump = require "bedrock.cli.pump"
local records = require "bedrock.cli.records"
local session = require "bedrock.cli.session"
local system = require "bedrock.system"

local command = { name = "batch", summary = "ask about every line of a file through Bedrock's batch jobs, at half the price" }

command.about = [[
Asks a model about every line of a file through Bedrock's batch jobs: the lines go to S3, the jobs run there for
minutes or hours, the answers come back in the order of the lines. The folder keeps how far it is: stopped or killed,
the same command goes on where it was, and the jobs go on meanwhile. Lines are what bedrock map takes; a batch has 100
of them at least.]]
command.options = session.with_common {
  session.model_option,
  { "-o --output", "FILE", "write the answers there instead of standard output" },
  { "--folder", "DIR", "where the run is kept; INPUT.batch when it is not said" },
  { "--s3", "s3://BUCKET/PREFIX", "where records and answers travel; else BEDROCK_BATCH_S3" },
  { "--role", "ARN", "the role that Bedrock takes on to read and write there; else BEDROCK_BATCH_ROLE" },
  { "-s --system", "TEXT", "system prompt; @FILE reads it from a file" },
  { "-p --template", "TEXT", "the prompt: {} is the line, {name} a member of a JSON record; @FILE reads it" },
  { "--text", false, "lines are text, even those that look like JSON" },
  { "--max-tokens", "N", "the longest answer", number = true, default = 1024 },
  { "--temperature", "X", "from 0 to 1", number = true },
  { "--converse", false, "write records in the Converse format instead of Anthropic's Messages, for models of others" },
  { "--records-per-job", "N", "split into jobs of so many", number = true, default = 50000 },
  { "--no-wait", false, "send everything, and leave: the same command without it waits and fetches" },
  { "--full", false, "write whole answers, too, as `reply`" },
  { "--price", "IN/OUT", "dollars for a million tokens of a batch, for the sum at the end; else BEDROCK_PRICE" },
}
command.arguments = { { "input", "the file" } }
command.examples = {
  { "bedrock batch reviews.txt -p 'Friendly? {}' --s3 s3://mine/run1 --role arn:aws:iam::1:role/B -o out.jsonl", "all of it" },
  { "bedrock batch reviews.txt --no-wait", "come back later with the same command, without --no-wait" },
}

local function needed(value, variable, option)
  value = value or system.getenv(variable)
  return value or session.refuse("a batch needs --%s, or %s", option, variable)
end

-- What the folder keeps is asked of the file until all of it is written there.
local function reader(path, defaults, form)
  local lines, why = records.lines(path)
  if not lines then session.refuse("cannot read %s", why) end
  local number = 0
  return function()
    local text = lines()
    number = text and number + 1 or number
    if not text then return nil end
    if not text:find("%S") then return nil, true end
    local record = records.of(text, number, defaults)
    if record.wrong then session.refuse("line %d: %s", number, record.wrong) end
    if record.form ~= form then
      session.refuse("line %d is a request in the %s format, and this batch is in the other; see --converse", number, record.form)
    end
    local input = record.params
    input.model, input.modelId = nil, nil
    return { recordId = record.id ~= nil and tostring(record.id) or ("L%010d"):format(number), modelInput = input }
  end
end

local function without_blanks(read)
  return function()
    while true do
      local record, blank = read()
      if not blank then return record end
    end
  end
end

local function options_of(client, options)
  local form = options.converse and "converse" or "messages"
  local defaults = {
    model = session.model_id(client, options.model), system = options.system and session.text(options.system),
    template = options.template and session.text(options.template), text = options.text, messages = not options.converse,
    max_tokens = session.whole(options, "max-tokens", 1), temperature = options.temperature,
  }
  return {
    folder = options.folder or options.input .. ".batch", s3 = needed(options.s3, "BEDROCK_BATCH_S3", "s3"), form = form,
    role_arn = needed(options.role, "BEDROCK_BATCH_ROLE", "role"), model = defaults.model,
    records = without_blanks(reader(options.input, defaults, form)),
    records_per_job = session.whole(options, "records-per-job", 1),
  }
end

local function output_of(path)
  if not path then return io.stdout end
  local file, why = io.open(path .. ".new", "wb")
  return file or session.refuse("cannot write %s", why)
end

-- Written beside and put in place at the end: a file of that name is always whole.
local function write_results(run, options)
  local out, failed, sum = output_of(options.output), 0, {}
  for result in run:results() do
    local known, record = { id = result.recordId }
    if result.reply then
      record = answers.of(known, result.reply, options.converse and "converse" or "messages", { full = options.full })
      answers.add_usage(sum, record.usage)
    else
      record, failed = answers.failure(known, result.error), failed + 1
    end
    assert(out:write(assert(json.encode(record)), "\n"))
  end
  out:flush()
  if options.output then
    out:close()
    assert(os.rename(options.output .. ".new", options.output))
  end
  return failed, sum
end

local function tell(run, failed, sum, options)
  local price = session.price(options)
  local jobs = #run:jobs()
  session.say(("%d answered, %d failed, in %d job%s; %s"):format(run.records - failed, failed, jobs, jobs == 1 and "" or "s",
    cost.line(sum, price)))
end

local function stopped(err)
  if err.kind ~= "cancelled" then return session.fail(err) end
  session.say("stopped; jobs that were begun go on, and the same command takes them up")
  return 130
end

-- Sends what is to be sent and looks once.
local function send(run)
  local ok, err = run:write()
  if not ok then return nil, err end
  return run:start_jobs()
end

--- Runs the command.
---@param options table
---@return integer exit code
function command.run(options)
  local client = session.client(options)
  local run, err = batch.open(client, options_of(client, options))
  if not run then return session.fail(err) end
  local ok, failed = pump.run(function()
    if options.no_wait then return send(run) end
    return run:finish()
  end)
  if not ok then return stopped(failed) end
  if options.no_wait then
    session.say(("%d records are on their way in %d jobs"):format(run.records, #run:jobs()))
    return 0
  end
  local missing, sum = write_results(run, options)
  tell(run, missing, sum, options)
  return missing > 0 and 1 or 0
end

return command
