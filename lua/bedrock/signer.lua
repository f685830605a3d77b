--- Signs requests: what is signed is what is sent.
--
-- A request here is the table that a transport gets: method, url, headers (a list of { name, value }) and body. One
-- that still has a path and a query apart from its url is put together first, once, so that nobody encodes twice.
-- `sign` and `bearer` first take away what an earlier attempt left, so that every attempt is signed from scratch,
-- and then add their own headers to the list. The Host header is the transport's to write; it is signed as the
-- transport derives it from the url, unless the request states one.

local sigv4 = require("bedrock.core").sigv4
local errors = require "bedrock.errors"

local signer = {}

---@class bedrock.Scope
---@field region string as in the credential scope
---@field service string the signing name: "bedrock", "sts", ...; with "s3" the path is taken as it is and encoded once,
--- and x-amz-content-sha256 is sent

---@class bedrock.SignedRequest
---@field method string
---@field url string absolute, encoded as it goes on the wire; only the endpoint's while there is a path
---@field path string? encoded
---@field query { [1]: string, [2]: string }[]? names and values, not encoded
---@field headers { [1]: string, [2]: string }[]
---@field body string?

---@class bedrock.UrlParts
---@field scheme string lower case
---@field host string without brackets
---@field authority string what a Host header says: with the port, unless it is the scheme's
---@field path string raw, "/" at least
---@field query string? raw, without the "?"

local function refuse_url()
  return nil, errors.new { kind = "config", code = "url", message = "not an absolute http or https url" }
end

--- Takes a url apart.
---@param url string
---@return bedrock.UrlParts? parts
---@return bedrock.Error? err of kind config when it is not an absolute http or https url
function signer.split_url(url)
  local scheme, host, authority, path, query = sigv4.split_url(url)
  if not scheme then return refuse_url() end
  return { scheme = scheme, host = host, authority = authority, path = path, query = query }
end

local function encode_query(pairs_of_query)
  local parts = {}
  for i, pair in ipairs(pairs_of_query) do parts[i] = sigv4.uri_encode(pair[1]) .. "=" .. sigv4.uri_encode(pair[2]) end
  return table.concat(parts, "&")
end

--- Puts a request's endpoint, path and query together to the url that is signed and sent. Doing it again is harmless.
---@param request bedrock.SignedRequest
---@return bedrock.SignedRequest request the same table, with `url` whole and without `path` and `query`
function signer.assemble(request)
  if request.path then
    local query = encode_query(request.query or {})
    request.url = request.url:gsub("/+$", "") .. request.path .. (query ~= "" and "?" .. query or "")
    request.path, request.query = nil, nil
  end
  return request
end

-- Why a header cannot be sent. Names are tokens (RFC 9110, 5.6.2). A line break in a value would start a header of its own.
local function refuse_header(name, value)
  local message
  if type(name) ~= "string" or not sigv4.is_field_name(name) then
    message = ("%q is not the name of a header"):format(tostring(name))
  elseif type(value) ~= "string" then
    message = "the header " .. name .. " must be a string, not a " .. type(value)
  else
    message = "the header " .. name .. " holds a line break or another control character"
  end
  return nil, errors.new { kind = "validation", code = "header", message = message }
end

local function refuse_credentials(credentials, name, why)
  return nil, errors.new {
    kind = "credentials", code = name, message = name .. " " .. why,
    hint = "Look at where the credentials come from" .. (credentials.source and ": " .. credentials.source or ""),
  }
end

-- What is wrong with a member of credentials, if anything. White space at its end is what a careless export leaves behind.
local function flaw_of(value)
  if value == nil or value == "" then return "is missing" end
  if type(value) ~= "string" then return "is not a string" end
  return not sigv4.is_key(value) and "holds white space or control characters" or nil
end

--- Whether credentials are complete and can stand in a header.
---@param credentials bedrock.Credentials
---@return boolean? ok
---@return bedrock.Error? err of kind credentials, naming the member and never its value
function signer.check_credentials(credentials)
  local session = credentials.session_token
  local id, secret = flaw_of(credentials.access_key_id), flaw_of(credentials.secret_access_key)
  local token = session ~= nil and session ~= "" and flaw_of(session)
  if id then return refuse_credentials(credentials, "access_key_id", id) end
  if secret then return refuse_credentials(credentials, "secret_access_key", secret) end
  if token then return refuse_credentials(credentials, "session_token", token) end
  return true
end

local function refuse_region()
  return nil, errors.new { kind = "config", code = "missing_region", message = "Missing Region: a signature names one",
    hint = "Set the option region, AWS_REGION, or region in the profile" }
end

-- What the core would not sign, in words. Only it checks; here is only said what it found.
local function refuse(what, place, request, credentials)
  if what == "credentials" then return signer.check_credentials(credentials) end
  if what == "region" then return refuse_region() end
  if what == "url" then return refuse_url() end
  if what == "header" then return refuse_header(request.headers[place][1], request.headers[place][2]) end
  return nil, errors.new { kind = "validation", code = what.code, message = what.message }
end

--- Signs a request with SigV4, in its headers. Signing again is safe: what an earlier attempt added goes first.
--- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
---@param request bedrock.SignedRequest its headers are replaced by a new list
---@param credentials bedrock.Credentials access_key_id, secret_access_key, session_token
---@param scope bedrock.Scope
---@param time number seconds since the epoch
---@param trace table? is told canonical_request, string_to_sign and signature, for a log at its finest level
---@return bedrock.SignedRequest? request
---@return bedrock.Error? err
function signer.sign(request, credentials, scope, time, trace)
  if request.path then signer.assemble(request) end
  local headers, wrong, place = sigv4.sign_request(request.headers, request.method, request.url, request.body, scope.region,
    scope.service, time, credentials.access_key_id, credentials.secret_access_key, credentials.session_token, trace)
  if not headers then return refuse(wrong, place, request, credentials) end
  request.headers = headers
  return request
end

-- This machine itself, as a name or as an address.
local function is_loopback(host)
  return host:lower() == "localhost" or host == "::1" or host:find("^127%.%d+%.%d+%.%d+$") ~= nil
end

--- Puts an API key on a request: as a bearer token, unless the service takes keys in a header of their own.
---@param request bedrock.SignedRequest its headers are replaced by a new list
---@param token string
---@param header "authorization"|"x-api-key"|nil
---@return bedrock.SignedRequest? request
---@return bedrock.Error? err of kind config when the token would travel in the clear
function signer.bearer(request, token, header)
  local url, url_err = signer.split_url(signer.assemble(request).url)
  if not url then return nil, url_err end
  if url.scheme ~= "https" and not is_loopback(url.host) then
    return nil, errors.new {
      kind = "config", code = "plain_http", message = "an API key is not sent over plain http to " .. url.host,
      hint = "Use an https endpoint, or one on this machine",
    }
  end
  if type(token) ~= "string" or token == "" or not sigv4.is_key(token) then
    return nil, errors.new {
      kind = "credentials", code = "api_key", message = "the API key is empty or holds white space or control characters",
    }
  end
  local own = header == "x-api-key"
  local headers, wrong, place = sigv4.fresh_headers(request.headers, own and "x-api-key" or nil)
  if not headers then return refuse(wrong, place, request) end
  headers[#headers + 1] = own and { "x-api-key", token } or { "authorization", "Bearer " .. token }
  request.headers = headers
  return request
end

--- Percent-encodes a value for a label of the path or for the query: every byte outside A-Z a-z 0-9 - . _ ~.
---@param text string
---@return string
function signer.uri_encode(text)
  return (sigv4.uri_encode(text))
end

return signer
