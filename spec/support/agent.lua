-- Some turns of an agent with tools, in a process of their own: takes up the chat that the turns before have saved.
--
--     lua spec/support/agent.lua URL FORM FILE FIRST LAST
--
-- FILE holds the chat, FILE.usage a line for each request: tokens of the prompt, and how many of them the cache had.

local bedrock = require "bedrock"

local url, form, path, first, last = arg[1], arg[2], arg[3], tonumber(arg[4]), tonumber(arg[5])

local client = bedrock.new {
  region = "us-west-2", endpoint = url, access_key_id = "AKIDEXAMPLE",
  secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", retry = { max_attempts = 1 },
}

local usage = assert(io.open(path .. ".usage", "a"))

-- Several tools with members enough that an order by chance would show.
local function tools()
  local list = {}
  for _, name in ipairs { "read_file", "write_file", "search", "run_tests" } do
    list[#list + 1] = bedrock.tool {
      name = name, description = "Works on the project: " .. name,
      schema = { properties = {
        path = { type = "string", description = "where" }, text = { type = "string" }, line = { type = "integer", minimum = 1 },
        flags = { type = "array", items = { type = "string" } },
      }, required = { "path" } },
      run = function(input)
        return { path = input.path, lines = { "local x = 1", "return x" }, count = 2, ok = true, ratio = 0.1 }
      end,
    }
  end
  return list
end

local function request()
  local own = {
    system = ("You are a careful programmer. " .. path .. "\n"):rep(200), tools = tools(), cache = true,
    on_event = function(name, reply)
      if name ~= "reply" then return end
      usage:write(("%d %d\n"):format(reply.usage.total_input_tokens, reply.usage.cache_read_tokens))
    end,
  }
  if form == "messages" then
    own.model, own.max_tokens = "global.anthropic.claude-sonnet-4-5-20250929-v1:0", 1024
  else
    own.modelId = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"
  end
  return own
end

local function chat()
  local file = io.open(path, "rb")
  if not file then return client:chat(request()) end
  local text = file:read "*a"
  file:close()
  local own = request()
  return assert(client:load_chat(text, { tools = own.tools, cache = own.cache, on_event = own.on_event }))
end

local talk = chat()
for turn = first, last do
  local question = 'Step N: look at the file.\n@think Step N needs a look at it.\n' ..
    '@call read_file {"path":"src/fileN.lua","line":N,"flags":["a","b"]}'
  assert(talk:say((question:gsub("N", turn))))
end

local file = assert(io.open(path, "wb"))
file:write(assert(talk:save()))
file:close()
usage:close()
