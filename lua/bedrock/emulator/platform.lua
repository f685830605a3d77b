--- What Claude Platform on AWS has beside Messages: models, message batches and files, kept in memory.
--
-- A batch is answered when it is made, and says so from the second time it is asked. A file that was uploaded may be downloaded
-- again, which the real service grants only to files that its tools made: a program could not be tried otherwise.

local encoding = require("bedrock.emulator.encoding")
local json = require("bedrock.emulator.json")
local messages = require("bedrock.emulator.messages")
local refusal = require("bedrock.emulator.refusal")

local platform = {}

local FILES_BETA = "files-api-2025-04-14"

local catalogue = {
  { "claude-opus-4-8", "Claude Opus 4.8" }, { "claude-opus-4-7", "Claude Opus 4.7" }, { "claude-opus-4-6", "Claude Opus 4.6" },
  { "claude-sonnet-4-6", "Claude Sonnet 4.6" }, { "claude-haiku-4-5", "Claude Haiku 4.5" },
}

local function answer(exchange, body)
  return json.answer(body, { { "request-id", exchange.id } })
end

local function stamp(exchange, later)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(exchange.clock) + (later or 0))
end

local function found(exchange, kind, id)
  for _, item in ipairs(exchange.state:part(kind)) do
    if item.id == id then return item end
  end
  refusal.raise("ResourceNotFoundException", "Nothing is found among the %s by the id %s", kind, id)
end

local function removed(exchange, kind, id)
  local all = exchange.state:part(kind)
  for i, item in ipairs(all) do
    if item.id == id then table.remove(all, i) end
  end
end

-- A page by `limit` and `after_id`.
local function page(exchange, all)
  local query, first = encoding.form(exchange.request.query or ""), 1
  for i, item in ipairs(all) do
    if item.id == query.after_id then first = i + 1 end
  end
  local last = math.min(first + (tonumber(query.limit) or 20) - 1, #all)
  local data = json.list(table.move(all, first, last, 1, {}))
  return answer(exchange, { data = data, has_more = last < #all, first_id = data[1] and data[1].id or json.null,
    last_id = data[#data] and data[#data].id or json.null })
end

-- ---- models ----

local function list_models(exchange)
  local all = {}
  for i, row in ipairs(catalogue) do
    all[i] = { type = "model", id = row[1], display_name = row[2], created_at = "2026-01-02T00:00:00Z" }
  end
  return page(exchange, all)
end

-- ---- batches ----

local function outcome(exchange, anthropic, request, text)
  local ok, prompt, reply, used = pcall(anthropic.answer, exchange, request.params, text)
  if ok then return { type = "succeeded", message = messages.render(prompt, reply, used) } end
  if not refusal.is(prompt) then error(prompt, 0) end
  return { type = "errored", error = { type = "error", error = { type = "invalid_request_error", message = prompt.message } } }
end

local function results_of(exchange, anthropic)
  local body = json.decode(exchange.request.body)
  if not json.is_object(body) or not json.is_list(body.requests) then refusal.invalid("requests: Field required") end
  local texts = json.elements(json.members(exchange.request.body).requests)
  local results, seen = {}, {}
  for i, request in ipairs(body.requests) do
    local id = request.custom_id
    if type(id) ~= "string" then refusal.invalid("requests.%d.custom_id: Field required", i - 1) end
    if seen[id] then refusal.invalid("requests.%d.custom_id: custom_id values must be unique", i - 1) end
    seen[id] = true
    if not json.is_object(request.params) then refusal.invalid("requests.%d.params: Field required", i - 1) end
    results[i] = { custom_id = id, result = outcome(exchange, anthropic, request, json.members(texts[i]).params) }
  end
  return results
end

local function counts(batch)
  local out = { processing = 0, succeeded = 0, errored = 0, canceled = 0, expired = 0 }
  for _, one in ipairs(batch.results) do
    local kind = batch.status == "in_progress" and "processing" or one.result.type
    out[kind] = out[kind] + 1
  end
  return out
end

local function shown(exchange, batch)
  local over = batch.status == "ended"
  return { id = batch.id, type = "message_batch", processing_status = batch.status, request_counts = counts(batch),
    created_at = batch.created_at, expires_at = batch.expires_at, ended_at = over and batch.ended_at or json.null,
    cancel_initiated_at = batch.cancelled_at or json.null, archived_at = json.null,
    results_url = over and ("http://%s/v1/messages/batches/%s/results"):format(exchange.request.header.host, batch.id)
      or json.null }
end

local function create_batch(exchange, anthropic)
  local batch = { id = exchange.state:id("msgbatch_01"), status = "in_progress", results = results_of(exchange, anthropic),
    created_at = stamp(exchange), expires_at = stamp(exchange, 86400), ended_at = stamp(exchange) }
  table.insert(exchange.state:part("batches"), 1, batch)
  return answer(exchange, shown(exchange, batch))
end

local function get_batch(exchange)
  local batch = found(exchange, "batches", exchange.params[1])
  local told = answer(exchange, shown(exchange, batch))
  batch.status = "ended"
  return told
end

local function list_batches(exchange)
  local all = {}
  for i, batch in ipairs(exchange.state:part("batches")) do all[i] = shown(exchange, batch) end
  return page(exchange, all)
end

local function cancel_batch(exchange)
  local batch = found(exchange, "batches", exchange.params[1])
  if batch.status == "ended" then refusal.invalid("Batch %s has ended and cannot be canceled", batch.id) end
  batch.status, batch.cancelled_at = "canceling", stamp(exchange)
  for _, one in ipairs(batch.results) do one.result = { type = "canceled" } end
  return answer(exchange, shown(exchange, batch))
end

local function ended_batch(exchange)
  local batch = found(exchange, "batches", exchange.params[1])
  if batch.status ~= "ended" then refusal.invalid("Batch %s has not ended", batch.id) end
  return batch
end

local function delete_batch(exchange)
  local batch = ended_batch(exchange)
  removed(exchange, "batches", batch.id)
  return answer(exchange, { id = batch.id, type = "message_batch_deleted" })
end

-- The answers, a line each; as with the service, not in the order of the requests.
local function batch_results(exchange)
  local batch, parts = ended_batch(exchange), {}
  for i, one in ipairs(batch.results) do parts[#batch.results - i + 1] = { name = "result", bytes = json.encode(one) .. "\n" } end
  return { status = 200, stream = true, parts = parts,
    headers = { { "Content-Type", "application/x-jsonl" }, { "request-id", exchange.id } } }
end

-- ---- files ----

local function check_beta(exchange)
  local header = exchange.request.header
  if header["anthropic-version"] ~= "2026-10-21" and not (header["anthropic-beta"] or ""):find(FILES_BETA, 1, true) then
    refusal.invalid("anthropic-beta: the Files API needs %s", FILES_BETA)
  end
end

-- The part of a form that is the file: its name, type and bytes.
local function file_part(exchange)
  local boundary = (exchange.request.header["content-type"] or ""):match('^multipart/form%-data;.-boundary="?([^";]+)')
  if not boundary then refusal.invalid("file: a form of type multipart/form-data is expected") end
  local body, mark = "\r\n" .. exchange.request.body, "\r\n--" .. boundary
  local at = select(2, body:find(mark, 1, true))
  while at and body:sub(at + 1, at + 2) == "\r\n" do
    local head_end, content = body:find("\r\n\r\n", at, true)
    local next_mark, after = body:find(mark, content or #body, true)
    if not next_mark then break end
    local head = body:sub(at, head_end)
    if head:find('name="file"', 1, true) then
      local kind = head:match("[Cc]ontent%-[Tt]ype:%s*([^\r\n]+)")
      return head:match('filename="([^"]*)"'), kind, body:sub(content + 1, next_mark - 1)
    end
    at = after
  end
  refusal.invalid("file: Field required")
end

local function upload(exchange)
  check_beta(exchange)
  local name, kind, bytes = file_part(exchange)
  if not name or name == "" then refusal.invalid("file: a filename is required") end
  local file = { bytes = bytes, id = exchange.state:id("file_01"), told = { type = "file", filename = name, size_bytes = #bytes,
    mime_type = kind or "application/octet-stream", created_at = stamp(exchange), downloadable = true } }
  file.told.id = file.id
  table.insert(exchange.state:part("files"), 1, file)
  return answer(exchange, file.told)
end

local function list_files(exchange)
  check_beta(exchange)
  local all = {}
  for i, file in ipairs(exchange.state:part("files")) do all[i] = file.told end
  return page(exchange, all)
end

local function get_file(exchange)
  check_beta(exchange)
  return answer(exchange, found(exchange, "files", exchange.params[1]).told)
end

local function file_content(exchange)
  check_beta(exchange)
  local file = found(exchange, "files", exchange.params[1])
  return { status = 200, headers = { { "Content-Type", file.told.mime_type }, { "request-id", exchange.id } },
    parts = { { bytes = file.bytes } } }
end

local function delete_file(exchange)
  check_beta(exchange)
  local file = found(exchange, "files", exchange.params[1])
  removed(exchange, "files", file.id)
  return answer(exchange, { id = file.id, type = "file_deleted" })
end

-- operation, method, pattern of the path, handler
platform.rows = {
  { "ListModels", "GET", "^/v1/models$", list_models },
  { "CreateMessageBatch", "POST", "^/v1/messages/batches$", create_batch },
  { "ListMessageBatches", "GET", "^/v1/messages/batches$", list_batches },
  { "GetMessageBatchResults", "GET", "^/v1/messages/batches/([^/]+)/results$", batch_results },
  { "CancelMessageBatch", "POST", "^/v1/messages/batches/([^/]+)/cancel$", cancel_batch },
  { "GetMessageBatch", "GET", "^/v1/messages/batches/([^/]+)$", get_batch },
  { "DeleteMessageBatch", "DELETE", "^/v1/messages/batches/([^/]+)$", delete_batch },
  { "UploadFile", "POST", "^/v1/files$", upload },
  { "ListFiles", "GET", "^/v1/files$", list_files },
  { "DownloadFile", "GET", "^/v1/files/([^/]+)/content$", file_content },
  { "GetFile", "GET", "^/v1/files/([^/]+)$", get_file },
  { "DeleteFile", "DELETE", "^/v1/files/([^/]+)$", delete_file },
}

return platform
