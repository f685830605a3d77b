-- A schema goes in, a checked value comes out.

local content = require "bedrock.content"
local errors = require "bedrock.errors"
local json = require "bedrock.json"
local judge = require "spec.support.judge"
local reply = require "bedrock.reply"
local structured = require "bedrock.structured"

local person = { type = "object", properties = { name = { type = "string" }, age = { type = "integer", minimum = 0 } },
  required = { "name", "age" } }

local answers = {
  format = {
    messages = function(text) return { content = { { type = "text", text = text } } } end,
    converse = function(text) return { output = { message = { content = { { text = text } } } } } end,
  },
  tool = {
    messages = function(text)
      local input = json.decode(text) or { INVALID_JSON = text }
      return { content = { { type = "tool_use", id = "i", name = "answer", input = input } } }
    end,
    converse = function(text)
      local input = json.decode(text) or { INVALID_JSON = text }
      return { output = { message = { content = { { toolUse = { toolUseId = "i", name = "answer", input = input } } } } } }
    end,
  },
}

local function ask(by, form, text, stop)
  local seen
  local function send(params)
    seen = assert(content[form](params))
    local answer = answers[by][form](text)
    answer.stop_reason, answer.stopReason = stop, stop
    return reply.wrap(answer, form)
  end
  local value, err = structured.ask(send, { messages = {} }, { schema = person, by = by, form = form, name = "answer" })
  return value, err, seen
end

for _, by in ipairs { "format", "tool" } do
  for _, form in ipairs { "messages", "converse" } do
    describe(("a structured answer by %s in the form of %s"):format(by, form), function()
      it("is the value", function()
        assert.same({ name = "Ada", age = 36 }, (ask(by, form, '{"name":"Ada","age":36}')))
      end)

      it("is checked", function()
        local value, err = ask(by, form, '{"name":"Ada","age":-1}')
        assert.is_nil(value)
        assert.is_true(errors.is(err))
        assert.equal("schema", err.code)
        assert.truthy(err.message:find(".age must be at least 0", 1, true))
        assert.is_table(err.reply)
        assert.equal("json", select(2, ask(by, form, '{"name":')).code)
      end)

      it("that was cut off says so", function()
        local _, err = ask(by, form, '{"name":', "max_tokens")
        assert.truthy(err.hint:find("max_tokens", 1, true))
      end)
    end)
  end
end

describe("the request for a structured answer", function()
  local strict = '{"type":"object","additionalProperties":false,"required":["name","age"],"properties":{' ..
    '"name":{"type":"string"},"age":{"type":"integer","description":"{minimum: 0}"}}}'

  it("holds the schema where each form wants it", function()
    local _, _, seen = ask("format", "messages", "{}")
    assert(judge.same(judge.decode('{"format":{"type":"json_schema","schema":' .. strict .. "}}"),
      judge.decode(json.encode(seen.output_config))))
    _, _, seen = ask("format", "converse", "{}")
    local definition = seen.outputConfig.textFormat.structure.jsonSchema
    assert.equal("answer", definition.name)
    assert(judge.same(judge.decode(strict), judge.decode(definition.schema)))
    _, _, seen = ask("tool", "messages", "{}")
    assert.same({ type = "tool", name = "answer" }, seen.tool_choice)
    _, _, seen = ask("tool", "converse", "{}")
    assert.same({ tool = { name = "answer" } }, seen.toolConfig.toolChoice)
  end)

  it("keeps what else was asked, and leaves the caller's tables alone", function()
    local params = { modelId = "m", outputConfig = { effort = "low" } }
    local request = structured.request(params, { schema = person })
    assert.equal("low", request.outputConfig.effort)
    assert.is_nil(params.outputConfig.textFormat)
    assert.has_error(function() structured.ask(print, {}, {}) end)
  end)

  it("hands on a failure to ask", function()
    local value, err = structured.ask(function() return nil, "broken" end, {}, { schema = person })
    assert.is_nil(value)
    assert.equal("broken", err)
  end)
end)
