-- The emulator from outside, over sockets: what it answers, what it refuses, and how it fails when asked to.

local certificates = require "spec.support.certificates"
local luas = require "spec.support.luas"
local emulator = require "spec.support.emulator"
local now = require("bedrock.curl").now
local wire = require "spec.support.wire"

local MODEL = "us.anthropic.claude-opus-4-6-v1"
local HELLO = "Hello! I am a local emulator of Amazon Bedrock. How can I help you today?"

local function message(text, more)
  return ('{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,%s"messages":[{"role":"user","content":"%s"}]}')
    :format(more and more .. "," or "", text)
end

local function converse(text, more)
  return ('{%s"messages":[{"role":"user","content":[{"text":"%s"}]}]}'):format(more and more .. "," or "", text)
end

local function names_of(events, member)
  local out = {}
  for i, event in ipairs(events) do out[i] = event.headers[member or ":event-type"] end
  return out
end

-- A command that loads the module's own C core keeps the sanitizer's runtime, which that core may want.
local function run(command, keep_preload)
  local environment = "LUA_PATH_5_4='lua/?.lua;lua/?/init.lua;./?.lua;;' LUA_CPATH_5_4=';;' " ..
    (keep_preload and "" or "env -u LD_PRELOAD ")
  local process = assert(io.popen(environment .. command .. " 2>&1"))
  local output = process:read("*a")
  process:close()
  return output
end

describe("the emulator", function()
  local service

  setup(function() service = emulator.start() end)
  teardown(function() service.stop() end)

  local function ask(operation, body, headers)
    return wire.ask(service, MODEL .. "/" .. operation, body, headers)
  end

  describe("answers", function()
    it("Converse", function()
      local answer = ask("converse", converse("Hello"))
      assert.equal(200, answer.status)
      assert.equal(HELLO, answer.json.output.message.content[1].text)
      assert.equal("end_turn", answer.json.stopReason)
      assert.equal(answer.json.usage.totalTokens, answer.json.usage.inputTokens + answer.json.usage.outputTokens)
    end)

    it("InvokeModel with the usage in headers too", function()
      local answer = ask("invoke", message("Hello"))
      assert.equal(HELLO, answer.json.content[1].text)
      assert.equal("claude-opus-4-6", answer.json.model)
      assert.equal(tostring(answer.json.usage.output_tokens), answer.headers["x-amzn-bedrock-output-token-count"])
    end)

    it("the same to the same requests, request ids included", function()
      local other = emulator.start()
      local fresh = emulator.start()
      local one = wire.ask(other, MODEL .. "/converse-stream", converse("@words 20"))
      local two = wire.ask(fresh, MODEL .. "/converse-stream", converse("@words 20"))
      other.stop()
      fresh.stop()
      assert.same(one.events, two.events)
      assert.equal(one.headers["x-amzn-requestid"], two.headers["x-amzn-requestid"])
    end)

    it("ConverseStream in frames with right checksums, in the service's order, padded", function()
      local answer = ask("converse-stream", converse("Hello"))
      local names = names_of(answer.events)
      assert.equal("application/vnd.amazon.eventstream", answer.headers["content-type"])
      assert.equal("messageStart", names[1])
      assert.equal("contentBlockDelta", names[2])
      assert.same({ "contentBlockStop", "messageStop", "metadata" }, { names[#names - 2], names[#names - 1], names[#names] })
      local text, paddings = "", {}
      for _, event in ipairs(answer.events) do
        assert.is_true(event.crc)
        paddings[#event.json.p] = true
        text = text .. (event.json.delta and event.json.delta.text or "")
      end
      assert.equal(HELLO, text)
      assert.is_truthy(next(paddings, (next(paddings))), "padding has several lengths")
      assert.equal(0, answer.spare)
    end)

    it("InvokeModelWithResponseStream in chunks of base64", function()
      local answer = ask("invoke-with-response-stream", message("Hello"))
      assert.equal("application/json", answer.headers["x-amzn-bedrock-content-type"])
      for _, event in ipairs(answer.events) do
        assert.equal("chunk", event.headers[":event-type"])
        assert.matches("^[%w+/]+=*$", event.json.bytes)
      end
    end)

    it("requests in chunks, requests that wait for 100 Continue, and several on one connection", function()
      local function request(more)
        local r = { method = "POST", target = "/model/" .. MODEL .. "/converse", body = converse("Hello"),
          headers = { authorization = "Bearer " .. service.api_key } }
        for name, value in pairs(more) do r[name] = value end
        return r
      end
      local answers = wire.send(service, request {}, request { chunked = true }, request { expect = true })
      assert.equal(3, #answers)
      for _, answer in ipairs(answers) do assert.equal(HELLO, answer.json.output.message.content[1].text) end
      assert.equal(100, answers[3].continued)
    end)

    local texts = {
      { "what a directive says", "@say one\\\\ntwo", "one\ntwo" },
      { "as many words as wanted", "@words 3", "word1 word2 word3" },
      { "with what was asked", "What is new?",
        'You wrote: "What is new?". I am a local emulator, so no model has thought about it.' },
    }
    for _, row in ipairs(texts) do
      it(row[1], function() assert.equal(row[3], ask("converse", converse(row[2])).json.output.message.content[1].text) end)
    end

    it("less when max_tokens or a stop sequence cuts it", function()
      local cut = ask("invoke", (message("@words 50"):gsub("100", "3"))).json
      assert.equal("max_tokens", cut.stop_reason)
      assert.equal(3, cut.usage.output_tokens)
      local stopped = ask("invoke", message("@words 50", '"stop_sequences":["word4","word3"]')).json
      assert.equal("stop_sequence", stopped.stop_reason)
      assert.equal("word3", stopped.stop_sequence)
      assert.equal("word1 word2 ", stopped.content[1].text)
    end)

    local tools = '"tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}},' ..
      '{"name":"send_mail","input_schema":{"type":"object","properties":{"to":{"type":"string","format":"email"},' ..
      '"kind":{"enum":["plain","html"]},"copies":{"type":"array","items":{"type":"integer"}}},"required":["to"]}}]'
    local choices = {
      { "the tool the user speaks of", "Send a mail to Ann", nil, { "send_mail" } },
      { "the first tool when none is named", "Do something", nil, { "get_weather" } },
      { "all tools that are named", "weather by mail", nil, { "get_weather", "send_mail" } },
      { "the tool that is demanded", "weather please", '{"type":"tool","name":"send_mail"}', { "send_mail" } },
      { "no tool when that is demanded", "weather please", '{"type":"none"}', {} },
      { "one tool when parallel use is off", "weather by mail", '{"type":"auto","disable_parallel_tool_use":true}',
        { "get_weather" } },
    }
    for _, row in ipairs(choices) do
      it("with " .. row[1], function()
        local choice = row[3] and ',"tool_choice":' .. row[3] or ""
        local used = {}
        for _, block in ipairs(ask("invoke", message(row[2], tools .. choice)).json.content) do
          if block.type == "tool_use" then used[#used + 1] = block.name end
        end
        assert.same(row[4], used)
      end)
    end

    it("with inputs made from the schema", function()
      local answer = ask("invoke", message("Send a mail", tools))
      assert.same({ to = "someone@example.com", kind = "plain", copies = { 1 } }, answer.json.content[1].input)
    end)

    it("events that a directive puts into a stream", function()
      local answer = ask("converse-stream", converse('@event somethingNew {\\"a\\":1}\\nHello'))
      assert.equal("somethingNew", answer.events[3].headers[":event-type"])
    end)

    it("nothing that a guardrail blocks", function()
      local config = '"guardrailConfig":{"guardrailIdentifier":"g","guardrailVersion":"1","trace":"enabled"}'
      local answer = ask("converse", converse("Write to ann@example.com", config)).json
      assert.equal("guardrail_intervened", answer.stopReason)
      assert.equal("EMAIL", answer.trace.guardrail.inputAssessment.g.sensitiveInformationPolicy.piiEntities[1].type)
      local headers = { ["x-amzn-bedrock-guardrailidentifier"] = "g" }
      local invoked = ask("invoke", message("That is forbidden"), headers).json
      assert.equal("INTERVENED", invoked["amazon-bedrock-guardrailAction"])
      assert.equal("end_turn", ask("converse", converse("Hello", config)).json.stopReason)
    end)

    it("lists of profiles in pages, and single ones", function()
      local function get(target)
        local headers = { authorization = "Bearer " .. service.api_key }
        return wire.send(service, { method = "GET", target = target, headers = headers })[1]
      end
      local ids, token = {}, nil
      repeat
        local page = get("/inference-profiles?maxResults=3" .. (token and "&nextToken=" .. token:gsub("=", "%%3D") or "")).json
        for _, profile in ipairs(page.inferenceProfileSummaries) do ids[#ids + 1] = profile.inferenceProfileId end
        token = page.nextToken
      until not token
      assert.equal(10, #ids)
      assert.equal(ids[10], get("/inference-profiles/" .. ids[10]).json.inferenceProfileId)
      assert.equal(404, get("/inference-profiles/nobody").status)
      assert.equal("Amazon", get("/foundation-models/amazon.nova-pro-v1%3A0").json.modelDetails.providerName)
    end)

    it("PDFs by their pages: seen with citations, read without", function()
      local function tokens(citations)
        -- %PDF-1.4 with three /Type /Page objects
        local body = '{"messages":[{"role":"user","content":[{"text":"What?"},{"document":{"format":"pdf","name":"a","source":' ..
          '{"bytes":"JVBERi0xLjQgL1R5cGUgL1BhZ2UgL1R5cGUgL1BhZ2UgL1R5cGUgL1BhZ2Ug"}' .. citations .. "}}]}]}"
        return ask("converse", body).json.usage.inputTokens
      end
      local seen, read = tokens(',"citations":{"enabled":true}'), tokens("")
      assert.is_true(seen > 6999 and seen < 7100, seen)
      assert.is_true(read > 999 and read < 1100, read)
    end)

    it("from the prompt cache only when the bytes before the mark are the same", function()
      local long = ("word "):rep(1999) .. "word"
      local function usage(first, second)
        local system = ('[{"type":"text",%s,%s,"cache_control":{"type":"ephemeral"}}]'):format(first, second)
        local u = ask("invoke", message("Hello", '"system":' .. system)).json.usage
        return u.cache_creation_input_tokens, u.cache_read_input_tokens
      end
      local a, b = '"text":"' .. long .. '"', '"citations":null'
      local written, read = usage(a, b)
      assert.is_true(written > 2000)
      assert.equal(0, read)
      assert.same({ 0, written }, { usage(a, b) })
      assert.same({ written, 0 }, { usage(b, a) })
    end)
  end)

  describe("knows the caller", function()
    local good = { id = "AKIDEXAMPLE", secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }

    local function signed(changes, target)
      local sign = {}
      for name, value in pairs(good) do sign[name] = value end
      for name, value in pairs(changes) do sign[name] = value end
      target = target or "/model/" .. MODEL .. "/converse"
      return wire.send(service, { method = "POST", target = target, body = converse("Hello"), sign = sign })[1]
    end

    it("by a signature, also over a colon and an ARN in the path", function()
      assert.equal(200, signed({}).status)
      assert.equal(200, signed({}, "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse").status)
      assert.equal(200, signed({}, "/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/converse").status)
      local arn = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fx.y"
      assert.equal(200, signed({}, "/model/" .. arn .. "/converse").status)
    end)

    local refused = {
      { "another secret", { secret = "wrong" }, "InvalidSignatureException", "does not match the signature you provided" },
      { "another key", { id = "AKIDNOBODY" }, "UnrecognizedClientException", "token included in the request is invalid" },
      { "a session token too many", { token = "t" }, "UnrecognizedClientException", "token" },
      { "another service", { service = "s3" }, "InvalidSignatureException", "correct service: 'bedrock'" },
      { "no region", { region = "" }, "InvalidSignatureException", "valid region" },
      { "ten minutes late", { late = -600 }, "InvalidSignatureException", "Signature expired: .* is now earlier than .*5 min" },
      { "ten minutes early", { late = 600 }, "InvalidSignatureException", "not yet current: .* is still later than" },
    }
    for _, row in ipairs(refused) do
      it("and refuses " .. row[1], function()
        local answer = signed(row[2])
        assert.equal(403, answer.status)
        assert.matches("^" .. row[3] .. ":http://internal%.amazon%.com/", answer.headers["x-amzn-errortype"])
        assert.matches(row[4], answer.json.message)
      end)
    end

    it("and refuses nobody, another API key, and other schemes", function()
      local function with(authorization)
        return ask("converse", converse("Hello"), { authorization = authorization })
      end
      assert.equal("Authentication failed: Please make sure your API Key is valid.", with("Bearer nonsense").json.Message)
      assert.equal(403, with("Bearer bedrock-api-key-bm90aGluZw==").status)
      assert.matches("^IncompleteSignatureException:", with("Basic abc").headers["x-amzn-errortype"])
      local nobody = wire.send(service, { method = "POST", target = "/model/" .. MODEL .. "/converse", body = "{}" })[1]
      assert.matches("^MissingAuthenticationTokenException:", nobody.headers["x-amzn-errortype"])
    end)

    it("by temporary keys of STS, in XML", function()
      local function sts(form, sign)
        return wire.send(service, { method = "POST", target = "/", body = form, sign = sign,
          headers = { ["content-type"] = "application/x-www-form-urlencoded" } })[1]
      end
      local role = "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo&RoleSessionName=me&WebIdentityToken=x"
      local answer = sts("Action=AssumeRoleWithWebIdentity&Version=2011-06-15" .. role)
      assert.equal("text/xml", answer.headers["content-type"])
      local key = { service = "sts" }
      key.id = answer.body:match("<AccessKeyId>(.-)</")
      key.secret = answer.body:match("<SecretAccessKey>(.-)</")
      key.token = answer.body:match("<SessionToken>(.-)</")
      local caller = sts("Action=GetCallerIdentity&Version=2011-06-15", key)
      assert.matches("assumed%-role/demo/me</Arn>", caller.body)
      key.token = nil
      assert.matches("<Code>InvalidClientTokenId</Code>", sts("Action=GetCallerIdentity&Version=2011-06-15", key).body)
    end)

    it("as the published signing cases say", function()
      local cases = "../shared/vectors/sigv4-cases.json"
      local file = io.open(cases, "rb")
      if not file then return print("note: ../shared is not here, the published signing cases were not run") end
      file:close()
      assert.matches(" passed, 0 failed", run("lua5.4 spec/emulator/signature.lua " .. cases), 1, true)
    end)
  end)

  describe("refuses", function()
    local user = '{"role":"user","content":"a"}'
    local rows = {
      -- operation, what, body, message
      { "invoke", "a body that is no JSON", "{", "Malformed input request" },
      { "invoke", "no version", '{"max_tokens":1,"messages":[' .. user .. "]}", "anthropic_version: Field required" },
      { "invoke", "no max_tokens", '{"anthropic_version":"bedrock-2023-05-31","messages":[' .. user .. "]}",
        "max_tokens: Field required" },
      { "invoke", "a model in the body", message("a", '"model":"m"'), "model: Extra inputs are not permitted" },
      { "invoke", "stream in the body", message("a", '"stream":true'), "stream: Extra inputs are not permitted" },
      { "invoke", "an empty text", message(""), "all messages must have non%-empty content" },
      { "invoke", "a blank text", message(" "), "must contain non%-whitespace text" },
      { "invoke", "tools as an object", message("a", '"tools":{}'), "tools: Input should be a valid list" },
      { "invoke", "a schema whose properties are a list", message("a",
        '"tools":[{"name":"t","input_schema":{"type":"object","properties":[]}}]'), "JSON schema is invalid" },
      { "invoke", "thinking with too small a budget", message("a", '"thinking":{"type":"enabled","budget_tokens":10}'),
        "greater than or equal to 1024" },
      { "converse", "a conversation that the assistant begins", '{"messages":[{"role":"assistant","content":[{"text":"a"}]}]}',
        "must start with a user message" },
      { "converse", "two messages of the user in a row",
        '{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]}]}',
        "must alternate between user and assistant" },
      { "converse", "a blank text", converse(" "), "messages%.0%.content%.0 is blank" },
      { "converse", "no content", '{"messages":[{"role":"user","content":[]}]}', "The content field .* at messages%.0 is empty" },
      { "converse", "a document with an illegal name", '{"messages":[{"role":"user","content":[{"text":"a"},' ..
        '{"document":{"format":"txt","name":"a.txt","source":{"bytes":"YQ=="}}}]}]}', "alphanumeric" },
      { "converse", "a document without a text", '{"messages":[{"role":"user","content":[' ..
        '{"document":{"format":"txt","name":"a","source":{"bytes":"YQ=="}}}]}]}', "A text block must be included" },
      { "converse", "bytes that are no base64", '{"messages":[{"role":"user","content":[{"text":"a"},' ..
        '{"image":{"format":"png","source":{"bytes":"?"}}}]}]}', "not valid base64" },
      { "converse", "tool blocks without tools", '{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant",' ..
        '"content":[{"toolUse":{"toolUseId":"t","name":"n","input":{}}}]},{"role":"user","content":[{"toolResult":' ..
        '{"toolUseId":"t","content":[{"text":"r"}]}}]}]}', "toolConfig field must be defined" },
      { "converse", "a tool use without its result", '{"messages":[{"role":"user","content":[{"text":"a"}]},' ..
        '{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"n","input":{}}}]},' ..
        '{"role":"user","content":[{"text":"b"}]}]}', "Expected toolResult blocks at messages%.2%.content .*: t1" },
    }
    for _, input in ipairs { "[]", "null", '""', "1" } do
      rows[#rows + 1] = { "converse", "the tool input " .. input, '{"messages":[{"role":"user","content":[{"text":"a"}]},' ..
        '{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"n","input":' .. input .. "}}]}]}",
        "messages%.1%.content%.0%.toolUse%.input is invalid" }
      rows[#rows + 1] = { "invoke", "the tool input " .. input, '{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,' ..
        '"messages":[' .. user .. ',{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":' .. input ..
        "}]}]}", "tool_use%.input: Input should be a valid dictionary" }
    end
    for _, row in ipairs(rows) do
      it(row[2] .. " (" .. row[1] .. ")", function()
        local answer = ask(row[1], row[3])
        assert.equal(400, answer.status)
        assert.matches("^ValidationException:", answer.headers["x-amzn-errortype"])
        assert.matches(row[4], answer.json.message)
      end)
    end

    local ids = {
      { "unknown.model", 400, "The provided model identifier is invalid." },
      { "anthropic.", 400, "The provided model identifier is invalid." },
      { "arn%3Aaws%3As3%3A%3A%3Abucket%2Fx", 400, "The provided model identifier is invalid." },
      { "anthropic.claude-opus-4-6-v1", 400, "on%-demand throughput isn\226\128\153t supported" },
      { "us.anthropic.claude-3-7-sonnet-20250219-v1%3A0", 404, "end of its life" },
    }
    for _, row in ipairs(ids) do
      it("the model id " .. row[1], function()
        local answer = wire.ask(service, row[1] .. "/converse", converse("Hello"))
        assert.equal(row[2], answer.status)
        assert.matches(row[3], answer.json.message)
      end)
    end

    it("operations it does not know, and bodies that are too large", function()
      local answers = wire.send(service, { method = "GET", target = "/nothing" },
        { method = "POST", target = "/model/" .. MODEL .. "/converse", claimed_length = 40000000 })
      assert.equal(404, answers[1].status)
      assert.equal(413, answers[2].status)
    end)

    it("to count tokens for a profile, and counts for a model", function()
      local input = '{"input":{"converse":' .. converse("The quick brown fox") .. "}}"
      assert.matches("doesn't support counting tokens", ask("count-tokens", input).json.message)
      local answer = wire.ask(service, "anthropic.claude-opus-4-6-v1/count-tokens", input)
      assert.is_true(answer.json.inputTokens > 5)
    end)
  end)

  describe("fails when asked to", function()
    local function stream(fault)
      return ask("converse-stream", converse("Hello"), { ["x-emulator-fault"] = fault })
    end

    local function status(fault)
      return ask("converse", converse("Hello"), { ["x-emulator-fault"] = fault })
    end

    local seen = {}
    local function fault(name, text, check)
      seen[name] = true
      it(text, check)
    end

    fault("throttle", "with throttling, for the first requests of a call", function()
      local function try()
        return ask("converse", converse("Hello"), { ["x-emulator-fault"] = "throttle:2:7", ["amz-sdk-invocation-id"] = "one" })
      end
      local first, second, third = try(), try(), try()
      assert.same({ 429, 429, 200 }, { first.status, second.status, third.status })
      assert.matches("^ThrottlingException:", first.headers["x-amzn-errortype"])
      assert.equal("7", first.headers["retry-after"])
    end)

    fault("status", "with any status", function()
      local answer = status("status:503")
      assert.equal(503, answer.status)
      assert.matches("^ServiceUnavailableException:", answer.headers["x-amzn-errortype"])
      assert.equal(529, status("status:529").status)
    end)

    fault("html", "with a proxy's page", function()
      local answer = status("html")
      assert.equal(502, answer.status)
      assert.matches("<title>502 Bad Gateway</title>", answer.body)
    end)

    fault("empty", "with an empty body", function()
      local answer = status("empty")
      assert.same({ 500, "" }, { answer.status, answer.body })
    end)

    fault("expired-token", "with an expired token, once", function()
      assert.matches("^ExpiredTokenException:", status("expired-token").headers["x-amzn-errortype"])
      assert.equal(200, status("expired-token").status)
    end)

    fault("not-ready", "with a model that is not ready", function()
      assert.matches("^ModelNotReadyException:", status("not-ready").headers["x-amzn-errortype"])
    end)

    fault("skew", "with a clock that is ahead", function()
      local answer = wire.send(service, { method = "POST", target = "/model/" .. MODEL .. "/converse", body = converse("Hello"),
        headers = { ["x-emulator-fault"] = "skew:3600" },
        sign = { id = service.access_key_id, secret = service.secret_access_key } })[1]
      assert.matches("Signature expired", answer.json.message)
    end)

    fault("reset", "with a reset: before the answer, within the head, after it, in the body", function()
      assert.same({ ended = "reset" }, stream("reset:before"))
      assert.same({ 200, "reset" }, { stream("reset:within").status, stream("reset:within").ended })
      local head, body = stream("reset:head"), stream("reset:body")
      assert.equal("reset", head.ended)
      assert.equal("reset", body.ended)
      assert.is_true(#body.events > 1)
    end)

    fault("close", "with an end of the connection: before the answer, within the head, after it, in the body", function()
      assert.same({ ended = "cut" }, stream("close:before"))
      assert.same({ 200, "cut" }, { stream("close:within").status, stream("close:within").ended })
      assert.equal(0, stream("close:head").length)
      assert.equal("cut", stream("close:body").ended)
    end)

    fault("cut", "with a body that breaks off at a byte", function()
      local answer = stream("cut:150")
      assert.equal("cut", answer.ended)
      assert.equal(150, answer.length)
    end)

    fault("slow-head", "with a late answer, which is still the whole one", function()
      assert.equal(200, status("slow-head:0.1").status)
    end)

    fault("stall", "with a pause, after which all comes", function()
      assert.equal("complete", stream("stall:0.1:2").ended)
    end)

    fault("drip", "with one byte at a time", function()
      local answer = stream("drip")
      assert.equal("complete", answer.ended)
      assert.equal("metadata", answer.events[#answer.events].headers[":event-type"])
    end)

    fault("crc", "with a damaged frame", function()
      local answer = stream("crc:2")
      assert.is_true(answer.events[1].crc)
      assert.is_false(answer.events[2].crc)
      assert.is_true(answer.events[3].crc)
    end)

    fault("flip", "with a damaged byte of the body", function()
      local answer = stream("flip:20")
      assert.is_false(answer.events[1].crc)
      assert.is_true(answer.events[2].crc)
    end)

    fault("exception", "with an exception in the stream", function()
      local answer = stream("exception:ModelStreamErrorException:4")
      assert.equal(5, #answer.events)
      local last = answer.events[5]
      assert.equal("exception", last.headers[":message-type"])
      assert.equal("modelStreamErrorException", last.headers[":exception-type"])
      assert.equal(424, last.json.originalStatusCode)
      assert.equal("complete", answer.ended)
    end)

    fault("error-frame", "with an error frame", function()
      local answer = stream("error-frame:1")
      assert.equal(2, #answer.events)
      assert.equal("InternalFailure", answer.events[2].headers[":error-code"])
      assert.equal("", answer.events[2].payload)
    end)

    fault("error-event", "with an error event of the Messages format", function()
      local answer = ask("invoke-with-response-stream", message("Hello"), { ["x-emulator-fault"] = "error-event:api_error:2" })
      assert.equal(3, #answer.events)
    end)

    fault("wrong-length", "with a frame that says it is longer than it is", function()
      local answer = stream("wrong-length:1")
      assert.is_false(answer.events[1].crc)
    end)

    fault("forged-length", "with a frame that says it is 2 GiB long", function()
      local answer = stream("forged-length:2")
      assert.equal(1, #answer.events)
      assert.is_true(answer.spare > 100)
    end)

    fault("header-type", "with a header of a type that does not exist", function()
      local answer = stream("header-type:2")
      assert.is_true(answer.events[2].crc)
      assert.equal("{}", answer.events[2].payload)
    end)

    fault("huge-frame", "with a frame that is too large", function()
      local answer = stream("huge-frame:1")
      assert.is_true(answer.events[3].length > 1048576)
      assert.is_true(answer.events[3].crc)
    end)

    fault("garbage", "with bytes that are no frames", function()
      local answer = stream("garbage:2")
      assert.equal(2, #answer.events)
      assert.is_true(answer.spare > 16)
    end)

    fault("no-stop", "with a stream that just ends", function()
      local answer = stream("no-stop")
      assert.equal("complete", answer.ended)
      assert.equal("contentBlockStop", answer.events[#answer.events].headers[":event-type"])
    end)

    fault("half-frame", "with half a frame at the end", function()
      local answer = stream("half-frame")
      assert.equal("complete", answer.ended)
      assert.is_true(answer.spare > 0)
    end)

    fault("close-idle", "with a connection that closes while it is idle", function()
      local request = { method = "GET", target = "/foundation-models", pause = 0.3,
        headers = { authorization = "Bearer " .. service.api_key, ["x-emulator-fault"] = "close-idle:0.02" } }
      local answers = wire.send(service, request, request)
      assert.equal(200, answers[1].status)
      assert.is_truthy(answers[2].ended == "cut" or answers[2].ended == "reset")
    end)

    fault("slow-tls", "with a TLS handshake that is late, for as many connections as is said", function()
      local made = certificates.new()
      local pair = made:issue("good", "IP:127.0.0.1", 2)
      local late = emulator.start { cert = pair.cert, cert_key = pair.key, fault = { "slow-tls:0.5*1", "status:500*1" } }
      local function seconds()
        local began = now()
        local answer = wire.ask(late, MODEL .. "/converse", converse("Hello"))
        return now() - began, answer.status
      end
      local first, failed = seconds()
      local second, fine = seconds()
      assert.is_true(first >= 0.5)
      assert.is_true(second < first)
      assert.same({ 500, 200 }, { failed, fine })
      late.stop()
      made:remove()
    end)

    fault("silent", "with silence, until the client has left", function()
      local quiet = emulator.start { fault = "silent" }
      wire.send(quiet, { method = "GET", target = "/foundation-models", leave = true })
      assert.equal("client left", quiet.log(1)[1].ended)
      quiet.stop()
    end)

    it("in all the ways that its help names", function()
      local help = run("lua5.4 bin/bedrock emulate --help")
      local count = 0
      for name in help:match("Faults.*Lines"):gmatch("\n  ([%l%-]+)[^\n]*") do
        assert.is_true(seen[name], "no spec for the fault " .. name)
        count = count + 1
      end
      assert.is_true(count > 20)
    end)

    it("only as often, and only for the operation, that is said", function()
      local flaky = emulator.start { fault = { "status:500*1@Converse", "status:503*1@ConverseStream" } }
      local function code(operation, body) return wire.ask(flaky, MODEL .. "/" .. operation, body).status end
      assert.equal(200, code("invoke", message("Hello")))
      assert.equal(500, code("converse", converse("Hello")))
      assert.equal(200, code("converse", converse("Hello")))
      assert.equal(503, code("converse-stream", converse("Hello")))
      flaky.stop()
    end)

    it("but not in ways it does not know", function()
      assert.matches("no such fault: nonsense", status("nonsense").json.message)
    end)
  end)

  it("logs every request without secrets, and notices who leaves in mid-stream", function()
    local slow = emulator.start { pace = 30 }
    wire.send(slow, { method = "POST", target = "/model/" .. MODEL .. "/converse-stream", body = converse("Hello"),
      abandon = true, sign = { id = slow.access_key_id, secret = slow.secret_access_key } })
    local record = slow.log(1)[1]
    assert.same({ "ConverseStream", 200, "client left" }, { record.operation, record.status, record.ended })
    for _, header in ipairs(record.headers) do
      if header[1] == "authorization" then assert.equal("AWS4-HMAC-SHA256 (not shown)", header[2]) end
    end
    slow.stop()
  end)

  it("speaks TLS with a certificate", function()
    local base = os.tmpname()
    os.execute(("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout %s.key -out %s.pem " ..
      "2>/dev/null"):format(base, base))
    local secure = emulator.start { cert = base .. ".pem", cert_key = base .. ".key" }
    assert.matches("^https://", secure.url)
    local answer = wire.ask(secure, MODEL .. "/converse", converse("Hello"))
    secure.stop()
    for _, name in ipairs { base, base .. ".pem", base .. ".key" } do os.remove(name) end
    assert.equal(200, answer.status)
  end)

  it("is a command that explains itself", function()
    local command = luas.this().binary .. " bin/bedrock "
    assert.matches("^usage: bedrock COMMAND", run(command .. "--help", true))
    assert.matches("^bedrock %d+%.%d+%.%d+\n$", run(command .. "--version", true))
    assert.matches("^bedrock: no such command: dance", run(command .. "dance", true))
    assert.matches("^bedrock: unknown option '%-%-dance'\n", run(command .. "emulate --dance", true))
    assert.matches("^bedrock: no such fault: dance[;\n]", run(command .. "emulate --fault dance", true))
  end)
end)
