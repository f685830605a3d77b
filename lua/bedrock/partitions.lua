--- Facts about the partitions of AWS and the hosts of the services that the library calls. Data only.
--
-- A region belongs to the first partition whose global name it is or one of whose prefixes it carries, as in
-- `us-gov-west-1`: prefix, one word, number. Everything else counts as `aws`, so regions that open tomorrow work.

local partitions = {}

---@class bedrock.Partition
---@field id string
---@field prefixes string[] what its regions begin with
---@field global string the name of its region that is none
---@field dns string the end of its host names
---@field dual string the end of its dual-stack host names
---@field signin string? the end of its sign-in hosts where they are not under `dns`
partitions.list = {
  { id = "aws", prefixes = { "us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx" }, global = "aws-global",
    dns = "amazonaws.com", dual = "api.aws", signin = "signin.aws.amazon.com" },
  { id = "aws-cn", prefixes = { "cn" }, global = "aws-cn-global",
    dns = "amazonaws.com.cn", dual = "api.amazonwebservices.com.cn", signin = "signin.amazonaws.cn" },
  { id = "aws-eusc", prefixes = { "eusc-de" },
    dns = "amazonaws.eu", dual = "api.amazonwebservices.eu", signin = "signin.amazonaws-eusc.eu" },
  { id = "aws-iso", prefixes = { "us-iso" }, global = "aws-iso-global",
    dns = "c2s.ic.gov", dual = "api.aws.ic.gov", signin = "signin.c2shome.ic.gov" },
  { id = "aws-iso-b", prefixes = { "us-isob" }, global = "aws-iso-b-global",
    dns = "sc2s.sgov.gov", dual = "api.aws.scloud", signin = "signin.sc2shome.sgov.gov" },
  { id = "aws-iso-e", prefixes = { "eu-isoe" }, global = "aws-iso-e-global",
    dns = "cloud.adc-e.uk", dual = "api.cloud-aws.adc-e.uk" },
  { id = "aws-iso-f", prefixes = { "us-isof" }, global = "aws-iso-f-global",
    dns = "csp.hci.ic.gov", dual = "api.aws.hci.ic.gov", signin = "signin.csphome.hci.ic.gov" },
  { id = "aws-us-gov", prefixes = { "us-gov" }, global = "aws-us-gov-global",
    dns = "amazonaws.com", dual = "api.aws", signin = "signin.amazonaws-us-gov.com",
    signin_fips = "signin-fips.amazonaws-us-gov.com" },
}

---@class bedrock.ServiceHost
---@field id string the service id as environment variables spell it; profile files use it in lower case
---@field host string what the host begins with
---@field fips string? what it begins with when FIPS is asked for; nil where there are no such hosts
---@field signing_name string
---@field dual string? what is added to that for dual stack, where the domain stays the partition's plain one
---@field gov_is_fips boolean? the plain hosts of GovCloud are FIPS hosts already
---@field always_dual boolean? there are dual-stack hosts only
---@field base_url string? the variable by which Anthropic's own client moves the host
---@field key_header string? what carries an API key, where it is not `Authorization: Bearer`
partitions.services = {
  ["bedrock-runtime"] = { id = "BEDROCK_RUNTIME", host = "bedrock-runtime", fips = "bedrock-runtime-fips",
    signing_name = "bedrock", base_url = "ANTHROPIC_BEDROCK_BASE_URL" },
  ["bedrock-mantle"] = { id = "BEDROCK_MANTLE", host = "bedrock-mantle", signing_name = "bedrock-mantle", always_dual = true },
  ["aws-external-anthropic"] = { id = "AWS_EXTERNAL_ANTHROPIC", host = "aws-external-anthropic",
    signing_name = "aws-external-anthropic", always_dual = true, key_header = "x-api-key" },
  bedrock = { id = "BEDROCK", host = "bedrock", fips = "bedrock-fips", signing_name = "bedrock" },
  sts = { id = "STS", host = "sts", fips = "sts-fips", signing_name = "sts", gov_is_fips = true },
  sso = { id = "SSO", host = "portal.sso", fips = "portal.sso-fips", signing_name = "awsssoportal",
    gov_is_fips = true },
  ["sso-oidc"] = { id = "SSO_OIDC", host = "oidc", fips = "oidc-fips", signing_name = "sso-oauth", gov_is_fips = true },
  s3 = { id = "S3", host = "s3", fips = "s3-fips", signing_name = "s3", dual = ".dualstack" },
  signin = { id = "SIGNIN", host = "signin", fips = "signin-fips", signing_name = "signin" },
}

-- Regions whose STS calls go to the one global host when the old mode is asked for.
partitions.sts_legacy_regions = {
  ["ap-northeast-1"] = true, ["ap-south-1"] = true, ["ap-southeast-1"] = true, ["ap-southeast-2"] = true,
  ["aws-global"] = true, ["ca-central-1"] = true, ["eu-central-1"] = true, ["eu-north-1"] = true,
  ["eu-west-1"] = true, ["eu-west-2"] = true, ["eu-west-3"] = true, ["sa-east-1"] = true, ["us-east-1"] = true,
  ["us-east-2"] = true, ["us-west-1"] = true, ["us-west-2"] = true,
}

return partitions
