/* Text to Lua values in one pass over the text in place.
 *
 * The children of an array or object wait on the Lua stack, up to PENDING of them, so that its table is made
 * once and with the right size; a larger one takes the rest one by one. Deep down, where the stack (8000
 * slots on Lua 5.1) might run out, they go in one by one from the start. Strings with escapes and base64 pass
 * through scratch memory that is this call's own, because a collection may run a finalizer that decodes too.
 */
#include "ljson.h"

#include "base64.h"
#include "lbuf.h"
#include "ljson_values.h"

#define PENDING 64
#define PENDING_DEPTH 24 /* deeper down nothing waits */
#define LEVEL_SLOTS 8

struct decoder {
    struct br_json_scan scan;
    lua_State *L;
    int depth, max_depth;
    size_t values_left; /* of the limit on their number */
    int array_mt;       /* stack index */
    int memory;         /* stack index of the userdata behind `scratch` when it is not `small` */
    char *scratch;
    size_t capacity;
    char small[256];
};

static int take_value(struct decoder *d, int blobs);

static char *scratch_room(struct decoder *d, size_t n) {
    if (n > d->capacity) {
        d->capacity = n > d->capacity * 2 ? n : d->capacity * 2;
        d->scratch = lua_newuserdatauv(d->L, d->capacity, 0);
        lua_replace(d->L, d->memory);
    }
    return d->scratch;
}

static void push_string(struct decoder *d, const struct br_json_string *s) {
    if (s->escaped) {
        char *room = scratch_room(d, s->length);
        lua_pushlstring(d->L, room, br_json_unescape(s, room));
    } else {
        lua_pushlstring(d->L, s->start, s->length);
    }
}

/* Escapes are taken out in the same room first, and that text is longer than its bytes. */
static size_t bytes_room(const struct br_json_string *s) {
    size_t bound = br_base64_decoded_bound(s->length);
    return s->escaped && s->length > bound ? s->length : bound;
}

static int push_bytes(struct decoder *d, const struct br_json_string *s) {
    char *room = scratch_room(d, bytes_room(s));
    size_t n = s->escaped ? br_json_unescape(s, room) : s->length, position = 0;
    const char *why = br_base64_decode(room, &n, s->escaped ? room : s->start, n, &position);
    if (why != NULL)
        return br_json_fail(&d->scan, BR_JSON_BASE64, why, s->start + (s->escaped ? 0 : position));
    lua_pushlstring(d->L, room, n);
    return 1;
}

static int take_string(struct decoder *d, int blobs) {
    struct br_json_string s;
    if (!br_json_take_string(&d->scan, &s))
        return 0;
    if (blobs == LBR_JSON_IS_BLOB)
        return push_bytes(d, &s);
    push_string(d, &s);
    return 1;
}

static void push_integer(lua_State *L, const struct br_json_number *n) {
#if LBR_HAVE_INTEGERS
    lua_pushinteger(L, (lua_Integer)n->integer);
#else
    const int64_t limit = INT64_C(1) << 53; /* from here on a double may stand for a neighbour too */
    if (n->integer > -limit && n->integer < limit)
        lua_pushnumber(L, (lua_Number)n->integer);
    else
        lbr_json_push_exact(L, n->text, n->length);
#endif
}

static int take_number(struct decoder *d) {
    struct br_json_number n;
    if (!br_json_take_number(&d->scan, &n))
        return 0;
    if (n.kind == BR_JSON_INTEGER)
        push_integer(d->L, &n);
    else if (n.kind == BR_JSON_DOUBLE)
        lua_pushnumber(d->L, n.real);
    else
        lbr_json_push_exact(d->L, n.text, n.length);
    return 1;
}

static int enter(struct decoder *d) {
    if (++d->depth > d->max_depth || !lua_checkstack(d->L, LEVEL_SLOTS))
        return br_json_fail(&d->scan, BR_JSON_DEPTH, "nested too deeply", d->scan.at - 1);
    return 1;
}

/* How many children may wait on the stack at this level. */
static int pending_limit(struct decoder *d) {
    return d->depth <= PENDING_DEPTH && lua_checkstack(d->L, 2 * PENDING + LEVEL_SLOTS) ? PENDING : 1;
}

/* The placeholder at `base` becomes a table, once. */
static void make_table(lua_State *L, int base, int elements, int members) {
    if (lua_istable(L, base))
        return;
    lua_createtable(L, elements, members);
    lua_replace(L, base);
}

/* Moves the pairs above `base` into the table there, the first one first: of two with the same key the last
 * wins. */
static void store_members(lua_State *L, int base) {
    int i, top = lua_gettop(L);
    for (i = base + 1; i < top; i += 2) {
        lua_pushvalue(L, i);
        lua_pushvalue(L, i + 1);
        lua_rawset(L, base);
    }
    lua_settop(L, base);
}

/* The value under the key on top of the stack. */
static int take_member_value(struct decoder *d, int blobs) {
    size_t n;
    const char *key = lua_tolstring(d->L, -1, &n);
    int child = lbr_json_child_blobs(d->L, blobs, key, n, "{}");
    if (!take_value(d, child))
        return 0;
    if (child > 0)
        lua_remove(d->L, child);
    return 1;
}

static int take_member(struct decoder *d, int blobs) {
    struct br_json_string key;
    if (!br_json_take_key(&d->scan, &key))
        return 0;
    push_string(d, &key);
    return blobs > 0 ? take_member_value(d, blobs) : take_value(d, LBR_JSON_NO_BLOBS);
}

/* stack while it runs: table or nil, key, value, key, value, ... */
static int take_members(struct decoder *d, int blobs) {
    lua_State *L = d->L;
    int base = lua_gettop(L), limit = pending_limit(d), pending = 0;
    do {
        if (!take_member(d, blobs))
            return 0;
        if (++pending == limit) {
            make_table(L, base, 0, limit > 1 ? 2 * limit : 0);
            store_members(L, base);
            pending = 0;
            limit = 1;
        }
    } while (br_json_continues(&d->scan, '}'));
    make_table(L, base, 0, pending);
    store_members(L, base);
    return d->scan.error.code == BR_JSON_OK;
}

static int take_object(struct decoder *d, int blobs) {
    int ok = 1;
    if (!enter(d))
        return 0;
    if (br_json_closes(&d->scan, '}')) {
        lua_newtable(d->L);
    } else {
        lua_pushnil(d->L);
        ok = take_members(d, blobs);
    }
    d->depth--;
    return ok;
}

static void store_elements(lua_State *L, int base, int done) {
    int i;
    for (i = lua_gettop(L) - base; i > 0; i--)
        lua_rawseti(L, base, done + i);
}

/* stack while it runs: table or nil, element, element, ... */
static int take_elements(struct decoder *d, int blobs) {
    lua_State *L = d->L;
    int base = lua_gettop(L), limit = pending_limit(d), pending = 0, done = 0;
    do {
        if (!take_value(d, blobs))
            return 0;
        if (++pending == limit) {
            make_table(L, base, limit > 1 ? 2 * limit : 0, 0);
            store_elements(L, base, done);
            done += pending;
            pending = 0;
            limit = 1;
        }
    } while (br_json_continues(&d->scan, ']'));
    make_table(L, base, pending, 0);
    store_elements(L, base, done);
    return d->scan.error.code == BR_JSON_OK;
}

static int take_filled_array(struct decoder *d, int blobs) {
    int child = lbr_json_child_blobs(d->L, blobs, "[]", 2, "[]");
    lua_pushnil(d->L);
    if (!take_elements(d, child))
        return 0;
    if (child > 0)
        lua_remove(d->L, child);
    return 1;
}

static int take_array(struct decoder *d, int blobs) {
    if (!enter(d))
        return 0;
    if (br_json_closes(&d->scan, ']'))
        lua_newtable(d->L);
    else if (!take_filled_array(d, blobs))
        return 0;
    lua_pushvalue(d->L, d->array_mt);
    lua_setmetatable(d->L, -2);
    d->depth--;
    return 1;
}

static int too_many(struct decoder *d) {
    return br_json_fail(&d->scan, BR_JSON_SIZE, "more values than allowed", d->scan.at);
}

/* Pushes the value at the cursor. On failure the stack is left as it is for the outermost caller to clear. */
static int take_value(struct decoder *d, int blobs) {
    if (d->values_left-- == 0)
        return too_many(d);
    switch (br_json_peek(&d->scan)) {
    case BR_JSON_NULL:
        lua_pushlightuserdata(d->L, NULL);
        return 1;
    case BR_JSON_FALSE:
        lua_pushboolean(d->L, 0);
        return 1;
    case BR_JSON_TRUE:
        lua_pushboolean(d->L, 1);
        return 1;
    case BR_JSON_NUMBER:
        return take_number(d);
    case BR_JSON_STRING:
        return take_string(d, blobs);
    case BR_JSON_ARRAY:
        return take_array(d, blobs);
    case BR_JSON_OBJECT:
        return take_object(d, blobs);
    default:
        return 0;
    }
}

static int take_text(struct decoder *d, const struct lbr_json_opts *opts) {
    size_t n = (size_t)(d->scan.end - d->scan.text);
    if (opts != NULL && opts->size > 0 && n > opts->size)
        return br_json_fail(&d->scan, BR_JSON_SIZE, "longer than the size limit", d->scan.text + opts->size);
    return take_value(d, opts != NULL ? opts->blobs : LBR_JSON_NO_BLOBS) && br_json_finish(&d->scan);
}

int lbr_json_push(lua_State *L, const char *text, size_t n, const struct lbr_json_opts *opts,
                  struct br_json_error *err) {
    struct decoder d;
    int top = lua_gettop(L), ok;
    luaL_checkstack(L, LEVEL_SLOTS, "JSON");
    br_json_scan_init(&d.scan, text, n);
    d.L = L;
    d.depth = 0;
    d.max_depth = opts != NULL && opts->depth > 0 ? opts->depth : LBR_JSON_DEPTH;
    if (d.max_depth > LBR_JSON_DEPTH_MAX)
        d.max_depth = LBR_JSON_DEPTH_MAX;
    d.values_left = opts != NULL && opts->values > 0 ? opts->values : SIZE_MAX;
    d.array_mt = top + 1;
    d.memory = top + 2;
    d.scratch = d.small;
    d.capacity = sizeof(d.small);
    lbr_json_push_array_mt(L);
    lua_pushnil(L);
    ok = take_text(&d, opts);
    *err = d.scan.error;
    if (ok)
        lua_replace(L, top + 1);
    lua_settop(L, top + ok);
    return ok;
}

/* ------------------------------------------------------------------ errors */

/* Pushes what stands at the offending place. */
static void push_found(lua_State *L, const char *text, size_t n, size_t position) {
    static const char hex[] = "0123456789abcdef";
    unsigned char c = position < n ? (unsigned char)text[position] : 0;
    char shown[] = "byte 0x..";
    if (position >= n) {
        lua_pushliteral(L, "the end of the text");
    } else if (c > ' ' && c < 0x7f) {
        lua_pushfstring(L, c == '\'' ? "\"%c\"" : "'%c'", c);
    } else {
        shown[7] = hex[c >> 4];
        shown[8] = hex[c & 15];
        lua_pushstring(L, shown);
    }
}

static void push_message(lua_State *L, const char *text, size_t n, const struct br_json_error *err, int line,
                         int column) {
    if (err->code == BR_JSON_SYNTAX || err->code == BR_JSON_UTF8) {
        push_found(L, text, n, err->position);
        lua_pushfstring(L, "%s, found %s, at line %d column %d", err->message, lua_tostring(L, -1), line,
                        column);
        lua_remove(L, -2);
    } else {
        lua_pushfstring(L, "%s, at line %d column %d", err->message, line, column);
    }
}

static void set_integer(lua_State *L, const char *name, size_t value) {
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

void lbr_json_push_error(lua_State *L, const char *text, size_t n, const struct br_json_error *err) {
    size_t line, column;
    br_json_locate(text, err->position, &line, &column);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, br_json_code_name(err->code));
    lua_setfield(L, -2, "code");
    push_message(L, text, n, err, (int)line, (int)column);
    lua_setfield(L, -2, "message");
    set_integer(L, "position", err->position + 1);
    set_integer(L, "line", line);
    set_integer(L, "column", column);
    lbr_json_mark_error(L);
}

/* ------------------------------------------------------------------ the Lua function */

/* A place in the text that an option states, counted from 1; `otherwise` when it does not. */
static size_t opt_place(lua_State *L, const char *name, size_t otherwise, size_t n) {
    lua_Integer place;
    lua_getfield(L, 2, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return otherwise;
    }
    luaL_argcheck(L, lua_isnumber(L, -1), 2, lua_pushfstring(L, "%s: number expected", name));
    place = lua_tointeger(L, -1);
    luaL_argcheck(L, place >= 0 && (size_t)place <= n, 2,
                  lua_pushfstring(L, "%s: outside of the text", name));
    lua_pop(L, 1);
    return (size_t)place;
}

/* The part of the text from `first` to `last`: a line of a block need not become a string of its own. */
static const char *narrow(lua_State *L, const char *text, size_t *n) {
    size_t first, last;
    if (!lua_istable(L, 2))
        return text;
    first = opt_place(L, "first", 1, *n);
    last = opt_place(L, "last", *n, *n);
    if (first == 0)
        first = 1;
    *n = first <= last ? last - first + 1 : 0;
    return text + first - 1;
}

/* decode(text, { depth, size, blobs, first, last }) -> value | nil, err */
static int decode(lua_State *L) {
    struct lbr_json_opts opts;
    struct br_json_error err;
    size_t n;
    const char *text = lbr_checkbytes(L, 1, &n);
    opts = lbr_json_check_opts(L, 2);
    text = narrow(L, text, &n);
    if (lbr_json_push(L, text, n, &opts, &err))
        return 1;
    lua_pushnil(L);
    lbr_json_push_error(L, text, n, &err);
    return 2;
}

void lbr_json_push_decode(lua_State *L) {
    lua_pushcfunction(L, decode);
}
