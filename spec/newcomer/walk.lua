-- What a newcomer does with the README, in his place: lua5.4 spec/newcomer/walk.lua blocks|block|lua|sessions README.md [FOLDER|HOST]
--
--   blocks     write each shell block into FOLDER, named by its line
--   block      print the block of Lua that is marked with the host's name
--   lua        run the Lua blocks on the installed module, against the emulator that the environment names
--   sessions   run the commands that are shown with their output, and compare
--
-- Of the checkout only this folder's helpers are loaded, never the library.

package.path = "./?.lua;" .. package.path:gsub("%./%?%.lua;?", ""):gsub("%./%?/init%.lua;?", "")

local page = require "spec.support.page"

local walk = {}

function walk.blocks(path, folder)
  for _, block in ipairs(page.blocks(page.read(path), "sh")) do
    local file = assert(io.open(("%s/%04d.sh"):format(folder, block.line), "w"))
    file:write(block.code)
    file:close()
  end
end

function walk.block(path, host)
  io.write((assert(page.read(path):match("\n```lua " .. host .. "\n(.-\n)```"), "no block for " .. host)))
end

local function report(passed, failed)
  print(("%d passed, %d failed"):format(passed, failed))
  os.exit(failed == 0)
end

walk["lua"] = function(path)
  local server = {
    url = os.getenv "AWS_ENDPOINT_URL", access_key_id = os.getenv "AWS_ACCESS_KEY_ID",
    secret_access_key = os.getenv "AWS_SECRET_ACCESS_KEY",
  }
  local files = { ["report.pdf"] = "%PDF-1.4 (It grew by half.) Tj", ["photo.png"] = "\137PNG\r\n\26\n and the rest" }
  local ok, why, count = pcall(page.run, path, server, { files = files })
  print(why)
  report(ok and count or 0, ok and 0 or 1)
end

local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

function walk.sessions(path)
  local passed, failed = 0, 0
  for _, session in ipairs(page.sessions(page.read(path))) do
    local text = output_of(session.command)
    if text == session.output then
      passed = passed + 1
    else
      failed = failed + 1
      print(("$ %s\nprints:\n%sinstead of:\n%s"):format(session.command, text, session.output))
    end
  end
  report(passed, failed)
end

walk[arg[1]](arg[2], arg[3])
