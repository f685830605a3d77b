local config = require "bedrock.config"
local endpoint = require "bedrock.endpoint"
local pretend = require "spec.support.pretend"

local function settings(options, env, text)
  env = env or {}
  env.HOME = "/home"
  options.region = options.region or "eu-west-1"
  return config.resolve(options, pretend.system { env = env, files = { ["/home/.aws/config"] = text } })
end

local function url(service, ...)
  return assert(endpoint.resolve(service, (settings(...)))).url
end

local function code(service, ...)
  local found, err = endpoint.resolve(service, (settings(...)))
  assert.is_nil(found)
  assert.same("config", err.kind)
  return err.code
end

describe("The endpoint of a service", function()
  it("is signed by the service's signing name in its region", function()
    local found = assert(endpoint.resolve("bedrock-runtime", settings {}))
    assert.same("https://bedrock-runtime.eu-west-1.amazonaws.com", found.url)
    assert.same("bedrock", found.signing_name)
    assert.same("eu-west-1", found.signing_region)
  end)

  it("comes from the highest of its sources", function()
    local text = "[default]\nendpoint_url = http://file\nservices = s\n" ..
      "[services s]\nbedrock_runtime =\n  endpoint_url = http://file-service\n"
    local env = {
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME = "http://env-service", ANTHROPIC_BEDROCK_BASE_URL = "http://anthropic",
      AWS_ENDPOINT_URL = "http://env",
    }
    assert.same("http://option", url("bedrock-runtime", { endpoint = "http://option" }, env, text))
    for _, step in ipairs {
      { "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://env-service" }, { "ANTHROPIC_BEDROCK_BASE_URL", "http://anthropic" },
      { "AWS_ENDPOINT_URL", "http://env" },
    } do
      assert.same(step[2], url("bedrock-runtime", {}, env, text))
      env[step[1]] = " "
    end
    assert.same("http://file-service", url("bedrock-runtime", {}, env, text))
    assert.same("http://file", url("bedrock", {}, env, text))
  end)

  it("of one service is not that of another", function()
    local env = { AWS_ENDPOINT_URL_BEDROCK = "http://control", ANTHROPIC_BEDROCK_BASE_URL = "http://runtime" }
    assert.same("http://control", url("bedrock", {}, env))
    assert.same("http://runtime", url("bedrock-runtime", {}, env))
    assert.same("https://sts.eu-west-1.amazonaws.com", url("sts", {}, env))
  end)

  it("of S3 keeps the partition's plain domain for dual stack", function()
    assert.same("https://s3.eu-west-1.amazonaws.com", url("s3", {}))
    assert.same("https://s3.dualstack.eu-west-1.amazonaws.com", url("s3", { use_dualstack = true }))
    assert.same("https://s3-fips.us-east-1.amazonaws.com", url("s3", { region = "us-east-1", use_fips = true }))
    assert.same("https://s3.cn-north-1.amazonaws.com.cn", url("s3", { region = "cn-north-1" }))
    assert.same("http://store", url("s3", {}, { AWS_ENDPOINT_URL_S3 = "http://store", AWS_ENDPOINT_URL = "http://all" }))
  end)

  it("can be given for each service apart", function()
    local options = { endpoint = { ["bedrock-runtime"] = "http://one", sts = "http://two" } }
    assert.same("http://one", url("bedrock-runtime", options))
    assert.same("http://two", url("sts", options))
    assert.same("https://bedrock.eu-west-1.amazonaws.com", url("bedrock", options))
  end)

  it("given for all services is for the program's calls, not for those of the credential chain", function()
    local s = settings { endpoint = "http://gateway" }
    assert.same("http://gateway", endpoint.resolve("sts", s).url)
    assert.same("https://sts.eu-west-1.amazonaws.com", endpoint.resolve("sts", s, { nested = true }).url)
    s = settings { endpoint = { sts = "http://sts" } }
    assert.same("http://sts", endpoint.resolve("sts", s, { nested = true }).url)
  end)

  it("keeps port and base path, and loses a slash at the end", function()
    assert.same("http://localhost:4566/base", url("sts", { endpoint = "http://localhost:4566/base/" }))
    assert.same("http://[::1]:8080", url("sts", { endpoint = "http://[::1]:8080" }))
  end)

  for _, bad in ipairs { "localhost:4566", "ftp://x", "http://", "http://a b", "http://u:p@host", "http://h:port",
    "http://h/?q" } do
    it("must be an address: " .. bad, function()
      assert.same("bad_endpoint", code("bedrock", { endpoint = bad }))
    end)
  end

  it("cannot be configured together with FIPS or dual stack, and the error names who configured it", function()
    local _, err = endpoint.resolve("bedrock", settings({ use_fips = true }, { AWS_ENDPOINT_URL = "http://x" }))
    assert.matches("AWS_ENDPOINT_URL", err.message)
    assert.same("dualstack_with_endpoint", code("bedrock", { endpoint = "http://x", use_dualstack = true }))
  end)

  it("cannot come from a services section that does not exist", function()
    assert.same("services_section_missing", code("bedrock", {}, {}, "[default]\nservices = nope\n"))
  end)

  it("of a service that does not exist is a mistake of the program", function()
    assert.has_error(function() endpoint.resolve("s4", settings {}) end, "bedrock: unknown service s4")
  end)

  it("of STS is the global one in the old mode, unless FIPS, dual stack or an endpoint says otherwise", function()
    local env = { AWS_STS_REGIONAL_ENDPOINTS = "Legacy" }
    local found = assert(endpoint.resolve("sts", (settings({}, env))))
    assert.same({ "https://sts.amazonaws.com", "us-east-1" }, { found.url, found.signing_region })
    assert.same("https://sts.ap-east-2.amazonaws.com", url("sts", { region = "ap-east-2" }, env))
    assert.same("https://sts-fips.eu-west-1.amazonaws.com", url("sts", { use_fips = true }, env))
    assert.same("https://sts.eu-west-1.api.aws", url("sts", { use_dualstack = true }, env))
    env.AWS_ENDPOINT_URL_STS = "http://x"
    assert.same("http://x", url("sts", {}, env))
  end)
end)

describe("A region", function()
  for _, bad in ipairs { "us east", "us-east-1/", "us-east-1.evil.com", "-us", "us-", "a@b", ("a"):rep(64), "us_east" } do
    it(("cannot be %q"):format(bad), function() assert.is_false(endpoint.valid_region(bad)) end)
  end
  it("may be one that nobody knows yet", function()
    assert.is_true(endpoint.valid_region("us-newplace-9"))
    assert.same("aws", endpoint.partition("mars-north-1").id)
    assert.same("aws-us-gov", endpoint.partition("us-gov-north-7").id)
  end)
end)
