/* The sockets of the pool, and whether anybody is left at their other end.
 *
 * libcurl keeps idle connections, and sees when the server has closed one. A peer that vanished without a
 * word (a laptop that slept, a firewall that forgot, a cable) looks open for ever, and a request that is sent
 * there waits for its clocks. So before a request may go over a connection that was not heard of for a
 * second, the peer is asked for a sign of life: a TCP keep-alive probe, which its kernel answers within a
 * round trip, whatever the program above it does. A connection that does not answer in time is shut down, and
 * libcurl opens another one. Nothing of the request has left until then, so nothing is ever sent twice.
 *
 * What this cannot see is a proxy that stays and answers probes while the way behind it is gone; against that
 * connections have an age.
 *
 * Who owns what: the sockets are libcurl's, the rows are ours. Time comes in: monotonic seconds. Where the
 * system does not tell when a peer was last heard of (anywhere but on Linux), nobody is asked. */
#ifndef BR_POOL_H
#define BR_POOL_H

#include <stddef.h>

/* Seconds after which the kernel probes a silent connection by itself, and from then on. */
enum { BR_POOL_KEEPIDLE = 30, BR_POOL_KEEPINTVL = 10 };

struct br_pool_socket {
    int fd;
    unsigned long origin; /* where it leads to; 0: shared by many requests, and never asked */
    const void *user;     /* who uses it, or NULL */
    double heard;         /* when there was a sign of life, as far as we know */
    double until;         /* when a probe must have been answered; 0: nobody was asked */
    double look;          /* when to look for the answer again */
};

struct br_pool {
    struct br_pool_socket *rows;
    size_t count, room;
};

void br_pool_init(struct br_pool *p);
void br_pool_clear(struct br_pool *p);

/* A name for where a connection leads to. */
unsigned long br_pool_origin(const char *text);

/* A socket was opened by a request, is used by another one, has been closed; a request has ended. Without
 * memory a socket is not known, and not asked. */
void br_pool_opened(struct br_pool *p, int fd, unsigned long origin, const void *user);
void br_pool_used(struct br_pool *p, int fd, const void *user);
void br_pool_closed(struct br_pool *p, int fd);
void br_pool_ended(struct br_pool *p, const void *user, double now);

/* Asks the idle connections to an origin for a sign of life, and ends those that gave none. 0 when all that
 * are left can be used; else when to call again. */
double br_pool_settle(struct br_pool *p, unsigned long origin, double now);

#endif
