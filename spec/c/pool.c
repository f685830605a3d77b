/* Which connections are asked for a sign of life, and that one whose peer is there gives it, over loopback. A
 * peer that vanished needs a network that drops packets: see spec/silent. */
#include "support/support.h"

#include "pool.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void rest(double seconds) {
    struct timespec t;
    t.tv_sec = (time_t)seconds;
    t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
    nanosleep(&t, NULL);
}

/* Two ends of a connection. */
static void connect_pair(int *here, int *there) {
    struct sockaddr_in a = {0};
    socklen_t n = sizeof a;
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&a, &n) == 0);
    *here = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(*here, (struct sockaddr *)&a, sizeof a) == 0);
    CHECK(setsockopt(*here, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0);
    *there = accept(listener, NULL, NULL);
    close(listener);
}

static int option(int fd, int name) {
    int value = 0;
    socklen_t n = sizeof value;
    CHECK(getsockopt(fd, IPPROTO_TCP, name, &value, &n) == 0);
    return value;
}

/* How often to ask until a connection may be used; it must not have been shut down for that. */
static int settle(struct br_pool *p, unsigned long origin, int fd) {
    char byte;
    double next, end = now() + 5;
    int rounds = 0;
    while ((next = br_pool_settle(p, origin, now())) != 0) {
        CHECK(next > now() - 1 && now() < end);
        rest(0.001);
        rounds++;
    }
    CHECK(recv(fd, &byte, 1, MSG_DONTWAIT) == -1);
    return rounds;
}

static void check_alive(void) {
    struct br_pool p;
    int here, there, user = 0, other = 0;
    unsigned long origin = br_pool_origin("one port 443");
    connect_pair(&here, &there);
    br_pool_init(&p);
    br_pool_opened(&p, here, origin, &user);
    rest(1.1);
    CHECK(br_pool_settle(&p, origin, now()) == 0); /* in use */
    br_pool_ended(&p, &other, now());
    CHECK(br_pool_settle(&p, origin, now()) == 0); /* still */
    br_pool_ended(&p, &user, now());
    CHECK(br_pool_settle(&p, origin, now()) == 0); /* used just now */
    br_pool_ended(&p, NULL, now() - 2);            /* used two seconds ago, as it were */
    CHECK(br_pool_settle(&p, br_pool_origin("two port 443"), now()) == 0); /* leads elsewhere */
    CHECK(settle(&p, origin, here) > 0 && settle(&p, origin, here) == 0);
    CHECK(option(here, TCP_KEEPIDLE) == BR_POOL_KEEPIDLE && option(here, TCP_USER_TIMEOUT) == 70000);
    br_pool_used(&p, here, &other);
    br_pool_ended(&p, &other, now());
    br_pool_closed(&p, here);
    CHECK(p.count == 0);
    br_pool_clear(&p);
    close(here);
    close(there);
}

/* A peer that never answers: here a socket that has none, so that no probe leaves. */
static void check_dead(void) {
    struct br_pool p;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    br_pool_init(&p);
    br_pool_opened(&p, s, 7, NULL);
    p.rows[0].heard = now() - 2;
    p.rows[0].until = now() - 1;
    CHECK(br_pool_settle(&p, 7, now()) == 0);
    CHECK(p.rows[0].origin == 0);
    br_pool_clear(&p);
    br_pool_clear(&p);
    close(s);
}

/* Without memory a socket is not known, and nothing else changes. */
static void check_memory(void) {
    struct br_pool p;
    int i;
    br_pool_init(&p);
    spec_fail_after(1);
    for (i = 0; i < 40; i++)
        br_pool_opened(&p, -1 - i, 7, &p);
    spec_fail_after(-1);
    CHECK(p.count == 16);
    for (i = 0; i < 40; i++)
        br_pool_closed(&p, -1 - i);
    CHECK(p.count == 0);
    br_pool_clear(&p);
}

int main(void) {
    check_memory();
    check_dead();
    check_alive();
    printf("pool: who is asked for a sign of life, and answers\n");
    return 0;
}
