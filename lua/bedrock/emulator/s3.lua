--- The corner of S3 that batch jobs stand in: objects in memory, put whole or in parts, got whole or in ranges, listed in pages.
--
-- Buckets stand in the path and come into being with their first object. What tells an S3 request from one to Bedrock, when both
-- come to one address, is the service that its signature names.

local digest = require("openssl.digest")
local encoding = require("bedrock.emulator.encoding")
local refusal = require("bedrock.emulator.refusal")

local s3 = {}

local SMALLEST_PART, PAGE = 5 * 1024 * 1024, 1000

-- ---- answers ----

local function answer(status, bytes, headers)
  headers = headers or {}
  if bytes ~= "" then table.insert(headers, 1, { "Content-Type", "application/xml" }) end
  return { status = status, headers = headers, parts = { { bytes = bytes } } }
end

local function element(name, content)
  return ("<%s>%s</%s>"):format(name, content, name)
end

local function text(name, value)
  return element(name, encoding.xml(tostring(value)))
end

local function document(name, content)
  return '<?xml version="1.0" encoding="UTF-8"?>\n' ..
    ('<%s xmlns="http://s3.amazonaws.com/doc/2006-03-01/">%s</%s>'):format(name, content, name)
end

local function etag_of(bytes)
  return '"' .. encoding.hex(digest.new("md5"):final(bytes)) .. '"'
end

-- How the signature check's refusals are called here.
local names = {
  MissingAuthenticationTokenException = "AccessDenied", IncompleteSignatureException = "AuthorizationHeaderMalformed",
  InvalidSignatureException = "SignatureDoesNotMatch", UnrecognizedClientException = "InvalidAccessKeyId",
  ExpiredTokenException = "ExpiredToken", InternalServerException = "InternalError", ThrottlingException = "SlowDown",
  ServiceUnavailableException = "ServiceUnavailable",
}

--- A refusal as S3 writes it.
---@return table response
function s3.refused(exchange, why)
  local code = names[why.code] or why.code
  return answer(why.status, '<?xml version="1.0" encoding="UTF-8"?>\n' .. element("Error", text("Code", code) ..
    text("Message", why.message) .. text("RequestId", exchange.id)))
end

local function refuse(status, code, message)
  local why = refusal.new(code, message)
  why.status = status
  error(why, 0)
end

-- ---- objects ----

--- An object: bytes, etag, time.
---@param state table
---@param bucket string
---@param key string
---@return table?
function s3.object(state, bucket, key)
  local objects = state:part("s3")[bucket]
  return objects and objects[key]
end

--- Puts an object.
---@return table object
function s3.store(state, bucket, key, bytes, etag)
  local buckets = state:part("s3")
  buckets[bucket] = buckets[bucket] or {}
  local object = { bytes = bytes, etag = etag or etag_of(bytes), time = os.date("!%Y-%m-%dT%H:%M:%S.000Z") }
  buckets[bucket][key] = object
  return object
end

--- The keys of a bucket that begin with a prefix, sorted.
---@return string[]
function s3.keys(state, bucket, prefix)
  local keys = {}
  for key in pairs(state:part("s3")[bucket] or {}) do
    if key:sub(1, #prefix) == prefix then keys[#keys + 1] = key end
  end
  table.sort(keys)
  return keys
end

local function put_object(exchange, target)
  local object = s3.store(exchange.state, target.bucket, target.key, exchange.request.body)
  return answer(200, "", { { "ETag", object.etag } })
end

local function create_bucket(exchange, target)
  local buckets = exchange.state:part("s3")
  buckets[target.bucket] = buckets[target.bucket] or {}
  return answer(200, "", { { "Location", "/" .. target.bucket } })
end

local function delete_object(exchange, target)
  local objects = exchange.state:part("s3")[target.bucket]
  if objects then objects[target.key] = nil end
  return answer(204, "")
end

local function existing(exchange, target)
  local object = s3.object(exchange.state, target.bucket, target.key)
  if object then return object end
  if not exchange.state:part("s3")[target.bucket] then refuse(404, "NoSuchBucket", "The specified bucket does not exist") end
  refuse(404, "NoSuchKey", "The specified key does not exist.")
end

local function get_object(exchange, target)
  local object, header = existing(exchange, target), exchange.request.header
  if header["if-match"] and header["if-match"] ~= object.etag then
    refuse(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
  end
  local first, last = (header.range or ""):match("^bytes=(%d+)%-(%d*)$")
  local headers = { { "Content-Type", "binary/octet-stream" }, { "ETag", object.etag } }
  if not first then return { status = 200, headers = headers, parts = { { bytes = object.bytes } } } end
  first, last = tonumber(first), math.min(tonumber(last) or #object.bytes - 1, #object.bytes - 1)
  if first > last then refuse(416, "InvalidRange", "The requested range is not satisfiable") end
  headers[3] = { "Content-Range", ("bytes %d-%d/%d"):format(first, last, #object.bytes) }
  return { status = 206, headers = headers, parts = { { bytes = object.bytes:sub(first + 1, last + 1) } } }
end

local function contents(object, key)
  return element("Contents", text("Key", key) .. text("LastModified", object.time) .. text("ETag", object.etag) ..
    text("Size", #object.bytes) .. text("StorageClass", "STANDARD"))
end

-- A page ends where `max-keys` says; the token of the next is its first key, in base64.
local function list_objects(exchange, target)
  local objects = exchange.state:part("s3")[target.bucket]
  if not objects then refuse(404, "NoSuchBucket", "The specified bucket does not exist") end
  local query = target.query
  local keys = s3.keys(exchange.state, target.bucket, query.prefix or "")
  local from = query["continuation-token"] and encoding.unbase64(query["continuation-token"]) or ""
  local most, out, count, rest = tonumber(query["max-keys"]) or PAGE, {}, 0, nil
  for _, key in ipairs(keys) do
    if key >= from and key > (query["start-after"] or "") then
      if count == most then
        rest = key
        break
      end
      count = count + 1
      out[count] = contents(objects[key], key)
    end
  end
  return answer(200, document("ListBucketResult", text("Name", target.bucket) .. text("Prefix", query.prefix or "") ..
    text("KeyCount", count) .. text("MaxKeys", most) .. text("IsTruncated", rest ~= nil) ..
    (rest and text("NextContinuationToken", encoding.base64(rest)) or "") .. table.concat(out)))
end

-- ---- objects in parts ----

local function upload_of(exchange, target)
  local upload = exchange.state:part("uploads")[target.query.uploadId]
  if upload and upload.bucket == target.bucket and upload.key == target.key then return upload end
  refuse(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been " ..
    "aborted or completed.")
end

local function create_upload(exchange, target)
  local id = exchange.state:id("upload")
  exchange.state:part("uploads")[id] = { bucket = target.bucket, key = target.key, parts = {} }
  return answer(200, document("InitiateMultipartUploadResult", text("Bucket", target.bucket) .. text("Key", target.key) ..
    text("UploadId", id)))
end

local function upload_part(exchange, target)
  local upload, number = upload_of(exchange, target), tonumber(target.query.partNumber)
  if not number or number < 1 or number > 10000 then
    refuse(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
  end
  local bytes = exchange.request.body
  upload.parts[number] = { bytes = bytes, etag = etag_of(bytes) }
  return answer(200, "", { { "ETag", upload.parts[number].etag } })
end

-- The parts that the client lists, in order, each with the tag that it was given.
local function listed_parts(upload, body)
  local list, before = {}, 0
  for part in body:gmatch("<Part>(.-)</Part>") do
    local number = tonumber(part:match("<PartNumber>(%d+)</PartNumber>"))
    local etag = (part:match("<ETag>(.-)</ETag>") or ""):gsub("&quot;", '"'):gsub('^"?(.-)"?$', '"%1"')
    local have = upload.parts[number]
    if not have or have.etag ~= etag then
      refuse(400, "InvalidPart", "One or more of the specified parts could not be found.")
    elseif number <= before then
      refuse(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
    end
    before = number
    list[#list + 1] = have.bytes
  end
  return list
end

local function complete_upload(exchange, target)
  local upload = upload_of(exchange, target)
  local list = listed_parts(upload, exchange.request.body)
  if #list == 0 then refuse(400, "MalformedXML", "The XML you provided was not well-formed") end
  for i = 1, #list - 1 do
    if #list[i] < SMALLEST_PART then
      refuse(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    end
  end
  local bytes = table.concat(list)
  local object = s3.store(exchange.state, target.bucket, target.key, bytes, etag_of(bytes):gsub('"$', "-" .. #list .. '"'))
  exchange.state:part("uploads")[target.query.uploadId] = nil
  return answer(200, document("CompleteMultipartUploadResult", text("Bucket", target.bucket) .. text("Key", target.key) ..
    text("ETag", object.etag)))
end

local function abort_upload(exchange, target)
  upload_of(exchange, target)
  exchange.state:part("uploads")[target.query.uploadId] = nil
  return answer(204, "")
end

-- ---- routes ----

-- operation, method, the member of the query that tells it, whether it names a key, handler; the first that fits
local rows = {
  { "UploadPart", "PUT", "uploadId", true, upload_part },
  { "CompleteMultipartUpload", "POST", "uploadId", true, complete_upload },
  { "AbortMultipartUpload", "DELETE", "uploadId", true, abort_upload },
  { "CreateMultipartUpload", "POST", "uploads", true, create_upload },
  { "ListObjectsV2", "GET", "list-type", false, list_objects },
  { "PutObject", "PUT", nil, true, put_object },
  { "GetObject", "GET", nil, true, get_object },
  { "DeleteObject", "DELETE", nil, true, delete_object },
  { "CreateBucket", "PUT", nil, false, create_bucket },
}

--- Whether a request is one to S3.
---@param request table
---@return boolean
function s3.claims(request)
  return (request.header.authorization or ""):find("/s3/aws4_request", 1, true) ~= nil
end

--- The route of a request to S3.
---@param request table
---@return table? route
function s3.route(request)
  local bucket, key = request.path:match("^/([^/]+)/?(.*)$")
  if not bucket then return nil end
  local query = encoding.form(request.query or "")
  local target = { bucket = encoding.unpercent(bucket), key = encoding.unpercent(key), query = query }
  for _, row in ipairs(rows) do
    if row[2] == request.method and (not row[3] or query[row[3]]) and row[4] == (key ~= "") then
      return { operation = row[1], service = "s3", captures = { bucket, key }, refused = s3.refused,
        handler = function(exchange) return row[5](exchange, target) end }
    end
  end
end

return s3
