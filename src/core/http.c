#include "http.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#if LIBCURL_VERSION_NUM < 0x075500
#error "libcurl 7.85 or later is needed"
#endif

/* Chunks that libcurl hands over, and that one inflate call yields. */
enum { CHUNK = 16 * 1024 };

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

double br_http_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- lists ---- */

static void link_init(struct br_http_link *l) {
    l->prev = l->next = l;
}

static void link_remove(struct br_http_link *l) {
    l->prev->next = l->next;
    l->next->prev = l->prev;
    link_init(l);
}

static void link_append(struct br_http_link *list, struct br_http_link *l) {
    l->prev = list->prev;
    l->next = list;
    list->prev->next = l;
    list->prev = l;
}

#define REQUEST_OF(link, member)                                                                             \
    ((struct br_http_request *)(void *)((char *)(link)-offsetof(struct br_http_request, member)))

/* ---- bytes ---- */

static void fifo_clear(struct br_http_fifo *f) {
    free(f->bytes);
    memset(f, 0, sizeof *f);
}

/* Room for n more bytes at the end: moved to the front first, grown second. */
static char *fifo_reserve(struct br_http_fifo *f, size_t n) {
    if (f->start > 0 && f->start + f->count + n > f->room) {
        memmove(f->bytes, f->bytes + f->start, f->count);
        f->start = 0;
    }
    if (f->count + n > f->room) {
        size_t room = f->room * 2 > f->count + n ? f->room * 2 : f->count + n;
        char *bytes = realloc(f->bytes, room);
        if (bytes == NULL)
            return NULL;
        f->bytes = bytes;
        f->room = room;
    }
    return f->bytes + f->start + f->count;
}

static int fifo_append(struct br_http_fifo *f, const char *bytes, size_t n) {
    char *room = fifo_reserve(f, n);
    if (room == NULL)
        return -1;
    memcpy(room, bytes, n);
    f->count += n;
    return 0;
}

static void fifo_drop(struct br_http_fifo *f, size_t n) {
    f->count -= n;
    f->start = f->count > 0 ? f->start + n : 0;
}

/* ---- news and faults ---- */

/* Whoever asked in vain is told once. Who waits for one request alone never takes from the list, so the
 * request may be in it still. */
static void tell(struct br_http_request *r) {
    if (!r->wanted || r->engine == NULL)
        return;
    r->wanted = 0;
    link_remove(&r->ready);
    link_append(&r->engine->ready, &r->ready);
}

static enum br_http_fault fail(struct br_http_request *r, enum br_http_fault fault, const char *format, ...) {
    va_list args;
    r->error.fault = fault;
    va_start(args, format);
    vsnprintf(r->error.message, sizeof r->error.message, format, args);
    va_end(args);
    return fault;
}

/* Sets the alarm after the clocks have changed. Cannot fail: the alarm is in the heap since the start. */
static void reschedule(struct br_http_request *r) {
    enum br_clock which;
    (void)br_alarms_set(&r->engine->alarms, &r->alarm, br_clocks_deadline(&r->clocks, &which));
}

static void enter(struct br_http_request *r, enum br_phase phase) {
    br_clocks_enter(&r->clocks, phase, br_http_now());
    reschedule(r);
}

/* ---- what libcurl calls: note and return ---- */

static size_t on_body(char *bytes, size_t size, size_t n, void *context) {
    struct br_http_request *r = context;
    n *= size;
    if (r->body.count >= r->max_body) {
        r->paused = 1;
        enter(r, BR_PHASE_PAUSE);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (fifo_append(&r->body, bytes, n) != 0) {
        r->no_memory = 1;
        return 0;
    }
    br_clocks_touch(&r->clocks, br_http_now());
    tell(r);
    return n;
}

static int is_named(const struct br_http_field *f, const char *name) {
    return f->name_size == strlen(name) && strncasecmp(f->name, name, f->name_size) == 0;
}

static int says(const struct br_http_field *f, const char *value) {
    return f->value_size == strlen(value) && strncasecmp(f->value, value, f->value_size) == 0;
}

/* Gateways compress although they were told not to. */
static void find_encoding(struct br_http_request *r) {
    struct br_http_field f;
    size_t at = 0;
    while (br_http_request_next_field(r, &at, &f))
        if (is_named(&f, "content-encoding") && (says(&f, "gzip") || says(&f, "x-gzip")))
            r->gzip = 1;
}

static int status_of(const char *line, size_t n) {
    const char *space = memchr(line, ' ', n);
    size_t left = space != NULL ? n - (size_t)(space - line) : 0;
    if (left < 4 || !isdigit((unsigned char)space[1]) || !isdigit((unsigned char)space[2]) ||
        !isdigit((unsigned char)space[3]))
        return 0;
    return (space[1] - '0') * 100 + (space[2] - '0') * 10 + (space[3] - '0');
}

/* An interim answer (100 Continue) is not the answer: its head is forgotten and first_byte runs on. */
static void end_head(struct br_http_request *r) {
    if (r->status < 200 && r->status != 101) {
        r->head.count = r->head.start = 0;
        return;
    }
    r->head_done = 1;
    find_encoding(r);
    enter(r, BR_PHASE_READ);
    tell(r);
}

static int begins_head(const char *line, size_t n) {
    return n >= 5 && memcmp(line, "HTTP/", 5) == 0;
}

static size_t on_header(char *line, size_t size, size_t n, void *context) {
    struct br_http_request *r = context;
    n *= size;
    r->answered = 1;
    br_clocks_touch(&r->clocks, br_http_now());
    if (r->head_done) /* trailers */
        return n;
    if (begins_head(line, n)) {
        r->status = status_of(line, n);
        r->head.count = r->head.start = 0;
        if (r->status >= 200)
            enter(r, BR_PHASE_READ);
        return n;
    }
    if (n <= 2 && (line[0] == '\r' || line[0] == '\n')) {
        end_head(r);
        return n;
    }
    if (r->head.count + n > r->max_head) {
        r->head_too_large = 1;
        return 0;
    }
    if (fifo_append(&r->head, line, n) != 0) {
        r->no_memory = 1;
        return 0;
    }
    return n;
}

/* The connection stands, TLS included, and the request is about to go out. When this happens twice, libcurl
 * wants to send the request again by itself because a pooled connection died; whoever signs and counts
 * attempts decides. */
static int on_connected(void *context, char *ip, char *local_ip, int port, int local_port) {
    struct br_http_request *r = context;
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    if (r->connected) {
        r->replaced = 1;
        return CURL_PREREQFUNC_ABORT;
    }
    r->connected = 1;
    r->reused = !r->opened;
    enter(r, BR_PHASE_SEND);
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct br_http_request *r = context;
    int s;
    (void)purpose;
    if (r->connected) {
        r->replaced = 1;
        return CURL_SOCKET_BAD;
    }
    r->opened = 1;
    s = socket(address->family, address->socktype, address->protocol);
    if (s >= 0)
        (void)fcntl(s, F_SETFD, FD_CLOEXEC);
    return s;
}

/* libcurl reports progress after every step, so this sees each byte that left. */
static int on_progress(void *context, curl_off_t to_come, curl_off_t came, curl_off_t to_go,
                       curl_off_t gone) {
    struct br_http_request *r = context;
    (void)to_come, (void)came, (void)to_go;
    if (gone != r->sent) {
        r->sent = gone;
        if (r->clocks.phase == BR_PHASE_SEND)
            br_clocks_touch(&r->clocks, br_http_now());
    }
    if (r->clocks.phase == BR_PHASE_SEND && (size_t)r->sent >= r->body_size)
        enter(r, BR_PHASE_WAIT);
    return 0;
}

static int on_socket(CURL *easy, curl_socket_t s, int what, void *context, void *unused) {
    struct br_http *h = context;
    int events = 0;
    (void)easy, (void)unused;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= BR_POLL_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= BR_POLL_WRITE;
    return br_pollset_set(&h->sockets, s, events);
}

static int on_timer(CURLM *multi, long milliseconds, void *context) {
    struct br_http *h = context;
    (void)multi;
    h->timer = milliseconds < 0 ? HUGE_VAL : br_http_now() + (double)milliseconds / 1000;
    return 0;
}

/* ---- how a request ends ---- */

/* The connection went away. Where it did decides what that means. */
static void explain_break(struct br_http_request *r, long os_error) {
    int reset = os_error == ECONNRESET || os_error == EPIPE || strstr(r->reason, "onnection reset") != NULL;
    if (r->head_done && reset)
        fail(r, BR_HTTP_BODY_RESET, "the connection was reset in the middle of the answer");
    else if (r->head_done)
        fail(r, BR_HTTP_CUT, "the answer broke off: %s",
             r->reason[0] != 0 ? r->reason : "the connection was closed");
    else if (r->answered)
        fail(r, reset ? BR_HTTP_RESET : BR_HTTP_CLOSED,
             "the connection was %s in the middle of the answer's headers", reset ? "reset" : "closed");
    else
        fail(r, reset ? BR_HTTP_RESET : BR_HTTP_CLOSED, "the server %s the connection before it answered",
             reset ? "reset" : "closed");
}

/* libcurl's reason may hold the proxy's URL and with it a password. */
static void explain_proxy_name(struct br_http_request *r) {
    if (strstr(r->reason, "resolve") != NULL)
        fail(r, BR_HTTP_PROXY, "could not resolve the name of the proxy");
    else
        fail(r, BR_HTTP_PROXY, "the proxy setting is not a URL of a known kind");
}

static void explain_connect(struct br_http_request *r, long os_error) {
    const char *why = os_error != 0 ? strerror((int)os_error) : "no answer";
    if (strstr(r->reason, "Unsupported proxy") != NULL)
        explain_proxy_name(r);
    else if (strstr(r->reason, " connect to ") != NULL && strstr(r->reason, r->origin) == NULL)
        fail(r, BR_HTTP_PROXY, "could not connect to the proxy: %s", why);
    else
        fail(r, BR_HTTP_CONNECT, "could not connect to %s: %s", r->origin, why);
}

static void explain_tls(struct br_http_request *r, CURLcode result) {
    const char *why = r->reason[0] != 0 ? r->reason : curl_easy_strerror(result);
    if (result == CURLE_SSL_CONNECT_ERROR &&
        (strstr(why, "reset by peer") != NULL || strstr(why, "SSL_ERROR_SYSCALL") != NULL ||
         strstr(why, "unexpected eof") != NULL))
        fail(r, strstr(why, "reset by peer") != NULL ? BR_HTTP_RESET : BR_HTTP_CLOSED,
             "the server gave up the connection during the TLS handshake");
    else
        fail(r, BR_HTTP_TLS, "no trusted connection to %s: %s", r->origin, why);
}

static int explain_proxy(struct br_http_request *r) {
    long status = 0;
    curl_easy_getinfo(r->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (r->connected)
        return 0;
    if (status >= 300)
        fail(r, BR_HTTP_PROXY, "the proxy refused the tunnel with HTTP %ld", status);
    else if (strstr(r->reason, "roxy") != NULL)
        fail(r, BR_HTTP_PROXY, "the proxy failed: %s", r->reason);
    else
        return 0;
    return 1;
}

static void explain_write(struct br_http_request *r) {
    if (r->head_too_large)
        fail(r, BR_HTTP_LIMIT, "the answer's headers are larger than %lu bytes", (unsigned long)r->max_head);
    else
        fail(r, BR_HTTP_MEMORY, "out of memory");
}

static void explain(struct br_http_request *r, CURLcode result) {
    long os_error = 0;
    curl_easy_getinfo(r->easy, CURLINFO_OS_ERRNO, &os_error);
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        fail(r, BR_HTTP_DNS, "could not resolve the name of %s", r->origin);
        return;
    case CURLE_COULDNT_RESOLVE_PROXY:
        explain_proxy_name(r);
        return;
    case CURLE_COULDNT_CONNECT:
        explain_connect(r, os_error);
        return;
    case CURLE_PROXY:
        fail(r, BR_HTTP_PROXY, "the proxy failed: %s", r->reason);
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
        r->error.clock = BR_CLOCK_CONNECT;
        fail(r, BR_HTTP_TIMEOUT, "connecting took longer than %g seconds (connect clock)",
             r->clocks.limit[BR_CLOCK_CONNECT]);
        return;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        r->head_too_large = strstr(r->reason, "Too large response headers") != NULL;
        if (r->head_too_large)
            explain_write(r);
        else if (!explain_proxy(r))
            explain_break(r, os_error);
        return;
    case CURLE_PARTIAL_FILE:
        explain_break(r, 0);
        return;
    case CURLE_WRITE_ERROR:
        explain_write(r);
        return;
    case CURLE_OUT_OF_MEMORY: /* also what libcurl calls a header line longer than its own limit */
        r->head_too_large = r->answered && !r->head_done;
        explain_write(r);
        return;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        fail(r, BR_HTTP_PROTOCOL, "the answer is not valid HTTP: %s", r->reason);
        return;
    case CURLE_UNSUPPORTED_PROTOCOL:
        fail(r, r->connected ? BR_HTTP_PROTOCOL : BR_HTTP_REQUEST, "%s",
             r->connected ? "what came is not an HTTP answer" : "only http and https URLs can be requested");
        r->answered |= r->connected;
        return;
    case CURLE_URL_MALFORMAT:
        fail(r, BR_HTTP_REQUEST, "this is not a URL that can be requested");
        return;
    default:
        fail(r, BR_HTTP_OTHER, "%s", r->reason[0] != 0 ? r->reason : curl_easy_strerror(result));
    }
}

/* Takes the request from its engine. libcurl closes the connection here unless the answer was complete. */
static void detach(struct br_http_request *r) {
    long request_bytes = 0;
    if (r->engine == NULL)
        return;
    curl_easy_getinfo(r->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    r->error.sent = r->connected && request_bytes > 0;
    r->error.answered = r->answered;
    r->error.reused = r->reused;
    (void)curl_multi_remove_handle(r->engine->multi, r->easy);
    curl_easy_cleanup(r->easy);
    r->easy = NULL;
    br_alarms_remove(&r->engine->alarms, &r->alarm);
    link_remove(&r->running);
    r->ended = 1;
    tell(r);
    r->engine = NULL;
}

static void finish(struct br_http_request *r, CURLcode result) {
    if (r->replaced)
        fail(r, BR_HTTP_CLOSED, "the server closed a connection from the pool before it answered");
    else if (result != CURLE_OK)
        explain(r, result);
    else if (!r->head_done)
        explain_break(r, 0);
    detach(r);
}

static void time_out(struct br_http_request *r, enum br_clock clock) {
    static const char *const said[BR_CLOCK_COUNT] = {
        "connecting took longer than %g seconds (connect clock)",
        "no answer within %g seconds of sending the request (first_byte clock)",
        "no byte moved for %g seconds (idle clock)",
        "the request took longer than %g seconds (total clock)",
    };
    r->error.clock = clock;
    r->error.fault = BR_HTTP_TIMEOUT;
    snprintf(r->error.message, sizeof r->error.message, said[clock], r->clocks.limit[clock]);
    detach(r);
}

/* ---- the engine ---- */

int br_http_init(struct br_http *h, const struct br_http_limits *limits) {
    link_init(&h->running);
    link_init(&h->ready);
    br_alarms_init(&h->alarms);
    h->timer = HUGE_VAL;
    h->last_id = 0;
    h->process = getpid();
    h->multi = NULL;
    if (br_pollset_init(&h->sockets) != 0)
        return -1;
    h->multi = curl_multi_init();
    if (h->multi == NULL) {
        br_pollset_clear(&h->sockets);
        return -1;
    }
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limits->connections);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, limits->pool);
    h->pool_age = limits->pool_age;
    return 0;
}

/* In a fork the sockets are the parent's: closing them properly would end its TLS sessions, so they are left
 * alone. */
static int is_foreign(const struct br_http *h) {
    return h->process != getpid();
}

static void forget(struct br_http_request *r) {
    r->easy = NULL;
    r->alarm.place = 0;
    link_remove(&r->running);
    link_remove(&r->ready);
    r->engine = NULL;
    r->ended = 1;
}

void br_http_clear(struct br_http *h) {
    int foreign = is_foreign(h);
    if (h->multi == NULL)
        return;
    while (h->running.next != &h->running) {
        struct br_http_request *r = REQUEST_OF(h->running.next, running);
        fail(r, BR_HTTP_CANCELLED, "the transport was closed");
        if (foreign)
            forget(r);
        else
            detach(r);
    }
    while (h->ready.next != &h->ready)
        link_remove(h->ready.next);
    if (!foreign)
        curl_multi_cleanup(h->multi);
    h->multi = NULL;
    h->timer = HUGE_VAL;
    br_alarms_clear(&h->alarms);
    br_pollset_clear(&h->sockets);
}

static int mask_of(int events) {
    return (events & BR_POLL_READ ? CURL_CSELECT_IN : 0) | (events & BR_POLL_WRITE ? CURL_CSELECT_OUT : 0) |
           (events & BR_POLL_ERROR ? CURL_CSELECT_ERR : 0);
}

static void collect(struct br_http *h) {
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
        char *r = NULL;
        CURLcode result = m->data.result;
        if (m->msg == CURLMSG_DONE && curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &r) == CURLE_OK)
            finish((struct br_http_request *)(void *)r, result);
    }
}

/* Sockets come first: a byte that lies there already is not late. */
static void expire(struct br_http *h) {
    struct br_alarm *a;
    double now = br_http_now();
    while ((a = br_alarms_first(&h->alarms)) != NULL && a->at <= now) {
        struct br_http_request *r = REQUEST_OF(a, alarm);
        enum br_clock which;
        if (br_clocks_deadline(&r->clocks, &which) <= now)
            time_out(r, which);
        else
            reschedule(r);
    }
}

void br_http_perform(struct br_http *h, int most) {
    struct br_pollset_event ready[64];
    int i, n, running;
    if (h->multi == NULL || is_foreign(h))
        return;
    n = br_pollset_wait(&h->sockets, ready, most < 64 ? most : 64, 0);
    for (i = 0; i < n; i++)
        (void)curl_multi_socket_action(h->multi, ready[i].fd, mask_of(ready[i].events), &running);
    if (h->timer <= br_http_now()) {
        h->timer = HUGE_VAL;
        (void)curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    collect(h);
    expire(h);
}

double br_http_deadline(const struct br_http *h) {
    const struct br_alarm *a = br_alarms_first(&h->alarms);
    double at = a != NULL && a->at < h->timer ? a->at : h->timer;
    double left = at - br_http_now();
    return left > 0 ? left : 0;
}

void br_http_wait(struct br_http *h, double seconds) {
    struct br_pollset_event one;
    double left = br_http_deadline(h);
    if (left < seconds)
        seconds = left;
    if (h->multi != NULL && seconds > 0)
        (void)br_pollset_wait(&h->sockets, &one, 1, seconds < 3600 ? (int)ceil(seconds * 1000) : 3600 * 1000);
}

struct br_http_request *br_http_next_ready(struct br_http *h) {
    struct br_http_link *l = h->ready.next;
    if (l == &h->ready)
        return NULL;
    link_remove(l);
    return REQUEST_OF(l, ready);
}

/* ---- a request ---- */

void br_http_request_init(struct br_http_request *r) {
    memset(r, 0, sizeof *r);
    link_init(&r->running);
    link_init(&r->ready);
}

static enum br_http_fault add_line(struct br_http_request *r, struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL)
        return fail(r, BR_HTTP_MEMORY, "out of memory");
    *list = longer;
    return BR_HTTP_OK;
}

static int is_token(const char *s, size_t n) {
    size_t i;
    for (i = 0; i < n; i++)
        if (!isalnum((unsigned char)s[i]) && strchr("!#$%&'*+-.^_`|~", s[i]) == NULL)
            return 0;
    return n > 0 && memchr(s, 0, n) == NULL;
}

static int breaks_line(const char *s, size_t n) {
    return memchr(s, '\r', n) != NULL || memchr(s, '\n', n) != NULL || memchr(s, 0, n) != NULL;
}

enum br_http_fault br_http_request_header(struct br_http_request *r, const char *name, size_t name_size,
                                          const char *value, size_t value_size) {
    enum br_http_fault fault;
    char *line;
    if (!is_token(name, name_size))
        return fail(r, BR_HTTP_REQUEST,
                    "the name of a header is empty or holds a character that is not allowed there");
    if (breaks_line(value, value_size))
        return fail(r, BR_HTTP_REQUEST, "the value of header \"%.*s\" holds a line break or a zero byte",
                    (int)name_size, name);
    line = malloc(name_size + value_size + 3);
    if (line == NULL)
        return fail(r, BR_HTTP_MEMORY, "out of memory");
    /* "name;" is libcurl's way to write a header without a value. */
    if (value_size == 0)
        sprintf(line, "%.*s;", (int)name_size, name);
    else
        sprintf(line, "%.*s: %.*s", (int)name_size, name, (int)value_size, value);
    fault = add_line(r, &r->lines, line);
    free(line);
    return fault;
}

enum br_http_fault br_http_request_connect_to(struct br_http_request *r, const char *rule) {
    return add_line(r, &r->connect_to, rule);
}

static int has_header(const struct br_http_request *r, const char *name) {
    const struct curl_slist *l;
    size_t n = strlen(name);
    for (l = r->lines; l != NULL; l = l->next)
        if (strncasecmp(l->data, name, n) == 0 && (l->data[n] == ':' || l->data[n] == ';'))
            return 1;
    return 0;
}

/* What libcurl would add by itself is either ours or not sent at all: "Name:" takes it away. */
static enum br_http_fault own_headers(struct br_http_request *r) {
    static const struct {
        const char *name, *line;
    } rows[] = {
        {"Accept-Encoding", "Accept-Encoding: identity"},
        {"Accept", "Accept:"},
        {"Content-Type", "Content-Type:"},
        {"Expect", "Expect:"},
        {"User-Agent", "User-Agent:"},
    };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!has_header(r, rows[i].name) && add_line(r, &r->lines, rows[i].line) != BR_HTTP_OK)
            return BR_HTTP_MEMORY;
    return BR_HTTP_OK;
}

/* The parts of a URL that matter here, borrowed from it: scheme://authority, authority = host[:port]. */
struct origin {
    const char *authority, *host;
    size_t authority_size, host_size;
    int https;
    unsigned long port;
};

static int is_plain(const char *url) {
    for (; *url != 0; url++)
        if ((unsigned char)*url <= ' ' || (unsigned char)*url >= 0x7f)
            return 0;
    return 1;
}

static int split_url(const char *url, struct origin *o) {
    const char *colon;
    o->https = strncasecmp(url, "https://", 8) == 0;
    if (!is_plain(url) || (!o->https && strncasecmp(url, "http://", 7) != 0))
        return -1;
    o->authority = url + (o->https ? 8 : 7);
    o->authority_size = strcspn(o->authority, "/?#");
    if (o->authority_size == 0 || memchr(o->authority, '@', o->authority_size) != NULL)
        return -1;
    o->host = o->authority;
    o->host_size = o->authority_size;
    o->port = o->https ? 443 : 80;
    colon = memchr(o->authority, ']', o->authority_size);
    if (colon == NULL)
        colon = o->authority;
    colon = memchr(colon, ':', o->authority_size - (size_t)(colon - o->authority));
    if (colon != NULL) {
        o->host_size = (size_t)(colon - o->authority);
        o->port = strtoul(colon + 1, NULL, 10);
    }
    if (o->host[0] == '[' && o->host_size > 2) {
        o->host++;
        o->host_size -= 2;
    }
    return 0;
}

static int remember_origin(struct br_http_request *r, const struct origin *o) {
    size_t room = o->host_size + 32;
    r->origin = malloc(room);
    if (r->origin == NULL)
        return -1;
    snprintf(r->origin, room, "%.*s port %lu", (int)o->host_size, o->host, o->port);
    return 0;
}

/* The Host header is the URL's authority as it stands, because that is what was signed. */
static enum br_http_fault own_host(struct br_http_request *r, const struct origin *o) {
    if (has_header(r, "Host"))
        return BR_HTTP_OK;
    return br_http_request_header(r, "Host", 4, o->authority, o->authority_size);
}

/* Collects the results of curl_easy_setopt, so that a row of options is checked once. */
#define SET(option, value) (failed |= curl_easy_setopt(r->easy, option, value) != CURLE_OK)

static int set_method(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    int always_body =
        strcmp(o->method, "POST") == 0 || strcmp(o->method, "PUT") == 0 || strcmp(o->method, "PATCH") == 0;
    if (o->body != NULL || always_body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)o->body_size);
        SET(CURLOPT_POSTFIELDS, o->body != NULL ? o->body : "");
    } else if (strcmp(o->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, o->method);
    /* Large bodies go out in larger pieces than 64 KiB. */
    if (o->body_size > 512 * 1024)
        SET(CURLOPT_UPLOAD_BUFFERSIZE, 512L * 1024);
    return failed;
}

static int set_callbacks(struct br_http_request *r) {
    int failed = 0;
    SET(CURLOPT_PRIVATE, r);
    SET(CURLOPT_ERRORBUFFER, r->reason);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, r);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, r);
    SET(CURLOPT_PREREQFUNCTION, on_connected);
    SET(CURLOPT_PREREQDATA, r);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, r);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, r);
    SET(CURLOPT_NOPROGRESS, 0L);
    return failed;
}

/* The URL goes out as it is; nothing is followed, remembered or read from files. */
static int set_request(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    SET(CURLOPT_URL, o->url);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    SET(CURLOPT_HTTP_VERSION, o->http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTPHEADER, r->lines);
    return failed;
}

static int set_connection(struct br_http_request *r, const struct br_http_options *o) {
    double connect = o->clocks[BR_CLOCK_CONNECT];
    int failed = 0;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, 30L);
    SET(CURLOPT_TCP_KEEPINTVL, 30L);
    SET(CURLOPT_MAXAGE_CONN, r->engine->pool_age);
    SET(CURLOPT_CONNECT_TO, r->connect_to);
    /* Our own clock ends it; libcurl has to know the time to share it out among a name's addresses. */
    SET(CURLOPT_CONNECTTIMEOUT_MS,
        connect > 0 && connect < 86400 ? (long)(connect * 1000) + 1 : 86400L * 1000);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name that takes for ever to resolve must not hold up who cancels it. */
    SET(CURLOPT_QUICK_EXIT, 1L);
#endif
    return failed;
}

static int set_proxy(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (o->proxy != NULL)
        SET(CURLOPT_PROXY, o->proxy);
    if (o->no_proxy != NULL)
        SET(CURLOPT_NOPROXY, o->no_proxy);
    return failed;
}

static int is_directory(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static int set_ca_text(struct br_http_request *r, const struct br_http_options *o) {
    struct curl_blob blob = {NULL, o->ca_bundle_size, CURL_BLOB_COPY};
    char *copy = malloc(o->ca_bundle_size);
    int failed = copy == NULL;
    if (copy == NULL)
        return failed;
    memcpy(copy, o->ca_bundle, o->ca_bundle_size);
    blob.data = copy;
    SET(CURLOPT_CAINFO_BLOB, &blob);
    SET(CURLOPT_PROXY_CAINFO_BLOB, &blob);
    free(copy);
    return failed;
}

/* A bundle of one's own replaces the system's, file and directory. */
static int set_ca(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    int text = strstr(o->ca_bundle, "-----BEGIN") != NULL;
    int directory = !text && is_directory(o->ca_bundle);
    SET(CURLOPT_CAPATH, directory ? o->ca_bundle : NULL);
    SET(CURLOPT_PROXY_CAPATH, directory ? o->ca_bundle : NULL);
    if (text)
        return failed | set_ca_text(r, o);
    SET(CURLOPT_CAINFO, directory ? NULL : o->ca_bundle);
    SET(CURLOPT_PROXY_CAINFO, directory ? NULL : o->ca_bundle);
    return failed;
}

static int set_tls(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    SET(CURLOPT_SSL_VERIFYPEER, o->insecure ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, o->insecure ? 0L : 2L);
    SET(CURLOPT_PROXY_SSL_VERIFYPEER, o->insecure ? 0L : 1L);
    SET(CURLOPT_PROXY_SSL_VERIFYHOST, o->insecure ? 0L : 2L);
    return o->ca_bundle != NULL ? failed | set_ca(r, o) : failed;
}

static int set_all(struct br_http_request *r, const struct br_http_options *o) {
    return set_method(r, o) | set_callbacks(r) | set_request(r, o) | set_connection(r, o) | set_proxy(r, o) |
           set_tls(r, o);
}

static void admit(struct br_http *h, struct br_http_request *r, const struct br_http_options *o) {
    r->id = ++h->last_id;
    r->body_size = o->body_size;
    r->max_head = o->max_head;
    r->max_body = o->max_body;
    memcpy(r->clocks.limit, o->clocks, sizeof r->clocks.limit);
    br_clocks_start(&r->clocks, br_http_now());
    r->engine = h;
    link_append(&h->running, &r->running);
}

enum br_http_fault br_http_request_start(struct br_http *h, struct br_http_request *r,
                                         const struct br_http_options *o) {
    struct origin origin;
    enum br_clock which;
    if (h->multi == NULL || is_foreign(h))
        return fail(r, BR_HTTP_CANCELLED,
                    "the transport is closed or belongs to the process that this one was forked from");
    if (!is_token(o->method, strlen(o->method)))
        return fail(r, BR_HTTP_REQUEST, "the method is not a word of HTTP");
    if (split_url(o->url, &origin) != 0)
        return fail(r, BR_HTTP_REQUEST, "this is not an http or https URL that can be requested");
    if (own_host(r, &origin) != BR_HTTP_OK || own_headers(r) != BR_HTTP_OK ||
        remember_origin(r, &origin) != 0 || (r->easy = curl_easy_init()) == NULL)
        return fail(r, BR_HTTP_MEMORY, "out of memory");
    admit(h, r, o);
    if (br_alarms_set(&h->alarms, &r->alarm, br_clocks_deadline(&r->clocks, &which)) != 0 || set_all(r, o) ||
        curl_multi_add_handle(h->multi, r->easy) != CURLM_OK) {
        fail(r, BR_HTTP_OTHER, "libcurl refuses one of the request's settings, or there is no memory");
        detach(r);
    }
    return r->error.fault;
}

static void drop_bytes(struct br_http_request *r) {
    fifo_clear(&r->body);
    fifo_clear(&r->plain);
    if (r->inflate != NULL)
        inflateEnd(r->inflate);
    free(r->inflate);
    r->inflate = NULL;
    r->inflating = 0;
}

void br_http_request_cancel(struct br_http_request *r) {
    if (r->error.fault == BR_HTTP_OK)
        fail(r, BR_HTTP_CANCELLED, "the request was cancelled");
    if (r->engine != NULL && is_foreign(r->engine))
        forget(r);
    else
        detach(r);
    drop_bytes(r);
}

void br_http_request_clear(struct br_http_request *r) {
    br_http_request_cancel(r);
    link_remove(&r->ready);
    fifo_clear(&r->head);
    curl_slist_free_all(r->lines);
    curl_slist_free_all(r->connect_to);
    free(r->origin);
    r->lines = r->connect_to = NULL;
    r->origin = NULL;
}

enum br_http_state br_http_request_head(struct br_http_request *r) {
    if (r->head_done && r->error.fault != BR_HTTP_CANCELLED)
        return BR_HTTP_DATA;
    if (r->ended || r->engine == NULL)
        return BR_HTTP_FAILED;
    r->wanted = 1;
    return BR_HTTP_WAIT;
}

/* ---- gzip, inflated only as fast as it is read: a bomb costs no more than what its reader asks for ---- */

static int begin_inflate(struct br_http_request *r) {
    if (r->inflating)
        return 0;
    r->inflate = calloc(1, sizeof(z_stream));
    if (r->inflate == NULL || inflateInit2(r->inflate, 15 + 16) != Z_OK) {
        fail(r, BR_HTTP_MEMORY, "out of memory");
        return -1;
    }
    r->inflating = 1;
    return 0;
}

static void flow(struct br_http_request *r);

/* One chunk from the bytes that came. A gzip body may be several members one after the other. */
static int inflate_some(struct br_http_request *r) {
    z_stream *z = r->inflate;
    char *room = fifo_reserve(&r->plain, CHUNK);
    int result;
    if (room == NULL) {
        fail(r, BR_HTTP_MEMORY, "out of memory");
        return -1;
    }
    if (r->inflated)
        (void)inflateReset(z);
    r->inflated = 0;
    z->next_in = (Bytef *)(void *)(r->body.bytes + r->body.start);
    z->avail_in = (uInt)r->body.count;
    z->next_out = (Bytef *)(void *)room;
    z->avail_out = CHUNK;
    result = inflate(z, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        fail(r, BR_HTTP_PROTOCOL, "the answer's gzip encoding is damaged");
        return -1;
    }
    fifo_drop(&r->body, r->body.count - z->avail_in);
    r->plain.count += CHUNK - z->avail_out;
    r->inflated = result == Z_STREAM_END;
    return result == Z_BUF_ERROR;
}

/* Inflates until there is something to read or nothing left to inflate. */
static enum br_http_state inflate_next(struct br_http_request *r) {
    int stuck = 0;
    if (begin_inflate(r) != 0)
        return BR_HTTP_FAILED;
    while (r->plain.count == 0 && !stuck && (r->body.count > 0 || !r->inflated)) {
        stuck = inflate_some(r);
        if (stuck < 0) {
            detach(r);
            return BR_HTTP_FAILED;
        }
        flow(r);
    }
    return r->plain.count > 0 ? BR_HTTP_DATA : BR_HTTP_WAIT;
}

/* ---- reading ---- */

/* Lets a paused connection go on when half of the room is free again. libcurl may call on_body from here. */
static void flow(struct br_http_request *r) {
    if (!r->paused || r->engine == NULL || r->body.count > r->max_body / 2)
        return;
    r->paused = 0;
    enter(r, BR_PHASE_READ);
    (void)curl_easy_pause(r->easy, CURLPAUSE_CONT);
}

static enum br_http_state at_end(struct br_http_request *r) {
    if (!r->ended && r->engine != NULL) {
        r->wanted = 1;
        return BR_HTTP_WAIT;
    }
    if (r->error.fault == BR_HTTP_OK && r->inflating && !r->inflated)
        fail(r, BR_HTTP_CUT, "the answer broke off inside its gzip encoding");
    return r->error.fault == BR_HTTP_OK ? BR_HTTP_END : BR_HTTP_FAILED;
}

enum br_http_state br_http_request_peek(struct br_http_request *r, const char **bytes, size_t *count) {
    struct br_http_fifo *f = r->gzip ? &r->plain : &r->body;
    if (r->gzip && r->plain.count == 0 && (r->body.count > 0 || r->inflating) &&
        inflate_next(r) == BR_HTTP_FAILED)
        return BR_HTTP_FAILED;
    *bytes = f->bytes + f->start;
    *count = f->count;
    return f->count > 0 ? BR_HTTP_DATA : at_end(r);
}

void br_http_request_consume(struct br_http_request *r, size_t count) {
    fifo_drop(r->gzip ? &r->plain : &r->body, count);
    flow(r);
}

size_t br_http_request_buffered(const struct br_http_request *r) {
    return r->body.count + r->plain.count;
}

/* ---- the head ---- */

static void trim(const char **s, size_t *n) {
    while (*n > 0 && isspace((unsigned char)**s))
        (*s)++, (*n)--;
    while (*n > 0 && isspace((unsigned char)(*s)[*n - 1]))
        (*n)--;
}

static void split_field(const char *line, size_t n, struct br_http_field *f) {
    const char *colon = memchr(line, ':', n);
    size_t name = colon != NULL ? (size_t)(colon - line) : 0;
    f->name = line;
    f->name_size = name;
    f->value = colon != NULL ? colon + 1 : line;
    f->value_size = colon != NULL ? n - name - 1 : n;
    trim(&f->name, &f->name_size);
    trim(&f->value, &f->value_size);
}

/* Where the field that starts here ends: lines that begin with white space go on with it. */
static size_t end_of_field(const char *text, size_t at, size_t n) {
    do {
        const char *feed = memchr(text + at, '\n', n - at);
        at = feed != NULL ? (size_t)(feed - text) + 1 : n;
    } while (at < n && (text[at] == ' ' || text[at] == '\t'));
    return at;
}

int br_http_request_next_field(const struct br_http_request *r, size_t *at, struct br_http_field *f) {
    const char *text = r->head.bytes + r->head.start;
    while (*at < r->head.count) {
        size_t start = *at;
        *at = end_of_field(text, start, r->head.count);
        split_field(text + start, *at - start, f);
        if (f->name_size == 0 ||
            (r->gzip && (is_named(f, "content-encoding") || is_named(f, "content-length"))))
            continue;
        return 1;
    }
    return 0;
}
