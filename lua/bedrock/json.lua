--- JSON that loses nothing: what the wire says comes back as it was, and the same table is always the same text.
--
-- * `[]` and `{}` stay apart both ways: a decoded array carries `json.array_mt`, an empty table without it is `{}`.
-- * Keys are written in the order of their bytes, or in the order that `json.ordered` states.
-- * Integers are exact. Where a Lua number cannot hold one (beyond 64 bits on Lua 5.3 and later, from 2^53 on where all
--   numbers are doubles) it comes as a value that prints and encodes as the number it is and equals another such value of
--   the same text. Doubles are written with the fewest digits that read back as the same double.
-- * `null` is `json.null`, the same value as `cjson.null`.
-- * Of two members with one key the last wins. Half of a surrogate pair (`"\ud83d"`) stands for no character; it
--   becomes U+FFFD, because bytes that are not UTF-8 would make every later request with that text fail.
-- * Only raw access: tables that live on `__index` or `__pairs` are written as what is really in them.
--
-- The work is done in C (`src/bind/ljson_*.c`). Tables that lua-cjson, dkjson or Neovim's vim.json have made are
-- understood: their nulls, their array and object marks, dkjson's `__jsonorder`.

local core = require "bedrock.core".json

---@class bedrock.json
local json = {}

--- The value of JSON's null; a light userdata, the same as `cjson.null`.
---@type userdata
json.null = core.null

--- The metatable of arrays. OpenResty's `cjson.array_mt` where that is loaded.
---@type table
json.array_mt = core.array_mt

--- A value that is written as `[]`. OpenResty's `cjson.empty_array` where that is loaded.
---@type userdata
json.empty_array = core.empty_array

---@class bedrock.json.Error
---@field code string "syntax", "utf8", "depth", "size", "base64", "memory"; from `encode` also "type", "number", "cycle",
--- "mixed_keys" and "sparse_array"
---@field message string what is wrong and where
---@field position integer? decode: the offending byte, from 1
---@field line integer? decode
---@field column integer? decode, in bytes
---@field path string? encode: the place in the value, as in `messages[3].content`; "" for the value itself

---@class bedrock.json.DecodeOptions
---@field depth integer? how deep values may be nested, 1000 by default
---@field size integer? how many bytes the text may have, without limit by default
---@field values integer? how many values there may be in it, without limit by default
---@field blobs table|true|nil where base64 text becomes a string of bytes, see `json.encode`
---@field first integer? byte of the text to begin at, from 1
---@field last integer? byte to end with; places in errors count from `first`

---@class bedrock.json.EncodeOptions
---@field depth integer? how deep tables may be nested, 1000 by default
---@field size integer? how many bytes the text may get, 2 GiB by default
---@field buffer boolean? answer a `bedrock.buffer` instead of a string: the text is not copied
---@field blobs table|true|nil where a string of bytes becomes base64 text: nested tables that follow the keys, `"[]"` for any
--- element of an array and `"{}"` for any other key of an object, with `true` at the place itself

--- decode(text, options): the value of a JSON text, which is a string or a `bedrock.buffer`; or nil and an error.
---@type fun(text: string|userdata, options: bedrock.json.DecodeOptions?): any, bedrock.json.Error?
json.decode = core.decode

--- encode(value, options): the JSON text of a value as a string or, by choice, a buffer; or nil and an error.
---
--- A table is an array when it is marked as one or its keys are 1 to n, else an object; what is neither (gaps, mixed keys) is
--- refused and named, and so are cycles, functions, NaN and strings that are not UTF-8.
---@type fun(value: any, options: bedrock.json.EncodeOptions?): string|userdata|nil, bedrock.json.Error?
json.encode = core.encode

--- array(t): marks a table as an array, so that it is `[]` when it is empty, and answers it.
---@type fun(t: table): table
json.array = core.array

--- object(t): marks a table as an object and answers it. An unmarked empty table is one already.
---@type fun(t: table): table
json.object = core.object

--- blob(bytes): a value that is written as the base64 text of some bytes (a string or a buffer), wherever it stands.
---@type fun(bytes: string|userdata): table
json.blob = core.blob

--- number(text): the number that a text spells, exactly: a Lua number where that can hold it, else a value that prints and
--- encodes as it. The text is a number as JSON spells it.
---@type fun(text: string): number|userdata
json.number = core.number

--- States in which order the members of an object are written: those named first, the others sorted behind them.
---@generic T: table
---@param keys string[] keys that the table lacks are passed over
---@param t T
---@return T t the same table
function json.ordered(keys, t)
  if type(keys) ~= "table" then error("bad argument #1 to 'ordered' (a list of keys expected)", 2) end
  if type(t) ~= "table" then error("bad argument #2 to 'ordered' (table expected, got " .. type(t) .. ")", 2) end
  return setmetatable(t, { __name = "bedrock.json.object", __jsontype = "object", __jsonorder = keys })
end

-- Neovim has marks of its own, which its vim.json makes and takes.
local vim = rawget(_G, "vim")
if type(vim) == "table" and vim.NIL ~= nil then
  core.adopt(vim.NIL, "null")
  if vim.empty_dict then core.adopt(getmetatable(vim.empty_dict()), "object") end
end

return json
