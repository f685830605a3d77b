function love.conf(t)
  t.identity = "bedrock-spec"
  t.modules.audio, t.modules.sound, t.modules.joystick, t.modules.physics = false, false, false, false
  t.window.width, t.window.height = 320, 200
end
