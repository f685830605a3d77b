/* libcurl's allocations go through ours, so that they fail with them. */
#ifndef SPEC_CURL_H
#define SPEC_CURL_H

#include "support.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static void *take(size_t n) {
    return malloc(n);
}

static void give(void *p) {
    free(p);
}

static void *grow(void *p, size_t n) {
    return realloc(p, n);
}

static char *copy(const char *s) {
    char *p = malloc(strlen(s) + 1);
    return p != NULL ? strcpy(p, s) : NULL;
}

static void *take_many(size_t n, size_t size) {
    return calloc(n, size);
}

static void spec_curl_begin(void) {
    CHECK(curl_global_init_mem(CURL_GLOBAL_DEFAULT, take, give, grow, copy, take_many) == CURLE_OK);
}

#endif
