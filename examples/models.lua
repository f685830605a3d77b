-- Which models can be called from here, and by which id.
--
--   make run SCRIPT=examples/models.lua ARGS=anthropic

local bedrock = require "bedrock"

local client = bedrock.new()
local models = assert(client:models { provider = arg[1] or "anthropic" })

for _, model in ipairs(models) do
  local context = model.context_window and (", %d tokens"):format(model.context_window) or ""
  print(("%s (%s, %s%s)"):format(model.name, model.lifecycle, table.concat(model.input, " and "), context))
  print("  call it as " .. (model.call_id or "nothing from this region"))
  for _, id in ipairs(model.profiles) do
    if id ~= model.call_id then print("  or as     " .. id) end
  end
end
print(#models .. " models in " .. client:identity().region)
