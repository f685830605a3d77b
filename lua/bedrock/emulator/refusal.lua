--- The service's refusals: what each code means as a status, and how it is written.
--
-- A handler refuses by raising one of these; the server writes it as JSON for Bedrock and as XML for STS. On the wire the code stands only
-- in the header x-amzn-errortype, followed by an internal address, and the body is {"message"}.

local refusal = {}
refusal.__index = refusal
refusal.__name = "refusal"

local status = {
  ValidationException = 400, ServiceQuotaExceededException = 400, AccessDeniedException = 403, ResourceNotFoundException = 404,
  UnknownOperationException = 404, SerializationException = 400, ModelTimeoutException = 408, ConflictException = 409,
  RequestEntityTooLargeException = 413,
  ModelErrorException = 424, ModelStreamErrorException = 424, ThrottlingException = 429, ModelNotReadyException = 429,
  InternalServerException = 500, ServiceUnavailableException = 503,
  MissingAuthenticationTokenException = 403, IncompleteSignatureException = 403, InvalidSignatureException = 403,
  UnrecognizedClientException = 403, ExpiredTokenException = 403,
  -- of STS
  InvalidAction = 400, ValidationError = 400, MissingParameter = 400, InvalidIdentityToken = 400,
  SignatureDoesNotMatch = 403, InvalidClientTokenId = 403, ExpiredToken = 403, MissingAuthenticationToken = 403,
  IncompleteSignature = 403, AccessDenied = 403,
}

-- The front that checks signatures is another piece of the service, and its errors say so.
local front = {
  MissingAuthenticationTokenException = true, IncompleteSignatureException = true, InvalidSignatureException = true,
  UnrecognizedClientException = true, ExpiredTokenException = true, UnknownOperationException = true,
}

--- Makes a refusal; `error` raises it.
---@param code string
---@param message string
---@param members table? further members of the body
---@return table
function refusal.new(code, message, members)
  return setmetatable({
    code = code, message = message, members = members, status = status[code] or 400, front = front[code],
    type_header = code .. ":http://internal.amazon.com/coral/com.amazon." ..
      (front[code] and "coral.service" or "bedrock") .. "/",
  }, refusal)
end

--- Raises a refusal.
---@param code string
---@param text string a format when values follow
function refusal.raise(code, text, ...)
  error(refusal.new(code, select("#", ...) > 0 and text:format(...) or text), 0)
end

--- The most frequent one: the request is wrong.
---@param text string
function refusal.invalid(text, ...)
  refusal.raise("ValidationException", text, ...)
end

--- A member that is required is not there.
---@param name string
function refusal.missing(name)
  refusal.invalid("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", name)
end

--- Whether a raised value is a refusal.
---@param v any
---@return boolean
function refusal.is(v)
  return getmetatable(v) == refusal
end

return refusal
