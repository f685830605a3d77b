/* HTTP over libcurl's multi interface, driven from outside.
 *
 * The engine never waits by itself, calls nobody back and holds no thread: whoever owns it asks for the
 * descriptors and the deadline, waits as its event loop waits, and calls br_http_perform. libcurl's callbacks
 * only append bytes to bounded buffers and note what happened.
 *
 * Who owns what: the caller owns the memory of the engine and of each request, and must not move it. A
 * started request is known to its engine until it ends, is cleared, or the engine is cleared; the order does
 * not matter. The body of a request is not copied: its bytes must stay where they are until the request has
 * ended. */
#ifndef BR_HTTP_H
#define BR_HTTP_H

#include "buf.h"
#include "clocks.h"
#include "gunzip.h"
#include "head.h"
#include "pollset.h"
#include "pool.h"

#include <curl/curl.h>
#include <sys/types.h>

enum br_http_fault {
    BR_HTTP_OK,
    BR_HTTP_DNS,        /* no such name */
    BR_HTTP_CONNECT,    /* no connection */
    BR_HTTP_PROXY,      /* the proxy cannot be reached or refuses */
    BR_HTTP_TLS,        /* the server cannot be trusted */
    BR_HTTP_RESET,      /* the connection was reset before the answer's body */
    BR_HTTP_CLOSED,     /* the connection was closed before the answer's body */
    BR_HTTP_BODY_RESET, /* the connection was reset inside the body */
    BR_HTTP_CUT,        /* the body ended too early */
    BR_HTTP_PROTOCOL,   /* what came is not HTTP, or is damaged */
    BR_HTTP_LIMIT,      /* the headers are larger than allowed */
    BR_HTTP_TIMEOUT,    /* a clock ran out */
    BR_HTTP_CANCELLED,  /* the caller gave it up */
    BR_HTTP_MEMORY,     /* no memory */
    BR_HTTP_REQUEST,    /* this cannot be sent: a bad URL, a header with a line break */
    BR_HTTP_OTHER       /* libcurl has a reason of its own */
};

struct br_http_error {
    enum br_http_fault fault;
    enum br_clock clock; /* for BR_HTTP_TIMEOUT */
    int sent;            /* bytes of the request may have reached the server */
    int answered;        /* bytes of an answer came */
    int reused;          /* it went over a connection from the pool */
    char message[CURL_ERROR_SIZE + 128];
};

/* What libraries and users call the fault: "network", "reset". */
const char *br_http_fault_kind(enum br_http_fault fault);
const char *br_http_fault_code(enum br_http_fault fault);

struct br_http_link {
    struct br_http_link *prev, *next;
};

struct br_http_limits {
    long connections; /* at once, the rest queues; 0: no limit */
    long pool;        /* idle connections kept */
    long pool_age;    /* seconds after which an idle connection is not used again */
};

enum { BR_HTTP_FOUND = 64 }; /* sockets that one look at them can name */

struct br_http {
    CURLM *multi;
    struct br_pollset sockets;
    struct br_pollset_event found[BR_HTTP_FOUND]; /* ready when they were last looked at */
    int found_count, found_at;                    /* how many, and the first that was not worked on */
    struct br_pool pool;                          /* the sockets of libcurl's connections */
    struct br_alarms alarms;                      /* one for each running request */
    struct br_http_link running;                  /* requests that libcurl works on */
    struct br_http_link ready;                    /* requests that have news for who asked in vain */
    double now;                                   /* when this round of work began */
    double timer;                                 /* when libcurl wants to be called; HUGE_VAL: not at all */
    unsigned long last_id;
    long pool_age;
    pid_t process; /* the engine belongs to this process, not to a fork of it */
};

struct br_http_request {
    struct br_http_link running, ready; /* first: the lists find the request by them */
    struct br_alarm alarm;
    struct br_http *engine; /* NULL before the start and after the end */
    CURL *easy;
    struct curl_slist *lines;      /* the headers that go out */
    struct curl_slist *connect_to; /* other addresses for names */
    unsigned long id;
    struct br_clocks clocks;

    size_t body_size;                                             /* of the request */
    curl_off_t sent;                                              /* bytes of it that have left */
    unsigned opened : 1, connected : 1, reused : 1, replaced : 1; /* the connection: see on_connected */
    unsigned answered : 1, paused : 1, ended : 1, wanted : 1;
    unsigned gzip : 1, head_too_large : 1;
    unsigned held : 1;    /* not libcurl's yet: idle connections are asked whether they live */
    curl_socket_t socket; /* the last one that it had to do with */
    int no_socket;        /* errno, when the system had none to give */

    struct br_head head;
    size_t max_body;     /* bytes held before the connection is paused */
    struct br_buf body;  /* as it came */
    struct br_buf plain; /* inflated, when it came compressed */
    struct br_gunzip gunzip;
    char *origin;           /* "host port n", as libcurl names it when it cannot connect */
    unsigned long leads_to; /* the pool's name for it; 0 with HTTP/2, whose connections many share */
    struct br_http_error error;
    char reason[CURL_ERROR_SIZE]; /* libcurl writes here */
};

struct br_http_options {
    const char *method, *url;
    const char *body; /* NULL: none. Stays the caller's, see above */
    size_t body_size;
    double clocks[BR_CLOCK_COUNT]; /* seconds; 0 is off */
    int insecure;                  /* do not verify TLS */
    const char *ca_bundle;         /* file, directory or PEM text; NULL: the system's */
    size_t ca_bundle_size;
    const char *proxy; /* NULL: from the environment; "": none */
    const char *no_proxy;
    int http2;
    int secret; /* the answer holds secrets: its bytes are overwritten before their memory is given back */
    size_t max_head, max_head_lines, max_body;
};

/* 0, or -1 with what is there cleared. */
int br_http_init(struct br_http *h, const struct br_http_limits *limits);

/* Ends the requests that run as cancelled, closes every connection. Twice is harmless. */
void br_http_clear(struct br_http *h);

/* Non-blocking work: sockets that are ready (at most `most` of them), timers that are due, clocks that ran
 * out. */
void br_http_perform(struct br_http *h, int most);

/* Waits for work up to that many seconds, or to the engine's own deadline. Does no work; what it saw is
 * remembered for br_http_perform. */
void br_http_wait(struct br_http *h, double seconds);

/* Seconds until br_http_perform has something to do without any socket; HUGE_VAL: never. */
double br_http_deadline(const struct br_http *h);

/* The next request that has news after it was asked in vain; NULL when none has. */
struct br_http_request *br_http_next_ready(struct br_http *h);

/* An empty request, so that clear is right at any time after. */
void br_http_request_init(struct br_http_request *r);

/* Adds a header to a request that has not started. */
enum br_http_fault br_http_request_header(struct br_http_request *r, const char *name, size_t name_size,
                                          const char *value, size_t value_size);

/* Connects to another address than the URL says: "HOST:PORT:HOST2:PORT2". */
enum br_http_fault br_http_request_connect_to(struct br_http_request *r, const char *rule);

/* Starts it. Everything in the options but the body is copied. A fault is in r->error, too. */
enum br_http_fault br_http_request_start(struct br_http *h, struct br_http_request *r,
                                         const struct br_http_options *o);

/* Gives it up: its connection is closed at once unless the answer was complete. Buffered bytes are dropped.
 */
void br_http_request_cancel(struct br_http_request *r);

/* Cancels it and frees what it holds. Twice is harmless. */
void br_http_request_clear(struct br_http_request *r);

enum br_http_state {
    BR_HTTP_WAIT, /* nothing yet; br_http_next_ready will name it */
    BR_HTTP_DATA, /* there is something */
    BR_HTTP_END,  /* all of it was read */
    BR_HTTP_FAILED
};

/* Whether the answer's head is there (DATA), or never will be (FAILED). */
enum br_http_state br_http_request_head(struct br_http_request *r);

/* The bytes of the body that are there, not yours: they stay until the next call. */
enum br_http_state br_http_request_peek(struct br_http_request *r, const char **bytes, size_t *count);

/* Drops bytes that were peeked at and lets the connection go on when it was paused. */
void br_http_request_consume(struct br_http_request *r, size_t count);

/* Bytes held for the reader. */
size_t br_http_request_buffered(const struct br_http_request *r);

/* The next header of the answer from *at on; 0 at the end. A body that is decoded here is not shown as
 * encoded. */
int br_http_request_next_field(const struct br_http_request *r, size_t *at, struct br_field *f);

/* Monotonic seconds. */
double br_http_now(void);

#endif
