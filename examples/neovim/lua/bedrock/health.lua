-- :checkhealth bedrock

local health = {}

-- The names before Neovim 0.10 were others.
local vim_health = vim.health or require("health")
local start, ok = vim_health.start or vim_health.report_start, vim_health.ok or vim_health.report_ok
local warn, bad = vim_health.warn or vim_health.report_warn, vim_health.error or vim_health.report_error

local function check_editor()
  if vim.fn.has("nvim-0.7") == 0 then return bad("Neovim is too old", { "Version 0.7 or later is needed" }) end
  ok("Neovim " .. vim.fn.matchstr(vim.fn.execute("version"), "v[0-9.]\\+"))
end

-- The two parts in C; what is wrong with them is told by the module itself.
local function check_module()
  local found, bedrock = pcall(require, "bedrock")
  if not found then
    bad("the module bedrock was not found", { "Install it: make LUA=luajit install", "package.path: " .. package.path })
    return nil
  end
  local loaded, why = pcall(function() return bedrock.json end)
  if not loaded then
    bad(tostring(why))
    return nil
  end
  ok("bedrock " .. bedrock._VERSION .. ", built for " .. (jit and jit.version or _VERSION))
  loaded, why = pcall(require, "bedrock.curl")
  if loaded then ok(why.version) else bad("the HTTP engine does not load", { tostring(why) }) end
  return loaded and bedrock or nil
end

local function check_identity()
  local client = require("claude").client()
  local task = require("bedrock.hosts.neovim").spawn(client.identity, client)
  vim.wait(5000, function() return task:status() ~= "waiting" end, 10)
  if task:status() == "waiting" then
    task:cancel()
    return warn("the sources of credentials did not answer within five seconds")
  end
  local identity, err = task:join()
  if not identity then return bad(tostring(err)) end
  ok("credentials from " .. identity.source)
  local region = ("region %s (%s)"):format(identity.region, identity.region_source)
  if identity.region_source == "default" then warn(region, { "Set AWS_REGION, or region in your profile" }) else ok(region) end
end

function health.check()
  start("bedrock")
  check_editor()
  if check_module() then check_identity() end
end

return health
