/* Runs one command to its end, with a limit of time and of output. Blocks the thread that calls it.
 *
 * The command gets `/dev/null` as its input and a process group of its own, so that what it started ends with
 * it when the time is up. */
#ifndef BR_PROCESS_H
#define BR_PROCESS_H

#include "buf.h"

enum br_process_end {
    BR_PROCESS_EXITED,    /* `code` is its exit code */
    BR_PROCESS_SIGNALLED, /* `code` is the signal */
    BR_PROCESS_TIMEOUT,   /* killed: the time was up */
    BR_PROCESS_OVERFLOW,  /* killed: it printed more than fits */
    BR_PROCESS_LOST,      /* ended, but the host's own handler took its exit code */
    BR_PROCESS_FAILED,    /* never started or lost its pipes: `code` is an errno */
};

/* The caller's struct; the two buffers hold the output until br_process_clear. */
struct br_process {
    struct br_buf out, err;
    enum br_process_end end;
    int code;
};

/* `limit` bytes at most of each of the two outputs. */
void br_process_init(struct br_process *p, size_t limit);

/* Gives the output back, wiped: it may hold secrets. Harmless when called twice. */
void br_process_clear(struct br_process *p);

/* Runs `/bin/sh -c command` and answers how it ended. Once per struct. */
enum br_process_end br_process_run(struct br_process *p, const char *command, double seconds);

#endif
