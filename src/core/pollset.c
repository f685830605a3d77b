#include "pollset.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__linux__) && !defined(BR_POLLSET_PLAIN)
#include <sys/epoll.h>

int br_pollset_init(struct br_pollset *p) {
    p->watched = NULL;
    p->count = p->room = 0;
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    return p->epoll < 0 ? -1 : 0;
}

void br_pollset_clear(struct br_pollset *p) {
    if (p->epoll >= 0)
        close(p->epoll);
    p->epoll = -1;
}

int br_pollset_set(struct br_pollset *p, int fd, int events) {
    struct epoll_event e = {0};
    if (events == 0) {
        /* A socket that is closed already has left the set by itself. */
        (void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, &e);
        return 0;
    }
    e.events =
        (events & BR_POLL_READ ? (unsigned)EPOLLIN : 0) | (events & BR_POLL_WRITE ? (unsigned)EPOLLOUT : 0);
    e.data.fd = fd;
    if (epoll_ctl(p->epoll, EPOLL_CTL_MOD, fd, &e) == 0)
        return 0;
    return errno == ENOENT ? epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &e) : -1;
}

static int events_of(unsigned flags) {
    return (flags & EPOLLIN ? BR_POLL_READ : 0) | (flags & EPOLLOUT ? BR_POLL_WRITE : 0) |
           (flags & (EPOLLERR | EPOLLHUP) ? BR_POLL_ERROR : 0);
}

int br_pollset_wait(struct br_pollset *p, struct br_pollset_event *ready, int max, int milliseconds) {
    struct epoll_event e[64];
    int i, n = epoll_wait(p->epoll, e, max < 64 ? max : 64, milliseconds);
    for (i = 0; i < n; i++) {
        ready[i].fd = e[i].data.fd;
        ready[i].events = events_of(e[i].events);
    }
    return n > 0 ? n : 0;
}

size_t br_pollset_fds(const struct br_pollset *p, struct br_pollset_event *out, size_t max) {
    if (max > 0) {
        out[0].fd = p->epoll;
        out[0].events = BR_POLL_READ;
    }
    return 1;
}

#else

int br_pollset_init(struct br_pollset *p) {
    p->watched = NULL;
    p->count = p->room = 0;
    p->epoll = -1;
    return 0;
}

void br_pollset_clear(struct br_pollset *p) {
    free(p->watched);
    br_pollset_init(p);
}

static struct pollfd *find(struct br_pollset *p, int fd) {
    size_t i;
    for (i = 0; i < p->count; i++)
        if (p->watched[i].fd == fd)
            return &p->watched[i];
    return NULL;
}

static struct pollfd *add(struct br_pollset *p, int fd) {
    if (p->count == p->room) {
        size_t room = p->room != 0 ? p->room * 2 : 16;
        struct pollfd *watched = realloc(p->watched, room * sizeof *watched);
        if (watched == NULL)
            return NULL;
        p->watched = watched;
        p->room = room;
    }
    p->watched[p->count].fd = fd;
    p->watched[p->count].revents = 0;
    return &p->watched[p->count++];
}

int br_pollset_set(struct br_pollset *p, int fd, int events) {
    struct pollfd *w = find(p, fd);
    if (events == 0) {
        if (w != NULL)
            *w = p->watched[--p->count];
        return 0;
    }
    if (w == NULL && (w = add(p, fd)) == NULL)
        return -1;
    w->events = (short)((events & BR_POLL_READ ? POLLIN : 0) | (events & BR_POLL_WRITE ? POLLOUT : 0));
    return 0;
}

static int events_of(int flags) {
    return (flags & POLLIN ? BR_POLL_READ : 0) | (flags & POLLOUT ? BR_POLL_WRITE : 0) |
           (flags & (POLLERR | POLLHUP | POLLNVAL) ? BR_POLL_ERROR : 0);
}

int br_pollset_wait(struct br_pollset *p, struct br_pollset_event *ready, int max, int milliseconds) {
    size_t i;
    int n = 0;
    if (poll(p->watched, (nfds_t)p->count, milliseconds) <= 0)
        return 0;
    for (i = 0; i < p->count && n < max; i++) {
        if (p->watched[i].revents == 0)
            continue;
        ready[n].fd = p->watched[i].fd;
        ready[n++].events = events_of(p->watched[i].revents);
    }
    return n;
}

size_t br_pollset_fds(const struct br_pollset *p, struct br_pollset_event *out, size_t max) {
    size_t i;
    for (i = 0; i < p->count && i < max; i++) {
        out[i].fd = p->watched[i].fd;
        out[i].events = events_of(p->watched[i].events);
    }
    return p->count;
}

#endif
