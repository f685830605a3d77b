-- The suite inside a task of bedrock.async. lua spec/hosts/async.lua WORLD OUT
local async = require "bedrock.async"
local suite = require "spec.hosts.suite"
local report = require "spec.hosts.report"

report(arg[2], async.run(suite.run, { name = "async", world = dofile(arg[1]), pcall = async.pcall, together = suite.as_tasks }))
