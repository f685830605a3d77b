#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__ /* a shared object has no `environ` there, and pipes come without flags */
#include <crt_externs.h>
#define environ (*_NSGetEnviron())

static int open_pipe(int ends[2]) {
    return pipe(ends) != 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
                   fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0
               ? -1
               : 0;
}
#else
extern char **environ;

static int open_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}
#endif

enum { OUT, ERR, PIPES, CHUNK = 4096 };

/* A child can close its outputs and go on, or end and leave them open in a child of its own; so both are
 * looked at in turns, this often. */
enum { LOOK_MS = 50, LOOK_SOON_MS = 1 };

/* What runs: the ends of the pipes that we read (-1 when at their end), and whether the child is reaped. */
struct running {
    pid_t pid;
    int fd[PIPES];
    int reaped;
    double deadline;
};

void br_process_init(struct br_process *p, size_t limit) {
    br_buf_init(&p->out, limit);
    br_buf_init(&p->err, limit);
    p->out.secret = p->err.secret = 1;
    p->end = BR_PROCESS_FAILED;
    p->code = 0;
}

void br_process_clear(struct br_process *p) {
    br_buf_clear(&p->out);
    br_buf_clear(&p->err);
}

static double monotonic(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void close_end(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_all(int pipes[PIPES][2]) {
    int i;
    for (i = 0; i < PIPES; i++) {
        close_end(&pipes[i][0]);
        close_end(&pipes[i][1]);
    }
}

/* Both pipes, closed on exec; we read without blocking. 0 or an errno. */
static int open_pipes(int pipes[PIPES][2]) {
    int i;
    for (i = 0; i < PIPES; i++)
        pipes[i][0] = pipes[i][1] = -1;
    for (i = 0; i < PIPES; i++) {
        if (open_pipe(pipes[i]) != 0 || fcntl(pipes[i][0], F_SETFL, O_NONBLOCK) != 0) {
            int why = errno;
            close_all(pipes);
            return why;
        }
    }
    return 0;
}

/* The child starts with the signals of a fresh process, whatever the host has blocked or ignored. */
static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    if (posix_spawnattr_setsigmask(attributes, &none) != 0 ||
        posix_spawnattr_setsigdefault(attributes, &all) != 0 || posix_spawnattr_setpgroup(attributes, 0) != 0)
        return EINVAL;
    return posix_spawnattr_setflags(attributes,
                                    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static int set_files(posix_spawn_file_actions_t *files, int pipes[PIPES][2]) {
    int why = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (why == 0)
        why = posix_spawn_file_actions_adddup2(files, pipes[OUT][1], STDOUT_FILENO);
    if (why == 0)
        why = posix_spawn_file_actions_adddup2(files, pipes[ERR][1], STDERR_FILENO);
    return why;
}

static int spawn(pid_t *pid, const char *command, int pipes[PIPES][2]) {
    char shell[] = "sh", flag[] = "-c";
    char *argv[4];
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int why;
    union {
        const char *given;
        char *wanted;
    } text = {command}; /* posix_spawn does not write to it */
    argv[0] = shell, argv[1] = flag, argv[2] = text.wanted, argv[3] = NULL;
    if (posix_spawn_file_actions_init(&files) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return ENOMEM;
    }
    why = set_files(&files, pipes);
    if (why == 0)
        why = set_attributes(&attributes);
    if (why == 0)
        why = posix_spawn(pid, "/bin/sh", &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return why;
}

static int start(struct running *r, const char *command) {
    int pipes[PIPES][2];
    int why = open_pipes(pipes);
    if (why == 0)
        why = spawn(&r->pid, command, pipes);
    if (why == 0) {
        r->fd[OUT] = pipes[OUT][0], r->fd[ERR] = pipes[ERR][0];
        pipes[OUT][0] = pipes[ERR][0] = -1;
    }
    close_all(pipes);
    return why;
}

/* Takes what is there now. 0, or -1 when the buffer is full. */
static int drain(int *fd, struct br_buf *b) {
    while (*fd >= 0) {
        char *room = br_buf_room(b, CHUNK);
        ssize_t n;
        if (room == NULL)
            return -1;
        n = read(*fd, room, CHUNK);
        if (n > 0)
            br_buf_added(b, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            close_end(fd);
        else if (errno == EAGAIN)
            return 0;
    }
    return 0;
}

static void look_after(struct br_process *p, struct running *r) {
    int status = 0;
    pid_t done = waitpid(r->pid, &status, WNOHANG);
    if (done == 0 || (done < 0 && errno == EINTR))
        return;
    r->reaped = 1;
    if (done < 0) {
        p->end = BR_PROCESS_LOST;
    } else if (WIFSIGNALED(status)) {
        p->end = BR_PROCESS_SIGNALLED;
        p->code = WTERMSIG(status);
    } else {
        p->end = BR_PROCESS_EXITED;
        p->code = WEXITSTATUS(status);
    }
}

static void wait_for_news(struct running *r) {
    struct pollfd polled[PIPES];
    nfds_t n = 0;
    int i;
    for (i = 0; i < PIPES; i++) {
        if (r->fd[i] >= 0) {
            polled[n].fd = r->fd[i];
            polled[n].events = POLLIN;
            n++;
        }
    }
    poll(polled, n, n > 0 ? LOOK_MS : LOOK_SOON_MS);
}

static void kill_all(struct br_process *p, struct running *r, enum br_process_end end) {
    kill(-r->pid, SIGKILL);
    while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    r->reaped = 1;
    p->end = end;
}

/* Until the child has ended; its last words are still in the pipes then. */
static void follow(struct br_process *p, struct running *r) {
    while (!r->reaped) {
        wait_for_news(r);
        look_after(p, r);
        if (drain(&r->fd[OUT], &p->out) != 0 || drain(&r->fd[ERR], &p->err) != 0) {
            if (r->reaped)
                p->end = BR_PROCESS_OVERFLOW;
            else
                kill_all(p, r, BR_PROCESS_OVERFLOW);
        } else if (!r->reaped && monotonic() >= r->deadline) {
            kill_all(p, r, BR_PROCESS_TIMEOUT);
        }
    }
}

enum br_process_end br_process_run(struct br_process *p, const char *command, double seconds) {
    struct running r;
    r.reaped = 0;
    r.fd[OUT] = r.fd[ERR] = -1;
    r.deadline = monotonic() + seconds;
    p->code = start(&r, command);
    if (p->code != 0)
        return p->end = BR_PROCESS_FAILED;
    follow(p, &r);
    close_end(&r.fd[OUT]);
    close_end(&r.fd[ERR]);
    return p->end;
}
