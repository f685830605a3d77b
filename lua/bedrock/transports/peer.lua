--- Who is at the other end of a cosocket's TLS, as far as nginx itself does not look.
--
-- nginx takes a certificate's common name for the host where the certificate names no host in the way meant for that. The common
-- name was given up for this because it is free text, so such a certificate is refused here. nginx shows its certificates to
-- nobody, but the handshake gives the session, which has it; OpenSSL is asked through LuaJIT's ffi. Where that cannot be had
-- (an OpenSSL inside of nginx that hides its functions), nginx's own word stands.

local peer = {}

local SUBJECT_ALT_NAME = 85 -- OpenSSL's NID_subject_alt_name

local has_ffi, ffi = pcall(require, "ffi")

local openssl = has_ffi and pcall(ffi.cdef, [[
  void *SSL_SESSION_get0_peer(void *session);
  int X509_get_ext_by_NID(const void *certificate, int nid, int after);
]])

local function has_names(session)
  local certificate = ffi.C.SSL_SESSION_get0_peer(session)
  return certificate == nil or ffi.C.X509_get_ext_by_NID(certificate, SUBJECT_ALT_NAME, -1) >= 0
end

--- Whether a certificate is known to name no host.
---@param session any what sslhandshake gave
---@return boolean
function peer.is_nameless(session)
  -- a null pointer is cdata, too, and equals nil
  if not openssl or type(session) ~= "cdata" or session == nil then return false end
  local ok, named = pcall(has_names, session)
  return ok and not named
end

return peer
