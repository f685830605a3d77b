--- Runs the Lua blocks of a page as they stand, in order, against the emulator: what the page shows works.
--
-- A block goes on with what an earlier one made: `bedrock`, `client` and `model` are those of the first. Files that the page
-- speaks of are made of a few bytes each.

local page = {}

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- The blocks of a page.
---@param text string
---@param wanted string? the language, "lua" by default
---@return { code: string, line: integer }[]
function page.blocks(text, wanted)
  local list, line = {}, 1
  for before, kind, body in text:gmatch("(.-)\n```(%w+)\n(.-\n)```") do
    line = line + select(2, before:gsub("\n", "")) + 2
    if kind == (wanted or "lua") then list[#list + 1] = { code = body, line = line } end
    line = line + select(2, body:gsub("\n", ""))
  end
  return list
end

--- The commands that a page shows with what they print.
---@param text string
---@return { command: string, output: string }[]
function page.sessions(text)
  local list = {}
  for body in text:gmatch("\n```text\n(.-)```") do
    for line in body:gmatch("[^\n]*\n") do
      local command = line:match("^%$ (.*)\n$")
      if command then
        list[#list + 1] = { command = command, output = "" }
      elseif #list > 0 then
        list[#list].output = list[#list].output .. line
      end
    end
  end
  return list
end

-- Runs a block with names of its own, so that what it declares `local` is not lost for the ones after it.
local function run(code, name, env)
  code = ("\n" .. code):gsub("\nlocal function (%w+)", "\nfunction %1"):gsub("\nlocal ([%w_, ]+) = ", "\n%1 = "):sub(2)
  local chunk
  if setfenv then
    chunk = assert(loadstring(code, name))
    setfenv(chunk, env)
  else
    chunk = assert(load(code, name, "t", env))
  end
  chunk()
end

-- The same module, told where the emulator is, as the environment variables would tell it.
local function directed(server)
  local bedrock = require "bedrock"
  return setmetatable({
    new = function(options)
      options = options or {}
      if not options.transport then
        options.endpoint = server.url
        if not options.api_key then
          options.access_key_id, options.secret_access_key = server.access_key_id, server.secret_access_key
        end
      end
      return bedrock.new(options)
    end,
  }, { __index = bedrock })
end

local function environment(server, said, more)
  local bedrock = directed(server)
  local env = {
    print = function(...)
      local words = {}
      for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
      said[#said + 1] = table.concat(words, "\t")
    end,
    require = function(name) return name == "bedrock" and bedrock or require(name) end,
  }
  local function write(...) said[#said + 1] = table.concat({ ... }) end
  env.io = setmetatable({ write = write, flush = function() end }, { __index = io })
  for name, value in pairs(more or {}) do env[name] = value end
  return setmetatable(env, { __index = _G })
end

--- Runs every Lua block of a page. Raises with the line of the block that fails.
---@param path string
---@param server table of spec.support.emulator
---@param options { files: table<string, string>?, env: table? }? files: what the page reads; env: more names for its blocks
---@return string said all that it printed
---@return integer blocks how many there were
function page.run(path, server, options)
  options = options or {}
  local system, said = require "bedrock.system", {}
  local read_file, files = system.read_file, options.files or {}
  system.read_file = function(name)
    if files[name] then return files[name] end
    return read_file(name)
  end
  local env, list = environment(server, said, options.env), page.blocks(read(path))
  local ok, err, line = true, nil, nil
  for _, block in ipairs(list) do
    ok, err = pcall(run, block.code, "@" .. path .. ":" .. block.line, env)
    line = block.line
    if not ok then break end
  end
  system.read_file = read_file
  if not ok then error(("%s, block at line %d: %s"):format(path, line, tostring(err)), 0) end
  return table.concat(said, "\n"), #list
end

page.read = read

return page
