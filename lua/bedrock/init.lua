--- bedrock: the models on Amazon Bedrock, from Lua.
--
--     local bedrock = require "bedrock"
--     local client = bedrock.new { region = "us-west-2" }
--     local reply = assert(client.messages:create { model = ..., max_tokens = 256, messages = { ... } })
--     print(reply:text())
--
-- Requiring this loads little: the parts below come with their first use, and nothing here reads the environment,
-- a file or a socket.

---@class bedrock
---@field _VERSION string
---@field null userdata JSON's null, the same value as lua-cjson's
---@field array_mt table the metatable of arrays
---@field empty_array userdata a value that is written as []
---@field json bedrock.json
---@field async bedrock.async
---@field batch bedrock.batch
---@field chat bedrock.chat
---@field content bedrock.content
---@field convert bedrock.convert
---@field errors bedrock.errors
---@field models bedrock.models
---@field schema bedrock.schema
---@field structured bedrock.structured
---@field testing bedrock.testing
---@field tools bedrock.tools
---@field tool fun(fields: table): bedrock.Tool declares a tool, see bedrock.tools
---@field token fun(options: table?): string?, number|bedrock.Error makes a short-term API key, see bedrock.token
local bedrock = { _VERSION = require("bedrock.version")._VERSION }

local lazy = {
  async = "bedrock.async",
  batch = "bedrock.batch",
  chat = "bedrock.chat",
  content = "bedrock.content",
  convert = "bedrock.convert",
  errors = "bedrock.errors",
  json = "bedrock.json",
  models = "bedrock.models",
  schema = "bedrock.schema",
  structured = "bedrock.structured",
  testing = "bedrock.testing",
  tools = "bedrock.tools",
}

local values = {
  null = function() return require("bedrock.json").null end,
  array_mt = function() return require("bedrock.json").array_mt end,
  empty_array = function() return require("bedrock.json").empty_array end,
  token = function() return require("bedrock.token").make end,
  tool = function() return require("bedrock.tools").tool end,
}

-- Once: everything else may then rely on it.
local function need_core()
  if not package.loaded["bedrock.core"] then require("bedrock.native").load() end
end

setmetatable(bedrock, {
  __index = function(self, name)
    local value
    if lazy[name] or values[name] then need_core() end
    if lazy[name] then
      value = require(lazy[name])
    elseif values[name] then
      value = values[name]()
    end
    rawset(self, name, value)
    return value
  end,
})

--- Makes a client. All options have defaults, taken from the environment and the AWS profile as every AWS tool does.
---@param options bedrock.Options?
---@return bedrock.Client
function bedrock.new(options)
  need_core()
  -- Not a tail call: what is wrong with the options is raised at the caller's line, two levels up.
  local client = require("bedrock.client").new(options)
  return client
end

return bedrock
