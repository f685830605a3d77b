/* For other bindings: JSON that lies in memory as a Lua value, without a Lua string in between. */
#ifndef LBR_LJSON_H
#define LBR_LJSON_H

#include "lcompat.h"

#include "json.h"

struct lbr_json_opts {
    int depth;     /* how deep values may be nested, at most LBR_JSON_DEPTH_MAX; 0 takes LBR_JSON_DEPTH */
    size_t size;   /* how long the text may be; 0 for no limit */
    size_t values; /* how many values there may be in it; 0 for no limit. "{}," is three bytes, its table
                      fifty */
    int blobs; /* absolute stack index of the table that says where base64 stands for bytes; 0 for nowhere */
};

#define LBR_JSON_DEPTH 1000
#define LBR_JSON_DEPTH_MAX 2000 /* what the C stack of a small thread bears */

/* Pushes the value of a text and answers 1; on failure pushes nothing, fills *err and answers 0. `opts` may
 * be NULL. The text must not move or change meanwhile: nothing here runs Lua code, but a collection may run
 * finalizers. Raises only when Lua is out of memory, and holds nothing then that Lua does not own. Needs
 * core.json to be open. */
int lbr_json_push(lua_State *L, const char *text, size_t n, const struct lbr_json_opts *opts,
                  struct br_json_error *err);

/* Pushes the error as Lua users see it: { code, message, position, line, column }. */
void lbr_json_push_error(lua_State *L, const char *text, size_t n, const struct br_json_error *err);

#endif
