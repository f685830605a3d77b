-- The test runner on whichever Lua runs this file: `lua spec/support/busted.lua [spec files]`.
require "busted.runner" { standalone = false }
