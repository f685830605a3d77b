std = "max"
max_line_length = 130
-- LuaLS reads "---@" lines of any length.
max_comment_line_length = 160
-- A method that does not need its self is still a method.
self = false
exclude_files = { "build/", "node_modules/", "spec/interop/node_modules/" }
files["spec/**/*_spec.lua"] = { std = "max+busted" }
files["examples/testing_spec.lua"] = { std = "max+busted" }
files["lua/bedrock/hosts/neovim.lua"] = { read_globals = { "vim" } }
files["spec/hosts/neovim*.lua"] = { globals = { "vim" } }
files["spec/hosts/nginx.lua"] = { read_globals = { "ngx" } }
files["spec/hosts/*_cases.lua"] = { std = "max+busted" }
files["spec/hosts/love*/"] = { globals = { "love" } }
files["examples/neovim/"] = { globals = { "vim" } }
files["examples/openresty/"] = { globals = { "ngx" } }
files["bench/ours/nginx.lua"] = { globals = { "ngx" } }
files["examples/love/"] = { globals = { "love" } }
-- Types alone, made from the table of operations for editors: never loaded, as long as the operations are wide.
files["lua/bedrock/operations/types.lua"] = { max_line_length = false, max_comment_line_length = false }
