/* What the decoders of streams (frames, server-sent events) share when they turn a text into values. */
#ifndef LBR_LPAYLOAD_H
#define LBR_LPAYLOAD_H

#include "lcompat.h"

#include "buf.h"
#include "json.h"
#include "payload.h"

/* Why a decoder is broken, in the words that it repeats. */
struct lbr_fault {
    const char *code; /* a constant; NULL while all is well */
    char message[256];
    uint64_t offset;
    size_t line, column; /* 0 unless a text is at fault; offset counts from the begin of that text then */
};

void lbr_fault_set(struct lbr_fault *fault, const char *code, const char *message, uint64_t offset);

/* A text that should be JSON: `what` ("payload") of the event of that name. */
void lbr_fault_set_json(struct lbr_fault *fault, const char *what, const char *name, size_t name_size,
                        const char *text, const struct br_json_error *error);

/* nil and { code, message, position, line, column }, counting from 1; the number of results. */
int lbr_fault_push(lua_State *L, const struct lbr_fault *fault);

/* The memory of `scratch`, emptied, with room for so many bytes; raises without memory. */
char *lbr_payload_room(lua_State *L, struct br_buf *scratch, size_t size);

/* Replaces the name below the value on top by what the value has under the key at index `type`, if that is a
 * string. */
void lbr_payload_name_by_type(lua_State *L, int type);

/* A number from the table of options at 1, or `otherwise`; raises when it is out of range. */
size_t lbr_payload_option(lua_State *L, const char *name, lua_Number least, lua_Number most,
                          size_t otherwise);

#endif
