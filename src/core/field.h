/* The fields of a header: what their names and values may be made of (RFC 9110, section 5), and both as a
 * signature wants them. */
#ifndef BR_FIELD_H
#define BR_FIELD_H

#include "span.h"

/* A token: at least one byte, and each a letter, a digit or one of !#$%&'*+-.^_`|~ */
int br_field_is_name(struct br_span text);

/* Nothing that ends the line, and no other control character but the tab. */
int br_field_is_value(struct br_span text);

/* A value without blanks and tabs, as keys and tokens are: white space is what a careless export left there.
 */
int br_field_is_key(struct br_span text);

/* Writes the name in lower case to `to`, which has room for it. Answers the end of what was written. */
char *br_field_lower(char *to, struct br_span name);

/* The same for the value without the space around it, and with one blank for every run of space inside:
 * folded lines become one. */
char *br_field_trimmed(char *to, struct br_span value);

#endif
