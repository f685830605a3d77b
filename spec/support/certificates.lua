-- Certificates for a spec, made by the openssl command in a temporary directory: an authority of our own, and servers that it
-- vouches for, or does not.

local certificates = {}

local Certificates = {}
Certificates.__index = Certificates

local function run(command)
  local ok = os.execute(command .. " >/dev/null 2>&1")
  assert(ok == true or ok == 0, "failed: " .. command)
end

local function write(path, content)
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
end

function certificates.new()
  local dir = os.tmpname()
  os.remove(dir)
  run("mkdir " .. dir)
  local self = setmetatable({ dir = dir, ca = dir .. "/ca.pem" }, Certificates)
  self:authority("ca")
  return self
end

--- A further authority, which nobody knows: NAME.pem and NAME.key.
function Certificates:authority(name)
  self:key(name)
  run(("openssl req -x509 -new -key %s/%s.key -subj '/CN=Spec Authority' -days 2 -out %s/%s.pem"):format(self.dir, name,
    self.dir, name))
end

function Certificates:key(name)
  run(("openssl ecparam -name prime256v1 -genkey -noout -out %s/%s.key"):format(self.dir, name))
end

--- A certificate of the authority: { cert =, key = } as paths.
---@param name string
---@param names string? as openssl's subjectAltName; none at all when absent
---@param days integer negative: expired
---@param more { common_name: string?, extensions: string?, rsa: integer?, authority: string?, digest: string?,
---   from_now: integer? }? from_now: days until it is valid
function Certificates:issue(name, names, days, more)
  local base = self.dir .. "/" .. name
  more = more or {}
  if more.rsa then run(("openssl genrsa -out %s.key %d"):format(base, more.rsa)) else self:key(name) end
  write(base .. ".ext", (names and "subjectAltName=" .. names .. "\n" or "") .. (more.extensions or "") .. "\n")
  run(("openssl req -new -key %s.key -subj '/CN=%s' -out %s.csr"):format(base, more.common_name or name, base))
  self:sign(base, days, more)
  return { cert = base .. ".pem", key = base .. ".key" }
end

-- `openssl x509` signs from now on only; `openssl ca` wants a register for other times.
local REGISTER = [[
[ca]
default_ca = authority
[authority]
database = %s.index
serial = %s.serial
policy = any
[any]
commonName = supplied
]]

function Certificates:sign(base, days, more)
  local authority = self.dir .. "/" .. (more.authority or "ca")
  local digest = more.digest or "sha256"
  if not more.from_now then
    return run(("openssl x509 -req -%s -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial -days %d -extfile %s.ext -out %s.pem")
      :format(digest, base, authority, authority, days, base, base))
  end
  local function day(n) return os.date("!%Y%m%d%H%M%SZ", os.time() + n * 86400) end
  write(base .. ".index", "")
  write(base .. ".cnf", REGISTER:format(base, base))
  run(("openssl ca -batch -config %s.cnf -cert %s.pem -keyfile %s.key -in %s.csr -out %s.pem -md %s -create_serial -notext " ..
    "-outdir %s -extfile %s.ext -startdate %s -enddate %s"):format(base, authority, authority, base, base, digest, self.dir, base,
    day(more.from_now), day(more.from_now + days)))
end

--- A certificate that vouches for itself.
function Certificates:self_signed(name, names)
  local base = self.dir .. "/" .. name
  self:key(name)
  run(("openssl req -x509 -new -key %s.key -subj '/CN=%s' -addext 'subjectAltName=%s' -days 2 -out %s.pem")
    :format(base, name, names, base))
  return { cert = base .. ".pem", key = base .. ".key" }
end

function Certificates:remove()
  run("rm -r " .. self.dir)
end

return certificates
