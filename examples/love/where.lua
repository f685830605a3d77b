-- Where the module is: inside the .love or this checkout its Lua files, beside them its shared objects, which no system can
-- load from inside a zip.

local base = love.filesystem.getSourceBaseDirectory()

-- A game that is shipped: bedrock/core.so and bedrock/curl.so lie beside the .love, or beside the fused program.
package.cpath = base .. "/?.so;" .. package.cpath

-- This example in its checkout, examples/love: two folders up.
package.path = base .. "/../lua/?.lua;" .. base .. "/../lua/?/init.lua;" .. package.path
package.cpath = base .. "/../build/luajit/?.so;" .. package.cpath
