--- Short-term Bedrock API keys, made from AWS credentials without asking any server.
--
-- Such a key is a presigned request in base64: it says who may call, in which region and until when, and nothing else.
-- https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-how.html

local core = require "bedrock.core"
local errors = require "bedrock.errors"
local signer = require "bedrock.signer"

local token = {}

--- The longest life of a key, in seconds: twelve hours. It is also the default.
token.MAX_LIFE = 43200

local PREFIX, HOST = "bedrock-api-key-", "bedrock.amazonaws.com"

local function check_life(life)
  if type(life) ~= "number" or life < 1 or life > token.MAX_LIFE or life % 1 ~= 0 then
    error("an API key lives for a whole number of seconds from 1 to " .. token.MAX_LIFE, 3)
  end
end

-- A key outlives its own term never, and the credentials behind it neither.
local function end_of_life(credentials, time, life)
  local ends = time + life
  return credentials.expiration and math.min(ends, credentials.expiration) or ends
end

--- Makes a short-term API key. It works in one region only, and no longer than the credentials do.
---@param credentials bedrock.Credentials
---@param region string
---@param time number seconds since the epoch
---@param life integer? seconds, 43200 when not given
---@return string? key
---@return number|bedrock.Error ends seconds since the epoch, when the key stops working; or the error
---@return table? trace canonical_request, string_to_sign and signature
function token.mint(credentials, region, time, life)
  life = life or token.MAX_LIFE
  check_life(life)
  local ok, err = signer.check_credentials(credentials)
  if not ok then return nil, err end
  local ends = end_of_life(credentials, time, life)
  if ends <= time then
    return nil, errors.new {
      kind = "credentials", code = "ExpiredToken",
      message = "the credentials have expired, and a key made from them would not work",
    }
  end
  local signed, failure = core.sigv4.presign {
    method = "POST", path = "/", query = { { "Action", "CallWithBearerToken" } }, headers = { { "host", HOST } },
    region = region, service = "bedrock", time = time, expires = life,
    access_key_id = credentials.access_key_id, secret_access_key = credentials.secret_access_key,
    session_token = credentials.session_token,
  }
  if not signed then
    return nil, errors.new { kind = "credentials", code = failure.code, message = failure.message }
  end
  local text = HOST .. "/?" .. signed.query .. "&Version=1"
  return PREFIX .. core.base64.encode(text), ends, signed
end

--- When a short-term API key stops working, as far as it says so itself: nobody but the service can say whether it works now.
---@param key any
---@return number? ends seconds since the epoch; nil for a long-term key
function token.ends(key)
  local text = type(key) == "string" and key:match("^" .. PREFIX:gsub("%-", "%%-") .. "([%w+/]+=*)$")
  local url = text and core.base64.decode(text)
  if not url then return nil end
  local y, mon, d, h, min, s = url:match("X%-Amz%-Date=(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(%d%d)Z")
  local life = tonumber(url:match("X%-Amz%-Expires=(%d+)"))
  local began = y and require("bedrock.timestamps").seconds(("%s-%s-%sT%s:%s:%sZ"):format(y, mon, d, h, min, s))
  return began and life and began + life or nil
end

--- Makes a short-term API key from the credentials that a client would find: what `bedrock.token` does.
--- https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-generate.html
---@param options table? `expires` in seconds (43200, the most, when absent); `client`; all else as for `bedrock.new`
---@return string? key a secret: whoever has it can use the models of that region until it ends
---@return number|bedrock.Error ends seconds since the epoch; or the error
function token.make(options)
  local own = {}
  for name, value in pairs(options or {}) do own[name] = value end
  local life, client = own.expires, own.client
  own.expires, own.client = nil, nil
  client = client or require("bedrock.client").new(own)
  if client.settings.error then return nil, client.settings.error end
  local credentials, err = client:credentials_chain():get()
  if not credentials then return nil, err end
  local key, ends = token.mint(credentials, client.settings.region, client:time(), life)
  return key, ends
end

return token
