-- Tools: one declaration for both forms, and the loop in which a model uses them. The model is a list of answers.

local content = require "bedrock.content"
local json = require "bedrock.json"
local judge = require "spec.support.judge"
local preflight = require "bedrock.preflight"
local reply = require "bedrock.reply"
local tools = require "bedrock.tools"

-- Answers in a form from one description: { text, calls = { { id, name, input } }, stop }.
local make = {}

function make.messages(answer)
  local list = json.array {}
  if answer.text then list[1] = { type = "text", text = answer.text } end
  for _, call in ipairs(answer.calls or {}) do
    list[#list + 1] = { type = "tool_use", id = call[1], name = call[2], input = call[3] }
  end
  return reply.wrap({ role = "assistant", content = list, stop_reason = answer.stop, container = answer.container,
    usage = { input_tokens = 3, output_tokens = 2 } }, "messages")
end

function make.converse(answer)
  local list = json.array {}
  if answer.text then list[1] = { text = answer.text } end
  for _, call in ipairs(answer.calls or {}) do
    list[#list + 1] = { toolUse = { toolUseId = call[1], name = call[2], input = call[3] } }
  end
  return reply.wrap({ output = { message = { role = "assistant", content = list } }, stopReason = answer.stop,
    usage = { inputTokens = 3, outputTokens = 2 } }, "converse")
end

-- A send function over a script, and the requests that it has seen, checked as the client would.
local function model(form, script)
  local seen = {}
  return function(params)
    local request = assert(content[form](params))
    assert(preflight[form](request))
    seen[#seen + 1] = { request = request, params = params }
    local answer = script[#seen]
    if answer.err then return nil, answer.err end
    return make[form](answer)
  end, seen
end

local function run(form, script, options)
  local send, seen = model(form, script)
  options.send, options.form = send, form
  options.params = options.params or { messages = { { role = "user", content = "go" } } }
  local runner = tools.runner(options)
  local result, err = runner:run()
  return result, seen, err, runner
end

-- The results of the last message of the history: id, text, failed.
local function results(form, messages)
  local list = {}
  for _, block in ipairs(messages[#messages].content) do
    local r = form == "messages" and block or block.toolResult
    local inner = r.content and r.content[1] or {}
    list[#list + 1] = { r.tool_use_id or r.toolUseId, inner.text or inner.json, r.is_error or r.status == "error" or false }
  end
  return list
end

local add = tools.tool {
  name = "add", description = "Adds", schema = { properties = { a = { type = "number" } }, required = {} },
  run = function(input) return tostring(input.a + input.b) end,
}

describe("a tool", function()
  it("is declared once for both forms", function()
    local request = content.messages { tools = { add } }
    assert(judge.same(judge.decode [=[[{"name":"add","description":"Adds",
      "input_schema":{"type":"object","properties":{"a":{"type":"number"}},"required":[]}}]]=],
      judge.decode(json.encode(request.tools))))
    request = content.converse { toolConfig = { tools = { add } } }
    assert(judge.same(judge.decode [=[[{"toolSpec":{"name":"add","description":"Adds",
      "inputSchema":{"json":{"type":"object","properties":{"a":{"type":"number"}},"required":[]}}}}]]=],
      judge.decode(json.encode(request.toolConfig.tools))))
    assert.equal('{"type":"object"}', json.encode(tools.tool { name = "now" }.schema))
  end)

  it("may name its parameters instead of a schema", function()
    local function schema_of(parameters) return json.encode(tools.tool({ name = "t", parameters = parameters }).schema) end
    assert.equal('{"properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"],"type":"object"}',
      schema_of { city = "string", days = "integer?" })
    assert.equal('{"properties":{"unit":{"enum":["C","F"]}},"required":[],"type":"object"}',
      schema_of { unit = { enum = { "C", "F" }, optional = true } })
    assert.equal('{"properties":{"type":{"type":"string"}},"required":["type"],"type":"object"}', schema_of { type = "string" })
    assert.equal('{"properties":{"a":{"type":"string"}},"type":"object"}',
      schema_of { type = "object", properties = { a = { type = "string" } } })
    assert.equal('{"properties":{},"required":[],"type":"object"}', schema_of {})
    local ok, why = pcall(tools.tool, { name = "t", parameters = { a = "text" } })
    assert.is_false(ok)
    assert.matches("the tool t: the parameter a", why)
    assert.has_error(function() tools.tool { name = "t", parameters = {}, schema = {} } end)
    assert.has_error(function() tools.tool { name = "t", parameters = 5 } end)
  end)

  it("needs a name that the service takes, and a function", function()
    for _, fields in ipairs { {}, { name = "" }, { name = "a b" }, { name = ("a"):rep(65) }, { name = "a", run = 5 } } do
      assert.has_error(function() tools.tool(fields) end)
    end
  end)
end)

for _, form in ipairs { "messages", "converse" } do
  describe("the loop in the form of " .. form, function()
    it("runs the calls and gives the model their results, until it is done", function()
      local result, seen = run(form, {
        { text = "wait", calls = { { "1", "add", { a = 1, b = 2 } }, { "2", "add", { a = 3, b = 4 } } }, stop = "tool_use" },
        { text = "3 and 7", stop = "end_turn" },
      }, { tools = { add } })
      assert.is_true(result.finished)
      assert.equal("3 and 7", result.reply:text())
      assert.equal("end_turn", result.stop_reason)
      assert.equal(2, result.steps)
      assert.equal(4, #result.messages)
      assert.equal(10, result.usage.total_tokens)
      assert.same({ { "1", "3", false }, { "2", "7", false } }, results(form, seen[2].request.messages))
      assert.truthy(json.encode(result.messages))
    end)

    it("reports to the model what went wrong", function()
      local broken = { INVALID_JSON = '{"a":' }
      local with_words = setmetatable({}, { __tostring = function() return "it broke" end })
      local result = run(form, {
        { calls = { { "1", "none", {} }, { "2", "raises", {} }, { "3", "fails", {} }, { "4", "add", broken },
          { "5", "object", {} }, { "6", "odd", {} }, { "7", "nothing", nil }, { "8", "declared", {} } }, stop = "tool_use" },
        { text = "sorry", stop = "end_turn" },
      }, { tools = {
        add,
        tools.tool { name = "raises", run = function() error({ code = 5 }, 0) end },
        tools.tool { name = "fails", run = function() return nil, "no luck" end },
        tools.tool { name = "object", run = function() error(with_words) end },
        tools.tool { name = "odd", run = function() return { f = print } end },
        tools.tool { name = "nothing", run = function(input) assert(next(input) == nil) end },
        tools.tool { name = "declared" },
      } })
      local got = results(form, { result.messages[3] })
      assert.same({ "1", "Error: Tool 'none' not found", true }, got[1])
      assert.truthy(got[2][3])
      assert.same({ "3", "Error: no luck", true }, got[3])
      assert.truthy(got[4][2]:find('{"a":', 1, true))
      assert.same({ "5", "Error: it broke", true }, got[5])
      assert.truthy(got[6][2]:find("cannot be sent", 1, true))
      assert.is_false(got[7][3])
      assert.same({ "8", "Error: Tool 'declared' not found", true }, got[8])
    end)

    it("asks before it runs a call, when it is told to", function()
      local asked = {}
      local result = run(form, {
        { calls = { { "1", "add", { a = 1, b = 1 } }, { "2", "add", { a = 2, b = 2 } } }, stop = "tool_use" }, { text = "x" },
      }, { tools = { add }, approve = function(call, tool)
        asked[#asked + 1] = call.id .. tool.name
        return call.id == "2", "too dear"
      end })
      assert.same({ "1add", "2add" }, asked)
      assert.same({ { "1", "Error: this call was not approved: too dear", true }, { "2", "4", false } },
        results(form, { result.messages[3] }))
    end)

    it("stops at its limit of steps with whole turns, and goes on from there", function()
      local script = {}
      for i = 1, 5 do script[i] = { text = "t" .. i, calls = { { "i" .. i, "add", { a = i, b = 0 } } }, stop = "tool_use" } end
      script[6] = { text = "done", stop = "end_turn" }
      local result, seen, _, runner = run(form, script, { tools = { add }, max_steps = 2 })
      assert.is_false(result.finished)
      assert.equal(2, #seen)
      assert.equal(3, #result.messages)
      assert.equal("t2", result.reply:text())
      result = runner:run()
      assert.equal(4, #seen)
      assert.equal(7, #result.messages)
      result = runner:run()
      assert.is_true(result.finished)
      assert.equal(6, result.steps)
      assert.equal(12, #result.messages)
    end)

    it("runs nothing of an answer that was refused, and keeps a history that can be sent", function()
      local ran = false
      local result = run(form, { { text = "no", calls = { { "1", "t", {} } }, stop = "refusal" } },
        { tools = { tools.tool { name = "t", run = function() ran = true end } } })
      assert.is_false(ran)
      assert.is_true(result.finished)
      assert.equal("refusal", result.stop_reason)
      assert.equal(2, #result.messages)
      assert.equal(1, #result.messages[2].content)
      result = run(form, { { calls = { { "1", "t", {} } }, stop = "refusal" } }, {})
      assert.equal(1, #result.messages)
    end)

    it("does not run the last call of an answer that was cut off", function()
      local result = run(form, {
        { calls = { { "1", "add", { a = 1, b = 1 } }, { "2", "add", {} } }, stop = "max_tokens" }, { text = "x" },
      }, { tools = { add } })
      local got = results(form, { result.messages[3] })
      assert.same({ "1", "2", false }, got[1])
      assert.truthy(got[2][2]:find("cut off", 1, true))
    end)

    it("hands on a failure with the conversation so far, and can be run again", function()
      local script = { { calls = { { "1", "add", { a = 1, b = 1 } } }, stop = "tool_use" }, { err = { kind = "network" } } }
      local result, seen, err, runner = run(form, script, { tools = { add } })
      assert.is_nil(result)
      assert.equal("network", err.kind)
      assert.equal(3, #err.messages)
      script[3] = { text = "ok" }
      assert.equal("ok", runner:run().reply:text())
      assert.equal(#seen[2].params.messages, #seen[3].params.messages)
    end)

    it("runs calls side by side where somebody can, and keeps the order of the results", function()
      local order = {}
      local result = run(form, {
        { calls = { { "1", "add", { a = 1, b = 0 } }, { "2", "add", { a = 2, b = 0 } } }, stop = "tool_use" }, { text = "x" },
      }, { tools = { add }, parallel = function(list, fn)
        for i = #list, 1, -1 do
          order[#order + 1] = i
          fn(list[i])
        end
      end })
      assert.same({ 2, 1 }, order)
      assert.same({ { "1", "1", false }, { "2", "2", false } }, results(form, { result.messages[3] }))
    end)

    it("tells what it does", function()
      local told = {}
      run(form, { { calls = { { "1", "add", { a = 1, b = 0 } } }, stop = "tool_use" }, { text = "x" } },
        { tools = { add }, on_event = function(name) told[#told + 1] = name end })
      assert.equal("step reply call result step reply", table.concat(told, " "))
    end)

    it("does not change the caller's request", function()
      local params = { messages = { { role = "user", content = "go" } }, tools = { { name = "own", input_schema = {} } } }
      local before = json.encode(params)
      run(form, { { calls = { { "1", "add", { a = 1, b = 0 } } }, stop = "tool_use" }, { text = "x" } },
        { tools = { add }, params = params })
      assert.equal(before, json.encode(params))
    end)
  end)
end

describe("the loop", function()
  it("goes on after pause_turn without a word of the user", function()
    local result, seen = run("messages", { { text = "a", stop = "pause_turn" }, { text = "b", stop = "end_turn" } }, {})
    assert.equal(2, #seen[2].params.messages)
    assert.equal("assistant", seen[2].params.messages[2].role)
    assert.equal(3, #result.messages)
  end)

  it("forces a call once only", function()
    local script = { { calls = { { "1", "add", { a = 1, b = 0 } } }, stop = "tool_use" }, { text = "x" } }
    local _, seen = run("messages", script, { tools = { add }, params = {
      messages = { { role = "user", content = "go" } }, tool_choice = { type = "any", disable_parallel_tool_use = true } } })
    assert.equal("any", seen[1].params.tool_choice.type)
    assert.same({ type = "auto", disable_parallel_tool_use = true }, seen[2].params.tool_choice)
    _, seen = run("converse", script, { tools = { add }, params = {
      messages = { { role = "user", content = "go" } }, toolConfig = { toolChoice = { tool = { name = "add" } } } } })
    assert.is_table(seen[1].params.toolConfig.toolChoice)
    assert.is_nil(seen[2].params.toolConfig.toolChoice)
    assert.equal(1, #seen[2].params.toolConfig.tools)
  end)

  it("carries the container of the service on", function()
    local _, seen = run("messages", {
      { calls = { { "1", "add", { a = 1, b = 0 } } }, stop = "tool_use", container = { id = "c1" } }, { text = "x" },
    }, { tools = { add } })
    assert.is_nil(seen[1].params.container)
    assert.equal("c1", seen[2].params.container)
  end)

  it("works inside tasks, where tools may wait", function()
    local async = require "bedrock.async"
    local sleeper = tools.tool { name = "sleep", run = function() async.sleep(0.001) return "slept" end }
    local result = async.run(function()
      return (run("messages", {
        { calls = { { "1", "sleep", {} }, { "2", "sleep", {} }, { "3", "none", {} } }, stop = "tool_use" }, { text = "x" },
      }, { tools = { sleeper } }))
    end)
    assert.same({ { "1", "slept", false }, { "2", "slept", false }, { "3", "Error: Tool 'none' not found", true } },
      results("messages", { result.messages[3] }))
  end)

  it("raises when it is set up wrongly", function()
    for _, options in ipairs { false, { send = print, form = "telegram" }, { send = print, max_steps = 0 } } do
      assert.has_error(function() tools.runner(options or nil) end)
    end
  end)
end)
