#include "lpayload.h"

#include <stdio.h>

void lbr_fault_set(struct lbr_fault *fault, const char *code, const char *message, uint64_t offset) {
    fault->code = code;
    fault->offset = offset;
    snprintf(fault->message, sizeof(fault->message), "%s", message);
}

void lbr_fault_set_json(struct lbr_fault *fault, const char *what, const char *name, size_t name_size,
                        const char *text, const struct br_json_error *error) {
    br_json_locate(text, error->position, &fault->line, &fault->column);
    fault->code = "json";
    fault->offset = error->position;
    snprintf(fault->message, sizeof(fault->message),
             "the %s of event %.*s is not JSON: %s (line %lu, column %lu)", what,
             (int)(name_size < 64 ? name_size : 64), name, error->message, (unsigned long)fault->line,
             (unsigned long)fault->column);
}

static void set_integer(lua_State *L, const char *key, uint64_t value) {
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

int lbr_fault_push(lua_State *L, const struct lbr_fault *fault) {
    lua_pushnil(L);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, fault->code);
    lua_setfield(L, -2, "code");
    lua_pushstring(L, fault->message);
    lua_setfield(L, -2, "message");
    set_integer(L, "position", fault->offset + 1);
    if (fault->line != 0) {
        set_integer(L, "line", fault->line);
        set_integer(L, "column", fault->column);
    }
    return 2;
}

char *lbr_payload_room(lua_State *L, struct br_buf *scratch, size_t size) {
    char *room;
    br_buf_reset(scratch);
    room = br_buf_room(scratch, size);
    if (room == NULL)
        luaL_error(L, "not enough memory");
    return room;
}

void lbr_payload_name_by_type(lua_State *L, int type) {
    if (!lua_istable(L, -1))
        return;
    lua_pushvalue(L, type);
    lua_rawget(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING)
        lua_replace(L, -3);
    else
        lua_pop(L, 1);
}

size_t lbr_payload_option(lua_State *L, const char *name, lua_Number least, lua_Number most,
                          size_t otherwise) {
    lua_getfield(L, 1, name);
    if (!lua_isnil(L, -1)) {
        lua_Number n = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
        if (!(n >= least && n <= most))
            luaL_error(L, "option %s must be a number from %d to %f", name, (int)least, most);
        otherwise = (size_t)n;
    }
    lua_pop(L, 1);
    return otherwise;
}
