/* The engine without Lua, against a server in a child process: every allocation of ours and of libcurl fails
 * once, and a fork of the program leaves its parent's connections alone. */
#include "support/support.h"
#include "support/curl.h"

#include "http.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-one: 1\r\n\r\nhello";

static pid_t server;
static char url[64];

/* Answers every read with the same bytes, one connection after the other. */
static void serve(int listener) {
    char request[4096];
    for (;;) {
        int s = accept(listener, NULL, NULL);
        while (s >= 0 && read(s, request, sizeof request) > 0)
            if (write(s, answer, sizeof answer - 1) < 0)
                break;
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
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(a.sin_port));
    server = fork();
    CHECK(server >= 0);
    if (server == 0)
        serve(listener);
    close(listener);
}

static struct br_http_options options(void) {
    struct br_http_options o = {0};
    o.method = "POST";
    o.url = url;
    o.body = "body";
    o.body_size = 4;
    o.clocks[BR_CLOCK_TOTAL] = 10;
    o.proxy = "";
    o.max_head = o.max_head_lines = o.max_body = 65536;
    return o;
}

/* Drives a request to its end: whether it brought the whole answer. */
static int finish(struct br_http *h, struct br_http_request *r) {
    enum br_http_state state;
    const char *bytes;
    size_t n, got = 0;
    while ((state = br_http_request_peek(r, &bytes, &n)) == BR_HTTP_WAIT || state == BR_HTTP_DATA) {
        if (state == BR_HTTP_DATA) {
            CHECK(got + n <= 5 && memcmp(bytes, &"hello"[got], n) == 0);
            got += n;
            br_http_request_consume(r, n);
            continue;
        }
        br_http_wait(h, 10);
        br_http_perform(h, 64);
    }
    CHECK(state == BR_HTTP_END || r->error.message[0] != 0);
    return state == BR_HTTP_END && got == 5;
}

static int run(void) {
    struct br_http_limits limits = {0, 4, 60};
    struct br_http_options o = options();
    struct br_http h = {0};
    struct br_http_request r;
    int ok = 0;
    if (br_http_init(&h, &limits) != 0)
        return 0;
    br_http_request_init(&r);
    if (br_http_request_header(&r, "x-two", 5, "2", 1) == BR_HTTP_OK &&
        br_http_request_start(&h, &r, &o) == BR_HTTP_OK)
        ok = finish(&h, &r);
    br_http_request_clear(&r);
    br_http_clear(&h);
    br_http_clear(&h);
    return ok;
}

static int check_no_memory(void) {
    int n, ok = 0;
    for (n = 0; !ok; n++) {
        spec_fail_after(n);
        ok = run();
        spec_fail_after(-1);
        CHECK(n < 10000);
    }
    return n - 1;
}

/* The header lines, and the answer of a request that is called secret. */
static void check_secrets(void) {
    static const char key[] = "a-key-that-nobody-else-may-see";
    struct br_http_limits limits = {0, 4, 60};
    struct br_http_options o = options();
    struct br_http h;
    struct br_http_request r;
    struct curl_slist *l;
    const char *bytes;
    size_t n;
    int blocks = 1;
    CHECK(br_http_init(&h, &limits) == 0);
    br_http_request_init(&r);
    o.secret = 1;
    spec_watch(key, sizeof key - 1);
    CHECK(br_http_request_header(&r, "authorization", 13, key, sizeof key - 1) == BR_HTTP_OK);
    CHECK(spec_unwatch() == 0);
    CHECK(br_http_request_start(&h, &r, &o) == BR_HTTP_OK);
    for (l = r.lines; l != NULL; l = l->next, blocks++)
        spec_expect_wiped(l->data);
    while (br_http_request_peek(&r, &bytes, &n) == BR_HTTP_WAIT) {
        br_http_wait(&h, 10);
        br_http_perform(&h, 64);
    }
    spec_expect_wiped(r.body.data);
    CHECK(finish(&h, &r));
    br_http_request_clear(&r);
    CHECK(spec_wiped() == blocks);
    br_http_clear(&h);
}

static void check_fork(void) {
    struct br_http_limits limits = {0, 4, 60};
    struct br_http_options o = options();
    struct br_http h;
    struct br_http_request r, other;
    pid_t child;
    int status;
    CHECK(br_http_init(&h, &limits) == 0);
    br_http_request_init(&r);
    br_http_request_init(&other);
    CHECK(br_http_request_start(&h, &r, &o) == BR_HTTP_OK);
    br_http_perform(&h, 64);
    child = fork();
    if (child == 0) {
        br_http_perform(&h, 64);
        if (br_http_request_start(&h, &other, &o) != BR_HTTP_CANCELLED)
            _exit(1);
        br_http_request_clear(&r);
        br_http_clear(&h);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(finish(&h, &r));
    br_http_request_clear(&r);
    br_http_clear(&h);
}

int main(void) {
    int allocations;
    start_server();
    spec_curl_begin();
    CHECK(run());
    check_secrets();
    check_fork();
    allocations = check_no_memory();
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    curl_global_cleanup();
    printf("http: %d allocations failed, one fork\n", allocations);
    return 0;
}
