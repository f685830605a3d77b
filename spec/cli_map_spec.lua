-- `bedrock map` as people use it: whole runs, runs that are stopped or killed, and what is found in the file afterwards.

local cjson = require "cjson"
local command = require "spec.support.command"
local emulator = require "spec.support.emulator"

local function lines_of(path)
  local list = {}
  for line in (io.open(path) and command.read(path) or ""):gmatch("([^\n]*)\n") do list[#list + 1] = line end
  return list
end

local function records_of(path)
  local list = {}
  for i, line in ipairs(lines_of(path)) do list[i] = cjson.decode(line) end
  return list
end

local function numbered(n)
  local list = {}
  for i = 1, n do list[i] = "@say answer " .. i end
  return table.concat(list, "\n") .. "\n"
end

-- Each line of the input once, with its own answer.
local function check_complete(path, n)
  local seen = {}
  for _, record in ipairs(records_of(path)) do
    assert.is_nil(seen[record.line], "line " .. record.line .. " stands there twice")
    seen[record.line] = true
    assert.equal(("answer %d"):format(record.line), record.text)
  end
  for i = 1, n do assert.is_true(seen[i], "line " .. i .. " is missing") end
end

describe("bedrock map", function()
  local service, input, output

  setup(function() service = emulator.start { pace = 0 } end)
  teardown(function() service.stop() end)

  before_each(function()
    output = command.scratch()
  end)

  after_each(function()
    if input then os.remove(input) end
    os.remove(output)
    input = nil
  end)

  local function run(words, options)
    options = options or {}
    options.service = options.service or service
    return command.run("map " .. words, options)
  end

  it("answers every line, and says so", function()
    input = command.scratch(numbered(30))
    local result = run(("%s -o %s"):format(input, output))
    assert.equal(0, result.code, result.err)
    check_complete(output, 30)
    assert.is_truthy(result.err:find("^bedrock: 30 answered, 0:%d%d; %d+ tokens in, %d+ out\n$"), result.err)
    assert.equal("", result.out)
  end)

  it("is a filter without --output", function()
    local result = run("--quiet", { input = numbered(5) })
    assert.equal(5, select(2, result.out:gsub("\n", "\n")))
    assert.equal("", result.err)
  end)

  it("takes text and JSON of every kind, and gives the ids back", function()
    input = command.scratch(table.concat({
      "@say one", "", '{"prompt":"@say two","id":"b"}',
      '{"messages":[{"role":"user","content":[{"text":"@say three"}]}]}',
      '{"model":"global.anthropic.claude-opus-4-6-v1","max_tokens":50,"messages":[{"role":"user","content":"@say four"}]}',
      '{"recordId":"r5","modelInput":{"max_tokens":50,"messages":[{"role":"user","content":"@say five"}]}}',
    }, "\n"))
    assert.equal(0, run(("%s -o %s --ordered"):format(input, output)).code)
    local list = records_of(output)
    local found = {}
    for _, record in ipairs(list) do found[#found + 1] = ("%d %s"):format(record.line, record.text) end
    assert.same({ "1 one", "3 two", "4 three", "5 four", "6 five" }, found)
    assert.same({ "b", "r5" }, { list[2].id, list[5].id })
    assert.equal("end_turn", list[1].stop_reason)
    assert.is_true(list[1].usage.input_tokens > 0)
  end)

  it("fills a template, keeps the input and the whole reply", function()
    input = command.scratch('{"word":"@say alpha"}\n{"word":"@say beta"}\n')
    run(("%s -o %s --ordered --full --with-input -p '{word}!'"):format(input, output))
    local list = records_of(output)
    assert.equal("alpha!", list[1].text)
    assert.equal('{"word":"@say beta"}', list[2].input)
    assert.equal("beta!", list[2].reply.output.message.content[1].text)
  end)

  it("asks for JSON of a schema and checks it", function()
    local schema = command.scratch('{"type":"object","properties":{"kind":{"type":"string"}},"required":["kind"]}')
    input = command.scratch("one\ntwo\n")
    assert.equal(0, run(("%s -o %s --schema %s"):format(input, output, schema)).code)
    for _, record in ipairs(records_of(output)) do assert.equal("string", type(record.value.kind)) end
    os.remove(schema)
  end)

  it("writes in the order of the lines when asked to, however the answers come", function()
    input = command.scratch(("@words 200\n" .. "@say quick\n"):rep(10))
    run(("%s -o %s --ordered -c 4"):format(input, output))
    for i, record in ipairs(records_of(output)) do assert.equal(i, record.line) end
  end)

  it("tells of failures, leaves them out, and tries them again the next time", function()
    input = command.scratch("@say fine\n{broken\n@say fine, too\n")
    local result = run(("%s -o %s"):format(input, output))
    assert.equal(1, result.code)
    assert.is_truthy(result.err:find("bedrock: line 2: ", 1, true))
    assert.equal(2, #records_of(output))
    result = run(("%s -o %s"):format(input, output))
    assert.equal(1, result.code)
    assert.is_truthy(result.err:find("0 answered, 2 were there already, 1 failed", 1, true), result.err)
  end)

  it("writes failures, too, with --keep-errors, and then they are done", function()
    input = command.scratch("@say fine\n{broken\n")
    run(("%s -o %s --keep-errors"):format(input, output))
    local found
    for _, record in ipairs(records_of(output)) do found = found or record.error end
    assert.equal("validation", found.kind)
    assert.equal(0, run(("%s -o %s --keep-errors"):format(input, output)).code)
    assert.equal(2, #records_of(output))
  end)

  it("stops at once when every record would meet the same failure", function()
    input = command.scratch(numbered(100))
    local before = #service.log()
    local result = run(("%s -o %s -c 4"):format(input, output), { env = { AWS_SECRET_ACCESS_KEY = "wrong" } })
    assert.equal(3, result.code)
    assert.is_true(#service.log() - before <= 8)
    assert.equal(0, #records_of(output))
  end)

  it("gives up after --max-errors", function()
    input = command.scratch(("{broken\n"):rep(20))
    local result = run(("%s -o %s --max-errors 3 -c 1"):format(input, output))
    assert.equal(1, result.code)
    assert.equal(3, select(2, result.err:gsub("bedrock: line %d+:", "")))
  end)

  it("waits when the service throttles, and loses nothing", function()
    local throttling = emulator.start { fault = "throttle:9" }
    input = command.scratch(numbered(6))
    local result = run(("%s -o %s -c 2 --retries 2"):format(input, output), { service = throttling })
    throttling.stop()
    assert.equal(0, result.code, result.err)
    check_complete(output, 6)
    assert.is_truthy(result.err:find("tried again", 1, true))
  end)

  describe("that was stopped", function()
    local slow

    setup(function() slow = emulator.start { fault = "slow-head:0.15" } end)
    teardown(function() slow.stop() end)

    -- Starts a run, sends it a signal when `n` records are there, and waits for its end.
    local function interrupted(n, signal)
      local script = ([[
        %s %s map %s -o %s -c 4 2>/dev/null & pid=$!
        i=0
        while [ $i -lt 400 ] && [ "$(cat %s 2>/dev/null | wc -l)" -lt %d ]; do sleep 0.05; i=$((i+1)); done
        kill -%s $pid
        wait $pid
        echo code $?
      ]]):format(command.environment(slow), command.bedrock, input, output, output, n, signal)
      -- python3 starts the shell, so that SIGINT is not ignored in what runs in its background
      local pipe = io.popen("python3 -c " .. command.quoted(
        "import signal,subprocess,sys\n" ..
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n" ..
        "sys.exit(subprocess.call(['bash', '-mc', sys.argv[1]]))") .. " " .. command.quoted(script) .. " 2>/dev/null")
      local text = pipe:read("*a")
      pipe:close()
      return tonumber(text:match("code (%d+)"))
    end

    it("by Ctrl-C ends with 130, with every answer that was on its way, and is taken up again", function()
      input = command.scratch(numbered(60))
      local before = #slow.log()
      assert.equal(130, interrupted(10, "INT"))
      local there = #records_of(output)
      assert.is_true(there >= 10 and there < 60, there .. " records")
      assert.equal(there, #slow.log(before + there) - before, "an answer was paid for and thrown away")
      local result = command.run(("map %s -o %s"):format(input, output), { service = slow })
      assert.equal(0, result.code, result.err)
      check_complete(output, 60)
      assert.equal(60, #slow.log(before + 60) - before)
    end)

    it("by kill -9, again and again, loses nothing and repeats nothing", function()
      input = command.scratch(numbered(60))
      local before = #slow.log()
      for n = 10, 40, 10 do
        interrupted(n, "KILL")
        assert.is_true(#lines_of(output) < 60)
      end
      local result = command.run(("map %s -o %s"):format(input, output), { service = slow })
      assert.equal(0, result.code, result.err)
      check_complete(output, 60)
      -- only what was on its way when it was killed was asked for twice
      assert.is_true(#slow.log(before + 60) - before <= 60 + 4 * 4)
    end)

    it("in the middle of a line cuts that line off", function()
      input = command.scratch(numbered(10))
      run(("%s -o %s"):format(input, output))
      local text = command.read(output)
      local file = assert(io.open(output, "wb"))
      file:write((text:sub(1, -40)))
      file:close()
      assert.equal(9, #lines_of(output))
      assert.equal(0, run(("%s -o %s"):format(input, output)).code)
      check_complete(output, 10)
    end)
  end)

  it("refuses an output that belongs to another input, or to something else", function()
    input = command.scratch(numbered(3))
    run(("%s -o %s"):format(input, output))
    local other = command.scratch("@say other\n")
    local result = run(("%s -o %s"):format(other, output))
    assert.equal(1, result.code)
    assert.is_truthy(result.err:find("line 1 of the input is not the one", 1, true), result.err)
    assert.equal(3, #records_of(output))
    local file = assert(io.open(other, "w"))
    file:write("precious\n")
    file:close()
    result = run(("%s -o %s"):format(input, other))
    assert.equal(2, result.code)
    assert.equal("precious\n", command.read(other))
    os.remove(other)
  end)

  it("begins anew with --restart", function()
    input = command.scratch(numbered(3))
    run(("%s -o %s"):format(input, output))
    assert.equal(0, run(("%s -o %s --restart"):format(input, output)).code)
    check_complete(output, 3)
  end)

  it("has a sister that goes through batch jobs, and is taken up again like it", function()
    input = command.scratch(numbered(120))
    local folder = output .. ".run"
    local role = "arn:aws:iam::123456789012:role/B"
    local words = ("batch %s -o %s --folder %s --s3 s3://bucket/run --role %s"):format(input, output, folder, role)
    local result = command.run(words .. " --no-wait", { service = service })
    assert.equal(0, result.code, result.err)
    assert.is_truthy(result.err:find("120 records are on their way in 1 jobs", 1, true), result.err)
    result = command.run(words, { service = service })
    assert.equal(0, result.code, result.err)
    assert.is_truthy(result.err:find("120 answered, 0 failed, in 1 job;", 1, true), result.err)
    for i, record in ipairs(records_of(output)) do
      assert.same({ ("L%010d"):format(i), ("answer %d"):format(i) }, { record.id, record.text })
    end
    os.execute("rm -rf " .. folder)
  end)

  it("says what a batch lacks before anything leaves the machine", function()
    input = command.scratch("{broken\n")
    local result = command.run("batch " .. input, { service = service })
    assert.same({ 2, true }, { result.code, result.err:find("a batch needs --s3, or BEDROCK_BATCH_S3", 1, true) ~= nil })
    result = command.run(("batch %s --folder %s.run --s3 s3://b/r --role r"):format(input, output), { service = service })
    assert.same({ 2, true }, { result.code, result.err:find("line 1: ", 1, true) ~= nil })
    os.execute(("rm -rf %s.run"):format(output))
  end)

  it("stops when somebody else writes into its output", function()
    local journal = assert(require("bedrock.cli.journal").open(output))
    assert(journal:write { line = 1, key = "k" })
    local file = assert(io.open(output, "ab"))
    file:write('{"line":2,"key":"k"}\n')
    file:close()
    local ok, why = journal:write { line = 3, key = "k" }
    assert.is_nil(ok)
    assert.is_truthy(why:find("another one", 1, true))
  end)
end)
