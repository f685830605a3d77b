-- Talk with Ilse, who keeps a lighthouse. Type and press Enter; Escape hushes her, and once more leaves the game.
--
--   examples/love/start            against the local emulator
--   love examples/love             against AWS, with the credentials of your environment

require "where"

local new_keeper = require "keeper"
local scene = require "scene"
local utf8 = require "utf8"

local keeper, fonts
local typed, time = "", 0

function love.load()
  fonts = { speech = love.graphics.newFont(18), small = love.graphics.newFont(14) }
  love.keyboard.setKeyRepeat(true)
  keeper = new_keeper()
  keeper.voice:add("Mind the weed, it is slippery. I am Ilse. What brings you out here at this hour?")
end

function love.update(dt)
  time = time + dt
  keeper:update(dt)
end

---- What is said

local function rounded(x, y, w, h, color)
  love.graphics.setColor(color)
  love.graphics.rectangle("fill", x, y, w, h, 12)
end

-- The bubble grows with what is in it, upwards from Ilse's head.
local function draw_bubble(text, color, w, head_x, head_y)
  local width = math.min(w * .55, 520)
  local _, lines = fonts.speech:getWrap(text, width - 36)
  local height = #lines * fonts.speech:getHeight() * 1.25 + 28
  local x, y = math.min(head_x + 40, w - width - 20), math.max(head_y - 40 - height, 16)
  rounded(x, y, width, height, { .97, .95, .9 })
  love.graphics.polygon("fill", x + 22, y + height - 4, x + 52, y + height - 4, head_x + 24, head_y - 18)
  love.graphics.setColor(color)
  love.graphics.setFont(fonts.speech)
  fonts.speech:setLineHeight(1.25)
  love.graphics.printf(text, x + 18, y + 14, width - 36)
end

local function draw_speech(w, head_x, head_y)
  local mood, text = keeper:mood(), keeper.voice:said()
  if keeper.trouble then
    draw_bubble("(The wind takes the words away: " .. keeper.trouble .. ")", { .62, .2, .18 }, w, head_x, head_y)
  elseif mood == "thinking" then
    draw_bubble(("."):rep(math.floor(time * 3) % 3 + 1), { .3, .3, .34 }, w, head_x, head_y)
  elseif text ~= "" then
    draw_bubble(text, { .15, .15, .2 }, w, head_x, head_y)
  end
end

local function draw_prompt(w, h)
  local x, y, width = 24, h - 62, w - 48
  rounded(x, y, width, 38, { 0, 0, 0, .45 })
  love.graphics.setFont(fonts.speech)
  love.graphics.setScissor(x + 8, y, width - 16, 38)
  local shift = math.max(0, fonts.speech:getWidth(typed) - (width - 48))
  if typed == "" then
    love.graphics.setColor(1, 1, 1, .5)
    love.graphics.print("Say something to Ilse", x + 22, y + 8)
  end
  love.graphics.setColor(1, .98, .92)
  love.graphics.print(typed, x + 16 - shift, y + 8)
  if time % 1 < .5 then
    love.graphics.rectangle("fill", x + 17 - shift + fonts.speech:getWidth(typed), y + 9, 2, 21)
  end
  love.graphics.setScissor()
  love.graphics.setFont(fonts.small)
  love.graphics.setColor(1, 1, 1, .5)
  love.graphics.printf(love.timer.getFPS() .. " frames a second", x, 10, width, "right")
end

function love.draw()
  local w, h = love.graphics.getDimensions()
  local head_x, head_y = scene.draw(w, h, keeper:mood(), time)
  draw_speech(w, head_x, head_y)
  draw_prompt(w, h)
end

---- What is typed

function love.textinput(text)
  typed = typed .. text
end

local keys = {}

function keys.backspace()
  local last = utf8.offset(typed, -1)
  if last then typed = typed:sub(1, last - 1) end
end

keys["return"] = function()
  local text = typed:match("^%s*(.-)%s*$")
  typed = ""
  if text ~= "" then keeper:ask(text) end
end

keys.kpenter = keys["return"]

function keys.escape()
  if keeper:mood() == "quiet" then return love.event.quit() end
  keeper:hush()
  keeper.voice.letters = keeper.voice.shown
end

function love.keypressed(key)
  if keys[key] then keys[key]() end
end

function love.quit()
  keeper:hush()
end
