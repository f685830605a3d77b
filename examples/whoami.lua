-- Who am I to AWS: where the credentials come from, and what AWS says to them. No secret is printed.
--
--   make run SCRIPT=examples/whoami.lua

local bedrock = require "bedrock"

local client = bedrock.new()
local me = assert(client:identity())

print(("source   %s%s"):format(me.source, me.profile and ", profile " .. me.profile or ""))
print(("region   %s (%s)"):format(me.region, me.region_source))
if me.access_key_id then print("key      " .. me.access_key_id) end
if me.expiration then print("until    " .. os.date("%Y-%m-%d %H:%M:%S", me.expiration)) end

-- An API key is for Bedrock alone; STS knows nothing of it.
if me.access_key_id then
  local caller = assert(client:get_caller_identity())
  print("account  " .. caller.Account)
  print("arn      " .. caller.Arn)
end
