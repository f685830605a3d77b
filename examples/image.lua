-- A question about an image: png, jpeg, gif or webp, recognised by its bytes.
--
--   make run SCRIPT=examples/image.lua ARGS="photo.jpg 'What is this?'"

local bedrock = require "bedrock"

-- A red disc on white, 24 pixels wide, for those who have no image at hand.
local disc = [[
89504e470d0a1a0a0000000d4948445200000018000000180103000000dab9afbb00000006504c5445ffffffc81e1ee4301
63a000000314944415478da636080813a0606c6ff0d0cecff1f30f0ffff00c6f2ff7f80b1fdff3f58314c1ea61ea4176406
c82c280000f8742575c03470540000000049454e44ae426082]]

local function bytes_of(hex)
  return (hex:gsub("%s", ""):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local client = bedrock.new()
local reply = assert(client.messages:create {
  model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
  max_tokens = 256,
  messages = { {
    role = "user",
    content = { assert(bedrock.content.image(arg[1] or { bytes = bytes_of(disc) })), arg[2] or "What do you see?" },
  } },
})

print(reply:text())
print(("(%d tokens in, %d out)"):format(reply.usage.input_tokens, reply.usage.output_tokens))
