--- `bedrock whoami`: which credentials win, and who AWS says they are.

local session = require "bedrock.cli.session"

local whoami = { name = "whoami", summary = "tell which credentials are used, and whose they are" }

whoami.options = session.with_common {
  { "--json", false, "as one object of JSON" },
  { "--offline", false, "do not ask AWS; tell only where the credentials come from" },
}
whoami.arguments = {}
whoami.examples = {
  { "bedrock whoami", "source, region, account and ARN; no secret is ever printed" },
  { "bedrock whoami | awk '$1 == \"account\" { print $2 }'", "one of them in a script" },
}

-- In the order in which they are read.
local rows = {
  { "source", "source" }, { "profile", "profile" }, { "key", "access_key_id" }, { "region", "region" },
  { "region-source", "region_source" }, { "expires", "expires" }, { "account", "account" }, { "arn", "arn" },
}

-- An API key is for Bedrock alone; STS knows nothing of it.
local function gather(client, options)
  local me, err = client:identity()
  if not me then return nil, err end
  local facts = {
    source = me.source, profile = me.profile, access_key_id = me.access_key_id, region = me.region,
    region_source = me.region_source, expires = me.expiration and os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(me.expiration)),
  }
  if options.offline or not me.access_key_id then return facts end
  local caller, failed = client:get_caller_identity()
  if not caller then return nil, failed end
  facts.account, facts.arn = caller.Account, caller.Arn
  return facts
end

--- Runs the command.
---@param options table
---@return integer exit code
function whoami.run(options)
  local facts, err = gather(session.client(options), options)
  if not facts then return session.fail(err) end
  if options.json then
    session.print_json(facts)
    return 0
  end
  for _, row in ipairs(rows) do
    if facts[row[2]] then io.write(("%-14s %s\n"):format(row[1], facts[row[2]])) end
  end
  return 0
end

return whoami
