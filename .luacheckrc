std = "max"
max_line_length = 130
-- LuaLS reads "---@" lines of any length.
max_comment_line_length = 160
-- A method that does not need its self is still a method.
self = false
exclude_files = { "build/", "node_modules/", "spec/interop/node_modules/" }
files["spec/**/*_spec.lua"] = { std = "max+busted" }
files["lua/bedrock/transports/resty.lua"] = { globals = { "ngx" } }
