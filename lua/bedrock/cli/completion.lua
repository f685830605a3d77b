--- `bedrock completion`: what bash, zsh or fish needs to complete this command line.

local command = { name = "completion", summary = "print the completions for bash, zsh or fish" }

command.options = {}
command.arguments = { { "shell", "bash, zsh or fish", choices = { "bash", "zsh", "fish" } } }
command.examples = {
  { "source <(bedrock completion bash)", "in ~/.bashrc" },
  { "bedrock completion fish > ~/.config/fish/completions/bedrock.fish", "for fish" },
}

--- The completions of a shell.
---@param shell "bash"|"zsh"|"fish"
---@return string
function command.text(shell)
  local tree = require("bedrock.cli.arguments").tree(require("bedrock.cli").commands())
  return (tree["get_" .. shell .. "_complete"](tree))
end

--- Runs the command.
---@param options table
---@return integer exit code
function command.run(options)
  io.write(command.text(options.shell))
  return 0
end

return command
