-- IAM Identity Center and console sign-in: the operations that the credentials need.
-- How to read a row: init.lua.

return {
{
  id = "sso", endpoint_prefix = "portal.sso", signing_name = "awsssoportal", protocol = "rest-json", version = "2019-06-10",
  auth = "sigv4",
  statuses = [[
    InvalidRequestException=400 UnauthorizedException=401 TooManyRequestsException=429 ResourceNotFoundException=404
  ]],
  operations = {
    GetRoleCredentials = {
      "GET /federation/credentials noauth",
      query = "roleName=role_name! accountId=account_id!",
      header = "accessToken=x-amz-sso_bearer_token!~",
      out = "roleCredentials:object",
      errors = "InvalidRequestException UnauthorizedException TooManyRequestsException ResourceNotFoundException",
    },
  },
},
{
  id = "sso-oidc", endpoint_prefix = "oidc", signing_name = "sso-oauth", protocol = "rest-json", version = "2019-06-10",
  auth = "sigv4",
  statuses = [[
    InvalidRequestException=400 InvalidClientException=401 InvalidGrantException=400 UnauthorizedClientException=400
    UnsupportedGrantTypeException=400 InvalidScopeException=400 AuthorizationPendingException=400
    SlowDownException=400 AccessDeniedException=400 ExpiredTokenException=400 InternalServerException=500
  ]],
  operations = {
    CreateToken = {
      "POST /token noauth",
      body = "clientId! clientSecret!~ grantType! deviceCode code refreshToken~ scope:string[] redirectUri codeVerifier~",
      out = "accessToken~ tokenType expiresIn:integer refreshToken~ idToken~",
      errors = [[
        InvalidRequestException InvalidClientException InvalidGrantException UnauthorizedClientException
        UnsupportedGrantTypeException InvalidScopeException AuthorizationPendingException SlowDownException
        AccessDeniedException ExpiredTokenException InternalServerException
      ]],
    },
  },
},
{
  id = "signin", endpoint_prefix = "signin", signing_name = "signin", protocol = "rest-json", version = "2023-01-01",
  auth = "sigv4",
  statuses = "TooManyRequestsError=429 InternalServerException=500 ValidationException=400 AccessDeniedException",
  operations = {
    CreateOAuth2Token = {
      "POST /v1/token noauth",
      payload = "tokenInput:object!",
      out_payload = "tokenOutput:object!",
      errors = "TooManyRequestsError InternalServerException ValidationException AccessDeniedException",
    },
  },
},
}
