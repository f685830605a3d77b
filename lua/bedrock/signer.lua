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

-- Headers of an earlier attempt, which a new one replaces.
local stale = { ["authorization"] = true, ["x-amz-date"] = true, ["x-amz-security-token"] = true }

local stale_key = { ["authorization"] = true, ["x-amz-date"] = true, ["x-amz-security-token"] = true, ["x-api-key"] = true }

local default_port = { http = "80", https = "443" }

---@class bedrock.UrlParts
---@field scheme string lower case
---@field host string without brackets
---@field authority string what a Host header says: with the port, unless it is the scheme's
---@field path string raw, "/" at least
---@field query string? raw, without the "?"

-- "[::1]:8080" -> "::1", "8080"; "localhost" -> "localhost", nil. User and password before an "@" are not part of it.
-- Strict, because a character that other readers take for the end of the host decides who gets the key.
local function split_authority(authority)
  authority = authority:match("^[%w%-._~!$&'()*+,;=:%%]*@(.*)$") or authority
  local host, port = authority:match("^%[([%x:.]+)%]:?(%d*)$")
  if not host then host, port = authority:match("^([%w%-._]+):?(%d*)$") end
  return host, port ~= "" and port or nil
end

--- Takes a url apart.
---@param url string
---@return bedrock.UrlParts? parts
---@return bedrock.Error? err of kind config when it is not an absolute http or https url
function signer.split_url(url)
  local scheme, authority, rest = url:match("^(%a+)://([^/?#]*)([^#]*)")
  scheme = scheme and scheme:lower()
  local host, port
  if authority then host, port = split_authority(authority) end
  if not host or not default_port[scheme] then
    return nil, errors.new { kind = "config", code = "url", message = "not an absolute http or https url" }
  end
  local path, query = rest:match("^([^?]*)%??(.*)$")
  local name = host:find(":", 1, true) and "[" .. host .. "]" or host
  return {
    scheme = scheme, host = host, path = path ~= "" and path or "/", query = query ~= "" and query or nil,
    authority = port and port ~= default_port[scheme] and name .. ":" .. port or name,
  }
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

local function refuse(message)
  return nil, errors.new { kind = "validation", code = "header", message = message }
end

-- Names are tokens (RFC 9110, 5.6.2). A line break in a value would start a header of its own.
local function check_header(name, value)
  if type(name) ~= "string" or not sigv4.is_field_name(name) then
    return refuse(("%q is not the name of a header"):format(tostring(name)))
  elseif type(value) ~= "string" then
    return refuse("the header " .. name .. " must be a string, not a " .. type(value))
  elseif not sigv4.is_field_value(value) then
    return refuse("the header " .. name .. " holds a line break or another control character")
  end
  return true
end

-- The request's headers without those of an earlier attempt, and whether a Host is among them; nil and an error when
-- one cannot be sent.
local function fresh_headers(headers, drop)
  local fresh, has_host = {}, false
  for _, header in ipairs(headers) do
    local ok, err = check_header(header[1], header[2])
    if not ok then return nil, err end
    local name = header[1]:lower()
    if not drop[name] then fresh[#fresh + 1] = header end
    has_host = has_host or name == "host"
  end
  return fresh, has_host
end

-- White space at the end of a key is what a careless export or an editor leaves behind.
local function is_clean(value)
  return sigv4.is_field_value(value) and not (value:find(" ", 1, true) or value:find("\t", 1, true))
end

local function refuse_credentials(credentials, name, why)
  return nil, errors.new {
    kind = "credentials", code = name, message = name .. " " .. why,
    hint = "Look at where the credentials come from" .. (credentials.source and ": " .. credentials.source or ""),
  }
end

--- Whether credentials are complete and can stand in a header.
---@param credentials bedrock.Credentials
---@return boolean? ok
---@return bedrock.Error? err of kind credentials, naming the member and never its value
function signer.check_credentials(credentials)
  local id, secret, session = credentials.access_key_id, credentials.secret_access_key, credentials.session_token
  if not id or id == "" then return refuse_credentials(credentials, "access_key_id", "is missing") end
  if not secret or secret == "" then return refuse_credentials(credentials, "secret_access_key", "is missing") end
  local unclean = not is_clean(id) and "access_key_id" or not is_clean(secret) and "secret_access_key" or
    session and not is_clean(session) and "session_token"
  if unclean then return refuse_credentials(credentials, unclean, "holds white space or control characters") end
  return true
end

-- The headers that are signed: those that are sent, and before them the Host that the transport will add.
local function with_host(headers, authority)
  local list = { { "host", authority } }
  for i, header in ipairs(headers) do list[i + 1] = header end
  return list
end

local s3_stale = { ["x-amz-content-sha256"] = true }
for name in pairs(stale) do s3_stale[name] = true end

local function to_core(request, url, headers, credentials, scope, time)
  local s3 = scope.service == "s3"
  return {
    method = request.method, path = url.path, query = url.query, headers = headers, body = request.body,
    region = scope.region, service = scope.service, time = time,
    access_key_id = credentials.access_key_id, secret_access_key = credentials.secret_access_key,
    session_token = credentials.session_token,
    normalize = not s3, double_encode = not s3, content_sha256 = s3,
  }
end

--- Signs a request with SigV4, in its headers. Signing again is safe: what an earlier attempt added goes first.
--- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
---@param request bedrock.SignedRequest its headers are replaced by a new list
---@param credentials bedrock.Credentials access_key_id, secret_access_key, session_token
---@param scope bedrock.Scope
---@param time number seconds since the epoch
---@return bedrock.SignedRequest? request
---@return bedrock.Error? err
---@return table? trace canonical_request, string_to_sign and signature, for a log at its finest level
function signer.sign(request, credentials, scope, time)
  local ok, err = signer.check_credentials(credentials)
  if not ok then return nil, err end
  if not scope.region then
    return nil, errors.new { kind = "config", code = "missing_region", message = "Missing Region: a signature names one",
      hint = "Set the option region, AWS_REGION, or region in the profile" }
  end
  local url, url_err = signer.split_url(signer.assemble(request).url)
  if not url then return nil, url_err end
  local headers, has_host = fresh_headers(request.headers, scope.service == "s3" and s3_stale or stale)
  if not headers then return nil, has_host end

  local to_sign = has_host and headers or with_host(headers, url.authority)
  local signed, failure = sigv4.sign(to_core(request, url, to_sign, credentials, scope, time))
  if not signed then
    return nil, errors.new { kind = "validation", code = failure.code, message = failure.message }
  end
  for _, header in ipairs(signed.headers) do headers[#headers + 1] = header end
  request.headers = headers
  return request, nil, signed
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
  if type(token) ~= "string" or token == "" or not is_clean(token) then
    return nil, errors.new {
      kind = "credentials", code = "api_key", message = "the API key is empty or holds white space or control characters",
    }
  end
  local own = header == "x-api-key"
  local headers, header_err = fresh_headers(request.headers, own and stale_key or stale)
  if not headers then return nil, header_err end
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
