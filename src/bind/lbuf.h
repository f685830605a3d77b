/* bedrock.buffer: bytes that live outside of Lua's strings, so that a large body is built, signed and sent
 * from where it lies. Both shared objects carry this file; the metatable in the registry is whichever came
 * first. */
#ifndef LBR_LBUF_H
#define LBR_LBUF_H

#include "lcompat.h"

#include "buf.h"

/* Pushes a new, empty buffer that Lua owns and frees. */
struct br_buf *lbr_buf_push(lua_State *L, size_t max);

/* Tells the collector of the memory of a new buffer, which it does not see: else it would let large ones pile
 * up. */
void lbr_buf_weigh(lua_State *L, const struct br_buf *b);

/* The buffer at an index, or NULL when it is something else. */
struct br_buf *lbr_buf_test(lua_State *L, int i);

/* The bytes of a string or a buffer at an index, or NULL when it is neither. Not yours: they live as long as
 * the value does, and a buffer's only until it grows or is released. Never NULL for an empty value. */
const char *lbr_tobytes(lua_State *L, int i, size_t *n);

/* The same for an argument; raises when it is neither. */
const char *lbr_checkbytes(lua_State *L, int i, size_t *n);

#endif
