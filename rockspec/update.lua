-- Writes the rockspecs anew, `lua rockspec/update.lua` after a file came or went: scm, for a checkout, and the one of the
-- version. A spec checks that the lists are complete, so nobody has to remember this.

-- Only libraries are looked for: Debian keeps some headers in a folder that the compiler knows and LuaRocks does not.
local HEAD = [[
rockspec_format = "3.0"
package = "bedrock"
version = "%s-1"
source = {
   url = "git+https://example.invalid/bedrock.git",%s
}
description = {
   summary = "The models on Amazon Bedrock, Claude first, from Lua",
   detailed = "InvokeModel and Converse, their streams, SigV4 and bearer tokens, AWS's binary event streams and its " ..
      "credential chain: a thin C core under Lua clients, streaming iterators and message helpers.",
   license = "MIT",
}
dependencies = {
   "lua >= 5.1, < 5.5",
   "argparse >= 0.7",
}
external_dependencies = {
   CRYPTO = { library = "crypto" },
   CURL = { library = "curl" },
   OPENSSL = { library = "ssl" },
   ZLIB = { library = "z" },
}
test_dependencies = {
   "busted",
   "lua-cjson",
}
test = {
   type = "busted",
}
build = {
   type = "builtin",
   modules = {
]]

local TAIL = [[
   },
   install = {
      bin = { bedrock = "bin/bedrock" },
   },
   copy_directories = { "completions", "docs", "man" },
}
]]

-- A make of its own: one that runs this script would tell its child to announce itself.
local MAKE = "env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory"

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function files(command)
  local list = {}
  for path in output_of(command):gmatch("[^\n]+") do list[#list + 1] = path end
  table.sort(list)
  return list
end

local function module_name(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

-- What goes into each shared object is the Makefile's to say.
local function c_module(name, variable, libraries, dirs)
  local lines = { ('      ["bedrock.%s"] = {'):format(name), "         sources = {" }
  for path in output_of(MAKE .. " print-" .. variable):gmatch("%S+") do lines[#lines + 1] = ('            "%s",'):format(path) end
  lines[#lines + 1] = "         },"
  lines[#lines + 1] = '         defines = { "_GNU_SOURCE" },'
  lines[#lines + 1] = ("         libraries = { %s },"):format(libraries)
  lines[#lines + 1] = ('         incdirs = { "src/core", "src/bind", %s },'):format((dirs:gsub("DIR", "INCDIR")))
  lines[#lines + 1] = ("         libdirs = { %s },"):format((dirs:gsub("DIR", "LIBDIR")))
  lines[#lines + 1] = "      },"
  return table.concat(lines, "\n") .. "\n"
end

local function body()
  local parts = { c_module("core", "CORE_SRC", '"crypto", "z"', '"$(CRYPTO_DIR)", "$(ZLIB_DIR)"') }
  parts[#parts + 1] = c_module("curl", "CURL_SRC", '"curl", "ssl", "crypto", "z", "m"',
    '"$(CURL_DIR)", "$(OPENSSL_DIR)", "$(ZLIB_DIR)"')
  for _, path in ipairs(files("find lua -name '*.lua'")) do
    parts[#parts + 1] = ('      ["%s"] = "%s",\n'):format(module_name(path), path)
  end
  parts[#parts + 1] = TAIL
  return table.concat(parts)
end

--- The rockspecs by their paths.
local function all()
  local version, rest = dofile("lua/bedrock/version.lua")._VERSION, body()
  return {
    ["rockspec/bedrock-scm-1.rockspec"] = HEAD:format("scm", "") .. rest,
    ["rockspec/bedrock-" .. version .. "-1.rockspec"] = HEAD:format(version, '\n   tag = "v' .. version .. '",') .. rest,
  }
end

if arg and arg[0] and arg[0]:match("update%.lua$") then
  for path, text in pairs(all()) do
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
  end
end

return all
