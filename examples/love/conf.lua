function love.conf(t)
  t.identity = "lighthouse"
  t.version = "11.4"
  t.window.title = "The keeper of the lighthouse"
  t.window.width, t.window.height = 960, 540
  t.window.resizable, t.window.minwidth, t.window.minheight = true, 640, 400
  t.modules.joystick, t.modules.physics, t.modules.video = false, false, false
end
