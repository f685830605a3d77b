/* Whole calls without memory, from a client to its end: plain answers and streams of both formats, over a
 * real socket. For n = 0, 1, 2, ... until it works, every allocation after n others fails: Lua's, the core's,
 * libcurl's; and, a second time, only that one does, so that Lua collects its garbage there and goes on. Each
 * time the call must end by itself, say that there was no memory, and give back what it held once Lua
 * collects. */
#include "../bind/state.h"
#include "support/curl.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char prepare[] =
    "package.path = 'lua/?.lua;lua/?/init.lua'\n"
    "local core = package.loaded['bedrock.core']\n"
    "local function event(name, payload)\n"
    "  return core.eventstream.encode({ { ':event-type', 'string', name },\n"
    "    { ':message-type', 'string', 'event' } }, payload)\n"
    "end\n"
    "local function delta(text)\n"
    "  return event('contentBlockDelta',\n"
    "    ('{\"contentBlockIndex\":0,\"delta\":{\"text\":\"%s\"},\"p\":\"abc\"}'):format(text))\n"
    "end\n"
    "local body = event('messageStart', '{\"role\":\"assistant\"}') .. delta('Hello') .. delta(', "
    "\\\\u0077') ..\n"
    "  delta('orld') .. event('contentBlockStop', '{\"contentBlockIndex\":0}') ..\n"
    "  event('messageStop', '{\"stopReason\":\"end_turn\"}') ..\n"
    "  event('metadata', '{\"usage\":{\"inputTokens\":1,\"outputTokens\":2,\"totalTokens\":3}}')\n"
    "local plain = '{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"Hello, "
    "world\"}]}},' ..\n"
    "  '\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":1,\"outputTokens\":2,\"totalTokens\":3}}'\n"
    "local function chunk(value)\n"
    "  return event('chunk', ('{\"bytes\":\"%s\"}'):format(core.base64.encode(value)))\n"
    "end\n"
    "local message = '{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[%s],' ..\n"
    "  '\"stop_reason\":%s,\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}'\n"
    "local chunks = chunk('{\"type\":\"message_start\",\"message\":' .. message:format('', 'null') .. '}') "
    "..\n"
    "  "
    "chunk('{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"
    "}') ..\n"
    "  chunk('{\"type\":\"content_block_delta\",\"index\":0,' ..\n"
    "    '\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello, world\"}}') ..\n"
    "  chunk('{\"type\":\"content_block_stop\",\"index\":0}') ..\n"
    "  "
    "chunk('{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_"
    "tokens\":2}}') ..\n"
    "  chunk('{\"type\":\"message_stop\"}')\n"
    "message = message:format('{\"type\":\"text\",\"text\":\"Hello, world\"}', '\"end_turn\"')\n"
    "local head = 'HTTP/1.1 200 OK\\r\\ncontent-type: %s\\r\\ncontent-length: %d\\r\\n\\r\\n'\n"
    "local json, stream = 'application/json', 'application/vnd.amazon.eventstream'\n"
    "return head:format(json, #plain) .. plain, head:format(stream, #body) .. body,\n"
    "  head:format(json, #message) .. message, head:format(stream, #chunks) .. chunks\n";

/* Answers "done", or the message of an error. */
static const char call[] =
    "local url = ...\n"
    "local bedrock = require 'bedrock'\n"
    "local client = bedrock.new { region = 'us-west-2', access_key_id = 'AKIDEXAMPLE', endpoint = url,\n"
    "  secret_access_key = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', log = function() end, proxy = false,\n"
    "  retry = { max_attempts = 1 }, timeouts = { connect = false, first_byte = false, idle = false } }\n"
    "local params = { modelId = 'anthropic.claude', messages = { { role = 'user', content = 'Hi' } } }\n"
    "local answer, err = client:converse(params)\n"
    "if not answer then return err.message end\n"
    "assert(answer:text() == 'Hello, world')\n"
    "local function read(stream, err)\n"
    "  if not stream then return nil, err end\n"
    "  local event\n"
    "  repeat event, err = stream:next() until not event\n"
    "  if err then return nil, err end\n"
    "  local message\n"
    "  message, err = stream:message()\n"
    "  stream:close()\n"
    "  assert(not message or message:text() == 'Hello, world')\n"
    "  return message, err\n"
    "end\n"
    "answer, err = read(client:converse_stream(params))\n"
    "if not answer then return err.message end\n"
    "params = { model = 'anthropic.claude', max_tokens = 9, messages = params.messages }\n"
    "answer, err = client.messages:create(params)\n"
    "if not answer then return err.message end\n"
    "answer, err = read(client.messages:stream(params))\n"
    "if not answer then return err.message end\n"
    "client:close()\n"
    "return 'done'\n";

static struct {
    const char *path, *bytes;
    size_t size;
} answers[] = {
    {"/converse ", NULL, 0},
    {"/converse-stream ", NULL, 0},
    {"/invoke ", NULL, 0},
    {"/invoke-with-response-stream ", NULL, 0},
};

enum { ANSWERS = sizeof answers / sizeof answers[0] };

static char url[64];
static pid_t server;

/* ---- the server: one connection after the other ---- */

static size_t content_length(const char *head) {
    const char *line;
    for (line = head; line != NULL; line = strstr(line + 1, "\r\n"))
        if (strncasecmp(line, "\r\nContent-Length:", 17) == 0)
            return strtoul(line + 17, NULL, 10);
    return 0;
}

/* Reads one request; 0 when the connection has ended. */
static int take_request(int s, char *bytes, size_t room) {
    size_t n = 0;
    const char *end = NULL;
    while (end == NULL || n < (size_t)(end + 4 - bytes) + content_length(bytes)) {
        ssize_t more = n + 1 < room ? read(s, bytes + n, room - n - 1) : 0;
        if (more <= 0)
            return 0;
        n += (size_t)more;
        bytes[n] = '\0';
        end = strstr(bytes, "\r\n\r\n");
    }
    return 1;
}

static int answer(int s, const char *request) {
    int i = 0;
    while (i < ANSWERS - 1 && strstr(request, answers[i].path) == NULL)
        i++;
    return send(s, answers[i].bytes, answers[i].size, MSG_NOSIGNAL) > 0;
}

static void serve(int listener) {
    static char request[65536];
    for (;;) {
        int s = accept(listener, NULL, NULL);
        while (s >= 0 && take_request(s, request, sizeof request) && answer(s, request))
            continue;
        close(s);
    }
}

static void start_server(void) {
    struct sockaddr_in a = {0};
    socklen_t n = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 16) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&a, &n) == 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(a.sin_port));
    server = fork();
    CHECK(server >= 0);
    if (server == 0)
        serve(listener);
    close(listener);
}

/* ---- a state in which allocations can be made to fail ---- */

static void preload(lua_State *L, const char *name, lua_CFunction open) {
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "loaded");
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, name);
    lua_pop(L, 2);
}

static lua_State *open_state(void) {
    lua_State *L = spec_open();
    preload(L, "bedrock.core", luaopen_bedrock_core);
    preload(L, "bedrock.curl", luaopen_bedrock_curl);
    lua_settop(L, 0);
    return L;
}

static void keep_answers(lua_State *L) {
    int i;
    CHECK(luaL_loadbuffer(L, prepare, sizeof prepare - 1, "=prepare") == 0);
    CHECK(lua_pcall(L, 0, ANSWERS, 0) == 0);
    for (i = 0; i < ANSWERS; i++)
        answers[i].bytes = lua_tolstring(L, i + 1, &answers[i].size);
}

static int descriptors(void) {
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;
    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

/* ---- calls ---- */

enum { CALL = ANSWERS + 1 }; /* the stack: the answers, the call, what it said */
enum { PATIENCE = 60 };      /* seconds; the client's own clocks are off */

/* Calls while memory fails as it was set: what the call said, or the error that it raised. */
static const char *run(lua_State *L, void (*fail)(long), long allocations) {
    lua_settop(L, CALL);
    lua_pushvalue(L, CALL);
    lua_pushstring(L, url);
    alarm(PATIENCE);
    fail(allocations);
    (void)lua_pcall(L, 1, 1, 0);
    fail(-1);
    alarm(0);
    return lua_isstring(L, -1) ? lua_tostring(L, -1) : luaL_typename(L, -1);
}

static int is_done(const char *said) {
    return strcmp(said, "done") == 0;
}

/* libcurl without memory blames what it was about to do; and a line of the head beyond its own limit is no
 * memory to it, so that our engine cannot tell them apart either. */
static void check_excuse(const char *said, long n) {
    static const char *const excuses[] = {"memory", "could not resolve the name 127.0.0.1",
                                          "the answer's headers are larger than"};
    size_t i;
    for (i = 0; i < sizeof excuses / sizeof excuses[0]; i++)
        if (strstr(said, excuses[i]) != NULL)
            return;
    fprintf(stderr, "with memory for %ld allocations: %s\n", n, said);
    CHECK(!"the call ended for another reason");
}

/* All that a call has held is Lua's to collect. */
static void check_clean(lua_State *L, int open) {
    lua_settop(L, CALL);
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    CHECK(descriptors() == open);
}

static long allocations_of_a_call(lua_State *L) {
    spec_fail_after(-1);
    lua_settop(L, CALL);
    lua_pushvalue(L, CALL);
    lua_pushstring(L, url);
    if (lua_pcall(L, 1, 1, 0) != 0 || !is_done(lua_tostring(L, -1)))
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
    CHECK(is_done(lua_tostring(L, -1)));
    return spec_allocations();
}

/* The calls that failed with each n. */
static long check_all(lua_State *L, void (*fail)(long), long most) {
    int open = descriptors();
    long n, failed = 0;
    for (n = 0; n < most; n++) {
        const char *said = run(L, fail, n);
        if (!is_done(said)) {
            check_excuse(said, n);
            failed++;
        }
        check_clean(L, open);
    }
    return failed;
}

/* The same from the first line on, with the modules still to be loaded: a state for each n, so not for every
 * n. */
static long check_loading(void) {
    enum { STEP = 61 };
    int done = 0;
    long n;
    for (n = 0; !done; n += STEP) {
        lua_State *L = open_state();
        const char *said;
        keep_answers(L);
        CHECK(luaL_loadbuffer(L, call, sizeof call - 1, "=call") == 0);
        said = run(L, spec_fail_after, n);
        done = is_done(said);
        if (!done)
            check_excuse(said, n);
        lua_close(L);
    }
    return n - STEP;
}

int main(void) {
    lua_State *L;
    long most, after, once, loading;
    spec_curl_begin();
    L = open_state();
    keep_answers(L);
    start_server();
    CHECK(luaL_loadbuffer(L, call, sizeof call - 1, "=call") == 0);
    (void)allocations_of_a_call(L);
    check_clean(L, descriptors());
    most = allocations_of_a_call(L);
    after = check_all(L, spec_fail_after, most + 100);
    once = check_all(L, spec_fail_once_after, most);
    CHECK(is_done(run(L, spec_fail_after, -1)));
    loading = check_loading();
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    lua_close(L);
    curl_global_cleanup();
    printf("calls: %ld allocations; %ld failed with all after the n-th, %ld with the n-th alone; %ld with "
           "loading\n",
           most, after, once, loading);
    return 0;
}
