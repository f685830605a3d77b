--- libuv as the loop under bedrock's tasks, through luv; Neovim's `vim.uv` is luv, too (see bedrock.hosts.neovim).
--
--   local uv = require "luv"
--   local loop = require("bedrock.hosts.luv").loop(uv)
--   loop:spawn(function() ... client.messages:create { ... } ... end)
--   uv.run()
--
-- A turn: let go of the descriptors, because the library may close them; work; watch what it waits for now.

local async = require "bedrock.async"

local luv = {}

local BUDGET = 0.005 -- seconds of a turn, then the host's own work has its turn

local function complain(err, task)
  io.stderr:write("bedrock: a task failed: ", task.traceback or tostring(err), "\n")
end

---@class bedrock.LuvOptions
---@field defer (fun(turn: function))? calls turn() soon, from where the tasks may do their work; at once when absent
---@field budget number? seconds that one turn may take
---@field failed (fun(err: any, task: bedrock.Task))? is told of tasks that failed and that nobody joined; standard error when absent

--- Makes a loop whose tasks run while libuv does.
---@param uv table luv
---@param options bedrock.LuvOptions?
---@return bedrock.Loop
function luv.loop(uv, options)
  if type(uv) ~= "table" then error('loop takes libuv: loop(require "luv"), not a ' .. type(uv), 2) end
  options = options or {}
  local defer = options.defer or function(turn) turn() end
  local timer, polls, deferred, loop = uv.new_timer(), {}, false, nil

  local function let_go()
    timer:stop()
    for _, poll in pairs(polls) do poll:stop() end
  end

  local turn

  local function happened()
    if deferred then return end
    deferred = true
    let_go()
    defer(turn)
  end

  local function watch()
    local left = loop:deadline()
    if left then timer:start(math.ceil(left * 1000), 0, happened) end
    for _, entry in ipairs(loop:fds()) do
      polls[entry.fd] = polls[entry.fd] or assert(uv.new_poll(entry.fd))
      polls[entry.fd]:start(entry.events, happened)
    end
  end

  function turn()
    deferred = false
    loop:step(options.budget or BUDGET)
    watch()
  end

  loop = async.loop {
    wake = function() if not deferred then timer:start(0, 0, happened) end end,
    failed = options.failed or complain,
  }
  return loop
end

return luv
