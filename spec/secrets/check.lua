--- Looks for every secret that a run of the suite used in everything that it printed, logged or put into errors.
--
--     lua spec/secrets/check.lua FOLDER

local folder = arg[1]

local function read(name)
  local file = assert(io.open(folder .. "/" .. name, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local texts = { said = read("said"), printed = read("printed") }
local seen, count, leaked = {}, 0, 0

for secret in read("secrets"):gmatch("[^\n]+") do
  if not seen[secret] then
    seen[secret], count = true, count + 1
    for name, text in pairs(texts) do
      local at = text:find(secret, 1, true)
      if at then
        leaked = leaked + 1
        -- Around it, with the secret itself left out: this report must not do what it complains of.
        local before = text:sub(math.max(1, at - 160), at - 1):match("[^\n]*$")
        print(("%s: a secret of %d letters behind: %s"):format(name, #secret, before))
      end
    end
  end
end

print(("%d secrets were used; %d KB of logs and errors and %d KB of output hold none of them, but for %d")
  :format(count, math.floor(#texts.said / 1024), math.floor(#texts.printed / 1024), leaked))
print(("%d passed, %d failed"):format(count - math.min(count, leaked), leaked))
os.exit(leaked == 0 and count > 20 and #texts.said > 10000 and 0 or 1)
