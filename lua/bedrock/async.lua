--- A small scheduler: many requests at once in plain Lua, on the engine that moves their bytes.
--
-- A task is a coroutine. It runs until it waits for something: bytes of a request, a time, another task, a signal. The loop
-- then runs the others, and sleeps in one system call when none can run. Nothing here is called from C and nothing
-- yields under a pcall, so it runs on plain Lua 5.1; there, user code must not wait under pcall or inside the iterator of a
-- generic `for` (async.pcall and stream:next() are the ways), because that Lua cannot yield across them.
--
--   async.run(function()
--     local task = async.spawn(ask, "one")
--     local answers, errs = async.map(questions, ask, { concurrency = 8 })
--     print(task:join())
--   end)
--
-- A host with a loop of its own (a game, an editor) makes an async.loop(), spawns into it, and calls loop:step(budget) once a
-- frame or whenever one of loop:fds() is ready or loop:deadline() is over.

local errors = require "bedrock.errors"

local unpack = table.unpack or unpack

---@class bedrock.async
local async = {}

-- Yielded by our own waits, so that a plain coroutine.yield in a task is told apart: it lets the others run.
local WAIT = {}

-- The task that runs now.
local running

-- Who waits for which request: engine -> request id -> task. Shared by all loops, because an engine may be. Loops hold their
-- tasks; this holds nothing.
local waiting = setmetatable({}, { __mode = "k" })

-- The task that last waited for a request, to close what it left open when it is cancelled.
local owner = setmetatable({}, { __mode = "kv" })

local curl

-- Loaded late: a host without libcurl may still use signals.
local function engine_library()
  if not curl and require("bedrock.hosts").nginx() then
    error("bedrock.async has no place in nginx, which has light threads of its own: use ngx.thread.spawn and ngx.sleep", 0)
  end
  curl = curl or require "bedrock.curl"
  return curl
end

local function now()
  return engine_library().now()
end

local function pack(...)
  return { n = select("#", ...), ... }
end

---- Timers: a binary heap by time, first come first served among equals.

local function earlier(a, b)
  return a.at < b.at or (a.at == b.at and a.number < b.number)
end

local function push_timer(heap, timer)
  local at = #heap + 1
  while at > 1 do
    local parent = (at - at % 2) / 2
    if not earlier(timer, heap[parent]) then break end
    heap[at] = heap[parent]
    at = parent
  end
  heap[at] = timer
end

local function pop_timer(heap)
  local first, last = heap[1], table.remove(heap)
  local size = #heap
  if size == 0 then return first end
  local at = 1
  while true do
    local child = at * 2
    if child > size then break end
    if child < size and earlier(heap[child + 1], heap[child]) then child = child + 1 end
    if not earlier(heap[child], last) then break end
    heap[at] = heap[child]
    at = child
  end
  heap[at] = last
  return first
end

---- Tasks

---@class bedrock.Task
---@field traceback string? where it failed
local Task = {}
Task.__index = Task
Task.__name = "bedrock.task"

---@class bedrock.Loop
local Loop = {}
Loop.__index = Loop
Loop.__name = "bedrock.loop"

-- Puts a task where the loop will run it; a task that is there already stays there once.
local function wake(task)
  if task.queued or task.outcome then return end
  local loop = task.loop
  task.queued = true
  loop.last = loop.last + 1
  loop.queue[loop.last] = task
  if loop.on_wake and not loop.stepping then loop.on_wake() end
end

-- Every wait begins with this, before it leaves word anywhere.
local function raise_if_cancelled(task)
  if task and task.cancelled then error(task.cancelled, 0) end
  return task
end

-- Waits until wake(task). `abort(task, subject)` undoes the wait when the task is cancelled instead. No closure: one for each
-- wait would be a third of the garbage of a stream.
local function suspend(task, abort, subject)
  task.abort, task.subject = abort, subject
  coroutine.yield(WAIT)
  task.abort, task.subject = nil, nil
  raise_if_cancelled(task)
end

local function finish(task, outcome, results)
  task.outcome, task.results = outcome, results
  task.loop.tasks[task] = nil
  task.loop.live = task.loop.live - 1
  for _, joiner in ipairs(task.joiners) do wake(joiner) end
  task.joiners = {}
  if outcome == "failed" and task.loop.failures and not task.joined then table.insert(task.loop.failures, task) end
end

local function fail(task, err)
  finish(task, task.cancelled and err == task.cancelled and "cancelled" or "failed", pack(nil, err))
end

-- What a resumed task came back with.
local function settle(task, ok, first, ...)
  if not ok then
    task.traceback = debug.traceback(task.thread, tostring(first))
    fail(task, first)
  elseif coroutine.status(task.thread) == "dead" then
    finish(task, "done", pack(first, ...))
  elseif first ~= WAIT then
    wake(task)
  end
end

local function resume(task)
  if task.outcome then return end
  local before, arguments = running, task.arguments
  task.queued, task.arguments = false, nil
  if arguments and task.cancelled then return fail(task, task.cancelled) end
  running = task
  if arguments then
    settle(task, coroutine.resume(task.thread, unpack(arguments, 1, arguments.n)))
  else
    settle(task, coroutine.resume(task.thread))
  end
  running = before
end

local function leave(list, task)
  for i, other in ipairs(list) do
    if other == task then return table.remove(list, i) end
  end
end

-- Somebody asks for the task's outcome: a failure is his, and not kept for the loop's end.
local function claim(task)
  task.joined = true
  if task.outcome == "failed" and task.loop.failures then leave(task.loop.failures, task) end
end

local function stop_joining(me, task)
  leave(task.joiners, me)
end

local function take_along(me, task)
  leave(task.joiners, me)
  task:cancel()
end

-- Waits for a task; `or_cancel` takes it along when the waiting task is cancelled.
local function join(task, me, or_cancel)
  claim(task)
  raise_if_cancelled(me)
  while not task.outcome do
    table.insert(task.joiners, me)
    suspend(me, or_cancel and take_along or stop_joining, task)
  end
  return unpack(task.results, 1, task.results.n)
end

--- Waits until the task has ended and answers what its function returned; `nil, err` when it raised or was cancelled.
-- Outside of a task this runs the task's loop until then.
---@return any ... what the function returned; nil and the error
function Task:join()
  local me = async.current()
  if me == self then error("a task cannot join itself", 2) end
  if me then return join(self, me) end
  claim(self)
  self.loop:run(self)
  return unpack(self.results, 1, self.results.n)
end

local function close_requests(task)
  for handle in pairs(task.requests) do
    if owner[handle] == task then handle:cancel() end
  end
end

--- Ends the task: its open requests are closed in this call, and the wait it is in raises an error of kind "cancelled".
-- Harmless when it has ended or was cancelled before.
function Task:cancel()
  if self.outcome or self.cancelled then return end
  self.cancelled = errors.new { kind = "cancelled", code = "cancelled", message = "the task was cancelled" }
  if self.abort then self.abort(self, self.subject) end
  close_requests(self)
  if self == async.current() then error(self.cancelled, 0) end
  if self ~= running then wake(self) end
end

--- "waiting", "done", "failed" or "cancelled".
---@return string
function Task:status()
  return self.outcome or "waiting"
end

function Task:__tostring()
  return "task (" .. self:status() .. ")"
end

---- Loops

--- Starts a task in this loop; it runs with the next step.
---@param fn function
---@return bedrock.Task
function Loop:spawn(fn, ...)
  if type(fn) ~= "function" then errors.misuse("a task needs a function, not a " .. type(fn)) end
  local task = setmetatable({
    -- Wrapped, because coroutines of plain Lua 5.1 cannot be made of C functions.
    loop = self, thread = coroutine.create(function(...) return fn(...) end), arguments = pack(...), joiners = {},
    requests = setmetatable({}, { __mode = "k" }),
    queued = false, joined = false, outcome = nil, results = nil, cancelled = nil, traceback = nil,
    abort = nil, subject = nil, engine = nil, -- of the wait it is in
  }, Task)
  self.tasks[task] = true
  self.live = self.live + 1
  wake(task)
  return task
end

-- Wakes the tasks whose requests have news.
local function dispatch(engine)
  local tasks = waiting[engine]
  local id = engine:ready()
  while id do
    local task = tasks and tasks[id]
    if task then
      tasks[id] = nil
      wake(task)
    end
    id = engine:ready()
  end
end

local function fire_timers(loop)
  if not loop.timers[1] then return end
  local time = now()
  while loop.timers[1] and loop.timers[1].at <= time do
    local timer = pop_timer(loop.timers)
    if timer.task then wake(timer.task) end
  end
end

-- The tasks that were ready when it began, at least one, and no more after `stop`.
local function run_ready(loop, stop)
  local last = loop.last
  while loop.first <= last do
    local task = loop.queue[loop.first]
    loop.queue[loop.first] = nil
    loop.first = loop.first + 1
    resume(task)
    if stop and now() >= stop then return end
  end
end

local function has_ready(loop)
  return loop.first <= loop.last
end

-- Failures that nobody has asked for are told to who made the loop, or they would be lost.
local function tell_failures(loop)
  local failed = loop.failures
  if not loop.on_failure or not failed[1] then return end
  loop.failures = {}
  for _, task in ipairs(failed) do
    if not task.joined then loop.on_failure(task.results[2], task) end
  end
end

--- Does what can be done now, without waiting.
---@param budget number? seconds; without one every task that is ready runs once
---@return boolean more whether there are tasks left
function Loop:step(budget)
  if self.stepping then error("this loop is running already", 2) end
  local stop = budget and now() + budget
  self.stepping = true
  repeat
    for engine in pairs(self.engines) do
      engine:perform()
      dispatch(engine)
    end
    fire_timers(self)
    run_ready(self, stop)
  until not stop or not has_ready(self) or now() >= stop
  self.stepping = false
  tell_failures(self)
  return self.live > 0
end

--- Seconds until the loop has something to do without any descriptor: 0 for now, nil for never.
---@return number?
function Loop:deadline()
  for engine in pairs(self.engines) do dispatch(engine) end
  if has_ready(self) then return 0 end
  local left = self.timers[1] and math.max(0, self.timers[1].at - now())
  for engine in pairs(self.engines) do
    local seconds = engine:deadline()
    if seconds and (not left or seconds < left) then left = seconds end
  end
  return left
end

--- The descriptors to watch: a list of { fd =, events = "r" | "w" | "rw" }.
---@return table[]
function Loop:fds()
  local all = {}
  for engine in pairs(self.engines) do
    for _, entry in ipairs(engine:fds()) do all[#all + 1] = entry end
  end
  return all
end

-- Sleeps until there is something to do.
local function wait(loop)
  local left = loop:deadline()
  local engine = next(loop.engines)
  if not left and not engine then
    error("every task waits for another one, and nothing is left that could wake them", 0)
  end
  left = left or 3600
  if left <= 0 then return end
  if engine and not next(loop.engines, engine) then return engine:wait(left) end
  engine_library().poll(loop:fds(), left)
end

--- Runs, and waits, until all tasks have ended, or the given one has.
---@param task bedrock.Task?
function Loop:run(task)
  while self.live > 0 and not (task and task.outcome) do
    self:step()
    if self.live > 0 and not (task and task.outcome) then wait(self) end
  end
end

function Loop:__tostring()
  return "loop of " .. self.live .. " tasks"
end

--- Makes a loop for a host that has a loop of its own.
---@param options { wake: function?, failed: function? }? wake() is called when a task becomes ready while the loop is not
--- stepping; failed(err, task) at the end of a step in which a task failed that nobody has joined
---@return bedrock.Loop
function async.loop(options)
  return setmetatable({
    queue = {}, first = 1, last = 0, -- tasks that are ready
    timers = {}, timer_number = 0,
    engines = {}, -- engine -> how many of our tasks wait for it
    tasks = {}, live = 0, stepping = false,
    failures = options and options.failed and {}, -- a list where async.run or the host wants to know
    on_wake = options and options.wake, on_failure = options and options.failed,
  }, Loop)
end

---- What tasks call

--- The task that runs now; nil outside of one, and inside a coroutine that a task has made itself.
---@return bedrock.Task?
function async.current()
  if running and running.thread == coroutine.running() then return running end
end

local function task_here(what)
  local task = async.current()
  if not task then error(what .. " is for tasks: call it inside async.run", 3) end
  return raise_if_cancelled(task)
end

-- Nobody waits for the request any more: when it has news, and when its task is cancelled.
local function stop_waiting(task, handle)
  local engine, engines = task.engine, task.loop.engines
  waiting[engine][handle:id()] = nil
  engines[engine] = engines[engine] > 1 and engines[engine] - 1 or nil
end

--- Waits until a request of an engine has news. For transports.
---@param engine userdata
---@param handle userdata the request
function async.await(engine, handle)
  local task = task_here("async.await")
  local engines, id = task.loop.engines, handle:id()
  waiting[engine] = waiting[engine] or setmetatable({}, { __mode = "v" })
  waiting[engine][id] = task
  engines[engine] = (engines[engine] or 0) + 1
  task.requests[handle], owner[handle], task.engine = true, task, engine
  suspend(task, stop_waiting, handle)
  stop_waiting(task, handle)
end

--- Lets the other tasks run.
function async.yield()
  local task = task_here("async.yield")
  wake(task)
  suspend(task)
end

local function forget_timer(_, timer)
  timer.task = nil
end

--- Waits; outside of a task it blocks.
---@param seconds number
function async.sleep(seconds)
  if type(seconds) ~= "number" then errors.misuse("async.sleep takes seconds, not a " .. type(seconds)) end
  local task = raise_if_cancelled(async.current())
  if not task then
    async.block(seconds)
    return
  end
  local loop = task.loop
  loop.timer_number = loop.timer_number + 1
  local timer = { at = now() + seconds, number = loop.timer_number, task = task }
  push_timer(loop.timers, timer)
  while now() < timer.at do suspend(task, forget_timer, timer) end
end

--- Blocks the whole program for that long.
---@param seconds number
function async.block(seconds)
  local deadline, left = now() + seconds, seconds
  while left > 0 do
    engine_library().poll({}, left)
    left = deadline - now()
  end
end

--- Starts a task beside the one that runs.
---@param fn function
---@return bedrock.Task
function async.spawn(fn, ...)
  local task = async.current()
  if not task then error("async.spawn is for tasks: call it inside async.run, or use loop:spawn", 2) end
  return task.loop:spawn(fn, ...)
end

-- The first failure that nobody asked for.
local function raise_unjoined(loop)
  for _, task in ipairs(loop.failures) do
    if not task.joined then error(task.results[2], 0) end
  end
end

local function run_loop(loop, main)
  loop:run(main)
  if main.outcome ~= "done" then
    for task in pairs(loop.tasks) do task:cancel() end
  end
  loop:run()
  if main.outcome ~= "done" then error(main.results[2], 0) end
  raise_unjoined(loop)
end

--- Runs a function as a task, and everything that it spawns, to the end. Answers what it returned; raises what it raised,
-- after cancelling the rest. A failure of another task that nobody joined is raised at the end, so that none is lost.
---@param fn function
---@return any ... what it returned
function async.run(fn, ...)
  local me = async.current()
  local loop = me and me.loop or async.loop()
  if not me then loop.failures = {} end
  local main = loop:spawn(fn, ...)
  main.joined = true
  if me then
    join(main, me, true)
    if main.outcome ~= "done" then error(main.results[2], 0) end
  else
    run_loop(loop, main)
  end
  return unpack(main.results, 1, main.results.n)
end

--- pcall for code that waits, which plain Lua 5.1 cannot do under pcall.
---@param fn function
---@return boolean ok
function async.pcall(fn, ...)
  local me = async.current()
  if not me then return pcall(fn, ...) end
  local task = me.loop:spawn(fn, ...)
  join(task, me, true)
  if task.outcome ~= "done" then return false, task.results[2] end
  return true, unpack(task.results, 1, task.results.n)
end

-- Takes items one after the other until none is left.
local function map_worker(state)
  while state.taken < state.total do
    state.taken = state.taken + 1
    local i = state.taken
    local task = async.spawn(state.fn, state.list[i], i)
    local value, err = join(task, async.current(), true)
    if value == nil then state.errors[i] = err else state.results[i] = value end
    state.finished = state.finished + 1
    if state.progress then state.progress(state.finished, state.total, i, value, err) end
  end
end

local function cancel_all(_, tasks)
  for _, task in ipairs(tasks) do task:cancel() end
end

-- A worker fails only when `progress` does; the first failure ends the map.
local function join_workers(workers)
  local me = async.current()
  for _, worker in ipairs(workers) do claim(worker) end
  for _, worker in ipairs(workers) do
    while not worker.outcome do
      table.insert(worker.joiners, me)
      suspend(me, cancel_all, workers)
    end
    if worker.outcome ~= "done" then
      cancel_all(me, workers)
      error(worker.results[2], 0)
    end
  end
end

local function check_map(list, fn, concurrency)
  if type(list) ~= "table" then errors.misuse("async.map takes a list, not a " .. type(list)) end
  if type(fn) ~= "function" then errors.misuse("async.map takes a function behind its list, not a " .. type(fn)) end
  if concurrency ~= nil and (type(concurrency) ~= "number" or concurrency < 1) then
    errors.misuse("async.map: concurrency must be a number from 1, not " .. tostring(concurrency))
  end
end

--- Calls fn(item, index) for each item of a list, several at a time.
---@param list table
---@param fn function an item fails when it raises, or returns nil and an error
---@param options { concurrency: integer?, progress: function? }? 8 at a time when not told; progress(finished, total, index, value, err)
---@return table results in the order of the list
---@return table? errors by index; nil when none failed
function async.map(list, fn, options)
  options = options or {}
  check_map(list, fn, options.concurrency)
  if not async.current() then return async.run(async.map, list, fn, options) end
  local state = {
    list = list, fn = fn, progress = options.progress, total = #list, taken = 0, finished = 0, results = {}, errors = {},
  }
  local workers = {}
  for i = 1, math.min(options.concurrency or 8, state.total) do workers[i] = async.spawn(map_worker, state) end
  join_workers(workers)
  return state.results, next(state.errors) ~= nil and state.errors or nil
end

---- Signals

---@class bedrock.Signal
local Signal = {}
Signal.__index = Signal
Signal.__name = "bedrock.signal"

--- Something that happens once, and that tasks wait for. It works with no scheduler, too.
---@return bedrock.Signal
function async.signal()
  return setmetatable({ happened = false, waiters = {} }, Signal)
end

--- It has happened: whoever waits, and whoever will wait, goes on.
function Signal:set()
  self.happened = true
  for _, task in ipairs(self.waiters) do wake(task) end
  self.waiters = {}
end

local function stop_attending(task, waiters)
  leave(waiters, task)
end

--- Waits until it has happened. Outside of a task there is nobody to switch to, but another light thread of the host may set
-- it: then `sleep`, the host's own, is called in between; without it the answer is false.
---@param sleep fun(seconds: number)?
---@return boolean happened
function Signal:wait(sleep)
  local task = raise_if_cancelled(async.current())
  while not self.happened and task do
    table.insert(self.waiters, task)
    suspend(task, stop_attending, self.waiters)
  end
  while not self.happened and sleep do sleep(0.01) end
  return self.happened
end

return async
