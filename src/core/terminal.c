#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct {
    int fd; /* -1: the terminal is as we found it */
    struct termios before;
} raw = {.fd = -1};

static struct {
    int watching;
    int pipe[2]; /* made once, kept for good: a handler may still be writing */
    struct sigaction before;
} interrupts = {.pipe = {-1, -1}};

static volatile sig_atomic_t interrupted;

int br_terminal_size(int fd, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0)
        return errno;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

int br_terminal_raw(int fd) {
    struct termios now;
    if (raw.fd >= 0)
        return 0;
    if (tcgetattr(fd, &raw.before) != 0)
        return errno;
    now = raw.before;
    now.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
    now.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSADRAIN, &now) != 0)
        return errno;
    raw.fd = fd;
    return 0;
}

void br_terminal_restore(void) {
    if (raw.fd >= 0)
        (void)tcsetattr(raw.fd, TCSADRAIN, &raw.before);
    raw.fd = -1;
}

int br_terminal_read(int fd, double seconds, char *into, size_t size) {
    struct pollfd p = {fd, POLLIN, 0};
    int ready = poll(&p, 1, seconds < 0 ? -1 : (int)(seconds * 1000 + 0.5));
    ssize_t n;
    if (ready == 0 || (ready < 0 && errno == EINTR))
        return -1;
    if (ready < 0)
        return -2;
    n = read(fd, into, size);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? -1 : -2;
    return (int)n;
}

/* The pipe may be full; what counts is that it is not empty. */
static void count(int number) {
    int saved = errno;
    ssize_t n;
    (void)number;
    interrupted = interrupted + 1;
    n = write(interrupts.pipe[1], "", 1);
    (void)n;
    errno = saved;
}

static int open_pipe(void) {
    int i;
    if (interrupts.pipe[0] >= 0)
        return 0;
    if (pipe(interrupts.pipe) != 0)
        return -1;
    for (i = 0; i < 2; i++) {
        (void)fcntl(interrupts.pipe[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(interrupts.pipe[i], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

int br_interrupt_watch(void) {
    struct sigaction action = {0};
    if (open_pipe() != 0)
        return -1;
    if (interrupts.watching)
        return interrupts.pipe[0];
    action.sa_handler = count; /* without SA_RESTART, so that what waits wakes up */
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, &interrupts.before) != 0)
        return -1;
    interrupts.watching = 1;
    return interrupts.pipe[0];
}

int br_interrupt_take(void) {
    char drain[64];
    int n;
    while (interrupts.pipe[0] >= 0 && read(interrupts.pipe[0], drain, sizeof drain) > 0)
        ;
    n = interrupted;
    interrupted = 0;
    return n;
}

void br_interrupt_leave(void) {
    if (interrupts.watching)
        (void)sigaction(SIGINT, &interrupts.before, NULL);
    interrupts.watching = 0;
}
