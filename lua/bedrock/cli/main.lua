--- The command line as a script, for where there is no command `bedrock`: `lua .../bedrock/cli/main.lua COMMAND ...`
os.exit(require("bedrock.cli").run(arg), true)
