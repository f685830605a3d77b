function love.conf(t)
  t.identity = "bedrock-spec-scene"
  t.window.width, t.window.height, t.window.vsync = 960, 540, 0
  t.modules.audio, t.modules.sound, t.modules.joystick, t.modules.physics = false, false, false, false
end
