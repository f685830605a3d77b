-- AWS Security Token Service: the operations that the credentials need, and who am I.
-- How to read a row: init.lua.

return {
{
  id = "sts", endpoint_prefix = "sts", signing_name = "sts", protocol = "query", version = "2011-06-15",
  auth = "sigv4 sigv4a",
  statuses = [[
    MalformedPolicyDocumentException/MalformedPolicyDocument=400
    PackedPolicyTooLargeException/PackedPolicyTooLarge=400 RegionDisabledException=403 ExpiredTokenException=400
    IDPRejectedClaimException/IDPRejectedClaim=403 IDPCommunicationErrorException/IDPCommunicationError=400
    InvalidIdentityTokenException/InvalidIdentityToken=400
  ]],
  operations = {
    AssumeRole = {
      "POST /",
      body = [[
        RoleArn! RoleSessionName! PolicyArns:object[] Policy DurationSeconds:integer Tags:object[]
        TransitiveTagKeys:string[] ExternalId SerialNumber TokenCode SourceIdentity ProvidedContexts:object[]
      ]],
      out = "Credentials:object AssumedRoleUser:object PackedPolicySize:integer SourceIdentity",
      times_out = "Credentials.Expiration",
      errors = [[
        MalformedPolicyDocumentException PackedPolicyTooLargeException RegionDisabledException ExpiredTokenException
      ]],
    },
    AssumeRoleWithWebIdentity = {
      "POST / noauth",
      body = "RoleArn! RoleSessionName! WebIdentityToken!~ ProviderId PolicyArns:object[] Policy DurationSeconds:integer",
      out = [[
        Credentials:object SubjectFromWebIdentityToken AssumedRoleUser:object PackedPolicySize:integer Provider
        Audience SourceIdentity
      ]],
      times_out = "Credentials.Expiration",
      errors = [[
        MalformedPolicyDocumentException PackedPolicyTooLargeException IDPRejectedClaimException
        IDPCommunicationErrorException InvalidIdentityTokenException ExpiredTokenException RegionDisabledException
      ]],
    },
    GetCallerIdentity = {
      "POST /",
      out = "UserId Account Arn",
    },
  },
},
}
