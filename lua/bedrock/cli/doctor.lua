--- `bedrock doctor`: looks at everything a call needs, from the build to the model, and says what to do where something is amiss.
--
-- A check is a row: it answers "ok", "warn" or "fail", what it found, and what to do. Checks that cannot say anything
-- without an earlier one are left out when that one has failed.

local arguments = require "bedrock.cli.arguments"
local errors = require "bedrock.errors"
local models = require "bedrock.models"
local paint = require "bedrock.cli.paint"
local session = require "bedrock.cli.session"
local system = require "bedrock.system"
local terminal = require("bedrock.core").terminal
local timestamps = require "bedrock.timestamps"

local doctor = { name = "doctor", summary = "check build, network, clock, credentials, region and model access" }

doctor.about = [[
Checks what a call needs, one thing after the other, and says what to do about what is amiss. Nothing is changed, and
nothing is charged without --call.]]
doctor.options = session.with_common {
  session.model_option,
  { "--call", false, "ask the model for one token, too; this is the only check that costs money" },
  { "--offline", false, "only what can be checked without the network" },
  { "--json", false, "a line of JSON for each check" },
}
doctor.arguments = {}
doctor.examples = {
  { "bedrock doctor", "when something does not work" },
  { "bedrock doctor -m sonnet-4.5 --call", "down to a real answer" },
}

local function ok(text) return "ok", text end
local function fail(text, todo) return "fail", text, todo end
local function warn(text, todo) return "warn", text, todo end

-- What an error says, and what to do: its own hint, or ours.
local function failed(err, todo)
  local plain = errors.new { kind = err.kind, code = err.code, message = err.message, status = err.status }
  return fail(tostring(plain), err.hint and session.words(err.hint) or todo)
end

-- Seconds between two clocks from which on signatures are refused.
local TOO_FAR = 300

local checks = {}

function checks.build()
  local lua = rawget(_G, "jit") and rawget(_G, "jit").version or _VERSION
  local loaded, curl = pcall(require, "bedrock.curl")
  if not loaded then return fail(tostring(curl), "Build the module for this Lua: make LUA=" .. _VERSION:match("[%d.]+")) end
  return ok(("bedrock %s, %s, %s"):format(require("bedrock.version")._VERSION, lua, curl.version:match("^%S+ ?%S*")))
end

function checks.settings(state)
  local settings = state.client.settings
  if settings.error then return failed(settings.error) end
  local text = ("region %s (%s), profile %s"):format(settings.region, settings.region_source, settings.profile)
  if settings.region_source == "default" then
    return warn(text, "Set AWS_REGION, or region in the profile; without one everything goes to us-east-1")
  end
  return ok(text)
end

function checks.credentials(state)
  local me, err = state.client:identity()
  if not me then return failed(err, "Set AWS_BEARER_TOKEN_BEDROCK, or keys, or a profile") end
  state.signs = me.access_key_id ~= nil
  if not me.expiration then return ok(me.source .. (me.access_key_id and ", key " .. me.access_key_id or "")) end
  local left = me.expiration - system.now()
  local over = os.date("%Y-%m-%d %H:%M:%S", math.floor(me.expiration))
  local text = ("%s, key %s, until %s"):format(me.source, me.access_key_id or "-", over)
  if left < 0 then return warn(text, "They have expired by the clock of this machine; sign in again, or check the clock") end
  return ok(text)
end

-- Any answer at all proves name, route and trust; what it says does not matter.
function checks.connection(state)
  local endpoint, err = state.client:endpoint("bedrock-runtime")
  if not endpoint then return failed(err) end
  local settings = state.client.settings
  local answer, why = state.client.transport:request {
    method = "GET", url = endpoint.url .. "/", headers = {}, verify = settings.verify, ca_bundle = settings.ca_bundle,
    proxy = settings.proxy, http2 = settings.http2, timeouts = { connect = 10, first_byte = 20, idle = 20, total = 30 },
  }
  if not answer then
    return failed(errors.from_transport(why), why.kind == "tls" and
      "The server is not trusted: install ca-certificates, or name the roots of your proxy in AWS_CA_BUNDLE" or
      "Check the network, the proxy (https_proxy) and the region")
  end
  state.date = answer.headers.date
  answer:close()
  local trust = endpoint.url:find("^https") and (settings.ca_bundle and ", trusted by " .. settings.ca_bundle or ", trusted") or
    ", without TLS"
  return ok(endpoint.url .. trust)
end

function checks.clock(state)
  local there = state.date and timestamps.seconds(state.date)
  if not there then return warn("the server does not tell the time", "Nothing to do unless signatures are refused") end
  local off = system.now() - there
  local text = ("%.0f s %s the server's"):format(math.abs(off), off >= 0 and "ahead of" or "behind")
  if math.abs(off) < 60 then return ok(text) end
  if math.abs(off) < TOO_FAR then return warn(text, "Set the clock: from five minutes on signatures are refused") end
  return fail(text, "Set the clock, by NTP best; the library corrects it for itself, other tools do not")
end

function checks.account(state)
  if not state.signs then return ok("an API key; STS knows nothing of it") end
  local caller, err = state.client:get_caller_identity()
  if not caller then return failed(err, "The keys do not work: make new ones, or sign in again") end
  return ok(("%s, %s"):format(caller.Account, caller.Arn))
end

function checks.models(state)
  local list, err = state.client:models()
  if not list then
    return warn(err.message, "Listing needs bedrock:ListFoundationModels and bedrock:ListInferenceProfiles; asking does not")
  end
  local usable = 0
  for _, model in ipairs(list) do
    if model.call_id then usable = usable + 1 end
  end
  return ok(("%d can be called from %s"):format(usable, state.client.settings.region))
end

-- What the service says about a model, and what each word asks for.
local demands = {
  { "regionAvailability", "AVAILABLE",
    "The model is not in this region: take another region, or an inference profile; see bedrock models" },
  { "authorizationStatus", "AUTHORIZED", "It needs the permission bedrock:InvokeModel on the model and on its profile" },
  { "entitlementAvailability", "AVAILABLE", "Ask for access in the Bedrock console, under Model access" },
}

function checks.access(state)
  local id = session.model_id(state.client, state.options.model)
  local answer, err = state.client:get_foundation_model_availability { modelId = models.base_id(id) }
  if not answer then return warn(id .. ": " .. err.message, "bedrock doctor --call asks the model itself") end
  for _, row in ipairs(demands) do
    local said = answer[row[1]]
    if type(said) == "string" and said ~= row[2] then return fail(("%s: %s is %s"):format(id, row[1], said), row[3]) end
  end
  return ok(id)
end

function checks.answer(state)
  local id = session.model_id(state.client, state.options.model)
  local reply, err = state.client:converse {
    modelId = id, messages = { { role = "user", content = { { text = "Hi" } } } }, inferenceConfig = { maxTokens = 1 },
  }
  if not reply then return failed(err) end
  return ok(id .. " answered")
end

-- name, which earlier check it needs, and which option; without a connection nothing else is asked over the network
local order = {
  { "build" },
  { "settings" },
  { "credentials", "settings" },
  { "connection", "settings", "online" },
  { "clock", "connection", "online" },
  { "account", "credentials", "online" },
  { "models", "credentials", "online" },
  { "access", "credentials", "online" },
  { "answer", "credentials", "call" },
}

local function wanted(state, row)
  if row[2] and (state.states[row[2]] or "fail") == "fail" then return false end
  if not row[3] then return true end
  if state.options.offline or state.states.connection == "fail" then return false end
  return row[3] == "online" or state.options.call
end

local colours = { ok = "green", warn = "yellow", fail = "red" }

local MARGIN = 19

-- For a person in lines as wide as the terminal, for a program in one.
local function folded(text, margin)
  local columns = session.is_seen() and terminal.size(1)
  if not columns or columns < margin + 20 then return text end
  return arguments.wrapped(text, margin, columns - 1)
end

local function tell(state, name, verdict, text, todo)
  if state.options.json then return session.print_json { check = name, state = verdict, found = text, todo = todo } end
  io.write(state.brush(("%-5s"):format(verdict:upper()), colours[verdict]), (" %-12s %s\n"):format(name, folded(text, MARGIN)))
  if todo then io.write((" "):rep(MARGIN), state.brush(folded("-> " .. todo, MARGIN), "bold"), "\n") end
  io.flush()
end

--- Runs the command.
---@param options table
---@return integer exit code: 1 when a check has failed
function doctor.run(options)
  -- what is amiss is told by the checks, once
  local silent = not options.verbose and function() end or nil
  local client = session.client(options, { log = silent, retry = { max_attempts = 2 } })
  local state = { client = client, options = options, states = {}, brush = paint.brush(paint.wanted(system, 1)) }
  local failures = 0
  for _, row in ipairs(order) do
    if wanted(state, row) then
      local verdict, text, todo = checks[row[1]](state)
      state.states[row[1]] = verdict
      if verdict == "fail" then failures = failures + 1 end
      tell(state, row[1], verdict, text, todo)
    end
  end
  return failures > 0 and 1 or 0
end

return doctor
