--- Lists in pages: what `maxResults` and `nextToken` mean to every operation that lists.

local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local refusal = require("bedrock.emulator.refusal")

local paging = {}

local PAGE = 10

-- Where a page begins: a token is nothing but the number of the first item, in base64.
local function first_of_page(token)
  if not token then return 1 end
  local first = tonumber(encoding.unbase64(token) or "")
  return first or refusal.invalid("The provided nextToken is invalid.")
end

--- The answer that holds one page of a list.
---@param exchange table
---@param member string the name of the list
---@param all table[]
---@return table response
function paging.answer(exchange, member, all)
  local query = encoding.form(exchange.request.query)
  local first = first_of_page(query.nextToken)
  local last = first + (tonumber(query.maxResults) or PAGE) - 1
  return json.answer({
    [member] = json.list(table.move(all, first, math.min(last, #all), 1, {})),
    nextToken = last < #all and encoding.base64(tostring(last + 1)) or nil,
  })
end

return paging
