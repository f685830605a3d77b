/* Lua values to text. Only raw access, and no metamethod is called, so that what is walked stands still. (A
 * collection may run finalizers meanwhile, as in any library; they have no business in a table that somebody
 * is writing.)
 *
 * The keys of an object are gathered into entries that all levels share as a stack, sorted, and written; up
 * to KEPT members of an object wait on the Lua stack meanwhile, the rest is looked up again by key. The path
 * to the value at hand is a chain of frames on the C stack: it finds cycles and names the place in an error.
 */
#include "bind.h"

#include <stdlib.h>

#include "json.h"
#include "lbuf.h"
#include "ljson.h"
#include "ljson_values.h"

#define KEPT 32
#define KEPT_DEPTH 24 /* deeper down every value is looked up, or Lua 5.1 runs out of stack */
#define LEVEL_SLOTS 12
#define DEFAULT_MAX ((size_t)0x7fffffff)
#define WARM_CAPACITY ((size_t)1 << 20) /* memory that is kept for the next call */

/* A key of an object. The text is the key's own string, which stays in the table that is being walked. */
struct entry {
    uint64_t prefix; /* its first eight bytes as a number, which sorts as they do */
    const char *key;
    size_t length;
    int slot; /* stack index of the value, or 0 */
    int written;
};

/* What an encoder needs beyond one call, in a userdata that a call takes out of its upvalue and puts back:
 * one that runs meanwhile in a finalizer makes itself another, and after an error the collector frees it. */
struct workspace {
    struct br_buf out;
    struct entry *entries;
    size_t used, capacity;
};

/* One step of the path. `index` counts for a list, `key` otherwise. */
struct frame {
    const struct frame *up;
    const void *table;
    const char *key;
    size_t length;
    int index;
};

struct encoder {
    lua_State *L;
    struct br_buf *out;
    struct workspace *work;
    int depth, max_depth;
    /* The last metatable that the table of kinds knew, because most are the one of arrays. */
    const void *mark;
    enum lbr_json_kind mark_kind;
};

#define KINDS lua_upvalueindex(1)
#define SPARE lua_upvalueindex(2)

static int write_value(struct encoder *e, const struct frame *up, int i, int blobs);

/* ------------------------------------------------------------------ errors */

static int is_name(const char *s, size_t n) {
    size_t i;
    for (i = 0; i < n; i++) {
        char c = s[i], letter = (char)(c | 0x20);
        if (!((letter >= 'a' && letter <= 'z') || c == '_' || (i > 0 && c >= '0' && c <= '9')))
            return 0;
    }
    return n > 0;
}

static void add_step(lua_State *L, luaL_Buffer *b, const struct frame *f) {
    if (f->key == NULL) {
        lua_pushfstring(L, "[%d]", f->index);
        luaL_addvalue(b);
    } else if (is_name(f->key, f->length)) {
        if (f->up != NULL)
            luaL_addchar(b, '.');
        luaL_addlstring(b, f->key, f->length);
    } else {
        luaL_addlstring(b, "[\"", 2);
        luaL_addlstring(b, f->key, f->length);
        luaL_addlstring(b, "\"]", 2);
    }
}

static void add_path(lua_State *L, luaL_Buffer *b, const struct frame *f) {
    if (f == NULL)
        return;
    add_path(L, b, f->up);
    add_step(L, b, f);
}

static void push_path(lua_State *L, const struct frame *f) {
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    add_path(L, &b, f);
    luaL_pushresult(&b);
}

/* Pushes the error table over the reason that is on top of the stack; always 0, to be returned. */
static int fail(struct encoder *e, const struct frame *at, const char *code) {
    lua_State *L = e->L;
    int why = lua_gettop(L);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    push_path(L, at);
    if (at == NULL)
        lua_pushvalue(L, why);
    else
        lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), lua_tostring(L, why));
    lua_setfield(L, -3, "message");
    lua_setfield(L, -2, "path");
    lbr_json_mark_error(L);
    return 0;
}

static int fail_text(struct encoder *e, const struct frame *at, const char *code, const char *why) {
    luaL_checkstack(e->L, LEVEL_SLOTS, "JSON");
    lua_pushstring(e->L, why);
    return fail(e, at, code);
}

static int fail_growth(struct encoder *e, const struct frame *at) {
    return e->out->failed == BR_BUF_LIMIT ? fail_text(e, at, "size", "the text grows beyond the size limit")
                                          : fail_text(e, at, "memory", "not enough memory");
}

/* The answer of a writer of bytes that cannot fail otherwise. */
static int grown(struct encoder *e, const struct frame *at, int ok) {
    return ok ? 1 : fail_growth(e, at);
}

static int put(struct encoder *e, const struct frame *at, const char *text, size_t n) {
    return grown(e, at, br_buf_append(e->out, text, n) == BR_BUF_OK);
}

static inline int put_byte(struct encoder *e, const struct frame *at, char byte) {
    return grown(e, at, br_buf_append_byte(e->out, byte) == BR_BUF_OK);
}

/* ------------------------------------------------------------------ scalars */

static int write_text(struct encoder *e, const struct frame *at, const char *text, size_t n) {
    size_t bad;
    if (br_json_write_string(e->out, text, n, &bad))
        return 1;
    if (bad == n)
        return fail_growth(e, at);
    luaL_checkstack(e->L, LEVEL_SLOTS, "JSON");
    lua_pushfstring(e->L, "not UTF-8 at byte %d of the string", (int)bad + 1);
    return fail(e, at, "utf8");
}

static int write_base64(struct encoder *e, const struct frame *at, const char *bytes, size_t n) {
    return grown(e, at, br_json_write_base64(e->out, bytes, n));
}

static int write_number(struct encoder *e, const struct frame *at, int i) {
    lua_Number value;
    if (lua_isinteger(e->L, i))
        return grown(e, at, br_json_write_integer(e->out, (int64_t)lua_tointeger(e->L, i)));
    value = lua_tonumber(e->L, i);
    if (value != value)
        return fail_text(e, at, "number", "NaN cannot be JSON");
    if (value - value != 0)
        return fail_text(e, at, "number", "infinity cannot be JSON");
    return grown(e, at, br_json_write_double(e->out, (double)value));
}

static int fail_type(struct encoder *e, const struct frame *at, int i) {
    const char *name = luaL_typename(e->L, i);
    luaL_checkstack(e->L, LEVEL_SLOTS, "JSON");
    if (lua_isnil(e->L, i))
        lua_pushliteral(e->L, "nil cannot be JSON (json.null is null)");
    else
        lua_pushfstring(e->L, "%s%s cannot be JSON", name, strstr(name, "data") != NULL ? "" : "s");
    return fail(e, at, "type");
}

/* Bytes where the table of blobs, or a blob, says that bytes stand. */
static int write_bytes(struct encoder *e, const struct frame *at, int i) {
    size_t n;
    const char *bytes = lbr_tobytes(e->L, i, &n);
    if (bytes != NULL)
        return write_base64(e, at, bytes, n);
    luaL_checkstack(e->L, LEVEL_SLOTS, "JSON");
    lua_pushfstring(e->L, "bytes expected (a string or a buffer), got a %s", luaL_typename(e->L, i));
    return fail(e, at, "type");
}

/* ------------------------------------------------------------------ kinds */

/* The kind that the table of kinds knows for the value on top of the stack, which is popped. */
static enum lbr_json_kind known_kind(lua_State *L) {
    enum lbr_json_kind kind;
    lua_rawget(L, KINDS);
    kind = (enum lbr_json_kind)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return kind;
}

static int raw_field(lua_State *L, int table, const char *name) {
    lua_pushstring(L, name);
    lua_rawget(L, table);
    return lua_type(L, -1);
}

/* The marks of libraries that may have been loaded after this one. */
static enum lbr_json_kind foreign_kind(lua_State *L, int i) {
    static const struct {
        const char *module, *field;
        enum lbr_json_kind kind;
    } marks[] = {
        {"cjson", "array_mt", LBR_JSON_ARRAY},
        {"cjson", "empty_array_mt", LBR_JSON_ARRAY_IF_EMPTY},
        {"cjson", "empty_array", LBR_JSON_EMPTY_ARRAY},
        {"cjson.safe", "array_mt", LBR_JSON_ARRAY},
        {"cjson.safe", "empty_array_mt", LBR_JSON_ARRAY_IF_EMPTY},
        {"cjson.safe", "empty_array", LBR_JSON_EMPTY_ARRAY},
        {"dkjson", "null", LBR_JSON_NULL},
    };
    size_t m;
    int loaded = lua_gettop(L) + 1;
    enum lbr_json_kind kind = LBR_JSON_PLAIN;
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    for (m = 0; kind == LBR_JSON_PLAIN && m < sizeof(marks) / sizeof(marks[0]); m++) {
        if (raw_field(L, loaded, marks[m].module) == LUA_TTABLE) {
            raw_field(L, loaded + 1, marks[m].field);
            if (lua_rawequal(L, -1, i))
                kind = marks[m].kind;
        }
        lua_settop(L, loaded);
    }
    lua_settop(L, loaded - 1);
    return kind;
}

/* dkjson's way to mark a table: a word in its metatable. */
static enum lbr_json_kind spelled_kind(lua_State *L, int metatable) {
    enum lbr_json_kind kind = LBR_JSON_PLAIN;
    if (raw_field(L, metatable, "__jsontype") == LUA_TSTRING) {
        if (strcmp(lua_tostring(L, -1), "array") == 0)
            kind = LBR_JSON_ARRAY;
        else if (strcmp(lua_tostring(L, -1), "object") == 0)
            kind = LBR_JSON_OBJECT;
    }
    lua_pop(L, 1);
    return kind;
}

/* The kind of a metatable on top of the stack, which stays there, where the table of kinds knows it. */
static enum lbr_json_kind known_mark(struct encoder *e) {
    const void *mark = lua_topointer(e->L, -1);
    if (mark != e->mark) {
        lua_pushvalue(e->L, -1);
        e->mark_kind = known_kind(e->L);
        e->mark = mark;
    }
    return e->mark_kind;
}

/* The kind of a table or userdata with a metatable, which is on top of the stack and stays there. */
static enum lbr_json_kind marked_kind(struct encoder *e, int i) {
    lua_State *L = e->L;
    int metatable = lua_gettop(L);
    enum lbr_json_kind kind = known_mark(e);
    if (kind == LBR_JSON_PLAIN) {
        lua_pushvalue(L, i);
        kind = known_kind(L);
    }
    if (kind == LBR_JSON_PLAIN)
        kind = spelled_kind(L, metatable);
    if (kind == LBR_JSON_PLAIN)
        kind = foreign_kind(L, metatable);
    return kind != LBR_JSON_PLAIN ? kind : foreign_kind(L, i);
}

/* ------------------------------------------------------------------ arrays */

static int fail_key(struct encoder *e, const struct frame *at, const char *what) {
    lua_State *L = e->L;
    int key = lua_gettop(L);
    luaL_checkstack(L, LEVEL_SLOTS, "JSON");
    if (lua_type(L, key) == LUA_TSTRING)
        lua_pushfstring(L, "mixed keys: %s has the key \"%s\"", what, lua_tostring(L, key));
    else if (lua_type(L, key) == LUA_TNUMBER) {
        lua_pushvalue(L, key); /* its text, without turning the key itself into a string */
        lua_pushfstring(L, "mixed keys: %s has the key [%s]", what, lua_tostring(L, -1));
    } else
        lua_pushfstring(L, "mixed keys: %s has a %s as a key", what, luaL_typename(L, key));
    return fail(e, at, "mixed_keys");
}

static int fail_sparse(struct encoder *e, const struct frame *at, int i, int highest) {
    lua_State *L = e->L;
    int missing = 1;
    luaL_checkstack(L, LEVEL_SLOTS, "JSON");
    for (lua_rawgeti(L, i, 1); !lua_isnil(L, -1); lua_rawgeti(L, i, ++missing))
        lua_pop(L, 1);
    lua_pushfstring(
        L,
        "sparse array: it has [%d] but not [%d] (json.null fills a gap; keys of an object must be strings)",
        highest, missing);
    return fail(e, at, "sparse_array");
}

/* Counts the elements of a table that is to be an array: keys 1 to n and no other. */
static int count_elements(struct encoder *e, const struct frame *at, int i, int *count) {
    lua_State *L = e->L;
    int highest = 0;
    for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1)) {
        lua_Number key = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : 0;
        if (key < 1 || key > 0x7fffffff || key != (lua_Number)(int)key) {
            lua_pop(L, 1);
            return fail_key(e, at, "an array");
        }
        if ((int)key > highest)
            highest = (int)key;
        ++*count;
    }
    return highest == *count || fail_sparse(e, at, i, highest);
}

static int write_elements(struct encoder *e, struct frame *f, int i, int blobs, int count) {
    int n, element = lua_gettop(e->L) + 1;
    for (n = 1; n <= count; n++) {
        f->index = n;
        if (!put_byte(e, f, n > 1 ? ',' : '['))
            return 0;
        lua_rawgeti(e->L, i, n);
        if (!write_value(e, f, element, blobs))
            return 0;
        lua_pop(e->L, 1);
    }
    return count > 0 ? put_byte(e, f, ']') : put(e, f, "[]", 2);
}

static int write_array(struct encoder *e, struct frame *f, int i, int blobs) {
    int count = 0, top = lua_gettop(e->L);
    if (!count_elements(e, f->up, i, &count))
        return 0;
    blobs = lbr_json_child_blobs(e->L, blobs, "[]", 2, "[]");
    f->key = NULL;
    if (!write_elements(e, f, i, blobs, count))
        return 0;
    lua_settop(e->L, top);
    return 1;
}

/* ------------------------------------------------------------------ objects */

static uint64_t key_prefix(const char *key, size_t n) {
    const unsigned char *at = (const unsigned char *)key;
    uint64_t prefix = 0;
    size_t i;
    if (n >= 8)
        return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 | (uint64_t)at[2] << 40 | (uint64_t)at[3] << 32 |
               (uint64_t)at[4] << 24 | (uint64_t)at[5] << 16 | (uint64_t)at[6] << 8 | at[7];
    for (i = 0; i < n; i++)
        prefix |= (uint64_t)at[i] << (56 - 8 * i);
    return prefix;
}

static int compare_keys(const struct entry *a, const struct entry *b) {
    int order;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    order = memcmp(a->key, b->key, a->length < b->length ? a->length : b->length);
    if (order != 0)
        return order;
    return a->length < b->length ? -1 : a->length > b->length;
}

static int compare_entries(const void *a, const void *b) {
    return compare_keys(a, b);
}

static void sort_entries(struct entry *entries, size_t n) {
    size_t i, hole;
    if (n > 32) {
        qsort(entries, n, sizeof(*entries), compare_entries);
        return;
    }
    for (i = 1; i < n; i++) {
        struct entry moving = entries[i];
        for (hole = i; hole > 0 && compare_keys(&moving, &entries[hole - 1]) < 0; hole--)
            entries[hole] = entries[hole - 1];
        entries[hole] = moving;
    }
}

static struct entry *add_entry(struct workspace *w) {
    if (w->used == w->capacity) {
        size_t capacity = w->capacity > 0 ? w->capacity * 2 : 64;
        struct entry *entries = realloc(w->entries, capacity * sizeof(*entries));
        if (entries == NULL)
            return NULL;
        w->entries = entries;
        w->capacity = capacity;
    }
    return &w->entries[w->used++];
}

/* Makes an entry for the key below the value on top of the stack. With `keep` both stay there, under the key
 * once more. */
static int gather_entry(struct encoder *e, int keep) {
    lua_State *L = e->L;
    struct entry *entry = add_entry(e->work);
    if (entry == NULL)
        return 0;
    entry->key = lua_tolstring(L, -2, &entry->length);
    entry->prefix = key_prefix(entry->key, entry->length);
    entry->slot = 0;
    entry->written = 0;
    if (keep) {
        lua_pushvalue(L, -2);
        entry->slot = lua_gettop(L) - 1;
    } else {
        lua_pop(L, 1);
    }
    return 1;
}

/* Makes an entry for each key, sorted. The first key and its value are on top of the stack; stack while it
 * runs: kept keys and values, key, value */
static int gather_entries(struct encoder *e, const struct frame *at, int i) {
    lua_State *L = e->L;
    size_t first = e->work->used;
    size_t keep = e->depth <= KEPT_DEPTH && lua_checkstack(L, 2 * KEPT + LEVEL_SLOTS) ? KEPT : 0;
    do {
        if (lua_type(L, -2) != LUA_TSTRING) {
            lua_pop(L, 1);
            return fail_key(e, at, "an object");
        }
        if (!gather_entry(e, e->work->used - first < keep))
            return fail_text(e, at, "memory", "not enough memory");
    } while (lua_next(L, i));
    if (e->work->used > first)
        sort_entries(e->work->entries + first, e->work->used - first);
    return 1;
}

/* Writes the member of an entry, which is named by its number because the entries may move meanwhile. */
static int write_member(struct encoder *e, struct frame *f, int i, int blobs, size_t number, char before) {
    lua_State *L = e->L;
    int top = lua_gettop(L), child, slot;
    struct entry *entry = &e->work->entries[number];
    entry->written = 1;
    f->key = entry->key;
    f->length = entry->length;
    slot = entry->slot;
    if (!put_byte(e, f, before) || !write_text(e, f, f->key, f->length) || !put_byte(e, f, ':'))
        return 0;
    if (slot == 0) {
        lua_pushlstring(L, f->key, f->length);
        lua_rawget(L, i);
        slot = top + 1;
    }
    child = lbr_json_child_blobs(L, blobs, f->key, f->length, "{}");
    if (!write_value(e, f, slot, child))
        return 0;
    if (slot > top || child != 0)
        lua_settop(L, top);
    return 1;
}

/* The number of the entry with the key on top of the stack, which is popped; `end` when there is none. */
static size_t find_entry(struct encoder *e, size_t first, size_t end) {
    struct entry wanted;
    size_t low = first, high = end;
    if (lua_type(e->L, -1) != LUA_TSTRING) {
        lua_pop(e->L, 1);
        return end;
    }
    wanted.key = lua_tolstring(e->L, -1, &wanted.length);
    wanted.prefix = key_prefix(wanted.key, wanted.length);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_keys(&e->work->entries[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == end || compare_keys(&e->work->entries[low], &wanted) != 0)
        low = end;
    lua_pop(e->L, 1);
    return low;
}

/* First the keys that the user put in order, then the others, sorted. */
static int write_members(struct encoder *e, struct frame *f, int i, int blobs, size_t first, int order) {
    size_t n, found, end = e->work->used, stated = order != 0 ? lua_rawlen(e->L, order) : 0;
    char before = '{';
    for (n = 1; n <= stated; n++) {
        lua_rawgeti(e->L, order, (int)n);
        found = find_entry(e, first, end);
        if (found == end || e->work->entries[found].written)
            continue;
        if (!write_member(e, f, i, blobs, found, before))
            return 0;
        before = ',';
    }
    for (n = first; n < end; n++) {
        if (e->work->entries[n].written)
            continue;
        if (!write_member(e, f, i, blobs, n, before))
            return 0;
        before = ',';
    }
    return put_byte(e, f, '}');
}

/* An object whose first key and value are on top of the stack, which are popped. `order` is the stack index
 * of the list of keys that come first, or 0. */
static int write_object(struct encoder *e, struct frame *f, int i, int blobs, int order) {
    size_t first = e->work->used;
    int top = lua_gettop(e->L) - 2;
    if (!gather_entries(e, f->up, i) || !write_members(e, f, i, blobs, first, order))
        return 0;
    e->work->used = first;
    lua_settop(e->L, top);
    return 1;
}

/* ------------------------------------------------------------------ values */

static int enter(struct encoder *e, const struct frame *f) {
    const struct frame *up;
    if (++e->depth > e->max_depth || !lua_checkstack(e->L, LEVEL_SLOTS))
        return fail_text(e, f->up, "depth", "nested too deeply");
    for (up = f->up; up != NULL; up = up->up)
        if (up->table == f->table)
            return fail_text(e, f->up, "cycle", "a table that contains itself cannot be JSON");
    return 1;
}

/* A table without marks is what its keys make it: an array, where it may be one, when there is a number among
 * the first, else an object. */
static int write_by_keys(struct encoder *e, struct frame *f, int i, int blobs, int order, int may_be_array) {
    lua_State *L = e->L;
    lua_pushnil(L);
    if (!lua_next(L, i))
        return put(e, f->up, "{}", 2);
    if (!may_be_array || lua_type(L, -2) != LUA_TNUMBER)
        return write_object(e, f, i, blobs, order);
    lua_pop(L, 2);
    return write_array(e, f, i, blobs);
}

static int is_empty(lua_State *L, int i) {
    lua_pushnil(L);
    if (!lua_next(L, i))
        return 1;
    lua_pop(L, 2);
    return 0;
}

/* The blob's bytes lie in its first field. */
static int write_blob(struct encoder *e, const struct frame *at, int i) {
    int ok;
    lua_rawgeti(e->L, i, 1);
    ok = write_bytes(e, at, lua_gettop(e->L));
    if (ok)
        lua_pop(e->L, 1);
    return ok;
}

/* A table with a metatable. */
static int write_marked(struct encoder *e, struct frame *f, int i, int blobs) {
    lua_State *L = e->L;
    int metatable = lua_gettop(L), order = 0;
    enum lbr_json_kind kind = marked_kind(e, i);
    if (kind == LBR_JSON_NULL)
        return put(e, f->up, "null", 4);
    if (kind == LBR_JSON_BLOB)
        return write_blob(e, f->up, i);
    if (kind == LBR_JSON_ARRAY || (kind == LBR_JSON_ARRAY_IF_EMPTY && is_empty(L, i)))
        return write_array(e, f, i, blobs);
    if (raw_field(L, metatable, "__jsonorder") == LUA_TTABLE)
        order = metatable + 1;
    return write_by_keys(e, f, i, blobs, order, kind != LBR_JSON_OBJECT);
}

static int write_table(struct encoder *e, const struct frame *up, int i, int blobs) {
    struct frame f = {up, lua_topointer(e->L, i), NULL, 0, 0};
    int ok;
    if (!enter(e, &f))
        return 0;
    if (lua_getmetatable(e->L, i)) {
        int metatable = lua_gettop(e->L);
        ok = write_marked(e, &f, i, blobs);
        if (ok)
            lua_settop(e->L, metatable - 1);
    } else {
        ok = write_by_keys(e, &f, i, blobs, 0, 1);
    }
    e->depth--;
    return ok;
}

static int write_userdata(struct encoder *e, const struct frame *at, int i) {
    lua_State *L = e->L;
    int top = lua_gettop(L);
    size_t n;
    const char *text = lbr_tobytes(L, i, &n);
    enum lbr_json_kind kind;
    if (text != NULL)
        return write_text(e, at, text, n);
    lua_pushvalue(L, i);
    kind = known_kind(L);
    if (kind == LBR_JSON_PLAIN)
        kind = lua_getmetatable(L, i) ? marked_kind(e, i) : foreign_kind(L, i);
    lua_settop(L, top);
    switch (kind) {
    case LBR_JSON_NULL:
        return put(e, at, "null", 4);
    case LBR_JSON_EMPTY_ARRAY:
        return put(e, at, "[]", 2);
    case LBR_JSON_EXACT:
        return put(e, at, lua_touserdata(L, i), lua_rawlen(L, i));
    default:
        return fail_type(e, at, i);
    }
}

/* Writes the value at an absolute index; the stack is the same afterwards. On failure the error is on top of
 * it. */
static int write_value(struct encoder *e, const struct frame *at, int i, int blobs) {
    lua_State *L = e->L;
    size_t n;
    const char *text;
    switch (lua_type(L, i)) {
    case LUA_TSTRING:
        text = lua_tolstring(L, i, &n);
        return blobs == LBR_JSON_IS_BLOB ? write_base64(e, at, text, n) : write_text(e, at, text, n);
    case LUA_TNUMBER:
        return write_number(e, at, i);
    case LUA_TBOOLEAN:
        return lua_toboolean(L, i) ? put(e, at, "true", 4) : put(e, at, "false", 5);
    case LUA_TTABLE:
        return write_table(e, at, i, blobs);
    case LUA_TLIGHTUSERDATA:
    case LUA_TUSERDATA:
        if (blobs == LBR_JSON_IS_BLOB && lbr_buf_test(L, i) != NULL)
            return write_bytes(e, at, i);
        return write_userdata(e, at, i);
    default:
        return fail_type(e, at, i);
    }
}

/* ------------------------------------------------------------------ the Lua function */

static int free_workspace(lua_State *L) {
    struct workspace *w = lua_touserdata(L, 1);
    br_buf_clear(&w->out);
    free(w->entries);
    w->entries = NULL;
    w->used = w->capacity = 0;
    return 0;
}

/* Pushes the workspace that is ready, or a new one. */
static struct workspace *take_workspace(lua_State *L) {
    struct workspace *w;
    lua_pushvalue(L, SPARE);
    if (!lua_isnil(L, -1)) {
        lua_pushnil(L);
        lua_replace(L, SPARE);
        return lua_touserdata(L, -1);
    }
    lua_pop(L, 1);
    w = lua_newuserdatauv(L, sizeof(*w), 0);
    memset(w, 0, sizeof(*w));
    br_buf_init(&w->out, DEFAULT_MAX);
    lua_pushvalue(L, lua_upvalueindex(3));
    lua_setmetatable(L, -2);
    return w;
}

/* Makes the workspace at an index ready for the next call. */
static void return_workspace(lua_State *L, int i) {
    struct workspace *w = lua_touserdata(L, i);
    if (w->out.cap > WARM_CAPACITY)
        br_buf_clear(&w->out);
    w->used = 0;
    lua_pushvalue(L, i);
    lua_replace(L, SPARE);
}

/* The option that only this half has. */
static int wants_buffer(lua_State *L, int i) {
    int wanted;
    if (!lua_istable(L, i))
        return 0;
    lua_getfield(L, i, "buffer");
    wanted = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return wanted;
}

/* encode(value, { buffer, blobs, depth, size }) -> text or buffer | nil, err */
static int encode(lua_State *L) {
    struct encoder e = {L, NULL, NULL, 0, LBR_JSON_DEPTH, NULL, LBR_JSON_PLAIN};
    struct lbr_json_opts opts;
    size_t max;
    int workspace, as_buffer, ok;
    luaL_checkany(L, 1);
    luaL_checkstack(L, 2 * LEVEL_SLOTS, "JSON");
    lua_settop(L, 2);
    opts = lbr_json_check_opts(L, 2);
    as_buffer = wants_buffer(L, 2);
    max = opts.size > 0 ? opts.size : DEFAULT_MAX;
    e.max_depth = opts.depth > 0 ? opts.depth : LBR_JSON_DEPTH;
    e.work = take_workspace(L);
    workspace = lua_gettop(L);
    e.out = as_buffer ? lbr_buf_push(L, max) : &e.work->out;
    br_buf_restart(e.out, max);
    ok = write_value(&e, NULL, 1, opts.blobs);
    if (!ok) {
        lua_pushnil(L);
        lua_insert(L, -2);
    } else if (!as_buffer) {
        lua_pushlstring(L, e.out->data, e.out->len);
    } else {
        lbr_buf_weigh(L, e.out);
    }
    return_workspace(L, workspace);
    return ok ? 1 : 2;
}

void lbr_json_push_encode(lua_State *L) {
    lbr_json_push_kinds(L);
    lua_pushnil(L);
    lua_newtable(L);
    lua_pushcfunction(L, free_workspace);
    lua_setfield(L, -2, "__gc");
    lua_pushcclosure(L, encode, 3);
}
