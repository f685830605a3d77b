--- Who sent this request: Signature Version 4 in headers or in the query, and bearer tokens.
--
-- Follows AWS's description of the signing process step by step, from the server's side: take apart what the client claims,
-- find its key, build the canonical request from what really arrived, compare. Refuses in the service's words.

local digest = require("openssl.digest")
local hmac = require("openssl.hmac")
local encoding = require("bedrock.emulator.encoding")
local refusal = require("bedrock.emulator.refusal")

local signature = {}

local SKEW = 300
local BEARER_PREFIX = "bedrock-api-key-"

local function sha256(bytes)
  return encoding.hex(digest.new("sha256"):final(bytes))
end

local function hmac_sha256(key, bytes)
  return hmac.new(key, "sha256"):final(bytes)
end

local function stamp(time)
  return os.date("!%Y%m%dT%H%M%SZ", time)
end

-- Seconds since the epoch of YYYYMMDDTHHMMSSZ, or nil.
local function parse_stamp(text)
  local y, m, d, h, min, s = (text or ""):match("^(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(%d%d)Z$")
  if not y then return nil end
  -- days from civil, so that the machine's time zone plays no part
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if m <= 2 then y, m = y - 1, m + 12 end
  local days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + d - 719469
  return days * 86400 + h * 3600 + min * 60 + s
end

-- ---- the canonical request ----

local function resolved(path)
  local out = {}
  for segment in path:gmatch("[^/]+") do
    if segment == ".." then
      out[#out] = nil
    elseif segment ~= "." then
      out[#out + 1] = segment
    end
  end
  local directory = path:find("/%.?%.?$") and #out > 0
  return "/" .. table.concat(out, "/") .. (directory and "/" or "")
end

-- S3 takes the path as it is and encodes it once; all others resolve it and encode what is encoded already.
local function canonical_path(path, service)
  if service == "s3" then return encoding.percent(encoding.unpercent(path), "/") end
  return encoding.percent(resolved(path), "/")
end

local function query_pairs(query)
  local list = {}
  for pair in (query or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    list[#list + 1] = { encoding.unpercent(name), encoding.unpercent(value) }
  end
  return list
end

local function canonical_query(list, left_out)
  local out = {}
  for _, pair in ipairs(list) do
    if not left_out[pair[1]] then out[#out + 1] = { encoding.percent(pair[1]), encoding.percent(pair[2]) } end
  end
  table.sort(out, function(a, b) return a[1] < b[1] or a[1] == b[1] and a[2] < b[2] end)
  for i, pair in ipairs(out) do out[i] = pair[1] .. "=" .. pair[2] end
  return table.concat(out, "&")
end

local function canonical_value(text)
  return (text:gsub("^%s+", ""):gsub("%s+$", ""):gsub("%s+", " "))
end

local function canonical_headers(headers, signed)
  local values = {}
  for _, pair in ipairs(headers) do
    local name = pair[1]
    values[name] = (values[name] and values[name] .. "," or "") .. canonical_value(pair[2])
  end
  local out = {}
  for name in signed:gmatch("[^;]+") do out[#out + 1] = name .. ":" .. (values[name] or "") .. "\n" end
  return table.concat(out)
end

-- What stands for the body. Anthropic's client does not hash the forms that it uploads.
local function payload_hash(request, service)
  local sum = request.header["x-amz-content-sha256"]
  if sum == "UNSIGNED-PAYLOAD" and service == "aws-external-anthropic" then return sum end
  return sha256(request.body or "")
end

local function canonical_request(request, claim)
  return table.concat({
    request.method, canonical_path(request.path, claim.scope.service), canonical_query(claim.query, claim.unsigned_query),
    canonical_headers(request.headers, claim.signed_headers), claim.signed_headers,
    payload_hash(request, claim.scope.service),
  }, "\n")
end

local function derived_key(secret, scope)
  local key = "AWS4" .. secret
  for _, part in ipairs({ scope.date, scope.region, scope.service, "aws4_request" }) do key = hmac_sha256(key, part) end
  return key
end

-- ---- what the client claims ----

local function incomplete(text, ...)
  refusal.raise("IncompleteSignatureException", text, ...)
end

local function parse_scope(credential)
  local id, date, region, service, terminator = (credential or ""):match("^(.+)/([^/]*)/([^/]*)/([^/]*)/([^/]*)$")
  if not id then
    incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'",
      tostring(credential))
  end
  return { id = id, date = date, region = region, service = service, terminator = terminator,
    text = table.concat({ date, region, service, terminator }, "/") }
end

local function claim_in_header(request, authorization)
  local fields = {}
  for name, value in authorization:gsub("^AWS4%-HMAC%-SHA256%s*", ""):gmatch("(%w+)=([^,%s]+)") do fields[name] = value end
  for _, name in ipairs({ "Credential", "Signature", "SignedHeaders" }) do
    if not fields[name] then
      incomplete("Authorization header requires '%s' parameter. Authorization=%s", name, (authorization:match("^%S+")))
    end
  end
  local date = request.header["x-amz-date"]
  if not date then incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.") end
  return { scope = parse_scope(fields.Credential), signature = fields.Signature, signed_headers = fields.SignedHeaders,
    date = date, token = request.header["x-amz-security-token"], query = query_pairs(request.query), unsigned_query = {} }
end

local function claim_in_query(query, unsigned)
  local fields = {}
  for _, pair in ipairs(query) do fields[pair[1]] = pair[2] end
  for _, name in ipairs({ "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires" }) do
    if not fields[name] then incomplete("AWS query-string parameters must include '%s'.", name) end
  end
  unsigned["X-Amz-Signature"] = true
  return { scope = parse_scope(fields["X-Amz-Credential"]), signature = fields["X-Amz-Signature"],
    signed_headers = fields["X-Amz-SignedHeaders"], date = fields["X-Amz-Date"], expires = tonumber(fields["X-Amz-Expires"]),
    token = fields["X-Amz-Security-Token"], query = query, unsigned_query = unsigned }
end

-- ---- checks, in the order the service makes them ----

local function mismatch(text, ...)
  refusal.raise("InvalidSignatureException", text, ...)
end

local function check_scope(claim, rules)
  local scope = claim.scope
  if scope.service ~= rules.service then mismatch("Credential should be scoped to correct service: '%s'. ", rules.service) end
  if scope.terminator ~= "aws4_request" then
    mismatch("Credential should be scoped with a valid terminator: 'aws4_request', not '%s'. ", scope.terminator)
  end
  if not scope.region:find("^%l[%l%d%-]+$") or rules.region and scope.region ~= rules.region then
    mismatch("Credential should be scoped to a valid region. ")
  end
  if scope.date ~= claim.date:sub(1, 8) then
    mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
      scope.date, claim.date:sub(1, 8), claim.date)
  end
end

local function check_time(claim, now)
  local time = parse_stamp(claim.date)
  if not time then incomplete("Date must be in ISO-8601 'basic format'. Got '%s'. ", claim.date) end
  local life = claim.expires or SKEW
  if time < now - life then
    mismatch("Signature expired: %s is now earlier than %s (%s - 5 min.)", claim.date, stamp(now - life), stamp(now))
  elseif time > now + SKEW then
    mismatch("Signature not yet current: %s is still later than %s (%s + 5 min.)", claim.date, stamp(now + SKEW), stamp(now))
  end
end

local function check_signed_headers(request, claim)
  local signed = {}
  for name in claim.signed_headers:gmatch("[^;]+") do signed[name] = true end
  if not (signed.host or signed[":authority"]) then
    mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
  end
  for _, pair in ipairs(request.headers) do
    if pair[1]:find("^x%-amz%-") and not signed[pair[1]] then
      mismatch("'%s' must be a 'SignedHeader' in the AWS Authorization.", pair[1])
    end
  end
  local sum = request.header["x-amz-content-sha256"]
  if claim.scope.service == "s3" and not sum then
    refusal.raise("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
  end
  if sum and sum ~= payload_hash(request, claim.scope.service) then
    mismatch("The value for the header 'x-amz-content-sha256' does not match the hash of the payload.")
  end
end

local function find_key(claim, rules)
  local key = rules.keys[claim.scope.id]
  if not key or key.token ~= claim.token then
    refusal.raise("UnrecognizedClientException", "The security token included in the request is invalid.")
  elseif key.expires and key.expires <= rules.now then
    refusal.raise("ExpiredTokenException", "The security token included in the request is expired")
  end
  return key
end

local function check_signature(request, claim, key)
  local canonical = canonical_request(request, claim)
  local to_sign = table.concat({ "AWS4-HMAC-SHA256", claim.date, claim.scope.text, sha256(canonical) }, "\n")
  local expected = encoding.hex(hmac_sha256(derived_key(key.secret, claim.scope), to_sign))
  if expected == claim.signature then return end
  mismatch("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key " ..
    "and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have " ..
    "been\n'%s'\n\nThe String-to-Sign should have been\n'%s'\n", canonical, to_sign)
end

local function verify_claim(request, claim, rules)
  local key = find_key(claim, rules)
  check_scope(claim, rules)
  check_time(claim, rules.now)
  check_signed_headers(request, claim)
  check_signature(request, claim, key)
  return { id = claim.scope.id, key = key, region = claim.scope.region }
end

-- ---- bearer tokens ----

local function bad_bearer(text)
  error(refusal.new("AccessDeniedException", text, { Message = text }), 0)
end

-- A short-term key is a presigned request for CallWithBearerToken, in base64.
local function verify_short_term(text, rules)
  local url = encoding.unbase64(text)
  local host, path, query = (url or ""):match("^([^/?]+)([^?]*)%?(.*)$")
  if not host then bad_bearer("Authentication failed: Please make sure your API Key is valid.") end
  local request = { method = "POST", path = path == "" and "/" or path, headers = { { "host", host } }, header = { host = host } }
  local claim = claim_in_query(query_pairs(query), { Version = true })
  local time = parse_stamp(claim.date)
  if time and claim.expires and time + math.min(claim.expires, 43200) < rules.now then bad_bearer("Bearer Token has expired") end
  if not query:find("Action=CallWithBearerToken", 1, true) then
    bad_bearer("Authentication failed: Please make sure your API Key is valid.")
  end
  return verify_claim(request, claim, rules)
end

local function verify_bearer(token, rules)
  if rules.service ~= "bedrock" and not rules.key_header then
    refusal.raise("MissingAuthenticationTokenException", "Request is missing Authentication Token")
  elseif rules.tokens[token] then
    return { id = "bearer", key = {} }
  elseif token:sub(1, #BEARER_PREFIX) ~= BEARER_PREFIX then
    bad_bearer("Authentication failed: Please make sure your API Key is valid.")
  end
  local ok, identity = pcall(verify_short_term, token:sub(#BEARER_PREFIX + 1), rules)
  if ok then return identity end
  if refusal.is(identity) and not identity.members then
    bad_bearer("Authentication failed: Please make sure your API Key is valid.")
  end
  error(identity, 0)
end

-- A key in a header of its own, where a service takes such.
local function verify_key(key, rules)
  if not rules.tokens[key] then refusal.raise("AccessDeniedException", "invalid %s", rules.key_header) end
  return { id = "bearer", key = {} }
end

--- Verifies a request; raises a refusal when it is not signed by a known key.
---@param request table method, path, query, headers (list, lower-case names), header (map), body
---@param rules table service, key_header?, region?, keys (by id: secret, token?, expires?), tokens (set), now
---@return table identity id, key, region?
function signature.verify(request, rules)
  local authorization = request.header.authorization
  if authorization then
    local token = authorization:match("^[Bb]earer%s+(.+)$")
    if token then return verify_bearer(token, rules) end
    if not authorization:find("^AWS4%-HMAC%-SHA256%s") then
      incomplete("Unsupported authorization scheme '%s'.", tostring(authorization:match("^%S+")))
    end
    return verify_claim(request, claim_in_header(request, authorization), rules)
  elseif (request.query or ""):find("X-Amz-Signature=", 1, true) then
    return verify_claim(request, claim_in_query(query_pairs(request.query), {}), rules)
  end
  local key = rules.key_header and request.header[rules.key_header]
  if key then return verify_key(key, rules) end
  refusal.raise("MissingAuthenticationTokenException", "Missing Authentication Token")
end

return signature
