#include "support.h"

#include <dirent.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void spec_failed(const char *file, int line, const char *condition) {
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, condition);
    abort();
}

/* ---- the guard page ---- */

struct spec_guarded spec_guard(const void *bytes, size_t size) {
    struct spec_guarded guarded;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), usable = (size + page - 1) / page * page;
    unsigned char *map =
        mmap(NULL, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED);
    CHECK(mprotect(map + usable, page, PROT_NONE) == 0);
    guarded.map = map;
    guarded.mapped = usable + page;
    guarded.at = map + usable - size;
    if (size > 0)
        memcpy(guarded.at, bytes, size);
    return guarded;
}

void spec_unguard(struct spec_guarded *guarded) {
    munmap(guarded->map, guarded->mapped);
}

/* ---- allocations that fail; the linker sends every call here (-Wl,--wrap=malloc and so on) ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static struct {
    long first, seen;
    int once;
} failure = {-1, 0, 0};

void spec_fail_after(long allocations) {
    failure.first = allocations;
    failure.seen = failure.once = 0;
}

void spec_fail_once_after(long allocations) {
    spec_fail_after(allocations);
    failure.once = 1;
}

long spec_allocations(void) {
    return failure.seen;
}

static int fails(void) {
    long number = failure.seen++;
    return failure.first >= 0 && (failure.once ? number == failure.first : number >= failure.first);
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

/* ---- what stands in memory that is given back ---- */

static struct {
    const void *bytes;
    size_t size;
} watched[16];
static int watching, found;

void spec_watch(const void *bytes, size_t size) {
    CHECK(watching < 16 && size > 0);
    watched[watching].bytes = bytes;
    watched[watching++].size = size;
}

int spec_unwatch(void) {
    int count = found;
    watching = found = 0;
    return count;
}

static int holds_watched(void *block) {
    int i;
    for (i = 0; i < watching && block != NULL; i++)
        if (memmem(block, malloc_usable_size(block), watched[i].bytes, watched[i].size) != NULL)
            return 1;
    return 0;
}

static const void *expected[32];
static int expecting, wiped;

void spec_expect_wiped(const void *block) {
    CHECK(expecting < 32 && block != NULL);
    expected[expecting++] = block;
}

int spec_wiped(void) {
    int count = wiped;
    expecting = wiped = 0;
    return count;
}

static int is_blank(const unsigned char *block, size_t size) {
    while (size > 0 && block[size - 1] == 0)
        size--;
    return size == 0;
}

static void check_wiped(void *block) {
    int i;
    for (i = 0; i < expecting; i++)
        if (expected[i] == block && is_blank(block, malloc_usable_size(block))) {
            wiped++;
            expected[i] = NULL;
        }
}

void *__wrap_realloc(void *block, size_t size) {
    int held = holds_watched(block);
    uintptr_t before = (uintptr_t)block;
    void *moved = fails() ? NULL : __real_realloc(block, size);
    found += held && moved != NULL && (uintptr_t)moved != before;
    return moved;
}

void __wrap_free(void *block) {
    found += holds_watched(block);
    if (block != NULL)
        check_wiped(block);
    __real_free(block);
}

/* ---- samples ---- */

static unsigned char *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    unsigned char *bytes;
    long length = 0;
    if (file == NULL)
        return NULL;
    CHECK(fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0);
    bytes = malloc((size_t)length + 1);
    CHECK(bytes != NULL && fread(bytes, 1, (size_t)length, file) == (size_t)length);
    bytes[length] = '\0';
    fclose(file);
    *size = (size_t)length;
    return bytes;
}

int spec_each_file(const char *directory, spec_sample *each) {
    DIR *dir = opendir(directory);
    struct dirent *entry;
    int count = 0;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[1024];
        size_t size;
        unsigned char *bytes;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        bytes = read_file(path, &size);
        CHECK(bytes != NULL);
        each(entry->d_name, bytes, size);
        free(bytes);
        count++;
    }
    if (dir != NULL)
        closedir(dir);
    return count;
}

static int sextet(char c) {
    const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(letters, c) : NULL;
    return at != NULL ? (int)(at - letters) : -1;
}

/* In place; stops at the padding or the closing quote. */
static size_t decode_base64(char *text) {
    unsigned char *out = (unsigned char *)text;
    unsigned int bits = 0;
    size_t count = 0, size = 0;
    for (; sextet(*text) >= 0; text++, count++) {
        bits = bits << 6 | (unsigned int)sextet(*text);
        if (count % 4 != 0)
            out[size++] = (unsigned char)(bits >> (6 - 2 * (count % 4)));
    }
    return size;
}

int spec_each_base64(const char *path, const char *key, spec_sample *each) {
    char label[64], *at;
    size_t size;
    int count = 0;
    char *text = (char *)read_file(path, &size);
    snprintf(label, sizeof(label), "\"%s\": \"", key);
    for (at = text; at != NULL && (at = strstr(at, label)) != NULL; count++) {
        char *end = strchr(at + strlen(label), '"');
        CHECK(end != NULL);
        at += strlen(label);
        size = decode_base64(at);
        each(key, (unsigned char *)at, size);
        at = end;
    }
    free(text);
    return count;
}
