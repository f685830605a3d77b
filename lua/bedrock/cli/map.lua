--- `bedrock map`: a request for every line, many at a time, the answers as lines of JSON; a killed run goes on where it was.
--
--   lines ─► record ─► done already? ─► ask ─► journal
--                └──── as many workers as --concurrency ────┘

local answers = require "bedrock.cli.answers"
local async = require "bedrock.async"
local bar = require "bedrock.bar"
local cost = require "bedrock.cli.cost"
local terminal = require("bedrock.core").terminal
local errors = require "bedrock.errors"
local journal = require "bedrock.cli.journal"
local progress = require "bedrock.cli.progress"
local pump = require "bedrock.cli.pump"
local records = require "bedrock.cli.records"
local session = require "bedrock.cli.session"
local system = require "bedrock.system"

local map = { name = "map", summary = "ask a model about every line of a file, many lines at a time" }

map.about = [[
Asks a model about every line of a file and writes a line of JSON for each answer. With --output a run that was
stopped or killed is taken up by the same command: what stands in the file is done, and is neither asked nor written
again.]]
map.options = session.with_common {
  session.model_option,
  { "-o --output", "FILE", "write the answers there instead of standard output, and go on with what is there" },
  { "--restart", false, "begin anew: what is in the output file goes" },
  { "-c --concurrency", "N", "how many requests at a time", number = true, default = 8 },
  { "-s --system", "TEXT", "system prompt; @FILE reads it from a file" },
  { "-p --template", "TEXT", "the prompt: {} is the line, {name} a member of a JSON record; @FILE reads it" },
  { "--text", false, "lines are text, even those that look like JSON" },
  { "--max-tokens", "N", "the longest answer", number = true, default = 1024 },
  { "--temperature", "X", "from 0 to 1", number = true },
  { "--schema", "FILE", "ask for JSON that fits this JSON schema, and check it" },
  { "--messages", false, "speak Anthropic's Messages format instead of Converse" },
  { "--ordered", false, "write in the order of the lines, not in that of the answers" },
  { "--full", false, "write whole answers, too, as `reply`" },
  { "--with-input", false, "write the line that was asked about, too, as `input`" },
  { "--keep-errors", false, "write failures, too, as `error`; then they count as done" },
  { "--max-errors", "N", "give up after so many failures", number = true },
  { "--price", "IN/OUT", "dollars for a million tokens, for the sum at the end; else BEDROCK_PRICE" },
  { "--quiet", false, "neither bar nor sum" },
}
map.arguments = { { "input", "the file; - is standard input (the default)", optional = true } }
map.examples = {
  { "bedrock map reviews.txt -p 'Is this review friendly? {}' -o answers.jsonl", "lines of text" },
  { "bedrock map tickets.jsonl -p 'Sort: {subject}' --schema kind.json -o kinds.jsonl", "JSON in, checked JSON out" },
  { "bedrock map questions.jsonl | jq -r .text", "as a filter" },
}
map.after = [[
A line is a prompt, or JSON: {"prompt": ..., "id": ...}, a request with messages (Converse, or Anthropic's), or a
record of a Bedrock batch. A line of the output has line, key (a digest of the input's line), id, text (or value,
with --schema), stop_reason and usage. Ctrl-C lets the requests finish that are on their way; a second one drops
them. Failures are told on standard error and are not written, so that running the command again tries them again.]]

-- One record --------------------------------------------------------------------------------------------------------------

local function ask_value(state, record)
  local params = record.params
  params.schema = state.schema
  if record.form == "messages" then return state.client.messages:parse(params) end
  return state.client:converse_parse(params)
end

local function ask_text(state, record)
  local reply, err
  if record.form == "messages" then
    reply, err = state.client.messages:create(record.params)
  else
    reply, err = state.client:converse(record.params)
  end
  return reply and reply:text(), err, reply
end

local function ask(state, record)
  if record.wrong then
    return nil, errors.new { kind = "validation", code = "record", message = record.wrong }
  end
  return (state.schema and ask_value or ask_text)(state, record)
end

local function known(state, record)
  return { line = record.line, key = record.key, id = record.id, input = state.options.with_input and record.text or nil }
end

local function answered(state, record, value, reply)
  local options = { full = state.options.full }
  if state.schema then options.value = value end
  return answers.of(known(state, record), reply, record.form, options)
end

local function failed(state, record, err)
  return answers.failure(known(state, record), err)
end

-- How often a record is asked about again after all of the client's attempts have failed, and the longest wait before that.
local PATIENCE, LONGEST_PAUSE = 6, 60

-- The run -----------------------------------------------------------------------------------------------------------------

-- Failures that every other record would meet, too.
local hopeless = { credentials = true, config = true, access_denied = true, tls = true }

-- Nothing new is begun; what runs goes on to its end.
local function wind_down(state, why)
  state.ending, state.fatal = true, state.fatal or why
end

local function write(state, line)
  local ok, why = state.journal:write(line)
  if not ok then wind_down(state, why) end
  return ok
end

-- In the order of the lines: what is done early waits for those before it.
local function write_in_order(state, record, line)
  state.held[record.number] = line or false
  while state.held[state.due] ~= nil do
    local next_line = state.held[state.due]
    state.held[state.due] = nil
    state.due = state.due + 1
    if next_line and not write(state, next_line) then return end
  end
end

local function tell_failure(state, record, err)
  state.failed = state.failed + 1
  state.bar:wipe()
  session.say(("line %d: %s"):format(record.line, session.words(tostring(err))), "red")
  if hopeless[err.kind] then return wind_down(state, err) end
  if state.failed >= (state.options.max_errors or math.huge) then
    wind_down(state, ("%d records failed, which is what --max-errors allows"):format(state.failed))
  end
end

local function settle(state, record, value, err, reply)
  local line
  if value ~= nil and not err then
    line = answered(state, record, value, reply)
    state.new = state.new + 1
    answers.add_usage(state.usage, line.usage)
  else
    tell_failure(state, record, err)
    line = state.options.keep_errors and not hopeless[err.kind] and failed(state, record, err) or nil
  end
  if not state.options.output then state.bar:wipe() end
  if state.options.ordered then
    write_in_order(state, record, line)
  elseif line then
    write(state, line)
  end
end

-- A line that was done before must be the line that it was.
local function is_done(state, text, number)
  local key = state.journal.done[number]
  if not key then return false end
  if key == records.key(text) then return true end
  wind_down(state, ("line %d of the input is not the one that %s holds an answer to; choose another --output, or begin anew " ..
    "with --restart"):format(number, state.options.output))
  return true
end

-- The next record that is to be asked about.
local function next_record(state)
  while not state.ending do
    local text = state.lines()
    if not text then return nil end
    state.line = state.line + 1
    local number = state.line
    if text:find("%S") and not is_done(state, text, number) and not state.ending then
      local record = records.of(text, number, state.defaults)
      state.taken = state.taken + 1
      record.number = state.taken
      return record
    end
  end
end

-- When even the client's own attempts were not enough, everybody waits for a while: one worker's throttle is all workers'.
local function slow_down(state, try)
  local pause = math.min(2 ^ try, LONGEST_PAUSE) * (0.5 + system.random() / 2)
  state.go_at = math.max(state.go_at, system.monotonic() + pause)
  state.retries = state.retries + 1
end

-- In short naps, so that the end of the run is not slept through.
local function wait_for_go(state)
  while not state.ending and system.monotonic() < state.go_at do
    async.sleep(math.min(0.1, math.max(0.001, state.go_at - system.monotonic())))
  end
end

local function ask_patiently(state, record)
  local try = 0
  while true do
    wait_for_go(state)
    local value, err, reply = ask(state, record)
    try = try + 1
    if not (err and err.retryable) or try > PATIENCE then return value, err, reply end
    -- a record that is given up because the run ends is neither answered nor failed: the next run takes it up
    if state.ending then return nil, nil end
    slow_down(state, try)
  end
end

local function work(state)
  while true do
    local record = next_record(state)
    if not record then return true end
    state.running = state.running + 1
    local value, err, reply = ask_patiently(state, record)
    if value ~= nil or err then settle(state, record, value, err, reply) end
    state.running = state.running - 1
  end
end

local function run_all(state)
  local workers = {}
  for i = 1, state.concurrency do workers[i] = async.spawn(work, state) end
  for _, worker in ipairs(workers) do
    local _, err = worker:join()
    if err then error(err, 0) end
  end
  return true
end

-- Seeing --------------------------------------------------------------------------------------------------------------------

local function draw(state)
  local now = system.monotonic()
  if not state.seen or now - state.drawn < 0.1 then return end
  state.drawn = now
  local columns, fresh = terminal.size(2), state.new + state.failed
  state.bar:draw(progress.line({
    done = state.journal.count + fresh, total = state.total, failed = state.failed, retries = state.retries,
    rate = progress.rate(state.marks, now, fresh), pause = state.go_at - now, running = state.running, ending = state.ending,
  }, columns and columns > 20 and columns or 80))
end

local function sum_up(state)
  state.bar:wipe()
  if state.options.quiet then return end
  local parts = { ("%d answered"):format(state.new) }
  if state.journal.count > 0 then parts[#parts + 1] = ("%d were there already"):format(state.journal.count) end
  if state.failed > 0 then parts[#parts + 1] = ("%d failed"):format(state.failed) end
  if state.retries > 0 then parts[#parts + 1] = ("%d tried again"):format(state.retries) end
  parts[#parts + 1] = progress.clock(system.monotonic() - state.began)
  if state.stopped and state.options.output then parts[#parts] = parts[#parts] .. " (the same command goes on from here)" end
  session.say(("%s; %s"):format(table.concat(parts, ", "), cost.line(state.usage, state.price)))
end

-- The command -----------------------------------------------------------------------------------------------------------------

local function defaults_of(client, options)
  return {
    model = session.model_id(client, options.model), system = options.system and session.text(options.system),
    template = options.template and session.text(options.template), messages = options.messages, text = options.text,
    max_tokens = session.whole(options, "max-tokens", 1), temperature = options.temperature,
  }
end

local function client_of(options, state)
  return session.client(options, {
    hooks = { retry = function(event)
      if event.delay then state.retries = state.retries + 1 end
    end },
  })
end

local function state_of(options)
  local state = {
    options = options, line = 0, taken = 0, running = 0, new = 0, failed = 0, retries = 0, usage = {}, held = {}, due = 1,
    go_at = 0, marks = {}, ending = false, fatal = nil, drawn = 0, began = system.monotonic(), bar = bar.new(),
    concurrency = session.whole(options, "concurrency", 1),
    price = session.price(options),
    seen = not options.quiet and system.is_terminal(2) and system.getenv("TERM") ~= "dumb",
  }
  state.client = client_of(options, state)
  state.defaults = defaults_of(state.client, options)
  state.schema = options.schema and session.json("@" .. options.schema, nil, options.schema)
  return state
end

local function open(state, options)
  local why
  if (options.input or "-") == "-" then
    session.tell_input()
    state.seen = state.seen and not system.is_terminal(0) -- where somebody types, no bar stands in the way
  end
  state.lines, why = records.lines(options.input or "-", function() return state.ending end)
  if not state.lines then session.refuse("cannot read %s", why) end
  state.journal, why = journal.open(options.output, options.restart)
  if not state.journal then session.refuse("cannot use the output: %s", why) end
  state.total = records.count(options.input or "-")
end

local function on_interrupt(state)
  return function(task)
    if state.ending then return task:cancel() end
    state.ending, state.stopped = true, true
    state.bar:wipe()
    if state.running > 0 then session.say(("waiting for %d answers; Ctrl-C again drops them"):format(state.running), "yellow") end
  end
end

local function exit_code(state, err)
  if state.stopped then return 130 end
  if err then return err.kind == "cancelled" and 130 or session.fail(err) end
  if type(state.fatal) == "string" then return session.fail(state.fatal) end
  if state.fatal then return session.exit_code(state.fatal) end
  return state.failed > 0 and 1 or 0
end

--- Runs the command.
---@param options table
---@return integer exit code
function map.run(options)
  if options.restart and not options.output then session.refuse("--restart needs --output") end
  local state = state_of(options)
  open(state, options)
  local _, err = pump.run(function() return run_all(state) end, {
    interrupted = on_interrupt(state), tick = function() draw(state) end, every = state.seen and 0.2 or nil,
  })
  sum_up(state)
  return exit_code(state, err)
end

return map
