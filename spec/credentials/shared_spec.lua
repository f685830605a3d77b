-- Credentials that several processes share through a dictionary such as nginx's.

local config = require "bedrock.config"
local credentials = require "bedrock.credentials"
local pretend = require "spec.support.pretend"
local timestamps = require "bedrock.timestamps"

-- A dictionary as nginx has them, over a clock that stands still; how long things are kept is written down.
local function dictionary()
  local values, dict = {}, { kept = {} }
  function dict:get(key) return values[key] end
  function dict:set(key, value, seconds)
    values[key], self.kept[key] = value, seconds
    return true
  end
  function dict:add(key, value, seconds)
    if values[key] ~= nil then return false, "exists" end
    return self:set(key, value, seconds)
  end
  function dict:delete(key) values[key] = nil end -- luacheck: ignore 212
  dict.values = values
  return dict
end

-- A worker: a chain of its own on a machine of its own, over a container whose every answer has a new key.
local function worker(dict, service, options)
  local system = pretend.system { env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/x", HOME = "/home" }, now = service.now }
  local transport = pretend.transport(function()
    service.asked = service.asked + 1
    return { body = ('{"AccessKeyId":"AKID%d","SecretAccessKey":"s","Token":"t","Expiration":"%s"}')
      :format(service.asked, timestamps.iso8601(service.now + 3600)) }
  end)
  local all = { shared_dict = dict }
  for k, v in pairs(options or {}) do all[k] = v end
  return credentials.new {
    system = system, transport = transport, settings = config.resolve(all, system), random = function() return 0.5 end,
  }, system, transport
end

local function new_service()
  return { asked = 0, now = 1700000000 }
end

describe("Shared credentials", function()
  it("are asked for by one worker and used by all", function()
    local dict, service = dictionary(), new_service()
    for _ = 1, 3 do assert.equal("AKID1", assert(worker(dict, service):get()).access_key_id) end
    assert.equal(1, service.asked)
    assert.equal(3600, dict.kept["bedrock.credentials:default"])
  end)

  it("come with all that belongs to them", function()
    local dict, service = dictionary(), new_service()
    local first, second = assert(worker(dict, service):get()), assert(worker(dict, service):get())
    for _, name in ipairs { "secret_access_key", "session_token", "expiration", "source" } do
      assert.equal(first[name], second[name])
    end
    assert.is_nil(tostring(second):find(second.secret_access_key .. "$"))
  end)

  it("are renewed by one worker ahead of their end", function()
    local dict, service = dictionary(), new_service()
    local one, one_system = worker(dict, service)
    local two, two_system = worker(dict, service)
    assert(one:get())
    assert(two:get())
    service.now = service.now + 3000
    one_system.clock, two_system.clock = service.now, service.now
    assert.equal("AKID2", one:get().access_key_id)
    assert.equal("AKID2", two:get().access_key_id)
    assert.equal(2, service.asked)
  end)

  it("that a service has refused are asked for once more, and not by those who have newer ones", function()
    local dict, service = dictionary(), new_service()
    local one, two = worker(dict, service), worker(dict, service)
    local old = assert(one:get())
    assert(two:get())
    one:invalidate(old)
    assert.equal("AKID2", one:get().access_key_id)
    two:invalidate(old)
    assert.equal("AKID2", two:get().access_key_id)
    assert.equal(2, service.asked)
  end)

  it("are waited for while another worker asks", function()
    local dict, service = dictionary(), new_service()
    assert(worker(dict, service):get())
    local made = dict.values["bedrock.credentials:default"]
    dict.values["bedrock.credentials:default"] = nil
    dict:add("bedrock.credentials:default:lock", true, 30)
    local chain, _, transport = worker(dict, service)
    local sleep = transport.sleep
    transport.sleep = function(self, seconds)
      sleep(self, seconds)
      if #transport.slept == 3 then dict:set("bedrock.credentials:default", made, 3600) end
    end
    assert.equal("AKID1", chain:get().access_key_id)
    assert.equal(3, #transport.slept)
    assert.equal(1, service.asked)
  end)

  it("are asked for all the same when the other worker has died", function()
    local dict, service = dictionary(), new_service()
    dict:add("bedrock.credentials:default:lock", true, 30)
    local chain, _, transport = worker(dict, service)
    assert.equal("AKID1", chain:get().access_key_id)
    assert.is_true(transport.time >= 30)
  end)

  it("are not mixed between profiles, and options are not shared", function()
    local dict, service = dictionary(), new_service()
    assert(worker(dict, service):get())
    local own = worker(dict, service, { access_key_id = "OWN", secret_access_key = "s" })
    assert.equal("OWN", own:get().access_key_id)
    for key in pairs(dict.values) do assert.equal("bedrock.credentials:default", key) end
  end)

  it("are not hindered by nonsense in the dictionary", function()
    for _, value in ipairs { "", "{}", "nonsense", 5, '{"id":"A"}', '{"id":"A","expiration":"x","obtained":1}' } do
      local dict, service = dictionary(), new_service()
      dict:set("bedrock.credentials:default", value)
      assert.equal("AKID1", assert(worker(dict, service):get()).access_key_id)
    end
  end)

  it("name the directive when there is no such dictionary", function()
    local _, err = worker("nothing", new_service()):get()
    assert.equal("config", err.kind)
    assert.matches("lua_shared_dict nothing 1m;", tostring(err), 1, true)
  end)
end)
