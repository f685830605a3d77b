-- A Messages stream as server-sent events, broken in every place where a network can break it: a message is whole or there is
-- an error, and how the bytes were cut makes no difference.

local bedrock = require "bedrock"
local pretend = require "spec.support.pretend"

local json = bedrock.json

local events = {
  { type = "message_start", message = { id = "msg_1", type = "message", role = "assistant", model = "m", content = json.array {},
    stop_reason = json.null, usage = { input_tokens = 5, output_tokens = 1 } } },
  { type = "ping" },
  { type = "content_block_start", index = 0, content_block = { type = "text", text = "" } },
  { type = "content_block_delta", index = 0, delta = { type = "text_delta", text = "Gr\195\188\195\159e, " } },
  { type = "content_block_delta", index = 0, delta = { type = "text_delta", text = "\"Welt\"\n\240\159\145\139" } },
  { type = "content_block_stop", index = 0 },
  { type = "content_block_start", index = 1, content_block = { type = "tool_use", id = "t", name = "f", input = {} } },
  { type = "content_block_delta", index = 1, delta = { type = "input_json_delta", partial_json = "{\"a\":" } },
  { type = "content_block_delta", index = 1, delta = { type = "input_json_delta", partial_json = " [1]}" } },
  { type = "content_block_stop", index = 1 },
  { type = "message_delta", delta = { stop_reason = "tool_use", stop_sequence = json.null }, usage = { output_tokens = 9 } },
  { type = "message_stop" },
}

-- How servers differ: line ends, names, and what they put between the events.
local styles = {
  { "LF and names", "\n", true, "" }, { "CRLF", "\r\n", true, "" }, { "CR", "\r", true, "" }, { "no names", "\n", false, "" },
  { "comments and keep-alives between", "\n", true, ": awake\n\ndata:\n\nid: 7\nretry: 3\n\n" },
  { "a mark at the end", "\n", false, "", "data: [DONE]\n\n" },
}

local function bytes_of(style)
  local parts = {}
  for _, event in ipairs(events) do
    local name = style[3] and "event: " .. event.type .. style[2] or ""
    parts[#parts + 1] = style[4] .. name .. "data: " .. json.encode(event) .. style[2] .. style[2]
  end
  return table.concat(parts) .. (style[5] or "")
end

-- One client for all; each answer is what `open` says.
local answer
local transport = pretend.transport(function() end)
transport.request = function() return answer end

local client = bedrock.new {
  api = "mantle", region = "us-west-2", access_key_id = "AKIDEXAMPLE", secret_access_key = "throw-away", transport = transport,
  system = pretend.system { now = 1700000000 }, retry = false, log = function() end,
}

-- A stream whose body comes in these pieces and then ends, or breaks off with an error of the transport.
local function open(pieces, failure)
  local at = 0
  local function read()
    at = at + 1
    if pieces[at] then return pieces[at] end
    return nil, failure
  end
  answer = { status = 200, headers = { ["content-type"] = "text/event-stream", ["request-id"] = "req_1" }, read = read,
    close = function() end }
  return assert(client.messages:stream { model = "anthropic.claude-opus-4-8", max_tokens = 64,
    messages = { { role = "user", content = "Hi" } } })
end

local function split(text, at)
  return at > 0 and at < #text and { text:sub(1, at), text:sub(at + 1) } or { text }
end

local function whole_message()
  local message = assert(open({ bytes_of(styles[1]) }):message())
  return json.encode(message)
end

describe("a Messages stream of server-sent events", function()
  for _, style in ipairs(styles) do
    it("with " .. style[1] .. " is the same message, however it is cut", function()
      local text, want = bytes_of(style), whole_message()
      for at = 0, #text do assert.equal(want, json.encode((assert(open(split(text, at)):message())))) end
      local single = {}
      for i = 1, #text do single[i] = text:sub(i, i) end
      assert.equal(want, json.encode((assert(open(single):message()))))
    end)

    it("with " .. style[1] .. " is never taken for whole when it ends early", function()
      local text = bytes_of(style)
      local stop = select(2, text:find('"message_stop"}', 1, true)) + #style[2]
      for at = 1, #text - 1 do
        local message, err = open({ text:sub(1, at) }):message()
        if at < stop then
          assert.is_nil(message)
          assert.equal("stream", err.kind)
        else
          -- what is behind the last event may be lost only where nothing of an event is
          assert.truthy(message or err.code == "cut", at)
        end
      end
    end)
  end

  it("that the transport breaks off gives what came, and the transport's reason", function()
    local text = bytes_of(styles[1])
    local failure = { kind = "stream", code = "reset", message = "reset", sent = true, answered = true }
    for at = 1, #text - 1, 7 do
      local message, err = open({ text:sub(1, at) }, failure):message()
      assert.is_nil(message)
      assert.same({ "reset", "req_1" }, { err.code, err.request_id })
    end
    local _, err = open({ text:sub(1, (text:find("event: content_block_stop", 1, true))) }, failure):message()
    assert.equal("Gr\195\188\195\159e, \"Welt\"\n\240\159\145\139", err.partial:text())
  end)

  it("with any byte turned over is an error or a message, and never raises", function()
    local text = bytes_of(styles[1])
    for at = 1, #text do
      for _, by in ipairs { 1, 32, 128 } do
        local byte = text:byte(at)
        local turned = math.floor(byte / by) % 2 == 1 and byte - by or byte + by
        local message, err = open({ text:sub(1, at - 1) .. string.char(turned) .. text:sub(at + 1) }):message()
        assert.is_true((message == nil) ~= (err == nil))
        if err then assert.truthy(err.kind and err.message) end
      end
    end
  end)

  it("ends with an error in band, before it has begun and after", function()
    local failed = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    local unnamed = failed:gsub("event: error\n", "")
    for _, text in ipairs { failed, unnamed } do
      local _, err = open({ text }):message()
      assert.same({ "throttled", "overloaded_error", 529, true }, { err.kind, err.code, err.status, err.retryable })
      local start = bytes_of(styles[1])
      _, err = open({ start:sub(1, (start:find("event: content_block_stop", 1, true)) - 1), text }):message()
      assert.equal("overloaded_error", err.code)
      assert.truthy(err.partial:text():find "Welt")
    end
  end)

  it("with an error that is nothing but strange is an error still", function()
    for _, data in ipairs { "{}", '{"error":null}', '{"error":{"type":3}}', '{"error":"no"}', "[]", "null", '"x"', "oops" } do
      local message, err = open({ "event: error\ndata: " .. data .. "\n\n" }):message()
      assert.is_nil(message)
      assert.truthy(err.kind)
    end
  end)

  it("larger than the limit of an event is refused", function()
    local _, err = open({ ("data: %s\n\n"):format(("x"):rep(25 * 1024 * 1024)) }):message()
    assert.same({ "stream", "length" }, { err.kind, err.code })
  end)
end)
