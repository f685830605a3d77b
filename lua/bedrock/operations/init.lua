--- The table of operations: one short row an operation, and the reader that makes a row into something to act on.
--
-- The rows are in runtime.lua, control.lua, sts.lua and sso.lua beside this file. A file is read when an operation of
-- its services is first asked for, and a row is taken apart on its first use, so that a program pays for what it calls.
--
-- How to read a row (the page of an operation in the AWS API reference says the same in more words):
--
--   CreateThing = {
--     "POST /things/{groupId}/items 202 idempotent",   -- method, path, status of success (200 unless said), flags
--     query   = "maxResults:integer nameContains",     -- members that travel in the query
--     header  = "trace=X-Amzn-Trace",                  -- ... in headers; the name of a map there is a prefix
--     body    = "name! tags:object[] clientToken*",    -- ... in the JSON body, or in the form of the query protocol
--     payload = "content:blob!",                       -- ... as the whole body
--     out = "thingId! createdAt:time!",                -- members of the answer's body; likewise out_header, out_payload
--     out_status = "statusCode",                       -- member of the answer that holds the HTTP status
--     page = "things",                                 -- a paginated list, and the member that holds its items
--     errors = "ConflictException -ThrottlingException",  -- beside the service's `always`, and without what it has not
--     lists = "policy.rules",                          -- lists inside of members: empty ones are written as []
--     blobs = "items[].image.bytes", blobs_out = "…",  -- bytes inside of members: base64 on the wire, raw for the user
--     json = "input.body",                             -- bytes that hold JSON: a table is welcome there
--     times_out = "items[].createdAt",                 -- timestamps inside of members
--   }
--
-- Flags: readonly, idempotent, noauth. A member is `name=wire name:type` and marks: `!` required, `*` filled with a
-- fresh UUID when not given, `~` sensitive. A label of the path is a required string by nature and appears there only.
-- Types: string (when nothing is said), integer, long, float, double, boolean, blob, document (any JSON), object, oneof
-- (an object with exactly one member), events (a stream of frames); time (RFC 3339), epoch (seconds as a number) and
-- httpdate; json (bytes or a header that hold JSON, so that a table is welcome); T[] a list, T{} a map.
-- Paths: `a.b[].c`; {} is any key of a map; `a.{x,y}` stands for a.x and a.y, and so does `a.( x y )`.
-- Errors: `Name=status`, and `Name/code` where the code on the wire is not the name.

local operations = {}

---@class bedrock.Member
---@field name string as the user writes it
---@field wire string its name on the wire
---@field type string of the member, or of the elements of a list or map
---@field container "list"|"map"|nil
---@field where "label"|"query"|"header"|"body"|"payload"|"status"
---@field required boolean
---@field token boolean an idempotency token
---@field sensitive boolean

---@class bedrock.Operation
---@field name string API name, `CreateGuardrail`
---@field snake string the name of the client's method, `create_guardrail`
---@field service string "bedrock-runtime", "bedrock", "sts", "sso", "sso-oidc" or "signin"
---@field api table of the service: id, endpoint_prefix, signing_name, protocol, version, auth, statuses and codes of errors
---@field method string
---@field uri string with {labels}
---@field status integer of success
---@field readonly boolean
---@field idempotent boolean
---@field auth "none"|"sigv4"|nil not signed, or signed only; nothing when a bearer token will do as well
---@field inputs bedrock.Member[] in the order of the row
---@field input table<string, bedrock.Member> by name
---@field outputs bedrock.Member[]
---@field output table<string, bedrock.Member>
---@field payload bedrock.Member? the member that is the whole body of the request
---@field out_payload bedrock.Member? the member that is the whole body of the answer
---@field has_body boolean whether members travel in the body
---@field blobs table? trie of bytes in the request's JSON, for json.encode
---@field blobs_out table? trie of bytes in the answer's JSON, for json.decode
---@field event_blobs table? trie of bytes in the JSON of the frames of a stream
---@field shape table? trie of the places where a request's values are rewritten: "list", "time", "epoch", "json"
---@field times_out table? trie of timestamps in the answer
---@field page { input: string, output: string, items: string, limit: string? }?
---@field errors string[] codes that the operation declares
---@field stream boolean whether the answer is a stream of frames
---@field duplex boolean whether the request is one too, at the same time: HTTP/2 only
---@field events string[]? events of its stream
---@field exceptions string[]? exceptions that may come in its stream

-- Looked through in this order; the large one last.
local files = { "runtime", "sts", "sso", "control" }

--- The name of an operation as a method of the client, `GetCallerIdentity` as `get_caller_identity`.
---@param name string
---@return string
function operations.snake(name)
  return (name:gsub("OAuth", "Oauth"):gsub("(%l)(%u)", "%1_%2"):gsub("(%d)(%u)", "%1_%2"):lower())
end

--- The API name of an operation from the name of its method.
---@param snake string
---@return string
function operations.camel(snake)
  return (snake:gsub("^%l", string.upper):gsub("_(%w)", string.upper):gsub("Oauth", "OAuth"))
end

local function words(text)
  local list = {}
  for word in (text or ""):gmatch("%S+") do list[#list + 1] = word end
  return list
end

-- Paths and tries

local function expand(path, into)
  local before, choices, after = path:match("^(.-){([^{}]+)}(.*)$")
  if not before then
    into[#into + 1] = path
    return
  end
  for choice in choices:gmatch("[^,]+") do expand(before .. choice .. after, into) end
end

--- The paths of a row, one by one: `a.{b,c}` as `a.b` and `a.c`.
---@param text string?
---@return string[]
function operations.paths(text)
  local list, prefixes = {}, { "" }
  for _, word in ipairs(words(text)) do
    local prefix = prefixes[#prefixes]
    if word == ")" then
      prefixes[#prefixes] = nil
    elseif word:sub(-1) == "(" then
      prefixes[#prefixes + 1] = prefix .. word:sub(1, -2)
    else
      expand(prefix .. word, list)
    end
  end
  return list
end

-- Puts a leaf into a trie. A place that is marked and has more below it keeps its mark at [1].
local function plant(trie, path, leaf)
  local node, last, key = trie, nil, nil
  for step in path:gsub("%[%]", ".[]"):gmatch("[^.]+") do
    if key then
      if type(last[key]) ~= "table" then last[key] = { last[key] } end
      node = last[key]
    end
    last, key = node, step
  end
  if type(last[key]) == "table" then last[key][1] = leaf else last[key] = leaf end
end

local function trie_of(paths, leaf, trie)
  for _, path in ipairs(paths) do
    trie = trie or {}
    plant(trie, path, leaf)
  end
  return trie
end

-- Members

local containers = { ["[]"] = "list", ["{}"] = "map" }

local function member(word, where)
  local name, wire, kind, suffix, marks = word:match("^([%w_]+)=?([%w_-]*):?(%a*)([%[%]{}]*)([!*~]*)$")
  assert(name, "bedrock.operations: cannot read the member " .. word)
  return {
    name = name, wire = wire ~= "" and wire or name, type = kind ~= "" and kind or "string",
    container = containers[suffix], where = where, required = marks:find("!", 1, true) ~= nil,
    token = marks:find("*", 1, true) ~= nil, sensitive = marks:find("~", 1, true) ~= nil,
  }
end

local function add_members(list, by_name, text, where)
  for _, word in ipairs(words(text)) do
    local m = member(word, where)
    list[#list + 1], by_name[m.name] = m, m
  end
end

-- A label may carry a mark, `{jobId~}`.
local function add_labels(list, by_name, uri)
  for word in uri:gmatch("{([^}]+)}") do
    local m = member(word .. "!", "label")
    list[#list + 1], by_name[m.name] = m, m
  end
end

local function payload_of(members)
  for _, m in ipairs(members) do
    if m.where == "payload" then return m end
  end
end

-- Rows

local function read_head(op, head)
  local flags
  op.method, op.uri, flags = head:match("^(%u+) (%S+)(.*)$")
  op.status = tonumber(flags:match("%f[%d]%d+")) or 200
  op.readonly = flags:find("readonly", 1, true) ~= nil
  op.idempotent = flags:find("idempotent", 1, true) ~= nil
  op.auth = flags:find("noauth", 1, true) and "none" or not op.api.auth:find("bearer", 1, true) and "sigv4" or nil
end

local function read_inputs(op, row)
  local list, by_name = {}, {}
  add_labels(list, by_name, op.uri)
  op.uri = op.uri:gsub("~}", "}")
  add_members(list, by_name, row.query, "query")
  add_members(list, by_name, row.header, "header")
  add_members(list, by_name, row.body, "body")
  add_members(list, by_name, row.payload, "payload")
  op.inputs, op.input, op.payload, op.has_body = list, by_name, payload_of(list), row.body ~= nil
  op.duplex = op.payload ~= nil and op.payload.type == "events"
end

local function read_outputs(op, row)
  local list, by_name = {}, {}
  add_members(list, by_name, row.out_header, "header")
  add_members(list, by_name, row.out_status, "status")
  add_members(list, by_name, row.out, "body")
  add_members(list, by_name, row.out_payload, "payload")
  op.outputs, op.output, op.out_payload = list, by_name, payload_of(list)
  op.stream = op.out_payload ~= nil and op.out_payload.type == "events"
end

-- Paths of members with one of the types of `kinds`, which maps a type to the leaf that it has in the trie.
local function plant_members(trie, members, kinds)
  for _, m in ipairs(members) do
    local leaf = m.where == "body" and (kinds[m.type] or m.container and kinds[m.container])
    if leaf then
      trie = trie or {}
      if kinds[m.container] then plant(trie, m.wire, kinds[m.container]) end
      if kinds[m.type] then
        plant(trie, m.wire .. (m.container == "list" and "[]" or m.container == "map" and ".{}" or ""), kinds[m.type])
      end
    end
  end
  return trie
end

-- In an operation whose body is one member, the JSON begins below that member.
local function below(trie, payload)
  if trie and payload then return trie[payload.name] end
  return trie
end

local function event_trie(op)
  local events = op.stream and op.blobs_out and op.blobs_out[op.out_payload.name]
  local merged
  for _, event in pairs(events or {}) do
    for key, node in pairs(event) do
      merged = merged or {}
      merged[key] = node
    end
  end
  return merged
end

local function read_nested(op, row)
  local shape = trie_of(operations.paths(row.lists), "list")
  shape = trie_of(operations.paths(row.json), "json", shape)
  shape = plant_members(shape, op.inputs, { list = "list", time = "time", epoch = "epoch", json = "json" })
  op.shape = below(shape, op.payload)
  local blobs = trie_of(operations.paths(row.blobs), true)
  op.blobs = below(plant_members(blobs, op.inputs, { blob = true, json = true }), op.payload)
  local blobs_out = trie_of(operations.paths(row.blobs_out), true)
  op.blobs_out = plant_members(blobs_out, op.outputs, { blob = true, json = true })
  op.event_blobs = event_trie(op)
  op.blobs_out = below(op.blobs_out, op.out_payload)
  local times = trie_of(operations.paths(row.times_out), "time")
  op.times_out = below(plant_members(times, op.outputs, { time = "time", epoch = "time", httpdate = "time" }), op.out_payload)
end

local function read_errors(always, own)
  local list, gone = {}, {}
  for code in (own or ""):gmatch("%-(%w+)") do gone[code] = true end
  for _, code in ipairs(words((always or "") .. " " .. (own or ""))) do
    if code:sub(1, 1) ~= "-" and not gone[code] then list[#list + 1] = code end
  end
  return list
end

local function read_page(op, row)
  if not row.page then return end
  op.page = { input = "nextToken", output = "nextToken", items = row.page, limit = op.input.maxResults and "maxResults" }
end

local function read_row(service, name, row)
  local op = { name = name, snake = operations.snake(name), service = service.id, api = service }
  read_head(op, row[1])
  read_inputs(op, row)
  read_outputs(op, row)
  read_nested(op, row)
  read_page(op, row)
  op.errors = read_errors(service.always, row.errors)
  if row.events then op.events, op.exceptions = words(row.events), words(row.exceptions) end
  return op
end

-- Services

local loaded = {}   -- by file: its services, as an array
local found = {}    -- operations that were taken apart, by both of their names

-- What a file says of a service, in a table of our own.
local function prepare(data)
  local service = { rows = data.operations, statuses = {}, codes = {} }
  for key, value in pairs(data) do
    if key ~= "operations" and key ~= "statuses" then service[key] = value end
  end
  for name, code, status in data.statuses:gmatch("(%w+)/?(%w*)=?(%d*)") do
    service.statuses[name] = tonumber(status) or false
    if code ~= "" then service.codes[name] = code end
  end
  return service
end

local function services_of(file)
  if not loaded[file] then
    local services = {}
    for i, data in ipairs(require("bedrock.operations." .. file)) do services[i] = prepare(data) end
    loaded[file] = services
  end
  return loaded[file]
end

local function all_services()
  local all = {}
  for _, file in ipairs(files) do
    for _, service in ipairs(services_of(file)) do all[#all + 1] = service end
  end
  return all
end

--- All names of operations in the form of methods, sorted; of one service when it is named.
---@param service_id string? "bedrock-runtime", "bedrock", "sts", "sso", "sso-oidc" or "signin"
---@return string[]
function operations.names(service_id)
  local list = {}
  for _, service in ipairs(all_services()) do
    if not service_id or service.id == service_id then
      for name in pairs(service.rows) do list[#list + 1] = operations.snake(name) end
    end
  end
  table.sort(list)
  return list
end

local function lookup(name)
  for _, file in ipairs(files) do
    for _, service in ipairs(services_of(file)) do
      if service.rows[name] then return read_row(service, name, service.rows[name]) end
    end
  end
end

--- An operation by the name of its method (`create_guardrail`) or by its API name (`CreateGuardrail`).
---@param name string
---@return bedrock.Operation? operation
---@return string? why which names the nearest operation there is
function operations.find(name)
  if found[name] then return found[name] end
  local op = lookup(name:find("^%u") and name or operations.camel(name))
  if not op then
    local near = require "bedrock.nearest"(operations.snake(name), operations.names(), math.max(2, #name / 2))
    return nil, ("there is no operation %q%s"):format(name, near and ("; did you mean %q?"):format(near) or "")
  end
  found[op.snake], found[op.name] = op, op
  return op
end

return operations
