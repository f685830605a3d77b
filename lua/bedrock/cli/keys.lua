--- What a terminal sends, as names of keys. Pure: bytes in, keys out, and the bytes of a key that is not complete yet.

local keys = {}

-- Sequences as terminals send them (xterm, rxvt, Linux console), longest first where one begins another.
local sequences = {
  ["[A"] = "up", ["[B"] = "down", ["[C"] = "right", ["[D"] = "left", ["OA"] = "up", ["OB"] = "down", ["OC"] = "right",
  ["OD"] = "left", ["[H"] = "home", ["[F"] = "end", ["OH"] = "home", ["OF"] = "end", ["[1~"] = "home", ["[7~"] = "home",
  ["[4~"] = "end", ["[8~"] = "end", ["[3~"] = "delete", ["[1;5C"] = "word-right", ["[1;5D"] = "word-left",
  ["[1;3C"] = "word-right", ["[1;3D"] = "word-left", ["b"] = "word-left", ["f"] = "word-right", ["d"] = "delete-word",
  ["\127"] = "delete-word-left", ["\r"] = "newline", ["\n"] = "newline", ["[200~"] = "paste", ["[13;2u"] = "newline",
}

local controls = {
  [1] = "home", [2] = "left", [3] = "interrupt", [4] = "end-of-input", [5] = "end", [6] = "right", [8] = "backspace", [9] = "tab",
  [10] = "enter", -- what was typed while an answer came
  [11] = "kill-right", [12] = "clear", [13] = "enter", [14] = "down", [16] = "up", [20] = "transpose",
  [21] = "kill-left", [23] = "delete-word-left", [25] = "yank", [127] = "backspace",
}

local PASTE_END = "\27[201~"

-- One character of UTF-8 at a position: itself, or nothing when its bytes are not all there yet.
local function character(bytes, at)
  local lead = bytes:byte(at)
  local size = lead < 0xC0 and 1 or lead < 0xE0 and 2 or lead < 0xF0 and 3 or 4
  if at + size - 1 > #bytes then return nil end
  return bytes:sub(at, at + size - 1)
end

-- Behind an ESC: the name of the key and its length; nil when more bytes must come; false for a key without a name.
local function escaped(rest)
  if rest == "" then return nil end
  local sequence = rest:match("^%[[%d;<=>?]*[%a~]") or rest:match("^O%a") or rest:match("^[^%[O]")
  if not sequence then return nil end
  return sequences[sequence] or false, #sequence
end

local function paste(bytes, at)
  local first, last = bytes:find(PASTE_END, at, true)
  if not first then return nil end
  local text = bytes:sub(at, first - 1):gsub("\r\n?", "\n"):gsub("[%z\1-\8\11-\31\127]", "")
  return { name = "insert", text = text }, last + 1
end

-- The key at a position and where the next one begins; nothing when it is not complete.
local function next_key(bytes, at)
  local byte = bytes:byte(at)
  if byte == 27 then
    local name, size = escaped(bytes:sub(at + 1))
    if name == nil then return nil end
    if name == "paste" then return paste(bytes, at + 1 + size) end
    return { name = name or "unknown" }, at + 1 + size
  elseif controls[byte] then
    return { name = controls[byte] }, at + 1
  elseif byte < 32 then
    return { name = "unknown" }, at + 1
  end
  local text = character(bytes, at)
  if not text then return nil end
  return { name = "insert", text = text }, at + #text
end

--- Reads keys.
---@param bytes string as they came
---@return { name: string, text: string? }[] list of keys; "insert" comes with its text
---@return string rest bytes of a key that is not complete
function keys.parse(bytes)
  local list, at = {}, 1
  while at <= #bytes do
    local key, following = next_key(bytes, at)
    if not key then return list, bytes:sub(at) end
    list[#list + 1] = key
    at = following
  end
  return list, ""
end

return keys
