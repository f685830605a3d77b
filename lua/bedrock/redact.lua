--- What is secret in a request, an answer or a text, and how it is taken out: the one place for logs, hooks, errors and
-- recordings.
--
-- Pure. Where something is known by its name (a header, a member of JSON, an element of XML, a field of a form or a query) its
-- value goes; prose loses what looks like one of those. All else stays as it is, to the byte. What a caller knows to be secret
-- he can have taken out by its value, wherever it stands (`without`).

local redact = {}

--- What stands where something secret stood.
redact.HIDDEN = "REMOVED"
local HIDDEN = redact.HIDDEN

local SHORTEST = 8 -- letters; a shorter value would be found in innocent words

local secret_headers = {
  ["authorization"] = true, ["x-amz-security-token"] = true, ["x-api-key"] = true, ["cookie"] = true, ["set-cookie"] = true,
  ["proxy-authorization"] = true, ["x-aws-ec2-metadata-token"] = true, ["x-amz-sso_bearer_token"] = true, ["dpop"] = true,
}

-- Names of members, elements and form fields whose values are secret, without blanks, case or separators.
local secret_names = {
  accesskeyid = true, secretaccesskey = true, sessiontoken = true, securitytoken = true, token = true, accesstoken = true,
  refreshtoken = true, idtoken = true, clientsecret = true, devicecode = true, webidentitytoken = true, samlassertion = true,
  tokencode = true, codeverifier = true, awsaccesskeyid = true, authorizationtoken = true, apikey = true, password = true,
}

--- Whether a member, an element or a field of that name holds a secret.
---@param name string
---@return boolean
function redact.is_secret(name)
  return secret_names[name:lower():gsub("[_%-%s]", "")] == true
end
local is_secret = redact.is_secret

--- The value of a header, or what stands in its place. A redirect may be to a URL that is signed.
---@param name string
---@param value string
---@return string
function redact.header(name, value)
  name = name:lower()
  if secret_headers[name] then return HIDDEN end
  if name == "location" then return redact.url(value) end
  return value
end

--- Headers by their lower-case names, without secrets; a table of its own.
---@param headers table<string, string>|{ [1]: string, [2]: string }[]|nil a map, or a list of pairs
---@return table<string, string>
function redact.headers(headers)
  local clean = {}
  for name, value in pairs(headers or {}) do
    if type(value) == "table" then name, value = value[1], value[2] end
    clean[name:lower()] = redact.header(name, value)
  end
  return clean
end

-- Behind the last byte of a JSON string that begins at a position.
local function string_end(text, at)
  while true do
    local stop = text:find('["\\]', at)
    if not stop then return #text end
    if text:sub(stop, stop) == '"' then return stop end
    at = stop + 2
  end
end

--- JSON without the values of secret members. By hand and not by decoding: the text may be half a document, or none.
---@param text string
---@return string
function redact.json(text)
  local out, at = {}, 1
  while true do
    local _, colon, name = text:find('"([%w_%-]+)"%s*:%s*"', at)
    if not colon then break end
    local stop = string_end(text, colon + 1)
    out[#out + 1] = text:sub(at, colon) .. (is_secret(name) and HIDDEN .. '"' or text:sub(colon + 1, stop))
    at = stop + 1
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

--- XML without the contents of secret elements.
---@param text string
---@return string
function redact.xml(text)
  return (text:gsub("<([%w]+)>([^<]+)</([%w]+)>", function(name, _, closing)
    if name == closing and is_secret(name) then return ("<%s>%s</%s>"):format(name, HIDDEN, name) end
  end))
end

-- Puts a text together from what `step` makes of it, mark by mark. `step(text, at, stop)` gets where a mark stands and answers
-- up to where the text stays, and from where on it goes on, HIDDEN being in between; or nothing. (A pattern with the name in
-- front of the mark would take the square of the time on a text without marks.)
local function at_each(text, mark, step)
  local out, from, at = {}, 1, 1
  while true do
    local start, stop = text:find(mark, at, true)
    if not start then break end
    local keep, go_on = step(text, start, stop)
    at = (go_on or stop + 1)
    if keep then
      out[#out + 1], out[#out + 2] = text:sub(from, keep), HIDDEN
      from = go_on
    end
  end
  if from == 1 then return text end
  return table.concat(out) .. text:sub(from)
end

local LONGEST = 64 -- letters of a name

-- The name that ends before a position.
local function name_before(text, at, pattern)
  return (text:sub(math.max(1, at - LONGEST), at - 1):match(pattern) or ""):lower()
end

local function hide_field(text, start, stop)
  local name = name_before(text, start, "[%w_%-%.]+$")
  local plain = name:match("^x%-amz%-(.*)$") or name
  if not is_secret(plain) and plain ~= "credential" and plain ~= "signature" then return nil end
  local last = text:find("[&%s\"'<>,]", stop + 1) or #text + 1
  if last > stop + 1 then return stop, last end
end

--- A form, or a query, without the values of secret fields and without what is signed into it.
---@param text string
---@return string
function redact.form(text)
  return at_each(text, "=", hide_field)
end

local function hide_user(text, _, stop)
  local last = text:find("[/?#@%s]", stop + 1)
  if last and text:sub(last, last) == "@" then return stop, last end
end

--- A URL without the name and password of a user, and without what is signed into its query.
---@param url string
---@return string
function redact.url(url)
  url = at_each(url, "://", hide_user)
  local path, query = url:match("^([^?]*)%?(.*)$")
  return query and path .. "?" .. redact.form(query) or url
end

local function hide_header(text, start, stop)
  if not secret_headers[name_before(text, start, "[%w_%-]+$")] then return nil end
  stop = text:find("[^ \t]", stop + 1) or #text + 1
  return stop - 1, text:find("[\r\n]", stop) or #text + 1
end

--- Prose, such as the message of a service or of a proxy: without the values of secret headers that it quotes (a refused
--- signature is explained with the whole request), without signed URLs, and without passwords in URLs.
---@param text string
---@return string
function redact.text(text)
  if not text:find('[:="<]') and not text:find("[Bb]earer ") then return text end
  text = redact.form(redact.xml(redact.json(text)))
  text = at_each(at_each(text, ":", hide_header), "://", hide_user)
  return (text:gsub("([Bb]earer )[%w%-._~+/=|]+", "%1" .. HIDDEN))
end

--- A text without values that are known to be secret.
---@param text string
---@param secrets string[]
---@return string
function redact.without(text, secrets)
  for _, secret in ipairs(secrets) do
    if type(secret) == "string" and #secret >= SHORTEST then
      text = at_each(text, secret, function(_, start, stop) return start - 1, stop + 1 end)
    end
  end
  return text
end

--- The values that are secret by their names, for `without`.
---@param headers { [1]: string, [2]: string }[]? of a request
---@param members table? of its body
---@return string[]
function redact.secrets_of(headers, members)
  local secrets = {}
  for _, header in ipairs(headers or {}) do
    if secret_headers[header[1]:lower()] then secrets[#secrets + 1] = header[2] end
  end
  for name, value in pairs(members or {}) do
    if type(value) == "string" and is_secret(name) then secrets[#secrets + 1] = value end
  end
  return secrets
end

local DEPTH = 32 -- of tables; what lies deeper is not looked at by anybody

--- A value with every text in it put through a function. Tables of plain data only, which are copied, with their metatables.
---@param value any
---@param clean fun(text: string): string
---@param depth integer?
---@return any
function redact.value(value, clean, depth)
  depth = depth or 1
  if type(value) == "string" then return clean(value) end
  if type(value) ~= "table" then return value end
  local copy = {}
  for name, inner in pairs(value) do
    if type(name) == "string" and type(inner) == "string" and is_secret(name) then
      copy[name] = HIDDEN
    elseif depth < DEPTH then
      copy[name] = redact.value(inner, clean, depth + 1)
    end
  end
  return setmetatable(copy, getmetatable(value))
end

--- What takes known secrets out of all that somebody says: a text, a table of them, or nothing.
---@param secrets string[]
---@return fun(said: any): any
function redact.cleaner(secrets)
  local function clean(text) return redact.without(text, secrets) end
  return function(said)
    if #secrets == 0 then return said end
    return redact.value(said, clean)
  end
end

return redact
