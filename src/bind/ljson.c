/* core.json: opens the two halves and makes the values that stand for JSON's.
 *
 * The conventions are lua-cjson's, so that values pass freely: null is the light userdata NULL, and where the
 * lua-cjson that is loaded has array_mt and empty_array (OpenResty's has), they are ours too. */
#include "bind.h"

#include "json.h"
#include "lbuf.h"
#include "ljson.h"
#include "ljson_values.h"

/* Keys in the registry, by their addresses. */
static const char kinds_key, array_mt_key, exact_mt_key, error_mt_key;

void lbr_json_push_kinds(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &kinds_key);
}

void lbr_json_push_array_mt(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &array_mt_key);
}

void lbr_json_mark_error(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &error_mt_key);
    lua_setmetatable(L, -2);
}

/* ------------------------------------------------------------------ options */

static lua_Integer opt_limit(lua_State *L, int options, const char *name) {
    lua_Integer value = 0;
    lua_getfield(L, options, name);
    if (!lua_isnil(L, -1)) {
        luaL_argcheck(L, lua_isnumber(L, -1), options, lua_pushfstring(L, "%s: number expected", name));
        value = lua_tointeger(L, -1);
        luaL_argcheck(L, value > 0, options, lua_pushfstring(L, "%s: must be positive", name));
    }
    lua_pop(L, 1);
    return value;
}

struct lbr_json_opts lbr_json_check_opts(lua_State *L, int i) {
    struct lbr_json_opts opts = {0, 0, 0, LBR_JSON_NO_BLOBS};
    lua_Integer depth;
    if (lua_isnoneornil(L, i))
        return opts;
    luaL_checktype(L, i, LUA_TTABLE);
    depth = opt_limit(L, i, "depth");
    opts.depth = depth < LBR_JSON_DEPTH_MAX ? (int)depth : LBR_JSON_DEPTH_MAX;
    opts.size = (size_t)opt_limit(L, i, "size");
    opts.values = (size_t)opt_limit(L, i, "values");
    lua_getfield(L, i, "blobs");
    if (lua_toboolean(L, -1))
        opts.blobs = lua_istable(L, -1) ? lua_gettop(L) : LBR_JSON_IS_BLOB;
    return opts;
}

int lbr_json_inner_blobs(lua_State *L, int blobs, const char *key, size_t n, const char *any) {
    lua_pushlstring(L, key, n);
    lua_rawget(L, blobs);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushstring(L, any);
        lua_rawget(L, blobs);
    }
    if (lua_istable(L, -1))
        return lua_gettop(L);
    blobs = lua_toboolean(L, -1) ? LBR_JSON_IS_BLOB : LBR_JSON_NO_BLOBS;
    lua_pop(L, 1);
    return blobs;
}

/* ------------------------------------------------------------------ exact numbers */

void lbr_json_push_exact(lua_State *L, const char *text, size_t n) {
    memcpy(lua_newuserdatauv(L, n, 0), text, n);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &exact_mt_key);
    lua_setmetatable(L, -2);
}

/* Whether the value at an index is such a number. */
static int is_exact(lua_State *L, int i) {
    int same;
    if (lua_type(L, i) != LUA_TUSERDATA || !lua_getmetatable(L, i))
        return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &exact_mt_key);
    same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static void check_exact(lua_State *L, int i) {
    luaL_argcheck(L, is_exact(L, i), i, "exact number expected");
}

static int exact_tostring(lua_State *L) {
    check_exact(L, 1);
    lua_pushlstring(L, lua_touserdata(L, 1), lua_rawlen(L, 1));
    return 1;
}

static int exact_eq(lua_State *L) {
    size_t n;
    check_exact(L, 1);
    check_exact(L, 2);
    n = lua_rawlen(L, 1);
    lua_pushboolean(L, n == lua_rawlen(L, 2) && memcmp(lua_touserdata(L, 1), lua_touserdata(L, 2), n) == 0);
    return 1;
}

/* Pushes what `..` takes an operand for. */
static void push_operand(lua_State *L, int i) {
    if (is_exact(L, i))
        lua_pushlstring(L, lua_touserdata(L, i), lua_rawlen(L, i));
    else if (lua_isstring(L, i))
        lua_pushvalue(L, i);
    else
        luaL_error(L, "attempt to concatenate a %s value", luaL_typename(L, i));
}

static int exact_concat(lua_State *L) {
    push_operand(L, 1);
    push_operand(L, 2);
    lua_concat(L, 2);
    return 1;
}

static const luaL_Reg exact_metamethods[] = {
    {"__tostring", exact_tostring},
    {"__eq", exact_eq},
    {"__concat", exact_concat},
    {NULL, NULL},
};

/* number(text) -> the number, exactly: a Lua number where that holds it, else a value that prints and encodes
 * as it */
static int number(lua_State *L) {
    struct br_json_scan scan;
    struct lbr_json_opts opts = {0};
    struct br_json_error err;
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    br_json_scan_init(&scan, text, n);
    if (br_json_peek(&scan) != BR_JSON_NUMBER || !lbr_json_push(L, text, n, &opts, &err))
        return luaL_argerror(L, 1, "the text of a number expected");
    return 1;
}

/* ------------------------------------------------------------------ marks */

/* array(table), object(table) -> the same table with the metatable that says so (the upvalue) */
static int mark(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_setmetatable(L, 1);
    return 1;
}

/* blob(bytes) -> a value that is written as the base64 text of the bytes, wherever it stands */
static int blob(lua_State *L) {
    size_t n;
    lbr_checkbytes(L, 1, &n);
    lua_settop(L, 1);
    lua_createtable(L, 1, 0);
    lua_insert(L, 1);
    lua_rawseti(L, 1, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_setmetatable(L, 1);
    return 1;
}

static int blob_tostring(lua_State *L) {
    size_t n = 0;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_rawgeti(L, 1, 1);
    lbr_tobytes(L, -1, &n);
    lua_pushfstring(L, "blob of %d bytes", (int)n);
    return 1;
}

static int empty_array_tostring(lua_State *L) {
    lua_pushliteral(L, "[]");
    return 1;
}

static int error_tostring(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "message");
    return 1;
}

/* adopt(value, "null" | "array" | "object"): a value that stands for null, or a metatable that marks tables,
 * in the conventions of another library */
static int adopt(lua_State *L) {
    static const char *const names[] = {"null", "array", "object", NULL};
    static const enum lbr_json_kind kinds[] = {LBR_JSON_NULL, LBR_JSON_ARRAY, LBR_JSON_OBJECT};
    int kind = kinds[luaL_checkoption(L, 2, NULL, names)];
    luaL_checkany(L, 1);
    lbr_json_push_kinds(L);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, kind);
    lua_rawset(L, -3);
    return 0;
}

/* ------------------------------------------------------------------ opening */

/* Pushes a field of the loaded lua-cjson, or nil. */
static void push_cjson_field(lua_State *L, const char *name) {
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(L, -1, "cjson");
    if (lua_istable(L, -1))
        lua_getfield(L, -1, name);
    else
        lua_pushnil(L);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* In nginx lua-cjson is part of the house: load it, so that its marks are ours whoever asks first. */
static void load_cjson_in_nginx(lua_State *L) {
    lua_getglobal(L, "ngx");
    lua_getglobal(L, "require");
    if (lua_istable(L, -2) && lua_isfunction(L, -1)) {
        lua_pushliteral(L, "cjson");
        lua_pcall(L, 1, 0, 0);
    }
}

/* Notes the kind of the value on top of the stack, which stays there. */
static void set_kind(lua_State *L, enum lbr_json_kind kind) {
    lbr_json_push_kinds(L);
    lua_pushvalue(L, -2);
    lua_pushinteger(L, kind);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* Pushes a metatable with a name and some metamethods. dkjson looks at `__jsontype`, so it is told too. */
static void push_metatable(lua_State *L, const char *name, const char *jsontype,
                           const luaL_Reg *metamethods) {
    lua_newtable(L);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    if (jsontype != NULL) {
        lua_pushstring(L, jsontype);
        lua_setfield(L, -2, "__jsontype");
    }
    if (metamethods != NULL)
        luaL_setfuncs(L, metamethods, 0);
}

static void open_array(lua_State *L) {
    push_cjson_field(L, "array_mt");
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        push_metatable(L, "bedrock.json.array", "array", NULL);
    }
    set_kind(L, LBR_JSON_ARRAY);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &array_mt_key);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "array_mt");
    lua_pushcclosure(L, mark, 1);
    lua_setfield(L, -2, "array");
}

static void open_empty_array(lua_State *L) {
    static const luaL_Reg metamethods[] = {{"__tostring", empty_array_tostring}, {NULL, NULL}};
    push_cjson_field(L, "empty_array");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_newuserdatauv(L, 1, 0);
        push_metatable(L, "bedrock.json.empty_array", NULL, metamethods);
        lua_setmetatable(L, -2);
    }
    set_kind(L, LBR_JSON_EMPTY_ARRAY);
    lua_setfield(L, -2, "empty_array");
}

static void open_object(lua_State *L) {
    push_metatable(L, "bedrock.json.object", "object", NULL);
    set_kind(L, LBR_JSON_OBJECT);
    lua_pushcclosure(L, mark, 1);
    lua_setfield(L, -2, "object");
}

static void open_blob(lua_State *L) {
    static const luaL_Reg metamethods[] = {{"__tostring", blob_tostring}, {NULL, NULL}};
    push_metatable(L, "bedrock.json.blob", NULL, metamethods);
    set_kind(L, LBR_JSON_BLOB);
    lua_pushcclosure(L, blob, 1);
    lua_setfield(L, -2, "blob");
}

static void open_hidden_metatables(lua_State *L) {
    static const luaL_Reg error_metamethods[] = {{"__tostring", error_tostring}, {NULL, NULL}};
    push_metatable(L, "bedrock.json.number", NULL, exact_metamethods);
    set_kind(L, LBR_JSON_EXACT);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &exact_mt_key);
    push_metatable(L, "bedrock.json.error", NULL, error_metamethods);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &error_mt_key);
}

static void open_null(lua_State *L) {
    lua_pushlightuserdata(L, NULL);
    set_kind(L, LBR_JSON_NULL);
    lua_setfield(L, -2, "null");
}

static const luaL_Reg functions[] = {
    {"number", number},
    {"adopt", adopt},
    {NULL, NULL},
};

int luaopen_bedrock_json(lua_State *L) {
    load_cjson_in_nginx(L);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kinds_key);
    luaL_newlib(L, functions);
    open_null(L);
    open_array(L);
    open_empty_array(L);
    open_object(L);
    open_blob(L);
    open_hidden_metatables(L);
    lbr_json_push_decode(L);
    lua_setfield(L, -2, "decode");
    lbr_json_push_encode(L);
    lua_setfield(L, -2, "encode");
    return 1;
}
