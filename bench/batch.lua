-- How fast batches are written and read back, and in how much memory.
--
--   make run SCRIPT=bench/batch.lua ARGS="1000000 1000"      records, and bytes of each prompt
--
-- Ratios are those of the bytes on disk: against lua-cjson and io.write in a loop, which keeps no ids, checks nothing and
-- gives no order to keys, and against writing one ready line again and again, which is what the disk and stdio can do.

local bedrock = require "bedrock"
local jsonl = require "bedrock.jsonl"

local count, size = tonumber(arg[1] or 1000000), tonumber(arg[2] or 1000)
local folder = arg[3] or os.tmpname()
os.remove(folder)

local prompt = ("The quick brown fox jumps over the lazy dog. "):rep(math.ceil(size / 45)):sub(1, size)

local function input(i)
  return { max_tokens = 64, messages = { { role = "user", content = prompt .. i } } }
end

local function records()
  local i = 0
  return function()
    i = i + 1
    return i <= count and { recordId = ("Q%010d"):format(i), modelInput = input(i) } or nil
  end
end

-- The most memory that this process has had, in MiB; only Linux tells.
local function peak()
  local file = io.open("/proc/self/status")
  local text = file and file:read("*a") or ""
  if file then file:close() end
  return (tonumber(text:match("VmHWM:%s*(%d+)")) or 0) / 1024
end

local system = require "bedrock.system"

local function timed(name, work)
  collectgarbage()
  local began = system.monotonic()
  local bytes = work()
  local seconds = system.monotonic() - began
  local speed = bytes / 1e6 / seconds
  print(("%-28s %8.2f s %8.0f MB/s   peak %5.1f MiB"):format(name, seconds, speed, peak()))
  return speed
end

local function bytes_of(run)
  local bytes = 0
  for _, part in ipairs(run.state.parts) do bytes = bytes + part.bytes end
  return bytes
end

local client = bedrock.new { region = "us-east-1", access_key_id = "AKIDEXAMPLE", secret_access_key = "example" }
local run = assert(bedrock.batch.open(client, {
  folder = folder, s3 = "s3://bench/run", role_arn = "arn:aws:iam::123456789012:role/Bench", model = "bench",
}))

print(("%d records, prompts of %d bytes, on %s"):format(count, size, rawget(_G, "jit") and jit.version or _VERSION))
local written = timed("written as a batch", function()
  assert(run:write(records()))
  return bytes_of(run)
end)

-- Each file joined to itself: every line is found by its id and both are decoded, as results are.
local joined = timed("read back, joined", function()
  local n = 0
  for _, part in ipairs(run.state.parts) do
    local path = folder .. "/" .. part.file
    for record, answer in assert(jsonl.join(path, path)) do
      assert(record.recordId == answer.recordId)
      n = n + 1
    end
  end
  assert(n == count)
  return 2 * bytes_of(run)
end)

local path = folder .. "/plain"

local plain = timed("one line and io.write", function()
  local line = bedrock.json.encode({ recordId = "Q0000000001", modelInput = input(1) }) .. "\n"
  local file, bytes = assert(io.open(path, "wb")), 0
  file:setvbuf("full", 256 * 1024)
  for _ = 1, count do
    file:write(line)
    bytes = bytes + #line
  end
  file:close()
  return bytes
end)

local found, cjson = pcall(require, "cjson")
local peer = found and timed("lua-cjson and io.write", function()
  local file, bytes = assert(io.open(path, "wb")), 0
  file:setvbuf("full", 256 * 1024)
  for record in records() do
    local line = cjson.encode(record)
    file:write(line, "\n")
    bytes = bytes + #line + 1
  end
  file:close()
  return bytes
end)

print(("written: %.2f of io.write alone"):format(written / plain))
if peer then print(("written: %.2f of lua-cjson"):format(written / peer)) end
print(("read back: %.2f of what writing takes"):format(joined / written))
os.execute("rm -r " .. folder)
