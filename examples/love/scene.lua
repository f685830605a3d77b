-- A night at the sea, drawn from shapes: sky, moon, waves, the lighthouse with its turning light, and Ilse at its foot.

local scene = {}

local stars = {}
do
  local random = love.math.newRandomGenerator(7)
  for i = 1, 140 do
    stars[i] = { x = random:random(), y = random:random() ^ 1.5, size = random:random() * 1.1 + .4, phase = random:random() * 6 }
  end
end

local function gradient(top, bottom, y, height, width)
  local steps = 48
  for i = 0, steps - 1 do
    local t = i / (steps - 1)
    local color = {}
    for part = 1, 3 do color[part] = top[part] + (bottom[part] - top[part]) * t end
    love.graphics.setColor(color)
    love.graphics.rectangle("fill", 0, y + height * i / steps, width, height / steps + 1)
  end
end

local function draw_sky(w, horizon, time)
  gradient({ .04, .06, .14 }, { .18, .22, .36 }, 0, horizon + 10, w)
  for _, star in ipairs(stars) do
    love.graphics.setColor(1, .97, .88, .45 + .35 * math.sin(time * 1.3 + star.phase))
    love.graphics.circle("fill", star.x * w, star.y * horizon * .92, star.size)
  end
  local x, y = w * .8, horizon * .26
  for i = 4, 1, -1 do
    love.graphics.setColor(1, .96, .82, .035)
    love.graphics.circle("fill", x, y, 34 + i * 16)
  end
  love.graphics.setColor(.98, .95, .84)
  love.graphics.circle("fill", x, y, 34)
  love.graphics.setColor(.9, .86, .74)
  love.graphics.circle("fill", x - 9, y - 6, 6)
  love.graphics.circle("fill", x + 11, y + 9, 4)
end

local function draw_wave(w, h, y, height, speed, length, color, time)
  local points = { 0, h }
  for x = 0, w + 12, 12 do
    local swell, ripple = math.sin(x / length + time * speed), math.sin(x / (length * .37) - time * speed)
    points[#points + 1], points[#points + 2] = x, y + (swell + ripple * .4) * height
  end
  points[#points + 1], points[#points + 2] = w, h
  love.graphics.setColor(color)
  for i = 3, #points - 4, 2 do
    love.graphics.polygon("fill", points[i], points[i + 1], points[i + 2], points[i + 3], points[i + 2], h, points[i], h)
  end
end

local function draw_beam(x, y, w, time)
  local turn = math.sin(time * .5)
  local reach, spread = w * 1.1, 55 + 45 * math.abs(turn)
  for _, side in ipairs { 1, -1 } do
    love.graphics.setColor(1, .93, .65, .05 + .07 * math.abs(turn))
    love.graphics.polygon("fill", x, y, x + side * reach * turn, y - spread, x + side * reach * turn, y + spread)
  end
end

local function draw_lamp(x, y, scale)
  for radius = 26, 8, -6 do
    love.graphics.setColor(1, .93, .65, .16)
    love.graphics.circle("fill", x, y, radius * scale)
  end
  love.graphics.setColor(1, .97, .82)
  love.graphics.circle("fill", x, y, 7 * scale)
end

local function draw_tower(x, foot, scale)
  local function at(dx, dy) return x + dx * scale, foot - dy * scale end
  local function band(low, high, color)
    local function half(height) return 30 - height * .055 end
    local x1, y1 = at(-half(low), low)
    local x2, y2 = at(half(low), low)
    local x3, y3 = at(half(high), high)
    local x4, y4 = at(-half(high), high)
    love.graphics.setColor(color)
    love.graphics.polygon("fill", x1, y1, x2, y2, x3, y3, x4, y4)
  end
  for i = 0, 4 do band(i * 44, i * 44 + 44, i % 2 == 0 and { .86, .83, .78 } or { .63, .24, .2 }) end
  love.graphics.setColor(.16, .17, .22)
  love.graphics.rectangle("fill", x - 26 * scale, foot - 228 * scale, 52 * scale, 8 * scale)
  love.graphics.setColor(.24, .26, .32)
  love.graphics.rectangle("fill", x - 14 * scale, foot - 254 * scale, 28 * scale, 26 * scale)
  love.graphics.setColor(.5, .18, .16)
  love.graphics.polygon("fill", x - 20 * scale, foot - 254 * scale, x + 20 * scale, foot - 254 * scale, x, foot - 280 * scale)
  love.graphics.setColor(.2, .16, .14)
  love.graphics.rectangle("fill", x - 9 * scale, foot - 28 * scale, 18 * scale, 28 * scale, 4)
end

local function draw_rock(x, y, w)
  love.graphics.setColor(.12, .12, .15)
  love.graphics.ellipse("fill", x, y + 26, w, 44)
  love.graphics.setColor(.17, .17, .2)
  love.graphics.ellipse("fill", x - w * .2, y + 20, w * .7, 30)
end

-- Ilse: yellow oilskin, white hair, a lantern. She breathes, looks up while she thinks, and her mouth moves as she speaks.
local function draw_keeper(x, y, s, mood, time)
  local breath = math.sin(time * 1.8) * 1.2
  local function ellipse(color, dx, dy, rx, ry)
    love.graphics.setColor(color)
    love.graphics.ellipse("fill", x + dx * s, y + dy * s, rx * s, ry * s)
  end
  ellipse({ .08, .08, .1, .6 }, 0, 2, 30, 6)
  ellipse({ .2, .2, .24 }, -9, -4, 8, 5)
  ellipse({ .2, .2, .24 }, 9, -4, 8, 5)
  love.graphics.setColor(.85, .66, .2)
  love.graphics.polygon("fill", x - 24 * s, y - 6 * s, x + 24 * s, y - 6 * s, x + 15 * s, y - (62 + breath) * s, x - 15 * s,
    y - (62 + breath) * s)
  love.graphics.setColor(.68, .51, .14)
  love.graphics.setLineWidth(2 * s)
  love.graphics.line(x, y - 8 * s, x, y - (58 + breath) * s)
  local head = -76 - breath
  ellipse({ .92, .9, .88 }, 0, head - 2, 18, 19)
  ellipse({ .9, .72, .6 }, 0, head + 2, 14, 15)
  love.graphics.setColor(.85, .66, .2)
  love.graphics.arc("fill", x, y + (head - 4) * s, 19 * s, math.pi, 2 * math.pi)
  love.graphics.rectangle("fill", x - 23 * s, y + (head - 6) * s, 46 * s, 5 * s, 2 * s)
  local look = mood == "thinking" and -2 or 0
  local blink = time % 4 < .12 and .3 or 2
  ellipse({ .16, .13, .12 }, -5, head + 3 + look, 1.8, blink)
  ellipse({ .16, .13, .12 }, 5, head + 3 + look, 1.8, blink)
  local open = mood == "speaking" and 1 + 2.2 * math.abs(math.sin(time * 11)) or .9
  ellipse({ .5, .2, .18 }, 0, head + 10, 4, open)
  love.graphics.setColor(.3, .28, .26)
  love.graphics.line(x + 18 * s, y - 46 * s, x + 34 * s, y - 34 * s)
  ellipse({ 1, .85, .45, .12 }, 36, -24, 30, 30)
  ellipse({ 1, .85, .45, .25 }, 36, -24, 14, 14)
  love.graphics.setColor(.25, .24, .24)
  love.graphics.rectangle("fill", x + 30 * s, y - 34 * s, 12 * s, 20 * s, 3 * s)
  ellipse({ 1, .9, .6 }, 36, -24, 4, 6)
end

--- Draws all of it. Answers where Ilse's head is.
function scene.draw(w, h, mood, time)
  local horizon, foot = h * .62, h * .72
  local scale = h / 540
  local tower = w * .2
  draw_sky(w, horizon, time)
  local light_x, light_y = tower, foot - 241 * scale
  draw_beam(light_x, light_y, w, time)
  draw_wave(w, h, horizon, 3, .5, 90, { .1, .15, .26 }, time)
  draw_wave(w, h, horizon + 28, 5, .7, 60, { .08, .12, .22 }, time)
  draw_rock(w * .22, foot, w * .22)
  draw_tower(tower, foot + 4, scale)
  draw_lamp(light_x, light_y, scale)
  draw_keeper(w * .345, foot + 14 * scale, 1.05 * scale, mood, time)
  draw_wave(w, h, foot + 44 * scale, 6, .9, 48, { .05, .08, .16 }, time)
  return w * .345, foot - 70 * scale
end

return scene
