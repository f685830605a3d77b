/* What the three files of the HTTP engine share: http.c moves bytes, http_setup.c tells libcurl what to send,
 * http_fault.c says in words why it went wrong. */
#ifndef BR_HTTP_PARTS_H
#define BR_HTTP_PARTS_H

#include "http.h"

/* Writes the fault into the request, and answers it. */
enum br_http_fault br_http_fail(struct br_http_request *r, enum br_http_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes the fault that libcurl's result stands for. A result of CURLE_OK means that the answer never came.
 */
void br_http_explain(struct br_http_request *r, CURLcode result);

/* Writes the fault of a clock that ran out. */
void br_http_explain_clock(struct br_http_request *r, enum br_clock clock);

/* Makes r->easy and tells it everything but where to put what comes. */
enum br_http_fault br_http_setup(struct br_http_request *r, const struct br_http_options *o);

#endif
