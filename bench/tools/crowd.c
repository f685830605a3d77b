/* A crowd of readers of paced streams, and how late each event reaches them.
 *
 *     crowd PORT PATH MARK GAP STREAMS SECONDS PLAIN PID
 *
 * asks 127.0.0.1:PORT for PATH so many times at once, at a pace of a few hundred a second, and reads what
 * comes. An answer says in its header `x-bench-start` when its first event was due, by the monotonic clock;
 * each one that follows is due GAP microseconds later, and begins with (or holds once) MARK. Meanwhile PLAIN
 * is asked for, over a connection of its own each time, a hundred times a second. When all streams run, the
 * rest of SECONDS is measured; then all hang up.
 *
 * PID is the process that answers. One line of `name=value` comes out: late_* and plain_* in milliseconds,
 * the growth of that process's memory (resident) in KiB a stream; and in percent of the time, how much it
 * ran, how much it stood in the queue for a processor that others had, and how much this program ran. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 4096, READ = 65536, MARK = 32, TENTHS = 200000, A_SECOND = 400, PLAIN_A_SECOND = 100 };

struct reader {
    int fd, plain;
    char head[HEAD]; /* of the answer, until it is whole */
    size_t head_size;
    int in_body;
    double start; /* when the first event was due; for a plain request when it was sent */
    long events;
    char tail[MARK]; /* the last bytes, where a mark may have begun */
    size_t tail_size;
};

/* How many took so many tenths of a millisecond; the last one holds all that took longer. */
struct histogram {
    long count[TENTHS], total;
    double most;
};

static struct histogram late, plain;
static const char *mark;
static size_t mark_size;
static double gap;
static int epoll, port, measuring, ended;
static long answering; /* streams */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what) {
    perror(what);
    exit(1);
}

/* ---- what is counted ---- */

static void note(struct histogram *h, double seconds) {
    long tenths = seconds > 0 ? (long)(seconds * 1e4) : 0;
    h->count[tenths < TENTHS ? tenths : TENTHS - 1]++;
    h->total++;
    if (seconds > h->most)
        h->most = seconds;
}

/* Milliseconds that no more than `part` of all have exceeded. */
static double percentile(const struct histogram *h, double part) {
    long left = (long)((double)h->total * (1 - part)), i = TENTHS;
    while (i > 0 && (left -= h->count[--i]) >= 0)
        continue;
    return (double)(i + 1) / 10;
}

/* ---- the process that answers ---- */

static long resident(int pid) {
    char line[256];
    long kib = 0;
    FILE *f;
    snprintf(line, sizeof(line), "/proc/%d/status", pid);
    f = fopen(line, "r");
    if (f == NULL)
        die(line);
    while (fgets(line, sizeof(line), f) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    fclose(f);
    return kib;
}

struct times {
    double ran, queued, here; /* seconds: on a processor, ready and without one; and of this program on one */
};

static struct times times_of(int pid) {
    char path[64];
    struct times t;
    struct timespec here;
    FILE *f;
    snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
    f = fopen(path, "r");
    if (f == NULL || fscanf(f, "%lf %lf", &t.ran, &t.queued) != 2)
        die(path);
    fclose(f);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &here);
    t.ran /= 1e9;
    t.queued /= 1e9;
    t.here = (double)here.tv_sec + (double)here.tv_nsec / 1e9;
    return t;
}

/* ---- readers ---- */

static struct reader *ask(const char *path, int is_plain) {
    struct reader *r = calloc(1, sizeof(*r));
    struct sockaddr_in to = {0};
    struct epoll_event e = {0};
    char text[512];
    int n, on = 1;
    to.sin_family = AF_INET;
    to.sin_port = htons((unsigned short)port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: bench\r\n%s\r\n", path,
                 is_plain ? "Connection: close\r\n" : "");
    r->plain = is_plain;
    r->start = now();
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* On the loopback a connection stands at once, and the few bytes have room. */
    if (r->fd < 0 || connect(r->fd, (struct sockaddr *)(void *)&to, sizeof(to)) != 0 ||
        send(r->fd, text, (size_t)n, MSG_NOSIGNAL) != n)
        die("connect");
    setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    e.events = EPOLLIN;
    e.data.ptr = r;
    epoll_ctl(epoll, EPOLL_CTL_ADD, r->fd, &e);
    return r;
}

static void hang_up(struct reader *r) {
    close(r->fd);
    free(r);
}

static void take_event(struct reader *r, double time) {
    if (measuring)
        note(&late, time - (r->start + (double)r->events * gap));
    r->events++;
}

static void take_body(struct reader *r, const char *bytes, size_t n, double time) {
    static char joined[READ + MARK];
    const char *p, *end;
    memcpy(joined, r->tail, r->tail_size);
    memcpy(joined + r->tail_size, bytes, n);
    end = joined + r->tail_size + n;
    for (p = joined; (p = memmem(p, (size_t)(end - p), mark, mark_size)) != NULL; p += mark_size)
        take_event(r, time);
    /* One byte less than a mark, so that none is counted twice. */
    r->tail_size = (size_t)(end - joined) < mark_size - 1 ? (size_t)(end - joined) : mark_size - 1;
    memcpy(r->tail, end - r->tail_size, r->tail_size);
}

static void take_head(struct reader *r, const char *bytes, size_t n, double time) {
    const char *end, *start;
    size_t room = HEAD - 1 - r->head_size, taken = n < room ? n : room, more;
    memcpy(r->head + r->head_size, bytes, taken);
    r->head_size += taken;
    r->head[r->head_size] = 0;
    end = strstr(r->head, "\r\n\r\n");
    if (end == NULL)
        return;
    start = strcasestr(r->head, "x-bench-start: ");
    if (strncmp(r->head, "HTTP/1.1 200", 12) != 0 || start == NULL) {
        fprintf(stderr, "an answer that is no stream: %s\n", r->head);
        exit(1);
    }
    r->start = strtod(start + strlen("x-bench-start: "), NULL);
    r->in_body = 1;
    answering++;
    more = r->head_size - (size_t)(end + 4 - r->head) + n - taken;
    take_body(r, bytes + n - more, more, time);
}

static void take(struct reader *r, const char *bytes, ssize_t n, double time) {
    if (r->plain && n <= 0) {
        if (measuring)
            note(&plain, time - r->start);
        hang_up(r);
    } else if (n <= 0) {
        ended++;
        epoll_ctl(epoll, EPOLL_CTL_DEL, r->fd, NULL);
    } else if (!r->plain && r->in_body) {
        take_body(r, bytes, (size_t)n, time);
    } else if (!r->plain) {
        take_head(r, bytes, (size_t)n, time);
    }
}

static void read_until(double stop) {
    static char bytes[READ];
    struct epoll_event e[256];
    double left;
    while ((left = stop - now()) > 0) {
        struct timespec t = {0};
        int i, n;
        t.tv_nsec = (long)(fmin(left, 0.5) * 1e9);
        n = epoll_pwait2(epoll, e, 256, &t, NULL);
        for (i = 0; i < n; i++) {
            struct reader *r = e[i].data.ptr;
            ssize_t got = recv(r->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
            if (got < 0 && (errno == EAGAIN || errno == EINTR))
                continue;
            take(r, bytes, got, now());
        }
    }
}

/* ---- the whole ---- */

static void gather(const char *path, long streams) {
    double due = now();
    long i;
    for (i = 0; i < streams; i++) {
        (void)ask(path, 0);
        due += 1.0 / A_SECOND;
        read_until(due);
    }
    for (i = 0; answering < streams && i < 100; i++)
        read_until(now() + 0.1);
    if (answering < streams) {
        fprintf(stderr, "only %ld of %ld streams began\n", answering, streams);
        exit(1);
    }
    read_until(now() + 1);
}

static void measure(const char *path, double seconds) {
    double stop = now() + seconds, due = now();
    while (due < stop) {
        (void)ask(path, 1);
        due += 1.0 / PLAIN_A_SECOND;
        read_until(due);
    }
}

static void report(long streams, int pid, long before, struct times from, double seconds) {
    long kib = resident(pid) - before;
    struct times to = times_of(pid);
    printf("late_half=%.1f late_hundredth=%.1f late_thousandth=%.1f late_most=%.1f events=%ld ",
           percentile(&late, 0.5), percentile(&late, 0.99), percentile(&late, 0.999), late.most * 1e3,
           late.total);
    printf("plain_half=%.1f plain_hundredth=%.1f plain_most=%.1f ended=%d ", percentile(&plain, 0.5),
           percentile(&plain, 0.99), plain.most * 1e3, ended);
    printf("memory=%.2f ran=%.1f queued=%.1f crowd=%.1f\n", (double)kib / (double)streams,
           (to.ran - from.ran) / seconds * 100, (to.queued - from.queued) / seconds * 100,
           (to.here - from.here) / seconds * 100);
}

static void allow_descriptors(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv) {
    struct times from;
    double seconds;
    long streams, before;
    int pid;
    if (argc != 9)
        return 2;
    port = atoi(argv[1]);
    mark = argv[3];
    mark_size = strlen(mark);
    gap = atof(argv[4]) / 1e6;
    streams = atol(argv[5]);
    seconds = atof(argv[6]);
    pid = atoi(argv[8]);
    if (mark_size < 2 || mark_size > MARK || streams < 1)
        return 2;
    allow_descriptors();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    before = resident(pid);
    gather(argv[2], streams);
    from = times_of(pid);
    measuring = 1;
    measure(argv[7], seconds);
    measuring = 0;
    report(streams, pid, before, from, seconds);
    return 0;
}
