local system = require "bedrock.system"

local function scratch()
  local path = os.tmpname()
  os.remove(path)
  assert(system.mkdir(path))
  return path
end

describe("A command", function()
  it("gives its outputs and its exit code", function()
    local result = assert(system.run("printf out; printf err >&2; exit 3"))
    assert.same({ "out", "err", 3 }, { result.stdout, result.stderr, result.code })
    assert.is_false(result.timed_out)
    assert.is_false(result.overflow)
  end)

  it("is run by a shell, so that pipes work", function()
    assert.same("HELLO\n", assert(system.run("echo hello | tr a-z A-Z")).stdout)
  end)

  it("gets nothing as its input", function()
    assert.same("", assert(system.run("cat")).stdout)
  end)

  it("may print zero bytes and much on both outputs at once", function()
    local result = assert(system.run("printf 'a\\000b'; head -c 300000 /dev/zero >&2"))
    assert.same("a\0b", result.stdout)
    assert.same(300000, #result.stderr)
  end)

  it("is killed with all that it started when its time is up", function()
    local path = os.tmpname()
    local result = assert(system.run(("sh -c 'echo $$ > %s; exec sleep 60' & wait"):format(path), { timeout = 0.5 }))
    assert.is_true(result.timed_out)
    assert.is_nil(result.code)
    local pid = tonumber(system.read_file(path))
    local gone = ("for i in 1 2 3 4 5 6 7 8 9 10; do grep -qs '^State:.[^Z]' /proc/%d/status || exit 0; sleep 0.1; done; exit 1")
      :format(pid)
    assert.same(0, assert(system.run(gone)).code)
    os.remove(path)
  end)

  it("is killed when it prints more than it may", function()
    local result = assert(system.run("cat /dev/zero", { timeout = 30, limit = 10000 }))
    assert.is_true(result.overflow)
    assert.is_true(#result.stdout <= 10000)
  end)

  it("is over when it has ended, although a child of its own still holds its outputs open", function()
    local result = assert(system.run("sleep 60 & echo done", { timeout = 30 }))
    assert.same("done\n", result.stdout)
    assert.is_false(result.timed_out)
  end)

  it("that closes its outputs is waited for", function()
    assert.same(7, assert(system.run("exec >&- 2>&-; sleep 0.1; exit 7")).code)
  end)

  it("that a signal ended says which", function()
    local result = assert(system.run("kill -9 $$"))
    assert.same(9, result.signal)
    assert.is_nil(result.code)
  end)

  it("that does not exist ends with the shell's code for that", function()
    assert.same(127, assert(system.run("/nonexistent/command 2>/dev/null")).code)
  end)

  it("leaves no descriptor open", function()
    collectgarbage()
    collectgarbage() -- files of other specs
    local function count() -- after a while: just now we are closing the command's ends of its pipes
      return assert(system.run("sleep 0.2; ls /proc/$PPID/fd | wc -l")).stdout
    end
    local before = count()
    for _ = 1, 20 do system.run("true") end
    assert.same(before, count())
  end)
end)

describe("A file", function()
  it("is replaced as a whole, for its owner only, and nothing stays behind", function()
    local dir = scratch()
    local path = dir .. "/cache.json"
    assert(system.write_file(path, "first"))
    assert(system.write_file(path, "second\0bytes"))
    assert.same("second\0bytes", system.read_file(path))
    assert.same("-rw-------", assert(system.run("ls -l " .. path)).stdout:sub(1, 10))
    assert.same("cache.json\n", assert(system.run("ls -A " .. dir)).stdout)
    system.run("rm -r " .. dir)
  end)

  it("that is a symbolic link stays one", function()
    local dir = scratch()
    assert(system.write_file(dir .. "/real", "old"))
    system.run(("ln -s %s/real %s/link"):format(dir, dir))
    assert(system.write_file(dir .. "/link", "new"))
    assert.same("new", system.read_file(dir .. "/real"))
    assert.same("l", assert(system.run("ls -l " .. dir .. "/link")).stdout:sub(1, 1))
    system.run("rm -r " .. dir)
  end)

  it("cannot be written where there is no directory, and the error says where", function()
    local ok, why = system.write_file("/nonexistent/dir/file", "x")
    assert.is_nil(ok)
    assert.matches("/nonexistent/dir/file: No such file", why)
  end)

  it("has a time with a fraction, and a size", function()
    local path = os.tmpname()
    assert(system.write_file(path, "12345"))
    local found = assert(system.stat(path))
    assert.same(5, found.size)
    assert.is_true(math.abs(found.mtime - system.now()) < 60)
    os.remove(path)
  end)

  it("that is missing is told apart from one that cannot be read", function()
    local found, _, missing = system.stat("/nonexistent")
    assert.is_nil(found)
    assert.is_true(missing)
    local content, why, absent = system.read_file("/nonexistent")
    assert.is_nil(content)
    assert.is_true(absent)
    assert.matches("/nonexistent", why)
    content, _, absent = system.read_file("/")
    assert.is_nil(content)
    assert.is_not_true(absent)
  end)

  it("that may be large is read whole: a string up to a megabyte, then a buffer", function()
    local path = os.tmpname()
    for _, case in ipairs { { 0, "string" }, { 1, "string" }, { 2 ^ 20 - 1, "string" }, { 2 ^ 20, "userdata" },
      { 7 * 2 ^ 20 + 3, "userdata" } } do
      local text = ("abc\0\255"):rep(math.ceil(case[1] / 5)):sub(1, case[1])
      assert(system.write_file(path, text))
      local content = assert(system.read_file(path, true))
      assert.equal(case[2], type(content))
      assert.is_true(tostring(content) == text)
      assert.equal(#text, #content)
    end
    assert.matches("^Linux", system.read_file("/proc/version", true)) -- it says that it has no bytes
    local content, why, missing = system.read_file(path .. "x", true)
    assert.same({ true, true }, { content == nil, missing })
    assert.matches("No such file", why)
    os.remove(path)
    assert.same({ nil, "/: Is a directory" }, { system.read_file("/", true) })
  end)

  it("that is large and no longer used does not wait for much else to be made before it is freed", function()
    local path = os.tmpname()
    assert(system.write_file(path, ("x"):rep(8 * 2 ^ 20)))
    collectgarbage()
    local alive, count = setmetatable({}, { __mode = "v" }), 0
    for i = 1, 60 do alive[i] = assert(system.read_file(path, true)) end
    os.remove(path)
    for _ in pairs(alive) do count = count + 1 end
    assert.is_true(count > 0 and count < 20, count)
  end)
end)

describe("The clocks", function()
  it("have fractions, and the monotonic one never goes back", function()
    assert.is_true(math.abs(system.now() - os.time()) <= 2)
    local before = system.monotonic()
    for _ = 1, 1000 do
      local now = system.monotonic()
      assert.is_true(now >= before)
      before = now
    end
    assert.not_same(before, math.floor(before))
  end)
end)

describe("An empty variable", function()
  it("is unset", function()
    assert.is_nil(system.getenv("BEDROCK_NO_SUCH_VARIABLE"))
    assert.is_string(system.getenv("PATH"))
  end)
end)
