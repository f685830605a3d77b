/* Headers and single frames, to and from Lua. */
#include "leventstream.h"

#include "json.h"
#include "lbuf.h"
#include "ljson.h"
#include "lpayload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct br_eventstream_limits usual_limits = {BR_EVENTSTREAM_MAX_FRAME,
                                                          BR_EVENTSTREAM_MAX_HEADERS};

void lbr_eventstream_push_slice(lua_State *L, const struct br_eventstream_slice *slice) {
    lua_pushlstring(L, slice->at != NULL ? (const char *)slice->at : "", slice->size);
}

/* ---- to Lua ---- */

/* Exact on every Lua: where numbers are doubles, a larger one is what JSON would give for its digits. */
static void push_int64(lua_State *L, int64_t value) {
#if LBR_HAVE_INTEGERS
    lua_pushinteger(L, (lua_Integer)value);
#else
    const int64_t exact = INT64_C(1) << 53;
    char digits[24];
    struct br_json_error error;
    if (value > -exact && value < exact)
        lua_pushnumber(L, (lua_Number)value);
    else
        lbr_json_push(L, digits, (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)value), NULL,
                      &error);
#endif
}

static void push_uuid(lua_State *L, const unsigned char *p) {
    static const char hex[] = "0123456789abcdef";
    char text[36], *out = text;
    int i;
    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = hex[p[i] >> 4];
        *out++ = hex[p[i] & 15];
    }
    lua_pushlstring(L, text, sizeof(text));
}

static void push_header_value(lua_State *L, const struct br_eventstream_header *header) {
    switch (header->type) {
    case BR_EVENTSTREAM_TRUE:
    case BR_EVENTSTREAM_FALSE:
        lua_pushboolean(L, header->type == BR_EVENTSTREAM_TRUE);
        break;
    case BR_EVENTSTREAM_BYTES:
    case BR_EVENTSTREAM_STRING:
        lbr_eventstream_push_slice(L, &header->value);
        break;
    case BR_EVENTSTREAM_UUID:
        push_uuid(L, header->value.at);
        break;
    default:
        push_int64(L, header->integer);
    }
}

/* A list of { name, type, value }. */
void lbr_eventstream_push_headers(lua_State *L, struct br_eventstream_slice rest) {
    struct br_eventstream_header header;
    int count = 0;
    lua_newtable(L);
    while (rest.size > 0 && br_eventstream_header(&rest, &header) == BR_EVENTSTREAM_OK) {
        lua_createtable(L, 3, 0);
        lbr_eventstream_push_slice(L, &header.name);
        lua_rawseti(L, -2, 1);
        lua_pushstring(L, br_eventstream_type_name(header.type));
        lua_rawseti(L, -2, 2);
        push_header_value(L, &header);
        lua_rawseti(L, -2, 3);
        lua_rawseti(L, -2, ++count);
    }
}

/* ---- from Lua ---- */

static int bad_header(lua_State *L, int i, const char *why) {
    return luaL_error(L, "headers[%d]: %s", i, why);
}

static enum br_eventstream_type check_type(lua_State *L, int i) {
    int type;
    for (type = 0; type < BR_EVENTSTREAM_TYPES; type++) {
        lua_pushstring(L, br_eventstream_type_name((enum br_eventstream_type)type));
        if (lua_rawequal(L, -1, -2)) {
            lua_pop(L, 1);
            return (enum br_eventstream_type)type;
        }
        lua_pop(L, 1);
    }
    bad_header(L, i, "the type is none of the wire's, such as \"string\"");
    return BR_EVENTSTREAM_TYPES;
}

static int number_to_int64(lua_State *L, int64_t *value) {
#if LBR_HAVE_INTEGERS
    int exact;
    *value = lua_tointegerx(L, -1, &exact);
    return exact;
#else
    lua_Number n = lua_tonumber(L, -1);
    if (!(n >= -9223372036854775808.0 && n < 9223372036854775808.0))
        return 0;
    *value = (int64_t)n;
    return (lua_Number)*value == n;
#endif
}

/* The value on top as an integer: a number, or anything that prints as one (the big numbers of 5.1). */
static int to_int64(lua_State *L, int64_t *value) {
    const char *text;
    char *end;
    if (lua_type(L, -1) == LUA_TNUMBER)
        return number_to_int64(L, value);
    if (luaL_callmeta(L, -1, "__tostring"))
        lua_replace(L, -2);
    text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    errno = 0;
    *value = strtoll(text, &end, 10);
    return errno == 0 && end != text && (*end == '\0' || strcmp(end, "LL") == 0);
}

static int64_t check_int(lua_State *L, int i, int bits) {
    int64_t value = 0, most = bits < 64 ? ((int64_t)1 << (bits - 1)) - 1 : INT64_MAX;
    if (!to_int64(L, &value) || value > most || value < -most - 1)
        bad_header(L, i, "the value is not an integer of the type's range");
    return value;
}

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef0123456789ABCDEF", *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) % 16 : -1;
}

/* 8-4-4-4-12 hexadecimal digits. */
static int read_uuid(const char *text, size_t size, unsigned char *out) {
    size_t i;
    int digits = 0;
    for (i = 0; i < size && digits < 32; i++) {
        int digit = hex_digit(text[i]);
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-')
                return 0;
            continue;
        }
        if (digit < 0)
            return 0;
        out[digits / 2] = (unsigned char)(digits % 2 ? out[digits / 2] << 4 | digit : digit);
        digits++;
    }
    return digits == 32 && i == size;
}

/* The value on top, of the header's type. `uuid` is 16 bytes of room. */
static void check_value(lua_State *L, int i, struct br_eventstream_header *header, unsigned char *uuid) {
    static const unsigned char bits[BR_EVENTSTREAM_TYPES] = {0, 0, 8, 16, 32, 64, 0, 0, 64, 0};
    size_t size = 0;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &size) : NULL;
    header->value.at = (const unsigned char *)text;
    header->value.size = size;
    switch (header->type) {
    case BR_EVENTSTREAM_TRUE:
    case BR_EVENTSTREAM_FALSE:
        break;
    case BR_EVENTSTREAM_BYTES:
    case BR_EVENTSTREAM_STRING:
        if (text == NULL || size > UINT16_MAX)
            bad_header(L, i, "the value is not a string of at most 65535 bytes");
        break;
    case BR_EVENTSTREAM_UUID:
        if (text == NULL || !read_uuid(text, size, uuid))
            bad_header(L, i, "the value is not a UUID in the form 8-4-4-4-12");
        header->value.at = uuid;
        header->value.size = 16;
        break;
    default:
        header->integer = check_int(L, i, bits[header->type]);
    }
}

/* Reads headers[i], which is on top as { name, type, value }; the three stay on the stack. */
static void check_header(lua_State *L, int i, struct br_eventstream_header *header, unsigned char *uuid) {
    if (!lua_istable(L, -1))
        bad_header(L, i, "not a table { name, type, value }");
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    header->type = check_type(L, i);
    lua_rawgeti(L, -3, 3);
    header->name.at = NULL;
    if (lua_type(L, -3) == LUA_TSTRING)
        header->name.at = (const unsigned char *)lua_tolstring(L, -3, &header->name.size);
    if (header->name.at == NULL || header->name.size == 0 || header->name.size > UINT8_MAX)
        bad_header(L, i, "the name is not a string of 1 to 255 bytes");
    check_value(L, i, header, uuid);
}

/* Room for `size` more bytes of a frame. */
static unsigned char *frame_room(lua_State *L, struct br_buf *frame, size_t size) {
    char *room = br_buf_room(frame, size);
    if (room == NULL && frame->failed == BR_BUF_LIMIT)
        luaL_error(L, "the frame would be larger than %d bytes", (int)BR_EVENTSTREAM_MAX_FRAME);
    if (room == NULL)
        luaL_error(L, "not enough memory");
    br_buf_added(frame, size);
    return (unsigned char *)room;
}

static void write_headers(lua_State *L, struct br_buf *frame) {
    struct br_eventstream_header header;
    unsigned char uuid[16];
    int i, count = (int)lua_rawlen(L, 1);
    for (i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        check_header(L, i, &header, uuid);
        br_eventstream_write_header(frame_room(L, frame, br_eventstream_header_size(&header)), &header);
        lua_pop(L, 4);
    }
}

/* What the encoder wrote must be what the decoder takes: each name once, UTF-8, headers within their limit.
 */
static void check_written(lua_State *L, const struct br_buf *written) {
    struct br_eventstream_frame frame;
    struct br_eventstream_error error;
    if (!br_eventstream_parse(written->data, written->len, &usual_limits, &frame, &error))
        luaL_error(L, "headers: %s", error.message);
}

int lbr_eventstream_encode(lua_State *L) {
    struct br_buf *frame;
    const char *payload;
    size_t size = 0, headers;
    luaL_checktype(L, 1, LUA_TTABLE);
    payload = lua_isnoneornil(L, 2) ? "" : lbr_checkbytes(L, 2, &size);
    lua_settop(L, 2);
    frame = lbr_buf_push(L, BR_EVENTSTREAM_MAX_FRAME);
    frame_room(L, frame, BR_EVENTSTREAM_PRELUDE);
    write_headers(L, frame);
    headers = frame->len - BR_EVENTSTREAM_PRELUDE;
    memcpy(frame_room(L, frame, size), payload, size);
    frame_room(L, frame, BR_EVENTSTREAM_LEAST - BR_EVENTSTREAM_PRELUDE);
    br_eventstream_seal((unsigned char *)frame->data, headers, frame->len);
    check_written(L, frame);
    lua_pushlstring(L, frame->data, frame->len);
    br_buf_clear(frame);
    return 1;
}

static int push_error(lua_State *L, const struct br_eventstream_error *error) {
    struct lbr_fault fault = {0};
    lbr_fault_set(&fault, br_eventstream_code_name(error->code), error->message, error->offset);
    return lbr_fault_push(L, &fault);
}

int lbr_eventstream_decode(lua_State *L) {
    struct br_eventstream_frame frame;
    struct br_eventstream_error error;
    size_t size;
    const char *bytes = lbr_checkbytes(L, 1, &size);
    if (!br_eventstream_parse(bytes, size, &usual_limits, &frame, &error))
        return push_error(L, &error);
    lua_createtable(L, 0, 2);
    lbr_eventstream_push_headers(L, frame.headers);
    lua_setfield(L, -2, "headers");
    lbr_eventstream_push_slice(L, &frame.payload);
    lua_setfield(L, -2, "payload");
    return 1;
}
