/* Frames alone: checksums and headers of a stream checked by src/core, in reads of 16 KiB, without any Lua.
 *
 * A contestant as bench/contestant.lua describes it: for each line on its input it makes one pass over the
 * file and answers with the seconds of CPU. */
#include "eventstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { READ = 16384 };

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *load(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    char *bytes;
    if (f == NULL || fseek(f, 0, SEEK_END) != 0)
        return NULL;
    *n = (size_t)ftell(f);
    rewind(f);
    bytes = malloc(*n);
    if (bytes != NULL && fread(bytes, 1, *n, f) != *n)
        bytes = NULL;
    fclose(f);
    return bytes;
}

static long count_frames(const char *bytes, size_t n) {
    struct br_eventstream stream;
    size_t at;
    long frames = 0;
    br_eventstream_init(&stream);
    for (at = 0; at < n; at += READ) {
        br_eventstream_feed(&stream, bytes + at, n - at < READ ? n - at : READ);
        while (br_eventstream_peek(&stream) == BR_EVENTSTREAM_FRAME) {
            frames += stream.frame.kind == BR_EVENTSTREAM_EVENT;
            br_eventstream_skip(&stream);
        }
    }
    if (br_eventstream_finish(&stream) == BR_EVENTSTREAM_BROKEN)
        frames = -1;
    br_eventstream_clear(&stream);
    return frames;
}

int main(int argc, char **argv) {
    char line[64];
    size_t n = 0;
    char *bytes = argc > 2 ? load(argv[1], &n) : NULL;
    long expected = argc > 2 ? atol(argv[2]) : 0;
    if (bytes == NULL)
        return 2;
    while (fgets(line, sizeof(line), stdin) != NULL) {
        double start = cpu();
        if (count_frames(bytes, n) != expected)
            return 1;
        printf("%.9f\n", cpu() - start);
        fflush(stdout);
    }
    free(bytes);
    return 0;
}
