/* Any bytes as what a server answers over a socket, through libcurl and the engine: a request ends, and what
 * it says of its end is so. The first byte says what is asked and how it is read, the second in which
 * portions the answer is sent, the third which way the request goes: plainly, through a proxy, with TLS, to
 * where nobody listens, or not at all. */
#include "http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATIENCE = 100000 }; /* turns after which a request hangs */

static int listener;
static char body[600 * 1024];
static char urls[3][64]; /* plain, with TLS, where nobody listens */

static void promise(int kept) {
    if (!kept)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    struct sockaddr_in a = {0};
    socklen_t n = sizeof a;
    (void)argc, (void)argv;
    promise(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    promise(bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 16) == 0);
    promise(getsockname(listener, (struct sockaddr *)&a, &n) == 0);
    snprintf(urls[0], sizeof urls[0], "http://127.0.0.1:%d/", ntohs(a.sin_port));
    snprintf(urls[1], sizeof urls[1], "https://127.0.0.1:%d", ntohs(a.sin_port));
    snprintf(urls[2], sizeof urls[2], "http://[::1]:1/a?b#c");
    return 0;
}

/* ---- the server ---- */

struct server {
    int socket;
    const uint8_t *left;
    size_t size, portion;
    int reset;
};

static void end_connection(struct server *s) {
    struct linger now = {1, 0};
    if (s->socket < 0)
        return;
    if (s->reset)
        (void)setsockopt(s->socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(s->socket);
    s->socket = -1;
}

/* The first connection gets the answer; a request that is repeated finds nobody. */
static void serve(struct server *s) {
    char request[4096];
    ssize_t n;
    if (s->socket < 0 && s->size > 0)
        s->socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (s->socket < 0)
        return;
    while (read(s->socket, request, sizeof request) > 0)
        continue;
    n = send(s->socket, s->left, s->size < s->portion ? s->size : s->portion, MSG_NOSIGNAL);
    if (n > 0) {
        s->left += n;
        s->size -= (size_t)n;
    }
    if (s->size == 0 || (n < 0 && s->reset))
        end_connection(s);
}

static void refuse_others(void) {
    int s;
    while ((s = accept(listener, NULL, NULL)) >= 0)
        close(s);
}

/* ---- the request ---- */

static struct br_http_options options(unsigned char how) {
    static const char *const methods[] = {"GET", "POST", "HEAD", "PUT"};
    struct br_http_options o = {0};
    o.method = methods[how & 3];
    o.url = urls[0];
    if (how & 1) {
        o.body = "body";
        o.body_size = 4;
    }
    o.proxy = "";
    o.clocks[BR_CLOCK_TOTAL] = o.clocks[BR_CLOCK_IDLE] = 20;
    o.max_head = how & 4 ? 200 : 65536;
    o.max_head_lines = how & 8 ? 4 : 64;
    o.max_body = how & 16 ? 100 : 65536;
    return o;
}

static const char damaged[] = "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n";

/* To read the system's bundle takes longer than all else. */
static const char certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIIBdjCCARugAwIBAgIUWJJTm0bhZASNoHd+rSdWMjAks7EwCgYIKoZIzj0EAwIw\n"
                                  "DzENMAsGA1UEAwwEZnV6ejAgFw0yNjExMjgxNTU2MjdaGA8yMTI2MTEwNDE1NTYy\n"
                                  "N1owDzENMAsGA1UEAwwEZnV6ejBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABO/M\n"
                                  "jV+LXQB79BC+LRL9mVbrEjMluvb6cC4t3PsCqggbHBCMrUPIKIchqPDHBaTE5cUX\n"
                                  "FusGUuv2+Hw75MsgkmujUzBRMB0GA1UdDgQWBBSurNz4ADkoxijNacJ6GYbuNRMj\n"
                                  "hzAfBgNVHSMEGDAWgBSurNz4ADkoxijNacJ6GYbuNRMjhzAPBgNVHRMBAf8EBTAD\n"
                                  "AQH/MAoGCCqGSM49BAMCA0kAMEYCIQDQvT/bRGiaoTF83tPmdG6raQPNss8ZNanV\n"
                                  "4m8ShvWoxQIhAPkIatC2zYilmaDrHZDs59x6C5crsKoNwr6J+apCCvDt\n"
                                  "-----END CERTIFICATE-----\n";

/* Where the request goes, and what is asked of TLS on the way. */
static void choose_way(struct br_http_options *o, unsigned char way) {
    static const char *const never[] = {
        "ftp://127.0.0.1/",   "http://", "http://a b/", "http://u@127.0.0.1/", "https://127.0.0.1:99999/",
        "http://127.0.0.1:x/"};
    static const char *const bundles[] = {certificate, "/", "/nowhere.pem", damaged};
    switch (way & 7) {
    case 1:
        o->url = urls[1];
        break;
    case 2:
        o->url = urls[2];
        break;
    case 3:
        o->url = "https://127.0.0.1:1/";
        o->proxy = urls[0];
        break;
    case 4:
        o->url = "http://127.0.0.1:1/";
        o->proxy = way & 32 ? urls[0] : way & 64 ? urls[1] : urls[2];
        break;
    case 5:
        o->url = never[(way >> 3) % 6];
        break;
    case 6:
        o->proxy = way & 32 ? "nonsense://127.0.0.1" : "http://127.0.0.1:99999";
        break;
    case 7:
        o->method = way & 32 ? "NO METHOD" : "PATCH";
        o->body_size = way & 64 ? 600 * 1024 : 0;
        break;
    default:
        o->no_proxy = "127.0.0.1";
    }
    o->insecure = way >> 7;
    o->http2 = way >> 6 & 1;
    o->ca_bundle = bundles[way >> 3 & 3];
    o->ca_bundle_size = o->ca_bundle != NULL ? strlen(o->ca_bundle) : 0;
}

static void check_fields(const struct br_http_request *r) {
    struct br_field f;
    size_t at = 0;
    while (br_http_request_next_field(r, &at, &f))
        promise(f.name >= r->head.lines.data &&
                f.value + f.value_size <= r->head.lines.data + r->head.lines.len);
}

static int read_some(struct br_http_request *r, size_t most) {
    const char *bytes;
    size_t n;
    switch (br_http_request_peek(r, &bytes, &n)) {
    case BR_HTTP_DATA:
        promise(n > 0 && n <= br_http_request_buffered(r));
        br_http_request_consume(r, n < most ? n : most);
        return 1;
    case BR_HTTP_WAIT:
        return 1;
    default:
        return 0;
    }
}

static void check_end(struct br_http_request *r) {
    const char *bytes;
    size_t n;
    enum br_http_state end = br_http_request_peek(r, &bytes, &n);
    promise(br_http_request_peek(r, &bytes, &n) == end);
    if (end != BR_HTTP_FAILED)
        return;
    promise(r->error.fault != BR_HTTP_OK && r->error.message[0] != '\0');
    promise(r->error.fault != BR_HTTP_TIMEOUT);
    promise(br_http_fault_kind(r->error.fault) != NULL && br_http_fault_code(r->error.fault) != NULL);
}

static void run(struct br_http *h, struct br_http_request *r, struct server *s, size_t most, int give_up) {
    long turns = 0;
    int seen = 0;
    while (read_some(r, most)) {
        promise(turns++ < PATIENCE);
        serve(s);
        br_http_perform(h, 64);
        if (br_http_request_head(r) == BR_HTTP_DATA && !seen++)
            check_fields(r);
        if (give_up && turns > 20)
            br_http_request_cancel(r);
    }
    check_end(r);
}

static void check_refused_headers(void) {
    struct br_http_request r;
    br_http_request_init(&r);
    promise(br_http_request_header(&r, "x one", 5, "1", 1) == BR_HTTP_REQUEST);
    promise(br_http_request_header(&r, "x-two", 5, "a\nb", 3) == BR_HTTP_REQUEST);
    br_http_request_clear(&r);
}

static void add_headers(struct br_http_request *r, int blank) {
    promise(br_http_request_header(r, "x-one", 5, "1", !blank) == BR_HTTP_OK);
    promise(br_http_request_connect_to(r, "nobody.invalid:80:127.0.0.1:1") == BR_HTTP_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct br_http_limits limits = {0, 4, 60};
    struct br_http h;
    struct br_http_request r;
    struct br_http_options o;
    struct server s = {-1, data + 3, size - 3, 0, 0};
    if (size < 4)
        return 0;
    o = options(data[0]);
    choose_way(&o, data[2]);
    if (o.body_size > 4)
        o.body = body;
    s.portion = data[1] & 1 ? size : (size_t)(data[1] >> 1) + 1;
    s.reset = (data[0] & 32) != 0;
    promise(br_http_init(&h, &limits) == 0);
    br_http_request_init(&r);
    check_refused_headers();
    add_headers(&r, data[0] & 64);
    if (br_http_request_start(&h, &r, &o) == BR_HTTP_OK)
        run(&h, &r, &s, data[0] & 64 ? 7 : 65536, data[0] & 128);
    else
        promise(r.error.fault == BR_HTTP_REQUEST);
    br_http_request_clear(&r);
    br_http_clear(&h);
    end_connection(&s);
    refuse_others();
    return 0;
}
