local pretend = require "spec.support.pretend"
local profiles = require "bedrock.profiles"

local function config(text)
  return profiles.merge({ text = text, path = "/home/.aws/config" })
end

describe("The shared config and credentials files", function()
  it("are read in one go, the credentials file over the config file", function()
    local set = assert(profiles.merge(
      { text = "[profile a]\nregion = eu-west-1\naws_access_key_id = old\n[sso-session s]\nsso_region = x", path = "c" },
      { text = "[a]\naws_access_key_id = new\n", path = "d" }))
    assert.same({ region = "eu-west-1", aws_access_key_id = "new" }, set.profiles.a)
    assert.same({ sso_region = "x" }, set.sso_sessions.s)
  end)

  it("are empty when they are missing", function()
    local set = assert(profiles.load(pretend.system { env = { HOME = "/home" } }))
    assert.same({}, set.profiles)
  end)

  it("are empty where there is no home", function()
    assert.same({}, assert(profiles.load(pretend.system())).profiles)
  end)

  it("are an error when they are there and cannot be read", function()
    local system = pretend.system { env = { HOME = "/home" } }
    system.read_file = function(path) return nil, path .. ": Permission denied" end
    local set, err = profiles.load(system)
    assert.is_nil(set)
    assert.same("config", err.kind)
    assert.matches("/home/.aws/config.*Permission denied", err.message)
  end)

  local broken = {
    { "[profile a", 1, "must end with" },
    { "[profile a]\n\nregion\n", 3, "'=' sign" },
    { "[profile a]\n= x", 2, "did not have a name" },
    { "[profile a]\n  x = 1", 2, "found continuation" },
    { "x = 1", 1, "Expected a profile definition" },
    { "  x", 1, "Expected a profile definition" },
    { "[services s]\nsts =\n  endpoint_url\n", 3, "sub%-property" },
    { "[services s]\nsts =\n  = x\n", 3, "Sub%-property did not have a name" },
  }
  for _, case in ipairs(broken) do
    it(("name file and line of what cannot be read: %q"):format(case[1]), function()
      local set, err = config(case[1])
      assert.is_nil(set)
      assert.matches("^/home/.aws/config, line " .. case[2] .. ": ", err.message)
      assert.matches(case[3], err.message)
    end)
  end

  it("never quote a value in an error, it may be a secret", function()
    local _, err = config("[profile a]\nwJalrXUtnFEMI\n")
    assert.not_matches("wJalr", tostring(err))
  end)

  it("take Windows line ends, a byte-order mark, and a last line without an end", function()
    local set = assert(config("\239\187\191[profile a]\r\nregion = x\r\noutput = json"))
    assert.same({ region = "x", output = "json" }, set.profiles.a)
  end)

  it("skip comments that stand alone, also indented ones", function()
    local set = assert(config("# a\n; b\n[profile a]\n  # between\nregion = x\n  ; after\n"))
    assert.same({ region = "x" }, set.profiles.a)
  end)

  it("skip sections and keys with impossible names, with a warning that names the line", function()
    local set = assert(config("[profile a b]\nx = 1\n[profile c]\nin valid = 2\ny = 3"))
    assert.same({ c = { y = "3" } }, set.profiles)
    assert.same(2, #set.warnings)
    assert.matches("line 1: .*%[profile a b%]", set.warnings[1])
    assert.matches("line 4: .*in valid", set.warnings[2])
  end)

  it("hold properties inside of a property", function()
    local set = assert(config("[services s]\nbedrock_runtime =\n  endpoint_url = http://x # the proxy\n  other = 1\n"))
    assert.same({ endpoint_url = "http://x", other = "1" }, profiles.nested(set.services.s.bedrock_runtime))
  end)

  it("keep a key's last value, and a continuation belongs to that", function()
    local set = assert(config("[profile a]\nx = 1\nx = 2\n and more\n"))
    assert.same("2\nand more", set.profiles.a.x)
  end)
end)

describe("The place of the files", function()
  it("follows the environment, and blank variables count as unset", function()
    local found = profiles.locate(pretend.system {
      env = { HOME = "/h", AWS_CONFIG_FILE = " ", AWS_SHARED_CREDENTIALS_FILE = "~/keys", AWS_PROFILE = "" },
    })
    assert.same({ config = "/h/.aws/config", credentials = "/h/keys", profile = "default", profile_source = "default" }, found)
  end)

  it("prefers AWS_PROFILE to the older AWS_DEFAULT_PROFILE", function()
    local env = { AWS_PROFILE = "new", AWS_DEFAULT_PROFILE = "old" }
    assert.same("new", profiles.locate(pretend.system { env = env }).profile)
    env.AWS_PROFILE = nil
    assert.same("old", profiles.locate(pretend.system { env = env }).profile)
  end)

  it("has a mark that changes with the files", function()
    local system = pretend.system { env = { HOME = "/h" }, files = { ["/h/.aws/config"] = "[default]\n" } }
    local before = profiles.stamp(system)
    assert.same(before, profiles.stamp(system))
    system.files["/h/.aws/config"] = "[default]\nregion = x\n"
    assert.not_same(before, profiles.stamp(system))
  end)
end)
