--- Compares the table of operations with a file of facts about AWS's models (operations.json): every service, operation,
--- member, mark, path and error of the file against the row, and every row against the file.
--
--   lua spec/operations/check.lua FACTS.json
--
-- Prints a line a difference and their number; ends with status 1 when there are any. Not compared, because the table
-- does without: the names and members of nested shapes (a structure is an object, a union is a oneof), the members of
-- events and errors, and service_id. What the table holds beyond the facts, lists inside of members and blobs that
-- hold JSON, is held to AWS's own libraries by spec/interop/operations.

local errors = require "bedrock.errors"
local operations = require "bedrock.operations"
local dkjson = require "dkjson"

local differences = {}

local function differ(where, have, want)
  differences[#differences + 1] = ("%s: the table has %s, the facts have %s"):format(where, have, want)
end

local function shown(value)
  return value == nil and "nothing" or tostring(value)
end

local function compare(where, have, want)
  if have ~= want then differ(where, shown(have), shown(want)) end
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list or {}) do set[name] = true end
  return set
end

local function compare_sets(where, have, want)
  local all = {}
  for name in pairs(have) do all[name] = true end
  for name in pairs(want) do all[name] = true end
  for name in pairs(all) do
    if not want[name] then differ(where, name, "no such") end
    if not have[name] then differ(where, "nothing", name) end
  end
end

-- Types

local formats = { iso8601 = "time", unixTimestamp = "epoch", rfc822 = "httpdate" }
local kinds = { structure = "object", union = "oneof", eventstream = "events" }

-- A type of the facts in the words of the table: list<structure:Tag> is object[].
local function type_in_table(fact)
  local container, element = fact:match("^(%a+)<(.*)>$")
  if container then return type_in_table(element) .. (container == "list" and "[]" or "{}") end
  local format = fact:match("^timestamp:(%w+)$")
  if format then return formats[format] or fact end
  local kind = fact:match("^%a+")
  return kinds[kind] or fact
end

local function type_of(member)
  local kind = member.type
  -- What holds JSON is our own knowledge; the facts call it a blob, or a string where it is a header.
  if kind == "json" then kind = member.where == "header" and "string" or "blob" end
  return kind .. (member.container == "list" and "[]" or member.container == "map" and "{}" or "")
end

-- Members

local places = {
  uri = "label", query = "query", header = "header", headers_prefix = "header", body = "body", status_code = "status",
}

local function fact_member(fact, name, place)
  if type(fact) == "string" then fact = place == "status_code" and { type = "integer" } or { type = fact } end
  local wire = fact.name or fact.prefix or fact.label or name
  return { type = type_in_table(fact.type), wire = wire, where = places[place] }
end

-- All members of one direction, by name.
local function fact_members(io)
  local all = {}
  for place in pairs(places) do
    local group = io[place]
    if type(group) == "string" then group = { [group] = "integer" } end
    for name, fact in pairs(group or {}) do all[name] = fact_member(fact, name, place) end
  end
  if io.payload then
    all[io.payload.member] = { type = type_in_table(io.payload.type), wire = io.payload.member, where = "payload" }
  end
  return all
end

local function compare_member(where, have, want)
  compare(where .. ", place", have.where, want.where)
  compare(where .. ", type", have.where == "status" and "integer" or type_of(have), want.type)
  if want.where ~= "payload" then compare(where .. ", name on the wire", have.wire, want.wire) end
end

local function compare_marks(where, members, io)
  local marks = { required = {}, sensitive = {}, token = {} }
  for name, m in pairs(members) do
    for mark, set in pairs(marks) do
      if m[mark] then set[name] = true end
    end
  end
  compare_sets(where .. ", required", marks.required, set_of(io.required))
  compare_sets(where .. ", sensitive", marks.sensitive, set_of(io.sensitive))
  compare_sets(where .. ", idempotency tokens", marks.token, set_of(io.idempotency_tokens))
end

local function compare_direction(where, members, io)
  local wanted = fact_members(io)
  compare_sets(where, members, wanted)
  for name, want in pairs(wanted) do
    if members[name] then compare_member(where .. "." .. name, members[name], want) end
  end
  compare_marks(where, members, io)
end

-- Paths of blobs and timestamps

-- The paths of a trie; `[]` and `{}` are steps of their own in it.
local function trie_paths(trie, prefix, set)
  for step, node in pairs(trie or {}) do
    local path = step == "[]" and prefix .. "[]" or prefix == "" and tostring(step) or prefix .. "." .. tostring(step)
    if type(node) == "table" then trie_paths(node, path, set) elseif step ~= 1 then set[path] = true end
  end
  return set
end

local function under_payload(member, set)
  if not member then return set end
  local moved = {}
  for path in pairs(set) do moved[member.name .. "." .. path] = true end
  return moved
end

-- Timestamps of the request: members of that type, and places that are rewritten into one.
local function times_in(op)
  local set = {}
  for _, m in ipairs(op.inputs) do
    if m.where == "body" and formats[m.type == "time" and "iso8601" or ""] and not m.container then set[m.name] = true end
  end
  return set
end

local function all_formats(groups)
  local set = {}
  for _, paths in pairs(groups or {}) do
    for _, path in ipairs(paths) do set[path] = true end
  end
  return set
end

local function compare_paths(where, op, fact)
  compare_sets(where .. ", bytes in", under_payload(op.payload, trie_paths(op.blobs, "", {})), set_of(fact.base64_in))
  compare_sets(where .. ", bytes out", under_payload(op.out_payload, trie_paths(op.blobs_out, "", {})), set_of(fact.base64_out))
  compare_sets(where .. ", times in", times_in(op), all_formats(fact.timestamps_in))
  compare_sets(where .. ", times out", under_payload(op.out_payload, trie_paths(op.times_out, "", {})),
    all_formats(fact.timestamps_out))
end

-- Operations

local function compare_page(where, page, fact)
  page, fact = page or {}, fact or {}
  compare(where .. ", token in", page.input, fact.input_token)
  compare(where .. ", token out", page.output, fact.output_token)
  compare(where .. ", items of a page", page.items, fact.result_key)
  compare(where .. ", size of a page", page.limit, fact.limit_key)
end

local function compare_events(where, op, fact)
  local events, exceptions = {}, {}
  local payload = fact.output and fact.output.payload
  for name, event in pairs(payload and payload.events or {}) do
    (event.exception and exceptions or events)[name] = true
    if event.exception then
      compare(where .. ", status of " .. name, errors.from_stream(name).status, event.http_status)
    end
  end
  compare_sets(where .. ", events", set_of(op.events), events)
  compare_sets(where .. ", exceptions in the stream", set_of(op.exceptions), exceptions)
end

local function compare_operation(where, op, fact)
  compare(where .. ", method", op.method, fact.method)
  compare(where .. ", path", op.uri, fact.uri)
  compare(where .. ", status", op.status, fact.status)
  compare(where .. ", name of the method", op.snake, fact.snake)
  compare(where .. ", readonly", op.readonly, fact.readonly or false)
  compare(where .. ", idempotent", op.idempotent, fact.idempotent or false)
  compare(where .. ", auth", op.auth == "none" and "none" or nil, fact.authtype)
  compare_direction(where .. " input", op.input, fact.input or {})
  compare_direction(where .. " output", op.output, fact.output or {})
  compare(where .. ", wrapper of the result", op.api.protocol == "query" and op.name .. "Result" or nil,
    fact.output and fact.output.result_wrapper)
  compare_paths(where, op, fact)
  compare_events(where, op, fact)
  compare_page(where, op.page, fact.paginator)
  compare_sets(where .. ", errors", set_of(op.errors), set_of(fact.errors))
end

-- Services

local auth_names = { sigv4 = "aws.auth#sigv4", sigv4a = "aws.auth#sigv4a", bearer = "smithy.api#httpBearerAuth" }

local function auth_of(service)
  local set = {}
  for word in service.auth:gmatch("%S+") do set[auth_names[word] or word] = true end
  return set
end

local function compare_errors(where, statuses, codes, facts)
  for code, fact in pairs(facts) do
    compare(where .. " " .. code .. ", status", statuses[code] or nil, fact.http_status)
    compare(where .. " " .. code .. ", code", codes[code], fact.code)
    if fact.retryable or fact.throttling then
      compare(where .. " " .. code .. ", retryable", select(2, errors.classify(code, fact.http_status)), true)
    end
  end
  local named = {}
  for code in pairs(statuses) do named[code] = true end
  compare_sets(where .. ", errors", named, facts)
end

local function compare_service(id, service, fact)
  compare(id .. ", endpoint prefix", service.endpoint_prefix, fact.endpoint_prefix)
  compare(id .. ", signing name", service.signing_name, fact.signing_name)
  compare(id .. ", protocol", service.protocol, fact.protocol)
  compare(id .. ", version", service.version, fact.api_version)
  compare_sets(id .. ", auth", auth_of(service), set_of(fact.auth))
  compare_errors(id, service.statuses, service.codes, fact.errors or {})
end

local function compare_operations(id, fact)
  local names, service = {}, nil
  for _, snake in ipairs(operations.names(id)) do
    local op = operations.find(snake)
    names[op.name], service = true, op.api
  end
  compare_sets(id .. ", operations", names, fact.operations or {})
  if service then compare_service(id, service, fact) end
  for name, row in pairs(fact.operations or {}) do
    if names[name] then compare_operation(name, operations.find(name), row) end
  end
end

local function read_facts(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  local facts, _, why = dkjson.decode(text)
  return assert(facts, why)
end

local function services_of_table()
  local set = {}
  for _, snake in ipairs(operations.names()) do set[operations.find(snake).service] = true end
  return set
end

-- Compares everything; answers the differences, sorted.
local function check(path)
  differences = {}
  local facts = read_facts(path).services
  compare_sets("services", services_of_table(), facts)
  for id, fact in pairs(facts) do compare_operations(id, fact) end
  table.sort(differences)
  return differences
end

if ... == "spec.operations.check" then return check end
local found = check(assert(..., "usage: make operations FACTS=operations.json"))
for _, line in ipairs(found) do print(line) end
print(#found .. (#found == 1 and " difference" or " differences"))
os.exit(#found == 0 and 0 or 1)
