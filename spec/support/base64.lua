--- Base64 for test data, in Lua and without our own C code, so that neither judges itself.
local base64 = {}

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local value_of = {}
for i = 1, #digits do value_of[digits:byte(i)] = i - 1 end

--- Decodes text; whatever is not a digit ends it.
---@param text string
---@return string bytes
function base64.decode(text)
  local out, bits, held = {}, 0, 0
  for i = 1, #text do
    local value = value_of[text:byte(i)]
    if not value then break end
    held, bits = held * 64 + value, bits + 6
    if bits >= 8 then
      bits = bits - 8
      local byte = math.floor(held / 2 ^ bits)
      out[#out + 1] = string.char(byte)
      held = held - byte * 2 ^ bits
    end
  end
  return table.concat(out)
end

return base64
