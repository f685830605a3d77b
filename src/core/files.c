#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
        }
    }
    return fsync(fd) == 0 ? 0 : errno;
}

/* "PATH.XXXXXX", a file of its own with mode 0600. The caller frees the name. */
static char *temporary_name(const char *path) {
    static const char suffix[] = ".XXXXXX";
    size_t n = strlen(path);
    char *name = malloc(n + sizeof(suffix));
    if (name != NULL) {
        memcpy(name, path, n);
        memcpy(name + n, suffix, sizeof(suffix));
    }
    return name;
}

static int replace(const char *target, char *temporary, const void *bytes, size_t n) {
    int why, fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return errno;
    why = write_all(fd, bytes, n);
    if (close(fd) != 0 && why == 0)
        why = errno;
    if (why == 0 && rename(temporary, target) != 0)
        why = errno;
    if (why != 0)
        unlink(temporary);
    return why;
}

int br_file_replace(const char *path, const void *bytes, size_t n) {
    char *real = realpath(path, NULL);
    const char *target = real != NULL ? real : path;
    char *temporary = temporary_name(target);
    int why = temporary != NULL ? replace(target, temporary, bytes, n) : ENOMEM;
    free(temporary);
    free(real);
    return why;
}

#define READ_AHEAD 65536 /* for what does not say how large it is */

/* Room for all of a file at once and for the read that finds its end. */
static void expect(int fd, struct br_buf *out) {
    struct stat s;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0)
        br_buf_room(out, (size_t)s.st_size + 1);
}

static int read_all(int fd, struct br_buf *out) {
    ssize_t n;
    do {
        char *room = br_buf_room(out, out->len < out->cap ? 1 : READ_AHEAD);
        if (room == NULL)
            return out->failed == BR_BUF_LIMIT ? EFBIG : ENOMEM;
        n = read(fd, room, out->cap - out->len);
        if (n > 0)
            br_buf_added(out, (size_t)n);
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n == 0 ? 0 : errno;
}

int br_file_read(const char *path, struct br_buf *out) {
    int why, fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    expect(fd, out);
    why = read_all(fd, out);
    close(fd);
    return why;
}
