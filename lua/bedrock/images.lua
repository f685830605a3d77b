--- How large an image is, read from the first bytes of a png, gif, jpeg or webp. Pure; nothing is decoded.

local images = {}

local function big_endian(bytes, at, n)
  local value = 0
  for i = at, at + n - 1 do
    local byte = bytes:byte(i)
    if not byte then return nil end
    value = value * 256 + byte
  end
  return value
end

local function little_endian(bytes, at, n)
  return big_endian(bytes:sub(at, at + n - 1):reverse(), 1, n)
end

-- What does not look right where it is known what stands there is no such image, whatever it begins with.

local function png(bytes)
  if bytes:sub(13, 16) ~= "IHDR" then return nil end
  return big_endian(bytes, 17, 4), big_endian(bytes, 21, 4)
end

local function gif(bytes)
  if bytes:byte(13) ~= 0 then return nil end   -- the shape of its pixels: square
  return little_endian(bytes, 7, 2), little_endian(bytes, 9, 2)
end

-- The segments of a jpeg up to the one that begins a frame: FF C0 to CF, but for the tables C4, C8 and CC.
local function jpeg(bytes)
  local at = 3
  while true do
    local marker, length = bytes:byte(at + 1), big_endian(bytes, at + 2, 2)
    if bytes:byte(at) ~= 0xFF or not marker or not length then return nil end
    if marker >= 0xC0 and marker <= 0xCF and marker ~= 0xC4 and marker ~= 0xC8 and marker ~= 0xCC then
      return big_endian(bytes, at + 7, 2), big_endian(bytes, at + 5, 2)
    end
    at = at + 2 + length
  end
end

-- Three kinds of webp: with losses (14 bits each), without (14 bits each, less one, packed), and extended (24 bits, less one).
local function webp(bytes)
  local kind = bytes:sub(13, 16)
  if kind == "VP8X" and bytes:sub(17, 20) == "\10\0\0\0" then
    local width, height = little_endian(bytes, 25, 3), little_endian(bytes, 28, 3)
    if width and height then return width + 1, height + 1 end
  elseif kind == "VP8L" and bytes:byte(21) == 0x2f then
    local packed = little_endian(bytes, 22, 4)
    if packed then return packed % 16384 + 1, math.floor(packed / 16384) % 16384 + 1 end
  elseif kind == "VP8 " and bytes:sub(24, 26) == "\157\1\42" then
    local width, height = little_endian(bytes, 27, 2), little_endian(bytes, 29, 2)
    if width and height then return width % 16384, height % 16384 end
  end
end

local readers = {
  { "^\137PNG\r\n\26\n", png }, { "^GIF8[79]a", gif }, { "^\255\216\255", jpeg }, { "^RIFF....WEBP", webp },
}

--- Width and height of an image, in pixels.
---@param bytes string the image, or its beginning
---@return integer? width nil when it cannot be told
---@return integer? height
function images.size(bytes)
  for _, row in ipairs(readers) do
    if bytes:find(row[1]) then
      local width, height = row[2](bytes)
      if width and height then return width, height end
      return nil
    end
  end
end

return images
