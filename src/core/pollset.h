/* The sockets that wait for something.
 *
 * On Linux an epoll set: waking up costs the same for one stream and for a thousand, and the set is itself
 * one descriptor that any event loop can watch. Elsewhere a table for poll(2). */
#ifndef BR_POLLSET_H
#define BR_POLLSET_H

#include <stddef.h>

enum { BR_POLL_READ = 1, BR_POLL_WRITE = 2, BR_POLL_ERROR = 4 };

struct br_pollset_event {
    int fd;
    int events;
};

struct br_pollset {
    int epoll;              /* -1 where there is none */
    struct pollfd *watched; /* the table, where there is no epoll */
    size_t count, room;
};

/* 0, or -1 with errno. The descriptor and the table belong to the set until clear. */
int br_pollset_init(struct br_pollset *p);
void br_pollset_clear(struct br_pollset *p);

/* Watches a socket for events; 0 stops watching it. 0, or -1 with errno. */
int br_pollset_set(struct br_pollset *p, int fd, int events);

/* Waits up to that many milliseconds and fills in what is ready: how many, 0 on time-out or a signal. */
int br_pollset_wait(struct br_pollset *p, struct br_pollset_event *ready, int max, int milliseconds);

/* The descriptors that a foreign loop has to watch; answers how many there are, however many fit. */
size_t br_pollset_fds(const struct br_pollset *p, struct br_pollset_event *out, size_t max);

#endif
