/* The other side of the socket: answers at once or at a pace, from files, and costs nothing that is counted.
 *
 *     server DIRECTORY          prints its port, and ends with the program that started it
 *
 * What it answers stands in the path, where Bedrock has the model's id:
 *
 *     /model/burst-NAME/...          the frames of DIRECTORY/NAME.bin, an HTTP chunk each, as fast as they go
 *     /model/paced-GAP-NAME/...      the same, one every GAP microseconds
 *     /model/NAME/...                DIRECTORY/NAME.json in one piece
 *     /last                          when the last request of the others was whole, by the monotonic clock
 *
 * Nothing of a request is looked at but its path, its length and `Expect`. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 16384, BATCH = 65536, FILES = 64, CONNECTIONS = 4096 };

struct file {
    char path[256];
    const unsigned char *bytes;
    size_t size;
};

struct connection {
    int fd;
    char head[HEAD];
    size_t head_size;      /* bytes of a request that is not whole yet */
    uint64_t body_left;    /* of the request whose head was read */
    int in_body, watching; /* watching: for room to write */
    const struct file *stream;
    size_t at;       /* in the stream */
    double gap, due; /* seconds between two frames; when the next one is due */
    char out[BATCH]; /* written and not sent */
    size_t out_at, out_size;
    int ends; /* the answer's last byte is in `out` */
};

static const char *directory;
static struct file files[FILES];
static struct connection *connections[CONNECTIONS];
static double last_request;
static int epoll;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what) {
    perror(what);
    exit(1);
}

static const struct file *find_file(const char *name, size_t n, const char *suffix) {
    char path[256];
    struct stat s;
    int i, fd;
    snprintf(path, sizeof(path), "%s/%.*s%s", directory, (int)n, name, suffix);
    for (i = 0; i < FILES && files[i].bytes != NULL; i++)
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (i == FILES || fd < 0 || fstat(fd, &s) != 0)
        die(path);
    snprintf(files[i].path, sizeof(files[i].path), "%s", path);
    files[i].size = (size_t)s.st_size;
    files[i].bytes = mmap(NULL, files[i].size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
    return files[i].bytes != MAP_FAILED ? &files[i] : NULL;
}

/* ---- out ---- */

static void put(struct connection *c, const void *bytes, size_t n) {
    memcpy(c->out + c->out_size, bytes, n);
    c->out_size += n;
}

static size_t frame_size(const struct connection *c) {
    const unsigned char *p = c->stream->bytes + c->at;
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

/* One frame as a chunk; 0 when there is no room for it now. */
static int put_frame(struct connection *c) {
    size_t n = frame_size(c);
    char length[32];
    int digits = snprintf(length, sizeof(length), "%zx\r\n", n);
    if (c->out_size + n + 16 > sizeof(c->out))
        return 0;
    put(c, length, (size_t)digits);
    put(c, c->stream->bytes + c->at, n);
    put(c, "\r\n", 2);
    c->at += n;
    return 1;
}

static void fill(struct connection *c, double time) {
    while (c->stream != NULL && c->at < c->stream->size && c->due <= time) {
        if (!put_frame(c))
            return;
        c->due += c->gap;
    }
    if (c->stream != NULL && c->at == c->stream->size && c->out_size + 5 <= sizeof(c->out)) {
        put(c, "0\r\n\r\n", 5);
        c->stream = NULL;
    }
}

static void watch(struct connection *c, int writing) {
    struct epoll_event e = {0};
    if (c->watching == writing)
        return;
    c->watching = writing;
    e.events = EPOLLIN | (writing ? (unsigned)EPOLLOUT : 0);
    e.data.fd = c->fd;
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &e);
}

/* -1 when the connection is gone. */
static int flush(struct connection *c, double time) {
    for (;;) {
        ssize_t sent;
        if (c->out_at == c->out_size) {
            c->out_at = c->out_size = 0;
            fill(c, time);
        }
        if (c->out_at == c->out_size)
            break;
        sent = send(c->fd, c->out + c->out_at, c->out_size - c->out_at, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return -1;
        if (sent < 0)
            break;
        c->out_at += (size_t)sent;
    }
    watch(c, c->out_at < c->out_size);
    return 0;
}

/* ---- answers ---- */

static void put_text(struct connection *c, const char *text) {
    put(c, text, strlen(text));
}

/* The answer says when its first frame is due, so that who reads it can tell how late a frame is. */
static void begin_stream(struct connection *c, const struct file *f, double gap) {
    char start[64];
    c->stream = f;
    c->at = 0;
    c->gap = gap;
    c->due = now();
    snprintf(start, sizeof(start), "x-bench-start: %.6f\r\n\r\n", c->due);
    put_text(c, "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\n"
                "x-amzn-RequestId: 4e2b8f0c-5d5a-4a53-9d0e-7a1c2f3b4d5e\r\nTransfer-Encoding: chunked\r\n");
    put_text(c, start);
}

static void put_body(struct connection *c, const char *type, const void *body, size_t n) {
    char head[256];
    snprintf(head, sizeof(head),
             "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nx-amzn-RequestId: 4e2b8f0c\r\n"
             "Content-Length: %zu\r\n\r\n",
             type, n);
    put_text(c, head);
    put(c, body, n);
}

static void answer_last(struct connection *c) {
    char text[64];
    snprintf(text, sizeof(text), "%.6f\n", last_request);
    put_body(c, "text/plain", text, strlen(text));
}

static void answer_model(struct connection *c, const char *model) {
    size_t n = strcspn(model, "/");
    const struct file *f;
    double gap = 0;
    if (strncmp(model, "burst-", 6) == 0) {
        begin_stream(c, find_file(model + 6, n - 6, ".bin"), 0);
    } else if (strncmp(model, "paced-", 6) == 0) {
        char *name;
        gap = strtod(model + 6, &name) / 1e6;
        begin_stream(c, find_file(name + 1, n - (size_t)(name + 1 - model), ".bin"), gap);
    } else {
        f = find_file(model, n, ".json");
        put_body(c, "application/json", f->bytes, f->size);
    }
}

static void answer(struct connection *c) {
    const char *path = strchr(c->head, ' ');
    if (path != NULL && strncmp(path, " /last", 6) == 0) {
        answer_last(c);
        return;
    }
    last_request = now();
    if (path != NULL && strncmp(path, " /model/", 8) == 0)
        answer_model(c, path + 8);
    else
        put_body(c, "text/plain", "?", 1);
}

/* ---- in ---- */

static const char *header(const char *head, const char *name) {
    const char *line = head;
    size_t n = strlen(name);
    while ((line = strstr(line, "\r\n")) != NULL) {
        line += 2;
        if (strncasecmp(line, name, n) == 0)
            return line + n;
    }
    return NULL;
}

/* The head is whole: what follows is body. */
static int begin_body(struct connection *c, char *end) {
    const char *length, *expect;
    size_t more;
    end[2] = 0;
    length = header(c->head, "content-length:");
    expect = header(c->head, "expect:");
    c->in_body = 1;
    c->body_left = length != NULL ? strtoull(length, NULL, 10) : 0;
    more = c->head_size - (size_t)(end + 4 - c->head);
    c->body_left -= more < c->body_left ? more : c->body_left;
    if (expect != NULL && c->body_left > 0)
        put_text(c, "HTTP/1.1 100 Continue\r\n\r\n");
    return 0;
}

static void maybe_answer(struct connection *c) {
    if (!c->in_body || c->body_left > 0)
        return;
    answer(c);
    c->in_body = 0;
    c->head_size = 0;
}

/* -1 at the end. Large bodies pass through a buffer that nobody reads. */
static int take(struct connection *c) {
    static char scratch[1 << 20];
    ssize_t n;
    char *end;
    if (c->in_body) {
        n = recv(c->fd, scratch, c->body_left < sizeof(scratch) ? (size_t)c->body_left : sizeof(scratch), 0);
        if (n <= 0)
            return n < 0 && errno == EAGAIN ? 0 : -1;
        c->body_left -= (uint64_t)n;
    } else {
        n = recv(c->fd, c->head + c->head_size, HEAD - 1 - c->head_size, 0);
        if (n <= 0)
            return n < 0 && errno == EAGAIN ? 0 : -1;
        c->head_size += (size_t)n;
        c->head[c->head_size] = 0;
        end = strstr(c->head, "\r\n\r\n");
        if (end == NULL)
            return c->head_size == HEAD - 1 ? -1 : 0;
        begin_body(c, end);
    }
    maybe_answer(c);
    return 0;
}

/* ---- connections ---- */

static void hang_up(struct connection *c) {
    close(c->fd);
    connections[c->fd] = NULL;
    free(c);
}

static void welcome(int listener) {
    struct epoll_event e = {0};
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    if (fd < 0 || fd >= CONNECTIONS)
        die("accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    connections[fd] = calloc(1, sizeof(struct connection));
    connections[fd]->fd = fd;
    e.events = EPOLLIN;
    e.data.fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static void serve(struct connection *c, unsigned events) {
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && take(c) != 0)
        hang_up(c);
    else if (flush(c, now()) != 0)
        hang_up(c);
}

/* Sends what is due; the time at which the next frame will be. */
static double pace(void) {
    double time = now(), next = HUGE_VAL;
    int fd;
    for (fd = 0; fd < CONNECTIONS; fd++) {
        struct connection *c = connections[fd];
        if (c == NULL || c->stream == NULL || c->gap <= 0)
            continue;
        if (c->due <= time && flush(c, time) != 0)
            hang_up(c);
        else if (c->stream != NULL && c->due < next)
            next = c->due;
    }
    return next;
}

static int open_listener(void) {
    struct sockaddr_in here = {0};
    socklen_t size = sizeof(here);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s < 0 || bind(s, (struct sockaddr *)(void *)&here, sizeof(here)) != 0 || listen(s, 1024) != 0 ||
        getsockname(s, (struct sockaddr *)(void *)&here, &size) != 0)
        die("listen");
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    return s;
}

static void wait_until(double next) {
    struct epoll_event e[256];
    double left = next - now();
    struct timespec t = {0};
    int i, n;
    left = left < 0 ? 0 : left > 1 ? 1 : left;
    t.tv_sec = (time_t)left;
    t.tv_nsec = (long)((left - floor(left)) * 1e9);
    n = epoll_pwait2(epoll, e, 256, &t, NULL);
    for (i = 0; i < n; i++) {
        if (connections[e[i].data.fd] == NULL)
            welcome(e[i].data.fd);
        else
            serve(connections[e[i].data.fd], e[i].events);
    }
}

int main(int argc, char **argv) {
    struct epoll_event e = {0};
    if (argc != 2)
        return 2;
    directory = argv[1];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    e.events = EPOLLIN;
    e.data.fd = open_listener();
    epoll_ctl(epoll, EPOLL_CTL_ADD, e.data.fd, &e);
    for (;;)
        wait_until(pace());
}
