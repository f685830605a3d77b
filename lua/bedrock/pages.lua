--- Lists that come in pages, and loops that walk them.
--
-- A pager asks for a page when the loop needs it and not before. Its loop raises when a page fails, as `file:lines()`
-- does, so that a list is never taken for whole because its rest could not be read; `pager:next()` returns nil, err instead.

local errors = require "bedrock.errors"
local loops = require "bedrock.loops"
local operations = require "bedrock.operations"
local tables = require "bedrock.tables"

local copy = tables.copy

local pages = {}

---@class bedrock.Pager
---@field page table? the page that the last item came from
local Pager = { __name = "bedrock.pager" }
Pager.__index = Pager

-- A list that the service gives in one piece: the one list among the members of its answer.
local function only_list(op)
  if not op.name:find("^List") then return nil end
  local found
  for _, m in ipairs(op.outputs) do
    if m.container == "list" then
      if found then return nil end
      found = m.name
    end
  end
  return found and { items = found }
end

local function plan_of(name)
  local op, why = operations.find(name)
  if not op then error("bedrock: " .. tostring(why), 5) end
  local plan = op.page or only_list(op)
  if not plan then error(("bedrock: %s gives no list to walk"):format(op.snake), 5) end
  return op, plan
end

local function new(client, name, params, opts, whole)
  local op, plan = plan_of(name)
  if params ~= nil and type(params) ~= "table" then
    error(("%s takes a table of parameters, not a %s"):format(name, type(params)), 4)
  end
  local function ask(members) return client:call(op.snake, members, opts) end
  return pages.over(client, op.snake, plan, ask, params, whole)
end

--- Walks a list by a function that gives its pages.
---@param client bedrock.Client
---@param name string of the list, in messages
---@param plan { items: string, input: string, output: string? } members: the items, the token asked with, the token answered
---@param ask fun(params: table): table?, bedrock.Error?
---@param params table?
---@param whole boolean? pages instead of items
---@return bedrock.Pager
function pages.over(client, name, plan, ask, params, whole)
  return setmetatable({
    client = client, name = name, plan = plan, ask = ask, params = copy(params or {}), whole = whole or false,
    page = nil, index = 0, finished = false, err = nil,
  }, Pager)
end

--- Walks the items of a list over all of its pages.
---@param client bedrock.Client
---@param name string an operation that lists, `list_guardrails`
---@param params table?
---@param opts bedrock.CallOptions? as for the operation
---@return bedrock.Pager pager to be called by `for`
function pages.each(client, name, params, opts)
  local pager = new(client, name, params, opts, false)
  return pager
end

--- Walks whole pages, as the operation answers them.
---@param client bedrock.Client
---@param name string
---@param params table?
---@param opts bedrock.CallOptions?
---@return bedrock.Pager
function pages.pages(client, name, params, opts)
  local pager = new(client, name, params, opts, true)
  return pager
end

-- A token that comes twice would make the walk endless.
local function same_token(name)
  return errors.new {
    kind = "server", code = "same_token", operation = name,
    message = "the service gave the token of the page before again; the list would never end",
  }
end

-- Where the next page begins; nothing after the last.
function Pager:turn()
  local plan = self.plan
  local token = plan.output and self.page[plan.output]
  if token == nil or token == "" then
    self.finished = true
  elseif token == self.params[plan.input] then
    self.err = same_token(self.name)
  else
    self.params[plan.input] = token
  end
end

-- The next page; the answer to the one before decides whether there is one.
function Pager:fetch()
  if self.page then self:turn() end
  if self.finished or self.err then return nil, self.err end
  local page, err = self.ask(self.params)
  if not page then
    self.err = err
    return nil, err
  end
  self.page, self.index = page, 0
  return page
end

function Pager:next_item()
  while true do
    local items = self.page and self.page[self.plan.items]
    self.index = self.index + 1
    local item = type(items) == "table" and items[self.index]
    if item then return item end
    if not self:fetch() then return nil, self.err end
  end
end

--- The next item, or page.
---@return any item nil at the end
---@return bedrock.Error? err when a page could not be had; it stays
function Pager:next()
  if self.finished or self.err then return nil, self.err end
  if self.whole then return self:fetch() end
  return self:next_item()
end

function Pager:__call()
  loops.check(self.client.transport, "a loop over " .. self.name, "item, err = pager:next()", 2)
  local item, err = self:next()
  if err then error(err, 0) end
  return item
end

function Pager:__tostring()
  return ("bedrock.pager (%s)"):format(self.name)
end

return pages
