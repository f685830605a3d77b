-- What is nginx's own: phases, directives that are missing, the pool, proxies, clients that go away, workers and reloads.
-- Run by `make hosts`; the judge of what nginx answers is the curl command.

local certificates = require "spec.support.certificates"
local emulator = require "spec.support.emulator"
local nginx = require "spec.support.nginx"
local server = require "spec.support.server"

local MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

local service, names, made

-- A process of ours that writes its port into a file.
local function helper(script, ...)
  local base = os.tmpname()
  local process = assert(io.popen(("lua5.4 %s %s.port %s.log %s"):format(script, base, base, table.concat({ ... }, " ")), "w"))
  local port = nginx.wait_for(function() return tonumber(nginx.slurp(base .. ".port") or "") end, script)
  return {
    port = port, log = function() return nginx.slurp(base .. ".log") or "" end,
    stop = function()
      process:close()
      os.execute("rm -f " .. base .. "*")
    end,
  }
end

setup(function()
  service = emulator.start { pace = 5 }
  names = helper("spec/hosts/dns.lua")
  made = certificates.new()
end)

teardown(function()
  service.stop()
  names.stop()
  made:remove()
end)

-- What every nginx here gets to know: keys in the environment, and a prelude for its handlers.
local function keys()
  return ("env AWS_ACCESS_KEY_ID=%s; env AWS_SECRET_ACCESS_KEY=%s; env AWS_REGION=us-west-2; env AWS_ENDPOINT_URL=%s;")
    :format(service.access_key_id, service.secret_access_key, service.url)
end

local HTTP = [[
  init_by_lua_block {
    bedrock = require "bedrock"
    function ask(text)
      return { model = "%s", max_tokens = 4096, messages = { { role = "user", content = text or "Hello" } } }
    end
    client = bedrock.new { retry = { max_attempts = 1 } }
    %s
  }
]]

local function start(parts)
  local all = { main = keys(), http = HTTP:format(MODEL, parts.init or "") }
  for k, v in pairs(parts) do all[k] = all[k] and all[k] .. v or v end
  return nginx.start(all)
end

local function location(path, code)
  return ("location = %s { content_by_lua_block { %s } }\n"):format(path, code)
end

local function header_of(record, name)
  for _, pair in ipairs(record.headers) do
    if pair[1] == name then return pair[2] end
  end
end

local function marked(mark)
  for _, record in ipairs(service.log()) do
    if header_of(record, "x-mark") == mark then return record end
  end
end

describe("In a phase without sockets", function()
  local host

  setup(function()
    host = start {
      -- Before there is an error log; the workers inherit what was said.
      init = [[ local _, err = client.messages:create(ask()) init_said = tostring(err) ]],
      http = [[
        init_worker_by_lua_block {
          ngx.log(ngx.ERR, "INIT ", init_said)
          local _, err = client.messages:create(ask())
          ngx.log(ngx.ERR, "INIT_WORKER ", tostring(err))
          ngx.timer.at(0, function()
            local reply, why = client.messages:create(ask())
            ngx.log(ngx.ERR, "TIMER ", reply and reply:text() or tostring(why))
          end)
        }
      ]],
      server = [[
        location = /phases {
          set_by_lua_block $x { local _, err = client.messages:create(ask()) ngx.log(ngx.ERR, "SET ", tostring(err)) return "" }
          rewrite_by_lua_block { local r = assert(client.messages:create(ask())) ngx.log(ngx.ERR, "REWRITE ", r:text()) }
          access_by_lua_block { local r = assert(client.messages:create(ask())) ngx.log(ngx.ERR, "ACCESS ", r:text()) }
          content_by_lua_block { ngx.say(assert(client.messages:create(ask())):text()) }
          header_filter_by_lua_block {
            local _, err = client.messages:create(ask()) ngx.log(ngx.ERR, "HEADER_FILTER ", tostring(err))
          }
          body_filter_by_lua_block {
            local _, err = client.messages:create(ask()) ngx.log(ngx.ERR, "BODY_FILTER ", tostring(err))
          }
          log_by_lua_block { local _, err = client.messages:create(ask()) ngx.log(ngx.ERR, "LOG ", tostring(err)) }
        }
      ]],
    }
    assert.equal(200, (host:get("/phases")))
  end)

  teardown(function() host:stop() end)

  for _, phase in ipairs { "init", "set", "header_filter", "body_filter", "log", "init_worker" } do
    it(phase .. ", the error names the phase and the way out", function()
      local line = host:wait_for_error("(" .. phase:upper() .. " [^\n]+)")
      assert.matches(('no sockets in the phase "%s"'):format(phase), line, 1, true)
      assert.matches("ngx.timer.at", line, 1, true)
    end)
  end

  for _, phase in ipairs { "REWRITE", "ACCESS", "TIMER" } do
    it("but not in " .. phase:lower() .. ", which has them", function()
      assert.truthy(host:wait_for_error(phase .. " Hello! I am a local emulator"))
    end)
  end
end)

describe("What nginx.conf lacks is named:", function()
  local host

  setup(function()
    host = nginx.start {
      main = "env AWS_EC2_METADATA_DISABLED=true; env AWS_REGION=us-west-2;",
      http = HTTP:format(MODEL, ""),
      server = location("/resolver", [[
        local c = bedrock.new { access_key_id = "a", secret_access_key = "b", retry = 1 }
        ngx.say(tostring(select(2, c.messages:create(ask())))) ]]) ..
        location("/env", [[ ngx.say(tostring(select(2, client.messages:create(ask())))) ]]) ..
        location("/dict", [[ ngx.say(tostring(select(2, bedrock.new({ shared_dict = "keys" }).messages:create(ask())))) ]]) ..
        location("/async", [[
          ngx.say(select(2, pcall(require("bedrock.async").sleep, 0.01)))
          ngx.say(select(2, pcall(require, "bedrock.transports.curl"))) ]]),
    }
  end)

  teardown(function() host:stop() end)

  for path, words in pairs {
    ["/resolver"] = { "resolver", "nginx.conf" }, ["/env"] = { "env AWS_ACCESS_KEY_ID;", "nginx.conf" },
    ["/dict"] = { "lua_shared_dict keys 1m;" }, ["/async"] = { "ngx.thread.spawn", "bedrock.transports.resty" },
  } do
    it(path, function()
      local status, body = host:get(path)
      assert.equal(200, status)
      for _, word in ipairs(words) do assert.matches(word, body, 1, true) end
    end)
  end
end)

describe("TLS", function()
  local host, secure, echo_key

  setup(function()
    echo_key = made:issue("good", "DNS:localhost", 2)
    secure = emulator.start { cert = echo_key.cert, cert_key = echo_key.key, pace = 0 }
    host = start {
      http = ("resolver 127.0.0.1:%d ipv6=off; lua_socket_log_errors off;"):format(names.port) ..
        ("server { listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s; return 200 $ssl_server_name; }")
          :format(nginx.free_port(), echo_key.cert, echo_key.key),
      server = location("/verified", [[
        local t = require("bedrock.transports.resty").new()
        local r, err = t:request { url = ngx.var.arg_url }
        ngx.say(r and r:read_all() or err.kind .. " " .. err.message .. " " .. tostring(err.hint)) ]]) ..
        location("/often", [[
        local t, kinds = require("bedrock.transports.resty").new(), {}
        for i = 1, 200 do
          local r, err = t:request { url = ngx.var.arg_url }
          local kind = r and "none" or err.kind
          kinds[kind] = (kinds[kind] or 0) + 1
        end
        for kind, count in pairs(kinds) do ngx.say(kind, " ", count) end ]]) ..
        location("/unverified", [[
        local t = require("bedrock.transports.resty").new { verify = false }
        local r, err = t:request { url = ngx.var.arg_url }
        ngx.say(r and r:read_all() or err.message) ]]),
    }
  end)

  teardown(function()
    host:stop()
    secure.stop()
  end)

  it("without trusted certificates names the directive", function()
    local _, body = host:get("/verified?url=https://localhost:" .. secure.port .. "/")
    assert.matches("^tls ", body)
    assert.matches("lua_ssl_trusted_certificate", body, 1, true)
  end)

  -- Some of these handshakes end without a wait, which the Lua module then reports as success.
  it("refuses an untrusted server every time", function()
    local _, body = host:get("/often?url=https://localhost:" .. secure.port .. "/")
    assert.equal("tls 200\n", body)
  end)

  it("tells the server which name is meant", function()
    local port = nginx.slurp(host.dir .. "/nginx.conf"):match("127%.0%.0%.1:(%d+) ssl")
    assert.equal("localhost\n", select(2, host:get("/unverified?url=https://localhost:" .. port .. "/")))
  end)

  it("never takes an unverified connection of the pool for a verified one", function()
    local port = nginx.slurp(host.dir .. "/nginx.conf"):match("127%.0%.0%.1:(%d+) ssl")
    assert.equal("localhost\n", select(2, host:get("/unverified?url=https://localhost:" .. port .. "/")))
    assert.matches("^tls ", select(2, host:get("/verified?url=https://localhost:" .. port .. "/")))
  end)
end)

describe("Connections", function()
  local host

  setup(function()
    host = start {
      http = "lua_check_client_abort on;",
      server = location("/ask", [[
        ngx.say(assert(client.messages:create(ask(), { headers = { ["x-mark"] = ngx.var.arg_mark } })):text()) ]]) ..
        location("/hang", [[
          local stream = assert(client.messages:stream(ask(), { headers = {
            ["x-mark"] = ngx.var.arg_mark, ["x-emulator-fault"] = "stall:60:3" } }))
          for text in stream:text() do ngx.print(text) ngx.flush(true) end ]]) ..
        location("/tidy", [[
          ngx.on_abort(function() ngx.log(ngx.ERR, "TIDIED") ngx.exit(499) end)
          local stream = assert(client.messages:stream(ask(), { headers = {
            ["x-mark"] = ngx.var.arg_mark, ["x-emulator-fault"] = "stall:60:3" } }))
          for text in stream:text() do ngx.print(text) ngx.flush(true) end ]]) ..
        location("/plain", "ngx.say 'plain'") .. location("/other", [[
          local stream = assert(client.messages:stream(ask("@words 30"), { headers = { ["x-emulator-fault"] = "stall:0.3:4" } }))
          local reader = ngx.thread.spawn(function()
            local _, err
            repeat _, err = stream.response:read() until err or not _
            return err
          end)
          ngx.sleep(0.1)
          stream.response:close()
          local _, err = ngx.thread.wait(reader)
          ngx.say(err and err.kind) ]]),
    }
  end)

  teardown(function() host:stop() end)

  it("are used again by the next request of nginx", function()
    for i = 1, 3 do assert.equal(200, (host:get("/ask?mark=pool" .. i))) end
    local first = nginx.wait_for(function() return marked("pool1") end, "the first")
    local last = nginx.wait_for(function() return marked("pool3") end, "the last")
    assert.equal(first.connection, last.connection)
  end)

  for _, path in ipairs { "/hang", "/tidy" } do
    it("are closed when the client of nginx goes away, with or without on_abort: " .. path, function()
      host:get(path .. "?mark=gone" .. path, "-m 0.5")
      local record = nginx.wait_for(function() return marked("gone" .. path) end, "the end upstream")
      assert.equal("client left", record.ended)
    end)
  end

  it("that another light thread closes end as cancelled", function()
    assert.equal("cancelled\n", select(2, host:get("/other")))
  end)

  -- What all but the slowest of so many requests take, in seconds.
  local function time_of(path, count)
    local times, command = {}, ("curl -s -m 20 -o /dev/null -w '%%{http_code} %%{time_total}' '%s%s'"):format(host.url, path)
    for i = 1, count do
      local status, seconds = nginx.output(command):match "^(%d+) (%S+)$"
      assert.equal("200", status)
      times[i] = tonumber(seconds)
    end
    table.sort(times)
    return times[count - 1]
  end

  it("are not hindered by a hundred streams that hang, nor is what needs none", function()
    local before, plain, asked = os.time(), time_of("/plain", 20), time_of("/ask", 20)
    local crowd = "for i in $(seq 100); do curl -sN -m 8 '%s/hang?mark=crowd' >/dev/null & done; wait"
    local pipe = assert(io.popen(crowd:format(host.url)))
    nginx.wait_for(function()
      local count = nginx.output(("curl -s %s/hang?mark=probe -m 0.2 >/dev/null; ss -tnH state established dport = :%d | wc -l")
        :format(host.url, service.port))
      return tonumber(count) >= 100
    end, "a hundred streams")
    local plain_now, asked_now = time_of("/plain", 20), time_of("/ask", 20)
    pipe:close()
    -- The streams hang for 60 s; a second is for the machine.
    assert.is_true(plain_now < plain + 1, ("a plain request took %g s, and %g s without the crowd"):format(plain_now, plain))
    assert.is_true(asked_now < asked + 1, ("an answer took %g s, and %g s without the crowd"):format(asked_now, asked))
    assert.is_true(os.time() - before < 60)
  end)
end)

describe("A proxy", function()
  local host, open, guarded

  setup(function()
    open = helper("spec/hosts/proxy.lua")
    guarded = helper("spec/hosts/proxy.lua", "user:p@ss")
    local pair = made:issue("behind", "DNS:localhost", 2)
    host = start {
      http = ("lua_ssl_trusted_certificate %s; server { listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s; ")
        :format(made.ca, nginx.free_port(), pair.cert, pair.key) .. "location / { return 200 'behind $request_uri'; } }",
      server = location("/plain", "ngx.print('plain ', ngx.var.request_uri)") .. location("/via", [[
        local t = require("bedrock.transports.resty").new { proxy = ngx.unescape_uri(ngx.var.arg_proxy) }
        local r, err = t:request { url = ngx.unescape_uri(ngx.var.arg_url) }
        ngx.print(r and r:read_all() or err.kind .. "/" .. err.code .. " " .. err.message) ]]),
    }
  end)

  teardown(function()
    host:stop()
    open.stop()
    guarded.stop()
  end)

  local function via(proxy, url)
    return select(2, host:get(("/via?proxy=%s&url=%s"):format(proxy, url)))
  end

  local function secure_url()
    return "https://localhost:" .. nginx.slurp(host.dir .. "/nginx.conf"):match("127%.0%.0%.1:(%d+) ssl") .. "/x"
  end

  it("passes a plain request on", function()
    assert.equal("plain /plain?a=1", via("http://127.0.0.1:" .. open.port, host.url .. "/plain%3Fa=1"))
    assert.matches("GET http://127.0.0.1:" .. host.port .. "/plain?a=1 HTTP/1.1", open.log(), 1, true)
  end)

  it("tunnels TLS, which is verified as without it", function()
    assert.equal("behind /x", via("127.0.0.1:" .. open.port, secure_url()))
    assert.matches("CONNECT localhost:%d+ HTTP/1.1", open.log())
  end)

  it("gets the user and password of its URL", function()
    assert.equal("behind /x", via("http://user:p%2540ss@127.0.0.1:" .. guarded.port, secure_url()))
    assert.equal("plain /plain", via("http://user:p%2540ss@127.0.0.1:" .. guarded.port, host.url .. "/plain"))
  end)

  it("that refuses is told from a server that does", function()
    local text = via("http://127.0.0.1:" .. guarded.port, secure_url())
    assert.matches("^network/proxy .*407", text)
  end)

  it("that is not there, or of another kind, is named", function()
    assert.matches("^network/proxy ", via("http://127.0.0.1:1", secure_url()))
    assert.matches("^config/request .*http proxy", via("socks5://127.0.0.1:1", secure_url()))
  end)
end)

describe("Workers", function()
  local host, container

  setup(function()
    local body = '{"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY","Token":"",' ..
      '"Expiration":"2099-01-01T00:00:00Z"}'
    container = server.start { routes = { ["*"] = { { sleep = 0.2 }, { send = server.answer(body) } } } }
    host = nginx.start {
      workers = 3,
      main = ("env AWS_REGION=us-west-2; env AWS_ENDPOINT_URL=%s; env AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/keys;")
        :format(service.url, container.url),
      http = HTTP:format(MODEL, "") .. [[
        lua_shared_dict keys 1m;
        init_worker_by_lua_block { shared = bedrock.new { shared_dict = "keys" } }
      ]],
      server = location("/shared", [[
        ngx.header["x-worker"] = ngx.worker.id()
        ngx.say(assert(shared.messages:create(ask("@say " .. ngx.var.arg_say))):text()) ]]) ..
        location("/inherited", [[
        ngx.print(ngx.worker.id())
        assert(client.messages:create(ask(), { headers = { ["x-mark"] = "inherited" } })) ]]) ..
        location("/slow", [[
        local stream = assert(shared.messages:stream(ask("@words 40")))
        for text in stream:text() do ngx.print(text) ngx.flush(true) end ]]),
    }
  end)

  teardown(function()
    host:stop()
    container:stop()
  end)

  it("share credentials, and do not mix answers", function()
    local each = "curl -s -i -o %s/$i '%s/shared?say=number-'$i"
    nginx.output(("for i in $(seq 40); do %s & done; wait"):format(each:format(host.dir, host.url)))
    local text = nginx.output(("cd %s && cat $(seq 40)"):format(host.dir))
    local workers, answers = {}, 0
    for id in text:gmatch("x%-worker: (%d+)") do workers[id] = true end
    for i = 1, 40 do
      if (text .. "\n"):find("number-" .. i .. "\n", 1, true) then answers = answers + 1 end
    end
    assert.equal(40, answers)
    assert.truthy(next(workers, (next(workers))), "one worker answered everything")
    assert.equal(1, #container:log("request"))
  end)

  it("that were forked with a client in them draw random numbers of their own", function()
    local asked = nginx.output(("for i in $(seq 40); do curl -s '%s/inherited' & done; wait"):format(host.url))
    local ids, distinct, answers = {}, 0, 0
    nginx.wait_for(function()
      ids, distinct, answers = {}, 0, 0
      for _, record in ipairs(service.log()) do
        local mark, id = header_of(record, "x-mark"), header_of(record, "amz-sdk-invocation-id")
        if mark == "inherited" then
          answers, distinct = answers + 1, distinct + (ids[id] and 0 or 1)
          ids[id] = true
        end
      end
      return answers == 40
    end, "forty records")
    assert.equal(40, distinct)
    assert.is_true(asked:find "0" and asked:find "[12]" and true, "one worker answered everything: " .. asked)
  end)

  it("end their streams in order when nginx is reloaded, and new ones serve", function()
    local pipe = assert(io.popen(("curl -sN -m 20 '%s/slow'"):format(host.url)))
    os.execute("sleep 0.1")
    host:reload()
    assert.equal(200, (host:get("/shared?say=after")))
    assert.matches("word1 .*word40$", pipe:read("*a"))
    pipe:close()
    assert.is_nil(host:errors():match("%[error%][^\n]*"))
    assert.is_nil(host:errors():match("signal 11"))
  end)
end)

describe("A build for another Lua", function()
  it("is named, and what to build instead", function()
    local host = nginx.start {
      cpath = nginx.output("pwd") .. "/build/5.4/?.so",
      server = location("/", [[
        ngx.say(select(2, pcall(function() return require("bedrock").new { region = "eu-west-1" } end))) ]]),
    }
    local _, body = host:get("/")
    host:stop()
    assert.matches("make LUA=luajit", body, 1, true)
    assert.matches("LuaJIT", body, 1, true)
  end)
end)

describe("A body", function()
  it("that comes gzip-encoded is inflated, and a damaged one is told", function()
    local zipped = nginx.output("printf 'hello hello hello' | gzip -c | od -An -v -tx1 | tr -d ' \\n'")
      :gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)
    local raw = server.start { routes = {
      ["/good"] = { { send = server.answer(zipped, "content-encoding: gzip\r\n") } },
      ["/cut"] = { { send = server.answer(zipped:sub(1, -9), "content-encoding: gzip\r\n") } },
    } }
    local host = start {
      server = location("/get", ([[
        local t = require("bedrock.transports.resty").new()
        local r = assert(t:request { url = "%s" .. ngx.var.arg_path })
        local body, err = r:read_all()
        ngx.print(body or err.kind .. "/" .. err.code, " ", tostring(r.headers["content-encoding"])) ]]):format(raw.url)),
    }
    assert.equal("hello hello hello nil", select(2, host:get("/get?path=/good")))
    assert.matches("^stream/protocol", select(2, host:get("/get?path=/cut")))
    host:stop()
    raw:stop()
  end)
end)

describe("The error log of nginx", function()
  it("tells each attempt, answer and end as BEDROCK_LOG asks, with times and without secrets", function()
    local server_ = start { main = " env BEDROCK_LOG=debug;", log_level = "debug", server = location("/ask", [[
      local stream = assert(client.messages:stream(ask(), { headers = { ["x-emulator-fault"] = "throttle:1" }, retry = 3 }))
      ngx.say(assert(stream:message()):text())
    ]]) }
    assert.equal(200, (server_:get "/ask"))
    local lines = {}
    for line in server_:errors():gmatch("[^\n]*bedrock: [^\n]*") do lines[#lines + 1] = line end
    local text = table.concat(lines, "\n")
    for _, line in ipairs {
      "credentials: found .*source=environment", "stream: sends attempt=1", "is answered attempt=1 .*seconds=%d.*status=429",
      "failed, sends again in [%d.]+ s attempt=1 .*kind=throttled", "sends attempt=2",
      "done attempts=2 .*first_byte=%d.*first_token=%d.*output_tokens=%d",
    } do assert.matches(line, text) end
    assert.matches("%[debug%] [^\n]*bedrock: credentials: found", text)
    assert.is_nil(text:find(service.secret_access_key, 1, true))
    assert.is_nil(text:lower():find("signature=", 1, true))
    server_:stop()
  end)
end)
