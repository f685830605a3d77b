-- POST /v1/messages: Anthropic's Messages API, answered by Bedrock, for programs that speak nothing else.
--
-- The body goes through as it is; a model may be named as Anthropic names it ("claude-sonnet-4-5") or as Bedrock does. With
-- GATEWAY_KEY in the environment, who calls must show it as x-api-key; without it the gateway should listen on this machine
-- only, as it does in this example.

local bedrock = require "bedrock"
local service = require "service"

local gateway = {}

local KEY = os.getenv("GATEWAY_KEY")

-- The error types of Anthropic's API by our kinds, and their statuses.
local types = {
  throttled = { "rate_limit_error", 429 }, quota = { "rate_limit_error", 429 }, validation = { "invalid_request_error", 400 },
  too_large = { "request_too_large", 413 }, access_denied = { "permission_error", 403 }, not_found = { "not_found_error", 404 },
  credentials = { "authentication_error", 401 }, timeout = { "timeout_error", 504 },
}

local function as_error(err)
  local row = types[err.kind] or { "api_error", 500 }
  return row[2], { type = "error", error = { type = row[1], message = bedrock.errors.is(err) and tostring(err) or err.message } }
end

local function refuse(err)
  service.reply(as_error(err))
end

local function invalid(message)
  return { kind = "validation", message = message }
end

-- The request's parameters and the options of the call; or nil and an error.
local function read_request()
  local headers = ngx.req.get_headers()
  if KEY and headers["x-api-key"] ~= KEY then return nil, { kind = "credentials", message = "invalid x-api-key" } end
  local params, why = service.params()
  if not params then return nil, invalid(why) end
  if type(params.model) == "string" then
    local id, err = bedrock.models.id(params.model, { region = service.client.settings.region })
    if not id then return nil, err end
    params.model = id
  end
  return params, { beta = headers["anthropic-beta"] }
end

local function stream(params, opts)
  local answer, err = service.client.messages:stream(params, opts)
  if not answer then return refuse(err) end
  ngx.header["request-id"] = answer.request_id
  service.begin_events()
  while true do
    local event, broken = answer:next()
    if broken then
      local _, shown = as_error(broken)
      return service.send_event("error", shown)
    end
    if not event then return end
    if not service.send_event(event.type or "message", event) then return answer:close() end
  end
end

--- Answers a request for a message, whole or as a stream.
function gateway.messages()
  local params, opts = read_request()
  if not params then return refuse(opts) end
  if params.stream == true then return stream(params, opts) end
  local reply, err = service.client.messages:create(params, opts)
  if not reply then return refuse(err) end
  service.reply(200, reply)
end

--- Counts the tokens of a request.
function gateway.count_tokens()
  local params, opts = read_request()
  if not params then return refuse(opts) end
  local count, err = service.client.messages:count_tokens(params, opts)
  if not count then return refuse(err) end
  service.reply(200, { input_tokens = count.input_tokens })
end

return gateway
