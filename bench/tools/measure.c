/* Runs a program and says what it cost: one line of
 *
 *     user system wall start first rss request
 *
 * in seconds and KiB. `start` is the moment before the fork and `first` that of the first byte on its output,
 * both by the monotonic clock; `request` is the moment at which bench/tools/server.c, at the given port, had
 * last taken a whole request (0 with port 0). What the program writes is thrown away. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(char **command, int output) {
    dup2(output, STDOUT_FILENO);
    close(output);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

/* Reads to the end; the moment at which the first byte came. */
static double drain(int fd) {
    char bytes[65536];
    double first = 0;
    while (read(fd, bytes, sizeof(bytes)) > 0)
        if (first == 0)
            first = now();
    return first;
}

static double last_request(int port) {
    static const char ask[] = "GET /last HTTP/1.1\r\nHost: bench\r\n\r\n";
    struct sockaddr_in to = {0};
    char answer[1024];
    size_t n = 0;
    ssize_t got;
    const char *body;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_family = AF_INET;
    to.sin_port = htons((unsigned short)port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s < 0 || connect(s, (struct sockaddr *)(void *)&to, sizeof(to)) != 0 ||
        write(s, ask, sizeof(ask) - 1) < 0)
        return 0;
    do {
        got = read(s, answer + n, sizeof(answer) - 1 - n);
        n += got > 0 ? (size_t)got : 0;
        answer[n] = 0;
        body = strstr(answer, "\r\n\r\n");
    } while (got > 0 && (body == NULL || strchr(body + 4, '\n') == NULL));
    close(s);
    return body != NULL ? atof(body + 4) : 0;
}

int main(int argc, char **argv) {
    struct rusage used;
    int pipes[2], status, port;
    double start, first, end;
    pid_t child;
    if (argc < 3 || pipe(pipes) != 0)
        return 2;
    port = atoi(argv[1]);
    start = now();
    child = fork();
    if (child == 0) {
        close(pipes[0]);
        run(argv + 2, pipes[1]);
    }
    close(pipes[1]);
    first = drain(pipes[0]);
    if (child < 0 || wait4(child, &status, 0, &used) < 0)
        return 2;
    end = now();
    printf("%.6f %.6f %.6f %.6f %.6f %ld %.6f\n", seconds(used.ru_utime), seconds(used.ru_stime), end - start,
           start, first, used.ru_maxrss, port != 0 ? last_request(port) : 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
