#include "http_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *kind, *code;
} faults[] = {
    [BR_HTTP_OK] = {"", ""},
    [BR_HTTP_DNS] = {"network", "dns"},
    [BR_HTTP_CONNECT] = {"network", "connect"},
    [BR_HTTP_PROXY] = {"network", "proxy"},
    [BR_HTTP_TLS] = {"tls", "tls"},
    [BR_HTTP_RESET] = {"network", "reset"},
    [BR_HTTP_CLOSED] = {"network", "closed"},
    [BR_HTTP_BODY_RESET] = {"stream", "reset"},
    [BR_HTTP_CUT] = {"stream", "cut"},
    [BR_HTTP_PROTOCOL] = {"stream", "protocol"},
    [BR_HTTP_LIMIT] = {"stream", "limit"},
    [BR_HTTP_TIMEOUT] = {"timeout", "timeout"},
    [BR_HTTP_CANCELLED] = {"cancelled", "cancelled"},
    [BR_HTTP_MEMORY] = {"network", "memory"},
    [BR_HTTP_REQUEST] = {"config", "request"},
    [BR_HTTP_OTHER] = {"network", "transfer"},
};

const char *br_http_fault_kind(enum br_http_fault fault) {
    return faults[fault].kind;
}

const char *br_http_fault_code(enum br_http_fault fault) {
    return faults[fault].code;
}

enum br_http_fault br_http_fail(struct br_http_request *r, enum br_http_fault fault, const char *format,
                                ...) {
    va_list args;
    r->error.fault = fault;
    va_start(args, format);
    vsnprintf(r->error.message, sizeof r->error.message, format, args);
    va_end(args);
    return fault;
}

/* The connection went away. Where it did decides what that means. */
static void explain_break(struct br_http_request *r, long os_error) {
    int reset = os_error == ECONNRESET || os_error == EPIPE || strstr(r->reason, "onnection reset") != NULL;
    if (os_error == ETIMEDOUT)
        br_http_fail(r, r->head.complete ? BR_HTTP_BODY_RESET : BR_HTTP_RESET,
                     "the server is out of reach: it acknowledges nothing any more");
    else if (r->head.complete && reset)
        br_http_fail(r, BR_HTTP_BODY_RESET, "the connection was reset in the middle of the answer");
    else if (r->head.complete)
        br_http_fail(r, BR_HTTP_CUT, "the answer broke off: %s",
                     r->reason[0] != 0 ? r->reason : "the connection was closed");
    else if (r->answered)
        br_http_fail(r, reset ? BR_HTTP_RESET : BR_HTTP_CLOSED,
                     "the connection was %s in the middle of the answer's headers",
                     reset ? "reset" : "closed");
    else
        br_http_fail(r, reset ? BR_HTTP_RESET : BR_HTTP_CLOSED,
                     "the server %s the connection before it answered", reset ? "reset" : "closed");
}

/* libcurl's reason may hold the proxy's URL and with it a password. */
static void explain_proxy_name(struct br_http_request *r) {
    if (strstr(r->reason, "resolve") != NULL)
        br_http_fail(r, BR_HTTP_PROXY, "could not resolve the name of the proxy");
    else
        br_http_fail(r, BR_HTTP_PROXY, "the proxy setting is not a URL of a known kind");
}

static void explain_connect(struct br_http_request *r, long os_error) {
    const char *why = os_error != 0 ? strerror((int)os_error) : "no answer";
    if (r->no_socket == EMFILE || r->no_socket == ENFILE)
        br_http_fail(
            r, BR_HTTP_CONNECT,
            "no descriptor is left for a connection to %s: %s (ulimit -n says how many there may be)",
            r->origin, strerror(r->no_socket));
    else if (strstr(r->reason, "Unsupported proxy") != NULL)
        explain_proxy_name(r);
    else if (strstr(r->reason, " connect to ") != NULL && strstr(r->reason, r->origin) == NULL)
        br_http_fail(r, BR_HTTP_PROXY, "could not connect to the proxy: %s", why);
    else
        br_http_fail(r, BR_HTTP_CONNECT, "could not connect to %s: %s", r->origin, why);
}

static void explain_tls(struct br_http_request *r, CURLcode result) {
    const char *why = r->reason[0] != 0 ? r->reason : curl_easy_strerror(result);
    if (result == CURLE_SSL_CONNECT_ERROR &&
        (strstr(why, "reset by peer") != NULL || strstr(why, "SSL_ERROR_SYSCALL") != NULL ||
         strstr(why, "unexpected eof") != NULL))
        br_http_fail(r, strstr(why, "reset by peer") != NULL ? BR_HTTP_RESET : BR_HTTP_CLOSED,
                     "the server gave up the connection during the TLS handshake");
    else
        br_http_fail(r, BR_HTTP_TLS, "no trusted connection to %s: %s", r->origin, why);
}

static int explain_proxy(struct br_http_request *r) {
    long status = 0;
    curl_easy_getinfo(r->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (r->connected)
        return 0;
    if (status >= 300)
        br_http_fail(r, BR_HTTP_PROXY, "the proxy refused the tunnel with HTTP %ld", status);
    else if (strstr(r->reason, "roxy") != NULL)
        br_http_fail(r, BR_HTTP_PROXY, "the proxy failed: %s", r->reason);
    else
        return 0;
    return 1;
}

static void explain_write(struct br_http_request *r) {
    if (r->head_too_large && r->head.count > r->head.most)
        br_http_fail(r, BR_HTTP_LIMIT, "the answer has more than %lu headers", (unsigned long)r->head.most);
    else if (r->head_too_large)
        br_http_fail(r, BR_HTTP_LIMIT, "the answer's headers are larger than %lu bytes",
                     (unsigned long)r->head.lines.max);
    else
        br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
}

/* The connection failed under a transfer: inside the proxy's part of it, or the server's. */
static void explain_transfer(struct br_http_request *r, long os_error) {
    r->head_too_large = strstr(r->reason, "Too large response headers") != NULL;
    if (r->head_too_large)
        explain_write(r);
    else if (!explain_proxy(r))
        explain_break(r, os_error);
}

static void explain_protocol(struct br_http_request *r) {
    if (!r->connected) {
        br_http_fail(r, BR_HTTP_REQUEST, "only http and https URLs can be requested");
        return;
    }
    r->answered = 1;
    br_http_fail(r, BR_HTTP_PROTOCOL, "what came is not an HTTP answer");
}

void br_http_explain(struct br_http_request *r, CURLcode result) {
    long os_error = 0;
    curl_easy_getinfo(r->easy, CURLINFO_OS_ERRNO, &os_error);
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        br_http_fail(r, BR_HTTP_DNS, "could not resolve the name %.*s", (int)strcspn(r->origin, " "),
                     r->origin);
        return;
    case CURLE_COULDNT_RESOLVE_PROXY:
        explain_proxy_name(r);
        return;
    case CURLE_COULDNT_CONNECT:
        explain_connect(r, os_error);
        return;
    case CURLE_PROXY:
        br_http_fail(r, BR_HTTP_PROXY, "the proxy failed: %s", r->reason);
        return;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
        explain_tls(r, result);
        return;
    case CURLE_OPERATION_TIMEDOUT:
        br_http_explain_clock(r, BR_CLOCK_CONNECT);
        return;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        explain_transfer(r, os_error);
        return;
    case CURLE_OK:
    case CURLE_PARTIAL_FILE:
        explain_break(r, 0);
        return;
    case CURLE_WRITE_ERROR:
        explain_write(r);
        return;
    case CURLE_OUT_OF_MEMORY: /* also what libcurl calls a line of the head longer than its own limit */
        r->head_too_large = r->connected && r->clocks.phase >= BR_PHASE_WAIT && !r->head.complete;
        explain_write(r);
        return;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        br_http_fail(r, BR_HTTP_PROTOCOL, "the answer is not valid HTTP: %s", r->reason);
        return;
    case CURLE_UNSUPPORTED_PROTOCOL:
        explain_protocol(r);
        return;
    case CURLE_URL_MALFORMAT:
        br_http_fail(r, BR_HTTP_REQUEST, "this is not a URL that can be requested");
        return;
    default:
        br_http_fail(r, BR_HTTP_OTHER, "%s", r->reason[0] != 0 ? r->reason : curl_easy_strerror(result));
    }
}

void br_http_explain_clock(struct br_http_request *r, enum br_clock clock) {
    double limit = r->clocks.limit[clock];
    r->error.clock = clock;
    switch (clock) {
    case BR_CLOCK_CONNECT:
        br_http_fail(r, BR_HTTP_TIMEOUT, "connecting took longer than %g seconds (connect clock)", limit);
        return;
    case BR_CLOCK_FIRST_BYTE:
        br_http_fail(r, BR_HTTP_TIMEOUT,
                     "no answer within %g seconds of sending the request (first_byte clock)", limit);
        return;
    case BR_CLOCK_IDLE:
        br_http_fail(r, BR_HTTP_TIMEOUT, "no byte moved for %g seconds (idle clock)", limit);
        return;
    default:
        br_http_fail(r, BR_HTTP_TIMEOUT, "the request took longer than %g seconds (total clock)", limit);
    }
}
