-- Plays examples/love by itself: love spec/hosts/love_scene OUT SHOTS. Types a question, watches the answer appear, hushes
-- another one, and meets a failure. Screenshots go into SHOTS, what was seen into OUT, a line each.

package.path = "examples/love/?.lua;" .. package.path

love.filesystem.getSourceBaseDirectory = function() return "examples" end

local keeper
local new_keeper = require "keeper"
package.loaded.keeper = function()
  keeper = new_keeper()
  return keeper
end

dofile("examples/love/main.lua")

local load, update = love.load, love.update
local out, shots, script, lines = nil, nil, nil, {}
local steps, lengths, biggest = 0, {}, 0

local function note(name, value)
  lines[#lines + 1] = name .. "=" .. tostring(value)
end

local function shot(name)
  love.graphics.captureScreenshot(function(image)
    local file = assert(io.open(shots .. "/" .. name .. ".png", "wb"))
    file:write(image:encode("png"):getString())
    file:close()
  end)
  coroutine.yield()
end

local function type_in(text)
  for letter in text:gmatch(".") do love.textinput(letter) end
  love.keypressed("return")
end

local function until_(condition)
  for _ = 1, 100000 do
    if condition() then return end
    coroutine.yield()
  end
  error("it never came")
end

local function play()
  until_(function() return keeper:mood() == "quiet" end)
  shot("hello")
  type_in("Hello Ilse! What do you see from up there, on a night as clear as this one, when all the ships are far out?")
  until_(function() return keeper:mood() == "thinking" end)
  local before = 0
  until_(function()
    local said = #keeper.voice:said()
    lengths[said] = true
    biggest, before = math.max(biggest, said - before), said
    if said == 60 then shot("speaking") end
    return keeper:mood() == "quiet" and said > 0
  end)
  shot("said")
  note("said", keeper.voice:said())
  local count = 0
  for _ in pairs(lengths) do count = count + 1 end
  note("lengths", count)
  note("biggest", biggest)
  type_in("@words 300")
  until_(function() return keeper.voice:said():find("word3 ") end)
  love.keypressed("escape")
  note("after_hush", keeper:mood())
  for _ = 1, 5 do coroutine.yield() end
  keeper.client.settings.endpoint = "http://127.0.0.1:1"
  type_in("Are you still there?")
  until_(function() return keeper.trouble end)
  shot("trouble")
  note("trouble", keeper.trouble)
  note("steps", steps)
  local file = assert(io.open(out, "w"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
  love.event.quit()
end

function love.load(arguments)
  out, shots = arguments[1], arguments[2]
  load()
  script = coroutine.create(play)
end

function love.update(dt)
  steps = steps + 1
  update(dt)
  local ok, why = coroutine.resume(script)
  if not ok then error(why, 0) end
end

function love.errorhandler(message)
  io.stderr:write(debug.traceback(tostring(message)), "\n")
  return function() return 1 end
end
