-- :Claude in Neovim: an answer is written into the buffer as it comes, while one goes on editing.
--
-- An answer knows its place by extmarks, from the question on, so lines may come and go around it. It is one step of undo, as long as nothing
-- else is changed meanwhile. Tasks run in the editor's own loop (bedrock.hosts.neovim); nothing here ever waits for the network.

local api = vim.api

local claude = {}

local options = {
  model = vim.env.BEDROCK_MODEL or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
  max_tokens = 4096,
  system = "You help inside a text editor. Answer with what belongs into the buffer, without a preamble.",
  client = {}, -- for bedrock.new: region, profile, ...
}

local place = api.nvim_create_namespace("claude")
local running = {} -- the answers that are being written
local client

--- Changes the defaults; needs not be called.
---@param own table? model, max_tokens, system, client (options of bedrock.new)
function claude.setup(own)
  options = vim.tbl_deep_extend("force", options, own or {})
  client = nil
end

--- The client, made with the first question.
function claude.client()
  if client then return client end
  local log = require("bedrock.hosts.neovim").log
  client = require("bedrock").new(vim.tbl_extend("keep", options.client, { log = log }))
  return client
end

local function notify(message, level)
  vim.notify("Claude: " .. message, vim.log.levels[level])
end

---- One answer

local Answer = {}
Answer.__index = Answer

function Answer:is_in_place()
  return api.nvim_buf_is_valid(self.buffer) and api.nvim_buf_is_loaded(self.buffer)
end

-- Where a mark is now: row and column, from 0.
function Answer:position(mark)
  local at = api.nvim_buf_get_extmark_by_id(self.buffer, place, mark, {})
  return at[1], at[2]
end

-- The mark is at the last line of the question, and then stays behind what is written at it. Below its line stands, in a line
-- of its own, what goes on.
function Answer:set_mark(row, column, doing)
  self.mark = api.nvim_buf_set_extmark(self.buffer, place, row, column, {
    id = self.mark, virt_lines = { { { "● Claude is " .. doing .. " (:ClaudeStop ends it)", "Comment" } } },
  })
end

function Answer:take_place(first, last)
  self.top = api.nvim_buf_set_extmark(self.buffer, place, first, 0, {})
  self:set_mark(last, 0, "thinking")
end

-- Makes an empty line for the answer: behind the lines of the question, or in their place.
function Answer:open_line()
  local last = self:position(self.mark) + 1
  local first = self.replace and self:position(self.top) or last
  api.nvim_buf_set_lines(self.buffer, first, last, false, { "" })
  self.tick = api.nvim_buf_get_changedtick(self.buffer)
  self:set_mark(first, 0, "writing")
  self.opened = true
end

-- Joins with the change before in undo, if that was ours; after an undo by the user Vim refuses, and that is right.
function Answer:join_undo()
  if self.tick ~= api.nvim_buf_get_changedtick(self.buffer) then return end
  api.nvim_buf_call(self.buffer, function() pcall(vim.cmd, "undojoin") end)
end

function Answer:write(text)
  if not self.opened then self:open_line() end
  self:join_undo()
  local row, column = self:position(self.mark)
  local lines = vim.split(text, "\n", { plain = true })
  api.nvim_buf_set_text(self.buffer, row, column, row, column, lines)
  local last = #lines == 1 and column + #text or #lines[#lines]
  self:set_mark(row + #lines - 1, last, "writing")
  self.tick = api.nvim_buf_get_changedtick(self.buffer)
end

function Answer:finish()
  running[self] = nil
  if not self:is_in_place() then return end
  for _, mark in ipairs { self.top, self.mark } do api.nvim_buf_del_extmark(self.buffer, place, mark) end
end

-- The task: asks, and writes what comes.
function Answer:run()
  local stream, err = claude.client().messages:stream(self.request)
  self.stream = stream
  while stream do
    local text
    text, err = stream:next_text()
    if not text then break end
    if not self:is_in_place() then
      stream:close()
      break
    end
    self:write(text)
  end
  self:finish()
  if err and err.kind ~= "cancelled" then notify(tostring(err), "ERROR") end
end

function Answer:stop()
  self.task:cancel()
  self:finish()
end

---- Commands

local function question(command, buffer)
  if command.range == 0 then return command.args end
  local lines = api.nvim_buf_get_lines(buffer, command.line1 - 1, command.line2, false)
  return ("%s\n\n```%s\n%s\n```"):format(command.args, vim.bo[buffer].filetype, table.concat(lines, "\n"))
end

--- What :Claude does.
---@param command table as nvim_create_user_command gives it
function claude.ask(command)
  local buffer = api.nvim_get_current_buf()
  if not vim.bo[buffer].modifiable then return notify("this buffer cannot be changed", "WARN") end
  local answer = setmetatable({
    buffer = buffer, replace = command.bang and command.range > 0, opened = false,
    top = nil, mark = nil, tick = nil, stream = nil, task = nil,
    request = {
      model = options.model, max_tokens = options.max_tokens, system = options.system,
      messages = { { role = "user", content = question(command, buffer) } },
    },
  }, Answer)
  running[answer] = true
  answer:take_place(math.max(command.line1 - 1, 0), math.max(command.line2 - 1, 0))
  answer.task = require("bedrock.hosts.neovim").spawn(answer.run, answer)
end

--- What :ClaudeStop does: ends the answers of a buffer, upstream, too.
---@param buffer integer? the current one when absent
function claude.stop(buffer)
  buffer = buffer or api.nvim_get_current_buf()
  for answer in pairs(running) do
    if answer.buffer == buffer then answer:stop() end
  end
end

--- How many answers are being written.
---@return integer
function claude.count()
  return vim.tbl_count(running)
end

return claude
