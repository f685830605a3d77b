/* Any bytes through what the machine offers: a file that is replaced holds them, a command that prints them
 * is read, a terminal that types them gives each. The first byte says how the command ends and how much of
 * its output fits. */
#include "files.h"
#include "process.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS = 200 };     /* what a terminal holds at least */
enum { ROOM = 1 << 20 }; /* more than any file here takes */

static char folder[64], path[80], link_path[80];
static int keyboard, terminal;

static void promise(int kept) {
    if (!kept)
        abort();
}

static void clean_up(void) {
    unlink(link_path);
    unlink(path);
    rmdir(folder);
}

static void open_terminal(void) {
    keyboard = posix_openpt(O_RDWR | O_NOCTTY);
    promise(keyboard >= 0 && grantpt(keyboard) == 0 && unlockpt(keyboard) == 0);
    terminal = open(ptsname(keyboard), O_RDWR | O_NOCTTY | O_NONBLOCK);
    promise(terminal >= 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    snprintf(folder, sizeof folder, "/tmp/bedrock-fuzz-XXXXXX");
    promise(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(link_path, sizeof link_path, "%s/link", folder);
    promise(br_file_replace(path, "", 0) == 0 && symlink(path, link_path) == 0);
    atexit(clean_up);
    open_terminal();
    return 0;
}

/* ---- a file ---- */

static void check_file(const uint8_t *data, size_t size) {
    struct stat s;
    struct br_buf back;
    promise(br_file_replace(link_path, data, size) == 0);
    promise(lstat(link_path, &s) == 0 && S_ISLNK(s.st_mode));
    promise(stat(path, &s) == 0 && (s.st_mode & 0777) == 0600);
    br_buf_init(&back, ROOM);
    promise(br_file_read(link_path, &back) == 0 && back.len == size);
    promise(size == 0 || memcmp(back.data, data, size) == 0);
    br_buf_clear(&back);
    br_buf_init(&back, size / 2);
    promise(size == 0 || br_file_read(path, &back) == EFBIG);
    br_buf_clear(&back);
    br_buf_init(&back, ROOM);
    promise(br_file_read("/proc/none/file", &back) == ENOENT && br_file_read(folder, &back) == EISDIR);
    br_buf_clear(&back);
    promise(br_file_replace("/proc/none/file", data, size) == ENOENT);
    promise(br_file_replace(folder, data, size) != 0);
}

/* ---- a command ---- */

static void check_output(const struct br_buf *out, const uint8_t *data, size_t size) {
    promise(out->len == size && (size == 0 || memcmp(out->data, data, size) == 0));
}

static void check_process(unsigned char how, const uint8_t *data, size_t size) {
    struct br_process p;
    char command[200];
    size_t limit = how & 8 ? size / 2 : size + 8192;
    enum br_process_end end;
    snprintf(command, sizeof command, "cat %s; cat %s >&2; %s", path, path,
             (how & 3) == 3   ? "sleep 60"
             : (how & 3) == 2 ? "kill -9 $$"
                              : "exit 3");
    br_process_init(&p, limit);
    end = br_process_run(&p, command, how & 16 || (how & 3) == 3 ? 0.05 : 60);
    promise(end == p.end && end != BR_PROCESS_FAILED && end != BR_PROCESS_LOST);
    promise(p.out.len <= limit && p.err.len <= limit);
    if (end == BR_PROCESS_EXITED || end == BR_PROCESS_SIGNALLED) {
        promise(p.code == (end == BR_PROCESS_EXITED ? 3 : SIGKILL));
        check_output(&p.out, data, size);
        check_output(&p.err, data, size);
    }
    br_process_clear(&p);
    br_process_clear(&p);
}

/* ---- a terminal ---- */

static void check_keys(const uint8_t *data, size_t size) {
    char got[KEYS];
    size_t n = size < KEYS ? size : KEYS, seen = 0;
    promise(br_terminal_raw(terminal) == 0 && br_terminal_raw(terminal) == 0);
    promise(write(keyboard, data, n) == (ssize_t)n);
    while (seen < n) {
        int more = br_terminal_read(terminal, 5, got + seen, n - seen);
        promise(more > 0);
        seen += (size_t)more;
    }
    promise(memcmp(got, data, n) == 0);
    promise(br_terminal_read(terminal, 0, got, sizeof got) == -1);
    br_terminal_restore();
    br_terminal_restore();
}

static void check_terminal(void) {
    int columns = -1, rows = -1;
    char got[1];
    promise(br_terminal_size(keyboard, &columns, &rows) == 0 && columns >= 0 && rows >= 0);
    promise(br_terminal_size(-1, &columns, &rows) == EBADF && br_terminal_raw(-1) == EBADF);
    promise(br_terminal_read(-1, 0, got, 1) == -1 || errno == EBADF);
}

/* Interrupts are counted while they are watched. */
static void check_interrupts(unsigned char how) {
    int fd = br_interrupt_watch(), i;
    promise(fd >= 0 && br_interrupt_watch() == fd);
    for (i = 0; i < how % 4; i++)
        raise(SIGINT);
    promise(br_interrupt_take() == how % 4 && br_interrupt_take() == 0);
    br_interrupt_leave();
    br_interrupt_leave();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    check_file(data + 1, size - 1);
    check_process(data[0], data + 1, size - 1);
    check_keys(data, size);
    check_terminal();
    check_interrupts(data[0]);
    return 0;
}
