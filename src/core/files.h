/* What files need beyond the C library that Lua offers: read at once, and replaced as a whole, for the user's
 * eyes only. */
#ifndef BR_FILES_H
#define BR_FILES_H

#include "buf.h"

#include <stddef.h>

/* Replaces a file, or makes it, with mode 0600. Whoever reads it meanwhile sees the old content or the new
 * one, never a part; a symbolic link stays one, and what it points to is replaced (one that points to nothing
 * is replaced itself). 0 or an errno. */
int br_file_replace(const char *path, const void *bytes, size_t n);

/* Adds the content of a file to a buffer, in as much memory as it needs. 0 or an errno (EFBIG: more than the
 * buffer may hold). */
int br_file_read(const char *path, struct br_buf *out);

#endif
