--- Writes what is made of the sources: `make docs`. A spec checks that it is up to date.

--- The files by their paths.
---@return table<string, string>
local function files()
  local manual, operations = require "docs.build.manual", require "docs.build.operations"
  local reference = require "docs.build.reference"
  local all = {
    ["docs/reference.md"] = reference.text(), ["docs/operations.md"] = operations.page(),
    ["lua/bedrock/operations/types.lua"] = operations.types(), ["docs/command-line.md"] = manual.markdown(),
    ["man/bedrock.1"] = manual.page(),
  }
  for path, text in pairs(manual.completions()) do all[path] = text end
  return all
end

if arg and arg[0] and arg[0]:match("write%.lua$") then
  for path, text in pairs(files()) do
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    print(path)
  end
end

return files
