--- What a conversation has used, and what that costs at a price that the user names. Pure.
--
-- Prices differ by model, region and contract and change, so none is built in. What cached tokens cost beside others is the
-- service's rule: a tenth to read them, a quarter more to write them for five minutes, twice as much for an hour.

local cost = {}

local READ, WRITE_5M, WRITE_1H = 0.1, 1.25, 2

--- Reads a price.
---@param text string? "3/15": dollars for a million tokens in and out
---@return { input: number, output: number }? price
function cost.price(text)
  local input, output = (text or ""):match("^%$?([%d.]+)/%$?([%d.]+)$")
  if not tonumber(input) or not tonumber(output) then return nil end
  return { input = tonumber(input), output = tonumber(output) }
end

--- Dollars.
---@param usage table the neutral counters of bedrock.Usage
---@param price { input: number, output: number }
---@return number
function cost.dollars(usage, price)
  local function n(name) return usage[name] or 0 end
  local input = n "input_tokens" + READ * n "cache_read_tokens" + WRITE_5M * n "cache_write_5m_tokens" +
    WRITE_1H * n "cache_write_1h_tokens"
  return (input * price.input + n "output_tokens" * price.output) / 1e6
end

--- A line that tells tokens, and dollars where a price is known.
---@param usage table
---@param price { input: number, output: number }?
---@return string
function cost.line(usage, price)
  local parts = { ("%d tokens in"):format(usage.input_tokens or 0) }
  if (usage.cache_read_tokens or 0) > 0 then parts[#parts + 1] = ("%d read from the cache"):format(usage.cache_read_tokens) end
  if (usage.cache_write_tokens or 0) > 0 then parts[#parts + 1] = ("%d written to it"):format(usage.cache_write_tokens) end
  parts[#parts + 1] = ("%d out"):format(usage.output_tokens or 0)
  if price then parts[#parts + 1] = ("$%.4f"):format(cost.dollars(usage, price)) end
  return table.concat(parts, ", ")
end

return cost
