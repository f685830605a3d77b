--- cjson.lua FILE COUNT: lua-cjson on the bare payloads, one a line: no frames, no checksums.

local cjson = require "cjson"
local contest = require "bench.contestant"

local texts = {}
for line in io.lines(arg[1]) do texts[#texts + 1] = line end
assert(#texts == tonumber(arg[2]))

contest(function()
  local seen = 0
  for i = 1, #texts do
    if cjson.decode(texts[i]) then seen = seen + 1 end
  end
  assert(seen == #texts)
end)
