-- The suite in an nginx worker, run by a request: content_by_lua_block { require("spec.hosts.nginx")(WORLD) }
local suite = require "spec.hosts.suite"

-- Light threads; the first failure of one is raised when all have ended.
local function together(functions)
  local threads = {}
  for i, fn in ipairs(functions) do threads[i] = ngx.thread.spawn(function() return pcall(fn) end) end
  local failure
  for _, thread in ipairs(threads) do
    local _, ok, err = ngx.thread.wait(thread)
    if not ok then failure = failure or err end
  end
  if failure then error(failure, 0) end
end

return function(path)
  local results = suite.run { name = "nginx", world = dofile(path), pcall = pcall, together = together }
  -- libcurl blocks, so no worker may ever have it.
  assert(not package.loaded["bedrock.curl"], "libcurl was loaded")
  ngx.print(suite.report(results))
end
