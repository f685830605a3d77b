/* The four clocks as a table of times, and the heap of alarms against the plainest search for the smallest,
 * also when it cannot grow. */
#include "support/support.h"

#include "clocks.h"

#include <math.h>
#include <stdio.h>

enum { ALARMS = 300, ROUNDS = 20000 };

static const struct {
    double limit[BR_CLOCK_COUNT]; /* connect, first_byte, idle, total */
    enum br_phase phase;
    double since, want;
    enum br_clock which;
} rows[] = {
    {{5, 60, 10, 100}, BR_PHASE_CONNECT, 0, 5, BR_CLOCK_CONNECT},
    {{5, 60, 10, 100}, BR_PHASE_SEND, 7, 17, BR_CLOCK_IDLE},
    {{5, 60, 10, 100}, BR_PHASE_WAIT, 20, 80, BR_CLOCK_FIRST_BYTE},
    {{5, 60, 10, 100}, BR_PHASE_READ, 30, 40, BR_CLOCK_IDLE},
    {{5, 60, 10, 100}, BR_PHASE_PAUSE, 30, 100, BR_CLOCK_TOTAL},
    {{5, 60, 10, 100}, BR_PHASE_READ, 95, 100, BR_CLOCK_TOTAL},
    {{0, 60, 10, 100}, BR_PHASE_CONNECT, 0, 100, BR_CLOCK_TOTAL},
    {{5, 0, 10, 0}, BR_PHASE_WAIT, 20, HUGE_VAL, BR_CLOCK_TOTAL},
    {{5, 60, 0, 0}, BR_PHASE_READ, 20, HUGE_VAL, BR_CLOCK_TOTAL},
    {{0, 0, 0, 0}, BR_PHASE_PAUSE, 20, HUGE_VAL, BR_CLOCK_TOTAL},
};

static void check_rows(void) {
    size_t i, k;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct br_clocks c;
        enum br_clock which;
        for (k = 0; k < BR_CLOCK_COUNT; k++)
            c.limit[k] = rows[i].limit[k];
        br_clocks_start(&c, 0);
        br_clocks_enter(&c, rows[i].phase, rows[i].since);
        CHECK(br_clocks_deadline(&c, &which) == rows[i].want);
        CHECK(which == rows[i].which);
    }
}

/* Bytes move the idle clock and no other. */
static void check_touch(void) {
    struct br_clocks c = {{5, 60, 10, 0}, 0, 0, BR_PHASE_CONNECT};
    enum br_clock which;
    br_clocks_start(&c, 0);
    br_clocks_touch(&c, 3);
    CHECK(br_clocks_deadline(&c, &which) == 5);
    br_clocks_enter(&c, BR_PHASE_READ, 4);
    br_clocks_touch(&c, 9);
    CHECK(br_clocks_deadline(&c, &which) == 19);
}

static unsigned next_random(void) {
    static unsigned state = 1;
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static double smallest(const struct br_alarm *alarms) {
    double at = HUGE_VAL;
    size_t i;
    for (i = 0; i < ALARMS; i++)
        if (alarms[i].place != 0 && alarms[i].at < at)
            at = alarms[i].at;
    return at;
}

static void check_heap(void) {
    static struct br_alarm alarms[ALARMS];
    struct br_alarms heap;
    int round;
    br_alarms_init(&heap);
    for (round = 0; round < ROUNDS; round++) {
        struct br_alarm *a = &alarms[next_random() % ALARMS];
        const struct br_alarm *first;
        if (next_random() % 3 == 0)
            br_alarms_remove(&heap, a);
        else
            CHECK(br_alarms_set(&heap, a, (double)(next_random() % 1000)) == 0);
        first = br_alarms_first(&heap);
        CHECK((first != NULL ? first->at : HUGE_VAL) == smallest(alarms));
    }
    br_alarms_clear(&heap);
    CHECK(br_alarms_first(&heap) == NULL);
}

static void check_no_memory(void) {
    struct br_alarm alarms[40] = {{0, 0}};
    struct br_alarms heap;
    int i, refused = 0;
    br_alarms_init(&heap);
    spec_fail_after(1);
    for (i = 0; i < 40; i++)
        refused += br_alarms_set(&heap, &alarms[i], 40 - i) != 0;
    spec_fail_after(-1);
    CHECK(refused == 40 - 16);
    CHECK(br_alarms_first(&heap) == &alarms[15]);
    br_alarms_clear(&heap);
}

int main(void) {
    check_rows();
    check_touch();
    check_heap();
    check_no_memory();
    printf("clocks: %d rows, %d turns of the heap\n", (int)(sizeof rows / sizeof rows[0]), ROUNDS);
    return 0;
}
