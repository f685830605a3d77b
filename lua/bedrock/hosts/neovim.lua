--- Neovim as the loop under bedrock's tasks: one loop for the editor, on its libuv.
--
--   require("bedrock.hosts.neovim").spawn(function()
--     local stream = assert(client.messages:stream { ... })
--     for text in stream:text() do vim.api.nvim_buf_set_text(...) end
--   end)
--
-- Tasks run where the whole API of the editor may be used, never in libuv's callbacks. A turn is short, so that typing
-- stays smooth. When the editor ends, the tasks are cancelled and their connections closed.

local neovim = {}

local BUDGET = 0.004 -- seconds

local loop

local function complain(err)
  vim.notify("bedrock: " .. tostring(err), vim.log.levels.ERROR)
end

local function cancel_all()
  for task in pairs(loop.tasks) do task:cancel() end
end

--- The editor's loop, made with its first use.
---@return bedrock.Loop
function neovim.loop()
  if loop then return loop end
  if not rawget(_G, "vim") then error("bedrock.hosts.neovim runs inside Neovim only; a script has bedrock.async", 2) end
  loop = require("bedrock.hosts.luv").loop(vim.uv or vim.loop, { defer = vim.schedule, budget = BUDGET, failed = complain })
  vim.api.nvim_create_autocmd("VimLeavePre", { callback = cancel_all })
  return loop
end

--- Starts a task.
---@param fn function
---@return bedrock.Task
function neovim.spawn(fn, ...)
  return neovim.loop():spawn(fn, ...)
end

--- Tells the editor's user; for the option `log` of a client, because standard error is the screen.
---@param level string
---@param message string
function neovim.log(level, message)
  if level == "debug" or level == "info" then return end
  vim.schedule(function() vim.notify("bedrock: " .. message, level == "warn" and vim.log.levels.WARN or vim.log.levels.ERROR) end)
end

return neovim
