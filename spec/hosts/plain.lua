-- The suite in a plain script: every call blocks. lua spec/hosts/plain.lua WORLD OUT
local suite = require "spec.hosts.suite"
local report = require "spec.hosts.report"

report(arg[2], suite.run { name = "plain", world = dofile(arg[1]), pcall = pcall, together = suite.in_turn })
