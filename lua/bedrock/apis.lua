--- The four ways to Claude through AWS, each as one row of facts.
--
--   invoke    InvokeModel on bedrock-runtime: ids with versions and profiles, frames of AWS's event stream
--   runtime   the Messages API on bedrock-runtime, under /anthropic
--   mantle    Claude in Amazon Bedrock, on bedrock-mantle
--   platform  Claude Platform on AWS, operated by Anthropic
--
-- But for `invoke` the request is the Messages request itself: model and stream stay in its body, the version and the betas are
-- headers, and streams are server-sent events. `client.messages` reads the row and does the rest, so that moving from one to
-- another is one option. What a row does not offer is refused by name, with the row that does.

local errors = require "bedrock.errors"
local json = require "bedrock.json"

local apis = {}

---@class bedrock.Api
---@field name string what the option `api` says
---@field title string
---@field service string a key of `partitions.services`: host, signing name, header of an API key
---@field base string path in front of /v1, empty without
---@field native boolean whether the Messages request goes out as it is; else as the body of InvokeModel
---@field version string? the header anthropic-version
---@field base_url string? the variable by which Anthropic's own client moves host and base path
---@field keys string[] the variables that may hold an API key, in order
---@field key_first boolean? an explicit key wins over explicit credentials, and a named profile over a key of the environment
---@field needs_region boolean? there is no default region
---@field workspace string? the header that names the workspace, without which nothing is answered
---@field request_limit integer bytes of a request
---@field offers table<string, boolean> messages, count_tokens, batches, files, models

local function offering(words)
  local set = {}
  for word in words:gmatch("%S+") do set[word] = true end
  return set
end

---@type table<string, bedrock.Api>
local rows = {
  invoke = {
    title = "InvokeModel", service = "bedrock-runtime", base = "", native = false, keys = { "AWS_BEARER_TOKEN_BEDROCK" },
    request_limit = 20e6, offers = offering "messages count_tokens",
  },
  runtime = {
    title = "the Messages API of bedrock-runtime", service = "bedrock-runtime", base = "/anthropic", native = true,
    version = "2023-06-01", keys = { "AWS_BEARER_TOKEN_BEDROCK" }, request_limit = 20e6,
    offers = offering "messages count_tokens",
  },
  mantle = {
    title = "Claude in Amazon Bedrock", service = "bedrock-mantle", base = "/anthropic", native = true, version = "2023-06-01",
    base_url = "ANTHROPIC_BEDROCK_MANTLE_BASE_URL", keys = { "AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_AWS_API_KEY" },
    key_first = true, needs_region = true, request_limit = 20e6, offers = offering "messages count_tokens",
  },
  platform = {
    title = "Claude Platform on AWS", service = "aws-external-anthropic", base = "", native = true, version = "2023-06-01",
    base_url = "ANTHROPIC_AWS_BASE_URL", keys = { "ANTHROPIC_AWS_API_KEY" }, key_first = true, needs_region = true,
    workspace = "anthropic-workspace-id", request_limit = 32e6,
    offers = offering "messages count_tokens batches files models",
  },
}

-- In the order in which they are named.
local order = { "invoke", "runtime", "mantle", "platform" }
for name, row in pairs(rows) do row.name = name end

--- The row of a name.
---@param name string
---@return bedrock.Api?
function apis.get(name)
  return rows[name]
end

--- The names of all rows.
---@return string[]
function apis.names()
  return { (table.unpack or unpack)(order) }
end

--- How a row is called in messages, with the option that picks it.
---@param name string
---@return string
function apis.label(name)
  return ("%s (api = %q)"):format(rows[name].title, name)
end

-- What does the same on Bedrock, where a path has no such thing.
local instead = {
  batches = "on Bedrock client:create_model_invocation_job runs batches",
  files = "on Bedrock files are sent inside of the request, see bedrock.content",
}

--- The refusal of what a path does not offer.
---@param api bedrock.Api
---@param what string a word of `offers`
---@param called string? what it is called in the message
---@return bedrock.Error
function apis.refusal(api, what, called)
  local others = {}
  for _, name in ipairs(order) do
    if rows[name].offers[what] then others[#others + 1] = apis.label(name) end
  end
  local hint = #others > 0 and ("Offered by " .. table.concat(others, " and ")) or nil
  if hint and instead[what] then hint = hint .. "; " .. instead[what] end
  return errors.new {
    kind = "config", code = "unsupported", operation = called,
    message = ("%s does not offer %s"):format(apis.label(api.name), called or what), hint = hint,
  }
end

-- Requests -------------------------------------------------------------------------------------------------------------

--- Beta names from a comma-separated header or a list: trimmed, each once.
---@param ... string|string[]|nil
---@return string[]? names nil when there are none
function apis.betas(...)
  local names, seen = {}, {}
  for i = 1, select("#", ...) do
    local source = select(i, ...)
    for _, text in ipairs(type(source) == "string" and { source } or source or {}) do
      for name in text:gmatch("[^,]+") do
        name = name:match("^%s*(.-)%s*$")
        if name ~= "" and not seen[name] then
          seen[name] = true
          names[#names + 1] = name
        end
      end
    end
  end
  return #names > 0 and names or nil
end

-- A configured address may hold the base path already, as Anthropic's own clients want it.
local function base_path(api, endpoint)
  if endpoint.source and endpoint.source == api.base_url then return "" end
  local base = api.base
  return base ~= "" and endpoint.url:sub(-#base) == base and "" or base
end

local function unencodable(operation, why)
  local where = why.path and why.path ~= "" and why.path or "body"
  return errors.new { kind = "validation", code = "body", operation = operation, message = where .. ": " .. why.message }
end

local function headers_of(settings, request, betas)
  local api = settings.api
  local headers = { { "anthropic-version", request.version or api.version } }
  if type(request.body) == "table" then headers[2] = { "Content-Type", "application/json" } end
  if api.workspace and settings.workspace_id then headers[#headers + 1] = { api.workspace, settings.workspace_id } end
  if betas then headers[#headers + 1] = { "anthropic-beta", table.concat(betas, ",") } end
  for _, header in ipairs(request.headers or {}) do headers[#headers + 1] = header end
  return headers
end

---@class bedrock.ApiRequest
---@field operation string what errors and hooks call it
---@field method string
---@field path string from /v1 on, encoded
---@field query table[]? names and values, not encoded
---@field headers table[]?
---@field body table|string|userdata|nil a table goes out as JSON
---@field version string? of the API, instead of the row's
---@field betas string[]? that it cannot do without, beside those of the caller
---@field limit integer? bytes, instead of those of the other requests

--- A call of an endpoint of a path that speaks Anthropic's API, ready to be sent.
---@param client bedrock.Client
---@param request bedrock.ApiRequest
---@param opts table? { beta, headers, timeouts, retry }
---@return bedrock.Call? call
---@return bedrock.Error? err
function apis.call(client, request, opts)
  local settings, call = client.settings, require "bedrock.call"
  local endpoint, err = client:endpoint(settings.api.service, { base_url = settings.api.base_url })
  if not endpoint then
    err.operation = err.operation or request.operation
    return nil, err
  end
  local body = request.body
  if type(body) == "table" then
    local text, why = json.encode(body, { buffer = true })
    if not text then return nil, unencodable(request.operation, why) end
    body = text
  end
  local operation = {
    snake = request.operation, service = settings.api.service, api = { protocol = "rest-json", anthropic = true }, outputs = {},
  }
  local c, failed = call.of(client, operation, {
    method = request.method, path = base_path(settings.api, endpoint) .. request.path, query = request.query, headers = {},
    body = body, endpoint = endpoint, limit = request.limit,
  }, opts)
  if not c then return nil, failed end
  c.api = settings.api.name
  local betas = c:take_header("anthropic-beta")
  c.request.headers = headers_of(settings, request, apis.betas(request.betas, opts and opts.beta or betas))
  return c
end

return apis
