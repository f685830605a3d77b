--- The chart of bench/results.json: a group of bars for each kind of work, all bars of a group to one scale.
--
-- One picture for light and dark: the colours are in its style sheet, which asks the reader's machine. As a program,
-- `lua5.4 bench/chart.lua bench/results.json bench/results.svg`, it draws what was measured before once more.

local json = require "bedrock.json"

local chart = {}

-- Groups: the words above, the case, the metric, and who is shown under which name. The first name is the library.
local groups = {
  { "100,000 streamed events to tables", "decode", "an event", contest = "decode: ",
    { "stream:events()", "bedrock, stream:events()" }, { "the same, LuaJIT", "bedrock, stream:events() (LuaJIT)" },
    { "lua-cjson, payloads only" }, { "aws-sdk-js" }, { "botocore" } },
  { "The same stream, its text alone", "decode", "an event", contest = "decode text",
    { "stream:text()", "bedrock, stream:text()" }, { "the same, LuaJIT", "bedrock, stream:text() (LuaJIT)" }, { "aws-sdk-js" } },
  { "100,000 chunks of InvokeModel", "invoke", "an event", contest = "invoke",
    { "stream:events()", "bedrock, stream:events()" }, { "aws-sdk-js and JSON.parse" }, { "Anthropic's SDK" } },
  { "20,000 events over a socket, whole process, a thousand", "stream", "a thousand events", contest = "stream: ",
    { "bedrock" }, { "bedrock, LuaJIT", "bedrock (LuaJIT)" }, { "curl to /dev/null", "curl -N to /dev/null" }, { "aws-sdk-js" },
    { "botocore" } },
  { "An event each millisecond, one event", "paced", "an event", contest = "paced",
    { "bedrock" }, { "bedrock, LuaJIT", "bedrock (LuaJIT)" }, { "curl to /dev/null", "curl -N to /dev/null" }, { "aws-sdk-js" },
    { "botocore" } },
  { "200 streams at once, one event", "many", "an event", contest = "many",
    { "bedrock" }, { "bedrock, LuaJIT", "bedrock (LuaJIT)" }, { "curl -Z" } },
  { "A small call, warm", "call", "a call", contest = "call",
    { "bedrock" }, { "bedrock, LuaJIT", "bedrock (LuaJIT)" }, { "aws-sdk-js" }, { "botocore" } },
  { "Signing 1 KiB", "sign", "a request", contest = "sign: 1 KiB",
    { "signer.sign", "bedrock, signer.sign" }, { "@smithy/signature-v4" }, { "botocore" } },
  { "From exec to the first event", "cold", "to the first event", contest = "cold",
    { "bedrock" }, { "curl" }, { "aws-sdk-js" }, { "botocore" } },
  { "A PDF of 15 MB, file to socket", "document", "in all", contest = "document", { "bedrock" }, { "aws-sdk-js" } },
}

local WIDTH, LEFT, RIGHT, BAR, GAP, HEAD = 760, 190, 150, 15, 4, 34

local function escape(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

local function text(x, y, class, words)
  return ('<text x="%.1f" y="%.1f" class="%s">%s</text>'):format(x, y, class, escape(words))
end

local function find(results, group, name)
  for _, row in ipairs(results.results) do
    if row.case == group[2] and row.metric == group[3] and row.name == name and row.contest:find(group.contest, 1, true) == 1 then
      return row
    end
  end
end

local function bars_of(results, group)
  local bars, most = {}, 0
  for i = 4, #group do
    local row = find(results, group, group[i][2] or group[i][1])
    if row then
      bars[#bars + 1] = { name = group[i][1], row = row, own = row.name:find("bedrock", 1, true) == 1 }
      most = math.max(most, row.median)
    end
  end
  return bars, most
end

local function number(value)
  return value >= 100 and ("%.0f"):format(value) or ("%.3g"):format(value)
end

local function draw_bar(out, y, bar, first, most)
  local width = math.max(1, bar.row.median / most * (WIDTH - LEFT - RIGHT))
  out[#out + 1] = text(LEFT - 8, y + BAR - 3.5, "name", bar.name)
  out[#out + 1] = ('<rect x="%d" y="%d" width="%.1f" height="%d" rx="2" class="%s"/>'):format(LEFT, y, width, BAR,
    bar.own and "own" or "other")
  local words = ("%s %s"):format(number(bar.row.median), bar.row.unit:gsub(" of CPU", ""))
  if bar ~= first then words = ("%s (× %s)"):format(words, number(bar.row.median / first.row.median)) end
  out[#out + 1] = text(LEFT + width + 6, y + BAR - 3.5, "value", words)
end

local function draw_group(out, y, results, group)
  local bars, most = bars_of(results, group)
  if #bars == 0 then return y end
  out[#out + 1] = text(8, y + 22, "head", group[1])
  y = y + HEAD
  for _, bar in ipairs(bars) do
    draw_bar(out, y, bar, bars[1], most)
    y = y + BAR + GAP
  end
  return y + 6
end

local STYLE = [[<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.head { font-weight: 600 } .name { text-anchor: end } .value, .foot { fill: #59636e }
.own { fill: #1f6feb } .other { fill: #afb8c1 } .page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .value, .foot { fill: #9198a1 } .own { fill: #58a6ff } .other { fill: #484f58 } .page { fill: #0d1117 }
}
</style>]]

--- The picture of some results.
---@param results table what bench/results.json holds
---@return string svg
function chart.draw(results)
  local out, y = {}, 0
  for _, group in ipairs(groups) do y = draw_group(out, y, results, group) end
  local m = results.machine
  out[#out + 1] = text(8, y + 18, "foot", ("Medians, shorter is better: CPU, user and system; time where it says ms alone."))
  out[#out + 1] = text(8, y + 34, "foot", ("%s, %d processors, %s, %s"):format(m.processor, m.processors, m.system, m.date))
  local height = y + 44
  local parts = {
    ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">')
      :format(WIDTH, height, WIDTH, height),
    "<title>What bedrock costs beside other clients</title>", STYLE, '<rect class="page" width="100%" height="100%"/>',
    table.concat(out, "\n"), "</svg>",
  }
  return table.concat(parts, "\n")
end

--- Draws the results of one file into another.
---@param from string
---@param to string
function chart.write(from, to)
  local file = assert(io.open(from, "rb"))
  local svg = chart.draw(assert(json.decode(file:read "a")))
  file:close()
  file = assert(io.open(to, "wb"))
  file:write(svg, "\n")
  file:close()
  print("wrote " .. to)
end

if arg and arg[0] and arg[0]:match("chart%.lua$") then chart.write(arg[1], arg[2]) end

return chart
