-- Testing a program that talks to a model, without a network, keys or cost. Run it with busted:
--
--   busted examples/testing_spec.lua

local bedrock = require "bedrock"
local testing = require "bedrock.testing"

-- The program. It gets its client from outside, which is all that it takes to be testable.
local function summarise(client, text)
  local reply, err = client.messages:create {
    model = "global.anthropic.claude-sonnet-4-5-20250929-v1:0", max_tokens = 200,
    system = "Summarise in one sentence.",
    messages = { { role = "user", content = text } },
  }
  if not reply then return nil, "no summary: " .. err.kind end
  return reply:text()
end

describe("summarise", function()
  it("gives the model's sentence", function()
    local script = testing.script { "A fox jumps." }
    assert.equal("A fox jumps.", summarise(script:client(), "The quick brown fox ..."))
    assert.equal("Summarise in one sentence.", script.requests[1].body.system)
  end)

  it("survives a service that throttles", function()
    local script = testing.script { { error = "ThrottlingException" }, "A fox jumps." }
    assert.equal("A fox jumps.", summarise(script:client(), "..."))
    assert.equal(2, #script.requests)
  end)

  it("says so when the model is out of reach", function()
    local script = testing.script { { error = "AccessDeniedException" } }
    local text, why = summarise(script:client(), "...")
    assert.is_nil(text)
    assert.equal("no summary: access_denied", why)
  end)

  it("works over real sockets, too", function()
    local service = testing.emulator()
    assert.equal("From the emulator.", summarise(service:client(), "@say From the emulator."))
    service:stop()
  end)
end)

describe("a tool", function()
  it("is called with what the model asks for", function()
    local asked
    local weather = bedrock.tool {
      name = "weather", schema = { type = "object", properties = { city = { type = "string" } } },
      run = function(input)
        asked = input.city
        return "rain"
      end,
    }
    local script = testing.script { { tools = { { name = "weather", input = { city = "Oslo" } } } }, "Take a coat." }
    local run = script:client().messages:run {
      model = "global.anthropic.claude-sonnet-4-5-20250929-v1:0", max_tokens = 200, tools = { weather },
      messages = { { role = "user", content = "Do I need a coat in Oslo?" } },
    }
    assert.equal("Take a coat.", assert(run:message()):text())
    assert.equal("Oslo", asked)
  end)
end)
