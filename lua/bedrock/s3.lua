--- As much of Amazon S3 as batch jobs need: put, get, list, and large objects in parts.
--
-- Requests are signed and retried like all others of the client, by S3's rules of signing (the signing name "s3" says so).
-- A bucket stands in the host (bucket.s3.region.amazonaws.com); in the path where an endpoint is configured, or where its
-- name holds a dot, which no certificate covers. Files are read and written in pieces, so memory does not grow with them.

local call = require "bedrock.call"
local errors = require "bedrock.errors"

local s3 = {}

---@class bedrock.S3
local S3 = {}
S3.__index = S3
S3.__name = "bedrock.s3"

local MIB = 1024 * 1024
-- The smallest part that S3 takes, and how many of them an object may have.
local PART, MAX_PARTS = 5 * MIB, 10000
-- How often a download goes on after its connection broke without a byte in between.
local RESUMES = 5

local function xml()
  return require "bedrock.xml"
end

--- Takes an address apart.
---@param address string "s3://bucket/some/key"
---@return string? bucket nil when it is not one
---@return string? key "" when there is none
function s3.parse(address)
  local bucket, key = address:match("^s3://([^/]+)/?(.*)$")
  return bucket, key
end

--- The S3 of a client.
---@param client bedrock.Client
---@param options { path_style: boolean?, part_size: integer? }? bytes of a part, 5 MiB at least
---@return bedrock.S3
function s3.of(client, options)
  options = options or {}
  return setmetatable({ client = client, path_style = options.path_style, part_size = options.part_size or PART }, S3)
end

-- Requests

-- The path is encoded once, on the wire and in the signature alike; slashes of the key stay.
local function encode_key(key)
  return (key:gsub("[^A-Za-z0-9%-%._~/]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function names_a_host(bucket)
  return bucket:find("^[a-z0-9][a-z0-9%-]+[a-z0-9]$") ~= nil
end

-- Puts the bucket into the host, or into the path.
function S3:place(c, bucket)
  local path_style = self.path_style
  if path_style == nil then path_style = c.endpoint.source ~= nil or not names_a_host(bucket) end
  if path_style then
    c.request.path = "/" .. encode_key(bucket) .. c.request.path
    return
  end
  local e = c.endpoint
  c.endpoint = { url = e.url:gsub("^(%a+://)", "%1" .. bucket .. "."), signing_name = e.signing_name,
    signing_region = e.signing_region }
end

-- What stands for an operation: errors of S3 come in XML, as those of the query protocol do.
local function operation(name)
  return { snake = name, service = "s3", auth = "sigv4", api = { protocol = "query" } }
end

function S3:prepare(name, method, bucket, key, more)
  local built = {
    method = method, path = "/" .. encode_key(key or ""), query = more.query or {}, headers = more.headers or {},
    body = more.body,
  }
  local c, err = call.of(self.client, operation(name), built, more.call)
  if not c then return nil, err end
  self:place(c, bucket)
  return c
end

-- A bucket of another region is the mistake that the service explains least.
local function explain(err)
  local members = err.members or {}
  local region = members.Region or members.Endpoint
  if err.code == "PermanentRedirect" or err.code == "AuthorizationHeaderMalformed" or err.status == 301 then
    err.hint = "The bucket is in another region" .. (type(region) == "string" and " (" .. region .. ")" or "") ..
      "; a batch job wants it in its own"
  end
  return err
end

-- One request to the end of its answer.
function S3:run(name, method, bucket, key, more)
  local c, err = self:prepare(name, method, bucket, key, more or {})
  if not c then return nil, err end
  local answer, body = c:fetch()
  if not answer then return nil, explain(body) end
  c:finish(true)
  return answer, body
end

-- One request whose answer is XML: its root.
function S3:run_xml(name, method, bucket, key, more)
  local answer, body = self:run(name, method, bucket, key, more)
  if not answer then return nil, body end
  local root, why = xml().decode(body, { size = 16 * MIB })
  if root and root.name ~= "Error" then return root end
  local message = root and (xml().child(root, "Message") or {}).text or why and why.message
  local code = root and (xml().child(root, "Code") or {}).text
  local kind, retryable = errors.classify(code, 500)
  return nil, errors.new {
    kind = kind, code = code or "UnreadableAnswer", retryable = retryable, operation = name, status = answer.status,
    message = message or "the answer is not XML",
  }
end

local function text_of(node, name)
  local child = xml().child(node, name)
  return child and child.text
end

-- Objects in memory

--- Writes an object.
---@param bucket string
---@param key string
---@param bytes string|userdata
---@return { etag: string? }? put
---@return bedrock.Error? err
function S3:put(bucket, key, bytes)
  local answer, err = self:run("put_object", "PUT", bucket, key, { body = bytes })
  if not answer then return nil, err end
  return { etag = answer.headers.etag }
end

--- Reads an object into memory; `open` reads large ones in pieces.
---@param bucket string
---@param key string
---@return string? bytes
---@return bedrock.Error? err
function S3:get(bucket, key)
  local answer, body = self:run("get_object", "GET", bucket, key)
  if not answer then return nil, body end
  return body
end

-- Objects in pieces

---@class bedrock.S3Reader
local Reader = {}
Reader.__index = Reader
Reader.__name = "bedrock.s3.reader"

-- Asks for the object from where the reader stands; the same object, not one that has replaced it meanwhile.
function Reader:ask()
  local headers = {}
  if self.offset > 0 then
    headers[1] = { "Range", ("bytes=%.0f-"):format(self.offset) }
    if self.etag then headers[2] = { "If-Match", self.etag } end
  end
  local c, err = self.s3:prepare("get_object", "GET", self.bucket, self.key, { headers = headers })
  if not c then return nil, err end
  local answer, failed = c:send()
  if not answer then return nil, explain(failed) end
  if self.offset > 0 and answer.status ~= 206 then
    answer:close()
    c:finish(true)
    return nil, errors.new { kind = "stream", code = "range", operation = "get_object",
      message = "the service does not go on with an object in its middle" }
  end
  self.answer, self.call, self.etag = answer, c, self.etag or answer.headers.etag
  return true
end

local function broken(reader, failed)
  return errors.new {
    kind = failed.kind, code = failed.code, operation = "get_object", clock = failed.clock, retryable = true,
    message = ("reading %s broke at byte %.0f: %s"):format(reader.key, reader.offset, tostring(failed.message)),
  }
end

--- The next piece. A broken connection is replaced, and the reading goes on where it stood.
---@return string? bytes nil at the end
---@return bedrock.Error? err
function Reader:read()
  while true do
    local bytes, failed = self.answer:read()
    if bytes then
      self.offset, self.resumes = self.offset + #bytes, 0
      return bytes
    end
    if not failed then
      self.call:finish(true)
      return nil
    end
    self.answer:close()
    self.resumes = self.resumes + 1
    local err = broken(self, failed)
    self.call:finish(true, err)
    if self.resumes > RESUMES then return nil, err end
    local ok, why = self:ask()
    if not ok then return nil, why end
  end
end

--- Gives the rest up.
function Reader:close()
  self.answer:close()
  self.call:finish(true)
end

--- Opens an object to be read in pieces.
---@param bucket string
---@param key string
---@return bedrock.S3Reader? reader
---@return bedrock.Error? err
function S3:open(bucket, key)
  local reader = setmetatable({
    s3 = self, bucket = bucket, key = key, offset = 0, resumes = 0, etag = nil, answer = nil, call = nil,
  }, Reader)
  local ok, err = reader:ask()
  if not ok then return nil, err end
  return reader
end

local function file_error(operation_name, why)
  return errors.new { kind = "config", code = "file", operation = operation_name, message = tostring(why) }
end

local function copy_to(reader, file)
  while true do
    local bytes, err = reader:read()
    if err then return nil, err end
    if not bytes then return true end
    local ok, why = file:write(bytes)
    if not ok then
      reader:close()
      return nil, file_error("get_object", why)
    end
  end
end

--- Writes an object to a file, which appears only when it is whole.
---@param bucket string
---@param key string
---@param path string
---@return true?
---@return bedrock.Error? err
function S3:download(bucket, key, path)
  local reader, err = self:open(bucket, key)
  if not reader then return nil, err end
  local file, why = io.open(path .. ".new", "wb")
  if not file then
    reader:close()
    return nil, file_error("get_object", why)
  end
  local ok, failed = copy_to(reader, file)
  local closed, close_why = file:close()
  if not ok then return nil, failed end
  if closed then closed, close_why = os.rename(path .. ".new", path) end
  if not closed then return nil, file_error("get_object", close_why) end
  return true
end

-- Objects in parts

---@class bedrock.S3Upload what must be kept to go on with an upload that was interrupted
---@field id string
---@field size integer of a part, but for the last
---@field etags string[] of the parts that are there

function S3:begin_upload(bucket, key, size)
  local root, err = self:run_xml("create_multipart_upload", "POST", bucket, key, { query = { { "uploads", "" } } })
  if not root then return nil, err end
  local id = text_of(root, "UploadId")
  if not id or id == "" then
    return nil, errors.new { kind = "server", operation = "create_multipart_upload", message = "the answer names no upload" }
  end
  local part = math.max(self.part_size, math.ceil(size / MAX_PARTS))
  return { id = id, size = part, etags = {} }
end

function S3:put_part(bucket, key, upload, number, bytes)
  local answer, err = self:run("upload_part", "PUT", bucket, key, {
    query = { { "partNumber", tostring(number) }, { "uploadId", upload.id } }, body = bytes,
  })
  if not answer then return nil, err end
  if answer.headers.etag then return answer.headers.etag end
  return nil, errors.new { kind = "server", operation = "upload_part", message = "the answer names no ETag" }
end

local function escaped(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"))
end

function S3:complete_upload(bucket, key, upload)
  local parts = {}
  for number, etag in ipairs(upload.etags) do
    parts[number] = ("<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>"):format(number, escaped(etag))
  end
  local body = '<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' .. table.concat(parts) ..
    "</CompleteMultipartUpload>"
  local root, err = self:run_xml("complete_multipart_upload", "POST", bucket, key, {
    query = { { "uploadId", upload.id } }, headers = { { "Content-Type", "application/xml" } }, body = body,
  })
  if not root then return nil, err end
  return true
end

--- Gives up an upload, so that its parts are not paid for.
---@param bucket string
---@param key string
---@param upload bedrock.S3Upload
---@return true?
---@return bedrock.Error? err
function S3:abort_upload(bucket, key, upload)
  local answer, err = self:run("abort_multipart_upload", "DELETE", bucket, key, { query = { { "uploadId", upload.id } } })
  if not answer then return nil, err end
  return true
end

-- Sends the parts that are not there yet, one in memory at a time.
function S3:send_parts(bucket, key, file, upload, keep)
  file:seek("set", #upload.etags * upload.size)
  while true do
    local bytes = file:read(upload.size)
    if not bytes then return true end
    local etag, err = self:put_part(bucket, key, upload, #upload.etags + 1, bytes)
    if not etag then return nil, err end
    upload.etags[#upload.etags + 1] = etag
    local kept, why = keep(upload)
    if not kept then return nil, why end
  end
end

function S3:upload_parts(bucket, key, file, size, options)
  local upload, keep = options.resume, options.keep or function() return true end
  local ok, err = true, nil
  if not upload then
    upload, err = self:begin_upload(bucket, key, size)
    if not upload then return nil, err end
    ok, err = keep(upload)
  end
  if ok then ok, err = self:send_parts(bucket, key, file, upload, keep) end
  if ok then ok, err = self:complete_upload(bucket, key, upload) end
  if ok then return true end
  -- Who keeps no note of the upload cannot go on with it.
  if not options.keep then self:abort_upload(bucket, key, upload) end
  return nil, err
end

function S3:upload_open(bucket, key, file, options)
  local size = file:seek("end")
  if size > self.part_size then return self:upload_parts(bucket, key, file, size, options) end
  file:seek("set", 0)
  return self:put(bucket, key, file:read("*a"))
end

--- Writes a file to an object, in parts when it is large.
---@param bucket string
---@param key string
---@param path string
---@param options { keep: (fun(upload: bedrock.S3Upload): true?, bedrock.Error?)?, resume: bedrock.S3Upload? }? keep: called
--- when an upload in parts begins and after each part, true to go on; resume: what it was called with last, to go on there
---@return true?
---@return bedrock.Error? err
function S3:upload(bucket, key, path, options)
  local file, why = io.open(path, "rb")
  if not file then return nil, file_error("put_object", why) end
  local ok, err = self:upload_open(bucket, key, file, options or {})
  file:close()
  if not ok then return nil, err end
  return true
end

-- Lists

local function add_objects(list, root)
  for _, node in ipairs(root) do
    if node.name == "Contents" and text_of(node, "Key") then
      list[#list + 1] = { key = text_of(node, "Key"), size = tonumber(text_of(node, "Size")), etag = text_of(node, "ETag") }
    end
  end
end

--- The objects whose keys begin with a prefix, over all pages.
---@param bucket string
---@param prefix string
---@return { key: string, size: integer, etag: string? }[]? objects in the order of their keys
---@return bedrock.Error? err
function S3:list(bucket, prefix)
  local list, token = {}, nil
  repeat
    local query = { { "list-type", "2" }, { "prefix", prefix } }
    if token then query[3] = { "continuation-token", token } end
    local root, err = self:run_xml("list_objects_v2", "GET", bucket, "", { query = query })
    if not root then return nil, err end
    add_objects(list, root)
    local next_token = text_of(root, "IsTruncated") == "true" and text_of(root, "NextContinuationToken") or nil
    if next_token == token then next_token = nil end
    token = next_token
  until not token
  return list
end

return s3
