/* What a command line needs of its terminal: its size, keys one by one, and Ctrl-C as something to look at.
 *
 * A process has one controlling terminal and one handler for SIGINT, so this state is the process's, not a
 * caller's. Nothing here happens unless it is asked for: a library that is loaded into somebody's program
 * leaves signals and terminals alone. */
#ifndef BR_TERMINAL_H
#define BR_TERMINAL_H

#include <stddef.h>

/* Columns and rows of the terminal at fd. 0, or an errno. */
int br_terminal_size(int fd, int *columns, int *rows);

/* From here on keys come one by one, unechoed, and Ctrl-C is the byte 3. 0, or an errno. Twice is harmless.
 */
int br_terminal_raw(int fd);

/* The terminal as it was before br_terminal_raw; harmless without it. */
void br_terminal_restore(void);

/* Waits for at most `seconds` (for ever when negative) and reads what is there: bytes read, 0 at the end of
 * the input, -1 when the time is over or a signal came, -2 and errno for a failure. */
int br_terminal_read(int fd, double seconds, char *into, size_t size);

/* From here on SIGINT is counted instead of ending the program. Gives a descriptor that can be read from when
 * one has come, to wait for beside others; never to be closed. -1 and errno for a failure. */
int br_interrupt_watch(void);

/* How many have come since the last question. */
int br_interrupt_take(void);

/* SIGINT does again what it did before br_interrupt_watch. */
void br_interrupt_leave(void);

#endif
