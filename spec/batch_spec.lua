-- Batches against the emulator: every record once, whatever happens on the way.

local bedrock = require "bedrock"
local errors = require "bedrock.errors"
local emulator = require "spec.support.emulator"
local luas = require "spec.support.luas"

local MODEL = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
local ROLE = "arn:aws:iam::123456789012:role/Batch"
-- make check SPEC=spec/batch_spec.lua BEDROCK_BATCH_RECORDS=100000
local RECORDS = tonumber(os.getenv("BEDROCK_BATCH_RECORDS") or 1000)

local server, folder

setup(function() server = emulator.start { pace = 0 } end)
teardown(function() server.stop() end)
before_each(function()
  folder = os.tmpname()
  os.remove(folder)
end)
after_each(function() os.execute("rm -rf " .. folder) end)

local function new(options)
  local all = {
    region = "us-west-2", endpoint = server.url, access_key_id = server.access_key_id,
    secret_access_key = server.secret_access_key, log = function() end, random = function() return 0 end,
  }
  for k, v in pairs(options or {}) do all[k] = v end
  return bedrock.new(all)
end

local function options(more)
  local all = {
    folder = folder, s3 = "s3://batches/" .. folder:match("[^/]+$"), role_arn = ROLE, model = MODEL, every = 0.02,
    records_minimum = 2,
  }
  for k, v in pairs(more or {}) do all[k] = v end
  return all
end

local function ask(text, id)
  return { recordId = id, modelInput = { max_tokens = 16, messages = { { role = "user", content = text } } } }
end

local function asks(n)
  local i = 0
  return function()
    i = i + 1
    return i <= n and ask("number " .. i, "id" .. i) or nil
  end
end

local function ids(run)
  local list = {}
  for result in run:results() do list[#list + 1] = result.recordId end
  return list
end

local function numbers(n)
  local list = {}
  for i = 1, n do list[i] = "id" .. i end
  return list
end

describe("A batch", function()
  it("answers every record once, in order, over as many jobs as it takes", function()
    local run = assert(bedrock.batch.run(new(), options { records = asks(230), records_per_job = 100 }))
    assert.same(numbers(230), ids(run))
    assert.equal(3, #run:jobs())
    for result in run:results() do
      assert.is_nil(result.error)
      assert.matches(result.modelInput.messages[1].content, result.reply:text(), 1, true)
    end
    local p = run:progress()
    assert.same({ 230, 230, 230, 0, 3, 3 }, { p.records, p.processed, p.succeeded, p.failed, p.jobs, p.ended })
  end)

  it("keeps the errors of single records, and answers the others", function()
    local list = { ask("one"), { modelInput = { messages = {} } }, ask("three") }
    local run = assert(bedrock.batch.run(new(), options { records = list }))
    local seen = {}
    for result in run:results() do seen[#seen + 1] = result end
    assert.equal(3, #seen)
    assert.equal("R0000000001", seen[1].recordId)
    assert.is_nil(seen[2].modelOutput)
    assert.equal("validation", seen[2].error.kind)
    assert.equal(400, seen[2].error.status)
    assert.matches("three", seen[3].reply:text())
    assert.equal(1, run:progress().failed)
  end)

  it("speaks Converse, with bytes raw on both sides, and a model's own format", function()
    local png = "\137PNG\r\n\26\n" .. ("\0"):rep(20)
    local input = { messages = { { role = "user", content = {
      { text = "What is this?" }, bedrock.content.image { bytes = png, format = "png" } } } },
      inferenceConfig = { maxTokens = 9 } }
    local run = assert(bedrock.batch.run(new(), options { form = "converse", records = { { modelInput = input } } }))
    local result = run:results()()
    assert.is_nil(result.error)
    assert.equal(png, result.modelInput.messages[1].content[2].image.source.bytes)
    assert.equal("assistant", result.modelOutput.output.message.role)
    assert.is_true(#result.reply:text() > 0)

    folder = folder .. ".own"
    local own = ask("Hi").modelInput
    own.anthropic_version = "bedrock-2023-05-31"
    local raw = assert(bedrock.batch.run(new(), options { form = "model", records = { { modelInput = own } } }))
    assert.equal("text", raw:results()().modelOutput.content[1].type)
  end)

  it("is done once: a second run reads what is there and asks nobody", function()
    assert(bedrock.batch.run(new(), options { records = asks(5) }))
    local again = assert(bedrock.batch.run(new { endpoint = "http://127.0.0.1:1" }, options()))
    assert.same(numbers(5), ids(again))
  end)

  it("tells how far it is", function()
    local seen = {}
    assert(bedrock.batch.run(new(), options { records = asks(5), progress = function(p) seen[#seen + 1] = p.ended end }))
    assert.equal(1, seen[#seen])
  end)

  it("sends what fails in passing again", function()
    local client = new { headers = { ["x-emulator-fault"] = "status:503*3" }, retry = { max_attempts = 5 } }
    assert.same(numbers(5), ids(assert(bedrock.batch.run(client, options { records = asks(5) }))))
  end)
end)

describe("Bad records", function()
  local cases = {
    { { 5 }, "record 1: it is a number" },
    { { ask("x"), { recordId = "a" } }, "record 2 %(a%): its modelInput must be a table" },
    { { ask("x", 7) }, "recordId must be a string" }, { { ask("x", "") }, "recordId must be a string" },
    { { ask("x", "a"), ask("y", "a") }, 'record 2 %(a%): the recordId "a" occurs twice' }, { {}, "there are no records" },
    { { ask("bad \255") }, "record 1: .*content" },
  }
  for _, case in ipairs(cases) do
    it("are named before anything is sent: " .. case[2], function()
      local run, err = bedrock.batch.run(new { endpoint = "http://127.0.0.1:1" }, options { records = case[1] })
      assert.is_nil(run)
      assert.equal("validation", err.kind)
      assert.matches(case[2], err.message)
    end)
  end

  it("are found by the preflight where it is asked for", function()
    local list = { ask("x", "fine"), ask(" ", "blank") }
    local _, err = bedrock.batch.run(new(), options { records = list, preflight = true })
    assert.matches("record 2 %(blank%)", err.message)
  end)

  it("can be mended: the next run takes the records from the first one", function()
    assert.is_nil((bedrock.batch.run(new(), options { records = { ask("x", "a"), 5 } })))
    local run = assert(bedrock.batch.run(new(), options { records = { ask("x", "b"), ask("y", "c") } }))
    assert.same({ "b", "c" }, ids(run))
  end)
end)

describe("A batch that is interrupted", function()
  local function count_jobs(client, run)
    local n = 0
    for job in client:each("list_model_invocation_jobs", { nameContains = run.state.id:sub(1, 8) }) do
      assert.is_string(job.jobArn)
      n = n + 1
    end
    return n
  end

  -- Ends the program, as far as the run is concerned, in the middle of an operation: as the end of a task does, which no hook
  -- holds up.
  local killed = errors.new { kind = "cancelled", code = "killed", message = "killed" }

  local function killed_at(operation, phase, times)
    local seen = 0
    return new { hooks = { [phase] = function(fields)
      if fields.operation ~= operation then return end
      seen = seen + 1
      if seen == times then error(killed, 0) end
    end } }
  end

  local moments = {
    { "put_object", "request", 1 }, { "put_object", "response", 2 }, { "create_model_invocation_job", "request", 2 },
    { "create_model_invocation_job", "response", 1 }, { "create_model_invocation_job", "response", 3 },
    { "get_model_invocation_job", "response", 2 }, { "list_objects_v2", "response", 1 }, { "get_object", "response", 2 },
  }
  for _, moment in ipairs(moments) do
    it(("at the %s of the %d. %s goes on there"):format(moment[2], moment[3], moment[1]), function()
      local wanted = options { records = asks(50), records_per_job = 20 }
      local ok, why = pcall(bedrock.batch.run, killed_at(moment[1], moment[2], moment[3]), wanted)
      assert.is_false(ok)
      assert.equal(killed, why)
      local client = new()
      local run = assert(bedrock.batch.run(client, options { records = function() error("asked for the records again") end }))
      assert.same(numbers(50), ids(run))
      assert.equal(3, count_jobs(client, run))
    end)
  end

  it("while the records are written begins with the first one", function()
    local next_record, n = asks(50), 0
    local ok = pcall(bedrock.batch.run, new(), options { records_per_job = 20, records = function()
      n = n + 1
      if n == 35 then error("killed") end
      return next_record()
    end })
    assert.is_false(ok)
    local run = assert(bedrock.batch.run(new(), options { records = asks(30), records_per_job = 20 }))
    assert.same(numbers(30), ids(run))
  end)

  it("in a large file goes on with the part that was not sent", function()
    local text = ("x"):rep(100000)
    local wanted = options { records = function() end }
    local i = 0
    wanted.records = function()
      i = i + 1
      return i <= 120 and ask(text .. i, "id" .. i) or nil
    end
    assert.is_false((pcall(bedrock.batch.run, killed_at("upload_part", "response", 2), wanted)))
    local sent = 0
    local client = new { hooks = { request = function(fields)
      if fields.operation == "upload_part" then sent = sent + 1 end
    end } }
    local run = assert(bedrock.batch.run(client, options()))
    assert.same(numbers(120), ids(run))
    assert.equal(2, sent)
  end)

  it("after at_most waits on when it is opened again", function()
    local slow = emulator.start { pace = 20 }
    local client = new { endpoint = slow.url }
    local run, err = bedrock.batch.run(client, options { records = asks(5), at_most = 0.05 })
    assert.is_nil(run)
    assert.equal("timeout", err.kind)
    local open = assert(bedrock.batch.open(client, options()))
    local ok, why = pcall(function() return open:results()() end)
    assert.is_false(ok)
    assert.equal("unfinished", why.code)
    assert(open:finish())
    assert.same(numbers(5), ids(open))
    slow.stop()
  end)
end)

describe("A job", function()
  it("that is refused leaves the run to be gone on with", function()
    local _, err = bedrock.batch.run(new(), options { records = asks(5), role_arn = "nobody" })
    assert.equal("validation", err.kind)
    assert.equal("create_model_invocation_job", err.operation)
    assert.same(numbers(5), ids(assert(bedrock.batch.run(new(), options()))))
  end)

  it("that is stopped gives the answers that it has, and an error for each other record", function()
    local slow = emulator.start { pace = 20 }
    local client, run = new { endpoint = slow.url }, nil
    run = assert(bedrock.batch.open(client, options { records = asks(2000), every = 0.02, progress = function()
      local job = run:jobs()[1]
      if job.status == "InProgress" then client:stop_model_invocation_job { jobIdentifier = job.arn } end
    end }))
    assert(run:finish())
    local answered, stopped, all = 0, 0, 0
    for result in run:results() do
      all = all + 1
      if result.modelOutput then answered = answered + 1 end
      if result.error and result.error.code == "Stopped" then stopped = stopped + 1 end
    end
    assert.equal(2000, all)
    assert.equal(2000, answered + stopped)
    assert.is_true(stopped > 0)
    slow.stop()
  end)
end)

describe("A folder", function()
  it("holds one batch: another one is refused", function()
    assert(bedrock.batch.open(new(), options()))
    local run, err = bedrock.batch.open(new(), options { model = "another.model" })
    assert.is_nil(run)
    assert.equal("conflict", err.kind)
    assert.matches("model", err.message)
  end)

  it("that cannot be made, or whose state is damaged, is an error", function()
    local _, err = bedrock.batch.open(new(), options { folder = "/proc/nothing/here" })
    assert.equal("config", err.kind)
    os.execute("mkdir " .. folder)
    local file = assert(io.open(folder .. "/state.json", "wb"))
    file:write('{"id":')
    file:close()
    local _, damaged = bedrock.batch.open(new(), options())
    assert.matches("state.json", damaged.message)
  end)
end)

describe("Misuse", function()
  local cases = {
    { { s3 = "bucket" }, "s3 must be an address" }, { { s3 = false }, "s3 must be a string" },
    { { form = "xml" }, "form must be" },
    { { recrods = {} }, 'no option "recrods"' }, { { model = "" }, "needs the option model" },
  }
  for _, case in ipairs(cases) do
    it("raises at the caller's line: " .. case[2], function()
      local ok, why = pcall(function()
        local run = bedrock.batch.open(new(), options(case[1]))
        return run
      end)
      assert.is_false(ok)
      assert.truthy(why:find(case[2], 1, true), why)
      assert.matches("batch_spec.lua:%d+:", why)
    end)
  end

  it("raises when there are no records and none are on disk", function()
    assert.has_error(function() bedrock.batch.run(new(), options()) end)
  end)
end)

-- The example as a program of its own, killed for real, again and again, at different moments.
describe("The example", function()
  local slow

  setup(function() slow = emulator.start { pace = 8 } end)
  teardown(function() slow.stop() end)

  local function command()
    local env = ("env AWS_ENDPOINT_URL=%s AWS_REGION=us-west-2 AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s BEDROCK_LOG=off " ..
      "BEDROCK_BATCH_RECORDS_PER_JOB=%d"):format(slow.url, slow.access_key_id, slow.secret_access_key, math.ceil(RECORDS / 3))
    return env .. " " .. luas.command(luas.this(), ("examples/batch.lua %d %s"):format(RECORDS, folder))
  end

  -- Runs it until its state shows a text, then kills it.
  local function kill_at(text)
    -- A sanitizer is for the program, not for the shell that watches it.
    os.execute(([[
      exec 2>/dev/null
      preload=$LD_PRELOAD; unset LD_PRELOAD
      LD_PRELOAD=$preload %s >%s.out 2>&1 & pid=$!
      while kill -0 $pid; do grep -q '%s' %s/state.json && break; sleep 0.01; done
      kill -9 $pid; wait $pid]]):format(command(), folder, text, folder))
    -- Killed before it could open its output, it has said nothing, either.
    local file = io.open(folder .. ".out")
    local said = file and file:read("*a") or ""
    if file then file:close() end
    os.remove(folder .. ".out")
    return said
  end

  it("loses and doubles nothing when it is killed in the middle", function()
    local kills = { [["sent":true]], [["arn":]], [["ended":true]] }
    -- A few records are written faster than one can look.
    if RECORDS >= 50000 then table.insert(kills, 1, [["written":false]]) end
    -- On a busy machine a run may be over before one looks, and then it has said all it had to say.
    local killed = 0
    for _, text in ipairs(kills) do
      if kill_at(text) == "" then killed = killed + 1 end
    end
    assert.is_true(killed > 0)
    local pipe = assert(io.popen(command() .. " 2>&1"))
    local said = pipe:read("*a")
    pipe:close()
    assert.matches(("%d answered, 0 failed, in 3 jobs"):format(RECORDS), said)

    local client = new { endpoint = slow.url }
    local run = assert(bedrock.batch.open(client, {
      folder = folder, s3 = "s3://bedrock-batch-example/runs", role_arn = ROLE, model = MODEL,
    }))
    local count = 0
    for result in run:results() do
      count = count + 1
      assert.equal(("Q%010d"):format(count), result.recordId)
      assert.truthy(result.modelOutput)
    end
    assert.equal(RECORDS, count)
    local jobs = 0
    for job in client:each("list_model_invocation_jobs") do
      assert.equal("Completed", job.status)
      jobs = jobs + 1
    end
    assert.equal(3, jobs)
  end)
end)
