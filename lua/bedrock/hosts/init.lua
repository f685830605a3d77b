--- In which host the library runs, for the few places that must know before anybody can tell them.
--
-- Only what is loaded already is looked at; nothing is loaded from here. The adapters beside this file are loaded by who
-- wants them: `require "bedrock.hosts.luv"`, `.neovim`, `.cqueues`.

local hosts = {}

--- nginx's API inside an nginx worker, where nothing may block.
---@return table?
function hosts.nginx()
  local ngx = package.loaded.ngx
  return type(ngx) == "table" and type(ngx.socket) == "table" and ngx or nil
end

return hosts
