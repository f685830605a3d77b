-- The documentation: what is made of the sources is up to date, every public function is annotated and listed, every link
-- leads somewhere.

local annotations = require "docs.build.annotations"
local chapters = require "docs.build.chapters"
local page = require "spec.support.page"
local reference = require "docs.build.reference"

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function lines_of(command)
  local list = {}
  for line in output_of(command):gmatch("[^\n]+") do list[#list + 1] = line end
  return list
end

local function sections()
  local list = {}
  for _, chapter in ipairs(chapters.list) do
    for _, section in ipairs(chapter) do list[#list + 1] = section end
  end
  return list
end

local function hidden(section)
  local set = {}
  for word in (section.hide or ""):gmatch("%S+") do set[word] = true end
  return set
end

-- `make docs` runs on Lua 5.4, like the command whose help goes into the pages; another Lua words a few defaults differently.
local is_54 = _VERSION == "Lua 5.4"

describe("what is made of the sources", function()
  it(is_54 and "is up to date" or "is looked at on Lua 5.4", function()
    if not is_54 then return end
    for path, text in pairs(require "docs.build.write"()) do
      assert.is_true(page.read(path) == text, path .. " is old; run: make docs")
    end
  end)
end)

describe("annotations", function()
  it("are read as editors read them", function()
    local items = annotations.read([[
--- A file.
local m = {}

---@class x.Thing: x.Base a thing
---@field name string its name
---@field run (fun(a: string, b: table?): boolean, string)? what it does
local Thing = {}

--- Does it: first line,
--- second line.
-- And a third.
--- https://example.invalid/page
---@param what string|"a"|nil which
--- goes on here
---@param options { deep: table<string, integer>?, list: string[] }? more
---@return string? text nil at the end
---@return x.Error? err
function Thing:act(what, options)
  return what
end

function m.silent() end
]])
    local class, act, silent = items[1], items[2], items[3]
    assert.same({ "class", "x.Thing", "Thing" }, { class.kind, class.name, class.variable })
    assert.same({ "(fun(a: string, b: table?): boolean, string)?", "what it does" },
      { class.fields[2].type, class.fields[2].text })
    assert.same({ "Does it: first line,", "second line.", "And a third.", "https://example.invalid/page" }, act.text)
    local what, options = act.params[1], act.params[2]
    assert.same({ 'string|"a"|nil', "which goes on here", true }, { what.type, what.text, what.optional })
    assert.same({ "{ deep: table<string, integer>?, list: string[] }", "more", true },
      { options.type, options.text, options.optional })
    assert.same({ "string?", "text", "nil at the end" }, { act.returns[1].type, act.returns[1].name, act.returns[1].text })
    assert.same({ "x.Error?", "err", "" }, { act.returns[2].type, act.returns[2].name, act.returns[2].text })
    assert.is_false(silent.documented)
  end)

  it("stand above every public function", function()
    for _, section in ipairs(sections()) do
      local names = hidden(section)
      for _, item in ipairs((annotations.read(page.read("lua/bedrock/" .. section[1])))) do
        local owner, member = item.name:match("^([%w_]+)%.([%w_]+)$")
        local is_public = item.kind == "function" and section.show[owner] and not names[member] and not owner:find("^%u")
        if is_public then
          assert.is_true(item.documented, ("%s:%d: %s has no annotation"):format(section[1], item.line, item.name))
        end
      end
    end
  end)

  it("name every parameter, in order, and what is returned", function()
    for _, section in ipairs(sections()) do
      for _, item in ipairs(reference.items(section)) do
        local where, names = ("%s:%d: %s"):format(section[1], item.line, item.name), {}
        for _, name in ipairs(item.kind == "function" and item.args or {}) do
          if name ~= "self" and name ~= "..." and name ~= "_" then names[#names + 1] = name end
        end
        local known = {}
        for _, param in ipairs(item.params) do known[#known + 1] = param.name ~= "..." and param.name or nil end
        assert.same(names, known, where)
        local gives = item.kind == "function" and item.body:find("%f[%w_]return [^%s]") and not item.body:find("return end")
        if gives and not item.body:find("return self%s") then assert.is_true(#item.returns > 0, where .. " returns something") end
        if item.kind == "function" then assert.is_true(#item.text > 0, where .. " has no sentence") end
      end
    end
  end)

  it("are there for each function that a public module holds when it runs", function()
    for _, section in ipairs(sections()) do
      for owner, prefix in pairs(section.show) do
        local name = prefix:match('^require "([%w_.]+)"%.$') or prefix:match("^(bedrock%.?[%w_]*)%.$")
        local here = name and not owner:find("^%u") and not section[1]:find("resty") and not section[1]:find("neovim")
        -- the emulator runs on Lua 5.4 only
        if here and (not name:find("emulator") or _VERSION == "Lua 5.4") then
          local shown = hidden(section)
          for _, item in ipairs(reference.items(section)) do shown[item.name:match("[%w_]+$")] = true end
          for member, value in pairs(require(name)) do
            local lazy = name == "bedrock" and type(value) ~= "function"
            if type(value) == "function" and not lazy and not (name == "bedrock" and member ~= "new") then
              assert.is_true(shown[member], ("%s.%s is not in the reference"):format(name, member))
            end
          end
        end
      end
    end
  end)

  it("sort every file into public or internal, and hide nothing that is not there", function()
    local known = {}
    for _, section in ipairs(sections()) do
      known[section[1]] = true
      local names, source = {}, page.read("lua/bedrock/" .. section[1])
      for _, item in ipairs((annotations.read(source))) do names[item.name:match("[%w_]+$")] = true end
      for name in pairs(hidden(section)) do assert.is_true(names[name], section[1] .. " has no " .. name) end
      for class in (section.classes or ""):gmatch("%S+") do
        local heading = "### bedrock." .. class .. "\n"
        assert.is_truthy(page.read("docs/reference.md"):find(heading, 1, true), "no class bedrock." .. class)
      end
    end
    for _, path in ipairs(lines_of("cd lua/bedrock && find . -name '*.lua' | sed 's|^./||' | sort")) do
      local internal = known[path]
      for word in chapters.internal:gmatch("%S+") do
        internal = internal or path == word .. ".lua" or (word:sub(-1) == "/" and path:sub(1, #word) == word)
      end
      assert.is_truthy(internal, path .. " is neither in docs/build/chapters.lua nor in its list of internal files")
    end
  end)
end)

-- Methods of Lua itself, of a transport, and of what examples bring along.
local foreign = {}
for word in ("read write lines close seek flush setvbuf gsub gmatch match find sub rep format lower upper byte " ..
  "sleep loop step spawn"):gmatch("%S+") do foreign[word] = true end

local function shown_code()
  local all = {}
  for path in ("README.md docs/guide.md docs/testing.md docs/errors.md docs/moving.md docs/migration.md"):gmatch("%S+") do
    for block in page.read(path):gmatch("\n```lua[^\n]*\n(.-)\n```") do all[#all + 1] = { path, block } end
  end
  for _, path in ipairs(lines_of("ls examples/*.lua")) do all[#all + 1] = { path, page.read(path) } end
  return all
end

describe("the reference", function()
  it("has every method that the documentation and the examples call", function()
    local text, operations, count = page.read("docs/reference.md"), require "bedrock.operations", 0
    for _, shown in ipairs(shown_code()) do
      for name in shown[2]:gmatch("[%w_)%]]:([%l_][%w_]*)%s*[({\"]") do
        if not foreign[name] and not operations.find(name) then
          count = count + 1
          assert.is_truthy(text:find("[%w_]:" .. name .. "%f[^%w_]"), ("%s: %s is not in the reference"):format(shown[1], name))
        end
      end
    end
    assert.is_true(count > 50)
  end)
end)

describe("types for editors", function()
  it("name only types that are there", function()
    local known, files = {}, lines_of("find lua/bedrock -name '*.lua'")
    for _, path in ipairs(files) do
      for name in ("\n" .. page.read(path)):gmatch("\n%-%-%-@%l+ (bedrock%.[%w_.]+)") do known[name] = true end
    end
    local function check(kind, where)
      for name in (kind or ""):gsub('"[^"]*"', ""):gmatch("%f[%w]bedrock%.[%w_.]*[%w_]") do
        assert.is_true(known[name], where .. ": there is no type " .. name)
      end
    end
    for _, path in ipairs(files) do
      for _, item in ipairs((annotations.read(page.read(path)))) do
        for _, list in ipairs { item.params or {}, item.returns or {}, item.fields or {} } do
          for _, part in ipairs(list) do check(part.type, path .. ": " .. item.name) end
        end
      end
    end
  end)

  it("list every option of bedrock.new, and no other", function()
    local source, options = page.read("lua/bedrock/config.lua"), {}
    for name in source:match("\nlocal options_table = (%b{})"):gmatch("([%w_]+) = \"") do options[name] = true end
    local typed = {}
    for _, item in ipairs((annotations.read(page.read("lua/bedrock/types.lua")))) do
      for _, field in ipairs(item.name == "bedrock.Options" and item.fields or {}) do typed[field.name] = true end
    end
    assert.same(options, typed)
  end)

  it("are Lua that does nothing", function()
    for _, path in ipairs { "lua/bedrock/types.lua", "lua/bedrock/operations/types.lua" } do
      assert.is_nil(assert(loadfile(path))())
    end
  end)
end)

-- Links ---------------------------------------------------------------------------------------------------------------

local pages = {}
for _, path in ipairs(lines_of("ls *.md docs/*.md")) do pages[path] = page.read(path) end

-- What is code is no link.
local function prose(text)
  return (text:gsub("\n```.-\n```", "\n"):gsub("`[^`\n]*`", "`"))
end

local function anchors(text)
  local set = {}
  for heading in ("\n" .. text:gsub("\n```.-\n```", "\n")):gmatch("\n#+ ([^\n]*)") do
    set[reference.anchor((heading:gsub("%[([^%]]*)%]%b()", "%1")))] = true
  end
  return set
end

local function resolved(from, target)
  local folder = from:match("^(.*/)") or ""
  local path = folder .. target
  while path:find("[^/]+/%.%./") do path = path:gsub("[^/]+/%.%./", "", 1) end
  return path
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Files and targets ---------------------------------------------------------------------------------------------------

local function matches(pattern)
  return #lines_of("ls -d " .. pattern .. " 2>/dev/null") > 0
end

-- Names that stand for others: spec/NAME_spec.lua, l*.c.
local function is_pattern(path)
  return path:find("%u%u") ~= nil and not path:find("README") and not path:find("CHANGELOG")
end

local folders = { lua = true, src = true, spec = true, bench = true, examples = true, docs = true, bin = true, rockspec = true,
  man = true, completions = true, [".ci"] = true }

local function targets()
  local set = {}
  for name in ("\n" .. page.read("Makefile")):gmatch("\n([%a-]+):") do set[name] = true end
  return set
end

describe("the pages for those who will change it", function()
  for _, path in ipairs { "CONTRIBUTING.md", "docs/inside.md", "README.md", "docs/hosts.md" } do
    it(path .. " names only files and folders that are there", function()
      local count = 0
      for word in pages[path]:gmatch("`([%w_./*-]+)`") do
        local first = word:match("^([%w.]+)/")
        if first and folders[first] and not is_pattern(word) then
          count = count + 1
          assert.is_true(matches(word), word .. " is not there")
        end
      end
      assert.is_true(count > 2)
    end)

    it(path .. " names only targets of make that are there", function()
      local known, count = targets(), 0
      for word in pages[path]:gmatch("[`\n]make ([%l][%l-]*)") do
        count = count + 1
        assert.is_true(known[word] == true, "there is no target " .. word)
      end
      assert.is_true(count > 0)
    end)
  end
end)

describe("every link", function()
  for path, text in pairs(pages) do
    it("of " .. path .. " leads somewhere", function()
      for target in prose(text):gmatch("%]%(([^)]+)%)") do
        local file, anchor = target:match("^([^#]*)#?(.*)$")
        if not target:find("^https?://") then
          local there = file == "" and path or resolved(path, file)
          assert.is_true(exists(there), ("%s: %s is not there"):format(path, target))
          if anchor ~= "" then
            local known = anchors(pages[there] or page.read(there))
            assert.is_true(known[anchor] == true, ("%s: %s has no such heading"):format(path, target))
          end
        end
      end
    end)
  end
end)
