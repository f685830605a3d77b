--- STS in its query protocol: a form in, XML out. The temporary keys it hands out are made up, and the emulator takes them.

local encoding = require("bedrock.emulator.encoding")
local refusal = require("bedrock.emulator.refusal")

local sts = {}

local ACCOUNT = "123456789012"
local NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"

local function element(name, value)
  if type(value) ~= "table" then return ("<%s>%s</%s>"):format(name, encoding.xml(tostring(value)), name) end
  local out = {}
  for i, pair in ipairs(value) do out[i] = element(pair[1], pair[2]) end
  return ("<%s>%s</%s>"):format(name, table.concat(out), name)
end

local function document(name, content)
  return (element(name, content):gsub("^<" .. name .. ">", ("<%s xmlns=%q>"):format(name, NAMESPACE)))
end

local function answer(exchange, operation, result)
  local xml = document(operation .. "Response", {
    { operation .. "Result", result }, { "ResponseMetadata", { { "RequestId", exchange.id } } } })
  return { status = 200, headers = { { "Content-Type", "text/xml" } }, parts = { { bytes = xml } } }
end

local function need(form, name)
  if not form[name] or form[name] == "" then
    refusal.raise("ValidationError", "1 validation error detected: Value null at '%s' failed to satisfy constraint: " ..
      "Member must not be null", name:sub(1, 1):lower() .. name:sub(2))
  end
  return form[name]
end

local function role_parts(form)
  local arn = need(form, "RoleArn")
  local account, role = arn:match("^arn:aws[%w%-]*:iam::(%d+):role/(.+)$")
  if not account then refusal.raise("ValidationError", "%s is invalid", arn) end
  return account, role:match("[^/]+$"), need(form, "RoleSessionName")
end

local function assumed(exchange, form)
  local account, role, session = role_parts(form)
  local key = exchange.state:temporary_key(tonumber(form.DurationSeconds) or 3600)
  key.arn = ("arn:aws:sts::%s:assumed-role/%s/%s"):format(account, role, session)
  key.account = account
  return {
    { "AssumedRoleUser", { { "AssumedRoleId", "AROAEMULATOREXAMPLE:" .. session }, { "Arn", key.arn } } },
    { "Credentials", { { "AccessKeyId", key.id }, { "SecretAccessKey", key.secret }, { "SessionToken", key.token },
      { "Expiration", os.date("!%Y-%m-%dT%H:%M:%SZ", key.expires) } } },
  }
end

local operations = {
  GetCallerIdentity = function(exchange)
    local key = exchange.identity.key
    return { { "Arn", key.arn or ("arn:aws:iam::%s:user/emulator"):format(ACCOUNT) }, { "UserId", exchange.identity.id },
      { "Account", key.account or ACCOUNT } }
  end,
  AssumeRole = assumed,
  AssumeRoleWithWebIdentity = function(exchange, form)
    need(form, "WebIdentityToken")
    local result = assumed(exchange, form)
    result[#result + 1] = { "SubjectFromWebIdentityToken", "emulator" }
    return result
  end,
}

-- How the signature check's refusals are called here.
local names = {
  MissingAuthenticationTokenException = "MissingAuthenticationToken", IncompleteSignatureException = "IncompleteSignature",
  InvalidSignatureException = "SignatureDoesNotMatch", UnrecognizedClientException = "InvalidClientTokenId",
  ExpiredTokenException = "ExpiredToken",
}

--- A refusal as STS writes it.
---@return table response
function sts.refused(exchange, why)
  local code = names[why.code] or why.code
  local xml = document("ErrorResponse", {
    { "Error", { { "Type", why.status < 500 and "Sender" or "Receiver" }, { "Code", code }, { "Message", why.message } } },
    { "RequestId", exchange.id } })
  return { status = why.status, headers = { { "Content-Type", "text/xml" } }, parts = { { bytes = xml } } }
end

--- The route of a request to `/`.
---@param request table
---@return table? route
function sts.route(request)
  local form = encoding.form(request.method == "POST" and request.body or request.query or "")
  local operation = operations[form.Action]
  return {
    operation = form.Action or "unknown", service = "sts", captures = {}, refused = sts.refused,
    unsigned = form.Action == "AssumeRoleWithWebIdentity",
    handler = function(exchange)
      if not operation then
        refusal.raise("InvalidAction", "Could not find operation %s for version %s", tostring(form.Action),
          tostring(form.Version))
      end
      return answer(exchange, form.Action, operation(exchange, form))
    end,
  }
end

return sts
