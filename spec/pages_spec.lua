-- Lists in pages: every item once, no page more than needed, and no list that ends because its rest failed.

local scripted = require "spec.support.scripted"

local function query(request)
  return request.url:match("%?(.*)$") or ""
end

-- A service with these pages; the token of a page is its number.
local function paged(list, member)
  return scripted.client(function(request)
    local number = tonumber(query(request):match("nextToken=(%d+)") or 1)
    return { [member or "guardrails"] = list[number], nextToken = list[number + 1] and tostring(number + 1) or nil }
  end)
end

local function ids(pager)
  local out = {}
  for item in pager do out[#out + 1] = item.id end
  return table.concat(out, " ")
end

describe("client:each", function()
  it("walks the items of all pages, empty ones included", function()
    local client, transport = paged({ { { id = "a" }, { id = "b" } }, {}, { { id = "c" } } })
    assert.equal("a b c", ids(client:each("list_guardrails")))
    assert.equal(3, #transport.requests)
  end)

  it("asks for a page when the loop needs it", function()
    local client, transport = paged({ { { id = "a" }, { id = "b" } }, { { id = "c" } } })
    for item in client:each("list_guardrails") do
      if item.id == "b" then break end
    end
    assert.equal(1, #transport.requests)
  end)

  it("keeps the other members in every request and leaves the caller's table alone", function()
    local client, transport = paged({ { { id = "a" } }, { { id = "b" } } })
    local params = { maxResults = 1 }
    assert.equal("a b", ids(client:each("list_guardrails", params)))
    assert.matches("maxResults=1", query(transport.requests[2]))
    assert.same({ maxResults = 1 }, params)
  end)

  it("begins where nextToken says", function()
    local client = paged({ { { id = "a" } }, { { id = "b" } } })
    assert.equal("b", ids(client:each("list_guardrails", { nextToken = "2" })))
  end)

  it("walks lists that come in one piece, and answers without the list", function()
    local client = scripted.client(function() return { modelSummaries = { { id = "m" } } } end)
    assert.equal("m", ids(client:each("list_foundation_models", { byProvider = "anthropic" })))
    assert.equal("", ids(scripted.client(function() return {} end):each("list_custom_models")))
  end)

  it("stops for good at the end", function()
    local pager = paged({ { { id = "a" } } }):each("list_guardrails")
    assert.equal("a", pager:next().id)
    assert.is_nil(pager:next())
    assert.is_nil((pager:next()))
  end)

  it("raises when a page fails, and pager:next() returns the error instead", function()
    local function broken()
      return scripted.client(function(_, number)
        if number == 1 then return { guardrails = { { id = "a" } }, nextToken = "2" } end
        return scripted.refusal("AccessDeniedException", "no"), 403
      end):each("list_guardrails")
    end
    local seen = 0
    local ok, err = pcall(function()
      for _ in broken() do seen = seen + 1 end
    end)
    assert.is_false(ok)
    assert.equal(1, seen)
    assert.equal("access_denied", err.kind)
    assert.equal("list_guardrails", err.operation)
    local pager = broken()
    assert.equal("a", pager:next().id)
    local item, failed = pager:next()
    assert.is_nil(item)
    assert.equal("access_denied", failed.kind)
    assert.equal(failed, select(2, pager:next()))
  end)

  it("refuses a token that comes again instead of walking for ever", function()
    local pager = scripted.client(function() return { guardrails = {}, nextToken = "same" } end):each("list_guardrails")
    local item, err = pager:next()
    assert.is_nil(item)
    assert.equal("same_token", err.code)
  end)

  it("raises for what lists nothing, at the line that asked", function()
    local client = scripted.client(function() return {} end)
    for _, name in ipairs { "create_guardrail", "get_evaluation_job", "list_guardrail" } do
      local ok, why = pcall(function() client:each(name) end)
      assert.is_false(ok)
      assert.matches("pages_spec.lua:%d+:", why)
    end
  end)
end)

describe("client:pages", function()
  it("gives whole pages", function()
    local client = paged({ { { id = "a" } }, {}, { { id = "b" } } })
    local sizes = {}
    for page in client:pages("list_guardrails") do sizes[#sizes + 1] = #page.guardrails end
    assert.same({ 1, 0, 1 }, sizes)
  end)
end)

if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
  it("says what to write inside of a coroutine on Lua 5.1", function()
    local client, transport = paged({ { { id = "a" } } })
    function transport.yields() return true end
    local ok, why = pcall(function() return ids(client:each("list_guardrails")) end)
    assert.is_false(ok)
    assert.matches("pager:next", why)
  end)
end
