-- The parts of the command line that are pure: keys, the line editor, wrapping, progress, prices.

local arguments = require "bedrock.cli.arguments"
local cost = require "bedrock.cli.cost"
local editor = require "bedrock.cli.editor"
local keys = require "bedrock.cli.keys"
local paint = require "bedrock.cli.paint"
local progress = require "bedrock.cli.progress"
local records = require "bedrock.cli.records"
local session = require "bedrock.cli.session"
local errors = require "bedrock.errors"
local wrap = require "bedrock.cli.wrap"

-- An editor after some bytes of a keyboard, and what the last key asked for.
local function typed(bytes, history, complete)
  local line, asked = editor.new(history, complete), nil
  for _, key in ipairs((keys.parse(bytes))) do asked = line:press(key) end
  return line, asked
end

describe("keys", function()
  it("come whole however their bytes are split", function()
    local bytes = "a\27[Aé漢\27[1;5C\27\r\27[200~p\rq\27[201~\1"
    local whole, rest = keys.parse(bytes)
    assert.equal("", rest)
    for cut = 1, #bytes do
      local first, held = keys.parse(bytes:sub(1, cut))
      for _, key in ipairs((keys.parse(held .. bytes:sub(cut + 1)))) do first[#first + 1] = key end
      assert.same(whole, first, "cut at " .. cut)
    end
  end)

  it("that are unknown do nothing", function()
    assert.equal("ab", typed("a\27[24~\27[1;9Z\27Ox\28b"):text())
  end)

  it("of a paste are text, whatever they were", function()
    assert.equal("a\nb\nc", typed("\27[200~a\r\nb\n\3\27c\27[201~"):text())
  end)
end)

describe("the line editor", function()
  -- what is typed, the text, where the cursor stands
  local cases = {
    { "abc", "abc", 3 }, { "abc\2\2x", "axbc", 2 }, { "abc\1x", "xabc", 1 }, { "abc\1\5x", "abcx", 4 },
    { "abc\127", "ab", 2 }, { "abc\1\127", "abc", 0 }, { "abc\1\27[3~", "bc", 0 }, { "abc\1\4", "bc", 0 },
    { "one two\23", "one ", 4 }, { "one two\27b\27b", "one two", 0 }, { "one two\1\27f", "one two", 3 },
    { "one two\1\27d", " two", 0 }, { "one two\21", "", 0 }, { "one two\1\11\25\25", "one twoone two", 14 },
    { "ab\20", "ba", 2 }, { "é漢x\2\2\127", "漢x", 0 }, { "\27[Dx", "x", 1 }, { "a\27\rb", "a\nb", 3 },
    { "ab\27\rcd\27[Hx", "ab\nxcd", 4 }, { "abc\27\rd\27[Ax", "axbc\nd", 2 }, { "a\27\rbcd\27[A\27[Bx", "a\nbxcd", 4 },
    { "abc\3", "", 0 }, { "go on\\\rnow", "go on\nnow", 9 },
  }
  for _, case in ipairs(cases) do
    it(("makes %q of %q"):format(case[2], case[1]), function()
      local line = typed(case[1])
      assert.equal(case[2], line:text())
      assert.equal(case[3], line.at)
    end)
  end

  it("says when the line is done, given up, or the last one", function()
    assert.equal("done", select(2, typed("abc\r")))
    assert.equal("interrupt", select(2, typed("\3")))
    assert.equal("end", select(2, typed("\4")))
    assert.is_nil(select(2, typed("abc\3")))
    assert.equal("clear", select(2, typed("abc\12")))
  end)

  it("brings back what was written, and the draft behind it", function()
    local history = { "first", "second\nline" }
    assert.equal("second\nline", typed("dra\16", history):text())
    assert.equal("first", typed("dra\16\16\16", history):text())
    assert.equal("first", typed("dra\16\16\16\16\16", history):text())
    assert.equal("dra", typed("dra\16\16\16\14\14\14\14", history):text())
    assert.same({ "first", "second\nline" }, history)
  end)

  it("completes as far as all choices agree", function()
    local function complete(text)
      local found = {}
      for _, name in ipairs { "/save", "/system", "/quit" } do
        if name:sub(1, #text) == text then found[#found + 1] = name end
      end
      return found
    end
    assert.equal("/s", typed("/s\t", nil, complete):text())
    assert.equal("/save ", typed("/sa\t", nil, complete):text())
    assert.equal("/x", typed("/x\t", nil, complete):text())
  end)

  it("lays the text out in rows, wide characters and cursor with it", function()
    local function layout(bytes, columns)
      local rows, row, column = typed(bytes):layout(columns, "> ", "  ")
      return { rows = rows, row = row, column = column }
    end
    assert.same({ rows = { "> " }, row = 1, column = 2 }, layout("", 10))
    assert.same({ rows = { "> abc" }, row = 1, column = 3 }, layout("abc\2\2", 10))
    assert.same({ rows = { "> abcdefgh", "ij" }, row = 2, column = 2 }, layout("abcdefghij", 10))
    assert.same({ rows = { "> abcdefgh", "" }, row = 2, column = 0 }, layout("abcdefgh", 10))
    assert.same({ rows = { "> a", "  b" }, row = 2, column = 3 }, layout("a\27\rb", 10))
    assert.same({ rows = { "> abcdefg", "漢" }, row = 2, column = 2 }, layout("abcdefg漢", 10))
  end)
end)

describe("wrapping", function()
  -- A terminal of that many columns: what stands on it after these bytes.
  local function screen(columns, pieces)
    local writer, rows, column = wrap.new(columns), { {} }, 0
    local function put(char)
      if char == "\n" then
        rows[#rows + 1], column = {}, 0
      else
        if column >= columns then rows[#rows + 1], column = {}, 0 end
        column = column + 1
        rows[#rows][column] = char
      end
    end
    for _, piece in ipairs(pieces) do
      local out = writer:feed(piece)
      while out ~= "" do
        local back, rest = out:match("^\27%[(%d+)D\27%[K(.*)$")
        if back then
          column = column - tonumber(back)
          for i = #rows[#rows], column + 1, -1 do rows[#rows][i] = nil end
          out = rest
        else
          put(out:sub(1, 1))
          out = out:sub(2)
        end
      end
    end
    for i, row in ipairs(rows) do rows[i] = table.concat(row):gsub(" +$", "") end
    return rows
  end

  local text = "the quick brown fox jumps over the lazy dog"

  it("keeps words whole, however the text comes", function()
    local want = { "the quick", "brown fox", "jumps over", "the lazy", "dog" }
    assert.same(want, screen(12, { text }))
    local letters = {}
    for char in text:gmatch(".") do letters[#letters + 1] = char end
    assert.same(want, screen(12, letters))
    for cut = 1, #text do assert.same(want, screen(12, { text:sub(1, cut), text:sub(cut + 1) })) end
  end)

  it("breaks a word that is longer than a line, and goes on in order", function()
    local rows = screen(8, { "a abcdefghijklmnop b c" })
    assert.equal("aabcdefghijklmnopbc", (table.concat(rows):gsub(" ", "")))
    for _, row in ipairs(rows) do assert.is_true(#row <= 8) end
  end)

  it("leaves code alone", function()
    local writer = wrap.new(10)
    local code = "```\nlocal a_long_line = of_code + that_goes_on\n```\n"
    assert.equal(code, writer:feed(code))
    assert.same({ "one two", "three" }, screen(10, { "one two three" }))
  end)
end)

describe("what an error advises", function()
  -- the words that hints have for programs; a hint that is worded anew must be looked at here
  local function hint_of(row)
    local catalogue = require "spec.catalogue_cases"
    for _, rows in pairs(catalogue.groups) do
      for _, case in ipairs(rows) do
        if case[1] == row then return tostring(case[4]({})) end
      end
    end
  end

  for row, says in pairs {
    ["a model that is none"] = "Check the id and the region; bedrock models lists them",
    ["a model that is misspelt"] = "Did you mean claude-sonnet-4.5? (-m takes the name)",
    ["a model at its end"] = "bedrock models lists the models",
    ["a token that is invalid"] = "bedrock whoami tells where the keys come from",
    ["too many requests"] = "AWS_RETRY_MODE=adaptive slows down",
    ["blank text"] = "blank text is refused by the service (preflight.blank)",
  } do
    it("is said in the words of the command line for " .. row, function()
      local line = session.words(hint_of(row))
      assert.is_truthy(line:find(says, 1, true), line)
      for _, lua in ipairs { "client:", "bedrock.models.id", "preflight = ", "retry = " } do
        assert.is_nil(line:find(lua, 1, true), line)
      end
    end)
  end

  it("names the time-out that can be set there", function()
    local errors_of, say = require("bedrock.errors").from_transport, session.words
    for clock, says in pairs { first_byte = "or a larger --timeout", idle = "--timeout says how long a stream may be silent",
      total = "--timeout says how long a call may take" } do
      local line = say(tostring(errors_of { kind = "timeout", clock = clock, message = "late" }))
      assert.is_truthy(line:find(says, 1, true), line)
    end
  end)
end)

describe("help and what doctor says", function()
  it("is folded between words, with the same margin in every line", function()
    assert.equal("one two\n  three\n  four", arguments.wrapped("one  two three four", 2, 9))
    assert.equal("a-word-longer-than-any-line\n  and", arguments.wrapped("a-word-longer-than-any-line and", 2, 9))
    assert.equal("", arguments.wrapped("", 2, 9))
  end)
end)

describe("progress", function()
  it("tells what is done, the rate and the time left", function()
    assert.equal("[###############...............]  50 %  50 of 100  5.0/s  0:10 left",
      progress.line({ done = 50, total = 100, failed = 0, retries = 0, running = 8, rate = 5 }, 80))
  end)

  it("tells of trouble", function()
    local line = progress.line({ done = 5, total = 100, failed = 2, retries = 7, running = 8, rate = 5, pause = 12 }, 120)
    assert.is_truthy(line:find("throttled, on in 12 s  7 tried again  2 failed", 1, true))
    line = progress.line({ done = 5, total = 100, failed = 0, retries = 0, running = 3, rate = 5, ending = true }, 120)
    assert.is_truthy(line:find("ending, 3 on their way", 1, true))
  end)

  it("fits the terminal, and needs no total", function()
    for columns = 20, 100 do
      local line = progress.line({ done = 5, total = 100, failed = 2, retries = 7, running = 8, rate = 5 }, columns)
      assert.is_true(#line < columns, columns .. ": " .. line)
    end
    assert.equal("7 done  0.6/min", progress.line({ done = 7, failed = 0, retries = 0, running = 1, rate = 0.01 }, 80))
  end)

  it("measures the rate of the last half minute", function()
    local marks = {}
    assert.is_nil(progress.rate(marks, 0, 0))
    assert.is_nil(progress.rate(marks, 10, 1))
    assert.is_near(2, progress.rate(marks, 15, 11), 1e-9)
    local rate
    for at = 16, 80 do rate = progress.rate(marks, at, 11 + (at - 15) * 5) end
    assert.is_near(5, rate, 0.2)
    assert.is_true(#marks < 40)
  end)

  it("writes times as a clock", function()
    assert.equal("0:09 1:15 1:06:40", table.concat({ progress.clock(9), progress.clock(75), progress.clock(4000) }, " "))
  end)
end)

describe("the price", function()
  it("is read, or is not one", function()
    assert.same({ input = 3, output = 15 }, cost.price("3/15"))
    assert.same({ input = 0.25, output = 1.25 }, cost.price("$0.25/$1.25"))
    for _, text in ipairs { "", "3", "3/", "a/b", "1.2.3/4" } do assert.is_nil(cost.price(text), text) end
  end)

  it("counts what is cached at the service's rates", function()
    local usage = { input_tokens = 1e6, output_tokens = 1e6, cache_read_tokens = 1e6, cache_write_5m_tokens = 1e6,
      cache_write_1h_tokens = 1e6 }
    assert.is_near(3 * (1 + 0.1 + 1.25 + 2) + 15, cost.dollars(usage, { input = 3, output = 15 }), 1e-9)
    assert.equal("10 tokens in, 2 out, $0.0001", cost.line({ input_tokens = 10, output_tokens = 2 }, { input = 3, output = 15 }))
    assert.equal("10 tokens in, 5 read from the cache, 2 out",
      cost.line({ input_tokens = 10, cache_read_tokens = 5, output_tokens = 2 }))
  end)
end)

describe("a record", function()
  local defaults = { model = "m", max_tokens = 9 }

  it("is made of text, of a prompt, of a request, or of a line of a batch", function()
    assert.equal("plain", records.of("plain", 1, defaults).params.messages[1].content[1].text)
    local record = records.of('{"prompt":"asked","id":7}', 2, defaults)
    assert.equal("asked", record.params.messages[1].content[1].text)
    assert.equal(7, record.id)
    record = records.of('{"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"maxTokens":3}}', 3, defaults)
    assert.equal("converse", record.form)
    assert.equal(3, record.params.inferenceConfig.maxTokens)
    assert.equal("m", record.params.modelId)
    record = records.of('{"model":"own","messages":[{"role":"user","content":"x"}]}', 4, defaults)
    assert.equal("messages", record.form)
    assert.equal("own", record.params.model)
    record = records.of('{"recordId":"r1","modelInput":{"max_tokens":5,"messages":[{"role":"user","content":"x"}]}}', 5, defaults)
    assert.same({ "r1", "messages", 5 }, { record.id, record.form, record.params.max_tokens })
  end)

  it("fills a template", function()
    local filled = records.of('{"a":"one","n":2}', 1, { model = "m", max_tokens = 9, template = "{a} and {n}" })
    assert.equal("one and 2", filled.params.messages[1].content[1].text)
    filled = records.of("line", 1, { model = "m", max_tokens = 9, template = "<{}>" })
    assert.equal("<line>", filled.params.messages[1].content[1].text)
    local wrong = records.of('{"a":1}', 1, { model = "m", max_tokens = 9, template = "{b}" })
    assert.is_truthy(wrong.wrong:find("{b}", 1, true))
  end)

  it("says what is wrong with a line that is none", function()
    for _, line in ipairs { "{bad", '{"neither":1}', "{}" } do
      assert.equal("string", type(records.of(line, 1, defaults).wrong), line)
    end
    assert.is_nil(records.of("{bad", 1, { model = "m", max_tokens = 9, text = true }).wrong)
  end)
end)

describe("exit codes", function()
  it("are one for each kind of error, and documented", function()
    local known = {}
    for _, row in ipairs(session.codes) do known[row[1]] = true end
    for _, kind in ipairs { "throttled", "validation", "access_denied", "not_found", "conflict", "quota", "too_large", "model",
      "server", "timeout", "network", "tls", "stream", "credentials", "config", "cancelled" } do
      local code = session.exit_code(errors.new { kind = kind })
      assert.is_true(known[code] and code > 0, kind)
    end
  end)
end)

describe("colours", function()
  it("are for terminals that know them, unless NO_COLOR is set", function()
    local function wanted(terminal, env)
      return paint.wanted({ getenv = function(name) return env[name] end, is_terminal = function() return terminal end }, 1)
    end
    assert.is_true(wanted(true, { TERM = "xterm" }))
    assert.is_false(wanted(false, { TERM = "xterm" }))
    assert.is_false(wanted(true, { NO_COLOR = "1" }))
    assert.is_false(wanted(true, { TERM = "dumb" }))
    assert.equal("x", paint.brush(false)("x", "red"))
    assert.equal("\27[31mx\27[0m", paint.brush(true)("x", "red"))
  end)
end)
