#include "clocks.h"

#include <math.h>
#include <stdlib.h>

const char *const br_clock_names[BR_CLOCK_COUNT] = {"connect", "first_byte", "idle", "total"};

void br_clocks_start(struct br_clocks *c, double now) {
    c->began = now;
    br_clocks_enter(c, BR_PHASE_CONNECT, now);
}

void br_clocks_enter(struct br_clocks *c, enum br_phase phase, double now) {
    c->phase = phase;
    c->since = now;
}

void br_clocks_touch(struct br_clocks *c, double now) {
    if (c->phase == BR_PHASE_SEND || c->phase == BR_PHASE_READ)
        c->since = now;
}

static int clock_of_phase(enum br_phase phase) {
    switch (phase) {
    case BR_PHASE_CONNECT:
        return BR_CLOCK_CONNECT;
    case BR_PHASE_WAIT:
        return BR_CLOCK_FIRST_BYTE;
    case BR_PHASE_SEND:
    case BR_PHASE_READ:
        return BR_CLOCK_IDLE;
    case BR_PHASE_PAUSE:
        break;
    }
    return -1;
}

double br_clocks_deadline(const struct br_clocks *c, enum br_clock *which) {
    double at = HUGE_VAL;
    int phase = clock_of_phase(c->phase);
    *which = BR_CLOCK_TOTAL;
    if (c->limit[BR_CLOCK_TOTAL] > 0)
        at = c->began + c->limit[BR_CLOCK_TOTAL];
    if (phase >= 0 && c->limit[phase] > 0 && c->since + c->limit[phase] < at) {
        *which = (enum br_clock)phase;
        at = c->since + c->limit[phase];
    }
    return at;
}

void br_alarms_init(struct br_alarms *h) {
    h->heap = NULL;
    h->count = h->room = 0;
}

void br_alarms_clear(struct br_alarms *h) {
    free(h->heap);
    br_alarms_init(h);
}

static void put(struct br_alarms *h, size_t place, struct br_alarm *a) {
    h->heap[place - 1] = a;
    a->place = place;
}

static void rise(struct br_alarms *h, struct br_alarm *a) {
    size_t at = a->place;
    while (at > 1 && h->heap[at / 2 - 1]->at > a->at) {
        put(h, at, h->heap[at / 2 - 1]);
        at /= 2;
    }
    put(h, at, a);
}

static void sink(struct br_alarms *h, struct br_alarm *a) {
    size_t at = a->place;
    for (;;) {
        size_t child = at * 2;
        if (child > h->count)
            break;
        if (child < h->count && h->heap[child]->at < h->heap[child - 1]->at)
            child++;
        if (h->heap[child - 1]->at >= a->at)
            break;
        put(h, at, h->heap[child - 1]);
        at = child;
    }
    put(h, at, a);
}

static int add(struct br_alarms *h, struct br_alarm *a) {
    if (h->count == h->room) {
        size_t room = h->room != 0 ? h->room * 2 : 16;
        struct br_alarm **heap = realloc(h->heap, room * sizeof *heap);
        if (heap == NULL)
            return -1;
        h->heap = heap;
        h->room = room;
    }
    put(h, ++h->count, a);
    return 0;
}

int br_alarms_set(struct br_alarms *h, struct br_alarm *a, double at) {
    a->at = at;
    if (a->place == 0 && add(h, a) != 0)
        return -1;
    rise(h, a);
    sink(h, a);
    return 0;
}

void br_alarms_remove(struct br_alarms *h, struct br_alarm *a) {
    size_t place = a->place;
    struct br_alarm *last;
    if (place == 0)
        return;
    last = h->heap[--h->count];
    a->place = 0;
    if (last == a)
        return;
    put(h, place, last);
    rise(h, last);
    sink(h, last);
}

struct br_alarm *br_alarms_first(const struct br_alarms *h) {
    return h->count != 0 ? h->heap[0] : NULL;
}
