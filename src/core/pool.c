#include "pool.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Seconds. The kernel's timer has a grain of up to 10 ms, a round trip comes on top. */
static const double RECENT = 1, PATIENCE = 0.025, STEP = 0.001;

enum { GONE = 70 * 1000 }; /* milliseconds */

void br_pool_init(struct br_pool *p) {
    p->rows = NULL;
    p->count = p->room = 0;
}

void br_pool_clear(struct br_pool *p) {
    free(p->rows);
    br_pool_init(p);
}

/* FNV-1a; never 0. */
unsigned long br_pool_origin(const char *text) {
    unsigned long hash = 2166136261UL;
    for (; *text != 0; text++)
        hash = ((hash ^ (unsigned char)*text) * 16777619UL) & 0xffffffffUL;
    return hash | 1UL << 31;
}

static struct br_pool_socket *find(struct br_pool *p, int fd) {
    size_t i;
    for (i = 0; i < p->count; i++)
        if (p->rows[i].fd == fd)
            return &p->rows[i];
    return NULL;
}

static struct br_pool_socket *add(struct br_pool *p) {
    if (p->count == p->room) {
        size_t room = p->room != 0 ? p->room * 2 : 16;
        struct br_pool_socket *rows = realloc(p->rows, room * sizeof *rows);
        if (rows == NULL)
            return NULL;
        p->rows = rows;
        p->room = room;
    }
    return &p->rows[p->count++];
}

/* A peer that acknowledges nothing for so long is gone, in the middle of a request, too; without this the
 * kernel goes on for a quarter of an hour. Four probes fit into it. */
static void give_up_after(int fd, unsigned milliseconds) {
#ifdef TCP_USER_TIMEOUT
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
#else
    (void)fd, (void)milliseconds;
#endif
}

void br_pool_opened(struct br_pool *p, int fd, unsigned long origin, const void *user) {
    struct br_pool_socket *s = add(p);
    give_up_after(fd, GONE);
    if (s == NULL)
        return;
    s->fd = fd;
    s->origin = origin;
    s->user = user;
    s->heard = s->until = s->look = 0;
}

void br_pool_used(struct br_pool *p, int fd, const void *user) {
    struct br_pool_socket *s = find(p, fd);
    if (s != NULL)
        s->user = user;
}

void br_pool_closed(struct br_pool *p, int fd) {
    struct br_pool_socket *s = find(p, fd);
    if (s != NULL)
        *s = p->rows[--p->count];
}

void br_pool_ended(struct br_pool *p, const void *user, double now) {
    size_t i;
    for (i = 0; i < p->count; i++) {
        if (p->rows[i].user != user)
            continue;
        p->rows[i].user = NULL;
        p->rows[i].heard = now;
    }
}

#if defined(__linux__)

/* Seconds since the peer was last heard of, and how long a round trip takes. */
static int look(int fd, double *age, double *round_trip) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return -1;
    *age = info.tcpi_last_ack_recv / 1e3;
    *round_trip = info.tcpi_rtt / 1e6;
    return 0;
}

static void set_keepidle(int fd, int seconds) {
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
}

/* A connection that is silent for longer than its new limit is probed at the kernel's next tick. */
static void ask(struct br_pool_socket *s, double round_trip, double now) {
    set_keepidle(s->fd, 1);
    s->until = now + PATIENCE + 1.5 * round_trip;
}

/* Closing it will say a last word at once instead of repeating a farewell that nobody hears. */
static void end(struct br_pool_socket *s) {
    struct linger at_once = {1, 0};
    (void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)shutdown(s->fd, SHUT_RDWR);
    s->origin = 0;
}

static void relax(struct br_pool_socket *s, double heard) {
    if (s->until != 0)
        set_keepidle(s->fd, BR_POOL_KEEPIDLE);
    s->until = 0;
    s->heard = heard;
}

/* When to come back, or 0 when it can be used or is gone. */
static double settle(struct br_pool_socket *s, double now) {
    double age, round_trip;
    if (s->until != 0 && now < s->look)
        return s->look;
    if (look(s->fd, &age, &round_trip) != 0)
        return 0;
    if (age < RECENT) {
        relax(s, now - age);
        return 0;
    }
    if (s->until == 0)
        ask(s, round_trip, now);
    else if (now >= s->until) {
        end(s);
        return 0;
    }
    return s->look = now + STEP + round_trip / 8;
}

double br_pool_settle(struct br_pool *p, unsigned long origin, double now) {
    double next = 0;
    size_t i;
    for (i = 0; i < p->count; i++) {
        struct br_pool_socket *s = &p->rows[i];
        double at;
        if (s->user != NULL || s->origin != origin || now - s->heard < RECENT)
            continue;
        at = settle(s, now);
        if (at != 0 && (next == 0 || at < next))
            next = at;
    }
    return next;
}

#else

double br_pool_settle(struct br_pool *p, unsigned long origin, double now) {
    (void)p, (void)origin, (void)now;
    return 0;
}

#endif
