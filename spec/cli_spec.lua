-- The command line, run as a process of its own against the emulator.

local cjson = require "cjson"
local cli = require "bedrock.cli"
local command = require "spec.support.command"
local emulator = require "spec.support.emulator"

local PNG = "\137PNG\r\n\26\n" .. ("x"):rep(40)

local function records(text)
  local list = {}
  for line in text:gmatch("[^\n]+") do list[#list + 1] = cjson.decode(line) end
  return list
end

describe("bedrock", function()
  local service

  setup(function() service = emulator.start { pace = 0 } end)
  teardown(function() service.stop() end)

  local function run(words, options)
    options = options or {}
    options.service = options.service == nil and service or options.service or nil
    return command.run(words, options)
  end

  describe("without a command", function()
    it("lists the commands and exits with 2", function()
      local result = run("")
      assert.equal(2, result.code)
      for _, name in ipairs(cli.names) do assert.is_truthy(result.out:find("  " .. name .. " ", 1, true), name) end
    end)

    it("tells its version", function()
      assert.equal("bedrock " .. require "bedrock"._VERSION .. "\n", run("--version").out)
    end)

    it("says what a wrong command could have been", function()
      local result = run("chta")
      assert.equal(2, result.code)
      assert.is_truthy(result.err:find("no such command: chta", 1, true))
    end)
  end)

  describe("every command", function()
    it("has a help that tells every option and shows examples", function()
      for _, name in ipairs(cli.names) do
        local text = run(name .. " --help").out
        assert.is_truthy(text:find("usage: bedrock " .. name, 1, true), name)
        assert.is_truthy(text:find("\nexamples:\n", 1, true), name .. " has no examples")
        for _, row in ipairs(cli.command(name).options) do
          assert.is_truthy(text:find(row[1]:match("%S+$"), 1, true), name .. " does not tell of " .. row[1])
        end
      end
    end)

    it("refuses an option that it does not have, with 2", function()
      for _, name in ipairs(cli.names) do
        local result = run(name .. " --no-such-option")
        assert.equal(2, result.code, name)
        assert.is_truthy(result.err:find("no-such-option", 1, true), result.err)
      end
    end)

    it("says what to do about a slip, and sends nothing", function()
      local broken, boom = command.scratch("retur 5"), command.scratch("error 'boom'")
      local bare = command.scratch("return { name = 'x' }")
      for words, says in pairs {
        ["chatt"] = "did you mean chat?", ["--nosuch"] = "no such option", ["chat --max-tokens 1.5 hi"] = "whole number from 1",
        ["chat --timeout 0 hi"] = "--timeout wants seconds", ["chat --retries 0 hi"] = "--retries wants a whole number",
        ["chat --price free hi"] = "two numbers such as 3/15",
        ["chat --save /nonexistent/x hi"] = "there is no folder /nonexistent",
        ["chat -t " .. broken .. " hi"] = ":1: ", ["chat -t " .. boom .. " hi"] = "boom",
        ["chat -t " .. bare .. " hi"] = "no function run",
        ["converse ''"] = "the request is empty", ["converse '[1]'"] = "no object", ["invoke ' '"] = "the body is empty",
        ["count ''"] = "no text to count", ["call list_guardrail"] = 'did you mean "list_guardrails"?',
        ["emulate --fault nosuch"] = "bedrock emulate --help", ["emulate --cert /nonexistent"] = "cannot read /nonexistent",
        ["map -o /nonexistent/x " .. broken] = "cannot use the output",
      } do
        local result = run(words)
        assert.equal(2, result.code, words)
        assert.is_truthy(result.err:find(says, 1, true), words .. ": " .. result.err)
        assert.is_nil(result.err:find("traceback", 1, true), result.err)
      end
      for _, path in ipairs { broken, boom, bare } do os.remove(path) end
    end)

    it("names the model that was meant", function()
      local result = run("chat -m claude-sonet-4.5 hi")
      assert.equal(1, result.code)
      assert.is_truthy(result.err:find("Did you mean claude-sonnet-4.5?", 1, true), result.err)
    end)

    it("says that no model fits, where a list would be empty", function()
      local result = run("models nosuch")
      assert.same({ 0, "" }, { result.code, result.out })
      assert.is_truthy(result.err:find("no model fits in us-east-1", 1, true))
    end)

    it("says a slip in its words in two lines, without a trace", function()
      for _, words in ipairs { "chat --max-tokens many hi", "map --concurrency 0", "token --life 99h", "completion csh", "call",
        "emulate --key nocolon", "converse '{broken'", "chat -t /nonexistent.lua hi", "map /nonexistent", "map --restart",
        "count @/nonexistent" } do
        local result = run(words)
        assert.equal(2, result.code, words)
        assert.is_nil(result.err:find("traceback", 1, true), result.err)
        assert.is_truthy(result.err:find("^bedrock: "), result.err)
      end
    end)
  end)

  describe("ends with a code that scripts can tell apart:", function()
    local cases = {
      { "3 without credentials", 3, "chat hi", { AWS_ACCESS_KEY_ID = false, AWS_SECRET_ACCESS_KEY = false } },
      { "3 with a wrong key", 3, "chat hi", { AWS_SECRET_ACCESS_KEY = "wrong" } },
      { "3 with a wrong setting", 3, "chat hi", { AWS_REGION = "not a region" } },
      { "5 without a service", 5, "chat hi --retries 1", { AWS_ENDPOINT_URL = "http://127.0.0.1:1" } },
      { "1 for a model that does not exist", 1, "chat hi -m no.such-model", {} },
    }
    for _, case in ipairs(cases) do
      it(case[1], function()
        local result = run(case[3], { env = case[4] })
        assert.equal(case[2], result.code, result.err)
        assert.is_truthy(result.err:find("^bedrock: .+\n$"))
        assert.equal("", result.out)
      end)
    end

    it("4 when throttled", function()
      local throttling = emulator.start { fault = "throttle" }
      local result = run("chat hi --retries 1", { service = throttling })
      throttling.stop()
      assert.equal(4, result.code)
    end)
  end)

  describe("chat", function()
    it("answers a question", function()
      local result = run("chat Hello there")
      assert.equal("Hello! I am a local emulator of Amazon Bedrock. How can I help you today?\n", result.out)
      assert.equal(0, result.code)
      assert.equal("", result.err)
    end)

    it("takes the question from standard input", function()
      assert.equal("from a pipe\n", run("chat", { input = "@say from a pipe" }).out)
    end)

    it("puts standard input where the dash is", function()
      local result = run("chat 'Review:' -", { input = "the diff" })
      assert.is_truthy(result.out:find('You wrote: "Review: the diff"', 1, true))
    end)

    it("refuses a question that is empty", function()
      assert.equal(2, run("chat", { input = "\n" }).code)
    end)

    it("speaks the Messages format, too, and gives whole answers", function()
      assert.equal("as a message\n", run("chat --messages '@say as a message'").out)
      assert.equal("whole\n", run("chat --no-stream '@say whole'").out)
      assert.equal("whole\n", run("chat --messages --no-stream '@say whole'").out)
    end)

    it("prints the wire's events as JSON", function()
      local events = records(run("chat --json '@say one two'").out)
      assert.equal("assistant", events[1].messageStart.role)
      assert.equal("end_turn", events[#events - 1].messageStop.stopReason)
      assert.is_truthy(events[#events].metadata.usage)
      events = records(run("chat --json --messages '@say one two'").out)
      assert.equal("message_start", events[1].type)
      assert.equal("message_stop", events[#events].type)
    end)

    it("sends a system prompt, images and documents", function()
      local image, document = command.scratch(PNG), command.scratch("some notes")
      local result = run(("chat -s 'Be kind.' -i %s -d %s Look"):format(image, document))
      assert.equal(0, result.code, result.err)
      assert.is_truthy(result.out:find("I was given 1 image", 1, true))
      os.remove(image)
      os.remove(document)
    end)

    it("says which image cannot be read", function()
      local result = run("chat -i /nonexistent.png Look")
      assert.equal(1, result.code)
      assert.is_truthy(result.err:find("/nonexistent.png", 1, true))
    end)

    it("lets the model use a tool of a file", function()
      local tool = command.scratch([[
        local bedrock = require "bedrock"
        return bedrock.tool { name = "weather", schema = { type = "object", properties = { city = { type = "string" } } },
          run = function(input) return "rain in " .. input.city end }
      ]])
      local result = run("chat -t " .. tool .. " 'What is the weather in Oslo?'")
      assert.equal("The tool answered: rain in Oslo\n", result.out)
      os.remove(tool)
    end)

    it("saves the conversation, for its owner alone, and goes on with it", function()
      local path = command.scratch()
      assert.equal(0, run("chat --save " .. path .. " '@say first'").code)
      assert.is_truthy(io.popen("ls -l " .. path):read("*a"):find("^%-rw%-%-%-%-%-%-%-"))
      assert.equal(0, run(("chat --load %s --save %s '@say second'"):format(path, path)).code)
      local saved = cjson.decode(command.read(path))
      assert.equal(4, #saved.messages)
      os.remove(path)
    end)

    it("takes the model by its name, from the option or the environment", function()
      local env = { BEDROCK_MODEL = "opus-4.6" }
      -- a request is logged when it is over, which its client may see a moment earlier
      local function was_asked(id)
        for _ = 1, 200 do
          local log = service.log()
          if log[#log] and log[#log].target:find(id, 1, true) then return true end
          os.execute("sleep 0.02")
        end
      end
      assert.equal(0, run("chat hi", { env = env }).code)
      assert.is_true(was_asked("claude-opus-4-6-v1"))
      assert.equal(0, run("chat -m haiku-4.5 hi", { env = env }).code)
      assert.is_true(was_asked("global.anthropic.claude-haiku"))
    end)
  end)

  describe("output that nobody looks at", function()
    it("has neither colours nor heads", function()
      for _, words in ipairs { "models claude", "whoami", "doctor", "chat hi", "--help" } do
        local result = run(words)
        assert.is_nil((result.out .. result.err):find("\27", 1, true), words)
      end
    end)

    it("of models is a line each, split by tabs, the id to call first", function()
      local out = run("models claude --provider anthropic").out
      for line in out:gmatch("[^\n]+") do
        assert.is_truthy(line:find("^[%w%.:-]+\t[^\t]+\t[^\t]+\t[^\t]*\t[^\t]+\t[^\t]+$"), line)
      end
      assert.is_truthy(out:find("global.anthropic.claude-sonnet-4-5-20250929-v1:0\t", 1, true))
      assert.equal("", run("models no-such-model").out)
    end)
  end)

  it("models --json is a line of JSON for each", function()
    local list = records(run("models --json").out)
    assert.is_true(#list > 3)
    assert.equal("string", type(list[1].call_id))
  end)

  it("whoami tells the source, the region and the account, and no secret", function()
    local result = run("whoami")
    assert.is_truthy(result.out:find("\naccount        123456789012\n", 1, true))
    assert.is_truthy(result.out:find("^source         environment\n"))
    assert.is_nil(result.out:find(service.secret_access_key, 1, true))
    assert.equal("environment", records(run("whoami --json --offline").out)[1].source)
  end)

  it("whoami does not ask STS about an API key", function()
    local env = { AWS_BEARER_TOKEN_BEDROCK = service.api_key, AWS_ACCESS_KEY_ID = false, AWS_SECRET_ACCESS_KEY = false }
    local result = run("whoami", { env = env })
    assert.equal(0, result.code, result.err)
    assert.is_truthy(result.out:find("AWS_BEARER_TOKEN_BEDROCK", 1, true))
  end)

  it("token makes a key that the service takes", function()
    local key = run("token --life 1h").out
    assert.is_truthy(key:find("^bedrock%-api%-key%-[%w+/=]+\n$"))
    assert.equal("export AWS_BEARER_TOKEN_BEDROCK=bedrock-api-key-", run("token --export").out:sub(1, 48))
    local env = { AWS_BEARER_TOKEN_BEDROCK = key:sub(1, -2), AWS_ACCESS_KEY_ID = false, AWS_SECRET_ACCESS_KEY = false }
    assert.equal(0, run("chat hi", { env = env }).code)
  end)

  it("count counts", function()
    local short, long = tonumber(run("count hello").out), tonumber(run("count", { input = ("many words "):rep(50) }).out)
    assert.is_true(short >= 1 and long > short)
  end)

  it("invoke prints what the model says, byte for byte", function()
    local body = '{"max_tokens":64,"messages":[{"role":"user","content":"@say raw"}]}'
    local answer = cjson.decode(run("invoke -", { input = body }).out)
    assert.equal("raw", answer.content[1].text)
    local chunks = records(run("invoke --stream -", { input = body }).out)
    assert.equal("message_start", chunks[1].type)
    local path = command.scratch()
    assert.equal("", run("invoke -o " .. path .. " -", { input = body }).out)
    assert.equal("message", cjson.decode(command.read(path)).type)
    os.remove(path)
  end)

  it("converse takes and gives JSON, events or text", function()
    local request = '{"messages":[{"role":"user","content":[{"text":"@say in JSON"}]}]}'
    assert.equal("in JSON", records(run("converse", { input = request }).out)[1].output.message.content[1].text)
    assert.equal("in JSON\n", run("converse --text -", { input = request }).out)
    assert.equal("in JSON\n", run("converse --stream --text", { input = request }).out)
    assert.is_truthy(records(run("converse --stream", { input = request }).out)[1].messageStart)
  end)

  it("converse sends base64 as bytes", function()
    local image = require("bedrock.core").base64.encode(PNG)
    local request = cjson.encode { messages = { { role = "user", content = {
      { text = "Look" }, { image = { format = "png", source = { bytes = image } } } } } } }
    assert.is_truthy(run("converse --text", { input = request }).out:find("I was given 1 image", 1, true))
  end)

  it("call calls any operation by any spelling of its name", function()
    for _, name in ipairs { "list_foundation_models", "ListFoundationModels", "list-foundation-models" } do
      assert.is_truthy(records(run("call " .. name).out)[1].modelSummaries, name)
    end
    assert.is_true(#records(run("call --each list_inference_profiles").out) > 1)
    local result = run("call lits_guardrails")
    assert.equal(2, result.code)
    assert.is_truthy(result.err:find("list_guardrails", 1, true))
  end)

  describe("doctor", function()
    it("finds nothing amiss where nothing is", function()
      local result = run("doctor --call")
      assert.equal(0, result.code, result.out)
      for name in ("build settings credentials connection clock account models access answer"):gmatch("%a+") do
        assert.is_truthy(result.out:find("OK    " .. name, 1, true), name .. " is missing in " .. result.out)
      end
    end)

    it("says what to do about what is amiss, and leaves out what depends on it", function()
      local result = run("doctor", { env = { AWS_ACCESS_KEY_ID = false, AWS_SECRET_ACCESS_KEY = false } })
      assert.equal(1, result.code)
      assert.is_truthy(result.out:find("FAIL  credentials", 1, true))
      assert.is_truthy(result.out:find("-> ", 1, true))
      assert.is_nil(result.out:find("account", 1, true))
      result = run("doctor --json", { env = { AWS_ENDPOINT_URL = "http://127.0.0.1:1" } })
      local found = {}
      for _, record in ipairs(records(result.out)) do found[record.check] = record end
      assert.equal("fail", found.connection.state)
      assert.is_truthy(found.connection.todo)
      for _, name in ipairs { "clock", "account", "models", "access" } do assert.is_nil(found[name]) end
    end)

    it("names the package that a bare machine lacks", function()
      local over_tls = service.url:gsub("^http", "https")
      local result = run("doctor", { env = { AWS_ENDPOINT_URL = over_tls, AWS_CA_BUNDLE = "/nowhere/roots.crt" } })
      assert.matches("FAIL  connection .*%-> [^\n]*AWS_CA_BUNDLE[^\n]*ca%-certificates", result.out)
    end)

    it("warns when the region is nobody's choice, and when the clock is off", function()
      local result = run("doctor --offline", { env = { AWS_REGION = false } })
      assert.is_truthy(result.out:find("WARN  settings", 1, true))
      local skewed = emulator.start { fault = "skew:900" }
      result = run("doctor", { service = skewed })
      skewed.stop()
      assert.is_truthy(result.out:find("FAIL  clock", 1, true), result.out)
    end)
  end)

  it("completion knows every command and its options", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local text = run("completion " .. shell).out
      for _, name in ipairs(cli.names) do assert.is_truthy(text:find(name, 1, true), shell .. ": " .. name) end
      assert.is_truthy(text:find("concurrency", 1, true))
    end
  end)
end)

-- A person at a terminal ------------------------------------------------------------------------------------------------

describe("bedrock map on a terminal", function()
  local service

  setup(function() service = emulator.start { pace = 0 } end)
  teardown(function() service.stop() end)

  -- Types a line, and after its answer what is to end it.
  local function typed(ending)
    -- a sanitizer is for the command, not for what plays the terminal
    local words = command.environment(service, { TERM = "xterm", LD_PRELOAD = false }) .. " python3 spec/support/terminal.py 200"
    local run = ("LD_PRELOAD=%s exec %smap"):format(command.quoted(os.getenv "LD_PRELOAD" or ""), command.bedrock)
    for _, step in ipairs { "expect:Ctrl-D ends it", "send:@say typed\\r", 'expect:"text":"typed"', "send:" .. ending,
      "expect:1 answered" } do
      words = words .. " " .. command.quoted(step)
    end
    local pipe = io.popen(("%s -- sh -c %s; echo code $?"):format(words, command.quoted(run)))
    local text = pipe:read("*a")
    pipe:close()
    return text, text:match("code (%d+)")
  end

  it("says that it reads there, shows no bar, and ends with the first Ctrl-D", function()
    local text, code = typed("\\x04")
    assert.equal("0", code, text)
    assert.is_nil(text:find("1 done", 1, true), text)
  end)

  it("ends with the first Ctrl-C, too", function()
    local text, code = typed("\\x03")
    assert.equal("130", code, text)
  end)
end)

describe("bedrock chat on a terminal", function()
  local service

  setup(function() service = emulator.start { pace = 20 } end)
  teardown(function() service.stop() end)

  -- Plays steps; answers what the terminal was sent, and the exit code.
  local function play(words, steps, env)
    local list = {}
    for i, step in ipairs(steps) do list[i] = command.quoted(step) end
    local pipe = io.popen(("%s python3 spec/support/terminal.py 80 %s -- sh -c %s; echo; echo code $?"):format(
      command.environment(service, env or { TERM = "xterm" }), table.concat(list, " "),
      command.quoted("exec " .. command.bedrock .. words)))
    local text = pipe:read("*a")
    pipe:close()
    return text, text:find("-- never came:", 1, true) == nil and text:find("Traceback", 1, true) == nil
  end

  it("answers, edits the line, and leaves with Ctrl-D", function()
    local text, ok = play("chat", {
      "expect:> ", "send:@say helo\\x1b[Dl\\r", "expect:2004lhello\r\n", "expect:> ", "send:\\x04",
    })
    assert.is_true(ok, text)
      end)

  it("Ctrl-C stops the answer and not the program", function()
    local text, ok = play("chat", {
      "expect:> ", "send:@words 2000\\r", "expect:word10 ", "send:\\x03", "expect:(stopped", "expect:> ",
      "send:@say still here\\r", "expect:2004lstill here", "expect:> ", "send:/quit\\r",
    })
    assert.is_true(ok, text)
    assert.is_nil(text:find("word1999", 1, true))
  end)

  it("keeps what was said before Ctrl-C in the conversation", function()
    local path = command.scratch()
    local text, ok = play("chat", {
      "expect:> ", "send:@words 2000\\r", "expect:word10 ", "send:\\x03", "expect:(stopped", "expect:> ",
      "send:/save " .. path .. "\\r", "expect:saved as", "send:/quit\\r",
    })
    assert.is_true(ok, text)
    local saved = cjson.decode(command.read(path))
    assert.equal(2, #saved.messages)
    assert.is_truthy(saved.messages[2].content[1].text:find("^word1 word2 "))
    os.remove(path)
  end)

  it("has commands, completed by Tab", function()
    local text, ok = play("chat --price 3/15", {
      "expect:> ", "send:/he\\t\\r", "expect:/model", "expect:> ", "send:/model claude-opsu-4.6\\r",
      "expect:did you mean claude-opus-4.6?", "send:/model opus-4.6\\r", "expect:claude-opus-4-6-v1",
      "send:@say x\\r", "expect:2004lx", "send:/cost\\r", "expect:tokens in", "expect:$0.", "send:/nonsense\\r",
      "expect:is no command", "send:/undo\\r", "expect:0 messages are left", "send:/clear\\r", "expect:a new conversation",
      "send:/system Be brief.\\r", "expect:Be brief.", "send:/quit\\r",
    })
    assert.is_true(ok, text)
  end)

  it("takes many lines, pasted or with Alt-Enter, as one question", function()
    local text, ok = play("chat", {
      "expect:> ", "send:\\x1b[200~@say pasted\rsecond\\x1b[201~", "expect:second", "send:\\r", "expect:2004lpasted",
      "expect:> ", "send:one\\x1b\\rtwo\\r", "expect:You wrote: \"one", "expect:> ", "send:\\x04",
    })
    assert.is_true(ok, text)
  end)

  it("remembers what was asked", function()
    local path = command.scratch()
    local env = { TERM = "xterm", BEDROCK_HISTORY = path }
    play("chat", { "expect:> ", "send:@say first\\r", "expect:2004lfirst", "expect:> ", "send:\\x04" }, env)
    local text, ok = play("chat", {
      "expect:> ", "send:\\x1b[A", "expect:@say first", "send: again\\r", "expect:2004lfirst again", "expect:> ", "send:\\x04",
    }, env)
    assert.is_true(ok, text)
    assert.equal("@say first\n@say first again\n", command.read(path))
    os.remove(path)
  end)

  it("is plain where the terminal is, and colourless where colours are not wanted", function()
    local steps = { "expect:> ", "send:@say plain\\r", "expect:plain", "expect:> ", "send:\\x04" }
    local text, ok = play("chat", steps, { TERM = "dumb" })
    assert.is_true(ok, text)
    assert.is_nil(text:find("\27", 1, true))
    text, ok = play("chat", steps, { TERM = "xterm", NO_COLOR = 1 })
    assert.is_true(ok, text)
    assert.is_nil(text:find("\27%[%d*m"))
  end)

  it("lets no escape sequence of the model through", function()
    local text, ok = play("chat '@say red\27[31mtext'", { "expect:red" })
    assert.is_nil(text:find("\27[31m", 1, true))
    assert.is_true(ok, text)
  end)
end)
