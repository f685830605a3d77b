-- What the page and the gateway share: one client a worker, the body of a request, and events to the browser.

local bedrock = require "bedrock"

local json = bedrock.json

local service = {}

--- The client of all requests of this worker. Made while nginx starts; it asks nobody anything before the first call.
service.client = bedrock.new { shared_dict = "bedrock" }

--- The model that is used when a request names none.
service.model = os.getenv("BEDROCK_MODEL") or "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

-- nginx keeps a small body in memory and puts a large one into a file.
local function raw_body()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then return body end
  local path = ngx.req.get_body_file()
  local file = path and io.open(path, "rb")
  if not file then return "" end
  body = file:read("*a")
  file:close()
  return body
end

--- The body of the request as a table; or nil and what is wrong with it.
---@return table? params
---@return string? why
function service.params()
  local params, err = json.decode(raw_body())
  if type(params) == "table" then return params end
  return nil, "the body is not a JSON object" .. (err and ": " .. err.message or "")
end

--- Answers with JSON.
---@param status integer
---@param value table
function service.reply(status, value)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.print(assert(json.encode(value)))
end

--- Begins a stream of server-sent events.
function service.begin_events()
  ngx.header["Content-Type"] = "text/event-stream"
  ngx.header["Cache-Control"] = "no-store"
  ngx.header["X-Accel-Buffering"] = "no" -- for another nginx in front of this one
end

--- Sends one event at once; false when the browser is gone.
---@param name string
---@param value table
---@return boolean
function service.send_event(name, value)
  ngx.print("event: ", name, "\ndata: ", assert(json.encode(value)), "\n\n")
  return ngx.flush(true) ~= nil
end

return service
