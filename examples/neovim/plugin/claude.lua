-- The commands; everything else is loaded with their first use.
if vim.g.loaded_claude then return end
vim.g.loaded_claude = true

vim.api.nvim_create_user_command("Claude", function(command) require("claude").ask(command) end,
  { nargs = "+", range = true, bang = true, desc = "Ask Claude; with a range about these lines, with ! in their place" })

vim.api.nvim_create_user_command("ClaudeStop", function() require("claude").stop() end,
  { desc = "End the answers that are being written into this buffer" })
