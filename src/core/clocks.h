/* The four clocks of a request, and the heap that knows which one runs out next.
 *
 * Pure functions of the time they are given: monotonic seconds. A clock of 0 seconds is off. Only one of
 * connect, first_byte and idle runs at a time, and total always does:
 *
 *   CONNECT  name, TCP, proxy, TLS        connect, from the start
 *   SEND     the request goes out         idle, from the last byte that left
 *   WAIT     all of it is sent            first_byte, from the last byte that left
 *   READ     the answer has begun         idle, from the last byte that came
 *   PAUSE    the reader is slow           none: that nobody reads is not the server's silence */
#ifndef BR_CLOCKS_H
#define BR_CLOCKS_H

#include <stddef.h>

enum br_clock { BR_CLOCK_CONNECT, BR_CLOCK_FIRST_BYTE, BR_CLOCK_IDLE, BR_CLOCK_TOTAL, BR_CLOCK_COUNT };

enum br_phase { BR_PHASE_CONNECT, BR_PHASE_SEND, BR_PHASE_WAIT, BR_PHASE_READ, BR_PHASE_PAUSE };

struct br_clocks {
    double limit[BR_CLOCK_COUNT]; /* seconds; 0 is off */
    double began;                 /* when the request started */
    double since;                 /* what the clock of this phase counts from */
    enum br_phase phase;
};

extern const char *const br_clock_names[BR_CLOCK_COUNT];

void br_clocks_start(struct br_clocks *c, double now);
void br_clocks_enter(struct br_clocks *c, enum br_phase phase, double now);

/* Bytes moved. */
void br_clocks_touch(struct br_clocks *c, double now);

/* When the next clock runs out, and which; HUGE_VAL when none will. */
double br_clocks_deadline(const struct br_clocks *c, enum br_clock *which);

/* An alarm is a member of what it wakes. The heap borrows the pointers and owns only its table. An alarm may
 * ring early, never late: its owner looks at the clocks again and sets it anew, so that a byte costs no heap
 * operation. */
struct br_alarm {
    double at;
    size_t place; /* 1-based place in the heap; 0 when not in it */
};

struct br_alarms {
    struct br_alarm **heap;
    size_t count, room;
};

void br_alarms_init(struct br_alarms *h);
void br_alarms_clear(struct br_alarms *h);

/* Sets or moves an alarm. 0, or -1 when there is no memory for it. */
int br_alarms_set(struct br_alarms *h, struct br_alarm *a, double at);
void br_alarms_remove(struct br_alarms *h, struct br_alarm *a);

/* The alarm that rings first, or NULL. */
struct br_alarm *br_alarms_first(const struct br_alarms *h);

#endif
