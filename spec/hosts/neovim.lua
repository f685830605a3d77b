-- The suite in a headless Neovim: nvim --headless -u NONE -i NONE -c "luafile spec/hosts/neovim.lua", with WORLD and OUT in
-- the environment. Its tasks use the editor's API, which only works outside of libuv's callbacks.
local async = require "bedrock.async"
local neovim = require "bedrock.hosts.neovim"
local suite = require "spec.hosts.suite"

local function run()
  local world = dofile(vim.env.BEDROCK_WORLD)
  local results = suite.run { name = "neovim", world = world, pcall = async.pcall, together = suite.as_tasks }
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(suite.report(results), "\n"))
  vim.cmd("silent write! " .. vim.env.BEDROCK_OUT)
end

neovim.spawn(function()
  local ok, err = async.pcall(run)
  if not ok then io.stderr:write(tostring(err), "\n") end
  vim.cmd(ok and "qall!" or "cquit!")
end)
