#include "http_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if LIBCURL_VERSION_NUM < 0x075500
#error "libcurl 7.85 or later is needed"
#endif

/* libcurl hands over pieces of 16 KiB, or what it kept of some during a pause: room for that above the limit.
 */
enum { SLACK = 1024 * 1024 };

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

/* Whoever asked in vain is told once. Who waits for one request alone never takes from the list, so the
 * request may be in it still. */
static void tell(struct br_http_request *r) {
    if (!r->wanted || r->engine == NULL)
        return;
    r->wanted = 0;
    link_remove(&r->ready);
    link_append(&r->engine->ready, &r->ready);
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

/* Bytes moved. It was just now, as far as the clocks are concerned: when this round of work began. */
static void touch(struct br_http_request *r) {
    br_clocks_touch(&r->clocks, r->engine->now);
}

/* ---- what libcurl calls: note and return ---- */

static size_t on_body(char *bytes, size_t size, size_t n, void *context) {
    struct br_http_request *r = context;
    n *= size;
    if (r->body.len >= r->max_body) {
        r->paused = 1;
        enter(r, BR_PHASE_PAUSE);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (br_buf_append(&r->body, bytes, n) != BR_BUF_OK)
        return 0;
    touch(r);
    tell(r);
    return n;
}

/* Answers how much was taken; less than all of it ends the transfer. */
static size_t on_header(char *line, size_t size, size_t n, void *context) {
    struct br_http_request *r = context;
    n *= size;
    r->answered = 1;
    touch(r);
    switch (br_head_add(&r->head, line, n)) {
    case BR_HEAD_BEGUN:
        enter(r, BR_PHASE_READ);
        return n;
    case BR_HEAD_COMPLETE:
        r->gzip = (unsigned)br_head_is_gzip(&r->head);
        tell(r);
        return n;
    case BR_HEAD_LIMIT:
        r->head_too_large = 1;
        return 0;
    case BR_HEAD_MEMORY:
        return 0;
    default:
        return n;
    }
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
    r->no_socket = s < 0 ? errno : 0;
    if (s < 0)
        return s;
    (void)fcntl(s, F_SETFD, FD_CLOEXEC);
    br_pool_opened(&r->engine->pool, s, r->leads_to, r);
    return r->socket = s;
}

/* libcurl may close a connection long after the request that opened it. */
static int on_close(void *context, curl_socket_t s) {
    struct br_http *h = context;
    br_pool_closed(&h->pool, s);
    return close(s);
}

/* libcurl reports progress after every step, so this sees each byte that left. */
static int on_progress(void *context, curl_off_t to_come, curl_off_t came, curl_off_t to_go,
                       curl_off_t gone) {
    struct br_http_request *r = context;
    (void)to_come, (void)came, (void)to_go;
    if (gone != r->sent) {
        r->sent = gone;
        if (r->clocks.phase == BR_PHASE_SEND)
            touch(r);
    }
    if (r->clocks.phase == BR_PHASE_SEND && (size_t)r->sent >= r->body_size)
        enter(r, BR_PHASE_WAIT);
    return 0;
}

/* Which of the pool's connections a request has been given. */
static void note_socket(struct br_http *h, CURL *easy, curl_socket_t s) {
    char *private = NULL;
    struct br_http_request *r;
    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private) != CURLE_OK || private == NULL)
        return;
    r = (struct br_http_request *)(void *)private;
    if (r->socket != s)
        br_pool_used(&h->pool, r->socket = s, r);
}

static int on_socket(CURL *easy, curl_socket_t s, int what, void *context, void *unused) {
    struct br_http *h = context;
    int events = 0;
    (void)unused;
    if (what != CURL_POLL_REMOVE)
        note_socket(h, easy, s);
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

#define SET(option, value) (failed |= curl_easy_setopt(r->easy, option, value) != CURLE_OK)

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
    SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
    SET(CURLOPT_CLOSESOCKETDATA, r->engine);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, r);
    SET(CURLOPT_NOPROGRESS, 0L);
    return failed;
}

#undef SET

/* ---- how a request ends ---- */

/* As soon as nobody will read them: a collector that sees only the small request would let them pile up. */
static void drop_bytes(struct br_http_request *r) {
    br_buf_clear(&r->body);
    br_buf_clear(&r->plain);
    br_gunzip_clear(&r->gunzip);
}

/* One of them may hold a token, or a key. */
static void drop_lines(struct br_http_request *r) {
    struct curl_slist *l;
    for (l = r->lines; l != NULL; l = l->next)
        OPENSSL_cleanse(l->data, strlen(l->data));
    curl_slist_free_all(r->lines);
    curl_slist_free_all(r->connect_to);
    r->lines = r->connect_to = NULL;
}

/* Takes the request from its engine. libcurl closes the connection here unless the answer was complete. */
static void detach(struct br_http_request *r) {
    long request_bytes = 0;
    if (r->engine == NULL)
        return;
    if (r->easy != NULL)
        curl_easy_getinfo(r->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    r->error.sent = r->connected && request_bytes > 0;
    r->error.answered = r->answered;
    r->error.reused = r->reused;
    if (r->easy != NULL) {
        (void)curl_multi_remove_handle(r->engine->multi, r->easy);
        curl_easy_cleanup(r->easy);
        r->easy = NULL;
        drop_lines(r);
    }
    br_pool_ended(&r->engine->pool, r, br_http_now());
    br_alarms_remove(&r->engine->alarms, &r->alarm);
    link_remove(&r->running);
    r->ended = 1;
    tell(r);
    r->engine = NULL;
}

static void finish(struct br_http_request *r, CURLcode result) {
    if (r->replaced)
        br_http_fail(r, BR_HTTP_CLOSED, "the server closed a connection from the pool before it answered");
    else if (result != CURLE_OK || !r->head.complete)
        br_http_explain(r, result);
    detach(r);
}

static void time_out(struct br_http_request *r, enum br_clock clock) {
    br_http_explain_clock(r, clock);
    detach(r);
}

/* ---- how a request begins ---- */

/* Gives the request to libcurl, unless connections that it could get have yet to show that they live; then it
 * looks again soon. */
static void release(struct br_http_request *r) {
    enum br_clock which;
    double deadline = br_clocks_deadline(&r->clocks, &which);
    double again = br_pool_settle(&r->engine->pool, r->leads_to, br_http_now());
    r->held = again != 0;
    if (br_alarms_set(&r->engine->alarms, &r->alarm, r->held && again < deadline ? again : deadline) == 0 &&
        (r->held || curl_multi_add_handle(r->engine->multi, r->easy) == CURLM_OK))
        return;
    br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
    detach(r);
}

/* ---- the engine ---- */

int br_http_init(struct br_http *h, const struct br_http_limits *limits) {
    link_init(&h->running);
    link_init(&h->ready);
    br_alarms_init(&h->alarms);
    h->timer = HUGE_VAL;
    h->last_id = 0;
    h->found_at = h->found_count = 0;
    h->process = getpid();
    h->multi = NULL;
    br_pool_init(&h->pool);
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
        br_http_fail(r, BR_HTTP_CANCELLED, "the transport was closed");
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
    br_pool_clear(&h->pool);
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
        else if (r->held)
            release(r);
        else
            reschedule(r);
    }
}

/* Looks for sockets that are ready. One that was found earlier and is gone by now does no harm: libcurl knows
 * its sockets. */
static void look(struct br_http *h, int milliseconds) {
    h->found_at = 0;
    h->found_count = br_pollset_wait(&h->sockets, h->found, BR_HTTP_FOUND, milliseconds);
}

/* The next socket to work on; NULL when none is left. */
static const struct br_pollset_event *next_found(struct br_http *h) {
    return h->found_at < h->found_count ? &h->found[h->found_at++] : NULL;
}

/* libcurl had no memory to go on, and does not say with what: perhaps a socket is not watched now, and
 * whoever waits for it would wait until a clock runs out. */
static void give_up(struct br_http *h) {
    while (h->running.next != &h->running) {
        struct br_http_request *r = REQUEST_OF(h->running.next, running);
        br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
        detach(r);
    }
}

static int act(struct br_http *h, curl_socket_t s, int mask) {
    int running;
    CURLMcode code = curl_multi_socket_action(h->multi, s, mask, &running);
    return code == CURLM_OUT_OF_MEMORY || code == CURLM_ABORTED_BY_CALLBACK;
}

void br_http_perform(struct br_http *h, int most) {
    const struct br_pollset_event *e;
    int stuck = 0;
    if (h->multi == NULL || is_foreign(h))
        return;
    h->now = br_http_now();
    if (h->found_at == h->found_count)
        look(h, 0);
    while (most-- > 0 && (e = next_found(h)) != NULL)
        stuck |= act(h, e->fd, mask_of(e->events));
    if (h->timer <= br_http_now()) {
        h->timer = HUGE_VAL;
        stuck |= act(h, CURL_SOCKET_TIMEOUT, 0);
    }
    collect(h);
    if (stuck)
        give_up(h);
    expire(h);
}

double br_http_deadline(const struct br_http *h) {
    const struct br_alarm *a = br_alarms_first(&h->alarms);
    double at = a != NULL && a->at < h->timer ? a->at : h->timer;
    double left = at - br_http_now();
    return left > 0 ? left : 0;
}

void br_http_wait(struct br_http *h, double seconds) {
    double left = br_http_deadline(h);
    if (left < seconds)
        seconds = left;
    if (h->multi != NULL && seconds > 0 && h->found_at == h->found_count)
        look(h, seconds < 3600 ? (int)ceil(seconds * 1000) : 3600 * 1000);
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
    r->socket = CURL_SOCKET_BAD;
    link_init(&r->running);
    link_init(&r->ready);
}

static void admit(struct br_http *h, struct br_http_request *r, const struct br_http_options *o) {
    r->id = ++h->last_id;
    r->body_size = o->body_size;
    r->max_body = o->max_body;
    br_head_init(&r->head, o->max_head);
    r->head.most = o->max_head_lines;
    br_buf_init(&r->body, o->max_body + SLACK);
    br_buf_init(&r->plain, SLACK);
    r->body.secret = r->plain.secret = o->secret;
    memcpy(r->clocks.limit, o->clocks, sizeof r->clocks.limit);
    br_clocks_start(&r->clocks, br_http_now());
    r->engine = h;
    link_append(&h->running, &r->running);
}

enum br_http_fault br_http_request_start(struct br_http *h, struct br_http_request *r,
                                         const struct br_http_options *o) {
    if (h->multi == NULL || is_foreign(h))
        return br_http_fail(
            r, BR_HTTP_CANCELLED,
            "the transport is closed, or belongs to the process that this one was forked from");
    admit(h, r, o);
    if (br_http_setup(r, o) == BR_HTTP_OK && set_callbacks(r))
        br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
    if (r->error.fault == BR_HTTP_OK)
        release(r);
    else
        detach(r);
    return r->error.fault;
}

void br_http_request_cancel(struct br_http_request *r) {
    if (r->error.fault == BR_HTTP_OK)
        br_http_fail(r, BR_HTTP_CANCELLED, "the request was cancelled");
    if (r->engine != NULL && is_foreign(r->engine))
        forget(r);
    else
        detach(r);
    drop_bytes(r);
}

void br_http_request_clear(struct br_http_request *r) {
    br_http_request_cancel(r);
    link_remove(&r->ready);
    br_head_clear(&r->head);
    drop_lines(r);
    free(r->origin);
    r->origin = NULL;
}

enum br_http_state br_http_request_head(struct br_http_request *r) {
    if (r->head.complete && r->error.fault != BR_HTTP_CANCELLED)
        return BR_HTTP_DATA;
    if (r->ended || r->engine == NULL)
        return BR_HTTP_FAILED;
    r->wanted = 1;
    return BR_HTTP_WAIT;
}

/* ---- reading ---- */

/* Lets a paused connection go on when half of the room is free again. libcurl may call on_body from here. */
static void flow(struct br_http_request *r) {
    if (!r->paused || r->engine == NULL || r->body.len > r->max_body / 2)
        return;
    r->paused = 0;
    enter(r, BR_PHASE_READ);
    r->engine->now = br_http_now(); /* on_body wants it */
    (void)curl_easy_pause(r->easy, CURLPAUSE_CONT);
}

/* Inflates until there is something to read or nothing left to inflate. 0, or -1 with the fault written. */
static int inflate_next(struct br_http_request *r) {
    enum br_gunzip_status status = BR_GUNZIP_OK;
    while (r->plain.len == 0 && status == BR_GUNZIP_OK) {
        status = br_gunzip_step(&r->gunzip, &r->body, &r->plain);
        flow(r);
    }
    if (status == BR_GUNZIP_DAMAGED)
        br_http_fail(r, BR_HTTP_PROTOCOL, "the answer's gzip encoding is damaged");
    else if (status == BR_GUNZIP_MEMORY)
        br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
    else
        return 0;
    detach(r);
    drop_bytes(r);
    return -1;
}

static enum br_http_state at_end(struct br_http_request *r) {
    if (!r->ended && r->engine != NULL) {
        r->wanted = 1;
        return BR_HTTP_WAIT;
    }
    if (r->error.fault == BR_HTTP_OK && !br_gunzip_whole(&r->gunzip))
        br_http_fail(r, BR_HTTP_CUT, "the answer broke off inside its gzip encoding");
    drop_bytes(r);
    return r->error.fault == BR_HTTP_OK ? BR_HTTP_END : BR_HTTP_FAILED;
}

enum br_http_state br_http_request_peek(struct br_http_request *r, const char **bytes, size_t *count) {
    const struct br_buf *b = r->gzip ? &r->plain : &r->body;
    if (r->gzip && r->plain.len == 0 && inflate_next(r) != 0)
        return BR_HTTP_FAILED;
    *bytes = b->data;
    *count = b->len;
    return b->len > 0 ? BR_HTTP_DATA : at_end(r);
}

void br_http_request_consume(struct br_http_request *r, size_t count) {
    br_buf_consume(r->gzip ? &r->plain : &r->body, count);
    flow(r);
}

size_t br_http_request_buffered(const struct br_http_request *r) {
    return r->body.len + r->plain.len;
}

int br_http_request_next_field(const struct br_http_request *r, size_t *at, struct br_field *f) {
    while (br_head_next(&r->head, at, f))
        if (!r->gzip || (!br_field_is(f, "content-encoding") && !br_field_is(f, "content-length")))
            return 1;
    return 0;
}
