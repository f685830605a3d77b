-- The plugin of examples/neovim inside a headless Neovim, started by neovim_cases.lua with the emulator in its environment.
-- Writes a line a case into $BEDROCK_OUT: its name, a tab, "ok" or what was wrong.

local cases = {}

local function case(name, run)
  cases[#cases + 1] = { name, run }
end

local function same(want, got)
  if not vim.deep_equal(want, got) then error(("wanted %s, got %s"):format(vim.inspect(want), vim.inspect(got)), 2) end
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

local function wait(what, condition)
  if not vim.wait(10000, condition, 5) then error("waited ten seconds for " .. what, 2) end
end

local function done()
  wait("the answer", function() return require("claude").count() == 0 end)
end

local function fresh(...)
  vim.cmd("enew!")
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { ... })
end

local notes = {}
vim.notify = function(message, level) notes[#notes + 1] = { message, level } end -- luacheck: ignore 122

case("an answer appears below the range, and the editor goes on meanwhile", function()
  fresh("one", "two", "three")
  local ticks, lengths, timer = 0, {}, vim.loop.new_timer()
  timer:start(1, 1, function() ticks = ticks + 1 end)
  vim.cmd("1,2Claude @words 30")
  wait("the answer", function()
    lengths[#(lines()[3] or "")] = true
    return require("claude").count() == 0
  end)
  timer:close()
  same({ "one", "two" }, vim.list_slice(lines(), 1, 2))
  assert(lines()[3]:find("^word1 .*word30$"), lines()[3])
  same("three", lines()[4])
  assert(vim.tbl_count(lengths) >= 5, "the text was seen in " .. vim.tbl_count(lengths) .. " lengths")
  assert(ticks > 30, "the editor's timer ticked " .. ticks .. " times")
end)

case("the answer of several lines takes the place of the range with !", function()
  fresh("one", "two", "three")
  vim.cmd([[2Claude! @say first\nsecond\n]])
  done()
  same({ "one", "first", "second", "", "three" }, lines())
end)

-- What is done after this is a step of undo of its own, as after every key that somebody types.
local function break_undo()
  vim.cmd("let &undolevels = &undolevels")
end

case("one undo takes the answer back", function()
  fresh("one", "two")
  break_undo()
  vim.cmd("%Claude! @words 20")
  wait("the answer", function()
    break_undo()
    return require("claude").count() == 0
  end)
  vim.cmd("silent undo")
  same({ "one", "two" }, lines())
end)

case("lines that are added above while it writes do not disturb it", function()
  fresh("one")
  vim.cmd("Claude @words 30")
  wait("the first words", function() return (lines()[2] or ""):find("word3 ") end)
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { "above", "and above" })
  done()
  same({ "above", "and above", "one" }, vim.list_slice(lines(), 1, 3))
  assert(lines()[4]:find("^word1 .*word30$"), lines()[4])
  same(4, #lines())
end)

case("nor do lines that come and go while it thinks", function()
  for _, bang in ipairs { "", "!" } do
    fresh("zero", "one", "two", "three")
    vim.cmd("2,3Claude" .. bang .. " @words 5")
    vim.api.nvim_buf_set_lines(0, 0, 1, false, { "above", "and above", "all above" })
    done()
    local words = "word1 word2 word3 word4 word5"
    same(bang == "" and { "above", "and above", "all above", "one", "two", words, "three" } or
      { "above", "and above", "all above", words, "three" }, lines())
  end
end)

case("it is shown that Claude thinks, and that it writes", function()
  local function shown()
    local marks = vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace("claude"), 0, -1, { details = true })
    for _, mark in ipairs(marks) do
      if mark[4].virt_lines then return mark[2], mark[4].virt_lines[1][1][1] end
    end
  end
  fresh("one", "two")
  vim.cmd("1Claude @words 30")
  same({ 0, "● Claude is thinking (:ClaudeStop ends it)" }, { shown() })
  wait("the first words", function() return lines()[2]:find("word3 ") end)
  same({ 1, "● Claude is writing (:ClaudeStop ends it)" }, { shown() })
  done()
  same({}, { shown() })
end)

case("two answers at a time find their places", function()
  fresh("one", "two")
  vim.cmd("2Claude @words 12")
  vim.cmd("1Claude @words 12")
  done()
  same(4, #lines())
  same({ "one", "two" }, { lines()[1], lines()[3] })
  for _, at in ipairs { 2, 4 } do assert(lines()[at]:find("^word1 .*word12$"), lines()[at]) end
end)

case(":ClaudeStop ends it and leaves what was written", function()
  fresh("one")
  vim.cmd("Claude @words 500")
  wait("the first words", function() return (lines()[2] or ""):find("word3 ") end)
  notes = {}
  vim.cmd("ClaudeStop")
  vim.cmd("ClaudeStop")
  same(0, require("claude").count())
  local text = lines()[2]
  vim.wait(200)
  same(text, lines()[2])
  same({}, notes)
  same({}, vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace("claude"), 0, -1, {}))
end)

case("a buffer that is wiped out ends its answer", function()
  fresh("one")
  vim.cmd("Claude @words 500")
  wait("the first words", function() return (lines()[2] or ""):find("word3 ") end)
  vim.cmd("bwipeout!")
  done()
end)

case("an error is told, and the range that was to be replaced stays", function()
  fresh("one")
  notes = {}
  require("claude").setup { client = { retry = 1, secret_access_key = "wrong", access_key_id = "AKIDEXAMPLE" } }
  vim.cmd("1Claude! hello")
  done()
  require("claude").setup { client = { secret_access_key = vim.env.AWS_SECRET_ACCESS_KEY } }
  same({ "one" }, lines())
  assert(notes[1] and notes[1][1]:find("signature", 1, true), vim.inspect(notes))
  same(vim.log.levels.ERROR, notes[1][2])
end)

case("a buffer that cannot be changed is refused", function()
  fresh("one")
  notes = {}
  vim.bo.modifiable = false
  vim.cmd("Claude hello")
  assert(notes[1][1]:find("cannot be changed", 1, true))
end)

case(":checkhealth tells what was found", function()
  vim.cmd("checkhealth bedrock")
  local text = table.concat(lines(), "\n")
  for _, words in ipairs { "bedrock %d", "libcurl", "credentials from", "us%-west%-2" } do
    assert(text:find(words), words .. " is missing in: " .. text)
  end
  assert(not text:find("ERROR"), text)
end)

case("the help file has its tags", function()
  local root = vim.fn.tempname()
  vim.fn.mkdir(root .. "/doc", "p")
  vim.fn.writefile(vim.fn.readfile("examples/neovim/doc/claude.txt"), root .. "/doc/claude.txt")
  vim.cmd("helptags " .. root .. "/doc")
  vim.opt.runtimepath:append(root)
  for _, tag in ipairs { "claude", ":Claude", ":ClaudeStop", "claude.setup()", "claude-own" } do vim.cmd("help " .. tag) end
end)

local out = {}
for _, one in ipairs(cases) do
  local ok, why = pcall(one[2])
  out[#out + 1] = one[1] .. "\t" .. (ok and "ok" or tostring(why):gsub("%s+", " "))
end
vim.fn.writefile(out, vim.env.BEDROCK_OUT)
vim.cmd("qall!")
