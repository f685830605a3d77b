--- What nginx runs in the bench: a request opens a stream and passes its events on.

local bedrock = require "bedrock"

local handlers = {}

local client, port

--- Makes the client of all workers; in init_by_lua.
---@param server_port integer of the bench's server
function handlers.init(server_port)
  port = server_port
  client = bedrock.new {
    region = "us-east-1", endpoint = "http://127.0.0.1:" .. port,
    access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  }
end

--- Each event becomes a server-sent event.
---@param name string what the server is asked for
function handlers.relay(name)
  local stream = assert(client:converse_stream { modelId = name, messages = { { role = "user", content = { { text = "?" } } } } })
  ngx.header["Content-Type"] = "text/event-stream"
  ngx.header["x-bench-start"] = stream.headers["x-bench-start"]
  for event in stream:events() do
    ngx.print("data: ", assert(bedrock.json.encode(event)), "\n\n")
    if not ngx.flush(true) then return stream:close() end
  end
end

--- The least that such a handler can do: bytes come and go, and nobody looks at them.
---@param name string
function handlers.bare(name)
  local socket = ngx.socket.tcp()
  assert(socket:connect("127.0.0.1", port))
  assert(socket:send(("POST /model/%s/x HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n"):format(name)))
  local bytes = assert(socket:receiveany(65536))
  ngx.header["x-bench-start"] = bytes:match "x%-bench%-start: (%S+)"
  while bytes do
    ngx.print(bytes)
    if not ngx.flush(true) then return end
    bytes = socket:receiveany(65536)
  end
end

return handlers
