/* What the two halves of the event stream's binding share. */
#ifndef LBR_LEVENTSTREAM_H
#define LBR_LEVENTSTREAM_H

#include "lcompat.h"

#include "eventstream.h"

/* An empty string where there is no slice. */
void lbr_eventstream_push_slice(lua_State *L, const struct br_eventstream_slice *slice);

/* A list of { name, type, value } of headers that were found good. */
void lbr_eventstream_push_headers(lua_State *L, struct br_eventstream_slice headers);

/* Lua functions: encode(headers, payload) -> frame, decode(frame) -> { headers, payload } | nil, err. */
int lbr_eventstream_encode(lua_State *L);
int lbr_eventstream_decode(lua_State *L);

#endif
