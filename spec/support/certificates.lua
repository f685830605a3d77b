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
  self:key("ca")
  run(("openssl req -x509 -new -key %s/ca.key -subj '/CN=Spec Authority' -days 2 -out %s"):format(dir, self.ca))
  return self
end

function Certificates:key(name)
  run(("openssl ecparam -name prime256v1 -genkey -noout -out %s/%s.key"):format(self.dir, name))
end

--- A certificate of the authority: { cert =, key = } as paths.
---@param name string
---@param names string? as openssl's subjectAltName; none at all when absent
---@param days integer negative: expired
---@param more { common_name: string?, extensions: string?, rsa: integer? }?
function Certificates:issue(name, names, days, more)
  local base = self.dir .. "/" .. name
  more = more or {}
  if more.rsa then run(("openssl genrsa -out %s.key %d"):format(base, more.rsa)) else self:key(name) end
  write(base .. ".ext", (names and "subjectAltName=" .. names .. "\n" or "") .. (more.extensions or "") .. "\n")
  run(("openssl req -new -key %s.key -subj '/CN=%s' -out %s.csr"):format(base, more.common_name or name, base))
  run(("openssl x509 -req -in %s.csr -CA %s -CAkey %s/ca.key -CAcreateserial -days %d -extfile %s.ext -out %s.pem")
    :format(base, self.ca, self.dir, days, base, base))
  return { cert = base .. ".pem", key = base .. ".key" }
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
