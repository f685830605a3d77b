/* What the C tests share: memory that ends at a page nobody may touch, allocations that fail, samples from
 * files. */
#ifndef SPEC_SUPPORT_H
#define SPEC_SUPPORT_H

#include <stddef.h>

/* A failed check names itself and ends the test. */
#define CHECK(condition) ((condition) ? (void)0 : spec_failed(__FILE__, __LINE__, #condition))
void spec_failed(const char *file, int line, const char *condition);

/* A copy of the bytes whose last one is the last byte of its page; the next page may not be touched. */
struct spec_guarded {
    unsigned char *at;
    void *map;
    size_t mapped;
};
struct spec_guarded spec_guard(const void *bytes, size_t size);
void spec_unguard(struct spec_guarded *guarded);

/* After so many allocations every one fails (malloc, calloc, realloc), or only the next one does; negative:
 * none does. */
void spec_fail_after(long allocations);
void spec_fail_once_after(long allocations);

/* How many allocations there were since one of those two was called, those that failed too. */
long spec_allocations(void);

/* From now on every block that is given back is searched for these bytes, which must stay where they are; so
 * is one that realloc moves. 16 of them at most; the second forgets them and answers how many blocks held
 * some. */
void spec_watch(const void *bytes, size_t size);
int spec_unwatch(void);

/* This block must be nothing but zeros when it is given back; the second answers how many of those were, and
 * forgets the rest. 32 of them at most. */
void spec_expect_wiped(const void *block);
int spec_wiped(void);

/* Calls `each` with every file of a directory (named as it is there), and with every base64 string that
 * stands behind the given key in a JSON file. Both answer how many there were; a file that is not there has
 * none. */
typedef void spec_sample(const char *name, const unsigned char *bytes, size_t size);
int spec_each_file(const char *directory, spec_sample *each);
int spec_each_base64(const char *path, const char *key, spec_sample *each);

#endif
