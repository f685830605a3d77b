/* The Lua values that stand for JSON's, shared by the decoder and the encoder. */
#ifndef LBR_LJSON_VALUES_H
#define LBR_LJSON_VALUES_H

#include "lcompat.h"

#include "ljson.h"

/* What a marked value or a metatable says about how to write it. */
enum lbr_json_kind {
    LBR_JSON_PLAIN,          /* nothing: the keys decide */
    LBR_JSON_NULL,           /* this value is null */
    LBR_JSON_EMPTY_ARRAY,    /* this value is [] */
    LBR_JSON_ARRAY,          /* with this metatable: an array */
    LBR_JSON_ARRAY_IF_EMPTY, /* with this metatable: an array when it is empty */
    LBR_JSON_OBJECT,         /* with this metatable: an object */
    LBR_JSON_BLOB,           /* with this metatable: bytes, written as base64 text */
    LBR_JSON_EXACT,          /* with this metatable: a number that only its text holds */
};

/* The table from marked values and metatables to their kinds. */
void lbr_json_push_kinds(lua_State *L);

/* The metatable of decoded arrays. */
void lbr_json_push_array_mt(lua_State *L);

/* A number that no Lua number holds exactly: a userdata of its text, which prints and encodes as it. */
void lbr_json_push_exact(lua_State *L, const char *text, size_t n);

/* Gives the error table on top of the stack its metatable. */
void lbr_json_mark_error(lua_State *L);

/* Where base64 stands for bytes, seen from one value: the absolute stack index of a table that says so about
 * what is inside of it, or one of these. */
#define LBR_JSON_NO_BLOBS 0
#define LBR_JSON_IS_BLOB (-1)

/* The same for the child under a key, or else under the word that stands for any key; pushes a table when it
 * is one. */
int lbr_json_inner_blobs(lua_State *L, int blobs, const char *key, size_t n, const char *any);

static inline int lbr_json_child_blobs(lua_State *L, int blobs, const char *key, size_t n, const char *any) {
    return blobs > 0 ? lbr_json_inner_blobs(L, blobs, key, n, any) : LBR_JSON_NO_BLOBS;
}

/* The options that both halves have; the table of blobs is left on the stack. */
struct lbr_json_opts lbr_json_check_opts(lua_State *L, int i);

/* The Lua functions of the two halves. */
void lbr_json_push_decode(lua_State *L);
void lbr_json_push_encode(lua_State *L);

#endif
