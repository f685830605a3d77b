--- What Claude Platform on AWS has beside Messages: message batches, files, and its own list of models.
--
-- A method of a resource is a row: the HTTP method, the path, and what its first argument is. Members are those of
-- Anthropic's documentation and pass untouched. On a way that has no such resource each method is refused by name, with the
-- way that has it.
--
--   client.messages.batches:create { requests = ... }, :retrieve(id), :list(), :each(), :cancel(id), :delete(id), :results(id)
--   client.files:upload { path = ... }, :retrieve(id), :list(), :each(), :delete(id), :content(id)

local apis = require "bedrock.apis"
local core = require "bedrock.core"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local loops = require "bedrock.loops"
local messages = require "bedrock.messages"
local models = require "bedrock.models"
local pages = require "bedrock.pages"
local reply = require "bedrock.reply"
local signer = require "bedrock.signer"

local platform = {}

-- Resources ------------------------------------------------------------------------------------------------------------

-- A row that takes an id writes it into its path; "query" and "body" say where a table of members goes.
local batches = {
  offer = "batches", prefix = "messages.batches.",
  create = { "POST", "/v1/messages/batches", "body" },
  retrieve = { "GET", "/v1/messages/batches/%s", "id" },
  list = { "GET", "/v1/messages/batches", "query" },
  cancel = { "POST", "/v1/messages/batches/%s/cancel", "id" },
  delete = { "DELETE", "/v1/messages/batches/%s", "id" },
  results = { "GET", "/v1/messages/batches/%s/results", "id" },
}

local files = {
  offer = "files", prefix = "files.", betas = { "files-api-2025-04-14" },
  upload = { "POST", "/v1/files", "body" },
  retrieve = { "GET", "/v1/files/%s", "id" },
  list = { "GET", "/v1/files", "query" },
  delete = { "DELETE", "/v1/files/%s", "id" },
  content = { "GET", "/v1/files/%s/content", "id" },
}

local own_models = { offer = "models", prefix = "models.", list = { "GET", "/v1/models", "query" } }

local takes = { id = "string", query = "table", body = "table" }

local function check_argument(resource, name, kind, value)
  if kind == "query" and value == nil then return {} end
  if type(value) ~= takes[kind] or value == "" then
    errors.misuse(("bedrock: %s%s takes %s, not %s"):format(resource.prefix, name, kind == "id" and "an id" or "a table",
      value == "" and "an empty one" or "a " .. type(value)))
  end
  return value
end

local function sorted_query(members)
  local query = {}
  for name, value in pairs(members) do query[#query + 1] = { name, tostring(value) } end
  table.sort(query, function(a, b) return a[1] < b[1] end)
  return query
end

-- The call of a row, ready to be sent. `more` are fields of the request beside those of the row.
local function prepare(client, resource, name, argument, opts, more)
  local method, path, kind = (table.unpack or unpack)(resource[name])
  argument = check_argument(resource, name, kind, argument)
  local api = client.settings.api
  if not api.offers[resource.offer] then return nil, apis.refusal(api, resource.offer, resource.prefix .. name) end
  local request = { operation = resource.prefix .. name, method = method, path = path, betas = resource.betas }
  if kind == "id" then request.path = path:format(signer.uri_encode(argument)) end
  if kind == "query" then request.query = sorted_query(argument) end
  if kind == "body" then request.body = argument end
  for field, value in pairs(more or {}) do request[field] = value end
  return apis.call(client, request, opts)
end

local function run(client, resource, name, argument, opts, more)
  local call, err = prepare(client, resource, name, argument, opts, more)
  if not call then return nil, err end
  return call:run()
end

-- The walk over all pages of a list; the next one begins behind the last item.
local function each(client, resource, params, opts)
  local function ask(members)
    local page, err = run(client, resource, "list", members, opts)
    if not page then return nil, err end
    return { data = page.data, following = page.has_more == true and page.last_id or nil }
  end
  local plan = { items = "data", output = "following", input = "after_id" }
  return pages.over(client, resource.prefix .. "list", plan, ask, params)
end

-- Results of a batch ---------------------------------------------------------------------------------------------------

---@class bedrock.BatchResults the answers of a batch, one by one, as they come down
local Results = { __name = "bedrock.batch_results" }
Results.__index = Results

local function result_of(line)
  local result, why = json.decode(line)
  if type(result) ~= "table" then
    return nil, errors.new { kind = "stream", code = "damaged", operation = "messages.batches.results",
      message = "a line of the results is not an object: " .. (why and why.message or line:sub(1, 80)) }
  end
  local inner = type(result.result) == "table" and result.result or {}
  if type(inner.message) == "table" then reply.wrap(inner.message, "messages") end
  return result
end

-- The next line that is whole, or at the end of all bytes what is left.
function Results:line(at_the_end)
  local stop = self.held:find("\n", self.at, true)
  if not stop and not at_the_end then return nil end
  local line = self.held:sub(self.at, stop and stop - 1)
  self.at = stop and stop + 1 or #self.held + 1
  return line
end

--- The next answer: { custom_id, result = { type = "succeeded", message } | { type = "errored", error } | ... }. They come in
--- no order that is promised.
---@return table? result nil at the end
---@return bedrock.Error? err
function Results:next()
  while true do
    local line = self:line(self.ended)
    if line and line:find("%S") then return result_of(line) end
    if self.ended and self.at > #self.held then return nil end
    if not line then
      local piece, err = self.stream:next()
      if err then return nil, err end
      self.held, self.at, self.ended = self.held:sub(self.at) .. (piece and piece.data or ""), 1, piece == nil
    end
  end
end

function Results:__call()
  loops.check(self.stream.call.transport, "a loop over results", "result, err = results:next()", 2)
  local result, err = self:next()
  if err then error(err, 0) end
  return result
end

--- Gives the rest up.
function Results:close()
  self.stream:close()
end

Results.__close = Results.close

-- Batches --------------------------------------------------------------------------------------------------------------

---@class bedrock.MessageBatches https://platform.claude.com/docs/en/build-with-claude/batch-processing
local Batches = { __name = "bedrock.message_batches" }
Batches.__index = Batches

-- Bytes of a batch, which are more than those of one request.
local batch_limit = 256e6

-- The requests with their neutral blocks written; what they say of betas goes into the header of all.
local function written(params)
  local body, betas = {}, {}
  for name, value in pairs(params) do body[name] = value end
  if type(params.requests) ~= "table" then return body end
  body.requests = json.array {}
  for i, request in ipairs(params.requests) do
    local own = {}
    for name, value in pairs(type(request) == "table" and request or {}) do own[name] = value end
    if type(own.params) == "table" then
      local inner, headers = messages.native(own.params)
      if not inner then return nil, headers end
      own.params = inner
      for _, name in ipairs(headers.betas or {}) do betas[#betas + 1] = name end
    end
    body.requests[i] = own
  end
  return body, betas
end

--- Makes a batch.
---@param params { requests: { custom_id: string, params: table }[] } each `params` is a Messages request without `stream`
---@param opts bedrock.CallOptions? { beta, headers, timeouts, retry }
---@return table? batch its `processing_status` becomes "ended"
---@return bedrock.Error? err
function Batches:create(params, opts)
  check_argument(batches, "create", "body", params)
  local body, betas = written(params)
  if not body then return nil, betas end
  return run(self.client, batches, "create", body, opts, { betas = betas, limit = batch_limit })
end

--- How far a batch is.
---@param id string
---@param opts bedrock.CallOptions?
---@return table? batch
---@return bedrock.Error? err
function Batches:retrieve(id, opts)
  return run(self.client, batches, "retrieve", id, opts)
end

--- One page of the batches, newest first.
---@param params { limit: integer?, after_id: string?, before_id: string? }?
---@param opts bedrock.CallOptions?
---@return table? page { data, has_more, first_id, last_id }
---@return bedrock.Error? err
function Batches:list(params, opts)
  return run(self.client, batches, "list", params, opts)
end

--- Walks all batches; raises the error when a page cannot be had.
---@param params table?
---@param opts bedrock.CallOptions?
---@return bedrock.Pager pager `for batch in batches:each() do`
function Batches:each(params, opts)
  return each(self.client, batches, params, opts)
end

--- Stops a batch; what is answered already stays.
---@param id string
---@param opts bedrock.CallOptions?
---@return table? batch
---@return bedrock.Error? err
function Batches:cancel(id, opts)
  return run(self.client, batches, "cancel", id, opts)
end

--- Forgets a batch that has ended.
---@param id string
---@param opts bedrock.CallOptions?
---@return table? deleted
---@return bedrock.Error? err
function Batches:delete(id, opts)
  return run(self.client, batches, "delete", id, opts)
end

--- The answers of a batch that has ended, read as they come down. A message among them has the methods of a reply.
---@param id string
---@param opts bedrock.CallOptions?
---@return bedrock.BatchResults? results `for result in results do`; `results:next()` returns nil, err instead of raising
---@return bedrock.Error? err
function Batches:results(id, opts)
  local call, err = prepare(self.client, batches, "results", id, opts)
  if not call then return nil, err end
  local stream, failed = self.client:open(call, "raw")
  if not stream then return nil, failed end
  return setmetatable({ stream = stream, held = "", at = 1, ended = false }, Results)
end

--- The `messages.batches` of a client.
---@param client bedrock.Client
---@return bedrock.MessageBatches
function platform.batches(client)
  return setmetatable({ client = client }, Batches)
end

-- Files ----------------------------------------------------------------------------------------------------------------

---@class bedrock.Files https://platform.claude.com/docs/en/build-with-claude/files
local Files = { __name = "bedrock.files" }
Files.__index = Files

local file_limit = 500e6

local types = {
  pdf = "application/pdf", txt = "text/plain", md = "text/markdown", csv = "text/csv", html = "text/html",
  json = "application/json", png = "image/png", jpg = "image/jpeg", jpeg = "image/jpeg", gif = "image/gif", webp = "image/webp",
}

local function type_by_name(name)
  return types[(name:match("%.(%w+)$") or ""):lower()] or "application/octet-stream"
end

-- A name inside of quotes, as forms write it.
local function quoted(name)
  return (name:gsub('[%c"]', function(c) return ("%%%02X"):format(c:byte()) end))
end

local function form(name, kind, bytes)
  local boundary = "bedrock-" .. core.crypto.uuid()
  local head = ('--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\nContent-Type: %s\r\n\r\n')
    :format(boundary, quoted(name), kind)
  return head .. bytes .. ("\r\n--%s--\r\n"):format(boundary), "multipart/form-data; boundary=" .. boundary
end

-- Bytes and name of what is to be uploaded.
local function content_of(system, params)
  if type(params.bytes) == "string" then return params.bytes, params.filename or "file" end
  if type(params.path) ~= "string" then
    errors.misuse "bedrock: files.upload takes { path = ... } or { bytes = ..., filename = ... }"
  end
  local bytes, why = system.read_file(params.path)
  if not bytes then
    return nil, errors.new { kind = "config", code = "file", operation = "files.upload", message = tostring(why) }
  end
  return bytes, params.filename or params.path:match("[^/\\]+$")
end

--- Uploads a file, to be named by its id in later requests.
---@param params { path: string?, bytes: string?, filename: string?, mime_type: string? } a file of this machine, or its bytes
---@param opts bedrock.CallOptions?
---@return table? file { id, filename, mime_type, size_bytes, ... }
---@return bedrock.Error? err
function Files:upload(params, opts)
  check_argument(files, "upload", "body", params)
  local bytes, name = content_of(self.client.system, params)
  if not bytes then return nil, name end
  local body, kind = form(name, params.mime_type or type_by_name(name), bytes)
  local more = { body = body, headers = { { "Content-Type", kind } }, limit = file_limit }
  return run(self.client, files, "upload", params, opts, more)
end

--- What is known of a file.
---@param id string
---@param opts bedrock.CallOptions?
---@return table? file
---@return bedrock.Error? err
function Files:retrieve(id, opts)
  return run(self.client, files, "retrieve", id, opts)
end

--- One page of the files.
---@param params { limit: integer?, after_id: string?, before_id: string? }?
---@param opts bedrock.CallOptions?
---@return table? page
---@return bedrock.Error? err
function Files:list(params, opts)
  return run(self.client, files, "list", params, opts)
end

--- Walks all files; raises the error when a page cannot be had.
---@param params table?
---@param opts bedrock.CallOptions?
---@return bedrock.Pager pager `for file in client.files:each() do`
function Files:each(params, opts)
  return each(self.client, files, params, opts)
end

--- Deletes a file.
---@param id string
---@param opts bedrock.CallOptions?
---@return table? deleted
---@return bedrock.Error? err
function Files:delete(id, opts)
  return run(self.client, files, "delete", id, opts)
end

--- The bytes of a file that a tool of the model made; those that were uploaded are not given back.
---@param id string
---@param opts bedrock.CallOptions?
---@return string? bytes
---@return bedrock.Error? err
function Files:content(id, opts)
  local call, err = prepare(self.client, files, "content", id, opts)
  if not call then return nil, err end
  local answer, body = call:fetch()
  if not answer then return nil, body end
  call:finish(true)
  return body
end

--- The `files` of a client.
---@param client bedrock.Client
---@return bedrock.Files
function platform.files(client)
  return setmetatable({ client = client }, Files)
end

-- Models ---------------------------------------------------------------------------------------------------------------

local function given(value, otherwise)
  if value == nil or value == json.null then return otherwise end
  return value
end

-- In the shape of those of Bedrock, so that one loop reads both.
local function available(info)
  local facts = models.get(info.id)
  return {
    id = info.id, call_id = info.id, name = given(info.display_name, info.id), provider = "Anthropic",
    lifecycle = given(info.lifecycle, "active"), streaming = true, on_demand = true, provisioned = false, profile_only = false,
    input = { "text", "image" }, output = { "text" }, profiles = {}, application_profiles = {}, facts = facts,
    context_window = given(info.max_input_tokens, facts and facts.context_window),
  }
end

--- The models of the platform, as `client:models()` lists those of Bedrock.
---@param client bedrock.Client
---@param opts bedrock.CallOptions? of the calls
---@return bedrock.AvailableModel[]? models
---@return bedrock.Error? err
function platform.models(client, opts)
  local list, pager = {}, each(client, own_models, { limit = 100 }, opts)
  while true do
    local info, err = pager:next()
    if err then return nil, err end
    if not info then return list end
    if type(info) == "table" and type(info.id) == "string" then list[#list + 1] = available(info) end
  end
end

return platform
